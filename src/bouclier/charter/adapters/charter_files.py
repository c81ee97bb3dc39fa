"""Charters on disk: the starter charter of the package, a folder, or a bundle."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

from bouclier.charter.bundle import MAX_BUNDLE_BYTES, files_of
from bouclier.charter.parse import ABOUT_FILE, PACK_FILES, parse_charter
from bouclier.terms.errors import Bilingual, CharterError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from bouclier.charter.model import Charter

_TOP_FILES: Final = (ABOUT_FILE, "schema.cedarschema", "authorities.json")


def load_charter(place: Path | None = None) -> Charter:
    """Return the charter kept in a folder or a bundle, or the starter charter.

    Args:
        place: A folder, or the file of a bundle; None for the starter charter.

    Raises:
        CharterError: A file is missing, unreadable or wrong; the message names it, and the line.
    """
    files = charter_files(place)
    try:
        return parse_charter(files)
    except CharterError as error:
        where = "" if place is None else f" ({place})"
        raise CharterError(
            Bilingual(fr=f"{error.message.fr}{where}", en=f"{error.message.en}{where}"),
            error.hint,
            param=str(error.param) if place is None else f"{place}/{error.param}",
        ) from error


def charter_files(place: Path | None = None) -> dict[str, str]:
    """Return the texts of a charter by path, unread.

    Raises:
        CharterError: One cannot be read.
    """
    if place is not None and place.is_file():
        return files_of(_read(place))
    root: Traversable = resources.files("bouclier.charter") / "data" / "charter" if place is None else place
    files = {name: _text(root / name, name) for name in _TOP_FILES if name == ABOUT_FILE or (root / name).is_file()}
    packs = root / "packs"
    if packs.is_dir():
        for pack in packs.iterdir():
            if pack.is_dir():
                for file in pack.iterdir():
                    # Editors' backups and systems' own files are not the charter's.
                    if file.is_file() and not file.name.startswith(".") and not file.name.endswith("~"):
                        path = f"packs/{pack.name}/{file.name}"
                        files[path] = _text(file, path)
    return files


def _read(place: Traversable) -> bytes:
    try:
        with place.open("rb") as file:
            return file.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        raise _unreadable(str(place), fr="illisible", en="cannot be read") from error


def _text(place: Traversable, name: str) -> str:
    # Decoded here rather than by open(), which would change line endings and so the digest.
    try:
        return _read(place).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(name, fr="n’est pas de l’UTF-8", en="is not UTF-8") from error


def _unreadable(name: str, *, fr: str, en: str) -> CharterError:
    files = ", ".join(sorted(PACK_FILES))
    return CharterError(
        Bilingual(fr=f"Charte : {name} : {fr}.", en=f"Charter: {name}: {en}."),
        Bilingual(
            fr=f"Le dossier d’une charte contient {', '.join(_TOP_FILES)}, et packs/<nom>/ avec {files}.",
            en=f"A charter’s folder holds {', '.join(_TOP_FILES)}, and packs/<name>/ with {files}.",
        ),
        param=name,
    )
