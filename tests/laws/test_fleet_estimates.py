"""Laws of the expected wait, whatever was seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bouclier.fleet.estimates import Estimates, Typical

tokens = st.integers(0, 200_000)
few = st.integers(0, 500)
seen = st.lists(st.tuples(tokens, st.integers(0, 100), few, st.integers(-5, 10**8), st.integers(0, 10**7)), max_size=30)


def after(observations: list[tuple[int, int, int, int, int]]) -> tuple[Estimates, int]:
    estimates = Estimates(300_000, typical=Typical(300_000))
    now = 0
    for prompt, held_percent, ahead, took, passes in observations:
        now += passes
        held = prompt * held_percent // 100
        estimates.began(prompt_tokens=prompt, held_tokens=held, ahead=ahead, took_ms=took, now_ms=now)
        estimates.ended(took_ms=max(took, 0), writing_ms=max(took, 0) // 2, tokens=ahead)
    return estimates, now


@given(observations=seen, short=tokens, more=tokens, ahead=few, others=few, slots=st.none() | st.integers(0, 64))
def test_more_to_read_or_more_ahead_never_shortens_a_wait(
    observations: list[tuple[int, int, int, int, int]],
    short: int,
    more: int,
    ahead: int,
    others: int,
    slots: int | None,
) -> None:
    estimates, now = after(observations)

    def wait(prompt: int, there: int) -> int:
        return estimates.wait_ms(prompt_tokens=prompt, held_tokens=0, ahead=there, slots=slots, now_ms=now)

    assert 0 <= wait(short, ahead) <= wait(short + more, ahead)
    assert wait(short, ahead) <= wait(short, ahead + others)


@given(observations=seen, prompt=tokens, held_percent=st.integers(0, 100), ahead=few)
def test_what_is_held_never_lengthens_a_wait(
    observations: list[tuple[int, int, int, int, int]], prompt: int, held_percent: int, ahead: int
) -> None:
    estimates, now = after(observations)
    cold, warm = (
        estimates.wait_ms(prompt_tokens=prompt, held_tokens=held, ahead=ahead, slots=None, now_ms=now)
        for held in (0, prompt * held_percent // 100)
    )
    assert warm <= cold


@given(observations=seen, later=st.integers(0, 10**12), prompt=tokens)
def test_after_long_silence_nothing_is_left_but_what_is_typical(
    observations: list[tuple[int, int, int, int, int]], later: int, prompt: int
) -> None:
    estimates, now = after(observations)
    fresh = Estimates(300_000, typical=Typical(300_000))
    silent = now + 18 * 300_000 + later
    waits = {
        one.wait_ms(prompt_tokens=prompt, held_tokens=0, ahead=0, slots=None, now_ms=silent)
        for one in (estimates, fresh)
    }
    assert len(waits) == 1
