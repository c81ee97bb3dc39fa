"""What is unfinished in packs' data: items that serve no policy, and facts nobody has looked at for a year."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from bouclier.charter.flaws import Flaw, line_naming
from bouclier.charter.pack_data import parse_pack_data
from bouclier.charter.parse import DATA_FILE
from bouclier.charter.refine import day_number
from bouclier.charter.wrong import wrong
from bouclier.terms.errors import Bilingual
from bouclier.terms.law import Duty

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from bouclier.charter.model import Charter
    from bouclier.charter.pack_data import PackData
    from bouclier.terms.errors import CharterError

_DUTY: Final = re.compile(r'@duty\("([^"]*)"\)')
_A_YEAR: Final = 10_000
"""Between two days written as 20261122."""

_REMOVE: Final = Bilingual(
    "ôtez-le, ou écrivez la politique qui s'en sert", "remove it, or write the policy that uses it"
)
_LOOK: Final = Bilingual(
    "vérifiez la source, puis mettez « as_of » à ce jour", "check the source, then set `as_of` to that day"
)


def data_flaws(charter: Charter, words: Mapping[str, frozenset[str]]) -> Iterator[Flaw]:
    """Yield what is unfinished in the data of a charter's packs.

    Args:
        charter: The whole: an item may serve the policy of another pack.
        words: All that policies ask for, by attribute.
    """
    packs = {}
    for name in charter.packs:
        file = f"packs/{name}/{DATA_FILE}"
        if file in charter.files:
            packs[file] = parse_pack_data(charter.files[file], partial(_misread, file))
    written = {duty.strip() for file in charter.files for duty in _duties_in(file, charter.files[file])}
    every = tuple(packs.values())
    asked_by_rules = {use for data in every for rule in data.classification for use in rule.when.uses}
    labels_of_rules = {label for data in every for rule in data.classification for label in rule.when.labels}
    served = {
        "uses": words.get("context.uses", frozenset()) | asked_by_rules,
        "signals": words.get("context.signals", frozenset()),
        "labels": words.get("context.labels", frozenset()) | labels_of_rules,
        "transfer": frozenset(("transfer",)) if "context.transfer" in words else frozenset(),
        "duties": written,
    }
    today = day_number(charter.about.date)
    for file, data in packs.items():
        yield from _unused(file, charter.files[file], data, served)
        yield from _old(file, charter.files[file], data, today)


def _misread(file: str, fr: str, en: str, line: int | None = None) -> CharterError:
    return wrong(file, line, fr=fr, en=en)


def _duties_in(file: str, text: str) -> Iterator[str]:
    if file.endswith(".cedar"):
        for listed in _DUTY.findall(text):
            yield from listed.split(",")


def _unused(file: str, text: str, data: PackData, served: Mapping[str, AbstractSet[str]]) -> Iterator[Flaw]:
    items = [
        *(("uses", use.id, use.id in served["uses"]) for use in data.uses),
        *(("warnings", one.id, f"{Duty.WARN}:{one.id}" in served["duties"]) for one in data.warnings),
        *(("retention", one.id, f"{Duty.RETAIN}:{one.id}" in served["duties"]) for one in data.retention),
        *(("budgets", one.id, f"{Duty.CARBON_CAP}:{one.id}" in served["duties"]) for one in data.budgets),
        *(("second_net", net.signal, net.signal in served["signals"]) for net in data.second_net),
        *(("adequacy", fact.state, bool(served["transfer"])) for fact in data.adequacy),
        *(
            ("classification", rule.id, rule.data_class is not None or not served["labels"].isdisjoint(rule.labels))
            for rule in data.classification
        ),
    ]
    for section, name, is_used in dict.fromkeys(items):
        if not is_used:
            yield Flaw(
                "unused-data",
                file,
                line_naming(text, name),
                Bilingual(f"{section} « {name} » ne sert à aucune politique.", f"{section} '{name}' serves no policy."),
                _REMOVE,
            )


def _old(file: str, text: str, data: PackData, today: int) -> Iterator[Flaw]:
    for fact in data.adequacy:
        checked = day_number(fact.as_of)
        if checked + _A_YEAR < today:
            yield Flaw(
                "old-fact",
                file,
                line_naming(text, fact.state),
                Bilingual(
                    f"L'adéquation « {fact.state} » n'a pas été vérifiée depuis {fact.as_of}.",
                    f"Adequacy '{fact.state}' was not checked since {fact.as_of}.",
                ),
                _LOOK,
                is_warning=True,
            )
        if checked > today:
            yield Flaw(
                "fact-from-the-future",
                file,
                line_naming(text, fact.state),
                Bilingual(
                    f"L'adéquation « {fact.state} » est vérifiée après la date de la charte ({fact.as_of}).",
                    f"Adequacy '{fact.state}' was checked after the charter's own date ({fact.as_of}).",
                ),
                Bilingual("datez la charte du jour où elle est écrite", "date the charter on the day it is written"),
            )
