"""Numbers to put in place of numbers: of the same format, valid, and where a range is kept for that, nobody's.

| type | range | source |
| --- | --- | --- |
| PHONE, French | 01 99 00, 02 61 91, 03 53 01, 04 65 71, 05 36 49, 06 39 98 | ARCEP, décision n° 2018-0881 |
| PHONE, British | 07700 900 and three digits | Ofcom, telephone numbers for use in TV and radio drama |
| PHONE, North American | 555-01 and two digits | NANPA, 555 line numbers 0100-0199 |
| NIR | born in 99 999: abroad, in a country of no code | INSEE, code officiel géographique, countries 99xxx |
| SIREN, SIRET | begins with 000, Luhn key | INSEE has given none that begins so |
| IBAN, French | bank 00000, both keys right | the banks' codes begin at 10000 (Banque de France, ACPR) |
| CARD | 400000 (Visa), 555555 (Mastercard), 378282 (American Express), Luhn key | published test cards |
| IP | 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32 | RFC 5737, RFC 3849 |
| MAC | 00-00-5E-00-53-00 to FF | RFC 7042 § 2.1.2 |
| IMEI | 00 (test) and Luhn digit | 3GPP TS 23.003 § 6.2; GSMA TS.06, test ranges |

Read in November 2026. What has no such range has its digits and letters drawn anew, in its format; a key it may hold is
then wrong, which reads as invented. Formats, separators included, are kept, so that only what fits them is replaced.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.shield.drawing import Draw

_FRENCH = re.compile(r"(?:00330|0033|330|33|0)(?=[1-9][0-9]{8}\Z)")
_FRENCH_FICTION = {"1": "19900", "2": "26191", "3": "35301", "4": "46571", "5": "53649"}
_FRENCH_MOBILE_FICTION = "63998"
_BRITISH = re.compile(r"(?:00440|0044|440|44)(?=[1-9][0-9]{8,9}\Z)")
_NORTH_AMERICAN = re.compile(r"(?:001|1)(?=[2-9][0-9]{9}\Z)")
_LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ"
_SIREN, _SIRET, _NIR, _NIR_WITH_KEY, _FRENCH_IBAN, _IMEI = 9, 14, 13, 15, 27, 15
_AMERICAN_EXPRESS = 15
_DOCUMENTATION_NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.")
_IPV4 = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
_IPV6 = re.compile(r"[0-9a-fA-F:]{3,39}")
_MAC = re.compile(r"[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2}){4}")


def number_like(type_: EntityType, value: str, draw: Draw) -> str | None:
    """Return another number of the same type and format, or None where none can be made.

    Args:
        type_: What it is.
        value: As written.
        draw: Where choices come from.
    """
    if not value.isascii():
        return None
    maker = _MAKERS.get(type_, _alike)
    return maker(value, draw)


def identity_of(type_: EntityType, value: str) -> str:
    """Return what two ways of writing one number share."""
    compact = "".join(character for character in value if character.isalnum()).upper()
    if type_ is EntityType.PHONE:
        return _FRENCH.sub("0", compact)
    return compact[:_NIR] if type_ is EntityType.NIR else compact


def _phone(value: str, draw: Draw) -> str | None:
    digits = _digits_of(value)
    if french := _FRENCH.match(digits):
        zone = digits[french.end()]
        number = _FRENCH_FICTION.get(zone, _FRENCH_MOBILE_FICTION) + draw.digits(4)
        return _filled(value, french[0] + number)
    if british := _BRITISH.match(digits):
        rest = len(digits) - british.end()
        return _filled(value, british[0] + ("7700900" + draw.digits(3))[:rest])
    if american := _NORTH_AMERICAN.match(digits):
        area = f"{draw.below(7) + 2}{draw.digits(2)}"
        return _filled(value, f"{american[0]}{area}55501{draw.digits(2)}")
    return _alike(value, draw)


def _nir(value: str, draw: Draw) -> str | None:
    compact = "".join(character for character in value if character.isalnum())
    if len(compact) not in (_NIR, _NIR_WITH_KEY) or not compact[0].isdigit():
        return None
    number = f"{compact[0]}{draw.digits(2)}{draw.below(12) + 1:02d}99999{draw.below(999) + 1:03d}"
    if len(compact) == _NIR_WITH_KEY:
        number += f"{97 - int(number) % 97:02d}"
    # A letter of a Corsican number is a place of its own: a digit takes it.
    return _filled(value, number)


def _siren(value: str, draw: Draw) -> str | None:
    return _filled(value, _with_luhn("000" + draw.digits(5))) if len(_digits_of(value)) == _SIREN else None


def _siret(value: str, draw: Draw) -> str | None:
    if len(_digits_of(value)) != _SIRET:
        return None
    return _filled(value, _with_luhn(_with_luhn("000" + draw.digits(5)) + "000" + str(draw.below(9) + 1)))


def _iban(value: str, draw: Draw) -> str | None:
    compact = "".join(character for character in value if character.isalnum()).upper()
    country, rest = compact[:2], compact[4:]
    if country == "FR" and len(compact) == _FRENCH_IBAN:
        counter, account = draw.digits(5), draw.digits(11)
        # Clé RIB: 97 - (89 bank + 15 counter + 3 account) mod 97; the bank is 0.
        key = 97 - (15 * int(counter) + 3 * int(account)) % 97
        rest = f"00000{counter}{account}{key:02d}"
    elif country.isalpha():
        rest = _alike(rest, draw)
    else:
        return None
    # ISO 13616: the number modulo 97, letters as 10 to 35, is 1.
    spelled = "".join(str(int(character, 36)) for character in f"{rest}{country}00")
    return _filled(value, f"{country}{98 - int(spelled) % 97:02d}{rest}")


def _card(value: str, draw: Draw) -> str | None:
    digits = _digits_of(value)
    if len(digits) < _SIREN:
        return None
    begins = "378282" if len(digits) == _AMERICAN_EXPRESS else "555555" if digits[0] in "25" else "400000"
    return _filled(value, _with_luhn(begins + draw.digits(len(digits) - 7)))


def _ip(value: str, draw: Draw) -> str | None:
    if _IPV4.fullmatch(value):
        return f"{draw.one_of(_DOCUMENTATION_NETWORKS)}{draw.below(254) + 1}"
    if _IPV6.fullmatch(value):
        return f"2001:db8:{draw.below(65536):x}::{draw.below(65535) + 1:x}"
    return None


def _mac(value: str, draw: Draw) -> str | None:
    match = _MAC.fullmatch(value)
    if match is None:
        return None
    made = match[1].join(("00", "00", "5e", "00", "53", f"{draw.below(256):02x}"))
    return made if value.lower() == value else made.upper()


def _imei(value: str, draw: Draw) -> str | None:
    return _filled(value, _with_luhn("00" + draw.digits(12))) if len(_digits_of(value)) == _IMEI else None


def _alike(value: str, draw: Draw) -> str:
    """Draw each digit and letter anew, in its case."""
    made = []
    for character in value:
        if character.isdigit():
            made.append(str(draw.below(10)))
        elif character.isalpha():
            letter = draw.one_of(_LETTERS)
            made.append(letter if character.isupper() else letter.lower())
        else:
            made.append(character)
    return "".join(made)


def _digits_of(value: str) -> str:
    return "".join(character for character in value if character.isdigit())


def _filled(value: str, characters: str) -> str | None:
    """Put characters in the places of letters and digits; None if they are not as many."""
    places = sum(character.isalnum() for character in value)
    if places != len(characters):
        return None
    given = iter(characters)
    return "".join(next(given) if character.isalnum() else character for character in value)


def _with_luhn(digits: str) -> str:
    """Add the digit that makes the Luhn sum a multiple of ten. Source: ISO/IEC 7812-1, annex B."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if at % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004
    return f"{digits}{-total % 10}"


_MAKERS: dict[EntityType, Callable[[str, Draw], str | None]] = {
    EntityType.PHONE: _phone,
    EntityType.NIR: _nir,
    EntityType.SIREN: _siren,
    EntityType.SIRET: _siret,
    EntityType.IBAN: _iban,
    EntityType.CARD: _card,
    EntityType.IP: _ip,
    EntityType.MAC: _mac,
    EntityType.IMEI: _imei,
}
