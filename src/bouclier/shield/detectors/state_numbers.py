"""Numbers a French administration gives a person: tax, identity, driving, residence, benefits, employment.

Only the tax number has a key that is public. The shape of the others, and the word that announces them, is all there is
to go by; a number of the right length beside its word is taken.
"""

from __future__ import annotations

from bouclier.shield.announced import ANY_NUMBER, Gap, Shape, announced, grouped
from bouclier.shield.characters import SEPARATOR
from bouclier.shield.checks_french import is_tax_number
from bouclier.shield.validators import has_nir_key
from bouclier.terms.content import EntityType

_S = f"{SEPARATOR}?"

# Two digits, two letters, five digits: passports since 2006, driving licences since 2013. As they are
# commonly described; to be verified against PRADO (Council of the EU).
_TWO_TWO_FIVE = f"[0-9]{_S}[0-9]{_S}[A-Z]{_S}[A-Z](?:{_S}[0-9]){{5}}"
# Other countries' documents, and the French identity card since 2021: letters and digits mixed, most of them digits.
_MIXED_NINE = "(?=[0-9]{0,8}[A-Z])(?=(?:[A-Z]{0,8}[0-9]){2})[0-9A-Z]{9}"
_FOREIGN_DOCUMENT = f"[A-Z]{{1,3}}{_S}[0-9]{{6,8}}[A-Z]?|[0-9]{{7,9}}[A-Z]{{0,2}}"
_JOBSEEKERS = ("demandeur d'e", "demandeurs d'e", "demandeuse d'e", "demandeuses d'e")
_TWELVE = Shape(grouped(12))

