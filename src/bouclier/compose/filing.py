"""File alarms as evidence, then show them: what a monitor is given to tell.

So many of each log and code are filed, for a log that is wrong throughout would fill the disk, or leave no room for
what is wrong with others. What a log does with its tree is always filed.
"""

from __future__ import annotations

import time
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING, Final

from bouclier.oversight.adapters.monitor_state import replace_durably
from bouclier.oversight.monitor import finding_of, render_finding
from bouclier.oversight.monitor.ports import LogUnreachableError, NotServedError
from bouclier.terms.errors import Bilingual, StorageError
from bouclier.tlog import (
    InclusionError,
    TileError,
    TlogProof,
    hash_leaf,
    inclusion_from_tiles,
    parse_checkpoint,
    parse_note,
    render_tlog_proof,
    tile_width,
    verify_inclusion,
)
from bouclier.tlog.tiles import TILE_WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bouclier.oversight.monitor import Alarm, LogSource, Observed
    from bouclier.tlog import SigningKey

MAX_FILED: Final = 100
"""Findings of one log and code that one run files: enough to act upon."""
_ALWAYS_FILED: Final = frozenset(
    {"split-view", "rollback", "inconsistent", "signature-wrong", "size-absurd", "origin-changed", "log-gone", "behind"}
)
"""What a log can do once a look at the most, and what matters most."""
_MAX_NOTE_BYTES: Final = 200_000
"""Checkpoints longer than that are not filed: a log could make a finding too long to sign."""


class Filing:
    """Files, then shows; a `Teller`, for several threads."""

    def __init__(self, show: Callable[[Alarm], None], evidence: Path | None, key: SigningKey | None) -> None:
        self.alarms: Counter[str] = Counter()
        self.alarmed = False
        self._show = show
        self._evidence = evidence
        self._key = key
        self._filed: Counter[tuple[str, str]] = Counter()
        self._telling = Lock()

    def tell(self, observed: Sequence[Observed], source: LogSource) -> None:
        """See `Teller.tell`."""
        for one in observed:
            # Not under the lock: the log is asked for its evidence, and may take its time.
            if self._evidence is not None and self._is_to_file(one.alarm):
                self._file(self._evidence, one, source)
            with self._telling:
                if one.alarm.severity.value == "alarm":
                    self.alarmed = True
                    self.alarms[one.alarm.origin] += 1
                self._show(one.alarm)

    def _is_to_file(self, alarm: Alarm) -> bool:
        whose = (alarm.origin, alarm.code)
        with self._telling:
            self._filed[whose] += 1
            return alarm.code in _ALWAYS_FILED or self._filed[whose] <= MAX_FILED

    def _file(self, folder: Path, observed: Observed, source: LogSource) -> None:
        path = folder / f"{observed.alarm.key}.finding"
        entry, inclusion = _inclusion(observed, source)
        finding = finding_of(
            observed.alarm,
            time_ms=time.time_ns() // 1_000_000,
            checkpoints=() if inclusion is not None else _short(observed.notes),
            fork=observed.fork,
            entry=entry,
            inclusion=inclusion,
        )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # The same observation has the same name: told again after a crash, it replaces itself.
            replace_durably(path, render_finding(finding, self._key))
        except OSError as error:
            raise unwritable(path, error) from error


def _inclusion(observed: Observed, source: LogSource) -> tuple[bytes | None, bytes | None]:
    """Return the entry an alarm is about and its proof file, as far as the log serves them."""
    index, size = observed.alarm.index, observed.size
    notes = _short(observed.notes)
    if index is None or index >= size or not notes:
        return None, None
    note = notes[0]
    bundle, inside = divmod(index, TILE_WIDTH)
    try:
        entry = source.bundle(bundle, tile_width(size, 0, bundle))[inside]
        proof = tuple(inclusion_from_tiles(source, index, size))
        root = parse_checkpoint(parse_note(note).text).root
        verify_inclusion(hash_leaf(entry), leaf_index=index, tree_size=size, proof=proof, root_hash=root)
    except (LogUnreachableError, NotServedError, TileError, InclusionError):
        return None, None
    return entry, render_tlog_proof(TlogProof(index=index, hashes=proof, checkpoint=note))


def _short(notes: Sequence[bytes]) -> tuple[bytes, ...]:
    return tuple(notes) if all(len(note) <= _MAX_NOTE_BYTES for note in notes) else ()


def unwritable(path: Path, error: OSError) -> StorageError:
    """Return that a file cannot be written, and why."""
    reason = error.strerror or type(error).__name__
    return StorageError(
        Bilingual(f"{path} ne peut pas être écrit ({reason}).", f"{path} cannot be written ({reason})."),
        Bilingual("Vérifiez les droits et la place libre.", "Check the permissions and the free space."),
        param=str(path),
    )
