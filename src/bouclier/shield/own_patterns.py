"""The language in which an institution writes the shape of its own identifiers.

A part of what everybody knows as regular expressions: characters, classes `[A-Z]`, `\\d \\w \\s` (ASCII) and their
opposites, the dot, groups, alternatives, and repetitions with a bound. What is left out is what makes a text cost more
than its length or an engine disagree with another: unbounded repetition, look-around, back-references, flags.

A pattern is parsed here, never handed to `re` as it came. What follows from its tree (its length, its cost, the
expression `re` runs, where it may start) is in `own_pattern_trees`.
"""

from __future__ import annotations

import re
from itertools import count

from bouclier.shield.own_pattern_trees import (
    ASCII_CHARS,
    MAX_WAYS,
    WORD_CHARS,
    Chars,
    Choice,
    Node,
    Repeat,
    Sequence,
    measure,
)
from bouclier.terms.errors import Bilingual

MAX_PATTERN = 300
MAX_MATCH = 200
_MAX_DEPTH = 20
_CLASSES = {
    "d": frozenset("0123456789"),
    "w": WORD_CHARS,
    "s": frozenset(" \t\n\r\f\v"),
}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r"}
_META = "\\.^$*+?{}[]|()"
_BYTE = re.compile("[0-9A-Fa-f]{2}")
_COUNTS = re.compile(r"\{([0-9]{1,4})(,)?([0-9]{1,4})?\}")


class PatternError(ValueError):
    """A pattern that cannot be used: where, why, and what to write instead.

    Attributes:
        position: Zero-based code point of the pattern.
        message: What is wrong.
        hint: What to do.
    """

    def __init__(self, position: int, message: Bilingual, hint: Bilingual) -> None:
        super().__init__(message.en)
        self.position = position
        self.message = message
        self.hint = hint


def parse_pattern(pattern: str) -> Node:
    """Return the tree of a pattern.

    Raises:
        PatternError: It is not in the language, matches nothing at all, too much, or in too many ways.
    """
    if len(pattern) > MAX_PATTERN:
        raise PatternError(
            MAX_PATTERN,
            Bilingual(f"le motif dépasse {MAX_PATTERN} caractères.", f"the pattern has over {MAX_PATTERN} characters."),
            Bilingual("déclarez plusieurs identifiants", "declare several identifiers"),
        )
    parser = _Parser(pattern)
    node = parser.choice(0)
    if parser.position < len(pattern):
        raise _syntax(parser.position, "une parenthèse de trop", "one bracket too many")
    measured = measure(node)
    if not measured.shortest:
        raise PatternError(
            0,
            Bilingual("le motif peut ne correspondre à rien.", "the pattern can match nothing at all."),
            Bilingual("rendez au moins un caractère obligatoire", "make at least one character mandatory"),
        )
    if measured.longest > MAX_MATCH:
        raise PatternError(
            0,
            Bilingual(
                f"le motif peut couvrir {measured.longest} caractères.",
                f"the pattern can cover {measured.longest} characters.",
            ),
            Bilingual(f"au plus {MAX_MATCH}", f"at most {MAX_MATCH}"),
        )
    if measured.ways > MAX_WAYS:
        raise PatternError(
            0,
            Bilingual(
                "le motif peut être essayé de trop de façons : un texte fait exprès bloquerait la passerelle.",
                "the pattern can be tried in too many ways: a text made for it would stall the gateway.",
            ),
            Bilingual(
                "évitez les répétitions variables imbriquées ou à la suite ; préférez {6} à {1,6}",
                "avoid variable repetitions within or after one another; prefer {6} to {1,6}",
            ),
        )
    return node


def parse_rough(expression: str) -> Node:
    """Return the tree of a detector's rough expression, whose bytes are characters, without measuring it.

    Raises:
        PatternError: It uses more than this language.
    """
    parser = _Parser(expression, trusted=True)
    node = parser.choice(0)
    if parser.position < len(expression):
        raise _syntax(parser.position, "une parenthèse de trop", "one bracket too many")
    return node


def _syntax(position: int, fr: str, en: str) -> PatternError:
    return PatternError(
        position,
        Bilingual(
            f"motif incorrect au caractère {position + 1} : {fr}.", f"wrong pattern at character {position + 1}: {en}."
        ),
        Bilingual(
            "par exemple 'AG[0-9]{6}' ; un signe de ponctuation se cite par \\",
            "such as 'AG[0-9]{6}'; a punctuation sign is quoted by \\",
        ),
    )


