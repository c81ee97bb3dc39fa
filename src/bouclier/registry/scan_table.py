"""Read a column of domains or of providers from a table: CSV, in any order, with or without a header.

Only columns that are recognised are read: by their title, or because most of their cells are host names or names the
registry knows. Of a table in which nothing is recognised nothing is said, not even in an error: it may list persons.

Source: RFC 4180, with the semicolon of French spreadsheets and the tab.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.registry.scan_addresses import hosts_in, is_own, known_shape
from bouclier.registry.scan_model import Dependency, Gap, Kind, Place, Scanned, Shows, checked, malformed
from bouclier.registry.shown import clean
from bouclier.registry.signs import plain
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_DELIMITERS: Final = (";", ",", "\t")
_HOSTS: Final = frozenset({
    "domain", "domains", "domaine", "domaines", "host", "hosts", "hostname", "hote", "hotes", "url", "urls", "uri",
    "fqdn", "endpoint", "endpoints", "web", "website",
})  # fmt: skip
_PROVIDERS: Final = frozenset({
    "provider", "providers", "fournisseur", "fournisseurs", "supplier", "suppliers", "vendor", "vendors",
    "prestataire", "prestataires", "editeur", "editeurs", "hebergeur", "hebergeurs",
})  # fmt: skip
# None of these titles a column of persons, or of the services of a town hall, as would company, service, site or name.

_ENOUGH: Final = 0.5
_LOOKED_AT: Final = 500
"""How many rows tell what a column holds."""
_MAX_CELL: Final = 300


class _Column(NamedTuple):
    place: int
    hosts: bool


def scan_table(text: str, file: str, is_known: Callable[[str], bool]) -> Scanned | None:
    """Return what a table lists; None if no column of it is recognised.

    Args:
        text: The table.
        file: Its name.
        is_known: Whether the registry knows somebody or something by this name.

    Raises:
        RequestError: It is not CSV; the message names the line.
    """
    rows = list(_rows(text, file))
    if not rows:
        return None
    columns, header = _columns(rows, is_known)
    if not columns:
        return None
    gaps: list[Gap] = []
    return checked(file, Kind.TABLE, list(_dependencies(rows[1:] if header else rows, columns, file, gaps)), gaps)


def _rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise malformed(file, reader.line_num, "CSV") from error


def _delimiter(text: str) -> str:
    """Return what cuts most of the first lines into the same number of cells."""
    lines = [line for line in text[:20_000].splitlines()[:20] if line.strip()]

    def regular(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        most = max(set(counts), key=lambda count: (counts.count(count) if count else 0, count), default=0)
        return (counts.count(most) if most else 0, most)

    return max(_DELIMITERS, key=regular)


def _columns(rows: Sequence[tuple[int, list[str]]], is_known: Callable[[str], bool]) -> tuple[list[_Column], bool]:
    """Return which columns to read, and whether the first row is their titles."""
    titled = [
        _Column(index, hosts=bool(_titled(title, _HOSTS)))
        for index, title in enumerate(rows[0][1])
        if _titled(title, _HOSTS) or _titled(title, _PROVIDERS)
    ]
    if titled:
        return titled, True
    looked_at = rows[:_LOOKED_AT]
    width = max(len(cells) for _, cells in looked_at)
    found: list[_Column] = []
    for index in range(width):
        cells = [cells[index] for _, cells in looked_at if index < len(cells) and cells[index]]
        if not cells:
            continue
        hosts = sum(_host(cell) is not None for cell in cells)
        known = sum(is_known(cell) for cell in cells)
        if max(hosts, known) > _ENOUGH * len(cells) or hosts + known == len(cells):
            found.append(_Column(index, hosts=hosts >= known))
    first = rows[0][1]
    untitled = any(
        not column.hosts or _host("".join(first[column.place : column.place + 1])) is not None for column in found
    )
    return found, not untitled


def _titled(title: str, titles: frozenset[str]) -> bool:
    return bool(titles.intersection(plain(title).split()))


def _dependencies(
    rows: Sequence[tuple[int, list[str]]], columns: list[_Column], file: str, gaps: list[Gap]
) -> Iterator[Dependency]:
    for line, cells in rows:
        signs: list[str] = []
        unclear = False
        for column in columns:
            cell = cells[column.place] if column.place < len(cells) else ""
            # An address of mail names a person: only its domain is of interest.
            host = _host(cell.rpartition("@")[2] if " " not in cell else cell)
            if host is not None:
                signs += [] if is_own(host) else [f"domain:{host}"]
            elif cell and "@" not in cell and len(cell) <= _MAX_CELL and (not column.hosts or not signs):
                signs.append(f"name:{clean(cell)}")
            else:
                unclear = unclear or bool(cell)
        if signs:
            # One line is one dependence: its domain tells it, its provider's name helps to find whose it is.
            signs.sort(key=lambda sign: sign.startswith("name:"))
            shown = " — ".join(sign.partition(":")[2] for sign in dict.fromkeys(signs))
            yield Dependency(tuple(dict.fromkeys(signs)), Shows.DATA, Place(file, line), Bilingual(shown, shown))
        elif unclear:
            what = Bilingual(
                "une cellule qui n'est ni un domaine ni un nom", "a cell that is neither a domain nor a name"
            )
            gaps.append(Gap(Place(file, line), what))


def _host(cell: str) -> str | None:
    if "://" in cell:
        found = hosts_in(cell).found
        return found[0] if len(found) == 1 else None
    return known_shape(cell.partition("/")[0].partition(":")[0]) if " " not in cell and "@" not in cell else None
