"""Follow one log: from checkpoint to checkpoint, and through every entry between them, each once and in order.

The order of things, for each look at the log:

1. What a look before left unread, of a tree verified then, is read first: `MAX_STRETCH` entries at the most, so that a
   long log does not keep the others waiting.
2. The published checkpoint is held against the last one verified. Smaller, or of another root at the same size: the log
   has shown two histories, and both signed checkpoints are the evidence.
3. A larger tree must extend the known one by what is served (`tree`). Only then is its checkpoint remembered.
4. The new entries pass the watch, page by page. Alarms are told first, then the page is remembered. A crash between the
   two repeats the page, with the same keys; nothing is ever skipped.
5. Silence, and decisions that wait for their outcome, are looked for whether or not the log answered.

A trouble that goes on is told when it begins, and again when another takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from bouclier.oversight.monitor.alarm import CODES, Alarm, Remark, Severity, alarm_of
from bouclier.oversight.monitor.clocks import Bounds
from bouclier.oversight.monitor.ports import LogUnreachableError, NotServedError, Observed
from bouclier.oversight.monitor.published import trouble_of
from bouclier.oversight.monitor.tree import MAX_SIZE, MAX_STRETCH, fork_between, leap_to, pages_of, step_to, stretch_to
from bouclier.oversight.monitor.watch import LogWatch, WatchSettings, WatchState
from bouclier.tlog import ConsistencyError, Frontier, TileError, consistency_from_tiles, verify_consistency

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from bouclier.oversight.monitor.ports import Keeper, LogSource, Teller
    from bouclier.oversight.monitor.published import Published
    from bouclier.oversight.monitor.published_law import LawBook
    from bouclier.oversight.monitor.replayer import Replayer
    from bouclier.oversight.monitor.tree import Stretch
    from bouclier.tlog import Checkpoint

SAVE_EVERY: Final = 4_096
"""Entries between two savings, so that a large log is not read again from its beginning after a crash."""


class UrlState(msgspec.Struct):
    """What is known of one address of a log.

    Attributes:
        size: Of the largest tree seen there.
        trouble: Key of the alarm that is going on; empty if none is.
        code: Its code.
    """

    size: int = 0
    trouble: str = ""
    code: str = ""


class FollowState(msgspec.Struct):
    """All that is remembered of a log; `v` is the version of this format.

    Attributes:
        origin: Which log.
        checkpoint: The last checkpoint verified, as it was signed; empty before the first.
        tree_size: Its size.
        tree: Peaks of its tree.
        read: Peaks of the tree of the entries that passed the watch.
        since_s: When the tree before that one was still the largest, by the witnesses; None if unknown.
        until_s: When that tree was there, by the witnesses; None if unknown.
        newest_s: The newest cosignature of it; None if there is none.
        alive_s: The log's last sign of life, seconds since 1970-01-01 UTC.
        urls: By address; what is wrong at no address in particular is under the empty one.
        counts: Alarms told, by severity and code: `alarm verdict-differs`.
        watch: What the watch remembers.
        v: 3.
    """

    origin: str
    checkpoint: bytes = b""
    tree_size: int = 0
    tree: tuple[bytes, ...] = ()
    read: tuple[bytes, ...] = ()
    since_s: int | None = None
    until_s: int | None = None
    newest_s: int | None = None
    alive_s: int = 0
    urls: dict[str, UrlState] = msgspec.field(default_factory=dict)
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    watch: WatchState = msgspec.field(default_factory=WatchState)
    v: Literal[3] = 3

    def __post_init__(self) -> None:
        # A file that was damaged is refused when it is read, not in the middle of a log.
        Frontier(self.tree_size, self.tree)
        Frontier(self.watch.size, self.read)


_TROUBLES: Final = (LogUnreachableError, NotServedError, ConsistencyError, TileError)


class Follower:
    """Follows one log, at one address or several.

    Attributes:
        state: What is remembered, as it was last saved or will be next.
    """

    def __init__(
        self,
        state: FollowState,
        replayer: Replayer,
        settings: WatchSettings,
        *,
        keeper: Keeper,
        teller: Teller,
        book: LawBook | None = None,
    ) -> None:
        """Go on from a state, which the follower then owns."""
        self.state = state
        self._keeper = keeper
        self._teller = teller
        self._source: LogSource | None = None  # where the largest tree was seen
        self._shown: Published | None = None  # the largest checkpoint seen in this round
        self._watch = LogWatch(state.origin, replayer, settings, book=book, state=state.watch)

    @property
    def is_troubled(self) -> bool:
        """Whether something is wrong with the log itself now: a trouble at an address, or one that its watch sees."""
        troubles = [CODES[url.code][0] for url in self.state.urls.values() if url.trouble]
        return Severity.ALARM in troubles or self._watch.is_troubled

    @property
    def is_behind(self) -> bool:
        """Whether entries of the tree verified are still unread."""
        return self._watch.size < self.state.tree_size

    def ended(self, urls: Collection[str], source: LogSource) -> None:
        """End a round: tell if no address showed the log, or each only less of it than it had signed; begin another.

        That is remembered with the next saving: whoever ends a round listens after it.

        Args:
            urls: The addresses looked at.
            source: Where the entries are, for who is told.
        """
        state, shown, self._shown = self.state, self._shown, None
        wrong = [at for url, at in state.urls.items() if url in urls and at.trouble]
        remark: Remark | None = None
        notes = [state.checkpoint]
        if wrong or not state.checkpoint:
            remark = None  # what is wrong there was told, and says more
        elif shown is None:
            remark = Remark("log-gone")
        elif shown.checkpoint.size < state.tree_size:
            remark = Remark("behind", expected=f">= {state.tree_size}", found=str(shown.checkpoint.size))
            notes.append(shown.note)
        if remark is not None or "" in state.urls:
            self._note("", None if remark is None else Observed(self._alarm(remark), tuple(notes)), source)

    def look(self, url: str, source: LogSource, published: Published, *, now_s: int) -> None:
        """Take the checkpoint published at an address, and read what is new.

        Args:
            url: The address.
            source: The log there.
            published: The checkpoint, verified: of this origin, signed by the log and by the quorum.
            now_s: The monitor's clock, seconds since 1970-01-01 UTC.

        Raises:
            StorageError: What was read cannot be remembered.
        """
        if self._shown is None or published.checkpoint.size > self._shown.checkpoint.size:
            self._shown = published
        try:
            self._finish(source, now_s)
            trouble = self._compared(url, source, published, now_s)
        except _TROUBLES as error:
            notes = tuple(filter(None, (self.state.checkpoint, published.note)))
            trouble = Observed(self._alarm(trouble_of(error)), notes)
        self.troubled(url, trouble, source)

    def troubled(self, url: str, trouble: Observed | None, source: LogSource) -> None:
        """Take what is wrong at an address, None if nothing is; it is told when it begins."""
        self._note(url, trouble, source)
        self._save()

    def _note(self, url: str, trouble: Observed | None, source: LogSource) -> None:
        at = self.state.urls.setdefault(url, UrlState())
        key = "" if trouble is None else trouble.alarm.key
        if trouble is not None and key != at.trouble:
            self._tell([trouble], source)
        at.trouble, at.code = key, "" if trouble is None else trouble.alarm.code

    def listen(self, source: LogSource, *, now_s: int) -> None:
        """Look for silence and for what is overdue, though no entry came."""
        if not self.state.checkpoint:
            return
        alarms = self._watch.listen(alive_s=self.state.alive_s, now_s=now_s)
        self._tell(self._observed(alarms), source)
        self._save()

    def _compared(self, url: str, source: LogSource, published: Published, now_s: int) -> Observed | None:
        """Hold a checkpoint against the last one verified; go on to it if it extends that one."""
        state, (note, checkpoint, cosigned_s) = self.state, published
        at = state.urls.setdefault(url, UrlState())
        if checkpoint.size < state.tree_size:
            if checkpoint.size < at.size:
                return self._conflict("rollback", note, at.size, checkpoint.size)
            trouble = self._behind(note, checkpoint)
            at.size = checkpoint.size if trouble is None else at.size
            return trouble
        self._source = source
        if checkpoint.size == state.tree_size and state.checkpoint:
            root = Frontier(state.tree_size, state.tree).root()
            if checkpoint.root != root:
                return self._conflict("split-view", note, root.hex(), checkpoint.root.hex())
            newest_s = max(cosigned_s, default=0)
            if newest_s > (state.newest_s or 0):
                # A witness whose clock is ahead makes the log look alive now, not later.
                state.newest_s, state.alive_s = newest_s, min(newest_s, now_s)
                state.checkpoint = note
            at.size = checkpoint.size
            return None
        trouble = self._grown(source, published, now_s)
        if state.tree_size == checkpoint.size:
            at.size = checkpoint.size
        return trouble

    def _grown(self, source: LogSource, published: Published, now_s: int) -> Observed | None:
        """Go on to a larger tree if it extends the known one, and read what is new; or return why not."""
        state, (note, checkpoint, cosigned_s) = self.state, published
        if checkpoint.size > MAX_SIZE:
            return self._conflict("size-absurd", note, f"<= {MAX_SIZE}", checkpoint.size)
        known, was_behind = Frontier(state.tree_size, state.tree), self.is_behind
        stretch: Stretch | None = None
        try:
            if was_behind or checkpoint.size - known.size > MAX_STRETCH:
                tree = leap_to(source, known, size=checkpoint.size, root=checkpoint.root)
            else:
                stretch = stretch_to(source, known, size=checkpoint.size, root=checkpoint.root)
                tree = stretch.frontier
        except ConsistencyError:
            return self._forked(source, note, checkpoint)
        if not was_behind:  # else entries of an earlier tree are still to be read, to which the earlier time applies
            state.since_s = None if state.newest_s is None else min(state.newest_s, now_s)
        state.until_s = min(cosigned_s, default=None)
        state.newest_s = max(cosigned_s, default=None)
        state.alive_s = min(now_s, max(cosigned_s, default=now_s))
        state.checkpoint, state.tree_size, state.tree = note, checkpoint.size, tree.peaks
        # A crash after this line has the signed tree on record before any of its entries is judged.
        self._save()
        if stretch is not None:
            self._read(source, stretch, now_s)
        elif not was_behind:
            self._finish(source, now_s)
        return None

    def _finish(self, source: LogSource, now_s: int) -> None:
        """Read on in what a look before left unread, of a tree verified then."""
        state = self.state
        if self.is_behind:
            known, tree = Frontier(self._watch.size, state.read), Frontier(state.tree_size, state.tree)
            self._read(source, step_to(source, known, tree), now_s)

    def _read(self, source: LogSource, stretch: Stretch, now_s: int) -> None:
        bounds = Bounds(self.state.since_s, self.state.until_s, now_s)
        saved = self._watch.size
        for page in pages_of(source, stretch):
            alarms: list[Alarm] = []
            for entry in page.entries:
                alarms += self._watch.feed(entry, bounds)
            # A crash before the saving below repeats this page: told twice, never skipped.
            self._tell(self._observed(alarms), source)
            self.state.read = page.frontier.peaks
            if self._watch.size - saved >= SAVE_EVERY:
                self._save()
                saved = self._watch.size
        self._save()

    def _behind(self, note: bytes, checkpoint: Checkpoint) -> Observed | None:
        """Take a smaller tree at an address that never showed more: a copy that lags, or another history.

        Where it is told apart is the address that showed the larger tree; if none did since this monitor started, it
        waits for one.
        """
        state, source = self.state, self._source
        if checkpoint.size == 0 or source is None:
            return None
        old_size, new_size = checkpoint.size, state.tree_size
        new_root = Frontier(state.tree_size, state.tree).root()
        proof = consistency_from_tiles(source, old_size, new_size)
        try:
            verify_consistency(
                old_size=old_size, old_root=checkpoint.root, new_size=new_size, new_root=new_root, proof=proof
            )
        except ConsistencyError:
            fork = fork_between(
                source, old_size=old_size, old_root=checkpoint.root, new_size=new_size, new_root=new_root
            )
            alarm = self._alarm(Remark("inconsistent" if fork is None else "split-view", expected=f"{old_size}"))
            return Observed(alarm, (note, state.checkpoint), old_size, fork)
        return None

    def _forked(self, source: LogSource, note: bytes, checkpoint: Checkpoint) -> Observed:
        """Return that a larger tree does not extend the known one, with the proof if the log itself gives it."""
        state = self.state
        fork = None
        if state.tree_size:
            old_root = Frontier(state.tree_size, state.tree).root()
            try:
                fork = fork_between(
                    source,
                    old_size=state.tree_size,
                    old_root=old_root,
                    new_size=checkpoint.size,
                    new_root=checkpoint.root,
                )
            except (NotServedError, TileError, LogUnreachableError):
                fork = None  # nothing more can be shown than that it does not fit
        remark = Remark("inconsistent" if fork is None else "split-view", expected=f"{state.tree_size}")
        return Observed(self._alarm(remark), tuple(filter(None, (state.checkpoint, note))), state.tree_size, fork)

    def _conflict(self, code: str, note: bytes, expected: object, found: object) -> Observed:
        alarm = self._alarm(Remark(code, expected=str(expected), found=str(found)))
        return Observed(alarm, tuple(filter(None, (self.state.checkpoint, note))), self.state.tree_size)

    def _alarm(self, remark: Remark) -> Alarm:
        return alarm_of(remark, origin=self.state.origin)

    def _observed(self, alarms: Iterable[Alarm]) -> list[Observed]:
        return [Observed(alarm, (self.state.checkpoint,), self.state.tree_size) for alarm in alarms]

    def _tell(self, observed: Sequence[Observed], source: LogSource) -> None:
        if not observed:
            return
        self._teller.tell(observed, source)
        for one in observed:
            name = f"{one.alarm.severity} {one.alarm.code}"
            self.state.counts[name] = self.state.counts.get(name, 0) + 1

    def _save(self) -> None:
        self.state.watch = self._watch.state()
        self._keeper.keep(self.state.origin, msgspec.json.encode(self.state))
