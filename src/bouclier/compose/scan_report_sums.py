"""The sentences and the counts of a report of dependence: the same everywhere, each with what it counts.

Three counts, and no other: all dependences; those where data can go; and, of these, those of which not all is known. A
dependence counts as unknown if nobody knows whose it is, or if not all is known of who controls it and from where, and
no law of a third state is established. What could not be read is in no count, and is said beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.compose.scan_report_words import share
from bouclier.registry.scan_model import Shows
from bouclier.registry.scan_picture import verdict_of_whole
from bouclier.registry.scan_totals import Group
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.compose.exposure_scan import ScanResult
    from bouclier.registry.draw_model import Language

HIDDEN: Final = Bilingual(
    "n'a pas pu être lu : une dépendance peut s'y cacher", "could not be read: a dependence may hide there"
)


def verdict_of(result: ScanResult, language: Language) -> str:
    """Return the one sentence of a report; of what was not read it never says that nothing leaves."""
    french = language == "fr"
    many = len(result.unread)
    if not result.files and many:
        return (
            "Rien n'a pu être lu : ce rapport ne dit rien de vos dépendances."
            if french
            else "Nothing could be read: this report says nothing of your dependences."
        )
    if not result.files:
        passed = result.passed_over
        return (
            f"Rien ici de ce qui se lit (autres fichiers : {passed}) : ce rapport ne dit rien de vos dépendances."
            if french
            else f"Nothing here that is read (other files: {passed}): this report says nothing of your dependences."
        )
    verdict = verdict_of_whole(result.dependence, language)
    if not many:
        return verdict
    if french:
        return f"{verdict} Fichiers qui n'ont pas pu être lus : {many} ; des dépendances peuvent s'y cacher."
    return f"{verdict} Files that could not be read: {many}; dependences may hide there."


def unnamed(result: ScanResult, language: Language) -> str:
    """Return how many dependences nobody knows whose they are: of all, and of those where data can go."""
    rows = result.dependence.rows
    nobody_s = [row for row in rows if row.report is None]
    data = sum(row.found.shows is Shows.DATA for row in nobody_s)
    if language == "fr":
        return f"On ne sait pas de qui : {len(nobody_s)} sur {len(rows)}, dont {data} où des données peuvent aller"
    return f"Nobody knows whose: {len(nobody_s)} of {len(rows)}, among them {data} where data can go"


def counted(result: ScanResult, language: Language) -> Iterator[str]:
    """Yield what is counted: all dependences, those where data can go, and what is unknown of these."""
    french = language == "fr"
    rows, count = result.dependence.rows, result.dependence.counts.get(Shows.DATA)
    if not rows:
        return
    data = 0 if count is None else count.total
    yield (
        f"Dépendances : {len(rows)}, logiciel compris ; {data} où des données peuvent aller."
        if french
        else f"Dependences: {len(rows)}, software included; {data} where data can go."
    )
    if count is None:
        return
    unknown = count.groups[Group.UNKNOWN]
    part = share(unknown, count.total, language)
    nobody_s = sum(row.report is None and row.found.shows is Shows.DATA for row in rows)
    rest = unknown - nobody_s
    yield (
        f"Inconnues parmi ces {data} : {unknown} ({part}), soit {nobody_s} dont on ne sait pas de qui elles sont et "
        f"{rest} dont on ne sait pas tout de qui les contrôle, ni d'où."
        if french
        else f"Unknown among these {data}: {unknown} ({part}): {nobody_s} that nobody knows whose they are, and {rest} "
        f"of which not all is known of who controls them, or from where."
    )


def resting(part: int, result: ScanResult, language: Language) -> str:
    """Return how many of all dependences rest on somebody."""
    total = len(result.dependence.rows)
    return f"{part} des {total} dépendances" if language == "fr" else f"{part} of {total} dependences"
