"""The time entries are given: the gateway's clock, which may not run backwards.

A clock that is set back would let entries seem older than they are, and hide what was decided when. A small step back,
as time services make, is held at the last time given; a larger one is refused until the clock has caught up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.terms.errors import Bilingual, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

TOLERATED_STEP_MS: Final = 2_000


class ClockError(StorageError):
    """The clock went back, so that nothing can be dated."""

    code = "clock_went_back"


class ForwardClock:
    """A clock that never goes back.

    >>> now = [5_000]
    >>> clock = ForwardClock(lambda: now[0])
    >>> first, now[0] = clock(), 4_000
    >>> clock()
    5000
    >>> now[0] = 1_000
    >>> clock.held()
    5000
    >>> clock()
    Traceback (most recent call last):
    bouclier.oversight.clock.ClockError: The clock is 4.0 s behind the last recorded time.
    """

    def __init__(self, now_ms: Callable[[], int], *, last_ms: int = 0) -> None:
        """Take a clock, and the time of the last entry recorded, milliseconds since 1970."""
        self._now_ms = now_ms
        self._last_ms = last_ms

    def __call__(self) -> int:
        """Return the time in milliseconds since 1970.

        Raises:
            ClockError: The clock went back by more than is tolerated.
        """
        now = self._now_ms()
        behind = self._last_ms - now
        if behind > TOLERATED_STEP_MS:
            seconds = f"{behind / 1000:.1f}"
            raise ClockError(
                Bilingual(
                    f"L'horloge est en retard de {seconds} s sur la dernière heure inscrite.",
                    f"The clock is {seconds} s behind the last recorded time.",
                ),
                Bilingual(
                    "Rien n'est parti. Remettez l'horloge de la machine à l'heure.",
                    "Nothing has left. Set the machine's clock right.",
                ),
            )
        self._last_ms = max(self._last_ms, now)
        return self._last_ms

    def held(self) -> int:
        """Return the time in milliseconds since 1970, held at the last one given while the clock is behind it.

        For what has begun, and must still be concluded.
        """
        self._last_ms = max(self._last_ms, self._now_ms())
        return self._last_ms
