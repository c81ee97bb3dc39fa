"""What the scanners that are used share: something says where a detector may match, and the detector decides there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from bouclier.shield.invisible import holds_invisible, scan_as_shown
from bouclier.shield.overlaps import resolve_overlaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.shield.detector import Detector
    from bouclier.terms.content import Finding


class StartsScanner(ABC):
    """Tries detectors where `starts` says."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._tries = [(one.exact.match, one.examine) for one in detectors]

    @abstractmethod
    def starts(self, text: str) -> list[tuple[int, int]]:
        """Return where which detector is to be tried: code point and number of the detector, sorted, unique."""

    def scan(self, text: str) -> list[Finding]:
        """Return the findings of a text, sorted by start and, categories apart, never overlapping."""
        return scan_as_shown(text, self._scan) if holds_invisible(text) else self._scan(text)

    def _scan(self, text: str) -> list[Finding]:
        tries = self._tries
        found: list[Finding] = []
        for start, number in self.starts(text):
            match_at, examine = tries[number]
            match = match_at(text, start)
            if match is not None:
                found.extend(examine(text, match))
        return resolve_overlaps(text, found) if found else []
