"""The facts of the registry, as frozen types that msgspec reads strictly: one spelling, no unknown field.

A registry is a set of facts, in any number of files: who exists, who holds whom, where machines stand, which service is
run by whom with whose help, what it is qualified for, which laws there are and how they reach, which models exist and
where they are served. Every fact says where it comes from, from when it dates, how far to rely on it and who vouches
for it; most hold for a period. Nothing here is legal advice, and "reaches" means *can be compelled under*, not *has
been*. What follows from the facts is in `expose.py`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from bouclier.registry.free_text import (  # noqa: TC001 -- msgspec reads them at run time
    BilingualText,
    FreeText,
    Note,
    Text,
)

SELF: Final = "self"
"""The entity that is the institution itself: nothing leaves it."""

IMPLICIT_LAW: Final = "law-of-"
"""Followed by a country code: the whole law of a state, named or not, which governs whoever it controls."""

FORMAT: Final = "bouclier-registry/v2"

_END = r"(?![\s\S])"  # the end of the text, in Python and in JSON Schema alike; `$` would let a newline pass
_WORD = rf"^[a-z0-9]+([.-][a-z0-9]+)*{_END}"
_DAY = r"(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"

CountryCode = Annotated[str, Meta(pattern=rf"^[A-Z]{{2}}{_END}", description="ISO 3166-1 alpha-2")]
FactId = Annotated[str, Meta(pattern=_WORD, max_length=64, description="Lower-case words joined by - or .")]
NamedLawId = Annotated[str, Meta(pattern=rf"^[a-z]{{2}}(-[a-z0-9]+)+{_END}", max_length=64)]
LawId = Annotated[str, Meta(pattern=rf"^([a-z]{{2}}(-[a-z0-9]+)+|law-of-[A-Z]{{2}}){_END}", max_length=64)]
AsOf = Annotated[str, Meta(pattern=rf"^[0-9]{{4}}{_DAY}{_END}", description="Year, month or day the fact dates from")]
When = Annotated[str, Meta(pattern=rf"^[0-9]{{4}}{_DAY}{_END}", description="Year, month or day")]
Percent = Annotated[float, Meta(ge=0, le=100, description="Percent, 0 to 100")]
EntityKind = Literal[
    "company", "state", "public-body", "non-profit", "consortium", "people", "dispersed", "institution"
]


class Certainty(StrEnum):
    """How sure the reach of a law is."""

    ESTABLISHED = "established"
    CONTESTED = "contested"


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all facts: immutable, and a misspelt field is an error."""


class Source(Fact, frozen=True, kw_only=True):
    """Where a fact comes from.

    Attributes:
        kind: Such as `web-page`, `public-knowledge`, `treaty`, `declared`.
        ref: What to look up.
    """

    kind: Text
    ref: FreeText


class Vouched(Fact, frozen=True, kw_only=True):
    """What every fact says of itself.

    Attributes:
        source: Where it comes from.
        as_of: From when it dates.
        confidence: How far to rely on it; `unverified` is general knowledge that nobody looked up for this registry.
        signer: Id of the authority or party that vouches for it; empty when nobody does yet.
        notes: What a reader should know.
    """

    source: Source
    as_of: AsOf
    confidence: Literal["high", "medium", "low", "unverified"]
    signer: str = ""
    notes: Note = ""


