"""When a deployment is left alone, and for how long: a circuit breaker by outcomes, advised by probes and hearsay.

    closed --bad outcomes--> open --time--> half-open --the one let through is answered--> closed
                              ^                 |
                              +--- it fails ----+   (twice as long)

Rules kept here. Outcomes of exchanges are the truth: a deployment that answers probes and fails exchanges is left alone
all the same, and one that serves is not left alone for what a probe or another gateway says. A probe or hearsay opens
only what served nobody lately. Of what did, hearsay makes one bad outcome enough; and while it is open and answers no
probe, it stays so for as long as another gateway leaves it alone: one of them tries, not each. A probe that succeeds
halves the wait of what outcomes opened, once: a liar gains half a wait. "Too many" is a hold for as long as asked, not
a failure. What exchanges of before an opening report comes too late to change it.

Silence is more than a failed probe, where a probe was answered before: nobody is sent to try one that is open and does
not even answer, but once in the longest pause; one bad outcome opens it; and whoever waits for a first token there
should look elsewhere (`gone`). One that never answered a probe, or serves in spite of its probes, is only judged by its
outcomes: its address may have nothing to ask.

No randomness: the delay differs per gateway, deployment and opening by a checksum. Time is an argument.
"""

from __future__ import annotations

import zlib
from collections import deque
from enum import StrEnum

from bouclier.fleet.book_model import BreakerSettings, Outcome

_REMEMBERED = 64
_STRIKES = {Outcome.FAILED: 1, Outcome.TIMED_OUT: 2}
_SILENT = frozenset({"unreachable", "timed-out"})
_MOST_DOUBLINGS = 20
_PERCENT = 100


class Opened(StrEnum):
    """Who opened it."""

    OUTCOMES = "outcomes"
    PROBES = "probes"
    HEARSAY = "hearsay"


