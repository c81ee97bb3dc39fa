"""The monitor follows exchanges and sealed records through the log: each has one end, and in its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
import pytest
from tests import log_kit
from tests.log_kit import ANYTIME, DEPLOYMENTS, NOW_S, ORIGIN, REPLAYER, Institution, bent, recorded

from bouclier.oversight import DecisionEntry, ErasureEntry, OpeningEntry, OutcomeEntry, parse_entry, render_entry
from bouclier.oversight.entries_model import Law
from bouclier.oversight.monitor import (
    Alarm,
    Billed,
    Bounds,
    LogWatch,
    UsedBy,
    WatchSettings,
    WatchState,
    reconcile,
    totals_of,
    with_open,
)
from bouclier.oversight.monitor.lifecycle import MAX_CHAINS, MAX_LOST, MAX_OPEN, Lives, LivesState
from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    from collections.abc import Sequence

HOME, FRENCH = DEPLOYMENTS[0], DEPLOYMENTS[2]
LAW = Law(charter="1" * 64, orders=log_kit.LAW.stamp.orders, registry="22" * 32, root=0, timestamp=0)
Told = list[tuple[int | None, str, str | None]]


def alarms_of(entries: Sequence[bytes], *, bounds: Bounds = ANYTIME, watch: LogWatch | None = None) -> list[Alarm]:
    """Return what a monitor says, but for the law: logs here adopt none, so that their entries are easy to count."""
    return [one for one in log_kit.alarms_of(entries, bounds=bounds, watch=watch) if one.code != "adoption-missing"]


def told(entries: Sequence[bytes], watch: LogWatch | None = None) -> Told:
    return [(alarm.index, alarm.code, alarm.field) for alarm in alarms_of(entries, watch=watch)]


def begun(interval_s: int = 60) -> Institution:
    return (
        Institution(seed=11, interval_s=interval_s)
        .mark("start")
        .exchange(types=[], attempts=1, candidates=(HOME, FRENCH))
    )


def fell_back() -> Institution:
    """A start, a decision, its failed outcome, the decision that falls back, and its outcome."""
    institution = Institution(seed=11).mark("start").exchange(types=[], attempts=2, candidates=(HOME, FRENCH))
    assert len(institution.entries) == 5
    return institution


def test_an_outcome_without_its_decision_is_named() -> None:
    start, decision, outcome = begun().entries

    assert told([start, bent(outcome, decision_index=0)]) == [(1, "outcome-without-decision", "$.decision_index")]
    assert told([start, decision, bent(outcome, exchange="e" * 32)]) == [(2, "outcome-without-decision", "$.exchange")]
    assert told([start, decision, bent(outcome, decision_index=7)]) == [
        (2, "outcome-without-decision", "$.decision_index")
    ]


def test_an_outcome_of_a_refusal_is_named() -> None:
    start, decision, outcome = begun().entries
    refused = bent(decision, chosen=None, spares=())

    assert (2, "outcome-without-decision", "$.decision_index") in told([start, refused, outcome])


def test_two_outcomes_of_one_decision_are_named() -> None:
    start, decision, outcome = begun().entries

    assert told([start, decision, outcome, outcome]) == [(3, "outcome-repeated", "$.decision_index")]


def test_what_a_crash_left_open_is_one_warning_with_the_count() -> None:
    institution = Institution(seed=1).mark("start")
    for _ in range(7):
        institution.exchange(types=[], candidates=(HOME, FRENCH), outcome=False)
    institution.mark("start")

    (alarm,) = alarms_of(institution.entries)

    assert (alarm.index, alarm.code, alarm.severity.value) == (8, "outcome-lost", "warning")
    assert alarm.found == "7: 1, 2, 3, 4, 5, …"


def test_an_outcome_after_the_start_that_lost_it_is_named() -> None:
    start, decision, outcome = begun().entries

    assert told([start, decision, start, outcome])[-1] == (3, "outcome-without-decision", "$.decision_index")


def test_a_clean_stop_that_leaves_a_decision_open_is_an_alarm() -> None:
    institution = Institution(seed=1).mark("start").exchange(types=[], candidates=(HOME, FRENCH), outcome=False)

    (alarm,) = alarms_of(institution.mark("stop").entries)

    assert (alarm.index, alarm.code, alarm.severity.value) == (2, "outcome-open-at-stop", "alarm")


def test_a_decision_that_waits_too_long_is_named_once_and_its_late_outcome_is_taken() -> None:
    institution = begun(interval_s=120)
    start, decision, outcome = institution.entries
    institution.time_ms += 90_000
    alive = institution.mark("alive").entries[-1]
    watch = LogWatch(ORIGIN, REPLAYER, WatchSettings(outcome_within_s=60))
    decided = parse_entry(decision)

    alarms = alarms_of([start, decision, alive, alive], watch=watch)

    assert isinstance(decided, DecisionEntry)
    assert [(alarm.index, alarm.code, alarm.exchange) for alarm in alarms] == [(1, "outcome-overdue", decided.exchange)]
    assert told([bent(outcome, time=institution.time_ms)], watch) == []


def test_a_decision_that_waits_too_long_is_found_though_no_entry_comes() -> None:
    watch = LogWatch(ORIGIN, REPLAYER, WatchSettings(silence_s=10**6))
    alarms_of(begun().entries[:2], watch=watch)

    assert watch.listen(alive_s=NOW_S, now_s=NOW_S) == []
    assert [alarm.code for alarm in watch.listen(alive_s=NOW_S, now_s=NOW_S + 4_000)] == ["outcome-overdue"]
    assert watch.listen(alive_s=NOW_S, now_s=NOW_S + 8_000) == []


def test_a_fallback_in_good_order_is_silent() -> None:
    assert told(fell_back().entries) == []


@pytest.mark.parametrize("tried", [(), ("somebody-else",)])
def test_a_fallback_that_names_others_than_those_tried_is_named(tried: tuple[str, ...]) -> None:
    start, first, failed, second, outcome = fell_back().entries

    codes = told([start, first, failed, bent(second, tried=tried), outcome])

    assert (3, "fallback-differs", "$.tried") in codes


def test_a_fallback_while_the_first_attempt_is_open_is_named() -> None:
    start, first, _, second, _ = fell_back().entries

    assert told([start, first, second]) == [(2, "fallback-differs", "$.tried")]


def test_a_fallback_after_a_complete_answer_is_named() -> None:
    start, first, failed, second, _ = fell_back().entries

    assert told([start, first, bent(failed, ending="complete"), second]) == [(3, "fallback-differs", "$.tried")]


def test_failures_that_nobody_follows_up_do_not_fill_the_memory() -> None:
    watch = LogWatch(ORIGIN, REPLAYER)
    institution = Institution(seed=11, up=1.0).mark("start")
    for _ in range(MAX_CHAINS + 20):
        institution.exchange(types=[], attempts=1, candidates=(HOME, FRENCH))
    entries = [
        bent(entry, ending="upstream_timeout") if isinstance(parse_entry(entry), OutcomeEntry) else entry
        for entry in institution.entries
    ]

    assert told(entries, watch) == []
    assert len(watch.state().lives.chains) == MAX_CHAINS


def test_more_open_decisions_than_it_can_remember_are_a_warning_and_the_oldest_is_forgotten() -> None:
    decision = begun().entries[1]
    outcome = begun().entries[2]
    lives = Lives(LivesState(), outcome_within_ms=10**9)
    entry, ended = parse_entry(decision), parse_entry(outcome)
    assert isinstance(entry, DecisionEntry)
    assert isinstance(ended, OutcomeEntry)

    remarks = [remark for index in range(MAX_OPEN + 1) for remark in lives.decided(index, entry)]

    assert [remark.code for remark in remarks] == ["memory-full"]
    assert lives.ended(msgspec.structs.replace(ended, decision_index=0))[0] is None
    assert lives.ended(msgspec.structs.replace(ended, decision_index=1))[0] is not None


def sealed_by(charter_asks: bool, sealed: str | None) -> bytes:  # noqa: FBT001
    decision = begun().entries[1]
    entry = parse_entry(decision)
    assert isinstance(entry, DecisionEntry)
    duties = ("seal",) if charter_asks else ()
    candidates = tuple(msgspec.structs.replace(one, duties=duties) for one in entry.candidates)
    return bent(decision, candidates=candidates, sealed=sealed, law=LAW)


def seals_told(*entries: bytes) -> list[str]:
    return [code for _, code, _ in told(entries) if code.startswith(("seal", "opening", "erasure"))]


def test_a_duty_to_seal_without_a_seal_is_named_and_a_seal_without_duty_too() -> None:
    assert seals_told(sealed_by(charter_asks=True, sealed="5" * 64)) == []
    assert seals_told(sealed_by(charter_asks=False, sealed=None)) == []
    assert seals_told(sealed_by(charter_asks=True, sealed=None)) == ["seal-missing"]
    assert seals_told(sealed_by(charter_asks=False, sealed="5" * 64)) == ["seal-unasked"]


def opening(record: str, exchange: str) -> bytes:
    time = (NOW_S - 60) * 1000
    return render_entry(
        OpeningEntry(
            basis="judicial-order",
            exchange=exchange,
            law=LAW,
            record=record,
            request="6" * 64,
            requester="court",
            time=time,
        )
    )


def erasure(record: str | None, exchange: str, due: str) -> bytes:
    return render_entry(ErasureEntry(due=due, exchange=exchange, law=LAW, record=record, time=(NOW_S - 60) * 1000))


def test_only_what_was_sealed_is_opened_and_erased_and_not_before_it_is_due() -> None:
    sealed = sealed_by(charter_asks=True, sealed="5" * 64)
    entry = parse_entry(sealed)
    assert isinstance(entry, DecisionEntry)
    exchange, record = entry.exchange, "5" * 64
    due, later = "2026-09-21", "2026-09-22"

    assert seals_told(sealed, opening(record, exchange), erasure(record, exchange, due)) == []
    assert seals_told(sealed, opening("7" * 64, exchange)) == ["opening-unknown"]
    assert seals_told(sealed, opening(record, "e" * 32)) == ["opening-unknown"]
    assert seals_told(sealed, erasure("7" * 64, exchange, due)) == ["erasure-unknown"]
    assert seals_told(sealed, erasure(record, exchange, later)) == ["erasure-early"]
    assert seals_told(sealed, erasure(None, exchange, due)) == []
    assert seals_told(sealed, erasure(None, "e" * 32, due)) == ["erasure-unknown"]
    assert seals_told(sealed, erasure(record, "e" * 32, due)) == ["erasure-unknown"]
    assert seals_told(sealed, erasure(record, exchange, due), opening(record, exchange)) == ["opening-unknown"]


@pytest.mark.parametrize("record", ["5" * 64, None])
def test_an_erasure_that_a_crash_made_the_gateway_repeat_is_none(record: str | None) -> None:
    sealed = sealed_by(charter_asks=True, sealed="5" * 64)
    entry = parse_entry(sealed)
    assert isinstance(entry, DecisionEntry)
    again = erasure(record, entry.exchange, "2026-09-21")

    assert seals_told(sealed, again, again, again) == []
    assert seals_told(sealed, again, erasure("5" * 64, "e" * 32, "2026-09-21")) == ["erasure-unknown"]


def test_an_erasure_of_what_no_decision_cites_is_a_warning_and_of_another_s_record_an_alarm() -> None:
    sealed = sealed_by(charter_asks=True, sealed="5" * 64)
    due = "2026-09-21"

    (never,) = [one for one in alarms_of([erasure("7" * 64, "e" * 32, due)]) if one.code == "erasure-unknown"]
    (other,) = [one for one in alarms_of([sealed, erasure("5" * 64, "e" * 32, due)]) if one.code == "erasure-unknown"]

    assert (never.severity.value, other.severity.value) == ("warning", "alarm")


def undecided(count: int, *, restarted: bool) -> Institution:
    """A log of decisions without outcome, with a start after each if asked."""
    institution = Institution(seed=1).mark("start")
    for _ in range(count):
        institution.exchange(types=[], candidates=(HOME, FRENCH), outcome=False)
        if restarted:
            institution.mark("start")
    return institution


def test_a_start_after_each_decision_does_not_make_missing_outcomes_a_mere_warning() -> None:
    assert {alarm.code for alarm in alarms_of(undecided(5, restarted=True).entries)} == {"outcome-lost"}
    often = [alarm for alarm in alarms_of(undecided(50, restarted=True).entries) if alarm.code != "outcome-lost"]

    assert [(alarm.code, alarm.severity.value, alarm.found) for alarm in often] == [
        ("outcomes-lost-often", "alarm", "6 / 6 starts")
    ]


def test_one_crash_that_loses_more_than_a_gateway_works_on_is_an_alarm_and_forgotten_after_a_day() -> None:
    institution = undecided(2 * MAX_LOST, restarted=False).mark("start")
    assert [alarm.code for alarm in alarms_of(institution.entries)] == ["outcome-lost", "outcomes-lost-often"]

    lives = Lives(LivesState(losses=[(1, MAX_LOST + 1)], losing=True), outcome_within_ms=1)
    assert lives.started(86_400_001) == ([], [])
    assert lives.started(86_400_002) == ([], [])


def test_decisions_before_any_start_or_after_a_stop_are_an_alarm_said_when_it_begins() -> None:
    start, decision, outcome = begun().entries
    stop = begun().mark("stop").entries[-1]

    outcome_of_0 = bent(outcome, decision_index=0)

    assert told([decision, outcome_of_0]) == [(0, "decision-outside-run", None)]
    assert told([start, decision, outcome, stop, bent(decision, exchange="e" * 32)]) == [
        (4, "decision-outside-run", None)
    ]
    assert told([decision, outcome_of_0, start, bent(decision, exchange="e" * 32)]) == [
        (0, "decision-outside-run", None)
    ]


def test_a_decision_that_says_it_is_of_the_future_does_not_hide_those_that_wait_after_it() -> None:
    institution = begun()
    start, decision, _ = institution.entries
    watch = LogWatch(ORIGIN, REPLAYER, WatchSettings(silence_s=10**9))
    alarms_of([start, bent(decision, time=2**52), bent(decision, exchange="e" * 32)], watch=watch)

    assert [alarm.index for alarm in watch.listen(alive_s=NOW_S, now_s=NOW_S + 4_000)] == [2]
    ahead = [start, decision, bent(decision, time=2**52, exchange="e" * 32)]
    told_now = {alarm.code for alarm in alarms_of(ahead, bounds=Bounds(None, None, NOW_S))}
    assert "clock-future" in told_now
    assert "outcome-overdue" not in told_now, "nor does it make those before it late"


def test_names_without_end_do_not_fill_the_memory() -> None:
    start, decision, outcome = begun().entries
    entry = parse_entry(decision)
    assert isinstance(entry, DecisionEntry)
    long = tuple(msgspec.structs.replace(one, model="m" * 15_000) for one in entry.candidates)
    tried = tuple(f"{number}-{'t' * 200}" for number in range(100))
    watch = LogWatch(ORIGIN, REPLAYER)
    told([start], watch)
    before = len(msgspec.json.encode(watch.state()))

    told([bent(decision, candidates=long, tried=tried, findings={"A" * 60: 1})], watch)

    assert len(msgspec.json.encode(watch.state())) - before < 1_000
    assert told([outcome], watch) == []


def test_an_exchange_under_way_is_counted_as_use_that_is_not_known_yet() -> None:
    start, decision, _ = begun().entries

    ((whose, used),) = totals_of([start, decision])

    assert (whose.model, used.exchanges, used.unknown) == (HOME.model, 1, 1)
    bill = {(whose.day, whose.model): Billed(10, 10, 1)}
    assert {one.severity.value for one in reconcile([("o", whose, used)], bill)} == {"warning"}
    watch = LogWatch(ORIGIN, REPLAYER)
    told([start, decision], watch)
    assert with_open(watch.state().totals, watch.state().lives) == [(whose, used)]
    assert watch.state().totals == []


def test_what_was_used_is_added_up_by_day_deployment_model_and_operator() -> None:
    start, first, failed, second, outcome = fell_back().entries
    last = parse_entry(outcome)
    assert isinstance(last, OutcomeEntry)
    watch = LogWatch(ORIGIN, REPLAYER)
    alarms_of([start, first, failed, second, outcome], watch=watch)

    rows = watch.state().totals

    assert [(whose, used.exchanges, used.prompt_tokens, used.unknown) for whose, used in rows] == [
        (UsedBy("2026-09-21", HOME.name, HOME.model, "self"), 1, 0, 1),
        (UsedBy("2026-09-21", FRENCH.name, FRENCH.model, FRENCH.operator), 1, last.prompt_tokens, 0),
    ]
    assert totals_of([start, first, failed, second, outcome]) == rows


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_watch_that_goes_on_from_what_was_kept_says_what_it_would_have_said(at: int) -> None:
    start, first, failed, second, outcome = fell_back().entries
    log = [start, first, failed, bent(second, tried=()), bent(outcome, decision_index=1)]
    before = LogWatch(ORIGIN, REPLAYER)
    early = told(log[:at], before)
    kept = msgspec.json.decode(msgspec.json.encode(before.state()), type=WatchState)

    late = told(log[at:], LogWatch(ORIGIN, REPLAYER, state=kept))

    assert early + late == told(log)


def test_what_is_kept_of_a_log_in_good_order_stays_small() -> None:
    watch = LogWatch(ORIGIN, REPLAYER)
    alarms_of(recorded(300, seed=2), watch=watch)
    small = len(msgspec.json.encode(watch.state()))

    assert small < 20_000
    assert watch.state().lives.open == {}


def test_marks_of_each_kind_are_read() -> None:
    kinds: list[Literal["start", "alive", "stop"]] = ["start", "alive", "stop"]
    institution = Institution()
    for kind in kinds:
        institution.mark(kind)

    assert told(institution.entries) == []


def test_an_exchange_of_sensitive_data_is_replayed_as_any_other() -> None:
    institution = Institution(seed=6).mark("start").exchange(types=[EntityType.HEALTH], attempts=1)

    assert told([*institution.entries, *institution.mark("stop").entries[-1:]]) == []


def test_entries_are_counted_whatever_is_wrong_with_them() -> None:
    watch = LogWatch(ORIGIN, REPLAYER)
    watch.feed(b"nonsense", ANYTIME)

    assert watch.size == 1
