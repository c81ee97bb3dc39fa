"""Charters in folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.charter_kit import ORDINARY, POLICIES, files_of_charter, write_charter

from bouclier.charter import bundle_of
from bouclier.charter.adapters.charter_files import charter_files, load_charter
from bouclier.terms.errors import CharterError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_charter(tmp_path / "charte", files_of_charter(ORDINARY))


def test_a_folder_with_the_same_texts_is_the_same_charter(folder: Path, tmp_path: Path) -> None:
    packaged = write_charter(tmp_path / "copie", charter_files())
    assert load_charter(packaged).digest == load_charter().digest
    assert load_charter(folder).digest != load_charter().digest


def test_a_bundle_is_the_same_charter_as_its_folder(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "charte.json"
    file.write_bytes(bundle_of(charter_files(folder)))
    assert load_charter(file).digest == load_charter(folder).digest


@pytest.mark.parametrize("name", [".policies.cedar.swp", "policies.cedar~", ".DS_Store"])
def test_what_editors_and_systems_leave_behind_is_no_part_of_a_charter(folder: Path, name: str) -> None:
    before = load_charter(folder).digest
    (folder / "packs/socle" / name).write_text("-")
    assert load_charter(folder).digest == before


def test_a_misspelt_file_is_refused_rather_than_dropped(folder: Path) -> None:
    (folder / "packs/socle/date.json").write_text("{}")
    with pytest.raises(CharterError, match=r"date\.json is read by nothing"):
        load_charter(folder)


@pytest.mark.parametrize("name", [POLICIES, "packs/socle/pack.json", "schema.cedarschema", "charter.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(CharterError) as caught:
        load_charter(folder)
    for said in (caught.value.message.en, caught.value.message.fr):
        assert name in said
        assert name == "charter.json" or str(folder) in said
    assert caught.value.param in {name, str(folder / name)}


def test_a_mistake_is_named_by_folder_file_and_line(folder: Path) -> None:
    path = folder / POLICIES
    path.write_text(
        path.read_text(encoding="utf-8").replace("context.data_class >= 6", "context.rank >= 6"), encoding="utf-8"
    )
    with pytest.raises(CharterError) as caught:
        load_charter(folder)
    assert caught.value.param == f"{folder}/{POLICIES}:2"
    assert f"{POLICIES}, line 2" in caught.value.message.en


def test_a_file_that_is_not_utf8_is_named(folder: Path) -> None:
    (folder / POLICIES).write_bytes("// déjà vu".encode("latin-1"))
    with pytest.raises(CharterError) as caught:
        load_charter(folder)
    assert "UTF-8" in caught.value.message.en


def test_line_endings_are_part_of_what_is_signed(folder: Path) -> None:
    path = folder / POLICIES
    before = load_charter(folder).digest
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_charter(folder).digest != before
