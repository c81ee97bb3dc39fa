"""Credentials are found in what carries them: URLs, headers, command lines and password files."""

from __future__ import annotations

import base64
import random
from string import ascii_letters, digits

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.detectors.credentials import DETECTORS

SCANNER = ReScanner(DETECTORS)
DRAWN = random.Random(5)
TOKEN = "".join(DRAWN.choices(ascii_letters + digits, k=40))
LOWER = "".join(DRAWN.choices("0123456789abcdef", k=32))
HOOK = "T" + "0A1B2C3D4" + "/B" + "4D3C2B1A0/" + TOKEN[:24]


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.type.value, text[finding.start : finding.end]) for finding in SCANNER.scan(text)]


@pytest.mark.parametrize(
    "url",
    [
        "https://alice:s3cret@example.org/path",
        "postgresql://app:pa55@db.example.org:5432/prod",
        "mysql://root:hunter2@localhost/app",
        "mongodb+srv://app:Xy12@cluster0.example.org/?retryWrites=true",
        "redis://:p4ssw0rd@192.0.2.1:6379/0",
        "amqp://guest:gu3st@mq.example.org:5672/vhost",
        "sftp://depot:Mairie59@example.org",
        "jdbc:postgresql://db.example.org/app?user=app&password=s3cr3tX",
        "jdbc:sqlserver://db.example.org:1433;user=sa;password=Str0ngPass",
        "https://example.org/download?file=1&access_token=abcdef123456",
        "https://example.org/x?X-Amz-Signature=0123456789abcdef",
        f"https://compte.blob.example.org/c/f?sv=2022-11-02&sp=r&sig={TOKEN}",
        f"https://{LOWER}@o1.ingest.example.org/42",
        "https://hooks.slack." + "com/services/" + HOOK,
        "https://discord." + f"com/api/webhooks/1234567890123456/{TOKEN}",
        "https://ville.webhook.office." + f"com/webhookb2/{TOKEN}",
    ],
)
def test_a_url_that_opens_a_door_is_found_whole(url: str) -> None:
    assert found(f"Voir {url}.") == [("URL_CREDENTIALS", url)]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a?page=2",
        "http://example.org:8080/x",
        "https://example.org/a:b",
        "https://user:password@example.org",
        "https://user:${PASSWORD}@example.org",
        "postgresql://<user>:<password>@host/db",
        "https://example.org/?token={token}",
        "https://example.org/?api_key=YOUR_API_KEY",
        "https://example.org/hooks/incoming",
    ],
)
def test_a_url_without_credentials_or_with_slots_is_left(url: str) -> None:
    assert found(f"Voir {url} ici.") == []


def test_an_oracle_url_is_found_up_to_its_host() -> None:
    url = "jdbc:oracle:thin:paie/Tr0ubad0ur"
    assert found(f"{url}@db.example.org:1521:paie") == [("URL_CREDENTIALS", url)]


def test_tokens_in_headers_are_found_without_their_words() -> None:
    basic = base64.b64encode(b"alice:Tr0ubad0ur").decode()
    assert found(f"Authorization: Bearer {TOKEN}") == [("API_KEY", TOKEN)]
    assert found(f'curl -H "Authorization: token {TOKEN}"') == [("API_KEY", TOKEN)]
    assert found(f"Authorization: Basic {basic}") == [("PASSWORD", basic)]
    assert found(f'"authorization": "Basic {basic}"') == [("PASSWORD", basic)]


@pytest.mark.parametrize(
    "text",
    [
        "basic information about users",
        "Basic understanding",
        "the bearer of this certificate",
        "Bearer ${TOKEN_OF_THE_USER_1}",
        "Authorization: Bearer <your-token-here>",
        "authorization: required for everyone1",
    ],
)
def test_talk_of_headers_is_left(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("machine example.org login alice password Tr0ubad0ur", "Tr0ubad0ur"),
        ("machine example.org\n  login alice\n  password Tr0ubad0ur\n", "Tr0ubad0ur"),
        ("db.example.org:5432:paie:alice:Tr0ubad0ur\n", "Tr0ubad0ur"),
        ("# .pgpass\n*:*:*:alice:Tr0ubad0ur\n", "Tr0ubad0ur"),
        ("curl -u alice:Tr0ubad0ur https://example.org", "Tr0ubad0ur"),
        ("curl -s --user 'alice:Tr0ubad0ur' https://example.org", "Tr0ubad0ur"),
        ("sshpass -p Tr0ubad0ur ssh alice@example.org", "Tr0ubad0ur"),
        ("mysql -u root -pTr0ubad0ur app", "Tr0ubad0ur"),
        ("CREATE USER alice IDENTIFIED BY 'Tr0ubad0ur';", "Tr0ubad0ur"),
        ("ALTER ROLE alice WITH PASSWORD 'Tr0ubad0ur';", "Tr0ubad0ur"),
    ],
)
def test_a_password_of_a_file_or_a_command_is_found(text: str, password: str) -> None:
    assert found(text) == [("PASSWORD", password)]


@pytest.mark.parametrize(
    "text",
    [
        "machine example.org login alice password <password>",
        "curl -u $USER:$PASSWORD https://example.org",
        "sshpass -p $PASSWORD ssh alice@example.org",
        "mysql -u root -p app",
        "login and password are needed",
    ],
)
def test_a_command_without_its_password_is_left(text: str) -> None:
    assert found(text) == []