class _Parser:
    """Reads a pattern from left to right, once. One of ours may repeat more, and name bytes by number."""

    def __init__(self, pattern: str, *, trusted: bool = False) -> None:
        self._pattern = pattern
        self._trusted = trusted
        self.position = 0

    def choice(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise _syntax(self.position, "trop de parenthèses imbriquées", "brackets nested too deep")
        options = [self._sequence(depth)]
        while self._take("|"):
            options.append(self._sequence(depth))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self._next() not in {"", "|", ")"}:
            parts.append(self._counted(self._atom(depth)))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _counted(self, body: Node) -> Node:
        start = self.position
        if self._take("?"):
            least, most = 0, 1
        elif self._next() in {"*", "+"}:
            raise PatternError(
                start,
                Bilingual("une répétition sans fin (* ou +).", "a repetition without end (* or +)."),
                Bilingual("bornez-la : {0,20} ou {1,20}", "bound it: {0,20} or {1,20}"),
            )
        elif self._next() == "{":
            counts = _COUNTS.match(self._pattern, start)
            if counts is None:
                raise _syntax(start, "{ annonce un nombre, comme {6} ou {1,6}", "{ is for a count such as {6} or {1,6}")
            self.position = counts.end()
            least = int(counts[1])
            if counts[2] and not counts[3]:
                raise PatternError(
                    start,
                    Bilingual("une répétition sans fin.", "a repetition without end."),
                    Bilingual(f"bornez-la : {{{least},{least + 20}}}", f"bound it: {{{least},{least + 20}}}"),
                )
            most = int(counts[3]) if counts[3] else least
            if most < least or (most > MAX_MATCH and not self._trusted):
                raise _syntax(start, f"bornes croissantes, au plus {MAX_MATCH}", f"bounds must grow, up to {MAX_MATCH}")
        else:
            return body
        if self._next() in {"?", "*", "+", "{"} and self._next():
            raise _syntax(self.position, "une répétition suit une répétition", "a repetition follows a repetition")
        return Repeat(body, least, most)

    def _atom(self, depth: int) -> Node:
        start = self.position
        char = self._pattern[start]
        self.position += 1
        if char == "(":
            return self._group(start, depth)
        if char == "[":
            return self._class(start)
        if char == ".":
            return Chars(ASCII_CHARS - {"\n"}, negated=True)
        if char == "\\":
            return self._escape(start)
        if char in "^$" and self._trusted:
            return Sequence(())  # where something may end: more places do no harm to where it may begin
        if char in "^$":
            raise PatternError(
                start,
                Bilingual(f"« {char} » n'est pas admis.", f'"{char}" is not allowed.'),
                Bilingual(
                    "inutile : un identifiant n'est jamais pris au milieu d'un mot",
                    "needless: an identifier is never taken from the middle of a word",
                ),
            )
        if char in _META:
            raise _syntax(start, f"« {char} » est inattendu", f'"{char}" is unexpected')
        return Chars(frozenset(char))

    def _group(self, start: int, depth: int) -> Node:
        if self._take("?") and not self._take(":"):
            raise _syntax(start, "de (?…), seul (?:…) est connu", "of (?…), only (?:…) is known")
        inner = self.choice(depth + 1)
        if not self._take(")"):
            raise _syntax(start, "parenthèse jamais fermée", "bracket never closed")
        return inner

    def _escape(self, start: int) -> Chars:
        char = self._next()
        self.position += 1
        if char.lower() in _CLASSES and char:
            inside = _CLASSES[char.lower()]
            return Chars(inside) if char.islower() else Chars(ASCII_CHARS - inside, negated=True)
        if char in _CONTROLS:
            return Chars(frozenset(_CONTROLS[char]))
        if char == "x" and self._trusted and (code := _BYTE.match(self._pattern, self.position)) is not None:
            self.position = code.end()
            return Chars(frozenset(chr(int(code[0], 16))))
        if not char or (char.isascii() and char.isalnum()):
            raise _syntax(
                start,
                "\\ n'est connu que devant d, w, s, t et la ponctuation",
                "\\ is known only before d, w, s, t and punctuation",
            )
        return Chars(frozenset(char))

    def _class(self, start: int) -> Chars:
        refused = self._take("^")
        inside: set[str] = set()
        beyond = False
        for index in count():
            char = self._next()
            if not char:
                raise _syntax(start, "crochet jamais fermé", "square bracket never closed")
            if char == "]" and index:
                self.position += 1
                break
            low = self._member()
            if self._next() == "-" and self._pattern[self.position + 1 : self.position + 2] not in {"", "]"}:
                self.position += 1
                high = self._member()
                inside |= self._range(start, low, high)
            else:
                inside |= low.chars
                beyond = beyond or low.negated
        if refused and beyond:
            raise _syntax(start, "une négation dans une négation", "a negation within a negation")
        if refused:
            return Chars((ASCII_CHARS - inside) | {char for char in inside if char not in ASCII_CHARS}, negated=True)
        if beyond:
            inside &= ASCII_CHARS  # what is beyond ASCII fits already
        return Chars(frozenset(inside), negated=beyond)

    def _member(self) -> Chars:
        start = self.position
        self.position += 1
        char = self._pattern[start]
        if char == "[":
            raise _syntax(start, "[ se cite par \\ dans une classe", "[ is quoted by \\ within a class")
        return self._escape(start) if char == "\\" else Chars(frozenset(char))

    def _range(self, start: int, low: Chars, high: Chars) -> set[str]:
        if low.negated or high.negated or len(low.chars) != 1 or len(high.chars) != 1:
            raise _syntax(
                start, "un intervalle va d'un caractère à un autre", "a range goes from a character to another"
            )
        first, last = ord(next(iter(low.chars))), ord(next(iter(high.chars)))
        if last < first or last - first > 1_000:  # noqa: PLR2004 -- no alphabet is longer
            raise _syntax(start, "un intervalle trop grand ou à l'envers", "a range too large or backwards")
        return set(map(chr, range(first, last + 1)))

    def _next(self) -> str:
        return self._pattern[self.position : self.position + 1]

    def _take(self, char: str) -> bool:
        if self._next() != char:
            return False
        self.position += 1
        return True
