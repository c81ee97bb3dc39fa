"""One person, one other identity: names word by word, so that every way of writing a person agrees with the others.

Each first name and each surname of the conversation has one replacement, whatever it stands beside. So `Jean Dupont`,
`DUPONT Jean`, `Mme Dupont`, `J. Dupont` and `jean.dupont@…` become one person again, and a model that writes only the
surname of a surrogate has said which surname it means. Titles and particles stay. A replacement is in no text of the
exchange, has the gender of what it replaces as far as can be told, and reads as if it came from the same part of the
world.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.shield.drawing import Draw
from bouclier.shield.first_names import FIRST_NAMES as KNOWN_FIRST_NAMES
from bouclier.shield.surrogate_names import FIRST_NAMES, SURNAMES, Gender, Origin
from bouclier.shield.words import fold

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from bouclier.shield.pseudonyms import ConversationKey

# A letter and an apostrophe begin a name that is one (O'Brien, N'Diaye), save `d'` and `l'`, which stand before one.
_NAME = re.compile(r"(?:(?![DdLl])[^\W\d_]['\u2019])?[^\W\d_]+")
_RUN = re.compile(r"[^\W\d_]+|[0-9]+")
_APOSTROPHES = frozenset("'\u2019")
# Words in these tables are folded, and divided by where they stay: some are also somebody's name where they do not.
_ABBREVIATED_TITLES = frozenset(
    "m mm mr mrs ms mme mmes mlle mlles dr drs pr sr sra dott prof mgr".split()  # noqa: SIM905
)
_TITLES = frozenset(
    """
    monsieur madame mademoiselle messieurs mesdames mesdemoiselles docteur professeur me mes maitre miss soeur herr
    frau senor senora signor signora
    """.split()
)
_FEMININE = frozenset(
    """
    mme mmes mlle mlles madame mademoiselle mesdames mesdemoiselles mrs ms miss soeur frau sra senora signora
    nee epouse veuve vve dite
    """.split()
)
_MASCULINE = frozenset("m mm mr monsieur messieurs herr sr senor signor ne epoux veuf".split())  # noqa: SIM905
_PARTICLES = frozenset(
    """
    de du des d la le les l van von der den ten ben bin ibn el al da dos das di del della dell y e
    """.split()
)
_OTHER_SURNAME = frozenset("nee ne epouse epoux ep veuve veuf vve".split())  # noqa: SIM905
_LINKS = _OTHER_SURNAME | frozenset("dit dite alias et".split())  # noqa: SIM905
_SUFFIXES = frozenset("jr II III IV".split())  # noqa: SIM905 -- numbers are in capitals: Ii is a surname
_BEFORE = re.compile(r"([^\W\d_]+)\.?[ \u00a0\u202f]{1,2}\Z")
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
        self._first: dict[str, str] = {}
        self._last: dict[str, str] = {}
        self._taken: set[str] = set()
        self._initials: dict[str, list[str]] = {}
        self._surnames: set[str] = set()
        for value, before in persons:
            self._meet(value, before)

    def name_like(self, value: str) -> str | None:
        """Return who stands for a person, written alike; None if that cannot be done exactly."""
        pieces: list[str] = []
        position = 0
        for token in _LETTERS.finditer(value):
            pieces.append(value[position : token.start()])
            pieces.append(self._replaced(token[0]))
            position = token.end()
        pieces.append(value[position:])
        made = "".join(pieces)
        return None if made == value or any(character.isdigit() for character in value) else made

    def parts(self, value: str) -> Iterator[tuple[str, str]]:
        """Yield first names and surnames that may come back alone, with what they stand for, in both cases."""
        for token in _LETTERS.finditer(value):
            word = fold(token[0])
            known = self._first.get(word) or self._last.get(word)
            if known is not None and len(word) > 1:
                yield _cased(known, token[0]), token[0]
                yield known.upper(), token[0].upper()
                if token[0].isupper():
                    yield known, token[0].capitalize()

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
        known = self._first.get(word) or self._last.get(word)
        if known is None and len(word) > 3 and word[1:] in self._last:  # noqa: PLR2004 -- an initial and a surname
            return f"{self._initial(word[0])}{_plain(self._last[word[1:]])}".lower()
        if known is None and len(word) == 1:
            known = self._initial(word)
        if known is None:
            first = word in KNOWN_FIRST_NAMES
            known = self._new_first(word, None) if first else self._new_last(word, Origin.FRENCH)
        plain = _plain(known or word)
        return plain.upper() if run.isupper() and len(run) > 1 else plain.capitalize() if run[0].isupper() else plain

    def _meet(self, value: str, before: str) -> None:
        tokens = [token[0] for token in _LETTERS.finditer(value)]
        title = _BEFORE.search(before)
        titles = {fold(token) for token in tokens} | ({fold(title[1])} if title else set())
        gender = Gender.FEMININE if titles & _FEMININE_TITLES else None
        if gender is None and titles & _MASCULINE_TITLES:
            gender = Gender.MASCULINE
        names = [token for token in tokens if len(token) > 1 and fold(token) not in _TITLES | _PARTICLES]
        firsts = [token for token in names if self._is_first(token)]
        if len(firsts) == len(names) > 1:
            # All could be first names: the one in capitals is the surname, or else the last.
            capitals = [token for token in names if token.isupper()]
            firsts.remove(capitals[0] if len(capitals) == 1 else names[-1])
        elif len(names) == 1 and title is not None:
            firsts = []  # Mme Martin
        origin = self._origin_of(names)
        for token in names:
            word = fold(token)
            if token in firsts:
                self._initials.setdefault(word[0], []).append(word)
            if word in self._first or word in self._last:
                continue
            if token in firsts:
                self._new_first(word, gender, origin)
            else:
                self._new_last(word, origin)

    def _is_first(self, token: str) -> bool:
        word = fold(token)
        return word not in self._last and (
            word in self._first or word in KNOWN_FIRST_NAMES or word in _ORIGIN_AND_GENDER
        )

    @staticmethod
    def _origin_of(names: Sequence[str]) -> Origin:
        for name in map(fold, names):
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
        for choices in lists:
            start = Draw(self._key, role, word).below(len(choices))
            for chosen in (*choices[start:], *choices[:start]):
                plain = fold(chosen)
                if plain not in self._taken and plain not in self._words:
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

    def _replaced(self, token: str) -> str:
        word = fold(token)
        if len(token) == 1:
            return self._initial(token) if token.isupper() and word not in _PARTICLES | _TITLES else token
        if word in _TITLES or word in _PARTICLES:
            return token
        known = self._first.get(word) or self._last.get(word)
        return _cased(known, token) if known is not None else token


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
