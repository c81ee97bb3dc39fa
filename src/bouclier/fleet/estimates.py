"""How long a deployment takes to its first token, and per token after it, as far as what was seen lately tells.

The time to the first token grows with the prompt: a line `base + slope x tokens`, fitted to what was seen by least
squares whose weights fade, by an eighth with every exchange and by half with every half-life of silence. Tokens the
deployment already holds of a conversation (its prefix cache) need not be read again; how much of that gain is real is
itself measured, from a prudent half. Load that was not seen costs: more exchanges at once than usual lengthen the wait
in proportion, fewer shorten nothing.

Unknown never helps: a line never seen is one and a half times what is typical of the fleet, and what was seen long ago
fades back to that. It neither wins against a typical deployment nor loses everything: it is tried as soon as those that
are seen are busy or slow. So exploring is paid by load, never by a caller who could have been served sooner.

All in integers: the same observations give the same estimates on every machine. Time is an argument.
"""

from __future__ import annotations

_ONE = 1 << 20  # weight of one fresh observation
_FADE = 8  # an observation weighs 7/8 of the one after it
_PRIOR = _ONE // 32  # each of the two points by which an unseen line is known: little against one exchange
_PRIOR_TOKENS = 1_000
_MOST_HALVES = 16
_SLOWEST_MS = 3_600_000
_LONGEST_TOKENS = 10_000_000
_SECOND = 10  # bits: what is read twice within 1,024 ms is computed once
TYPICAL = (500, 500)  # base (ms), slope (us per token) of a fleet that nobody has used yet
_UNSEEN = (3, 2)
_PERMILLE = 1_000
_CROWD_ONE = 1 << 8
_MOST_CROWDED = 16  # times the usual wait
_JUMP = 4  # one observation counts for at most so many times what was expected


