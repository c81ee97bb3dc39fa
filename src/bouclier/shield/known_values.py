"""The values found in an exchange that lead to a person, arranged so that each word of a text is looked up once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from bouclier.shield.detectors.people import NOT_A_NAME
from bouclier.shield.first_names import FIRST_NAMES
from bouclier.shield.name_spans import NOISE
from bouclier.shield.words import fold, words_of
from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.shield.words import Word
    from bouclier.terms.content import Finding

NUMBER_HEAD = 4
LONGEST_NUMBER = 40

_SHORTEST_NUMBER = 6
_LESS_SURE = 0.02
_MOST_WORDS = 24
_MOST_TURNED_WORDS = 6
_SHORTEST_NAME = 3
_SHORTEST_SURNAME = 4

_NUMBERS = frozenset({EntityType.PHONE, EntityType.NIR, EntityType.IBAN, EntityType.CARD, EntityType.PLATE})
_WRITTEN = frozenset({EntityType.PERSON, EntityType.EMAIL, EntityType.ADDRESS})

_NO_SURNAMES = frozenset(fold(word) for word in NOISE | NOT_A_NAME)
_PARTICLE_WORDS = "de du des d la le les l van von der den ten ben bin ibn el al da dos das di del y e et"
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
# Surnames that are words: alone, they count only where a capital has no other reason.
_COMMON_WORDS = """
    petit petite grand grande gros long longue court haut bas bon bonne beau belle blanc blanche noir noire rouge roux
    rousse brun brune vert gris jeune vieux nouveau ancien fort faible doux dur droit gauche seul libre juste vrai faux
    plein vide riche pauvre sage heureux content gentil joli joly marchand boulanger boucher berger meunier fournier
    charpentier mercier tissier cordier tailleur potier carpentier barbier chevalier royer sergent major general
    colonel capitaine lieutenant prince comte baron marquis eveque moine abbe pape pelletier bois forest foret
    fontaine riviere lac mer mont montagne vallee plaine pre prairie champ champs jardin verger vigne moulin
    ferme maison chateau tour pont porte place rue chemin ville village bourg marche port gare ecole eglise chapelle
    pierre roche rocher sable terre feu soleil lune etoile hiver automne printemps matin midi soir noel dimanche
    fleur rose marguerite violette olive pomme poire cerise prune noix chene orme hetre frene sapin pin tilleul loup
    renard lion cerf lapin lievre merle pinson coq poulet canard mouton vache veau boeuf cheval ours chat chien
    renault peugeot citroen france paris lille lyon marseille nord sud est ouest centre europe etat droit paix guerre
    victoire constant voisin cousin neveu oncle frere pere mere fils fille enfant ami amour bonheur courage esprit
    gay gras maigre fin fine clair
"""
_COMMON = frozenset(fold(word) for word in _COMMON_WORDS.split())


class Written(NamedTuple):
    """What a sequence of words is.

    Attributes:
        type: Its type.
        confidence: Of a repetition.
        anyhow: Whether it counts in lower case too.
    """

    type: EntityType
    confidence: float
    anyhow: bool


class Node(dict[str, "Node"]):
    """After some words: the words that may follow, and what has ended here, if anything."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        super().__init__()
        self.value: Written | None = None


@dataclass(slots=True)
class Surname:
    """A word that names a person on its own.

    Attributes:
        confidence: Of a repetition.
        common: Whether it is also a word of the language.
        others: The other words of the persons found with it.
    """

    confidence: float
    common: bool
    others: set[str] = field(default_factory=set)


