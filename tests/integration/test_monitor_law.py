"""The monitor holds logs to the law as published: a real repository, its orders, and gateways that ignore them."""

from __future__ import annotations

import datetime as dt
import time
from argparse import ArgumentParser
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests import order_kit
from tests.charter_kit import ORDINARY, files_of_charter
from tests.facts_kit import facts
from tests.law_kit import AUTHORITY, FRENCH, HOME, ORDER, POLICY, World, spelled
from tests.log_kit import POLICY as LOGS
from tests.log_kit import REGISTRY, PublishedLog, bent, bent_candidate

from bouclier.charter import parse_charter
from bouclier.charter.law import NO_ORDERS, law_in_force
from bouclier.charter.orders import orders_digest
from bouclier.cli import monitor as verb
from bouclier.compose.law_book import MAX_STATES, RepositoryBook
from bouclier.oversight import AdoptionEntry, DecisionEntry, parse_entry
from bouclier.oversight.monitor import Bounds, LogWatch
from bouclier.terms.content import EntityType
from bouclier.terms.errors import ConfigurationError, StorageError
from bouclier.tlog import render_policy

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def stamped(world: World, **changes: object) -> None:
    """Have the gateway adopt what it stands by, with another stamp than its own."""
    world.gateway.adopt(replace(world.gateway.law, stamp=replace(world.gateway.law.stamp, **changes)))  # type: ignore[arg-type]


# What is in good order ----------------------------------------------------------------------------------------------


def test_a_gateway_that_follows_orders_and_charters_within_a_minute_is_silent(world: World) -> None:
    world.asks()
    world.passes(100)
    world.publish_order()
    world.passes(50)
    world.asks()  # not yet
    world.gateway_refreshes()
    world.passes(5)
    world.asks()
    assert world.codes() == []

    world.publish_charter("2")
    world.passes(59)
    world.asks()
    world.gateway_refreshes()
    world.asks()
    world.repo.withdraw(AUTHORITY, "2026-014")
    world.passes(59)
    world.asks()
    world.gateway_refreshes()
    world.repo.rotate(add=["party-2"])
    world.passes(59)
    world.asks()
    world.gateway_refreshes()
    world.passes(500)
    world.asks()

    assert world.codes() == []


def test_a_decision_under_an_order_is_decided_again_under_it(world: World) -> None:
    world.publish_order()
    world.gateway_refreshes()
    world.asks()
    refused = world.gateway.entries[-1]
    decision = parse_entry(refused)
    assert isinstance(decision, DecisionEntry)
    assert decision.chosen is None
    assert decision.candidates[0].policies == (POLICY,)
    world.gateway.entries[-1] = bent(bent_candidate(refused, 0, permitted=True), chosen=FRENCH.name)

    alarms = [alarm for alarm in world.told() if alarm.code == "verdict-differs"]

    assert [(alarm.field, alarm.policy) for alarm in alarms][:1] == [("$.candidates[0].permitted", POLICY)]


def test_an_order_that_starts_or_ends_by_itself_is_followed_without_a_new_publication(world: World) -> None:
    world.publish_order(in_s=300, days=1)
    world.passes(30)
    world.gateway_refreshes()
    world.asks()
    world.passes(271)
    world.gateway_refreshes()
    world.asks()
    world.passes(86_400)
    world.gateway_refreshes()
    world.asks()
    assert set(world.codes()) == {"silence"}

    assert [len(one.orders) for one in map(parse_entry, world.gateway.entries) if isinstance(one, AdoptionEntry)] == [
        0,
        0,
        1,
        0,
    ]


# What is not --------------------------------------------------------------------------------------------------------


def test_an_order_ignored_for_more_than_a_minute_is_named_and_so_is_what_it_forbade(world: World) -> None:
    world.publish_order()
    world.told()
    world.passes(55)
    world.asks()
    assert world.codes() == []

    world.passes(10)
    world.asks()

    alarms = world.told()
    assert [(alarm.code, alarm.field, alarm.policy, alarm.expected) for alarm in alarms] == [
        ("order-ignored", "$.law.orders", POLICY, ORDER),
        ("order-ignored", "$.chosen", POLICY, ORDER),
    ]
    assert {alarm.severity.value for alarm in alarms} == {"alarm"}
    assert alarms[0].found == "timestamp 1 < 2", "it says that it had not seen the order yet"
    assert alarms[1].found == FRENCH.name
    assert world.watch.is_troubled

    world.gateway_refreshes()
    world.asks()
    assert world.codes() == []
    assert not world.watch.is_troubled


