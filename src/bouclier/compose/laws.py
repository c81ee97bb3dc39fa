"""The laws that a monitor holds: charters and registries by their digests, and the orders that may be in force.

What an entry cites of orders is one digest of all of them. Which orders those are is found by asking, of each list of
orders that was published, what it puts in force from moment to moment and in each state: as often as anything changes,
and no more. The asking and the composing is `bouclier.charter`'s; nothing is written a second time here.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.charter import Decider
from bouclier.charter.law import NO_ORDERS, mandates_of, restricted_by
from bouclier.charter.orders import UNION, OrderError, orders_in_force, parse_order
from bouclier.terms.errors import CharterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bouclier.charter import Charter
    from bouclier.charter.orders import OrdersInForce
    from bouclier.registry import Registry

_REMEMBERED_VERDICTS: Final = 65_536
_MAX_DECIDERS: Final = 4
"""Laws whose verdicts are remembered: a log has one at a time, and a monitor a few logs."""
_BEGINNING: Final = dt.datetime(1, 1, 1, tzinfo=dt.UTC)
_NO_STATE: Final = "ZZ"
"""Stands for a state that no order names: ISO 3166 gives it to nobody."""
_MOST_CHANGES: Final = 10_000
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class PublishedOrders(NamedTuple):
    """Orders that were published together.

    Attributes:
        files: Path, delegated role and bytes of each.
        key: The same for the same orders: SHA-256, hexadecimal.
    """

    files: tuple[tuple[str, str, bytes], ...]
    key: str


def published_orders(files: Iterable[tuple[str, str, bytes]]) -> PublishedOrders:
    """Return orders that were published together.

    Args:
        files: Path, delegated role and bytes of each.
    """
    listed = tuple(sorted(files))
    key = sha256()
    for path, role, data in listed:
        key.update(f"{path}\0{role}\0{sha256(data).hexdigest()}\n".encode())
    return PublishedOrders(listed, key.hexdigest())


class Piece(NamedTuple):
    """What is in force from some moment on, until the next piece.

    Attributes:
        from_ms: Milliseconds since 1970-01-01 UTC; the first piece has no beginning.
        orders: Which orders, and which were refused.
    """

    from_ms: int
    orders: OrdersInForce


class Laws:
    """Charters, orders and registries, for several threads."""

    def __init__(
        self,
        charters: Iterable[Charter],
        orders: Iterable[tuple[str, str, bytes]] = (),
        registries: Iterable[Registry] = (),
    ) -> None:
        """Hold charters and registries, and orders that may be in force with any of them.

        Args:
            charters: Those in force, and any that entries of the past may cite.
            orders: Path, delegated role and bytes of each.
            registries: As charters.
        """
        self._registries: dict[str, Registry] = {}
        self._published: dict[str, Registry] = {}
        self._charters: dict[str, Charter] = {}
        self._lists: dict[str, dict[str, PublishedOrders]] = {}
        self._pieces: dict[tuple[str, str, str | None], tuple[Piece, ...]] = {}
        self._sets: dict[tuple[str, str], OrdersInForce] = {}
        self._deciders: OrderedDict[tuple[str, str], Decider] = OrderedDict()
        self._unknown: set[tuple[str, str]] = set()
        self._lock = Lock()
        self._given = published_orders(orders)
        for charter in charters:
            self.add(charter, self._given)
        for registry in registries:
            self.add_registry(registry)

    def add(self, charter: Charter, orders: PublishedOrders) -> None:
        """Hold a charter, with orders that were published while it was."""
        with self._lock:
            self._charters[charter.digest] = charter
            lists = self._lists.setdefault(charter.digest, {self._given.key: self._given})
            lists[orders.key] = orders
            self._unknown.clear()

    def add_registry(self, registry: Registry) -> None:
        """Hold a registry of facts, for good."""
        self._registries[registry.digest] = registry

    def publish_registries(self, registries: Iterable[Registry]) -> None:
        """Hold these registries as those that were published, instead of the ones before."""
        self._published = {registry.digest: registry for registry in registries}

    def knows_registry(self, digest: str) -> bool:
        """Tell whether there is a registry of this digest."""
        return digest in self._registries or digest in self._published

    def registry(self, digest: str) -> Registry:
        """Return the registry of this digest."""
        held = self._registries.get(digest)
        return held if held is not None else self._published[digest]

    def forget_all_but(self, kept: Iterable[tuple[str, str]]) -> None:
        """Hold no published orders any more but these: digests of charters, and keys of what was published with each.

        Those that were given from the beginning stay.
        """
        keys = set(kept)
        with self._lock:
            for charter, lists in self._lists.items():
                gone = [key for key in lists if key != self._given.key and (charter, key) not in keys]
                for key in gone:
                    del lists[key]
            for asked in [asked for asked in self._pieces if asked[1] not in self._lists[asked[0]]]:
                del self._pieces[asked]

    def knows_charter(self, digest: str) -> bool:
        """Tell whether there is a charter of this digest."""
        return digest in self._charters

    def charter(self, digest: str) -> Charter:
        """Return the charter of this digest."""
        return self._charters[digest]

    def knows_orders(self, charter: str, digest: str) -> bool:
        """Tell whether some orders that were published with a charter have this digest together."""
        if charter not in self._charters:
            return False
        cited = (charter, digest)
        if digest == NO_ORDERS or cited in self._sets:
            return True
        if cited in self._unknown:
            return False
        for orders in tuple(self._lists[charter].values()):
            for territory in self._territories(charter, orders):
                self.pieces(charter, orders, territory)
                if cited in self._sets:
                    return True
        with self._lock:
            self._unknown.add(cited)
            if len(self._unknown) > _MOST_CHANGES:  # a log may cite anything
                self._unknown.clear()
        return False

    def decider(self, charter: str, orders: str) -> Decider:
        """Return what decides by a charter under orders; both are known.

        Raises:
            CharterError: The orders do not fit the charter.
        """
        cited = (charter, orders)
        with self._lock:
            decider = self._deciders.pop(cited, None)
            if decider is None:
                held = self._charters[charter]
                restricted = held if orders == NO_ORDERS else restricted_by(held, self._sets[cited])
                decider = Decider(restricted, capacity=_REMEMBERED_VERDICTS)
            self._deciders[cited] = decider  # the latest used comes last
            while len(self._deciders) > _MAX_DECIDERS:
                self._deciders.popitem(last=False)
        return decider

    def pieces(self, charter: str, orders: PublishedOrders, territory: str | None) -> Sequence[Piece]:
        """Return what orders put in force in a state, from moment to moment.

        A charter whose mandates cannot be read lets nobody give orders.
        """
        asked = (charter, orders.key, territory)
        pieces = self._pieces.get(asked)
        if pieces is None:
            pieces = tuple(_pieces(self._charters[charter], orders, territory))
            with self._lock:
                self._pieces[asked] = pieces
                for piece in pieces:
                    self._sets[charter, piece.orders.digest] = piece.orders
        return pieces

    def _territories(self, charter: str, orders: PublishedOrders) -> Iterator[str | None]:
        """Yield the states in which these orders may differ: all that they name, one they do not, and none stated."""
        union = sorted(self._charters[charter].data.union)
        named = sorted({state for _, _, data in orders.files for state in _scope_of(data)})
        yield None
        yield from (state for state in (UNION, *named) if state)
        yield next((state for state in union if state not in named), _NO_STATE)
        yield _NO_STATE


def pieces_between(pieces: Sequence[Piece], since_ms: int, until_ms: int) -> Sequence[Piece]:
    """Return the pieces that hold at some moment between two, both included."""
    starts = [piece.from_ms for piece in pieces]
    first, last = (max(bisect_right(starts, moment) - 1, 0) for moment in (since_ms, until_ms))
    return pieces[first : last + 1]


def _pieces(charter: Charter, orders: PublishedOrders, territory: str | None) -> Iterator[Piece]:
    try:
        mandates = mandates_of(charter)
    except CharterError:
        mandates = {}
    at = _BEGINNING
    for _ in range(_MOST_CHANGES):
        force = orders_in_force(orders.files, mandates, at=at, territory=territory, members=charter.data.union)
        yield Piece(milliseconds(at), force)
        if force.next_change is None:
            return
        at = force.next_change


def milliseconds(moment: dt.datetime) -> int:
    """Return a moment as the log counts: milliseconds since 1970-01-01 UTC."""
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)


def _scope_of(data: bytes) -> Sequence[str]:
    try:
        return parse_order(data).scope
    except OrderError:
        return ()
