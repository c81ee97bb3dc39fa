"""Sites killed, hung, slow, lying or cut: nothing is lost that could be served, nothing goes where it may not."""

from __future__ import annotations

import json
import re
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest
from tests.fleet_gateway import (
    HEALTH,
    asked,
    configuration,
    decisions,
    health_of,
    running,
    state_of,
    streamed,
    text_of,
    until,
)
from tests.site_process import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Served

PAIRS = 24
PATIENCE_MS = 2_000
CARBON = ", carbon: {{mg_per_1000_tokens: {}, source: test}}"
"""A gram is worth half a second: of two that never served, the lighter is asked first."""


@contextmanager
def gateway(folder: Path, *entries: str, more: str = "", fleet: str = "") -> Iterator[Served]:
    """A gateway over sites."""
    config = configuration(folder / "charter", *entries, more=more, fleet=f"probe_interval_s: 3600{fleet}")
    with running(folder, config) as served:
        yield served


@dataclass
class Fleet:
    """One gateway for all tests of this module; each test has deployments nobody used before, over the same sites."""

    served: Served
    a: Site
    b: Site
    numbers: Iterator[int]
    number: int = 0

    def fresh(self) -> Fleet:
        self.number = next(self.numbers)
        for site in (self.a, self.b):
            site.behave("ok", first_ms=0, token_ms=0, code=None)
        return self

    def ask(self, content: str = "Bonjour", *, model: str | None = None, **how: Any) -> Any:
        """Ask either of this test's deployments; `a` or `b` for one of them, `one` for the one with a single slot."""
        name = f"pair{self.number}" if model is None else f"{model}{self.number}"
        return asked(self.served, content, model=name, **how)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with ExitStack() as stack:
        a, b = (stack.enter_context(Site(name)) for name in "ab")
        entries, aliases = [], []
        for number in range(PAIRS):
            entries += [
                a.entry(site="both", more=CARBON.format(10)).replace("name: a", f"name: a{number}"),
                b.entry(site="both", more=CARBON.format(100_010)).replace("name: b", f"name: b{number}"),
                a.entry(site="both", more=", slots: 1").replace("name: a", f"name: one{number}"),
            ]
            aliases.append(f"  - {{name: pair{number}, models: [a{number}, b{number}]}}\n")
        served = stack.enter_context(
            gateway(
                tmp_path_factory.mktemp("fleet"),
                *entries,
                fleet=f", patience_ms: {PATIENCE_MS}",
                more=f"aliases:\n{''.join(aliases)}",
            )
        )
        yield Fleet(served, a, b, count())


@pytest.fixture
def fleet(made: Fleet) -> Fleet:
    return made.fresh()


def test_a_hung_site_is_left_after_our_patience_while_another_one_is_free(fleet: Fleet) -> None:
    fleet.a.behave("hang")
    before = fleet.a.seen
    assert {streamed(fleet.ask(stream=True)) for _ in range(3)} == {"Réponse de b"}
    assert fleet.a.seen > before


def test_a_slow_site_is_waited_for_when_it_is_all_there_is(fleet: Fleet) -> None:
    fleet.a.behave(first_ms=3 * PATIENCE_MS)
    assert streamed(fleet.ask(model="a", stream=True)) == "Réponse de a"


@pytest.mark.parametrize("how", ["cut-before", "garbage", "status-500", "status-429", "status-503", "status-401"])
def test_what_fails_before_its_first_token_is_made_good_elsewhere_unseen(fleet: Fleet, how: str) -> None:
    fleet.a.behave(how)
    before = fleet.a.seen
    assert {streamed(fleet.ask(stream=True)) for _ in range(2)} == {"Réponse de b"}
    assert fleet.a.seen > before


def test_what_is_cut_after_its_first_token_ends_there_and_goes_nowhere_else(fleet: Fleet) -> None:
    for site in (fleet.a, fleet.b):
        site.behave("cut-after")
    before = fleet.a.seen + fleet.b.seen
    assert streamed(fleet.ask(stream=True)) == "Réponse de  !stream_interrupted"
    assert fleet.a.seen + fleet.b.seen == before + 1


@pytest.mark.parametrize(
    ("how", "code"), [("status-400", None), ("status-503", "content_filter"), ("status-422", None)]
)
def test_a_refusal_of_the_content_never_goes_to_another_site(fleet: Fleet, how: str, code: str | None) -> None:
    for site in (fleet.a, fleet.b):
        site.behave(how, code=code)
    before = fleet.a.seen + fleet.b.seen
    assert fleet.ask().status_code == int(how.removeprefix("status-"))
    assert fleet.a.seen + fleet.b.seen == before + 1


