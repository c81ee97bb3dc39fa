"""Checks of the numbers that European states give to persons: those of python-stdnum, and those it lacks.

A check has a name, which is what a finding says it was validated by: `stdnum:pl.pesel` is the module `stdnum.pl.pesel`,
`check:hu.taj` is one of ours. Numbers come without separators, letters in upper case.

Sources of ours, as of November 2026: the OECD's page on tax numbers for Luxembourg; NIM39110 of HMRC's National
Insurance Manual; for the Hungarian tax number, the act XX of 1996. The other keys (Hungarian personal and health
numbers, German pension and health insurance, Portuguese and Spanish social security) are as commonly published, each
tried on a published example where there was one; no official text was at hand, and they are to be verified.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

from bouclier.shield.validators import is_date, is_luhn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Check = Callable[[str], bool]

_LIBRARY = "stdnum"

# Source: NIM39110. The first letter is never D, F, I, Q, U or V, the second never those nor O; some pairs are kept out.
_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]")

_VERHOEFF_SIDES = 5
_VERHOEFF_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)

_NEW_HUNGARIAN_WEIGHTS_FROM = 97
_HUNGARIAN_CENTURIES = {"1": 1900, "2": 1900, "3": 2000, "4": 2000, "5": 1900, "6": 1900, "7": 2000, "8": 2000}
_PENSION_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
_PORTUGUESE_WEIGHTS = (29, 23, 19, 17, 13, 11, 7, 5, 3, 2)
_DANISH_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_SPANISH_SHORT = 10_000_000


def confirming_check(number: str, checks: Iterable[str]) -> str | None:
    """Return the name of the first of `checks` that a number passes, or None.

    Args:
        number: Without separators, letters in upper case.
        checks: Names; the modules of python-stdnum are imported when first needed, which costs some 40 ms once.
    """
    return next((name for name in checks if check_named(name)(number)), None)


def check_named(name: str) -> Check:
    """Return a check.

    Raises:
        KeyError: None of ours has this name.
        ImportError: python-stdnum has no such module.
    """
    origin, _, what = name.partition(":")
    if origin != _LIBRARY:
        return _OURS[what]
    check: Check = import_module(f"{_LIBRARY}.{what}").is_valid
    return check


def is_nino(number: str) -> bool:
    """Say whether nine characters can be a British National Insurance number, which has no key."""
    return _NINO.fullmatch(number) is not None


def is_matricule(number: str) -> bool:
    """Say whether 13 digits are a Luxembourg personal number: a date, then two keys of the first eleven digits."""
    dated = is_date(int(number[:4]), int(number[4:6]), int(number[6:8]))
    return dated and is_luhn(number[:12]) and _is_verhoeff(number[:11] + number[12])


def _is_verhoeff(number: str) -> bool:
    """Multiply in the dihedral group of the pentagon: below five, turns; from five on, reflections."""
    product = 0
    for place, char in enumerate(reversed(number)):
        factor = int(char)
        for _ in range(place % 8):
            factor = _VERHOEFF_PERMUTATION[factor]
        reflected = product >= _VERHOEFF_SIDES
        turn = (product - factor if reflected else product + factor) % _VERHOEFF_SIDES
        product = turn + _VERHOEFF_SIDES * (reflected != (factor >= _VERHOEFF_SIDES))
    return product == 0


def is_hungarian_person(number: str) -> bool:
    """Say whether 11 digits are a Hungarian personal number: sex and century, date, serial, key.

    Whoever was born before 1997 has weights that rise, and later ones weights that fall.
    """
    century = _HUNGARIAN_CENTURIES.get(number[0])
    if century is None or not is_date(century + int(number[1:3]), int(number[3:5]), int(number[5:7])):
        return False
    falls = century > 1900 or int(number[1:3]) >= _NEW_HUNGARIAN_WEIGHTS_FROM  # noqa: PLR2004 -- a century
    weights = range(10, 0, -1) if falls else range(1, 11)
    return _weighted(number[:10], weights) % 11 == int(number[10])


def is_taj(number: str) -> bool:
    """Say whether nine digits are a Hungarian social security number: weights 3 and 7, modulo 10."""
    return _weighted(number[:8], (3, 7) * 4) % 10 == int(number[8])


def is_hungarian_taxpayer(number: str) -> bool:
    """Say whether ten digits are a Hungarian person's tax number: 8, days since 1867, serial, key."""
    return number[0] == "8" and _weighted(number[:9], range(1, 10)) % 11 == int(number[9])


def is_german_pension(number: str) -> bool:
    """Say whether 12 characters are a German pension number: area, date, first letter of the name, serial, key."""
    letter = f"{ord(number[8]) - 64:02}"
    total = sum(
        sum(divmod(int(char) * weight, 10))
        for char, weight in zip(number[:8] + letter + number[9:11], _PENSION_WEIGHTS, strict=True)
    )
    # The day may be raised by 50 when serial numbers run out.
    day = int(number[2:4])
    return total % 10 == int(number[11]) and 0 < day % 50 <= 31 and 0 <= int(number[4:6]) <= 12  # noqa: PLR2004


def is_german_health(number: str) -> bool:
    """Say whether a letter and nine digits are a German health insurance number: weights 1 and 2, digits added up."""
    digits = f"{ord(number[0]) - 64:02}{number[1:9]}"
    total = sum(sum(divmod(int(char) * weight, 10)) for char, weight in zip(digits, (1, 2) * 5, strict=True))
    return total % 10 == int(number[9])


def is_portuguese_insured(number: str) -> bool:
    """Say whether 11 digits are a Portuguese social security number: prime weights."""
    return number[0] in "12" and 9 - _weighted(number[:10], _PORTUGUESE_WEIGHTS) % 10 == int(number[10])


def is_spanish_insured(number: str) -> bool:
    """Say whether 12 digits are a Spanish social security number: province, serial, and both modulo 97."""
    province, serial, key = int(number[:2]), int(number[2:10]), int(number[10:])
    body = province * _SPANISH_SHORT + serial if serial < _SPANISH_SHORT else int(number[:10])
    return body % 97 == key


def is_cpr_with_key(number: str) -> bool:
    """Say whether ten digits are a Danish number with the key that most have; since 2007 some are given without."""
    return check_named("stdnum:dk.cpr")(number) and _weighted(number, _DANISH_WEIGHTS) % 11 == 0


def _weighted(digits: str, weights: Iterable[int]) -> int:
    return sum(int(char) * weight for char, weight in zip(digits, weights, strict=True))


_OURS: dict[str, Check] = {
    "gb.nino": is_nino,
    "lu.matricule": is_matricule,
    "hu.personal": is_hungarian_person,
    "hu.taj": is_taj,
    "hu.tax": is_hungarian_taxpayer,
    "de.pension": is_german_pension,
    "de.health": is_german_health,
    "pt.niss": is_portuguese_insured,
    "es.nuss": is_spanish_insured,
    "dk.cpr": is_cpr_with_key,
}
