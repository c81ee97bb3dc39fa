"""Charters in folders: the starter charter of the package, or one the institution keeps beside its configuration."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from bouclier.charter.parse import ABOUT_FILE, POLICIES_FILE, SCHEMA_FILE, parse_charter
from bouclier.terms.errors import Bilingual, CharterError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from bouclier.charter.model import Charter


def load_charter(folder: Path | None = None) -> Charter:
    """Return the charter kept in a folder, or the starter charter.

    Args:
        folder: Holds `policies.cedar`, `schema.cedarschema` and `charter.json`; None for the starter charter.

    Raises:
        CharterError: A file is missing, unreadable or wrong; the message names it, and the line.
    """
    place: Traversable = resources.files("bouclier.charter") / "data" / "starter" if folder is None else folder
    policies = _read_text(place, POLICIES_FILE)
    schema = _read_text(place, SCHEMA_FILE)
    about = _read(place, ABOUT_FILE)
    try:
        return parse_charter(policies, schema, about)
    except CharterError as error:
        raise CharterError(
            Bilingual(fr=f"{error.message.fr} ({place})", en=f"{error.message.en} ({place})"),
            error.hint,
            param=f"{place}/{error.param}",
        ) from error


def _read(place: Traversable, name: str) -> bytes:
    try:
        return (place / name).read_bytes()
    except OSError as error:
        raise _unreadable(place, name, fr="illisible", en="cannot be read") from error


def _read_text(place: Traversable, name: str) -> str:
    # Decoded here rather than by open(), which would change line endings and so the digest.
    try:
        return _read(place, name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(place, name, fr="n’est pas de l’UTF-8", en="is not UTF-8") from error


def _unreadable(place: Traversable, name: str, *, fr: str, en: str) -> CharterError:
    return CharterError(
        Bilingual(fr=f"Charte : {place}/{name} : {fr}.", en=f"Charter: {place}/{name}: {en}."),
        Bilingual(
            fr=f"Le dossier d’une charte contient {POLICIES_FILE}, {SCHEMA_FILE} et {ABOUT_FILE}.",
            en=f"A charter’s folder holds {POLICIES_FILE}, {SCHEMA_FILE} and {ABOUT_FILE}.",
        ),
        param=f"{place}/{name}",
    )
