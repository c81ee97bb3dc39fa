"""The monitor follows logs from checkpoint to checkpoint; a log that misbehaves is caught at the very step."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.log_kit import (
    LOG_KEY,
    NOW_S,
    ORIGIN,
    POLICY,
    REPLAYER,
    Institution,
    PublishedLog,
    bent_candidate,
    recorded,
    signed,
)

from bouclier.oversight.monitor import (
    Alarm,
    FollowState,
    LogSource,
    Monitor,
    Observed,
    WatchSettings,
    finding_of,
    render_finding,
    render_metrics,
    verify_finding,
)
from bouclier.oversight.monitor.follow import SAVE_EVERY
from bouclier.oversight.monitor.tree import MAX_STRETCH
from bouclier.terms.errors import Bilingual, StorageError, VerificationError
from bouclier.tlog import (
    Checkpoint,
    Note,
    PolicyLog,
    SignatureType,
    SigningKey,
    WitnessPolicy,
    hash_leaf,
    render_checkpoint,
    render_note,
    root_of,
    sign_checkpoint,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

URL, COPY = "https://one.example/log", "https://two.example/log"


class Memory:
    """A keeper and a teller in memory; it dies at the saving it is told to."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.observed: list[Observed] = []
        self.savings = 0
        self.dies_at = 0

    def hold(self, origin: str) -> AbstractContextManager[object]:
        return nullcontext(origin)

    def keep(self, origin: str, state: bytes) -> None:
        self.savings += 1
        if self.savings == self.dies_at:
            raise KeyboardInterrupt
        self.kept[origin] = state

    def tell(self, observed: Sequence[Observed], source: LogSource) -> None:  # noqa: ARG002 -- the port's name
        self.observed += observed

    def states(self) -> list[FollowState]:
        return [msgspec.json.decode(state, type=FollowState) for state in self.kept.values()]

    def told(self) -> list[Alarm]:
        """Return the alarms told since the last call."""
        alarms = [one.alarm for one in self.observed]
        self.observed.clear()
        return alarms

    def codes(self) -> list[str]:
        return [alarm.code for alarm in self.told()]


def monitor(
    memory: Memory,
    logs: Mapping[str, LogSource],
    *,
    policy: WitnessPolicy = POLICY,
    settings: WatchSettings = WatchSettings(silence_s=10**6),  # noqa: B008 -- immutable
) -> Monitor:
    return Monitor(
        logs,
        policy=policy,
        replayer=REPLAYER,
        settings=settings,
        states=memory.states(),
        keeper=memory,
        teller=memory,
    )


def look(memory: Memory, log: LogSource, *, policy: WitnessPolicy = POLICY, now_s: int = NOW_S + 10) -> list[str]:
    """Look once, as a monitor that was started again, and return the codes of its alarms."""
    monitor(memory, {URL: log}, policy=policy).look(now_s=now_s)
    return memory.codes()


@pytest.fixture
def memory() -> Memory:
    return Memory()


LOG = recorded(850, seed=21)
SIZES = [1, 2, 255, 256, 257, 300, 511, 512, 700, 1024, 1025, len(LOG)]


def test_a_log_in_good_order_is_followed_through_every_size(memory: Memory) -> None:
    log = PublishedLog(LOG[:1])
    for size in SIZES:
        log.publish(LOG[:size])

        assert look(memory, log) == []
        assert memory.states()[0].watch.size == size


def test_a_log_that_does_not_grow_is_asked_for_its_checkpoint_only(memory: Memory) -> None:
    log = PublishedLog(LOG)
    look(memory, log)
    log.requests.clear()

    assert look(memory, log) == []
    assert log.requests == ["checkpoint"]


def test_a_bent_decision_is_told_with_its_index_in_the_log(memory: Memory) -> None:
    at = next(index for index, entry in enumerate(LOG) if index > 600 and b'"own":false,"permitted":false' in entry)
    number = next(n for n, one in enumerate(msgspec.json.decode(LOG[at])["candidates"]) if not one["permitted"])
    log = PublishedLog([*LOG[:at], bent_candidate(LOG[at], number, permitted=True), *LOG[at + 1 :]])

    monitor(memory, {URL: log}).look(now_s=NOW_S)

    first = memory.told()[0]
    assert (first.origin, first.index, first.field) == (ORIGIN, at, f"$.candidates[{number}].permitted")
    assert first.policy


