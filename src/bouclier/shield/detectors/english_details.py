"""What English case files hold beside names: numbers of plots, lengths of sentences."""

from __future__ import annotations

from bouclier.shield.characters import LETTER, SPACE
from bouclier.shield.detector import Detector, exact, heads, shaped
from bouclier.terms.content import EntityType

_PLOT = "[A-Z]{0,2}[0-9]{1,5}(?:[/.\\-][0-9A-Za-z]{1,5}){0,4}"
_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|"
    "twenty|thirty|forty|fifty|sixty"
)
_NUMBER = f"(?:(?:{_WORDS})(?:-(?:{_WORDS}))?|[0-9]{{1,3}})"
_UNIT = "(?:years?|months?|weeks?|days?)"

DETECTORS = (
    Detector(
        "plot",
        EntityType.LAND_PARCEL,
        heads("plot no", "plots no", "plot number", "parcel no", "parcels no", caseless=True),
        exact(
            rf"(?<![{LETTER}])(?:plots?|parcels?){SPACE}(?:nos?|numbers?)\.?{SPACE}"
            rf"(?P<numbers>{_PLOT}(?:(?:,|{SPACE}and|,{SPACE}and){SPACE}{_PLOT}){{0,30}})(?![0-9{LETTER}])",
            caseless=True,
        ),
        shaped(EntityType.LAND_PARCEL, 0.8, group="numbers", by="context"),
    ),
    Detector(
        "sentence-of-prison",
        EntityType.AMOUNT,
        heads("sentence", "imprison", caseless=True),
        exact(
            rf"(?<![{LETTER}])(?:sentenced?|imprisoned|imprisonment)[^.;\n0-9]{{0,40}}?(?:to|of|for){SPACE}(?:a{SPACE}term{SPACE}of{SPACE})?"
            rf"(?P<length>{_NUMBER}{SPACE}{_UNIT}(?:{SPACE}and{SPACE}{_NUMBER}{SPACE}{_UNIT})?(?:['\u2019])?(?:{SPACE}imprisonment)?)",
            caseless=True,
        ),
        shaped(EntityType.AMOUNT, 0.6, group="length", by="context"),
    ),
)
