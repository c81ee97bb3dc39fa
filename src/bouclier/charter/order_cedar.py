"""Compile orders to Cedar: each becomes one `forbid` of `infer`, or one `permit` of `oblige` whose @duty is owed.

Nothing else is ever written, whatever an order says: effects choose among the conditions below, and all of an
authority's words become string literals, escaped. A `forbid` always wins, and a `permit` of `oblige` grants nothing, so
that more orders can only mean less allowed or more owed.

What is not known of a deployment never takes it out of an order's reach: an unknown country is every country, unknown
weights are open and closed, an unknown operator is under every state's control and law. One fact is never unknown: a
machine the institution runs itself is controlled by the institution. For lack of a country alone, it is not taken to be
within a foreign state's jurisdiction; where the country is stated, it counts.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import UNSET

from bouclier.charter.order_model import (
    CapClass,
    ForbidJurisdiction,
    LocalOnly,
    OrderError,
    RequireEvaluation,
    RequireHumanReview,
    RequireWarning,
    Suspend,
)
from bouclier.terms.content import DataClass
from bouclier.terms.errors import Bilingual
from bouclier.terms.law import Duty

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bouclier.charter.order_model import Order, Selector

_LAW_OF: Final = "law-of-"
_UNKNOWN: Final = '!resource.exposure_known || (!resource.own && resource.country == "")'
_PLAIN: Final = re.compile(r"[^\W_]|[ _.,;:!?'’()/\[\]{}@#&+*=<>«»%°-]")


class OrderWarning(NamedTuple):
    """What an order has every answer carry.

    Attributes:
        fr: In French.
        en: In English.
        basis: Article of law that the order rests on.
    """

    fr: str
    en: str
    basis: str


class CompiledOrders(NamedTuple):
    """Orders as the charter's engine reads them.

    Attributes:
        policies: Cedar text, one policy an order, in the order of their ids; empty if there is none.
        warnings: By id, as in `warn:<id>`.
    """

    policies: str
    warnings: Mapping[str, OrderWarning]


class _Asked(NamedTuple):
    """What a policy asks: a condition that forbids, or a duty."""

    condition: str | None = None
    duty: str | None = None


def compile_orders(orders: Iterable[Order]) -> CompiledOrders:
    """Return the policies and warnings that carry out orders.

    Args:
        orders: In force, as `parse_order` returns them.

    Raises:
        OrderError: Two of them would have the same @id, which `parse_authorities` and `orders_in_force` exclude.
    """
    compiled: dict[str, str] = {}
    warnings: dict[str, OrderWarning] = {}
    for order in sorted(orders, key=lambda one: one.id):
        name = order.policy_id
        if name in compiled:
            raise OrderError(
                Bilingual(f"Deux injonctions donnent la politique {name}.", f"Two orders make the policy {name}."),
                Bilingual("Rien ne part tant qu'ils se confondent.", "Nothing leaves while they can be confused."),
                param="id",
            )
        compiled[name] = _policy(order, name)
        if isinstance(order.effect, RequireWarning):
            warning = order.effect.warning
            warnings[name] = OrderWarning(warning.fr, warning.en, order.basis)
    return CompiledOrders("\n".join(compiled.values()), MappingProxyType(warnings))


def quoted(text: str) -> str:
    """Return a text as a Cedar string literal, whatever it holds."""
    return '"' + "".join(sign if _PLAIN.fullmatch(sign) else f"\\u{{{ord(sign):x}}}" for sign in text) + '"'


def _policy(order: Order, name: str) -> str:
    asked = _asked(order, name)
    conditions = [*_selected(order.selector), *([asked.condition] if asked.condition is not None else [])]
    annotations = {"id": name, "basis": order.basis, "title_fr": order.title.fr, "title_en": order.title.en}
    if asked.duty is not None:
        annotations["duty"] = asked.duty
    effect, action = ("forbid", "infer") if asked.duty is None else ("permit", "oblige")
    head = "".join(f"@{key}({quoted(value)})\n" for key, value in annotations.items())
    when = f"\nwhen {{ {' && '.join(conditions)} }}" if conditions else ""
    return f'{head}{effect} (principal, action == Bouclier::Action::"{action}", resource){when};\n'


def _asked(order: Order, name: str) -> _Asked:  # noqa: PLR0911 -- one return an effect
    match order.effect:
        case Suspend():
            return _Asked()
        case ForbidJurisdiction(states=states):
            return _Asked(condition=_reached_by(states))
        case RequireEvaluation(evaluation=evaluation):
            return _Asked(condition=f"!resource.evaluations.contains({quoted(evaluation)})")
        case CapClass(data_class=highest):
            return _Asked(condition=f"context.data_class > {int(DataClass.from_slug(highest))}")
        case RequireWarning():
            return _Asked(duty=f"{Duty.WARN}:{name}")
        case RequireHumanReview():
            return _Asked(duty=Duty.HUMAN_REVIEW)
        case LocalOnly():
            return _Asked(duty=Duty.LOCAL_ONLY)


def _reached_by(states: Iterable[str]) -> str:
    """Return the condition that one of these states' law reaches a deployment by control, seat or place."""
    listed = sorted(states)
    names, laws = ", ".join(map(quoted, listed)), ", ".join(quoted(f"{_LAW_OF}{state}") for state in listed)
    return (
        f"(resource.control.containsAny([{names}]) || resource.foreign_laws.containsAny([{laws}]) || "
        f"[{names}].contains(resource.country) || {_UNKNOWN})"
    )


def _selected(selector: Selector) -> Iterator[str]:
    for attribute in ("model", "operator", "site", "country"):
        wanted = getattr(selector, attribute)
        if wanted is not UNSET:
            yield f'(resource.{attribute} == {quoted(wanted)} || resource.{attribute} == "")'
    if selector.deployment is not UNSET:
        yield f"resource == Bouclier::Deployment::{quoted(selector.deployment)}"
    if selector.openness is not UNSET:
        yield f'(resource.openness == {quoted(selector.openness)} || resource.openness == "unknown")'
    if selector.law is not UNSET:
        yield _under(selector.law)


def _under(law: str) -> str:
    """Return the condition that a law reaches a deployment, disputed or not, or its state's whole law does."""
    state = law.removeprefix(_LAW_OF) if law.startswith(_LAW_OF) else law[:2].upper()
    laws = ", ".join(map(quoted, sorted({law, f"{_LAW_OF}{state}"})))
    return (
        f"(resource.foreign_laws.containsAny([{laws}]) || resource.contested.containsAny([{laws}]) || "
        f"resource.control.contains({quoted(state)}) || resource.country == {quoted(state)} || "
        f"{_UNKNOWN})"
    )
