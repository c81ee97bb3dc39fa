"""Nationalities and origins said of somebody, in English: a detail, told and left where it stands.

In French they are ordinary adjectives without a capital, and met in every text; there they are for `categories`.
"""

from __future__ import annotations

from bouclier.shield.characters import LETTER
from bouclier.shield.detector import Detector, Rough, exact, shaped
from bouclier.terms.content import EntityType

# Member states of the Council of Europe, their neighbours and their minorities.
_WORDS = (
    "Albanian", "Andorran", "Armenian", "Austrian", "Azerbaijani", "Belarusian", "Belgian", "Bosnian", "British",
    "Bulgarian", "Croatian", "Cypriot", "Czech", "Danish", "Dutch", "English", "Estonian", "Finnish", "French",
    "Georgian", "German", "Greek", "Hungarian", "Icelandic", "Irish", "Italian", "Latvian", "Lithuanian",
    "Maltese", "Moldovan", "Montenegrin", "Norwegian", "Polish", "Portuguese", "Romanian", "Russian", "Scottish",
    "Serbian", "Slovak", "Slovenian", "Spanish", "Swedish", "Swiss", "Turkish", "Ukrainian", "Welsh", "American",
    "Canadian", "Australian", "Israeli", "Palestinian", "Lebanese", "Syrian", "Iraqi", "Iranian", "Afghan",
    "Pakistani", "Indian", "Chinese", "Japanese", "Vietnamese", "Algerian", "Moroccan", "Tunisian", "Egyptian",
    "Libyan", "Nigerian", "Somali", "Sudanese", "Eritrean", "Ethiopian", "Congolese", "Senegalese", "Malian",
    "Brazilian", "Cuban", "Mexican", "Colombian", "Kurdish", "Chechen", "Kosovar", "Roma", "Sami", "Jewish",
)  # fmt: skip
_PUBLIC = (
    "(?! (?:law|Law|legal|Act|Code|Civil|Criminal|Basic|Constitution|Treaty|Unification|language|Revolution|Union)\\b)"
)

DETECTORS = (
    Detector(
        "nationality",
        EntityType.DEMOGRAPHIC,
        tuple(Rough(word, after="[^A-Za-z]") for word in _WORDS),
        exact(
            f"(?<![{LETTER}0-9])(?:{'|'.join(_WORDS)})(?![{LETTER}]){_PUBLIC}"
            f"(?: (?:nationals?|citizens?|origin)(?![{LETTER}]))?"
        ),
        shaped(EntityType.DEMOGRAPHIC, 0.4, by="nationality"),
    ),
)
