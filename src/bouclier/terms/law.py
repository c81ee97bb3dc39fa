"""Who asks, who may serve, and what the charter answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.terms.content import DataClass


class Duty(StrEnum):
    """What must be done if an exchange is permitted; how each is spelled with its argument is in `terms.duties`."""

    PSEUDONYMISE = "pseudonymise"
    LOCAL_ONLY = "local-only"
    WARN = "warn"
    GROUND = "ground"
    SEAL = "seal"
    HUMAN_REVIEW = "human-review"
    RETAIN = "retain"
    CARBON_CAP = "carbon-cap"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: an application or a person known by a key.

    Attributes:
        name: The key's name, chosen by whoever created it.
        role: What the charter may ask about the principal.
    """

    name: str
    role: str = "agent"


class Openness(StrEnum):
    """Whether a model's weights are open. Unknown never counts in anyone's favour."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Exposure:
    """Which laws can compel whoever runs a deployment, as far as dated facts tell.

    Attributes:
        known: False when the registry has no fact on the operator: everything is then assumed.
        control: ISO 3166 codes of the states whose law governs those who control the operator.
        foreign_laws: Ids of laws from outside the institution's legal area that reach the deployment.
        contested: Ids of foreign laws whose reach is disputed or indirect; they rank, they do not forbid.
        law_titles: What people call those laws in French and in English, by id; nothing is decided by it.
    """

    known: bool
    control: tuple[str, ...] = ()
    foreign_laws: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()
    law_titles: Mapping[str, tuple[str, str]] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model served by an operator at a site.

    Attributes:
        name: What `/v1/models` lists and `model` selects.
        model: The model's name at the operator's.
        operator: Registry id of who runs it.
        operator_name: The same for people.
        site: Where it runs.
        own: True when the institution runs it itself, so that nothing leaves it.
        openness: Whether the weights are open.
        exposure: Who can be compelled.
        country: State its machines stand in, ISO 3166-1 alpha-2; None if unknown.
        capabilities: What the model can do beyond text, as declared; sorted.
        evaluations: Ids of the evaluation reports the institution holds on it; sorted.
        carbon_mg: mg CO2e per 1,000 tokens, upper estimate; None if unknown.
        qualifications: Labels it holds, `name` or `name@YYYYMMDD`, valid until that day; sorted.
        service: Registry id of the operator's service; empty if unknown.
        price_ueur: Millionths of a euro per 1,000 tokens; None if unknown.
        slots: Exchanges it serves at once, as configured; None if unknown.
        zone: Zone of the electricity grid its site draws from, where it is not the country; None if unknown.
        pue: Power usage effectiveness of its site; None if unknown.
    """

    name: str
    model: str
    operator: str
    operator_name: str
    site: str
    own: bool
    openness: Openness
    exposure: Exposure
    country: str | None = None
    capabilities: tuple[str, ...] = ()
    evaluations: tuple[str, ...] = ()
    carbon_mg: int | None = None
    qualifications: tuple[str, ...] = ()
    service: str = ""
    price_ueur: int | None = None
    slots: int | None = None
    zone: str | None = None
    pue: float | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What is known of a deployment now.

    Attributes:
        in_flight: Exchanges it is working on, for this gateway and for those it hears of.
        available: False when it takes nothing now.
        slots: Exchanges it serves at once; None if unknown.
        wait_ms: Expected time to the first token of the next exchange, milliseconds.
        warm: It served this conversation last, and may hold its beginning.
        why: Why it takes nothing: `down`, `loading`, `breaker`, `overloaded`, `draining`, `full`; empty if it does.
    """

    in_flight: int = 0
    available: bool = True
    slots: int | None = None
    wait_ms: int = 0
    warm: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a placement weighs, in milliseconds that the institution accepts to wait for the first token.

    Attributes:
        exposure_ms: To be one step less exposed; None puts exposure before everything else.
        price_ms: To spare a thousandth of a euro per 1,000 tokens.
        carbon_ms: To spare one gram of CO2e per 1,000 tokens.
    """

    exposure_ms: int | None = None
    price_ms: int = 0
    carbon_ms: int = 500


class Budget(StrEnum):
    """How far an application is with what it may spend: what a placement must mind."""

    WITHIN = "within"
    WARN = "warn"
    LIGHTEN = "lighten"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a choice among permitted deployments rests on beside what is known of each.

    Attributes:
        exchange: Id of the exchange: it draws among equals.
        weights: What is weighed.
        budget: How far the application is with what it may spend.
        tried: Deployments that failed this exchange before.
    """

    exchange: str
    weights: Weights = Weights()
    budget: Budget = Budget.WITHIN
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyRef:
    """A policy of the charter as people read it.

    Attributes:
        id: Its `@id`.
        basis: Its `@basis`: article of law.
        title_fr: One sentence in French.
        title_en: The same in English.
    """

    id: str
    basis: str
    title_fr: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Case:
    """All the charter may know of an exchange: never its words.

    Attributes:
        role: The principal's role.
        purpose: The declared purpose.
        data_class: The class of the exchange.
        labels: Its labels, sorted.
        safeguards: What the institution declares to hold for this purpose, such as `fria`; sorted.
        signals: What the second net saw in the text; sorted.
        modalities: Of the request, and `image-output` or `audio-output` if such an answer is asked for; sorted.
        capabilities: Asked of the model, such as `tools`; sorted.
        day: UTC day of the decision, as 20261122.
    """

    role: str
    purpose: str
    data_class: DataClass
    labels: tuple[str, ...] = ()
    safeguards: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ("text",)
    capabilities: tuple[str, ...] = ()
    day: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the charter says of one candidate deployment.

    Attributes:
        deployment: The candidate.
        permitted: Whether it may serve.
        policies: Those that determined it: permits if permitted, forbids if not; empty when nothing permits.
        duties: What must be done, if permitted; merged by the strictest, sorted.
    """

    deployment: Deployment
    permitted: bool
    policies: tuple[PolicyRef, ...]
    duties: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class LawStamp:
    """By what law something was decided: what every entry of the log cites.

    Attributes:
        charter: SHA-256 of the charter in force, hexadecimal.
        orders: SHA-256 of the orders in force, hexadecimal.
        root: Version of the root that says who may sign it.
        timestamp: Version of the timestamp it was last seen to be current by.
        registry: SHA-256 of the facts on who can be compelled, hexadecimal.
    """

    charter: str
    orders: str
    root: int
    timestamp: int
    registry: str


class WarningText(Protocol):
    """What a warning says to whoever reads an answer."""

    @property
    def fr(self) -> str:
        """In French."""
        ...

    @property
    def en(self) -> str:
        """In English."""
        ...

    @property
    def basis(self) -> str:
        """Article of law."""
        ...
