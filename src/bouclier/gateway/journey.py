"""The whole request on one page.

    Received -> Inspected -> Permitted -> Placed -> Committed -> Answered -> Recorded

Every stage is a function from one type to the next; a stage returns or raises, and nothing is optional. The decision
is durable in the log before the first byte of content leaves (`commit` returns only then), and the outcome follows.
A fallback is a new decision: it goes through `decide`, `place` and `commit` again. A refusal never falls back.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from bouclier.fleet import place
from bouclier.gateway.answer import AnswerFacts, AnswerStream
from bouclier.gateway.chat_request import rewritten
from bouclier.gateway.cloaking import cloaked_for
from bouclier.gateway.facts import day_of, signals_in
from bouclier.gateway.handing import begin_stream, ended, hand_stream, hand_whole, said_no, warning_headers
from bouclier.gateway.http_errors import DeploymentAnsweredError, internal_error, status_of
from bouclier.gateway.present import exchange_shown, inspected_shown
from bouclier.gateway.recording import (
    best_receipt,
    means_of,
    record_unplaced,
    rendered_decision,
    seal_request,
    signed_receipt,
    try_shadow,
    until_published,
)
from bouclier.gateway.refusals import charter_refusal, law_moved, unmet_refusal
from bouclier.gateway.ruling import may_still_go
from bouclier.oversight import outcome_entry
from bouclier.shield import Pseudonyms
from bouclier.shield.classify import classify
from bouclier.terms.duties import affordable_tokens
from bouclier.terms.errors import (
    Bilingual,
    BouclierError,
    DeploymentUnavailable,
    HumanReviewRequired,
    LawChanged,
    UnknownModelError,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from bouclier.terms.exchange import Committed, Inspected, Permitted, Placed, Recorded
from bouclier.terms.law import Case, Duty, Load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.fleet.ports import UpstreamAnswer
    from bouclier.gateway.ports import Caller
    from bouclier.gateway.rooms import Rooms
    from bouclier.terms.exchange import Answered, Received, Sealed
    from bouclier.terms.law import Deployment

AUTO = "auto"
_CALLER_GONE = 499
_NO_TABLE = Pseudonyms({})
_FALLS_BACK = (UpstreamUnreachable, UpstreamTimeout, DeploymentUnavailable, LawChanged)


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
        tried: list[str] = []
        sealed: Sealed | None = None
        while True:
            permitted = await decide(inspected, rooms, tried=tuple(tried))
            placed = await choose(permitted, rooms)
            committed = await _committed_for_sure(placed, rooms, conversation=conversation, sealed=sealed)
            if committed is None:
                continue  # the law changed before anything was recorded: it is decided anew
            try_shadow(permitted, placed.chosen.deployment.name, committed.position.index, rooms)
            sealed = committed.sealed or sealed
            try:
                answered = await call(committed, rooms, caller)
            except (UpstreamError, LawChanged) as error:
                falls_back = bool(placed.spares) and _may_fall_back(error)
                # What is sealed is the exchange: its answer is still to come, from another deployment.
                failed = _failed(replace(committed, sealed=None) if falls_back else committed, error)
                await _recorded_for_sure(failed, rooms)
                if not falls_back:
                    error.receipt = signed_receipt(committed)
                    raise
                tried.append(placed.chosen.deployment.name)
                continue
            except Exception as error:
                # A defect of ours: what was decided and begun still has its outcome in the record.
                defect = internal_error()
                defect.receipt = signed_receipt(committed)
                await _recorded_for_sure(_failed(committed, defect), rooms)
                raise defect from error
            return await _recorded_for_sure(answered, rooms)
    except BouclierError as error:
        error.exchange_id = received.exchange_id
        raise


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


async def decide(inspected: Inspected, rooms: Rooms, *, tried: tuple[str, ...]) -> Permitted:
    """Ask the charter which deployments may see it; a refusal is recorded too."""
    ruling = rooms.law.ruling()
    candidates = _candidates(inspected.received.request.model, rooms.deployments)
    if ruling.own_only:
        candidates = tuple(candidate for candidate in candidates if candidate.own)
    case = ruling.law.refine(inspected.case)
    verdicts = ruling.law.decide_all(case, candidates)
    permitted = Permitted(
        inspected=inspected,
        case=case,
        law=ruling.law.stamp,
        warnings=ruling.law.warnings,
        candidates=tuple(verdict for verdict in verdicts if verdict.permitted),
        refused=tuple(verdict for verdict in verdicts if not verdict.permitted),
        loads={candidate.name: _load(candidate.name, rooms) for candidate in candidates},
        tried=tried,
    )
    received = inspected.received
    refusal = (
        unmet_refusal(permitted.candidates, means_of(received))
        if permitted.candidates
        else charter_refusal(permitted.refused)
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


async def choose(permitted: Permitted, rooms: Rooms) -> Placed:
    """Choose where it runs; that nothing permitted can serve now is recorded too."""
    try:
        return place(permitted, means_of(permitted.inspected.received))
    except DeploymentUnavailable as error:
        error.inspected = inspected_shown(permitted.inspected, permitted.case)
        error.receipt = await record_unplaced(permitted, rooms)
        raise


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


async def call(committed: Committed, rooms: Rooms, caller: Caller) -> Answered:
    """Send it, and hand the answer to the caller as it comes, restored."""
    placed = committed.placed
    deployment = placed.chosen.deployment
    if not may_still_go(placed, rooms.law.latest):
        raise law_moved()
    request = placed.permitted.inspected.received.request
    exchange_id = placed.permitted.inspected.received.exchange_id
    table = Pseudonyms(committed.pseudonyms) if committed.pseudonyms else _NO_TABLE
    duties = placed.chosen.duties
    affordable = affordable_tokens(duties, request.tokens, carbon_mg=deployment.carbon_mg)
    body = rewritten(request, committed.texts, model=deployment.model, max_answer_tokens=affordable)
    ours = exchange_shown(committed, signed_receipt(committed))
    headers = warning_headers(ours["warnings"])
    at_end = (lambda: {"receipt": best_receipt(committed, rooms)}) if request.final_receipt else None
    stream = (
        AnswerStream(table=table, json_answer=request.json_answer, ours=ours, at_end=at_end) if request.stream else None
    )
    answer: UpstreamAnswer | None = None
    rooms.in_flight[deployment.name] = rooms.in_flight.get(deployment.name, 0) + 1
    try:
        if stream is not None and request.detail:
            # Who asked to be shown is shown at once what was found and decided, while the deployment still thinks.
            await begin_stream(caller, exchange_id, headers)
            await caller.send(stream.opening_event())
        answer = await rooms.upstreams[deployment.name].chat(body, exchange_id=exchange_id)
        if answer.status != 200:  # noqa: PLR2004
            raise await said_no(answer, deployment.name, table)
        if stream is not None:
            return await hand_stream(committed, answer, stream, caller, headers=headers, law=rooms.law)
        if request.final_receipt:
            await until_published(committed, rooms)
            ours["receipt"] = best_receipt(committed, rooms)
        return await hand_whole(committed, answer, table, ours, caller)
    except asyncio.CancelledError:
        # The caller is gone, and the task that served it is ending: the record is made by a task of its own.
        facts = stream.close() if stream is not None else AnswerFacts()
        gone = ended(committed, facts, status=_CALLER_GONE, ending="caller-gone")
        _record_apart(gone, rooms)
        raise
    finally:
        rooms.in_flight[deployment.name] -= 1
        if answer is not None:
            answer.close()


async def record(answered: Answered, rooms: Rooms) -> Recorded:
    """Add the outcome to the log."""
    sealed = answered.committed.sealed
    if sealed is not None:
        try:
            await sealed.seal_answer(answered.text)
        except BouclierError:
            # The caller has the answer already: what can still be done is to say that the authorities have it not.
            answered = replace(answered, ending="answer-not-sealed")
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
            await record(ended(committed, AnswerFacts(), status=_CALLER_GONE, ending="caller-gone"), rooms)


def _record_apart(answered: Answered, rooms: Rooms) -> asyncio.Task[Recorded]:
    """Record an outcome in a task of its own: a caller who hangs up cannot take it away."""
    ending = asyncio.get_running_loop().create_task(record(answered, rooms))
    rooms.keep(ending)
    return ending


async def _recorded_for_sure(answered: Answered, rooms: Rooms) -> Recorded:
    return await asyncio.shield(_record_apart(answered, rooms))


def _may_fall_back(error: UpstreamError | LawChanged) -> bool:
    """Only what says nothing about the content: an unreachable, silent or overloaded deployment, or a new order."""
    if isinstance(error, DeploymentAnsweredError):
        return error.upstream_status in {502, 503, 504}
    return isinstance(error, _FALLS_BACK)


def _candidates(model: str, deployments: Mapping[str, Deployment]) -> tuple[Deployment, ...]:
    if model == AUTO:
        return tuple(deployments.values())
    deployment = deployments.get(model)
    if deployment is None:
        known = ", ".join((AUTO, *deployments))
        raise UnknownModelError(
            Bilingual("Le modèle demandé n'existe pas ici.", "The model asked for does not exist here."),
            Bilingual(f"Choisissez parmi : {known}.", f"Choose one of: {known}."),
            param="model",
        )
    return (deployment,)


def _load(name: str, rooms: Rooms) -> Load:
    return Load(in_flight=rooms.in_flight.get(name, 0), available=rooms.upstreams[name].available)


def _failed(committed: Committed, error: BouclierError) -> Answered:
    return ended(committed, AnswerFacts(), status=status_of(error), ending=error.code)


__all__ = ["AUTO", "travel"]
