"""Requests as an institution makes them: over a day, in bursts, in conversations, of every class of data.

Published: the medians of prompts and answers, 1,020 and 129 tokens for conversations, 1,500 and 13 for code (Azure
production traces of 2023, in Patel et al., "Splitwise", ISCA 2024, section 3.1); that gaps between requests of such
services are fitted by a Gamma distribution and are burstier than Poisson (Wang et al., "BurstGPT", arXiv:2401.17644);
that load follows the day and the week (Stojkovic et al., "DynamoLLM", HPCA 2025, with the Azure traces of 2024).

Ours, because the papers give curves and not numbers: the heavy tails (log-normal, sigma about 1), the Gamma's shape
(0.5, a coefficient of variation of 1.4), the hourly curve, how long conversations are, what agents and batches ask, and
which classes, purposes and roles are mixed. A day is compressed: each of its hours is stood for by a minute or more, in
which seconds are seconds; what people take to think is not compressed.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.terms.content import DataClass

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOURS: Final = (
    *(0.10, 0.08, 0.07, 0.07, 0.08, 0.12, 0.25, 0.50, 0.85, 1.15, 1.30, 1.25),
    *(0.95, 1.05, 1.30, 1.35, 1.25, 1.00, 0.70, 0.50, 0.40, 0.30, 0.20, 0.14),
)
"""Of a working day, beside its busiest hours' mean of about one and a quarter."""
_DAYS: Final = (1.0, 1.05, 1.05, 1.0, 0.9, 0.25, 0.2)
_GAMMA_SHAPE: Final = 0.5
_MOST_PROMPT: Final = 16_000
_MOST_ANSWER: Final = 3_000
_THINKING_S: Final = 25.0
_GOES_ON: Final = 0.65
"""A conversation has another turn: 2.9 turns on average."""


class Kind(NamedTuple):
    """How long requests of a kind are, tokens; log-normal.

    Attributes:
        first: Median of a first prompt.
        more: Median of what each turn adds, beside the answer before.
        spread: Sigma of both.
        answer: Median of an answer.
        tail: Its sigma.
        talks: Whether it goes on as a conversation.
    """

    first: int
    more: int
    spread: float
    answer: int
    tail: float
    talks: bool


_CHAT: Final = Kind(first=400, more=120, spread=1.0, answer=129, tail=1.1, talks=True)
_CODE: Final = Kind(first=1500, more=200, spread=0.8, answer=13, tail=1.3, talks=False)
_AGENT: Final = Kind(first=1200, more=200, spread=0.9, answer=200, tail=1.0, talks=True)
_BULK: Final = Kind(first=1200, more=0, spread=0.8, answer=300, tail=0.7, talks=False)


class Group(NamedTuple):
    """A kind of user.

    Attributes:
        name: What it is called in the tables.
        share: Of all conversations.
        kind: How long its requests are.
        priority: How urgent they are.
        role: Of who asks.
        purpose: As declared.
        data_class: What the shield finds, or the caller declares.
        labels: Likewise.
        models: What it asks for.
    """

    name: str
    share: float
    kind: Kind
    priority: str
    role: str
    purpose: str
    data_class: DataClass
    labels: tuple[str, ...]
    models: tuple[str, ...]


