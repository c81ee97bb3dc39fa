"""Which charters and registries a monitor holds: those of the package, and those it is given."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.facts_kit import facts
from tests.registry_kit import own

from bouclier.charter.adapters.charter_files import load_charter
from bouclier.compose.replaying import replayer_from
from bouclier.registry import parse_registry
from bouclier.registry.adapters.registry_files import load_registry
from bouclier.terms.content import DataClass
from bouclier.terms.errors import ConfigurationError

CLOUD = {"id": "nuage-ville", "name": "Nuage de la ville", "kind": "company", "seat": "FR", "ultimate": True}
EDGE = {"holder": "microsoft", "held": "nuage-ville", "share": 100, "from": "2027-01-01"}
TODAY, LATER = 20261122, 20270101


def test_the_starter_charter_and_the_packaged_registry_are_always_held() -> None:
    replayer = replayer_from([], [])

    assert replayer.knows_charter(load_charter().digest)
    assert replayer.knows_registry(load_registry().digest)
    assert not replayer.knows_charter("0" * 64)
    assert not replayer.knows_registry("0" * 64)


def test_an_institution_s_own_facts_make_a_registry_beside_the_packaged_one(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_bytes(own(entities=[CLOUD]))
    both = load_registry([file]).digest  # what a gateway with this file would cite

    replayer = replayer_from([], [file, Path("packaged")])

    assert replayer.is_registered(both, "nuage-ville")
    assert replayer.knows_registry(load_registry().digest)
    assert not replayer.is_registered(load_registry().digest, "nuage-ville")
    exposure = replayer.exposure(both, "nuage-ville", service="", country="US", day=TODAY)
    assert "law-of-US" in exposure.foreign_laws


def test_a_whole_registry_is_held_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "registry.json"
    file.write_bytes(facts())
    replayer = replayer_from([], [file])
    assert replayer.is_registered(parse_registry({"registry.json": facts()}).digest, "acme")
    assert not replayer.knows_registry(load_registry().digest)


def test_an_exposure_is_replayed_for_the_day_of_the_decision(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_bytes(own(entities=[{**CLOUD, "ultimate": False}], edges=[EDGE]))
    registry = load_registry([file]).digest
    replayer = replayer_from([], [file])

    def laws(day: int) -> tuple[str, ...]:
        return replayer.exposure(registry, "nuage-ville", service="", country="FR", day=day).foreign_laws

    assert "us-cloud-act" not in laws(TODAY)
    assert "us-cloud-act" in laws(LATER)


@pytest.mark.parametrize("day", [20260231, 0, -5, 10**30])
def test_nothing_is_known_on_a_day_that_is_in_no_calendar(day: int) -> None:
    replayer = replayer_from([], [])
    assert not replayer.exposure(load_registry().digest, "scaleway", service="", country="FR", day=day).known


def test_a_file_that_is_missing_or_holds_no_facts_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("operators: 3\n", encoding="utf-8")

    for file in (wrong, tmp_path / "missing.json"):
        with pytest.raises(ConfigurationError):
            replayer_from([], [file])


def test_a_class_is_replayed_as_the_shield_gives_it_and_unknown_types_are_not_guessed() -> None:
    replayer = replayer_from([], [])

    classified = replayer.classify(["NIR"], (), declared=None, uninspected=0)

    assert classified is not None
    assert (classified.data_class, classified.labels) == (DataClass.SENSITIVE, ("national-id",))
    assert replayer.classify(["NIR", "SHOE_SIZE"], (), declared=None, uninspected=0) is None
