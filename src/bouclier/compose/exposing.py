"""Ask who can be compelled: of a name of the configuration or of the registry, or of what a file of facts describes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from bouclier.charter import files_of, parse_charter
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.compose.deployments import deployments_of
from bouclier.compose.law_source import law_source, read_joined
from bouclier.compose.registry_facts import facts_files
from bouclier.compose.registry_paths import check_text, paths_given
from bouclier.compose.registry_reading import base_files, signed_facts
from bouclier.registry import find, parse_registry, suggest_any
from bouclier.registry.adapters.framework_file import load_framework
from bouclier.registry.adapters.registry_files import is_folder, is_there, load_registry, own_files, says_area
from bouclier.registry.adapters.states_file import load_states
from bouclier.registry.expose import moment, report_at
from bouclier.registry.free_text import BilingualText
from bouclier.registry.model import Facts
from bouclier.registry.report_model import Subject
from bouclier.registry.shown import clean
from bouclier.registry.suggest import nearest
from bouclier.registry.transfer import Decision, Decisions
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bouclier.charter import Charter
    from bouclier.compose.configuration import Configuration
    from bouclier.registry import Registry
    from bouclier.registry.framework import Framework
    from bouclier.registry.report_model import Report, SubjectKind
    from bouclier.terms.law import Deployment


_MAX_SEAL: Final = 4


class Wanted(NamedTuple):
    """What is asked.

    Attributes:
        name: A deployment of the configuration, an id or a name of the registry, or a file of facts.
        day: At which day, UTC.
        country: State in which the machines stand, if whoever asks knows it.
        gates: Least level wanted, by objective of the framework.
    """

    name: str
    day: dt.date
    country: str | None
    gates: Mapping[str, int]


class Exposed(NamedTuple):
    """What is answered.

    Attributes:
        reports: One report for each subject: several for a file of several services.
        registry: The facts they were made from.
        framework: The framework of sovereignty they were made with.
    """

    reports: tuple[Report, ...]
    registry: Registry
    framework: Framework


def exposed(configuration: Configuration, wanted: Wanted) -> Exposed:
    """Return who can be compelled, for each subject that is meant.

    Raises:
        BouclierError: Nothing is called so (the hint says what almost is), a file is wrong, an objective is unknown.
    """
    framework = load_framework()
    _check_gates(wanted.gates, framework)
    check_text(wanted.name, param="NAME|FILE")
    [path] = paths_given([wanted.name], param="NAME|FILE")
    # A deployment may bear the name of a file that happens to lie here: a file is meant by how it is written.
    if _looks_a_file(wanted.name) and is_there(path) and not is_folder(path):
        registry = _registry_with(configuration, path)
        asked = [(subject, wanted.country) for subject in _described(path)]
    else:
        registry = load_registry(facts_files(configuration), signed=signed_facts(configuration))
        asked = [_named(configuration, registry, wanted)]
    at, decisions = moment(registry, wanted.day), adequacy_decisions(configuration)
    reports = tuple(
        report_at(at, subject, country=country, decisions=decisions, framework=framework, gates=wanted.gates)
        for subject, country in asked
    )
    return Exposed(reports, registry, framework)


def day_asked(text: str) -> dt.date:
    """Return the day that `--at` says.

    Raises:
        ConfigurationError: It is no day of the calendar, written as ISO 8601.
    """
    form = Bilingual("un jour du calendrier, AAAA-MM-JJ", "a day of the calendar, YYYY-MM-DD")
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
    except ValueError as error:
        raise _malformed("--at", text, form, "2026-11-22") from error


def country_asked(text: str) -> str:
    """Return the state that `--country` says.

    Raises:
        ConfigurationError: ISO 3166-1 has no such code.
    """
    code = text.upper()
    if code in load_states():
        return code
    form = Bilingual("le code d'un État en deux lettres, ISO 3166-1", "a state's code of two letters, ISO 3166-1")
    raise _malformed("--country", text, form, "FR")


def gate_asked(text: str) -> tuple[str, int]:
    """Return the objective and the level that `--min-seal` says.

    Raises:
        ConfigurationError: It is not an objective, an equals sign and a level.
    """
    objective, _, level = text.partition("=")
    if objective and level.isascii() and level.isdecimal() and int(level) <= _MAX_SEAL:
        return objective.upper(), int(level)
    form = Bilingual(f"un objectif, =, un niveau de 0 à {_MAX_SEAL}", f"an objective, =, a level from 0 to {_MAX_SEAL}")
    raise _malformed("--min-seal", text, form, "SOV-2=2")


def _malformed(option: str, text: str, form: Bilingual, example: str) -> ConfigurationError:
    shown = clean(text, 40)
    return ConfigurationError(
        Bilingual(f"{option} : « {shown} » n'est pas {form.fr}.", f"{option}: '{shown}' is not {form.en}."),
        Bilingual(f"Exemple : {option} {example}", f"Example: {option} {example}"),
        param=option,
    )


def today() -> dt.date:
    """Return this day, UTC."""
    return dt.datetime.now(dt.UTC).date()


def _check_gates(gates: Mapping[str, int], framework: Framework) -> None:
    known = [objective.id for objective in framework.objectives]
    for name in gates:
        if name not in known:
            raise ConfigurationError(
                Bilingual(f"« {name} » n'est pas un objectif du cadre.", f"'{name}' is no objective of the framework."),
                Bilingual(f"Objectifs : {', '.join(known)}.", f"Objectives: {', '.join(known)}."),
                param="--min-seal",
            )


def _registry_with(configuration: Configuration, path: Path) -> Registry:
    files = own_files([path])
    if any(map(says_area, files.values())):
        return parse_registry(files)
    others = [own for own in facts_files(configuration) if not own.exists() or not own.samefile(path)]
    return parse_registry(base_files(configuration), {**own_files(others), **files})


def _described(path: Path) -> Sequence[Subject]:
    """Return the services a file describes, or else its deployments, or else its entities."""
    facts = msgspec.json.decode(path.read_bytes(), type=Facts)  # read once already, and well formed
    kinds: tuple[tuple[SubjectKind, list[str]], ...] = (
        ("service", [service.id for service in facts.services]),
        ("deployment", [served.id for served in facts.deployments]),
        ("entity", [entity.id for entity in facts.entities]),
    )
    for kind, names in kinds:
        if names:
            return [Subject(kind, name) for name in sorted(names)]
    raise ConfigurationError(
        Bilingual(f"{path} ne décrit aucun service.", f"{path} describes no service."),
        Bilingual(
            "Un fichier de faits a des services, des déploiements ou des entités.",
            "A file of facts has services, deployments or entities.",
        ),
        param=str(path),
    )


def _named(configuration: Configuration, registry: Registry, wanted: Wanted) -> tuple[Subject, str | None]:
    """Return what a name means, the configuration's deployments first, and where its machines stand if that is said."""
    configured = deployments_of(configuration, registry, wanted.day)
    if wanted.name in configured:
        deployment = configured[wanted.name]
        return _subject_of(deployment, registry), wanted.country or deployment.country
    name = find(registry, wanted.name)
    if name is not None:
        by_kind: tuple[tuple[SubjectKind, Mapping[str, object]], ...] = (
            ("service", registry.services),
            ("entity", registry.entities),
            ("deployment", registry.deployments),
            ("model", registry.models),
        )
        for kind, facts in by_kind:
            if name in facts:
                return Subject(kind, name), wanted.country
        raise ConfigurationError(
            Bilingual(
                f"« {wanted.name} » n'est pas de ce qu'on expose.", f"'{wanted.name}' is not something that is exposed."
            ),
            Bilingual(
                "Donnez un opérateur, un service, un déploiement ou un modèle ; le reste : bouclier registry show.",
                "Give an operator, a service, a deployment or a model; the rest: bouclier registry show.",
            ),
            param="NAME",
        )
    if is_there(Path(wanted.name)):
        raise _not_facts(Path(wanted.name))
    near = nearest(wanted.name, configured) or suggest_any(registry, wanted.name)
    name = wanted.name
    no_file = _looks_a_file(name)
    raise ConfigurationError(
        Bilingual(
            f"Il n'y a pas de fichier « {name} », et rien ne s'appelle ainsi."
            if no_file
            else f"Rien ne s'appelle « {name} ».",
            f"There is no file '{name}', and nothing is called so." if no_file else f"Nothing is called '{name}'.",
        ),
        Bilingual(
            f"Vouliez-vous dire « {near} » ?"
            if near
            else "Voyez bouclier registry show, ou donnez un fichier de faits.",
            f"Did you mean '{near}'?" if near else "See bouclier registry show, or give a file of facts.",
        ),
        param="NAME",
    )


