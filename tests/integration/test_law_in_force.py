"""The law of a gateway that runs: followed from a repository, changed under it, entered in the log before it binds."""

from __future__ import annotations

import contextlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest
from tests.asking import ask, error_of, eventually, got, policies_of
from tests.charter_kit import ORDINARY, files_of_charter, forbid, oblige, warning
from tests.order_kit import PROTECTION, authorities, spelled
from tests.servers import Deployment, Served, serve
from tests.tuf_kit import Repo

from bouclier.charter import bundle_of, files_of, parse_charter
from bouclier.charter.orders import parse_order, render_order
from bouclier.oversight.adapters.log_reader import read_entries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PARTIES = ["party-1", "party-2", "party-3"]
AUTHORITY = "fr-protection"
NAMES = ("one", "two", "three", "four", "five")
NUMBERS = count(1)


def charter_files(*more: str, version: str = "1") -> dict[str, str]:
    return files_of_charter(
        ORDINARY,
        *more,
        data={"union": ["FR"], "warnings": [warning("ai")]},
        version=version,
        authorities=authorities(PROTECTION),
    )


@dataclass
class Followed:
    """A published charter, and a gateway that follows it."""

    repo: Repo
    served: Served
    orders: set[str] = field(default_factory=set)

    def in_force(self) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in got(self.served, "charter")["in_force"]}

    def order(self, **changes: object) -> str:
        """Publish an order, from now on and for an hour if it does not say, and return its id."""
        name = f"n-{next(NUMBERS)}"
        now = datetime.now(UTC).replace(microsecond=0)
        written: dict[str, object] = {
            "start": at(now - timedelta(minutes=1)),
            "expires": at(now + timedelta(hours=1)),
            **changes,
        }
        identifier = f"{AUTHORITY}/{name}"
        self.repo.now = datetime.now(UTC)
        self.repo.order(AUTHORITY, name, spelled(id=identifier, **written))
        return identifier

    @contextmanager
    def ordered(self, **changes: object) -> Iterator[str]:
        """Have an order in force on the gateway for a while; it is withdrawn afterwards."""
        identifier = self.order(**changes)
        try:
            eventually(lambda: identifier in self.in_force(), f"{identifier} in force")
            yield identifier
        finally:
            self.withdraw(identifier)

    def withdraw(self, identifier: str) -> None:
        self.repo.now = datetime.now(UTC)
        self.repo.withdraw(AUTHORITY, identifier.partition("/")[2])
        eventually(lambda: identifier not in self.in_force(), f"{identifier} withdrawn")

    def entries(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in entries_of(self.served.data) if one["kind"] == kind]

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        hidden = self.repo.folder.with_name("hidden")
        self.repo.folder.rename(hidden)
        try:
            yield
        finally:
            hidden.rename(self.repo.folder)


def at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def entries_of(data: Path) -> list[dict[str, Any]]:
    return [json.loads(one.entry) for one in read_entries(data / "log")]


def config(deployment: Deployment, repo: Repo, root: Path, *, more: str = "territory: FR") -> str:
    root.write_bytes(repo.root_bytes)
    listed = "".join(
        f"  - {{name: {name}, base_url: '{deployment.base_url}', model: echo, operator: ovhcloud, country: FR}}\n"
        for name in NAMES
    )
    return (
        f"charter: {{repository: '{repo.folder}', root: '{root}', refresh_s: 1, {more}}}\n"
        f"deployments:\n{listed}"
        f"  - {{name: endless, base_url: '{deployment.base_url}', model: endless, operator: ovhcloud, country: FR}}\n"
        f"  - {{name: home, base_url: '{deployment.base_url}', model: echo, operator: self}}\n"
        "engine: {model: off}\nshield: {names: off}\n"
    )


