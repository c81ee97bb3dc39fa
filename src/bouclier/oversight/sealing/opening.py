"""Opening a sealed record: a request that stands in the log, a share from each of k authorities, and their combination.

The order things happen in:

1. Whoever asks makes a one-time session key and an opening request. The request's digest is entered in the log.
2. Each authority, on its own machine, checks that the entry is in the log and says the same as the request, decrypts
   its share of that record and seals it to the session key, for that request only.
3. Whoever holds the session key combines k shares. Each share is compared with the record's commitment to it, then the
   data key, then each part's tag: what opens is what was sealed.

No machine ever holds two authorities' private keys. Past the day a record is due for destruction, nobody takes part any
more. Not done here: checking the proof that the entry is in the log (`tlog`), nor whether the basis is a good one: that
is what the authorities are for. `specs/sealed-record-v1.md` is the specification.
"""

from __future__ import annotations

import hmac
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from bouclier.oversight.entries_model import (
    DIGEST_PATTERN,
    EXCHANGE_PATTERN,
    MAX_INTEGER,
    PURPOSE_PATTERN,
    OpeningEntry,
)
from bouclier.oversight.sealing.canonical import Day, decode_canonical, encode_canonical
from bouclier.oversight.sealing.errors import SealError
from bouclier.oversight.sealing.keys import FORMAT, KEY_ID_DIGITS, PUBLIC_BYTES, seal_to, sealing_key, unseal
from bouclier.oversight.sealing.record import (
    MAX_AUTHORITIES,
    SHARE_BYTES,
    decrypt_record,
    share_commitment,
    share_info,
)
from bouclier.oversight.sealing.shamir import interpolate
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.oversight.entries_model import Entry
    from bouclier.oversight.sealing.keys import OpeningKey, SealingKey
    from bouclier.oversight.sealing.record import AuthorityShare, SealedRecord

_Digest = Annotated[str, Meta(pattern=DIGEST_PATTERN)]
_Exchange = Annotated[str, Meta(pattern=EXCHANGE_PATTERN)]
_Word = Annotated[str, Meta(pattern=PURPOSE_PATTERN)]


class OpeningRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who asks for which record to be opened, and why.

    Attributes:
        basis: Why, as a keyword, such as `judicial-order-2026-17`.
        due: Day from which the record has to be destroyed.
        exchange: Id of the exchange.
        format: What this file is.
        record: Digest of the record, as the log's decision entry cites it.
        requester: Id of the institution that asks.
        session_key: Public key of the session, made for this request.
        time: Milliseconds since 1970-01-01 UTC.
    """

    basis: _Word
    due: Day
    exchange: _Exchange
    format: Literal["bouclier-opening-request/v1"] = "bouclier-opening-request/v1"
    record: _Digest
    requester: _Word
    session_key: Annotated[bytes, Meta(min_length=PUBLIC_BYTES, max_length=PUBLIC_BYTES)]
    time: Annotated[int, Meta(ge=0, le=MAX_INTEGER)]

    def __post_init__(self) -> None:
        date.fromisoformat(self.due)

    @property
    def digest(self) -> str:
        """SHA-256 of the request's bytes, hexadecimal: what the log's opening entry cites."""
        return sha256(encode_canonical(self)).hexdigest()


class OpeningShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One authority's share of a record, sealed to the session of one request.

    Attributes:
        authority: Name of the authority.
        format: What this file is.
        key: Id of the authority's key.
        number: Number of the share.
        record: Digest of the record.
        request: Digest of the request.
        share: The share, sealed; 1,168 bytes.
    """

    authority: _Word
    format: Literal["bouclier-opening-share/v1"] = "bouclier-opening-share/v1"
    key: Annotated[str, Meta(pattern=rf"^[0-9a-f]{{{KEY_ID_DIGITS}}}\Z")]
    number: Annotated[int, Meta(ge=1, le=MAX_AUTHORITIES)]
    record: _Digest
    request: _Digest
    share: Annotated[bytes, Meta(min_length=SHARE_BYTES, max_length=SHARE_BYTES)]


