"""Following a published charter: refreshed in the background, held for when nobody answers, closed when it expires.

A follower's folder:

    metadata/     what was verified last of each role, and every root: against rollback (python-tuf's layout)
    held.json     the last complete state: what serves while the repository is silent, until it expires
    usable.json   the last complete state that could be used, by word of whoever follows: they may sign what cannot be
    lock          held during a call; several processes may share the folder

Rules:
  * A refresh is taken whole or not at all: the charter, the facts and every listed order, or the state before.
  * Silence is borne until the held timestamp expires; anything served that is wrong is an error at once, and what is
    held serves on, for as long as silence would let it.
  * What is held is verified anew each time, by the newest root known: a revocation that was seen is never forgotten.
    So is what could be used; it is only ever asked for by whoever saw a newer state, and was of no help to them.

Not done here: the rhythm of refreshing, what can be used, and what a gateway does without charter (`compose`).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.charter.adapters.follow_client import TufClient
from bouclier.charter.adapters.follow_held import (
    HELD_NAME,
    USABLE_NAME,
    held_source,
    new_held,
    read_held,
    write_held,
)
from bouclier.charter.adapters.follow_orders import content_of, gather_orders, is_spelled
from bouclier.charter.adapters.tuf_fetch import PATIENCE_S, TIMEOUT_S, source_at
from bouclier.charter.adapters.tuf_files import read_file, settle
from bouclier.charter.adapters.tuf_roles import BUNDLE_TARGET, REGISTRY_TARGET, SNAPSHOT, TARGETS, TIMESTAMP
from bouclier.charter.bundle import MAX_REGISTRY_BYTES
from bouclier.charter.followed import REPOSITORY, CharterNotFollowedError, Followed, Problem, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bouclier.charter.adapters.follow_held import Held, HeldRole

METADATA: Final = "metadata"
MAX_BUNDLE_BYTES: Final = 16_777_216
_LOCK: Final = "lock"
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MOMENT: Final = timedelta(seconds=1)


class Follower:
    """A client of one published charter."""

    def __init__(
        self,
        state_folder: Path,
        url_or_folder: str | Path,
        trusted_root: bytes,
        *,
        now: Callable[[], datetime],
        timeout_s: float = TIMEOUT_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Prepare to follow; nothing is asked or written yet.

        Args:
            state_folder: Made if missing; may be shared between processes.
            url_or_folder: `http(s)://` or `file://` prefix, or a folder, under which `metadata/` and `targets/` are.
            trusted_root: A root's bytes, obtained from somebody who is trusted.
            now: Tells the time, with its zone.
            timeout_s: Longest wait for one answer, in seconds.
            patience_s: Longest time for all that one refresh asks, in seconds.

        Raises:
            ConfigurationError: It is no such address.
        """
        self._folder = state_folder
        self._source = source_at(url_or_folder, timeout_s=timeout_s, patience_s=patience_s)
        self._trusted_root = trusted_root
        self._now = now
        self._seen: _Seen | None = None
        self._kept: Held | None = None

    def refresh(self) -> Followed:
        """Return the charter in force: as published now, or as held while the repository does not answer.

        Blocks for at most `patience_s`, and for as long again when another process refreshes the same folder.

        Raises:
            CharterNotFollowedError: What is published is wrong (what is held may still serve: `held`), or nobody
                answers and nothing that is held is valid any more.
            StorageError: The folder cannot be used.
        """
        with self._locked(), contextlib.closing(self._source.fetcher):
            before = self._remembered()
            try:
                seen = self._published(before)
            except CharterNotFollowedError as error:
                if error.reason is not Reason.UNREACHABLE or before is None:
                    raise
                followed = self._replayed(before, self._now())
                followed = replace(followed, problems=(*followed.problems, Problem(Reason.UNREACHABLE, REPOSITORY)))
                seen = _Seen(followed, before)
            if seen.held != before:
                # A crash before this line leaves the state before, and newer metadata beside it.
                write_held(self._folder, seen.held)
            self._seen = seen
            return seen.followed

    def held(self, *, even_expired: bool = False) -> Followed | None:
        """Return what was verified last, verified anew, without asking anybody; None when nothing ever was.

        Args:
            even_expired: Whether it is returned, as of its last moment, after it expired; `expires` says that it did.

        Raises:
            CharterNotFollowedError: It has expired, or a newer root does not accept it, or the folder was damaged.
            StorageError: The folder cannot be used.
        """
        with self._locked():
            held = read_held(self._folder)
            if held is None:
                return None
            followed = self._as_it_was(held) if even_expired else self._replayed(held, self._now())
            self._seen = _Seen(followed, held)
            return followed

    def keep_usable(self, followed: Followed) -> None:
        """Have a state kept beside what is held, until another one is: it can be used.

        It is to be called before the state is first decided by, by one process at a time, which alone decides by it.

        Args:
            followed: As `refresh` or `held` returned it last. Anything else, such as what was put together of two
                states, is none that anybody signed: it is not kept, and what was kept still is.

        Raises:
            StorageError: It cannot be written; what was kept still is.
        """
        seen = self._seen
        if seen is None or seen.followed is not followed or seen.held == self._kept:
            return
        with self._locked():
            # A crash before this line leaves the usable state before, and a newer one held: if that one is still there
            # at the next start, it is found usable again; if not, nobody decided by it.
            write_held(self._folder, seen.held, USABLE_NAME)
            # Without this a cut of the power could bring back the state before, under which less may be forbidden than
            # under the one that was decided by since.
            settle(self._folder)
            self._kept = seen.held

    def usable(self) -> Followed | None:
        """Return the last state that could be used, verified anew, expired or not; None when none ever could.

        Raises:
            CharterNotFollowedError: The newest root known does not accept it, or it was changed or damaged.
            StorageError: The folder cannot be used.
        """
        with self._locked():
            kept = read_held(self._folder, USABLE_NAME)
            return None if kept is None else self._as_it_was(kept)

    def _published(self, before: Held | None) -> _Seen:
        metadata = self._folder / METADATA
        client = TufClient(metadata, self._source, self._trusted_root, self._now())
        client.refresh()
        followed, roles = _gathered(client, before, replay=False)
        top = [read_file(metadata / f"{role}.json") or b"" for role in (TIMESTAMP, SNAPSHOT, TARGETS)]
        files = {BUNDLE_TARGET: followed.bundle, **{order.path: order.data for order in followed.orders}}
        if followed.registry is not None:
            files[REGISTRY_TARGET] = followed.registry
        return _Seen(followed, new_held(top[0], top[1], top[2], roles, files))

    def _as_it_was(self, held: Held) -> Followed:
        """Return a held state as it is, or as it was the moment before it expired."""
        # By its own metadata, whenever that was: `expires` comes of what is signed, and nothing is extended by this.
        last = self._replayed(held, _LONG_AGO).expires - _LAST_MOMENT
        return self._replayed(held, min(self._now(), last))

    def _replayed(self, held: Held, at: datetime) -> Followed:
        with _usable(HELD_NAME), tempfile.TemporaryDirectory(prefix="bouclier-held-") as nowhere:
            source = held_source(held, self._folder / METADATA)
            try:
                client = TufClient(Path(nowhere), source, self._trusted_root, at, durable=False)
                client.refresh()
                return _gathered(client, held, replay=True)[0]
            except CharterNotFollowedError as error:
                if error.reason is Reason.UNREACHABLE:
                    # It is our own file that lacks something.
                    raise CharterNotFollowedError(Reason.STATE, error.role) from error
                raise

    def _remembered(self) -> Held | None:
        """Return what is held; what is damaged is as good as nothing, and is replaced by the next state."""
        with contextlib.suppress(CharterNotFollowedError):
            return read_held(self._folder)
        return None

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with contextlib.ExitStack() as until:
            with _usable(_LOCK):
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                lock = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                until.callback(os.close, lock)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@contextlib.contextmanager
def _usable(name: str) -> Iterator[None]:
    """Say that a file of ours is unusable where the system says so."""
    try:
        yield
    except OSError as error:
        raise CharterNotFollowedError(Reason.STATE, name) from error


