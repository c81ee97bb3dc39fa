"""Amounts of money: a detail that tells one case from another; found and told, but left where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.characters import LETTER, SPACE
from bouclier.shield.detector import Detector, Rough, exact, heads
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

# ISO 4217 codes of Europe's currencies and of those met beside them, old ones included: files are old.
_CODES = (
    "EUR", "GBP", "USD", "CHF", "TRY", "TRL", "YTL", "PLN", "PLZ", "SEK", "NOK", "DKK", "ISK", "CZK", "SKK",
    "HUF", "ROL", "RON", "BGN", "BGL", "HRK", "RSD", "UAH", "RUB", "RUR", "MDL", "GEL", "AMD", "AZN", "EEK",
    "LVL", "LTL", "SIT", "MKD", "ATS", "DEM", "FRF", "ITL", "ESP", "PTE", "NLG", "BEF", "LUF", "FIM", "GRD",
    "IEP", "CYP", "MTL", "XPF", "XOF", "MAD", "DZD", "TND", "JPY", "CAD",
)  # fmt: skip
_UNITS = (
    "euros", "euro", "francs", "livres sterling", "dollars", "pounds sterling", "pounds", "zlotys", "złotys",
    "kronor", "kroner", "roubles", "rubles", "hryvnias", "forints", "lei", "levs", "liras", "lira",
    "marks", "schillings", "kuna", "dinars",
)  # fmt: skip
_HEADS = [unit for unit in _UNITS if not any(unit != head and unit.startswith(head) for head in _UNITS)]
_BEFORE_THE_NUMBER = frozenset({*_CODES, "€", "£", "$"})
_NUMBER = (
    rf"[0-9]{{1,3}}(?:[.,' {SPACE[1:-1]}][0-9]{{3}}){{0,5}}(?:[.,][0-9]{{1,2}})?|[0-9]{{1,12}}(?:[.,][0-9]{{1,2}})?"
)
_SCALE = rf"(?:{SPACE}(?:millions?|milliards?|billions?|thousand|mille)(?:{SPACE}d[e'])?)?"
_NUMBER_AFTER = exact(rf"{SPACE}?(?:{_NUMBER})(?![0-9]){_SCALE}")
_NUMBER_BEFORE = exact(
    rf"(?<![0-9{LETTER}.,])(?:(?:approximately|about|environ){SPACE})?(?:{_NUMBER}){_SCALE}{SPACE}?(?:(?:[A-ZÉ][a-zé]+{SPACE}){{1,2}})?\Z"
)
_CODE_AFTER = exact(rf"{SPACE}?[(]{SPACE}?(?:{'|'.join(_CODES)})[)]")
_LONGEST = 48


def _amount(text: str, match: re.Match[str]) -> Iterator[Finding]:
    """Take the number before the currency, or after it: `1 200 €`, `EUR 5,699.21`, `54,000,000 Turkish liras`."""
    before = _NUMBER_BEFORE.search(text, max(0, match.start() - _LONGEST), match.start())
    if before is not None:
        yield Finding(before.start(), _with_code(text, match.end()), EntityType.AMOUNT, 0.7, "currency")
        return
    after = _NUMBER_AFTER.match(text, match.end())
    if after is not None and match[0] in _BEFORE_THE_NUMBER:
        yield Finding(match.start(), _with_code(text, after.end()), EntityType.AMOUNT, 0.7, "currency")


def _with_code(text: str, end: int) -> int:
    """Return where an amount ends with the code that explains its currency: `10,000 Turkish liras (TRL)`."""
    code = _CODE_AFTER.match(text, end)
    return code.end() if code is not None else end


DETECTORS = (
    Detector(
        "amount",
        EntityType.AMOUNT,
        (
            *heads("€", "£", "$"),
            *(Rough(code, after="[^A-Za-z]") for code in _CODES),
            *(Rough(head, after="[^A-Za-z]", caseless=True) for head in _HEADS),
        ),
        exact(rf"[€£$]|(?<![{LETTER}])(?:(?-i:{'|'.join(_CODES)})|{'|'.join(_UNITS)})(?![{LETTER}])", caseless=True),
        _amount,
    ),
)
