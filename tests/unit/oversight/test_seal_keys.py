"""Keys of authorities and sessions: their texts, and what is sealed to them."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from tests.seal_kit import drawn, key

from bouclier.oversight.sealing.errors import SealError, SealKeyError
from bouclier.oversight.sealing.keys import (
    OVERHEAD_BYTES,
    PUBLIC_BYTES,
    SEED_BYTES,
    new_key,
    parse_opening_key,
    parse_sealing_key,
    render_opening_key,
    render_sealing_key,
    seal_to,
    sealing_key,
    unseal,
)

COURT = key("court")


def test_what_is_sealed_opens_with_the_private_half_alone_and_differs_each_time() -> None:
    once, again = (seal_to(COURT.public, b"share", info=b"purpose") for _ in range(2))
    assert once != again
    assert len(once) == len(b"share") + OVERHEAD_BYTES
    assert unseal(COURT, once, info=b"purpose") == unseal(COURT, again, info=b"purpose") == b"share"


def test_what_is_sealed_opens_by_the_published_standards_alone() -> None:
    """RFC 9180 §5.1 and §6.1 with X-Wing (draft-connolly-cfrg-xwing-kem, KEM 0x647a), without the library's HPKE."""
    sealed = seal_to(COURT.public, b"share", info=b"purpose")
    mlkem = MLKEM768PrivateKey.from_seed_bytes(COURT.seed[:64])
    x25519 = X25519PrivateKey.from_private_bytes(COURT.seed[64:])
    point, public = sealed[1088:1120], x25519.public_key().public_bytes_raw()
    first, second = mlkem.decapsulate(sealed[:1088]), x25519.exchange(X25519PublicKey.from_public_bytes(point))
    shared = hashlib.sha3_256(first + second + point + public + b"\\.//^\\").digest()
    suite = b"HPKE" + bytes.fromhex("647a00010003")

    def extract(salt: bytes, label: bytes, key_material: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key_material, "sha256")

    def expand(secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
        info = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
        return hmac.digest(secret, info + b"\x01", "sha256")[:length]

    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", b"purpose")
    secret = extract(shared, b"secret", b"")
    key_, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    assert ChaCha20Poly1305(key_).decrypt(nonce, sealed[1120:], b"") == b"share"


def test_what_is_sealed_opens_for_its_purpose_and_its_holder_only() -> None:
    sealed = seal_to(COURT.public, b"share", info=b"purpose")
    for holder, info in ((COURT, b"another"), (key("regulator"), b"purpose"), (key("court-2"), b"purpose")):
        with pytest.raises(SealError):
            unseal(holder, sealed, info=info)


@pytest.mark.parametrize("sealed", [b"", bytes(40), bytes(OVERHEAD_BYTES - 1), bytes(OVERHEAD_BYTES + 32)])
def test_what_was_never_sealed_is_refused(sealed: bytes) -> None:
    with pytest.raises(SealError):
        unseal(COURT, sealed, info=b"")


def test_a_private_key_is_not_shown() -> None:
    assert COURT.seed.hex() not in repr(COURT)
    assert repr(COURT.seed) not in repr(COURT)


def test_the_same_key_has_another_id_under_another_name_or_role() -> None:
    seed = drawn("seed", SEED_BYTES)
    ids = {new_key("authority", "a", seed).public.key_id, new_key("authority", "b", seed).public.key_id}
    assert len({*ids, new_key("session", "a", seed).public.key_id}) == 3


@pytest.mark.parametrize("name", ["", "Court", "cour d'appel", "-court", "a" * 65, "court\n", "préfecture"])
def test_a_name_that_is_no_word_is_refused(name: str) -> None:
    with pytest.raises(SealKeyError):
        new_key("authority", name, bytes(SEED_BYTES))


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(SealKeyError):
        new_key("authority", "court", bytes(SEED_BYTES - 1))


def test_a_point_of_small_order_is_no_public_key() -> None:
    with pytest.raises(SealKeyError):
        sealing_key("authority", "court", COURT.public.raw[:-32] + bytes(32))


def test_bytes_that_are_no_ml_kem_key_are_no_public_key() -> None:
    with pytest.raises(SealKeyError):
        sealing_key("authority", "court", b"\xff" * (PUBLIC_BYTES - 32) + COURT.public.raw[-32:])


def test_a_key_of_one_role_or_half_is_not_taken_for_another() -> None:
    private, public = render_opening_key(COURT), render_sealing_key(COURT.public)
    for text, role in ((public, "authority"), (private, "session")):
        with pytest.raises(SealKeyError):
            parse_opening_key(text, role)  # type: ignore[arg-type]
    for text, role in ((private, "authority"), (public, "session")):
        with pytest.raises(SealKeyError):
            parse_sealing_key(text, role)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" court ", " county "),
        (" court ", "  court "),
        ("\n", ""),
        ("\n", "\n\n"),
        ("\n", "\r\n"),
        ("\n", " \n"),
        ("/v1 ", "/v2 "),
        ("=", ""),
    ],
)
def test_a_key_has_one_spelling(old: str, new: str) -> None:
    for text, parse in (
        (render_opening_key(COURT), parse_opening_key),
        (render_sealing_key(COURT.public), parse_sealing_key),
    ):
        if old in text:
            with pytest.raises(SealKeyError):
                parse(text.replace(old, new), "authority")
        else:
            assert old == "="


def test_an_endless_text_is_no_key() -> None:
    with pytest.raises(SealKeyError):
        parse_sealing_key("x" * 10_000_000, "authority")


def test_what_is_wrong_with_a_key_is_said_without_showing_it() -> None:
    text = render_opening_key(COURT)
    with pytest.raises(SealKeyError) as caught:
        parse_opening_key(text[:-20] + "AAAA" + text[-16:], "authority")
    said = f"{caught.value.message}{caught.value.hint}"
    assert text[80:100] not in said
    assert caught.value.code == "sealed_key_invalid"
