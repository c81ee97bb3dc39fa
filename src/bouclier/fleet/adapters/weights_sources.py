"""What every channel of weights has in common: the job it is given, and how it says that it failed.

A channel returns a file of the right length or raises; whether its bytes are the right ones is for the store to check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bouclier.fleet.catalogue import HubFile, ModelEntry, PackageParts, WeightsError
from bouclier.terms.errors import Bilingual, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COPY_BYTES = 1 << 20

_ELSEWHERE = Bilingual(
    "Vérifiez cette source, ou donnez-en une autre par --from.", "Check that source, or give another with --from."
)


@dataclass(slots=True)
class Job:
    """One file to get through one channel.

    Attributes:
        entry: What is wanted.
        work: A folder of this channel's own, which exists; what is left in it is found again by the next attempt.
        progress: Called with the bytes got so far and the bytes in all, from the thread that does the job.
    """

    entry: ModelEntry
    work: Path
    progress: Callable[[int, int], None]
    _most: int = field(default=0, init=False)

    @property
    def partial(self) -> Path:
        """Where the file grows."""
        return self.work / "partial"

    def report(self, done: int) -> None:
        """Tell how far the job is; what is told never goes back, though estimates do."""
        self._most = max(self._most, min(done, self.entry.size_bytes))
        self.progress(self._most, self.entry.size_bytes)

    def size(self) -> int:
        """Return how many bytes the partial file has."""
        return self.partial.stat().st_size if self.partial.exists() else 0


def label_of(source: PackageParts | HubFile) -> str:
    """Return what a source is called in messages."""
    if isinstance(source, HubFile):
        return source.repo
    first, last = source.packages[0], source.packages[-1]
    return f"{first}=={source.version}" if first == last else f"{first} … {last}=={source.version}"


def failed(fr: str, en: str) -> WeightsError:
    """Return the error of a channel that could not deliver."""
    return WeightsError(Bilingual(fr, en), _ELSEWHERE)


def not_the_file(fr: str, en: str) -> VerificationError:
    """Return the error of a channel that delivered something else."""
    return VerificationError(Bilingual(fr, en), _ELSEWHERE, param="engine.model")
