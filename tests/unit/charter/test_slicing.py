"""What cannot hold is left out, and nothing else: a policy that might err stays, to err."""

from __future__ import annotations

import pytest
from cedarpy import PolicySet, policies_to_pst

from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.slicing import SETS, Known, PreparedPolicies

NOTHING = Known(empty=frozenset(SETS), truths=(False, True, False), data_class=3)


def kept(condition: str, known: Known = NOTHING) -> bool:
    """Tell whether a policy with this condition is put to the engine."""
    text = f'forbid (principal, action == Bouclier::Action::"infer", resource) {condition};'
    prepared = PreparedPolicies(policies_to_pst(text), ("one",))
    return bool(often(prepared, known).to_pst().static_policies)


def often(prepared: PreparedPolicies, known: Known) -> PolicySet:
    """Return what is put to the engine once the same was asked a few times."""
    return [prepared.about(known) for _ in range(5)][-1]


@pytest.mark.parametrize(
    "condition",
    [
        'when { context.uses.contains("a") }',
        'when { context.uses.containsAny(["a", "b"]) && context.day + 1 > 2 }',
        "when { context.data_class >= 4 && context.day + 1 > 2 }",
        "when { resource.own }",
        "when { !resource.exposure_known }",
        'when { context.uses.contains("a") || resource.capabilities.contains("b") }',
        "when { context.day >= 20261122 && !context.signals.isEmpty() }",
        "unless { !resource.own }",
        'when { context.purpose == "x" } when { resource.own }',
        "when { context.labels.isEmpty() && context.data_class < 3 }",
    ],
)
def test_what_cannot_hold_is_left_out(condition: str) -> None:
    assert not kept(condition)


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "when { context.day + 1 > 2 && resource.own }",  # it may err before it is known not to hold
        "when { context.day + 1 > 2 } when { resource.own }",
        'when { context.uses.contains("a") || context.day > 3 }',
        'when { context.modalities.contains("image") }',  # of which nothing is known beforehand
        "when { !resource.own && context.data_class == 3 }",
        "unless { resource.own }",
        'when { !context.uses.contains("a") }',
        "when { context.uses.contains(context.purpose) == false }",
        "when { context.uses.containsAll(context.signals) }",
        "when { resource.carbon_mg * 2 > 3 || resource.own }",
        "when { if resource.own then true else false }",  # not read, so not judged
    ],
)
def test_what_might_hold_or_err_is_kept(condition: str) -> None:
    assert kept(condition)


def test_what_is_not_empty_is_not_taken_for_empty() -> None:
    known = NOTHING._replace(empty=frozenset(SETS) - {("context", "uses")})
    assert kept('when { context.uses.contains("a") }', known)
    assert not kept("when { context.uses.isEmpty() }", known)


def test_most_policies_of_the_starter_charter_say_nothing_of_a_plain_exchange() -> None:
    prepared = load_charter().prepared
    assert len(often(prepared, NOTHING).to_pst().static_policies) < len(prepared.ids) / 2


def test_what_is_asked_once_is_not_worth_preparing() -> None:
    prepared = load_charter().prepared
    assert prepared.about(NOTHING) is prepared.all