def test_a_gateway_that_saw_an_order_and_leaves_it_out_says_so_itself(world: World) -> None:
    world.publish_order()
    law = world.followed()
    patched = law_in_force(
        law.charter,
        (),
        law.adoption,
        at=dt.datetime.fromtimestamp(world.now_s, dt.UTC),
        territory="FR",
        registry=law.stamp.registry,
    )
    world.told()
    world.gateway.adopt(patched)
    world.passes(61)
    world.asks()

    alarms = [alarm for alarm in world.told() if alarm.field == "$.law.orders"]

    assert [(alarm.code, alarm.expected, alarm.found) for alarm in alarms] == [("order-ignored", ORDER, "-")]


def test_an_order_for_another_territory_binds_nobody_here_but_who_says_no_territory(world: World) -> None:
    world.gateway.territory = "DE"
    world.gateway.adopt()
    world.publish_order()
    world.told()
    world.passes(61)
    world.asks()
    assert world.codes() == []

    world.gateway.territory = None
    world.gateway.adopt()
    assert "order-ignored" in world.codes()


def test_an_order_that_a_gateway_refuses_wrongly_is_named_and_one_it_refuses_rightly_is_not(world: World) -> None:
    world.publish_order("outside", scope=["US"])
    world.gateway_refreshes()
    world.publish_order()
    order = next(one for one in world.followed().orders.orders)
    world.gateway.adopt(refused=[*(one.digest for one in world.followed().orders.refused), order.digest])

    alarms = world.told()

    assert [(alarm.code, alarm.expected, alarm.found) for alarm in alarms] == [
        ("order-refused-wrongly", ORDER, order.digest)
    ]


def test_an_order_nobody_published_is_unknown_and_one_withdrawn_is_outdated(world: World) -> None:
    world.publish_order()
    world.gateway_refreshes()
    world.told()
    world.repo.withdraw(AUTHORITY, "2026-014")
    world.told()
    world.passes(61)
    world.asks()
    outdated = world.told()
    assert [(alarm.code, alarm.severity.value, alarm.found) for alarm in outdated] == [
        ("order-outdated", "warning", ORDER)
    ]

    world.gateway_refreshes()
    forged = parse_entry(world.gateway.entries[-1])
    assert isinstance(forged, AdoptionEntry)
    digest = "f" * 64
    world.gateway.entries[-1] = bent(
        world.gateway.entries[-1],
        orders=({"digest": digest, "id": "fr-protection/none"},),
        orders_count=1,
        law=msgspec.structs.replace(forged.law, orders=orders_digest([digest]), root=1, timestamp=3),
    )

    unknown = [alarm for alarm in world.told() if alarm.code == "orders-unknown"]
    assert [(alarm.expected, alarm.found) for alarm in unknown] == [("fr-protection/none", digest)]


def test_a_charter_superseded_for_more_than_a_minute_is_stale_and_so_is_a_root(world: World) -> None:
    old = world.gateway.law.charter.digest
    world.publish_charter("2")
    world.told()
    world.passes(61)
    world.asks()
    stale = [(alarm.code, alarm.field, alarm.found) for alarm in world.told()]
    assert stale == [("charter-stale", "$.law.charter", old)]

    world.gateway_refreshes()
    world.repo.rotate(add=["party-2"])
    world.told()
    world.passes(61)
    world.asks()
    assert [(alarm.code, alarm.field, alarm.expected, alarm.found) for alarm in world.told()] == [
        ("charter-stale", "$.law.root", ">= 2", "1")
    ]


def test_a_charter_nobody_published_and_a_version_nobody_signed_are_named(world: World) -> None:
    own = parse_charter(files_of_charter(ORDINARY, version="of our own"))
    world.laws.add(own, world.book._orders[0])  # as `--charter` gives it
    world.gateway.adopt(replace(world.gateway.law, stamp=replace(world.gateway.law.stamp, charter=own.digest)))
    stamped(world, charter=world.book.publications()[0].charter, root=7, timestamp=70)

    alarms = [(alarm.code, alarm.field, alarm.severity.value) for alarm in world.told()]

    assert alarms == [
        ("charter-unsigned", "$.law.charter", "alarm"),
        ("charter-unsigned", "$.law.root", "alarm"),
        ("charter-unsigned", "$.law.timestamp", "alarm"),
    ]


def test_an_expiry_later_than_the_one_published_is_named(world: World) -> None:
    world.gateway.expires_ms = world.expires_ms + 1
    world.gateway.adopt()
    world.gateway.expires_ms = None
    world.gateway.adopt()

    assert world.codes() == ["expiry-differs", "expiry-differs"]


# What is in the gateway's favour -------------------------------------------------------------------------------------


