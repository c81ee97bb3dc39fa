"""Whatever opens a door is found: keys, tokens, passwords, URLs that carry them."""

from __future__ import annotations

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner

SCANNER = ReScanner()
FILL = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.type.value, text[finding.start : finding.end]) for finding in SCANNER.scan(text)]


@pytest.mark.parametrize(
    "key",
    [
        "sk-" + FILL,
        "sk-proj-" + FILL + "_-" + FILL,
        "sk-ant-api03-" + FILL,
        "AKIA" + "ABCDEFGH12345678",
        "ghp_" + FILL[:36],
        "github_pat_" + FILL,
        "glpat-" + FILL[:20],
        "xoxb-" + "123456789012-" + FILL[:24],
        "AIza" + FILL[:35],
        "sk_live_" + FILL[:24],
        "hf_" + FILL[:34],
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + FILL,
        "npm_" + FILL[:36],
    ],
)
def test_a_key_with_a_known_head_is_found_whole(key: str) -> None:
    assert found(f"Voici la clef {key}, merci") == [("API_KEY", key)]


def test_a_bearer_token_is_found_without_its_word() -> None:
    assert found(f"Authorization: Bearer {FILL}") == [("API_KEY", FILL)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password=Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("mot de passe : Gravelines59!", "Gravelines59!"),
        ("Mon mdp est Toto2026", "Toto2026"),
        ('"client_secret": "s3cr3t-value"', "s3cr3t-value"),
        ("clé API : 7f3a9c21bd", "7f3a9c21bd"),
        ("Server=db;User Id=u;Pwd=pass123;Encrypt=yes", "pass123"),
    ],
)
def test_an_assigned_password_is_found_without_its_name(text: str, value: str) -> None:
    assert found(text) == [("API_KEY", value)]


@pytest.mark.parametrize(
    "text",
    [
        "Le mot de passe : obligatoire, huit caractères",
        "mot de passe oublié ?",
        "password = os.environ['X']",
        "token = get_token(user)",
        "password: ********",
        "password=<votre mot de passe>",
        "api_key=${API_KEY}",
        "le secret est bien gardé par tous",
        "risk-averse and task-oriented",
    ],
)
def test_talk_of_passwords_is_not_a_password(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://alice:s3cret@example.org/path",
        "postgresql://app:pa55@db.example.org:5432/prod",
        "redis://:p4ssw0rd@192.0.2.1:6379/0",
        "https://example.org/download?file=1&access_token=abcdef123456",
        "https://example.org/x?X-Amz-Signature=0123456789abcdef",
    ],
)
def test_a_url_with_credentials_is_found_whole(url: str) -> None:
    assert found(f"Voir {url}.") == [("URL_CREDENTIALS", url)]


@pytest.mark.parametrize(
    "url", ["https://example.org/a?page=2", "http://example.org:8080/x", "https://example.org/a:b"]
)
def test_a_url_without_credentials_is_left(url: str) -> None:
    assert found(f"Voir {url}.") == []


PEM = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n" * 3


def test_a_private_key_is_found_whole_and_truncated() -> None:
    whole = PEM + "-----END RSA PRIVATE KEY-----"
    assert found(f"la clef\n{whole}\nfin") == [("PRIVATE_KEY", whole)]
    assert found(f"la clef\n{PEM}et la suite est perdue") == [("PRIVATE_KEY", PEM.rstrip())]


def test_a_public_key_is_left() -> None:
    assert found("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----") == []
