"""Laws of reports: nothing withheld can be computed, every figure is its entries, every format can be read back."""

from __future__ import annotations

import csv
import io
import json
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report_kit import DAY, JANUARY, NOBODY, candidate, decision, erasure, mark, opening, outcome, read, refusal

from bouclier.oversight.reports import (
    AiActCounts,
    Document,
    PublicCounts,
    RegisterCounts,
    ai_act,
    as_csv,
    as_html,
    as_json,
    public,
    register,
)
from bouclier.oversight.reports.as_csv import safe
from bouclier.oversight.reports.disclosure import joined, withheld_cells
from bouclier.oversight.reports.ranges import Ranges, parse_ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.oversight import Entry

Place = tuple[int, int]


# What a reader can conclude of a table: an independent computation, by augmenting paths


def freedom(cells: Sequence[Sequence[int]], hidden: set[Place], place: Place) -> tuple[int, int]:
    """The least and the largest value a hidden cell may have, given what is shown, totals included.

    The true values are one solution. Any other differs by a circulation: raising the cell at (r, c) by one sends one
    unit from column c back to row r, through hidden cells only, where lowering a cell takes what it holds.
    """
    row, column = place
    others = hidden - {place}
    most = cells[row][column] + _flow(cells, others, source=("c", column), sink=("r", row))
    least = cells[row][column] - min(cells[row][column], _flow(cells, others, source=("r", row), sink=("c", column)))
    return least, most


def _flow(cells: Sequence[Sequence[int]], hidden: set[Place], *, source: tuple[str, int], sink: tuple[str, int]) -> int:
    ample = sum(map(sum, cells))
    capacity: dict[tuple[tuple[str, int], tuple[str, int]], int] = {}
    for row, column in hidden:
        capacity[("r", row), ("c", column)] = ample  # raise the cell
        capacity[("c", column), ("r", row)] = cells[row][column]  # lower it
    sent = 0
    while path := _path(capacity, source, sink):
        width = min(capacity[step] for step in path)
        for one, other in path:
            capacity[one, other] -= width
            capacity[other, one] = capacity.get((other, one), 0) + width
        sent += width
    return sent


def _path(capacity: dict[Any, int], source: tuple[str, int], sink: tuple[str, int]) -> list[Any]:
    came: dict[Any, Any] = {source: None}
    queue = deque([source])
    while queue and sink not in came:
        here = queue.popleft()
        for (one, other), left in capacity.items():
            if one == here and left > 0 and other not in came:
                came[other] = here
                queue.append(other)
    if sink not in came:
        return []
    path, here = [], sink
    while came[here] is not None:
        path.append((came[here], here))
        here = came[here]
    return path


def is_free(cells: Sequence[Sequence[int]], hidden: set[Place], place: Place, *, least: int) -> bool:
    """Whether what is shown leaves a hidden cell undetermined and, if it is small, possibly not small."""
    lowest, highest = freedom(cells, hidden, place)
    row, column = place
    return lowest < highest and (cells[row][column] >= least or highest >= least)


counts = st.one_of(st.integers(0, 6), st.integers(0, 40))
least_counts = st.integers(3, 12)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[int]], int]:
    """A table whose totals are all 0 or large enough to be shown."""
    least = draw(least_counts)
    width = draw(st.integers(1, 5))
    cells = draw(st.lists(st.lists(counts, min_size=width, max_size=width), min_size=1, max_size=5))
    for row in cells:
        if 0 < sum(row) < least:
            row[draw(st.integers(0, width - 1))] += least
    for column in range(width):
        if 0 < sum(row[column] for row in cells) < least:
            cells[draw(st.integers(0, len(cells) - 1))][column] += least
    return cells, least


@given(tables())
def test_no_withheld_cell_can_be_computed_from_what_is_shown(drawn: tuple[list[list[int]], int]) -> None:
    cells, least = drawn
    hidden = set(withheld_cells(cells, least=least))
    small = {(r, c) for r, row in enumerate(cells) for c, count in enumerate(row) if 0 < count < least}
    assert small <= hidden
    assert all(is_free(cells, hidden, place, least=least) for place in hidden)


