"""Keys of French numbers, and of travel documents. Pure functions on letters and digits without separators.

What has no public key is not checked here: identity cards, passports and driving licences outside their MRZ, the
student number (INE), the foreigner's number (AGDREF), the benefit and job seeker's numbers. A rule that is only said to
exist, without a public text, is not made up.
"""

from __future__ import annotations

from bouclier.shield.validators import is_luhn

_TAX_MODULUS = 511
_TAX_DIGITS = 13
_MRZ_WEIGHTS = (7, 3, 1)
_RPPS_DIGITS = 11
_RPPS_WITH_TYPE = 12
_FINESS_DIGITS = 9
_CORSICA = (("2A", "20"), ("2B", "20"))


def is_tax_number(number: str) -> bool:
    """Say whether 13 digits are a tax number (SPI): the last three are the first ten modulo 511.

    Source: python-stdnum 2.2, `stdnum.fr.nif`; the tests compare both.
    """
    return (
        len(number) == _TAX_DIGITS
        and number.isdigit()
        and number[0] in "0123"
        and int(number[:10]) % _TAX_MODULUS == int(number[10:])
    )


def is_rpps(number: str) -> bool:
    """Say whether 11 digits are a number of the directory of health professionals, with or without its 8 in front.

    As commonly described (`8`, then the RPPS; Luhn): no public text was found to confirm the key.
    """
    if len(number) == _RPPS_WITH_TYPE and number[0] == "8":
        number = number[1:]
    return len(number) == _RPPS_DIGITS and number.isdigit() and is_luhn(number)


def is_finess(number: str) -> bool:
    """Say whether nine characters can be a FINESS or ADELI number: department, then digits, the last by Luhn.

    No public text was found for the key of Corsican numbers: both departments are read as 20, and a wrong key only
    lowers the confidence.
    """
    for letters, digits in _CORSICA:
        number = number.replace(letters, digits, 1) if number.startswith(letters) else number
    return len(number) == _FINESS_DIGITS and number.isdigit() and is_luhn(number)


def mrz_digit(field: str) -> str:
    """Return the check digit of a field of a machine-readable zone: weights 7, 3, 1, modulo 10; `<` counts for 0.

    Source: ICAO Doc 9303 part 3, section 4.9.

    >>> mrz_digit("L898902C3")
    '6'
    """
    total = sum(
        (0 if char == "<" else int(char, 36)) * _MRZ_WEIGHTS[place % 3] for place, char in enumerate(field.upper())
    )
    return str(total % 10)


def has_mrz_digit(field: str, digit: str) -> bool:
    """Say whether a field bears its check digit; an empty field may bear `<`."""
    return digit == mrz_digit(field) or (digit == "<" and not field.strip("<"))
