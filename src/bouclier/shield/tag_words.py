"""How models write our tags: words for a type, separators, brackets, entities. A table, and what follows from it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from bouclier.shield.pseudonyms import ALONE_BEFORE

OPENING: Final = "[⟦【［〔"
CLOSING: Final = "]⟧】］〕"

_SPACES = " \u00a0\u202f"
_SEPARATORS = f"_{_SPACES}\u2010\u2011-"
_ENTITY_OPENING = "&(?:#91|#[xX]5[bB]|lbrack|lsqb);"
_ENTITY_CLOSING = "&(?:#93|#[xX]5[dD]|rbrack|rsqb);"
_ENTITY_SEPARATOR = "&(?:#95|#[xX]5[fF]|lowbar|#45|hyphen|nbsp|#160);"
_SEPARATOR = f"(?:\\\\?[{_SEPARATORS}]|{_ENTITY_SEPARATOR}){{1,2}}"
_OPEN = f"(?:\\\\?[{re.escape(OPENING)}]|{_ENTITY_OPENING})[{_SPACES}]?"

CLOSE: Final = re.compile(f"[{_SPACES}]?(\\\\?[{re.escape(CLOSING)}]|{_ENTITY_CLOSING})")
"""What may close a tag, right after its id."""

DECORATION: Final = 24
"""How many characters more than it has a tag may be written with: escapes, entities, spaces."""

_WORDS: Final = {
    "PERSON": "personne persona persoon nom name",
    "LOCATION": "lieu localisation ubicación lugar ort luogo place",
    "ORGANIZATION": "organisation organización organizzazione organisatie",
    "ADDRESS": "adresse dirección indirizzo adres",
    "EMAIL": "mail courriel correo",
    "PHONE": "téléphone tel teléfono telefon telefono",
    "DATE": "fecha datum data",
    "BIRTH_DATE": "date_de_naissance date_naissance birthdate geburtsdatum fecha_de_nacimiento data_di_nascita",
    "ID_CARD": "carte_identité",
    "PASSPORT": "passeport pasaporte reisepass passaporto",
    "CARD": "carte tarjeta karte carta",
    "PLATE": "plaque immatriculation",
    "CASE_NUMBER": "numéro_de_dossier aktenzeichen",
    "IDENTIFIER": "identifiant identificador",
}
_HEAD = 4
_ACCENTS = str.maketrans("éèêáíóúñ", "eeeaioun")
_SQUEEZED_OUT = str.maketrans("", "", f"\\{_SEPARATORS}")
_WHOLE_ENTITY = re.compile("&[#a-z0-9]{1,8};")
_CUT_ENTITY = re.compile("&[#a-z0-9]{0,8}\\Z")


class TagWords:
    """The words for some types, prepared.

    Attributes:
        before: Matches what stands before an id, up to its very end: groups `open`, if any, and `word`.
        words: The words, squeezed.
        beginnings: What those begin with, themselves included.
        heads: How each begins, before any separator.
    """

    def __init__(self, types: frozenset[str]) -> None:
        spelled = {word for type_ in types for word in (type_.lower(), *_WORDS.get(type_, "").split())}
        spelled |= {word.translate(_ACCENTS) for word in spelled}
        self.words = frozenset(map(squeezed, spelled))
        self.beginnings = frozenset(word[:length] for word in self.words for length in range(1, len(word) + 1))
        self.heads = frozenset(word.partition("_")[0][:_HEAD] for word in spelled)
        any_word = "|".join(_either_case(word) for word in sorted(spelled, key=len, reverse=True))
        self.before = re.compile(f"(?P<open>{_OPEN})?(?P<word>{ALONE_BEFORE}(?:{any_word})){_SEPARATOR}\\Z")


@lru_cache(maxsize=512)
def words_for(types: frozenset[str]) -> TagWords:
    """Return the words for some types, compiled once."""
    return TagWords(types)


def squeezed(text: str) -> str:
    """Return text as it is compared while it is still incomplete: lower case, without separators nor entities."""
    text = text.lower()
    if "&" in text:
        text = _CUT_ENTITY.sub("", _WHOLE_ENTITY.sub("", text))
    return text.translate(_SQUEEZED_OUT)


def are_a_pair(opening: str, closing: str) -> bool:
    """Tell whether two brackets, as they are spelled, open and close the same thing."""
    if opening.startswith("&") or closing.startswith("&"):
        return opening.startswith("&") and closing.startswith("&")
    if len(opening) != len(closing):
        return False  # one is escaped and the other is not
    return OPENING.index(opening[-1]) == CLOSING.index(closing[-1])


def _either_case(word: str) -> str:
    """An expression for a word in any case, spelled out: what ignoring case means is not the same for every letter."""
    spelled = []
    for character in word:
        if character in "_-":
            spelled.append(f"(?:{_SEPARATOR})?")
        else:
            upper = character.upper()
            spelled.append(f"[{character}{upper}]")
    return "".join(spelled)