GROUPS: Final = (
    Group("public", 0.18, _CHAT, "interactive", "agent", "unspecified", DataClass.PUBLIC, (), ("assistant", "petit")),
    Group("code", 0.20, _CODE, "interactive", "agent", "unspecified", DataClass.INTERNAL, (), ("code",)),
    Group("internal", 0.15, _AGENT, "normal", "agent", "unspecified", DataClass.INTERNAL, (), ("assistant", "auto")),
    Group(
        "personal", 0.20, _CHAT, "interactive", "agent", "unspecified", DataClass.PERSONAL, (), ("assistant", "petit")
    ),
    Group("legal", 0.06, _AGENT, "normal", "agent", "unspecified", DataClass.PERSONAL, (), ("juridique",)),
    Group("health", 0.05, _CHAT, "interactive", "agent", "soins", DataClass.SENSITIVE, ("health",), ("assistant",)),
    Group(
        "sensitive",
        0.04,
        _AGENT,
        "normal",
        "agent",
        "unspecified",
        DataClass.SENSITIVE,
        ("special-category",),
        ("petit",),
    ),
    Group(
        "pupils", 0.05, _CHAT, "interactive", "pupil", "aide-aux-devoirs", DataClass.PERSONAL, ("minor",), ("petit",)
    ),
    Group("restricted", 0.01, _CHAT, "normal", "agent", "unspecified", DataClass.RESTRICTED, (), ("auto",)),
    Group("bulk", 0.05, _BULK, "batch", "agent", "traitement-par-lots", DataClass.INTERNAL, (), ("petit", "code")),
    Group("forbidden", 0.01, _CHAT, "normal", "agent", "notation-sociale", DataClass.PERSONAL, (), ("assistant",)),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request.

    Attributes:
        number: Which one; requests are numbered in the order in which they come.
        at_s: When it comes.
        group: Who asks.
        model: What is asked for.
        conversation: The conversation it belongs to.
        prompt_tokens: Length of its prompt.
        answer_tokens: Length of the answer it will get, from whoever answers.
    """

    number: int
    at_s: float
    group: Group
    model: str
    conversation: str
    prompt_tokens: int
    answer_tokens: int


class Calendar(NamedTuple):
    """Which hour of which day a moment stands for.

    Attributes:
        hour_s: How many seconds stand for an hour.
        first_hour: The hour it begins with, from Monday's first.
        hours: How many are stood for.
    """

    hour_s: float
    first_hour: int = 0
    hours: int = 24

    @property
    def length_s(self) -> float:
        """Seconds in all."""
        return self.hour_s * self.hours

    def hour(self, at_s: float) -> float:
        """Return the hour since Monday's first."""
        return self.first_hour + at_s / self.hour_s

    def pace(self, at_s: float) -> float:
        """Return how busy that hour is, beside a mean day's about 0.7."""
        hour = int(self.hour(at_s))
        return _HOURS[hour % 24] * _DAYS[hour // 24 % 7]


def requests(calendar: Calendar, *, conversations_s: float, seed: int) -> list[Asked]:
    """Draw the requests of a calendar; at a pace of one, so many conversations begin a second."""
    drawn = random.Random(seed)
    found: list[tuple[float, int, Asked]] = []
    for number, at_s in enumerate(_beginnings(calendar, conversations_s, drawn)):
        group = drawn.choices(GROUPS, [one.share for one in GROUPS])[0]
        found.extend((one.at_s, number, one) for one in _conversation(number, at_s, group, drawn))
    found.sort(key=lambda one: one[:2])
    inside = [asked for at_s, _, asked in found if at_s < calendar.length_s]
    return [
        Asked(
            number,
            one.at_s,
            one.group,
            one.model,
            one.conversation,
            prompt_tokens=one.prompt_tokens,
            answer_tokens=one.answer_tokens,
        )
        for number, one in enumerate(inside)
    ]


def _beginnings(calendar: Calendar, conversations_s: float, drawn: random.Random) -> Iterator[float]:
    """A Gamma renewal process whose clock runs with the pace of the hour."""
    at_s, step_s = 0.0, calendar.hour_s / 60
    due = drawn.gammavariate(_GAMMA_SHAPE, 1 / _GAMMA_SHAPE)
    while at_s < calendar.length_s:
        gone = conversations_s * calendar.pace(at_s) * step_s
        inside = at_s
        while due <= gone:
            inside += step_s * due / gone if gone else 0.0
            yield min(inside, at_s + step_s)
            gone -= due
            due = drawn.gammavariate(_GAMMA_SHAPE, 1 / _GAMMA_SHAPE)
            inside = at_s + step_s * (1 - gone / (conversations_s * calendar.pace(at_s) * step_s))
        due -= gone
        at_s += step_s


def _conversation(number: int, at_s: float, group: Group, drawn: random.Random) -> Iterator[Asked]:
    kind, model = group.kind, drawn.choice(group.models)
    prompt = _tokens(kind.first, kind.spread, drawn)
    while True:
        answer = min(_tokens(kind.answer, kind.tail, drawn), _MOST_ANSWER)
        prompt = min(prompt, _MOST_PROMPT)
        yield Asked(0, at_s, group, model, f"conversation-{number}", prompt, answer)
        if not kind.talks or drawn.random() > _GOES_ON:
            return
        prompt += answer + _tokens(kind.more, kind.spread, drawn)
        at_s += answer * 0.03 + drawn.lognormvariate(math.log(_THINKING_S), 0.8)


def _tokens(median: int, sigma: float, drawn: random.Random) -> int:
    return max(1, round(drawn.lognormvariate(math.log(median), sigma)))
