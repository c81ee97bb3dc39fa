"""A person as letters and forms name one: a title before a name, a field to fill in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.shield.characters import (
    APOSTROPHE,
    E_ACUTE,
    LETTER,
    NOT_IN_WORD,
    ROUGH_SPACE,
    SPACE,
    UPPER,
    folded,
)
from bouclier.shield.detector import Detector, Rough, exact
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTICLE = (
    f"(?:de|du|des|la|le|les|van|von|der|den|ten|ben|bin|ibn|el|al|da|dos|das|di|del|y|e){SPACE}"
    f"|d[{APOSTROPHE}]|l[{APOSTROPHE}]|al-|el-"
)
_WORD = f"(?:[DLO][{APOSTROPHE}])?[{UPPER}][{LETTER}]{{0,40}}(?:[{APOSTROPHE}\\-][{LETTER}]{{1,40}}){{0,20}}"
_INITIAL = f"[{UPPER}]\\.(?:-?[{UPPER}]\\.){{0,2}}"
# What dresses words in Markdown and HTML: `M. **Paul** *Girard*`, `<b>Mme</b> <i>Vasseur</i>`.
_DRESS = "(?:[*_`]{1,3}|</?[A-Za-z]{1,8}[0-9]?>)"
_ROUGH_DRESS = "(?:[*_`<]|\\.)"
# Before the first word, not `le`: "M. le docteur Martin" has a function, then a title of its own.
_LEADING = f"(?:de|du|des|van|von|der|den|ten|ben|bin|ibn|el|al|da|dos|das|di|del){SPACE}|d[{APOSTROPHE}]|al-|el-"
_BETWEEN = f"(?:{_DRESS}{{0,2}}{SPACE}{{1,2}}{_DRESS}{{0,2}}|{SPACE}{{2}})"
_NAME = f"(?:{_LEADING}){{0,2}}(?:{_INITIAL}|{_WORD})(?:{_BETWEEN}(?:{_PARTICLE}){{0,2}}(?:{_INITIAL}|{_WORD})){{0,4}}"

_TITLES = (
    r"MM|M|Mme|MME|Mmes|MMES|Mlle|MLLE|Mlles|Mr|MR|Mrs|Ms|Me|Mgr|Dr|DR|Drs|Pr|PR|"
    r"[Mm]onsieur|MONSIEUR|[Mm]adame|MADAME|[Mm]ademoiselle|MADEMOISELLE|[Mm]a[iî]tre|MA[IÎ]TRE|"
    r"[Dd]octeure?|DOCTEURE?|[Pp]rofesseure?|PROFESSEURE?"
)
# A function or a formula after a title, not a name: "Madame la Maire", "Monsieur Le Président", "Mme Merci".
_OTHER_WORDS = """
    adjoint adjointe agent ambassadeur ambassadrice assureur avocat avocate bâtonnier bonjour bonsoir cher chère
    chef cordialement commissaire conseiller conseillère contrôleur curé défenseur délégué déléguée député
    députée directeur directrice doyen doyenne évêque gendarme gouverneur greffier greffière huissier inspecteur
    inspectrice je juge madame mademoiselle maire maître médecin merci messieurs mesdames ministre monsieur né
    née notaire nous objet officier préfet préfète premier première président présidente principal principale
    procureur procureure professeur proviseur recteur rectrice représentant responsable secrétaire sénateur
    sénatrice sous-préfet sous-préfète suite syndic trésorier trésorière veuillez vice-président vice-présidente
    vous x y nom prénom date tél adresse patient sexe age âge dossier service hôpital ipp nda d'ouvrage
