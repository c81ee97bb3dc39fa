"""The facts of the registry, as frozen types that msgspec reads strictly: one spelling, no unknown field.

A fact says who runs a service, which states' law governs those who control it, and which named laws reach it. It
says where it comes from and from when it dates. Nothing here is legal advice, and "reaches" means *can be compelled
under*, not *has been*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

SELF = "self"
"""The operator that is the institution itself: nothing leaves it."""

IMPLICIT_LAW = "law-of-"
"""Followed by a country code: the whole law of a state, named or not, which governs whoever it controls."""

_END = r"(?![\s\S])"  # the end of the text, in Python and in JSON Schema alike; `$` would let a newline pass

CountryCode = Annotated[str, Meta(pattern=rf"^[A-Z]{{2}}{_END}", description="ISO 3166-1 alpha-2")]
OperatorId = Annotated[str, Meta(pattern=rf"^[a-z0-9]+(-[a-z0-9]+)*{_END}", max_length=64)]
NamedLawId = Annotated[str, Meta(pattern=rf"^[a-z]{{2}}(-[a-z0-9]+)+{_END}", max_length=64)]
LawId = Annotated[str, Meta(pattern=rf"^([a-z]{{2}}(-[a-z0-9]+)+|law-of-[A-Z]{{2}}){_END}", max_length=64)]
AsOf = Annotated[
    str,
    Meta(
        pattern=rf"^[0-9]{{4}}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?{_END}",
        description="Year, month or day the fact dates from",
    ),
]
Text = Annotated[str, Meta(min_length=1, max_length=2000)]
OperatorKind = Literal[
    "cloud-provider",
    "declared",
    "inference-provider",
    "model-and-cloud-provider",
    "model-provider",
    "model-publisher",
    "public-operator",
    "self",
    "software-as-a-service",
]


class Certainty(StrEnum):
    """How sure the reach of a law is."""

    ESTABLISHED = "established"
    CONTESTED = "contested"


class Fact(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all facts: immutable, and a misspelt field is an error."""


class Source(Fact, frozen=True):
    """Where a fact comes from.

    Attributes:
        kind: Such as `web-page`, `public-knowledge`, `treaty`, `declared`.
        ref: What to look up.
    """

    kind: Text
    ref: Text


class BilingualText(Fact, frozen=True):
    """One text in French and English."""

    fr: Text
    en: Text


class Reach(Fact, frozen=True):
    """A law that reaches an operator, and how.

    Attributes:
        law: Id of a law of the registry, or `law-of-` and a country code.
        certainty: `established`, or `contested` when disputed, partial or indirect.
        through: By which path, in a few words.
    """

    law: LawId
    certainty: Certainty
    through: Text


class Qualification(Fact, frozen=True):
    """A label such as SecNumCloud or HDS. It informs people; no exposure follows from it.

    Attributes:
        name: The label.
        status: Whether it is held, only claimed by the operator, or in progress.
        scope: The services it covers, if stated: labels are given to services, not to companies.
        date: When it was given, if stated.
    """

    name: Text
    status: Literal["held", "claimed", "in-progress"]
    scope: Text | None = None
    date: AsOf | None = None


class Confidence(Fact, frozen=True):
    """How far the facts can be relied upon."""

    ownership: Literal["high", "medium", "low"]
    hosting: Literal["high", "medium", "low"]


class Operator(Fact, frozen=True):
    """Who runs a service, and who can be compelled to open it.

    Attributes:
        id: What `operator:` selects in the configuration.
        name: The same for people.
        control: States whose law governs those who control it; empty only for `self` and publishers.
        source: Where the facts come from.
        as_of: From when they date.
        kind: What it does.
        serves: False for those who publish weights and run no service: the host is then the operator.
        hq: Seat, for people.
        seat: State of its seat, if known: its law governs it too.
        parent: Who controls it, for people.
        reaches: The named laws that reach it.
        hosting: States where it has sites. Informative: the site of a deployment is what counts.
        qualifications: Its labels.
        verified: Whether the source was read for this registry; False for general knowledge.
        confidence: How far to rely on it.
        notes: What a reader should know.
    """

    id: OperatorId
    name: Text
    control: tuple[CountryCode, ...]
    source: Source
    as_of: AsOf
    kind: OperatorKind = "declared"
    serves: bool = True
    hq: str = ""
    seat: CountryCode | None = None
    parent: str = ""
    reaches: tuple[Reach, ...] = ()
    hosting: tuple[CountryCode, ...] = ()
    qualifications: tuple[Qualification, ...] = ()
    verified: bool = False
    confidence: Confidence | None = None
    notes: str = ""


class Law(Fact, frozen=True):
    """A law that can compel disclosure.

    Attributes:
        id: Begins with the jurisdiction's code in lower case.
        jurisdiction: The state whose law it is.
        title: Its name.
        allows: What it lets an authority do, in one sentence.
        basis: The article.
        as_of: From when the description dates.
        status: `unverified` when we could not check that it still applies; it counts all the same.
        note: What is uncertain.
    """

    id: NamedLawId
    jurisdiction: CountryCode
    title: BilingualText
    allows: BilingualText
    basis: Text
    as_of: AsOf
    status: Literal["in-force", "unverified"]
    note: BilingualText | None = None


class Member(Fact, frozen=True):
    """A state of a legal area, and the treaty that makes it one."""

    code: CountryCode
    through: Literal["EU", "EEA", "national"]


class LegalArea(Fact, frozen=True):
    """The states whose law is not foreign to the institution.

    Attributes:
        id: Its name for machines.
        name: Its name for people.
        members: Its states.
        source: Where the list comes from.
        as_of: From when it dates.
        format: Version of the file's format.
    """

    id: OperatorId
    name: BilingualText
    members: Annotated[tuple[Member, ...], Meta(min_length=1)]
    source: Source
    as_of: AsOf
    format: Literal["bouclier-area/v1"]


class OperatorsFile(Fact, frozen=True):
    """What `operators.json` holds."""

    format: Literal["bouclier-operators/v1"]
    operators: tuple[Operator, ...]


class LawsFile(Fact, frozen=True):
    """What `laws.json` holds."""

    format: Literal["bouclier-laws/v1"]
    laws: tuple[Law, ...]


@dataclass(frozen=True, slots=True)
class Registry:
    """Facts that agree with each other; made by `parse_registry` only.

    Attributes:
        operators: By id.
        laws: By id.
        area: The states whose law is not foreign.
        members: Their codes.
        digest: SHA-256 of the facts in canonical form, hexadecimal: what records cite.
    """

    operators: Mapping[str, Operator] = field(repr=False)
    laws: Mapping[str, Law] = field(repr=False)
    area: LegalArea = field(repr=False)
    members: frozenset[str] = field(repr=False)
    digest: str
