"""What this room needs from outside: counters of energy, and a place that keeps what was spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bouclier.footprint.budgets import Account


class EnergyCounter(Protocol):
    """A counter of energy of this machine. Reading it takes microseconds; one thread at a time."""

    @property
    def method(self) -> str:
        """Name of the method its readings are used with: a counter of `method.json`."""
        ...

    def read_uj(self) -> int | None:
        """Return what was used since the first reading, millionths of a joule, never less than before.

        None when it is silent now. A counter that wraps around is followed as long as it is read once per turn.
        """
        ...


class Ledger(Protocol):
    """Keeps what applications spent, reservations included. One task of one gateway uses it; gateways may share one.

    What is reserved is counted as spent until it is settled: a gateway that dies leaves what was in flight counted.
    No clock is read: periods are the callers'.
    """

    async def begin(self, oldest: str) -> None:
        """Begin the life of a gateway: its batches are numbered from 1 again.

        Args:
            oldest: Accounts whose period sorts before this one are forgotten.

        Raises:
            StorageError: It cannot be opened, or is not a ledger.
        """
        ...

    async def write(self, number: int, changes: Mapping[Account, int]) -> Mapping[Account, int]:
        """Add to accounts, all or none, and return their totals, millionths of a gram of CO2e.

        What it returned from outlives the process. A batch that is written again, because nobody knows whether it was
        kept, changes nothing the second time.

        Args:
            number: Of this gateway's batch: one more than the last that was kept.
            changes: What to add, possibly negative.

        Raises:
            StorageError: It is not known to be kept.
        """
        ...

    async def totals(self, periods: Collection[str]) -> Mapping[Account, int]:
        """Return the totals of all accounts of some periods.

        Raises:
            StorageError: It cannot be read.
        """
        ...

    async def close(self) -> None:
        """Let go. What `write` returned from is kept."""
        ...
