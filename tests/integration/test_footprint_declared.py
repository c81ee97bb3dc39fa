"""What a deployment is declared to cost: in the answer, the record, metrics, reports and budgets of a real gateway."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.servers import Served, concluded, run, serve, vkey_of

from bouclier.oversight import DecisionEntry, OutcomeEntry, parse_entry
from bouclier.oversight.adapters.log_reader import read_entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Deployment

DECLARED = ', carbon: {mg_per_1000_tokens: 400, source: "mesure du syndicat, octobre 2026"}'
A_MONTH_OF_50_MG = "budgets: [{application: terminal, period: month, grams: 0.05}]\n"
READ, WRITTEN = 11, 7
"""As the deployment of the tests counts."""
MOST_UG = 400 * (READ + WRITTEN)


@contextmanager
def gateway(folder: Path, deployment: Deployment, *, carbon: str, more: str = A_MONTH_OF_50_MG) -> Iterator[Served]:
    entry = (
        f"{{name: echo, base_url: {deployment.base_url}, model: unsized, operator: self, site: s, country: FR{carbon}}}"
    )
    running = serve(folder, config=f"engine: {{model: off}}\ndeployments: [{entry}]\n{more}")
    try:
        yield running
    finally:
        running.stop()


def asked(served: Served) -> httpx.Response:
    body = {"model": "echo", "messages": [{"role": "user", "content": "Bonjour"}], "max_tokens": 7}
    headers = {"authorization": f"Bearer {served.key}"}
    return httpx.post(f"{served.base_url}/chat/completions", json=body, headers=headers, timeout=60)


@pytest.fixture(scope="module")
def spent(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, list[Any]]]:
    """A gateway, and its answers until its budget was spent."""
    with gateway(tmp_path_factory.mktemp("declared"), deployment, carbon=DECLARED) as served:
        answers = [asked(served)]
        while answers[-1].status_code == 200 and len(answers) < 20:
            answers.append(asked(served))
        yield served, answers


def test_the_answer_the_header_and_our_object_have_the_declared_figure_and_name_it(
    spent: tuple[Served, list[Any]],
) -> None:
    told = spent[1][0].json()
    shown = told["bouclier"]["footprint"]
    assert (shown["carbon_ug"], shown["method"]) == ([0, MOST_UG], "declared-1")
    assert shown["source"] == "mesure du syndicat, octobre 2026"
    assert told["usage"]["carbon"]["kgCO2eq"] == {"min": 0, "max": pytest.approx(MOST_UG / 1e9)}
    low, high = shown["energy_uwh"]
    assert 0 < low < high  # nobody declared energy: it stays as wide as what is known
    header = spent[1][0].headers["x-bouclier-footprint"]
    assert header == f'carbon-ug=(0 {MOST_UG}), energy-uwh=({low} {high}), method="declared-1", zone="FR"'


def test_a_budget_is_charged_with_it_and_passes_through_each_stage(spent: tuple[Served, list[Any]]) -> None:
    # 7.2 mg each of 50: 40 are passed by the sixth, 50 by the seventh, 60 by the ninth.
    stages = [answer.headers.get("x-bouclier-budget", "within") for answer in spent[1][:-1]]
    assert stages == ["within"] * 6 + ["warn"] + ["lighten"] * 2
    assert spent[1][-1].json()["error"]["code"] == "carbon_budget_spent"


def test_the_record_has_what_it_takes_to_compute_it_again(spent: tuple[Served, list[Any]]) -> None:
    served, answers = spent
    concluded(served.data)
    entries = {one.index: parse_entry(one.entry) for one in read_entries(served.data / "log")}
    outcomes = [entry for entry in entries.values() if isinstance(entry, OutcomeEntry)]
    assert len(outcomes) == len(answers) - 1
    for outcome in outcomes:
        decision = entries[outcome.decision_index]
        assert isinstance(decision, DecisionEntry)
        (candidate,) = decision.candidates
        assert candidate.carbon_mg == 400
        assert outcome.prompt_tokens is not None
        assert outcome.completion_tokens is not None
        assert outcome.footprint is not None
        most = candidate.carbon_mg * (outcome.prompt_tokens + outcome.completion_tokens)
        assert (outcome.footprint.method, outcome.footprint.carbon_ug) == ("declared-1", (0, most))


def test_metrics_and_the_report_add_it_up(spent: tuple[Served, list[Any]]) -> None:
    served, answers = spent
    served_ones = len(answers) - 1
    concluded(served.data)
    page = httpx.get(f"{served.url}metrics", timeout=60).text
    sums = {
        one.name: one.value
        for family in text_string_to_metric_families(page)
        for one in family.samples
        if one.name.startswith("bouclier_carbon")
    }
    assert sums["bouclier_carbon_low_grams_total"] == 0
    assert sums["bouclier_carbon_high_grams_total"] == pytest.approx(served_ones * MOST_UG / 1e6)
    told = json.loads(run("report", "carbon", "--data", str(served.data), "--format", "json").stdout)
    (methods,) = [one for part in told["sections"] for one in part["tables"] if one["id"] == "method"]
    cells = [cell.get("id", cell.get("value")) for cell in methods["rows"][0]]
    assert cells[:5] == ["declared-1", "FR", served_ones, 0, served_ones * MOST_UG / 1000]


def test_where_a_figure_is_declared_nothing_is_warned_of(spent: tuple[Served, list[Any]]) -> None:
    assert "carbon budget" not in spent[0].said()


def test_a_budget_that_one_answer_may_spend_is_told_at_the_start_with_what_to_write(
    deployment: Deployment, tmp_path: Path
) -> None:
    with gateway(tmp_path, deployment, carbon="") as served:
        said = served.said()
        assert (
            'one answer of deployment "echo" may spend the whole carbon budget of "terminal" (0.05 g a month)' in said
        )
        assert 'how large its model "unsized" is' in said
        assert "carbon: {mg_per_1000_tokens: ..., source: ...}" in said
        assert asked(served).status_code == 200
        assert asked(served).json()["error"]["code"] == "carbon_budget_spent"


def test_a_monitor_that_decides_again_what_was_recorded_finds_nothing_to_say(
    spent: tuple[Served, list[Any]], tmp_path: Path
) -> None:
    data, policy = spent[0].data, tmp_path / "policy"
    policy.write_text(f"log {vkey_of(data)}\nquorum none\n", encoding="utf-8")
    assert run("log", "publish", str(tmp_path / "static"), "--data", str(data)).returncode == 0
    known = ("--policy", str(policy), "--state", str(tmp_path / "state"))
    watched = run("monitor", (tmp_path / "static").as_uri(), *known, "--once", "--json")
    assert (watched.returncode, watched.stdout) == (0, ""), watched.stderr
