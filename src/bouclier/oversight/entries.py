"""Entries of the log, format v3: what is recorded of an exchange, spelled in one way only.

An entry is canonical JSON (RFC 8785: sorted keys, no white space, shortest escapes) without any number that is not an
integer. `parse_entry` accepts exactly what `render_entry` writes: parse(render(x)) == x and render(parse(b)) == b.
The kinds of entry are in `entries_model`; `specs/entry-v4.md` is the specification.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from bouclier.oversight.entries_model import (
    AdoptionEntry,
    DecisionEntry,
    Entry,
    ErasureEntry,
    MarkEntry,
    OpeningEntry,
    OutcomeEntry,
    ReviewEntry,
    ShadowEntry,
    misspelt_word,
)
from bouclier.terms.errors import Bilingual, VerificationError

MAX_ENTRY_BYTES: Final = 65_535
VERSION: Final = 4


class EntryError(VerificationError):
    """An entry is not one this format writes. The message never quotes it."""

    code = "entry_malformed"

    def __init__(self, message: Bilingual, *, param: str | None = None) -> None:
        hint = Bilingual(
            "Le journal a été écrit par une autre version, ou altéré : comparez-le à une copie.",
            "The log was written by another version, or altered: compare it with a copy.",
        )
        super().__init__(message, hint, param=param)


class _Head(msgspec.Struct):
    kind: str
    v: int


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_HEAD: Final = msgspec.json.Decoder(_Head)
_KIND: Final = b'"kind":"'
_DECODERS: Final[dict[bytes, msgspec.json.Decoder[Any]]] = {
    b"adoption": msgspec.json.Decoder(AdoptionEntry),
    b"decision": msgspec.json.Decoder(DecisionEntry),
    b"erasure": msgspec.json.Decoder(ErasureEntry),
    b"mark": msgspec.json.Decoder(MarkEntry),
    b"opening": msgspec.json.Decoder(OpeningEntry),
    b"outcome": msgspec.json.Decoder(OutcomeEntry),
    b"review": msgspec.json.Decoder(ReviewEntry),
    b"shadow": msgspec.json.Decoder(ShadowEntry),
}
_PLACE: Final = re.compile(r"at `(\$[^`]*)`\Z")


def render_entry(entry: Entry) -> bytes:
    """Return the canonical bytes of an entry, checked as a reader will check them.

    Raises:
        EntryError: It holds a value the format does not allow, or is longer than 65,535 bytes.
    """
    rendered = encode_entry(entry)
    parse_entry(rendered)
    return rendered


def encode_entry(entry: Entry) -> bytes:
    """Return the canonical bytes of an entry whose values the caller has checked already.

    Raises:
        EntryError: A value has no JSON form, or the bytes are longer than 65,535.
    """
    try:
        encoded = _ENCODER.encode(entry)
    except (msgspec.MsgspecError, ValueError, TypeError):  # a lone surrogate is a ValueError
        raise EntryError(Bilingual("une valeur ne s'écrit pas en JSON", "a value has no JSON form")) from None
    _check_length(encoded)
    return encoded


def parse_entry(data: bytes) -> Entry:
    """Return the entry these bytes spell, if they spell it the one canonical way.

    Raises:
        EntryError: Too long, not JSON, of an unknown version or kind, with a missing, unknown, repeated or malformed
            field, not canonically spelled, or a choice that was not permitted.

    Source: specs/entry-v4.md.
    """
    _check_length(data)
    entry = _decode(data)
    if _ENCODER.encode(entry) != data:
        raise EntryError(Bilingual("l'entrée n'est pas en JSON canonique", "the entry is not canonical JSON"))
    where = misspelt_word(entry)
    if where is not None:
        raise _misshapen(where)
    if type(entry) is DecisionEntry:
        check_choice(entry)
    return entry


def _check_length(data: bytes) -> None:
    if len(data) > MAX_ENTRY_BYTES:
        raise EntryError(
            Bilingual(
                f"l'entrée fait {len(data)} octets, plus que {MAX_ENTRY_BYTES}",
                f"the entry is {len(data)} bytes long, more than {MAX_ENTRY_BYTES}",
            )
        )


def _decode(data: bytes) -> Entry:
    # Quotes inside a string are escaped, so the first of these is the key itself; the decoder checks what follows it.
    at = data.find(_KIND) + len(_KIND)
    decoder = _DECODERS.get(data[at : data.find(b'"', at)])
    try:
        if decoder is None:
            raise _unknown(_HEAD.decode(data))
        entry: Entry = decoder.decode(data)
    # UnicodeDecodeError is a ValueError; RecursionError answers absurd nesting.
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        place = _PLACE.search(str(error))
        where = place.group(1) if place else None
        raise _misshapen(where) from None  # the cause may quote the entry
    return entry


def _unknown(head: _Head) -> EntryError:
    return EntryError(
        Bilingual(f"version {head.v} ou genre d'entrée inconnus", f"unknown entry kind or version {head.v}"),
        param="$.v" if head.v != VERSION else "$.kind",
    )


def _misshapen(where: str | None) -> EntryError:
    return EntryError(
        Bilingual(
            f"l'entrée n'est pas de la forme prévue ({where or 'syntaxe'})",
            f"the entry does not have the expected form ({where or 'syntax'})",
        ),
        param=where,
    )


def check_choice(entry: DecisionEntry) -> None:
    """Check that what was chosen was permitted, each deployment once.

    Raises:
        EntryError: A name stands twice, or a choice is not a permitted candidate.
    """
    if len({candidate.deployment for candidate in entry.candidates}) != len(entry.candidates):
        raise EntryError(
            Bilingual("un déploiement figure deux fois", "a deployment stands twice"), param="$.candidates"
        )
    permitted = {candidate.deployment for candidate in entry.candidates if candidate.permitted}
    choices = entry.spares if entry.chosen is None else (entry.chosen, *entry.spares)
    if not permitted.issuperset(choices) or len(set(choices)) != len(choices):
        raise EntryError(
            Bilingual(
                "un déploiement choisi n'est pas permis, ou l'est deux fois",
                "a chosen deployment is not permitted, or is chosen twice",
            ),
            param="$.chosen",
        )
    if entry.chosen is None and entry.spares:
        raise EntryError(
            Bilingual("des remplaçants sans déploiement choisi", "spares without a chosen deployment"),
            param="$.spares",
        )