def test_a_gateway_that_was_stopped_has_a_minute_from_its_start(world: World) -> None:
    world.gateway.mark("stop")
    world.passes(1_000)
    world.publish_order()
    world.told()
    world.passes(5_000)
    world.gateway.begin()
    world.passes(50)
    world.asks()
    assert world.codes() == []

    world.gateway.begin()  # to start again and again does not help
    world.passes(20)
    world.asks()
    assert "order-ignored" in world.codes()


def test_what_was_published_between_two_looks_is_looked_for_before_it_is_said_to_be_unknown(world: World) -> None:
    world.passes(10)
    world.publish_charter("2")
    world.gateway_refreshes()
    world.passes(3)
    said = [alarm.code for entry in world.gateway.entries for alarm in world.watch.feed(entry, bounds(world))]

    assert said == []
    assert len(world.book.publications()) == 2


def bounds(world: World) -> Bounds:
    return Bounds(None, None, world.now_s)


def test_of_a_time_before_its_first_look_a_monitor_only_warns(world: World) -> None:
    old = parse_charter(files_of_charter(ORDINARY, version="of last year"))
    world.laws.add(old, world.book._orders[0])  # as `--charter` gives it
    world.passes(-1_000)
    stamped(world, charter=old.digest)

    (alarm,) = [one for one in world.told() if one.code == "charter-unsigned"]

    assert alarm.severity.value == "warning"


def test_while_the_repository_does_not_answer_a_monitor_only_warns(world: World) -> None:
    world.passes(1)
    world.publish_charter("2")
    world.gateway_refreshes()
    world.repo.folder.rename(world.repo.folder.with_name("away"))
    world.passes(30)

    (alarm,) = world.told()

    assert (alarm.code, alarm.severity.value) == ("charter-unsigned", "warning")
    assert [remark.code for remark in world.book.remarks] == ["repository-unreachable"]


def test_an_entry_without_any_order_is_of_no_order(world: World) -> None:
    assert world.gateway.law.stamp.orders == NO_ORDERS
    world.gateway.exchange(types=[EntityType.NIR], candidates=(HOME,))
    assert world.codes() == []


# What is remembered --------------------------------------------------------------------------------------------------


def test_what_was_published_is_remembered_by_another_process(world: World) -> None:
    world.publish_order()
    world.told()
    world.publish_charter("2")
    world.told()

    again = world.reopened()

    assert again.publications() == world.book.publications()
    assert [len(one) for one in (again.orders_of(0), again.orders_of(1), again.orders_of(2))] == [0, 1, 1]
    world.passes(61)
    world.asks()
    watch = LogWatch("other", world.replayer, book=again)
    said = {alarm.code for entry in world.gateway.entries for alarm in watch.feed(entry, bounds(world))}
    assert "charter-stale" in said


def test_a_timestamp_signed_again_is_no_new_state(world: World) -> None:
    for _ in range(5):
        world.passes(3_600)
        world.repo.now = dt.datetime.fromtimestamp(world.now_s, dt.UTC)
        world.repo.stamp()
        world.book.refresh()

    (publication,) = world.book.publications()
    assert publication.timestamps == (1, 6)


def test_a_memory_that_is_damaged_is_refused(world: World) -> None:
    content = next((world.folder / "monitor").glob("*.content"))
    good = content.read_bytes()
    content.write_bytes(good + b" ")
    with pytest.raises(StorageError):
        world.reopened()
    content.write_bytes(good)
    world.reopened()
    (world.folder / "monitor" / "publications.json").write_bytes(b"{}x")
    with pytest.raises(StorageError):
        world.reopened()


def test_the_oldest_states_are_forgotten_with_what_only_they_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bouclier.compose.law_book.MAX_STATES", 2)
    assert MAX_STATES > 2
    for version in ("2", "3", "4"):
        world.publish_charter(version)
        world.passes(5)
        world.book.refresh()

    assert len(world.book.publications()) == len(list((world.folder / "monitor").glob("*.content"))) == 2
    assert world.reopened().publications() == world.book.publications()


def test_a_repository_that_publishes_what_was_not_signed_is_told(world: World) -> None:
    for path in (world.repo.folder / "targets").rglob("*charter.json"):
        path.write_bytes(b"{}")
    (world.folder / "monitor2").mkdir()
    book = RepositoryBook(
        world.folder / "monitor2",
        world.repo.folder,
        world.repo.root_bytes,
        world.laws,
        clock_ms=lambda: world.now_s * 1000,
    )

    assert not book.refresh()
    assert [remark.code for remark in book.remarks] == ["repository-wrong"]


# The verb ------------------------------------------------------------------------------------------------------------


