"""What the charter's repository published, as a monitor saw it: a `LawBook` that remembers, across crashes.

    <state>/law/client/              the TUF client's own memory
    <state>/law/<sha-256>.content    charters' bundles, registries of facts and orders, by digest
    <state>/law/publications.json    the states seen: which charter, root, facts and orders, from when to when

Rules:

* Contents are written before what names them, so that a crash between the two leaves a file that nothing names, and
  never a name without its file.
* A state that differs from the one before only by its timestamp is the same state: what is remembered grows with what
  people decide, not with the repository's heartbeat. `MAX_STATES` at most; what is older is forgotten, and entries of
  that time are then judged with warnings only.
* A repository that does not answer, or publishes what its parties did not sign, changes nothing, and is told.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from threading import RLock
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from bouclier.charter import files_of, parse_charter
from bouclier.charter.adapters.tuf_client import Follower
from bouclier.charter.followed import REPOSITORY, CharterNotFollowedError, Reason
from bouclier.charter.orders import parse_order
from bouclier.compose.facts_reading import registry_from
from bouclier.compose.laws import milliseconds, pieces_between, published_orders
from bouclier.oversight.adapters.log_folder import unusable
from bouclier.oversight.adapters.monitor_state import replace_durably
from bouclier.oversight.monitor import Publication, Severity
from bouclier.oversight.monitor.alarm import Remark
from bouclier.terms.errors import Bilingual, BouclierError, CharterError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bouclier.charter.followed import Followed
    from bouclier.compose.laws import Laws, PublishedOrders
    from bouclier.registry import Registry

MAX_STATES: Final = 1_000
_AGAIN_AFTER_SILENCE_MS: Final = 10_000
"""Between two looks that entries ask for, while something is wrong."""
_CONTENT: Final = ".content"
_INDEX: Final = "publications.json"


class _State(msgspec.Struct):
    """A state of the repository, as it is kept; see `Publication`."""

    since_ms: int
    seen_ms: int
    charter: str
    root: int
    timestamps: tuple[int, int]
    expires_ms: int
    orders: list[tuple[str, str, str]]  # path, role, digest
    registry: str | None = None  # of the facts that were signed; None where none were

    @property
    def digests(self) -> set[str]:
        """What it names."""
        return {self.charter, *(digest for _, _, digest in self.orders), *((self.registry,) if self.registry else ())}


class _Memory(msgspec.Struct):
    """All that is kept; `v` is the version of this format."""

    looked_ms: int = 0
    states: list[_State] = msgspec.field(default_factory=list)
    v: Literal[1] = 1


class RepositoryBook:
    """Follows a charter's repository, and remembers."""

    def __init__(
        self,
        folder: Path,
        place: str | Path,
        root: bytes,
        laws: Laws,
        *,
        clock_ms: Callable[[], int],
        own_facts: Sequence[Mapping[str, bytes]] = ({},),
    ) -> None:
        """Go on from what is remembered in a folder, made if it is missing.

        Args:
            folder: Held by this monitor alone.
            place: URL or folder of the repository.
            root: A root that is trusted.
            laws: Where charters and orders are held; what is published is added.
            clock_ms: Tells the time, milliseconds since 1970-01-01 UTC.
            own_facts: Of each institution that is watched, its own files of facts, by name: what it cites is the
                digest of these together with what was published.

        Raises:
            StorageError: The folder cannot be used, or holds something else.
            ConfigurationError: There can be no repository at that place.
        """
        self._folder = folder
        self._laws = laws
        self._clock_ms = clock_ms
        self._lock = RLock()
        self._version = 0
        self._tried_ms = 0
        self._remarks: tuple[Remark, ...] = ()
        self._own_facts = tuple(own_facts)
        self._facts: dict[str | None, tuple[Registry, ...]] = {}
        self._memory = _read(folder / _INDEX)
        self._orders = [self._held(state) for state in self._memory.states]
        self._follower = Follower(
            folder / "client", place, root, now=lambda: dt.datetime.fromtimestamp(clock_ms() / 1000, dt.UTC)
        )

    @property
    def version(self) -> int:
        """See `LawBook.version`."""
        return self._version

    @property
    def looked_ms(self) -> int | None:
        """See `LawBook.looked_ms`."""
        return self._memory.looked_ms

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What is wrong with the repository itself, by the last look."""
        return self._remarks

    def look(self, *, after_ms: int) -> bool:
        """See `LawBook.look`."""
        with self._lock:
            now_ms, tried_ms = self._clock_ms(), self._tried_ms
            if after_ms > now_ms or 0 <= now_ms - tried_ms < (_AGAIN_AFTER_SILENCE_MS if self._remarks else 1):
                return False
            return self.refresh()

    def refresh(self) -> bool:
        """Look at the repository now; return whether it was seen, and `remarks` tells what is wrong.

        Raises:
            StorageError: What was seen cannot be remembered.
        """
        with self._lock:
            began_ms = self._tried_ms = self._clock_ms()
            try:
                followed = self._follower.refresh()
            except CharterNotFollowedError as error:
                self._remarks = (_remark(error.reason, error.role),)
                return False
            self._remarks = tuple(_remark(one.reason, one.role) for one in followed.problems)
            if any(one.reason is Reason.UNREACHABLE and one.role == REPOSITORY for one in followed.problems):
                return False
            self._seen(followed, began_ms)
            return True

    def publications(self) -> Sequence[Publication]:
        """See `LawBook.publications`."""
        with self._lock:
            states = self._memory.states
            untils: list[int | None] = [*(state.seen_ms for state in states[1:]), None]
            return [
                Publication(
                    since_ms=state.since_ms,
                    seen_ms=state.seen_ms,
                    until_ms=until,
                    charter=state.charter,
                    root=state.root,
                    timestamps=state.timestamps,
                    expires_ms=state.expires_ms,
                )
                for state, until in zip(states, untils, strict=bool(states))
            ]

    def in_force(
        self, number: int, *, since_ms: int, until_ms: int, territory: str | None
    ) -> Sequence[Mapping[str, str]]:
        """See `LawBook.in_force`."""
        state, orders = self._memory.states[number], self._orders[number]
        if not self._laws.knows_charter(state.charter):
            return []
        pieces = self._laws.pieces(state.charter, orders, territory)
        return [
            {one.digest: one.order.id for one in piece.orders.orders}
            for piece in pieces_between(pieces, since_ms, until_ms)
        ]

    def orders_of(self, number: int) -> Mapping[str, str | None]:
        """See `LawBook.orders_of`."""
        state, orders = self._memory.states[number], self._orders[number]
        if not self._laws.knows_charter(state.charter):
            return {}
        refused = {one.digest for one in self._laws.pieces(state.charter, orders, None)[0].orders.refused}
        files = ((sha256(data).hexdigest(), data) for _, _, data in orders.files)
        return {digest: None if digest in refused else parse_order(data).id for digest, data in files}

    def knows_order(self, digest: str) -> bool:
        """See `LawBook.knows_order`."""
        return any(digest in state.digests for state in self._memory.states)

    def registries_of(self, number: int) -> frozenset[str] | None:
        """Return the digests of the facts that entries may cite while a state is in force.

        They are of what the state publishes together with the own facts of each institution that is watched; none if
        that cannot be used. None where it publishes no facts: those of a gateway's own software are in force then.
        """
        digest = self._memory.states[number].registry
        return None if digest is None else frozenset(registry.digest for registry in self._facts[digest])

    def _seen(self, followed: Followed, began_ms: int) -> None:
        memory, charter = self._memory, sha256(followed.bundle).hexdigest()
        registry = None if followed.registry is None else sha256(followed.registry).hexdigest()
        orders = [(one.path, one.authority_role, one.digest) for one in followed.orders]
        last = memory.states[-1] if memory.states else None
        unnamed: set[str] = set()
        expires_ms = milliseconds(followed.expires)
        same = (charter, followed.root_version, orders, registry)
        if last is not None and (last.charter, last.root, last.orders, last.registry) == same:
            first, latest = last.timestamps
            if followed.timestamp_version > latest:
                last.timestamps, last.expires_ms = (first, followed.timestamp_version), max(expires_ms, last.expires_ms)
                self._version += 1
        else:
            state = _State(
                since_ms=memory.looked_ms or began_ms,
                seen_ms=began_ms if last is None else self._clock_ms(),
                charter=charter,
                root=followed.root_version,
                timestamps=(followed.timestamp_version, followed.timestamp_version),
                expires_ms=expires_ms,
                orders=orders,
                registry=registry,
            )
            facts = () if followed.registry is None else (followed.registry,)
            for data in (followed.bundle, *facts, *(one.data for one in followed.orders)):
                self._keep(data)
            memory.states.append(state)
            self._orders.append(self._held(state))
            unnamed = self._forget()
            self._version += 1
        memory.looked_ms = began_ms
        # A crash before this line leaves contents that nothing names; the next look writes them again.
        self._write(self._folder / _INDEX, msgspec.json.encode(memory))
        for digest in unnamed:
            # A crash before this line leaves files that nothing names, which cost some room.
            self._path(digest).unlink(missing_ok=True)

    def _held(self, state: _State) -> PublishedOrders:
        """Return a state's orders, and hold its charter, if that can be read."""
        orders = published_orders((path, role, self._content(digest)) for path, role, digest in state.orders)
        try:
            self._laws.add(parse_charter(files_of(self._content(state.charter))), orders)
        except CharterError:
            self._remarks = (*self._remarks, Remark("repository-wrong", found=f"charter.json: {state.charter}"))
        self._hold_facts(state.registry)
        return orders

    def _hold_facts(self, digest: str | None) -> None:
        """Hold the registries that facts make with the own ones of each institution, if they can be read."""
        if digest in self._facts:
            return
        signed = None if digest is None else self._content(digest)
        held: list[Registry] = []
        for own in self._own_facts:
            try:
                held.append(registry_from(signed, own))
            except BouclierError as error:
                self._remarks = (*self._remarks, Remark("repository-wrong", found=error.param or "registry.json"))
        self._facts[digest] = tuple(held)
        self._publish_facts()

    def _publish_facts(self) -> None:
        self._laws.publish_registries(registry for held in self._facts.values() for registry in held)

    def _forget(self) -> set[str]:
        """Forget the oldest states beyond `MAX_STATES`; return what nothing names any more."""
        states = self._memory.states
        gone = states[:-MAX_STATES]
        if gone:
            del states[:-MAX_STATES], self._orders[:-MAX_STATES]
            pairs = zip(states, self._orders, strict=True)
            self._laws.forget_all_but((state.charter, orders.key) for state, orders in pairs)
            named_facts = {state.registry for state in states}
            self._facts = {digest: held for digest, held in self._facts.items() if digest in named_facts}
            self._publish_facts()
        named = set[str]().union(*(state.digests for state in states))
        return set[str]().union(*(state.digests for state in gone)) - named

    def _keep(self, data: bytes) -> None:
        path = self._path(sha256(data).hexdigest())
        if not path.exists():
            self._write(path, data)

    def _content(self, digest: str) -> bytes:
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise unusable(self._folder, error) from error
        if sha256(data).hexdigest() != digest:
            raise _damaged(path)
        return data

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}{_CONTENT}"

    def _write(self, path: Path, data: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_durably(path, data)
        except OSError as error:
            raise unusable(self._folder, error) from error


def _remark(reason: Reason, role: str) -> Remark:
    if reason is Reason.UNREACHABLE:
        return Remark("repository-unreachable", found=role)
    severity = Severity.WARNING if role not in {REPOSITORY, "root", "targets", "snapshot", "timestamp"} else None
    return Remark("repository-wrong", found=f"{role}: {reason}", severity=severity)


def _read(path: Path) -> _Memory:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Memory)
    except FileNotFoundError:
        return _Memory()
    except OSError as error:
        raise unusable(path.parent, error) from error
    except msgspec.MsgspecError as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> StorageError:
    return StorageError(
        Bilingual(
            f"{path} n'est pas ce qu'un moniteur a retenu du dépôt.", f"{path} is not what a monitor remembered."
        ),
        Bilingual(
            "Restaurez le dossier. Sans lui, ce qui fut publié avant n'est plus connu ici.",
            "Restore the folder. Without it, what was published before is not known here any more.",
        ),
    )
