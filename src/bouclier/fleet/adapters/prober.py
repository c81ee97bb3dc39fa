"""Asks deployments how they are, again and again, each by itself: one that hangs delays no other.

Promises: every deployment is asked once per interval, its first time spread over the first interval, and one that is
not well every two seconds, so that it is not missed when it comes back; a round ends within the time-out per question,
whatever the other side does; an answer is read up to a limit, a redirect is not followed; what is sent holds nothing of
any exchange. Nothing here changes where exchanges run: it tells the book, which decides what a probe is worth
(`fleet/breaker.py`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from bouclier.fleet.probes import Answered, Engine, questions, read_probe
from bouclier.terms.errors import UpstreamError, UpstreamProtocolError, UpstreamTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bouclier.fleet.adapters.http_connection import LastHeard
    from bouclier.fleet.book_model import Probe
    from bouclier.fleet.ports import UpstreamAnswer

_MAX_BODY_BYTES = 1_000_000
_AGAIN_S = 2.0
BUSY = "busy"
"""Of one that did not answer in time, and sent something meanwhile: it works on somebody's exchange."""


class Asked(Protocol):
    """What can be asked about itself: `HttpUpstream`."""

    @property
    def last_heard(self) -> LastHeard:
        """When anything came from it."""
        ...

    async def get(self, path: str) -> UpstreamAnswer:
        """See `HttpUpstream.get`."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment to ask.

    Attributes:
        engine: What it is, which says what it is asked.
        upstream: How it is reached.
    """

    engine: Engine
    upstream: Asked


class Prober:
    """Asks deployments, and tells what they answered."""

    def __init__(
        self,
        targets: Mapping[str, Target],
        tell: Callable[[str, Probe], None],
        *,
        interval_s: float = 10.0,
        timeout_s: float = 3.0,
    ) -> None:
        """Ask nothing yet.

        Args:
            targets: By deployment name.
            tell: Called with what each answered; it does not wait, and does not raise.
            interval_s: From the end of a deployment's round to its next.
            timeout_s: For each question, from its beginning to the last byte of the answer.
        """
        self._targets = dict(targets)
        self._tell = tell
        self._interval_s = interval_s
        self._timeout_s = timeout_s

    async def run(self) -> None:
        """Ask until cancelled; connections in use are cut then."""
        async with asyncio.TaskGroup() as group:
            for position, name in enumerate(self._targets):
                group.create_task(self._rounds(name, self._interval_s * position / len(self._targets)))

    async def ask(self, name: str) -> Probe:
        """Ask one deployment once; it raises nothing, whatever comes."""
        target, began_s = self._targets[name], asyncio.get_running_loop().time()
        first, *others = questions(target.engine)
        answers = [await self._answer(target, first)]
        if answers[0].status:
            # One after the other: all of them over one connection, and never two at once for an engine that is busy.
            answers += [await self._answer(target, path) for path in others]
        probe = read_probe(target.engine, answers)
        if answers[0].code == "timed-out" and target.upstream.last_heard.at_s > began_s:
            return replace(probe, code=BUSY)
        return probe

    async def _rounds(self, name: str, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        while True:
            probe = await self.ask(name)
            self._tell(name, probe)
            await asyncio.sleep(self._interval_s if probe.alive else min(self._interval_s, _AGAIN_S))

    async def _answer(self, target: Target, path: str) -> Answered:
        answer = None
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await target.upstream.get(path)
                return Answered(answer.status, await answer.read(_MAX_BODY_BYTES))
        except (TimeoutError, UpstreamTimeout):
            return Answered(0, code="timed-out")
        except UpstreamProtocolError:
            # Too long, or not HTTP: the status alone is known, if that.
            return Answered(answer.status) if answer is not None else Answered(0, code="not-http")
        except UpstreamError:
            return Answered(0, code="unreachable")
        finally:
            if answer is not None:
                answer.close()