@pytest.fixture(scope="module")
def followed(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    folder = tmp_path_factory.mktemp("followed")
    repo = Repo.create(folder / "repo", authorities={AUTHORITY: (1, 1)}, files=charter_files())
    made = Followed(repo, serve(folder, config=config(deployment, repo, folder / "root.json")))
    yield made
    assert made.served.stop() == 0
    assert "internal error" not in made.served.said()
    assert_every_decision_follows_the_entry_of_its_law(entries_of(made.served.data))


def assert_every_decision_follows_the_entry_of_its_law(entries: Sequence[Mapping[str, Any]]) -> None:
    adopted: object = None
    seen = 0
    for entry in entries:
        if entry["kind"] == "adoption":
            adopted = entry["law"]
        elif entry["kind"] == "decision":
            assert entry["law"] == adopted
            seen += 1
    assert seen


# ---- What is followed ---------------------------------------------------------------------------------------


def test_who_adopted_a_published_charter_is_told_and_until_when(followed: Followed) -> None:
    shown = got(followed.served, "charter")
    assert (shown["adopted_by"], shown["parties"], shown["threshold"]) == (PARTIES, PARTIES, 2)
    assert (shown["own"], shown["expired"], shown["problem"], shown["problems"]) == (False, False, None, [])
    assert datetime.now(UTC) < datetime.fromisoformat(shown["expires"]) < datetime.now(UTC) + timedelta(days=3)


def test_anyone_may_take_the_charter_that_entries_cite(followed: Followed) -> None:
    bundle = httpx.get(f"{followed.served.url}charter/bundle", timeout=60).content
    assert parse_charter(files_of(bundle)).about.name.fr == "Essai"
    assert ask(followed.served, model="one").status_code == 200
    law = followed.entries("decision")[-1]["law"]
    assert law["charter"] == sha256(bundle).hexdigest() == got(followed.served, "charter")["charter"]
    assert followed.entries("adoption")[-1]["law"] == law


@pytest.mark.parametrize(("path", "status"), [("charter/x", 404), ("charter/bundle/", 404), ("reviews", 401)])
def test_nothing_else_is_under_that_address(followed: Followed, path: str, status: int) -> None:
    answer = httpx.get(f"{followed.served.url}{path}", timeout=60)
    assert answer.status_code == status
    assert answer.json()["code"]


def test_the_law_is_read_and_not_written(followed: Followed) -> None:
    assert httpx.post(f"{followed.served.url}charter", json={}, timeout=60).status_code == 405
    assert httpx.head(f"{followed.served.url}charter", timeout=60).status_code == 200


# ---- Orders -------------------------------------------------------------------------------------------------


def test_an_order_stops_a_conversation_at_its_next_turn_and_says_on_what_basis(followed: Followed) -> None:
    assert ask(followed.served, "un", model="one").status_code == 200
    with followed.ordered(selector={"deployment": "one"}, basis="Loi d'exemple, art. 9") as identifier:
        refused = ask(followed.served, "deux", model="one")
        assert (refused.status_code, error_of(refused)["code"]) == (403, "refused_by_charter")
        (policy,) = error_of(refused)["bouclier"]["policies"]
        assert policy["id"] == f"order-{identifier.replace('/', '-')}"
        assert "Loi d'exemple, art. 9" in policy["basis"]
        assert ask(followed.served, "deux", model="two").status_code == 200
        assert followed.entries("decision")[-1]["law"]["orders"] == got(followed.served, "charter")["orders"]
    assert ask(followed.served, "trois", model="one").status_code == 200


def test_an_order_in_force_is_shown_whole_and_entered_in_the_log(followed: Followed) -> None:
    with followed.ordered(selector={"deployment": "one"}) as identifier:
        path = next((followed.repo.folder / "targets" / "orders" / AUTHORITY).glob(f"*{identifier[14:]}.json"))
        (shown,) = [one for one in got(followed.served, "charter/orders")["orders"] if one["order"]["id"] == identifier]
        order = parse_order(json.dumps(shown["order"]).encode())
        assert shown["digest"] == sha256(path.read_bytes()).hexdigest()
        assert render_order(order) == render_order(parse_order(path.read_bytes()))
        entered = {"id": identifier, "digest": shown["digest"]}
        adoption = eventually(
            lambda: next((one for one in followed.entries("adoption")[-1:] if entered in one["orders"]), None),
            "it entered",
        )
        assert adoption["territory"] == "FR"
    eventually(
        lambda: identifier not in {one["id"] for one in followed.entries("adoption")[-1]["orders"]},
        "it entered as lifted",
    )


@contextmanager
def streaming(followed: Followed) -> Iterator[tuple[list[str], Thread]]:
    """Have an answer without end under way: the lines that came so far, after its exchange, and who reads them."""
    lines: list[str] = []
    body = {"model": "endless", "stream": True, "messages": [{"role": "user", "content": "Encore"}]}
    headers = {"authorization": f"Bearer {followed.served.key}"}
    url = f"{followed.served.base_url}/chat/completions"

    def read() -> None:
        with httpx.stream("POST", url, json=body, headers=headers, timeout=60) as answer:
            lines.append(answer.headers["x-bouclier-exchange"])
            lines.extend(line for line in answer.iter_lines() if line)

    reader = Thread(target=read)
    reader.start()
    eventually(lambda: len(lines) > 5, "an answer that streams")
    try:
        yield lines, reader
    finally:
        if reader.is_alive():
            with followed.ordered(selector={"deployment": "endless"}):
                reader.join(timeout=30)
    assert not reader.is_alive()


@pytest.mark.parametrize("kind", ["suspend", "local-only", "require-human-review"])
def test_an_order_ends_an_answer_in_the_middle_of_its_stream(followed: Followed, kind: str) -> None:
    with (
        streaming(followed) as (lines, reader),
        followed.ordered(selector={"deployment": "endless"}, effect={"kind": kind}) as identifier,
    ):
        reader.join(timeout=30)
        assert not reader.is_alive()
        error = json.loads(lines[-1].removeprefix("data: "))["error"]
        assert error["code"] == "law_changed"
        assert f"order-{identifier.replace('/', '-')}" in {one["id"] for one in error["bouclier"]["policies"]}
        (outcome,) = eventually(
            lambda: [one for one in followed.entries("outcome") if one["exchange"] == lines[0]], "the outcome"
        )
        assert outcome["ending"] == "law_changed"


def test_an_order_that_only_warns_lets_an_answer_under_way_go_on(followed: Followed) -> None:
    effect = {"kind": "require-warning", "warning": {"fr": "Attention.", "en": "Beware."}}
    with streaming(followed) as (lines, _), followed.ordered(selector={}, effect=effect):
        so_far = len(lines)
        eventually(lambda: len(lines) > so_far + 5, "the answer going on")
        assert "error" not in json.loads(lines[-1].removeprefix("data: "))


def test_while_the_law_changes_under_load_each_decision_is_by_the_law_adopted_before_it(
    followed: Followed, deployment: Deployment
) -> None:
    answers: list[int] = []
    done = Event()
    body = {"model": "one", "messages": [{"role": "user", "content": "Vite"}]}
    headers = {"authorization": f"Bearer {followed.served.key}"}

    def load() -> None:
        with httpx.Client(timeout=30) as client:
            while not done.is_set():
                answers.append(
                    client.post(f"{followed.served.base_url}/chat/completions", json=body, headers=headers).status_code
                )

    threads = [Thread(target=load) for _ in range(12)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            with followed.ordered(selector={"deployment": "one"}) as identifier:
                policy = f"order-{identifier.replace('/', '-')}"
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert {200, 403} <= set(answers) <= {200, 403, 409, 503}
    entries = entries_of(followed.served.data)
    assert_every_decision_follows_the_entry_of_its_law(entries)
    assert any(policy in one["policies"] for entry in entries for one in entry.get("candidates", ()))
    received = {one["exchange"] for one in deployment.seen()}
    moved = {one["exchange"] for one in entries if one["kind"] == "outcome" and one["ending"] == "law_changed"}
    streamed = {one["exchange"] for one in deployment.seen() if one["body"].get("stream")}
    assert not moved & received - streamed  # decided, then overtaken: nothing of it was sent


def test_an_order_begins_and_ends_at_its_own_times_while_nobody_can_be_reached(followed: Followed) -> None:
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)
    before = got(followed.served, "charter")["timestamp"]
    identifier = followed.order(
        selector={"deployment": "two"}, start=at(soon), expires=at(soon + timedelta(seconds=12))
    )
    eventually(lambda: got(followed.served, "charter")["timestamp"] > before, "the order published")
    with followed.unreachable():
        eventually(lambda: identifier in followed.in_force(), "the order in force")
        assert datetime.now(UTC) >= soon
        eventually(lambda: ask(followed.served, model="two").status_code == 403, "the order obeyed")
        eventually(lambda: identifier not in followed.in_force(), "the order lifted")
        assert datetime.now(UTC) >= soon + timedelta(seconds=12)
        assert ask(followed.served, model="two").status_code == 200
    followed.withdraw(identifier)


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": ["DE"]},
        {"expires": "2031-01-01T00:00:00Z"},
        {"effect": {"kind": "grant"}},
    ],
)
def test_an_order_beyond_its_mandate_has_no_effect_and_is_told_with_the_reason(
    followed: Followed, changes: dict[str, object]
) -> None:
    identifier = followed.order(selector={"deployment": "three"}, **changes)
    path = f"orders/{identifier}.json"

    def refused() -> dict[str, Any] | None:
        told = got(followed.served, "charter/orders")["refused"]
        return next((one for one in told if one["path"] == path), None)

    told = eventually(refused, "the order refused")
    assert all(reason["fr"] and reason["en"] for reason in told["reasons"])
    assert told["reasons"]
    assert ask(followed.served, model="three").status_code == 200
    eventually(lambda: told["digest"] in followed.entries("adoption")[-1]["refused"], "it entered as refused")
    followed.withdraw(identifier)


