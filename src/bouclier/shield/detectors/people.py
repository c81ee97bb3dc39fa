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
# Before the first word, not `le`: "M. le docteur Martin" has a function, then a title of its own.
_LEADING = f"(?:de|du|des|van|von|der|den|ten|ben|bin|ibn|el|al|da|dos|das|di|del){SPACE}|d[{APOSTROPHE}]|al-|el-"
_NAME = (
    f"(?:{_LEADING}){{0,2}}(?:{_INITIAL}|{_WORD})(?:{SPACE}{{1,2}}(?:{_PARTICLE}){{0,2}}(?:{_INITIAL}|{_WORD})){{0,4}}"
)

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


def _titled(text: str, match: re.Match[str]) -> Iterator[Finding]:
    span = _cut_name(text, *match.span("name"))
    if span is not None and (span[1] - span[0] > 1 or match["title"] in {"M", "Mme", "Mlle", "Monsieur", "Madame"}):
        yield Finding(*span, EntityType.PERSON, 0.85, "context:title")


def _field(text: str, match: re.Match[str]) -> Iterator[Finding]:
    span = _cut_name(text, *match.span("name"))
    if span is not None and span[1] - span[0] > 1:
        yield Finding(*span, EntityType.PERSON, 0.8, "context:field")


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
_ANNOUNCED = f"(?:(?:{_TITLES})\\.?{SPACE}{{1,2}})?(?P<name>{_NAME})"

DETECTORS = (
    Detector(
        "title",
        EntityType.PERSON,
        (
            # A title is followed by a space or by its point: `Me` does not begin `Merci` here.
            Rough(
                f"(?:MM?|Mr|MR|Dr|DR|Drs|Pr|PR|Mgr|Ms|Mrs|Me|Mmes?|MMES?|Mlles?|MLLES?)(?:\\.|{ROUGH_SPACE})",
                after="[^0-9A-Za-z_]",
            ),
            Rough(
                f"(?:{folded('maître')}|monsieur|madame|mademoiselle|docteure?|professeure?){ROUGH_SPACE}",
                after="[^0-9A-Za-z_]",
                caseless=True,
            ),
        ),
        exact(
            f"{NOT_IN_WORD}(?P<title>{_TITLES})\\.?(?:(?<=\\.)|(?={SPACE})){SPACE}{{0,3}}(?<![{LETTER}])(?P<name>{_NAME})"
        ),
        _titled,
    ),
    Detector(
        "name-field",
        EntityType.PERSON,
        tuple(Rough(folded(head), after=_NOT_IN_WORD, caseless=True) for head in _HEADS_OF_FIELDS),
        exact(f"{NOT_IN_WORD}(?i:{_FIELDS}){SPACE}{{0,3}}:{SPACE}{{0,3}}{_ANNOUNCED}"),
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
