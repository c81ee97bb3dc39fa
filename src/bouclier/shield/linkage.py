"""Which of the things said (categories, see `kinds`) are said of somebody: the others are dropped. Pure.

`Le diabète touche quatre millions de personnes` is about nobody; `Mme Vasseur est diabétique` is. Something said is
linked when, in its sentence or its short record (the lines of a form, the row of a table), there is

* an identifier or a name that was found there, or somebody's age;
* the first person: `je`, `mon fils`, `I was`, `my`;
* a patient as clinical notes begin (`Patiente de ...`), or somebody told by a word (`le requérant`, `the applicant`)
  in a sentence that tells a fact (`a été`, `was`) and no rule (`lorsque`, `peut`, `any`);
* or somebody in one of the two sentences before, of the same paragraph, unless this one states a rule.

Statutes and guides speak of `l'intéressé` and `le salarié` on every page, and of nobody: hence the facts and rules.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from bouclier.shield.characters import LETTER
from bouclier.shield.kinds import KINDS, Part
from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.content import Finding

_REACH = 700  # code points of a sentence on each side; a longer one is cut there
_LINE = 160  # code points of a line of a record, at most
_BEFORE = 2  # sentences that may say of whom the next one speaks
_LINES = 8  # of a record, on each side

_NAMING = frozenset(
    {
        EntityType.PERSON, EntityType.BIRTH_DATE, EntityType.AGE, EntityType.NIR, EntityType.TAX_NUMBER,
        EntityType.NATIONAL_ID, EntityType.ID_CARD, EntityType.PASSPORT, EntityType.MRZ, EntityType.DRIVING_LICENCE,
        EntityType.RESIDENCE_PERMIT, EntityType.STUDENT_NUMBER, EntityType.PATIENT_NUMBER, EntityType.STAY_NUMBER,
        EntityType.BENEFIT_NUMBER, EntityType.JOBSEEKER_NUMBER, EntityType.IDENTIFIER,
    }
)  # fmt: skip
# In a row or a form these are somebody's; in a sentence they may be a helpline's or a court's.
_NAMING_IN_RECORDS = _NAMING | {EntityType.EMAIL, EntityType.PHONE, EntityType.ADDRESS, EntityType.CASE_NUMBER}

_ABBREVIATED = "".join(rf"(?<!\b{word})" for word in ("[A-Z]", "Mr", "Ms", "Dr", "Pr", "Me", "MM", "Mrs", "art", "cf"))
_BOUNDARY = re.compile(rf"{_ABBREVIATED}[.!?…][\"»)\u201d’]?[ \t\u00a0\u202f]+(?![a-zà-ÿ])|[\n\r]+(?![a-zà-ÿ])")

_KIN = (
    "fils|fille|enfants?|mari|femme|[ée]poux|[ée]pouse|conjointe?|compagnon|compagne|p[èe]re|m[èe]re|fr[èe]re|s[œo]e?ur|"
    "grand-p[èe]re|grand-m[èe]re|oncle|tante|cousine?|neveu|ni[èe]ce|coll[èe]gue|voisine?|patiente?|petit-fils|"
    "petite-fille|"
    "son|daughter|child|husband|wife|partner|father|mother|brother|sister|colleague|neighbour|patient|boss"
)
_FIRST_PERSON = re.compile(
    r"\b(?:[JjMm]['\u2019](?=[a-zéêèà])|(?:[Jj]e|[Mm]on|[Mm]a|[Mm]es|[Mm]oi|[Mm]y|[Mm]yself)\b(?!['\u2019\-]))"
    r"|\bI(?:['\u2019](?:m|ve|d|ll)\b| (?:[a-z]{2,12} |[a-z]{2,6}n['\u2019]t )?(?:am|was|have|had|"
    r"take|took|suffer|feel|need|want|vote|carry|got|live|work|do|did|can|cannot|will|would|think|know|lost|went|belong|became|believe|told|smoke|drink|identify|"
    r"come|came|underwent|pay|go|keep|[a-z]{2,12}ed|[a-z]{2,6}n['\u2019]t)\b)"
    rf"|\b(?:[Nn]otre|[Nn]os|[Oo]ur)\s(?:{_KIN})\b"
)
_CLINICAL = re.compile(
    r"[\s\-•*]*(?:(?:Patiente?|PATIENTE?|Pte?)\b(?!s?\s(?:safety|rights?|care|data|access|experience|information|"
    r"records?))"
    r"|(?:Homme|Femme|Enfant|Garçon|Fillette|Fille|Nourrisson|Adolescente?|Jeune\s(?:homme|femme|fille|garçon)|"
    r"[Mm]an|[Ww]oman)\s(?:de\s[0-9]|âgée?|présentant|sous|avec\s|suivie?|connue?|atteinte?|aged|with\s))"
)
_SOMEBODY = re.compile(
    r"\b(?:le|la|l['\u2019]|ce|cet|cette|du|de la|de l['\u2019]|au|à la|à l['\u2019]|son|sa|un|une|"
    r"the|this|his|her|an?)\s?"
    rf"(?:jeune\s|petite?\s|young\s)?(?:{_KIN}|patiente?|int[ée]ress[ée]e?|requ[ée]rante?|agente?|[ée]l[èe]ve|pr[ée]venue?|"
    r"accus[ée]e?|mise?\sen\scause|mise?\sen\sexamen|appelante?|intim[ée]e?|demandeur|demanderesse|d[ée]fendeur|"
    r"d[ée]fenderesse|salari[ée]e?|assur[ée]e?|b[ée]n[ée]ficiaire|allocataire|d[ée]tenue?|[ée]tudiante?|victime|"
    r"plaignante?|candidate?|usager|usag[èe]re|r[ée]sidente?|locataire|mineure?|suspecte?|condamn[ée]e?|adolescente?|"
    r"nourrisson|b[ée]b[ée]|malade|d[ée]funte?|t[ée]moin|employ[ée]e?|stagiaire|militaire|policier|policière|homme|dame|"
    r"gardée?\sà\svue|jeune|garçon|fillette|enseignante?|fonctionnaire|applicant|defendant|claimant|accused|deceased|"
    r"plaintiff|appellant|respondent|employee|student|pupil|victim|complainant|suspect|prisoner|detainee|tenant|boy|girl|"
    r"man|woman|asylum seeker)\b",
    re.IGNORECASE,
)
_FACT = re.compile(
    r"\b(?:(?:a|avait|aurait|était)\s(?:[a-zéè]+\s)?[a-zéèêû]*(?:é|ée|i|ie|u|ue|is|it|ert|int|inte)\b|a\s(?:été|eu|fait)|"
    r"était|avait|fut|souffr(?:e|ait)|présent(?:e|ait)\s(?:un|une|des)|prend|prenait|se\splaint|se\sdit|déclare|"
    r"affirme|nie|reconnaît|est\s(?:enceinte|porteur|porteuse|diabétique|asthmatique|autiste|épileptique|atteinte?|suivie?|sorti|sortie|"
    r"décédée?|mort|morte|hospitalisée?|connue?|de\sconfession|d['\u2019]origine|adhérente?|syndiquée?|en\s(?:détention|prison|arrêt))|"
    r"was|had|has|were|stated|told|is|suffers?|suffered|denies|denied|reports|presented|presents|pleaded|refused)\b"
)
_RULE = re.compile(
    r"\b(?:tout|toute|tous|toutes|chaque|quiconque|aucune?|lorsqu\w*|si|s['\u2019]ils?|quand|peut|peuvent|doit|doivent|"
    r"pourra|devra|sera|seront|ne\s+peut|en\s+cas|le\s+cas|cas\s+où|au\s+sens|conditions?|sous\s+réserve|articles?|alinéas?|"
    r"décrets?|lois?|codes?|dispositions|mentionnée?s?|prévue?s?|visée?s?|moins\s+que|sauf|vous|votre|vos|exemple|"
    r"any|every|anyone|everyone|each|whether|if|when|where|shall|may|must|should|can|section|act|article|provided|you|your|"
    r"ou\s+(?:le|la|l['\u2019]|son|sa)|ayant|dès\s+lors)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:il|elle|lui|ce dernier|cette dernière|he|she|him|his|her)\b", re.IGNORECASE)
_LABEL = re.compile(rf"(?m)^[\s\-•*]*[{LETTER}][{LETTER} '\u2019/()\-]{{0,40}}\s?[:=|]")
_PERSON_LABEL = re.compile(
    rf"(?im)^[\s\-•*]*(?:patiente?|nom|pr[ée]nom|assur[ée]e?|b[ée]n[ée]ficiaire|[ée]l[èe]ve|allocataire|salari[ée]e?|agent|"
    rf"identit[ée]|name|surname|pupil|employee|insured)[{LETTER} ]{{0,20}}\s?[:=|]\s?[^\s]"
)
_CELLS = re.compile(r"[;|\t]")
# A name in one of these names no one: the law, the street, the disease that bears it.
_BEARS_A_NAME = re.compile(
    r"\b(?:loi|arrêt|affaire|rapport|décret|code|hôpital|institut|centre|lycée|collège|école|fondation|prix|rue|avenue|"
    r"syndrome|maladie|plan|jurisprudence|association|université|clinique|act|disease|report|hospital|street)\s"
    r"(?:de\s|d['\u2019]|du\s|of\s)?\Z",
    re.IGNORECASE,
)


class _Namings(NamedTuple):
    """What names somebody in a text: sorted starts, and which of them also do in a sentence."""

    starts: list[int]
    in_sentences: list[bool]
    ages: list[bool]


def linked_to_somebody(text: str, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings of a text, in their order, without the things said of nobody.

    Args:
        text: The text they were found in.
        findings: All that was found there, names included.
    """
    said = [finding for finding in findings if _is_said(finding.type)]
    if not said:
        return list(findings)
    namings = _namings(text, findings, said)
    sentences = _Sentences(text)
    kept: set[Finding] = set()
    start = end = -1
    linked = False
    for finding in sorted(said, key=lambda one: one.start):
        if not start <= finding.start < end:
            start, end = sentences.around(finding.start)
            linked = _is_linked(text, start, end, namings, sentences) or _in_record(text, finding.start, namings)
        if linked:
            kept.add(finding)
    return [one for one in findings if not _is_said(one.type) or one in kept]


