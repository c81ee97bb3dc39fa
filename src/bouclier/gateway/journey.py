"""The whole request on one page.

    Received -> Inspected -> Permitted -> Placed -> Committed -> Answered -> Recorded

Every stage is a function from one type to the next; a stage returns or raises, and nothing is optional. The decision
is durable in the log before the first byte of content leaves (`commit` returns only then), and the outcome follows.
A fallback is a new decision: it goes through `decide`, `place` and `commit` again. A refusal never falls back.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from bouclier.fleet import place
from bouclier.fleet.book_model import Outcome
from bouclier.gateway.answer import AnswerFacts
from bouclier.gateway.asked import means_of
from bouclier.gateway.calling import CALLER_GONE, call
from bouclier.gateway.candidates import weigh
from bouclier.gateway.cloaking import cloaked_for
from bouclier.gateway.conversation import affinity_of
from bouclier.gateway.facts import day_of, signals_in
from bouclier.gateway.fleet import Attempt, may_fall_back, outcome_of, outcome_of_ending, retry_after_of
from bouclier.gateway.handing import Cost, Stopwatch, ended
from bouclier.gateway.http_errors import internal_error, status_of
from bouclier.gateway.present import inspected_shown
from bouclier.gateway.recording import (
    record_unplaced,
    rendered_decision,
    seal_request,
    signed_receipt,
    try_shadow,
)
from bouclier.gateway.refusals import also_tried, budget_refusal, charter_refusal, unmet_refusal, waited_in_vain
from bouclier.gateway.ruling import may_still_go
from bouclier.oversight import outcome_entry
from bouclier.shield.classify import classify
from bouclier.terms.errors import (
    BouclierError,
    DeploymentUnavailable,
    HumanReviewRequired,
    LawChanged,
    UpstreamError,
    UpstreamUnreachable,
)
from bouclier.terms.exchange import Committed, Inspected, Permitted, Placed, Recorded
from bouclier.terms.law import Case, Duty

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.gateway.ports import Caller
    from bouclier.gateway.rooms import Rooms
    from bouclier.terms.exchange import Answered, Received, Sealed

_log = logging.getLogger("bouclier.gateway")
_WORKED = frozenset({Outcome.FAILED, Outcome.TIMED_OUT})
"""A deployment that was reached and failed may have worked as long as it was waited for."""


async def travel(received: Received, rooms: Rooms, caller: Caller, *, conversation: str | None = None) -> Recorded:
    """Take one exchange from end to end.

    Args:
        received: The request.
        rooms: What it walks through.
        caller: Who waits for the answer.
        conversation: The name of the conversation it belongs to, if the caller gives one in a header.

    Raises:
        BouclierError: It ended before the head of an answer was sent; nothing undecided has left.
    """
    try:
        if received.review is not None:
            charter = rooms.law.ruling().law.stamp.charter
            rooms.reviews.claim(received, charter=charter, now_ms=rooms.held_clock_ms())
        inspected = await inspect(received, rooms)
        attempt = Attempt(affinity_of(received, secret=rooms.pseudonym_secret, conversation=conversation))
        sealed: Sealed | None = None
        while True:
            permitted = await decide(inspected, rooms, attempt)
            placed = await choose(permitted, rooms, attempt)
            if isinstance(placed, Attempt):
                attempt = placed  # it waited for a slot, and what was decided before may hold no more
                continue
            gone = await _sent(placed, rooms, caller, attempt, conversation=conversation, sealed=sealed)
            if isinstance(gone, Recorded):
                return gone
            attempt, sealed = gone
    except BouclierError as error:
        error.exchange_id = received.exchange_id
        raise


async def _sent(
    placed: Placed,
    rooms: Rooms,
    caller: Caller,
    attempt: Attempt,
    *,
    conversation: str | None,
    sealed: Sealed | None,
) -> Recorded | tuple[Attempt, Sealed | None]:
    """Commit to a choice and carry it out; the attempt that follows, if it failed and another may be made."""
    name, exchange_id = placed.chosen.deployment.name, placed.permitted.inspected.received.exchange_id
    outcome, code, tokens, retry_after_ms = Outcome.LEFT, "", None, None
    committed: Committed | None = None
    failure: BouclierError | None = None
    falls_back = False
    try:
        committed = await _committed_for_sure(placed, rooms, conversation=conversation, sealed=sealed)
        if committed is None:
            return attempt, sealed  # the law changed before anything was recorded: it is decided anew
        try_shadow(placed.permitted, name, committed.position.index, rooms)
        sealed = committed.sealed or sealed
        last = len(attempt.tried) + 1 >= rooms.fleet.max_attempts
        watch = Stopwatch(rooms.fleet.clock_ms, lambda: rooms.fleet.first_token(name, exchange_id))
        try:
            answered = await call(
                committed,
                rooms,
                caller,
                spares=() if last else tuple(spare.deployment.name for spare in placed.spares),
                watch=watch,
                record_apart=lambda gone: _record_apart(gone, rooms),
            )
        except (UpstreamError, LawChanged) as error:
            failure = error
            failure.message = also_tried(error.message, attempt.tried)
            outcome, code, retry_after_ms = outcome_of(error), error.code, retry_after_of(error)
            _tell(exchange_id, name, error.code)
            others = len(placed.permitted.candidates) > len(attempt.tried) + 1
            falls_back = others and not last and not watch.handed and may_fall_back(error)
            # What is sealed is the exchange: its answer is still to come, from another deployment.
            told = replace(committed, sealed=None) if falls_back else committed
            worked = outcome in _WORKED and not isinstance(error, UpstreamUnreachable | DeploymentUnavailable)
            answered = _failed(told, error, cost=Cost(committed, rooms.fleet.meter, watch) if worked else None)
        except Exception as error:  # noqa: BLE001 -- raised again below, once it is recorded
            # A defect of ours: what was decided and begun still has its outcome in the record.
            failure = internal_error()
            failure.__cause__ = error
            answered = _failed(committed, failure)
        else:
            outcome, code, tokens = outcome_of_ending(answered.ending), answered.ending, answered.completion_tokens
            if outcome in _WORKED:
                _tell(exchange_id, name, answered.ending)
        # It begins once we wait for it: others wait neither for the disk to have the slot, nor to hear of a failure.
        recording = _record_apart(answered, rooms)
    finally:
        if committed is None:
            # Whatever is committed is settled with its record.
            rooms.fleet.spending.settle(attempt.number(exchange_id), 0)
        rooms.fleet.end(name, exchange_id, outcome, tokens=tokens, code=code, retry_after_ms=retry_after_ms)
    recorded = await asyncio.shield(recording)
    if failure is None:
        return recorded
    if falls_back:
        return attempt.failed(name), sealed
    failure.receipt = signed_receipt(committed)
    raise failure


def _tell(exchange_id: str, name: str, code: str) -> None:
    """Say on standard error where an attempt failed and why; what was asked and answered is nobody's business there."""
    _log.warning("%s at deployment=%s exchange=%s", code, name, exchange_id)


