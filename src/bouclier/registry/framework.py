"""A framework of sovereignty, as data: objectives with weights, levels, and what facts bound them. Pure."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from bouclier.registry.free_text import BilingualText, Text  # noqa: TC001 -- msgspec reads them at run time
from bouclier.registry.model import AsOf, Fact, FactId, Source
from bouclier.terms.errors import Bilingual, ConfigurationError

_WHOLE: Final = 100
MAX_SEAL: Final = 4
ObjectiveId = Annotated[str, Meta(pattern=r"^SOV-[1-8](?![\s\S])")]
Seal = Annotated[int, Meta(ge=0, le=MAX_SEAL, description="Sovereignty Effectiveness Assurance Level")]
CapId = Literal["outside-control", "shared-control", "foreign-law", "outside-holders"]


class Weighted(Fact, frozen=True, kw_only=True):
    """An objective.

    Attributes:
        id: `SOV-1` to `SOV-8`.
        weight: Of 100.
        name: Its name.
    """

    id: ObjectiveId
    weight: Annotated[int, Meta(ge=0, le=_WHOLE)]
    name: BilingualText


class Level(Fact, frozen=True, kw_only=True):
    """A level and what it means."""

    seal: Seal
    name: BilingualText


class Cap(Fact, frozen=True, kw_only=True):
    """What a finding allows at most.

    Attributes:
        id: The finding: `outside-control` (all who control have their seat outside the Union), `shared-control` (some
            of them), `foreign-law` (a law from outside reaches, established), `outside-holders` (somebody outside
            holds a part).
        objectives: Under which objectives.
        seal: The highest level it allows.
    """

    id: CapId
    objectives: tuple[ObjectiveId, ...]
    seal: Seal


class Formula(Fact, frozen=True, kw_only=True):
    """How the score is computed, and how far that is verified."""

    text: BilingualText
    source: Source
    confidence: Literal["high", "medium", "low", "unverified"]


class Framework(Fact, frozen=True, kw_only=True):
    """A framework.

    Attributes:
        format: Version of the format.
        id: Its id.
        version: Its version.
        name: Its name.
        objectives: All of them; their weights make 100.
        levels: All of them, lowest first.
        caps: What findings allow at most: ours, from the levels' definitions.
        source: Where weights and levels come from.
        as_of: From when they date.
        confidence: How far to rely on them.
        formula: How the score is computed.
    """

    format: Literal["bouclier-framework/v1"]
    id: FactId
    version: Text
    name: BilingualText
    objectives: tuple[Weighted, ...]
    levels: tuple[Level, ...]
    caps: tuple[Cap, ...]
    source: Source
    as_of: AsOf
    confidence: Literal["high", "medium", "low", "unverified"]
    formula: Formula


def parse_framework(data: bytes) -> Framework:
    """Return a framework whose weights make 100 and whose ids are unique.

    Raises:
        ConfigurationError: It is malformed or contradicts itself.
    """
    try:
        found = msgspec.json.decode(data, type=Framework)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _wrong(f"est mal formé : {error}", f"is malformed: {error}") from error
    names = [objective.id for objective in found.objectives]
    if len(set(names)) != len(names) or sum(objective.weight for objective in found.objectives) != _WHOLE:
        raise _wrong("des objectifs uniques dont les poids font 100", "objectives once each, whose weights make 100")
    if [level.seal for level in found.levels] != list(range(MAX_SEAL + 1)):
        raise _wrong("les niveaux 0 à 4, dans l’ordre", "levels 0 to 4, in order")
    return found


def _wrong(fr: str, en: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"framework.json : {fr}.", f"framework.json: {en}."),
        Bilingual("Corrigez-le d’après framework.schema.json.", "Correct it after framework.schema.json."),
        param="framework.json",
    )
