"""A process that writes to a log, to be killed, starved or locked out by the tests; it prints what it was told.

Run by path with a command, a folder, and the command's own arguments.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bouclier.oversight import OutcomeEntry, render_entry
from bouclier.oversight.adapters.file_log import FileLog
from bouclier.oversight.adapters.log_check import fsck
from bouclier.oversight.entries_model import Law
from bouclier.terms.errors import StorageError
from bouclier.terms.law import LawStamp

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


STAMP = LawStamp(charter="11" * 32, orders="33" * 32, root=1, timestamp=1, registry="22" * 32)
"""A law that no charter is behind."""
LAW = Law(
    charter=STAMP.charter,
    orders=STAMP.orders,
    registry=STAMP.registry,
    root=STAMP.root,
    timestamp=STAMP.timestamp,
)
"""The same, as entries spell it."""


def outcome(number: int) -> bytes:
    """An entry like no other of this test."""
    return render_entry(
        OutcomeEntry(
            answer_commitment="ab" * 32,
            completion_tokens=number,
            decision_index=0,
            ending="complete",
            exchange=f"{number:032x}",
            finish_reasons=("stop",),
            first_token_ms=None,
            footprint=None,
            law=LAW,
            prompt_tokens=None,
            restored=0,
            status=200,
            time=number,
        )
    )


def say(*words: object) -> None:
    """Print a line in one write: what was said before a kill was said whole."""
    os.write(1, (" ".join(str(word) for word in words) + "\n").encode())


async def append_forever(folder: Path, appenders: str) -> None:
    log = FileLog.open(folder)
    numbers = itertools.count(log.size)

    async def appender() -> None:
        while True:
            position = await log.append(outcome(next(numbers)))
            say(position.index, position.leaf_hash.hex(), position.tree_size, position.root_hash.hex())

    await asyncio.gather(*(appender() for _ in range(int(appenders))))


async def append_some(folder: Path, count: str) -> None:
    log = FileLog.open(folder)
    for number in range(int(count)):
        try:
            position = await log.append(outcome(number))
        except StorageError as error:
            say("refused", error)
        else:
            say("recorded", position.index, position.leaf_hash.hex())


async def hold(folder: Path) -> None:
    FileLog.open(folder)
    say("open")
    sys.stdin.read()


async def report_opening(folder: Path) -> None:
    try:
        log = FileLog.open(folder)
    except StorageError as error:
        say("refused", error)
    else:
        say("opened", log.size)


async def until_refused(log: FileLog) -> int:
    """Append until the log refuses, with several entries on their way each time; return how many were recorded."""
    recorded = 0
    while True:
        batch = [log.append(outcome(log.size + i)) for i in range(7)]
        results = await asyncio.gather(*batch, return_exceptions=True)
        recorded += sum(not isinstance(result, BaseException) for result in results)
        refusals = [result for result in results if isinstance(result, BaseException)]
        if refusals:
            assert all(isinstance(refusal, StorageError) for refusal in refusals)
            say("refused", refusals[0])
            return recorded


async def fill_disk(folder: Path) -> None:
    """On a small file system: append until it is full, free some space, go on."""
    ballast = folder.parent / "ballast"
    ballast.write_bytes(bytes(64 << 10))
    log = FileLog.create(folder, origin="log.example.fr/full")
    recorded = await until_refused(log)
    say("full", recorded, log.size, fsck(folder, size=log.size, root=log.root).size)
    with_space = ballast.stat().st_size
    ballast.unlink()
    for number in range(10):
        await log.append(outcome(number))
    root = log.root
    await log.close()
    reopened = FileLog.open(folder)
    say("again", with_space, reopened.size - recorded, reopened.root == root, reopened.torn_bytes)


async def limit_file_size(folder: Path, limit: str) -> None:
    """The same, with the system's limit on a file's size in place of a full disk."""
    log = FileLog.create(folder, origin="log.example.fr/limited")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), hard))
    recorded = await until_refused(log)
    say("full", recorded, log.size, fsck(folder, size=log.size, root=log.root).size)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    for number in range(10):
        await log.append(outcome(number))
    root = log.root
    await log.close()
    reopened = FileLog.open(folder)
    say("again", limit, reopened.size - recorded, reopened.root == root, reopened.torn_bytes)


if __name__ == "__main__":
    commands: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
        "append-forever": append_forever,
        "append-some": append_some,
        "hold": hold,
        "report-opening": report_opening,
        "fill-disk": fill_disk,
        "limit-file-size": limit_file_size,
    }
    command, folder_name, *rest = sys.argv[1:]
    asyncio.run(commands[command](Path(folder_name), *rest))