async def inspect(received: Received, rooms: Rooms) -> Inspected:
    """Find what is personal or sensitive, and the class of the exchange."""
    request = received.request
    net = rooms.law.ruling().net
    findings = tuple(await rooms.detectors.find([part.text for part in request.parts]))
    in_fixed_places = sum(part.fixed and bool(found) for part, found in zip(request.parts, findings, strict=True))
    uninspected = request.uninspected + in_fixed_places
    data_class, labels, markings = classify(findings, declared=received.declared_class, uninspected=uninspected)
    case = Case(
        role=received.principal.role,
        purpose=received.purpose,
        data_class=data_class,
        labels=labels,
        safeguards=rooms.safeguards.get(received.purpose, ()),
        signals=await signals_in(request, net),
        modalities=request.modalities,
        capabilities=request.capabilities,
        day=day_of(rooms.held_clock_ms()),
    )
    return Inspected(received=received, findings=findings, case=case, uninspected=uninspected, markings=markings)


async def decide(inspected: Inspected, rooms: Rooms, attempt: Attempt) -> Permitted:
    """Ask the charter which deployments may see it; a refusal is recorded too."""
    permitted = weigh(inspected, rooms.law.ruling(), rooms, attempt)
    received, case = inspected.received, permitted.case
    refusal = (
        unmet_refusal(permitted.candidates, means_of(received))
        or budget_refusal(permitted.terms.budget, rooms.fleet.spending.resets_on(received.principal.name))
        if permitted.candidates
        else charter_refusal(permitted.refused, considered=permitted.considered)
    )
    if refusal is None:
        return permitted
    refusal.inspected = inspected_shown(inspected, case)
    refusal.receipt = await record_unplaced(permitted, rooms)
    if isinstance(refusal, HumanReviewRequired):
        rooms.reviews.hold(
            received,
            charter=permitted.law.charter,
            data_class=case.data_class.slug,
            policies=tuple(policy.id for policy in refusal.policies),
            now_ms=rooms.held_clock_ms(),
        )
    raise refusal


async def choose(permitted: Permitted, rooms: Rooms, attempt: Attempt) -> Placed | Attempt:
    """Choose where it runs, and take a slot there; if all are taken, wait for one, and decide again.

    That nothing permitted can serve in time is recorded too.
    """
    received = permitted.inspected.received
    try:
        placed = place(permitted, means_of(received))
    except DeploymentUnavailable as error:
        waited = await rooms.fleet.waited(permitted, attempt)
        if waited is not None:
            return waited  # even in vain: what is recorded is by the law of now, and says how long it waited
        error.retry_after_s = rooms.fleet.retry_after_s
        if attempt.gave_up:
            error.message = waited_in_vain(error.message, attempt.waited_ms, len(rooms.fleet.line))
        error.inspected = inspected_shown(permitted.inspected, permitted.case)
        error.receipt = await record_unplaced(permitted, rooms)
        raise
    # Nothing was awaited since the loads were looked at: the slot is still there.
    rooms.fleet.begin(placed, attempt)
    return placed


