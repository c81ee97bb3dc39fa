"""Openings: what a request, an entry and a share have to agree on."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from tests.seal_kit import ANSWER, CREATED, CREATED_MS, DUE, REQUEST, asked, dealt, holders, key, sealed

from bouclier.oversight.entries_model import Law, MarkEntry, OpeningEntry
from bouclier.oversight.sealing.errors import SealError
from bouclier.oversight.sealing.keys import seal_to
from bouclier.oversight.sealing.opening import (
    OpeningShare,
    give_share,
    open_record,
    opening_request,
    opening_request_bytes,
    opening_share_bytes,
    parse_opening_request,
    parse_opening_share,
    verify_opening_entry,
)
from bouclier.oversight.sealing.record import share_info

if TYPE_CHECKING:
    from bouclier.oversight.sealing.record import SealedRecord

RECORD = sealed()
ASKED = asked(RECORD)
SESSION = key("court", "session")


def shares(record: SealedRecord, *numbers: int) -> list[OpeningShare]:
    return [give_share(record, asked(record), holders(3)[number - 1], today=CREATED) for number in numbers]


LAW = Law(charter="aa" * 32, orders="ab" * 32, registry="22" * 32, root=1, timestamp=1)


def entry(**changed: Any) -> OpeningEntry:
    fields: dict[str, Any] = {
        "basis": ASKED.basis,
        "exchange": ASKED.exchange,
        "law": LAW,
        "record": ASKED.record,
        "request": ASKED.digest,
        "requester": ASKED.requester,
        "time": ASKED.time + 5,
    }
    return OpeningEntry(**(fields | changed))


def test_an_entry_that_says_the_same_as_the_request_is_its_own() -> None:
    verify_opening_entry(entry(), ASKED)


@pytest.mark.parametrize(
    "changed",
    [
        {"basis": "curiosity"},
        {"exchange": "ff" * 16},
        {"record": "ff" * 32},
        {"request": "ff" * 32},
        {"requester": "somebody-else"},
    ],
)
def test_an_entry_that_says_otherwise_is_of_another_request(changed: dict[str, str]) -> None:
    with pytest.raises(SealError) as caught:
        verify_opening_entry(entry(**changed), ASKED)
    assert caught.value.param in changed


def test_an_entry_of_another_kind_opens_nothing() -> None:
    mark = MarkEntry(interval_s=60, law=LAW, policy=None, time=1, version="0.1", what="alive")
    with pytest.raises(SealError):
        verify_opening_entry(mark, ASKED)


@pytest.mark.parametrize("field", ["basis", "requester"])
@pytest.mark.parametrize("value", ["", "Ordonnance du 3 mai", "a" * 65, "<script>"])
def test_a_request_says_who_and_why_in_one_word(field: str, value: str) -> None:
    words = {"basis": "order", "requester": "court"} | {field: value}
    with pytest.raises(SealError):
        opening_request(RECORD, session=SESSION.public, time_ms=CREATED_MS, **words)


def test_nobody_asks_for_what_is_due_for_destruction() -> None:
    late = (DUE - CREATED).days * 86_400_000 + CREATED_MS
    with pytest.raises(SealError, match="due for destruction"):
        opening_request(RECORD, basis="order", requester="court", session=SESSION.public, time_ms=late)


def test_a_request_for_another_record_gets_no_share() -> None:
    other = sealed(exchange="ff" * 16)
    with pytest.raises(SealError, match="another record"):
        give_share(other, ASKED, holders(3)[0], today=CREATED)
    # Its bytes before the answer are what a record is known by: the same exchange, sealed otherwise, is another one.
    with pytest.raises(SealError, match="another record"):
        give_share(sealed(body=b"other"), ASKED, holders(3)[0], today=CREATED)


def test_a_request_that_prolongs_a_record_gets_no_share() -> None:
    longer = replace(ASKED, due=(DUE + timedelta(days=9)).isoformat())
    with pytest.raises(SealError, match="due"):
        give_share(RECORD, longer, holders(3)[0], today=CREATED)


def test_an_authority_the_record_does_not_name_has_nothing_to_give() -> None:
    with pytest.raises(SealError, match="holds no share"):
        give_share(RECORD, ASKED, key("stranger"), today=CREATED)


def test_a_share_wrongly_dealt_is_not_given() -> None:
    """Such as by a gateway that would have the authorities combine something else than its header commits to."""
    holder = replace(RECORD.header.authorities[0], commitment="00" * 32)
    header = replace(RECORD.header, authorities=(holder, *RECORD.header.authorities[1:]))
    crooked = seal_to(holders(3)[0].public, dealt(RECORD, 1), info=share_info(header, 1))
    header = replace(header, authorities=(replace(holder, share=crooked), *header.authorities[1:]))
    changed = RECORD._replace(header=header)
    assert dealt(changed, 1) == dealt(RECORD, 1)
    with pytest.raises(SealError, match="the share of authority-1 is wrong"):
        give_share(changed, asked(changed), holders(3)[0], today=CREATED)


def test_enough_shares_open_in_any_order() -> None:
    for numbers in ((1, 2), (3, 1), (2, 3), (3, 2, 1)):
        assert open_record(RECORD, ASKED, SESSION, shares(RECORD, *numbers), today=CREATED) == (REQUEST, ANSWER)


def test_the_same_share_twice_is_not_two() -> None:
    with pytest.raises(SealError, match="twice"):
        open_record(RECORD, ASKED, SESSION, shares(RECORD, 1, 1), today=CREATED)


def test_another_sessions_key_opens_nothing() -> None:
    with pytest.raises(SealError, match="session"):
        open_record(RECORD, ASKED, key("thief", "session"), shares(RECORD, 1, 2), today=CREATED)


def test_a_share_given_for_another_request_is_refused_and_its_giver_named() -> None:
    again = asked(RECORD, basis="another-order")
    old = shares(RECORD, 1)[0]
    new = give_share(RECORD, again, holders(3)[1], today=CREATED)
    with pytest.raises(SealError, match="authority-1 answers another request"):
        open_record(RECORD, again, SESSION, [new, old], today=CREATED)
    # Nor does it help to write the new request on the old share: what is inside was sealed for the old one.
    with pytest.raises(SealError):
        open_record(RECORD, again, SESSION, [new, replace(old, request=again.digest)], today=CREATED)


def test_a_share_of_another_record_is_refused_and_its_giver_named() -> None:
    other = sealed(exchange="ff" * 16)
    with pytest.raises(SealError, match="authority-2 is of another record"):
        open_record(RECORD, ASKED, SESSION, [*shares(RECORD, 1), *shares(other, 2)], today=CREATED)


def test_a_share_under_another_number_or_name_is_refused() -> None:
    one, two = shares(RECORD, 1, 2)
    for wrong in (replace(two, number=3), replace(two, authority="authority-3"), replace(two, number=9)):
        with pytest.raises(SealError):
            open_record(RECORD, ASKED, SESSION, [one, wrong], today=CREATED)


def test_a_wrong_share_is_known_and_whose_it_is() -> None:
    """Its giver followed every step, with other bytes: only the commitment tells."""
    one, two = shares(RECORD, 1, 2)
    blank = replace(two, share=bytes(len(two.share)))
    other = bytes(byte ^ 1 for byte in dealt(RECORD, 2))
    info = b"bouclier-sealed/v1 session share\n" + sha256(opening_share_bytes(blank)).digest()
    wrong = replace(two, share=seal_to(SESSION.public, other, info=info))
    with pytest.raises(SealError, match="the share of authority-2 is wrong"):
        open_record(RECORD, ASKED, SESSION, [one, wrong], today=CREATED)


def test_too_few_shares_say_how_many_are_needed() -> None:
    for given in ([], shares(RECORD, 3)):
        with pytest.raises(SealError, match="2 are needed"):
            open_record(RECORD, ASKED, SESSION, given, today=CREATED)


def test_papers_have_one_spelling() -> None:
    for data, parse in (
        (opening_request_bytes(ASKED), parse_opening_request),
        (opening_share_bytes(shares(RECORD, 1)[0]), parse_opening_share),
    ):
        for wrong in (
            data + b"\n",
            b" " + data,
            data.replace(b":", b": ", 1),
            data.replace(b"/v1", b"/v2"),
            b"",
            b"[]",
            b"{}",
        ):
            with pytest.raises(SealError):
                parse(wrong)


def test_no_paper_holds_content_or_a_bare_share() -> None:
    given = shares(RECORD, 1)[0]
    assert dealt(RECORD, 1) not in given.share
    assert b"Vasseur" not in opening_request_bytes(ASKED) + opening_share_bytes(given)