def test_a_rollback_is_told_with_both_signed_checkpoints(memory: Memory) -> None:
    log = PublishedLog(LOG[:300])
    look(memory, log)
    before = log.note
    log.publish(LOG[:200])

    monitor(memory, {URL: log}).look(now_s=NOW_S)

    (one,) = memory.observed
    assert (one.alarm.code, one.alarm.expected, one.alarm.found) == ("rollback", "300", "200")
    assert one.notes == (before, log.note)


def test_two_roots_at_one_size_are_a_split_view_that_stands_as_evidence(memory: Memory) -> None:
    log = PublishedLog(LOG[:300])
    look(memory, log)
    log.publish([*LOG[:299], b"other"])

    monitor(memory, {URL: log}).look(now_s=NOW_S)

    (one,) = memory.observed
    assert one.alarm.code == "split-view"
    finding = render_finding(finding_of(one.alarm, time_ms=0, checkpoints=one.notes, fork=one.fork))
    assert verify_finding(finding, POLICY).stands_alone


@pytest.mark.parametrize("size", [256, 257, 300])
def test_a_larger_tree_with_another_beginning_is_a_split_view_proved_by_the_log_itself(
    memory: Memory, size: int
) -> None:
    log = PublishedLog(LOG[:size])
    look(memory, log)
    log.publish([b"other", *LOG[1:500]])

    monitor(memory, {URL: log}).look(now_s=NOW_S)

    (one,) = memory.observed
    assert (one.alarm.code, one.fork is not None) == ("split-view", True)
    finding = render_finding(finding_of(one.alarm, time_ms=0, checkpoints=one.notes, fork=one.fork))
    assert verify_finding(finding, POLICY).stands_alone
    assert memory.states()[0].tree_size == size


def test_entries_that_do_not_lead_to_the_signed_root_are_inconsistent_and_none_is_judged(memory: Memory) -> None:
    log = PublishedLog(LOG[:200])
    look(memory, log)
    log.publish(LOG[:400])
    log.note = signed(Checkpoint(ORIGIN, 400, hash_leaf(b"nowhere")))

    assert look(memory, log) == ["inconsistent"]
    assert memory.states()[0].watch.size == 200


def test_a_bundle_other_than_the_signed_one_is_found_before_its_entries_are_judged(memory: Memory) -> None:
    log = PublishedLog(LOG)
    log.replaced["tile/entries/001"] = log.get("tile/entries/002") or b""

    assert look(memory, log) == ["inconsistent"]
    assert memory.states()[0].watch.size == 256
    log.replaced.clear()
    assert look(memory, log) == []
    assert memory.states()[0].watch.size == len(LOG)


def test_a_hash_tile_that_lies_is_found_before_any_entry_is_judged(memory: Memory) -> None:
    log = PublishedLog(LOG)
    width = len(LOG) // 256
    log.replaced[f"tile/1/000.p/{width}"] = bytes(32 * width)

    assert look(memory, log) == ["inconsistent"]


@pytest.mark.parametrize("path", ["tile/entries/002", "tile/1/000.p/5"])
def test_a_tile_that_is_not_served_is_named(memory: Memory, path: str) -> None:
    log = PublishedLog(LOG[:1300])
    log.hidden.add(path)

    monitor(memory, {URL: log}).look(now_s=NOW_S)

    assert [(alarm.code, alarm.found) for alarm in memory.told()] == [("entries-missing", path)]


@pytest.mark.parametrize("served", [b"", b"\x00", b"\x00\x05abc", bytes(70)])
def test_bytes_that_are_no_bundle_are_inconsistent(memory: Memory, served: bytes) -> None:
    log = PublishedLog(LOG[:300])
    log.replaced["tile/entries/000"] = served

    assert look(memory, log) == ["inconsistent"]


def test_a_checkpoint_of_a_log_the_policy_does_not_know_is_named(memory: Memory) -> None:
    log = PublishedLog(LOG[:5], key=SigningKey("elsewhere.example", SignatureType.ED25519, b"e" * 32))

    monitor(memory, {URL: log}).look(now_s=NOW_S)

    assert [(alarm.code, alarm.found) for alarm in memory.told()] == [("origin-unknown", "elsewhere.example")]
    assert memory.kept == {}


