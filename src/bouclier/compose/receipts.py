"""Receipts as files, and the cosigned proof that a log serves for one."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bouclier.compose.whole_files import write_whole
from bouclier.oversight import parse_receipt, with_entry
from bouclier.terms.errors import Bilingual, RequestError, UpstreamUnreachable
from bouclier.tlog import hash_leaf, parse_checkpoint, parse_note, parse_tlog_proof, verify_inclusion

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES: Final = 16_000_000
_MAX_PROOF_BYTES: Final = 1_000_000
_TIMEOUT_S: Final = 10


def read_file(path: Path) -> bytes:
    """Return the bytes of a receipt or of a request.

    Raises:
        RequestError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES)
    except OSError as error:
        raise RequestError(
            Bilingual(f"{path} ne peut pas être lu.", f"{path} cannot be read."),
            Bilingual("Vérifiez le chemin et les droits.", "Check the path and the permissions."),
            param=str(path),
        ) from error


def write_file(path: Path, receipt: bytes) -> None:
    """Write a receipt, whole or not at all.

    Raises:
        RequestError: It cannot be written.
    """
    try:
        write_whole(path, receipt)
    except OSError as error:
        raise RequestError(
            Bilingual(f"Le reçu ne peut pas être écrit dans {path}.", f"The receipt cannot be written to {path}."),
            Bilingual("Vérifiez le chemin et les droits.", "Check the path and the permissions."),
            param=str(path),
        ) from error


def finished(receipt: bytes, log_url: str) -> bytes:
    """Return a receipt with the proof and the cosigned checkpoint that its log publishes now.

    That the new proof is of the same entry is checked here; signatures are for `receipt verify`.

    Args:
        receipt: As it was handed out.
        log_url: Address of the log, such as `http://127.0.0.1:8787/log`.

    Raises:
        RequestError: The address is not one.
        UpstreamUnreachable: The log does not answer, or does not publish the entry yet.
        VerificationError: The receipt is malformed, or the log proves something else.
    """
    held = parse_receipt(receipt)
    proof = parse_tlog_proof(_fetched(log_url, held.proof.index))
    checkpoint = parse_checkpoint(parse_note(proof.checkpoint).text)
    verify_inclusion(
        hash_leaf(held.entry),
        leaf_index=held.proof.index,
        tree_size=checkpoint.size,
        proof=proof.hashes,
        root_hash=checkpoint.root,
    )
    return with_entry(proof, held.entry, salt=held.salt)


def _fetched(log_url: str, index: int) -> bytes:
    parts = urlsplit(log_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RequestError(
            Bilingual("Ce n'est pas l'adresse d'un journal.", "This is not the address of a log."),
            Bilingual("Écrivez-la ainsi : http://127.0.0.1:8787/log.", "Write it so: http://127.0.0.1:8787/log."),
            param="URL",
        )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{log_url.rstrip('/')}/proof/{index}", timeout=_TIMEOUT_S) as answer:
            body: bytes = answer.read(_MAX_PROOF_BYTES)
            return body
    except urllib.error.HTTPError as error:
        raise _no_proof(f"HTTP {error.code}") from error
    except OSError as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        number = reason.errno if isinstance(reason, OSError) else None
        raise _no_proof(os.strerror(number) if number else type(error).__name__) from error


def _no_proof(reason: str) -> UpstreamUnreachable:
    return UpstreamUnreachable(
        Bilingual(f"Le journal n'a pas donné de preuve ({reason}).", f"The log gave no proof ({reason})."),
        Bilingual(
            "Vérifiez l'adresse, qui finit d'ordinaire par /log ; ou réessayez dans un instant : l'entrée est "
            "peut-être encore devant les témoins.",
            "Check the address, which usually ends in /log; or try again in a moment: the entry may still be before "
            "its witnesses.",
        ),
    )
