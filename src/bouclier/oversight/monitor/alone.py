"""What an entry says against itself: the alarms that anyone gets from it alone, with the law and the registry.

A finding shows that an entry stands in a log; that something is wrong with that entry is shown only when whoever checks
the finding gets the same alarm. What needs other entries (an outcome that is missing, a time that goes back, a law that
was not adopted) cannot be had from one; nor what needs to know when something was published (a charter superseded, an
order ignored): that is the monitor's word, whose own memory of the repository it rests on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.oversight.entries import EntryError, parse_entry
from bouclier.oversight.entries_model import AdoptionEntry, DecisionEntry, Entry, MarkEntry
from bouclier.oversight.monitor.alarm import Alarm, Remark, alarm_of
from bouclier.oversight.monitor.replay import replay, understated
from bouclier.oversight.monitor.reviews import unreviewed
from bouclier.oversight.monitor.seals import Seals, SealsState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.oversight.monitor.replayer import Replayer

REPLAYED: Final = frozenset(
    {
        "entry-malformed",
        "classification-differs",
        "facts-differ",
        "deployment-unregistered",
        "verdict-differs",
        "verdict-undecidable",
        "choice-differs",
        "day-differs",
        "review-missing",
        "seal-missing",
        "seal-unasked",
    }
)
"""Codes of alarms that come from an entry alone, and are not about what a monitor lacks."""


def alarms_of_entry(data: bytes, replayer: Replayer, *, origin: str, index: int) -> tuple[Alarm, ...]:
    """Return the alarms of `REPLAYED` that an entry gives by itself.

    Args:
        data: The entry's bytes.
        replayer: The other rooms, to decide again.
        origin: In which log it stands.
        index: At which place.
    """
    try:
        entry = parse_entry(data)
    except EntryError as error:
        return (alarm_of(malformed(error), origin=origin, index=index),)
    remarks: Iterable[Remark] = ()
    if isinstance(entry, DecisionEntry):
        # Whoever found that less is recorded than the findings give may not have held the charter.
        said = (*Seals(SealsState()).decided(entry), *unreviewed(entry), *understated(entry, replayer))
        remarks = (*said, *replay(entry, replayer))
    return tuple(
        alarm_of(remark, origin=origin, index=index, exchange=exchange_of(entry))
        for remark in remarks
        if remark.code in REPLAYED
    )


def is_replayable(data: bytes, replayer: Replayer) -> bool:
    """Tell whether a replayer holds what an entry cites: if it does, what it does not say is not so."""
    try:
        entry = parse_entry(data)
    except EntryError:
        return True
    if not isinstance(entry, DecisionEntry):
        return True
    charter, orders = entry.law.charter, entry.law.orders
    law = replayer.knows_charter(charter) and replayer.knows_orders(charter, orders)
    return law and replayer.knows_registry(entry.law.registry)


def malformed(error: EntryError) -> Remark:
    """Return what there is to say of an entry that cannot be read."""
    return Remark("entry-malformed", field=error.param)


def exchange_of(entry: Entry) -> str | None:
    """Return the exchange an entry is about, None if it is about none."""
    return None if isinstance(entry, MarkEntry | AdoptionEntry) else entry.exchange
