"""Find and read the configuration: the only place that looks at the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.compose.configuration import DEFAULT_FILE, Configuration, configuration_of
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_FILE_BYTES = 1_000_000


def load_configuration(file: Path | None, overrides: Mapping[str, str] | None = None) -> Configuration:
    """Read the configuration a command was asked to use.

    Args:
        file: The file given on the command line; by default `bouclier.yaml` in the working folder, if there is one.
        overrides: Settings given on the command line, by dotted name.

    Raises:
        ConfigurationError: The file given does not exist or cannot be read, or something in it is wrong.
    """
    path = file if file is not None else Path(os.environ.get("BOUCLIER_CONFIG", DEFAULT_FILE))
    if file is None and "BOUCLIER_CONFIG" not in os.environ and not path.exists():
        return configuration_of("", source=None, environment=os.environ, overrides=overrides)
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise _unreadable(path)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path) from error
    return configuration_of(text, source=path, environment=os.environ, overrides=overrides)


def cache_folder(configuration: Configuration) -> Path:
    """Return where weights are kept, shared by all data folders of this user."""
    if configuration.engine.cache is not None:
        return configuration.engine.cache
    return user_cache("weights")


def user_cache(part: str) -> Path:
    """Return this user's cache of one part of Bouclier. Source: XDG Base Directory."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "bouclier" / part


def speaks_french() -> bool:
    """Tell whether the terminal's user reads French, by the locale variables."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        value = os.environ.get(name, "")
        if value and value not in {"C", "POSIX", "C.UTF-8"}:
            return value.lower().startswith("fr")
    return False


def _unreadable(path: Path) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"Le fichier {path} ne peut pas être lu.", f"The file {path} cannot be read."),
        Bilingual(
            "Vérifiez le chemin, les droits, et qu'il est en UTF-8.",
            "Check the path, the permissions, and that it is UTF-8.",
        ),
        param="--config",
    )
