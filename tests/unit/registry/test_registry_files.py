"""The registry on disk."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

import pytest
from tests.facts_kit import VOUCHED, facts
from tests.registry_kit import DOCUMENT, TEXT, own, written

from bouclier.registry import flaws_of
from bouclier.registry.adapters.registry_files import common_files, load_registry, own_files, says_area
from bouclier.terms.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

CLOUD = {"id": "nuage-ville", "name": "Nuage de la ville", "kind": "company", "seat": "FR"}


def test_the_packaged_registry_is_the_same_at_every_start() -> None:
    assert load_registry().digest == load_registry().digest


def test_an_institution_s_own_files_and_folders_are_read_with_the_packaged_facts(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(own(entities=[CLOUD]))
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "b.json").write_bytes(own(edges=[{"holder": "state-fr", "held": "nuage-ville", "share": 100}]))

    registry = load_registry([tmp_path / "a.json", alone])

    assert "openai" in registry.entities
    assert [edge.holder for edge in registry.held_by["nuage-ville"]] == ["state-fr"]


def test_signed_facts_stand_for_all_the_packaged_ones(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(own(entities=[CLOUD]))
    registry = load_registry([tmp_path / "a.json"], signed=facts())
    assert set(registry.entities) == {"acme", "nuage-ville"}


def test_an_institution_elsewhere_brings_its_own_legal_area(tmp_path: Path) -> None:
    swiss = {"id": "suisse", "name": TEXT, "members": [{"code": "CH", "through": "national"}], **VOUCHED}
    file = tmp_path / "aire.json"
    file.write_bytes(written({"format": DOCUMENT["format"], "area": swiss}))
    assert load_registry(area_file=file).members_on(dt.date(2026, 11, 22)) == {"CH"}
    with pytest.raises(ConfigurationError):
        load_registry(area_file=file, signed=facts())


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "absent.json"
    with pytest.raises(ConfigurationError) as of_facts:
        load_registry([missing])
    with pytest.raises(ConfigurationError) as of_area:
        load_registry(area_file=missing)
    assert (of_facts.value.param, of_area.value.param) == (str(missing), str(missing))


def test_all_that_is_wrong_in_own_files_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(own(entities=[{**CLOUD, "seat": "UK"}], edges=[{"holder": "opnai", "held": "nuage-ville"}]))
    found = flaws_of(common_files(), own_files([file]))
    assert [flaw.path for flaw in found] == ["entities[0].seat", "edges[0].holder"]
    assert "'openai'" in found[1].hint.en


@pytest.mark.parametrize(("data", "says"), [(facts(), True), (own(), False), (b"{", False), (b"\xff", False)])
def test_a_whole_registry_is_told_from_an_institution_s_own_facts(data: bytes, says: bool) -> None:  # noqa: FBT001
    assert says_area(data) is says


@pytest.mark.timeout(60)
def test_a_pipe_among_the_files_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "x.json"
    os.mkfifo(pipe)
    for given in (pipe, tmp_path):
        with pytest.raises(ConfigurationError, match="is no regular file") as refused:
            own_files([given])
        assert refused.value.param == str(pipe)
    with pytest.raises(ConfigurationError, match="is no regular file"):
        load_registry(area_file=pipe)


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        own_files([tmp_path / ("a" * 300)])
