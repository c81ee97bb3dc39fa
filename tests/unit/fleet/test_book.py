"""What a gateway knows of its deployments: who may be used now, why not, and who is free again."""

from __future__ import annotations

import pytest

from bouclier.fleet.book import FleetBook
from bouclier.fleet.book_model import (
    Announcement,
    DeploymentSettings,
    FleetSettings,
    Outcome,
    Probe,
    Shared,
    SharedDeployment,
    Standing,
)

NAMES = {
    "a": DeploymentSettings("paris", slots=2, model="m"),
    "b": DeploymentSettings("paris", model="m"),
    "c": DeploymentSettings("lyon", slots=1),
}


def book() -> FleetBook:
    return FleetBook(NAMES, FleetSettings(seed="test"))


def why(made: FleetBook, name: str, now: int) -> str:
    load = made.load(name, now_ms=now)
    assert load.available == (not load.why)
    return load.why


def served(made: FleetBook, name: str, at: int, *, took: int = 500, conversation: str | None = None) -> None:
    exchange = f"s{at}"
    assert made.begin(
        name, exchange, now_ms=at, deadline_ms=at + 60_000, conversation=conversation, prompt_tokens=1_000
    )
    made.first_token(name, exchange, now_ms=at + took)
    made.end(name, exchange, now_ms=at + took + 100, outcome=Outcome.SERVED, tokens=11)


def fail(made: FleetBook, name: str, at: int, times: int = 3) -> None:
    for number in range(times):
        assert made.begin(name, f"f{at}-{number}", now_ms=at, deadline_ms=at + 60_000)
        made.end(name, f"f{at}-{number}", now_ms=at, outcome=Outcome.FAILED, code="upstream_unreachable")


def announced(
    state: Standing, *, deployments: tuple[str, ...] = (), for_ms: int | None = None, slots: int | None = None
) -> Announcement:
    return Announcement(
        "paris", deployments, state, slots={} if slots is None else {"a": slots}, for_ms=for_ms, by="operator"
    )


# Places --------------------------------------------------------------------------------------------------------------


def test_a_place_is_taken_and_given_back() -> None:
    made = book()
    assert made.begin("c", "one", now_ms=0, deadline_ms=1_000)
    assert why(made, "c", 1) == "full"
    assert made.end("c", "one", now_ms=2, outcome=Outcome.SERVED) == ("c",)
    assert why(made, "c", 3) == ""


def test_the_last_place_is_taken_by_one_of_two_who_saw_it() -> None:
    made = book()
    assert made.load("c", now_ms=0).available
    assert made.load("c", now_ms=0).available
    assert made.begin("c", "one", now_ms=0, deadline_ms=1_000)
    assert not made.begin("c", "two", now_ms=0, deadline_ms=1_000)
    assert made.load("c", now_ms=0).in_flight == 1


def test_an_exchange_takes_one_place_only_and_keeps_it_when_told_anew() -> None:
    made = book()
    assert made.begin("c", "one", now_ms=0, deadline_ms=1_000)
    assert made.begin("c", "one", now_ms=500, deadline_ms=9_000)
    assert made.load("c", now_ms=5_000).in_flight == 1
    made.end("c", "one", now_ms=5_001, outcome=Outcome.SERVED)
    assert made.load("c", now_ms=5_002).in_flight == 0


def test_who_holds_the_trial_of_a_breaker_keeps_it_when_told_anew() -> None:
    made = book()
    fail(made, "b", 0)
    later = 1 + (made.opens_in_ms("b", now_ms=1) or 0)
    assert made.begin("b", "trial", now_ms=later, deadline_ms=later + 1_000)
    assert made.begin("b", "trial", now_ms=later + 1, deadline_ms=later + 9_000)
    assert made.end("b", "trial", now_ms=later + 2, outcome=Outcome.SERVED) == ("b",)
    assert made.state("b", now_ms=later + 3).breaker == "closed"


def test_what_nobody_ended_leaves_at_its_deadline_and_time_says_when() -> None:
    made = book()
    made.begin("c", "lost", now_ms=0, deadline_ms=1_000)
    assert made.opens_in_ms("c", now_ms=400) == 600
    assert why(made, "c", 1_000) == ""
    assert made.end("c", "lost", now_ms=1_001, outcome=Outcome.SERVED) == ("c",)
    assert made.load("c", now_ms=1_002).in_flight == 0


