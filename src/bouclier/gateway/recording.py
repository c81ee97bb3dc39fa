"""What the journey records of a decision, and the receipt it hands out for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from bouclier.gateway.present import receipt_shown
from bouclier.oversight import commit, decision_entry, receipt_of, with_entry
from bouclier.terms.errors import Bilingual, CharterError, StorageError

if TYPE_CHECKING:
    from bouclier.gateway.rooms import Rooms
    from bouclier.terms.exchange import Committed, Permitted, Placed, Position, Sealed
    from bouclier.terms.law import Verdict

_LONGEST_WAIT_FOR_WITNESSES_S: Final = 2.0


def rendered_decision(
    permitted: Permitted,
    rooms: Rooms,
    *,
    salt: bytes,
    chosen: Verdict | None = None,
    spares: tuple[Verdict, ...] = (),
    sealed: Sealed | None = None,
) -> bytes:
    """Return the entry of a decision; without a choice, that of a refusal.

    Raises:
        RequestError: The declared purpose is not a keyword.
        StorageError: It cannot be recorded.
    """
    return decision_entry(
        permitted,
        chosen,
        spares,
        time_ms=rooms.clock_ms(),
        principal_key=rooms.principal_key,
        charter_digest=rooms.charter_digest,
        registry_digest=rooms.registry_digest,
        request_commitment=commit(salt, permitted.inspected.received.request.raw),
        sealed=None if sealed is None else sealed.digest,
    )


async def record_unplaced(permitted: Permitted, rooms: Rooms) -> dict[str, Any]:
    """Record a decision that sends nothing anywhere; return its receipt."""
    salt = rooms.random_bytes(32)
    entry = rendered_decision(permitted, rooms, salt=salt)
    position = await rooms.log.append(entry)
    return _receipt(position, entry, salt)


async def seal_request(placed: Placed, rooms: Rooms) -> Sealed:
    """Keep the request for the authorities, durably, before it leaves.

    Raises:
        CharterError: No authority is named that could open it.
        StorageError: It is not kept.
    """
    if rooms.sealer is None:
        raise CharterError(
            Bilingual(
                "La charte demande de sceller l'échange, et aucune autorité n'est configurée pour l'ouvrir.",
                "The charter asks to seal the exchange, and no authority is configured to open it.",
            ),
            Bilingual(
                "Rien n'est parti. L'administrateur doit renseigner « seal.authorities ».",
                "Nothing has left. Whoever runs this gateway must set `seal.authorities`.",
            ),
            param="seal.authorities",
        )
    received = placed.permitted.inspected.received
    body, now_s = received.request.raw, rooms.clock_ms() / 1000
    return await rooms.sealer.seal_request(received.exchange_id, rooms.charter_digest, body, now_s)


def signed_receipt(committed: Committed) -> dict[str, Any]:
    """Return the receipt that the log signed when the decision became durable."""
    return _receipt(committed.position, committed.entry, committed.salt)


def best_receipt(committed: Committed, rooms: Rooms) -> dict[str, Any]:
    """Return the receipt as far as it has come by now."""
    index = committed.position.index
    try:
        proof = rooms.published.proof(index)
    except StorageError:
        proof = None  # the caller has its answer, and what the log signed; the log's own alarm is elsewhere
    if proof is None:
        return signed_receipt(committed)
    receipt = with_entry(proof, committed.entry, salt=committed.salt)
    return receipt_shown(receipt, index=index, state=rooms.published.state)


async def until_published(committed: Committed, rooms: Rooms) -> None:
    """Wait for the witnesses, but not for ever: the caller is told how far the receipt has come."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST_WAIT_FOR_WITNESSES_S):
            await rooms.published.covered(committed.position.index)


def _receipt(position: Position, entry: bytes, salt: bytes) -> dict[str, Any]:
    receipt = receipt_of(entry, index=position.index, proof=position.proof, checkpoint=position.checkpoint, salt=salt)
    return receipt_shown(receipt, index=position.index, state="signed")
