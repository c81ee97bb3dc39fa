"""How to reach a person or a machine: e-mail, telephone, IP address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import E_ACUTE, LETTER, ROUGH_SEPARATOR, SEPARATOR, folded
from bouclier.shield.detector import Detector, Rough, exact, heads, shaped, stands_before
from bouclier.shield.validators import full_year, is_date, is_ipv4, is_ipv6, is_phone
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_S = SEPARATOR
_L = f"{_S}?(?:\r?\n)?"  # a line may end amid a number, in what was copied from a page
_MORE_DIGITS = exact(f"{_S}?[0-9]")
_PAIRS = 5
_MAX_LOCAL_PART = 64
_DIGITS = exact("[0-9]{1,40}")
_NEAR = 30

# Letters of other alphabets that look like ours are also written in addresses, and must not cut them.
_OTHER = "\u0370-\u1fff\U0001d400-\U0001d7ff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
_LOCAL_PART_REVERSED = exact(rf"[0-9{LETTER}{_OTHER}.!#$%&'*+=?^_`{{|}}~-]{{1,{_MAX_LOCAL_PART}}}")
_LABEL = f"[0-9{LETTER}{_OTHER}](?:[0-9{LETTER}{_OTHER}_-]{{0,61}}[0-9{LETTER}{_OTHER}])?"
_PHONE_WORDS = exact(
    rf"\bt{E_ACUTE}l|phone|\bfax|mobile|portable|\bgsm\b|joindre|joignable|appel|contact|num{E_ACUTE}ro", caseless=True
)
_VERSION_WORDS = exact(
    r"(?:version|\bver\.?|\bv\.?|\brelease|article|\bart\.|section|chapitre|§)\s{0,2}\Z", caseless=True
)

# How a French number of ten digits is cut in groups; pairs are by far the most frequent.
_GROUPS = frozenset({
    (2, 2, 2, 2, 2), (10,), (4, 3, 3), (4, 2, 2, 2), (4, 6), (1, 3, 3, 3), (2, 4, 4), (2, 2, 2, 4), (2, 2, 4, 2),
    (2, 4, 2, 2), (1, 9), (2, 8), (1, 1, 2, 2, 2, 2), (3, 3, 4), (3, 3, 2, 2), (1, 3, 2, 2, 2), (4, 2, 4), (2, 2, 3, 3),
})  # fmt: skip
_LIKE_A_DATE = (2, 2, 4)


def _email(text: str, match: re.Match[str]) -> Iterator[Finding]:
    at = match.start()
    local = _LOCAL_PART_REVERSED.match(text[max(0, at - _MAX_LOCAL_PART) : at][::-1])
    if local is None:
        return
    start = at - len(local[0].rstrip("'.`*_-+=|{#?!&~"))
    if start < at:
        yield Finding(start, match.end(), EntityType.EMAIL, 0.95, "shape")


def _spelled_email(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """What keeps programs that gather addresses away keeps a pattern away: a sign is spelled, or stands apart."""
    at = match.start() - (text[max(0, match.start() - 1) : match.start()] == " ")
    local = _LOCAL_PART_REVERSED.match(text[max(0, at - _MAX_LOCAL_PART) : at][::-1])
    if local is None:
        return
    start = at - len(local[0].rstrip("'.`*_-+=|{#?!&~"))
    if start < at:
        yield Finding(start, match.end(), EntityType.EMAIL, 0.8, "shape")


def _phone_fr(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Grouped as people group it, or announced.

    The French plan gives a meaning to every first pair from 01 to 09: there is nothing more to ask of a library.
    """
    lines = match[0].count("\n")
    pieces = _DIGITS.findall(match[0])
    if lines:
        named = stands_before(text, match.start(), _PHONE_WORDS, within=_NEAR)
        alone = (
            not _MORE_DIGITS.match(text, match.end())
            and not text[max(0, match.start() - 2) : match.start()].strip().isdigit()
        )
        if lines == 1 and (named or (alone and len(pieces) == _PAIRS)):
            yield Finding(*match.span(), EntityType.PHONE, 0.7, "context" if named else "numbering-plan")
        return
    lengths = tuple(map(len, pieces))
    if lengths in _GROUPS and not (lengths[:3] == _LIKE_A_DATE and _begins_like_a_date(pieces)):
        yield Finding(*match.span(), EntityType.PHONE, 0.9, "numbering-plan")
    elif stands_before(text, match.start(), _PHONE_WORDS, within=_NEAR):
        yield Finding(*match.span(), EntityType.PHONE, 0.7, "context")


def _begins_like_a_date(pieces: list[str]) -> bool:
    joined = "".join(pieces)
    return is_date(full_year(joined[4:8]), int(joined[2:4]), int(joined[:2]))


