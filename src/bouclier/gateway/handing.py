"""Hand a deployment's answer to the caller as it comes, restored, with the warnings the charter owes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from bouclier.footprint.shown import footprint_header
from bouclier.gateway.answer import restored_answer, restored_error
from bouclier.gateway.asked import means_of
from bouclier.gateway.events import data_of
from bouclier.gateway.fleet import ending_of
from bouclier.gateway.http_errors import DeploymentAnsweredError, openai_error
from bouclier.gateway.ports import Usage
from bouclier.gateway.refusals import law_changed, never_begins, not_a_stream
from bouclier.gateway.ruling import is_current
from bouclier.oversight import commit
from bouclier.terms.duties import unmet
from bouclier.terms.errors import LawChanged, UpstreamError, UpstreamProtocolError
from bouclier.terms.exchange import Answered
from bouclier.terms.law import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bouclier.fleet.ports import UpstreamAnswer
    from bouclier.gateway.answer import AnswerFacts
    from bouclier.gateway.answer_stream import AnswerStream
    from bouclier.gateway.ports import Caller, LawKeeper, Meter
    from bouclier.gateway.ruling import Ruling
    from bouclier.shield import Pseudonyms
    from bouclier.terms.exchange import Committed, Footprint
    from bouclier.terms.law import Deployment

    Headers = tuple[tuple[bytes, bytes], ...]

MAX_ANSWER_BYTES = 64_000_000
_BETWEEN = b"\n\n"
_MAX_HELD_BYTES = 1_000_000
"""Before the first token: roles and keep-alives, no more."""
_MAX_ERROR_BYTES = 1_000_000


class Stopwatch:
    """When a call began, and when its first token came, by a clock that never goes back.

    Attributes:
        first_ms: From the call to the first token; None before.
        handed: Whether the caller has been handed anything of this deployment's.
    """

    __slots__ = ("_began_ms", "_clock_ms", "_noted", "first_ms", "handed")

    def __init__(self, clock_ms: Callable[[], int], noted: Callable[[], None]) -> None:
        """Begin now; `noted` is called once, when the first token comes."""
        self._clock_ms = clock_ms
        self._began_ms = clock_ms()
        self._noted = noted
        self.first_ms: int | None = None
        self.handed = False

    def first_token(self) -> None:
        """Note that the answer begins."""
        if self.first_ms is None:
            self.first_ms = self.elapsed_ms()
            self._noted()

    def elapsed_ms(self) -> int:
        """How long it has taken so far."""
        return max(0, self._clock_ms() - self._began_ms)


def warning_headers(warnings: Iterable[Mapping[str, str]], *, budget: Budget = Budget.WITHIN) -> Headers:
    """Return the headers that warn programs that read no body: which warnings, and that a budget is nearly spent."""
    named = ",".join(warning["id"] for warning in warnings)
    headers: Headers = ((b"x-bouclier-warnings", named.encode()),) if named else ()
    return headers if budget is Budget.WITHIN else (*headers, (b"x-bouclier-budget", budget.value.encode()))


class Cost:
    """What an answer costs: so far, and when it is over; whoever asks again then is told the same."""

    __slots__ = ("_committed", "_footprint", "_meter", "_watch")

    def __init__(self, committed: Committed, meter: Meter, watch: Stopwatch) -> None:
        """Ask this meter, when asked."""
        self._committed = committed
        self._meter = meter
        self._watch = watch
        self._footprint: Footprint | None = None

    def __call__(self, facts: AnswerFacts, *, over: bool = True) -> Footprint:
        """Return it, as far as is known of the answer; measured energy is counted when it is over."""
        if self._footprint is not None:
            return self._footprint
        received = self._committed.placed.permitted.inspected.received
        usage = Usage(
            prompt_tokens=facts.prompt_tokens,
            completion_tokens=facts.completion_tokens,
            prompt_estimate=received.request.tokens,
            answer_chars=len(facts.text),
            latency_ms=self._watch.elapsed_ms(),
        )
        name = self._committed.placed.chosen.deployment.name
        if not over:
            return self._meter.so_far(name, usage)
        self._footprint = self._meter.after(name, usage, exchange_id=received.exchange_id)
        return self._footprint


@dataclass(frozen=True, slots=True)
class Handing:
    """An answer that is handed over.

    Attributes:
        committed: The exchange.
        caller: Who waits.
        headers: What heads the answer.
        law: By what law it was decided, and is now.
        facts: What the facts of a ruling say of the deployment.
        watch: Since when.
        cost: What it costs.
        first: Told when the first token comes.
        keeps_alive: Whether comments are passed on before the first token: nobody else is going to be asked soon.
    """

    committed: Committed
    caller: Caller
    headers: Headers
    law: LawKeeper
    facts: Callable[[Ruling], Deployment]
    watch: Stopwatch
    cost: Cost
    first: Callable[[], None]
    keeps_alive: bool = False

    def ended(self, facts: AnswerFacts, ending: str) -> Answered:
        """Return what became of it."""
        return ended(self.committed, facts, status=200, ending=ending, cost=self.cost, watch=self.watch)


async def hand_whole(handing: Handing, body: bytes, table: Pseudonyms, ours: dict[str, Any]) -> Answered:
    """Hand over an answer that came in one piece.

    Raises:
        UpstreamError: It is not one.
    """
    received = handing.committed.placed.permitted.inspected.received
    try:
        body, facts = restored_answer(
            body, table=table, json_answer=received.request.json_answer, ours=ours, cost=handing.cost
        )
    except UpstreamProtocolError as error:
        raise _said_instead(handing, body, table) or error from None
    headers = (*handing.headers, footprint_header(handing.cost(facts)))
    handing.watch.handed = True
    await handing.caller.begin(
        200, b"application/json", exchange_id=received.exchange_id, length=len(body), more_headers=headers
    )
    await handing.caller.send(body, more=False)
    return handing.ended(facts, "complete")


def _said_instead(handing: Handing, body: bytes, table: Pseudonyms) -> DeploymentAnsweredError | None:
    """Return the error that a deployment says under a status that promised an answer; None if it says none."""
    said = restored_error(body.decode("utf-8", "replace"), table)
    error = said.get("error") if isinstance(said, dict) else None
    if error is None:
        return None
    name = handing.committed.placed.chosen.deployment.name
    return said_in_stream(name, error if isinstance(error, dict) else {"message": error})


async def hand_stream(handing: Handing, answer: UpstreamAnswer, stream: AnswerStream, table: Pseudonyms) -> Answered:
    """Hand over an answer that streams; an order that forbids its deployment meanwhile ends it.

    What comes before the first token is held back: until then, another deployment may still answer.

    Raises:
        UpstreamError: It is not a stream, or ended before the caller has read anything of it.
        LawChanged: Likewise, what was permitted is so no more.
    """
    if "text/event-stream" not in answer.headers.get("content-type", ""):
        said = _said_instead(handing, await answer.read(_MAX_ERROR_BYTES), table)
        raise said or not_a_stream(handing.committed.placed.chosen.deployment.name)
    sending = _Sending(handing)
    ending = "complete"
    ruling, law = None, handing.law
    try:
        async for piece in answer.chunks():
            if ruling is not law.latest:
                ruling = law.latest
                _check_still_permitted(handing, ruling)
            out = stream.feed(piece)
            if stream.error is not None:
                error = said_in_stream(handing.committed.placed.chosen.deployment.name, stream.error)
                if not sending.begun:
                    raise error
                ending = ending_of(error)
            await sending.send(out, begun=stream.begun)
            if stream.failure is not None:
                raise stream.failure
        await sending.send(stream.finish(), begun=True, more=False)
    except (UpstreamError, LawChanged) as error:
        if not sending.begun:
            raise  # the caller has read nothing of an answer: another deployment may still give one
        return await cut_short(handing, stream, error)
    return handing.ended(stream.close(), ending)


async def cut_short(handing: Handing, stream: AnswerStream, error: UpstreamError | LawChanged) -> Answered:
    """End an answer that has begun with the error that ends it."""
    error.exchange_id = handing.committed.placed.permitted.inspected.received.exchange_id
    said = b"data: " + msgspec.json.encode(openai_error(error)) + b"\n\n"
    await handing.caller.send(said, more=False)
    return handing.ended(stream.close(), error.code)


class _Sending:
    """Sends the pieces of a stream, from its first token on; comments before it, where nobody else will be asked."""

    def __init__(self, handing: Handing) -> None:
        self._handing = handing
        self._held: list[bytes] = []
        self._held_bytes = 0
        self.begun = False

    async def send(self, piece: bytes, *, begun: bool, more: bool = True) -> None:
        """Send a piece, with all that was held back before it if the answer has begun; else hold it back."""
        if not self.begun:
            if not begun and self._handing.keeps_alive:
                piece = await self._without_comments(piece)
            if piece:
                self._held.append(piece)
                self._held_bytes += len(piece)
            if not begun:
                if self._held_bytes > _MAX_HELD_BYTES:
                    raise never_begins(self._handing.committed.placed.chosen.deployment.name)
                return
            handing = self._handing
            self.begun = handing.watch.handed = True
            await self._begin()
            piece = b"".join(self._held)
        if begun:
            self._handing.first()
        if piece or not more:
            await self._handing.caller.send(piece, more=more)

    async def _begin(self) -> None:
        exchange_id = self._handing.committed.placed.permitted.inspected.received.exchange_id
        await begin_stream(self._handing.caller, exchange_id, self._handing.headers)

    async def _without_comments(self, events: bytes) -> bytes:
        """Send the comments among whole events at once: they keep connections open, and are nobody's answer."""
        kept = []
        for event in events.split(_BETWEEN):
            if event and data_of(event) is None:
                await self._begin()
                await self._handing.caller.send(event + _BETWEEN)
            elif event:
                kept.append(event + _BETWEEN)
        return b"".join(kept)


