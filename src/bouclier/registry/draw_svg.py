"""A picture as one SVG: no script, no style, nothing from elsewhere; readable in black and white, and unseen.

What a line or a box means is told by its thickness, its dashes and words, never by colour alone. All is said by
presentation attributes, so that a page with a strict content security policy may hold it.

Source: SVG 2; WAI-ARIA graphics (a picture with a title and a description).
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.registry.draw_layout import Layout, Size, lay_out
from bouclier.registry.draw_model import Box, Look, Picture, Strength
from bouclier.registry.draw_picture import picture_of
from bouclier.registry.draw_text import balanced, width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bouclier.registry.agreed import Registry
    from bouclier.registry.draw_layout import Placed, Route
    from bouclier.registry.draw_model import Language
    from bouclier.registry.report_model import Report

INK: Final = "#191c24"
MUTED: Final = "#525866"
_GREY: Final = "#767b87"
_BLUE: Final = "#1d3380"
_SANS: Final = "Segoe UI, Helvetica Neue, Liberation Sans, Arial, system-ui, sans-serif"
_SERIF: Final = "Iowan Old Style, Palatino Linotype, Palatino, Liberation Serif, Georgia, serif"

MARGIN: Final = 36.0
_PAD_X: Final = 14.0
_PAD_Y: Final = 11.0
_BOX: Final = 176.0
_LAW_BOX: Final = 236.0
_TITLE: Final = 15.0
_NOTE: Final = 12.0
_LINE: Final = 1.28
_LABEL: Final = 12.5
_VERDICT: Final = 25.0
_LEAST_GUTTER: Final = 72.0
_LABEL_ROOM: Final = 36.0
"""Room beside a label, on the level end of its line: the head of the arrow after it, a stretch of line before it."""
_LABEL_END: Final = 20.0
_SERIF_RATIO: Final = 0.9
"""A serif is narrower than the sans serif that widths are reckoned with."""
_LEAST_WIDTH: Final = 880.0
_TITLE_LINES: Final = 4
_NOTE_LINES: Final = 3
_VERDICT_LINES: Final = 6


class _Ink(NamedTuple):
    """How a line or a border is drawn."""

    color: str
    width: float
    dashes: str = ""


_LINES: Final[Mapping[Strength, _Ink]] = {
    Strength.COMPELS: _Ink(INK, 3.2),
    Strength.PERHAPS: _Ink(INK, 1.8, "10 4 2 4"),
    Strength.CONTESTED: _Ink("#7a4300", 2.2, "8 5"),
    Strength.HOME: _Ink(_BLUE, 1.8),
    Strength.QUESTION: _Ink(INK, 1.4, "1.5 4.5"),
    Strength.INFLUENCE: _Ink(_GREY, 1.1),
}


class _Style(NamedTuple):
    fill: str
    border: _Ink
    text: str
    note: str
    radius: float


_BOXES: Final[Mapping[Look, _Style]] = {
    Look.SUBJECT: _Style(_BLUE, _Ink(_BLUE, 1.5), "#ffffff", "#e8ecf8", 5),
    Look.PLAIN: _Style("#ffffff", _Ink(INK, 1.3), INK, MUTED, 5),
    Look.STATE: _Style("#faeae8", _Ink("#96202a", 3), "#6d141c", INK, 26),
    Look.OPEN_STATE: _Style("#ffffff", _Ink(INK, 1.8, "10 4 2 4"), INK, MUTED, 26),
    Look.DISPUTED_STATE: _Style("#ffffff", _Ink("#7a4300", 2, "8 5"), "#7a4300", MUTED, 26),
    Look.HOME: _Style("#e8ecf8", _Ink(_BLUE, 1.5), _BLUE, MUTED, 26),
    Look.LAW: _Style("#ffffff", _Ink("#96202a", 2.2), INK, "#6d141c", 0),
    Look.DISPUTED_LAW: _Style("#ffffff", _Ink("#7a4300", 1.6, "8 5"), INK, "#7a4300", 0),
    Look.QUESTION: _Style("#ffffff", _Ink(INK, 1.4, "1.5 4.5"), INK, MUTED, 22),
}
_LEGEND: Final[tuple[tuple[Strength, str, str], ...]] = (
    (Strength.COMPELS, "peut contraindre (établi)", "can compel (established)"),
    (Strength.PERHAPS, "peut-être : si les machines y sont", "perhaps: if the machines stand there"),
    (Strength.CONTESTED, "contesté ou indirect", "contested or indirect"),
    (Strength.HOME, "droit qui n'est pas étranger", "law that is not foreign"),
    (Strength.INFLUENCE, "pèse sans contraindre", "weighs, does not compel"),
    (Strength.QUESTION, "question ouverte : non connu", "open question: not known"),
)


def draw_svg(report: Report, language: Language, *, registry: Registry | None = None) -> str:
    """Return a report as an SVG that stands alone: verdict on top, chains from left to right, sources below."""
    return svg_of(picture_of(report, language, registry=registry))


def svg_of(picture: Picture, *, name: str = "exposure") -> str:
    """Return a picture as an SVG.

    Args:
        picture: What to draw.
        name: Beginning of the ids in it, for a page that holds several.
    """
    return "\n".join(_Sheet(picture, name).lines()) + "\n"


@dataclass(frozen=True, slots=True)
class _Written:
    """A box's text, cut into lines."""

    title: list[str]
    note: list[str]
    size: Size