def _is_said(type_: EntityType) -> bool:
    """Say whether a finding counts only beside somebody; an age is itself somebody's."""
    return KINDS[type_].part is Part.CATEGORY and type_ is not EntityType.AGE


def _namings(text: str, findings: Sequence[Finding], said: Sequence[Finding]) -> _Namings:
    found = sorted((one for one in findings if one.type in _NAMING_IN_RECORDS), key=lambda one: one.start)
    # A disease that bears a name, `Parkinson`, is no person.
    told = sorted((one.start, one.end) for one in said if one.type is not EntityType.MINOR)
    starts = [start for start, _ in told]
    farthest = list(accumulate((end for _, end in told), max))

    def meets_what_is_said(one: Finding) -> bool:
        before = bisect_left(starts, one.end) - 1
        return before >= 0 and farthest[before] > one.start

    naming = [
        one
        for one in found
        if one.type is not EntityType.PERSON
        or not (meets_what_is_said(one) or _BEARS_A_NAME.search(text, max(0, one.start - 30), one.start))
    ]
    return _Namings(
        [one.start for one in naming],
        [one.type in _NAMING for one in naming],
        [one.type is EntityType.AGE for one in naming],
    )


class _Sentences:
    """Where the sentences of a text begin and end: read once, looked up at each place."""

    def __init__(self, text: str) -> None:
        self._size = len(text)
        spans = [boundary.span() for boundary in _BOUNDARY.finditer(text)]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def around(self, place: int) -> tuple[int, int]:
        """Return the sentence around a place: lines that go on in lower case are one."""
        before, after = bisect_right(self._ends, place) - 1, bisect_left(self._starts, place)
        start = max(0, place - _REACH)
        if before >= 0:
            start = max(start, self._ends[before])
        end = min(self._size, place + _REACH)
        if after < len(self._starts):
            end = min(end, self._starts[after] + 1)
        return start, end


