"""What an order is: a binding act of an independent authority, as bouclier-order/v1 spells it.

An order suspends, forbids, caps or obliges. There is no effect that grants, and none can be spelled: what an authority
may do is the union of the effects below, all of which restrict. What it asks is in `order_cedar`, who may issue it in
`order_mandate`, when it holds in `order_force`. Here are the values, and what is true of each whoever issued it.

Source: Regulation (EU) 2022/2065 (DSA), art. 9(2): legal basis, statement of reasons, issuing authority, what it
applies to, territorial scope, redress.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 -- msgspec reads the annotations of an Order
from typing import Annotated, Final, Literal, NamedTuple, TypeAlias, get_args

from msgspec import UNSET, Meta, Struct, UnsetType, field

from bouclier.terms.errors import Bilingual, CharterError

MAX_ORDER_BYTES: Final = 65_536
MAX_ORDERS: Final = 100
"""Of one authority, that count."""
MAX_ORDERS_BYTES: Final = 1_048_576
"""Of one authority, that count, all together."""
ORDER_PREFIX: Final = "order-"
"""How the ids of policies made of orders begin; `parse_charter` leaves them to orders."""
UNION: Final = "EU"
"""In a scope or a mandate: every member state of the European Union."""

# An authority's id and an order's name together make the id of a policy and of a warning, of 64 characters at most.
AuthorityId: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}\Z")]
OrderId: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}/[a-z0-9][a-z0-9-]{0,23}\Z")]
Keyword: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}\Z")]
LawId: TypeAlias = Annotated[str, Meta(pattern=r"^([a-z]{2}(-[a-z0-9]+)+|law-of-[A-Z]{2})\Z", max_length=64)]
State: TypeAlias = Annotated[str, Meta(pattern=r"^(?!EU)[A-Z]{2}\Z")]
Territory: TypeAlias = Annotated[
    tuple[Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")], ...], Meta(min_length=1, max_length=300)
]
Line: TypeAlias = Annotated[str, Meta(min_length=1, max_length=500)]
Paragraphs: TypeAlias = Annotated[str, Meta(min_length=1, max_length=4000)]
CappedClass: TypeAlias = Literal["public", "internal", "pseudonymised", "personal", "sensitive", "restricted"]
EffectKind: TypeAlias = Literal[
    "suspend",
    "forbid-jurisdiction",
    "require-warning",
    "require-evaluation",
    "cap-class",
    "require-human-review",
    "local-only",
]
EFFECTS: Final[tuple[str, ...]] = get_args(EffectKind)


class OrderError(CharterError):
    """An order, or the list of who may issue them, is not spelled as its format says; `param` names the field."""

    code = "order_malformed"


class BilingualLine(Struct, frozen=True, forbid_unknown_fields=True):
    """One line in French and English."""

    fr: Line
    en: Line


class BilingualParagraphs(Struct, frozen=True, forbid_unknown_fields=True):
    """One text in French and English; it may have several paragraphs."""

    fr: Paragraphs
    en: Paragraphs


class Suspend(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="suspend"):
    """Nothing goes to what is selected."""


class ForbidJurisdiction(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="forbid-jurisdiction"):
    """Nothing goes where the law of one of these states reaches by control or by place, or might for all one knows."""

    states: Annotated[tuple[State, ...], Meta(min_length=1, max_length=300)]


class RequireWarning(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="require-warning"):
    """Every answer of what is selected carries this warning."""

    warning: BilingualLine


class RequireEvaluation(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="require-evaluation"):
    """Nothing goes to what is selected unless the institution holds this evaluation report on it."""

    evaluation: Keyword


class CapClass(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="cap-class"):
    """Nothing above this class goes to what is selected."""

    data_class: CappedClass = field(name="class")


class RequireHumanReview(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="require-human-review"):
    """A second person approves before an exchange goes to what is selected."""


class LocalOnly(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="local-only"):
    """What would have gone to what is selected stays on the institution's own machines."""


Effect: TypeAlias = (
    Suspend | ForbidJurisdiction | RequireWarning | RequireEvaluation | CapClass | RequireHumanReview | LocalOnly
)


class Selector(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which deployments an order is about: all that is given must hold; nothing given is every deployment.

    Attributes:
        model: The model's name at the operator's.
        deployment: The name under which a gateway lists it.
        operator: Id in the registry.
        site: Where it runs, as the operator calls it.
        country: State its machines stand in.
        openness: Whether the weights are public.
        law: Id of a law that reaches it, disputed or not.
    """

    model: Line | UnsetType = UNSET
    deployment: Line | UnsetType = UNSET
    operator: Line | UnsetType = UNSET
    site: Line | UnsetType = UNSET
    country: State | UnsetType = UNSET
    openness: Literal["open", "closed"] | UnsetType = UNSET
    law: LawId | UnsetType = UNSET


class Order(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="format", tag="bouclier-order/v1"):
    """One binding act; made by `parse_order`, or checked by it before it is signed.

    Attributes:
        id: The authority's id, a slash, and a name of its choosing.
        authority: Who orders.
        title: What, in one sentence.
        effect: What is restricted, and how.
        selector: Which deployments it is about.
        basis: Article of law it rests on.
        reasons: Why, for whoever it restricts.
        scope: States it applies in; `EU` is every member state.
        start: First moment it applies, UTC, whole seconds.
        expires: First moment it no longer does.
        redress: How it can be contested, where, and until when.
        supersedes: Id of the order of the same authority that it replaces.
    """

    id: OrderId
    authority: AuthorityId
    title: BilingualLine
    effect: Effect
    selector: Selector
    basis: Line
    reasons: BilingualParagraphs
    scope: Territory
    start: datetime
    expires: datetime
    redress: BilingualParagraphs
    supersedes: OrderId | None = None

    @property
    def path(self) -> str:
        """Where its authority publishes it."""
        return f"orders/{self.id}.json"

    @property
    def policy_id(self) -> str:
        """The `@id` of the policy it compiles to."""
        return f"{ORDER_PREFIX}{self.id.replace('/', '-')}"


class Published(NamedTuple):
    """An order as it was published.

    Attributes:
        digest: SHA-256 of its bytes, hexadecimal.
        order: What they say.
    """

    digest: str
    order: Order


class Mandate(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an authority may order, by the charter.

    Attributes:
        id: The authority's id.
        name: For people.
        basis: Article of law that gives it this power.
        role: Its delegated role in the repository: `authority-` and its id.
        effects: What its orders may do.
        territory: States in which they may apply.
        max_days: For how long at most, days.
    """

    id: AuthorityId
    name: BilingualLine
    basis: Line
    role: Annotated[str, Meta(max_length=64)]
    effects: Annotated[tuple[EffectKind, ...], Meta(min_length=1)]
    territory: Territory
    max_days: Annotated[int, Meta(ge=1, le=3650)]


class Refused(NamedTuple):
    """An order that was published, and has no effect.

    Attributes:
        path: Where it was published.
        digest: SHA-256 of its bytes, hexadecimal.
        reasons: Why it has none.
    """

    path: str
    digest: str
    reasons: tuple[Bilingual, ...]


def kind_of(effect: Effect) -> str:
    """Return an effect's name."""
    return str(effect.__struct_config__.tag)