def run(*words: str) -> int:
    parser = ArgumentParser()
    verb.add_to(parser.add_subparsers(), french=False)
    options = parser.parse_args(["monitor", *words])
    return int(options.run(options))


def test_a_gateway_that_ignores_an_order_is_caught_over_real_http_and_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path / "world", now_s=int(time.time()) - 1)
    (tmp_path / "policy").write_text(render_policy(LOGS))
    (tmp_path / "root.json").write_bytes(world.repo.root_bytes)
    evidence = tmp_path / "evidence"
    with PublishedLog(world.gateway.entries, cosigned_s=int(time.time())) as log:
        options = [log.url, "--policy", str(tmp_path / "policy"), "--state", str(tmp_path / "state"), "--once"]
        options += ["--charter-repository", str(world.repo.folder), "--root", str(tmp_path / "root.json")]
        options += ["--law-within", "0", "--evidence", str(evidence)]
        assert run(*options) == 0, capsys.readouterr().out
        world.now_s = int(time.time())
        world.publish_order()
        assert run(*options) == 0, capsys.readouterr().out
        world.gateway.time_ms = time.time_ns() // 1_000_000
        world.asks()
        while time.time_ns() // 1_000_000 <= world.gateway.time_ms:
            pass  # some milliseconds, until the entries' own time has come
        log.publish(world.gateway.entries, cosigned_s=int(time.time()))

        assert run(*options) == 1

    said = capsys.readouterr().out
    assert f"ALARM order-ignored: an order in force is not carried out — {log.key.name}, entry 2, $.law.orders" in said
    assert f"policy {POLICY} (expected {ORDER}, found timestamp 1 < 2)" in said
    assert f"$.chosen, policy {POLICY}" in said
    finding = next(evidence.iterdir())
    assert run("verify", str(finding), "--policy", str(tmp_path / "policy")) == 1, "it is the monitor's word"
    world.repo.folder.rename(tmp_path / "away")
    with PublishedLog(world.gateway.entries, cosigned_s=int(time.time())) as log:
        capsys.readouterr()
        assert run(log.url, *options[1:]) == 1
        assert capsys.readouterr().out.startswith("WARNING repository-unreachable")


def test_a_repository_without_a_root_or_a_root_without_a_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy").write_text(render_policy(LOGS))
    for half in (["--charter-repository", str(tmp_path)], ["--root", str(tmp_path / "policy")]):
        with pytest.raises(ConfigurationError, match="takes its address and a root"):
            run("http://127.0.0.1:1/log", "--once", "--policy", str(tmp_path / "policy"), *half)


def test_orders_are_given_by_a_folder_where_no_repository_is_followed(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.publish_order()
    world.gateway_refreshes()
    world.asks()
    world.gateway.mark("stop")
    (tmp_path / "policy").write_text(render_policy(LOGS))
    (tmp_path / "orders").mkdir()
    start = dt.datetime.fromtimestamp(world.now_s, dt.UTC)
    order = order_kit.encoded(
        selector={"deployment": FRENCH.name}, start=spelled(start), expires=spelled(start + dt.timedelta(days=30))
    )
    bundle = tmp_path / "charter.json"
    bundle.write_bytes(next((world.repo.folder / "targets").glob("*charter.json")).read_bytes())
    with PublishedLog(world.gateway.entries, cosigned_s=world.now_s) as log:
        options = [log.url, "--policy", str(tmp_path / "policy"), "--once", "--charter", str(bundle)]
        assert run(*options, "--state", str(tmp_path / "one")) == 1
        assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ["ALARM orders-unknown"]

        (tmp_path / "orders" / "2026-014.json").write_bytes(order)
        assert run(*options, "--state", str(tmp_path / "two"), "--orders", str(tmp_path / "orders")) == 0
    assert REGISTRY.digest
    for wrong in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(Exception, match=r"cannot be read|expected|unknown|missing"):
            run(*options, "--state", str(tmp_path / "three"), "--orders", str(wrong))


def test_facts_superseded_for_more_than_a_minute_are_stale_and_so_are_those_of_the_software(world: World) -> None:
    world.repo.now = dt.datetime.fromtimestamp(world.now_s, dt.UTC)
    world.repo.propose_registry(facts("US"))
    world.repo.publish()
    world.told()
    world.passes(61)
    world.asks()
    told = [(alarm.code, alarm.field, alarm.found) for alarm in world.told()]
    assert ("registry-stale", "$.law.registry", REGISTRY.digest) in told


def test_where_no_facts_are_signed_those_of_the_software_may_be_cited(world: World) -> None:
    world.asks()
    assert "registry-stale" not in world.codes()
