"""Checkpoints: the text of a note that says how large a log is and what its root is.

    example.com/log          origin: which log
    20852163                 tree size
    CsUYapGG…j2jxq2I=        root hash

Extension lines may follow. Bouclier writes none and reads none: monitors cannot audit them, and ML-DSA-44 signatures
do not cover them.

What is not done here: signatures (`signatures`), and whether two checkpoints are consistent (`verify`).

Source: c2sp.org/tlog-checkpoint@v1.0.0.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from bouclier.terms.errors import Bilingual
from bouclier.tlog.errors import CheckpointError
from bouclier.tlog.spelling import has_controls, parse_hash, parse_number, render_base64

MAX_ORIGIN_BYTES: Final = 255
"""Length of an origin, in UTF-8: what ML-DSA-44 cosignatures can sign, so that every log can be witnessed so."""


class Checkpoint(NamedTuple):
    """The head of a log, as its text says it.

    Attributes:
        origin: Identity of the log.
        size: Number of leaves, 0 to 2^63 - 1.
        root: Root hash at that size, 32 bytes.
        extensions: Lines after the third; opaque.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def parse_checkpoint(text: str) -> Checkpoint:
    """Return a checkpoint from the text of its note.

    Raises:
        CheckpointError: A line is missing or empty, the size is not a plain decimal number, or the root is not
            canonical base64 of 32 bytes.

    Source: c2sp.org/tlog-checkpoint@v1.0.0, "Note text".
    """
    lines = text.split("\n")
    # 1. Non-empty lines, each ended by a newline, so that only the last piece is empty.
    if lines.pop() or not all(lines) or has_controls(text):
        raise CheckpointError(
            Bilingual(
                "un point de contrôle est fait de lignes non vides, finies par un saut de ligne",
                "a checkpoint is made of non-empty lines, each ended by a newline",
            )
        )
    try:
        origin, size, root, *extensions = lines
    except ValueError as error:
        raise CheckpointError(
            Bilingual("un point de contrôle a au moins trois lignes", "a checkpoint has at least three lines")
        ) from error
    if len(origin.encode()) > MAX_ORIGIN_BYTES:
        raise CheckpointError(
            Bilingual(
                f"ligne 1 : l'origine dépasse {MAX_ORIGIN_BYTES} octets",
                f"line 1: the origin exceeds {MAX_ORIGIN_BYTES} bytes",
            )
        )
    # 2. The tree size, decimal without leading zero.
    try:
        parsed_size = parse_number(size)
    except ValueError as error:
        raise CheckpointError(
            Bilingual(
                "ligne 2 : la taille n'est pas un nombre décimal sans zéro initial, de 0 à 2^63 - 1",
                "line 2: the size is not a decimal number without leading zero, from 0 to 2^63 - 1",
            )
        ) from error
    # 3. The root hash.
    try:
        parsed_root = parse_hash(root)
    except ValueError as error:
        raise CheckpointError(
            Bilingual(
                "ligne 3 : la racine n'est pas le base64 canonique de 32 octets",
                "line 3: the root is not canonical base64 of 32 bytes",
            )
        ) from error
    return Checkpoint(origin, parsed_size, parsed_root, tuple(extensions))


def render_checkpoint(checkpoint: Checkpoint) -> str:
    """Return the text of a checkpoint with its final newline, such that parsing it gives the checkpoint back.

    Raises:
        CheckpointError: It could not be read back, for instance because the origin or an extension is empty.
    """
    text = encode_checkpoint(checkpoint)
    if parse_checkpoint(text) != checkpoint:
        raise CheckpointError(
            Bilingual("le point de contrôle ne se relirait pas", "the checkpoint would not read back")
        )
    return text


def encode_checkpoint(checkpoint: Checkpoint) -> str:
    """Return the text of a checkpoint whose values the caller has checked already, with its final newline."""
    origin, size, root, extensions = checkpoint
    return "".join(f"{line}\n" for line in (origin, size, render_base64(root), *extensions))
