"""A provider's usage export: CSV as their consoles write it, read strictly once its form is known.

Handled: a byte order mark, `,` `;` or tab between fields, quotes, thousands and decimals in French or English manner,
days as `2026-11-22`, `22/11/2026`, `22.11.2026`, `20261122` or with a time after them, several lines for one day and
model, empty lines, and lines of totals without day and model. `03/04/2026` is the 3rd of April: an export in the
American manner has days like `11/22/2026` too, which are refused. Whatever cannot be read is refused with the number of
its line: a line left out would hide use.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_CHARS: Final = 64_000_000
_FIELDS: Final = ("date", "model", "prompt", "completion", "requests")
_NEEDED: Final = ("date", "model")
_COUNTED: Final = ("prompt", "completion", "requests")
_USUAL: Final[dict[str, tuple[str, ...]]] = {
    "date": ("date", "day", "jour", "usage_date", "timestamp", "start_time", "usage_date_utc"),
    "model": ("model", "modèle", "modele", "model_name", "model_id", "snapshot_id"),
    "prompt": ("prompt_tokens", "input_tokens", "n_context_tokens_total", "tokens_entree", "prompt"),
    "completion": ("completion_tokens", "output_tokens", "n_generated_tokens_total", "tokens_sortie", "completion"),
    "requests": ("requests", "num_model_requests", "n_requests", "requêtes", "requetes", "calls"),
}
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_EUROPEAN: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?: .*)?")
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,'  \u202f]\d{3})+")
_PLAIN: Final = re.compile(r"\d{1,15}(?:[.,]0{1,2})?")
_DELIMITERS: Final = ",;\t"


class Billed(NamedTuple):
    """What a provider says was used of a model on a day; None where the export does not tell."""

    prompt_tokens: int | None
    completion_tokens: int | None
    requests: int | None


class UsageError(RequestError):
    """A usage export cannot be read."""

    code = "usage_malformed"

    def __init__(self, line: int, *, fr: str, en: str) -> None:
        super().__init__(
            Bilingual(f"ligne {line} : {fr}", f"line {line}: {en}"),
            Bilingual(
                "Dites quelles colonnes lire : --columns date=…,model=…,prompt=…,completion=…,requests=…",
                "Say which columns to read: --columns date=…,model=…,prompt=…,completion=…,requests=…",
            ),
            param=f"line {line}",
        )
        self.line = line


def parse_usage(text: str, columns: Mapping[str, str]) -> dict[tuple[str, str], Billed]:
    """Return what a usage export says, added up by day and model.

    Args:
        text: The file.
        columns: Titles of the columns by what they hold: `date`, `model`, `prompt`, `completion`, `requests`; those not
            named are looked for under their usual titles.

    Raises:
        UsageError: A column is missing, or a line cannot be read.
    """
    if len(text) > MAX_CHARS:
        raise UsageError(0, fr=f"plus de {MAX_CHARS} signes", en=f"more than {MAX_CHARS} characters")
    text = text.removeprefix("\ufeff")
    first = next(iter(text.splitlines()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    billed: dict[tuple[str, str], Billed] = {}
    try:
        title = next(rows, [])
        places = _places(title, columns)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            line = rows.line_num
            if len(row) != len(title):
                raise UsageError(
                    line, fr=f"{len(row)} colonnes, pas {len(title)}", en=f"{len(row)} columns, not {len(title)}"
                )
            day, model = row[places["date"]].strip(), row[places["model"]].strip()
            if not day and not model:
                continue  # a line of totals
            counts = [_count(row[places[name]], line, name) if name in places else None for name in _COUNTED]
            key = (_day(day, line), model)
            billed[key] = _sum(billed.get(key), Billed(*counts))
    except csv.Error as error:
        raise UsageError(rows.line_num, fr="ce n'est pas du CSV", en="this is not CSV") from error
    return billed


def _places(title: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    titles = [cell.strip().lower() for cell in title]
    places: dict[str, int] = {}
    for name in _FIELDS:
        wanted = (columns[name].strip().lower(),) if name in columns else _USUAL[name]
        found = [titles.index(one) for one in wanted if one in titles]
        if found:
            places[name] = found[0]
        elif name in columns or name in _NEEDED:
            raise UsageError(1, fr=f"la colonne « {name} » manque", en=f"the column '{name}' is missing")
    if not any(name in places for name in _COUNTED):
        raise UsageError(1, fr="aucune colonne ne compte quoi que ce soit", en="no column counts anything")
    return places


def _day(text: str, line: int) -> str:
    for pattern, order in ((_ISO, (1, 2, 3)), (_COMPACT, (1, 2, 3)), (_EUROPEAN, (3, 2, 1))):
        match = pattern.fullmatch(text)
        if match is not None:
            try:
                return dt.date(*(int(match[group]) for group in order)).isoformat()
            except ValueError:
                break
    raise UsageError(
        line,
        fr="la date ne s'écrit ni 2026-11-22, ni 22/11/2026, ni 20261122",
        en="the date is written neither 2026-11-22, nor 22/11/2026, nor 20261122",
    )


def _count(text: str, line: int, name: str) -> int | None:
    """Return a whole number however it is grouped; None for an empty cell."""
    value = text.strip()
    if not value:
        return None
    if _PLAIN.fullmatch(value):
        # `1234,0` and `1234.00` are spreadsheets' ways to write 1234; `1,234` and `1.000` are read below.
        return int(re.split(r"[.,]", value)[0])
    if _GROUPED.fullmatch(value) and len(set(re.sub(r"\d", "", value))) == 1:
        return int(re.sub(r"\D", "", value))
    raise UsageError(
        line, fr=f"« {name} » n'est pas un nombre entier positif", en=f"'{name}' is not a whole number, 0 or more"
    )


def _sum(one: Billed | None, other: Billed) -> Billed:
    if one is None:
        return other
    return Billed(*(a if b is None else b if a is None else a + b for a, b in zip(one, other, strict=True)))
