"""Publishing a growing log: sign what is durable, have it cosigned, and only then show it.

    entries durable ─► signed, `pooling_s` later at most ─► witnesses asked, all at once ─► quorum ─► checkpoint durable
                                                                                              └► shown, receipts final

One round at a time, a round as soon as there is something new and the pool time is over, so a checkpoint stands for all
that arrived meanwhile: their number does not follow the load. A round ends with the quorum: it does not wait for a slow
witness, and leaves it out of the next rounds until it has answered. Without a quorum nothing is shown, and the next
round tries again with what is there by then.

What is signed here is durable, and is the root that the entries gave, never one that files were asked for: files that
do not lead to it were altered, and stop everything. So whatever a crash takes, no checkpoint promised it; and what was
shown is durable before it is shown, so that nobody sees a log go back.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bouclier.oversight.adapters.checkpoint_file import read_checkpoint, write_checkpoint
from bouclier.oversight.adapters.witness_client import (
    ForkedLogError,
    OtherCheckpointError,
    WitnessClient,
    WitnessSilentError,
)
from bouclier.terms.errors import Bilingual, StorageError
from bouclier.tlog import (
    Checkpoint,
    Note,
    TileError,
    open_checkpoint,
    render_checkpoint,
    render_note,
    root_from_tiles,
    sign_checkpoint,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bouclier.oversight.adapters.file_log import FileLog
    from bouclier.tlog import NoteSignature, PolicyWitness, VerifierKey, WitnessPolicy
    from bouclier.tlog.witness import Cosignature

_logger = logging.getLogger(__name__)
_RETRY_S: Final = 1.0
_LONGEST_REST_S: Final = 60.0


class AlteredTreeError(StorageError):
    """The tree files do not lead to the root of the entries: somebody wrote in them, or the disk did."""

    code = "log_tree_altered"

    def __init__(self, size: int) -> None:
        super().__init__(
            Bilingual(
                f"les fichiers de l'arbre ne mènent pas à la racine des {size} entrées",
                f"the tree files do not lead to the root of the {size} entries",
            ),
            Bilingual(
                "Arrêtez la passerelle, cherchez qui écrit dans log/tree ou ce qu'a le disque, supprimez log/tree, "
                "redémarrez : il est recalculé.",
                "Stop the gateway, find out who writes to log/tree or what ails the disk, delete log/tree, start again:"
                " it is computed anew.",
            ),
        )


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint that anyone may be shown.

    Attributes:
        note: It, signed by the log and cosigned by the quorum.
        checkpoint: Its text.
        time_s: When it became so, seconds since 1970.
    """

    note: bytes = field(repr=False)
    checkpoint: Checkpoint
    time_s: float


@dataclass(slots=True)
class _Link:
    """A witness, and how it has behaved."""

    client: WitnessClient
    asked: asyncio.Task[list[Cosignature]] | None = None
    failures: int = 0
    rests_until: float = 0.0
    problem: str | None = None


@dataclass(slots=True)
class _Round:
    """A checkpoint on its way to its quorum."""

    checkpoint: Checkpoint
    note: bytes
    signatures: list[NoteSignature]
    cosigned: dict[VerifierKey, NoteSignature] = field(default_factory=dict)
    times: dict[VerifierKey, int] = field(default_factory=dict)
    is_outrun: bool = False  # a witness has cosigned a newer checkpoint of ours already


