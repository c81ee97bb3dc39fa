"""The choice, made again: among the permitted, those whose duties could be fulfilled, in the order of the placement.

What an exchange brought to fulfil its duties is not in the log: whether it came with sources, whether an approval was
shown that the chosen deployment did not need, and its length, of which a carbon budget allows only so much. So the
choice recorded must be the one that *some* such exchange gets. With no such duty there is one choice only.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Final

from bouclier.oversight.monitor.alarm import Remark
from bouclier.oversight.monitor.recorded import recorded_load
from bouclier.terms.duties import Means, carbon_cap_of, unmet
from bouclier.terms.law import Duty

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.oversight.entries_model import DecisionEntry
    from bouclier.oversight.monitor.replay import Replayer
    from bouclier.terms.law import Verdict

_NONE: Final = "-"
_TOKENS_PER_FIGURE: Final = 1000
"""A deployment's carbon is told per 1,000 tokens."""


def replay_choice(entry: DecisionEntry, permitted: Sequence[Verdict], replayer: Replayer) -> Iterator[Remark]:
    """Yield that a choice or its spares are not what the placement gives.

    Args:
        entry: The decision.
        permitted: The verdicts that permit, as replayed.
        replayer: The other rooms.
    """
    loads = {candidate.deployment: recorded_load(candidate.in_flight) for candidate in entry.candidates}
    recorded = () if entry.chosen is None else (entry.chosen, *entry.spares)
    expected: tuple[str, ...] | None = None
    for means in _means_of(entry, permitted):
        able = permitted if means is None else [one for one in permitted if not _is_unmet(one, means)]
        order = tuple([one.deployment.name for one in replayer.ranked(able, loads, tried=entry.tried)])
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


@lru_cache(maxsize=1024)
def _asks(duties: tuple[str, ...]) -> bool:
    """Tell whether any of these duties asks something of the exchange before it is placed."""
    return Duty.GROUND in duties or Duty.HUMAN_REVIEW in duties or carbon_cap_of(duties) is not None


def _is_unmet(verdict: Verdict, means: Means) -> bool:
    return bool(unmet(verdict.duties, means, carbon_mg=verdict.deployment.carbon_mg))


def _means_of(entry: DecisionEntry, permitted: Sequence[Verdict]) -> Iterator[Means | None]:
    """Yield what the exchange may have brought, the most likely first; None if no duty asks for anything."""
    if not any(_asks(verdict.duties) for verdict in permitted):
        yield None
        return
    duties = {duty for verdict in permitted for duty in verdict.duties}
    sourced = (True, False) if Duty.GROUND in duties else (True,)
    reviewed: tuple[bool, ...] = (entry.review is not None,)
    if entry.review is None and Duty.HUMAN_REVIEW in duties:
        reviewed = (False, True)
    lengths = sorted({0, *(length for verdict in permitted if (length := _too_long(verdict)) is not None)})
    for review, source, tokens in product(reviewed, sourced, lengths):
        yield Means(sourced=source, reviewed=review, tokens=tokens)


def _too_long(verdict: Verdict) -> int | None:
    """Return from how many tokens on a deployment's budget leaves none for the answer; None if nothing caps it."""
    cap, carbon_mg = carbon_cap_of(verdict.duties), verdict.deployment.carbon_mg
    return None if cap is None or not carbon_mg else cap * _TOKENS_PER_FIGURE // carbon_mg


def _policies_on(entry: DecisionEntry, name: str | None) -> str | None:
    named = [candidate for candidate in entry.candidates if candidate.deployment == name]
    return ", ".join(named[0].policies) if named else None
