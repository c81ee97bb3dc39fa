"""What follows from each type of finding: its gravity, its label, and the part it plays. A table, and nothing else.

The parts: what identifies a person directly; what helps to (a quasi-identifier), which counts once the exchange is
about somebody; details, which help too but which an answer is often about (an amount, a profession, an age); secrets;
markings; and categories, things said of a person, which are never replaced: they decide where the request may go.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from bouclier.terms.content import DataClass, EntityType, Label


class Part(Enum):
    """The part a type plays."""

    DIRECT = auto()
    COMPANY = auto()
    QUASI = auto()
    DETAIL = auto()
    SECRET = auto()
    MARKING = auto()
    CATEGORY = auto()


class Kind(NamedTuple):
    """What follows from a type.

    Attributes:
        part: The part it plays.
        data_class: What it makes of an exchange that holds it.
        label: What it adds to the labels of the exchange, if anything.
    """

    part: Part
    data_class: DataClass
    label: Label | None = None


_DIRECT = Kind(Part.DIRECT, DataClass.PERSONAL)
_STATE_NUMBER = Kind(Part.DIRECT, DataClass.SENSITIVE, Label.NATIONAL_ID)
_HEALTH_NUMBER = Kind(Part.DIRECT, DataClass.SENSITIVE, Label.HEALTH)
_COMPANY = Kind(Part.COMPANY, DataClass.INTERNAL)
_QUASI = Kind(Part.QUASI, DataClass.INTERNAL)
_DETAIL = Kind(Part.DETAIL, DataClass.INTERNAL)
_SECRET = Kind(Part.SECRET, DataClass.INTERNAL, Label.SECRET)
_SPECIAL = Kind(Part.CATEGORY, DataClass.SENSITIVE, Label.SPECIAL_CATEGORY)

KINDS: dict[EntityType, Kind] = {
    EntityType.PERSON: _DIRECT,
    EntityType.LOCATION: _QUASI,
    EntityType.ORGANIZATION: _QUASI,
    EntityType.ADDRESS: _DIRECT,
    EntityType.EMAIL: _DIRECT,
    EntityType.PHONE: _DIRECT,
    EntityType.DATE: _QUASI,
    EntityType.BIRTH_DATE: _DIRECT,
    EntityType.AGE: Kind(Part.CATEGORY, DataClass.INTERNAL),
    EntityType.DEMOGRAPHIC: _DETAIL,
    EntityType.AMOUNT: _DETAIL,
    EntityType.NIR: _STATE_NUMBER,
    EntityType.TAX_NUMBER: _STATE_NUMBER,
    EntityType.NATIONAL_ID: _STATE_NUMBER,
    EntityType.ID_CARD: _DIRECT,
    EntityType.PASSPORT: _DIRECT,
    EntityType.MRZ: _DIRECT,
    EntityType.DRIVING_LICENCE: _DIRECT,
    EntityType.RESIDENCE_PERMIT: _DIRECT,
    EntityType.STUDENT_NUMBER: _DIRECT,
    EntityType.HEALTH_WORKER_NUMBER: _DIRECT,
    EntityType.HEALTH_SITE_NUMBER: _COMPANY,
    EntityType.PATIENT_NUMBER: _HEALTH_NUMBER,
    EntityType.STAY_NUMBER: _HEALTH_NUMBER,
    EntityType.BENEFIT_NUMBER: _DIRECT,
    EntityType.JOBSEEKER_NUMBER: _DIRECT,
    EntityType.CASE_NUMBER: _DIRECT,
    EntityType.LAND_PARCEL: _DIRECT,
    EntityType.SIREN: _COMPANY,
    EntityType.SIRET: _COMPANY,
    EntityType.LEI: _COMPANY,
    EntityType.ISIN: _COMPANY,
    EntityType.BIC: _COMPANY,
    EntityType.IBAN: _DIRECT,
    EntityType.CARD: _DIRECT,
    EntityType.PLATE: _DIRECT,
    EntityType.VIN: _DIRECT,
    EntityType.IDENTIFIER: _DIRECT,
    EntityType.IP: _DIRECT,
    EntityType.MAC: _DIRECT,
    EntityType.UUID: _QUASI,
    EntityType.IMEI: _DIRECT,
    EntityType.IMSI: _DIRECT,
    EntityType.GPS: _DIRECT,
    EntityType.WALLET: _DIRECT,
    EntityType.URL_CREDENTIALS: _SECRET,
    EntityType.API_KEY: _SECRET,
    EntityType.PRIVATE_KEY: _SECRET,
    EntityType.PASSWORD: _SECRET,
    # The class of a marking depends on its level: see `classify`.
    EntityType.MARKING: Kind(Part.MARKING, DataClass.CLASSIFIED, Label.MARKED),
    EntityType.HEALTH: Kind(Part.CATEGORY, DataClass.SENSITIVE, Label.HEALTH),
    EntityType.RELIGION: _SPECIAL,
    EntityType.POLITICS: _SPECIAL,
    EntityType.UNION: _SPECIAL,
    EntityType.SEX_LIFE: _SPECIAL,
    EntityType.ORIGIN: _SPECIAL,
    EntityType.BIOMETRIC: _SPECIAL,
    EntityType.GENETIC: _SPECIAL,
    EntityType.OFFENCE: Kind(Part.CATEGORY, DataClass.SENSITIVE, Label.OFFENCE),
    EntityType.MINOR: Kind(Part.CATEGORY, DataClass.SENSITIVE, Label.MINOR),
}


def part_of(type_: EntityType) -> Part:
    """Return the part a type plays."""
    return KINDS[type_].part


def stays_in_the_text(type_: EntityType) -> bool:
    """Say whether a finding of this type is never replaced: markings and categories."""
    return KINDS[type_].part in {Part.MARKING, Part.CATEGORY}
