"""A registry whose facts agree with each other, indexed by what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bouclier.registry.periods import belongs_on

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from bouclier.registry.model import (
        Assessment,
        Edge,
        Entity,
        Law,
        LegalArea,
        Model,
        Qualification,
        Reach,
        Served,
        Service,
        Site,
        Supply,
    )
    from bouclier.registry.stakes import Stakes


@dataclass(frozen=True, slots=True)
class Registry:
    """Facts that agree with each other; made by `parse_registry` only.

    Attributes:
        entities: By id.
        held_by: Edges by the id of whom they hold.
        holds: Edges by the id of who holds.
        stakes: The same as `held_by`, prepared for what is asked of every edge.
        sites: By id.
        services: By id.
        services_of: By the id of their operator.
        supplies: By the id of the service that rests on them.
        qualifications: By service.
        assessments: By service.
        laws: By id.
        reaches: By whom they reach.
        models: By id.
        deployments: By id.
        area: The states whose law is not foreign.
        canonical: All facts in canonical form, sorted: what is published, and what the digest is of.
        digest: SHA-256 of that, hexadecimal: what records cite.
    """

    entities: Mapping[str, Entity] = field(repr=False)
    held_by: Mapping[str, tuple[Edge, ...]] = field(repr=False)
    holds: Mapping[str, tuple[Edge, ...]] = field(repr=False)
    stakes: Mapping[str, Stakes] = field(repr=False, compare=False)
    sites: Mapping[str, Site] = field(repr=False)
    services: Mapping[str, Service] = field(repr=False)
    services_of: Mapping[str, tuple[Service, ...]] = field(repr=False)
    supplies: Mapping[str, tuple[Supply, ...]] = field(repr=False)
    qualifications: Mapping[str, tuple[Qualification, ...]] = field(repr=False)
    assessments: Mapping[str, tuple[Assessment, ...]] = field(repr=False)
    laws: Mapping[str, Law] = field(repr=False)
    reaches: Mapping[str, tuple[Reach, ...]] = field(repr=False)
    models: Mapping[str, Model] = field(repr=False)
    deployments: Mapping[str, Served] = field(repr=False)
    area: LegalArea = field(repr=False)
    canonical: bytes = field(repr=False)
    digest: str

    def members_on(self, day: dt.date, *, through: str | None = None) -> frozenset[str]:
        """Return the codes of the states of the legal area on a day, or of those that one treaty makes so."""
        return frozenset(
            member.code for member in self.area.members if through in {None, member.through} and belongs_on(member, day)
        )
