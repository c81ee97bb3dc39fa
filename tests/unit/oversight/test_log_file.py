"""The bytes of a log file: headers and batches."""

from __future__ import annotations

import pytest

from bouclier.oversight.log_file import (
    MalformedBatchError,
    encode_batch,
    encode_header,
    parse_header,
    read_batch,
)
from bouclier.terms.errors import ConfigurationError

LOG_ID = bytes(range(16))
BATCH = encode_batch([b"one", b"x" * 65_535], tree_size=9, root=b"r" * 32)


@pytest.mark.parametrize("origin", ["log.example.fr/mairie", "a", "x" * 255])
def test_a_header_is_read_as_it_was_written(origin: str) -> None:
    written = encode_header(origin, LOG_ID)

    assert parse_header(written + b"what follows") == (origin, LOG_ID, len(written))


@pytest.mark.parametrize("origin", ["", "x" * 256, "two words", "a+b", "mairie d'Évian", "line\n", "\u00a0"])
def test_an_origin_that_cannot_name_a_log_is_refused(origin: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        encode_header(origin, LOG_ID)

    assert caught.value.param == "origin"


def test_a_header_cut_or_changed_anywhere_is_none() -> None:
    written = encode_header("log.example.fr/mairie", LOG_ID)

    for at in range(len(written)):
        assert parse_header(written[:at]) is None
        changed = bytearray(written)
        changed[at] ^= 1
        assert parse_header(bytes(changed)) is None


def test_a_batch_is_read_where_it_stands() -> None:
    batch = read_batch(b"before" + BATCH + b"after", 6)

    assert batch is not None
    assert batch == ([b"one", b"x" * 65_535], 9, b"r" * 32, 6 + len(BATCH))


def test_a_batch_cut_anywhere_is_not_there_yet() -> None:
    small = encode_batch([b"one", b"two"], tree_size=9, root=b"r" * 32)

    for at in range(len(small)):
        assert read_batch(small[:at], 0) is None


def test_a_trailer_without_entries_is_malformed() -> None:
    with pytest.raises(MalformedBatchError):
        read_batch(encode_batch([], tree_size=9, root=b"r" * 32), 0)


@pytest.mark.parametrize("at", [2, 100, 60_000, len(BATCH) - 64, len(BATCH) - 30, len(BATCH) - 1])
def test_a_changed_batch_is_never_read_as_one(at: int) -> None:
    changed = bytearray(BATCH)
    changed[at] ^= 0x10

    try:
        batch = read_batch(bytes(changed), 0)
    except MalformedBatchError:
        batch = None
    assert batch is None
