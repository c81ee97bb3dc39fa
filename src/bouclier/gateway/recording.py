"""What the journey records of a decision, and the receipt it hands out for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bouclier.fleet import fulfilling, ranked
from bouclier.gateway.asked import means_of
from bouclier.gateway.present import receipt_shown
from bouclier.oversight import commit, decision_entry, receipt_of, shadow_entry, with_entry
from bouclier.terms.duties import retention_of
from bouclier.terms.errors import Bilingual, BouclierError, CharterError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.charter import InForce
    from bouclier.gateway.rooms import Rooms
    from bouclier.terms.exchange import Committed, Permitted, Placed, Position, Sealed
    from bouclier.terms.law import Verdict

_LONGEST_WAIT_FOR_WITNESSES_S: Final = 2.0
_FEW: Final = 8


def rendered_decision(
    permitted: Permitted,
    rooms: Rooms,
    *,
    salt: bytes,
    chosen: Verdict | None = None,
    spares: tuple[Verdict, ...] = (),
    sealed: Sealed | None = None,
    review: str | None = None,
) -> bytes:
    """Return the entry of a decision; without a choice, that of a refusal.

    Raises:
        RequestError: The declared purpose is not a keyword.
        StorageError: It cannot be recorded.
    """
    time_ms, commitment = rooms.clock_ms(), commit(salt, permitted.inspected.received.request.raw)
    for told in (permitted, *_in_fewer_words(permitted, chosen, spares)):
        try:
            return decision_entry(
                told,
                chosen,
                spares,
                time_ms=time_ms,
                principal_key=rooms.principal_key,
                request_commitment=commitment,
                sealed=None if sealed is None else sealed.digest,
                review=review,
            )
        except StorageError as error:
            if error.param is not None:
                raise  # a field is out of form; without one, the entry is too long
            too_long = error
    raise too_long


def _in_fewer_words(permitted: Permitted, chosen: Verdict | None, spares: tuple[Verdict, ...]) -> Iterator[Permitted]:
    """Yield a decision with fewer candidates named, for names and rules may be long: at last those that could serve."""
    yield replace(permitted, refused=permitted.refused[:_FEW])
    able = spares if chosen is None else (chosen, *spares)
    named = {verdict.deployment.name for verdict in able}
    # That there were others has to be seen: an exchange may go on to one that could not serve just then.
    others = tuple(verdict for verdict in permitted.candidates if verdict.deployment.name not in named)
    yield replace(permitted, candidates=(*able, *others[:1]), refused=())


async def record_unplaced(permitted: Permitted, rooms: Rooms) -> dict[str, Any]:
    """Record a decision that sends nothing anywhere; return its receipt."""
    salt = rooms.random_bytes(32)
    entry = rendered_decision(permitted, rooms, salt=salt)
    position = await rooms.log.append(entry)
    try_shadow(permitted, None, position.index, rooms)
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
    return await rooms.sealer.seal_request(
        received.exchange_id,
        placed.permitted.law.charter,
        received.request.raw,
        rooms.clock_ms() / 1000,
        # What is sealed is the exchange, wherever it will have run: what its spares owe is owed from the start.
        retention=retention_of(duty for verdict in (placed.chosen, *placed.spares) for duty in verdict.duties),
    )


def shadow_decision(
    permitted: Permitted,
    chosen: str | None,
    decision_index: int,
    *,
    verdicts: Sequence[Verdict],
    charter: str,
    rooms: Rooms,
) -> bytes | None:
    """Return the entry of what a charter on trial would have decided; None where it is what was decided.

    Args:
        permitted: What was decided.
        chosen: The deployment that was chosen; None for a refusal.
        decision_index: Index of the decision's entry.
        verdicts: What the charter on trial says of the same candidates.
        charter: SHA-256 of its bundle, hexadecimal.
        rooms: What the exchange walks through.
    """
    decided = {one.deployment.name: one for one in (*permitted.candidates, *permitted.refused)}
    means = means_of(permitted.inspected.received)
    able = ranked(fulfilling([one for one in verdicts if one.permitted], means), permitted.loads, permitted.terms)
    would_choose = able[0].deployment.name if able else None
    same = all(
        (one.permitted, one.duties) == (decided[one.deployment.name].permitted, decided[one.deployment.name].duties)
        for one in verdicts
    )
    if same and would_choose == chosen:
        return None
    return shadow_entry(
        exchange=permitted.inspected.received.exchange_id,
        decision_index=decision_index,
        charter=charter,
        verdicts=verdicts,
        chosen=would_choose,
        law=rooms.law.stamp,
        time_ms=rooms.held_clock_ms(),
    )


def try_shadow(permitted: Permitted, chosen: str | None, decision_index: int, rooms: Rooms) -> None:
    """Record what a charter on trial would have decided, if there is one and it differs: beside the exchange."""
    ruling = rooms.law.latest
    shadow = None if ruling is None else ruling.shadow
    if shadow is not None:
        recording = _record_shadow(permitted, chosen, decision_index, shadow, rooms)
        rooms.keep(asyncio.get_running_loop().create_task(recording))


async def _record_shadow(
    permitted: Permitted, chosen: str | None, decision_index: int, shadow: InForce, rooms: Rooms
) -> None:
    candidates = [verdict.deployment for verdict in (*permitted.candidates, *permitted.refused)]
    with suppress(BouclierError):  # a charter on trial changes nothing, not even by its defects
        verdicts = shadow.decide_all(permitted.inspected.case, candidates)
        entry = shadow_decision(
            permitted, chosen, decision_index, verdicts=verdicts, charter=shadow.stamp.charter, rooms=rooms
        )
        if entry is not None:
            await rooms.log.append(entry, concluding=True)


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