def test_an_order_for_elsewhere_does_not_bind_here(followed: Followed) -> None:
    mandates = authorities({**PROTECTION, "territory": ["FR", "DE"]})
    followed.repo.now = datetime.now(UTC)
    followed.repo.publish({**charter_files(version="wide"), "authorities.json": mandates.decode()})
    eventually(lambda: got(followed.served, "charter")["version"] == "wide", "the wider mandate")
    elsewhere = followed.order(selector={"deployment": "three"}, scope=["DE"])
    with followed.ordered(selector={"deployment": "four"}):
        assert elsewhere not in followed.in_force()
        assert ask(followed.served, model="three").status_code == 200
    followed.withdraw(elsewhere)


def test_an_order_may_ask_for_a_warning_or_keep_what_it_names_at_home(followed: Followed) -> None:
    said = {"fr": "Ce modèle se trompe de dates.", "en": "This model gets dates wrong."}
    with followed.ordered(selector={"deployment": "three"}, effect={"kind": "require-warning", "warning": said}):
        answer = ask(followed.served, model="three")
        (warned,) = answer.json()["bouclier"]["warnings"]
        assert {"fr": warned["fr"], "en": warned["en"]} == said
        assert answer.headers["x-bouclier-warnings"] == warned["id"]
    with followed.ordered(selector={}, effect={"kind": "local-only"}):
        assert ask(followed.served, model="three").status_code == 403
        assert ask(followed.served, model="auto").json()["bouclier"]["deployment"]["name"] == "home"


