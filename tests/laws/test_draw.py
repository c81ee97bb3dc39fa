"""Laws of drawing: boxes never touch, all is inside the sheet, no line crosses a box it does not belong to."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from tests.draw_kit import REPORTS, node, reached, report, step

from bouclier.registry.draw_layout import Layout, Placed, Size, lay_out
from bouclier.registry.draw_svg import draw_svg
from bouclier.registry.draw_text import width, wrap
from bouclier.registry.report_model import Report, Way

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
        for one, other in list(pairwise(route.points))[1:-1:2]:
            # Through a column it goes level, and no box of that column is at that height.
            assert one[1] == other[1]
            assert not any(
                box.x < other[0] and one[0] < box.x + box.width and box.y <= one[1] <= box.y + box.height
                for box in layout.boxes.values()
            )


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
