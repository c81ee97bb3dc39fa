"""Explain what the charter says of an exchange that nobody sends: the facts are given, or the shield finds them.

A request's file is read and inspected as the gateway would do it, by the same functions, and nothing of its words is
kept or shown: only class, labels and what it asks for.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import uvloop

from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.cases import COMMON_DEPLOYMENTS
from bouclier.charter.explain import Explanation, explain
from bouclier.compose.charter_cases import case_of_words
from bouclier.compose.deployments import deployments_of
from bouclier.compose.facts_keeping import date_of
from bouclier.compose.law_keeping import second_net_of
from bouclier.compose.registry_reading import registry_read
from bouclier.gateway.chat_request import parse_chat_request
from bouclier.gateway.facts import day_of, signals_in
from bouclier.shield.adapters.cached_net import CachedNet
from bouclier.shield.classify import classify
from bouclier.terms.content import DataClass
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bouclier.charter import Charter
    from bouclier.compose.configuration import Configuration
    from bouclier.terms.law import Case, Deployment

_MAX_REQUEST_BYTES: Final = 8_000_000
NO_PURPOSE: Final = "unspecified"
"""What the gateway takes for the purpose of whoever declares none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be explained.

    Attributes:
        words: The facts given, by their names in a case: `purpose`, `class`, `labels`, `safeguards`, ...; with a
            request, `class` is what its caller declares, and lists add to what is found.
        request: File of a chat request, to find the facts in; None if they are all given.
        to: Names of deployments: the configuration's, or those that all cases may name; empty for the configuration's.
    """

    words: Mapping[str, Any]
    request: Path | None = None
    to: Sequence[str] = ()


class Explained(NamedTuple):
    """What the charter says, and why.

    Attributes:
        charter: By which charter.
        case: What it was asked.
        explanations: One for each deployment.
    """

    charter: Charter
    case: Case
    explanations: tuple[Explanation, ...]


def explained(configuration: Configuration, asked: Asked, place: Path | None) -> Explained:
    """Explain what a charter says.

    Args:
        configuration: Of the gateway: its deployments, facts, safeguards and shield.
        asked: What is to be explained.
        place: The charter, a folder or a bundle; None for that of the configuration, or else of the package.

    Raises:
        BouclierError: The charter does not load, the request is none, or there is no such deployment.
    """
    charter = load_charter(configuration.charter.folder if place is None else place)
    held = {one.purpose: tuple(word for word, _ in one.holds) for one in configuration.safeguards}
    words = {"purpose": NO_PURPOSE, "day": day_of(time.time_ns() // 1_000_000), **asked.words}
    words["safeguards"] = {*words.get("safeguards", ()), *held.get(words["purpose"], ())}
    case = case_of_words(words)
    candidates = _candidates(configuration, asked.to, date_of(case.day))
    if asked.request is not None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            case = runner.run(_inspected(configuration, charter, case, asked))
    return Explained(charter, case, tuple(explain(case, candidate, charter) for candidate in candidates))


async def _inspected(configuration: Configuration, charter: Charter, case: Case, asked: Asked) -> Case:
    """Return a case with what the shield finds in a request's file."""
    assert asked.request is not None
    request = parse_chat_request(_read(asked.request))
    from bouclier.compose.detecting import detectors  # noqa: PLC0415 -- a second to load, for a request alone

    async with detectors(configuration.shield) as found:
        findings = tuple(await found.find([part.text for part in request.parts]))
    fixed = sum(part.fixed and bool(of_part) for part, of_part in zip(request.parts, findings, strict=True))
    declared = DataClass.from_slug(asked.words["class"]) if "class" in asked.words else None
    classified = classify(findings, declared=declared, uninspected=request.uninspected + fixed)
    net = CachedNet(second_net_of(charter), len(request.parts) + 1)
    return replace(
        case,
        data_class=classified.data_class,
        labels=_union(case.labels, classified.labels),
        signals=_union(case.signals, await signals_in(request, net)),
        modalities=_union(case.modalities, request.modalities),
        capabilities=_union(case.capabilities, request.capabilities),
    )


def _candidates(configuration: Configuration, names: Sequence[str], day: date) -> tuple[Deployment, ...]:
    configured = deployments_of(configuration, registry_read(configuration), day)
    if not names:
        return tuple(configured.values()) or tuple(COMMON_DEPLOYMENTS.values())
    known = {**COMMON_DEPLOYMENTS, **configured}
    unknown = [name for name in names if name not in known]
    if unknown:
        listed, possible = ", ".join(unknown), ", ".join(known)
        raise RequestError(
            Bilingual(f"--to : pas de déploiement {listed}.", f"--to: no deployment {listed}."),
            Bilingual(f"Déploiements : {possible}.", f"Deployments: {possible}."),
            param="--to",
        )
    return tuple(known[name] for name in names)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_REQUEST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path) from error
    if len(data) > _MAX_REQUEST_BYTES:
        raise _unreadable(path)
    return data


def _unreadable(path: Path) -> RequestError:
    return RequestError(
        Bilingual(f"{path} ne peut pas être lu.", f"{path} cannot be read."),
        Bilingual(
            "Donnez le fichier JSON d'une demande de chat, de 8 Mo au plus.",
            "Give the JSON file of a chat request, of 8 MB at the most.",
        ),
        param="REQUEST",
    )


def _union(some: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({*some, *others}))
