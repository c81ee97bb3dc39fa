"""What waits for a second person: fifty of one asker, a thousand in all, a day at most, used by one exchange."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

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
CHARTER, ANOTHER = "c" * 64, "d" * 64


def received(exchange: str, text: str = "Bonjour", *, by: str = "guichet", review: str | None = None) -> Received:
    raw = json.dumps({"model": "auto", "messages": [{"role": "user", "content": text}]}).encode()
    return Received(exchange, Principal(by), "essai", None, parse_chat_request(raw), review)


def held(exchange: str = FIRST, *, now_ms: int = 0) -> Reviews:
    reviews = Reviews(b"k" * 32)
    hold(reviews, received(exchange), now_ms=now_ms)
    return reviews


def hold(reviews: Reviews, request: Received, *, now_ms: int = 0) -> None:
    reviews.hold(request, charter=CHARTER, data_class="internal", policies=("p",), now_ms=now_ms)


def claim(reviews: Reviews, request: Received, *, charter: str = CHARTER, now_ms: int = 2) -> None:
    reviews.claim(request, charter=charter, now_ms=now_ms)


def approve(reviews: Reviews, exchange: str) -> None:
    reviews.check(exchange, REVIEWER, now_ms=1)
    reviews.conclude(exchange, approved=True)


def approved() -> Reviews:
    reviews = held()
    approve(reviews, FIRST)
    return reviews


def waiting(reviews: Reviews) -> list[str]:
    return [one["exchange"] for one in reviews.shown(now_ms=1_000)]


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
    claim(reviews, received(SECOND, review=FIRST))
    claim(reviews, received(THIRD, review=FIRST))  # at once: neither has gone yet
    reviews.use(FIRST, by=SECOND, charter=CHARTER)
    hold(reviews, received(THIRD, by="autre"), now_ms=3)  # what others ask meanwhile changes nothing
    reviews.use(FIRST, by=SECOND, charter=CHARTER)
    with pytest.raises(RequestError, match="was used"):
        reviews.use(FIRST, by=THIRD, charter=CHARTER)
    with pytest.raises(RequestError, match="was used"):
        claim(reviews, received(THIRD, review=FIRST), now_ms=3)


def test_what_was_approved_under_one_charter_is_reviewed_anew_under_the_next() -> None:
    reviews = approved()
    with pytest.raises(RequestError, match="not the one reviewed"):
        claim(reviews, received(SECOND, review=FIRST), charter=ANOTHER)
    claim(reviews, received(SECOND, review=FIRST))
    with pytest.raises(RequestError, match="charter has changed"):  # between the claim and the decision
        reviews.use(FIRST, by=SECOND, charter=ANOTHER)
    reviews.use(FIRST, by=SECOND, charter=CHARTER)


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
        claim(approved(), claimed)


def test_what_nobody_approved_or_somebody_refused_does_not_go() -> None:
    with pytest.raises(RequestError, match="nobody has reviewed it yet"):
        claim(held(), received(SECOND, review=FIRST))
    refused = held()
    refused.conclude(FIRST, approved=False)
    with pytest.raises(RequestError, match="ended in a refusal"):
        claim(refused, received(SECOND, review=FIRST))


def test_after_a_day_it_is_as_if_nothing_had_waited() -> None:
    reviews = held(now_ms=1_000)
    reviews.check(FIRST, REVIEWER, now_ms=DAY_MS + 999)
    reviews.conclude(FIRST, approved=None)
    assert reviews.shown(now_ms=DAY_MS + 1_000) == []
    with pytest.raises(NotFoundError):
        reviews.check(FIRST, REVIEWER, now_ms=DAY_MS + 1_000)
    with pytest.raises(RequestError):
        claim(approved(), received(SECOND, review=FIRST), now_ms=DAY_MS)


def test_only_another_person_with_a_reviewers_key_decides_and_only_once() -> None:
    reviews = held()
    for principal in (Principal("autre"), Principal("autre", "monitor"), Principal("guichet", "reviewer")):
        with pytest.raises(NotAllowedError):
            reviews.check(FIRST, principal, now_ms=1)
    reviews.conclude(FIRST, approved=False)
    with pytest.raises(NotFoundError):
        reviews.check(FIRST, REVIEWER, now_ms=1)


def test_one_reviewer_at_a_time_decides_and_no_other_turns_a_refusal_round() -> None:
    reviews = held()
    reviews.check(FIRST, REVIEWER, now_ms=1)
    with pytest.raises(NotFoundError):  # a second one, while the first one's decision is on its way to the log
        reviews.check(FIRST, Principal("autre", "reviewer"), now_ms=1)
    reviews.conclude(FIRST, approved=False)
    with pytest.raises(NotFoundError):
        reviews.check(FIRST, Principal("autre", "reviewer"), now_ms=2)
    with pytest.raises(RequestError, match="ended in a refusal"):
        claim(reviews, received(SECOND, review=FIRST))


def test_a_decision_that_could_not_be_recorded_is_none_and_can_be_taken_again() -> None:
    reviews = held()
    reviews.check(FIRST, REVIEWER, now_ms=1)
    reviews.conclude(FIRST, approved=None)
    assert waiting(reviews) == [FIRST]
    with pytest.raises(RequestError, match="nobody has reviewed it yet"):
        claim(reviews, received(SECOND, review=FIRST))
    approve(reviews, FIRST)
    claim(reviews, received(SECOND, review=FIRST))


def test_who_refuses_to_decide_on_their_own_leaves_it_to_others() -> None:
    reviews = held()
    with pytest.raises(NotAllowedError):
        reviews.check(FIRST, Principal("guichet", "reviewer"), now_ms=1)
    approve(reviews, FIRST)


def flood(reviews: Reviews, count: int, *, by: str) -> list[str]:
    """Have one asker send many requests that are all held, and return their exchanges."""
    exchanges = [sha256(f"{by} {number}".encode()).hexdigest()[:32] for number in range(count)]
    for exchange in exchanges:
        hold(reviews, received(exchange, by=by))
    return exchanges


def test_fifty_of_one_asker_wait_and_the_oldest_of_theirs_are_forgotten_and_nobody_elses() -> None:
    reviews = held()
    own = flood(reviews, 1_100, by="bavard")
    assert waiting(reviews) == [FIRST, *own[-50:]]


def test_what_was_approved_is_not_forgotten_for_what_is_asked_afterwards() -> None:
    reviews = approved()
    flood(reviews, 60, by="guichet")
    for number in range(30):
        flood(reviews, 50, by=f"bavard-{number}")
    assert len(waiting(reviews)) == 999
    claim(reviews, received(SECOND, review=FIRST))
    reviews.use(FIRST, by=SECOND, charter=CHARTER)


def test_when_there_is_no_room_the_new_one_is_not_held_unless_its_asker_has_older_ones() -> None:
    reviews = Reviews(b"k" * 32)
    kept = [exchange for number in range(20) for exchange in flood(reviews, 50, by=f"guichet-{number}")]
    hold(reviews, received(FIRST, by="autre"))
    assert waiting(reviews) == kept
    hold(reviews, received(FIRST, by="guichet-0"))
    assert waiting(reviews) == [*kept[1:], FIRST]


def test_what_a_reviewer_decides_on_is_not_forgotten_meanwhile() -> None:
    reviews = held()
    reviews.check(FIRST, REVIEWER, now_ms=1)
    flood(reviews, 60, by="guichet")
    reviews.conclude(FIRST, approved=True)
    claim(reviews, received(SECOND, review=FIRST))
