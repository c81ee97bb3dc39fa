"""The number of a vehicle (VIN): seventeen characters without I, O or Q.

European makers leave the ninth character free, so there is no check digit to ask for (ISO 3779; only North America's
rules have one). A number that begins as European makers' do, and ends with four digits, needs no word.
"""

from __future__ import annotations

from bouclier.shield.announced import Gap, Shape, announced
from bouclier.shield.detector import Detector, Rough, exact, shaped
from bouclier.terms.content import EntityType

_VIN = "(?=(?:[A-Z]{0,16}[0-9]){4})[0-9A-HJ-NPR-Z]{17}"

DETECTORS = (
    announced(
        "vin",
        EntityType.VIN,
        ("vin", "v.i.n", "châssis", "série", "véhicule", "champ e", "carte grise"),
        (
            "vin",
            "v\\.i\\.n\\.?",
            "châssis",
            "série(?: du véhicule)?",
            "véhicules?",
            "champ e",
            "carte grise",
        ),
        (Shape(_VIN),),
    ),
    announced(
        # With a character too many or too few.
        "vin-beside-its-word",
        EntityType.VIN,
        ("vin", "châssis"),
        ("vin", "châssis"),
        (Shape("(?=(?:[A-Z]{0,10}[0-9]){4})[0-9A-Z]{11,20}"),),
        gap=Gap.MARKED,
    ),
    Detector(
        "vin-of-a-european-maker",
        EntityType.VIN,
        (Rough("(?:V[FNRS]|W[ABDFMPUV0]|ZF|ZA|TM|UU|SJ)[0-9A-Z]{15}", after="[^0-9A-Za-z]"),),
        exact("(?<![0-9A-Za-z])(?:V[FNRS]|W[ABDFMPUV0]|ZF|ZA|TM|UU|SJ)[0-9A-HJ-NPR-Z]{11}[0-9]{4}(?![0-9A-Za-z])"),
        shaped(EntityType.VIN, 0.8),
    ),
)
