"""The choice, made again: among the permitted, those whose duties could be fulfilled, in the order of the placement.

Whether a second person's approval was shown is in the log only where the chosen deployment needed it. A choice that
needed none may have been made with one or without: it must be the one that either gives.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bouclier.oversight.monitor.alarm import Remark
from bouclier.oversight.monitor.recorded import recorded_load, recorded_terms
from bouclier.terms.duties import Means, carbon_cap_of, unmet
from bouclier.terms.law import Duty

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.oversight.entries_model import DecisionEntry
    from bouclier.oversight.monitor.replayer import Replayer
    from bouclier.terms.law import Verdict

_NONE: Final = "-"


def replay_choice(entry: DecisionEntry, permitted: Sequence[Verdict], replayer: Replayer) -> Iterator[Remark]:
    """Yield that a choice or its spares are not what the placement gives.

    Args:
        entry: The decision.
        permitted: The verdicts that permit, as replayed.
        replayer: The other rooms.
    """
    loads = {candidate.deployment: recorded_load(candidate.load) for candidate in entry.candidates}
    terms = recorded_terms(entry)
    recorded = () if entry.chosen is None else (entry.chosen, *entry.spares)
    expected: tuple[str, ...] | None = None
    for able in _able(entry, permitted):
        order = tuple([one.deployment.name for one in replayer.ranked(able, loads, terms)])
        if order == recorded:
            return
        expected = order if expected is None else expected
    order = expected or ()
    chosen = order[0] if order else None
    if chosen != entry.chosen:
        yield Remark(
            "choice-differs",
            field="$.chosen",
            policy=_policies_on(entry, entry.chosen),
            expected=chosen or _NONE,
            found=entry.chosen or _NONE,
        )
    else:
        yield Remark(
            "choice-differs",
            field="$.spares",
            expected=",".join(order[1:]) or _NONE,
            found=",".join(entry.spares) or _NONE,
        )


def _able(entry: DecisionEntry, permitted: Sequence[Verdict]) -> Iterator[Sequence[Verdict]]:
    """Yield the permitted whose duties the exchange could fulfil: without an approval first, if none is cited."""
    if not any(_asks(verdict.duties) for verdict in permitted):
        yield permitted
        return
    asked = any(Duty.HUMAN_REVIEW in verdict.duties for verdict in permitted)
    for reviewed in (False, True) if asked and entry.review is None else (entry.review is not None,):
        means = Means(sourced=entry.sourced, reviewed=reviewed, tokens=entry.tokens)
        yield [one for one in permitted if not unmet(one.duties, means, carbon_mg=one.deployment.carbon_mg)]


@lru_cache(maxsize=1024)
def _asks(duties: tuple[str, ...]) -> bool:
    """Tell whether any of these duties asks something of the exchange before it is placed."""
    return Duty.GROUND in duties or Duty.HUMAN_REVIEW in duties or carbon_cap_of(duties) is not None


def _policies_on(entry: DecisionEntry, name: str | None) -> str | None:
    named = [candidate for candidate in entry.candidates if candidate.deployment == name]
    return ", ".join(named[0].policies) if named else None
