"""Reading all facts again, and telling all that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bouclier.compose.registry_facts import facts_files
from bouclier.compose.registry_paths import files_given
from bouclier.compose.registry_reading import base_files
from bouclier.compose.registry_showing import facts_of
from bouclier.registry import flaws_of, parse_registry
from bouclier.registry.adapters.registry_files import own_files, says_area
from bouclier.registry.parse import apart
from bouclier.registry.parse_days import flaws_ahead

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

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


def check_facts(configuration: Configuration, files: Sequence[str] = (), *, today: dt.date) -> Checked:
    """Return all that is wrong in files of facts, read with those that are common.

    Args:
        configuration: The settings.
        files: The files; the institution's own by default. If one says the legal area, they are a whole registry, and
            are read by themselves.
        today: The day, UTC: facts checked that date from after it are wrong.

    Raises:
        ConfigurationError: A file cannot be read, a name is empty, or a folder has no file of facts.
    """
    own = files_given(files, param="FILE") if files else own_files(facts_files(configuration))
    whole = any(map(says_area, own.values()))
    common, extra = (own, {}) if whole else (base_files(configuration), own)
    named = own if whole else apart(own, common)
    ranks = {name: rank for rank, name in enumerate({**common, **named})}
    flaws = (*flaws_of(common, extra), *flaws_ahead(named, today))
    if flaws:
        return Checked(0, "", tuple(sorted(flaws, key=lambda flaw: (ranks[flaw.file], flaw.line))))
    registry = parse_registry(common, extra)
    return Checked(sum(1 for _ in facts_of(registry)), registry.digest, ())