# ---- Charters -----------------------------------------------------------------------------------------------


def test_a_new_charter_binds_once_it_is_in_the_log(followed: Followed) -> None:
    stricter = charter_files(forbid("never-that", 'context.purpose == "that"'), version="2")
    assert ask(followed.served, model="five", purpose="that").status_code == 200
    followed.repo.now = datetime.now(UTC)
    followed.repo.publish(stricter)
    digest = sha256(bundle_of(stricter)).hexdigest()
    eventually(lambda: got(followed.served, "charter")["charter"] == digest, "the new charter")
    refused = ask(followed.served, model="five", purpose="that")
    assert policies_of(refused) == {"never-that"}
    assert followed.entries("adoption")[-1]["law"]["charter"] == digest
    assert got(followed.served, "charter")["version"] == "2"


@pytest.mark.parametrize(("broken", "text"), [("packs/socle/policies.cedar", "permit ("), ("authorities.json", "{}")])
def test_a_published_charter_that_cannot_be_used_leaves_the_last_good_one_in_force(
    followed: Followed, broken: str, text: str
) -> None:
    before = got(followed.served, "charter")
    followed.repo.now = datetime.now(UTC)
    followed.repo.publish({**charter_files(version="3"), broken: text})
    eventually(lambda: got(followed.served, "charter")["problem"], "the problem")
    shown = got(followed.served, "charter")
    assert (shown["charter"], shown["version"], shown["expired"]) == (before["charter"], before["version"], False)
    assert ask(followed.served, model="five").status_code == 200
    # New orders bind all the same, and a fresh signature on what cannot be used prolongs nothing.
    with followed.ordered(selector={"deployment": "five"}):
        assert ask(followed.served, model="five").status_code == 403
        now = got(followed.served, "charter")
        assert (now["charter"], now["expires"]) == (before["charter"], before["expires"])
        assert now["timestamp"] > shown["timestamp"]
        assert now["problem"]
    followed.repo.now = datetime.now(UTC)
    followed.repo.publish(charter_files(version=f"4 after {broken}"))
    eventually(lambda: got(followed.served, "charter")["version"] != before["version"], "the charter mended")
    assert got(followed.served, "charter")["problem"] is None
    assert got(followed.served, "charter")["expires"] > before["expires"]