class Lasting(Vouched, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """A fact that holds for a period.

    Attributes:
        since: First day; None when it is not known to have begun. A month or a year is read as what exposes more.
        until: First day on which it no longer holds; None while it does.
    """

    since: When | None = None
    until: When | None = None


class Entity(Vouched, frozen=True, kw_only=True):
    """Whoever can hold, control, run or publish something: a company, a state, a public body.

    Attributes:
        id: Its id; operators are selected by it.
        name: The same for people.
        kind: What it is; `dispersed` stands for many small holders together, `people` for natural persons,
            `institution` for the one that reads the registry, and for nobody else.
        seat: State of its seat: its law governs it. None if unknown, or for `dispersed`.
        hq: Seat, for people.
        ultimate: Nobody controls it: without this, an entity that no edge shows to be controlled may be, by anyone.
        listed_in: States on whose exchanges it is listed.
        publishes_only: It publishes weights and runs no service: whoever hosts them is the operator.
    """

    id: FactId
    name: FreeText
    kind: EntityKind
    seat: CountryCode | None = None
    hq: Note = ""
    ultimate: bool = False
    listed_in: tuple[CountryCode, ...] = ()
    publishes_only: bool = False


class Edge(Lasting, frozen=True, kw_only=True):
    """That one entity holds a part of another, or governs it.

    Attributes:
        holder: Who holds.
        held: Whom.
        share: Percent of the capital; None if unknown.
        votes: Percent of the votes; None if unknown, or as the capital.
        veto: It can block decisions.
        board: Which part of the board it appoints.
        controls: Stated as such (majority, state supervision, contract) where amounts are not known; None when only
            the other fields tell.
    """

    holder: FactId
    held: FactId
    share: Percent | None = None
    votes: Percent | None = None
    veto: bool = False
    board: Literal["none", "minority", "majority", "unknown"] = "unknown"
    controls: bool | None = None


class Site(Lasting, frozen=True, kw_only=True):
    """A place where machines stand.

    Attributes:
        id: Its id.
        name: The same for people.
        operator: Who runs it.
        country: State it stands in.
        zone: Zone of the electricity grid, where it is not the country: such as `SE1`.
        pue: Power usage effectiveness; None if unknown.
    """

    id: FactId
    name: FreeText
    operator: FactId
    country: CountryCode
    zone: str | None = None
    pue: Annotated[float, Meta(ge=1, le=5)] | None = None


class Service(Lasting, frozen=True, kw_only=True):
    """What an operator offers.

    Attributes:
        id: Its id.
        name: The same for people.
        operator: Who runs it, and can be ordered to open it.
        kind: What it is; an `inference-api` serves models, the others may carry one.
        sites: Where it runs, by id.
        countries: States it runs in, where the sites are not known.
        staff: States from which people with access work; empty if unknown.
        signs: How an institution's files show that it depends on it: `domain:api.example.eu`, `image:registry/name`,
            `terraform:provider`, `purl:pkg:pypi/name`, `name:word`.
    """

    id: FactId
    name: FreeText
    operator: FactId
    kind: Literal["inference-api", "hosting", "platform", "software"]
    sites: tuple[FactId, ...] = ()
    countries: tuple[CountryCode, ...] = ()
    staff: tuple[CountryCode, ...] = ()
    signs: tuple[Text, ...] = ()


class Supply(Lasting, frozen=True, kw_only=True):
    """That a service rests on somebody else.

    Attributes:
        service: The service that rests.
        supplier: An entity or a service.
        role: What for; `technology` is software or hardware without which it could not go on.
        access: Whether the supplier has technical means to reach data.
    """

    service: FactId
    supplier: FactId
    role: Literal["hosting", "support", "staff", "technology", "network"]
    access: Literal["yes", "no", "unknown"] = "unknown"


class Qualification(Lasting, frozen=True, kw_only=True):
    """A label given to a service. It informs and is asked for by policies; no exposure is taken away by it.

    Attributes:
        service: The service: labels are given to services, not to companies.
        name: Such as `secnumcloud-3.2`, `hds`, `c5`, `iso-27001`.
        status: Whether it is held, only claimed by the operator, or in progress.
        scope: What it covers, if stated.
    """

    service: FactId
    name: FactId
    status: Literal["held", "claimed", "in-progress"]
    scope: FreeText | None = None


class Assessment(Lasting, frozen=True, kw_only=True):
    """What somebody found of a service under one objective of the EU Cloud Sovereignty Framework.

    Attributes:
        service: The service.
        objective: `SOV-1` to `SOV-8`.
        seal: Sovereignty Effectiveness Assurance Level, 0 to 4.
        score: Points out of 100 under this objective; None if not scored.
    """

    service: FactId
    objective: Annotated[str, Meta(pattern=rf"^SOV-[1-8]{_END}")]
    seal: Annotated[int, Meta(ge=0, le=4)]
    score: Percent | None = None


class Law(Lasting, frozen=True, kw_only=True):
    """A law that can compel disclosure.

    Attributes:
        id: Begins with the jurisdiction's code in lower case.
        jurisdiction: The state whose law it is.
        title: Its name.
        allows: What it lets an authority do, in one sentence.
        basis: The article.
        triggers: By what it reaches: the seat of an entity, control over it, machines in the state, staff there, a
            listing there. Empty: only those whom a `Reach` names.
        status: `unverified` when we could not check that it still applies; it counts all the same.
        note: What is uncertain.
    """

    id: NamedLawId
    jurisdiction: CountryCode
    title: BilingualText
    allows: BilingualText
    basis: FreeText
    triggers: tuple[Literal["seat", "control", "hosting", "staff", "listing"], ...] = ()
    status: Literal["in-force", "unverified"]
    note: BilingualText | None = None


class Reach(Lasting, frozen=True, kw_only=True):
    """That a law reaches an entity or a service by another way than its triggers.

    Attributes:
        law: Id of a law of the registry, or `law-of-` and a country code.
        whom: The entity or service.
        certainty: `established`, or `contested` when disputed, partial or indirect.
        through: By which path, in a few words.
    """

    law: LawId
    whom: FactId
    certainty: Certainty
    through: FreeText


class Model(Vouched, frozen=True, kw_only=True):
    """A model, whoever serves it.

    Attributes:
        id: Its id.
        name: The same for people.
        maker: Entity that published it; None if unknown.
        origin: States of those who made it.
        weights: Whether the weights are open.
        licence: SPDX identifier or `LicenseRef-...`; None if unknown.
        training_data: How much of it is public.
        parameters_b: Billions of parameters, lower and upper estimate; None if unknown.
        active_b: Of which at work for a token, likewise; None if unknown or all of them.
        names: Other names it is served under.
    """

    id: FactId
    name: Text
    maker: FactId | None = None
    origin: tuple[CountryCode, ...] = ()
    weights: Literal["open", "closed", "unknown"] = "unknown"
    licence: Text | None = None
    training_data: Literal["open", "documented", "closed", "unknown"] = "unknown"
    parameters_b: tuple[float, float] | None = None
    active_b: tuple[float, float] | None = None
    names: tuple[Text, ...] = ()


class Served(Lasting, frozen=True, kw_only=True):
    """That a model is served by a service, at a site.

    Attributes:
        id: Its id.
        model: The model.
        service: The service that runs it.
        site: Where; None if unknown.
    """

    id: FactId
    model: FactId
    service: FactId
    site: FactId | None = None


class Member(Fact, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """A state of a legal area, and the treaty that makes it one.

    Attributes:
        code: The state.
        through: The treaty.
        since: First day; None if it always was one, as far as anyone asks.
        until: First day on which it no longer is one; None while it is.
    """

    code: CountryCode
    through: Literal["EU", "EEA", "national"]
    since: When | None = None
    until: When | None = None


class LegalArea(Vouched, frozen=True, kw_only=True):
    """The states whose law is not foreign to the institution.

    Attributes:
        id: Its name for machines.
        name: Its name for people.
        members: Its states.
    """

    id: FactId
    name: BilingualText
    members: Annotated[tuple[Member, ...], Meta(min_length=1)]


class Facts(Fact, frozen=True, kw_only=True):
    """What a file of a registry holds: facts of any kind. A whole registry is the union of its files.

    Attributes:
        format: Version of the format.
        area: At most one file of a registry says it.
    """

    format: Literal["bouclier-registry/v2"]
    area: LegalArea | None = None
    entities: tuple[Entity, ...] = ()
    edges: tuple[Edge, ...] = ()
    sites: tuple[Site, ...] = ()
    services: tuple[Service, ...] = ()
    supplies: tuple[Supply, ...] = ()
    qualifications: tuple[Qualification, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    laws: tuple[Law, ...] = ()
    reaches: tuple[Reach, ...] = ()
    models: tuple[Model, ...] = ()
    deployments: tuple[Served, ...] = ()
