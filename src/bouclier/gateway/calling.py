"""The call itself: what was committed is sent, and what comes back is handed over, restored, and measured.

Until the caller has read a first token, a failure may still be made good elsewhere; whoever calls this decides that
again from the start. Patience has an end only while another deployment could be asked: content goes to one deployment
at a time, for each copy of it is one more disclosure.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bouclier.gateway.answer import AnswerFacts
from bouclier.gateway.answer_stream import AnswerStream
from bouclier.gateway.chat_request import rewritten
from bouclier.gateway.handing import (
    MAX_ANSWER_BYTES,
    Cost,
    Handing,
    Stopwatch,
    begin_stream,
    cut_short,
    ended,
    hand_stream,
    hand_whole,
    said_no,
    warning_headers,
)
from bouclier.gateway.present import exchange_shown
from bouclier.gateway.recording import best_receipt, signed_receipt, until_published
from bouclier.gateway.refusals import law_moved, out_of_patience
from bouclier.gateway.ruling import may_still_go
from bouclier.shield import Pseudonyms
from bouclier.terms.duties import affordable_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bouclier.fleet.ports import UpstreamAnswer
    from bouclier.gateway.ports import Caller
    from bouclier.gateway.rooms import Rooms
    from bouclier.terms.exchange import Answered, ChatRequest, Committed

CALLER_GONE: Final = 499
_LONGEST_S: Final = 3600.0
"""No answer is waited for longer, before its first token or after, however busily a deployment writes."""
_NO_TABLE: Final = Pseudonyms({})


async def call(
    committed: Committed,
    rooms: Rooms,
    caller: Caller,
    *,
    spares: Sequence[str],
    watch: Stopwatch,
    record_apart: Callable[[Answered], object],
) -> Answered:
    """Send it, and hand the answer to the caller as it comes, restored.

    Args:
        committed: What may leave.
        rooms: What it walks through.
        caller: Who waits.
        spares: Where else it may go: without any, the first token is waited for as long as the deployment may take.
        watch: Since when.
        record_apart: Records what became of it when the caller is gone.

    Raises:
        UpstreamError: It failed before the caller had read a token.
        LawChanged: What was decided holds no more.
    """
    placed = committed.placed
    deployment, exchange_id = placed.chosen.deployment, placed.permitted.inspected.received.exchange_id
    if not may_still_go(placed, rooms.law.latest):
        raise law_moved()
    request = placed.permitted.inspected.received.request
    table = Pseudonyms(committed.pseudonyms) if committed.pseudonyms else _NO_TABLE
    affordable = affordable_tokens(placed.chosen.duties, request.tokens, carbon_mg=deployment.carbon_mg)
    body = rewritten(request, committed.texts, model=deployment.model, max_answer_tokens=affordable)
    ours = exchange_shown(committed, signed_receipt(committed))
    headers = warning_headers(ours["warnings"], budget=placed.permitted.terms.budget)
    at_end = (lambda: {"receipt": best_receipt(committed, rooms)}) if request.final_receipt else None
    cost = Cost(committed, rooms.fleet.meter, watch)
    stream = _stream(request, table, ours, at_end, cost)
    answer: UpstreamAnswer | None = None
    patience_ms = None if not spares or stream is None else rooms.fleet.patience_ms
    day = placed.permitted.case.day
    handing = Handing(
        committed,
        caller,
        headers,
        law=rooms.law,
        facts=lambda ruling: rooms.fleet.pools.known(ruling.law.stamp.registry, day)[deployment.name],
        watch=watch,
        cost=cost,
        first=watch.first_token,
        keeps_alive=patience_ms is None,
    )
    awaited = partial(rooms.fleet.first_tokens.awaited, deployment.name, exchange_id, spares=spares)
    try:
        if stream is not None and request.detail:
            # Who asked to be shown is shown at once what was found and decided, while the deployment still thinks.
            await begin_stream(caller, exchange_id, headers)
            await caller.send(stream.opening_event())
        try:
            async with asyncio.timeout(_LONGEST_S if patience_ms is None else patience_ms / 1000) as patience:
                with awaited(patience):
                    answer = await rooms.fleet.upstreams[deployment.name].chat(body, exchange_id=exchange_id)
                    if answer.status != 200:  # noqa: PLR2004
                        raise await said_no(answer, deployment.name, table)
                    if stream is not None:
                        first = _first_token(watch, patience)
                        return await hand_stream(replace(handing, first=first), answer, stream, table)
                    whole = await answer.read(MAX_ANSWER_BYTES)
        except TimeoutError as error:
            late = out_of_patience(deployment.name, watch.elapsed_ms())
            if stream is None or not watch.handed:
                raise late from error
            return await cut_short(handing, stream, late)
        if request.final_receipt:
            await until_published(committed, rooms)
            ours["receipt"] = best_receipt(committed, rooms)
        return await hand_whole(handing, whole, table, ours)
    except asyncio.CancelledError:
        # The caller is gone, and the task that served it is ending: the record is made by a task of its own.
        facts = stream.close() if stream is not None else AnswerFacts()
        record_apart(ended(committed, facts, status=CALLER_GONE, ending="caller-gone", cost=cost, watch=watch))
        raise
    finally:
        if answer is not None:
            answer.close()


def _stream(
    request: ChatRequest,
    table: Pseudonyms,
    ours: dict[str, Any],
    at_end: Callable[[], dict[str, Any]] | None,
    cost: Cost,
) -> AnswerStream | None:
    if not request.stream:
        return None
    return AnswerStream(table=table, json_answer=request.json_answer, ours=ours, at_end=at_end, cost=cost)


def _first_token(watch: Stopwatch, patience: asyncio.Timeout) -> Callable[[], None]:
    """Return what notes the first token: from there on, the answer itself may take its time."""

    def note() -> None:
        if watch.first_ms is None:
            patience.reschedule(asyncio.get_running_loop().time() + _LONGEST_S)
            watch.first_token()

    return note
