"""A site that freezes: it accepts connections, and answers neither probes nor exchanges."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.fleet_gateway import asked, configuration, running, state_of, streamed, text_of, until
from tests.site_process import Site

if TYPE_CHECKING:
    from pathlib import Path

LIGHTER, HEAVIER = (f", carbon: {{mg_per_1000_tokens: {mg}, source: test}}" for mg in (10, 1010))


def test_who_waits_for_a_frozen_site_is_served_elsewhere_if_possible_and_nobody_new_is_sent_there(
    tmp_path: Path,
) -> None:
    with Site("a") as a, Site("b") as b, ThreadPoolExecutor() as callers:
        config = configuration(
            tmp_path / "charter",
            a.entry(site="lyon", more=LIGHTER),
            b.entry(site="lille", more=HEAVIER),
            fleet="probe_interval_s: 0.2",
            more="aliases:\n  - {name: pair, models: [a, b]}\n",
        )
        with running(tmp_path / "gateway", config) as served:
            until(lambda: state_of(served, "a")["state"] == "ready")
            assert text_of(asked(served, model="pair")) == "Réponse de a"
            assert text_of(asked(served, model="m")) == "Réponse de a", "the model that both serve"
            a.behave("hang")
            whole = callers.submit(asked, served, model="m")
            stream = callers.submit(asked, served, model="pair", stream=True)
            alone = callers.submit(asked, served, model="a")
            until(lambda: a.seen == 5)
            a.suspend()

            assert text_of(whole.result()) == "Réponse de b"
            assert streamed(stream.result()) == "Réponse de b"
            assert state_of(served, "a")["state"] == "down"
            assert text_of(asked(served, model="pair")) == "Réponse de b"
            failed = [line for line in served.said().splitlines() if "upstream_timeout at deployment=a" in line]
            assert len(failed) == 2
            assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ WARNING ", line) for line in failed)
            assert "Bonjour" not in served.said()
            assert not alone.done(), "whoever has nowhere else to go waits for it"

            a.resume()
            a.behave("ok")
            assert text_of(alone.result()) == "Réponse de a"
            until(lambda: state_of(served, "a")["state"] == "trial")
            assert text_of(asked(served, model="a")) == "Réponse de a"
            until(lambda: state_of(served, "a")["state"] == "ready")
