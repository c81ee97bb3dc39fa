"""Credentials recognised by what carries them: URLs, headers, command lines, password files.

A URL that opens a door is found whole: its host tells whose door it is.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from bouclier.shield.characters import LETTER
from bouclier.shield.detector import Detector, Rough, exact, heads
from bouclier.shield.secret_values import is_code, is_key, is_placeholder
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_QUERY_SECRETS = exact(
    r"[?&#;](?:[a-z0-9_-]{0,20}token|[a-z_-]{0,20}api_?key|key|sig|signature|x-(?:amz|goog)-(?:signature|credential)|"
    r"password|passwd|pwd|pass|mdp|[a-z_-]{0,20}secret|auth|session_?id|sid|jwt|code|sharedaccesskey|accountkey|ticket)"
    r"=(?P<value>[^&#;\s]{6,})",
    caseless=True,
)
_USERINFO = exact(r"://(?P<user>[^\s/@:?#]{0,256}):(?P<password>[^\s/@?#]{1,256})@")
# A data source name of Sentry: the user is the key. Source: Sentry's documentation, "DSN".
_USER_KEY = exact(r"://[0-9a-f]{32}@")
_ORACLE = exact(r"jdbc:oracle:\w{1,8}:(?P<user>[^\s/@:]{1,64})/(?P<password>[^\s/@]{1,128})@", caseless=True)
# Addresses that let whoever knows them write or act. Source: the issuers' documentation of incoming webhooks.
_HOOK = exact(
    r"://(?:[0-9a-z-]{1,60}\.){0,4}(?:hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/"
    r"(?:v[0-9]{1,2}/)?webhooks/[0-9]{10,20}/|webhook\.office\.com/webhookb2/|outlook\.office\.com/webhook/|"
    r"logic\.azure\.com(?::443)?/workflows/|hooks\.zapier\.com/hooks/catch/|maker\.ifttt\.com/trigger/|"
    r"hook\.[a-z0-9]{2,6}\.make\.com/|api\.telegram\.org/bot[0-9]|events\.pagerduty\.com/integration/|"
    r"[0-9a-z.-]{3,80}/(?:hooks|webhooks?)/[0-9a-z]{26}(?![0-9a-z]))[0-9A-Za-z]?",
    caseless=True,
)
_SCHEME = exact(r"(?:jdbc:)?[A-Za-z][0-9A-Za-z+.-]{1,20}\Z")
_MAX_SCHEME = 26

_HOST_OF_PGPASS = exact(r"(?:\A|[\n\r])(?P<host>[^\s:#]{1,253})\Z")
_MAX_HOST = 254


def _url(text: str, match: re.Match[str]) -> Iterator[Finding]:
    scheme = _SCHEME.search(text, max(0, match.start() - _MAX_SCHEME), match.start())
    if scheme is None:
        return
    url = match[0].rstrip(".,;:!?)]}»")
    span = (scheme.start(), match.start() + len(url))
    user = _USERINFO.match(url)
    query = _QUERY_SECRETS.search(url)
    if user is not None:
        if not (is_placeholder(user["password"]) or _is_slot(user["password"])):
            yield Finding(*span, EntityType.URL_CREDENTIALS, 0.97, "userinfo")
    elif _USER_KEY.match(url):
        yield Finding(*span, EntityType.URL_CREDENTIALS, 0.95, "userinfo")
    elif _HOOK.match(url) and any(map(str.isdigit, url)):
        yield Finding(*span, EntityType.URL_CREDENTIALS, 0.9, "webhook")
    elif query is not None and not (is_placeholder(query["value"]) or _is_slot(query["value"])):
        yield Finding(*span, EntityType.URL_CREDENTIALS, 0.9, "query")


def _is_slot(value: str) -> bool:
    """Say whether a value is a slot of a template: `{token}`, `<token>`, `:password`."""
    return value[0] in "{<$%[" and value[-1] in "}>]%$"


def _oracle(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    if not is_placeholder(match["password"]):
        yield Finding(match.start(), match.end() - 1, EntityType.URL_CREDENTIALS, 0.95, "userinfo")


def _bearer(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    token = match["bearer"]
    if (any(map(str.isdigit, token)) or "=" in token) and not is_placeholder(token) and not is_code(token):
        yield Finding(*match.span("bearer"), EntityType.API_KEY, 0.9, "header")


def _basic(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Keep what decodes to a user and a password. Source: RFC 7617, §2."""
    try:
        decoded = binascii.a2b_base64(match["basic"])
    except binascii.Error:
        return
    if b":" in decoded and decoded.isascii():
        yield Finding(*match.span("basic"), EntityType.PASSWORD, 0.95, "header")


