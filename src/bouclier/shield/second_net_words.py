"""The words that phrases of the second net are made of, and where a text says them.

A word of a phrase is whole, or a stem: `notat*` is said by every word that begins so. Words compare folded (see
`words`). A text is gone through once to part it into words, each distinct word is looked up once, and only those known
are placed: the cost is that of the text, whatever the number of phrases.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.shield.characters import ACCENTS
from bouclier.shield.invisible import INVISIBLE
from bouclier.shield.words import fold
from bouclier.terms.errors import Bilingual, CharterError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

SHORTEST_STEM: Final = 3
"""Letters: a shorter one would be said by half of the words there are."""

# Any letters and digits; an accent typed apart, or what does not show, parts no word.
_WORD = re.compile(f"[^\\W_]+(?:[{ACCENTS}{INVISIBLE}]+[^\\W_]*)*")
_WRITTEN = re.compile(f"(?P<word>{_WORD.pattern})(?P<stem>(?:\\*(?![^\\W_]))?)")


class PhraseWord(NamedTuple):
    """A word of a phrase.

    Attributes:
        letters: Folded.
        is_stem: Whether a longer word that begins so says it too.
    """

    letters: str
    is_stem: bool


def parse_phrase(phrase: str) -> tuple[PhraseWord, ...]:
    """Return the words of a phrase as a pack writes it.

    Raises:
        CharterError: It has no word, a `*` that ends none, or a stem too short.
    """
    words = tuple(PhraseWord(fold(found["word"]), bool(found["stem"])) for found in _WRITTEN.finditer(phrase))
    if not words or phrase.count("*") != sum(word.is_stem for word in words):
        raise _wrong(
            phrase, fr="elle n’a pas de mot, ou une * qui n’en termine aucun", en="no word, or a * that ends none"
        )
    if any(word.is_stem and len(word.letters) < SHORTEST_STEM for word in words):
        raise _wrong(
            phrase,
            fr=f"un radical y a moins de {SHORTEST_STEM} lettres",
            en=f"a stem has fewer than {SHORTEST_STEM} letters",
        )
    return words


def spans_of_words(text: str) -> list[tuple[int, int]]:
    """Return where each word of a text stands: first code point, one past the last."""
    return [found.span() for found in _WORD.finditer(text)]


class Said(NamedTuple):
    """The words of a text, and what they are of a vocabulary.

    Attributes:
        words: All, in order, as written.
        known: The numbers of those the vocabulary has.
        numbers: All of these.
    """

    words: list[str]
    known: Mapping[str, Sequence[int]]
    numbers: frozenset[int]

    def places(self, wanted: Container[int]) -> dict[int, list[int]]:
        """Return, for each wanted word that is said, its places in order: the count of words before it."""
        known = {
            word: kept for word, numbers in self.known.items() if (kept := [one for one in numbers if one in wanted])
        }
        said: dict[int, list[int]] = {}
        for place, word in enumerate(self.words):
            if word in known:
                for number in known[word]:
                    said.setdefault(number, []).append(place)
        return said


class Vocabulary:
    """The words of many phrases, each known by its place in the order given.

    Deterministic and immutable once made; may be shared between threads.
    """

    def __init__(self, words: Iterable[PhraseWord]) -> None:
        numbered = {word: number for number, word in enumerate(words)}
        self._whole: Mapping[str, int] = {word.letters: number for word, number in numbered.items() if not word.is_stem}
        # By their first letters: most words of a text begin no stem, as one look tells, and few begin several.
        self._stems: dict[str, list[tuple[str, int]]] = {}
        for word, number in numbered.items():
            if word.is_stem:
                self._stems.setdefault(word.letters[:SHORTEST_STEM], []).append((word.letters, number))

    def read(self, text: str) -> Said:
        """Return which known words a text says."""
        words = _WORD.findall(text)
        known: dict[str, list[int]] = {}
        for word in set(words):
            folded = fold(word)
            stems = self._stems.get(folded[:SHORTEST_STEM])
            numbers = [number for stem, number in stems if folded.startswith(stem)] if stems else []
            if folded in self._whole:
                numbers.append(self._whole[folded])
            if numbers:
                known[word] = numbers
        return Said(words, known, frozenset(number for numbers in known.values() for number in numbers))


def _wrong(phrase: str, *, fr: str, en: str) -> CharterError:
    return CharterError(
        Bilingual(
            fr=f"Une expression du second filet, « {phrase} », ne se lit pas : {fr}.",
            en=f'A phrase of the second net, "{phrase}", cannot be read: {en}.',
        ),
        Bilingual(
            fr="Corrigez `second_net` du data.json du paquet : des mots entiers, ou un radical suivi de * (`notat*`).",
            en="Correct `second_net` in the pack's data.json: whole words, or a stem with a * at its end (`notat*`).",
        ),
        param="second_net",
    )
