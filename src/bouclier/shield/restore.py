"""Restore: put the user's own words back into an answer, while it streams.

The law: cutting the answer differently never changes the result. Why it holds: what is handed over is what no following
text can change (`Pseudonyms.certain`), and what a match may depend on is bounded: at most the longest pseudonym of this
exchange, decorated, is held back, and only while it may still become one.

In a JSON string (tool-call arguments, or an answer asked to be JSON) a character may be spelled `\\u005b`, and what
is put back must be escaped. Text that is not part of a pseudonym keeps its spelling, byte for byte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bouclier.shield.tolerant_match import Pseudonyms

_UNIT = re.compile(r"\\u([0-9a-fA-F]{4})|\\(?!u)(.)|([^\\])", re.DOTALL)
"""One character of a JSON string as it is spelled: `\\uXXXX`, a two-character escape, or itself."""

_UNFINISHED = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")
_LONGEST_TAG = 80
_SHORT = 200  # a longer fragment is searched for ids, which are rarer than what words may begin
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Restorer:
    """Restores one text that arrives in fragments.

    >>> from bouclier.shield.tolerant_match import Pseudonyms
    >>> restorer = Restorer(Pseudonyms({"[PERSON_K7QX]": "Ada Lovelace"}))
    >>> restorer.feed("Dear [PERS") + restorer.feed("ON_K7QX],") + restorer.finish()
    'Dear Ada Lovelace,'

    Attributes:
        restored: How many pseudonyms were replaced so far.
        unrestored: How many things stayed that look like a pseudonym of ours, and are none of this exchange's.
    """

    __slots__ = ("_before", "_held", "_json", "_opened", "_table", "restored", "unrestored")

    def __init__(self, table: Pseudonyms, *, json_string: bool = False) -> None:
        self._table = table
        self._json = json_string
        self._held = ""
        self._before = ""
        self._opened = ""
        self.restored = 0
        self.unrestored = 0

    @property
    def attentive(self) -> bool:
        """True when what follows must be fed, however quiet it is."""
        return bool(self._held or self._opened)

    @property
    def idle(self) -> bool:
        """True when nothing is held back."""
        return not self._held

    def feed(self, fragment: str) -> str:
        """Take a fragment and return what is certain: at most the beginning of a possible pseudonym is held back."""
        short = len(fragment) <= _SHORT and not self.attentive and not (self._json and "\\" in fragment)
        if short and self._table.is_quiet(fragment):
            self.passed(fragment)
            return fragment
        return self._certain(self._held + fragment, final=False)

    def passed(self, fragment: str) -> None:
        """Note that a fragment, in which there is nothing to restore, was handed over as it is."""
        if fragment:
            self._before = fragment[-1]

    def finish(self) -> str:
        """Return what was held back: nothing follows it."""
        return self._certain(self._held, final=True) if self._held else ""

    def _certain(self, text: str, *, final: bool) -> str:
        self._held = ""
        if self._json and "\\" in text:
            return self._certain_escaped(text, final=final)
        start = len(self._before)
        seen = self._before + text
        matches, end = self._table.certain(seen, start, final=final)
        pieces: list[str] = []
        position = start
        for match in matches:
            original = self._table.escaped(match.original) if self._json else match.original
            pieces += (seen[position : match.start], original)
            position = match.end
        pieces.append(seen[position:end])
        self._held = seen[end:]
        self._before = seen[end - 1 : end]
        self.restored += len(matches)
        self._count_unknown(seen[start:end])
        return "".join(pieces)

    def _certain_escaped(self, text: str, *, final: bool) -> str:
        """Restore JSON text in which a character may be spelled as an escape.

        `plain` holds one character per spelled unit, `starts[i]` where unit i starts in `text`.
        """
        plain: list[str] = [self._before]
        starts: list[int] = [0] * len(self._before)
        first = len(self._before)
        position = 0
        while position < len(text):
            unit = _UNIT.match(text, position)
            if unit is None and not final and _UNFINISHED.fullmatch(text, position):
                break
            starts.append(position)
            plain.append(_read(unit))
            position = position + 1 if unit is None else unit.end()
        starts.append(position)
        read = "".join(plain)
        matches, end = self._table.certain(read, first, final=final)
        pieces: list[str] = []
        done = first
        for match in matches:
            pieces += (text[starts[done] : starts[match.start]], self._table.escaped(match.original))
            done = match.end
        pieces.append(text[starts[done] : starts[end]])
        self._held = text[starts[end] :]
        self._before = read[end - 1 : end]
        self.restored += len(matches)
        self._count_unknown(read[first:end])
        return "".join(pieces)

    def _count_unknown(self, read: str) -> None:
        """Count tags that are none of ours, in what was read; one that is cut is remembered until it ends."""
        seen = self._opened + read
        self._opened = ""
        if "[" in seen:
            self.unrestored += self._table.unknown_tags(seen)
            opened = seen[seen.rindex("[") :]
            if "]" not in opened and len(opened) <= _LONGEST_TAG:
                self._opened = opened


def _read(unit: re.Match[str] | None) -> str:
    """Return the character a unit spells; NUL, which matches nothing, if JSON does not know its escape."""
    if unit is None:
        return "\0"
    if unit[1]:
        return chr(int(unit[1], 16))
    return unit[3] or _ESCAPES.get(unit[2], "\0")


def restore(text: str, table: Pseudonyms, *, json_string: bool = False) -> str:
    """Restore a text that is already whole."""
    restorer = Restorer(table, json_string=json_string)
    return restorer.feed(text) + restorer.finish()
