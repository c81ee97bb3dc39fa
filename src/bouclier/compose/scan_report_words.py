"""The words of a report of dependence, in French and English, and its values as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.registry.draw_words import state_names
from bouclier.registry.free_text import text_in
from bouclier.registry.scan_model import Shows
from bouclier.registry.scan_totals import Group
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.registry.draw_model import Language
    from bouclier.registry.report_model import Basis
    from bouclier.registry.scan_totals import Row

TITLE: Final = Bilingual("De qui dépendons-nous ?", "On whom do we depend?")
UNKNOWN: Final = Bilingual("inconnu", "unknown")
SHOWS: Final[Mapping[Shows, Bilingual]] = {
    Shows.DATA: Bilingual("Où des données peuvent aller", "Where data can go"),
    Shows.DELIVERY: Bilingual("D'où le logiciel est tiré", "Where software is fetched from"),
    Shows.SOFTWARE: Bilingual("De qui est le logiciel", "Whose the software is"),
}
SHOWS_NOTES: Final[Mapping[Shows, Bilingual]] = {
    Shows.DATA: Bilingual(
        "Adresses appelées, fournisseurs loués ou abonnés.",
        "Addresses called, providers rented from or subscribed to.",
    ),
    Shows.DELIVERY: Bilingual(
        "Peut être coupé ou modifié ; aucune donnée n'y va de ce seul fait.",
        "Can be cut off or changed; no data go there by that alone.",
    ),
    Shows.SOFTWARE: Bilingual(
        "Une bibliothèque montre un logiciel, pas que des données partent : regardez ce qu'elle appelle.",
        "A library shows software, not that data leave: look at what it calls.",
    ),
}
GROUPS: Final[Mapping[Group, Bilingual]] = {
    Group.FOREIGN: Bilingual("loi d'un État tiers, établi", "law of a third state, established"),
    Group.UNKNOWN: Bilingual("inconnu", "unknown"),
    Group.OPEN: Bilingual("le pourrait, si les machines y sont", "could, if the machines stand there"),
    Group.CONTESTED: Bilingual("contesté", "contested"),
    Group.HOME: Bilingual("aucune loi d'un État tiers", "no law of a third state"),
}
BASES: Final[Mapping[Basis, Bilingual]] = {
    "inside": Bilingual("dans l'EEE", "inside the EEA"),
    "adequacy": Bilingual("décision d'adéquation", "adequacy decision"),
    "safeguards": Bilingual("garanties à apporter (art. 46)", "safeguards needed (art. 46)"),
    "unknown": UNKNOWN,
}
_WEAKEST: Final[tuple[Basis, ...]] = ("unknown", "safeguards", "adequacy", "inside")
LIMITS: Final = (
    Bilingual(
        "Ce rapport ne voit que ce que disent les fichiers donnés : ni les contrats, ni les postes de travail, ni ce "
        "qui s'appelle à l'exécution.",
        "This report sees only what the files given say: no contracts, no workstations, nothing that is called at run "
        "time.",
    ),
    Bilingual(
        "Ce que le registre ne connaît pas est compté comme inconnu, jamais comme sans danger.",
        "What the registry does not know counts as unknown, never as harmless.",
    ),
    Bilingual(
        "À qui est un signe est un fait de notoriété, non vérifié sauf mention ; « peut contraindre » n'est pas « a "
        "contraint » ; ce n'est pas un avis juridique.",
        "Whose a sign is, is general knowledge, unverified unless said; “can compel” is not “has compelled”; this is "
        "not legal advice.",
    ),
)


def say(text: Bilingual, language: Language) -> str:
    """Return a text in one language."""
    return text.fr if language == "fr" else text.en


def basis_of(row: Row) -> Basis:
    """Return the weakest basis on which data may be at a dependence (GDPR chapter V)."""
    if row.report is None:
        return "unknown"
    bases = (row.report.transfer.machines, row.report.transfer.people)
    return next(basis for basis in _WEAKEST if basis in bases)


def states_of(row: Row, language: Language) -> str:
    """Return whose law reaches a dependence, and how surely, as people read it."""
    parts = []
    if row.established:
        how = "établi" if language == "fr" else "established"
        parts.append(f"{state_names(row.established, language)} ({how})")
    if row.open:
        # Their laws could: as `exposure` says it.
        how = "le pourraient, si les machines y sont" if language == "fr" else "could, if the machines stand there"
        parts.append(f"{state_names(row.open, language)} ({how})")
    if row.contested:
        how = "contesté" if language == "fr" else "contested"
        parts.append(f"{state_names(row.contested, language)} ({how})")
    if row.report is None:
        parts.append(say(UNKNOWN, language))
    elif not row.report.known:
        parts.append("tout n'est pas connu" if language == "fr" else "not all is known")
    elif not parts:
        home = state_names(row.report.home, language)
        none = say(GROUPS[Group.HOME], language)
        parts.append(f"{none} ({home})" if home else none)
    return " ; ".join(parts) if language == "fr" else "; ".join(parts)


def name_of(row: Row, language: Language) -> str:
    """Return what a dependence is on, for people; its sign if nobody knows."""
    return text_in(row.service or row.operator_name or sign_text(row), language)


def sign_text(row: Row) -> str:
    """Return a dependence's sign without its kind."""
    return row.found.sign.partition(":")[2]


def share(part: int, whole: int, language: Language) -> str:
    """Return a part in whole percent, rounded to nearest; a little is never shown as nothing, nor almost all as all.

    >>> share(1, 3, "fr"), share(1, 1000, "en"), share(999, 1000, "en")
    ('33\\u202f%', '1%', '99%')
    """
    percent = round(100 * part / whole) if whole else 0
    if 0 < part < whole:
        percent = min(99, max(1, percent))
    return f"{percent}\u202f%" if language == "fr" else f"{percent}%"