"""
NOT_A_NAME = frozenset(_OTHER_WORDS.split())
"""Words, case folded, that end a name after a title."""

_ARTICLES = frozenset({"le", "la", "les"})
_FIELD_WORDS = (
    "nom de naissance", "nom de jeune fille", "nom de famille", "nom d'usage", "nom d’usage", "nom marital",
    "nom et prénoms", "nom et prénom", "nom prénom", "nom, prénom", "nom", "prénoms", "prénom(s)", "prénom", "prenom",
    "nom/prénom", "nom usuel", "last name", "first name", "surname", "full name", "family name", "given name",
    "patiente", "patient", "destinataire", "signataire", "demandeur", "demandeuse", "demandeuresse", "bénéficiaire",
    "titulaire", "assurée", "assuré", "locataire", "employée", "employé", "salariée", "salarié", "interlocuteur",
)  # fmt: skip


_HEADS_OF_FIELDS = tuple(
    word for word in sorted(_FIELD_WORDS) if not any(word[:length] in _FIELD_WORDS for length in range(1, len(word)))
)
_NOT_IN_WORD = "[^0-9A-Za-z_]"
_NOT_LETTER = "[^0-9A-Za-z]"
# After `_` too, if that begins no word of code: `_Mme_ Vasseur`, `__Nom__ : Vasseur`.
_UNDRESSED = f"(?<![{LETTER}0-9])(?<![{LETTER}0-9]_)(?<![{LETTER}0-9]__)"

_ANNOUNCEMENTS = "|".join(
    (
        f"soussign{E_ACUTE}(?:e|\\(e\\)|s|es)?",
        folded("signé") + "e?",
        folded("je m'appelle"),
        "my name is",
        f"n{E_ACUTE}e",
        folded("épouse"),
        "veuve",
    )
)
_HEADS_OF_ANNOUNCEMENTS = ("soussign", "signé", "je m'appelle", "my name is", "née", "ne\u0301e", "épouse", "veuve")


_DRESSES = exact(f"{SPACE}{{0,2}}{_DRESS}(?:{SPACE}{{0,2}}{_DRESS}){{0,4}}{SPACE}{{0,2}}")
_ROW_BEGINS = exact(f"(?:\\A|\n)[ \\t]{{0,4}}\\|?[ \\t]{{0,2}}{_DRESS}{{0,2}}\\Z")
_MARGIN = 24
_WRITTEN = re.compile(r"\S+")


def _cut_name(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Cut a name before the first word that cannot belong to it; None when nothing is left."""
    words = text[start:end].casefold().split()
    if NOT_A_NAME.isdisjoint(words) and words[-1] not in _ARTICLES and not any(word[-1] == "." for word in words):
        return start, end  # as nearly always: its words have capitals
    last = start
    for word in _WRITTEN.finditer(text, start, end):
        folded_word = word[0].rstrip(".").casefold()
        if folded_word in NOT_A_NAME:
            break
        if folded_word not in _ARTICLES:
            last = word.end()
    kept = text[start:last]
    return (start, last) if kept != kept.lower() and any(map(str.isupper, kept)) else None


