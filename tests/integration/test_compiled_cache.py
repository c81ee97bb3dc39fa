"""Compiled expressions are kept between starts, and believed only if nobody else can have written them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bouclier.shield.adapters.compiled_cache import CompiledCache, key_of
from bouclier.shield.own_identifiers import OwnIdentifier, detector_of

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.shield.detector import Detector

hyperscan_scanner = pytest.importorskip("bouclier.shield.adapters.hyperscan_scanner")

ONE = [detector_of(OwnIdentifier("one", "AG[0-9]{6}"))]
TWO = [detector_of(OwnIdentifier("two", "TI[0-9]{6}"))]
TEXT = "vu AG123456 et TI123456"


def was_kept(folder: Path, detectors: list[Detector]) -> bool:
    scanner = hyperscan_scanner.HyperscanScanner(detectors, cache=CompiledCache(folder))
    assert len(scanner.scan(TEXT)) == 1  # whatever happened, it works
    return bool(scanner.was_kept)


def test_the_second_start_compiles_nothing_and_other_expressions_do(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert [was_kept(folder, ONE), was_kept(folder, ONE), was_kept(folder, TWO), was_kept(folder, TWO)] == [
        False,
        True,
        False,
        True,
    ]
    assert was_kept(folder, ONE)
    assert folder.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.iterdir())
    assert len(list(folder.iterdir())) == 2


def test_another_engine_another_flag_or_another_cut_is_another_key() -> None:
    keys = {
        key_of("hyperscan 1", [(b"ab", 0), (b"c", 0)]),
        key_of("hyperscan 2", [(b"ab", 0), (b"c", 0)]),
        key_of("hyperscan 1", [(b"ab", 1), (b"c", 0)]),
        key_of("hyperscan 1", [(b"a", 0), (b"bc", 0)]),
        key_of("hyperscan 1", [(b"c", 0), (b"ab", 0)]),
    }
    assert len(keys) == 5


def _the_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def _damage(folder: Path) -> None:
    file = _the_file(folder)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def _cut(folder: Path) -> None:
    file = _the_file(folder)
    file.write_bytes(file.read_bytes()[:-1])


def _empty(folder: Path) -> None:
    _the_file(folder).write_bytes(b"")


def _sign_nonsense(folder: Path) -> None:
    file = _the_file(folder)
    CompiledCache(folder).put(file.stem, b"not a database")


def _rename_another(folder: Path) -> None:
    file = _the_file(folder)
    hyperscan_scanner.HyperscanScanner(TWO, cache=CompiledCache(folder))
    (other,) = set(folder.iterdir()) - {file}
    other.replace(file)


def _let_others_write_the_file(folder: Path) -> None:
    _the_file(folder).chmod(0o622)


def _let_others_write_the_folder(folder: Path) -> None:
    folder.chmod(0o777)


def _give_away(folder: Path) -> None:
    os.chown(_the_file(folder), 12345, 12345)


def _link(folder: Path) -> None:
    file = _the_file(folder)
    elsewhere = folder.parent / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)


@pytest.mark.parametrize(
    "spoil",
    [_damage, _cut, _empty, _sign_nonsense, _rename_another, _let_others_write_the_file]
    + [_let_others_write_the_folder, _link]
    + ([_give_away] if os.geteuid() == 0 else []),
)
def test_what_is_damaged_or_could_be_another_s_is_compiled_again(tmp_path: Path, spoil: object) -> None:
    folder = tmp_path / "cache"
    assert not was_kept(folder, ONE)
    assert callable(spoil)
    spoil(folder)
    assert not was_kept(folder, ONE)
    assert was_kept(folder, ONE) is (spoil is not _let_others_write_the_folder)


def test_a_folder_that_cannot_be_made_costs_a_compilation_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not was_kept(tmp_path / "file" / "cache", ONE)
    assert not was_kept(tmp_path / "file" / "cache", ONE)


def test_what_was_kept_for_long_goes(tmp_path: Path) -> None:
    cache = CompiledCache(tmp_path / "cache")
    for number in range(12):
        cache.put(f"{number:02}", b"x")
    assert len(list((tmp_path / "cache").iterdir())) == 8
    assert cache.get("11") == b"x"
