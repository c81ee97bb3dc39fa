"""Which files an institution's facts are in, and the registries they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.registry import parse_registry
from bouclier.registry.adapters.registry_files import common_files, own_files, says_area

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bouclier.compose.configuration import Configuration
    from bouclier.registry import Registry

PACKAGED: Final = "packaged"
FACTS_FILE: Final = "registry/facts.json"
"""In the data folder: where `bouclier registry add` writes."""


def facts_files(configuration: Configuration) -> tuple[Path, ...]:
    """Return the institution's own files of facts: those configured, and what `bouclier registry add` wrote, if any."""
    own = configuration.data / FACTS_FILE
    configured = configuration.registry.facts
    places = {place.resolve() for place in configured}
    is_there = not places.isdisjoint((own.resolve(), own.parent.resolve()))
    return configured if is_there or not own.is_file() else (*configured, own)


def registries_from(places: Sequence[Path]) -> list[Registry]:
    """Return the registries of these places, or that of the package where none is given.

    Args:
        places: Files or folders. What says a legal area is a whole registry, such as a gateway's canonical one; what
            does not is an institution's own facts, read together with the packaged ones. `packaged` is no place: it
            stands for an institution without facts of its own.

    Raises:
        ConfigurationError: A file cannot be read, or a fact is wrong.
    """
    own = [parse_registry(common_files(), files) for files in own_facts(places)]
    return own + [parse_registry(files) for files in _read(places) if _is_whole(files)]


def own_facts(places: Sequence[Path]) -> list[Mapping[str, bytes]]:
    """Return the own files of each institution among these places, by name; one without any where none is given.

    Args:
        places: As `registries_from`; whole registries are nobody's own.

    Raises:
        ConfigurationError: A file cannot be read.
    """
    return [files for files in _read(places) if not _is_whole(files)] if places else [{}]


def _read(places: Sequence[Path]) -> Iterator[Mapping[str, bytes]]:
    for place in places:
        yield {} if str(place) == PACKAGED else own_files([place])


def _is_whole(files: Mapping[str, bytes]) -> bool:
    return any(map(says_area, files.values()))
