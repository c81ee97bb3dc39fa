"""Whoever waits for a first token at a deployment that is given up waits no more, if it can be taken elsewhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bouclier.gateway.first_tokens import FirstTokens

if TYPE_CHECKING:
    from collections.abc import Sequence


def free(name: str) -> bool:
    return name != "full"


async def gives_up(spares: Sequence[str], *, begun: bool) -> bool:
    """Wait for something that never comes, and tell whether the patience was ended."""
    waiting = FirstTokens()
    patience = asyncio.timeout(60)
    try:
        async with patience:
            with waiting.awaited("lyon", "1", patience, spares=spares):
                if begun:
                    waiting.came("lyon", "1")
                waiting.give_up("lyon", free)
                for _ in range(5):  # turns of the loop, in which a patience that was ended is felt
                    await asyncio.sleep(0)
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize(
    ("spares", "begun", "given_up"),
    [
        (["lille"], False, True),
        (["full", "lille"], False, True),
        (["full"], False, False),
        ([], False, False),
        (["lille"], True, False),
    ],
)
def test_who_can_be_taken_elsewhere_now_is_and_nobody_else(
    spares: list[str],
    begun: bool,  # noqa: FBT001
    given_up: bool,  # noqa: FBT001
) -> None:
    assert asyncio.run(gives_up(spares, begun=begun)) is given_up


async def _ended() -> None:
    waiting, patience = FirstTokens(), asyncio.timeout(60)
    async with patience:
        with waiting.awaited("lyon", "1", patience, spares=["lille"]):
            pass
    waiting.give_up("lyon", free)


async def _ending(waiting: FirstTokens) -> None:
    patience = asyncio.timeout(0.01)
    async with patience:
        with waiting.awaited("lyon", "2", patience, spares=["lille"]):
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                waiting.give_up("lyon", free)


def test_giving_up_on_one_that_has_ended_or_is_ending_does_no_harm() -> None:
    asyncio.run(_ended())
    with pytest.raises(TimeoutError):
        asyncio.run(_ending(FirstTokens()))