class _Sheet:
    def __init__(self, picture: Picture, name: str) -> None:
        self._picture = picture
        self._name = escape(name)
        self._written = {box.key: _write(box) for box in picture.boxes}
        self._layout = self._laid_out()
        self._width = max(_LEAST_WIDTH, self._layout.width + 2 * MARGIN)

    def _laid_out(self) -> Layout:
        lines = self._picture.lines
        return lay_out(
            {key: written.size for key, written in self._written.items()},
            [(line.begin, line.end) for line in lines],
            least_rank={box.key: box.stage for box in self._picture.boxes},
            room=[width(line.label, _LABEL, bold=True) + _LABEL_ROOM if line.label else 0.0 for line in lines],
            least_gutter=_LEAST_GUTTER,
        )

    def lines(self) -> Iterator[str]:
        picture = self._picture
        body: list[str] = []
        y = MARGIN
        inner = self._width - 2 * MARGIN
        for text in balanced(picture.verdict, _VERDICT * _SERIF_RATIO, inner, lines=_VERDICT_LINES):
            y += _VERDICT
            body.append(_text(MARGIN, y, text, _VERDICT, _BLUE, family=_SERIF, weight=700))
            y += _VERDICT * 0.3
        y += 14
        for text in wrap(picture.subtitle, 13.5, inner, lines=2):
            body.append(_text(MARGIN, y + 6, text, 13.5, MUTED))
            y += 18
        y += 16
        headings, used = self._headings(y)
        body += headings
        y += used
        body += self._graph(y)
        y += self._layout.height + 30
        legend, y = self._legend(y)
        body += legend
        for note in picture.notes:
            for text in wrap(note, 13, inner, lines=6):
                body.append(_text(MARGIN, y, text, 13, INK))
                y += 18
        y += 8
        if picture.sources:
            body.append(_text(MARGIN, y, picture.sources_title, 12, INK, weight=700))
            y += 17
            for source in picture.sources:
                for text in wrap(source, 11.5, inner, lines=2):
                    body.append(_text(MARGIN, y, text, 11.5, MUTED))
                    y += 15
        height = y + MARGIN - 14
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(self._width)} {_n(height)}" '
            f'lang="{picture.language}" role="img" '
            f'aria-labelledby="{self._name}-title" aria-describedby="{self._name}-desc" font-family="{_SANS}">'
        )
        yield f'<title id="{self._name}-title">{escape(picture.verdict)}</title>'
        told = "\n".join((picture.subtitle, *picture.sentences, *picture.notes))
        yield f'<desc id="{self._name}-desc">{escape(told)}</desc>'
        yield f'<rect width="{_n(self._width)}" height="{_n(height)}" fill="#ffffff"/>'
        yield f'<rect width="{_n(self._width)}" height="5" fill="{_BLUE}"/>'
        yield from body
        yield "</svg>"

    def _headings(self, y: float) -> tuple[list[str], float]:
        """Draw what stands above the columns, one heading for all columns of a kind; return the height used."""
        picture, layout = self._picture, self._layout
        stages = {
            layout.boxes[box.key].rank: box.stage for box in picture.boxes if box.stage or box.look is not Look.QUESTION
        }
        kinds = [0 if rank == 0 else stages.get(rank, 0) + 1 for rank in range(len(layout.columns))]
        spans = []
        for kind in dict.fromkeys(kinds):
            first, last = kinds.index(kind), len(kinds) - 1 - kinds[::-1].index(kind)
            left, right = layout.columns[first][0] + MARGIN, sum(layout.columns[last]) + MARGIN
            spans.append((left, right, wrap(picture.headings[kind], 13, right - left, lines=3, bold=True)))
        most = max(len(cut) for _, _, cut in spans)
        drawn = []
        for left, right, cut in spans:
            for place, text in enumerate(cut, start=most - len(cut)):
                drawn.append(_text(left, y + 16 * place + 4, text, 13, INK, weight=700))
            drawn.append(f'<path d="M{_n(left)} {_n(y + 16 * most - 4)}H{_n(right)}" stroke="{INK}" stroke-width="1"/>')
        return drawn, 16 * most + 22

    def _graph(self, y: float) -> Iterator[str]:
        """Draw lines, the weakest first, then boxes, then labels on top of both."""
        picture, layout = self._picture, self._layout
        yield f'<g transform="translate({_n(MARGIN)} {_n(y)})">'
        weakest = list(reversed(Strength))
        both = sorted(zip(picture.lines, layout.routes, strict=True), key=lambda pair: weakest.index(pair[0].strength))
        for line, route in both:
            yield _route(route, _LINES[line.strength], arrow=line.strength is not Strength.QUESTION)
        for box in picture.boxes:
            yield from _box(box, self._written[box.key], layout.boxes[box.key])
        for line, route in both:
            if not line.label:
                continue
            weak = line.strength is Strength.INFLUENCE
            # At its right end each line runs level, alone: see `draw_layout`.
            x, y_end = route.points[-1]
            yield (
                f'<text x="{_n(x - _LABEL_END)}" y="{_n(y_end + _LABEL * 0.35)}" font-size="{_LABEL}" '
                f'text-anchor="end" fill="{MUTED if weak else INK}" font-weight="{400 if weak else 600}" '
                f'stroke="#ffffff" stroke-width="8" stroke-linejoin="round" paint-order="stroke">'
                f"{escape(line.label)}</text>"
            )
        yield "</g>"

    def _legend(self, y: float) -> tuple[list[str], float]:
        french = self._picture.language == "fr"
        used = {line.strength for line in self._picture.lines}
        drawn = [f'<path d="M{_n(MARGIN)} {_n(y)}H{_n(self._width - MARGIN)}" stroke="#c9cbd2" stroke-width="1"/>']
        y += 26
        x = MARGIN
        for strength, fr, en in _LEGEND:
            if strength not in used:
                continue
            text = fr if french else en
            wide = 52 + width(text, 12.5) + 26
            if x + wide > self._width - MARGIN + 26 and x > MARGIN:
                x, y = MARGIN, y + 22
            drawn.append(_stroke(f"M{_n(x)} {_n(y - 4)}h42", _LINES[strength]))
            drawn.append(_text(x + 52, y, text, 12.5, INK))
            x += wide
        return drawn, y + 30


