"""What a model of names says, without its known noise. Pure: spans in, findings out.

The model labels greetings, week days and form labels as names, keeps titles in its spans and lets them run over
blank lines. Here a span is cut where it must be, then trimmed, then dropped if nothing of a name is left.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bouclier.shield.detectors.dates import is_public_date
from bouclier.shield.overlaps import resolve_overlaps
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TYPE_OF = {
    "PER": EntityType.PERSON, "LOC": EntityType.LOCATION, "ORG": EntityType.ORGANIZATION, "ADR": EntityType.ADDRESS,
    "DAT": EntityType.DATE, "COD": EntityType.CASE_NUMBER, "DEM": EntityType.DEMOGRAPHIC, "QTY": EntityType.AMOUNT,
}  # fmt: skip
_CONFIDENCE = {
    EntityType.PERSON: 0.75, EntityType.LOCATION: 0.7, EntityType.ORGANIZATION: 0.65, EntityType.ADDRESS: 0.55,
    EntityType.DATE: 0.45, EntityType.CASE_NUMBER: 0.45, EntityType.DEMOGRAPHIC: 0.45, EntityType.AMOUNT: 0.45,
}  # fmt: skip
_NAMES = frozenset({EntityType.PERSON, EntityType.LOCATION, EntityType.ORGANIZATION})
_MAX_NAME = 120

# Ends of lines, columns of tables, and what separates the strings of JSON and its like: no name is written across them.
_BREAK = re.compile(r"""[\r\n]+|\t+| {3,}|\||"|[{}]|'?[ ]?[:,][ ]?'|(?<=[^\W\d_]{3})[.;!?][ ]+""")
_TITLE = re.compile(
    r"(?:(?i:MM?\.|M|Mr\.?|Mmes?|Mlles?|Mrs\.?|Ms\.?|Me|Mgr|Drs?\.?|Prs?\.?|Monsieur|Madame|Mademoiselle|Messieurs|"
    r"Mesdames|Ma[iî]tre|Docteure?|Professeure?|Ch[eè]re?s?)|le|la|les|du|des?)[ \u00a0]+|[ld]['\u2019]"
)
_EDGES = " \t\r\n\u00a0\u202f.,;:!?…«»\"“”‘’'`()[]{}<>*_=+/\\|~^#@&°-–—•·"
_NOISE_WORDS = """
    bonjour bonsoir salut merci cordialement salutations respectueusement sincèrement amicalement madame
    monsieur mademoiselle mesdames messieurs mme mlle mr dr pr me objet cher chère bien re tr fwd ps nb date nom
    prénom tél téléphone fax adresse courriel mail email e-mail signature lu approuvé fait page article annexe
    pièce lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août
    septembre octobre novembre décembre monday tuesday wednesday thursday friday saturday sunday je tu il elle
    nous vous ils elles on ce cette ces mon ma mes notre votre veuillez voici suite selon comme pour oui non ok
    iban bic rib nir siret siren cedex bp numéro née né naissance impression sexe masc fém âge veuve veuf tel
    mobile portable adresses résidence domicile service services secrétariat équipe chef cadre adjoint adjointe
    médecin médecins docteur professeur interne consultant chirurgien infirmier infirmière directeur directrice
    coordonnateur responsable confrère consoeur consœur hôpital clinique ipp nda finess rpps adeli rdv rendez
    cdlt cdt bàt cordt sincères salutations
    réunion compte rendu copie ci-joint prochaine nouvelle total montant référence dossier patient patients
"""
# How people begin what they ask of a model: capitalised because it begins a sentence, and taken for a name.
_REQUEST_WORDS = """
    rédige rédigez écris écrivez résume résumez traduis traduisez explique expliquez donne donnez corrige corrigez
    liste listez propose proposez compare comparez analyse analysez décris décrivez réponds répondez reformule
    reformulez prépare préparez vérifie vérifiez cite citez trouve trouvez fais faites dis dites peux-tu pouvez-vous
    présente présentez calcule calculez complète complétez imagine imaginez extrais extrayez classe classez
    transforme transformez raconte racontez envoie envoyez transmets transmettez contacte contactez convoque
    convoquez informe informez quel quelle quels quelles qui que quoi comment pourquoi combien quand plaque
    write summarize summarise translate explain give list compare analyse analyze describe answer reply rewrite
    rephrase prepare check draft tell show find make create please what who why how when where which is are can could
    send inform contact the a an this these
"""
_REQUESTS = frozenset(_REQUEST_WORDS.split())
NOISE = frozenset(_NOISE_WORDS.split()) | _REQUESTS
"""Words, case folded, that are no name on their own."""
_NAME_LIKE = re.compile(r"[^\W\d_][^\s\d]")
_THREE_LETTERS = re.compile(r"[^\W\d_]{3}")
_HEXADECIMAL = re.compile(r"[0-9a-f]+(?:[ \-:][0-9a-f]+)*")
_LINK = re.compile(r"[ \u00a0]|(?:[ \u00a0]d)?['\u2019]")
_TWO_LETTERS = re.compile(r"[^\W\d_]{2}")
_FIRST_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*(?=\s)")


