"""Entries of the log, format v1: what is recorded of an exchange, spelled in one way only.

An entry is canonical JSON (RFC 8785: sorted keys, no white space, shortest escapes) without any number that is not an
integer. `parse_entry` accepts exactly what `render_entry` writes: parse(render(x)) == x and render(parse(b)) == b.

What the format keeps out: names, texts, prompts, answers and keys. A person is a keyed pseudonym, a request and an
answer are salted commitments, the purpose is a word of a closed alphabet. `specs/entry-v1.md` is the specification.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from bouclier.terms.errors import Bilingual, VerificationError

MAX_ENTRY_BYTES: Final = 65_535
FINISH_REASONS: Final = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call", "other"})
PURPOSE_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,63}\Z"
ENDING_PATTERN: Final = r"^[a-z][a-z0-9_-]{0,63}\Z"
EXCHANGE_PATTERN: Final = r"^[0-9a-f]{32}\Z"
DIGEST_PATTERN: Final = r"^[0-9a-f]{64}\Z"
MIN_STATUS: Final = 100
MAX_STATUS: Final = 599
MAX_INTEGER: Final = 2**53 - 1

_Natural = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
_Count = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
_Hex16 = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}\Z")]
_Hex32 = Annotated[str, Meta(pattern=EXCHANGE_PATTERN)]
_Hex64 = Annotated[str, Meta(pattern=DIGEST_PATTERN)]
_TypeName = Annotated[str, Meta(pattern=r"^[A-Z][A-Z_]{0,63}\Z")]
_ClassSlug = Literal["public", "internal", "pseudonymised", "personal", "sensitive", "restricted", "classified"]
_FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "function_call", "other"]


class EntryError(VerificationError):
    """An entry is not one this format writes. The message never quotes it."""

    code = "entry_malformed"

    def __init__(self, message: Bilingual, *, param: str | None = None) -> None:
        hint = Bilingual(
            "Le journal a été écrit par une autre version, ou altéré : comparez-le à une copie.",
            "The log was written by another version, or altered: compare it with a copy.",
        )
        super().__init__(message, hint, param=param)


# Fields stand in alphabetical order in every structure below, so that the encoder, which follows
# the order of definition, writes sorted keys without sorting them each time. A test holds us to it.


class Candidate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One deployment as the charter saw it, and what the charter said: enough to decide again.

    Attributes:
        contested: Ids of foreign laws whose reach is disputed.
        control: ISO 3166 codes of the states in control of the operator.
        deployment: Its name in the configuration.
        duties: What had to be done if it served.
        foreign_laws: Ids of the foreign laws that reach it.
        known: Whether the registry had facts on the operator.
        model: The model's name at the operator's.
        openness: Whether the weights are open.
        operator: Registry id of who runs it.
        own: Whether the institution runs it itself.
        permitted: What the charter said.
        policies: Ids of the policies that determined it.
        site: Where it runs.
    """

    contested: tuple[str, ...]
    control: tuple[str, ...]
    deployment: str
    duties: tuple[str, ...]
    foreign_laws: tuple[str, ...]
    known: bool
    model: str
    openness: Literal["open", "closed", "unknown"]
    operator: str
    own: bool
    permitted: bool
    policies: tuple[str, ...]
    site: str


class DecisionEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What was decided, durable before any content leaves.

    Attributes:
        candidates: Every deployment considered, no name twice.
        charter: SHA-256 of the charter in force, hexadecimal.
        chosen: Name of a permitted candidate; None when the exchange was refused.
        data_class: Slug of the exchange's class.
        exchange: Id of the exchange.
        findings: Number of findings by type.
        hop: 0 for the first choice, then 1 more for each fallback of the same exchange.
        kind: `decision`.
        labels: The exchange's labels.
        principal: Pseudonym of who asked, under a key that stays with the log.
        purpose: The declared purpose.
        registry: SHA-256 of the registry's facts, hexadecimal.
        request_commitment: HMAC-SHA-256 of the request under the exchange's salt, hexadecimal.
        role: The principal's role.
        spares: Names of permitted candidates, in the order they would be tried.
        time: Milliseconds since 1970-01-01 UTC.
        v: 1.
    """

    candidates: tuple[Candidate, ...]
    charter: _Hex64
    chosen: str | None
    data_class: _ClassSlug
    exchange: _Hex32
    findings: dict[_TypeName, _Count]
    hop: _Natural
    kind: Literal["decision"] = "decision"
    labels: tuple[str, ...]
    principal: _Hex16
    purpose: Annotated[str, Meta(pattern=PURPOSE_PATTERN)]
    registry: _Hex64
    request_commitment: _Hex64
    role: str
    spares: tuple[str, ...]
    time: _Natural
    v: Literal[1] = 1


class OutcomeEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What became of an exchange whose content left.

    Attributes:
        answer_commitment: HMAC-SHA-256 of the answer's text under the exchange's salt, hexadecimal.
        completion_tokens: As the deployment said; None if it did not.
        decision_index: Index of the decision entry in this log.
        ending: `complete`, `caller-gone`, or the code of the error that ended it.
        exchange: Id of the exchange.
        finish_reasons: One per choice; whatever the protocol does not define is `other`.
        kind: `outcome`.
        prompt_tokens: As the deployment said; None if it did not.
        restored: Number of pseudonyms replaced by their originals.
        status: HTTP status handed to the caller.
        time: Milliseconds since 1970-01-01 UTC.
        v: 1.
    """

    answer_commitment: _Hex64
    completion_tokens: _Natural | None
    decision_index: _Natural
    ending: Annotated[str, Meta(pattern=ENDING_PATTERN)]
    exchange: _Hex32
    finish_reasons: tuple[_FinishReason, ...]
    kind: Literal["outcome"] = "outcome"
    prompt_tokens: _Natural | None
    restored: _Natural
    status: Annotated[int, Meta(ge=MIN_STATUS, le=MAX_STATUS)]
    time: _Natural
    v: Literal[1] = 1


Entry = DecisionEntry | OutcomeEntry


class _Head(msgspec.Struct):
    kind: str
    v: int


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_HEAD: Final = msgspec.json.Decoder(_Head)
_DECODERS: Final[dict[str, msgspec.json.Decoder[DecisionEntry] | msgspec.json.Decoder[OutcomeEntry]]] = {
    "decision": msgspec.json.Decoder(DecisionEntry),
    "outcome": msgspec.json.Decoder(OutcomeEntry),
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

    Source: specs/entry-v1.md.
    """
    _check_length(data)
    entry = _decode(data)
    if _ENCODER.encode(entry) != data:
        raise EntryError(Bilingual("l'entrée n'est pas en JSON canonique", "the entry is not canonical JSON"))
    if isinstance(entry, DecisionEntry):
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
    try:
        head = _HEAD.decode(data)
        decoder = _DECODERS.get(head.kind) if head.v == 1 else None
        if decoder is None:
            raise EntryError(
                Bilingual(f"version {head.v} ou genre d'entrée inconnus", f"unknown entry kind or version {head.v}"),
                param="$.v" if head.v != 1 else "$.kind",
            )
        return decoder.decode(data)
    # UnicodeDecodeError is a ValueError; RecursionError answers absurd nesting.
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        place = _PLACE.search(str(error))
        where = place.group(1) if place else None
        raise EntryError(
            Bilingual(
                f"l'entrée n'est pas de la forme prévue ({where or 'syntaxe'})",
                f"the entry does not have the expected form ({where or 'syntax'})",
            ),
            param=where,
        ) from None  # the cause may quote the entry


def check_choice(entry: DecisionEntry) -> None:
    """Check that what was chosen was permitted, each deployment once.

    Raises:
        EntryError: A name stands twice, or a choice is not a permitted candidate.
    """
    permitted = {candidate.deployment: candidate.permitted for candidate in entry.candidates}
    if len(permitted) != len(entry.candidates):
        raise EntryError(
            Bilingual("un déploiement figure deux fois", "a deployment stands twice"), param="$.candidates"
        )
    choices = entry.spares if entry.chosen is None else (entry.chosen, *entry.spares)
    if not all(permitted.get(name, False) for name in choices) or len(set(choices)) != len(choices):
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