class Opened(NamedTuple):
    """What was sealed.

    Attributes:
        request: The request, byte for byte as it was received.
        answer: The answer as it was handed to the caller; None when the exchange had none, or was cut short.
    """

    request: bytes
    answer: bytes | None


def opening_request(
    record: SealedRecord, *, basis: str, requester: str, session: SealingKey, time_ms: int
) -> OpeningRequest:
    """Return the request to open a record, ready to be entered in the log.

    Args:
        record: The record.
        basis: Why, as a keyword.
        requester: Id of the institution that asks.
        session: Public half of a key made for this request alone.
        time_ms: Milliseconds since 1970-01-01 UTC.

    Raises:
        SealError: The basis or the requester is not a word of the format, or the record is due for destruction.
    """
    check_not_due(record.header.due, time_ms // 86_400_000)
    request = OpeningRequest(
        basis=basis,
        due=record.header.due,
        exchange=record.header.exchange,
        record=record.digest,
        requester=requester,
        session_key=session.raw,
        time=time_ms,
    )
    return parse_opening_request(opening_request_bytes(request))


def opening_request_bytes(request: OpeningRequest) -> bytes:
    """Return the canonical bytes of a request, whose SHA-256 is the request's digest."""
    return encode_canonical(request)


def parse_opening_request(data: bytes) -> OpeningRequest:
    """Return the request these bytes spell.

    Raises:
        SealError: They do not spell one in the one canonical way.
    """
    return decode_canonical(data, OpeningRequest)


def opening_share_bytes(share: OpeningShare) -> bytes:
    """Return the canonical bytes of a share."""
    return encode_canonical(share)


def parse_opening_share(data: bytes) -> OpeningShare:
    """Return the share these bytes spell.

    Raises:
        SealError: They do not spell one in the one canonical way.
    """
    return decode_canonical(data, OpeningShare)


def verify_opening_entry(entry: Entry, request: OpeningRequest) -> None:
    """Check that a log entry is this request's.

    That the entry is in the log is for the caller to check: `receipt.verify_receipt`.

    Raises:
        SealError: It is not an opening, or is of another request.
    """
    if not isinstance(entry, OpeningEntry):
        raise _unlogged("kind")
    for field in ("basis", "exchange", "record", "requester"):
        if getattr(entry, field) != getattr(request, field):
            raise _unlogged(field)
    if entry.request != request.digest:
        raise _unlogged("request")


def give_share(record: SealedRecord, request: OpeningRequest, key: OpeningKey, *, today: date) -> OpeningShare:
    """Return an authority's share, for the session of a request whose log entry was verified.

    Args:
        record: The record.
        request: The request.
        key: The authority's private key.
        today: Day (UTC) by the authority's own clock.

    Raises:
        SealError: The request is for another record, the record is due for destruction, the key holds no share of it,
            or the share is not the one that was dealt.
        SealKeyError: The session's key is not one.
    """
    check_not_due(record.header.due, _days(today))
    _check_request(record, request)
    number, holder = _held_with(record, key.public.key_id)
    share = unseal(key, holder.share, info=share_info(record.header, number))
    _check_share(record, share, number)
    given = OpeningShare(
        authority=holder.name,
        key=holder.key,
        number=number,
        record=request.record,
        request=request.digest,
        share=bytes(SHARE_BYTES),
    )
    session = sealing_key("session", request.requester, request.session_key)
    return replace(given, share=seal_to(session, share, info=_session_info(given)))


def open_record(
    record: SealedRecord, request: OpeningRequest, session: OpeningKey, shares: Sequence[OpeningShare], *, today: date
) -> Opened:
    """Return what was sealed, from the shares of as many authorities as the record asks for.

    Args:
        record: The record.
        request: The request the shares were given for.
        session: Private half of the request's session key.
        shares: In any order; more than enough are all checked.
        today: Day (UTC).

    Raises:
        SealError: Too few shares, one twice, one of another record or request, a wrong one (the message says whose), or
            the record was altered or is due for destruction.
    """
    check_not_due(record.header.due, _days(today))
    _check_request(record, request)
    if session.public.raw != request.session_key:
        raise SealError(
            Bilingual("la clé de session n'est pas celle de la demande", "the session key is not that of the request")
        )
    opened: dict[int, bytes] = {}
    for given in shares:
        if given.number in opened:
            raise SealError(
                Bilingual(f"la part {given.number} est donnée deux fois", f"share {given.number} is given twice")
            )
        opened[given.number] = _open_share(record, request, session, given)
    threshold = record.header.threshold
    if len(opened) < threshold:
        raise SealError(
            Bilingual(
                f"{len(opened)} part(s), il en faut {threshold}", f"{len(opened)} share(s), {threshold} are needed"
            ),
            Bilingual("Demandez leur part à d'autres autorités.", "Ask more authorities for their share."),
        )
    enough = dict(list(opened.items())[:threshold])
    return Opened(*decrypt_record(record, interpolate(enough)))


def check_not_due(due: str, days: int) -> None:
    """Check that a record may still be opened.

    Args:
        due: Its day of destruction, `YYYY-MM-DD`.
        days: Today, in days since 1970-01-01 UTC.

    Raises:
        SealError: The day has come.
    """
    if days >= _days(date.fromisoformat(due)):
        raise SealError(
            Bilingual(f"le contenu devait être détruit le {due}", f"the content was due for destruction on {due}"),
            Bilingual("Détruisez ce fichier et ses copies.", "Destroy this file and its copies."),
            param="due",
        )


def _held_with(record: SealedRecord, key_id: str) -> tuple[int, AuthorityShare]:
    for number, holder in enumerate(record.header.authorities, 1):
        if holder.key == key_id:
            return number, holder
    raise SealError(
        Bilingual(
            f"la clé {key_id} ne détient aucune part de ce contenu", f"the key {key_id} holds no share of this content"
        ),
        Bilingual("Prenez la clé en usage à la date du contenu.", "Take the key in use when it was sealed."),
    )


def _open_share(record: SealedRecord, request: OpeningRequest, session: OpeningKey, given: OpeningShare) -> bytes:
    holders = record.header.authorities
    holder = holders[given.number - 1] if given.number <= len(holders) else None
    if holder is None or (given.authority, given.key) != (holder.name, holder.key) or given.record != request.record:
        raise SealError(
            Bilingual(
                f"la part de {given.authority} est d'un autre contenu",
                f"the share of {given.authority} is of another record",
            )
        )
    if given.request != request.digest:
        raise SealError(
            Bilingual(
                f"la part de {given.authority} répond à une autre demande",
                f"the share of {given.authority} answers another request",
            )
        )
    share = unseal(session, given.share, info=_session_info(given))
    _check_share(record, share, given.number)
    return share


def _check_share(record: SealedRecord, share: bytes, number: int) -> None:
    holder = record.header.authorities[number - 1]
    if not hmac.compare_digest(share_commitment(share, number), holder.commitment):
        raise SealError(
            Bilingual(f"la part de {holder.name} est fausse", f"the share of {holder.name} is wrong"),
            Bilingual(
                "Demandez-lui sa part de nouveau, ou à une autre.", "Ask for it again, or ask another authority."
            ),
        )


def _check_request(record: SealedRecord, request: OpeningRequest) -> None:
    for field, value in (
        ("record", record.digest),
        ("exchange", record.header.exchange),
        ("due", record.header.due),
    ):
        if getattr(request, field) != value:
            raise SealError(
                Bilingual(
                    f"la demande vise un autre contenu ({field})", f"the request is for another record ({field})"
                ),
                param=field,
            )


def _session_info(share: OpeningShare) -> bytes:
    blank = replace(share, share=bytes(SHARE_BYTES))
    return f"{FORMAT} session share\n".encode() + sha256(encode_canonical(blank)).digest()


def _days(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _unlogged(field: str) -> SealError:
    return SealError(
        Bilingual(
            f"l'entrée du journal n'est pas celle de cette demande ({field})",
            f"the log's entry is not that of this request ({field})",
        ),
        Bilingual(
            "Ne donnez pas de part à une demande que le journal ne porte pas.",
            "Give no share for a request that does not stand in the log.",
        ),
        param=field,
    )
