"""Invented authorities, and records sealed for them; the same each time, except for what HPKE draws."""

from __future__ import annotations

from datetime import date
from functools import cache
from hashlib import sha256

from bouclier.oversight.sealing.keys import SEED_BYTES, OpeningKey, Role, new_key, unseal
from bouclier.oversight.sealing.opening import OpeningRequest, opening_request
from bouclier.oversight.sealing.record import (
    NONCE_BYTES,
    Authorities,
    SealedRecord,
    randomness_bytes,
    seal_answer,
    seal_request,
    share_info,
)

EXCHANGE = "0123456789abcdef0123456789abcdef"
CHARTER = "c0" * 32
CREATED_MS = 1_760_000_000_000  # 2025-10-09
CREATED = date(2025, 10, 9)
DUE = date(2025, 11, 8)
REQUEST = '{"messages":[{"content":"Le dossier de Zoé Vasseur ?"}]}'.encode()
ANSWER = "Le dossier de Zoé Vasseur est complet.".encode()


def drawn(label: str, count: int) -> bytes:
    """Bytes that look random, and are the same for the same label."""
    blocks = [sha256(f"{label} {number}".encode()).digest() for number in range(count // 32 + 1)]
    return b"".join(blocks)[:count]


@cache
def key(name: str, role: Role = "authority") -> OpeningKey:
    """Somebody's private key."""
    return new_key(role, name, drawn(f"key of {name}", SEED_BYTES))


@cache
def holders(count: int) -> tuple[OpeningKey, ...]:
    """The private keys of so many authorities."""
    return tuple(key(f"authority-{number}") for number in range(1, count + 1))


def authorities(threshold: int, count: int) -> Authorities:
    """So many authorities, of whom so many open together."""
    return Authorities(tuple(holder.public for holder in holders(count)), threshold)


def sealed(
    threshold: int = 2,
    count: int = 3,
    *,
    body: bytes = REQUEST,
    answer: bytes | None = ANSWER,
    exchange: str = EXCHANGE,
    due: date = DUE,
) -> SealedRecord:
    """A sealed exchange."""
    record, data_key = seal_request(
        body,
        exchange=exchange,
        charter=CHARTER,
        created_ms=CREATED_MS,
        due=due,
        authorities=authorities(threshold, count),
        randomness=drawn(f"record {exchange} {threshold}", randomness_bytes(threshold)),
    )
    if answer is None:
        return record
    return seal_answer(record, answer, data_key=data_key, nonce=drawn("nonce", NONCE_BYTES))


def asked(record: SealedRecord, *, basis: str = "judicial-order-2025-17") -> OpeningRequest:
    """A request to open a record, for the session key `key("court", "session")`."""
    session = key("court", "session").public
    return opening_request(record, basis=basis, requester="court", session=session, time_ms=CREATED_MS + 1000)


def dealt(record: SealedRecord, number: int) -> bytes:
    """The bare share of an authority, as only that authority should ever see it."""
    sealed_share = record.header.authorities[number - 1].share
    return unseal(holders(number)[-1], sealed_share, info=share_info(record.header, number))
