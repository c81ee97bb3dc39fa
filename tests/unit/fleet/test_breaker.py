"""When a deployment is left alone: outcomes decide, probes and hearsay advise, "too many" is not a failure."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bouclier.fleet.book_model import BreakerSettings, Outcome
from bouclier.fleet.breaker import Breaker, Opened

SETTINGS = BreakerSettings(
    strikes=3, ratio_percent=50, ratio_least=8, window_ms=30_000, open_ms=2_000, open_max_ms=60_000, hold_ms=1_000
)


def breaker(seed: str = "") -> Breaker:
    return Breaker("d", SETTINGS, seed=seed)


def ends(one: Breaker, outcome: Outcome, at: int, *, begun: int | None = None, retry_after: int | None = None) -> None:
    one.begins(f"e{at}")
    one.ended(
        f"e{at}", outcome, begun_ms=at if begun is None else begun, now_ms=at, code="gone", retry_after_ms=retry_after
    )


def broken(at: int = 1_000, seed: str = "") -> Breaker:
    one = breaker(seed)
    for _ in range(3):
        ends(one, Outcome.FAILED, at)
    return one


def test_three_failures_in_a_row_open_it() -> None:
    one = breaker()
    ends(one, Outcome.FAILED, 1)
    ends(one, Outcome.FAILED, 2)
    assert one.lets_through(3)
    ends(one, Outcome.FAILED, 3)
    assert not one.lets_through(3)
    assert one.word(3) == "open"
    assert (one.failure, one.failure_at) == ("gone", 3)


def test_two_time_outs_weigh_as_much_as_three_failures() -> None:
    one = breaker()
    ends(one, Outcome.TIMED_OUT, 1)
    assert one.lets_through(2)
    ends(one, Outcome.TIMED_OUT, 2)
    assert not one.lets_through(2)


@pytest.mark.parametrize("healthy", [Outcome.SERVED, Outcome.REFUSED, Outcome.OVERLOADED])
def test_any_healthy_answer_between_failures_starts_the_count_again(healthy: Outcome) -> None:
    one = breaker()
    for at in (1, 2):
        ends(one, Outcome.FAILED, at)
    ends(one, healthy, 3, retry_after=0)
    for at in (4, 5):
        ends(one, Outcome.FAILED, at)
    assert one.lets_through(6)


def test_a_caller_who_leaves_says_nothing() -> None:
    one = breaker()
    for at in (1, 2):
        ends(one, Outcome.FAILED, at)
    ends(one, Outcome.LEFT, 3)
    ends(one, Outcome.FAILED, 4)
    assert not one.lets_through(5)


def test_half_of_the_outcomes_bad_opens_it_even_if_never_three_in_a_row() -> None:
    one = breaker()
    for at in range(8):
        assert one.lets_through(at)
        ends(one, Outcome.FAILED if at % 2 else Outcome.SERVED, at)
    assert not one.lets_through(8)


def test_failures_of_before_the_window_do_not_count() -> None:
    one = breaker()
    for at in range(6):
        ends(one, Outcome.FAILED if at % 2 else Outcome.SERVED, at)
    late = 40_000
    for at in range(late, late + 2):
        ends(one, Outcome.FAILED if at % 2 else Outcome.SERVED, at)
    assert one.lets_through(late + 2)


def test_many_outcomes_within_the_window_are_counted_exactly() -> None:
    one = breaker()
    for at in range(1_000):  # far more than it remembers; one in four is bad
        ends(one, Outcome.FAILED if at % 4 == 0 else Outcome.SERVED, at)
        assert one.lets_through(at)


def test_half_open_lets_one_exchange_through_until_it_ends() -> None:
    one = broken()
    later = one.blocked_until
    assert one.word(later) == "half-open"
    assert one.lets_through(later)
    one.begins("trial")
    assert not one.lets_through(later + 1)
    one.ended("trial", Outcome.SERVED, begun_ms=later, now_ms=later + 500)
    assert one.word(later + 500) == "closed"
    assert one.lets_through(later + 500)


def test_a_trial_that_is_lost_makes_room_for_another() -> None:
    one = broken()
    later = one.blocked_until
    one.begins("trial")
    one.lost("trial")
    assert one.lets_through(later)
    assert one.word(later) == "half-open"


def test_the_first_word_of_the_one_on_trial_closes_it_and_its_end_still_counts() -> None:
    one = broken()
    later = one.blocked_until
    one.begins("trial")
    assert not one.answers("another", begun_ms=later)
    assert one.answers("trial", begun_ms=later)
    assert one.lets_through(later + 1)
    for exchange in ("trial", "second", "third"):
        assert one.lets_through(later + 2)
        one.ended(exchange, Outcome.FAILED, begun_ms=later, now_ms=later + 2)
    assert not one.lets_through(later + 3)
    assert one.blocked_until - (later + 2) >= 4_000


def test_each_failed_trial_doubles_the_wait_up_to_the_longest() -> None:
    one = broken(at=0)
    lengths = [one.blocked_until]
    for _ in range(8):
        now = one.blocked_until
        ends(one, Outcome.FAILED, now)
        lengths.append(one.blocked_until - now)
    for index, length in enumerate(lengths):
        least = min(2_000 << index, 60_000)
        assert least <= length <= least * 5 // 4


def test_the_wait_starts_small_again_after_a_long_good_time() -> None:
    one = broken(at=0)
    for _ in range(4):
        ends(one, Outcome.FAILED, one.blocked_until)
    ends(one, Outcome.SERVED, one.blocked_until)
    now = one.blocked_until + 60_001
    for _ in range(3):
        ends(one, Outcome.FAILED, now)
    assert one.blocked_until - now <= 2_500


def test_the_wait_stays_long_for_one_that_flaps() -> None:
    one = broken(at=0)
    for _ in range(4):
        ends(one, Outcome.FAILED, one.blocked_until)
    ends(one, Outcome.SERVED, one.blocked_until)
    now = one.blocked_until + 1_000
    for _ in range(3):
        ends(one, Outcome.FAILED, now)
    assert one.blocked_until - now >= 60_000


def test_what_began_before_an_opening_neither_closes_nor_prolongs_it() -> None:
    one = broken(at=1_000)
    until = one.blocked_until
    one.ended("old", Outcome.SERVED, begun_ms=0, now_ms=1_500)
    one.ended("older", Outcome.FAILED, begun_ms=0, now_ms=1_600)
    assert one.word(1_700) == "open"
    assert one.blocked_until == until


def test_failures_begun_before_the_trial_that_closed_it_do_not_open_it_again() -> None:
    one = broken(at=1_000)
    later = one.blocked_until
    one.begins("trial")
    one.ended("trial", Outcome.SERVED, begun_ms=later, now_ms=later + 10)
    for at in range(3):
        one.ended(f"old{at}", Outcome.TIMED_OUT, begun_ms=500, now_ms=later + 20 + at)
    assert one.lets_through(later + 30)


def test_gateways_do_not_all_come_back_at_once() -> None:
    assert len({broken(seed=f"gateway-{number}").blocked_until for number in range(10)}) > 5
    assert broken(seed="a").blocked_until == broken(seed="a").blocked_until


# "Too many" ----------------------------------------------------------------------------------------------------------


def test_it_is_left_alone_as_long_as_it_asked_and_not_broken() -> None:
    one = breaker()
    for _ in range(5):
        ends(one, Outcome.OVERLOADED, 1_000, retry_after=7_000)
    assert one.word(1_000) == "closed"
    assert not one.lets_through(7_999)
    assert one.lets_through(8_000)
    assert one.failure == ""


def test_it_is_left_alone_a_while_that_doubles_if_it_did_not_say_how_long() -> None:
    one = breaker()
    for expected in (1_000, 2_000, 4_000):
        now = one.held_until
        ends(one, Outcome.OVERLOADED, now)
        assert one.held_until - now == expected
    ends(one, Outcome.SERVED, one.held_until)
    now = one.held_until
    ends(one, Outcome.OVERLOADED, now)
    assert one.held_until - now == 1_000


def test_it_cannot_ask_to_be_left_alone_for_ever() -> None:
    one = breaker()
    ends(one, Outcome.OVERLOADED, 0, retry_after=10**12)
    assert one.opens_in_ms(0) == SETTINGS.hold_max_ms


def test_an_overloaded_trial_shows_that_it_lives() -> None:
    one = broken()
    now = one.blocked_until
    ends(one, Outcome.OVERLOADED, now, retry_after=3_000)
    assert one.word(now) == "closed"
    assert one.opens_in_ms(now) == 3_000


# Probes and hearsay --------------------------------------------------------------------------------------------------


def test_healthy_probes_never_close_what_outcomes_opened() -> None:
    one = broken(at=1_000)
    for at in range(1_001, 1_900, 100):
        one.probed(alive=True, code="", now_ms=at)
        assert not one.lets_through(at)


def test_a_healthy_probe_halves_the_wait_once() -> None:
    one = broken(at=0)
    whole = one.blocked_until
    one.probed(alive=True, code="", now_ms=10)
    assert one.blocked_until == whole // 2
    one.probed(alive=True, code="", now_ms=20)
    assert one.blocked_until == whole // 2


def test_a_liar_still_waits_twice_as_long_after_each_failed_trial() -> None:
    one = broken(at=0)
    waits = []
    for _ in range(4):
        opened = one.blocked_until
        ends(one, Outcome.FAILED, opened)
        one.probed(alive=True, code="", now_ms=opened + 1)
        waits.append(one.blocked_until - opened)
    assert all(later * 10 >= earlier * 15 for earlier, later in pairwise(waits))


def test_two_dead_probes_open_one_that_nobody_uses_and_a_living_one_closes_it() -> None:
    one = breaker()
    one.probed(alive=False, code="unreachable", now_ms=0)
    assert one.lets_through(0)
    one.probed(alive=False, code="unreachable", now_ms=10_000)
    assert not one.lets_through(10_000)
    assert (one.opened_by, one.failure) == (Opened.PROBES, "unreachable")
    one.probed(alive=True, code="", now_ms=10_001)
    assert one.lets_through(10_001)


def test_dead_probes_do_not_open_one_that_serves() -> None:
    one = breaker()
    for at in range(0, 100_000, 10_000):
        ends(one, Outcome.SERVED, at)
        one.probed(alive=False, code="status-404", now_ms=at + 5_000)
        assert one.lets_through(at + 5_000)


def test_a_failure_does_not_speak_for_one_whose_probes_fail() -> None:
    one = breaker()
    ends(one, Outcome.FAILED, 0)
    for at in (1, 2):
        one.probed(alive=False, code="unreachable", now_ms=at)
    assert not one.lets_through(3)


def test_one_that_says_it_is_dead_is_still_tried_and_serving_closes_it() -> None:
    one = breaker()
    for at in (0, 1):
        one.probed(alive=False, code="status-500", now_ms=at)
    later = one.blocked_until
    one.probed(alive=False, code="status-500", now_ms=later)
    assert one.lets_through(later)
    ends(one, Outcome.SERVED, later)
    assert one.word(later) == "closed"


def test_an_exchange_that_is_served_all_the_same_refutes_dead_probes() -> None:
    one = breaker()
    one.begins("long")
    for at in (0, 1):
        one.probed(alive=False, code="unreachable", now_ms=at)
    assert not one.lets_through(2)
    one.ended("long", Outcome.SERVED, begun_ms=0, now_ms=3)
    assert one.lets_through(3)


def test_hearsay_opens_only_one_that_nobody_used_lately() -> None:
    used, unused = breaker(), breaker()
    ends(used, Outcome.SERVED, 1_000)
    for one in (used, unused):
        one.heard("other", open_ms=5_000, hold_ms=0, now_ms=2_000)
    assert used.lets_through(2_000)
    assert not unused.lets_through(6_999)
    assert unused.lets_through(7_000)


def test_while_another_gateway_leaves_it_alone_one_failure_is_enough() -> None:
    one, alone = breaker(), breaker()
    for each in (one, alone):
        ends(each, Outcome.SERVED, 1_000)
    one.heard("other", open_ms=5_000, hold_ms=0, now_ms=2_000)
    for each in (one, alone):
        ends(each, Outcome.FAILED, 3_000)
    assert not one.lets_through(3_001)
    assert alone.lets_through(3_001)


def test_what_another_gateway_says_no_more_holds_no_more() -> None:
    unused, broke = breaker(), broken(at=0)
    for one in (unused, broke):
        one.heard("other", open_ms=60_000, hold_ms=0, now_ms=1)
        assert not one.lets_through(10_000)
        one.heard("third", open_ms=0, hold_ms=0, now_ms=10_000)
        assert not one.lets_through(10_000)
        one.heard("other", open_ms=0, hold_ms=0, now_ms=10_000)
        assert one.lets_through(10_000)


def test_a_probe_that_succeeds_refutes_hearsay_until_somebody_else_says_so_or_a_probe_fails() -> None:
    one = breaker()
    one.heard("other", open_ms=60_000, hold_ms=0, now_ms=0)
    one.probed(alive=True, code="", now_ms=1)
    one.heard("other", open_ms=59_900, hold_ms=0, now_ms=100)
    assert one.lets_through(100)
    one.heard("third", open_ms=5_000, hold_ms=0, now_ms=200)
    assert not one.lets_through(200)


def test_a_suspicion_ends_with_what_the_other_gateway_said() -> None:
    one = breaker()
    ends(one, Outcome.SERVED, 1_000)
    one.heard("other", open_ms=5_000, hold_ms=0, now_ms=2_000)
    ends(one, Outcome.FAILED, 7_000)
    assert one.lets_through(7_001)


def test_while_it_answers_no_probe_one_gateway_tries_and_the_others_wait_for_it() -> None:
    one = broken(at=0)
    own = one.blocked_until
    one.heard("other", open_ms=own + 9_000, hold_ms=0, now_ms=1)
    assert not one.lets_through(own)
    assert one.lets_through(own + 9_001)
    assert one.own_blocks(1)[0] == own - 1, "what was heard is not passed on as one's own"


def test_one_that_answers_probes_is_tried_however_long_another_gateway_leaves_it_alone() -> None:
    one = broken(at=0)
    own = one.blocked_until
    one.probed(alive=True, code="", now_ms=1)
    for now in (2, own // 2):
        one.heard("other", open_ms=60_000, hold_ms=0, now_ms=now)
    assert one.lets_through(own)


# Silence ----------------------------------------------------------------------------------------------------------


def silent(one: Breaker, *moments: int, code: str = "timed-out") -> Breaker:
    for at in moments:
        one.probed(alive=False, code=code, now_ms=at)
    return one


def answered(at: int = 0) -> Breaker:
    one = breaker()
    one.probed(alive=True, code="", now_ms=at)
    return one


@pytest.mark.parametrize("code", ["timed-out", "unreachable"])
def test_nobody_is_sent_to_try_one_that_answered_probes_and_is_silent_now(code: str) -> None:
    one = silent(answered(), 10_000, 12_000, code=code)
    after_its_pause = one.blocked_until
    assert after_its_pause < 12_000 + SETTINGS.silent_ms
    assert not one.lets_through(after_its_pause)
    assert one.opens_in_ms(12_000) == SETTINGS.silent_ms
    one.probed(alive=True, code="", now_ms=after_its_pause)
    assert one.lets_through(after_its_pause)


def test_a_silence_that_nobody_hears_of_any_more_ends() -> None:
    one = silent(answered(), 10_000, 12_000)
    assert one.lets_through(12_000 + SETTINGS.silent_ms)


@pytest.mark.parametrize("one", [silent(breaker(), 0, 1, 2), silent(answered(), 0, 1, 2, code="status-500")])
def test_one_whose_probes_say_nothing_is_tried_all_the_same(one: Breaker) -> None:
    """It never answered one, or its health page is what is broken."""
    assert not one.lets_through(1)
    assert one.lets_through(one.blocked_until)
    assert not one.gone(2)


def test_whoever_waits_there_looks_elsewhere_after_the_third_silence_and_not_if_anything_was_heard_of_it() -> None:
    one = answered()
    one.begins("long")
    ends(one, Outcome.SERVED, 9_000)
    assert not silent(one, 10_000, 12_000).gone(12_000)
    assert silent(one, 14_000).gone(14_000), "though it served somebody within the last half minute"
    one.answers("long", begun_ms=0)
    assert not silent(one, 16_000).gone(16_000)


def test_a_silence_that_goes_on_is_tried_once_in_the_longest_pause() -> None:
    one = answered()
    for at in range(10_000, 400_000, 2_000):
        one.probed(alive=False, code="timed-out", now_ms=at)
    opened = next(at for at in range(10_000, 400_000, 2_000) if one.lets_through(at))
    assert opened <= 12_000 + SETTINGS.open_max_ms
    ends(one, Outcome.SERVED, 400_000)
    assert one.lets_through(400_000)
    silent(one, 440_000, 442_000)
    assert one.lets_through(one.blocked_until), "it serves in spite of its probes: they say nothing"


def test_an_error_of_the_health_page_between_two_silences_is_a_sign_of_life() -> None:
    one = answered()
    for at in range(10_000, 20_000, 2_000):
        silent(one, at)
        silent(one, at + 1_000, code="status-503")
        assert not one.silent(at + 1_000)
    assert not one.gone(20_000)


def test_one_bad_outcome_opens_one_that_is_silent() -> None:
    one = answered()
    ends(one, Outcome.SERVED, 9_000)
    ends(silent(one, 10_000, 12_000), Outcome.FAILED, 12_001)
    assert not one.lets_through(12_001)


def test_a_hold_that_another_gateway_was_asked_for_is_kept_by_all() -> None:
    one = breaker()
    ends(one, Outcome.SERVED, 1_000)
    one.heard("other", open_ms=0, hold_ms=4_000, now_ms=2_000)
    assert not one.lets_through(5_999)
    assert one.lets_through(6_000)


def test_rumours_are_not_passed_on() -> None:
    heard, probed, seen = breaker(), breaker(), broken(at=0)
    heard.heard("other", open_ms=5_000, hold_ms=5_000, now_ms=0)
    for at in (0, 1):
        probed.probed(alive=False, code="", now_ms=at)
    assert heard.own_blocks(2) == (0, 0)
    assert probed.own_blocks(2) == (0, 0)
    assert seen.own_blocks(2)[0] == seen.blocked_until - 2
