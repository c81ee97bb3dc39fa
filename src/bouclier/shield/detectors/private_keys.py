"""Private keys: PEM in all its kinds (PKCS, OpenSSH, PGP, encrypted or not), PuTTY, and the private part of a JWK."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.detector import Detector, Rough, exact, heads, shaped
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_MAX_BODY = 20_000
_KEY_END = exact(r"-----END [0-9A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
# Base64 lines and headers; a backslash because keys are also found inside JSON, with `\n` in two characters.
_KEY_BODY = exact(r"(?:[0-9A-Za-z+/=\\]{16,200}|[0-9A-Za-z+/=\\]{0,200}\Z|[A-Za-z-]{4,20}: [^\n]{1,200}|[ \t\r\n])*")
# Source: PuTTY's manual, appendix C, "PPK file format".
_PUTTY_END = exact(r"\n(?:Private-MAC|Private-Hash): [0-9a-f]{40,64}")


def _pem(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Go to the end line or, if the text was cut before it, as far as the lines still look like a key."""
    start, begun = match.span()
    another = text.find("-----BEGIN ", begun, begun + _MAX_BODY)
    limit = begun + _MAX_BODY if another < 0 else another
    end = _KEY_END.search(text, begun, limit)
    if end is not None:
        yield Finding(start, end.end(), EntityType.PRIVATE_KEY, 0.99, "pem")
        return
    yield Finding(start, _body_end(text, begun, limit), EntityType.PRIVATE_KEY, 0.98, "pem-truncated")


def _putty(text: str, match: re.Match[str]) -> Iterator[Finding]:
    start, begun = match.span()
    end = _PUTTY_END.search(text, begun, begun + _MAX_BODY)
    last = _body_end(text, begun, begun + _MAX_BODY) if end is None else end.end()
    yield Finding(start, last, EntityType.PRIVATE_KEY, 0.98, "putty")


def _body_end(text: str, begun: int, limit: int) -> int:
    body = _KEY_BODY.match(text, begun, limit)
    return begun + len(body[0].rstrip()) if body else begun


DETECTORS = (
    Detector(
        "private-key",
        EntityType.PRIVATE_KEY,
        heads("-----BEGIN "),
        exact(r"-----BEGIN [0-9A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----"),
        _pem,
    ),
    Detector(
        "putty-key",
        EntityType.PRIVATE_KEY,
        heads("PuTTY-User-Key-File-"),
        exact(r"PuTTY-User-Key-File-[0-9]: [^\n]{1,100}"),
        _putty,
    ),
    # Source: RFC 7518, §6.2.2 and §6.3.2: `d` is the private part, base64url, 32 bytes or more.
    Detector(
        "jwk",
        EntityType.PRIVATE_KEY,
        (Rough('"[dk]"[ ]?:[ ]?"[0-9A-Za-z_-]{4}'),),
        exact(r'"[dk]" ?: ?"(?P<key>[0-9A-Za-z_-]{43,1400})"'),
        shaped(EntityType.PRIVATE_KEY, 0.9, group="key", by="jwk"),
    ),
)
