"""How long a deployment takes to its first token, and per token after it, as far as what was seen lately tells.

The time to the first token grows with the prompt and with the exchanges that are there already: `base + per token x
tokens + per exchange x ahead`, fitted to what was seen by least squares whose weights fade, by a twelfth with every
exchange and by half with every half-life of silence. Tokens the deployment already holds of a conversation (its prefix
cache) need not be read again; how much of that gain is real is itself measured, from a prudent half.

Unknown never helps: a line never seen is one and a half times what is typical of the fleet, and what was seen long ago
fades back to that. It neither wins against a typical deployment nor loses everything: it is tried as soon as those that
are seen are busy or slow. So exploring is paid by load, never by a caller who could have been served sooner.

All in integers: the same observations give the same estimates on every machine. Time is an argument.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_ONE = 1 << 20  # weight of one fresh observation
_FADE = 12  # an observation weighs 11/12 of the one after it
_STEP = 8  # an average moves an eighth of the way
_PRIOR = _ONE // 32  # each of the three points by which an unseen line is known: little against one exchange
_PRIOR_TOKENS = 1_000
_PRIOR_AHEAD = 4
_MOST_HALVES = 16
_SLOWEST_MS = 3_600_000
_LONGEST_TOKENS = 10_000_000
_MOST_AHEAD = 10_000
_SECOND = 13  # bits: what is read twice within 8,192 ms is computed once, unless something was seen meanwhile
_UNSEEN = (3, 2)
_PERMILLE = 1_000
_JUMP, _JUMP_MS = 4, 1_000  # one observation counts for at most so many times what was expected, and a second


class Line(NamedTuple):
    """What a first token takes: `base + per_token x tokens read + per_ahead x exchanges ahead`.

    Attributes:
        base_us: Microseconds, whatever is asked.
        token_us: Per token of the prompt that is read.
        ahead_us: Per exchange that is there already.
    """

    base_us: int
    token_us: int
    ahead_us: int

    def at_ms(self, tokens: int, ahead: int) -> int:
        """Return the time in milliseconds."""
        return (self.base_us + self.token_us * tokens + self.ahead_us * ahead) // 1000


class Fit:
    """A `Line` by fading least squares. Weights are integers, sums exact."""

    __slots__ = ("_fresh_at", "_half_life_ms", "_sums")

    def __init__(self, half_life_ms: int) -> None:
        """Know nothing yet.

        Args:
            half_life_ms: After how long what was seen weighs half.
        """
        self._half_life_ms = half_life_ms
        self._sums: tuple[int, ...] = (0,) * 9
        self._fresh_at = 0

    def observe(self, tokens: int, ahead: int, time_ms: int, *, now_ms: int) -> None:
        """Take note that a prompt of so many tokens, with so many exchanges ahead, took so long."""
        numerator, denominator = self._faded(now_ms)
        numerator, denominator = numerator * (_FADE - 1), denominator * _FADE
        self._fresh_at = now_ms
        tokens, ahead = min(max(tokens, 0), _LONGEST_TOKENS), min(max(ahead, 0), _MOST_AHEAD)
        new = _sums(tokens, ahead, 1000 * min(max(time_ms, 0), _SLOWEST_MS))
        self._sums = tuple(
            old * numerator // denominator + _ONE * one for old, one in zip(self._sums, new, strict=True)
        )

    def read(self, leant_on: Line, *, now_ms: int) -> Line:
        """Return the line; what is not seen is taken from another one, at three points that weigh little."""
        numerator, denominator = self._faded(now_ms)
        sums = [old * numerator // denominator for old in self._sums]
        base, token, ahead = leant_on
        for tokens, there, time in (
            (0, 0, base),
            (_PRIOR_TOKENS, 0, base + _PRIOR_TOKENS * token),
            (0, _PRIOR_AHEAD, base + _PRIOR_AHEAD * ahead),
        ):
            for index, one in enumerate(_sums(tokens, there, time)):
                sums[index] += _PRIOR * one
        return _solved(*sums)

    def _faded(self, now_ms: int) -> tuple[int, int]:
        """What silence left of the weights, as a fraction: halved per half-life, linearly in between."""
        halves, rest = divmod(max(0, now_ms - self._fresh_at), self._half_life_ms)
        if halves > _MOST_HALVES:
            return 0, 1
        return 2 * self._half_life_ms - rest, (2 * self._half_life_ms) << halves


def _sums(p: int, a: int, t: int) -> tuple[int, ...]:
    return (1, p, a, p * p, p * a, a * a, t, p * t, a * t)


def _solved(n: int, p: int, a: int, pp: int, pa: int, aa: int, t: int, pt: int, at: int) -> Line:  # noqa: PLR0913, PLR0917
    """Solve the normal equations by Cramer's rule; what would fall with length or load is held flat instead.

    Of the points leant on no line holds all three, so no determinant is nought.
    """
    # Deviations from the means, times n: two equations instead of three.
    spp, spa, saa = n * pp - p * p, n * pa - p * a, n * aa - a * a
    spt, sat = n * pt - p * t, n * at - a * t
    determinant = spp * saa - spa * spa
    token, ahead = (spt * saa - sat * spa) // determinant, (sat * spp - spt * spa) // determinant
    if ahead < 0:
        token, ahead = spt // spp, 0
    if token < 0:
        token, ahead = 0, max(0, sat // saa)
    return Line(max(0, (t - token * p - ahead * a) // n), token, ahead)


TYPICAL: Final = Line(base_us=500_000, token_us=500, ahead_us=100_000)
"""Of a fleet that nobody has used yet."""


class Typical:
    """What is typical of the whole fleet: each of its deployments adds what it sees."""

    __slots__ = ("_fit", "_read_for", "_unseen")

    def __init__(self, half_life_ms: int) -> None:
        """Know nothing yet."""
        self._fit = Fit(half_life_ms)
        self._unseen = TYPICAL
        self._read_for = -1

    def observe(self, tokens: int, ahead: int, time_ms: int, *, now_ms: int) -> None:
        """See `Fit.observe`."""
        self._fit.observe(tokens, ahead, time_ms, now_ms=now_ms)

    def unseen(self, now_ms: int) -> Line:
        """Return the line of a deployment that was never seen: worse than a typical one."""
        if now_ms >> _SECOND != self._read_for:
            numerator, denominator = _UNSEEN
            typical = self._fit.read(TYPICAL, now_ms=now_ms)
            self._unseen = Line(*(part * numerator // denominator for part in typical))
            self._read_for = now_ms >> _SECOND
        return self._unseen


class Estimates:
    """What is measured of one deployment.

    Attributes:
        token_us: Microseconds per token after the first, a fading average; None if never seen.
        service_ms: Length of a whole exchange, likewise.
    """

    __slots__ = ("_fit", "_gain", "_line", "_line_for", "_typical", "service_ms", "token_us")

    def __init__(self, half_life_ms: int, *, typical: Typical) -> None:
        """Know nothing yet of this deployment.

        Args:
            half_life_ms: After how long of silence what was seen weighs half.
            typical: Of the whole fleet, shared by its deployments: each adds to it what it sees.
        """
        self._fit = Fit(half_life_ms)
        self._typical = typical
        self._gain = _PERMILLE // 2
        self._line = TYPICAL
        self._line_for = -1
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
        if now_ms >> _SECOND != self._line_for:
            self._read(now_ms)
        base_us, token_us, ahead_us = self._line
        if held_tokens:
            prompt_tokens -= held_tokens * self._gain // _PERMILLE
        wait = (base_us + token_us * prompt_tokens + ahead_us * ahead) // 1000
        if slots is not None and ahead >= slots:
            wait += (ahead - slots + 1) * (self.service_ms or wait) // max(slots, 1)
        return min(wait, _SLOWEST_MS)

    def began(self, *, prompt_tokens: int, held_tokens: int, ahead: int, took_ms: int, now_ms: int) -> None:
        """Take note of how long the first token of an exchange took; see `wait_ms` for the others."""
        line = self._read(now_ms)
        read = prompt_tokens - held_tokens * self._gain // _PERMILLE
        # One that hung for an hour is news; it is not what the next one will take.
        took_ms = min(took_ms, _JUMP * line.at_ms(read, ahead) + _JUMP_MS)
        cold = line.at_ms(prompt_tokens, ahead)
        warm = line.at_ms(prompt_tokens - held_tokens, ahead)
        if cold > warm:
            real = min(max(_PERMILLE * (cold - took_ms) // (cold - warm), 0), _PERMILLE)
            self._gain = _nearer(self._gain, real)
        self._fit.observe(read, ahead, took_ms, now_ms=now_ms)
        self._typical.observe(read, ahead, took_ms, now_ms=now_ms)
        self._line_for = -1

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

    def _read(self, now_ms: int) -> Line:
        self._line = self._fit.read(self._typical.unseen(now_ms), now_ms=now_ms)
        self._line_for = now_ms >> _SECOND
        return self._line


def _nearer(old: int | None, new: int) -> int:
    """Move an eighth of the way, and always at least one: integers must not stop short."""
    if old is None:
        return new
    step = (new - old) // _STEP if new >= old else -((old - new) // _STEP)
    return old + (step or (new > old) - (new < old))
