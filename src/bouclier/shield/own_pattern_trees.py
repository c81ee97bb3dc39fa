"""The tree of a pattern, and what follows from it: its length, its cost, the expression `re` runs, its heads.

In how many ways a pattern can be tried at one place bounds the work of a backtracking engine. By its heads, a byte
engine finds where it may start.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_WAYS = 1_000
_MAX_HEADS = 24
_HEAD_CHARS = 8
_ASCII = 128
_MAX_SPELLED = 64
ASCII_CHARS = frozenset(map(chr, range(_ASCII)))
WORD_CHARS = frozenset(char for char in ASCII_CHARS if char.isalnum() or char == "_")


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set.

    Attributes:
        chars: The characters; if `negated`, the ASCII ones that fit and the others that do not.
        negated: Whether characters beyond ASCII fit, save those in `chars`.
    """

    chars: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """One thing after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing or another."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A thing from `least` to `most` times."""

    body: Node
    least: int
    most: int


Node = Chars | Sequence | Choice | Repeat


class Measure(NamedTuple):
    """What a pattern can cost.

    Attributes:
        shortest: Fewest code points it matches.
        longest: Most.
        ways: Upper bound of the ways in which it can be tried at one place.
    """

    shortest: int
    longest: int
    ways: int


def measure(node: Node) -> Measure:
    """Return what a tree can match and cost."""
    match node:
        case Chars():
            return Measure(1, 1, 1)
        case Choice(options):
            measured = [measure(option) for option in options]
            return Measure(
                min(one.shortest for one in measured),
                max(one.longest for one in measured),
                _capped(sum(one.ways for one in measured)),
            )
        case Repeat(body, least, most):
            inner = measure(body)
            ways = 0
            for times in range(least, most + 1):
                ways = _capped(ways + _capped(inner.ways ** min(times, 64)))
            return Measure(inner.shortest * least, inner.longest * most, ways)
        case Sequence(parts):
            shortest = longest = 0
            ways = 1
            for one in map(measure, parts):
                shortest, longest, ways = shortest + one.shortest, longest + one.longest, _capped(ways * one.ways)
            return Measure(shortest, longest, ways)


def expression_of(node: Node) -> str:
    """Return the expression that Python's `re` runs, to be compiled in ASCII mode."""
    match node:
        case Chars():
            return _class_of(node)
        case Choice(options):
            return f"(?:{'|'.join(map(expression_of, options))})"
        case Repeat(body, least, most):
            return f"(?:{expression_of(body)}){{{least},{most}}}"
        case Sequence(parts):
            return "".join(map(expression_of, parts))


def heads_of(node: Node) -> list[tuple[Chars, ...]]:
    """Return what every match begins with: sequences of classes, as long as they can be without being many.

    None has a length of zero. A match begins with at least one of them.
    """
    best = [tuple(one[:1]) for one in dict.fromkeys(head[:1] for head in _heads(node, 1))]
    for length in range(2, _HEAD_CHARS + 1):
        heads = []
        for head in _heads(node, length):
            if head not in heads:
                heads.append(head)
            if len(heads) > _MAX_HEADS:
                return best
        best = heads
    return best


def byte_expression_of(head: tuple[Chars, ...]) -> str:
    """Return a head as an expression on UTF-8: each character once, so that one end has one start."""
    return "".join(map(_byte_class_of, head))


def first_is_word(head: tuple[Chars, ...]) -> bool:
    """Say whether a head can only begin with an ASCII letter, a digit or an underscore."""
    return not head[0].negated and head[0].chars <= WORD_CHARS


def _heads(node: Node, length: int) -> Iterator[tuple[Chars, ...]]:
    for head in _prefixes(node, length):
        yield head[:length]


def _prefixes(node: Node, length: int) -> Iterator[tuple[Chars, ...]]:
    """Yield how matches of a node begin, cut at `length` or whole if shorter. May yield one several times."""
    match node:
        case Chars():
            yield (node,)
        case Choice(options):
            for option in options:
                yield from _prefixes(option, length)
        case Sequence(parts):
            yield from _joined(parts, length)
        case Repeat(body, least, most):
            # Beyond `length` repetitions of at least one character, what begins is the same.
            for times in range(min(least, length), min(most, max(least, length)) + 1):
                yield from _joined((body,) * min(times, length), length)


def _joined(parts: tuple[Node, ...], length: int) -> Iterator[tuple[Chars, ...]]:
    if not parts or not length:
        yield ()
        return
    for first in _prefixes(parts[0], length):
        if len(first) >= length:
            yield first[:length]
        else:
            for rest in _joined(parts[1:], length - len(first)):
                yield first + rest


def _class_of(node: Chars) -> str:
    if not node.negated:
        if len(node.chars) == 1:
            return re.escape(next(iter(node.chars)))
        return f"[{_ranges(node.chars)}]"
    refused = (ASCII_CHARS - node.chars) | {char for char in node.chars if ord(char) >= _ASCII}
    return f"[^{_ranges(refused)}]" if refused else "[\\x00-\\U0010ffff]"


def _byte_class_of(node: Chars) -> str:
    ascii_chars = node.chars & ASCII_CHARS
    others = sorted(node.chars - ASCII_CHARS)
    options = [f"[{_ranges(ascii_chars)}]"] if ascii_chars else []
    if node.negated or len(others) > _MAX_SPELLED:
        options.append("[\\xc2-\\xf4][\\x80-\\xbf]{1,3}")
    else:
        options += others
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def _ranges(chars: frozenset[str]) -> str:
    """Spell a set by the codes of its characters, neighbours together."""
    codes = sorted(map(ord, chars))
    spelled = []
    first = 0
    for index in range(len(codes)):
        if index + 1 == len(codes) or codes[index + 1] != codes[index] + 1:
            spelled.append(_code(codes[first]) + (f"-{_code(codes[index])}" if index > first else ""))
            first = index + 1
    return "".join(spelled)


def _code(code: int) -> str:
    return f"\\x{code:02x}" if code < _ASCII else chr(code)


def _capped(ways: int) -> int:
    return min(ways, MAX_WAYS + 1)
