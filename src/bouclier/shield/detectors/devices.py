"""Machines, the SIM cards in them and the wallets on them: MAC, UUID, IMEI, IMSI, ICCID, addresses of crypto-assets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import SEPARATOR, SEPARATORS
from bouclier.shield.checks_technical import is_base58_wallet, is_bech32, is_hardware_address, is_uuid
from bouclier.shield.context_words import announced_by, roughs_of
from bouclier.shield.detector import Detector, Rough, exact, heads, shaped, stands_before
from bouclier.shield.validators import is_luhn
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from bouclier.shield.detector import Examine

_S = SEPARATOR
_NOT_ALNUM = "[^0-9A-Za-z]"
_HEX = "[0-9A-Fa-f]"
_PAIR = f"{_HEX}{{2}}"
_MAC_WORDS = exact(r"\bmac\b|ethernet|wi-?fi|bluetooth|adresse (?:mac|physique)|hwaddr|lladdr|hardware", caseless=True)
_NEAR = 40
_REACH = 30
_BARE = str.maketrans(dict.fromkeys(f"{SEPARATORS}:/", ""))
_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_BECH32_HEADS = ("bc1", "BC1", "ltc1", "addr1", "cosmos1")


def _mac(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Pairs of decimal digits joined by hyphens may be anything else: a word must name them."""
    if not is_hardware_address(match[0].translate(_BARE)):
        return
    named = stands_before(text, match.start(), _MAC_WORDS, within=_NEAR)
    lettered = any(char.isalpha() for char in match[0])
    sign = match["pairs"]
    if named or sign == ":" or (lettered and sign == "-"):
        yield Finding(*match.span(), EntityType.MAC, 0.95 if named else 0.9, "ieee802")


def _uuid(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    digits = match[0].replace("-", "")
    if len(set(digits)) > 1:
        known = is_uuid(digits)
        yield Finding(*match.span(), EntityType.UUID, 0.95 if known else 0.7, "rfc9562" if known else "shape")


def _numbered(type_: EntityType, number: str, *, luhn: bool) -> Examine:
    """Return an `examine` for the first number after a word, within reach and before any other digit."""
    shape = exact(rf"[^0-9]{{0,{_REACH}}}(?P<number>{number})(?![0-9A-Za-z])")

    def examine(text: str, match: re.Match[str]) -> Iterator[Finding]:
        found = shape.match(text, match.end())
        if found is None:
            return
        checked = luhn and is_luhn(found["number"].translate(_BARE))
        confidence, by = (0.95, "luhn") if checked else (0.5 if luhn else 0.85, "context")
        yield Finding(*found.span("number"), type_, confidence, by)

    return examine


def _base58(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    if is_base58_wallet(match[0]):
        yield Finding(*match.span(), EntityType.WALLET, 0.95, "base58check")


def _bech32(_text: str, match: re.Match[str]) -> Iterator[Finding]:
    if is_bech32(match[0]):
        yield Finding(*match.span(), EntityType.WALLET, 0.95, "bech32")


def _announced(name: str, type_: EntityType, words: tuple[str, ...], number: str, *, luhn: bool) -> Detector:
    return Detector(name, type_, roughs_of(words), announced_by(words), _numbered(type_, number, luhn=luhn))


DETECTORS = (
    Detector(
        "mac",
        EntityType.MAC,
        (
            Rough("[0-9a-f]{2}" + "[:-][0-9a-f]{2}" * 5, after=_NOT_ALNUM, caseless=True),
            Rough(r"[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}", after=_NOT_ALNUM, caseless=True),
        ),
        exact(
            rf"(?<![0-9A-Za-z])(?<![0-9A-Fa-f][:.-])(?:{_PAIR}(?P<pairs>[:-]){_PAIR}(?:(?P=pairs){_PAIR}){{4}}"
            rf"(?:(?P=pairs){_PAIR}){{0,2}}|{_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}})(?![0-9A-Za-z])(?![:.-]{_HEX})"
        ),
        _mac,
    ),
    Detector(
        "uuid",
        EntityType.UUID,
        (Rough("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", after=_NOT_ALNUM, caseless=True),),
        exact(
            rf"(?<![0-9A-Za-z])(?<![0-9A-Za-z]-){_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}(?![0-9A-Za-z])(?!-[0-9A-Za-z])"
        ),
        _uuid,
    ),
    _announced("imei", EntityType.IMEI, ("imei", "imeisv"), f"[0-9](?:(?:{_S}|/)?[0-9]){{13,15}}", luhn=True),
    _announced("imsi", EntityType.IMSI, ("imsi",), f"[2-7](?:{_S}?[0-9]){{13,14}}", luhn=False),
    _announced(
        "iccid", EntityType.IDENTIFIER, ("iccid", "numéro de carte sim", "numéro de sim", "sim card number"),
        f"89(?:{_S}?[0-9]){{16,18}}", luhn=True,
    ),
    Detector(
        "wallet-base58",
        EntityType.WALLET,
        (Rough(f"[13LMDTX]{_BASE58}{{25}}", after=_NOT_ALNUM),),
        exact(f"(?<![0-9A-Za-z])[13LMDTX]{_BASE58}{{25,34}}(?![0-9A-Za-z])"),
        _base58,
    ),
    Detector(
        "wallet-bech32",
        EntityType.WALLET,
        heads(*_BECH32_HEADS),
        exact(rf"(?<![0-9A-Za-z])(?:{'|'.join(_BECH32_HEADS)})[0-9A-Za-z]{{30,110}}(?![0-9A-Za-z])"),
        _bech32,
    ),
    Detector(
        "wallet-ethereum",
        EntityType.WALLET,
        (Rough(f"0x{_HEX}{{40}}", after=_NOT_ALNUM),),
        exact(f"(?<![0-9A-Za-z])0x{_HEX}{{40}}(?![0-9A-Za-z])"),
        shaped(EntityType.WALLET, 0.8),
    ),
)  # fmt: skip
