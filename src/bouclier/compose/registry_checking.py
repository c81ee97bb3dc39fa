"""Reading all facts again, and telling all that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bouclier.compose.registry_facts import facts_files
from bouclier.compose.registry_reading import base_files
from bouclier.compose.registry_showing import facts_of
from bouclier.registry import flaws_of, parse_registry
from bouclier.registry.adapters.registry_files import own_files, says_area

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bouclier.compose.configuration import Configuration
    from bouclier.registry.parse_flaws import Flaw


class Checked(NamedTuple):
    """What a check found.

    Attributes:
        facts: How many facts the whole registry has; 0 if something is wrong.
        digest: Its digest, as records cite it; empty if something is wrong.
        flaws: All that is wrong, by file and line.
    """

    facts: int
    digest: str
    flaws: tuple[Flaw, ...]


def check_facts(configuration: Configuration, files: Sequence[Path] = ()) -> Checked:
    """Return all that is wrong in files of facts, read with those that are common.

    Args:
        configuration: The settings.
        files: The files; the institution's own by default. If one says the legal area, they are a whole registry, and
            are read by themselves.

    Raises:
        ConfigurationError: A file cannot be read.
    """
    own = own_files(files or facts_files(configuration))
    whole = any(map(says_area, own.values()))
    common, extra = (own, {}) if whole else (base_files(configuration), own)
    flaws = flaws_of(common, extra)
    if flaws:
        return Checked(0, "", flaws)
    registry = parse_registry(common, extra)
    return Checked(sum(1 for _ in facts_of(registry)), registry.digest, ())
