"""The portable scanner: Python's `re` alone, where the byte engine's wheel is missing. It finds what the others find.

How every rough expression begins is read off it once. One expression made of all these beginnings passes over the text
and stops where anything may start; a table says, by the first bytes there, which detectors are worth trying. A
beginning that cannot be read (its expression is beyond what `own_patterns` knows) is taken for anything at all:
slower, never blind.

The text is seen as the byte engine sees it: UTF-8, one character a byte. Offsets are turned into code points after.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.shield.adapters.starts_scanner import StartsScanner
from bouclier.shield.adapters.utf8_places import in_code_points
from bouclier.shield.own_pattern_trees import Chars, expression_of, heads_of
from bouclier.shield.own_patterns import PatternError, parse_rough
from bouclier.shield.patterns import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bouclier.shield.detector import Detector

    Head = tuple[Chars, ...]
    _Begin = tuple[re.Pattern[str] | None, Head, set[int]]

_BITS = 12  # enough to number the detectors
_KEY_BYTES = 8
_NEAR_BYTES = 3
_GATE_BYTES = 4
_MOST_KEYS = 1 << 16
_BYTES = frozenset(map(chr, range(256)))
_ASCII = 128
_FIRST_BYTES = _BYTES - frozenset(map(chr, range(0x80, 0xC0)))
_ANYTHING = ((Chars(_FIRST_BYTES),),)


class PortableScanner(StartsScanner):
    """Tries a detector only where one of its rough expressions may begin."""

    def __init__(self, detectors: Sequence[Detector] = DETECTORS) -> None:
        super().__init__(detectors)
        begins: dict[tuple[str, Head], set[int]] = {}
        for number, one in enumerate(detectors):
            for expression, after, caseless in {(rough.expression, rough.after, rough.caseless) for rough in one.rough}:
                for head in _heads(expression, caseless=caseless):
                    before = f"(?i:{after})" if after and caseless else after
                    begins.setdefault((before, head[:_KEY_BYTES]), set()).add(number)
        self._gate = re.compile(_gate({head for _, head in begins}))
        self._begins: dict[str, list[_Begin]] = {}
        for (after, head), numbers in begins.items():
            for char in head[0].chars:
                self._begins.setdefault(char, []).append((re.compile(after) if after else None, head, numbers))
        self._near: dict[str, list[_Begin]] = {}
        self._known: dict[str, tuple[int, ...]] = {}

    def starts(self, text: str) -> list[tuple[int, int]]:
        """Return where which detector is to be tried: code point and number of the detector, sorted, unique."""
        data = text.encode("utf-8", "surrogatepass")
        seen = text if len(data) == len(text) else data.decode("latin-1")
        known = self._known
        places = []
        for stop in self._gate.finditer(seen):
            start = stop.start()
            if start:
                key = seen[start - 1 : start + _KEY_BYTES]
                numbers = known.get(key)
                if numbers is None:
                    numbers = self._remember(key)
            else:
                numbers = self._worth(seen[:_KEY_BYTES], 0)
            places.extend([start << _BITS | number for number in numbers])
        if seen is text:
            return [(one >> _BITS, one & (1 << _BITS) - 1) for one in places]
        return in_code_points(data, places, _BITS)

    def _remember(self, key: str) -> tuple[int, ...]:
        if len(self._known) >= _MOST_KEYS:
            self._known.clear()
        numbers = self._known[key] = self._worth(key, 1)
        return numbers

    def _worth(self, key: str, at: int) -> tuple[int, ...]:
        """Return the detectors that may match at a place of a key; at 0, the text begins there."""
        seen = key[at:]
        near = self._near.get(seen[:_NEAR_BYTES])
        if near is None:
            near = self._near[seen[:_NEAR_BYTES]] = [
                begin for begin in self._begins.get(seen[:1], ()) if _may_be(begin[1], seen[:_NEAR_BYTES])
            ]
        worth: set[int] = set()
        for after, head, numbers in near:
            if len(head) <= len(seen) and _may_be(head, seen) and (not at or after is None or after.match(key)):
                worth |= numbers
        return tuple(sorted(worth))


def _may_be(head: Head, seen: str) -> bool:
    """Say whether a head and what is seen agree, as far as both go."""
    return all(char in one.chars for one, char in zip(head, seen, strict=False))


def _heads(expression: str, *, caseless: bool) -> Sequence[Head]:
    """Return how a rough expression begins, on bytes, in both cases if it ignores them."""
    try:
        heads = heads_of(parse_rough(expression.encode().decode("latin-1")))
    except PatternError:
        return _ANYTHING
    if not all(heads):
        return _ANYTHING
    spelled = [tuple(_on_bytes(one, caseless=caseless) for one in head) for head in heads]
    # No match begins within a character.
    return [(Chars(head[0].chars & _FIRST_BYTES), *head[1:]) for head in spelled]


def _on_bytes(one: Chars, *, caseless: bool) -> Chars:
    chars = one.chars
    if one.negated:
        chars = frozenset(char for char in _BYTES if char in chars or ord(char) >= _ASCII)
    if caseless:
        letters = [char for char in chars if char.isascii()]
        chars |= {char.lower() for char in letters} | {char.upper() for char in letters}
    return Chars(chars)


def _gate(heads: Iterable[Head]) -> str:
    """Return one expression that stops where any of the heads may begin, and takes one character there."""
    trie = _branches([head[:_GATE_BYTES] for head in heads])
    # A literal for each first character: the engine then skips over every other one.
    return "|".join(
        f"{re.escape(char)}{f'(?={rest})' if rest else ''}" for chars, rest in trie for char in sorted(chars)
    )


def _branches(heads: list[Head]) -> list[tuple[frozenset[str], str]]:
    """Return, for each set of first characters that go on alike, how they go on; empty if anything may follow."""
    following: dict[str, dict[Head, None]] = {}
    for head in heads:
        for char in head[0].chars:
            following.setdefault(char, {})[head[1:]] = None
    alike: dict[tuple[Head, ...], set[str]] = {}
    for char in sorted(following):
        rests = following[char]
        alike.setdefault(((),) if () in rests else tuple(rests), set()).add(char)
    return [(frozenset(chars), _joined(rests)) for rests, chars in alike.items()]


def _joined(rests: tuple[Head, ...]) -> str:
    if rests == ((),):
        return ""
    options = [
        f"{expression_of(Chars(chars))}{f'(?:{rest})' if rest else ''}" for chars, rest in _branches(list(rests))
    ]
    return "|".join(options)
