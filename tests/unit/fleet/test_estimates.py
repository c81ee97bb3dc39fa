"""The wait that is expected converges on a server, follows a change, and leans on the typical if little is seen."""

from __future__ import annotations

import random

from bouclier.fleet.estimates import TYPICAL, Estimates, Typical

HALF_LIFE_MS = 300_000


class Server:
    """A server whose first token takes so long, per token read and per exchange ahead, and a little noise."""

    def __init__(self, base_ms: int, slope_us: int, *, ahead_ms: int = 0, caches: bool = True, seed: int = 1) -> None:
        self.base_ms = base_ms
        self.slope_us = slope_us
        self.ahead_ms = ahead_ms
        self.caches = caches
        self.random = random.Random(seed)

    def takes(self, prompt: int, held: int = 0, ahead: int = 0) -> int:
        read = prompt - held if self.caches else prompt
        exact = self.base_ms + self.slope_us * read // 1000 + self.ahead_ms * ahead
        return exact * self.random.randint(90, 110) // 100


class Watched:
    """One deployment, and the fleet's typical line."""

    def __init__(self, typical: Typical | None = None) -> None:
        self.typical = typical or Typical(HALF_LIFE_MS)
        self.estimates = Estimates(HALF_LIFE_MS, typical=self.typical)
        self.now = 1_000

    def serve(self, server: Server, exchanges: int, *, held_percent: int = 0, most_ahead: int = 0) -> None:
        for _ in range(exchanges):
            ahead = server.random.randint(0, most_ahead)
            prompt = server.random.randint(100, 6_000)
            held = prompt * held_percent // 100
            self.now += 1_000
            self.estimates.began(
                prompt_tokens=prompt,
                held_tokens=held,
                ahead=ahead,
                took_ms=server.takes(prompt, held, ahead),
                now_ms=self.now,
            )

    def wait(
        self, prompt: int = 1_000, *, held: int = 0, ahead: int = 0, slots: int | None = None, later: int = 0
    ) -> int:
        return self.estimates.wait_ms(
            prompt_tokens=prompt, held_tokens=held, ahead=ahead, slots=slots, now_ms=self.now + later
        )


def near(value: int, expected: int, percent: int) -> bool:
    return abs(value - expected) * 100 <= expected * percent


def test_it_converges_on_a_server_for_short_and_long_prompts() -> None:
    for server in (Server(200, 1_000), Server(3_000, 10_000), Server(30, 20), Server(800, 0)):
        watched = Watched()
        watched.serve(server, 30)
        for prompt in (300, 2_000, 6_000):
            expected = server.base_ms + server.slope_us * prompt // 1000
            assert near(watched.wait(prompt), expected, 25), (server.base_ms, prompt, watched.wait(prompt), expected)


def test_it_follows_a_change_within_forty_exchanges() -> None:
    for slower, faster in ((5_000, 300), (1_000, 200)):
        for before, after in ((slower, faster), (faster, slower)):
            watched = Watched()
            watched.serve(Server(before, 500), 30)
            watched.serve(Server(after, 500), 40)
            assert near(watched.wait(2_000), after + 1_000, 25), (before, after, watched.wait(2_000))


def test_one_exchange_that_hung_for_an_hour_does_not_condemn_it() -> None:
    watched = Watched()
    server = Server(500, 500)
    watched.serve(server, 20)
    watched.serve(Server(3_600_000, 0), 1)
    assert watched.wait() < 3_000
    watched.serve(server, 40)
    assert near(watched.wait(), 1_000, 25)


def test_one_that_answered_at_once_and_does_so_no_more_is_noticed() -> None:
    watched = Watched()
    watched.serve(Server(0, 0), 40)
    assert watched.wait() < 50
    watched.serve(Server(2_000, 0), 40)
    assert near(watched.wait(), 2_000, 25)


def test_the_same_observations_give_the_same_numbers() -> None:
    first, second = Watched(), Watched()
    for watched in (first, second):
        watched.serve(Server(200, 1_000, seed=7), 17)
    assert [first.wait(prompt) for prompt in range(0, 9_000, 777)] == [
        second.wait(prompt) for prompt in range(0, 9_000, 777)
    ]
    assert isinstance(first.wait(), int)


# Unknown -------------------------------------------------------------------------------------------------------------


def test_one_never_seen_is_slower_than_a_typical_one_and_faster_than_a_slow_one() -> None:
    typical = Typical(HALF_LIFE_MS)
    usual, slow, unseen = Watched(typical), Watched(typical), Watched(typical)
    quick, sluggish = Server(500, 500), Server(5_000, 500)
    for _ in range(10):
        usual.serve(quick, 4)
        slow.serve(sluggish, 1)
        usual.now = slow.now = unseen.now = max(usual.now, slow.now)
    assert usual.wait() < unseen.wait() < slow.wait()


