"""A record sealed once, with its keys and papers: every later version opens it, and writes each file the same."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode
from datetime import date
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bouclier.oversight.sealing.keys import parse_opening_key, parse_sealing_key, render_opening_key, render_sealing_key
from bouclier.oversight.sealing.opening import (
    give_share,
    open_record,
    opening_request_bytes,
    opening_share_bytes,
    parse_opening_request,
    parse_opening_share,
)
from bouclier.oversight.sealing.record import (
    data_key_commitment,
    decrypt_record,
    parse_record,
    render_record,
)

VECTOR = json.loads((Path(__file__).parents[2] / "vectors" / "sealed" / "record-v1.json").read_text("utf-8"))
RECORD = b64decode(VECTOR["record"])
OPENED = (VECTOR["opened"]["request"].encode(), VECTOR["opened"]["answer"].encode())
TODAY = date(2025, 10, 9)


def test_its_keys_are_read_and_written_the_same() -> None:
    for private, public in zip(VECTOR["private"], VECTOR["public"], strict=True):
        key = parse_opening_key(private, "authority")
        assert render_opening_key(key) == private
        assert parse_sealing_key(public, "authority") == key.public
        assert render_sealing_key(key.public) == public


def test_its_record_is_read_and_written_the_same() -> None:
    record = parse_record(RECORD)
    assert render_record(record) == RECORD
    assert record.digest == VECTOR["digest"]
    data_key = bytes.fromhex(VECTOR["data_key"])
    assert record.header.data_key == data_key_commitment(data_key)
    assert decrypt_record(record, data_key) == OPENED


def test_its_papers_open_it() -> None:
    request = parse_opening_request(VECTOR["request"].encode())
    assert request.digest == VECTOR["request_digest"]
    assert opening_request_bytes(request).decode() == VECTOR["request"]
    shares = [parse_opening_share(share.encode()) for share in VECTOR["shares"]]
    assert [opening_share_bytes(share).decode() for share in shares] == VECTOR["shares"]
    session = parse_opening_key(VECTOR["session"], "session")
    assert open_record(parse_record(RECORD), request, session, shares, today=TODAY) == OPENED


def test_any_two_of_its_authorities_open_it_today_as_well() -> None:
    record, request = parse_record(RECORD), parse_opening_request(VECTOR["request"].encode())
    keys = [parse_opening_key(text, "authority") for text in VECTOR["private"]]
    session = parse_opening_key(VECTOR["session"], "session")
    for pair in ((0, 1), (1, 2), (2, 0)):
        shares = [give_share(record, request, keys[number], today=TODAY) for number in pair]
        assert open_record(record, request, session, shares, today=TODAY) == OPENED


def test_the_specification_shows_its_bytes_and_digests() -> None:
    page = (Path(__file__).parents[3] / "specs" / "sealed-record-v1.md").read_text("utf-8")
    dump = page.split("```hexdump record\n")[1].split("```")[0].splitlines()
    lines = [line.split("  ") for line in dump if line != "..."]
    assert len(lines) == 9
    for offset, shown in lines:
        at = int(offset, 16)
        assert RECORD[at : at + 16].hex(" ") == shown
    assert f"{VECTOR['digest']}\n{VECTOR['request_digest']}\n" in page


def test_the_specification_is_enough_to_tie_a_record_together_again() -> None:
    """With hashes alone, as somebody else would who has the page and not this code."""
    length = int.from_bytes(RECORD[19:23], "big")
    header = json.loads(RECORD[23 : 23 + length])
    ciphertext = int.from_bytes(RECORD[23 + length + 1 : 23 + length + 9], "big")
    end = 23 + length + 21 + ciphertext
    assert sha256(RECORD[:end]).hexdigest() == VECTOR["digest"]
    prefix, data_key = b"bouclier-sealed/v1 ", bytes(range(32))
    assert hmac.digest(data_key, prefix + b"data key", "sha256").hex() == header["data_key"]
    key = hmac.digest(data_key, prefix + b"request", "sha256")
    nonce, part = RECORD[23 + length + 9 : 23 + length + 21], RECORD[23 + length + 21 : end]
    assert AESGCM(key).decrypt(nonce, part, b"request\n" + RECORD[: 23 + length]) == OPENED[0]
    key = hmac.digest(data_key, prefix + b"answer", "sha256")
    nonce, part = RECORD[end + 9 : end + 21], RECORD[end + 21 :]
    assert AESGCM(key).decrypt(nonce, part, b"answer\n" + bytes.fromhex(VECTOR["digest"])) == OPENED[1]
    public = b64decode(VECTOR["public"][0].split(" ")[4])
    assert sha256(prefix + b"authority-public court\n" + public).hexdigest()[:32] == header["authorities"][0]["key"]
