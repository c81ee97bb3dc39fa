"""Alarms: what a monitor says, in both languages, and never a word of content.

Every alarm has a code of the table in `alarm_codes`, and names as far as they apply the log, the entry, the exchange,
the field and the policy, with what was expected and what was found. Expected and found are values of the record itself
(booleans, ids of policies, digests, counts): the record holds nothing personal, so neither does an alarm.

The same observation always has the same key. A monitor that is killed between telling and remembering tells again, and
who collects alarms drops keys seen before.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.oversight.monitor.alarm_codes import CODES, SOMETIMES, Severity

if TYPE_CHECKING:
    from bouclier.terms.errors import Bilingual

_MAX_SHOWN_CHARS: Final = 200
_KEY_DIGITS: Final = 24


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing a monitor noticed.

    Attributes:
        code: What it is, one of `CODES`.
        severity: How much it matters.
        origin: The log's; empty when it could not be told.
        message: One sentence.
        index: The entry concerned.
        exchange: The exchange concerned.
        field: The entry's field, as a path: `$.candidates[1].permitted`.
        policy: Ids of the charter's policies that determine it, separated by commas.
        expected: What the replay, the signed tree or the provider says.
        found: What the log says.
    """

    code: str
    severity: Severity
    origin: str
    message: Bilingual
    index: int | None = None
    exchange: str | None = None
    field: str | None = None
    policy: str | None = None
    expected: str | None = None
    found: str | None = None

    @property
    def key(self) -> str:
        """The same for the same observation, another for another: 24 hexadecimal digits."""
        parts = (self.code, self.origin, self.index, self.exchange, self.field, self.policy, self.expected, self.found)
        return sha256("\x00".join("" if part is None else str(part) for part in parts).encode()).hexdigest()[
            :_KEY_DIGITS
        ]


class Remark(NamedTuple):
    """What a check has to say of the entry before it; `LogWatch` adds which entry of which log that is.

    Attributes:
        code: One of `CODES`.
        field: As in `Alarm`, like those below.
        policy: Ids of policies.
        expected: What should stand there.
        found: What stands there.
        exchange: The exchange, when it is not the entry's own.
        severity: When it is not the code's own.
    """

    code: str
    field: str | None = None
    policy: str | None = None
    expected: str | None = None
    found: str | None = None
    exchange: str | None = None
    severity: Severity | None = None


def alarm_of(remark: Remark, *, origin: str, index: int | None = None, exchange: str | None = None) -> Alarm:
    """Return the alarm a remark makes.

    Args:
        remark: What was noticed.
        origin: In which log.
        index: At which entry.
        exchange: That entry's exchange.
    """
    severity, message = CODES[remark.code]
    return Alarm(
        code=remark.code,
        severity=remark.severity or severity,
        origin=printable(origin),
        message=message,
        index=index,
        exchange=remark.exchange or exchange,
        field=_short(remark.field),
        policy=_short(remark.policy or None),
        expected=_short(remark.expected),
        found=_short(remark.found),
    )


def _short(value: str | None) -> str | None:
    if value is None:
        return None
    return printable(value if len(value) <= _MAX_SHOWN_CHARS else value[: _MAX_SHOWN_CHARS - 1] + "…")


def printable(value: str) -> str:
    """Return a text that a terminal can be shown: a log may hold anything, and alarms are read there."""
    return value if value.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in value)


def severities_of(code: str) -> frozenset[str]:
    """Return how much alarms of a code may matter: as its table says, or as a check may say instead."""
    return frozenset({CODES[code][0], SOMETIMES.get(code, CODES[code][0])})


__all__ = ["CODES", "Alarm", "Remark", "Severity", "alarm_of", "printable", "severities_of"]
