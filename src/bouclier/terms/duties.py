"""Duties as they are spelled, merged and read: what is owed if an exchange is permitted.

A duty is one word, or a word and its argument:

    pseudonymise  local-only  ground  seal  human-review
    warn:<id>              the answer carries this warning
    retain:<min>-<max>     sealed content is kept at least and at most so many days
    carbon-cap:<mg>        the exchange may cost at most so many mg CO2e

Several policies may oblige at once. Duties then merge by the strictest: every warning is given, the longest minimum and
the shortest maximum of retention hold, and the lowest cap. Merging is commutative, associative and idempotent, so that
neither the order of policies nor deciding twice can weaken what is owed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.terms.errors import Bilingual, CharterError
from bouclier.terms.law import Duty

if TYPE_CHECKING:
    from collections.abc import Iterable

KEYWORD: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
MAX_DAYS: Final = 36_500
MAX_CARBON_MG: Final = 10**9
_BARE: Final = frozenset((Duty.PSEUDONYMISE, Duty.LOCAL_ONLY, Duty.GROUND, Duty.SEAL, Duty.HUMAN_REVIEW))
_NATURAL: Final = re.compile(r"0|[1-9][0-9]{0,9}")


class Retention(NamedTuple):
    """How long sealed content is kept, days."""

    min_days: int
    max_days: int


def is_duty(text: str) -> bool:
    """Tell whether a text spells a duty."""
    word, mark, argument = text.partition(":")
    if not mark:
        return word in _BARE
    if word == Duty.WARN:
        return KEYWORD.fullmatch(argument) is not None
    if word == Duty.CARBON_CAP:
        return _NATURAL.fullmatch(argument) is not None and int(argument) <= MAX_CARBON_MG
    if word == Duty.RETAIN:
        least, dash, most = argument.partition("-")
        if not (dash and _NATURAL.fullmatch(least) and _NATURAL.fullmatch(most)):
            return False
        return int(least) <= int(most) <= MAX_DAYS
    return False


def merge(duties: Iterable[str]) -> tuple[str, ...]:
    """Return what several duties amount to together, sorted.

    Args:
        duties: Each as `is_duty` accepts it.

    Raises:
        CharterError: Two retentions contradict each other: one asks to keep longer than another allows.
    """
    given = frozenset(duties)
    merged = {duty for duty in given if duty.partition(":")[0] in {*_BARE, Duty.WARN}}
    retention, cap = retention_of(given), carbon_cap_of(given)
    if retention is not None:
        merged.add(f"{Duty.RETAIN}:{retention.min_days}-{retention.max_days}")
    if cap is not None:
        merged.add(f"{Duty.CARBON_CAP}:{cap}")
    return tuple(sorted(merged))


def warnings_of(duties: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the warnings owed, sorted."""
    return tuple(sorted(_arguments(duties, Duty.WARN)))


def retention_of(duties: Iterable[str]) -> Retention | None:
    """Return how long sealed content is kept, or None if no duty says.

    Raises:
        CharterError: Two retentions contradict each other.
    """
    spans = [argument.split("-") for argument in _arguments(duties, Duty.RETAIN)]
    if not spans:
        return None
    least, most = max(int(span[0]) for span in spans), min(int(span[1]) for span in spans)
    if least > most:
        raise CharterError(
            Bilingual(
                f"Charte : deux durées de conservation se contredisent (au moins {least} jours, au plus {most}).",
                f"Charter: two retentions contradict each other (at least {least} days, at most {most}).",
            ),
            Bilingual(
                "Rien n'est parti. La charte doit dire laquelle l'emporte.",
                "Nothing has left. The charter must say which one prevails.",
            ),
            param=Duty.RETAIN,
        )
    return Retention(least, most)


def carbon_cap_of(duties: Iterable[str]) -> int | None:
    """Return the lowest cap, mg CO2e an exchange, or None if no duty says."""
    return min((int(argument) for argument in _arguments(duties, Duty.CARBON_CAP)), default=None)


class Means(NamedTuple):
    """What an exchange brings with it, of what duties may ask.

    Attributes:
        sourced: Whether it brings the sources to answer from.
        reviewed: Whether a second person approved it.
        tokens: Upper estimate of its length in tokens.
    """

    sourced: bool
    reviewed: bool
    tokens: int


def unmet(duties: Iterable[str], means: Means, *, carbon_mg: int | None) -> tuple[Duty, ...]:
    """Return which duties an exchange cannot fulfil: what is permitted under them may not be placed.

    Args:
        duties: As merged.
        means: What the exchange brings.
        carbon_mg: mg CO2e per 1,000 tokens of the deployment; None if unknown.
    """
    owed = _conditions(tuple(duties))
    if owed is _NO_CONDITIONS:
        return ()
    missing = []
    if owed.sourced and not means.sourced:
        missing.append(Duty.GROUND)
    if owed.reviewed and not means.reviewed:
        missing.append(Duty.HUMAN_REVIEW)
    tokens = _affordable(owed.cap_mg, means.tokens, carbon_mg)
    if tokens is not None and tokens < 1:
        missing.append(Duty.CARBON_CAP)
    return tuple(missing)


def affordable_tokens(duties: Iterable[str], tokens: int, *, carbon_mg: int | None) -> int | None:
    """Return how many tokens an answer may have under the carbon cap; None if nothing caps it.

    Args:
        duties: As merged.
        tokens: Upper estimate of the request's own.
        carbon_mg: mg CO2e per 1,000 tokens of the deployment; None if unknown, and then nothing is affordable.
    """
    return _affordable(carbon_cap_of(duties), tokens, carbon_mg)


def _affordable(cap_mg: int | None, tokens: int, carbon_mg: int | None) -> int | None:
    if cap_mg is None or carbon_mg == 0:
        return None
    return 0 if carbon_mg is None else max(0, cap_mg * 1000 // carbon_mg - tokens)


class _Conditions(NamedTuple):
    """What merged duties ask of an exchange."""

    sourced: bool
    reviewed: bool
    cap_mg: int | None


_NO_CONDITIONS: Final = _Conditions(sourced=False, reviewed=False, cap_mg=None)


@lru_cache(maxsize=1024)
def _conditions(duties: tuple[str, ...]) -> _Conditions:
    """Read duties once: a charter has few sets of them, and each candidate of each exchange is asked about its own."""
    found = _Conditions(Duty.GROUND in duties, Duty.HUMAN_REVIEW in duties, carbon_cap_of(duties))
    return _NO_CONDITIONS if found == _NO_CONDITIONS else found


def _arguments(duties: Iterable[str], word: Duty) -> list[str]:
    prefix = f"{word}:"
    return [duty.removeprefix(prefix) for duty in duties if duty.startswith(prefix)]