def test_other_gateways_take_places_too_for_as_long_as_they_say() -> None:
    made = book()
    made.hear("other", Shared({"c": SharedDeployment(in_flight=1)}, lease_ms=5_000), now_ms=0)
    assert why(made, "c", 4_999) == "full"
    assert why(made, "c", 5_000) == ""
    made.hear("other", Shared({"c": SharedDeployment(in_flight=1)}, lease_ms=5_000), now_ms=6_000)
    assert made.hear("other", Shared({}), now_ms=6_001) == ("a", "b", "c")


def test_a_deployment_without_slots_is_never_full() -> None:
    made = book()
    assert all(made.begin("b", f"e{number}", now_ms=0, deadline_ms=1_000) for number in range(500))
    load = made.load("b", now_ms=1)
    assert (load.available, load.slots, load.in_flight) == (True, None, 500)


def test_slots_are_the_least_of_what_is_said() -> None:
    made = book()
    made.probed("a", Probe(alive=True, slots=4), now_ms=0)
    assert made.load("a", now_ms=0).slots == 2
    made.probed("b", Probe(alive=True, slots=4), now_ms=0)
    assert made.load("b", now_ms=0).slots == 4
    made.announce(announced(Standing.JOINED, slots=1, for_ms=1_000), now_ms=0)
    assert made.load("a", now_ms=999).slots == 1
    assert made.load("a", now_ms=1_000).slots == 2


# Breaker -------------------------------------------------------------------------------------------------------------


def test_one_that_fails_is_left_alone_and_lets_one_through_when_its_time_comes() -> None:
    made = book()
    fail(made, "b", 0)
    assert why(made, "b", 1) == "breaker"
    assert not made.begin("b", "x", now_ms=1, deadline_ms=1_000)
    waits = made.opens_in_ms("b", now_ms=1)
    assert waits is not None
    later = 1 + waits
    assert made.begin("b", "trial", now_ms=later, deadline_ms=later + 10_000)
    assert why(made, "b", later) == "breaker"
    assert not made.begin("b", "second", now_ms=later, deadline_ms=later + 10_000)
    assert made.end("b", "trial", now_ms=later + 5, outcome=Outcome.SERVED) == ("b",)
    assert made.begin("b", "third", now_ms=later + 6, deadline_ms=later + 10_000)


def test_one_that_begins_to_answer_is_open_to_others_before_its_long_answer_ends() -> None:
    made = book()
    fail(made, "b", 0)
    later = 1 + (made.opens_in_ms("b", now_ms=1) or 0)
    made.begin("b", "trial", now_ms=later, deadline_ms=later + 90_000)
    assert made.first_token("b", "trial", now_ms=later + 300) == ("b",)
    assert made.begin("b", "other", now_ms=later + 301, deadline_ms=later + 90_000)
    assert made.first_token("b", "other", now_ms=later + 600) == ()


def test_a_trial_that_was_lost_does_not_close_the_door_for_ever() -> None:
    made = book()
    fail(made, "b", 0)
    later = 1 + (made.opens_in_ms("b", now_ms=1) or 0)
    made.begin("b", "trial", now_ms=later, deadline_ms=later + 10_000)
    assert made.begin("b", "next", now_ms=later + 10_000, deadline_ms=later + 20_000)


def test_one_that_asked_to_be_left_alone_is_overloaded_not_broken() -> None:
    made = book()
    made.begin("b", "x", now_ms=0, deadline_ms=1_000)
    assert made.end("b", "x", now_ms=10, outcome=Outcome.OVERLOADED, retry_after_ms=7_000) == ()
    assert why(made, "b", 11) == "overloaded"
    assert made.state("b", now_ms=11).breaker == "closed"
    assert made.opens_in_ms("b", now_ms=11) == 6_999
    assert why(made, "b", 7_010) == ""


def test_it_is_told_to_other_gateways_what_was_seen_and_not_what_was_heard() -> None:
    made, other = book(), book()
    fail(made, "b", 0)
    made.begin("a", "x", now_ms=0, deadline_ms=1_000)
    told = made.shared(now_ms=100)
    assert set(told.deployments) == {"a", "b"}
    assert told.deployments["a"] == SharedDeployment(in_flight=1)
    assert told.deployments["b"].open_ms > 0
    other.hear("made", told, now_ms=500_000)
    assert why(other, "b", 500_001) == "down"
    assert other.shared(now_ms=500_001).deployments == {}


