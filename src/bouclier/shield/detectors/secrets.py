"""What opens a door: keys, tokens, passwords, URLs and private keys that carry them.

A key whose maker gave it a recognisable head is one line of `_TOKENS`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.shield.characters import E_ACUTE, LETTER, folded
from bouclier.shield.detector import Detector, Rough, exact, heads, shaped
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

_BASE64URL = "[0-9A-Za-z_-]"
_TOKEN_ENDS = "(?![0-9A-Za-z_])"  # noqa: S105 -- an expression

# name, heads as they are written, what follows the head
_TOKENS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("openai-like", ("sk-",), f"{_BASE64URL}{{20,250}}"),
    ("aws-key-id", ("AKIA", "ASIA", "ABIA", "ACCA"), "[0-9A-Z]{16}"),
    ("github", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), "[0-9A-Za-z]{30,255}"),
    ("github-fine-grained", ("github_pat_",), "[0-9A-Za-z_]{22,255}"),
    ("gitlab", ("glpat-", "gldt-", "glrt-", "glptt-", "glft-", "glsoat-", "glcbt-"), f"{_BASE64URL}{{20,100}}"),
    ("slack", ("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"), "[0-9A-Za-z-]{10,250}"),
    ("google-api", ("AIza",), f"{_BASE64URL}{{35}}"),
    ("google-oauth", ("ya29.", "GOCSPX-"), f"{_BASE64URL}{{20,250}}"),
    ("stripe", ("sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"), "[0-9A-Za-z]{16,250}"),
    ("hugging-face", ("hf_", "api_org_"), "[0-9A-Za-z]{30,60}"),
    ("npm", ("npm_",), "[0-9A-Za-z]{36}"),
    ("pypi", ("pypi-",), f"{_BASE64URL}{{50,250}}"),
    ("sendgrid", ("SG.",), f"{_BASE64URL}{{22}}\\.{_BASE64URL}{{43}}"),
    ("digitalocean", ("dop_v1_", "doo_v1_", "dor_v1_"), "[0-9a-f]{64}"),
    ("scaleway", ("SCW",), "[0-9A-Z]{17}"),
    ("vault", ("hvs.", "hvb."), f"{_BASE64URL}{{24,250}}"),
    ("groq", ("gsk_",), "[0-9A-Za-z]{40,80}"),
    ("xai", ("xai-",), "[0-9A-Za-z]{40,120}"),
    ("replicate", ("r8_",), "[0-9A-Za-z]{30,60}"),
    ("perplexity", ("pplx-",), "[0-9A-Za-z]{40,80}"),
    ("age", ("AGE-SECRET-KEY-1",), "[0-9A-Z]{50,70}"),
    ("jwt", ("eyJ",), f"{_BASE64URL}{{8,2000}}\\.eyJ{_BASE64URL}{{4,4000}}(?:\\.{_BASE64URL}{{0,1000}})?"),
)

_MAX_BODY = 20_000
_KEY_END = exact(r"-----END [0-9A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# Base64 lines and headers; a backslash because keys are also found inside JSON, with `\n` in two characters.
_KEY_BODY = exact(r"(?:[0-9A-Za-z+/=\\]{16,200}|[0-9A-Za-z+/=\\]{0,200}\Z|[A-Za-z-]{4,20}: [^\n]{1,200}|[ \t\r\n])*")

_WORDS_FOR_SECRETS = (
    "password", "passwd", "pwd", "passphrase", "mot de passe", "mdp", "code secret", "secret", "token", "jeton",
    "api key", "api_key", "api-key", "apikey", "access_key", "access key", "secret_key", "accountkey", "private_key",
)  # fmt: skip
_PLACEHOLDERS = exact(
    rf"[*x•.…_-]+\Z|<|\$\{{?|\{{\{{|%|null\Z|none\Z|true\Z|false\Z|undefined\Z|(?:your|votre|example|exemple|change|os\.|"
    rf"env|process\.|oubli{E_ACUTE}|expir|obligatoire|invalide|incorrect)",
    caseless=True,
)
_MIN_PASSWORD = 4

_QUERY_SECRETS = exact(
    r"[?&#;](?:access_?token|auth_?token|token|api_?key|apikey|key|sig|signature|x-amz-signature|x-amz-credential|"
    r"password|passwd|pwd|mdp|secret|client_secret|auth|session_?id|sid|jwt|code)=[^&#\s]{6}",
    caseless=True,
)
_USERINFO = exact(r"://[^\s/@:?#]{0,256}:[^\s/@?#]{1,256}@")
_SCHEME = exact(r"[A-Za-z][0-9A-Za-z+.-]{1,20}\Z")
_MAX_SCHEME = 21

_LOOKS_CHOSEN = exact(r"[0-9!@#$%^&*+=?/\\|~]")
_LOOKS_LIKE_CODE = exact(r"[()\[\]{}]")
_LINE_ENDS = exact(r"[.\t ]{0,4}(?:\n|\r|\Z)")
_HAS_DIGIT_OR_PADDING = exact("[0-9=]")


def _assigned(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Keep a value that looks chosen: prose after `mot de passe :` is not a password, code is not its value."""
    quoted = match["quoted"]
    value = quoted or match["bare"].rstrip(".,;:)")
    start = match.start("quoted" if quoted else "bare")
    if len(value) < _MIN_PASSWORD or _PLACEHOLDERS.match(value):
        return
    if _LOOKS_CHOSEN.search(value) and (quoted or not _LOOKS_LIKE_CODE.search(value)):
        yield Finding(start, start + len(value), EntityType.API_KEY, 0.8, "context")
    elif (quoted and match["sign"] == "=") or (match["sign"] == ":" and _LINE_ENDS.match(text, start + len(value))):
        yield Finding(start, start + len(value), EntityType.API_KEY, 0.5, "context")


