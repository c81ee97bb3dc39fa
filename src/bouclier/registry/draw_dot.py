"""A picture as Graphviz DOT text, for whoever wants to draw it otherwise.

Source: graphviz.org/doc/info/lang.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.registry.draw_model import Look, Strength
from bouclier.registry.draw_picture import picture_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.registry.agreed import Registry
    from bouclier.registry.draw_model import Language, Picture
    from bouclier.registry.report_model import Report

_BOXES: Final[Mapping[Look, str]] = {
    Look.SUBJECT: 'shape=box, style="filled,bold", fillcolor="#1d3380", fontcolor="#ffffff"',
    Look.PLAIN: "shape=box",
    Look.STATE: "shape=octagon, style=bold",
    Look.OPEN_STATE: 'shape=octagon, style="dashed", peripheries=2',
    Look.DISPUTED_STATE: "shape=octagon, style=dashed",
    Look.HOME: "shape=octagon",
    Look.LAW: "shape=note, style=bold",
    Look.DISPUTED_LAW: "shape=note, style=dashed",
    Look.QUESTION: "shape=ellipse, style=dotted",
}
_LINES: Final[Mapping[Strength, str]] = {
    Strength.COMPELS: "style=bold",
    Strength.PERHAPS: 'style="dashed", arrowhead=onormal',
    Strength.CONTESTED: "style=dashed",
    Strength.HOME: "style=solid",
    Strength.QUESTION: "style=dotted, arrowhead=none",
    Strength.INFLUENCE: 'style=solid, color="#767b87", fontcolor="#525866", arrowhead=open',
}


def draw_dot(report: Report, language: Language, *, registry: Registry | None = None) -> str:
    """Return a report as a DOT digraph, left to right."""
    return dot_of(picture_of(report, language, registry=registry))


def dot_of(picture: Picture) -> str:
    """Return a picture as a DOT digraph."""
    said = [picture.verdict, picture.subtitle, *picture.notes]
    lines = [
        "digraph exposure {",
        f"  graph [rankdir=LR, labelloc=t, label={_quoted(chr(10).join(said))}];",
        '  node [fontname="sans-serif"];',
        '  edge [fontname="sans-serif"];',
    ]
    for box in picture.boxes:
        label = f"{box.title}\n{box.note}" if box.note else box.title
        lines.append(f"  {_quoted(box.key)} [label={_quoted(label)}, {_BOXES[box.look]}];")
    for line in picture.lines:
        label = f"label={_quoted(line.label)}, " if line.label else ""
        lines.append(f"  {_quoted(line.begin)} -> {_quoted(line.end)} [{label}{_LINES[line.strength]}];")
    for stage in (1, 2):
        keys = [box.key for box in picture.boxes if box.stage == stage]
        if keys:
            lines.append(f"  {{ rank=same; {' '.join(f'{_quoted(key)};' for key in keys)} }}")
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    """Return a text in double quotes; a backslash of ours would be an escape sequence of Graphviz."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