def may_hold_name(text: str) -> bool:
    """Say whether a model of names can find one worth keeping: a capital somewhere, and two letters or an initial."""
    return text.lower() != text and _NAME_LIKE.search(text) is not None


def name_findings(text: str, spans: Iterable[tuple[int, int, str]], *, model: str) -> list[Finding]:
    """Return the findings worth keeping, sorted by start and never overlapping.

    Args:
        text: The text the model read.
        spans: Start, end (exclusive) and label as the model gives them; labels we have no type for are dropped.
        model: Name of the model, told in `validated_by`.
    """
    found = []
    for start, end, label in spans:
        type_ = _TYPE_OF.get(label)
        if type_ is None:
            continue
        if type_ is EntityType.DATE and (_DATE_LIKE.search(text, start, end) is None or is_public_date(text, start)):
            continue
        for first, last in _lines(text, start, end):
            kept = _trim(text, first, last)
            if kept is not None and type_ is EntityType.ORGANIZATION:
                # The kind of establishment stays: it says what, not which.
                kind = _ESTABLISHMENT.match(text, *kept)
                kept = (kind.end(), kept[1]) if kind is not None else kept
            if kept is not None and _is_worth(text[kept[0] : kept[1]], type_):
                found.append(Finding(*kept, type_, _CONFIDENCE[type_], f"ner:{model}"))
    return resolve_overlaps(text, _joined(text, found))


def _joined(text: str, found: list[Finding]) -> list[Finding]:
    """Make one person of a surname and a first name that only a space parts, or `d'`."""
    joined: list[Finding] = []
    for one in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.type is EntityType.PERSON
            and one.end - last.start <= _MAX_NAME
            and (link := _LINK.fullmatch(text, last.end, one.start)) is not None
            and (one.type is EntityType.PERSON or (one.type in _NAMES and len(link[0]) > 1))
        ):
            joined[-1] = replace(last, end=one.end)
        else:
            joined.append(one)
    return joined


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a span where no name goes on."""
    for gap in _BREAK.finditer(text, start, end):
        yield start, gap.start()
        start = gap.end()
    yield start, end


_ESTABLISHMENT = re.compile(
    r"(?i:h[oô]pital|h[oô]pitaux|cliniques?|CHR?U?|centre hospitalier(?: universitaire| r[eé]gional| intercommunal)?)"
    r"[ \u00a0]+(?:(?:de|du)[ \u00a0]|d['\u2019])?(?=\w)"
)
_DATE_LIKE = re.compile(
    r"(?<![0-9])(?:1[5-9]|20)[0-9]{2}(?![0-9])|[0-9] ?[/.-] ?[0-9]|"
    r"(?i:janv|f[eé]vr|mars|avril|mai\b|juin|juil|ao[uû]t|sept|octo|nov|d[eé]c|jan|feb|march|april|may|june|july|aug)"
)


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while True:
        while start < end and text[start] in _EDGES:
            start += 1
        while end > start and text[end - 1] in _EDGES:
            end -= 1
        lead = _TITLE.match(text, start, end) or _request(text, start, end)
        if lead is None:
            return (start, end) if start < end else None
        start = lead.end()


def _request(text: str, start: int, end: int) -> re.Match[str] | None:
    word = _FIRST_WORD.match(text, start, end)
    return word if word is not None and word[0].casefold() in _REQUESTS else None


def _is_worth(words: str, type_: EntityType) -> bool:
    if type_ is EntityType.ADDRESS and (_THREE_LETTERS.search(words) is None or _HEXADECIMAL.fullmatch(words)):
        return False
    if type_ not in _NAMES:
        return _is_word(words)
    # An initial names somebody beside a surname; of a place or an organisation it is an article's: `L. 221-6`.
    return _is_name(words) and (type_ is EntityType.PERSON or _TWO_LETTERS.search(words) is not None)


def _is_word(words: str) -> bool:
    """Say whether what is no name (a date, an amount, a profession) is worth keeping: a letter, or two digits."""
    return len(words) > 1 and len(words) <= _MAX_NAME and words.casefold() not in NOISE


def _is_name(name: str) -> bool:
    words = re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", name)
    if not words or len(name) > _MAX_NAME or not any(word[0].isupper() for word in words):
        return False
    if all(word.casefold() in NOISE for word in words):
        return False
    # Codes such as D10 or AYZ12049210: a single word in capitals and digits.
    return len(name) > 1 and not (name.isalnum() and name.upper() == name and any(map(str.isdigit, name)))
