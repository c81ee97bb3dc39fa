"""The report on energy and carbon adds up ranges, and says of what it knows nothing."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from tests.report_kit import DAY, JANUARY, candidate, decision, mark, outcome, read, refusal

from bouclier.oversight.entries_exchange import OutcomeFootprint
from bouclier.oversight.reports import CarbonCounts, Document, as_csv, as_html, as_json, carbon
from bouclier.oversight.reports.carbon_counts import BOUNDS

if TYPE_CHECKING:
    from bouclier.oversight import Entry

PARIS = candidate("paris")
OWN = candidate("mairie", operator="self", model="petit", own=True, country=None, control=(), site="cave")


def cost(carbon: tuple[int, int], energy: tuple[int, int], **changes: Any) -> OutcomeFootprint:
    values: dict[str, Any] = {"carbon_ug": carbon, "energy_uwh": energy, "method": "ecologits-0.11", "zone": "FR"}
    return OutcomeFootprint(**{**values, **changes})


def report(*entries: Entry) -> Any:
    counts = CarbonCounts()
    return json.loads(as_json(carbon(counts, read(counts, {"log.example": entries})), "en"))


def facts(told: Any) -> dict[str, float]:
    return {fact["id"]: fact["value"] for fact in told["sections"][0]["facts"]}


def rows(told: Any, name: str) -> list[list[Any]]:
    (table,) = [table for section in told["sections"] for table in section["tables"] if table["id"] == name]
    return [[cell.get("id", cell.get("value")) for cell in row] for row in table["rows"]]


def test_bounds_are_added_up_and_none_of_the_records_millionths_is_lost() -> None:
    told = report(
        decision(PARIS),
        outcome(0, footprint=cost((1_400, 5_100), (25_000, 44_001))),
        decision(PARIS),
        outcome(2, footprint=cost((1_400, 5_100), (25_000, 44_001))),
    )
    assert facts(told) == {
        "carbon-low": 2.8,
        "carbon-high": 10.2,
        "energy-low": 50,
        "energy-high": 88.002,
        "estimated": 2,
        "unserved": 0,
        "no-outcome": 0,
        "no-decision": 0,
    }


def test_it_is_told_by_month_model_site_and_method() -> None:
    told = report(
        decision(PARIS),
        outcome(0, footprint=cost((1_000, 2_000), (3_000, 4_000))),
        decision(OWN, time=JANUARY + 40 * DAY),
        outcome(
            2,
            time=JANUARY + 40 * DAY,
            footprint=cost((5_000, 6_000), (7_000, 8_000), method="measured-rapl-1", zone=None),
        ),
    )
    assert rows(told, "month") == [["2026-01", 1, 1, 2, 3, 4], ["2026-02", 1, 5, 6, 7, 8]]
    assert rows(told, "model") == [
        ["scaleway", "mistral-small", "paris", 1, 1, 2, 3, 4],
        ["self", "petit", "mairie", 1, 5, 6, 7, 8],
    ]
    assert rows(told, "site") == [
        ["scaleway", "fr-par", "FR", 1, 1, 2, 3, 4],
        ["self", "cave", "unknown", 1, 5, 6, 7, 8],
    ]
    assert rows(told, "method") == [
        ["ecologits-0.11", "FR", 1, 1, 2, 3, 4],
        ["measured-rapl-1", "unknown", 1, 5, 6, 7, 8],
    ]


def test_what_has_no_cost_or_no_outcome_is_counted_apart() -> None:
    told = report(
        decision(PARIS),
        mark("start"),
        decision(PARIS),
        outcome(2, status=502, ending="upstream_unreachable"),
        refusal("no-us"),
        decision(PARIS),
    )
    assert facts(told)["unserved"] == 1
    assert facts(told)["no-outcome"] == 2
    assert facts(told)["estimated"] == 0


def test_a_cost_whose_decision_is_not_here_is_in_the_total_and_under_no_model() -> None:
    told = report(mark("start"), outcome(77, footprint=cost((1_000, 2_000), (3_000, 4_000))))
    assert facts(told)["carbon-high"] == 2
    assert facts(told)["no-decision"] == 1
    assert rows(told, "model") == rows(told, "site") == []
    assert rows(told, "month") == [["2026-01", 1, 1, 2, 3, 4]]


def test_it_respects_the_published_schema_in_both_languages_and_has_every_form() -> None:
    schema = json.loads((resources.files("bouclier.oversight.reports") / "data" / "report.schema.json").read_bytes())
    counts = CarbonCounts()
    entries: list[Entry] = [decision(PARIS), outcome(0, footprint=cost((1_000, 2_000), (3_000, 4_000)))]
    document = carbon(counts, read(counts, {"log.example": entries}))
    for language in ("fr", "en"):
        jsonschema.Draft202012Validator(schema).validate(json.loads(as_json(document, language)))
        assert len(as_csv(document, language).splitlines()) > 20
    assert "Énergie et carbone" in as_html(document, "fr", log_urls={}).decode()
    for section in document.sections:
        for table in section.tables:
            for row in table.rows:
                assert len(row) == len(table.columns)


ranges = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(st.tuples(st.sampled_from([PARIS, OWN]), ranges, ranges), max_size=12))
def test_the_parts_hold_the_whole(exchanges: list[tuple[Any, tuple[int, int], tuple[int, int]]]) -> None:
    entries: list[Entry] = []
    for where, carbon_ug, energy_uwh in exchanges:
        entries.append(decision(where))
        entries.append(outcome(len(entries) - 1, footprint=cost(carbon_ug, energy_uwh)))
    told = report(*entries)
    total = {bound: millionths(facts(told)[bound]) for bound in BOUNDS}
    assert total["carbon-low"] == sum(one[1][0] for one in exchanges)
    assert total["energy-high"] == sum(one[2][1] for one in exchanges)
    for name in ("model", "site", "method", "month"):
        parts = rows(told, name)
        assert sum(row[-5] for row in parts) == len(exchanges)
        for place, bound in enumerate(BOUNDS, start=-4):
            assert sum(millionths(row[place]) for row in parts) == total[bound]


def millionths(thousandths: float) -> int:
    return round(thousandths * 1000)


def test_rows_below_a_milligram_are_said_and_add_up_to_the_total() -> None:
    small = [cost((low, low + 700), (low, low)) for low in (482, 900, 703)]
    entries: list[Entry] = []
    for month, one in enumerate(small):
        at = JANUARY + 31 * month * DAY
        entries += [decision(PARIS, time=at), outcome(2 * month, time=at, footprint=one)]
    document = document_of(*entries)
    table = [line for line in as_csv(document, "fr").decode().splitlines() if "month=" in line and "carbon-low" in line]
    assert [line.split(",")[10] for line in table] == ["0.482", "0.9", "0.703"]
    assert facts(report(*entries))["carbon-low"] == 2.085
    page = as_html(document, "fr", log_urls={}).decode()
    assert all(f">{shown}<" in page for shown in ("0,482", "0,9", "0,703", "2,085"))


def test_a_declared_figure_is_told_under_its_own_method() -> None:
    told = report(
        decision(PARIS),
        outcome(0, footprint=cost((0, 12_000), (213, 6_490_803), method="declared-1")),
    )
    assert rows(told, "method") == [["declared-1", "FR", 1, 0, 12, 0.213, 6490.803]]


def document_of(*entries: Entry) -> Document:
    counts = CarbonCounts()
    return carbon(counts, read(counts, {"log.example": entries}))


def test_every_figure_cites_its_entries() -> None:
    document = document_of(decision(PARIS), outcome(0, footprint=cost((1_000, 2_000), (3_000, 4_000))))
    told = json.loads(as_json(document, "en"))
    fact = told["sections"][0]["facts"][1]
    assert fact["entries"] == {"log.example": "1"}
