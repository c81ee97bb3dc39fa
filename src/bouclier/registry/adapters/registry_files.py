"""The registry from files: the facts that come with Bouclier or the signed ones, and the institution's own.

Only regular files are opened: a pipe or a device may never end.
"""

from __future__ import annotations

import errno
import os
from importlib import resources
from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.registry.parse import parse_registry
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bouclier.registry.agreed import Registry

MAX_FACTS_BYTES: Final = 64_000_000
SIGNED_NAME: Final = "registry.json"
AREA_NAME: Final = "area.json"


def load_registry(
    files: Sequence[Path] = (), *, area_file: Path | None = None, signed: bytes | None = None
) -> Registry:
    """Return the registry of the packaged facts, or of the signed ones, with the institution's own.

    Args:
        files: The institution's own files of facts, and folders of such.
        area_file: The institution's own legal area, a file of facts with an `area`; that of the facts by default.
        signed: The facts that were signed, as published; they stand for all the packaged ones.

    Raises:
        ConfigurationError: A file cannot be read, or a fact is wrong; `param` names it.
    """
    return parse_registry(common_files(area_file=area_file, signed=signed), own_files(files))


def common_files(*, area_file: Path | None = None, signed: bytes | None = None) -> Mapping[str, bytes]:
    """Return the files everybody has: the signed facts, or else the packaged ones.

    Raises:
        ConfigurationError: A file cannot be read, or there are two legal areas to choose from.
    """
    if signed is not None:
        if area_file is not None:
            raise ConfigurationError(
                Bilingual("Le registre signé dit la zone juridique.", "The signed registry says the legal area."),
                Bilingual("Retirez le fichier de zone.", "Take the file of the area out."),
                param=str(area_file),
            )
        return {SIGNED_NAME: signed}
    folder = resources.files("bouclier.registry") / "data" / "registry"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    files = {name: (folder / name).read_bytes() for name in names if area_file is None or name != AREA_NAME}
    if area_file is not None:
        files[str(area_file)] = _read(area_file)
    return files


def own_files(paths: Sequence[Path]) -> Mapping[str, bytes]:
    """Return an institution's own files by path; of a folder, all `*.json` in it.

    Raises:
        ConfigurationError: A file cannot be read, is no regular file, or is too large; a folder cannot be looked into.
    """
    found = []
    for path in paths:
        found.extend(_in_folder(path) if is_folder(path) else [path])
    return {str(path): _read(path) for path in found}


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder.

    Raises:
        ConfigurationError: It cannot be told: a folder above cannot be looked into, or the name is too long.
    """
    try:
        return path.is_dir()
    except OSError as error:
        raise _unreadable(path) from error


def is_there(path: Path) -> bool:
    """Return whether there is something of this name.

    Raises:
        ConfigurationError: It cannot be told: a folder above cannot be looked into.
    """
    try:
        return path.exists()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise _unreadable(path) from error


def has_facts(folder: Path) -> bool:
    """Return whether a folder has files that are read as facts.

    Raises:
        ConfigurationError: It cannot be looked into.
    """
    return bool(_in_folder(folder))


def _in_folder(folder: Path) -> list[Path]:
    try:
        # Not `glob`: it finds nothing, and says nothing, in a folder that it may not look into.
        return sorted(entry for entry in folder.iterdir() if entry.name.endswith(".json"))
    except OSError as error:
        raise _unreadable(folder) from error


def says_area(data: bytes) -> bool:
    """Return whether a file says the legal area, so that it can stand for the common files; no if it cannot be read."""
    try:
        return msgspec.json.decode(data, type=_Area).area is not None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


class _Area(msgspec.Struct):
    area: object = None


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise ConfigurationError(
                Bilingual(
                    f"Registre illisible : {path} n'est pas un fichier ordinaire.",
                    f"The registry cannot be read: {path} is no regular file.",
                ),
                Bilingual(
                    "Donnez un fichier de faits, ou copiez ceux-ci dans un fichier.",
                    "Give a file of facts, or copy these to a file.",
                ),
                param=os.fspath(path),
            )
        with path.open("rb") as opened:
            data = opened.read(MAX_FACTS_BYTES + 1)
    except OSError as error:
        raise _unreadable(path) from error
    if len(data) > MAX_FACTS_BYTES:
        raise ConfigurationError(
            Bilingual(f"{path} dépasse {MAX_FACTS_BYTES} octets.", f"{path} is over {MAX_FACTS_BYTES} bytes."),
            Bilingual("Un registre est fait de faits, en JSON.", "A registry is made of facts, in JSON."),
            param=os.fspath(path),
        )
    return data


def _unreadable(path: Path) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"Registre illisible : {path}.", f"The registry cannot be read: {path}."),
        Bilingual(
            "Vérifiez que le fichier existe et qu'il est lisible.", "Check that the file exists and can be read."
        ),
        param=os.fspath(path),
    )