def test_the_check_itself_sees_a_cell_that_can_be_computed() -> None:
    cells = [[3, 20], [20, 20]]
    assert freedom(cells, {(0, 0)}, (0, 0)) == (3, 3)
    assert freedom(cells, {(0, 0), (0, 1)}, (0, 0)) == (3, 3)
    assert freedom(cells, {(0, 0), (0, 1), (1, 0), (1, 1)}, (0, 0)) == (0, 23)


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), counts, max_size=7), least_counts)
def test_the_parts_of_a_total_are_large_and_hide_their_members(by_value: dict[str, int], least: int) -> None:
    parts = joined(by_value, least=least)
    if parts is None:
        assert any(0 < count < least for count in by_value.values())
        return
    assert sorted(member for part in parts for member in part.members) == sorted(by_value)
    for part in parts:
        assert part.total == sum(by_value[member] for member in part.members)
        assert part.total == 0 or part.total >= least
        if len(part.members) > 1:
            # Each member may be `least` or more, even to one who knows that all of them are at least 1.
            assert part.total - (len(part.members) - 1) >= least


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 60), min_size=1), st.just(11))
def test_a_total_is_left_whole_when_nothing_in_it_is_small(by_value: dict[str, int], least: int) -> None:
    large = {value: count for value, count in by_value.items() if count == 0 or count >= least}
    parts = joined(large, least=least)
    assert parts is not None
    assert [part.members for part in parts] == [(value,) for value in large]


# The whole public report


@st.composite
def records(draw: st.DrawFn) -> list[Entry]:
    """Decisions in months, classes and places, some rare and some not, with what else a log holds."""
    entries: list[Entry] = []
    for _ in range(draw(st.integers(0, 9))):
        times = draw(st.sampled_from([1, 2, 3, 5, 11, 12, 25, 40]))
        time = JANUARY + draw(st.integers(0, 4)) * 31 * DAY
        slug = draw(st.sampled_from(["public", "personal", "sensitive", "restricted"]))
        what = draw(st.sampled_from(["paris", "gravelines", "dublin", "refused", "refused-twice", "event"]))
        entries += [_drawn(what, time, slug, fallback=draw(st.booleans()), sealed=draw(st.booleans()))] * times
    return sorted(entries, key=lambda entry: entry.time)


def _drawn(what: str, time: int, slug: str, *, fallback: bool, sealed: bool) -> Entry:
    told: dict[str, Any] = {
        "data_class": slug,
        "tried": ("other",) if fallback else (),
        "sealed": "ef" * 32 if sealed else None,
        "time": time,
    }
    if what == "event":
        return opening(time=time) if sealed else erasure(time=time)
    if what.startswith("refused"):
        return refusal("sensitive-stays", *(("no-foreign-law",) if what.endswith("twice") else ()), **told)
    country, operator = {"paris": ("FR", "scaleway"), "gravelines": ("FR", "ovhcloud"), "dublin": ("IE", "azure")}[what]
    duties = ("pseudonymise",) if slug == "sensitive" else ()
    return decision(candidate(what, country=country, operator=operator, duties=duties), **told)


def made_public(entries: Sequence[Entry], least: int) -> dict[str, Any]:
    told = PublicCounts()
    document = public(told, read(told, {"log.example/a": entries}), least=least, names={})
    shown: dict[str, Any] = json.loads(as_json(document, "en"))
    assert '"entries"' not in as_json(document, "en").decode()
    return shown


def table_of(shown: dict[str, Any], id_: str) -> dict[str, Any] | None:
    found = [table for section in shown["sections"] for table in section["tables"] if table["id"] == id_]
    return found[0] if found else None


def figures(shown: Any) -> list[int]:
    if isinstance(shown, dict):
        own = [shown["value"]] if isinstance(shown.get("value"), int) and "unit" not in shown else []
        return own + [one for below in shown.values() for one in figures(below)]
    return [one for below in shown for one in figures(below)] if isinstance(shown, list) else []


