"""What an institution depends on, taken together: under whose law, on whom, and how much of it is unknown.

One dependence is in one of five groups: a foreign law is established to reach it; else not all is known of it; else one
could reach it, if the machines stand where they may; else a reach is contested; else no foreign law reaches it. So
nothing that is unknown counts as harmless, and what is sure is said even where the rest is not. Which states are in
which group is what `exposure` says of the same subject: `report_states`. Counts are of dependences, not of their
weight: a provider of one logo counts as one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bouclier.registry.free_text import in_one
from bouclier.registry.report_model import Subject
from bouclier.registry.report_states import states_of_reaches
from bouclier.registry.scan_model import Shows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bouclier.registry.agreed import Registry
    from bouclier.registry.control import Ownership
    from bouclier.registry.free_text import BilingualText
    from bouclier.registry.report_model import Report
    from bouclier.registry.report_states import States
    from bouclier.registry.scan_resolve import Found


class Group(StrEnum):
    """What can be said of a dependence; the worst first."""

    FOREIGN = "foreign"
    UNKNOWN = "unknown"
    OPEN = "open"
    CONTESTED = "contested"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Row:
    """One dependence, with all that is known of it.

    Attributes:
        found: Where it was seen, and whose it is.
        report: Its exposure; None when nobody knows whose it is.
        service: Name of the service; empty if it is an entity, or unknown.
        operator: Id of whoever runs it; empty if unknown.
        operator_name: The same for people.
        group: What can be said of it.
        established: Foreign states whose law is established to reach it; sorted.
        contested: Those whose reach is only contested; sorted.
        open: Those whose law could reach it if the machines stand there, and nobody says whether they do; sorted. One
            that is contested for another reason is in both.
    """

    found: Found
    report: Report | None
    service: str | BilingualText
    operator: str
    operator_name: str | BilingualText
    group: Group
    established: tuple[str, ...]
    contested: tuple[str, ...]
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many dependences of a kind are in each group.

    Attributes:
        shows: Of which kind.
        groups: How many in each group.
        established: By foreign state, on how many its law is established to have a hold.
        contested: By foreign state, on how many that is contested only.
        open: By foreign state, on how many its law could have one, if the machines stand there.
    """

    shows: Shows
    groups: Mapping[Group, int]
    established: Mapping[str, int]
    contested: Mapping[str, int]
    open: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.groups.values())


@dataclass(frozen=True, slots=True)
class Point:
    """An entity on which several dependences rest.

    Attributes:
        entity: Its id.
        name: The same for people.
        shows: How many of each kind rest on it.
    """

    entity: str
    name: str | BilingualText
    shows: Mapping[Shows, int]

    @property
    def total(self) -> int:
        """How many in all."""
        return sum(self.shows.values())


@dataclass(frozen=True, slots=True)
class Dependence:
    """The whole.

    Attributes:
        rows: The unknown first, then by name.
        counts: For each kind that was seen.
        points: On whom more than one rests, the most first.
    """

    rows: tuple[Row, ...]
    counts: Mapping[Shows, Count]
    points: tuple[Point, ...]


def subject_of(registry: Registry, target: str) -> Subject:
    """Return what to ask the exposure of, for whatever a sign is of."""
    return Subject("service" if target in registry.services else "entity", target)


def dependence_of(
    found: Iterable[Found], reports: Mapping[str, Report], registry: Registry, ownership: Ownership
) -> Dependence:
    """Return the whole dependence.

    Args:
        found: Each dependence once.
        reports: The exposure of each target.
        registry: The facts.
        ownership: Who controls whom, at the day of the reports.
    """
    rows = sorted(
        (_row(one, reports, registry) for one in found),
        key=lambda row: (row.found.target != "", _order(row.operator_name), _order(row.service), row.found.sign),
    )
    counts = {shows: _count(shows, rows) for shows in Shows if any(row.found.shows is shows for row in rows)}
    return Dependence(tuple(rows), counts, _points(rows, registry, ownership))


def _row(found: Found, reports: Mapping[str, Report], registry: Registry) -> Row:
    report = reports.get(found.target)
    if report is None:
        return Row(found, None, "", "", "", Group.UNKNOWN, (), (), ())
    service = registry.services.get(found.target)
    operator = found.target if service is None else service.operator
    entity = registry.entities.get(operator)
    states = states_of_reaches(report.reaches)
    return Row(
        found,
        report,
        "" if service is None else service.name,
        operator,
        operator if entity is None else entity.name,
        _group(states, known=report.known),
        tuple(sorted(states.sure)),
        tuple(sorted(states.disputed)),
        tuple(sorted(states.perhaps)),
    )


def _group(states: States, *, known: bool) -> Group:
    if states.sure:
        return Group.FOREIGN
    if not known:
        return Group.UNKNOWN
    if states.perhaps:
        return Group.OPEN
    return Group.CONTESTED if states.disputed else Group.HOME


def _order(name: str | BilingualText) -> str:
    return in_one(name).casefold()


def _count(shows: Shows, rows: Iterable[Row]) -> Count:
    groups = dict.fromkeys(Group, 0)
    established: dict[str, int] = defaultdict(int)
    contested: dict[str, int] = defaultdict(int)
    perhaps: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.found.shows is shows:
            groups[row.group] += 1
            for code in row.established:
                established[code] += 1
            for code in row.contested:
                contested[code] += 1
            for code in row.open:
                perhaps[code] += 1
    return Count(shows, groups, _most_first(established), _most_first(contested), _most_first(perhaps))


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _points(rows: Iterable[Row], registry: Registry, ownership: Ownership) -> tuple[Point, ...]:
    """Return on whom several dependences rest: of a chain of companies with the same ones, only the topmost."""
    resting: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.operator:
            for name in {row.operator, *ownership.closure(row.operator)}:
                resting[name].append(row)

    def is_told_by_another(name: str) -> bool:
        above = (upper for upper in ownership.closure(name) if upper != name and resting[upper] == resting[name])
        # Of two that control one another, the first by name is told.
        return any(name not in ownership.closure(upper) or upper < name for upper in above)

    points = [
        Point(name, entity.name, _by_kind(those))
        for name, those in list(resting.items())
        if len(those) > 1
        and (entity := registry.entities.get(name)) is not None
        and entity.kind not in {"dispersed", "people"}
        and not is_told_by_another(name)
    ]
    return tuple(sorted(points, key=lambda point: (-point.total, point.entity)))


def _by_kind(rows: Iterable[Row]) -> dict[Shows, int]:
    counts: dict[Shows, int] = defaultdict(int)
    for row in rows:
        counts[row.found.shows] += 1
    return dict(counts)