def _bearer(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    group = "bearer" if match["bearer"] else "basic"
    if _HAS_DIGIT_OR_PADDING.search(match[group]):
        yield Finding(*match.span(group), EntityType.API_KEY, 0.9, "context")


def _url(text: str, match: re.Match[str]) -> Iterator[Finding]:
    scheme = _SCHEME.search(text, max(0, match.start() - _MAX_SCHEME), match.start())
    if scheme is None:
        return
    url = match[0].rstrip(".,;:!?)]}»")
    span = (scheme.start(), match.start() + len(url))
    if _USERINFO.match(url):
        yield Finding(*span, EntityType.URL_CREDENTIALS, 0.97, "userinfo")
    elif _QUERY_SECRETS.search(url):
        yield Finding(*span, EntityType.URL_CREDENTIALS, 0.9, "query")


def _private_key(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Go to the end line or, if the text was cut before it, as far as the lines still look like a key."""
    start, begun = match.span()
    another = text.find("-----BEGIN ", begun, begun + _MAX_BODY)
    limit = begun + _MAX_BODY if another < 0 else another
    end = _KEY_END.search(text, begun, limit)
    if end is not None:
        yield Finding(start, end.end(), EntityType.PRIVATE_KEY, 0.99, "pem")
        return
    body = _KEY_BODY.match(text, begun, limit)
    last = begun + len(body[0].rstrip()) if body else begun
    yield Finding(start, last, EntityType.PRIVATE_KEY, 0.98, "pem-truncated")


def _token(name: str, starts: tuple[str, ...], rest: str) -> Detector:
    alternatives = "|".join(re.escape(start) for start in starts)
    return Detector(
        name,
        EntityType.API_KEY,
        heads(*starts),
        exact(f"(?<![0-9A-Za-z_])(?:{alternatives}){rest}{_TOKEN_ENDS}"),
        shaped(EntityType.API_KEY, 0.95),
    )


DETECTORS = (
    *(_token(*entry) for entry in _TOKENS),
    Detector(
        "bearer",
        EntityType.API_KEY,
        heads("bearer", "basic ", caseless=True),
        exact(
            r"(?<![0-9A-Za-z])(?:bearer\s{1,3}(?P<bearer>[0-9A-Za-z._~+/=-]{16,4000})"
            r"|(?<=: )basic (?P<basic>[0-9A-Za-z+/]{8,1000}={0,2}))",
            caseless=True,
        ),
        _bearer,
    ),
    Detector(
        "assigned",
        EntityType.API_KEY,
        (
            *heads(*_WORDS_FOR_SECRETS, caseless=True),
            Rough(folded("clé "), caseless=True),
        ),
        exact(
            rf"(?<![{LETTER}])(?:{'|'.join(_WORDS_FOR_SECRETS)}|cl{E_ACUTE} (?:d['’])?(?:api|acc[eè]s|secr[eè]te))"
            r"(?:[_ -]?(?:key|id|de connexion|wifi|wi-fi|temporaire|provisoire|initial|actuel|api)){0,2}['\"]?\s{0,3}"
            r"(?P<sign>:=|->|[:=]|est|is)\s{0,3}"
            rf"(?:[\"'`«]\s?(?P<quoted>[^\s\"'`»]{{4,250}})|(?P<bare>[^\s\"'`«»,;<>]{{4,250}}))",
            caseless=True,
        ),
        _assigned,
    ),
    Detector(
        "url-credentials",
        EntityType.URL_CREDENTIALS,
        heads("://"),
        exact(r"(?<=[0-9A-Za-z])://[^\s\"'<>`]{3,2000}"),
        _url,
    ),
    Detector(
        "private-key",
        EntityType.PRIVATE_KEY,
        heads("-----BEGIN "),
        exact(r"-----BEGIN [0-9A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----"),
        _private_key,
    ),
)
