"""A password or a key given to a name is found, without its name; talk of passwords, slots and code are left."""

from __future__ import annotations

import random
from string import ascii_letters, digits

import pytest

from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.detectors.secrets import DETECTORS
from bouclier.shield.secret_values import bits_per_character

SCANNER = ReScanner(DETECTORS)
DRAWN = random.Random(11)
KEY = "".join(DRAWN.choices(ascii_letters + digits, k=32))
HEXADECIMAL = "".join(DRAWN.choices("0123456789abcdef", k=32))
BASE64 = "".join(DRAWN.choices(ascii_letters + digits + "+/", k=86)) + "=="
UUID = "-".join("".join(DRAWN.choices("0123456789abcdef", k=count)) for count in (8, 4, 4, 4, 12))


def found(text: str) -> list[tuple[str, str]]:
    return [(finding.type.value, text[finding.start : finding.end]) for finding in SCANNER.scan(text)]


@pytest.mark.parametrize(
    "text",
    [
        "password=~",
        "DB_PASSWORD=~",
        'export PGPASSWORD="~"',
        'password: "~"',
        "  password: ~  # à changer",
        "- name: DB_PASSWORD\n  value: ~\n",
        '{"user": "alice", "password": "~"}',
        '{\\"password\\": \\"~\\"}',
        "<password>~</password>",
        '<add key="Password" value="~"/>',
        "dbPassword := '~'",
        'config["password"] = "~"',
        'password: str = "~"',
        "connect(host='db', passwd='~')",
        "Server=db;User Id=u;Pwd=~;Encrypt=yes",
        "--password ~ --verbose",
        "--db-password=~",
        "SMTP_PASS=~",
        "mot de passe : ~",
        "Mot de passe : ~.",
        "**Mot de passe :** ~",
        "<strong>Mot de passe :</strong> ~",
        "Mon mdp est ~",
        "MDP : ~",
        "mot de passe du compte Ameli : ~",
        "Le mot de passe provisoire est : ~",
        "mot de passe : « ~ » à changer",
        "Le code d'accès est ~.",
        "le code d’accès : ~",
        "Digicode : ~",
        "Clé wifi : ~",
        "phrase de passe : ~",
        "The password for the portal is ~",
        "Passwort: ~",
        "contraseña: ~",
    ],
)
@pytest.mark.parametrize(
    "value", ["Tr0ub4dor&3", "Gravelines59!", "Jean.Martin59", "4521B", "@zerty1234", "$ecret2024", "Mon-chat-2012"]
)
def test_an_announced_password_is_found_without_its_name(text: str, value: str) -> None:
    assert found(text.replace("~", value)) == [("PASSWORD", value)]


@pytest.mark.parametrize("text", ["code d'accès : ~", "code PIN : ~", "Le digicode est ~", "mdp = ~", "password: ~"])
def test_a_password_may_be_digits_only(text: str) -> None:
    assert found(text.replace("~", "4521")) == [("PASSWORD", "4521")]


@pytest.mark.parametrize("text", ["mot de passe : ~\n", 'password = "~"', '"password": "~"', "<password>~</password>"])
def test_a_password_may_be_a_word(text: str) -> None:
    assert found(text.replace("~", "tournesol")) == [("PASSWORD", "tournesol")]


@pytest.mark.parametrize(
    "text",
    [
        "api_key=~",
        "API_KEY: ~",
        'apiKey: "~",',
        "client_secret = '~'",
        '"client_secret":"~"',
        "X-Auth-Token: ~",
        "X-API-Key: ~",
        "aws_secret_access_key = ~",
        "DATADOG_API_KEY=~",
        "LINKEDIN_CLIENT_SECRET=~",
        "OVH_CONSUMER_KEY=~",
        "CLEVER_TOKEN=~",
        "SCW_SECRET_KEY=~",
        "MISTRAL_API_KEY=~",
        "AccountName=a;AccountKey=~;EndpointSuffix=example.org",
        "Endpoint=sb://example.org/;SharedAccessKey=~",
        "Ocp-Apim-Subscription-Key: ~",
        "--token ~",
        "clé API : ~",
        "clé d’API : ~",
        "Clé secrète : ~",
        "Le jeton est ~",
        "cle_api = '~'",
    ],
)
@pytest.mark.parametrize("value", [KEY, HEXADECIMAL, UUID, BASE64, "7f3a9c21bd", "s3cr3t-v4lue"])
def test_an_announced_key_is_found_without_its_name(text: str, value: str) -> None:
    assert found(text.replace("~", value)) == [("API_KEY", value)]


