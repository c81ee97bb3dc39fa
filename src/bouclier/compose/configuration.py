"""`bouclier.yaml` as one frozen value, with where each setting came from.

Order of precedence: command line, `BOUCLIER_*` in the environment, the file, the default. Secrets are paths to files.
Paths in the file are relative to the file; paths on the command line and in the environment, to the working folder.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bouclier.compose.configuration_model import (
    CharterSettings,
    Configuration,
    DeploymentSettings,
    EngineSettings,
    LogSettings,
    SealSettings,
    ShieldSettings,
)
from bouclier.compose.configuration_shapes import SHAPE
from bouclier.compose.fleet_settings import FleetSettings, RegistrySettings
from bouclier.compose.fleet_shapes import FIRST, check_fleet
from bouclier.compose.yaml_reader import Fields, Mistakes, Reader, read_value, read_yaml
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bouclier.compose.configuration_model import NamesSettings

__all__ = [
    "DEFAULT_FILE",
    "SETTINGS",
    "CharterSettings",
    "Configuration",
    "DeploymentSettings",
    "EngineSettings",
    "LogSettings",
    "SealSettings",
    "ShieldSettings",
    "configuration_of",
    "environment_name",
    "settings_shown",
]

DEFAULT_FILE = "bouclier.yaml"
_OTHER_VARIABLES = frozenset({"BOUCLIER_CONFIG", "BOUCLIER_CHROMIUM"})

# Dotted name in the file, field.
SETTINGS: tuple[tuple[str, str], ...] = (
    ("listen.host", "host"),
    ("listen.port", "port"),
    ("data", "data"),
    ("shared", "shared"),
    ("institution.name", "institution"),
    ("charter.folder", "charter.folder"),
    ("charter.repository", "charter.repository"),
    ("charter.root", "charter.root"),
    ("charter.refresh_s", "charter.refresh_s"),
    ("charter.when_expired", "charter.when_expired"),
    ("charter.territory", "charter.territory"),
    ("engine.model", "engine.model"),
    ("engine.threads", "engine.threads"),
    ("engine.context", "engine.context"),
    ("engine.slots", "engine.slots"),
    ("engine.memory_mb", "engine.memory_mb"),
    ("engine.country", "engine.country"),
    ("engine.cache", "engine.cache"),
    ("engine.hub", "engine.hub"),
    ("fleet.exposure", "fleet.exposure_ms"),
    ("fleet.price_ms", "fleet.price_ms"),
    ("fleet.carbon_ms", "fleet.carbon_ms"),
    ("fleet.queue_length", "fleet.queue_length"),
    ("fleet.queue_wait_s", "fleet.queue_wait_s"),
    ("fleet.max_attempts", "fleet.max_attempts"),
    ("fleet.patience_ms", "fleet.patience_ms"),
    ("fleet.probe_interval_s", "fleet.probe_interval_s"),
    ("fleet.share", "fleet.share"),
    ("fleet.share_password_file", "fleet.share_password_file"),
    ("shield.names", "shield.names"),
    ("shield.cache_entries", "shield.cache_entries"),
    ("shield.max_shift_days", "shield.max_shift_days"),
    ("log.origin", "log.origin"),
    ("log.policy", "log.policy"),
    ("log.ml_dsa", "log.ml_dsa"),
    ("log.pooling_ms", "log.pooling_ms"),
    ("log.interval_s", "log.interval_s"),
    ("log.max_unwitnessed_s", "log.max_unwitnessed_s"),
    ("log.open", "log.open"),
    ("seal.threshold", "seal.threshold"),
    ("seal.retention_days", "seal.retention_days"),
    ("limits.max_body_bytes", "max_body_bytes"),
    ("limits.max_text_chars", "max_text_chars"),
    ("console.open_on_loopback", "open_on_loopback"),
)


# Those that only a file holds.
_LISTS: tuple[tuple[str, str], ...] = (
    ("deployments", "deployments"),
    ("aliases", "aliases"),
    ("budgets", "budgets"),
    ("registry.facts", "registry.facts"),
    ("safeguards", "safeguards"),
    ("engine.weights", "engine.weights"),
    ("seal.authorities", "seal.authorities"),
    ("shield.identifiers", "shield.identifiers"),
    ("shield.detectors", "shield.detectors"),
    ("shield.realistic", "shield.realistic"),
)
_PATHS = ("data", "shared", "charter.folder", "charter.root", "engine.cache", "fleet.share_password_file", "log.policy")
_SECTIONS = ("charter", "engine", "fleet", "registry", "shield", "log", "seal")
_ONNX = "onnx:"


def environment_name(setting: str) -> str:
    """Return the environment variable that overrides a setting.

    >>> environment_name("engine.model")
    'BOUCLIER_ENGINE_MODEL'
    """
    return "BOUCLIER_" + setting.replace(".", "_").upper()


def configuration_of(
    text: str,
    *,
    source: Path | None,
    environment: Mapping[str, str],
    overrides: Mapping[str, str] | None = None,
) -> Configuration:
    """Return the configuration.

    Args:
        text: The file's text; empty for none.
        source: The file's path, for messages and relative paths.
        environment: `BOUCLIER_*` variables and others, which are ignored.
        overrides: Settings from the command line, by dotted name.

    Raises:
        ConfigurationError: It lists every mistake, with line and hint.
    """
    mistakes = Mistakes()
    shown = str(source) if source is not None else DEFAULT_FILE
    read = read_yaml(text, shown, SHAPE, mistakes) or {}
    flat: dict[str, Any] = {}
    for key, value in read.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": item for inner, item in value.items()}
        else:
            flat[key] = value
    base = source.parent if source is not None else Path()
    origins = dict.fromkeys(flat, shown)
    _anchor(flat, base)
    for setting, _ in SETTINGS:
        for given, origin, where in (
            (environment.get(environment_name(setting)), environment_name(setting), environment_name(setting)),
            ((overrides or {}).get(setting), "command line", f"--{setting.rpartition('.')[2]}"),
        ):
            if given is not None:
                flat[setting] = read_value(given, where, _reader_of(setting), mistakes)
                origins[setting] = origin
    mistakes.raise_if_any(shown)
    built = _built(flat, source=source, origins=origins)
    check_fleet(built, mistakes)
    mistakes.raise_if_any(shown)
    return replace(built, warnings=_unknown_variables(environment))


def _unknown_variables(environment: Mapping[str, str]) -> tuple[Bilingual, ...]:
    """Say which variables look like overrides and are none: a default is in force, and may be the less safe value."""
    known = {environment_name(setting) for setting, _ in SETTINGS} | _OTHER_VARIABLES
    warnings = []
    for name in sorted(environment):
        if name.startswith("BOUCLIER_") and name not in known:
            near = get_close_matches(name, sorted(known), n=1)
            fr = f" ; vouliez-vous dire {near[0]} ?" if near else ""
            en = f"; did you mean {near[0]}?" if near else ""
            warnings.append(
                Bilingual(f"variable {name} inconnue, sans effet{fr}", f"unknown variable {name} has no effect{en}")
            )
    return tuple(warnings)


def _anchor(flat: dict[str, Any], base: Path) -> None:
    for key in _PATHS:
        if flat.get(key) is not None:
            flat[key] = base / flat[key].expanduser()
    for key in ("engine.weights", "seal.authorities", "registry.facts"):
        if flat.get(key):
            flat[key] = tuple(base / path.expanduser() for path in flat[key])
    if flat.get("deployments"):
        flat["deployments"] = [
            replace(one, api_key_file=base / one.api_key_file.expanduser()) if one.api_key_file else one
            for one in flat["deployments"]
        ]
    if flat.get("shield.names"):
        flat["shield.names"] = tuple(_anchored(one, base) for one in flat["shield.names"])
    if flat.get("shield.detectors"):
        flat["shield.detectors"] = [
            replace(one, folder=base / one.folder.expanduser()) if one.folder else one
            for one in flat["shield.detectors"]
        ]


def _anchored(names: NamesSettings, base: Path) -> NamesSettings:
    if not names.model.startswith(_ONNX):
        return names
    return replace(names, model=f"{_ONNX}{base / Path(names.model.removeprefix(_ONNX)).expanduser()}")


def _reader_of(setting: str) -> Reader:
    """Return the reader of a setting, so that it is read alike wherever it comes from."""
    reader: Reader = SHAPE
    for key in setting.split("."):
        assert isinstance(reader, Fields)
        reader = reader.readers[key]
    return reader


def _built(flat: dict[str, Any], *, source: Path | None, origins: Mapping[str, str]) -> Configuration:
    sections: dict[str, dict[str, Any]] = {name: {} for name in _SECTIONS}
    if flat.get("fleet.exposure") == FIRST:
        flat = {key: value for key, value in flat.items() if key != "fleet.exposure"}
    fields: dict[str, Any] = {}
    for setting, name in (*SETTINGS, *_LISTS):
        if flat.get(setting) is None:
            continue
        value = tuple(flat[setting]) if isinstance(flat[setting], list) else flat[setting]
        section, _, inner = name.rpartition(".")
        (sections[section] if section else fields)[inner] = value
    return Configuration(
        fleet=FleetSettings(**sections["fleet"]),
        registry=RegistrySettings(**sections["registry"]),
        charter=CharterSettings(**sections["charter"]),
        engine=EngineSettings(**sections["engine"]),
        shield=ShieldSettings(**sections["shield"]),
        log=LogSettings(**sections["log"]),
        seal=SealSettings(**sections["seal"]),
        source=source,
        origins=origins,
        **fields,
    )


def settings_shown(configuration: Configuration) -> list[tuple[str, str, str]]:
    """Return every setting as (name, value, where it came from)."""
    rows: list[tuple[str, str, str]] = []
    for setting, name in SETTINGS:
        holder: Any = configuration
        for part in name.split("."):
            holder = getattr(holder, part)
        rows.append((setting, _shown(setting, holder), configuration.origins.get(setting, "default")))

    def listed(setting: str, key: str, value: str) -> None:
        rows.append((key, value, configuration.origins.get(setting, "default")))

    for own in configuration.shield.identifiers:
        near = f", {own.within}: {', '.join(own.context)}" if own.context else ""
        listed("shield.identifiers", f"shield.identifiers.{own.name}", f"{own.type} {own.pattern}{near}")
    for detector in configuration.shield.detectors:
        place = "" if detector.folder is None else f" @ {detector.folder}"
        listed("shield.detectors", "shield.detectors", f"{detector.python}{place}")
    if configuration.shield.realistic:
        listed("shield.realistic", "shield.realistic", ", ".join(configuration.shield.realistic))
    paths = {
        "seal.authorities": configuration.seal.authorities,
        "engine.weights": configuration.engine.weights,
        "registry.facts": configuration.registry.facts,
    }
    for setting, path in ((setting, path) for setting, several in paths.items() for path in several):
        listed(setting, setting, str(path))
    for name, value in _facts_declared(configuration):
        listed(name.partition(".")[0], name, value)
    return rows


def _facts_declared(configuration: Configuration) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each fact that the institution declares."""
    for alias in configuration.aliases:
        yield f"aliases.{alias.name}", ", ".join(alias.models)
    for budget in configuration.budgets:
        yield f"budgets.{budget.application}", f"{budget.grams:g} g CO2e / {budget.period}"
    for safeguards in configuration.safeguards:
        held = ", ".join(f"{what}: {reference}" for what, reference in safeguards.holds)
        yield f"safeguards.{safeguards.purpose}", held
    for deployment in configuration.deployments:
        yield f"deployments.{deployment.name}", f"{deployment.operator} @ {deployment.site}"


def _shown(setting: str, value: Any) -> str:  # noqa: ANN401 -- whatever a setting holds
    if setting == "shield.names":
        return ", ".join(one.model for one in value) or "off"
    if setting == "fleet.exposure":
        return FIRST if value is None else str(value)
    return "—" if value is None else str(value)
