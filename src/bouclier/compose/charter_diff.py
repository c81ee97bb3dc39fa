"""What a change of the charter would change: decisions of a log, decided again under one charter and under another.

Of each recorded decision, what was known is taken from the entry (findings, markings, what the caller declared, each
candidate's facts), never what was decided; both charters then apply their own data and policies to it. One pass; what
is kept is counts and the indexes of the first entries of each kind, whatever the length of the log.

What an entry does not hold cannot be asked again: words, so the signals are those that the second net of the day saw;
deployments that were no candidates; whether the request brought sources. Orders are left out on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from bouclier.charter import Decider
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.compose.charter_tools import MAX_INDEXES
from bouclier.compose.recording import entries
from bouclier.compose.replaying import RoomsReplayer
from bouclier.fleet.placement import fulfilling, ranked
from bouclier.oversight import DecisionEntry, parse_entry
from bouclier.oversight.monitor.recorded import recorded_case, recorded_deployment, recorded_load, recorded_terms
from bouclier.terms.content import DataClass
from bouclier.terms.duties import Means
from bouclier.terms.errors import Bilingual, CharterError, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from bouclier.charter import Charter
    from bouclier.terms.law import Case, Verdict

_REMEMBERED: Final = 65_536
_MAX_LINE_BYTES: Final = 200_000
NOTHING: Final = "-"
"""Stands for a policy where none permits."""

Kind = Literal["forbidden", "permitted", "duty-added", "duty-removed", "chosen", "undecidable"]


class _Line(msgspec.Struct):
    """A line of `bouclier log export`."""

    index: int
    entry: msgspec.Raw


@dataclass(slots=True)
class Flips:
    """What flips in one way.

    Attributes:
        count: How often: once for each candidate of each decision, or for each decision where it is about the choice.
        indexes: Of the first entries.
    """

    count: int = 0
    indexes: list[int] = field(default_factory=list)

    def add(self, index: int) -> None:
        """Count one more."""
        self.count += 1
        if len(self.indexes) < MAX_INDEXES and self.indexes[-1:] != [index]:
            self.indexes.append(index)


@dataclass(slots=True)
class CharterDiff:
    """What would change.

    Attributes:
        before: Digest of the first charter.
        after: Digest of the second.
        decisions: How many decisions were decided again.
        changed: How many of them would be otherwise.
        flips: By kind and by what makes it: a policy, a duty, or the deployments chosen before and after.
    """

    before: str
    after: str
    decisions: int = 0
    changed: int = 0
    flips: dict[tuple[Kind, str], Flips] = field(default_factory=dict)


def diff_charters(before: Path | None, after: Path | None, logged: Iterable[tuple[int, bytes]]) -> CharterDiff:
    """Return which recorded decisions a change of the charter would flip.

    Args:
        before: A folder or a bundle; None for the charter of the package.
        after: Likewise.
        logged: Entries with their indexes; read once, and not at all if the two charters are the same.

    Raises:
        CharterError: A charter does not load.
        VerificationError: An entry is malformed.
    """
    charters = load_charter(before), load_charter(after)
    diff = CharterDiff(charters[0].digest, charters[1].digest)
    if diff.before == diff.after:
        return diff
    replay = _Replay(*charters)
    for index, raw in logged:
        if b'"kind":"decision"' not in raw:
            continue
        entry = parse_entry(raw)
        if isinstance(entry, DecisionEntry):
            diff.decisions += 1
            diff.changed += replay.note(index, entry, diff)
    return diff


class _Replay:
    """Decides entries again under two charters."""

    def __init__(self, before: Charter, after: Charter) -> None:
        self._before = Decider(before, capacity=_REMEMBERED)
        self._after = Decider(after, capacity=_REMEMBERED)
        self._rooms = RoomsReplayer((), ())

    def note(self, index: int, entry: DecisionEntry, diff: CharterDiff) -> bool:
        """Add to a diff what becomes of an entry; return whether anything does."""
        found = list(self._flips(entry))
        for flip in found:
            diff.flips.setdefault(flip, Flips()).add(index)
        return bool(found)

    def _flips(self, entry: DecisionEntry) -> Iterator[tuple[Kind, str]]:
        case = self._case(entry)
        deployments = [recorded_deployment(candidate) for candidate in entry.candidates]
        try:
            before = self._before.decide_all(case, deployments)
            after = self._after.decide_all(case, deployments)
        except CharterError as error:
            yield "undecidable", error.param or NOTHING
            return
        for was, now in zip(before, after, strict=True):
            yield from _of_verdict(was, now)
        chosen = [self._chosen(verdicts, entry) for verdicts in (before, after)]
        if chosen[0] != chosen[1]:
            yield "chosen", " → ".join(chosen)

    def _case(self, entry: DecisionEntry) -> Case:
        """Return what was asked, before any charter's rules were applied to it."""
        found = self._rooms.classify(
            entry.findings,
            entry.markings,
            declared=None if entry.declared is None else DataClass.from_slug(entry.declared),
            uninspected=entry.uninspected,
        )
        # A type of finding that is unknown here: what was recorded is believed.
        return recorded_case(entry) if found is None else recorded_case(entry, found.data_class, found.labels)

    def _chosen(self, verdicts: Iterable[Verdict], entry: DecisionEntry) -> str:
        loads = {candidate.deployment: recorded_load(candidate.load) for candidate in entry.candidates}
        means = Means(sourced=entry.sourced, reviewed=entry.review is not None, tokens=entry.tokens)
        able = fulfilling([verdict for verdict in verdicts if verdict.permitted], means)
        order = ranked(able, loads, recorded_terms(entry))
        return order[0].deployment.name if order else NOTHING


def _of_verdict(was: Verdict, now: Verdict) -> Iterator[tuple[Kind, str]]:
    """Yield how one candidate's verdict flips, by what makes it flip."""
    if was.permitted and not now.permitted:
        yield from (("forbidden", policy.id) for policy in now.policies)
        if not now.policies:
            yield "forbidden", NOTHING
    elif now.permitted and not was.permitted:
        yield from (("permitted", policy.id) for policy in was.policies)
        if not was.policies:
            yield "permitted", NOTHING
    elif now.permitted:
        yield from (("duty-added", duty) for duty in now.duties if duty not in was.duties)
        yield from (("duty-removed", duty) for duty in was.duties if duty not in now.duties)


def logged_in(data: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the entries of a data folder's log, with their indexes.

    Raises:
        StorageError: There is no log, or it is damaged.
    """
    return ((one.index, one.entry) for one in entries(data))


def exported_in(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the entries of a file that `bouclier log export` wrote, with their indexes.

    Raises:
        RequestError: The file cannot be read, or a line is none of such a file; the line is named.
    """
    decoder = msgspec.json.Decoder(_Line)
    number = 0
    try:
        with file.open("rb") as lines:
            while line := lines.readline(_MAX_LINE_BYTES):
                number += 1
                read = decoder.decode(line)
                yield read.index, bytes(read.entry)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        at = f"{file}:{number}" if number else str(file)
        raise RequestError(
            Bilingual(
                f"{at} : ce n'est pas une ligne de « bouclier log export ».",
                f"{at}: this is no line of `bouclier log export`.",
            ),
            Bilingual(
                "Donnez le fichier tel que cette commande l'écrit, ou --data DIR.",
                "Give the file as that command writes it, or --data DIR.",
            ),
            param="--log",
        ) from error