def test_a_site_that_says_it_is_well_and_fails_is_left_alone_by_its_outcomes(fleet: Fleet) -> None:
    fleet.a.behave("status-500")  # while its list of models is in good order
    name = f"a{fleet.number}"
    until(lambda: text_of(fleet.ask()) == "Réponse de b" and state_of(fleet.served, name)["breaker"] == "open")
    before = fleet.a.seen
    assert {text_of(fleet.ask()) for _ in range(5)} == {"Réponse de b"}
    assert fleet.a.seen - before <= 1, "a trial, when its pause has ended"


def test_whoever_finds_all_slots_taken_waits_and_is_served_in_turn(fleet: Fleet) -> None:
    fleet.a.behave("hang")
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(fleet.ask(model="one"))) for _ in range(5)]
    for thread in threads:
        thread.start()
    until(lambda: health_of(fleet.served)["waiting"] == 4)
    fleet.a.behave("ok")
    for thread in threads:
        thread.join()
    assert [text_of(answer) for answer in answers] == ["Réponse de a"] * 5
    waited = sorted(answer.json()["bouclier"]["placement"]["waited_ms"] for answer in answers)
    assert (waited[0], waited[1] > 0) == (0, True)
    recorded = sorted(one["waited_ms"] for one in decisions(fleet.served) if one["chosen"] == f"one{fleet.number}")
    assert recorded == waited


def test_who_will_not_wait_is_told_when_to_come_back(fleet: Fleet) -> None:
    fleet.a.behave("hang")
    before = fleet.a.seen
    busy = threading.Thread(target=lambda: fleet.ask(model="one"))
    busy.start()
    until(lambda: fleet.a.seen > before)
    refused = fleet.ask(model="one", headers={"x-bouclier-max-wait-ms": "0"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "deployment_unavailable")
    assert "all its slots are taken" in refused.json()["error"]["message"]
    assert int(refused.headers["retry-after"]) >= 1
    fleet.a.behave("ok")
    busy.join()


def test_the_urgent_goes_before_the_patient(fleet: Fleet) -> None:
    fleet.a.behave("hang")
    before = fleet.a.seen

    def ask(priority: str) -> None:
        text_of(fleet.ask(priority, model="one", headers={"x-bouclier-priority": priority}))

    def waiting() -> int:
        return int(health_of(fleet.served)["waiting"])

    threads = []
    for number, priority in enumerate(("normal", "batch", "normal", "interactive")):
        threads.append(threading.Thread(target=ask, args=(priority,)))
        threads[-1].start()
        until(lambda number=number: fleet.a.seen > before if number == 0 else waiting() == number)  # type: ignore[misc]
    fleet.a.behave("ok")
    for thread in threads:
        thread.join()
    served = [body["messages"][-1]["content"] for body in fleet.a.shown()["seen"][before:]]
    assert served == ["normal", "interactive", "normal", "batch"]


def test_a_caller_who_hangs_up_in_line_leaves_it(fleet: Fleet) -> None:
    fleet.a.behave("hang")
    before = fleet.a.seen
    busy = threading.Thread(target=lambda: fleet.ask(model="one"))
    busy.start()
    until(lambda: fleet.a.seen > before)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{fleet.served.base_url}/chat/completions",
            json={"model": f"one{fleet.number}", "messages": [{"role": "user", "content": "?"}]},
            headers={"authorization": f"Bearer {fleet.served.key}"},
            timeout=0.5,
        )
    until(lambda: health_of(fleet.served)["waiting"] == 0)
    fleet.a.behave("ok")
    busy.join()
    assert fleet.a.seen == before + 1


def test_an_alias_is_served_by_any_of_its_models_and_listed(fleet: Fleet) -> None:
    before = fleet.a.seen
    assert text_of(fleet.ask()) == "Réponse de a"
    fleet.a.behave("status-500")
    assert text_of(fleet.ask()) == "Réponse de b"
    assert fleet.a.seen == before + 2
    headers = {"authorization": f"Bearer {fleet.served.key}"}
    listed = httpx.get(f"{fleet.served.base_url}/models/pair{fleet.number}", headers=headers, timeout=20).json()
    ours = listed["bouclier"]
    assert (ours["kind"], ours["models"]) == ("alias", [f"a{fleet.number}", f"b{fleet.number}"])
    assert asked(fleet.served, model="none").json()["error"]["code"] == "model_not_found"


