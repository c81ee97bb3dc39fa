"""The registry as a command sees it: the facts last followed with the charter, or the packaged ones, with our own.

Nobody is asked: what was verified last is verified anew. A gateway that runs keeps its own (`facts_keeping`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.compose.law_source import law_source, read_joined
from bouclier.compose.registry_facts import facts_files
from bouclier.registry.adapters.registry_files import common_files, load_registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.compose.configuration import Configuration
    from bouclier.registry import Registry


def registry_read(configuration: Configuration) -> Registry:
    """Return the registry of a configuration.

    Raises:
        BouclierError: A file cannot be read, a fact is wrong, or what was followed cannot be used any more.
    """
    return load_registry(facts_files(configuration), signed=signed_facts(configuration))


def base_files(configuration: Configuration) -> Mapping[str, bytes]:
    """Return the files that the institution's own facts add to.

    Raises:
        BouclierError: As `registry_read`.
    """
    return common_files(signed=signed_facts(configuration))


def signed_facts(configuration: Configuration) -> bytes | None:
    """Return the facts that were signed with the charter last followed; None if none were, or none is followed.

    Raises:
        BouclierError: What was followed has expired, or is damaged.
    """
    if configuration.charter.repository is None and read_joined(configuration.data) is None:
        return None
    followed = law_source(configuration).follower().held()
    return None if followed is None else followed.registry
