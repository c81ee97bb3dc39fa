"""Several exchanges at once on the embedded engine: they overlap, wait their turn, or are told that it is full."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import pytest
from tests.engine_kit import endless, request, with_upstream

from bouclier.fleet.adapters.embedded import Turns
from bouclier.terms.errors import DeploymentUnavailable

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bouclier.fleet.adapters.embedded import EmbeddedUpstream
    from bouclier.fleet.adapters.engine import EmbeddedEngine


async def _read(upstream: EmbeddedUpstream, body: bytes, *, who: str, order: list[str]) -> None:
    answer = await upstream.chat(body, exchange_id=who)
    async for piece in answer.chunks():
        order.extend([who] * piece.count(b'"content"'))
    answer.close()


def test_two_exchanges_advance_together_token_by_token() -> None:
    async def story(upstream: EmbeddedUpstream, _engine: EmbeddedEngine) -> None:
        order: list[str] = []
        await asyncio.gather(
            *(_read(upstream, endless(f"{who} Count.", tokens=250), who=who, order=order) for who in ("a", "b"))
        )
        changes = sum(one != other for one, other in itertools.pairwise(order))
        assert min(order.count("a"), order.count("b")) > 200
        assert changes > 25, f"one was served after the other: {changes} changes in {len(order)} tokens"

    with_upstream(story)


def test_an_exchange_right_after_a_stream_is_not_lost() -> None:
    async def story(upstream: EmbeddedUpstream, _engine: EmbeddedEngine) -> None:
        for number in range(3):
            order: list[str] = []
            await _read(upstream, endless(tokens=3), who=str(number), order=order)
            assert order

    with_upstream(story)


def test_the_deployment_tells_its_slots_once_it_knows_them() -> None:
    async def story(upstream: EmbeddedUpstream, _engine: EmbeddedEngine) -> None:
        assert upstream.slots == 3
        assert not upstream.full

    with_upstream(story, slots=3)


def test_a_third_waits_for_the_first_to_leave() -> None:
    async def story(upstream: EmbeddedUpstream, _engine: EmbeddedEngine) -> None:
        first = await upstream.chat(endless("first"), exchange_id="first")
        second = await upstream.chat(endless("second"), exchange_id="second")
        third = asyncio.ensure_future(upstream.chat(request("third", max_tokens=1), exchange_id="third"))
        await asyncio.sleep(0)
        await anext(second.chunks())
        assert not third.done()
        assert upstream.turns.waiting == 1
        first.close()
        async with asyncio.timeout(20):
            answer = await third
        assert answer.status == 200
        answer.close()
        second.close()
        assert (upstream.turns.taken, upstream.turns.waiting) == (0, 0)

    with_upstream(story)


def test_a_full_queue_is_told_at_once_and_so_is_a_wait_that_is_too_long() -> None:
    async def story(upstream: EmbeddedUpstream, _engine: EmbeddedEngine) -> None:
        held = await upstream.chat(endless(), exchange_id="held")
        waiting = asyncio.ensure_future(upstream.chat(request(), exchange_id="waiting"))
        await asyncio.sleep(0)
        assert upstream.full
        with pytest.raises(DeploymentUnavailable, match="slots are taken"):
            await upstream.chat(request(), exchange_id="too many")
        with pytest.raises(DeploymentUnavailable, match="slots are taken"):
            await waiting
        assert upstream.turns.taken == 1
        held.close()

    with_upstream(story, slots=1, turns=Turns(waiting_per_slot=1, longest_wait_s=0.2))


def test_who_hangs_up_on_a_stream_frees_the_only_slot_at_once() -> None:
    async def story(upstream: EmbeddedUpstream, _engine: EmbeddedEngine) -> None:
        leaving = await upstream.chat(endless(tokens=8000), exchange_id="leaves")
        await anext(leaving.chunks())
        leaving.close()
        # 8000 tokens would take minutes; a freed slot answers at once.
        async with asyncio.timeout(20):
            answer = await upstream.chat(request("Hello", max_tokens=1), exchange_id="next")
        assert answer.status == 200
        answer.close()

    with_upstream(story, slots=1, context=8192)


def test_who_leaves_the_queue_gives_up_the_turn_and_not_somebody_else_s() -> None:
    async def story() -> None:
        turns = Turns()
        await turns.take(1)
        gone, stays = (asyncio.ensure_future(turns.take(1)) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        turns.give_back()  # before `gone` has run again
        await stays
        assert (turns.taken, turns.waiting) == (1, 0)
        turns.give_back()
        assert turns.taken == 0

    asyncio.run(story())


def test_a_turn_that_comes_in_the_moment_its_caller_leaves_goes_to_the_next() -> None:
    async def story() -> None:
        turns = Turns()
        await turns.take(1)
        gone, stays = (asyncio.ensure_future(turns.take(1)) for _ in range(2))
        await asyncio.sleep(0)
        turns.give_back()
        gone.cancel()
        await asyncio.wait({gone, stays})
        assert gone.cancelled()
        assert (turns.taken, turns.waiting) == (1, 0)

    asyncio.run(story())


def test_turns_come_in_the_order_they_were_asked_for() -> None:
    async def story() -> None:
        turns = Turns()
        order: list[int] = []

        async def one(number: int) -> None:
            await turns.take(2)
            order.append(number)
            turns.give_back()

        await turns.take(2)
        await turns.take(2)
        waiting: list[Coroutine[None, None, None]] = [one(number) for number in range(5)]
        tasks = [asyncio.ensure_future(each) for each in waiting]
        await asyncio.sleep(0)
        turns.give_back()
        await asyncio.gather(*tasks)
        assert order == list(range(5))
        assert turns.taken == 1

    asyncio.run(story())