async def commit_decision(
    placed: Placed, rooms: Rooms, *, conversation: str | None, sealed: Sealed | None = None
) -> Committed | None:
    """Cloak as the duties ask, and make the decision durable: from here on, and not before, content may leave.

    None when the law changed since it was decided: nothing is recorded by a law that is no longer in force.
    """
    inspected = placed.permitted.inspected
    request = inspected.received.request
    texts: tuple[str, ...] = tuple(part.text for part in request.parts)
    pseudonyms: Mapping[str, str] = {}
    if Duty.PSEUDONYMISE in placed.chosen.duties:
        secret, settings = rooms.pseudonym_secret, rooms.cloak_settings
        cloaked = cloaked_for(inspected, secret=secret, settings=settings, conversation=conversation)
        texts, pseudonyms = cloaked.texts, cloaked.pseudonyms
    # Nothing is awaited from here to the log, unless something is sealed: what was sealed must have its decision.
    if not may_still_go(placed, rooms.law.latest):
        return None
    review = inspected.received.review if Duty.HUMAN_REVIEW in placed.chosen.duties else None
    if review is not None:
        # Before anything is awaited: of two that claimed one approval at once, one goes.
        rooms.reviews.use(review, by=inspected.received.exchange_id, charter=placed.permitted.law.charter)
    if Duty.SEAL not in placed.chosen.duties:
        sealed = None
    elif sealed is None:
        sealed = await seal_request(placed, rooms)
    salt = rooms.random_bytes(32)
    entry = rendered_decision(
        placed.permitted, rooms, salt=salt, chosen=placed.chosen, spares=placed.spares, sealed=sealed, review=review
    )
    position = await rooms.log.append(entry)
    return Committed(
        placed=placed,
        texts=texts,
        pseudonyms=pseudonyms,
        salt=salt,
        entry=entry,
        position=position,
        sealed=sealed,
    )


async def record(answered: Answered, rooms: Rooms) -> Recorded:
    """Add the outcome to the log."""
    sealed = answered.committed.sealed
    if sealed is not None:
        try:
            await sealed.seal_answer(answered.text)
        except BouclierError:
            # The caller has the answer already: what can still be done is to say that the authorities have it not.
            answered = replace(answered, ending="answer-not-sealed")
    cost = answered.footprint
    permitted = answered.committed.placed.permitted
    attempt = Attempt(tried=permitted.terms.tried).number(permitted.inspected.received.exchange_id)
    rooms.fleet.spending.settle(attempt, 0 if cost is None else cost.carbon_ug[1])
    rooms.metrics.ended(answered.committed.placed.chosen.deployment.name, answered)
    entry = outcome_entry(answered, law=rooms.law.stamp, time_ms=rooms.held_clock_ms())
    return Recorded(answered=answered, position=await rooms.log.append(entry, concluding=True))


# What the stages are made of -----------------------------------------------------------------------------------------


async def _committed_for_sure(
    placed: Placed, rooms: Rooms, *, conversation: str | None, sealed: Sealed | None
) -> Committed | None:
    """Commit in a task of its own: a caller who hangs up meanwhile leaves a decision that is concluded, or none."""
    loop = asyncio.get_running_loop()
    committing = loop.create_task(commit_decision(placed, rooms, conversation=conversation, sealed=sealed))
    try:
        return await asyncio.shield(committing)
    except asyncio.CancelledError:
        rooms.keep(loop.create_task(_conclude(committing, rooms)))
        raise


async def _conclude(committing: asyncio.Task[Committed | None], rooms: Rooms) -> None:
    """Record what became of an exchange whose caller left before its decision was durable: nothing was sent."""
    with suppress(BouclierError):  # then there is no decision to conclude
        committed = await committing
        if committed is not None:
            await record(ended(committed, AnswerFacts(), status=CALLER_GONE, ending="caller-gone"), rooms)


def _record_apart(answered: Answered, rooms: Rooms) -> asyncio.Task[Recorded]:
    """Record an outcome in a task of its own: a caller who hangs up cannot take it away."""
    ending = asyncio.get_running_loop().create_task(record(answered, rooms))
    rooms.keep(ending)
    return ending


def _failed(committed: Committed, error: BouclierError, cost: Cost | None = None) -> Answered:
    return ended(committed, AnswerFacts(), status=status_of(error), ending=error.code, cost=cost)


__all__ = ["travel"]
