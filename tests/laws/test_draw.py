"""Laws of drawing: boxes never touch, all is inside the sheet, no line crosses a box or a label that is not its own."""

from __future__ import annotations

import datetime as dt
import re
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from tests.draw_kit import REPORTS, node, reached, report, step

from bouclier.registry import parse_registry
from bouclier.registry.adapters.registry_files import common_files
from bouclier.registry.draw_layout import LABEL_HEIGHT, Layout, Placed, Size, lay_out
from bouclier.registry.draw_model import Strength
from bouclier.registry.draw_picture import picture_of
from bouclier.registry.draw_svg import draw_svg, svg_of
from bouclier.registry.draw_text import width, wrap
from bouclier.registry.expose import moment, report_at
from bouclier.registry.report_model import Report, Subject, Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.registry import Registry
    from bouclier.registry.draw_model import Language

names = st.integers(0, 11).map("n{}".format)
lines = st.lists(st.tuples(names, names).filter(lambda line: line[0] != line[1]), max_size=24, unique=True)
sizes = st.lists(
    st.builds(Size, st.floats(10, 300), st.floats(10, 120)), min_size=12, max_size=12
).map(lambda found: {f"n{place}": size for place, size in enumerate(found)})  # fmt: skip
stages = st.dictionaries(names, st.integers(0, 2), max_size=12)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[dict[str, Size], list[tuple[str, str]], dict[str, int], Layout]:
    boxes, drawn, groups = draw(sizes), draw(lines), draw(stages)
    return boxes, drawn, groups, lay_out(boxes, drawn, least_rank=groups, room=[80.0] * len(drawn), least_gutter=40.0)


def apart(one: Placed, other: Placed) -> bool:
    """Whether two boxes neither overlap nor touch."""
    return (
        one.x + one.width < other.x
        or other.x + other.width < one.x
        or one.y + one.height < other.y
        or other.y + other.height < one.y
    )


@given(layouts())
def test_boxes_never_touch_and_are_all_on_the_sheet(
    laid: tuple[dict[str, Size], list[tuple[str, str]], dict[str, int], Layout],
) -> None:
    boxes, _, _, layout = laid

    assert set(layout.boxes) == set(boxes)
    assert all(apart(one, other) for one, other in combinations(layout.boxes.values(), 2))
    for box in layout.boxes.values():
        assert 0 <= box.x <= box.x + box.width <= layout.width + 1e-6
        assert -1e-6 <= box.y <= box.y + box.height <= layout.height + 1e-6


@given(layouts())
def test_a_line_begins_and_ends_at_its_boxes_and_passes_none(
    laid: tuple[dict[str, Size], list[tuple[str, str]], dict[str, int], Layout],
) -> None:
    _, drawn, _, layout = laid

    for (begin, end), route in zip(drawn, layout.routes, strict=True):
        left, right = (end, begin) if route.backwards else (begin, end)
        first, last = layout.boxes[left], layout.boxes[right]
        assert route.points[0][0] == first.x + first.width
        assert first.y <= route.points[0][1] <= first.y + first.height
        assert route.points[-1][0] == last.x
        assert last.y <= route.points[-1][1] <= last.y + last.height
        assert all(one[0] < other[0] for one, other in pairwise(route.points))
        *passed, (level, end_of_it) = list(pairwise(route.points))[1::2]
        assert level[1] == end_of_it[1]
        for one, other in passed:
            # Through a column it goes level, and no box of that column is at that height.
            assert one[1] == other[1]
            assert not any(
                box.x < other[0] and one[0] < box.x + box.width and box.y <= one[1] <= box.y + box.height
                for box in layout.boxes.values()
            )


class Label(NamedTuple):
    """The room of a label: a level stretch of its line's own height at its right end."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, points: list[tuple[float, float]]) -> bool:
        """Whether a drawn line goes through it."""
        return any(self.left <= x <= self.right and self.top <= y <= self.bottom for x, y in points)

    def overlaps(self, other: Label | Placed) -> bool:
        """Whether something else stands in it."""
        if isinstance(other, Placed):
            other = Label(other.x, other.y, other.x + other.width, other.y + other.height)
        return not (
            self.right < other.left or other.right < self.left or self.bottom < other.top or other.bottom < self.top
        )


def bent(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points along a line, close together: level, or the cubic of SVG that is drawn between two heights."""
    found = []
    for (x1, y1), (x2, y2) in pairwise(points):
        for part in (place / 64 for place in range(65)):
            across = 3 * part * (1 - part) * 0.5 + part**3
            down = 3 * part**2 * (1 - part) + part**3
            found.append((x1 + (x2 - x1) * (part if y1 == y2 else across), y1 + (y2 - y1) * down))
    return found


@given(layouts(), st.data())
def test_a_label_at_the_end_of_its_line_is_on_no_other_line_box_or_label(
    laid: tuple[dict[str, Size], list[tuple[str, str]], dict[str, int], Layout], data: st.DataObject
) -> None:
    boxes, drawn, groups, _ = laid
    room = [data.draw(st.sampled_from([0.0, 25.0, 90.0])) for _ in drawn]
    layout = lay_out(boxes, drawn, least_rank=groups, room=room, least_gutter=40.0)

    paths = [bent(route.points) for route in layout.routes]
    labels = {}
    for place, (route, wide) in enumerate(zip(layout.routes, room, strict=True)):
        if wide:
            x, y = route.points[-1]
            labels[place] = Label(x - wide + 0.01, y - LABEL_HEIGHT / 2, x - 0.01, y + LABEL_HEIGHT / 2)
    for place, label in labels.items():
        assert [other for other, path in enumerate(paths) if label.meets(path)] == [place]
        assert not any(label.overlaps(box) for box in layout.boxes.values())
    assert not any(one.overlaps(other) for one, other in combinations(labels.values(), 2))


