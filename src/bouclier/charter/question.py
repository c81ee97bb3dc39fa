"""How a case and a deployment are put to Cedar: the words of the schema, and nothing of the user's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from cedarpy import Entities
from msgspec.json import Encoder

from bouclier.charter.refine import transfer_to, valid_qualifications

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cedarpy import Schema

    from bouclier.charter.model import Action
    from bouclier.charter.pack_data import CharterData
    from bouclier.terms.law import Case, Deployment

_encode = Encoder().encode

PRINCIPAL = "Bouclier::Principal"
DEPLOYMENT = "Bouclier::Deployment"
ACTION = "Bouclier::Action"


class Uid(TypedDict):
    """An entity's name."""

    type: str
    id: str


class Entity(TypedDict):
    """An entity as Cedar reads it."""

    uid: Uid
    attrs: Mapping[str, object]
    parents: Sequence[Uid]


class Question(TypedDict):
    """May this principal do this to this resource, in this context?"""

    principal: Uid
    action: Uid
    resource: Uid
    context: str


@dataclass(frozen=True, slots=True)
class EntitySet:
    """Entities that conform to the schema, prepared for Cedar, with their names.

    Cedar does not mind an entity that does not exist: policies that read it are skipped, and a `permit` that does
    not read it still permits. So we keep the names and look them up ourselves.
    """

    names: frozenset[tuple[str, str]]
    handle: Entities

    def __contains__(self, uid: Uid) -> bool:
        return (uid["type"], uid["id"]) in self.names


def prepare_entities(entities: Sequence[Entity], schema: Schema) -> EntitySet:
    """Return the entities, validated.

    Raises:
        ValueError: One does not conform to the schema, or is named twice.
    """
    handle = Entities.from_json_str(json.dumps(entities), schema=schema)
    names = frozenset((entity["uid"]["type"], entity["uid"]["id"]) for entity in entities)
    return EntitySet(names, handle)


def entities_of(role: str, deployment: Deployment) -> tuple[Entity, Entity]:
    """Return the two entities a question is about: who asks, and the candidate."""
    exposure = deployment.exposure
    return (
        Entity(uid=_principal(role), attrs={"role": role}, parents=()),
        Entity(
            uid=_deployment(deployment),
            attrs={
                "own": deployment.own,
                "model": deployment.model,
                "operator": deployment.operator,
                "site": deployment.site,
                "country": deployment.country or "",
                "openness": deployment.openness.value,
                "exposure_known": exposure.known,
                "control": exposure.control,
                "foreign_laws": exposure.foreign_laws,
                "contested": exposure.contested,
                "capabilities": deployment.capabilities,
                "evaluations": deployment.evaluations,
                "carbon_known": deployment.carbon_mg is not None,
                "carbon_mg": deployment.carbon_mg or 0,
            },
            parents=(),
        ),
    )


def question_of(action: Action, case: Case, deployment: Deployment, data: CharterData) -> Question:
    """Return the question whether a deployment may serve this case (`infer`), or what is owed if it does (`oblige`).

    Args:
        action: Which of the two.
        case: As `refine` returns it.
        deployment: The candidate.
        data: What the charter's packs know.
    """
    return Question(
        principal=_principal(case.role),
        action=Uid(type=ACTION, id=action),
        resource=_deployment(deployment),
        # As text: the engine reads it as fast as a mapping, and JSON is quicker written here than there.
        context=_encode(
            {
                "data_class": int(case.data_class),
                "class_name": case.data_class.slug,
                "labels": case.labels,
                "purpose": case.purpose,
                "uses": data.uses_of.get(case.purpose, ()),
                "safeguards": case.safeguards,
                "signals": case.signals,
                "modalities": case.modalities,
                "capabilities": case.capabilities,
                "day": case.day,
                "qualifications": valid_qualifications(deployment, day=case.day),
                "transfer": transfer_to(deployment, data, day=case.day),
            }
        ).decode(),
    )


def _principal(role: str) -> Uid:
    return Uid(type=PRINCIPAL, id=role)


def _deployment(deployment: Deployment) -> Uid:
    return Uid(type=DEPLOYMENT, id=deployment.name)
