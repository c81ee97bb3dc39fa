"""Findings that overlap become findings that do not; the only place where this is decided.

The text is walked once. Where two findings meet:

* one that contains the other, and is not much less sure, keeps it all: an address keeps the name of its street;
* otherwise the surer wins; then the longer; then the first;
* two findings of one type that are about as sure are one finding: their union;
* what a loser covered beyond the winner stays covered, as a finding of the loser's type, unless the winner is a
  much surer reading of the same thing. So resolving never uncovers what another detector saw.

What is said of a person (a category, see `kinds`) is not a reading of the same thing as a name or a number, nor as
another category: « 7 ans » is an age and tells of a minor. Each category is settled alone, and may overlap the rest.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from bouclier.shield.kinds import KINDS, Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.terms.content import EntityType, Finding

    _Entry = tuple[int, int, float, str, str, Finding]

MUCH = 0.2
_start = attrgetter("start")


def resolve_overlaps(text: str, findings: Iterable[Finding]) -> list[Finding]:
    """Return findings sorted by start and, categories apart, never overlapping, that cover what the given ones did.

    Args:
        text: The text they were found in; a remainder without letter or digit is not worth a finding.
        findings: In any order.
    """
    given = sorted(findings, key=_start)
    if _are_apart(given):
        return given  # nothing meets, as nearly always
    layers: dict[EntityType | None, list[Finding]] = {}
    for finding in given:
        category = KINDS[finding.type].part is Part.CATEGORY
        layers.setdefault(finding.type if category else None, []).append(finding)
    if len(layers) == 1:
        return _resolved(text, given)
    return sorted((one for layer in layers.values() for one in _resolved(text, layer)), key=_entry)


def _are_apart(findings: list[Finding]) -> bool:
    """Say whether of findings sorted by start none meets the next."""
    end = 0
    for finding in findings:
        if finding.start < end:
            return False
        end = finding.end
    return True


def _resolved(text: str, findings: list[Finding]) -> list[Finding]:
    if _are_apart(findings):
        return findings
    waiting = [_entry(finding) for finding in findings]
    heapq.heapify(waiting)
    kept: list[Finding] = []
    while waiting:
        finding = heapq.heappop(waiting)[-1]
        if not kept or kept[-1].end <= finding.start:
            kept.append(finding)
            continue
        winner, rests = _settle(kept.pop(), finding)
        for rest in (winner, *(trimmed for piece in rests if (trimmed := _trim(text, piece)))):
            heapq.heappush(waiting, _entry(rest))
    return kept


def _entry(finding: Finding) -> _Entry:
    return finding.start, -finding.end, -finding.confidence, finding.type, finding.validated_by, finding


def _settle(first: Finding, second: Finding) -> tuple[Finding, tuple[Finding, ...]]:
    """Return the winner of two findings that overlap, and what the loser covered beyond it."""
    winner, loser = _order(first, second)
    sure = winner.confidence - loser.confidence
    if winner.type is loser.type:
        if sure >= MUCH:
            return winner, ()
        surer = loser if sure < 0 else winner
        return replace(surer, start=min(first.start, second.start), end=max(first.end, second.end)), ()
    before = (replace(loser, end=winner.start),) if loser.start < winner.start else ()
    after = (replace(loser, start=winner.end),) if loser.end > winner.end else ()
    return winner, before + after


def _order(first: Finding, second: Finding) -> tuple[Finding, Finding]:
    long, short = sorted((first, second), key=lambda finding: finding.start - finding.end)
    contains = long.start <= short.start and short.end <= long.end
    if contains and long.end - long.start > short.end - short.start:
        swap = short.confidence - long.confidence >= MUCH
    else:
        swap = short.confidence > long.confidence
    return (short, long) if swap else (long, short)


def _trim(text: str, finding: Finding) -> Finding | None:
    start, end = finding.start, finding.end
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return replace(finding, start=start, end=end) if start < end else None