class Publisher:
    """Publishes one log. Used from its event loop.

    Attributes:
        published: What was published last; None if nothing was.
        policy: Which witnesses make a checkpoint fit to be shown.
        witness_time_s: What a quorum of them said the time was, seconds since 1970; 0 before they did.
    """

    def __init__(
        self,
        log: FileLog,
        folder: Path,
        policy: WitnessPolicy,
        *,
        now_s: Callable[[], float],
        pooling_s: float = 0.1,
        witness_timeout_s: float = 5.0,
    ) -> None:
        """Take an open log.

        Args:
            log: What is published.
            folder: Its folder.
            policy: Its witnesses, where they are, and the quorum.
            now_s: Seconds since 1970.
            pooling_s: Shortest time between two checkpoints.
            witness_timeout_s: Longest wait for a witness.

        Raises:
            OSError: The folder cannot be read.
            VerificationError: What was published is not signed by this log.
        """
        self.policy = policy
        self._log = log
        self._folder = folder
        self._now_s = now_s
        self._pooling_s = pooling_s
        self._timeout_s = witness_timeout_s
        self._own_keys = tuple(key.verifier_key for key in log.keys)
        self.published = self._read_published()
        last_size = self.published.checkpoint.size if self.published is not None else 0
        self._links = [
            _Link(
                WitnessClient(
                    ", ".join(witness.name for witness in witnesses),
                    url,
                    [witness.key for witness in witnesses],
                    last_size=last_size,
                    timeout_s=witness_timeout_s,
                )
            )
            for url, witnesses in _by_url(policy).items()
        ]
        self._threads = ThreadPoolExecutor(len(self._links) + 1, thread_name_prefix="bouclier-witness")
        self._grown = asyncio.Event()
        self._next: asyncio.Future[None] | None = None
        self._writing: asyncio.Future[None] | None = None
        self.witness_time_s = 0
        self._behind_since: float | None = None
        self._fork: ForkedLogError | None = None
        log.grown = self._grow
        if log.size > last_size:
            self._grow()

    @property
    def behind_s(self) -> float:
        """For how long there have been entries that no published checkpoint covers, seconds; 0 when there are none."""
        return 0.0 if self._behind_since is None else max(0.0, self._now_s() - self._behind_since)

    @property
    def problems(self) -> dict[str, str]:
        """What each witness that failed last said, by its name in the policy: an address may hold a secret."""
        return {link.client.name: link.problem for link in self._links if link.problem is not None}

    def note_behind_since(self, time_s: float) -> None:
        """Take over from an earlier process since when there have been entries that no published checkpoint covers."""
        if self._is_behind():
            self._behind_since = time_s

    async def run(self) -> None:
        """Publish until cancelled."""
        loop = asyncio.get_running_loop()
        while not self._log.is_refusing:
            await self._grown.wait()
            self._grown.clear()
            began = loop.time()
            done = await self._round()
            # Together with the round itself, so that a slow quorum is not waited for twice.
            await asyncio.sleep(max(0.0, (self._pooling_s if done else _RETRY_S) - (loop.time() - began)))
            if self._is_behind():
                self._grown.set()

    async def begin(self) -> None:
        """Publish what is there, once, before anything is served: witnesses that know of another history say so now.

        Raises:
            StorageError: One of them does; see `ForkedLogError`.
        """
        if self._is_behind() and self._links:
            await self._round()
            if self._fork is not None:
                raise self._fork

    async def finish(self) -> None:
        """Publish what is there, once, before the log closes; without its witnesses it stays for the next start."""
        # A round that was broken off left them busy: they can be asked again once they have answered.
        busy = [link.asked for link in self._links if link.asked is not None]
        if busy:
            await asyncio.wait(busy, timeout=self._timeout_s)
        # Its file may still be on its way to the disk: two at once would be one of both.
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
        if self._is_behind():
            await self._round()

    async def covered(self, size: int) -> Published:
        """Wait for a published checkpoint of at least this many entries, and return it."""
        while self.published is None or self.published.checkpoint.size < size:
            if self._next is None:
                self._next = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._next)
        return self.published

    async def close(self) -> None:
        """Let go of the witnesses, without waiting for those that hang."""
        self._log.grown = lambda: None
        asked = [link.asked for link in self._links if link.asked is not None]
        for link in self._links:
            if link.asked is not None:
                link.client.abort()
        await asyncio.gather(*asked, return_exceptions=True)
        for link in self._links:
            link.client.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _grow(self) -> None:
        self._behind_since = self._behind_since or self._now_s()
        self._grown.set()

    def _is_behind(self) -> bool:
        return self._log.size > (self.published.checkpoint.size if self.published is not None else 0)

    async def _round(self) -> bool:
        """Publish the log as it is now; return whether the next round need not wait longer than the pool time."""
        loop = asyncio.get_running_loop()
        await self._log.settled()
        try:
            this = await loop.run_in_executor(self._threads, self._signed)
        except OSError as error:
            _logger.warning("tree files cannot be read: %s", error.strerror or type(error).__name__)
            return False
        except AlteredTreeError as error:
            _logger.critical("%s", error.message)
            self._log.refuse(error)
            return False
        if self.published is not None and this.checkpoint.size <= self.published.checkpoint.size:
            return self._log.is_following  # nothing new yet; or the tree files cannot be written
        await self._ask_all(this)
        if not self.policy.is_met_by(this.cosigned.keys()):
            return this.is_outrun
        note = render_note(Note(render_checkpoint(this.checkpoint), (*this.signatures, *this.cosigned.values())))
        try:
            self._writing = loop.run_in_executor(self._threads, write_checkpoint, self._folder, note)
            await asyncio.shield(self._writing)
        except OSError as error:
            _logger.warning("the checkpoint cannot be written: %s", error.strerror or type(error).__name__)
            return False
        self._show(Published(note, this.checkpoint, self._now_s()))
        self.witness_time_s = max(self.witness_time_s, self._agreed_time(this))
        return True

    def _agreed_time(self, this: _Round) -> int:
        """Return the latest time that witnesses enough for a quorum say has come: no single one can make it later."""
        for time_s in sorted(set(this.times.values()), reverse=True):
            if self.policy.is_met_by([key for key, said in this.times.items() if said >= time_s]):
                return time_s
        return 0

    def _show(self, published: Published) -> None:
        self.published = published
        self._behind_since = self._now_s() if self._is_behind() else None
        waiting, self._next = self._next, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _signed(self) -> _Round:
        """In a thread: sign the tree that the files have reached.

        Raises:
            AlteredTreeError: They do not lead to its root: proofs made from them would be false.
            OSError: They cannot be read.
        """
        size, root = self._log.head
        try:
            there = root_from_tiles(self._log.tree, size)
        except TileError:
            there = b""
        if there != root:
            raise AlteredTreeError(size)
        checkpoint = Checkpoint(self._log.header.origin, size, root)
        now_s = int(self._now_s())
        signatures = [sign_checkpoint(checkpoint, key, timestamp_s=now_s) for key in self._log.keys]
        return _Round(checkpoint, render_note(Note(render_checkpoint(checkpoint), tuple(signatures))), signatures)

    async def _ask_all(self, this: _Round) -> None:
        """Ask the witnesses that are free, until the quorum or until all have answered."""
        now = self._now_s()
        pending: set[asyncio.Task[list[Cosignature]]] = set()
        for link in self._links:
            if link.asked is None and link.rests_until <= now:
                link.asked = asyncio.create_task(self._ask(link, this))
                pending.add(link.asked)
        while pending and not self.policy.is_met_by(this.cosigned.keys()):
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED, timeout=self._timeout_s)
            if not done:
                return
            for task in done:
                this.cosigned |= {one.key: one.signature for one in task.result()}
                this.times |= {one.key: one.time_s for one in task.result()}

    async def _ask(self, link: _Link, this: _Round) -> list[Cosignature]:
        """Ask one witness; an empty list when it did not cosign."""
        loop = asyncio.get_running_loop()
        try:
            cosignatures = await loop.run_in_executor(
                self._threads,
                lambda: link.client.cosign(this.checkpoint, this.note, self._log.tree, own_keys=self._own_keys),
            )
        except OtherCheckpointError as error:
            fork = await self._fork_of(error.checkpoint, link)
            if fork is None:
                # Somebody submitted a newer checkpoint of ours, such as a receipt's: the next round is newer still.
                this.is_outrun = True
                return []
            # Whoever goes on after this shows two histories: nothing more is recorded, so nothing more leaves.
            if not self._log.is_refusing:
                _logger.critical("%s", fork.message)
            link.problem = fork.code
            self._log.refuse(fork)
            self._fork = fork
            return []
        except (WitnessSilentError, TileError, OSError) as error:
            # The last two: the tree files cannot be read for its proof. The next round says what is wrong with them.
            if link.problem is None and isinstance(error, WitnessSilentError):
                _logger.warning("%s", error.message)
            link.problem = error.reason if isinstance(error, WitnessSilentError) else type(error).__name__
            link.failures += 1
            # Its connection is not tried at each round: longer each time, a minute at most.
            link.rests_until = self._now_s() + min(_LONGEST_REST_S, 0.5 * 2 ** min(link.failures, 7))
            return []
        else:
            link.failures, link.problem = 0, None
            return cosignatures
        finally:
            link.asked = None

    async def _fork_of(self, theirs: Checkpoint, link: _Link) -> ForkedLogError | None:
        """Return what is wrong when our log does not continue a checkpoint that our own key signed; None if it may.

        No signed checkpoint leaves this process before its entries are durable, so one that is larger than what is
        durable now, after it was read, was signed by another copy of the log.
        """
        await self._log.settled()
        size = self._log.size
        if theirs.size > size:
            return ForkedLogError(link.client.name, theirs=theirs.size, ours=size)
        if theirs.size > self._log.head.size:
            return None  # the tree files cannot be written: asked again when they can
        loop = asyncio.get_running_loop()
        root = await loop.run_in_executor(self._threads, root_from_tiles, self._log.tree, theirs.size)
        return None if root == theirs.root else ForkedLogError(link.client.name, theirs=theirs.size, ours=size)

    def _read_published(self) -> Published | None:
        note = read_checkpoint(self._folder)
        if note is None:
            return None
        opened = open_checkpoint(note, self._own_keys)
        return Published(note, opened.checkpoint, self._now_s())


def _by_url(policy: WitnessPolicy) -> dict[str, list[PolicyWitness]]:
    """Return the witnesses behind each address: one with two kinds of key is asked once."""
    by_url: dict[str, list[PolicyWitness]] = {}
    for witness in policy.witnesses:
        if witness.url is not None:
            by_url.setdefault(witness.url, []).append(witness)
    return by_url
