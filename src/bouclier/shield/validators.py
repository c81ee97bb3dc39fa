"""Checksums and numbering plans: what turns a shape into an identifier. Pure functions on normalised strings."""

from __future__ import annotations

import ipaddress
from datetime import date

import phonenumbers

_NIR_WITH_KEY = 15
_LA_POSTE = "356000000"
_LUHN_DOUBLES = str.maketrans("0123456789", "0246813579")
_CENTURY_PIVOT = 30
_YEARS = range(1850, 2101)

# Lengths of the IBAN of each country that has one. Source: ISO 13616 registry.
_IBAN_LENGTHS = {
    15: "NO", 16: "BE", 18: "DK FI FO GL NL FK SD", 19: "MK SI", 20: "AT BA EE KZ LT LU XK MN",
    21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR",
    27: "BI FR GR IT MC MR SM DJ", 28: "AL AZ BY CY DO GT HU LB PL SV NI HN", 29: "BR EG PS QA UA", 30: "JO KW MU YE",
    31: "MT SC", 32: "LC", 33: "RU",
}  # fmt: skip
IBAN_LENGTH = {country: length for length, countries in _IBAN_LENGTHS.items() for country in countries.split()}

_BASE_36 = str.maketrans({chr(65 + index): str(10 + index) for index in range(26)})
_RIB_VALUES = {
    letter: str(value)
    for value, letters in enumerate(("AJ", "BKS", "CLT", "DMU", "ENV", "FOW", "GPX", "HQY", "IRZ"), 1)
    for letter in letters
}

# Issuer prefixes of payment cards, with the lengths in use. Source: ISO/IEC 7812 ranges as the schemes publish them.
_CARD_RANGES: tuple[tuple[range, tuple[int, ...]], ...] = (
    (range(4000, 5000), (13, 16, 19)),
    (range(5100, 5600), (16,)),
    (range(2221, 2721), (16,)),
    (range(3400, 3500), (15,)),
    (range(3700, 3800), (15,)),
    (range(3000, 3060), (14, 16)),
    (range(3600, 3700), (14, 16)),
    (range(3800, 4000), (14, 16)),
    (range(6011, 6012), (16, 19)),
    (range(6440, 6600), (16, 19)),
    (range(3528, 3590), (16, 19)),
    (range(6200, 6300), (16, 17, 18, 19)),
    (range(5018, 5039), (13, 16, 19)),
    (range(6304, 6305), (16, 18, 19)),
    (range(6759, 6764), (16, 18, 19)),
)
CARD_LENGTHS = {str(prefix): lengths for prefixes, lengths in _CARD_RANGES for prefix in prefixes}


def has_nir_shape(number: str) -> bool:
    """Say whether 13 or 15 characters can be a social security number: sex, month, department.

    The months 20, 30 to 42 and 50 to 99 are given when the civil status does not tell the month.
    """
    month, department = number[3:5], number[5:7]
    month_fits = month == "20" or "01" <= month <= "12" or "30" <= month <= "42" or "50" <= month <= "99"
    department_fits = (department.isdigit() and department != "00") or department in {"2A", "2B"}
    return number[0] in "123478" and month_fits and department_fits


def has_nir_key(number: str) -> bool:
    """Say whether the last two of 15 characters are the key of the first 13, Corsica included."""
    if len(number) != _NIR_WITH_KEY:
        return False
    body = number[:13].replace("2A", "19").replace("2B", "18") if not number.isdigit() else number[:13]
    return body.isdigit() and number[13:] == f"{97 - int(body) % 97:02}"


def is_luhn(number: str) -> bool:
    """Say whether digits end with their Luhn digit, and are not all the same."""
    total = sum(map(int, number[-1::-2])) + sum(map(int, number[-2::-2].translate(_LUHN_DOUBLES)))
    return total % 10 == 0 and number.count(number[0]) < len(number)


def is_siret(number: str) -> bool:
    """Say whether 14 digits pass the check of an establishment; La Poste has its own."""
    if number.startswith(_LA_POSTE) and sum(map(int, number)) % 5 == 0:
        return True
    return is_luhn(number)


def is_vat_fr(number: str) -> bool:
    """Say whether 11 digits are a French VAT number: key, then a company number."""
    return is_luhn(number[2:]) and int(number[:2]) == (12 + 3 * (int(number[2:]) % 97)) % 97


def is_iban(number: str) -> bool:
    """Say whether an upper-case IBAN without separators has its country's length and the modulo 97 of ISO 7064."""
    if IBAN_LENGTH.get(number[:2]) != len(number):
        return False
    return int((number[4:] + number[:4]).translate(_BASE_36)) % 97 == 1


def is_rib(number: str) -> bool:
    """Say whether 23 characters are a French account: bank, branch, account, and a key of modulo 97."""
    values = "".join(_RIB_VALUES.get(char, char) for char in number)
    bank, branch, account, key = int(values[:5]), int(values[5:10]), int(values[10:21]), int(values[21:])
    return (89 * bank + 15 * branch + 3 * account + key) % 97 == 0


def is_phone(number: str) -> bool:
    """Say whether an international number, with its +, is assigned in the numbering plan of its country."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def is_ipv4(address: str) -> bool:
    """Say whether four numbers separated by dots are an address."""
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return True


def is_ipv6(address: str) -> bool:
    """Say whether text is an IPv6 address worth the name: `a::b`, as in source code, has too few groups."""
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    groups = [group for group in address.split(":") if group]
    return len(groups) > 1 and (len(groups) > 2 or len(groups[0]) == 4) and any(map(str.isdigit, address))  # noqa: PLR2004


def is_date(year: int, month: int, day: int) -> bool:
    """Say whether a day exists in the calendar and a living or remembered person can be born on it."""
    if year not in _YEARS:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def full_year(digits: str) -> int:
    """Return the year that two or four digits mean: two above 30 are of the last century."""
    year = int(digits)
    if len(digits) > 2:  # noqa: PLR2004
        return year
    return year + (1900 if year > _CENTURY_PIVOT else 2000)
