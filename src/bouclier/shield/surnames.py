"""`DUPONT Jean-Michel`: a surname in capitals before a first name, as French administrations write it.

A model of names reads the capitals as a place or as nothing. The shape alone is not enough, acronyms have it too
(`CAF Dunkerque`): the second word must be a first name, or something must already tell a person there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.shield.characters import APOSTROPHE, LETTER, LOWER, SPACE, UPPER
from bouclier.shield.detectors.people import NOT_A_NAME
from bouclier.shield.first_names import FIRST_NAMES
from bouclier.shield.name_spans import NOISE
from bouclier.shield.words import fold, words_of
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OTHER_CAPITALS = """
    rue avenue place boulevard allee impasse chemin cours quai route square passage villa gare stade salle espace
    centre residence theatre cinema lycee college ecole creche universite institut hopital clinique ehpad chu chru chr
    mairie prefecture commune ville departement region canton fondation association comite club groupe cabinet societe
    ets etablissement etablissements sarl sas sasu eurl sci sa scp hotel restaurant cafe bar pharmacie boulangerie
    eglise paroisse abbaye cathedrale saint sainte st ste aeroport port pont parc jardin bibliotheque mediatheque
    musee gymnase piscine maison foyer batiment tribunal cour police gendarmerie prix bureau projet operation plan
    programme cas et ou pour par avec chez sans sur sous vers de du des la le les un une avis note memo urgent
    important attention rappel cv lettre courrier contrat facture devis planning reponse question titre
"""
_NOT_SURNAMES = frozenset(_OTHER_CAPITALS.split()) | {fold(word) for word in NOISE | NOT_A_NAME}
_PARTICLES = frozenset({"de", "du", "des", "la", "le", "les"})
_PARTICLE = f"(?:DE|DU|DES|LA|LE|LES|EL|AL|BEN|VAN|VON){SPACE}|[DLO][{APOSTROPHE}]"
_CAPITALS = f"[{UPPER}]{{3,30}}(?:[{APOSTROPHE}\\-][{UPPER}]{{2,30}}){{0,2}}"
_GIVEN = f"[{UPPER}][{LOWER}]{{1,30}}(?:-[{UPPER}{LOWER}][{LOWER}]{{1,30}}){{0,2}}(?![{LETTER}])"
_SHAPE = re.compile(
    f"(?<![{LETTER}0-9_{APOSTROPHE}\\-])(?P<last>(?:{_PARTICLE}){{0,2}}{_CAPITALS}(?:{SPACE}{_CAPITALS}){{0,2}})"
    f"{SPACE}{{1,2}}(?P<given>{_GIVEN}(?:{SPACE}{_GIVEN}){{0,2}})"
)
_PART = re.compile("[^ \\t\u00a0\u2007\u2009\u202f]+")


def surnames_first(text: str, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield persons written surname first.

    Args:
        text: Any text.
        findings: What was found there so far, by patterns and by a model; a person that it tells at one of the
            words is evidence, an organisation that it tells at the capitals alone is evidence against.
    """
    matches = list(_SHAPE.finditer(text))
    if not matches:
        return
    persons = {place for one in findings if one.type is EntityType.PERSON for place in range(one.start, one.end)}
    organisations = {(one.start, one.end) for one in findings if one.type is EntityType.ORGANIZATION}
    for match in matches:
        start = _surname_start(text, match)
        if start is None or (start, match.end("last")) in organisations:
            continue
        end = match.end("last")
        for part in _PART.finditer(text, *match.span("given")):
            if persons.isdisjoint(range(*part.span())) and not _is_first_name(text, part):
                break
            end = part.end()
        if end > match.end("last"):
            yield Finding(start, end, EntityType.PERSON, 0.8, "context:surname-first")


def _surname_start(text: str, match: re.Match[str]) -> int | None:
    """Return where the surname starts: after the last of the capitals that cannot be one, if any are left."""
    start: int | None = match.start("last")
    for part in _PART.finditer(text, *match.span("last")):
        word = fold(part[0])
        if word in _NOT_SURNAMES and word not in _PARTICLES:
            start = None
        elif start is None:
            start = part.start()
    return start


def _is_first_name(text: str, part: re.Match[str]) -> bool:
    first = next(words_of(text, *part.span()), None)
    return first is not None and first.folded in FIRST_NAMES and fold(part[0]) not in _NOT_SURNAMES
