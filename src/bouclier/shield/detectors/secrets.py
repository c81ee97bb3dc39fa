"""What is announced as a secret: a password or a key given to a name, in prose, code, YAML, JSON, XML or `.env`.

The words say which: what a person types is a password, what a machine holds is a key. A password may be any word, so
what stands there counts unless it is plainly something else; a key must look drawn at random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import folded
from bouclier.shield.detector import Detector, Rough, exact
from bouclier.shield.secret_values import (
    bits_per_character,
    is_code,
    is_key,
    is_placeholder,
    is_reference,
    is_said_of_secrets,
)
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

# Written so: `~` is a space, a hyphen, an underscore or nothing; accents and case are free.
_FOR_PASSWORDS = (
    "password", "passwd", "passphrase", "passcode", "pwd", "mdp", "mots?~de~passe", "phrase (?:secrète|de passe)",
    "code (?:secret|confidentiel|personnel|pin|wifi|d'accès|d'entrée|de la porte|du portail|alarme)", "digicode",
    "clé (?:wifi|wi-fi|wpa2?|de sécurité wifi)", r"(?:_|\.|'|\"|-)pass", "passwort", "kennwort", "contraseña",
    "wachtwoord",
)  # fmt: skip
_FOR_KEYS = (
    "secret", "token", "jeton", "credential", "sharedaccesskey",
    *(f"{use}~key" for use in (
        "api", "access", "account", "private", "auth", "encryption", "signing", "master", "shared", "service", "app",
        "application", "consumer", "client", "subscription", "license", "deploy",
    )),
    "clés? (?:d' ?)?(?:api|accès|secrète|privée|licence|activation|application|chiffrement|produit)",
    "clé de (?:chiffrement|licence|déchiffrement|récupération)", "cle(?:_|-)(?:api|secrete|privee|acces)",
)  # fmt: skip
# Where each begins, spelled without choices that end alike; see `detector`.
_ROUGH = (
    "password", "passwd", "passphrase", "passcode", "pwd", "mdp", "mots?~de~passe", "phrase (?:secr|de p)",
    "code (?:secret|confid|person|pin|wifi|d'acc|d'ent|de la p|du por|alarme)", "digicode", "clé (?:wi|wp|de s)",
    r"(?:_|\.|'|\"|-)pass", "passwort", "kennwort", "contrase(?:ñ|Ñ|n\u0303)", "wachtwoord",
    "secret", "token", "jeton", "credential", "sharedaccesskey", *(use for use in _FOR_KEYS if use.endswith("~key")),
    "clés? (?:d' ?)?(?:api|acc|secr|priv|lice|acti|appl|chif|prod)", "clé de (?:chif|lice|déch|récu)",
    "cle(?:_|-)[aps]",
)  # fmt: skip
# Issuers whose keys have no head of their own: their name, and a value drawn at random, are enough.
_ISSUERS = (
    "adafruit", "algolia", "alpha_?vantage", "artifactory", "auth0", "bitbucket", "bittrex", "clever_?cloud", "codecov",
    "cohere", "coinbase", "confluent", "datadog", "deepgram", "discord", "droneci", "elevenlabs", "exoscale", "fastly",
    "finicity", "finnhub", "flickr", "freshbooks", "gandi", "gitea", "gitter", "heroku", "hetzner", "infomaniak",
    "intercom", "jenkins", "jfrog", "jira", "kraken", "kucoin", "linkedin", "linode", "looker", "mailjet", "mattermost",
    "meraki", "messagebird", "mistral", "mixpanel", "newrelic", "ngrok", "nytimes", "okta", "opsgenie", "ovh",
    "pagerduty", "pipedrive", "plivo", "privateai", "rapidapi", "scaleway", "sendbird", "sendinblue", "sidekiq", "snyk",
    "softlayer", "splunk", "squarespace", "sumologic", "trello", "travis", "twitch", "twitter", "vonage", "vultr",
    "yandex", "zendesk", "zoom",
)  # fmt: skip

# `secretary`, `token_url`, `password_length`.
_NOT_ITS_VALUE = "(?![a-z]{4}|_?(?:url|file|path|length|len|type|count|policy|hash|reset))"
_MORE_OF_NAME = (
    r"(?:[ _.-]?(?:key|id|value|string|text|prod|production|staging|preprod|dev|test|live|sandbox|root|admin|user|db|"
    r"database|base64|b64|plain|clear|old|new|current|master|main|primary|secondary|initial|actuel|"
    r"temporaire|provisoire|administrateur|wifi|wi-fi|api|oauth|access|client|json|[0-9]{1,2})){0,3}"
)
_OF_WHAT = r"(?: (?:de|du|des|d'|d\u2019|pour|for|to|of|on|sur|à) ?[^\n:=\"'<>]{1,40}?)?"
_AFTER_NAME = r"(?:[\\'\"\])*_`]|</?[a-z]{1,8}>){0,4}"
_SIGN = (
    r"(?:\s{0,3}(?P<sign>:=|=>|->|={1,3}|:(?!:))|(?P<tag>>)|(?P<is>,?\s(?:c(?:['\u2019]|\s)est|est|is|sera|était|was|ist|es)(?:\s(?:le|la|now|bien))?"
    r"(?:\s?:)?(?=\s))|['\"]?\s{1,12}value\s?(?P<value>[:=])|"
    r"\s?:\s?[A-Za-z.\[\] |]{1,24}\s?(?P<typed>=))"
)
_FLAG_SIGN = r"(?P<space>(?<=[a-z0-9])\s(?=[^\s=:-]))"
_BEFORE_VALUE = r"(?:\s|\*|\\?</?[a-z]{1,8}>|\\(?=[\"'])|[brf](?=[\"'])){0,6}"
_VALUE = r"(?:[\"'`«“]\s?(?P<quoted>[^\s\"'`»”]{4,400})(?=[\"'`”]|\s?»|\s?\Z)|(?P<bare>[^\s\"'`«»“”,;<>]{4,400}))"
_FLAG = exact(r"(?<![\w-])--?[a-z-]{0,30}\Z", caseless=True)
_CHOSEN = exact(r"[0-9!@#$%^&*+=?/\\|~]")
_LINE_ENDS = exact(r"[.\t ]{0,4}(?:\n|\r|\Z)")
_CODE_FOLLOWS = exact(r"\s{0,2}[,;)}]|\s{0,2}(?:\n|\r|\Z)")
_REACH = 40
_BITS_OF_KEY = 3.0
# More than the shape of an identifier alone: a key is often a UUID, and must not come back as one.
_SURE = 0.97


def _spelled(words: str) -> str:
    return folded(words.replace("~", "(?: |_|-)?"))


def _words(*alternatives: str) -> str:
    return "|".join(map(_spelled, sorted(alternatives, key=len, reverse=True)))


def _named(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    value = match["value"]
    if is_key(value) and not is_placeholder(value) and bits_per_character(value) >= _BITS_OF_KEY:
        yield Finding(*match.span("value"), EntityType.API_KEY, _SURE, "announced")


def _announced(text: str, match: re.Match[str]) -> Iterator[Finding]:
    quoted = match["quoted"]
    value = (quoted or match["bare"]).rstrip("\\") if quoted else match["bare"].rstrip(".,;:)*_]}\\|")
    start = match.start("quoted" if quoted else "bare")
    password = match["password"] is not None
    if (
        len(value) < (4 if password else 8)
        or is_placeholder(value)
        or (match["space"] and not _FLAG.search(text, max(0, match.start() - _REACH), match.start()))
    ):
        return
    found = _password(text, match, value, start) if password else _key(match, value)
    if found:
        type_ = EntityType.PASSWORD if password else EntityType.API_KEY
        yield Finding(start, start + len(value), type_, found, "announced")


def _password(text: str, match: re.Match[str], value: str, start: int) -> float:
    """Return how sure we are that a value is a password; zero when it is prose, or code to be evaluated."""
    quoted = match["quoted"] is not None
    end = start + len(value)
    assigned = match["sign"] in {"=", ":=", "=>", "==", "==="} or match["typed"] is not None
    if not quoted and (assigned or _CODE_FOLLOWS.match(text, end)) and is_code(value) and not match["is"]:
        return 0
    if _CHOSEN.search(value):
        return 0 if is_reference(value) else 0.8
    if is_said_of_secrets(value) or match["is"] or match["space"]:
        return 0
    if quoted:
        return 0.5 if match["sign"] and (assigned or match["sign"] == ":") else 0
    if match["tag"]:
        return 0.6 if text.startswith("</", end) else 0
    return 0.5 if match["sign"] == ":" and _LINE_ENDS.match(text, end) and not is_code(value) else 0


def _key(match: re.Match[str], value: str) -> float:
    """Return how sure we are that a value is a key."""
    if match["quoted"] is None and is_code(value):
        return 0
    if not is_key(value):
        return 0
    return _SURE if bits_per_character(value) >= _BITS_OF_KEY else 0.8


def _said(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    """`mdp Soleil2024!`: nothing between the word and the value, so the value must look chosen."""
    value = match["value"].rstrip(".,;:)?*_`]}")
    if (
        len(value) >= _LEAST_SAID
        and _MIXED.match(value)
        and not (_NAMES.match(value) or is_placeholder(value) or is_reference(value) or is_code(value))
    ):
        yield Finding(match.start("value"), match.start("value") + len(value), EntityType.PASSWORD, 0.7, "announced")


_LEAST_SAID = 6
# Letters with digits, or with a sign that no prose has within a word.
_MIXED = exact(r"(?=.*[A-Za-z])(?:(?=.*[0-9])|(?=.*[!@#$%^&*+=].*[A-Za-z]))")
# `sha256`, `reset_token2`: of code and of methods.
_NAMES = exact(
    r"(?:[a-z]{1,30}(?:_[a-z0-9]{1,30}){1,4}|(?:sha|md|aes|wpa|wep|utf|rsa|pbkdf|argon|bcrypt|oauth|ldap|saml|fido|otp|totp|base|v|windows|office)"
    r"[-_]?[0-9][0-9a-z_.-]{0,12})\Z",
    caseless=True,
)
_SAID_WORDS = ("mdp", "mots?~de~passe", "password", "passwd", "passcode", "pwd", "digicode")

DETECTORS = (
    Detector(
        "password-said",
        EntityType.PASSWORD,
        tuple(Rough(_spelled(words), caseless=True) for words in _SAID_WORDS),
        exact(
            rf"(?<![a-z0-9_.$@/\-])(?:{_words(*_SAID_WORDS)})(?: (?:wi-?fi|windows|"
            rf"provisoire|temporaire|initial|admin|vpn|ent|mail))?"
            rf"[*_`]{{0,2}} {{1,2}}[*_`\"']{{0,2}}"
            r"(?P<value>(?=[^\s=(\[{]{6})[^\s\"'`«»“”,;<>()]{6,64})(?! ?[=(\[{])",
            caseless=True,
        ),
        _said,
    ),
    Detector(
        "announced",
        EntityType.API_KEY,
        tuple(Rough(_spelled(words), caseless=True) for words in _ROUGH),
        exact(
            rf"(?:(?P<password>{_words(*_FOR_PASSWORDS)})|{_words(*_FOR_KEYS)}){_NOT_ITS_VALUE}{_MORE_OF_NAME}"
            rf"(?:{_OF_WHAT}{_AFTER_NAME}{_SIGN}{_BEFORE_VALUE}|{_FLAG_SIGN}){_VALUE}",
            caseless=True,
        ),
        _announced,
    ),
    Detector(
        "named-issuer",
        EntityType.API_KEY,
        tuple(Rough(issuer, caseless=True) for issuer in _ISSUERS),
        exact(
            rf"(?<![a-z])(?:{'|'.join(_ISSUERS)})[0-9a-z_.-]{{0,30}}['\"]?\s{{0,3}}[:=]\s{{0,3}}(?P<quote>['\"]?)"
            r"(?P<value>[0-9a-z_+/=-]{20,200})(?P=quote)(?![0-9a-z_.:/(\[-])",
            caseless=True,
        ),
        _named,
    ),
)
