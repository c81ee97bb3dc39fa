"""What long commands show while they work, on a terminal only, and where reports are printed."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WIDTH_ELSEWHERE = 160


@contextmanager
def file_progress(*, french: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield what is told the files done and their number; it draws a bar on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("Fichiers" if french else "Files", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def report_console() -> Console:
    """Return where a report is printed: as wide as the terminal, or wide enough for tables in a file."""
    return Console() if sys.stdout.isatty() else Console(width=_WIDTH_ELSEWHERE)
