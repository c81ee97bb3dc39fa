"""What packs' data make of a case: the class and labels a purpose implies, and the basis of a transfer that day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from bouclier.charter.pack_data import CharterData, Raising
    from bouclier.terms.law import Case, Deployment

Transfer = Literal["own", "union", "adequate", "none", "unknown"]
_YEAR: Final = 10_000
_MONTH: Final = 100


def refine(case: Case, data: CharterData) -> Case:
    """Return a case with the class and the labels that the packs' rules add: never less than before.

    Rules are applied until none adds anything, so their order does not matter, and refining twice changes nothing.
    """
    data_class, labels = case.data_class, set(case.labels)
    uses = data.uses_of.get(case.purpose, ())
    rules = list(data.raising)
    while True:
        applying = [rule for rule in rules if _applies(rule, case, uses, labels)]
        if not applying:
            break
        rules = [rule for rule in rules if rule not in applying]
        data_class = max((data_class, *(rule.data_class for rule in applying)))
        labels.update(*(rule.labels for rule in applying))
    if data_class == case.data_class and len(labels) == len(case.labels):
        return case
    return replace(case, data_class=data_class, labels=tuple(sorted(labels)))


def _applies(rule: Raising, case: Case, uses: tuple[str, ...], labels: set[str]) -> bool:
    when = rule.when
    return (
        (not when.labels or not labels.isdisjoint(when.labels))
        and (not when.uses or not set(uses).isdisjoint(when.uses))
        and (not when.purposes or case.purpose in when.purposes)
        and (not when.modalities or not set(case.modalities).isdisjoint(when.modalities))
    )


def transfer_to(deployment: Deployment, data: CharterData, *, day: int) -> Transfer:
    """Return on what basis personal data may go to where a deployment's machines stand (GDPR chapter V).

    Args:
        deployment: The candidate.
        data: What the charter's packs know.
        day: UTC day, as 20261122.
    """
    if deployment.own:
        return "own"
    state = deployment.country
    if state is None:
        return "unknown"
    if state in data.union:
        return "union"
    valid = valid_qualifications(deployment, day=day)
    for fact in data.adequacy.get(state, ()):
        begun = day_number(fact.from_day) <= day
        over = fact.until is not None and day >= day_number(fact.until)
        if begun and not over and (fact.holders == "all" or fact.holds in valid):
            return "adequate"
    return "none"


def valid_qualifications(deployment: Deployment, *, day: int) -> tuple[str, ...]:
    """Return the names of the qualifications a deployment holds on a day; the last day of one is included."""
    named = (spelled.partition("@") for spelled in deployment.qualifications)
    return tuple(sorted({name for name, _, until in named if not until or day <= int(until)}))


def day_number(day: str) -> int:
    """Return a day as the charter counts: 2026-11-22 as 20261122."""
    year, month, number = day.split("-")
    return int(year) * _YEAR + int(month) * _MONTH + int(number)