def test_a_log_of_the_policy_at_another_s_address_is_named(memory: Memory) -> None:
    other = SigningKey("elsewhere.example", SignatureType.ED25519, b"e" * 32)
    policy = WitnessPolicy(logs=(PolicyLog(LOG_KEY.verifier_key, URL), PolicyLog(other.verifier_key, COPY)))

    assert look(memory, PublishedLog(LOG[:5], key=other), policy=policy) == ["origin-unknown"]


def test_a_checkpoint_under_another_key_of_the_same_name_is_named(memory: Memory) -> None:
    impostor = SigningKey(ORIGIN, SignatureType.ED25519, b"i" * 32)

    assert look(memory, PublishedLog(LOG[:5], key=impostor)) == ["signature-wrong"]


def test_a_checkpoint_that_the_quorum_did_not_cosign_is_named_and_nothing_is_judged(memory: Memory) -> None:
    log = PublishedLog(LOG[:5], cosigned_s=None)

    assert look(memory, log) == ["quorum-not-met"]
    assert memory.kept == {}
    log.publish(LOG[:5])
    assert look(memory, log) == []


@pytest.mark.parametrize("note", [b"", b"\xff", b"nothing\n", b"a\nb\nc\n\n\xe2\x80\x94 x AAAAAAAA\n"])
def test_bytes_that_are_no_checkpoint_are_named(memory: Memory, note: bytes) -> None:
    log = PublishedLog(LOG[:5])
    log.note = note

    assert look(memory, log) == ["checkpoint-malformed"]


def test_signatures_that_anybody_can_add_are_not_kept(memory: Memory) -> None:
    log = PublishedLog(LOG[:5])
    clean = log.note
    log.note += b"".join(b"\xe2\x80\x94 stranger-%d AAAAAAAA\n" % number for number in range(50))

    assert look(memory, log) == []
    assert memory.states()[0].checkpoint == clean


def test_a_trouble_is_told_when_it_begins_and_not_again_while_it_lasts(memory: Memory) -> None:
    log = PublishedLog(LOG[:5])
    look(memory, log)
    log.is_silent = True
    assert look(memory, log) == ["unreachable"]
    assert look(memory, log) == []
    log.is_silent = False
    assert look(memory, log) == []
    log.is_silent = True
    assert look(memory, log) == ["unreachable"]


def test_a_split_view_told_before_still_counts_as_trouble_afterwards(memory: Memory) -> None:
    log = PublishedLog(LOG[:300])
    look(memory, log)
    log.publish([*LOG[:299], b"other"])
    look(memory, log)

    again = monitor(memory, {URL: log})
    again.look(now_s=NOW_S)

    assert memory.codes() == []
    assert again.is_troubled


def test_a_log_that_is_silent_past_its_promise_is_told_though_it_answers(memory: Memory) -> None:
    log = PublishedLog(Institution(interval_s=60).begin().exchange().entries)
    held = WatchSettings()
    monitor(memory, {URL: log}, settings=held).look(now_s=NOW_S + 60)
    assert memory.codes() == []

    monitor(memory, {URL: log}, settings=held).look(now_s=NOW_S + 200)
    assert memory.codes() == ["silence"]

    log.publish(log.entries, cosigned_s=NOW_S + 195)
    monitor(memory, {URL: log}, settings=held).look(now_s=NOW_S + 200)
    assert memory.codes() == []


def test_a_log_that_does_not_answer_any_more_becomes_silent(memory: Memory) -> None:
    log = PublishedLog(Institution(interval_s=60).begin().exchange().entries)
    monitor(memory, {URL: log}, settings=WatchSettings()).look(now_s=NOW_S)
    log.is_silent = True

    monitor(memory, {URL: log}, settings=WatchSettings()).look(now_s=NOW_S + 200)

    assert memory.codes() == ["unreachable", "silence"]


def test_an_entry_that_contradicts_the_witnesses_clock_is_told(memory: Memory) -> None:
    log = PublishedLog(LOG[:2], cosigned_s=NOW_S - 90)
    look(memory, log)
    late = Institution(time_ms=(NOW_S + 3_000) * 1000).mark("alive").entries
    log.publish([*LOG[:2], *late], cosigned_s=NOW_S)

    assert look(memory, log, now_s=NOW_S + 4_000) == ["silence", "clock-outside-cosignatures"]