class Breaker:
    """One deployment's. Not available while open or held; half-open once its time has come.

    Attributes:
        failure: Code of the last bad outcome or dead probe; empty if there was none.
        failure_at: When that was.
        blocked_until: While it is opened, until when nothing goes there, by what was seen here.
        held_until: Until when it asked to be left alone.
        trial: The exchange let through while half-open; None if there is none.
        outcomes: Whether an outcome was ever seen.
    """

    __slots__ = (
        "_alive",
        "_answers_probes",
        "_bad",
        "_closed_at",
        "_dead",
        "_holds",
        "_name",
        "_opened_at",
        "_opened_by",
        "_openings",
        "_own_hold_until",
        "_own_until",
        "_recent",
        "_refuted",
        "_seed",
        "_settings",
        "_silences",
        "_silent_until",
        "_strikes",
        "_told",
        "_well_at",
        "blocked_until",
        "failure",
        "failure_at",
        "held_until",
        "outcomes",
        "trial",
    )

    def __init__(self, name: str, settings: BreakerSettings, *, seed: str = "") -> None:
        """Start closed, with nothing known.

        Args:
            name: The deployment's.
            settings: When it opens.
            seed: What makes this gateway's delays differ from another's.
        """
        self._name = name
        self._settings = settings
        self._seed = seed
        self._recent: deque[tuple[int, bool]] = deque(maxlen=_REMEMBERED)
        self._alive = False
        self._answers_probes = False
        self._silences = 0
        self._silent_until = 0
        self._bad = 0
        self._strikes = 0
        self._dead = 0
        self._openings = 0
        self._holds = 0
        self._opened_by: Opened | None = None
        self._opened_at = 0
        self._closed_at: int | None = None
        self._well_at: int | None = None
        self.outcomes = False
        self.blocked_until = 0
        self.held_until = 0
        self._own_hold_until = 0
        self._own_until = 0
        self._told: dict[str, int] = {}
        self._refuted = False
        self.trial: str | None = None
        self.failure = ""
        self.failure_at: int | None = None

    # What it says ----------------------------------------------------------------------------------------------------

    @property
    def opened_by(self) -> Opened | None:
        """Who opened it; None while it is closed."""
        return self._opened_by

    def word(self, now_ms: int) -> str:
        """Return `closed`, `open` or `half-open`."""
        if self._opened_by is None:
            return "closed"
        return "open" if now_ms < self._until(now_ms) else "half-open"

    def lets_through(self, now_ms: int) -> bool:
        """Whether one more exchange may go there now: closed, or half-open with nobody on trial; and not held."""
        if now_ms < self.held_until:
            return False
        return self._opened_by is None or (now_ms >= self._until(now_ms) and self.trial is None)

    def opens_in_ms(self, now_ms: int) -> int:
        """How long until it may let something through, by time alone; 0 if time is not what it waits for."""
        until = self.held_until
        if self._opened_by is not None:
            until = max(until, self._until(now_ms))
        return max(0, until - now_ms)

    def _until(self, now_ms: int) -> int:
        """Until when nobody is let through: as seen here, as others say, and while it is silent, which has an end."""
        until = self.blocked_until
        if not self._alive:
            until = max(until, *self._told.values(), 0)
        if self.silent(now_ms):
            until = max(until, min(self._silent_until, self._opened_at + self._settings.open_max_ms))
        return until

    def silent(self, now_ms: int) -> bool:
        """Whether one that answers probes answers none now, and nobody heard anything else of it since."""
        return self._answers_probes and now_ms < self._silent_until

    def gone(self, now_ms: int) -> bool:
        """Whether it has been silent for so long that whoever waits for a first token there should look elsewhere."""
        return self.silent(now_ms) and self._silences > self._settings.dead_probes

    def own_blocks(self, now_ms: int) -> tuple[int, int]:
        """Return how much longer it is open by what was seen here, and held by what it said here; 0 if not.

        What was only heard or probed is not told again: two gateways would keep a rumour alive for ever.
        """
        opened = self._own_until - now_ms if self._opened_by is Opened.OUTCOMES else 0
        return max(0, opened), max(0, self._own_hold_until - now_ms)

    def well_lately(self, now_ms: int) -> bool:
        """Whether a good outcome speaks for it: then neither a probe nor hearsay speaks against it."""
        return self._well_at is not None and now_ms - self._well_at < self._settings.window_ms

    # What it is told -------------------------------------------------------------------------------------------------

    def begins(self, exchange_id: str) -> None:
        """An exchange goes there; while half-open, it is the one on trial."""
        if self._opened_by is not None:
            self.trial = exchange_id

    def lost(self, exchange_id: str) -> None:
        """Nobody will say how an exchange ended: if it was on trial, another one may be."""
        if self.trial == exchange_id:
            self.trial = None

    def answers(self, exchange_id: str, *, begun_ms: int) -> bool:
        """An answer begins: if it is the one on trial, it is closed, and True is returned.

        A long answer is not waited for, and if it is cut after all, that counts as any other's.
        """
        self._heard_of(in_spite_of_probes=True)
        if self.trial != exchange_id:
            return False
        self.trial = None
        self._close(begun_ms)
        return True

    def ended(
        self,
        exchange_id: str,
        outcome: Outcome,
        *,
        begun_ms: int,
        now_ms: int,
        code: str = "",
        retry_after_ms: int | None = None,
    ) -> None:
        """Take note of how an exchange ended.

        Args:
            exchange_id: The exchange.
            outcome: How it ended.
            begun_ms: When it began.
            now_ms: Now.
            code: What a bad outcome is called.
            retry_after_ms: How long an overloaded deployment asked to be left alone, if it said so.
        """
        on_trial = self.trial == exchange_id
        self.lost(exchange_id)
        if outcome is Outcome.LEFT:
            return
        bad = outcome in _STRIKES
        if bad:
            self.failure, self.failure_at = code or outcome.value, now_ms
        if outcome is Outcome.OVERLOADED:
            self._hold(now_ms, retry_after_ms)
        elif not bad:
            self._holds = 0
        self.outcomes = True
        if not bad:
            self._well_at = now_ms
            self._heard_of(in_spite_of_probes=True)
        if self._opened_by is not None:
            self._settle(on_trial=on_trial, bad=bad, now_ms=now_ms)
        elif self._closed_at is None or begun_ms >= self._closed_at:
            self._note(now_ms, outcome=outcome, bad=bad)

    def probed(self, *, alive: bool, code: str, now_ms: int) -> None:
        """Take note of a probe; see the module for how little it can do."""
        if not alive:
            self._dead, self._alive, self._refuted = self._dead + 1, False, False
            if code in _SILENT:
                self._note_silence(now_ms)
            else:
                self._heard_of()
            if self._dead < self._settings.dead_probes or self.well_lately(now_ms):
                return
            self.failure, self.failure_at = code or "probe", now_ms
            if self._opened_by is None:
                self._open(Opened.PROBES, now_ms)
            return
        self._heard_of()
        self._dead, self._alive, self._answers_probes, self._refuted = 0, True, True, bool(self._told)
        if self._opened_by is Opened.OUTCOMES:
            # From the length drawn at the opening, so that the next probe takes nothing more.
            self._own_until = min(self._own_until, self._opened_at + self._length() // 2)
            self.blocked_until = min(self.blocked_until, self._own_until)
        elif self._opened_by is not None:
            self._close(now_ms)

    def heard(self, gateway_id: str, *, open_ms: int, hold_ms: int, now_ms: int) -> None:
        """Take note of what another gateway says: a hold is the deployment's own word, an opening is hearsay.

        An opening counts for as long as that gateway goes on saying it.
        """
        if hold_ms > 0:
            self.held_until = max(self.held_until, now_ms + min(hold_ms, self._settings.hold_max_ms))
        if open_ms <= 0:
            if self._told.pop(gateway_id, None) is not None and not self._told and self._opened_by is Opened.HEARSAY:
                self._close(now_ms)
            return
        if gateway_id not in self._told:
            self._refuted = False
        self._told[gateway_id] = now_ms + min(open_ms, self._settings.open_max_ms)
        if self._opened_by is None and not (self._refuted or self.well_lately(now_ms)):
            self._opened_by, self._opened_at, self.blocked_until = Opened.HEARSAY, now_ms, now_ms
            self._alive = False

    # ------------------------------------------------------------------------------------------------------------------

    def _note_silence(self, now_ms: int) -> None:
        self._silences += 1
        if self._silences >= self._settings.dead_probes:
            self._silent_until = now_ms + self._settings.silent_ms

    def _heard_of(self, *, in_spite_of_probes: bool = False) -> None:
        """It is there. If exchanges say so while probes do not, its probes say nothing until one is answered again."""
        if in_spite_of_probes and self._silences >= self._settings.dead_probes:
            self._answers_probes = False
        self._silences = self._silent_until = 0

    def _note(self, now_ms: int, *, outcome: Outcome, bad: bool) -> None:
        recent, oldest = self._recent, now_ms - self._settings.window_ms
        while recent and (len(recent) == _REMEMBERED or recent[0][0] <= oldest):
            self._bad -= recent.popleft()[1]
        recent.append((now_ms, bad))
        self._bad += bad
        self._strikes = self._strikes + _STRIKES[outcome] if bad else 0
        suspected = any(now_ms < until for until in self._told.values()) or self.silent(now_ms)
        if bad and (suspected or self._strikes >= self._settings.strikes or self._too_many_bad()):
            self._open(Opened.OUTCOMES, now_ms)

    def _too_many_bad(self) -> bool:
        seen = len(self._recent)
        return seen >= self._settings.ratio_least and self._bad * _PERCENT >= seen * self._settings.ratio_percent

    def _settle(self, *, on_trial: bool, bad: bool, now_ms: int) -> None:
        """While open, the one on trial decides; what probes or hearsay opened, any success closes."""
        if on_trial and bad:
            self._open(Opened.OUTCOMES, now_ms)
        elif not bad and (on_trial or self._opened_by is not Opened.OUTCOMES):
            self._close(now_ms)

    def _open(self, by: Opened, now_ms: int) -> None:
        if self._closed_at is not None and now_ms - self._closed_at > self._settings.open_max_ms:
            self._openings = 0  # it was well for longer than the longest opening
        self._closed_at = None
        self._openings += 1
        self._opened_by, self._opened_at = by, now_ms
        self._own_until = now_ms + self._length()
        self.blocked_until = self._own_until
        self._alive = False
        self.trial = None

    def _close(self, now_ms: int) -> None:
        self._opened_by = None
        self._closed_at = now_ms
        self._strikes = self._dead = self._bad = 0
        self._recent.clear()

    def _length(self) -> int:
        """How long this opening lasts: doubled each time, and up to a quarter more, which no two gateways share."""
        doublings = min(self._openings - 1, _MOST_DOUBLINGS)
        length = min(self._settings.open_ms << doublings, self._settings.open_max_ms)
        drawn = zlib.crc32(f"{self._seed}\n{self._name}\n{self._openings}".encode())
        return length + (length // 4) * (drawn & 0xFFFF) // 0x10000

    def _hold(self, now_ms: int, retry_after_ms: int | None) -> None:
        if retry_after_ms is None:
            self._holds += 1
            retry_after_ms = self._settings.hold_ms << min(self._holds - 1, _MOST_DOUBLINGS)
        until = now_ms + min(max(retry_after_ms, 0), self._settings.hold_max_ms)
        self._own_hold_until = max(self._own_hold_until, until)
        self.held_until = max(self.held_until, until)
