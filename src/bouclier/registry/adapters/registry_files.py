"""The registry that comes with Bouclier, read from the package."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from bouclier.registry.parse import parse_registry
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bouclier.registry.model import Registry


def load_registry(extra_operators: Sequence[object] = (), *, area_file: Path | None = None) -> Registry:
    """Return the packaged registry with the operators the institution declares.

    Args:
        extra_operators: The `operators` list of `bouclier.yaml`, as read.
        area_file: The institution's own legal area; the European Union and the EEA by default.

    Raises:
        ConfigurationError: A file cannot be read, or a fact is wrong; `param` names it.
    """
    data = resources.files("bouclier.registry") / "data"
    area = data / "area.json" if area_file is None else area_file
    try:
        return parse_registry(
            (data / "operators.json").read_bytes(),
            (data / "laws.json").read_bytes(),
            area.read_bytes(),
            extra_operators,
        )
    except OSError as error:
        name = str(error.filename or area)
        raise ConfigurationError(
            Bilingual(fr=f"Registre illisible : {name}.", en=f"The registry cannot be read: {name}."),
            Bilingual(
                fr="Vérifiez que le fichier existe et qu’il est lisible.",
                en="Check that the file exists and can be read.",
            ),
            param=name,
        ) from error