def test_a_witness_whose_clock_is_ahead_does_not_hide_a_silence(memory: Memory) -> None:
    log = PublishedLog(Institution(interval_s=60).begin().exchange().entries, cosigned_s=NOW_S + 10**6)
    monitor(memory, {URL: log}, settings=WatchSettings()).look(now_s=NOW_S)
    assert memory.codes() == []

    monitor(memory, {URL: log}, settings=WatchSettings()).look(now_s=NOW_S + 200)

    assert memory.codes() == ["silence"]


def test_the_log_s_own_time_is_no_witness_s(memory: Memory) -> None:
    key = SigningKey(ORIGIN, SignatureType.ML_DSA_44, b"q" * 32)
    log = PublishedLog(LOG[:1], cosigned_s=None)
    checkpoint = Checkpoint(ORIGIN, 1, root_of([hash_leaf(LOG[0])]))
    log.note = render_note(Note(render_checkpoint(checkpoint), (sign_checkpoint(checkpoint, key, timestamp_s=9),)))

    assert look(memory, log, policy=WitnessPolicy(logs=(PolicyLog(key.verifier_key),))) == []
    assert memory.states()[0].until_s is None


def test_two_addresses_of_one_log_that_agree_are_silent_even_if_one_lags(memory: Memory) -> None:
    ahead, behind = PublishedLog(LOG[:700]), PublishedLog(LOG[:300])
    both = monitor(memory, {URL: ahead, COPY: behind})
    for size in (300, 400, 700):
        behind.publish(LOG[:size])
        both.look(now_s=NOW_S)

    assert memory.codes() == []
    assert len(memory.kept) == 1


@pytest.mark.parametrize("size", [256, 300, 700, 900])
def test_two_addresses_that_show_one_log_differently_are_a_split_view(memory: Memory, size: int) -> None:
    true, false = PublishedLog(LOG[:700]), PublishedLog([*LOG[:100], b"other", *LOG[101:size]])

    monitor(memory, {URL: true, COPY: false}).look(now_s=NOW_S)

    (one,) = memory.observed
    assert one.alarm.code == "split-view"
    finding = render_finding(finding_of(one.alarm, time_ms=0, checkpoints=one.notes, fork=one.fork))
    assert verify_finding(finding, POLICY).stands_alone


def test_several_logs_are_followed_side_by_side(memory: Memory) -> None:
    key = SigningKey("second.example", SignatureType.ED25519, b"s" * 32)
    policy = WitnessPolicy(logs=(PolicyLog(LOG_KEY.verifier_key), PolicyLog(key.verifier_key)))
    logs = {URL: PublishedLog(LOG[:300]), COPY: PublishedLog(LOG[:40], key=key)}

    monitor(memory, logs, policy=policy).look(now_s=NOW_S)

    assert memory.codes() == []
    assert {state.origin: state.watch.size for state in memory.states()} == {ORIGIN: 300, "second.example": 40}


def test_whenever_it_dies_every_alarm_is_told_and_none_under_two_keys(memory: Memory) -> None:
    institution = Institution(seed=9).begin()
    for _ in range(1_300):
        institution.exchange(types=[], attempts=1)
    bad = [entry + b" " if index % 500 == 499 else entry for index, entry in enumerate(institution.entries)]
    log = PublishedLog(bad)
    whole = Memory()
    monitor(whole, {URL: log}).look(now_s=NOW_S)
    expected = [alarm.key for alarm in whole.told()]
    assert len(expected) >= 5

    for dies_at in range(1, whole.savings + 1):
        memory = Memory()
        memory.dies_at = dies_at
        with pytest.raises(KeyboardInterrupt):
            monitor(memory, {URL: log}).look(now_s=NOW_S)
        memory.dies_at = 0
        monitor(memory, {URL: log}).look(now_s=NOW_S)

        keys = [alarm.key for alarm in memory.told()]
        assert list(dict.fromkeys(keys)) == expected
    assert whole.savings > 1


def test_after_a_death_while_reading_a_log_that_grew_meanwhile_is_read_on(memory: Memory) -> None:
    log = PublishedLog(LOG[:700])
    memory.dies_at = 2  # the signed tree is on record, its entries are not yet
    with pytest.raises(KeyboardInterrupt):
        monitor(memory, {URL: log}).look(now_s=NOW_S)
    assert (memory.states()[0].tree_size, memory.states()[0].watch.size) == (700, 0)
    log.publish(LOG[:1100])

    assert look(memory, log) == []
    assert memory.states()[0].watch.size == 1100