def _authorization(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    if is_key(match["value"]) and not is_placeholder(match["value"]):
        yield Finding(*match.span("value"), EntityType.API_KEY, 0.9, "header")


def _password(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    if not is_placeholder(match["password"]):
        yield Finding(*match.span("password"), EntityType.PASSWORD, 0.9, "command")


def _pgpass(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Find the fifth field of a line. Source: PostgreSQL's documentation, "The Password File"."""
    host = _HOST_OF_PGPASS.search(text, max(0, match.start() - _MAX_HOST), match.start())
    if host is not None and not is_placeholder(match["password"]):
        yield Finding(*match.span("password"), EntityType.PASSWORD, 0.95, "pgpass")


def _login(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    value = match["value"].rstrip(".")
    if len(value) >= _LEAST_LOGIN and value.casefold() not in _NO_LOGIN and not is_placeholder(value):
        yield Finding(match.start("value"), match.start("value") + len(value), EntityType.IDENTIFIER, 0.55, "announced")


_LEAST_LOGIN = 3
_NO_LOGIN = frozenset(
    {"str", "string", "text", "int", "integer", "bool", "boolean", "true", "false", "null", "none", "any", "optional"}
    | {
        "required",
        "unique",
        "obligatoire",
        "requis",
        "facultatif",
        "inconnu",
        "inconnue",
        "vide",
        "oubli",
        "non",
        "oui",
    }
    | {"email", "mail", "e-mail", "courriel", "password", "varchar", "number", "uuid", "object", "aucun", "idem"}
    | {"invalide", "incorrect", "http", "https", "nom", "prenom", "root", "admin", "yes", "undefined", "self"}
)

DETECTORS = (
    Detector(
        # Who somebody is on a machine. What a form or a message says on its line, not what code assigns.
        "login",
        EntityType.IDENTIFIER,
        (
            *heads("identifiant", "login", "nom d'utilisateur", "nom d’utilisateur", "username", "user name"),
            *heads("Identifiant", "Login", "Nom d'utilisateur", "Nom d’utilisateur", "Username", "User name"),
            *heads("IDENTIFIANT", "LOGIN"),
        ),
        exact(
            rf"(?<![{LETTER}0-9_.\-/\"'])(?:identifiant|login|nom d['’]utilisateur|user ?name)"
            rf"(?: [{LETTER}]{{2,20}}){{0,2}}[*_`]{{0,2}} ?:[*_`]{{0,2}} {{0,2}}[*_`]{{0,2}}"
            rf"(?P<value>[0-9A-Za-z](?:[0-9{LETTER}]|[._\-](?=[0-9{LETTER}])){{2,40}})"
            rf"(?=[*_`]{{0,2}} ?(?:[,;|)/\n\r]|\.?(?:\s|\Z)(?! ?[{LETTER}0-9(\[=])"
            rf"|(?:et |and )?(?:mdp|mot|pass|pwd|code))|\.?\Z)",
            caseless=True,
        ),
        _login,
    ),
    Detector(
        "url-credentials",
        EntityType.URL_CREDENTIALS,
        heads("://"),
        exact(r"(?<=[0-9A-Za-z])://[^\s\"'<>`]{3,2000}"),
        _url,
    ),
    Detector("jdbc-oracle", EntityType.URL_CREDENTIALS, heads("jdbc:oracle:", caseless=True), _ORACLE, _oracle),
    Detector(
        "bearer",
        EntityType.API_KEY,
        heads("bearer", caseless=True),
        exact(r"(?<![0-9A-Za-z])bearer\s{1,3}(?P<bearer>[0-9A-Za-z._~+/=-]{16,4000})", caseless=True),
        _bearer,
    ),
    Detector(
        "basic",
        EntityType.PASSWORD,
        heads("basic ", caseless=True),
        exact(r"(?<![0-9A-Za-z])basic {1,2}(?P<basic>[0-9A-Za-z+/]{6,1000}={0,2})(?![0-9A-Za-z+/=])", caseless=True),
        _basic,
    ),
    Detector(
        "authorization",
        EntityType.API_KEY,
        heads("authorization", caseless=True),
        exact(
            r"authorization['\"]?\s{0,2}[:=]\s{0,2}['\"]?(?:[a-z-]{2,20}\s{1,2})?(?P<value>[^\s\"',;]{12,4000})",
            caseless=True,
        ),
        _authorization,
    ),
    # Source: GNU inetutils, "The .netrc file".
    Detector(
        "netrc",
        EntityType.PASSWORD,
        heads("machine ", "default login "),
        exact(
            r"(?:machine\s{1,8}[^\s]{1,253}|default)\s{1,8}login\s{1,8}[^\s]{1,128}\s{1,8}password\s{1,8}"
            r"(?P<password>[^\s]{1,250})"
        ),
        _password,
    ),
    Detector(
        "pgpass",
        EntityType.PASSWORD,
        (Rough(r":(?:5432|5433|6432|\*):[^\s:]"),),
        exact(
            r":(?:5432|5433|6432|\*):[^\s:]{1,63}:[^\s:]{1,63}:"
            r"(?P<password>(?:[^\s\\]|\\.){1,250})(?=[\s\\]|\Z)"
        ),
        _pgpass,
    ),
    Detector(
        "command-user",
        EntityType.PASSWORD,
        heads("curl ", "wget ", "http "),
        exact(
            r"(?:curl|wget|http) [^\n]{0,200}?(?:-u|--user|-a|--auth|--proxy-user)[ =]?[\"']?[^\s:\"']{1,128}:"
            r"(?P<password>[^\s\"']{3,250})"
        ),
        _password,
    ),
    Detector(
        "command-password",
        EntityType.PASSWORD,
        heads("sshpass ", "mysql ", "mysqldump ", "mariadb ", "IDENTIFIED BY", "WITH PASSWORD", caseless=True),
        exact(
            r"(?:sshpass {1,3}-p {0,3}|(?:mysql|mysqldump|mariadb) [^\n]{0,200}?-p(?=[^\s-])|"
            r"(?:identified by|with password)(?: password)?\s{1,3}(?=[\"']))[\"']?(?P<password>[^\s\"']{4,250})",
            caseless=True,
        ),
        _password,
    ),
)
