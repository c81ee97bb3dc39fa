"""Private keys are found whole, whatever their packaging, and as far as they go when the text was cut."""

from __future__ import annotations

import random
from string import ascii_letters, digits

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.detectors.private_keys import DETECTORS

SCANNER = ReScanner(DETECTORS)
LINE = "".join(random.Random(3).choices(ascii_letters + digits + "+/", k=64))
DASHES = "-" * 5


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.validated_by, text[finding.start : finding.end]) for finding in SCANNER.scan(text)]


def pem(kind: str, newline: str = "\n") -> str:
    return newline.join([f"{DASHES}BEGIN {kind}{DASHES}", *[LINE] * 3, f"{DASHES}END {kind}{DASHES}"])


@pytest.mark.parametrize(
    "kind",
    ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY",
     "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\\n"])
def test_a_pem_key_is_found_whole(kind: str, newline: str) -> None:
    key = pem(kind, newline)
    assert found(f'"private_key": "{key}", fin') == [("pem", key)]


def test_a_pem_key_cut_short_is_found_as_far_as_it_goes() -> None:
    head = f"{DASHES}BEGIN RSA PRIVATE KEY{DASHES}\n{LINE}\n{LINE}"
    assert found(f"la clef\n{head}\net la suite est perdue") == [("pem-truncated", head)]


def test_a_putty_key_is_found_whole_and_cut_short() -> None:
    head = f"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: poste\nPrivate-Lines: 1\n{LINE}"
    whole = head + "\nPrivate-MAC: " + "0a1b2c3d" * 8
    assert found(f"{whole}\nfin du fichier") == [("putty", whole)]
    assert found(f"{head}\nfin du fichier") == [("putty", head)]


def test_the_private_part_of_a_web_key_is_found() -> None:
    private = LINE[:43].replace("+", "-").replace("/", "_")
    assert found(f'{{"kty":"OKP","crv":"Ed25519","d":"{private}","x":"public"}}') == [("jwk", private)]


def test_a_public_key_is_left() -> None:
    assert found(pem("PUBLIC KEY")) == []
    assert found(pem("CERTIFICATE")) == []