DETECTORS = (
    announced(
        "nir-beside-its-word",
        EntityType.NIR,
        ("nir", "nia", "nss", "ins", "sécu", "insee", "immatriculation", "attente", "vitale", "assuré"),
        (
            "nirp{0,2}",
            "nia",
            "nss",
            "ins-(?:nir|nia|c)",
            "ins",
            "sécu(?:rité)?(?: sociale)?",
            "insee",
            "vitale",
            "immatriculation",
            "attente",
            "assurée?(?: sociale?)?",
        ),
        (
            Shape(
                f"[1-478](?:{SEPARATOR}{{0,2}}[0-9]){{4}}{SEPARATOR}{{0,2}}[0-9](?:{SEPARATOR}{{0,2}}[0-9AB])"
                f"(?:{SEPARATOR}{{0,2}}[0-9]){{6}}(?:[ /(]{{0,3}}(?:cl(?:é|e)[ :]{{0,3}})?[0-9]{_S}[0-9])",
                has_nir_key,
                "nir-key",
            ),
            Shape(f"[1-478](?:{SEPARATOR}{{0,2}}[0-9]){{5}}{SEPARATOR}{{0,2}}[0-9AB](?:{SEPARATOR}{{0,2}}[0-9]){{6}}"),
            Shape(f"[1-478](?:{SEPARATOR}{{0,2}}[0-9]){{10,15}}"),
        ),
    ),
    announced(
        "tax-number",
        EntityType.TAX_NUMBER,
        ("fisca", "spi", "nif", "déclarant", "contribuable", "impôt", "dgfip"),
        (
            "fisca(?:l|le|ux|lité)(?: de référence)?",
            "spi",
            "nif",
            "déclarante? ?[12]?",
            "contribuable",
            "impôts?",
            "dgfip",
        ),
        (Shape(grouped(13, first="[0-3]"), is_tax_number, "spi-key"),),
    ),
    announced(
        # Mistyped or cut short; only beside words that announce nothing else.
        "tax-number-beside-its-word",
        EntityType.TAX_NUMBER,
        ("fiscal", "spi", "télédéclarant", "accès en ligne"),
        ("fiscale?(?: de référence)?(?: \\(spi\\))?", "spi", "télédéclarante?", "accès en ligne"),
        (ANY_NUMBER,),
        gap=Gap.MARKED,
    ),
    announced(
        # Thirteen characters: two digits of the year, then numbers of the office and of the notice, letters at times.
        "tax-notice",
        EntityType.TAX_NUMBER,
        ("avis", "imposition"),
        ("avis(?: d'im(?:position|pôts?))?", "imposition"),
        (Shape(f"[0-9]{_S}[0-9](?:{_S}[0-9A-Z]){{2}}(?:{_S}[0-9A-Z]){{7}}(?:{_S}[0-9]){{2}}"),),
    ),
    announced(
        "identity-card",
        EntityType.ID_CARD,
        ("cni", "identité", "identity card", "id card", "ci n"),
        (
            "cnie?s?",
            "identité(?: électronique| sécurisée| française| numérique){0,4}",
            "identity card",
            "id card",
            "ci(?= n)",
        ),
        (_TWELVE, Shape(_MIXED_NINE), Shape(_TWO_TWO_FIVE), Shape("[0-9]{9}")),
    ),
    announced(
        "passport",
        EntityType.PASSPORT,
        ("passeport", "passport", "titre de voyage"),
        (
            "passeports?(?: biométrique| électronique| français| de service| diplomatique){0,4}",
            "passports?",
            "titre de voyage",
        ),
        (Shape(_TWO_TWO_FIVE), Shape(_MIXED_NINE), Shape(_FOREIGN_DOCUMENT), ANY_NUMBER),
    ),
    announced(
        "driving-licence",
        EntityType.DRIVING_LICENCE,
        ("permis", "neph", "driving licen", "conduire"),
        ("permis(?: de conduire| b| am| a[12]?| c| d| be){0,6}", "neph", "driving licen[cs]e", "conduire"),
        (_TWELVE, Shape(_TWO_TWO_FIVE)),
        unless="titre de |permis de ",
    ),
    announced(
        "driving-licence-beside-its-word",
        EntityType.DRIVING_LICENCE,
        ("permis de conduire", "neph", "driving licen"),
        ("permis de conduire", "neph", "driving licen[cs]e"),
        (ANY_NUMBER,),
        gap=Gap.MARKED,
    ),
    announced(
        # Ten digits of the register AGDREF; the card itself bears nine or ten letters and digits.
        "residence-permit",
        EntityType.RESIDENCE_PERMIT,
        (
            "agdref",
            "étranger",
            "anef",
            "séjour",
            "résident",
            "récépissé",
            "vls",
            "visa",
            "ofpra",
            "cnda",
            "demandeur d'asile",
            "demande d'asile",
            "guda",
            "fne",
        ),
        (
            "agdref2?",
            "étranger(?:e|s|ère)?",
            "anef",
            "séjour",
            "résidente?",
            "récépissé",
            "vls(?:-ts)?",
            "visa",
            "ofpra",
            "cnda",
            "demandeu(?:r|se) d'asile",
            "demande d'asile",
            "guda",
            "fne",
        ),
        (
            Shape(grouped(10)),
            Shape("[0-9A-Z]{2}[0-9]{7}|[A-Z]{2}[0-9]{8}|[0-9]{9}[A-Z]"),
            Shape("[0-9]{2,4}[-/ ][0-9]{2}[-/ ][0-9]{4,6}|[0-9]{8}"),
        ),
    ),
    announced(
        "residence-permit-beside-its-word",
        EntityType.RESIDENCE_PERMIT,
        ("agdref", "numéro étranger", "n° étranger", "numéro d'étranger", "n° d'étranger"),
        ("agdref2?", "numéro étrangers?", "n° étrangers?", "numéro d'étrangers?", "n° d'étrangers?"),
        (ANY_NUMBER,),
        gap=Gap.NEAR,
    ),
    announced(
        # Seven digits, and at times the letter of an old key.
        "benefit-number",
        EntityType.BENEFIT_NUMBER,
        ("allocataire", "alloc", "matricule caf", "numéro caf", "n° caf", "dossier caf"),
        ("allocataires?(?: (?:caf|msa))?", "alloc\\.?", "matricule caf", "numéro caf", "n° caf", "dossier caf"),
        (Shape(f"[0-9](?:{_S}[0-9]){{5,7}}(?:{_S}[A-Z](?![a-z]))?"), ANY_NUMBER),
    ),
    announced(
        "benefit-office",
        EntityType.BENEFIT_NUMBER,
        ("caf", "allocations familiales", "msa", "rsa", "aah", "apl", "mdph", "apa"),
        ("caf", "allocations familiales", "msa", "rsa", "aah", "apl", "mdph", "apa"),
        (Shape("[0-9]{5,7} ?[A-Z](?![a-z])|[0-9]{6,9}"),),
        gap=Gap.MARKED,
    ),
    announced(
        # Seven digits and a letter by region; eleven digits since March 2025 (bilan-competence.fr, read 2026-11-21).
        "jobseeker-number",
        EntityType.JOBSEEKER_NUMBER,
        ("france travail", "pôle emploi", "pôle-emploi", *_JOBSEEKERS, "ide", "anpe", "assedic"),
        (
            "france travail",
            "pôle(?: |-)emploi",
            *(f"{word}mplois?" for word in _JOBSEEKERS),
            "ide",
            "anpe",
            "assedics?",
        ),
        (
            Shape(f"[0-9](?:{_S}[0-9]){{6}}{_S}[A-Z](?![a-z])"),
            Shape(grouped(11, most=1)),
            Shape("[0-9]{8,10}|[0-9]{7}|[0-9]{6}[A-Z]{2}|[0-9]{3}[A-Z][0-9]{4,7}"),
        ),
    ),
)
