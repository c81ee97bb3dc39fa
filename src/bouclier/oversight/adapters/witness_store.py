"""A witness at work: it decides on submissions, remembers, and only then lets cosignatures out.

One thread owns the database. It takes all submissions that wait, decides on each in order inside one transaction, and
answers them when that transaction is durable: logs that ask at once share one synchronisation of the disk, and of
requests from one size exactly one is accepted. Nobody else serves the folder: its lock is held.

What a crash means, line by line:
1. before COMMIT: nothing is remembered, and nobody was given a signature;
2. between COMMIT and the answer: the witness remembers a checkpoint whose cosignature nobody has; the log asks again
   from the new size and is given one;
3. after the answer: what was handed out is remembered.
Never is a signature out that the memory does not know. A disk that is full refuses the submissions that meet it, with
503; a disk that fails otherwise refuses all from then on, for nobody knows what it holds.

Times: a cosignature is dated by the clock it is given, and never before the last one of its log. When the clock reads
earlier than that, the answer is 503 rather than a time the clock does not show: a false time would tell monitors that
a stale log is fresh.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from bouclier.oversight.adapters.witness_folder import (
    open_memory,
    read_logs,
    read_witness_keys,
    take_witness_lock,
)
from bouclier.terms.errors import Bilingual
from bouclier.tlog.note import Note, NoteSignature, SignatureType, render_note
from bouclier.tlog.signatures import sign_checkpoint
from bouclier.tlog.witness import (
    TEXT_CONTENT_TYPE,
    LastCosigned,
    Rejected,
    Submission,
    examine,
    judge,
    monitoring_path,
    render_cosignatures,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bouclier.tlog.keys import SigningKey
    from bouclier.tlog.witness import Accepted

_log = logging.getLogger("bouclier.witness")
_MAX_TOGETHER: Final = 64
_MAX_SPLIT_VIEWS: Final = 16
_OK: Final = 200
_UNAVAILABLE: Final = 503


class Answer(NamedTuple):
    """What a witness answers to a submission.

    Attributes:
        status: HTTP status.
        body: The cosignatures, or why there are none.
        content_type: Its media type.
    """

    status: int
    body: bytes
    content_type: str = TEXT_CONTENT_TYPE


class _Job(NamedTuple):
    data: bytes
    loop: asyncio.AbstractEventLoop
    answered: asyncio.Future[Answer]


class WitnessStore:
    """The witness of a folder. Any number of submissions may wait at once, from one event loop or several."""

    def __init__(self, keys: Sequence[SigningKey], database: sqlite3.Connection, lock: int) -> None:
        """Take over what `open` opened."""
        self._keys = tuple(keys)
        self._database = database
        self._lock = lock
        self._logs = read_logs(database)
        self._version = _data_version(database)
        self._shown = {
            monitoring_path(origin): note for origin, note in database.execute("SELECT origin, note FROM cosigned")
        }
        self._failed = False
        self._ended = False
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: Thread | None = None

    @classmethod
    def open(cls, folder: Path, *, clock: Callable[[], int]) -> Self:
        """Open the witness of a folder, to serve it alone.

        Args:
            folder: What `create_witness` made.
            clock: Seconds since 1970; called in the store's own thread.

        Raises:
            StorageError: It is served already, part of it is missing, or it cannot be used.
            ConfigurationError: Its keys are malformed, or others can read them.
        """
        keys = read_witness_keys(folder)
        lock = take_witness_lock(folder)
        try:
            store = cls(keys, open_memory(folder, tuple(key.verifier_key for key in keys)), lock)
        except BaseException:
            os.close(lock)
            raise
        # A daemon, so that a process that ends without closing its witness ends all the same.
        store._thread = Thread(target=store._work, args=(clock,), name="bouclier-witness", daemon=True)
        store._thread.start()
        return store

    @property
    def usable(self) -> bool:
        """Whether the disk kept its word so far."""
        return not (self._failed or self._ended)

    async def add_checkpoint(self, data: bytes) -> Answer:
        """Return the answer to a submission; cosignatures in it are remembered durably.

        Args:
            data: The body of the request.
        """
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()
        self._jobs.put(_Job(data, loop, answered))
        # In this order: either the thread finds the submission when it ends, or we find that it has ended.
        return _unavailable() if self._ended else await answered

    def cosigned(self, path: str) -> bytes | None:
        """Return the latest checkpoint cosigned for a log, with its signatures and ours; None if there is none.

        Args:
            path: What `monitoring_path` says of its origin.
        """
        return self._shown.get(path)

    def close(self) -> None:
        """Answer what waits, then give the folder back."""
        self._jobs.put(None)
        if self._thread is not None:
            self._thread.join()
        self._database.close()
        os.close(self._lock)

    def _work(self, clock: Callable[[], int]) -> None:
        try:
            while (jobs := self._waiting()) is not None:
                answers = [_unavailable()] * len(jobs)
                try:
                    answers = self._answers([one.data for one in jobs], clock)
                finally:
                    _hand_out(jobs, answers)
        finally:
            # Whatever ends this thread, who waits hears of it, and so does who comes later.
            self._ended = True
            while not self._jobs.empty():
                if (late := self._jobs.get()) is not None:
                    _hand_out([late], [_unavailable()])

    def _waiting(self) -> list[_Job] | None:
        """Wait for a submission, and return it with those that wait too; None when the store is being closed."""
        job = self._jobs.get()
        if job is None:
            return None
        jobs = [job]
        with contextlib.suppress(Empty):
            while len(jobs) < _MAX_TOGETHER:
                if (more := self._jobs.get_nowait()) is None:
                    # Seen again once these are answered.
                    self._jobs.put(None)
                    break
                jobs.append(more)
        return jobs

    def _answers(self, bodies: list[bytes], clock: Callable[[], int]) -> list[Answer]:
        if self._failed:
            return [_unavailable()] * len(bodies)
        try:
            self._learn()
            examined = [examine(body, self._logs) for body in bodies]
            if all(isinstance(one, Rejected) for one in examined):
                return [Answer(*one) for one in examined if isinstance(one, Rejected)]
            return self._decide(examined, clock)
        except sqlite3.Error as error:
            self._give_up(error)
            return [_unavailable()] * len(bodies)

    def _learn(self) -> None:
        """Know the logs that `witness add-log` added from another process."""
        version = _data_version(self._database)
        if version != self._version:
            self._logs, self._version = read_logs(self._database), version

    def _decide(self, examined: Sequence[Submission | Rejected], clock: Callable[[], int]) -> list[Answer]:
        """Decide on all in one transaction; each sees what was remembered for those before it."""
        shown: dict[str, bytes] = {}
        self._database.execute("BEGIN IMMEDIATE")
        answers = [
            Answer(*one) if isinstance(one, Rejected) else self._decide_one(one, clock, shown) for one in examined
        ]
        # Until this returns, a crash forgets all of it, and all of it is still only ours. After it, every signature in
        # `answers` is remembered, whether or not it reaches its log.
        self._database.execute("COMMIT")
        self._shown.update(shown)
        return answers

    def _decide_one(self, submission: Submission, clock: Callable[[], int], shown: dict[str, bytes]) -> Answer:
        origin = submission.checkpoint.origin
        row = self._database.execute(
            "SELECT size, root, time_s, note FROM cosigned WHERE origin = ?", (origin,)
        ).fetchone()
        size, root, last_time_s, last_note = row or (*LastCosigned(), 0, None)
        accepted = judge(submission, LastCosigned(size, root))
        if isinstance(accepted, Rejected):
            if last_note is not None and submission.checkpoint.size == size and submission.checkpoint.root != root:
                self._keep_split_view(submission, last_note)
            return Answer(*accepted)
        now_s = clock()
        if now_s < max(last_time_s, 1):
            _log.error("nothing is cosigned for a log: the clock reads earlier than its last cosignature")
            return _unavailable()
        signatures = self._signatures(accepted, now_s)
        note = render_note(Note(accepted.note.text, (*accepted.note.signatures, *signatures)))
        head = accepted.checkpoint
        self._database.execute(
            "INSERT INTO cosigned VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET"
            " size = excluded.size, root = excluded.root, time_s = excluded.time_s, note = excluded.note",
            (origin, head.size, head.root, now_s, note),
        )
        shown[monitoring_path(origin)] = note
        return Answer(_OK, render_cosignatures(signatures))

    def _keep_split_view(self, submission: Submission, cosigned: bytes) -> None:
        """Keep two trees of one size that a log signed.

        Nothing else that is refused proves anything: whoever relays a checkpoint may spoil its proof.
        """
        head = submission.checkpoint
        kept = self._database.execute("SELECT count(*) FROM split_views WHERE origin = ?", (head.origin,)).fetchone()[0]
        if kept < _MAX_SPLIT_VIEWS:
            written = self._database.execute(
                "INSERT OR IGNORE INTO split_views VALUES (?, ?, ?, ?, ?)",
                (head.origin, head.size, head.root, cosigned, render_note(submission.note)),
            )
            if written.rowcount:
                _log.error("a log signed two trees of one size: see bouclier witness evidence")

    def _signatures(self, accepted: Accepted, now_s: int) -> list[NoteSignature]:
        # ML-DSA-44 does not cover extension lines; Ed25519 does.
        keys = [
            key for key in self._keys if key.type is not SignatureType.ML_DSA_44 or not accepted.checkpoint.extensions
        ]
        return [sign_checkpoint(accepted.checkpoint, key, timestamp_s=now_s) for key in keys]

    def _give_up(self, error: sqlite3.Error) -> None:
        """Forget the transaction; after anything but a full or busy disk, cosign nothing more."""
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        _log.error("nothing is cosigned: the memory cannot be written (%s)", name)
        # After a synchronisation that failed, the system may call pages clean that the disk does not hold.
        self._failed = not str(name).startswith(("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_READONLY", "SQLITE_CANTOPEN"))
        try:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
        except sqlite3.Error:
            self._failed = True


def _data_version(database: sqlite3.Connection) -> int:
    """Return a number that changes when another connection changed the database."""
    return int(database.execute("PRAGMA data_version").fetchone()[0])


def _hand_out(jobs: Sequence[_Job], answers: Sequence[Answer]) -> None:
    for job, answer in zip(jobs, answers, strict=True):
        # A loop that is closed has nobody waiting.
        with contextlib.suppress(RuntimeError):
            job.loop.call_soon_threadsafe(_settle, job.answered, answer)


def _settle(answered: asyncio.Future[Answer], answer: Answer) -> None:
    if not answered.done():
        answered.set_result(answer)


def _unavailable() -> Answer:
    message = Bilingual("ce témoin ne peut pas cosigner maintenant", "this witness cannot cosign now")
    return Answer(_UNAVAILABLE, f"{message}\n".encode())
