"""One call finds patterns and names; what was read once is not read again; a broken detector is an error."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bouclier.shield.adapters.cached_detectors import LONG_TEXT_CHARS, Detectors
from bouclier.shield.adapters.re_scanner import ReScanner
from bouclier.shield.patterns import DETECTORS
from bouclier.terms.content import EntityType, Finding
from bouclier.terms.errors import Bilingual, DetectorError

if TYPE_CHECKING:
    from collections.abc import Sequence

LETTER = "Jean écrit à jean@example.fr"


class KnownNames:
    """A name finder that knows one name, and counts what it reads."""

    def __init__(self) -> None:
        self.read: list[str] = []

    async def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        self.read.extend(texts)
        return [
            [Finding(text.index("Jean"), text.index("Jean") + 4, EntityType.PERSON, 0.75, "ner:m")]
            if "Jean" in text
            else []
            for text in texts
        ]


class BrokenNames:
    async def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        raise DetectorError(Bilingual("cassé", "broken"), Bilingual("attendre", f"wait, {len(texts)}"))


def find(detectors: Detectors, *texts: str) -> list[tuple[str, ...]]:
    found = asyncio.run(detectors.find(texts))
    return [tuple(one.type.value for one in findings) for findings in found]


def test_patterns_and_names_are_found_together() -> None:
    assert find(Detectors(ReScanner(), KnownNames(), 10), LETTER, "rien") == [("PERSON", "EMAIL"), ()]


def test_without_names_only_patterns_are_found() -> None:
    assert find(Detectors(ReScanner(), None, 10), LETTER) == [("EMAIL",)]


def test_a_text_is_read_once() -> None:
    names = KnownNames()
    detectors = Detectors(ReScanner(), names, 10)
    assert find(detectors, LETTER, "Tour deux", LETTER) == find(detectors, LETTER, "Tour deux", LETTER)
    assert names.read == [LETTER, "Tour deux"]
    assert (detectors.hits, detectors.misses) == (4, 2)


def test_the_oldest_text_is_forgotten_first() -> None:
    names = KnownNames()
    detectors = Detectors(ReScanner(), names, 2)
    for text in ("Aa", "Bb", "Aa", "Cc", "Aa", "Bb"):
        find(detectors, text)
    assert names.read == ["Aa", "Bb", "Cc", "Bb"]


def test_texts_full_of_findings_do_not_fill_the_memory() -> None:
    detectors = Detectors(ReScanner(), None, 2)
    many = " ".join(f"u{number}@example.fr" for number in range(65))
    find(detectors, many)
    find(detectors, many)
    assert (detectors.hits, detectors.misses) == (0, 2)


def test_a_broken_detector_is_an_error_and_is_not_remembered() -> None:
    detectors = Detectors(ReScanner(), BrokenNames(), 10)
    for _ in range(2):
        with pytest.raises(DetectorError):
            find(detectors, LETTER)
    assert detectors.hits == 0


def test_long_texts_are_scanned_elsewhere() -> None:
    elsewhere = KnownNames()
    detectors = Detectors(ReScanner(), None, 10, long_texts=elsewhere)
    long = "Jean " + "." * LONG_TEXT_CHARS
    assert find(detectors, "paul@example.fr", long) == [("EMAIL",), ("PERSON",)]
    assert elsewhere.read == [long]


def test_what_one_text_tells_is_found_in_the_others_and_forgotten_with_the_exchange() -> None:
    detectors = Detectors(ReScanner(), None, 10)
    letter, later = "Mme Zoé Vasseur, 06 39 98 12 34", "vasseur zoe : 0639981234, VASSEUR"
    for _ in range(2):
        assert find(detectors, later) == [("PHONE",)]
        assert find(detectors, letter, later) == [("PERSON", "PHONE"), ("PERSON", "PHONE", "PERSON")]
        assert find(detectors, later, letter) == [("PERSON", "PHONE", "PERSON"), ("PERSON", "PHONE")]


def test_the_model_of_names_reads_only_what_may_hold_a_name_and_reads_it_as_it_shows() -> None:
    names = KnownNames()
    text = "Lettre de Je\u00adan"
    found = asyncio.run(Detectors(ReScanner(), names, 100).find(["mot", "12 %", "X", "é è", "tout en bas", "", text]))
    assert names.read == ["Lettre de Jean"]
    assert [(one.start, one.end) for one in found[-1]] == [(10, len(text))]


def test_many_texts_leave_their_turns_to_others() -> None:
    async def story() -> int:
        detectors = Detectors(ReScanner(), None, 10)
        reading = asyncio.create_task(detectors.find([f"texte numéro {number} " * 20 for number in range(1000)]))
        turns = 0
        while not reading.done():
            turns += 1
            await asyncio.sleep(0)
        return turns

    assert asyncio.run(story()) > 10


def test_detectors_have_names_of_their_own() -> None:
    assert len({detector.name for detector in DETECTORS}) == len(DETECTORS)


def test_what_one_exchange_taught_does_not_change_the_answer_to_another() -> None:
    """The order in which values are met counts: an exchange is not served what another order gave."""

    async def go() -> None:
        texts = ["Mme Petit Paris", "12 rue du Petit Paris 59820 Gravelines", "je vais chez PETIT PARIS"]
        fresh = await Detectors(ReScanner(), None, 64).find(texts)
        used = Detectors(ReScanner(), None, 64)
        await used.find([texts[1], texts[0], texts[2]])
        assert await used.find(texts) == fresh

    asyncio.run(go())
