"""The code of a bank (BIC, ISO 9362): four letters, a country, two characters, and three for a branch."""

from __future__ import annotations

from bouclier.shield.announced import Gap, Shape, announced
from bouclier.shield.validators import IBAN_LENGTH
from bouclier.terms.content import EntityType

_OTHER_COUNTRIES = frozenset(
    "US CA JP CN HK SG AU NZ IN KR ZA MA DZ SN CI CM MX AR CL CO PE TH VN ID MY PH".split()  # noqa: SIM905 -- a table
)


def _in_a_country(number: str) -> bool:
    return number[4:6] in IBAN_LENGTH or number[4:6] in _OTHER_COUNTRIES


DETECTORS = (
    announced(
        "bic",
        EntityType.BIC,
        ("bic", "swift", "b.i.c"),
        ("bic(?:(?:/| )(?:adresse )?swift)?", "swift(?:(?:/| )bic)?", "b\\.i\\.c\\.?"),
        (
            Shape("(?-i:[A-Z]{4} ?[A-Z]{2} ?[0-9A-Z]{2}(?: ?[0-9A-Z]{3})?)", _in_a_country, "bic-country"),
            Shape("[A-Z]{4}FR[0-9A-Z]{2}(?:[0-9A-Z]{3})?"),
        ),
        gap=Gap.NEAR,
        begins="[A-Z]{4}",
    ),
)