def _is_linked(text: str, start: int, end: int, namings: _Namings, sentences: _Sentences) -> bool:
    if _names_somebody(text, start, end, namings):
        return True
    rule = _RULE.search(text, start, end) is not None
    if not rule and _SOMEBODY.search(text, start, end) and _FACT.search(text, start, end):
        return True
    if rule and not _PRONOUN.search(text, start, end):
        return False
    # What goes on about somebody: "M. Morel est venu hier. Il souffre d'asthme." "Mme X, 72 ans. Antécédents : asthme."
    for _ in range(_BEFORE):
        start = _end_before(text, start)
        if start <= 0:
            return False
        start, end = sentences.around(start - 1)
        if _names_somebody(text, start, end, namings):
            return True
    return False


def _end_before(text: str, place: int) -> int:
    """Return where the sentence before one that begins at a place ends; 0 if none does, or a blank line is between."""
    end = place
    while end and text[end - 1].isspace():
        end -= 1
    return 0 if text.count("\n", end, place) > 1 else end


def _names_somebody(text: str, start: int, end: int, namings: _Namings) -> bool:
    """Say whether a name, an identifier, an age, a patient or the first person stands in a sentence."""
    place = bisect_left(namings.starts, start)
    ages = False
    while place < len(namings.starts) and namings.starts[place] < end:
        if namings.in_sentences[place]:
            if not namings.ages[place]:
                return True
            ages = True
        place += 1
    if _CLINICAL.match(text, start, end) or _FIRST_PERSON.search(text, start, end):
        return True
    return ages and not _RULE.search(text, start, end)