def _phone_international(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Try the number, then the number without its last groups: a postcode or another number may follow it."""
    start = match.start()
    kinds = set(match[0]) - set("0123456789")
    groups = [piece.end() for piece in _DIGITS.finditer(match[0])]
    for length in reversed(groups[-4:]):
        number = "".join(_DIGITS.findall(match[0][:length].replace("(0)", "")))
        if is_phone("+" + number.removeprefix("00")) and (match[0][0] == "+" or len(kinds) <= 1):
            yield Finding(start, start + length, EntityType.PHONE, 0.95, "phonenumbers")
            return
    if stands_before(text, start, _PHONE_WORDS, within=_NEAR):
        yield Finding(start, match.end(), EntityType.PHONE, 0.6, "context")


def _phone_plus_33(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    yield Finding(*match.span(), EntityType.PHONE, 0.95, "numbering-plan")


def _phone_announced(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    yield Finding(*match.span("number"), EntityType.PHONE, 0.55, "context")


def _ipv4(text: str, match: re.Match[str]) -> Iterator[Finding]:
    if is_ipv4(match[0]) and not stands_before(text, match.start(), _VERSION_WORDS, within=12):
        yield Finding(*match.span(), EntityType.IP, 0.9, "ipaddress")


def _ipv6(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    address = match[0]
    if not address.endswith("::"):
        address = address.rstrip(":")
    if is_ipv6(address):
        yield Finding(match.start(), match.start() + len(address), EntityType.IP, 0.9, "ipaddress")


DETECTORS = (
    Detector(
        "email",
        EntityType.EMAIL,
        (Rough(r"@[0-9A-Za-z\x80-\xff][0-9A-Za-z\x80-\xff_-]{0,130}\."),),
        exact(rf"@(?:{_LABEL}\.){{1,8}}[{LETTER}{_OTHER}]{{2,24}}"),
        _email,
    ),
    Detector(
        "email-spelled",
        EntityType.EMAIL,
        (
            Rough(r"@ [0-9A-Za-z\x80-\xff]"),
            *heads("[at]", "(at)", "[arobase]", "(arobase)", "[@]", "(@)", "arobase ", caseless=True),
        ),
        exact(
            rf"(?:@ |[\[(](?:at|arobase|@)[\])] ?|(?<= )arobase )"
            rf"(?:{_LABEL}(?:\.| ?[\[(](?:dot|point|\.)[\])] ?| (?:dot|point) )){{1,8}}"
            rf"[A-Za-z]{{2,24}}(?![0-9{LETTER}_])",
            caseless=True,
        ),
        _spelled_email,
    ),
    Detector(
        "phone-fr",
        EntityType.PHONE,
        (Rough(f"0(?:(?:{ROUGH_SEPARATOR}|/)?(?:\r?\n)?[0-9]){{9}}", after="[^0-9]"),),
        exact(rf"(?<![0-9+])(?<![0-9][./-])0{_S}?[1-9](?:(?:{_L}[0-9]){{8}}|(?:/[0-9]{{2}}){{4}})(?![0-9])"),
        _phone_fr,
    ),
    Detector(
        "phone-plus-33",
        EntityType.PHONE,
        (*heads("+33", "+ 33"), Rough("0033", after="[^0-9]"), Rough("00 33", after="[^0-9]"), *heads("(+33", "(33")),
        exact(
            rf"(?<![0-9])(?:\(?\+ ?33\)?|\(33\)|00 ?33){_S}?(?:\(0\){_S}?|0(?=[1-9]))?"
            rf"(?P<national>[1-9](?:{_S}{{0,2}}(?:\r?\n)?[0-9]){{8}})(?![0-9])"
        ),
        _phone_plus_33,
    ),
    Detector(
        "phone-international",
        EntityType.PHONE,
        (Rough(r"\+[1-9]"), Rough("00[1-9]", after="[^0-9]")),
        exact(rf"(?<![0-9A-Za-z+])(?:\+|00)[1-9][0-9]{{0,2}}(?:(?:{_S}|[()/]){{0,3}}[0-9]){{6,12}}(?![0-9])"),
        _phone_international,
    ),
    Detector(
        "phone-announced",
        EntityType.PHONE,
        (
            *(Rough(folded(word), caseless=True) for word in ("tél", "te\u0301l", "joignable", "joindre")),
            *heads("phone", "fax", "mobile", "portable", "poste", "gsm", "call me on", "call me at", caseless=True),
            *heads("answering at", "messages to", caseless=True),
        ),
        exact(
            rf"(?:t(?:é|e\u0301?)l(?:(?:é|e\u0301?)phone|(?:é|e\u0301?)phonique)?|phone|fax|mobile|portable|poste|gsm|joignables?|joindre"
            rf"|call me (?:on|at)|answering at|messages to)"
            rf"(?:[ .:°/()n\n\-]|au|est|le|sur|à|n°|fixe|interne|num(?:é|e)ro|ligne|is|no){{0,12}}"
            rf"(?P<number>\(?\+?[0-9](?:[()]?{_S}{{0,2}}[()]?[0-9]){{3,14}}(?:x[0-9]{{1,5}})?)(?![0-9]|{_S}?[0-9])",
            caseless=True,
        ),
        _phone_announced,
    ),
    Detector(
        # As North America groups them; nothing else is written so.
        "phone-nanp",
        EntityType.PHONE,
        (
            Rough(r"[2-9][0-9]{2}[.-][0-9]{3}[.-][0-9]{4}", after="[^0-9]"),
            Rough(r"\([2-9][0-9]{2}\) ?[0-9]{3}[ .-][0-9]{4}"),
        ),
        exact(
            r"(?<![0-9])(?<![0-9][.,/-])(?:[2-9][0-9]{2}([.-])[2-9][0-9]{2}\1[0-9]{4}"
            r"|\([2-9][0-9]{2}\) ?[2-9][0-9]{2}[ .-][0-9]{4})(?:x[0-9]{1,5})?(?![0-9])"
        ),
        shaped(EntityType.PHONE, 0.7),
    ),
    Detector(
        "ipv4",
        EntityType.IP,
        (Rough(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]", after="[^0-9]"),),
        exact(r"(?<![0-9A-Za-z])(?<![0-9]\.)[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z])(?!\.[0-9])"),
        _ipv4,
    ),
    Detector(
        "ipv6",
        EntityType.IP,
        (Rough("[0-9a-f]{1,4}:[0-9a-f]{0,4}:", after="[^0-9a-z]", caseless=True),),
        exact(r"(?<![0-9A-Za-z:.])[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z])"),
        _ipv6,
    ),
)