async def begin_stream(caller: Caller, exchange_id: str, headers: Headers) -> None:
    """Send the head of a stream, once."""
    if not caller.begun:
        await caller.begin(200, b"text/event-stream; charset=utf-8", exchange_id=exchange_id, more_headers=headers)


async def said_no(answer: UpstreamAnswer, name: str, table: Pseudonyms) -> DeploymentAnsweredError:
    """Read a deployment's error: it may quote what was sent, so it is restored like an answer."""
    text = (await answer.read(_MAX_ERROR_BYTES)).decode("utf-8", "replace")
    said = restored_error(text, table)
    error = said.get("error") if isinstance(said, dict) else None
    retry_after = answer.headers.get("retry-after")
    return DeploymentAnsweredError(name, answer.status, error if isinstance(error, dict) else None, retry_after)


def said_in_stream(name: str, said: Mapping[str, Any]) -> DeploymentAnsweredError:
    """Return the error that a deployment streams instead of an answer, as if it had answered with its status."""
    status = said.get("code") if type(said.get("code")) is int else said.get("status")
    known = status if type(status) is int and 400 <= status < 600 else 500  # noqa: PLR2004
    return DeploymentAnsweredError(name, known, dict(said), None)


def ended(
    committed: Committed,
    facts: AnswerFacts,
    *,
    status: int,
    ending: str,
    cost: Cost | None = None,
    watch: Stopwatch | None = None,
) -> Answered:
    """Return what became of an exchange; with what it cost, if a deployment worked on it."""
    return Answered(
        committed=committed,
        status=status,
        ending=ending,
        finish_reasons=facts.finish_reasons,
        prompt_tokens=facts.prompt_tokens,
        completion_tokens=facts.completion_tokens,
        restored=facts.restored,
        answer_commitment=commit(committed.salt, facts.text.encode("utf-8", "surrogatepass")),
        text=facts.text,
        first_token_ms=None if watch is None else watch.first_ms,
        duration_ms=None if watch is None else watch.elapsed_ms(),
        footprint=None if cost is None else cost(facts),
    )


def _check_still_permitted(handing: Handing, ruling: Ruling | None) -> None:
    """Stop an answer whose deployment a new charter, order or fact forbids; an expiry stops only new exchanges."""
    permitted = handing.committed.placed.permitted
    if ruling is None or is_current(permitted.law, ruling):
        return
    chosen = handing.facts(ruling)
    case = ruling.law.refine(replace(permitted.inspected.case, day=permitted.case.day))
    (verdict,) = ruling.law.decide_all(case, (chosen,))
    means = means_of(permitted.inspected.received)
    if not verdict.permitted or unmet(verdict.duties, means, carbon_mg=chosen.carbon_mg):
        raise law_changed(chosen.name, verdict.policies)