@given(records(), least_counts)
def test_the_public_is_shown_no_small_count(entries: list[Entry], least: int) -> None:
    assert all(count == 0 or count >= least for count in figures(made_public(entries, least)["sections"]))


@given(records(), least_counts)
def test_no_withheld_cell_of_a_public_table_can_be_computed(entries: list[Entry], least: int) -> None:
    shown = made_public(entries, least)
    for id_ in ("classes", "results"):
        table = table_of(shown, id_)
        if table is None:
            continue
        true = _true_cells(entries, table)
        cells = [row[1:-1] for row in table["rows"][:-1]]
        hidden = {(r, c) for r, row in enumerate(cells) for c, cell in enumerate(row) if cell["value"] is None}
        for (r, c), count in true.items():
            assert (r, c) in hidden or cells[r][c]["value"] == count
        matrix = [[true[r, c] for c in range(len(cells[0]))] for r in range(len(cells))]
        assert [row[-1]["value"] for row in table["rows"][:-1]] == [sum(row) for row in matrix]
        assert all(is_free(matrix, hidden, place, least=least) for place in hidden)


def _true_cells(entries: Sequence[Entry], table: dict[str, Any]) -> dict[Place, int]:
    """What the cells of a public table stand for, counted from the entries in another way."""
    columns = [set(column["id"].split(", ")) for column in table["columns"][1:-1]]
    rows = [set(row[0]["id"].split(", ")) for row in table["rows"][:-1]]
    true = {(r, c): 0 for r in range(len(rows)) for c in range(len(columns))}
    for entry in entries:
        if entry.kind != "decision":
            continue
        month = f"2026-{1 + (entry.time - JANUARY) // DAY // 30:02d}"
        value = entry.data_class if table["id"] == "classes" else ("sent" if entry.chosen else "refused")
        place = (
            next(index for index, months in enumerate(rows) if month in months),
            next(index for index, values in enumerate(columns) if value in values),
        )
        true[place] += 1
    return true


@given(records(), least_counts)
def test_places_add_up_to_what_was_sent_and_joined_ones_go_no_deeper(entries: list[Entry], least: int) -> None:
    table = table_of(made_public(entries, least), "places")
    if table is None:
        return
    sent = sum(entry.kind == "decision" and entry.chosen is not None for entry in entries)
    rows = [([cell["id"] for cell in row[:3]], row[3]["value"]) for row in table["rows"]]
    assert rows[-1] == (["total", "", ""], sent)
    assert sum(count for path, count in rows[:-1] if not path[1]) == sent
    for path, count in rows[:-1]:
        below = [more for more in rows[:-1] if more[0][:1] == path[:1] and more[0][1] and not more[0][2]]
        if not path[1] and below:
            assert ", " not in path[0]
            assert sum(value for _, value in below) == count


# Figures and formats


@st.composite
def lives(draw: st.DrawFn) -> list[Entry]:
    """A log as a gateway writes it: starts, decisions, their outcomes or none, stops."""
    entries: list[Entry] = [mark("start")]
    waiting: list[int] = []
    for step in draw(st.lists(st.sampled_from(["sent", "sent", "refused", "outcome", "start", "stop"]), max_size=25)):
        time = entries[-1].time + draw(st.integers(0, 2_000_000))
        if step == "outcome" and waiting:
            ending = draw(st.sampled_from(["complete", "caller-gone"]))
            entries.append(outcome(waiting.pop(0), time=time, ending=ending))
        elif step == "sent":
            waiting.append(len(entries))
            findings = draw(st.dictionaries(st.sampled_from(["NIR", "PERSON", "EMAIL"]), st.integers(1, 4), max_size=2))
            entries.append(decision(candidate(draw(st.sampled_from(["a", "b"]))), time=time, findings=findings))
        elif step == "refused":
            entries.append(refusal("p", time=time))
        elif step in {"start", "stop"}:
            waiting = []
            entries.append(mark("start" if step == "start" else "stop", time=time))
    return entries


