"""A monitor finds the facts that entries cite by their digest: as published, and with each institution's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from tests.facts_kit import document, entity, facts
from tests.tuf_kit import CHARTER, OTHER, Repo

from bouclier.compose.facts_reading import packaged_facts
from bouclier.compose.law_book import RepositoryBook
from bouclier.compose.laws import Laws
from bouclier.registry import parse_registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FRENCH, AMERICAN = facts("FR"), facts("US")
OWN = {"mine.json": json.dumps({"format": "bouclier-registry/v2", "entities": [entity("mine")]}).encode()}


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def with_own(data: bytes) -> str:
    return parse_registry({"registry.json": data}, OWN).digest


class Watcher:
    """A repository, and a monitor that looks at it."""

    def __init__(self, folder: Path, *own: Mapping[str, bytes]) -> None:
        self.now_ms = int(NOW.timestamp() * 1000)
        self.folder = folder
        self.own = own or ({},)
        self.repo = Repo.create(folder / "repo", parties=1, threshold=1, now=NOW)
        self.laws, self.book = self.opened()
        self.look()

    def opened(self) -> tuple[Laws, RepositoryBook]:
        """The monitor's memory, as another process finds it."""
        laws = Laws([])
        place, root = self.repo.folder, self.repo.root_bytes
        state = self.folder / "monitor"
        return laws, RepositoryBook(state, place, root, laws, clock_ms=lambda: self.now_ms, own_facts=self.own)

    def look(self) -> None:
        self.now_ms += 1000
        assert self.book.refresh()

    def publish(self, registry: bytes | None, charter: bytes = CHARTER) -> None:
        self.repo.propose_registry(registry)
        self.repo.publish(charter)
        self.look()

    def cited(self) -> list[frozenset[str] | None]:
        return [self.book.registries_of(number) for number in range(len(self.book.publications()))]


def test_the_facts_of_each_state_are_known_by_their_digest(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path)
    watcher.publish(FRENCH)
    watcher.publish(FRENCH, OTHER)
    watcher.publish(AMERICAN, OTHER)
    listed = [digest(one) for one in (FRENCH, FRENCH, AMERICAN)]
    assert watcher.cited() == [None, *({one} for one in listed)]
    for one in (digest(packaged_facts()), *listed):
        assert watcher.laws.registry(one).digest == one
    assert not watcher.laws.knows_registry("0" * 64)


def test_another_process_remembers_them(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path)
    watcher.publish(FRENCH)
    watcher.publish(None)
    laws, book = watcher.opened()
    assert laws.knows_registry(digest(FRENCH))
    assert [book.registries_of(number) for number in range(3)] == watcher.cited()
    assert watcher.cited() == [None, {digest(FRENCH)}, None]


def test_only_other_facts_are_another_state(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path)
    watcher.publish(FRENCH)
    watcher.repo.stamp()
    watcher.look()
    assert len(watcher.cited()) == 2


def test_what_each_institution_adds_is_cited_with_what_is_published(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path, {}, OWN)
    watcher.publish(FRENCH)
    assert watcher.cited()[1] == frozenset({digest(FRENCH), with_own(FRENCH)})
    assert "mine" in watcher.laws.registry(with_own(FRENCH)).entities


@pytest.mark.parametrize("wrong", [b"{}", document("France")])
def test_published_facts_that_cannot_be_read_are_told_and_cited_by_nobody(tmp_path: Path, wrong: bytes) -> None:
    watcher = Watcher(tmp_path)
    watcher.publish(wrong)
    assert [remark.code for remark in watcher.book.remarks] == ["repository-wrong", "repository-wrong"]
    (charter, told) = (remark.found or "" for remark in watcher.book.remarks)
    assert charter.startswith("charter.json: "), "the kit's charter loads nowhere"
    assert told.startswith("registry.json:")
    assert watcher.cited()[1] == frozenset()
    watcher.publish(AMERICAN)
    assert watcher.cited()[2] == frozenset({digest(AMERICAN)})


def test_facts_that_nothing_names_any_more_are_forgotten_and_those_given_stay() -> None:
    given, first, second = (parse_registry({"f.json": document(seat)}) for seat in ("FR", "US", "DE"))
    laws = Laws([], (), [given])
    laws.publish_registries([first, given])
    laws.publish_registries([second])
    assert [laws.knows_registry(one.digest) for one in (given, first, second)] == [True, False, True]
