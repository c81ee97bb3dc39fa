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

    PERSON = "PERSON"
    LOCATION = "LOCATION"
    ORGANISATION = "ORGANISATION"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    NIR = "NIR"
    SIREN = "SIREN"
    SIRET = "SIRET"
    IBAN = "IBAN"
    CARD = "CARD"
    IP = "IP"
    URL_CREDENTIALS = "URL_CREDENTIALS"
    API_KEY = "API_KEY"
    PRIVATE_KEY = "PRIVATE_KEY"
    PLATE = "PLATE"
    BIRTH_DATE = "BIRTH_DATE"
    ADDRESS = "ADDRESS"
    MARKING = "MARKING"


class Label(StrEnum):
    """What the charter may ask about an exchange, beside its class."""

    SECRET = "secret"  # noqa: S105 -- a label's name: credentials are present
    NATIONAL_ID = "national-id"
    MARKED = "marked"
    UNINSPECTED = "uninspected"
    DECLARED = "declared"


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