def _looks_a_file(name: str) -> bool:
    return name.endswith(".json") or "/" in name


def _not_facts(path: Path) -> ConfigurationError:
    """Return what to say of something that lies here, bears no name that is known, and is not read as facts.

    Raises:
        ConfigurationError: It cannot be read, or is no regular file.
    """
    if is_folder(path):
        return ConfigurationError(
            Bilingual(f"{path} est un dossier.", f"{path} is a folder."),
            Bilingual(
                f"Donnez un fichier de faits ; de qui dépend ce qui y est : bouclier exposure scan {path}",
                f"Give a file of facts; on whom depends what is in it: bouclier exposure scan {path}",
            ),
            param="NAME|FILE",
        )
    own_files([path])  # whatever is wrong with it comes before what it is called
    return ConfigurationError(
        Bilingual(
            f"{path} n'est pas un nom connu, ni, à son nom, un fichier de faits.",
            f"{path} is no name that is known and, by its name, no file of facts.",
        ),
        Bilingual(
            f"Un fichier de faits est en JSON : nommez-le *.json, ou écrivez ./{path} ; de qui dépend ce que dit un "
            f"autre fichier : bouclier exposure scan {path}",
            f"A file of facts is JSON: name it *.json, or write ./{path}; on whom depends what another file says: "
            f"bouclier exposure scan {path}",
        ),
        param="NAME|FILE",
    )


