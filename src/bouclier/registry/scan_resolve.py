"""Whose each sign of a dependence is. What matches nothing is unknown, and stays in the list.

One dependence is one distinct sign, however often it is seen: an image used by six services is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bouclier.registry.signs import steps_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.registry.scan_model import Dependency, Place, Shows
    from bouclier.registry.signs import Match
    from bouclier.terms.errors import Bilingual


class Whose(Protocol):
    """Knows whose a sign is: `Signs` of a registry."""

    def find(self, sign: str) -> Match | None:
        """Return whose it is; None if nobody knows."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """One dependence, and whose it is.

    Attributes:
        sign: What it is told by.
        shows: What it shows of data.
        whats: What was seen, in the order of the files.
        places: Where, likewise.
        target: Id of the service or entity it rests on; empty if unknown.
        by: The fact that says so; empty if unknown.
    """

    sign: str
    shows: Shows
    whats: tuple[Bilingual, ...]
    places: tuple[Place, ...]
    target: str = ""
    by: str = ""


@dataclass(slots=True)
class _Group:
    sign: str
    shows: Shows
    match: Match | None
    whats: dict[Bilingual, None] = field(default_factory=dict)
    places: dict[Place, None] = field(default_factory=dict)


def resolve(dependencies: Iterable[Dependency], signs: Whose) -> tuple[Found, ...]:
    """Return each distinct dependence with whose it is: the unknown first, then in the order they were seen.

    What only looks like an address is left out unless the registry knows it.
    """
    groups: dict[tuple[object, ...], _Group] = {}
    for dependency in dependencies:
        match = next((match for match in map(signs.find, dependency.signs) if match is not None), None)
        if match is None and dependency.doubtful:
            continue
        shows = dependency.shows if match is None or match.shows is None else match.shows
        key = (shows, steps_of(dependency.signs[0]) or dependency.signs[0])
        group = groups.setdefault(key, _Group(dependency.signs[0], shows, match))
        group.match = group.match or match  # another line may name the provider
        group.whats[dependency.what] = None
        group.places[dependency.place] = None
    found = [
        Found(
            group.sign,
            group.shows,
            tuple(group.whats),
            tuple(group.places),
            *(("", "") if group.match is None else (group.match.id, group.match.by)),
        )
        for group in groups.values()
    ]
    return tuple(sorted(found, key=lambda one: one.target != ""))
