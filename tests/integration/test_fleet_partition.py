"""A site behind a network that is cut: what is asked ends, is made good elsewhere, and comes back when it is healed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest
from tests.fleet_gateway import (
    HEALTH,
    asked,
    authorization,
    configuration,
    decisions,
    request,
    running,
    state_of,
    streamed,
    text_of,
    until,
    words_of,
)
from tests.network_kit import FarMachine, why_no_far_machine
from tests.site_process import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Served

NO_FAR_MACHINE = why_no_far_machine()
pytestmark = pytest.mark.skipif(NO_FAR_MACHINE is not None, reason=f"no network of its own here: {NO_FAR_MACHINE}")

TESTS = 6
FAR, US = "Réponse de far", "Réponse de us"


@dataclass
class Fleet:
    """A gateway that prefers a far site by law to a near one abroad; each test has names of its own for both."""

    served: Served
    machine: FarMachine
    far: Site
    us: Site
    number: int = 0

    @property
    def name(self) -> str:
        """The far site's."""
        return f"far{self.number}"

    def ask(self, content: str = "Bonjour", **body: Any) -> Any:
        return asked(self.served, content, model=f"pair{self.number}", **body)

    def word(self) -> str:
        word: str = state_of(self.served, self.name)["state"]
        return word


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("partition")
    with ExitStack() as stack:
        machine = stack.enter_context(FarMachine())
        far = stack.enter_context(Site("far", host=machine.host, wrapper=machine.inside))
        us = stack.enter_context(Site("us"))
        waits = ", connect_timeout_s: 3, idle_timeout_s: 3.5"
        entries, aliases = [], []
        for number in range(TESTS):
            entries += [
                far.entry(site="far", more=waits).replace("name: far", f"name: far{number}"),
                us.entry(operator="openai").replace("name: us", f"name: us{number}"),
            ]
            aliases.append(f"  - {{name: pair{number}, models: [far{number}, us{number}]}}\n")
        config = configuration(
            folder / "charter", *entries, fleet="probe_interval_s: 0.2", more=f"aliases:\n{''.join(aliases)}"
        )
        yield Fleet(stack.enter_context(running(folder, config)), machine, far, us)


@pytest.fixture
def fleet(made: Fleet) -> Iterator[Fleet]:
    made.far.behave("ok", first_ms=0, token_ms=0)
    until(lambda: made.word() == "ready")
    yield made
    made.machine.heal()
    made.number += 1


def test_what_was_cut_after_its_first_token_ends_with_a_clear_error_and_goes_nowhere_else(fleet: Fleet) -> None:
    fleet.far.behave(token_ms=60_000)
    before = fleet.us.seen
    with httpx.stream(
        "POST",
        f"{fleet.served.base_url}/chat/completions",
        json=request("Bonjour", model=f"pair{fleet.number}", stream=True),
        headers=authorization(fleet.served),
        timeout=30,
    ) as answer:
        words = []
        for word in words_of(answer.iter_lines()):
            words.append(word)
            if word == "Réponse":
                fleet.machine.cut()
    assert "".join(words) == "Réponse !upstream_timeout"
    assert fleet.us.seen == before
    fleet.machine.heal()
    fleet.far.behave(token_ms=0)
    until(lambda: fleet.word() == "ready")
    assert text_of(fleet.ask()) == FAR


@pytest.mark.parametrize("stream", [False, True])
def test_what_was_cut_before_its_first_token_another_site_answers(fleet: Fleet, stream: bool) -> None:  # noqa: FBT001
    fleet.far.behave(first_ms=60_000)
    before = fleet.far.seen
    answers: list[Any] = []
    asking = Thread(target=lambda: answers.append(fleet.ask(stream=stream)))
    asking.start()
    until(lambda: fleet.far.seen > before)
    fleet.machine.cut()
    asking.join()
    assert (streamed if stream else text_of)(answers[0]) == US
    hops = [(one["tried"], one["chosen"]) for one in decisions(fleet.served)[-2:]]
    assert hops == [([], fleet.name), ([fleet.name], f"us{fleet.number}")]


def test_what_is_asked_before_anybody_noticed_is_answered_elsewhere_or_says_who_failed(fleet: Fleet) -> None:
    assert text_of(fleet.ask()) == FAR  # and leaves a connection open
    fleet.machine.cut()
    before = fleet.us.seen
    refused = fleet.ask(HEALTH)
    assert refused.status_code in {502, 503, 504}
    assert fleet.name in refused.json()["error"]["message"]
    assert fleet.us.seen == before, "a patient goes nowhere else, whatever is up there"
    assert text_of(fleet.ask()) == US


def test_while_idle_probes_notice_and_when_it_is_healed_it_serves_again(fleet: Fleet) -> None:
    fleet.machine.cut()
    until(lambda: fleet.word() == "down")
    before = fleet.us.seen
    refused = fleet.ask(HEALTH, headers={"x-bouclier-max-wait-ms": "0"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "deployment_unavailable")
    assert fleet.name in refused.json()["error"]["message"]
    assert fleet.us.seen == before
    assert text_of(fleet.ask()) == US, "nobody waits for what is known to be down"
    fleet.machine.heal()
    until(lambda: fleet.word() == "ready")
    assert text_of(fleet.ask(HEALTH)) == FAR
