"""Facts that say they date from a day to come: nobody can have looked them up, and they would never be old. Pure.

Reading facts asks no clock, so that what is accepted does not depend on the day: whoever knows the day asks here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.registry.parse_flaws import Flaws, Place
from bouclier.registry.parse_shapes import KINDS, Gathered
from bouclier.registry.periods import earliest
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from bouclier.registry.model import Vouched
    from bouclier.registry.parse_flaws import Flaw


def is_ahead(fact: Vouched, day: dt.date) -> bool:
    """Return whether a fact dates for certain from after a day.

    Args:
        fact: A fact.
        day: The day, UTC.

    Raises:
        ValueError: Its day does not exist.
    """
    return earliest(fact.as_of) > day


def flaws_ahead(files: Mapping[str, bytes], day: dt.date) -> tuple[Flaw, ...]:
    """Return which facts date from after a day, by file and line; malformed ones, and no days, are passed over.

    Args:
        files: Files of facts, by name.
        day: The day, UTC.
    """
    gathered = Gathered()  # what is malformed, which it notes too, is for `flaws_of` to tell
    for file, data in files.items():
        gathered.read(file, data)
    placed: list[tuple[Vouched, Place]] = list(gathered.areas)
    for kind in KINDS:
        placed += zip(gathered.facts[kind], gathered.flaws.places[kind], strict=True)
    found = Flaws()
    for fact, place in placed:
        try:
            ahead = is_ahead(fact, day)
        except ValueError:
            continue  # there is no such day: `flaws_of` tells
        if ahead:
            said = Bilingual(
                f"il dit dater de {fact.as_of}, et nous sommes le {day}", f"it says {fact.as_of}, and today is {day}"
            )
            found.at(Place(place.file, (*place.path, "as_of")), said, _HINT)
    return found.located(files)


_HINT: Final = Bilingual(
    "`as_of` est le jour où le fait a été vérifié, ou un jour d'avant.",
    "`as_of` is the day on which the fact was looked up, or one before.",
)
