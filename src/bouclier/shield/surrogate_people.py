"""One person, one other identity: names word by word, so that every way of writing a person agrees with the others.

Each first name and each surname of the conversation has one replacement, whatever it stands beside. So `Jean Dupont`,
`DUPONT Jean`, `Mme Dupont`, `J. Dupont` and `jean.dupont@…` become one person again, and a model that writes only the
surname of a surrogate has said which surname it means. Titles, particles and links stay (see `surrogate_words`). A
replacement is in no text of the exchange, has the gender of what it replaces as far as can be told, reads as if it came
from the same part of the world, and begins with a vowel if and only if that does, as far as the lists go: `d'Ornano`
and `l'avis d'Inès` stay French, whether or not the particle was taken for a part of the name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.shield.drawing import Draw
from bouclier.shield.first_names import FIRST_NAMES as KNOWN_FIRST_NAMES
from bouclier.shield.surrogate_names import FIRST_NAMES, SURNAMES, Gender, Origin
from bouclier.shield.surrogate_words import FEMININE, MASCULINE, NameWord, name_words
from bouclier.shield.words import fold

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from bouclier.shield.pseudonyms import ConversationKey

_RUN = re.compile(r"[^\W\d_]+|[0-9]+")
_BEFORE = re.compile(r"([^\W\d_]+)\.?[ \u00a0\u202f]{1,2}\Z")
_VOWELS = frozenset("aeiouy")
_FEMININE_ENDINGS = ("a", "e", "ine", "elle", "ah")
_MASCULINE_IN_E = frozenset(
    [
        "alexandre",
        "andre",
        "antoine",
        "baptiste",
        "camille",
        "christophe",
        "etienne",
        "george",
        "georges",
        "guillaume",
        "jerome",
        "jose",
        "jules",
        "maxime",
        "philippe",
        "pierre",
        "stephane",
    ]
)
_DOMAINS = ("example.org", "example.com", "example.net")

_ORIGIN_AND_GENDER = {fold(name): place for place, names in FIRST_NAMES.items() for name in names}
_ORIGIN_OF_SURNAME = {fold(name): origin for origin, names in SURNAMES.items() for name in names}


class People:
    """Knows who becomes whom in one exchange."""

    def __init__(self, key: ConversationKey, words: Container[str], persons: Sequence[tuple[str, str]]) -> None:
        """Take the key, the folded words of all texts, and each person as written with what stands before."""
        self._key = key
        self._words = words
        self._own = {word.folded for value, _ in persons for word in name_words(value)}
        self._first: dict[str, str] = {}
        self._last: dict[str, str] = {}
        self._taken: set[str] = set()
        self._initials: dict[str, list[str]] = {}
        for value, before in persons:
            self._meet(value, before)

    def name_like(self, value: str) -> str | None:
        """Return who stands for a person, written alike; None if that cannot be done exactly."""
        pieces: list[str] = []
        position = 0
        for word in name_words(value):
            written = self._replaced(word)
            if written is None:
                return None  # every name of the lists is taken: a tag, rather than somebody's own
            pieces += (value[position : word.start], written)
            position = word.end
        pieces.append(value[position:])
        made = "".join(pieces)
        return None if made == value or any(character.isdigit() for character in value) else made

    def parts(self, value: str) -> Iterator[tuple[str, str]]:
        """Yield first names and surnames that may come back alone, with what they stand for, in both cases."""
        for word in name_words(value):
            known = None if word.stays else self._known(word.folded)
            if known is not None and len(word.written) > 1:
                yield _cased(known, word.written), word.written
                yield known.upper(), word.written.upper()
                if word.written.isupper():
                    yield known, word.written.title()

    def email_like(self, value: str) -> str | None:
        """Return an address for the same other person, at a domain that is nobody's (RFC 2606)."""
        local, _, domain = value.rpartition("@")
        if not local or not value.isascii():
            return None
        draw = Draw(self._key, "email", value.lower())
        made = _RUN.sub(lambda run: self._local_part(run[0], draw), local)
        where = Draw(self._key, "domain", domain.lower()).one_of(_DOMAINS)
        return f"{made}@{where}" if made != local else None

    def _local_part(self, run: str, draw: Draw) -> str:
        if run.isdigit():
            return draw.digits(len(run))
        word = run.lower()
        known = self._known(word)
        if known is None and len(word) > 3 and word[1:] in self._last:  # noqa: PLR2004 -- an initial and a surname
            return f"{self._initial(word[0])}{_plain(self._last[word[1:]])}".lower()
        if known is None and len(word) == 1:
            known = self._initial(word)
        if known is None:
            first = word in KNOWN_FIRST_NAMES
            known = self._new_first(word, None) if first else self._new_last(word, Origin.FRENCH)
        plain = _plain(known or word)
        return plain.upper() if run.isupper() and len(run) > 1 else plain.capitalize() if run[0].isupper() else plain

    def _known(self, word: str) -> str | None:
        return self._first.get(word) or self._last.get(word)

    def _meet(self, value: str, before: str) -> None:
        words = name_words(value)
        title = _BEFORE.search(before)
        beside = {word.folded for word in words if word.stays} | ({fold(title[1])} if title else set())
        feminine, masculine = bool(beside & FEMININE), bool(beside & MASCULINE)
        gender = None if feminine == masculine else Gender.FEMININE if feminine else Gender.MASCULINE
        groups: list[list[NameWord]] = [[]]
        for word in words:
            if word.parts:
                groups.append([])
            elif not word.stays and len(word.written) > 1:
                groups[-1].append(word)
        origin = self._origin_of([word.folded for group in groups for word in group])
        for number, group in enumerate(groups):
            # Mme Martin; née Thomas
            firsts = [] if len(group) == 1 and (number or title is not None) else self._firsts(group)
            for word in group:
                if word in firsts:
                    self._initials.setdefault(word.folded[0], []).append(word.folded)
                if self._known(word.folded) is None:
                    if word in firsts:
                        self._new_first(word.folded, gender, origin)
                    else:
                        self._new_last(word.folded, origin)

    def _firsts(self, names: Sequence[NameWord]) -> list[NameWord]:
        firsts = [name for name in names if self._is_first(name.folded)]
        if len(firsts) == len(names) > 1:
            # All could be first names: the one in capitals is the surname, or else the last.
            capitals = [name for name in names if name.written.isupper()]
            firsts.remove(capitals[0] if len(capitals) == 1 else names[-1])
        return firsts

    def _is_first(self, word: str) -> bool:
        return word not in self._last and (
            word in self._first or word in KNOWN_FIRST_NAMES or word in _ORIGIN_AND_GENDER
        )

    @staticmethod
    def _origin_of(names: Sequence[str]) -> Origin:
        for name in names:
            if name in _ORIGIN_AND_GENDER:
                return _ORIGIN_AND_GENDER[name][0]
            if name in _ORIGIN_OF_SURNAME:
                return _ORIGIN_OF_SURNAME[name]
        return Origin.FRENCH

    def _new_first(self, word: str, gender: Gender | None, origin: Origin | None = None) -> str | None:
        known = _ORIGIN_AND_GENDER.get(word)
        if gender is None:
            gender = known[1] if known is not None else _gender_by_ending(word)
        origin = origin or (known[0] if known is not None else Origin.FRENCH)
        return self._new(self._first, word, (FIRST_NAMES[origin, gender], FIRST_NAMES[Origin.FRENCH, gender]), "first")

    def _new_last(self, word: str, origin: Origin) -> str | None:
        return self._new(self._last, word, (SURNAMES[origin], SURNAMES[Origin.FRENCH]), "last")

    def _new(self, table: dict[str, str], word: str, lists: Sequence[Sequence[str]], role: str) -> str | None:
        """Give a word the first free name of these lists, from a place drawn for it; None if all are taken."""
        vowel = _begins_with_vowel(word)
        alike = [[name for name in names if _begins_with_vowel(fold(name)) == vowel] for names in lists]
        for choices in filter(None, (*alike, *lists)):
            start = Draw(self._key, role, word).below(len(choices))
            for chosen in (*choices[start:], *choices[:start]):
                plain = fold(chosen)
                if plain not in self._taken and plain not in self._words and plain not in self._own:
                    self._taken.add(plain)
                    table[word] = chosen
                    return chosen
        return None

    def _initial(self, letter: str) -> str:
        """Return the initial of who stands for the one first name that begins so, or a letter drawn for it."""
        words = set(self._initials.get(letter.lower(), ()))
        if len(words) == 1 and (known := self._first.get(next(iter(words)))):
            return _plain(known)[0].upper()
        return Draw(self._key, "initial", letter.lower()).one_of("ABCDEFGHJLMNPRSTV")

    def _replaced(self, word: NameWord) -> str | None:
        if word.stays:
            return word.written
        if len(word.written) == 1:
            return self._initial(word.written)
        known = self._known(word.folded)
        return _cased(known, word.written) if known is not None else None


def _begins_with_vowel(word: str) -> bool:
    """Say whether French writes `d'` before a folded name. Most that begin with H are French, and their H is mute."""
    return word[0] in "aeiouh" or (word[0] == "y" and word[1:2] not in _VOWELS)


def _gender_by_ending(word: str) -> Gender:
    feminine = word.endswith(_FEMININE_ENDINGS) and word not in _MASCULINE_IN_E
    return Gender.FEMININE if feminine else Gender.MASCULINE


def _cased(name: str, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return name.upper()
    return name if like[0].isupper() else name.lower()


def _plain(name: str) -> str:
    """Return a name as it stands in an address: without accents, lower case."""
    return fold(name)