def test_dead_probes_keep_users_from_one_never_used_and_a_living_one_brings_it_back() -> None:
    made = book()
    for at in (0, 1):
        made.probed("b", Probe(alive=False, code="unreachable"), now_ms=at)
    assert why(made, "b", 2) == "down"
    assert made.state("b", now_ms=2).failure == "unreachable"
    assert made.probed("b", Probe(alive=True), now_ms=3) == ("b",)


def test_one_that_loads_its_model_is_waited_for_while_it_says_so() -> None:
    made = book()
    assert made.probed("b", Probe(alive=True, loading=True), now_ms=0) == ()
    assert why(made, "b", 1) == "loading"
    assert made.opens_in_ms("b", now_ms=1) is None
    assert made.probed("b", Probe(alive=True), now_ms=2) == ("b",)
    made.probed("b", Probe(alive=True, loading=True), now_ms=3)
    assert why(made, "b", 30_003) == ""  # nobody says so any more


# Announcements -------------------------------------------------------------------------------------------------------


def test_a_drained_site_takes_nothing_new_and_keeps_what_it_has() -> None:
    made = book()
    made.begin("a", "x", now_ms=0, deadline_ms=60_000)
    assert made.announce(announced(Standing.DRAINING), now_ms=1) == ()
    assert (why(made, "a", 2), why(made, "b", 2), why(made, "c", 2)) == ("draining", "draining", "")
    assert made.load("a", now_ms=2).in_flight == 1
    assert made.end("a", "x", now_ms=3, outcome=Outcome.SERVED) == ()
    assert made.opens_in_ms("a", now_ms=3) is None
    assert made.announce(announced(Standing.JOINED), now_ms=4) == ("a", "b")


def test_one_deployment_of_a_site_can_be_drained_for_a_while() -> None:
    made = book()
    made.announce(announced(Standing.DRAINING, deployments=("a",), for_ms=5_000), now_ms=0)
    assert (why(made, "a", 4_999), why(made, "b", 4_999)) == ("draining", "")
    assert made.state("a", now_ms=1_000).drained_for_ms == 4_000
    assert made.opens_in_ms("a", now_ms=1_000) == 4_000
    assert why(made, "a", 5_000) == ""


def test_announcements_of_what_is_not_here_change_nothing() -> None:
    made = book()
    assert made.announce(Announcement("elsewhere", (), Standing.DRAINING), now_ms=0) == ()
    assert made.announce(announced(Standing.DRAINING, deployments=("c", "unknown")), now_ms=0) == ()
    assert all(not why(made, name, 1) for name in NAMES)


# What is expected ----------------------------------------------------------------------------------------------------