def _write(box: Box) -> _Written:
    wide = _LAW_BOX if box.stage == 2 else _BOX  # noqa: PLR2004 -- the laws, see Box
    inner = wide - 2 * _PAD_X
    bold = box.look is not Look.QUESTION
    title = wrap(box.title, _TITLE, inner, lines=_TITLE_LINES, bold=bold)
    note = wrap(box.note, _NOTE, inner, lines=_NOTE_LINES) if box.note else []
    height = 2 * _PAD_Y + len(title) * _TITLE * _LINE + len(note) * _NOTE * _LINE + (3 if note else 0)
    return _Written(title, note, Size(wide, height))


def _box(box: Box, written: _Written, placed: Placed) -> Iterator[str]:
    style = _BOXES[box.look]
    dashes = f' stroke-dasharray="{style.border.dashes}"' if style.border.dashes else ""
    radius = min(style.radius, placed.height / 2)
    yield (
        f'<rect class="box" x="{_n(placed.x)}" y="{_n(placed.y)}" width="{_n(placed.width)}" '
        f'height="{_n(placed.height)}" rx="{_n(radius)}" fill="{style.fill}" stroke="{style.border.color}" '
        f'stroke-width="{style.border.width}"{dashes}/>'
    )
    centred = style.radius > 5  # noqa: PLR2004 -- states and questions are round
    x = placed.x + (placed.width / 2 if centred else _PAD_X)
    # It may be higher than its text, for the lines that end there.
    y = placed.y + (placed.height - written.size.height) / 2 + _PAD_Y - _TITLE * 0.12
    weight = 400 if box.look is Look.QUESTION else 600
    for text in written.title:
        y += _TITLE * _LINE
        yield _text(x, y - _TITLE * 0.2, text, _TITLE, style.text, weight=weight, middle=centred)
    y += 3
    for text in written.note:
        y += _NOTE * _LINE
        yield _text(x, y - _NOTE * 0.2, text, _NOTE, style.note, middle=centred)


