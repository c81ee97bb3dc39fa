"""Signed notes and verifier keys, against what other implementations publish."""

from __future__ import annotations

from typing import Any

import pytest
from tests.tlog_kit import ids, read_vectors

from bouclier.tlog import (
    MAX_NOTE_BYTES,
    KeyTextError,
    Note,
    NoteError,
    NoteSignature,
    SignatureError,
    SignatureType,
    VerifierKey,
    open_note,
    parse_note,
    parse_signature_line,
    parse_vkey,
    render_note,
    render_signature_line,
    render_vkey,
)

KEYS = read_vectors("vkeys/vkeys.json")
NOTES = read_vectors("notes/notes.json")["cases"]
LINES = read_vectors("cosignatures/lines.json")
VERIFIED = [case for case in NOTES if case["verdict"] == "verified"]
REFUSED = [case for case in NOTES if case["verdict"] == "refused"]
MALFORMED = [case for case in NOTES if case["verdict"] == "malformed"]


def octets(case: dict[str, Any]) -> bytes:
    return bytes.fromhex(case["note_hex"]) if "note_hex" in case else case["note"].encode()


def known(case: dict[str, Any]) -> list[VerifierKey]:
    return [parse_vkey(text) for text in case["keys"]]


@pytest.mark.parametrize("case", KEYS["valid"], ids=ids(KEYS["valid"]))
def test_a_verifier_key_is_read_as_published_and_written_back(case: dict[str, Any]) -> None:
    key = parse_vkey(case["text"])

    assert (key.name, key.type, key.public_key.hex()) == (case["name"], case["type"], case["public_key"])
    assert key.key_id.hex() == case["key_id"]
    assert render_vkey(key) == case["text"]


@pytest.mark.parametrize("case", KEYS["invalid"], ids=[case["why"] for case in KEYS["invalid"]])
def test_a_wrong_verifier_key_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(KeyTextError):
        parse_vkey(case["text"])


def test_no_part_of_a_verifier_key_is_a_verifier_key() -> None:
    text = KEYS["mangled"]["text"]
    parts = {text[i:j] for i in range(len(text) + 1) for j in range(i + 1, len(text) + 1)} - {text}

    for part in parts:
        with pytest.raises(KeyTextError):
            parse_vkey(part)


def test_no_character_of_a_verifier_key_can_be_another() -> None:
    text = KEYS["mangled"]["text"]

    for i, character in enumerate(text):
        with pytest.raises(KeyTextError):
            parse_vkey(text[:i] + chr(ord(character) + 1) + text[i + 1 :])


def test_a_key_shown_shows_its_name_and_not_a_long_text() -> None:
    assert repr(parse_vkey(KEYS["mangled"]["text"])) == (
        "VerifierKey(name='PeterNeumann', type=<SignatureType.ED25519: 1>)"
    )


@pytest.mark.parametrize("length", [0, 31, 33, 1312])
def test_a_public_key_of_another_length_is_no_ed25519_key(length: int) -> None:
    with pytest.raises(KeyTextError, match="32 bytes"):
        VerifierKey("a", SignatureType.ED25519, bytes(length))


def test_half_a_character_is_no_key_name() -> None:
    with pytest.raises(KeyTextError):
        parse_vkey("a\udc80+00000000+AAAA")


@pytest.mark.parametrize("case", VERIFIED, ids=ids(VERIFIED))
def test_a_note_signed_by_a_known_key_is_opened(case: dict[str, Any]) -> None:
    opened = open_note(octets(case), known(case))

    assert opened.note.text == case["text"]
    assert len(opened.note.signatures) == case["signatures"]
    assert {render_vkey(key) for key in opened.verified} == set(case["verified"])
    assert render_note(opened.note) == octets(case)


@pytest.mark.parametrize("case", REFUSED, ids=ids(REFUSED))
def test_a_note_whose_signatures_do_not_hold_is_refused(case: dict[str, Any]) -> None:
    assert parse_note(octets(case)).signatures

    with pytest.raises(SignatureError):
        open_note(octets(case), known(case))


@pytest.mark.parametrize("case", MALFORMED, ids=ids(MALFORMED))
def test_a_malformed_note_is_refused_whatever_the_keys(case: dict[str, Any]) -> None:
    with pytest.raises(NoteError):
        parse_note(octets(case))


def test_sixteen_signatures_are_accepted_as_the_specification_asks() -> None:
    line = NoteSignature("a", b"\x01\x02\x03\x04", b"signature")

    assert len(parse_note(render_note(Note("text\n", (line,) * 16))).signatures) == 16


def test_a_note_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(NoteError, match="exceeds"):
        parse_note(b"\xff" * (MAX_NOTE_BYTES + 1))


@pytest.mark.parametrize(
    "text", ["", "no newline", "a\tb\n", "a\x00b\n", "half \udc80\n", "a\n\n\u2014 a AQIDBAU="], ids=repr
)
def test_a_text_that_would_not_read_back_is_not_written(text: str) -> None:
    with pytest.raises(NoteError):
        render_note(Note(text, (NoteSignature("a", b"\x01\x02\x03\x04", b"s"),)))


@pytest.mark.parametrize(
    "signature",
    [
        NoteSignature("", b"\x01\x02\x03\x04", b"s"),
        NoteSignature("a b", b"\x01\x02\x03\x04", b"s"),
        NoteSignature("a+b", b"\x01\x02\x03\x04", b"s"),
        NoteSignature("a", b"\x01\x02\x03", b"s"),
        NoteSignature("a", b"\x01\x02\x03\x04", b""),
    ],
    ids=repr,
)
def test_a_signature_that_would_not_read_back_is_not_written(signature: NoteSignature) -> None:
    with pytest.raises(NoteError):
        render_signature_line(signature)


def test_a_note_without_signatures_is_not_written() -> None:
    with pytest.raises(NoteError):
        render_note(Note("text\n", ()))


@pytest.mark.parametrize("case", LINES["lines"], ids=[case["key_id"] for case in LINES["lines"]])
def test_a_signature_line_is_read_as_published(case: dict[str, Any]) -> None:
    signature = parse_signature_line(case["line"])

    assert signature.key_id.hex() == case["key_id"]
    assert len(signature.signature) == case["signature_bytes"]
    if case["time"] is not None:
        assert int.from_bytes(signature.signature[:8], "big") == case["time"]
    assert render_signature_line(signature) == case["line"]


@pytest.mark.parametrize("case", LINES["malformed"], ids=[repr(case["line"]) for case in LINES["malformed"]])
def test_a_malformed_signature_line_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(NoteError):
        parse_signature_line(case["line"])