def test_a_state_that_cannot_be_kept_ends_the_monitor() -> None:
    class Full(Memory):
        def keep(self, origin: str, state: bytes) -> None:  # noqa: ARG002 -- the port's names
            raise StorageError(Bilingual("plein", "full"), Bilingual("videz", "empty it"))

    with pytest.raises(StorageError):
        monitor(Full(), {URL: PublishedLog(LOG[:3])}).look(now_s=NOW_S)


SECOND = SigningKey("second.example", SignatureType.ED25519, b"s" * 32)
BOTH = WitnessPolicy(
    logs=(PolicyLog(LOG_KEY.verifier_key), PolicyLog(SECOND.verifier_key)),
    witnesses=POLICY.witnesses,
    quorum=POLICY.quorum,
)


def test_an_address_that_shows_another_log_than_before_is_an_alarm_and_the_lost_log_is_still_listened_to(
    memory: Memory,
) -> None:
    running = Institution(interval_s=60).begin().exchange().entries
    sources = {URL: PublishedLog(running)}
    watched = monitor(memory, sources, policy=BOTH, settings=WatchSettings())
    watched.look(now_s=NOW_S)
    assert [(alarm.code, alarm.origin) for alarm in memory.told()] == [("log-unseen", "second.example")]
    sources[URL] = PublishedLog(running, key=SECOND, cosigned_s=NOW_S + 200)

    watched.look(now_s=NOW_S + 200)

    told = [(one.code, one.origin, one.found) for one in memory.told()]
    assert told[0] == ("origin-changed", ORIGIN, "second.example")
    assert [one[:2] for one in told[1:]] == [("silence", ORIGIN)]
    assert watched.is_troubled
    again = monitor(memory, sources, policy=BOTH, settings=WatchSettings(silence_s=10**9))
    again.look(now_s=NOW_S + 200)
    assert (memory.codes(), again.is_troubled) == ([], True)


def test_one_log_at_the_addresses_of_two_leaves_the_other_said_to_be_unseen_in_every_run(memory: Memory) -> None:
    log = PublishedLog(LOG[:9])
    for _ in range(2):
        watched = monitor(memory, {URL: log, COPY: log}, policy=BOTH)
        watched.look(now_s=NOW_S)
        watched.look(now_s=NOW_S)

        assert [(one.code, one.origin, one.severity.value) for one in memory.told()] == [
            ("log-unseen", "second.example", "warning")
        ]


def test_a_log_followed_before_that_is_at_no_address_any_more_is_an_alarm(memory: Memory) -> None:
    first, second = PublishedLog(LOG[:9]), PublishedLog(LOG[:9], key=SECOND)
    monitor(memory, {URL: first, COPY: second}, policy=BOTH).look(now_s=NOW_S)
    without = monitor(memory, {URL: first}, policy=BOTH)

    without.look(now_s=NOW_S)

    assert [(one.code, one.origin) for one in memory.told()] == [("log-gone", "second.example")]
    assert without.is_troubled
    monitor(memory, {URL: first, "https://new.example/log": second}, policy=BOTH).look(now_s=NOW_S)
    assert memory.codes() == []


@pytest.mark.parametrize("entries", [LOG[:200], [b"other", *LOG[1:200]]])
def test_a_log_that_went_back_and_moved_to_another_address_is_an_alarm(memory: Memory, entries: list[bytes]) -> None:
    look(memory, PublishedLog(LOG[:300]))
    moved = monitor(memory, {COPY: PublishedLog(entries)})

    moved.look(now_s=NOW_S)

    (one,) = memory.observed
    assert (one.alarm.code, one.alarm.expected, one.alarm.found, len(one.notes)) == ("behind", ">= 300", "200", 2)
    assert moved.is_troubled


def test_the_others_are_listened_to_while_an_address_is_still_being_looked_at(memory: Memory) -> None:
    running = Institution(interval_s=60).begin().exchange().entries
    logs = {URL: PublishedLog(running), COPY: PublishedLog(running, key=SECOND)}
    watched = monitor(memory, logs, policy=BOTH, settings=WatchSettings())
    watched.look(now_s=NOW_S)

    watched.look_at(COPY, now_s=NOW_S + 200)
    watched.conclude(now_s=NOW_S + 200, but={URL})
    assert [(one.code, one.origin) for one in memory.told()] == [("silence", "second.example")]

    watched.look_at(URL, now_s=NOW_S + 200)
    watched.conclude(now_s=NOW_S + 200)
    assert [(one.code, one.origin) for one in memory.told()] == [("silence", ORIGIN)]


