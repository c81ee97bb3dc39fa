"""The judge: what the scanners that are used must find, found in the plainest way, by Python's `re` at every position.

No gateway runs it: it is much too slow. It says what a detector means, and the laws compare the others to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.invisible import holds_invisible, scan_as_shown
from bouclier.shield.overlaps import resolve_overlaps
from bouclier.shield.patterns import DETECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.shield.detector import Detector
    from bouclier.terms.content import Finding


class ReScanner:
    """Tries every detector at every position of a text."""

    def __init__(self, detectors: Sequence[Detector] = DETECTORS) -> None:
        self._detectors = tuple(detectors)

    def scan(self, text: str) -> list[Finding]:
        """Return the findings of a text, sorted by start and never overlapping."""
        return scan_as_shown(text, self._scan) if holds_invisible(text) else self._scan(text)

    def _scan(self, text: str) -> list[Finding]:
        return resolve_overlaps(text, self._candidates(text))

    def _candidates(self, text: str) -> Iterator[Finding]:
        for detector in self._detectors:
            search, examine = detector.exact.search, detector.examine
            match = search(text)
            while match is not None:
                yield from examine(text, match)
                match = search(text, match.start() + 1)
