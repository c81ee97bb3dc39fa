"""Keys and tokens recognised by their own form: the detectors of the table `secret_heads`.

One detector per alphabet, each with all the heads of that alphabet. What follows a head must look drawn at random:
keys written for manuals, and names that begin like a key, are not keys.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.shield.detector import Detector, Rough, exact
from bouclier.shield.detectors.secret_heads import BASE62, BASE64, BASE64URL, HASHES, HEADS, HEX, INSIDE, UPPER, Head
from bouclier.shield.secret_values import bits_per_character, is_filler, is_issued
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.shield.detector import Examine
    from bouclier.shield.detectors.secret_heads import Inside

_ENDS = "(?![0-9A-Za-z_])"
_ROUGH_BODY = 4
_ROUGH_BODY_OF_SHORT = 10
_SHORT_HEAD = 4

_AWS_SECRET = exact(r"(?<![0-9A-Za-z/+=_-])[0-9A-Za-z/+]{40}(?![0-9A-Za-z/+=_-])")
_NEAR = 200
_RANDOM_BITS = 4.2


def _starting(head: str) -> str:
    """Return an expression for a head at the beginning of a word; a letter first, so that `re` can leap to it."""
    first, rest = re.escape(head[0]), re.escape(head[1:])
    return f"{first}(?<![0-9A-Za-z_]{first}){rest}"


def _expression(rows: Sequence[Head]) -> str:
    """Return one alternation for rows, the longest heads first so that `sk-ant-` is not read as `sk-`."""
    ways = sorted(
        ((head, f"[{row.alphabet}]{{{row.least},{row.most}}}{row.tail}") for row in rows for head in row.heads),
        key=lambda way: (-len(way[0]), way[0]),
    )
    return f"(?:{'|'.join(_starting(head) + body for head, body in ways)}){_ENDS}"


def _rough(head: str, row: Head) -> str:
    seen = _ROUGH_BODY if len(head) >= _SHORT_HEAD else _ROUGH_BODY_OF_SHORT
    return f"{re.escape(head)}[{row.alphabet}]{{{min(row.least, seen)}}}"


def _roughs(rows: Sequence[Head]) -> tuple[Rough, ...]:
    return tuple(map(Rough, sorted({_rough(head, row) for row in rows for head in row.heads})))


def _issued(rows: Sequence[Head]) -> Examine:
    issuers = sorted(((head, row) for row in rows for head in row.heads), key=lambda pair: (-len(pair[0]), pair[0]))

    def examine(text: str, match: re.Match[str]) -> Iterator[Finding]:
        key = match[0]
        head, row = next(pair for pair in issuers if key.startswith(pair[0]))
        if not is_issued(key[len(head) :], kinds=_kinds(head, row)):
            return
        yield Finding(*match.span(), EntityType.API_KEY, 0.95, f"key:{row.issuer}")
        if row.issuer == "aws":
            yield from _aws_secrets(text, match)

    return examine


def _kinds(head: str, row: Head) -> int:
    """Return how many of small letters, capitals and digits a key must hold: all, if its head is easily a word's."""
    if "a-z" in row.alphabet and "A-Z" in row.alphabet:
        return 3 if row.wordlike or len(head) <= _SHORT_HEAD else 2
    return 1 if "A-Z" in row.alphabet else 2


def _aws_secrets(text: str, identifier: re.Match[str]) -> Iterator[Finding]:
    """Find the secret of an access key, which has no head, in the words around its identifier."""
    first, last = max(0, identifier.start() - _NEAR), min(len(text), identifier.end() + _NEAR)
    for match in _AWS_SECRET.finditer(text, first, last):
        if bits_per_character(match[0]) >= _RANDOM_BITS and not is_filler(match[0]):
            yield Finding(*match.span(), EntityType.API_KEY, 0.9, "key:aws")


def _hash(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    yield Finding(*match.span(), EntityType.PASSWORD, 0.95, "hash")


def _inside(row: Inside) -> Detector:
    before = exact(f"(?<![0-9A-Za-z_+/-])(?:{row.before})\\Z")

    def examine(text: str, match: re.Match[str]) -> Iterator[Finding]:
        if not row.longest:
            yield Finding(*match.span(), EntityType.API_KEY, 0.95, f"key:{row.issuer}")
            return
        # One more character than the longest, for the look-behind to see what stands there.
        found = before.search(text, max(0, match.start() - row.longest), match.start())
        if found is not None and len(set(found[0] + match[0])) > _SHORT_HEAD + len(set(row.mark)):
            yield Finding(found.start(), match.end(), EntityType.API_KEY, 0.95, f"key:{row.issuer}")

    alphabet = "" if not row.after else "[0-9]" if row.mark == "-us" else "[0-9A-Za-z%+/_.~-]"
    return Detector(
        f"key-{row.issuer}",
        EntityType.API_KEY,
        (Rough(re.escape(row.mark) + alphabet * min(_ROUGH_BODY, 1 if row.mark == "-us" else _ROUGH_BODY)),),
        exact(f"{re.escape(row.mark)}{row.after}{_ENDS}"),
        examine,
    )


def _family(name: str, rows: Sequence[Head]) -> Detector:
    return Detector(f"keys-{name}", EntityType.API_KEY, _roughs(rows), exact(_expression(rows)), _issued(rows))


_FAMILIES = {"hexadecimal": {HEX}, "capitals": {UPPER}, "base62": {BASE62}, "base64": {BASE64, BASE64URL}}
_NAMED = frozenset().union(*_FAMILIES.values())

DETECTORS = (
    *(_family(name, [row for row in HEADS if row.alphabet in alphabets]) for name, alphabets in _FAMILIES.items()),
    _family("other", [row for row in HEADS if row.alphabet not in _NAMED]),
    *map(_inside, INSIDE),
    Detector(
        "password-hashes",
        EntityType.PASSWORD,
        _roughs(HASHES),
        exact(_expression(HASHES).removesuffix(_ENDS) + "(?![0-9A-Za-z])"),
        _hash,
    ),
)