def _subject_of(deployment: Deployment, registry: Registry) -> Subject:
    service = registry.services.get(deployment.service)
    if service is None:
        return Subject("entity", deployment.operator)
    if service.operator != deployment.operator:
        raise ConfigurationError(
            Bilingual(
                f"Le service « {service.id} » est exploité par « {service.operator} », et le déploiement "
                f"« {deployment.name} » dit « {deployment.operator} ».",
                f"The service '{service.id}' is run by '{service.operator}', and the deployment "
                f"'{deployment.name}' says '{deployment.operator}'.",
            ),
            Bilingual(
                "Corrigez `operator` ou `service` dans bouclier.yaml.",
                "Correct `operator` or `service` in bouclier.yaml.",
            ),
            param=deployment.name,
        )
    return Subject("service", service.id)


def adequacy_decisions(configuration: Configuration) -> Decisions:
    """Return the adequacy decisions that the charter in force knows."""
    data = _charter(configuration).data
    return Decisions(
        union=frozenset(data.union),
        adequacy=tuple(
            Decision(
                state=state,
                since=dt.date.fromisoformat(fact.from_day),
                until=None if fact.until is None else dt.date.fromisoformat(fact.until),
                needs=fact.holds if fact.holders == "listed" else "",
                basis=fact.basis if isinstance(fact.basis, str) else BilingualText(fr=fact.basis.fr, en=fact.basis.en),
                source=fact.source,
            )
            for state, facts in sorted(data.adequacy.items())
            for fact in facts
        ),
    )


def _charter(configuration: Configuration) -> Charter:
    if configuration.charter.repository is not None or read_joined(configuration.data) is not None:
        followed = law_source(configuration).follower().held()
        if followed is not None:
            return parse_charter(files_of(followed.bundle))
    return load_charter(configuration.charter.folder)
