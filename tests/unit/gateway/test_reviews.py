"""What waits for a second person: forgotten after a day, never more than a thousand, used by one exchange."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bouclier.gateway.chat_request import parse_chat_request
from bouclier.gateway.reviews import Reviews
from bouclier.terms.content import DataClass
from bouclier.terms.errors import NotAllowedError, NotFoundError, RequestError
from bouclier.terms.exchange import Received
from bouclier.terms.law import Principal

DAY_MS = 86_400_000
REVIEWER = Principal("relecteur", "reviewer")
FIRST, SECOND, THIRD = "1" * 32, "2" * 32, "3" * 32


def received(exchange: str, text: str = "Bonjour", *, by: str = "guichet", review: str | None = None) -> Received:
    raw = json.dumps({"model": "auto", "messages": [{"role": "user", "content": text}]}).encode()
    return Received(exchange, Principal(by), "essai", None, parse_chat_request(raw), review)


def held(exchange: str = FIRST, *, now_ms: int = 0) -> Reviews:
    reviews = Reviews(b"k" * 32)
    reviews.hold(received(exchange), data_class="internal", policies=("p",), now_ms=now_ms)
    return reviews


def approved() -> Reviews:
    reviews = held()
    reviews.check(FIRST, REVIEWER, now_ms=1)
    reviews.conclude(FIRST, approved=True)
    return reviews


def test_what_waits_is_shown_without_a_word_of_it() -> None:
    (shown,) = held().shown(now_ms=61_500)
    assert shown == {
        "exchange": FIRST,
        "asked_by": "guichet",
        "purpose": "essai",
        "data_class": "internal",
        "policies": ["p"],
        "held_s": 61,
    }


def test_an_approved_request_goes_and_may_fall_back_and_no_other_uses_it() -> None:
    reviews = approved()
    reviews.claim(received(SECOND, review=FIRST), now_ms=2)
    reviews.claim(received(THIRD, review=FIRST), now_ms=2)  # at once: neither has gone yet
    reviews.use(FIRST, by=SECOND)
    reviews.use(FIRST, by=SECOND)
    with pytest.raises(RequestError, match="was used"):
        reviews.use(FIRST, by=THIRD)
    with pytest.raises(RequestError, match="was used"):
        reviews.claim(received(THIRD, review=FIRST), now_ms=3)


@pytest.mark.parametrize(
    "claimed",
    [
        received(SECOND, "Bonsoir", review=FIRST),
        received(SECOND, by="autre", review=FIRST),
        received(SECOND, review=THIRD),
        replace(received(SECOND, review=FIRST), purpose="autre"),
        replace(received(SECOND, review=FIRST), declared_class=DataClass.PUBLIC),
    ],
)
def test_another_request_of_anybody_is_not_what_was_approved(claimed: Received) -> None:
    with pytest.raises(RequestError):
        approved().claim(claimed, now_ms=2)


def test_what_nobody_approved_or_somebody_refused_does_not_go() -> None:
    with pytest.raises(RequestError, match="nobody has reviewed it yet"):
        held().claim(received(SECOND, review=FIRST), now_ms=1)
    refused = held()
    refused.conclude(FIRST, approved=False)
    with pytest.raises(RequestError, match="ended in a refusal"):
        refused.claim(received(SECOND, review=FIRST), now_ms=1)


def test_after_a_day_it_is_as_if_nothing_had_waited() -> None:
    reviews = held(now_ms=1_000)
    reviews.check(FIRST, REVIEWER, now_ms=DAY_MS + 999)
    assert reviews.shown(now_ms=DAY_MS + 1_000) == []
    with pytest.raises(NotFoundError):
        reviews.check(FIRST, REVIEWER, now_ms=DAY_MS + 1_000)
    with pytest.raises(RequestError):
        approved().claim(received(SECOND, review=FIRST), now_ms=DAY_MS)


def test_only_another_person_with_a_reviewers_key_decides_and_only_once() -> None:
    reviews = held()
    for principal in (Principal("autre"), Principal("autre", "monitor"), Principal("guichet", "reviewer")):
        with pytest.raises(NotAllowedError):
            reviews.check(FIRST, principal, now_ms=1)
    reviews.conclude(FIRST, approved=False)
    with pytest.raises(NotFoundError):
        reviews.check(FIRST, REVIEWER, now_ms=1)


def test_the_oldest_are_forgotten_when_there_are_too_many() -> None:
    reviews = held()
    for number in range(1_000):
        exchange = f"{number + 16:032x}"
        reviews.hold(received(exchange), data_class="internal", policies=(), now_ms=number)
    shown = [one["exchange"] for one in reviews.shown(now_ms=1_000)]
    assert (len(shown), FIRST in shown) == (1_000, False)