class KnownValues:
    """What to look for. Attributes are for reading; many threads may, once nothing more is learnt.

    Attributes:
        sequences: Names, addresses and e-mails, word by word; names in each order that keeps neighbours together.
        alone: Words that name a person on their own.
        numbers: Numbers without separators, as each of their forms.
        number_heads: How those begin: up to `NUMBER_HEAD` characters.
    """

    def __init__(self) -> None:
        self.sequences = Node()
        self.alone: dict[str, Surname] = {}
        self.numbers: dict[str, tuple[EntityType, float]] = {}
        self.number_heads: set[str] = set()
        self._seen: set[tuple[EntityType, str]] = set()

    def __bool__(self) -> bool:
        """Whether any value leads to a person."""
        return bool(self._seen)

    def learn(self, text: str, findings: Sequence[Finding]) -> None:
        """Take in what was found in one text."""
        for one in findings:
            if one.type not in _NUMBERS and one.type not in _WRITTEN:
                continue
            value = text[one.start : one.end]
            if (one.type, value) not in self._seen:
                self._seen.add((one.type, value))
                self._learn(value, one.type, round(max(one.confidence - _LESS_SURE, _LESS_SURE), 3))

    def _learn(self, value: str, type_: EntityType, confidence: float) -> None:
        words = list(words_of(value))
        if type_ in _NUMBERS:
            for form in _forms(type_, "".join(word.folded for word in words)):
                self._learn_number(form, type_, confidence)
        elif type_ is EntityType.PERSON:
            self._learn_person(value, words, confidence)
        elif 1 < len(words) <= _MOST_WORDS:
            self._learn_sequence([word.folded for word in words], Written(type_, confidence, anyhow=True))

    def _learn_number(self, form: str, type_: EntityType, confidence: float) -> None:
        if _SHORTEST_NUMBER <= len(form) <= LONGEST_NUMBER:
            self.numbers.setdefault(form, (type_, confidence))
            self.number_heads.update(form[:length] for length in range(1, NUMBER_HEAD + 1))

    def _learn_person(self, value: str, words: list[Word], confidence: float) -> None:
        folded = [word.folded for word in words]
        if 1 < len(words) <= _MOST_TURNED_WORDS:
            # A first name before or after: words turn, neighbours stay. In lower case only if no word is ordinary.
            written = Written(EntityType.PERSON, confidence, anyhow=not any(map(_is_ordinary, folded)))
            for first in range(len(folded)):
                self._learn_sequence(folded[first:] + folded[:first], written)
        shortest = _SHORTEST_NAME if len(words) == 1 else _SHORTEST_SURNAME
        for word in _surnames(value, words):
            if len(word) >= shortest:
                known = self.alone.setdefault(word, Surname(confidence, word in _COMMON))
                known.confidence = max(known.confidence, confidence)
                known.others.update(other for other in folded if other != word and other not in _PARTICLES)

    def _learn_sequence(self, words: list[str], written: Written) -> None:
        node = self.sequences
        for word in words:
            node = node.setdefault(word, Node())
        if node.value is None:
            node.value = written


def _is_ordinary(word: str) -> bool:
    return word in _NO_SURNAMES or word in _PARTICLES or word in _COMMON or len(word) == 1


def _surnames(value: str, words: list[Word]) -> Iterator[str]:
    """Yield the words of a name that tell a person alone: those in capitals, else the last that is no first name."""
    names = [
        word
        for word in words
        if word.folded.isalpha() and word.folded not in _NO_SURNAMES and value[word.start].isupper()
    ]
    capitals = [word for word in names if value[word.start : word.end].isupper() and len(word.folded) > 1]
    if len(words) > 1 and capitals and len(capitals) < len(names):
        yield from (word.folded for word in capitals if word.folded not in _PARTICLES)
        return
    rare = [word.folded for word in names if word.folded not in FIRST_NAMES and word.folded not in _PARTICLES]
    if rare:
        yield rare[-1]
    elif names:
        yield names[-1].folded


def _forms(type_: EntityType, number: str) -> set[str]:
    """Return how a number may be written, separators aside."""
    if type_ is EntityType.NIR:
        return {number, number[:13]}
    if type_ is EntityType.IBAN and number.startswith("fr"):
        return {number, number[4:]}
    if type_ is not EntityType.PHONE:
        return {number}
    national = _french_national(number)
    if national is not None:
        return {f"{prefix}{national}" for prefix in ("0", "33", "0033", "330", "00330")}
    return {number, number.removeprefix("00"), f"00{number.removeprefix('00')}"}


def _french_national(number: str) -> str | None:
    for prefix in ("00330", "0033", "330", "33", "0"):
        rest = number.removeprefix(prefix)
        if number.startswith(prefix) and len(rest) == 9:  # noqa: PLR2004 -- digits of a French number after its 0
            return rest
    return None