def test_one_never_seen_is_tried_once_those_seen_are_busy() -> None:
    typical = Typical(HALF_LIFE_MS)
    seen, unseen = Watched(typical), Watched(typical)
    seen.serve(Server(500, 500, ahead_ms=200), 30, most_ahead=3)
    unseen.now = seen.now
    assert seen.wait(ahead=0) < unseen.wait(ahead=0) < seen.wait(ahead=6)


def test_nothing_seen_at_all_gives_a_prior_worse_than_typical() -> None:
    wait = Watched().wait(1_000, ahead=2)
    assert abs(wait - TYPICAL.at_ms(1_000, 2) * 3 // 2) <= 1


def test_what_was_seen_long_ago_fades_back_to_what_is_typical() -> None:
    typical = Typical(HALF_LIFE_MS)
    gone, usual, unseen = Watched(typical), Watched(typical), Watched(typical)
    gone.serve(Server(60_000, 0), 20)
    usual.now = gone.now
    usual.serve(Server(500, 500), 30)
    gone.now = unseen.now = usual.now
    assert gone.wait() > 30_000
    hour = 3_600_000
    assert gone.wait(later=hour) < gone.wait(later=hour // 4) < gone.wait()
    assert gone.wait(later=6 * hour) == unseen.wait(later=6 * hour)


# Load ----------------------------------------------------------------------------------------------------------------


def test_more_ahead_never_shortens_the_wait() -> None:
    for ahead_ms in (0, 300):
        watched = Watched()
        watched.serve(Server(500, 500, ahead_ms=ahead_ms), 40, most_ahead=6)
        watched.estimates.ended(took_ms=4_000, writing_ms=3_000, tokens=100)
        for slots in (None, 4):
            waits = [watched.wait(ahead=ahead, slots=slots) for ahead in range(40)]
            assert waits == sorted(waits)


def test_what_load_costs_is_learnt() -> None:
    for ahead_ms in (50, 1_000):
        watched = Watched()
        watched.serve(Server(500, 500, ahead_ms=ahead_ms), 60, most_ahead=8)
        for ahead in (0, 4, 12):
            assert near(watched.wait(1_000, ahead=ahead), 1_000 + ahead * ahead_ms, 40), (ahead, ahead_ms)


def test_one_seen_busy_is_expected_to_be_sooner_when_idle() -> None:
    watched = Watched()
    watched.serve(Server(500, 500, ahead_ms=500), 40, most_ahead=8)
    assert watched.wait(ahead=0) * 2 < watched.wait(ahead=4)


def test_a_full_one_makes_wait_for_a_slot() -> None:
    watched = Watched()
    watched.serve(Server(500, 0), 60, most_ahead=4)
    watched.estimates.ended(took_ms=8_000, writing_ms=7_000, tokens=100)
    assert watched.wait(ahead=4, slots=4) - watched.wait(ahead=4, slots=5) == 2_000


# What it already holds -----------------------------------------------------------------------------------------------


def test_a_warm_one_is_expected_sooner_before_anything_is_known_of_its_cache() -> None:
    watched = Watched()
    watched.serve(Server(300, 2_000), 30)
    assert watched.wait(4_000, held=3_600) < watched.wait(4_000) * 3 // 4


def test_the_gain_of_a_cache_is_learnt() -> None:
    watched, server = Watched(), Server(300, 2_000)
    watched.serve(server, 30)
    watched.serve(server, 30, held_percent=90)
    assert near(watched.wait(4_000, held=3_600), 300 + 800, 40)
    watched.serve(server, 10)
    assert near(watched.wait(4_000), 8_300, 30)


def test_a_cache_that_is_not_there_gains_nothing_after_a_while() -> None:
    watched, server = Watched(), Server(300, 2_000, caches=False)
    watched.serve(server, 30)
    watched.serve(server, 40, held_percent=90)
    assert near(watched.wait(4_000, held=3_600), 8_300, 25)


# Writing -------------------------------------------------------------------------------------------------------------


def test_the_speed_of_writing_is_the_average_of_late() -> None:
    watched = Watched()
    for _ in range(40):
        watched.estimates.ended(took_ms=5_000, writing_ms=4_000, tokens=101)
    assert watched.estimates.token_us == 40_000
    for _ in range(40):
        watched.estimates.ended(took_ms=3_000, writing_ms=2_000, tokens=101)
    assert near(watched.estimates.token_us or 0, 20_000, 5)


def test_answers_whose_length_is_not_known_say_nothing_of_speed() -> None:
    watched = Watched()
    for tokens in (None, 0, 1):
        watched.estimates.ended(took_ms=5_000, writing_ms=4_000, tokens=tokens)
    watched.estimates.ended(took_ms=5_000, writing_ms=None, tokens=100)
    assert watched.estimates.token_us is None
