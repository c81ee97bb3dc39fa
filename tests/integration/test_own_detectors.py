"""An institution's own detector: a module on disk, run in a child process, that adds findings and cannot take any."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bouclier.compose.configuration import configuration_of
from bouclier.compose.detecting import detectors
from bouclier.shield.adapters.own_process import OwnProcess
from bouclier.terms.errors import DetectorError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from bouclier.terms.content import Finding

MODULE = """
import os, time
from bouclier.terms.content import EntityType, Finding

class Words:
    def __init__(self, found):
        self._found = found

    def find(self, texts):
        return [self._found(text) for text in texts]

def badges():
    def found(text):
        at = text.find("badge ")
        return [Finding(at + 6, at + 10, EntityType.IDENTIFIER, 0.9, text)] if at >= 0 else []
    return Words(found)

def greedy():
    return Words(lambda text: [Finding(0, len(text), EntityType.MARKING, 1.0, "x")] if text else [])

def beyond():
    return Words(lambda text: [Finding(0, len(text) + 1, EntityType.PERSON, 0.9, "x")])

def backwards():
    return Words(lambda text: [Finding(3, 2, EntityType.PERSON, 0.9, "x")])

def unsure():
    return Words(lambda text: [Finding(0, 1, EntityType.PERSON, float("nan"), "x")])

def shapeless():
    return Words(lambda text: ["PERSON"])

class Short:
    def find(self, texts):
        return []

def crash():
    return Words(lambda text: os._exit(1))

def failing():
    return Words(lambda text: [][len(text)])

def hang():
    return Words(lambda text: time.sleep(3600))

def broken():
    raise RuntimeError("secret words")

def printing():
    print("noise on standard output")
    return badges()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "town_hall.py").write_text(MODULE)
    return tmp_path


def run(story: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 90))


async def find(folder: Path, factory: str, texts: list[str], *, timeout_s: float = 30) -> list[list[Finding]]:
    own = OwnProcess(f"town_hall:{factory}", folder, call_timeout_s=timeout_s)
    await own.start()
    try:
        return await own.find(texts)
    finally:
        await own.stop()


@pytest.mark.parametrize("factory", ["badges", "printing"])
def test_what_it_finds_is_told_under_its_name_without_its_words(folder: Path, factory: str) -> None:
    async def story() -> None:
        found = await find(folder, factory, ["é😀 badge 4812", "nothing", ""])
        assert [[(one.start, one.end, one.type.value) for one in some] for some in found] == [
            [(9, 13, "IDENTIFIER")],
            [],
            [],
        ]
        assert found[0][0].validated_by == f"detector:town_hall:{factory}"

    run(story())


@pytest.mark.parametrize("factory", ["beyond", "backwards", "unsure", "shapeless", "Short", "crash", "failing"])
def test_a_wrong_answer_is_a_broken_detector(folder: Path, factory: str) -> None:
    async def story() -> None:
        with pytest.raises(DetectorError):
            await find(folder, factory, ["some text"])

    run(story())


def test_a_detector_that_hangs_is_ended_and_started_again(folder: Path) -> None:
    async def story() -> None:
        own = OwnProcess("town_hall:hang", folder, call_timeout_s=0.5)
        await own.start()
        await own.wait_ready()
        first = own.pid
        with pytest.raises(DetectorError):
            await own.find(["some text"])
        while own.restarts == 0:
            await asyncio.sleep(0.01)
        await own.wait_ready()
        assert own.pid not in {first, None}
        await own.stop()

    run(story())


@pytest.mark.parametrize(
    ("factory", "said"),
    [("broken", "RuntimeError"), ("nothing_of_that_name", "AttributeError"), ("MODULE", "AttributeError")],
)
def test_one_that_does_not_load_says_so_at_once_and_not_what_it_said(folder: Path, factory: str, said: str) -> None:
    async def story() -> None:
        with pytest.raises(DetectorError, match=said) as raised:
            await find(folder, factory, ["some text"])
        assert "secret words" not in str(raised.value.message)

    run(story())


def test_a_module_that_is_not_there_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        with pytest.raises(DetectorError, match="ModuleNotFoundError"):
            await find(tmp_path, "badges", ["some text"])

    run(story())


def test_a_file_in_its_folder_never_stands_for_a_library(folder: Path) -> None:
    spy = folder / "read"
    for name in ("json", "msgspec", "struct"):
        (folder / f"{name}.py").write_text(f"open({str(spy)!r}, 'w').write('x')\n")

    async def story() -> None:
        assert await find(folder, "badges", ["badge 4812"])
        assert not spy.exists()

    run(story())


def mounted(folder: Path, *factories: str) -> str:
    lines = "".join(f"    - {{python: 'town_hall:{factory}', folder: {folder}}}\n" for factory in factories)
    return f"shield:\n  names: off\n  detectors:\n{lines}"


def test_mounted_it_adds_and_what_the_shield_found_stays_as_it_was(folder: Path) -> None:
    text = "Mme Claire Dubreuil, 06 39 98 12 34, badge 4812."

    async def story() -> None:
        found = []
        for factories in ((), ("badges",), ("badges", "greedy")):
            written = mounted(folder, *factories) if factories else "shield: {names: off}"
            configuration = configuration_of(written, source=None, environment={})
            async with detectors(configuration.shield) as all_detectors:
                found.append((await all_detectors.find([text]))[0])
        without, with_badges, with_greedy = found
        assert {one.type.value for one in without} == {"PERSON", "PHONE"}
        assert set(without) < set(with_badges)
        assert [text[one.start : one.end] for one in with_badges if one not in without] == ["4812"]
        assert set(without) < set(with_greedy)
        assert "MARKING" in {one.type.value for one in with_greedy}

    run(story())


def test_mounted_and_broken_it_lets_nothing_through(folder: Path) -> None:
    async def story() -> None:
        configuration = configuration_of(mounted(folder, "badges", "beyond"), source=None, environment={})
        async with detectors(configuration.shield) as found:
            with pytest.raises(DetectorError):
                await found.find(["nothing of note"])

    run(story())