class _Seen(NamedTuple):
    followed: Followed
    held: Held


def _gathered(client: TufClient, held: Held | None, *, replay: bool) -> tuple[Followed, dict[str, HeldRole]]:
    """Return all that a client verified, and the authorities' metadata to be held."""
    with client.explained(TARGETS):
        bundle = _editors_file(client, held, BUNDLE_TARGET, MAX_BUNDLE_BYTES)
        if bundle is None:
            raise CharterNotFollowedError(Reason.UNPUBLISHED, BUNDLE_TARGET)
        registry = _editors_file(client, held, REGISTRY_TARGET, MAX_REGISTRY_BYTES)
        authorities = gather_orders(client, held, replay=replay)
        signers = client.signers()
    top = (client.root, client.timestamp, client.snapshot, client.targets)
    followed = Followed(
        bundle=bundle,
        registry=registry,
        orders=tuple(sorted(authorities.orders, key=lambda order: order.path)),
        root_version=client.root.version,
        targets_version=client.targets.version,
        snapshot_version=client.snapshot.version,
        timestamp_version=client.timestamp.version,
        expires=min(role.expires for role in top),
        adopted_by=signers.adopted_by,
        parties=signers.parties,
        threshold=signers.threshold,
        editors=signers.editors,
        editors_threshold=signers.editors_threshold,
        problems=tuple(authorities.problems),
    )
    return followed, authorities.roles


def _editors_file(client: TufClient, held: Held | None, path: str, most: int) -> bytes | None:
    """Return a file of the editors themselves, not of whom they delegate to; None if they sign none by that path."""
    target = client.targets.targets.get(path)
    if target is None:
        return None
    if not is_spelled(target):
        raise CharterNotFollowedError(Reason.MALFORMED, path)
    if target.length > most:
        raise CharterNotFollowedError(Reason.OVERSIZED, path)
    return content_of(client, target, held.files if held is not None else {})
