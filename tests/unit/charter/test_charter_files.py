"""Charters in folders."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pytest

from bouclier.charter.adapters.charter_files import load_charter
from bouclier.terms.errors import CharterError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    starter = Path(str(resources.files("bouclier.charter") / "data" / "starter"))
    return Path(shutil.copytree(starter, tmp_path / "charte"))


def test_a_folder_with_the_same_texts_is_the_same_charter(folder: Path) -> None:
    assert load_charter(folder).digest == load_charter().digest


@pytest.mark.parametrize("name", ["policies.cedar", "schema.cedarschema", "charter.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(CharterError) as caught:
        load_charter(folder)
    assert str(folder / name) in caught.value.message.en
    assert str(folder / name) in caught.value.message.fr


def test_a_mistake_is_named_by_folder_file_and_line(folder: Path) -> None:
    path = folder / "policies.cedar"
    path.write_text(
        path.read_text(encoding="utf-8").replace("context.data_class >= 6", "context.rank >= 6"), encoding="utf-8"
    )
    with pytest.raises(CharterError) as caught:
        load_charter(folder)
    assert caught.value.param == f"{folder}/policies.cedar:10"
    assert "policies.cedar, line 10" in caught.value.message.en


def test_a_file_that_is_not_utf8_is_named(folder: Path) -> None:
    (folder / "policies.cedar").write_bytes("// déjà vu".encode("latin-1"))
    with pytest.raises(CharterError) as caught:
        load_charter(folder)
    assert "UTF-8" in caught.value.message.en


def test_line_endings_are_part_of_what_is_signed(folder: Path) -> None:
    path = folder / "policies.cedar"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_charter(folder).digest != load_charter().digest
