"""The monitor holds the times of entries against each other, the witnesses and its own clock; and it hears silence."""

from __future__ import annotations

from tests.log_kit import ANYTIME, NOW_S, ORIGIN, REPLAYER, Institution

from bouclier.oversight.monitor import Bounds, LogWatch, WatchSettings
from bouclier.oversight.monitor.clocks import MAX_SILENCE_S, SILENCE_GRACE_S


def mark_at(time_s: float, interval_s: int = 60) -> bytes:
    return Institution(time_ms=int(time_s * 1000), interval_s=interval_s).mark("alive").entries[0]


def codes(times_s: list[float], bounds: Bounds = ANYTIME) -> list[tuple[int | None, str]]:
    watch = LogWatch(ORIGIN, REPLAYER)
    return [
        (one.index, one.code) for time_s in times_s for one in watch.feed(mark_at(time_s, interval_s=10_000), bounds)
    ]


def test_times_that_go_back_by_more_than_two_seconds_are_named_once() -> None:
    assert codes([NOW_S, NOW_S - 1.9, NOW_S + 5]) == []
    assert codes([NOW_S, NOW_S - 2.1, NOW_S - 2.0, NOW_S]) == [(1, "clock-backwards")]


def test_a_slow_creep_backwards_is_found_too() -> None:
    assert codes([NOW_S, NOW_S - 1.5, NOW_S - 3.0]) == [(2, "clock-backwards")]


def test_one_entry_ahead_of_the_others_does_not_make_all_that_follow_late() -> None:
    assert codes([NOW_S - 100, NOW_S, NOW_S - 90, NOW_S - 80]) == [(2, "clock-backwards")]


def test_an_entry_later_than_the_witnesses_saw_it_is_named() -> None:
    bounds = Bounds(None, NOW_S, NOW_S + 3600)

    assert codes([NOW_S + 299], bounds) == []
    assert codes([NOW_S + 301, NOW_S + 302], bounds) == [(0, "clock-outside-cosignatures")]


def test_an_entry_earlier_than_the_tree_before_it_is_named() -> None:
    bounds = Bounds(NOW_S, NOW_S + 60, NOW_S + 3600)

    assert codes([NOW_S - 299], bounds) == []
    assert codes([NOW_S - 301, NOW_S - 300.5], bounds) == [(0, "clock-outside-cosignatures")]


def test_an_entry_in_the_monitor_s_future_is_named() -> None:
    bounds = Bounds(None, None, NOW_S)

    assert codes([NOW_S + 299], bounds) == []
    assert codes([NOW_S + 301], bounds) == [(0, "clock-future")]


def test_a_silence_in_the_past_is_told_by_the_entry_that_ends_it() -> None:
    start, alive, late = mark_at(NOW_S), mark_at(NOW_S + 90), mark_at(NOW_S + 181)
    stop = Institution(time_ms=(NOW_S + 90) * 1000).mark("stop").entries[0]
    again = Institution(time_ms=(NOW_S + 900) * 1000).mark("start").entries[0]
    watch = LogWatch(ORIGIN, REPLAYER)

    told = [[one.code for one in watch.feed(entry, ANYTIME)] for entry in (start, alive, late, again)]

    assert told == [[], [], ["silence"], []]
    assert [watch.feed(entry, ANYTIME) for entry in (stop, again)][1] == []


def listening(*entries: bytes, silence_s: int | None = None) -> LogWatch:
    watch = LogWatch(ORIGIN, REPLAYER, WatchSettings(silence_s=silence_s))
    for entry in entries:
        watch.feed(entry, ANYTIME)
    return watch


def heard(watch: LogWatch, after_s: int) -> list[str]:
    return [alarm.code for alarm in watch.listen(alive_s=NOW_S, now_s=NOW_S + after_s)]


def test_silence_is_what_exceeds_the_last_promise_and_is_said_once() -> None:
    watch = listening(mark_at(NOW_S, interval_s=600), mark_at(NOW_S, interval_s=60))

    assert heard(watch, 60 + SILENCE_GRACE_S) == []
    assert heard(watch, 61 + SILENCE_GRACE_S) == ["silence"]
    assert heard(watch, 1_000) == []


def test_a_log_that_speaks_again_and_falls_silent_again_is_said_again() -> None:
    watch = listening(mark_at(NOW_S))

    assert heard(watch, 1_000) == ["silence"]
    assert heard(watch, 10) == []
    assert heard(watch, 1_000) == ["silence"]


def test_after_a_stop_silence_is_in_order_until_another_entry() -> None:
    stop = Institution(time_ms=NOW_S * 1000).mark("stop").entries[0]

    assert heard(listening(mark_at(NOW_S), stop), 10_000) == []
    assert heard(listening(mark_at(NOW_S), stop, mark_at(NOW_S)), 10_000) == ["silence"]


def test_who_runs_the_monitor_can_ask_for_more_than_the_log_promises() -> None:
    watch = listening(mark_at(NOW_S, interval_s=3600), silence_s=5)

    assert heard(watch, 6) == ["silence"]


def test_a_log_that_promised_nothing_or_next_to_nothing_is_held_to_a_day() -> None:
    for watch in (listening(), listening(mark_at(NOW_S, interval_s=10**9))):
        assert heard(watch, MAX_SILENCE_S) == []
        assert heard(watch, MAX_SILENCE_S + 1) == ["silence"]


def test_a_promise_to_speak_once_in_a_lifetime_is_an_alarm_said_once() -> None:
    watch = LogWatch(ORIGIN, REPLAYER)

    told = [one.code for _ in range(2) for one in watch.feed(mark_at(NOW_S, interval_s=10**9), ANYTIME)]

    assert told == ["promise-absurd"]
    assert watch.feed(mark_at(NOW_S, interval_s=MAX_SILENCE_S), ANYTIME) == []
