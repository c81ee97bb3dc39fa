"""The catalogue and the licences this version ships, and the models somebody added to a weights folder by digest.

An added model is one JSON file `<name>.model.json` beside its weights, an entry like those of the catalogue. It is
written after the weights were verified, in one rename: a crash between the two leaves weights without a name, which the
next `bouclier models pull` finds and names without fetching them again.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from bouclier.fleet.catalogue import Catalogue, parse_catalogue, with_added
from bouclier.fleet.licences import Licences, parse_licences
from bouclier.fleet.unlisted import entry_bytes, read_entry

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.fleet.catalogue import ModelEntry

SUFFIX = ".model.json"


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """Return the shipped catalogue, with the models added to a weights folder if one is given.

    Raises:
        ConfigurationError: The installed file is not valid.
    """
    catalogue = parse_catalogue(_data("catalogue.json"))
    return catalogue if folder is None else with_added(catalogue, _added(folder))


def load_licences() -> Licences:
    """Return the licences this version knows.

    Raises:
        ConfigurationError: The installed file is not valid.
    """
    return parse_licences(_data("licences.json"))


def add_model(folder: Path, entry: ModelEntry) -> Path:
    """Give weights that are in a folder a name there; return the file that says so.

    Raises:
        VerificationError: It would not be read back.
        OSError: The folder cannot be written to.
    """
    data = entry_bytes(entry)
    target = folder / f"{entry.name}{SUFFIX}"
    written = target.with_name(f".{target.name}.new")
    written.write_bytes(data)
    written.replace(target)
    return target


def _added(folder: Path) -> list[ModelEntry]:
    """Return what can be read of the models added to a folder; what cannot be read is not a model."""
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            found.append(read_entry(path.read_bytes()))
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            continue
    return found


def _data(name: str) -> bytes:
    return resources.files("bouclier.fleet").joinpath("data", name).read_bytes()