def test_a_key_that_is_an_identifier_by_its_shape_is_a_key() -> None:
    findings = ReScanner().scan(f"SCW_SECRET_KEY={UUID}")
    assert [finding.type.value for finding in findings] == ["API_KEY"]


@pytest.mark.parametrize(
    "text", ["datadog: ~", "OVH_AK=~", 'linkedin_app = "~"', "hetzner-robot: '~'", "MISTRAL=~", "twitter.bearer=~"]
)
@pytest.mark.parametrize("value", [KEY, HEXADECIMAL, UUID])
def test_a_value_drawn_at_random_is_a_key_under_the_name_of_who_issues_it(text: str, value: str) -> None:
    assert found(text.replace("~", value)) == [("API_KEY", value)]


@pytest.mark.parametrize(
    "text",
    [
        "twitter: https://twitter.example.org/ville_de_gravelines",
        "jira: PROJET-1234567890123456789012",
        "linkedin = 'ville-de-gravelines-hauts-de-france-59'",
        "discord=os.environ.get(1)",
        "the zoom is 12345678901234567890123 times",
    ],
)
def test_other_values_under_the_name_of_an_issuer_are_left(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("name", ["password", "api_key", "mot de passe", "token", "client_secret"])
@pytest.mark.parametrize(
    "value",
    [
        "changeme", "change_me_2024", "xxxxxxxx", "********", "••••••••", "...", "${API_KEY}", "$DB_PASSWORD",
        "{{ secret }}",
        "%PASSWORD%", "<your-key>", "<votre mot de passe>", "your-api-key-here", "your_password", "votre_cle_ici",
        "null",
        "example", "my-example-key-123", "EXAMPLE1234567890", "[REDACTED]", "[API_KEY_1]", "[PASSWORD_12]",
        "None", "true",
        "string", "TODO", "placeholder1", "${{ secrets.DEPLOY_KEY1 }}",
        "@password", "$password2", "%(password)s", "password", "secret", "my_password",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{}={}\n", '{}: "{}"\n', "{} : {}\n"])
def test_a_slot_for_a_secret_is_left(name: str, value: str, form: str) -> None:
    assert found(form.format(name, value)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Le mot de passe : obligatoire, huit caractères",
        "mot de passe oublié ?",
        "Le mot de passe est personnel et confidentiel.",
        "Mot de passe : au moins 12 caractères, dont un chiffre",
        "the password is required",
        "password = os.environ['X1']",
        "password = get_password2(user)",
        "password=self.password2, user=user",
        "token = get_token(user)",
        "token = tokens[0]",
        "const secret = await readSecret(path1);",
        "secret: kv-store-v2",
        "private_key: /etc/ssl/private/site1.pem",
        "token: https://example.org/oauth2/token",
        "eos_token_id = 50256",
        "max_tokens=4096",
        "tokenizer = AutoTokenizer128.load('x')",
        "secret_name = 'production-db-1'",
        "token_url: https://example.org/token2",
        "password_length = 1234",
        'type="password" id="field1"',
        "le secret est bien gardé par tous",
        "Secrétaire : Jean Dupont 1234",
        "digest: sha256:0123456789abcdef",
        "api_key_hash = 'sha256:0123456789abcdef'",
        "private_key: PKCS7PrivateKeyTypes,",
        "const browserToken1 = browser.launch1Options?.channel1",
        'challenge_password: "challengePassword"',
        'verify_token="' + KEY + '..."',
        "if password == other.password2:",
        "def login(user: str, password: str, token: str | None = None) -> Session2:",
        "password: string;",
    ],
)
def test_talk_of_secrets_and_code_that_handles_them_are_left(text: str) -> None:
    assert found(text) == []


def test_what_is_drawn_at_random_has_many_bits_and_what_is_repeated_has_few() -> None:
    assert bits_per_character("aaaaaaaa") == 0
    assert bits_per_character("abababab") == 1
    assert bits_per_character(KEY) > 4
