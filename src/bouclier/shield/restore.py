"""Restore: put the user's own words back into an answer, while it streams.

The law: cutting the answer differently never changes the result. Why it holds: `[` stands only at the start of a
pseudonym, so a pseudonym that is not yet complete begins at the last `[` of what was read. Only that tail is held
back, only while it is a proper prefix of a pseudonym of this exchange, and so never longer than the longest of them.

In a JSON string (tool-call arguments, or an answer asked to be JSON) a character may be spelled `\\u005b`, and what
is put back must be escaped. Text that is not part of a pseudonym keeps its spelling, byte for byte.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from bouclier.shield.cloak import PSEUDONYM

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNIT = re.compile(r"\\u([0-9a-fA-F]{4})|\\(?!u)(.)|([^\\])", re.DOTALL)
"""One character of a JSON string as it is spelled: `\\uXXXX`, a two-character escape, or itself."""

_UNFINISHED = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")


class Pseudonyms:
    """The table of one exchange, prepared once for all the restorers of its answer."""

    __slots__ = ("_escaped", "_prefixes", "originals")

    def __init__(self, originals: Mapping[str, str]) -> None:
        self.originals = originals
        self._prefixes: frozenset[str] | None = None
        self._escaped: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self.originals)

    def may_begin(self, tail: str) -> bool:
        """Tell whether a tail is a proper prefix of a pseudonym of this exchange."""
        if self._prefixes is None:
            self._prefixes = frozenset(
                pseudonym[:length] for pseudonym in self.originals for length in range(1, len(pseudonym))
            )
        return tail in self._prefixes

    def original(self, pseudonym: str, *, escaped: bool) -> str | None:
        """Return what a pseudonym stands for, escaped for a JSON string if asked; None if it is not ours."""
        original = self.originals.get(pseudonym)
        if original is None or not escaped:
            return original
        if pseudonym not in self._escaped:
            self._escaped[pseudonym] = json.dumps(original, ensure_ascii=False)[1:-1]
        return self._escaped[pseudonym]


class Restorer:
    """Restores one text that arrives in fragments.

    >>> restorer = Restorer(Pseudonyms({"[PERSON_1]": "Ada Lovelace"}))
    >>> restorer.feed("Dear [PERS") + restorer.feed("ON_1],") + restorer.finish()
    'Dear Ada Lovelace,'

    Attributes:
        restored: How many pseudonyms were replaced so far.
    """

    __slots__ = ("_held", "_json", "_table", "restored")

    def __init__(self, table: Pseudonyms, *, json_string: bool = False) -> None:
        self._table = table
        self._json = json_string
        self._held = ""
        self.restored = 0

    @property
    def idle(self) -> bool:
        """True when nothing is held back."""
        return not self._held

    def feed(self, fragment: str) -> str:
        """Take a fragment and return what is certain: at most a possible pseudonym's prefix is held back."""
        text = self._held + fragment if self._held else fragment
        self._held = ""
        if self._json and "\\" in text:
            return self._feed_escaped(text)
        opening = text.rfind("[")
        if opening < 0:
            return text
        if self._table.may_begin(text[opening:]):
            self._held = text[opening:]
            text = text[:opening]
        return PSEUDONYM.sub(self._replace, text)

    def finish(self) -> str:
        """Return what was held back: the answer ended, so it was no pseudonym."""
        held, self._held = self._held, ""
        return held

    def _replace(self, match: re.Match[str]) -> str:
        original = self._table.original(match.group(), escaped=self._json)
        if original is None:
            return match.group()
        self.restored += 1
        return original

    def _feed_escaped(self, text: str) -> str:
        """Restore JSON text in which a character may be spelled as an escape.

        `plain` holds one character per spelled unit, `starts[i]` where unit i starts in `text`.
        """
        plain: list[str] = []
        starts: list[int] = []
        position = 0
        while position < len(text):
            unit = _UNIT.match(text, position)
            if unit is None and _UNFINISHED.fullmatch(text, position):
                break
            starts.append(position)
            # An escape that is no part of any pseudonym, or no escape at all, becomes NUL: it matches nothing.
            plain.append("\0" if unit is None else unit[3] or (chr(int(unit[1], 16)) if unit[1] else "\0"))
            position = position + 1 if unit is None else unit.end()
        starts.append(position)
        read = "".join(plain)
        certain = len(read)
        opening = read.rfind("[")
        # An unfinished escape at the end may still become part of a pseudonym begun before it.
        if opening >= 0 and self._table.may_begin(read[opening:]):
            certain = opening
        self._held = text[starts[certain] :]
        pieces: list[str] = []
        done = 0
        for match in PSEUDONYM.finditer(read, 0, certain):
            original = self._table.original(match.group(), escaped=True)
            if original is not None:
                self.restored += 1
                pieces += (text[starts[done] : starts[match.start()]], original)
                done = match.end()
        pieces.append(text[starts[done] : starts[certain]])
        return "".join(pieces)


def restore(text: str, table: Pseudonyms, *, json_string: bool = False) -> str:
    """Restore a text that is already whole."""
    restorer = Restorer(table, json_string=json_string)
    return restorer.feed(text) + restorer.finish()
