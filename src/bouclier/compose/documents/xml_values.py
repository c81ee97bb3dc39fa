"""Values of attributes and codes of fields, as a person reads them: `Zoe%20Vasseur` and `Zoe_Vasseur` are two words.

Source of the codes of fields: ECMA-376, part 1, 17.16: a name, then arguments, some in quotes, and switches. What
follows the switches `\\@`, `\\#` and `\\*` is how to show a date, a number or a text, and names nobody.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.compose.documents.segments import SegmentBuilder

_SPELLED = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z]+);|(?:%[0-9a-fA-F]{2})+|_")
_WHOLE = re.compile(r"@|\d[^\W\d_]|[^\W\d_]\d")
_MEASURE = re.compile(r"[-+]?#?[0-9]{0,7}(?:\.[0-9]{1,7})?[a-z%]{0,4}", re.ASCII)
_ARGUMENT = re.compile(r"""\\[@#*]\s*(?:"[^"]*"?|\S+)|\\\S|"([^"]*)"?|([^\s"]+)""")


class Read(NamedTuple):
    """What is read, and the stretch of raw text that spells it."""

    text: str
    start: int
    end: int


def says_something(value: str) -> bool:
    """Tell whether a value can be more than a measure: seven digits with a unit name nobody."""
    return len(value) > 1 and _MEASURE.fullmatch(value) is None


def read_value(raw: str, start: int, end: int) -> Iterator[Read]:
    """Yield a value as it is read: references to characters, escapes of addresses, words between underscores.

    An underscore is part of an address, of a login or of a key, where letters and digits mix or an `@` stands.
    """
    value = raw[start:end]
    words = _WHOLE.search(_SPELLED.sub("", value)) is None
    position = start
    for match in _SPELLED.finditer(raw, start, end):
        spelled = match.group()
        if spelled == "_":
            read = " " if words else "_"
        else:
            read = html.unescape(spelled) if spelled[0] == "&" else unquote(spelled)
        if position < match.start():
            yield Read(raw[position : match.start()], position, match.start())
        yield Read(read, match.start(), match.end())
        position = match.end()
    if position < end:
        yield Read(raw[position:end], position, end)


def arguments(code: Sequence[Read]) -> Iterator[list[Read]]:
    """Yield the arguments of the code of a field, which may be written in several runs."""
    spread = [one for read in code for one in _characters(read)]
    text = "".join(one.text for one in spread)
    for number, match in enumerate(_ARGUMENT.finditer(text)):
        group = match.lastindex
        if group is not None and number and match[group]:
            yield spread[match.start(group) : match.end(group)]


def add_read(builder: SegmentBuilder, value: Sequence[Read]) -> None:
    """Add what is read to a segment, neighbours in one piece."""
    text, start, end = "", 0, 0
    for one in value:
        if text and one.start == end and end - start == len(text) and one.end - one.start == len(one.text):
            text, end = text + one.text, one.end
            continue
        builder.add(text, start, end)
        text, start, end = one
    builder.add(text, start, end)


def _characters(read: Read) -> Iterator[Read]:
    if len(read.text) != read.end - read.start:
        read = Read(read.text[:1], read.start, read.end)  # a reference of XML is one character
        yield read
        return
    for offset, character in enumerate(read.text):
        yield Read(character, read.start + offset, read.start + offset + 1)