def test_what_goes_wrong_on_this_machine_is_told_without_its_places(followed: Followed) -> None:
    (held,) = (followed.served.data / "charter" / "followed").rglob("held.json")
    kept = held.with_name("kept")
    while not held.is_dir():
        held.rename(kept)
        with contextlib.suppress(FileExistsError):  # written again in between
            held.mkdir()
    try:
        eventually(lambda: got(followed.served, "charter")["problem"], "the problem")
        for path in ("health", "charter"):
            assert str(followed.served.data) not in httpx.get(f"{followed.served.url}{path}", timeout=60).text
        assert ask(followed.served, model="five").status_code == 200
    finally:
        held.rmdir()
        kept.rename(held)
    eventually(lambda: got(followed.served, "charter")["problem"] is None, "the state mended")


def test_while_the_repository_is_silent_what_was_verified_goes_on_and_it_is_told(followed: Followed) -> None:
    before = got(followed.served, "charter")
    with followed.unreachable():
        eventually(lambda: got(followed.served, "charter")["problems"], "the silence")
        shown = got(followed.served, "charter")
        assert (shown["charter"], shown["expires"], shown["expired"]) == (before["charter"], before["expires"], False)
        assert ask(followed.served, model="five").status_code == 200
    eventually(lambda: got(followed.served, "charter")["problems"] == [], "the repository again")


# ---- A charter on trial -------------------------------------------------------------------------------------


def test_a_charter_on_trial_is_recorded_where_it_differs_and_changes_nothing(followed: Followed) -> None:
    trial = charter_files(
        forbid("not-on-trial", 'context.purpose == "trial" && !resource.own'),
        oblige("told", "warn:ai", 'context.purpose == "told"'),
        version="trial",
    )
    trial["packs/socle/policies.cedar"] = trial["packs/socle/policies.cedar"].replace('"uninspected"', '"nothing"')
    place = followed.served.data / "charter" / "shadow.bundle"
    half = place.with_name("half")
    half.write_bytes(bundle_of(trial))
    half.rename(place)

    def tried(purpose: str) -> list[dict[str, Any]]:
        answer = ask(followed.served, model="five", purpose=purpose)
        assert answer.status_code == 200
        assert answer.json()["bouclier"]["warnings"] == []
        exchange = answer.headers["x-bouclier-exchange"]
        assert eventually(
            lambda: [one for one in followed.entries("outcome") if one["exchange"] == exchange], "the outcome"
        )
        return [one for one in followed.entries("shadow") if one["exchange"] == exchange]

    (entry,) = eventually(lambda: tried("trial"), "the charter on trial")
    decision = entries_of(followed.served.data)[entry["decision_index"]]
    assert (decision["kind"], decision["exchange"], decision["chosen"]) == ("decision", entry["exchange"], "five")
    assert entry["charter"] == sha256(bundle_of(trial)).hexdigest() != entry["law"]["charter"]
    assert entry["chosen"] is None
    assert [(one["deployment"], one["permitted"], one["policies"]) for one in entry["candidates"]] == [
        ("five", False, ["not-on-trial"])
    ]
    (entry,) = tried("told")
    assert (entry["chosen"], entry["candidates"][0]["duties"]) == ("five", ["warn:ai"])
    assert tried("plain") == []
    picture = {"type": "image_url", "image_url": {"url": "https://example.fr/a.png"}}
    refused = ask(followed.served, model="five", messages=[{"role": "user", "content": [picture]}])
    assert policies_of(refused) == {"uninspected-never-leaves"}
    (entry,) = eventually(
        lambda: [
            one for one in followed.entries("shadow") if one["exchange"] == refused.headers["x-bouclier-exchange"]
        ],
        "what the trial says of a refusal",
    )
    assert entry["chosen"] == "five"
    # A trial that cannot be used ends, and holds up neither law nor orders.
    half.write_bytes(bundle_of({**trial, "authorities.json": "{}"}))
    half.rename(place)
    eventually(lambda: not tried("trial"), "the end of the trial")
    with followed.ordered(selector={"deployment": "one"}):
        assert ask(followed.served, model="one").status_code == 403
    place.unlink()
    assert tried("trial") == []
