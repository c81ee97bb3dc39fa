"""Leave out the policies that cannot hold for a question: the engine's time grows with every policy it reads.

What is known of a question before the engine sees it is few values: which sets are empty, some truths, the class. A
policy is left out only if one of its conditions is then false, whatever else the question says, and nothing evaluated
before it can err: the engine, given all policies, would find that it does not hold, and not fail. So both answer alike,
errors included; a law of the tests holds us to it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from cedarpy import PolicySet
from cedarpy.pst import BinaryOp, BoolLit, GetAttr, LongLit, Set, StringLit, UnaryOp, Unless, Var, When

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cedarpy.pst import PolicySet as PolicyTree
    from cedarpy.pst import Template

    from bouclier.terms.law import Case, Deployment

Name = tuple[str, str]
"""`("context", "uses")`."""

_MOST_SLICES: Final = 512
_WORTH_IT: Final = 2
_LITERALS: Final = (BoolLit, LongLit, StringLit)
_COMPARISONS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "eq": lambda left, right: left == right,
    "not_eq": lambda left, right: left != right,
    "less": lambda left, right: left < right,
    "less_eq": lambda left, right: left <= right,
    "greater": lambda left, right: left > right,
    "greater_eq": lambda left, right: left >= right,
}
_MEMBERSHIPS: Final = frozenset({"contains", "contains_any"})
_TOTAL: Final = frozenset({*_COMPARISONS, *_MEMBERSHIPS, "contains_all", "and", "or"})
"""Of the operators that a schema accepts, those that cannot err; arithmetic can overflow."""


class Known(NamedTuple):
    """What is known of a question before the engine sees it.

    Attributes:
        empty: Which of `SETS` are empty.
        truths: The values of `TRUTHS`, in their order.
        data_class: The class.
    """

    empty: frozenset[Name]
    truths: tuple[bool, ...]
    data_class: int


SETS: Final[tuple[Name, ...]] = (
    ("context", "labels"),
    ("context", "uses"),
    ("context", "safeguards"),
    ("context", "signals"),
    ("context", "capabilities"),
    ("resource", "foreign_laws"),
    ("resource", "contested"),
    ("resource", "capabilities"),
    ("resource", "evaluations"),
)
TRUTHS: Final[tuple[Name, ...]] = (("resource", "own"), ("resource", "exposure_known"), ("resource", "carbon_known"))


def known_of(case: Case, deployment: Deployment, uses: tuple[str, ...]) -> Known:
    """Return what is known of the question about a case and a deployment.

    Args:
        case: As `refine` returns it.
        deployment: The candidate.
        uses: What the case's purpose is, by the charter's data.
    """
    exposure = deployment.exposure
    sets = (
        case.labels,
        uses,
        case.safeguards,
        case.signals,
        case.capabilities,
        exposure.foreign_laws,
        exposure.contested,
        deployment.capabilities,
        deployment.evaluations,
    )
    return Known(
        empty=frozenset(name for name, words in zip(SETS, sets, strict=True) if not words),
        truths=(deployment.own, exposure.known, deployment.carbon_mg is not None),
        data_class=int(case.data_class),
    )


class _Asked:
    """How many times something was asked."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.times = 0


class PreparedPolicies:
    """All policies of a charter, prepared for the engine; see `evaluate`.

    Attributes:
        ids: Their ids, in the order in which the engine calls them policy0, policy1, ...
        all: All of them.
    """

    def __init__(self, tree: PolicyTree, ids: tuple[str, ...]) -> None:
        """Prepare them.

        Args:
            tree: Their syntax.
            ids: In the order of the tree.
        """
        self.ids = ids
        self.all = PolicySet.from_pst(tree)
        self._tree = tree
        self._about = lru_cache(maxsize=_MOST_SLICES)(self._sliced)
        self._asked = lru_cache(maxsize=_MOST_SLICES)(_Asked)

    def about(self, known: Known) -> PolicySet:
        """Return those that can hold for what is known of a question.

        Preparing them costs as much as some ten questions: it is done for what is asked again, else all are returned.
        """
        asked = self._asked(known)
        asked.times += 1
        return self._about(known) if asked.times > _WORTH_IT else self.all

    def _sliced(self, known: Known) -> PolicySet:
        facts: dict[Name, bool | int] = dict(zip(TRUTHS, known.truths, strict=True))
        facts["context", "data_class"] = known.data_class
        kept = {
            place: template
            for place, template in self._tree.static_policies.items()
            if not _never(template, known.empty, facts)
        }
        if len(kept) == len(self._tree.static_policies):
            return self.all
        return PolicySet.from_pst(type(self._tree)(self._tree.templates, kept, self._tree.template_links))


def _never(template: Template, empty: frozenset[Name], facts: Mapping[Name, bool | int]) -> bool:
    """Tell whether a policy cannot hold, and cannot err before that shows."""
    for clause in template.clauses:
        value = _value(clause.expr, empty, facts)
        if (isinstance(clause, When) and value is False) or (isinstance(clause, Unless) and value is True):
            return True
        if not _is_total(clause.expr):
            return False
    return False


def _value(  # noqa: PLR0911 -- one return a form of expression
    expression: object, empty: frozenset[Name], facts: Mapping[Name, bool | int]
) -> bool | None:
    """Return what an expression is, as far as it is known; None if it is not, or might err."""
    match expression:
        case BoolLit(value=value):
            return bool(value)
        case GetAttr(base=Var(name=base), attr=attr):
            truth = facts.get((base, attr))
            return truth if isinstance(truth, bool) else None
        case UnaryOp(op="not", arg=negated):
            held = _value(negated, empty, facts)
            return None if held is None else not held
        case UnaryOp(op="is_empty", arg=GetAttr(base=Var(name=base), attr=attr)) if (base, attr) in SETS:
            return (base, attr) in empty
        case BinaryOp(op="and" | "or" as operator, left=left, right=right):
            return _joined(operator, left, right, empty, facts)
        case BinaryOp(op=operator, left=GetAttr(base=Var(name=base), attr=attr), right=right):
            if operator in _MEMBERSHIPS and (base, attr) in empty and _is_total(right):
                return False
            number = facts.get((base, attr))
            if operator in _COMPARISONS and type(number) is int and isinstance(right, LongLit):
                return _COMPARISONS[operator](number, right.value)
    return None


def _joined(
    operator: str, left: object, right: object, empty: frozenset[Name], facts: Mapping[Name, bool | int]
) -> bool | None:
    """Return the value of `left && right` or `left || right`: the right side is not evaluated if the left decides."""
    deciding = operator == "or"
    first = _value(left, empty, facts)
    if first is deciding:
        return deciding
    second = _value(right, empty, facts)
    if first is not None:
        return second
    return deciding if second is deciding and _is_total(left) else None


def _is_total(expression: object) -> bool:
    """Tell whether an expression cannot err, for a question that fits the schema: no attribute in it is optional."""
    match expression:
        case Var():
            return True
        case GetAttr(base=base):
            return isinstance(base, Var)
        case Set(elements=elements):
            return all(isinstance(element, _LITERALS) for element in elements)
        case UnaryOp(op="not" | "is_empty", arg=argument):
            return _is_total(argument)
        case BinaryOp(op=operator, left=left, right=right):
            return operator in _TOTAL and _is_total(left) and _is_total(right)
    return isinstance(expression, _LITERALS)
