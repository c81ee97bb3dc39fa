"""Labels of the sets and of the systems, and the few they are compared by."""

from __future__ import annotations

PERSON, LOCATION, ORGANISATION, DATE = "PER", "LOC", "ORG", "DATE"

NAMES = frozenset({PERSON, LOCATION, ORGANISATION})

# Labels that stand in no group are compared as they are written. The groups are those of the scorer that came with the
# development sets, so that figures compare: a street address of the gold is a place there, and so is one predicted
# under that gold's names, but ADDRESS and BIRTH_DATE, which only Bouclier says, are nobody's. That costs Bouclier a
# little of its exact and overlap F1, and nothing of what is counted label-free.
_GROUPS = {
    PERSON: "PERS pers pers.ind PERSON NAME NOM PRENOM PER AN RR",
    LOCATION: "LOCATION GPE FAC loc LD ST STR LDS VILLE ADRESSE STREET_ADDRESS ZIP ZIP_CODE LOC",
    ORGANISATION: "ORGANIZATION org HOPITAL ORG",
    DATE: "DATE_TIME DATETIME TIME DATE_NAISSANCE DATE time",
}
COMMON = {label: group for group, labels in _GROUPS.items() for label in labels.split()}

# What Bouclier says *of* a person and what marks a whole text: it decides where a request may go, and stays in it.
# Coverage counts it like the rest; the row "without categories" shows what is left without it.
_KEPT = "MARKING HEALTH RELIGION POLITICS UNION SEX_LIFE ORIGIN BIOMETRIC GENETIC OFFENCE MINOR"
KEPT_IN_THE_TEXT = frozenset(_KEPT.split())

# Classes of gold whose every character tells who someone is: what escapes there is a leak. By set, in its own words.
_CLINICAL = "SECU TEL MAIL IPP NDA ZIP ADRESSE DATE_NAISSANCE"
_COURT = "CODE"
_FAKER = (
    "CREDIT_CARD US_SSN PHONE_NUMBER EMAIL_ADDRESS IBAN_CODE IP_ADDRESS US_DRIVER_LICENSE STREET_ADDRESS DOMAIN_NAME "
    "ZIP_CODE"
)
IDENTIFIERS = frozenset(f"{_CLINICAL} {_COURT} {_FAKER}".split())
