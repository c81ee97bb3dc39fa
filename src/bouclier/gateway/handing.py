"""Hand a deployment's answer to the caller as it comes, restored, with the warnings the charter owes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bouclier.gateway.answer import restored_answer, restored_error
from bouclier.gateway.http_errors import DeploymentAnsweredError, openai_error
from bouclier.gateway.recording import means_of
from bouclier.gateway.refusals import law_changed, not_a_stream
from bouclier.gateway.ruling import is_current
from bouclier.oversight import commit
from bouclier.terms.duties import unmet
from bouclier.terms.errors import LawChanged, UpstreamError
from bouclier.terms.exchange import Answered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bouclier.fleet.ports import UpstreamAnswer
    from bouclier.gateway.answer import AnswerFacts, AnswerStream
    from bouclier.gateway.ports import Caller, LawKeeper
    from bouclier.gateway.ruling import Ruling
    from bouclier.shield import Pseudonyms
    from bouclier.terms.exchange import Committed

    Headers = tuple[tuple[bytes, bytes], ...]

_MAX_ANSWER_BYTES = 64_000_000
_MAX_ERROR_BYTES = 1_000_000


def warning_headers(warnings: Iterable[Mapping[str, str]]) -> Headers:
    """Return the header that names the warnings of an answer, for programs that read no body; none without any."""
    named = ",".join(warning["id"] for warning in warnings)
    return ((b"x-bouclier-warnings", named.encode()),) if named else ()


async def hand_whole(
    committed: Committed, answer: UpstreamAnswer, table: Pseudonyms, ours: dict[str, Any], caller: Caller
) -> Answered:
    """Hand over an answer that comes in one piece.

    Raises:
        UpstreamError: It is not one.
    """
    received = committed.placed.permitted.inspected.received
    body = await answer.read(_MAX_ANSWER_BYTES)
    body, facts = restored_answer(body, table=table, json_answer=received.request.json_answer, ours=ours)
    await caller.begin(
        200,
        b"application/json",
        exchange_id=received.exchange_id,
        length=len(body),
        more_headers=warning_headers(ours["warnings"]),
    )
    await caller.send(body, more=False)
    return ended(committed, facts, status=200, ending="complete")


async def hand_stream(
    committed: Committed,
    answer: UpstreamAnswer,
    stream: AnswerStream,
    caller: Caller,
    *,
    headers: Headers,
    law: LawKeeper,
) -> Answered:
    """Hand over an answer that streams; an order that forbids its deployment meanwhile ends it.

    Raises:
        UpstreamError: It is not a stream, or ended before the caller has read anything of it.
        LawChanged: Likewise, what was permitted is so no more.
    """
    received = committed.placed.permitted.inspected.received
    if "text/event-stream" not in answer.headers.get("content-type", ""):
        raise not_a_stream(committed.placed.chosen.deployment.name)
    ending = "complete"
    answering = False
    ruling = None
    try:
        async for piece in answer.chunks():
            if ruling is not law.latest:
                ruling = law.latest
                _check_still_permitted(committed, ruling)
            out = stream.feed(piece)
            if out:
                if not answering:
                    answering = True
                    await begin_stream(caller, received.exchange_id, headers)
                await caller.send(out)
            if stream.failure is not None:
                raise stream.failure
        await caller.send(stream.finish(), more=False)
    except (UpstreamError, LawChanged) as error:
        if not answering:
            raise  # the caller has read nothing of an answer: another deployment may still give one
        ending = error.code
        error.exchange_id = received.exchange_id
        await caller.send(b"data: " + msgspec.json.encode(openai_error(error)) + b"\n\n", more=False)
    return ended(committed, stream.close(), status=200, ending=ending)


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


def ended(committed: Committed, facts: AnswerFacts, *, status: int, ending: str) -> Answered:
    """Return what became of an exchange."""
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
    )


def _check_still_permitted(committed: Committed, ruling: Ruling | None) -> None:
    """Stop an answer whose deployment a new charter or order forbids; one that expired stops only new exchanges."""
    permitted = committed.placed.permitted
    if ruling is None or is_current(permitted.law, ruling):
        return
    chosen = committed.placed.chosen.deployment
    (verdict,) = ruling.law.decide_all(permitted.inspected.case, (chosen,))
    means = means_of(permitted.inspected.received)
    if not verdict.permitted or unmet(verdict.duties, means, carbon_mg=chosen.carbon_mg):
        raise law_changed(chosen.name, verdict.policies)