@given(layouts())
def test_states_come_after_all_others_and_laws_after_states(
    laid: tuple[dict[str, Size], list[tuple[str, str]], dict[str, int], Layout],
) -> None:
    boxes, _, groups, layout = laid

    for one, other in combinations(boxes, 2):
        if groups.get(one, 0) < groups.get(other, 0):
            assert layout.boxes[one].rank < layout.boxes[other].rank


@given(st.text(max_size=80), st.floats(20, 400), st.integers(1, 5), st.booleans())
def test_lines_of_text_fit(text: str, most: float, count: int, bold: bool) -> None:  # noqa: FBT001 -- drawn
    cut = wrap(text, 14, most, lines=count, bold=bold)

    assert 1 <= len(cut) <= count
    assert all(width(line, 14, bold=bold) <= most or len(line) <= 2 for line in cut)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report of chains drawn at random, cycles and long names included."""
    entities = [node("entity", f"e{place}", draw(st.text(max_size=60))) for place in range(6)]
    service = node("service", "s", draw(st.text(min_size=1, max_size=60)))
    found = []
    for law in range(draw(st.integers(0, 5))):
        path = draw(st.lists(st.sampled_from(entities), min_size=1, max_size=6))
        state = node("state", draw(st.sampled_from(["US", "CN", "GB"])))
        places = [service, *path]
        chain = [step(one, other, Way.HELD_BY, draw(st.integers(0, 100))) for one, other in pairwise(places)]
        found.append(reached(f"x-law-{law}", [*chain, step(path[-1], state, Way.SEAT)]))
    return report(service, found)


SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES: tuple[Language, ...] = ("fr", "en")
_COMMAND = re.compile(r"([MHC])([^MHC]*)")


def drawn_path(path: str) -> list[tuple[float, float]]:
    """Points of a path of a picture, close together."""
    points: list[tuple[float, float]] = []
    x, y = 0.0, 0.0
    for command, numbers in _COMMAND.findall(path):
        given_numbers = [float(one) for one in numbers.split()]
        if command == "M":
            x, y = given_numbers
            continue
        begin = (x, y)
        x, y = (given_numbers[0], y) if command == "H" else (given_numbers[4], given_numbers[5])
        points += bent([begin, (x, y)])
    return points


def check_labels(report: Report, language: Language, registry: Registry | None = None) -> int:
    """Check that each label of a drawn report is on its own line and on nothing else; return how many there are."""
    picture = picture_of(report, language, registry=registry)
    [graph] = ET.fromstring(svg_of(picture)).iter(f"{SVG}g")
    weakest = list(reversed(Strength))
    lines = sorted(picture.lines, key=lambda line: weakest.index(line.strength))
    paths = [drawn_path(path.attrib["d"]) for path in graph.iter(f"{SVG}path") if path.get("fill") == "none"]
    boxes = [placed(rect) for rect in graph.iter(f"{SVG}rect")]
    written = [text for text in graph.iter(f"{SVG}text") if text.get("paint-order") == "stroke"]
    labelled = [place for place, line in enumerate(lines) if line.label]
    assert [lines[place].label for place in labelled] == [text.text for text in written]
    labels = []
    for text in written:
        x, y, size = (float(text.attrib[name]) for name in ("x", "y", "font-size"))
        labels.append(Label(x - width(text.text or "", size, bold=True), y - size, x, y + size * 0.3))
    for own, label in zip(labelled, labels, strict=True):
        assert [place for place, path in enumerate(paths) if label.meets(path)] == [own], lines[own]
        assert not any(label.overlaps(box) for box in boxes), lines[own]
    assert not any(one.overlaps(other) for one, other in combinations(labels, 2))
    return len(labels)


def test_each_label_of_every_packaged_subject_is_on_its_own_line_and_on_nothing_else() -> None:
    registry = parse_registry(common_files())
    at = moment(registry, dt.date(2026, 11, 22))
    subjects = [Subject("service", one) for one in registry.services]
    subjects += [Subject("entity", one) for one in registry.entities]

    reports = [report_at(at, subject) for subject in subjects]

    for language in LANGUAGES:
        assert sum(check_labels(one, language, registry) for one in reports) > len(reports)


def placed(rect: ET.Element) -> Placed:
    """Where a rectangle is."""
    x, y, wide, high = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
    return Placed(x, y, wide, high, 0)


@given(st.one_of(reports(), st.sampled_from(sorted(REPORTS)).map(lambda name: REPORTS[name]())))
def test_a_drawn_report_is_well_formed_with_its_boxes_apart_and_on_the_sheet(drawn: Report) -> None:
    svg = draw_svg(drawn, "fr")

    root = ET.fromstring(svg)
    wide, high = (float(one) for one in root.attrib["viewBox"].split()[2:])
    [graph] = root.iter("{http://www.w3.org/2000/svg}g")
    right, down = map(float, re.findall(r"[\d.]+", graph.attrib["transform"]))
    boxes = [placed(rect) for rect in graph.iter("{http://www.w3.org/2000/svg}rect")]
    assert boxes
    assert all(apart(one, other) for one, other in combinations(boxes, 2))
    for box in boxes:
        assert 0 <= right + box.x <= right + box.x + box.width <= wide
        assert 0 <= down + box.y <= down + box.y + box.height <= high
    check_labels(drawn, "fr")