def test_when_the_last_one_fails_too_all_that_failed_are_named(fleet: Fleet) -> None:
    for site in (fleet.a, fleet.b):
        site.behave("cut-before")
    message = fleet.ask(stream=True).json()["error"]["message"]
    assert f'"b{fleet.number}"' in message
    assert f"Before it, these failed: a{fleet.number}." in message


def test_a_model_that_several_serve_may_be_asked_for_by_its_own_name(fleet: Fleet) -> None:
    assert text_of(fleet.ask()) == "Réponse de a"
    headers = {"authorization": f"Bearer {fleet.served.key}"}
    ours = httpx.get(f"{fleet.served.base_url}/models/m", headers=headers, timeout=20).json()["bouclier"]
    assert ours["kind"] == "model"
    assert {f"a{fleet.number}", f"b{fleet.number}"} <= set(ours["deployments"])
    assert text_of(asked(fleet.served, model="m")) in {"Réponse de a", "Réponse de b"}


def test_a_conversation_stays_where_it_was(fleet: Fleet) -> None:
    for conversation in range(3):
        name = {"x-bouclier-conversation": f"talk-{fleet.number}-{conversation}"}
        assert len({text_of(fleet.ask(headers=name)) for _ in range(4)}) == 1


@pytest.mark.parametrize(
    ("header", "value"),
    [("X-Bouclier-Priority", "urgent"), ("X-Bouclier-Max-Wait-Ms", "soon"), ("X-Bouclier-Max-Wait-Ms", "99999999")],
)
def test_a_header_of_the_queue_that_makes_no_sense_is_named(fleet: Fleet, header: str, value: str) -> None:
    answer = fleet.ask(headers={header: value})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, header)


def test_what_a_killed_site_was_asked_another_one_answers_and_it_serves_again_when_it_is_back(tmp_path: Path) -> None:
    with Site("a") as a, Site("us") as us:
        entries = (a.entry(), us.entry(operator="openai"))
        with gateway(tmp_path, *entries) as served:
            assert text_of(asked(served, HEALTH)) == "Réponse de a"
            a.kill()
            # Decided anew, by the same charter: the other site may have the greeting, never the patient.
            assert text_of(asked(served, "Bonjour")) == "Réponse de us"
            refused = asked(served, HEALTH)
            assert (refused.status_code, refused.json()["error"]["code"]) == (502, "upstream_unreachable")
            assert us.seen == 1
            a.start()
            assert text_of(asked(served, HEALTH)) == "Réponse de a"
        hops = [(one["tried"], one["chosen"]) for one in decisions(served)]
        assert hops == [([], "a"), ([], "a"), (["a"], "us"), ([], "a"), ([], "a")]


def test_a_budget_warns_then_moves_to_the_lightest_then_refuses_and_outlives_a_restart(tmp_path: Path) -> None:
    more = "budgets: [{application: terminal, period: month, grams: 3}]\n"
    with Site("heavy") as heavy, Site("light") as light:
        entries = (heavy.entry(operator="self", more=CARBON.format(9000)), light.entry(more=CARBON.format(5000)))
        passed: dict[str, str] = {}
        with gateway(tmp_path, *entries, more=more) as served:
            while "refuse" not in passed:
                answer = asked(served)
                if answer.status_code == 403:
                    refusal = answer.json()["error"]
                    assert refusal["code"] == "carbon_budget_spent"
                    assert re.search(r"Wait until \d{4}-\d\d-01 \(UTC\)", json.dumps(refusal))
                    passed["refuse"] = ""
                    continue
                stage = answer.json()["bouclier"]["placement"]["budget"]
                assert answer.headers.get("x-bouclier-budget", "within") == stage
                passed[stage] = text_of(answer)
        assert list(passed.items()) == [
            ("within", "Réponse de heavy"),
            ("warn", "Réponse de heavy"),
            ("lighten", "Réponse de light"),
            ("refuse", ""),
        ]
        with gateway(tmp_path, *entries, more=more) as served:
            assert asked(served).json()["error"]["code"] == "carbon_budget_spent"
            assert decisions(served)[-1]["budget"] == "refuse"
