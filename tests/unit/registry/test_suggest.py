"""A slip of the keyboard is recognised, and never taken for an answer."""

from __future__ import annotations

import pytest
from tests.registry_kit import DOCUMENT, with_more, written

from bouclier.registry import find, parse_registry, suggest_any
from bouclier.registry.adapters.registry_files import load_registry
from bouclier.registry.suggest import suggest

PACKAGED = load_registry()
REGISTRY = parse_registry({"faits.json": written(DOCUMENT)})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ovh", "ovhcloud"),
        ("OVHCloud", "ovhcloud"),
        ("scalway", "scaleway"),
        ("aws-ecs", "aws-esc"),
        ("claude", None),
        ("gemini", None),
        ("qqqq", None),
        ("", None),
    ],
)
def test_a_slip_of_the_keyboard_is_recognised(typed: str, meant: str | None) -> None:
    assert suggest(PACKAGED, typed) == meant


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("acme", "acme"),
        ("Acme API", "acme-api"),
        ("acme api", "acme-api"),
        ("ESSAI", "essai-7b"),
        ("Paris", "acme-paris"),
        ("us-essai", "us-essai"),
        ("acm", None),
        ("", None),
    ],
)
def test_what_is_asked_for_is_found_by_id_or_name(asked: str, found: str | None) -> None:
    assert find(REGISTRY, asked) == found


def test_a_name_that_two_bear_names_neither() -> None:
    twice = parse_registry({"faits.json": written(with_more("models", {"id": "autre", "name": "essai"}))})
    assert find(twice, "essai") is None


@pytest.mark.parametrize(("asked", "near"), [("acme-ap", "acme-api"), ("Acme Holdings", "acme-holding"), ("%%%", None)])
def test_what_is_almost_named_is_a_hint(asked: str, near: str | None) -> None:
    assert find(REGISTRY, asked) is None
    assert suggest_any(REGISTRY, asked) == near