def _spans(text: str, match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Yield the parts of a name, which is whole but for what dresses its words: that stays where it is."""
    place, end = match.span("name")
    parts = [*_DRESSES.finditer(text, place, end)]
    for first, last in zip(
        (place, *(part.end() for part in parts)), (*(part.start() for part in parts), end), strict=True
    ):
        span = _cut_name(text, first, last) if first < last else None
        if span is not None:
            yield span
        if first < last and (span is None or span[1] < last):
            return


def _titled(text: str, match: re.Match[str]) -> Iterator[Finding]:
    for start, end in _spans(text, match):
        if end - start > 1 or match["title"] in {"M", "Mme", "Mlle", "Monsieur", "Madame"}:
            yield Finding(start, end, EntityType.PERSON, 0.85, "context:title")


def _field(text: str, match: re.Match[str]) -> Iterator[Finding]:
    if "|" in match[0] and not _ROW_BEGINS.search(text, max(0, match.start() - _MARGIN), match.start()):
        return  # three cells or more: as often the heads of columns
    for start, end in _spans(text, match):
        if end - start > 1:
            yield Finding(start, end, EntityType.PERSON, 0.8, "context:field")


_NOT_INITIALED = frozenset(
    {"coli", "difficile", "pylori", "aureus", "albicans", "article", "annexe", "chapitre", "section", "titre"}
)
_LIST_BORDERS = frozenset(",;\n()[]|:")


def _initials(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """`Q. Pinson`: an initial, then a surname. At the start of a line it may number a heading instead."""
    last = match["last"]
    if last.casefold() in _NOT_INITIALED | NOT_A_NAME or len(last) < 3:  # noqa: PLR2004
        return
    begins = match.start() == 0 or text[match.start() - 1] == "\n"
    ends = match.end() == len(text) or text[match.end()] in _LIST_BORDERS
    if begins and not ends and not last.isupper():
        return
    yield Finding(*match.span(), EntityType.PERSON, 0.7, "context:initial")


_FIELDS = "|".join(
    folded(re.escape(words).replace("\\ ", " ")) for words in sorted(_FIELD_WORDS, key=len, reverse=True)
)
_ANNOUNCED = f"{_DRESS}{{0,2}}(?:(?:{_TITLES})\\.?{_DRESS}{{0,2}}{SPACE}{{1,2}}{_DRESS}{{0,2}})?(?P<name>{_NAME})"
# `Nom :`, `**Nom** :`, `**Nom :**`, or a cell of a table and the next.
_COLON = f"{SPACE}{{0,3}}{_DRESS}{{0,2}}{SPACE}{{0,3}}:{_DRESS}{{0,2}}{SPACE}{{0,3}}"
_CELLS = "</(?:td|th|dt)>[ \\t\\r\\n]{0,12}<(?:td|dd)(?: [^<>\n]{1,80})?>[ \\t]{0,4}"
_ROW = f"{_DRESS}{{0,2}}{SPACE}?\\|{SPACE}?(?=[^|\n]{{1,60}}\\|?[ \\t]*+\\r?(?:\n(?!\\|? ?:?-)|\\Z))"

DETECTORS = (
    Detector(
        "title",
        EntityType.PERSON,
        (
            # A title is followed by a space or by its point: `Me` does not begin `Merci` here.
            Rough(
                f"(?:MM?|Mr|MR|Dr|DR|Drs|Pr|PR|Mgr|Ms|Mrs|Me|Mmes?|MMES?|Mlles?|MLLES?)(?:{_ROUGH_DRESS}|{ROUGH_SPACE})",
                after=_NOT_LETTER,
            ),
            Rough(
                f"(?:{folded('maître')}|monsieur|madame|mademoiselle|docteure?|professeure?)(?:[*_`<]|{ROUGH_SPACE})",
                after=_NOT_LETTER,
                caseless=True,
            ),
        ),
        exact(
            f"{_UNDRESSED}(?P<title>{_TITLES})\\.?(?:(?<=\\.)|(?={SPACE})|(?={_DRESS}{{1,2}}{SPACE})|(?=</?[A-Za-z]{{1,8}}[0-9]?>))"
            f"{_DRESS}{{0,2}}{SPACE}{{0,3}}{_DRESS}{{0,2}}(?<![{LETTER}])(?P<name>{_NAME})"
        ),
        _titled,
    ),
    Detector(
        "name-field",
        EntityType.PERSON,
        tuple(Rough(folded(head), after=_NOT_LETTER, caseless=True) for head in _HEADS_OF_FIELDS),
        exact(f"{_UNDRESSED}(?i:{_FIELDS})(?:{_COLON}|{_CELLS}|{_ROW}){_ANNOUNCED}"),
        _field,
    ),
    Detector(
        "initial-and-surname",
        EntityType.PERSON,
        (Rough(r"[A-Z]\.", after="[^0-9A-Za-z.]"), Rough("[A-Z]-[A-Z]", after="[^0-9A-Za-z.]")),
        exact(
            f"(?<![{LETTER}0-9.&{APOSTROPHE}\\-])(?!MM?\\.)[A-Z](?:\\.|(?=-[A-Z]\\.?{SPACE}))(?:{SPACE}?-?[A-Z]\\.?){{0,2}}{SPACE}?"
            f"(?:{_PARTICLE}){{0,2}}(?P<last>{_WORD}(?:{SPACE}{_WORD})?)"
        ),
        _initials,
    ),
    Detector(
        "announced-name",
        EntityType.PERSON,
        tuple(Rough(folded(head), after=_NOT_IN_WORD, caseless=True) for head in _HEADS_OF_ANNOUNCEMENTS),
        exact(f"{NOT_IN_WORD}(?i:{_ANNOUNCEMENTS}){SPACE}{{0,2}}[,:]?{SPACE}{{0,2}}{_ANNOUNCED}"),
        _field,
    ),
)