def _in_record(text: str, place: int, namings: _Namings) -> bool:
    """Say whether the lines of a form around a place, or its row of a table, are somebody's."""
    start, end = _line(text, place)
    if len(_CELLS.findall(text, start, end)) >= 2 and _any_between(namings, start, end):  # noqa: PLR2004 -- three cells
        return True
    first, last = start, end
    for _ in range(_LINES):
        if not first:
            break
        above = _line(text, first - 1)
        if not above[0] < above[1] <= above[0] + _LINE or not text[above[0] : above[1]].strip():
            break
        first = above[0]
    for _ in range(_LINES):
        if last >= len(text):
            break
        below = _line(text, last + 1)
        if not below[0] < below[1] <= below[0] + _LINE or not text[below[0] : below[1]].strip():
            break
        last = below[1]
    if end - start > _LINE or (first, last) == (start, end) or not _LABEL.search(text, first, last):
        return False
    return _any_between(namings, first, last) or _PERSON_LABEL.search(text, first, last) is not None


def _line(text: str, place: int) -> tuple[int, int]:
    """Return the line of a place, without its end; cut at what a record may hold, so that work stays in proportion."""
    start = text.rfind("\n", max(0, place - 4 * _LINE), place) + 1 or max(0, place - 4 * _LINE)
    end = text.find("\n", place, place + 4 * _LINE)
    return start, end if end >= 0 else min(len(text), place + 4 * _LINE)


def _any_between(namings: _Namings, start: int, end: int) -> bool:
    place = bisect_left(namings.starts, start)
    return place < len(namings.starts) and namings.starts[place] < end
