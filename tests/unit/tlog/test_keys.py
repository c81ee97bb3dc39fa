"""Private keys and their text."""

from __future__ import annotations

from typing import Any

import pytest
from tests.tlog_kit import read_vectors, signing_key

from bouclier.tlog import (
    KeyTextError,
    SignatureType,
    SigningKey,
    parse_signing_key,
    render_signing_key,
    render_vkey,
)

PRIVATE = read_vectors("vkeys/vkeys.json")["private"]


@pytest.mark.parametrize("case", PRIVATE, ids=[case["vkey"].split("+")[0] for case in PRIVATE])
def test_a_published_private_key_has_the_published_public_key(case: dict[str, Any]) -> None:
    key = parse_signing_key(case["text"])

    assert render_vkey(key.verifier_key) == case["vkey"]
    assert render_signing_key(key) == case["text"]


@pytest.mark.parametrize("key_type", SignatureType)
def test_a_private_key_of_each_type_is_written_and_read_back(key_type: SignatureType) -> None:
    key = signing_key("temoin.example/a", key_type)

    again = parse_signing_key(render_signing_key(key))

    assert again == key
    assert again.verifier_key == key.verifier_key


def test_no_part_of_a_private_key_is_a_private_key() -> None:
    text = PRIVATE[0]["text"]
    parts = {text[i:j] for i in range(len(text) + 1) for j in range(i + 1, len(text) + 1)} - {text}

    for part in parts:
        with pytest.raises(KeyTextError):
            parse_signing_key(part)


def test_no_character_of_a_private_key_can_be_another() -> None:
    text = PRIVATE[0]["text"]

    for i, character in enumerate(text):
        with pytest.raises(KeyTextError):
            parse_signing_key(text[:i] + chr(ord(character) + 1) + text[i + 1 :])


def test_a_public_key_is_no_private_key() -> None:
    with pytest.raises(KeyTextError, match="PRIVATE"):
        parse_signing_key(PRIVATE[0]["vkey"])


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(KeyTextError, match="32 bytes"):
        SigningKey("a", SignatureType.ED25519, bytes(length))


def test_the_seed_is_not_shown() -> None:
    key = signing_key("temoin.example/a", SignatureType.ED25519)

    assert repr(key) == "SigningKey(name='temoin.example/a', type=<SignatureType.ED25519: 1>)"


def test_an_error_does_not_quote_the_key() -> None:
    text = PRIVATE[0]["text"]

    with pytest.raises(KeyTextError) as refusal:
        parse_signing_key(text[:-1] + "A")

    assert text[-20:-2] not in f"{refusal.value} {refusal.value.message} {refusal.value.hint}"
