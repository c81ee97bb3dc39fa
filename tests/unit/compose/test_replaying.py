"""Which charters and registries a monitor holds: those of the package, and those it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bouclier.charter.adapters.charter_files import load_charter
from bouclier.compose.configuration import configuration_of
from bouclier.compose.replaying import replayer_from
from bouclier.registry.adapters.registry_files import load_registry
from bouclier.terms.content import DataClass
from bouclier.terms.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

OPERATOR = """
operators:
  - id: nuage-ville
    name: Nuage de la ville
    control: [FR]
    as_of: "2026-01"
    source: convention 2026-3
"""


def test_the_starter_charter_and_the_packaged_registry_are_always_held() -> None:
    replayer = replayer_from([], [])

    assert replayer.knows_charter(load_charter().digest)
    assert replayer.knows_registry(load_registry().digest)
    assert not replayer.knows_charter("0" * 64)
    assert not replayer.knows_registry("0" * 64)


def test_operators_that_an_institution_declares_make_a_registry_beside_the_packaged_one(tmp_path: Path) -> None:
    file = tmp_path / "bouclier.yaml"
    file.write_text(OPERATOR, encoding="utf-8")
    # What a gateway with this file would cite.
    both = load_registry(configuration_of(OPERATOR, source=None, environment={}).operators).digest

    replayer = replayer_from([], [file])

    assert replayer.is_registered(both, "nuage-ville")
    assert not replayer.is_registered(load_registry().digest, "nuage-ville")
    assert replayer.exposure(both, "nuage-ville", "US").foreign_laws == ("law-of-US",)


def test_a_file_without_operators_or_without_yaml_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("operators: 3\n", encoding="utf-8")

    for file in (wrong, tmp_path / "missing.yaml"):
        with pytest.raises(ConfigurationError):
            replayer_from([], [file])


def test_a_class_is_replayed_as_the_shield_gives_it_and_unknown_types_are_not_guessed() -> None:
    replayer = replayer_from([], [])

    classified = replayer.classify(["NIR"], (), declared=None, uninspected=0)

    assert classified is not None
    assert (classified.data_class, classified.labels) == (DataClass.SENSITIVE, ("national-id",))
    assert replayer.classify(["NIR", "SHOE_SIZE"], (), declared=None, uninspected=0) is None
