"""Sealed records: what a header says, what is refused, and what each part is tied to."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.seal_kit import (
    ANSWER,
    CHARTER,
    CREATED_MS,
    DUE,
    EXCHANGE,
    REQUEST,
    authorities,
    dealt,
    drawn,
    holders,
    key,
    sealed,
)

from bouclier.oversight.sealing.errors import SealError, SealKeyError
from bouclier.oversight.sealing.record import (
    MAX_AUTHORITIES,
    Authorities,
    decrypt_record,
    parse_record,
    randomness_bytes,
    render_record,
    seal_answer,
    seal_request,
)
from bouclier.oversight.sealing.shamir import interpolate

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.oversight.sealing.record import SealedRecord

RECORD = sealed()
MAGIC = b"bouclier-sealed/v1\n"


def data_key(record: SealedRecord) -> bytes:
    return interpolate({number: dealt(record, number) for number in range(1, record.header.threshold + 1)})


def test_a_record_says_what_anyone_may_know_and_nothing_of_its_content() -> None:
    record = sealed()
    header = record.header
    assert (header.exchange, header.charter, header.created) == (EXCHANGE, CHARTER, CREATED_MS)
    assert (header.due, header.threshold) == (DUE.isoformat(), 2)
    assert [one.name for one in header.authorities] == ["authority-1", "authority-2", "authority-3"]
    assert [one.key for one in header.authorities] == [one.public.key_id for one in holders(3)]
    data = render_record(record)
    assert b"Vasseur" not in data
    assert all(dealt(record, number) not in data for number in (1, 2, 3))
    assert data_key(record) not in data


def test_the_digest_is_known_before_the_answer_and_stays() -> None:
    record, key_ = _fresh()
    before = record.digest
    after = seal_answer(record, ANSWER, data_key=key_, nonce=drawn("n", 12))
    assert after.digest == before
    assert render_record(after).startswith(render_record(record))


def test_a_record_without_answer_opens_as_such() -> None:
    record = sealed(answer=None)
    assert decrypt_record(record, data_key(record)) == (REQUEST, None)


def test_empty_texts_are_sealed_like_others() -> None:
    record = sealed(body=b"", answer=b"")
    assert decrypt_record(record, data_key(record)) == (b"", b"")


def test_an_exchange_has_one_answer() -> None:
    record, key_ = _fresh()
    answered = seal_answer(record, ANSWER, data_key=key_, nonce=drawn("n", 12))
    with pytest.raises(SealError):
        seal_answer(answered, b"another", data_key=key_, nonce=drawn("m", 12))


def test_an_answer_is_not_sealed_under_another_records_key() -> None:
    record, _ = _fresh()
    with pytest.raises(SealError):
        seal_answer(record, ANSWER, data_key=bytes(32), nonce=drawn("n", 12))


def test_an_answer_cannot_be_moved_to_another_record_under_the_same_data_key() -> None:
    """The kit draws the same data key for both: only what the answer is tied to tells them apart."""
    one, other = sealed(body=b"one"), sealed(body=b"two")
    assert data_key(one) == data_key(other)
    moved = one._replace(answer=other.answer)
    with pytest.raises(SealError):
        decrypt_record(moved, data_key(one))


def test_a_request_cannot_be_taken_for_an_answer() -> None:
    record = sealed()
    with pytest.raises(SealError):
        decrypt_record(record._replace(answer=record.request), data_key(record))


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 3), (0, 2), (4, 3), (2, MAX_AUTHORITIES + 1), (2, 0)])
def test_one_authority_alone_never_opens_and_thresholds_fit(threshold: int, count: int) -> None:
    with pytest.raises(SealKeyError):
        authorities(threshold, count)


def test_as_many_authorities_as_allowed_fit_in_a_record() -> None:
    record = sealed(MAX_AUTHORITIES, MAX_AUTHORITIES)
    assert parse_record(render_record(record)) == record


def test_nobody_counts_twice() -> None:
    court = key("court").public
    for keys in ((court, court), (court, key("court-2").public, court)):
        with pytest.raises(SealKeyError):
            Authorities(keys, 2)


def test_a_sessions_key_is_not_an_authoritys() -> None:
    with pytest.raises(SealKeyError):
        Authorities((key("court").public, key("clerk", "session").public), 2)


@pytest.mark.parametrize("wrong", [{"exchange": "x"}, {"charter": "C0" * 32}, {"created_ms": -1}])
def test_what_a_reader_would_refuse_is_never_sealed(wrong: dict[str, Any]) -> None:
    with pytest.raises(SealError):
        _fresh(**wrong)


def test_randomness_of_another_length_is_refused() -> None:
    with pytest.raises(SealError):
        _fresh(randomness=bytes(randomness_bytes(2) - 1))


def _with_header(change: Callable[[dict[str, Any]], object]) -> bytes:
    data = render_record(RECORD)
    length = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "big")
    start = len(MAGIC) + 4
    header = json.loads(data[start : start + length])
    change(header)
    encoded = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    return MAGIC + len(encoded).to_bytes(4, "big") + encoded + data[start + length :]


def test_a_header_written_again_unchanged_is_the_same() -> None:
    assert _with_header(lambda _: None) == render_record(RECORD)


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.update(threshold=1),
        lambda header: header.update(threshold=4),
        lambda header: header.update(v=2),
        lambda header: header.update(due="2025-02-30"),
        lambda header: header.update(due="20251108"),
        lambda header: header.update(extra=1),
        lambda header: header.pop("charter"),
        lambda header: header.update(created=1.5),
        lambda header: header["authorities"].append(header["authorities"][0]),
        lambda header: header["authorities"][0].update(name=header["authorities"][1]["name"]),
        lambda header: header["authorities"][0].update(key=header["authorities"][1]["key"]),
        lambda header: header["authorities"][0].update(share="AAAA"),
        lambda header: header.update(authorities=[]),
    ],
)
def test_a_header_that_says_the_impossible_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(SealError):
        parse_record(_with_header(change))


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.update(due=(DUE + timedelta(days=1)).isoformat()),
        lambda header: header.update(exchange="ff" * 16),
        lambda header: header.update(charter="ff" * 32),
        lambda header: header.update(created=CREATED_MS + 1),
        lambda header: header.update(threshold=3),
        lambda header: header["authorities"].pop(),
    ],
)
def test_a_header_that_says_otherwise_spoils_shares_and_texts(change: Callable[[dict[str, Any]], object]) -> None:
    record = sealed()
    changed = parse_record(_with_header(change))
    with pytest.raises(SealError):
        dealt(changed, 1)
    with pytest.raises(SealError):
        decrypt_record(changed, data_key(record))


@pytest.mark.parametrize(
    "data", [b"", MAGIC, MAGIC + bytes(4), MAGIC + b"\xff" * 4, b"bouclier-sealed/v2\n" + bytes(9)]
)
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(SealError):
        parse_record(data)


def test_nothing_follows_a_record() -> None:
    with pytest.raises(SealError):
        parse_record(render_record(sealed()) + b"\0")


def _fresh(**changed: Any) -> tuple[SealedRecord, bytes]:
    fields: dict[str, Any] = {
        "exchange": EXCHANGE,
        "charter": CHARTER,
        "created_ms": CREATED_MS,
        "due": date(2025, 11, 8),
        "authorities": authorities(2, 3),
        "randomness": drawn("fresh", randomness_bytes(2)),
    }
    return seal_request(REQUEST, **(fields | changed))