@pytest.mark.parametrize("size", [2**41, 2**62])
def test_a_size_that_no_log_can_have_is_an_alarm_and_costs_nothing(memory: Memory, size: int) -> None:
    log = PublishedLog(LOG[:300])
    look(memory, log)
    log.note = signed(Checkpoint(ORIGIN, size, hash_leaf(b"r")))
    log.requests.clear()

    assert look(memory, log) == ["size-absurd"]
    assert log.requests == ["checkpoint"]


def test_a_large_size_without_a_tree_behind_it_is_refused_after_some_tiles(memory: Memory) -> None:
    class Endless(PublishedLog):
        def tile(self, level: int, index: int, width: int) -> bytes:
            self.requests.append(f"{level}/{index}")
            return bytes([level]) * 32 * width

    log = Endless(LOG[:300])
    log.note = signed(Checkpoint(ORIGIN, 2**40 - 1, hash_leaf(b"r")))

    assert look(memory, log) == ["inconsistent"]
    assert len(log.requests) < 200
    assert memory.states()[0].tree_size == 0


def test_a_long_log_is_read_in_steps_of_which_each_is_shown_to_stand_in_the_signed_tree(memory: Memory) -> None:
    start = Institution().begin().entries
    alive = Institution().mark("alive").entries
    entries = start + alive * (MAX_STRETCH + 298)
    log = PublishedLog([*entries[:100], b"bad", *entries[101:-1], b"bad"])
    watched = monitor(memory, {URL: log})

    watched.look(now_s=NOW_S)

    assert [alarm.index for alarm in memory.told()] == [100]
    assert watched.is_behind
    state = memory.states()[0]
    assert (state.tree_size, state.watch.size) == (MAX_STRETCH + 300, MAX_STRETCH)
    log.publish([*log.entries, *alive])
    again = monitor(memory, {URL: log})
    again.look(now_s=NOW_S)
    again.look(now_s=NOW_S)
    assert [alarm.index for alarm in memory.told()] == [MAX_STRETCH + 299]
    assert (again.is_behind, memory.states()[0].watch.size) == (False, MAX_STRETCH + 301)


def test_no_step_through_a_long_log_is_judged_unless_it_stands_in_the_signed_tree(memory: Memory) -> None:
    entries = Institution().mark("start").entries + Institution().mark("alive").entries * (MAX_STRETCH + 1)
    log, other = PublishedLog(entries), PublishedLog([b"other", *entries[1:]])
    log.hidden.add("tile/entries/000")
    assert look(memory, log) == ["entries-missing"]
    other.note = log.note

    assert look(memory, other) == ["inconsistent"]
    assert memory.states()[0].watch.size == 0


def test_a_long_log_that_has_another_beginning_is_a_split_view(memory: Memory) -> None:
    look(memory, PublishedLog(LOG[:300]))
    alive = Institution().mark("alive").entries
    log = PublishedLog([b"other", *LOG[1:300], *alive * (MAX_STRETCH + 1)])

    assert look(memory, log) == ["split-view"]
    assert memory.states()[0].tree_size == 300


def test_metrics_count_alarms_and_tell_how_far_the_log_was_read(memory: Memory) -> None:
    log = PublishedLog([*LOG[:20], b"nonsense"])
    watched = monitor(memory, {URL: log})
    watched.look(now_s=NOW_S)

    lines = render_metrics(watched.states(), now_s=NOW_S + 7).splitlines()

    assert f'bouclier_monitor_alarms_total{{origin="{ORIGIN}",severity="alarm",code="entry-malformed"}} 1' in lines
    assert f'bouclier_monitor_log_size{{origin="{ORIGIN}"}} 21' in lines
    assert f'bouclier_monitor_entries_replayed_total{{origin="{ORIGIN}"}} 21' in lines
    assert f'bouclier_monitor_checkpoint_age_seconds{{origin="{ORIGIN}"}} 7' in lines


def test_the_root_is_that_of_the_tree_the_kit_publishes() -> None:
    # The kit is what the other tests believe: an empty one would make them all pass.
    assert PublishedLog(LOG[:3]).note == signed(Checkpoint(ORIGIN, 3, root_of([hash_leaf(one) for one in LOG[:3]])))
    with pytest.raises(VerificationError):
        PublishedLog(LOG[:3]).tile(0, 7, 3)
    assert SAVE_EVERY > 0