def documents(logs: dict[str, list[Entry]]) -> list[Document]:
    processed, used = RegisterCounts(), AiActCounts()
    words: dict[str, Any] = {}
    return [
        register(
            processed, read(processed, logs), particulars=NOBODY, legal=(), area={"FR"}, names=words, sealed_days=None
        ),
        ai_act(used, read(used, logs), particulars=NOBODY, legal=(), names=words),
    ]


@given(lives(), lives())
def test_a_count_is_the_number_of_the_entries_it_cites(first: list[Entry], second: list[Entry]) -> None:
    sizes = {"log.example/a": len(first), "log.example/b": len(second)}
    for document in documents({"log.example/a": first, "log.example/b": second}):
        for cell in _cells(json.loads(as_json(document, "fr"))):
            cited = 0
            for origin, text in cell["entries"].items():
                ranges = parse_ranges(text)
                assert all(last < sizes[origin] for _, last in ranges)
                cited += sum(last - first + 1 for first, last in ranges)
            if cell["counted"]:
                assert cited == cell["value"]


def _cells(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Every figure, and whether it counts entries: findings and tokens are amounts, totals of a log cite no entry."""
    found = []
    for section in shown["sections"]:
        found += [{**fact, "counted": True} for fact in section["facts"] if "value" in fact]
        for table in section["tables"]:
            for row in table["rows"]:
                for column, cell in zip(table["columns"], row, strict=True):
                    if column["role"] == "figure":
                        found.append({**cell, "counted": column["id"] not in {"findings", "tokens", "entries"}})
    return found


@given(lives())
def test_nothing_is_counted_twice_or_left_out(entries: list[Entry]) -> None:
    summary = json.loads(as_json(documents({"log.example/a": entries})[1], "en"))
    facts = {fact["id"]: fact.get("value") for section in summary["sections"] for fact in section["facts"]}
    gaps = {row[0]["id"]: row[1]["value"] for row in (table_of(summary, "gaps") or {})["rows"]}
    assert facts["decisions"] == sum(entry.kind == "decision" for entry in entries)
    assert facts["decisions"] == facts["sent"] + facts["refused"] + facts["unavailable"]
    assert facts["sent"] == facts["outcomes"] - gaps["no-decision"] + gaps["lost"] + gaps["under-way"]


@given(st.sets(st.integers(0, 200)))
def test_ranges_are_spelt_one_way_and_read_back(indexes: set[int]) -> None:
    ranges = Ranges(sorted(indexes))
    assert parse_ranges(str(ranges)) == ranges
    assert {index for first, last in ranges for index in range(first, last + 1)} == indexes


@given(st.text("0123456789-,", max_size=12))
def test_what_reads_as_ranges_is_spelt_as_they_are(text: str) -> None:
    try:
        ranges = parse_ranges(text)
    except ValueError:
        return
    assert str(ranges) == text


HOSTILE = st.one_of(
    st.text(max_size=12), st.sampled_from(["=1+1", "@SUM(A1)", "<script>x</script>", '"><img>', "+33", "-2", "\t=1"])
)


@given(HOSTILE, HOSTILE)
def test_every_format_keeps_a_hostile_name_as_text(deployment: str, purpose_role: str) -> None:
    try:
        deployment.encode(), purpose_role.encode()
    except UnicodeEncodeError:
        return  # no JSON form: such an entry cannot be written
    entries: list[Entry] = [decision(candidate(deployment, operator=deployment, model=deployment), role=purpose_role)]
    for document in documents({"log.example/a": entries}):
        rows = list(csv.reader(io.StringIO(as_csv(document, "fr").decode(), newline=""), strict=True))
        assert len({len(row) for row in rows}) == 1
        assert not any(field.lstrip().startswith(("=", "+", "-", "@")) for row in rows for field in row)
        assert json.loads(as_json(document, "fr"))["format"] == "bouclier-report/v1"
        page = as_html(document, "fr").decode()
        assert "<script" not in page
        assert "<img" not in page


@pytest.mark.parametrize("field", ["=1", "+1", "-1", "@a", "\t=1", "\r1", "  =1", "\n=1"])
def test_a_formula_is_made_a_text(field: str) -> None:
    assert safe(field) == f"'{field}"