class Line:
    """`base + slope x tokens`, by fading least squares. Weights are integers, sums exact."""

    __slots__ = ("_fresh_at", "_half_life_ms", "_n", "_p", "_pp", "_pt", "_t")

    def __init__(self, half_life_ms: int) -> None:
        """Know nothing yet.

        Args:
            half_life_ms: After how long what was seen weighs half.
        """
        self._half_life_ms = half_life_ms
        self._n = self._p = self._t = self._pp = self._pt = 0
        self._fresh_at = 0

    def observe(self, tokens: int, time_ms: int, *, now_ms: int) -> None:
        """Take note that a prompt of so many tokens took so long."""
        numerator, denominator = self._faded(now_ms)
        numerator, denominator = numerator * (_FADE - 1), denominator * _FADE
        self._fresh_at = now_ms
        tokens, time_ms = min(max(tokens, 0), _LONGEST_TOKENS), min(max(time_ms, 0), _SLOWEST_MS)
        self._n = self._n * numerator // denominator + _ONE
        self._p = self._p * numerator // denominator + _ONE * tokens
        self._t = self._t * numerator // denominator + _ONE * time_ms
        self._pp = self._pp * numerator // denominator + _ONE * tokens * tokens
        self._pt = self._pt * numerator // denominator + _ONE * tokens * time_ms

    def read(self, leant_on: tuple[int, int], *, now_ms: int) -> tuple[int, int]:
        """Return base (ms) and slope (us per token); what is not seen is taken from another line."""
        base_ms, slope_us = leant_on
        numerator, denominator = self._faded(now_ms)
        far_ms = base_ms + _PRIOR_TOKENS * slope_us // 1000
        n = self._n * numerator // denominator + 2 * _PRIOR
        p = self._p * numerator // denominator + _PRIOR * _PRIOR_TOKENS
        t = self._t * numerator // denominator + _PRIOR * (base_ms + far_ms)
        pp = self._pp * numerator // denominator + _PRIOR * _PRIOR_TOKENS * _PRIOR_TOKENS
        pt = self._pt * numerator // denominator + _PRIOR * _PRIOR_TOKENS * far_ms
        # The two points leant on have different lengths, so the spread is never nought.
        slope = max(0, 1000 * (n * pt - p * t) // (n * pp - p * p))
        base = (1000 * t - slope * p) // (1000 * n)
        if base < 0:  # a line through nought fits better than one that promises answers before their question
            return 0, max(0, 1000 * pt // pp)
        return base, slope

    def _faded(self, now_ms: int) -> tuple[int, int]:
        """What silence left of the weights, as a fraction: halved per half-life, linearly in between."""
        halves, rest = divmod(max(0, now_ms - self._fresh_at), self._half_life_ms)
        if halves > _MOST_HALVES:
            return 0, 1
        return 2 * self._half_life_ms - rest, (2 * self._half_life_ms) << halves


class Estimates:
    """What is measured of one deployment.

    Attributes:
        token_us: Microseconds per token after the first, a fading average; None if never seen.
        service_ms: Length of a whole exchange, likewise.
    """

    __slots__ = ("_crowd", "_gain", "_line", "_read", "_read_for", "_typical", "service_ms", "token_us")

    def __init__(self, half_life_ms: int, *, typical: Line) -> None:
        """Know nothing yet of this deployment.

        Args:
            half_life_ms: After how long of silence what was seen weighs half.
            typical: The line of the whole fleet, shared by its deployments: each adds to it what it sees.
        """
        self._line = Line(half_life_ms)
        self._typical = typical
        self._gain = _PERMILLE // 2
        self._crowd = 0
        self._read = (0, 0)
        self._read_for = -1
        self.token_us: int | None = None
        self.service_ms: int | None = None

    def wait_ms(self, *, prompt_tokens: int, held_tokens: int, ahead: int, slots: int | None, now_ms: int) -> int:
        """Return how long until the first token of one more exchange.

        Args:
            prompt_tokens: Length of its prompt.
            held_tokens: How many of them the deployment may hold already.
            ahead: Exchanges that are there already, whoever sent them.
            slots: How many it serves at once; None if unknown.
            now_ms: Now.
        """
        second = now_ms >> _SECOND
        if second != self._read_for:
            self._read, self._read_for = self._line.read(self._leant_on(now_ms), now_ms=now_ms), second
        base, slope = self._read
        wait = base + slope * (prompt_tokens - held_tokens * self._gain // _PERMILLE) // 1000
        usual = _CROWD_ONE + self._crowd
        crowd = _CROWD_ONE * (1 + ahead)
        if crowd > usual:
            wait = wait * min(crowd, _MOST_CROWDED * usual) // usual
        if slots is not None and ahead >= slots:
            wait += (ahead - slots + 1) * (self.service_ms or wait) // max(slots, 1)
        return min(wait, _SLOWEST_MS)

    def began(self, *, prompt_tokens: int, held_tokens: int, ahead: int, took_ms: int, now_ms: int) -> None:
        """Take note of how long the first token of an exchange took; see `wait_ms` for the others."""
        leant_on = self._leant_on(now_ms)
        base, slope = self._line.read(leant_on, now_ms=now_ms)
        read = prompt_tokens - held_tokens * self._gain // _PERMILLE
        # One that hung for an hour is news; it is not what the next one will take.
        took_ms = min(took_ms, _JUMP * (base + slope * read // 1000) + _JUMP)
        if held_tokens and slope:
            cold = base + slope * prompt_tokens // 1000
            warm = base + slope * (prompt_tokens - held_tokens) // 1000
            if cold > warm:
                real = min(max(_PERMILLE * (cold - took_ms) // (cold - warm), 0), _PERMILLE)
                self._gain = _nearer(self._gain, real)
        self._line.observe(read, took_ms, now_ms=now_ms)
        self._typical.observe(read, took_ms, now_ms=now_ms)
        self._crowd = _nearer(self._crowd, _CROWD_ONE * ahead)
        self._read_for = -1

    def ended(self, *, took_ms: int, writing_ms: int | None, tokens: int | None) -> None:
        """Take note of a whole exchange that was served.

        Args:
            took_ms: How long it took.
            writing_ms: How long from its first token to its end; None if the first was not seen.
            tokens: How many it wrote, if known.
        """
        self.service_ms = _nearer(self.service_ms, took_ms)
        if writing_ms is not None and tokens is not None and tokens > 1:
            self.token_us = _nearer(self.token_us, 1000 * writing_ms // (tokens - 1))

    def _leant_on(self, now_ms: int) -> tuple[int, int]:
        base, slope = self._typical.read(TYPICAL, now_ms=now_ms)
        numerator, denominator = _UNSEEN
        return base * numerator // denominator, slope * numerator // denominator


def _nearer(old: int | None, new: int) -> int:
    """Move an eighth of the way, and always at least one: integers must not stop short."""
    if old is None:
        return new
    step = (new - old) // _FADE if new >= old else -((old - new) // _FADE)
    return old + (step or (new > old) - (new < old))