def test_a_conversation_is_expected_sooner_where_it_was_served_last() -> None:
    made = book()
    for at in range(0, 40_000, 1_000):
        for name in ("a", "b"):
            served(made, name, at, took=200 + (at // 1_000) % 7)
    served(made, "a", 50_000, conversation="talk")
    warm = made.load("a", now_ms=51_000, conversation="talk", prompt_tokens=1_200)
    cold = made.load("b", now_ms=51_000, conversation="talk", prompt_tokens=1_200)
    assert (warm.warm, cold.warm) == (True, False)
    other = made.load("a", now_ms=51_000, conversation="other", prompt_tokens=1_200)
    assert warm.wait_ms <= other.wait_ms
    assert not other.warm


def test_a_conversation_is_forgotten() -> None:
    made = book()
    served(made, "a", 0, conversation="talk")
    assert made.load("a", now_ms=500_000, conversation="talk", prompt_tokens=100).warm
    assert not made.load("a", now_ms=700_000, conversation="talk", prompt_tokens=100).warm


def test_only_what_was_served_makes_a_conversation_warm() -> None:
    made = book()
    made.begin("a", "x", now_ms=0, deadline_ms=1_000, conversation="talk", prompt_tokens=100)
    made.end("a", "x", now_ms=10, outcome=Outcome.FAILED)
    assert not made.load("a", now_ms=20, conversation="talk", prompt_tokens=100).warm


def test_one_that_times_out_is_expected_to_take_at_least_that_long() -> None:
    made = book()
    before = made.load("b", now_ms=0, prompt_tokens=100).wait_ms
    made.begin("b", "x", now_ms=0, deadline_ms=600_000, prompt_tokens=100)
    made.end("b", "x", now_ms=300_000, outcome=Outcome.TIMED_OUT)
    assert made.load("b", now_ms=300_001, prompt_tokens=100).wait_ms > 2 * before


def test_an_answer_that_does_not_stream_says_that_it_was_no_slower() -> None:
    made = book()
    before = made.load("b", now_ms=0, prompt_tokens=100).wait_ms
    made.begin("b", "x", now_ms=0, deadline_ms=600_000, prompt_tokens=100)
    made.end("b", "x", now_ms=50, outcome=Outcome.SERVED)
    assert made.load("b", now_ms=51, prompt_tokens=100).wait_ms < before
    slow = book()
    slow.begin("b", "x", now_ms=0, deadline_ms=600_000, prompt_tokens=100)
    slow.end("b", "x", now_ms=60_000, outcome=Outcome.SERVED)  # long to write, perhaps: no news of its beginning
    assert slow.load("b", now_ms=60_001, prompt_tokens=100).wait_ms == before


def test_how_long_an_answer_is_written_says_nothing_of_its_beginning() -> None:
    waits = set()
    for writing in (10, 50_000):
        made = book()
        made.begin("b", "x", now_ms=0, deadline_ms=600_000, prompt_tokens=100)
        made.first_token("b", "x", now_ms=100)
        made.first_token("b", "x", now_ms=200)  # there is one first token
        made.end("b", "x", now_ms=100 + writing, outcome=Outcome.SERVED, tokens=5)
        waits.add(made.load("b", now_ms=60_000, prompt_tokens=100).wait_ms)
    assert len(waits) == 1


def test_what_the_engine_says_of_its_load_counts_while_it_is_fresh() -> None:
    made = book()
    idle = made.load("b", now_ms=0).wait_ms
    made.probed("b", Probe(alive=True, running=6, waiting=3), now_ms=0)
    busy = made.load("b", now_ms=1)
    assert busy.in_flight == 9
    assert busy.wait_ms > 2 * idle
    assert made.load("b", now_ms=30_000).in_flight == 0


def test_load_of_strangers_makes_it_slow_but_not_full() -> None:
    made = book()
    made.probed("c", Probe(alive=True, running=9), now_ms=0)
    assert made.load("c", now_ms=1).available


# For people ----------------------------------------------------------------------------------------------------------


def test_states_say_how_each_is() -> None:
    made = book()
    assert {name: state.word for name, state in made.states(now_ms=0).items()} == dict.fromkeys(NAMES, "unknown")
    served(made, "a", 0)
    made.probed("a", Probe(alive=True, models=("m", "n")), now_ms=1_000)
    fail(made, "b", 1_000)
    made.probed("b", Probe(alive=True, models=("n",)), now_ms=1_000)
    made.begin("c", "x", now_ms=1_000, deadline_ms=2_000)
    made.probed("c", Probe(alive=False, code="unreachable"), now_ms=1_000)
    states = made.states(now_ms=1_500)
    assert [states[name].word for name in "abc"] == ["ready", "breaker", "full"]
    assert (states["a"].served, states["a"].failed, states["b"].failed) == (1, 0, 3)
    assert (states["a"].token_us, states["a"].listed, states["b"].listed, states["c"].listed) == (
        10_000,
        True,
        False,
        None,
    )
    assert (states["b"].failure, states["b"].failure_age_ms) == ("upstream_unreachable", 500)
    assert states["b"].retry_in_ms > 0
    rested = 1_500 + states["b"].retry_in_ms
    assert made.state("b", now_ms=rested).word == "trial"
    served(made, "b", rested)
    assert made.state("b", now_ms=rested + 1_000).word == "ready"
    assert (states["c"].in_flight, states["c"].slots) == (1, 1)


def test_one_that_never_answered_is_not_said_to_be_ready() -> None:
    made = book()
    made.probed("b", Probe(alive=False, code="unreachable"), now_ms=0)
    assert made.state("b", now_ms=1).word == "unknown"
    made.probed("b", Probe(alive=True), now_ms=2)
    assert made.state("b", now_ms=3).word == "ready"


def test_a_silent_one_keeps_the_slots_it_told_of() -> None:
    made = book()
    made.probed("b", Probe(alive=True, slots=3), now_ms=0)
    made.probed("b", Probe(alive=False, code="timed-out"), now_ms=1)
    assert made.load("b", now_ms=2).slots == 3


def test_a_name_that_is_not_configured_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        book().load("unknown", now_ms=0)
