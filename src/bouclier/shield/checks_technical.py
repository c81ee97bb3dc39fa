"""Checks of what machines number: hardware addresses, UUIDs, wallets, legal entities, securities.

Sources: IEEE 802 (addresses), RFC 9562 (UUID), Bitcoin's Base58Check and BIP 173 and 350 (Bech32), ISO 17442 (LEI),
ISO 6166 (ISIN).
"""

from __future__ import annotations

from hashlib import sha256

from bouclier.shield.validators import is_luhn

_BASE58 = {char: value for value, char in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
_BASE58_BYTES, _CHECKSUM_BYTES = 25, 4
# First byte of the addresses of Bitcoin, Litecoin, Dogecoin, Dash and Tron.
_VERSIONS = frozenset({0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x4C, 0x10, 0x41})
_BECH32 = {char: value for value, char in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_BECH32_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_CONSTANTS = frozenset({1, 0x2BC830A3})
_BECH32_LOW = 0x1FFFFFF

_BASE_36 = str.maketrans({chr(65 + index): str(10 + index) for index in range(26)})
_LEI_LENGTH, _ISIN_LENGTH = 20, 12

# Prefixes of securities: countries, and those that are none (international, EU). Source: ISO 3166-1 and ISO 6166.
_COUNTRIES = (
    "AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET EU FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM "
    "JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE "
    "RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT "
    "TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XS YE YT ZA ZM ZW"
)
_ISIN_PREFIXES = frozenset(_COUNTRIES.split())

_ONE_DEVICE = frozenset("02468ace")


def is_hardware_address(digits: str) -> bool:
    """Say whether 12 or 16 hexadecimal digits address one device: neither all of them, nor none, nor a group."""
    low = digits.lower()
    return len(set(low)) > 1 and low[1] in _ONE_DEVICE


def is_uuid(digits: str) -> bool:
    """Say whether 32 hexadecimal digits have a version and the variant of RFC 9562."""
    return digits[12] in "12345678" and digits[16].lower() in "89ab"


def is_base58_wallet(address: str) -> bool:
    """Say whether an address of Bitcoin or one of its likes ends with its hash."""
    number = 0
    for char in address:
        value = _BASE58.get(char)
        if value is None:
            return False
        number = number * 58 + value
    if number.bit_length() > 8 * _BASE58_BYTES:
        return False
    data = number.to_bytes(_BASE58_BYTES, "big")
    body, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    return data[0] in _VERSIONS and sha256(sha256(body).digest()).digest()[:_CHECKSUM_BYTES] == checksum


def is_bech32(address: str) -> bool:
    """Say whether an address in one case, with its prefix, has the polynomial checksum of BIP 173 or 350."""
    if address != address.lower() and address != address.upper():
        return False
    prefix, _, data = address.lower().rpartition("1")
    values = [_BECH32.get(char, -1) for char in data]
    if not prefix or -1 in values:
        return False
    checksum = 1
    for value in (*(ord(char) >> 5 for char in prefix), 0, *(ord(char) & 31 for char in prefix), *values):
        top = checksum >> 25
        checksum = (checksum & _BECH32_LOW) << 5 ^ value
        for bit, generator in enumerate(_BECH32_GENERATORS):
            checksum ^= generator if top >> bit & 1 else 0
    return checksum in _BECH32_CONSTANTS


def is_lei(number: str) -> bool:
    """Say whether 20 capitals and digits are a legal entity identifier: ISO 7064, modulo 97."""
    return len(number) == _LEI_LENGTH and int(number.translate(_BASE_36)) % 97 == 1


def is_isin(number: str) -> bool:
    """Say whether 12 capitals and digits are a security: a country, then Luhn over letters turned into numbers."""
    in_form = len(number) == _ISIN_LENGTH and number[:2] in _ISIN_PREFIXES
    return in_form and is_luhn(number.translate(_BASE_36))
