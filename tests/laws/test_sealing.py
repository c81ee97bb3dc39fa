"""Laws of sealed content: k open it, k - 1 do not, and no altered byte is taken for what was sealed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.seal_kit import ANSWER, CREATED, EXCHANGE, REQUEST, asked, dealt, holders, key, sealed

from bouclier.oversight.sealing.errors import SealError, SealKeyError
from bouclier.oversight.sealing.keys import (
    SEED_BYTES,
    Role,
    new_key,
    parse_opening_key,
    parse_sealing_key,
    render_opening_key,
    render_sealing_key,
)
from bouclier.oversight.sealing.opening import (
    OpeningShare,
    give_share,
    open_record,
    opening_request_bytes,
    opening_share_bytes,
    parse_opening_request,
    parse_opening_share,
)
from bouclier.oversight.sealing.record import decrypt_record, parse_record, render_record
from bouclier.oversight.sealing.shamir import interpolate, multiply, split

if TYPE_CHECKING:
    from bouclier.oversight.sealing.record import SealedRecord

elements = st.integers(0, 255)
names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}", fullmatch=True)
roles: st.SearchStrategy[Role] = st.sampled_from(["authority", "session"])
SESSION = key("court", "session")


@st.composite
def splittings(draw: st.DrawFn) -> tuple[bytes, int, int, bytes]:
    """A secret, a threshold, a count, and the randomness to split it with."""
    secret = draw(st.binary(min_size=1, max_size=40))
    threshold = draw(st.integers(1, 6))
    count = draw(st.integers(threshold, 9))
    size = (threshold - 1) * len(secret)
    return secret, threshold, count, draw(st.binary(min_size=size, max_size=size))


@given(elements, elements, elements)
def test_the_field_has_the_laws_of_a_field(a: int, b: int, c: int) -> None:
    assert multiply(a, b) == multiply(b, a)
    assert multiply(a, multiply(b, c)) == multiply(multiply(a, b), c)
    assert multiply(a, b ^ c) == multiply(a, b) ^ multiply(a, c)
    assert multiply(a, 1) == a


@given(splittings(), st.data())
def test_any_threshold_of_shares_gives_the_secret(
    splitting: tuple[bytes, int, int, bytes], data: st.DataObject
) -> None:
    secret, threshold, count, randomness = splitting
    shares = split(secret, threshold=threshold, count=count, randomness=randomness)
    chosen = data.draw(st.permutations(range(1, count + 1)))[:threshold]
    assert interpolate({number: shares[number - 1] for number in chosen}) == secret


@given(splittings(), st.data())
def test_fewer_shares_fit_every_secret_alike(splitting: tuple[bytes, int, int, bytes], data: st.DataObject) -> None:
    """For any other secret there is a polynomial, and just one, with the same k - 1 shares: they say nothing."""
    secret, threshold, count, randomness = splitting
    shares = split(secret, threshold=threshold, count=count, randomness=randomness)
    chosen = data.draw(st.permutations(range(1, count + 1)))[: threshold - 1]
    other = data.draw(st.binary(min_size=len(secret), max_size=len(secret)))
    seen = {number: shares[number - 1] for number in chosen}
    free = next(number for number in range(1, 256) if number not in seen)
    completed = {**seen, free: interpolate({0: other, **seen}, at=free)}
    assert interpolate(completed) == other
    assert all(interpolate(completed, at=number) == share for number, share in seen.items())


@settings(max_examples=30)
@given(roles, names, st.binary(min_size=SEED_BYTES, max_size=SEED_BYTES))
def test_parsing_a_rendered_key_gives_it_back(role: Role, name: str, seed: bytes) -> None:
    made = new_key(role, name, seed)
    assert parse_opening_key(render_opening_key(made), role) == made
    assert parse_sealing_key(render_sealing_key(made.public), role) == made.public


@settings(max_examples=150)
@given(st.data())
def test_a_key_with_a_changed_character_is_refused(data: st.DataObject) -> None:
    made = key("court")
    private = data.draw(st.booleans())
    text = render_opening_key(made) if private else render_sealing_key(made.public)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = (
        text[:at] + data.draw(st.characters(max_codepoint=0x17F).filter(lambda one: one != text[at])) + text[at + 1 :]
    )
    with pytest.raises(SealKeyError):
        (parse_opening_key if private else parse_sealing_key)(changed, "authority")


@settings(max_examples=30)
@given(st.binary(max_size=300), st.none() | st.binary(max_size=300), st.integers(2, 4), st.integers(0, 2))
def test_parsing_a_rendered_record_gives_it_back(body: bytes, answer: bytes | None, threshold: int, spare: int) -> None:
    record = sealed(threshold, threshold + spare, body=body, answer=answer)
    assert parse_record(render_record(record)) == record
    request = asked(record)
    assert parse_opening_request(opening_request_bytes(request)) == request
    share = give_share(record, request, holders(threshold)[0], today=CREATED)
    assert parse_opening_share(opening_share_bytes(share)) == share


def given_by(record: SealedRecord, numbers: tuple[int, ...]) -> list[OpeningShare]:
    request = asked(record)
    return [give_share(record, request, holders(9)[number - 1], today=CREATED) for number in numbers]


@settings(max_examples=15)
@given(st.integers(2, 5), st.integers(0, 3), st.data())
def test_as_many_authorities_as_the_threshold_open_a_record_and_one_fewer_never_do(
    threshold: int, spare: int, data: st.DataObject
) -> None:
    record = sealed(threshold, threshold + spare)
    order = tuple(data.draw(st.permutations(range(1, threshold + spare + 1))))
    shares = given_by(record, order)
    assert open_record(record, asked(record), SESSION, shares[:threshold], today=CREATED) == (REQUEST, ANSWER)
    assert open_record(record, asked(record), SESSION, shares, today=CREATED) == (REQUEST, ANSWER)
    with pytest.raises(SealError, match="needed"):
        open_record(record, asked(record), SESSION, shares[: threshold - 1], today=CREATED)


@pytest.mark.parametrize("pair", [(1, 2), (1, 3), (2, 3)])
def test_shares_that_are_too_few_combine_to_no_data_key(pair: tuple[int, int]) -> None:
    """Whoever leaves out the count finds a wrong key, and the commitment to the right one."""
    record = sealed(3, 3)
    wrong = interpolate({number: dealt(record, number) for number in pair})
    with pytest.raises(SealError, match="data key"):
        decrypt_record(record, wrong)


WHOLE = sealed()
WHOLE_BYTES = render_record(WHOLE)
WHOLE_REQUEST = opening_request_bytes(asked(WHOLE))
WHOLE_SHARES = [opening_share_bytes(share) for share in given_by(WHOLE, (1, 3))]


def opened(record: bytes, request: bytes, shares: list[bytes]) -> tuple[bytes, bytes | None]:
    """Read three kinds of file, and open."""
    read = [parse_opening_share(share) for share in shares]
    return open_record(parse_record(record), parse_opening_request(request), SESSION, read, today=CREATED)


def test_what_the_next_law_alters_opens_as_it_is() -> None:
    assert opened(WHOLE_BYTES, WHOLE_REQUEST, WHOLE_SHARES) == (REQUEST, ANSWER)


@settings(max_examples=400)
@given(st.sampled_from(["record", "request", "share"]), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
@example("record", 0.0, 1)
@example("share", 0.9999, 1)
def test_a_file_with_an_altered_byte_never_opens(which: str, where: float, change: int) -> None:
    files = {"record": WHOLE_BYTES, "request": WHOLE_REQUEST, "share": WHOLE_SHARES[0]}
    altered = bytearray(files[which])
    altered[int(where * len(altered))] ^= change
    files[which] = bytes(altered)
    with pytest.raises((SealError, SealKeyError)):
        opened(files["record"], files["request"], [files["share"], WHOLE_SHARES[1]])


def test_no_altered_byte_is_taken_for_what_was_sealed_by_who_has_the_data_key() -> None:
    """Whoever has enough shares already, and leaves out every check but the record's own."""
    record = sealed(body=b"question", answer=b"answer")
    data = render_record(record)
    data_key = interpolate({number: dealt(record, number) for number in (1, 2)})
    assert decrypt_record(record, data_key) == (b"question", b"answer")
    for at in range(len(data)):
        altered = bytearray(data)
        altered[at] ^= 1
        with pytest.raises(SealError):
            decrypt_record(parse_record(bytes(altered)), data_key)


@given(st.integers(0, len(WHOLE_BYTES) - 1))
def test_a_record_cut_short_is_refused_unless_nothing_but_the_answer_is_missing(length: int) -> None:
    cut = WHOLE_BYTES[:length]
    without = render_record(WHOLE._replace(answer=None))
    if cut == without:
        assert parse_record(cut).answer is None
    else:
        with pytest.raises(SealError):
            parse_record(cut)


@given(st.dates(date(2025, 10, 9), date(2026, 12, 31)))
def test_nobody_takes_part_from_the_day_of_destruction_on(today: date) -> None:
    record = sealed(exchange=EXCHANGE)
    if today < date.fromisoformat(record.header.due):
        assert give_share(record, asked(record), holders(3)[0], today=today).number == 1
    else:
        with pytest.raises(SealError, match="due for destruction"):
            give_share(record, asked(record), holders(3)[0], today=today)
        with pytest.raises(SealError, match="due for destruction"):
            open_record(record, asked(record), SESSION, given_by(record, (1, 2)), today=today)
