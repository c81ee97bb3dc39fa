"""What an institution's own detectors find is added to what the shield found; nothing is ever taken from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bouclier.shield.kinds import KINDS, Part
from bouclier.shield.overlaps import resolve_overlaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.terms.content import Finding


def add_findings(text: str, found: Sequence[Finding], added: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return `found` as it is, with what `added` covers beyond it, sorted by start.

    Categories are told beside the rest (see `overlaps`), so an added category gives way to categories only.

    Args:
        text: The text they were found in; a remainder without letter or digit is not worth a finding.
        found: By the shield, resolved.
        added: By others, in any order, overlapping or not.
    """
    if not added:
        return tuple(found)
    rests = []
    for finding in resolve_overlaps(text, added):
        rests += [rest for rest in _beyond(finding, found) if any(map(str.isalnum, text[rest.start : rest.end]))]
    return tuple(sorted([*found, *rests], key=lambda one: (one.start, one.end, one.type)))


def _beyond(finding: Finding, found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the parts of a finding that no other of its sort covers; `found` is sorted by start."""
    is_category = _is_category(finding)
    start = finding.start
    for other in found:
        if other.start >= finding.end:
            break
        if _is_category(other) is is_category and other.end > start:
            if other.start > start:
                yield replace(finding, start=start, end=other.start)
            start = other.end
    if start < finding.end:
        yield replace(finding, start=start)


def _is_category(finding: Finding) -> bool:
    return KINDS[finding.type].part is Part.CATEGORY