def _route(route: Route, ink: _Ink, *, arrow: bool) -> str:
    """Draw a line: curves between columns, straight through them, a head where it ends."""
    points = route.points
    head = 5 + ink.width * 1.6 if arrow else 0.0
    (x0, y0), last = points[0], points[-1]
    path = [f"M{_n(x0 + (head if route.backwards else 0))} {_n(y0)}"]
    for place in range(1, len(points)):
        (x1, y1), (x2, y2) = points[place - 1], points[place]
        stop = x2 - (head if place == len(points) - 1 and not route.backwards else 0)
        if y1 == y2:
            path.append(f"H{_n(stop)}")
        else:
            bend = (x2 - x1) * 0.5
            path.append(f"C{_n(x1 + bend)} {_n(y1)} {_n(x2 - bend)} {_n(y2)} {_n(stop)} {_n(y2)}")
    drawn = _stroke("".join(path), ink)
    if not arrow:
        return drawn
    x, y = points[0] if route.backwards else last
    side = 1 if route.backwards else -1
    half = 2.6 + ink.width * 0.9
    back = side * (head + 1)
    return f'{drawn}<path d="M{_n(x)} {_n(y)}l{_n(back)} {_n(-half)}v{_n(2 * half)}z" fill="{ink.color}"/>'


def _stroke(path: str, ink: _Ink) -> str:
    dashes = f' stroke-dasharray="{ink.dashes}"' if ink.dashes else ""
    return f'<path d="{path}" fill="none" stroke="{ink.color}" stroke-width="{ink.width}"{dashes}/>'


def _text(  # noqa: PLR0913 -- what SVG wants of a text
    x: float, y: float, text: str, size: float, fill: str, *, weight: int = 400, family: str = "", middle: bool = False
) -> str:
    more = f' font-family="{family}"' if family else ""
    more += ' text-anchor="middle"' if middle else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{fill}" font-weight="{weight}"{more}>'
        f"{escape(text)}</text>"
    )


def _n(value: float) -> str:
    """Return a number as short as it can be: one decimal is finer than a printer's dot."""
    return f"{value:.1f}".removesuffix(".0")
