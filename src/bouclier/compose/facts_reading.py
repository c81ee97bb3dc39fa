"""The registry that facts make: those signed with a charter, or the packaged ones, with an institution's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.registry import parse_registry
from bouclier.registry.adapters.registry_files import common_files
from bouclier.terms.errors import BouclierError, CharterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.registry import Registry


def registry_from(signed: bytes | None, own: Mapping[str, bytes]) -> Registry:
    """Return the registry of the facts that were signed, or of the packaged ones, with an institution's own.

    Args:
        signed: As published; None where none were.
        own: The institution's own files, by name.

    Raises:
        CharterError: The signed facts are malformed, or contradict themselves or the institution's own; it names the
            first of them.
        ConfigurationError: Likewise, where none were signed.
    """
    try:
        return parse_registry(common_files(signed=signed), own)
    except BouclierError as error:
        if signed is None:
            raise
        raise CharterError(error.message, error.hint, param=error.param) from error


def packaged_facts() -> bytes:
    """Return the packaged facts in canonical form, as they are published.

    Raises:
        ConfigurationError: A fact is wrong.
    """
    return registry_from(None, {}).canonical
