"""What following a log needs from outside: the log itself, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from bouclier.terms.errors import Bilingual, UpstreamError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from bouclier.oversight.monitor.alarm import Alarm


class LogUnreachableError(UpstreamError):
    """A log does not answer, or not as a log would."""

    code = "log_unreachable"

    def __init__(self, reason: str) -> None:
        super().__init__(
            Bilingual(f"le journal ne répond pas ({reason})", f"the log does not answer ({reason})"),
            Bilingual(
                "Vérifiez l'adresse du journal, le réseau et la clé d'accès, puis réessayez.",
                "Check the log's address, the network and the access key, then try again.",
            ),
            param=reason,
        )


class AccessRefusedError(LogUnreachableError):
    """A log answers, and does not let this monitor read."""

    code = "log_access_refused"


class NotServedError(VerificationError):
    """A log does not serve a tile or a bundle of a tree it signed, or not in its true length."""

    code = "log_incomplete"

    def __init__(self, path: str) -> None:
        super().__init__(
            Bilingual(f"le journal ne sert pas {path}", f"the log does not serve {path}"),
            Bilingual(
                "Redemandez plus tard ; si cela manque encore, gardez le point de contrôle : le journal l'a signé.",
                "Ask again later; if it is still missing, keep the checkpoint: the log signed it.",
            ),
            param=path,
        )


class LogSource(Protocol):
    """A published log (c2sp.org/tlog-tiles). What it returns is believed by nobody before it is verified."""

    def checkpoint(self) -> bytes:
        """Return the checkpoint it publishes now.

        Raises:
            LogUnreachableError: There is no answer, or it is none.
        """
        ...

    def tile(self, level: int, index: int, width: int) -> bytes:
        """Return the first `width` hashes of a tile; where the partial tile is gone, those of the full one.

        Raises:
            LogUnreachableError: There is no answer.
            NotServedError: It does not exist there.
        """
        ...

    def bundle(self, index: int, width: int) -> list[bytes]:
        """Return the first `width` entries of a bundle; where the partial bundle is gone, those of the full one.

        Raises:
            LogUnreachableError: There is no answer.
            NotServedError: It does not exist there.
            TileError: It is no bundle of that width.
        """
        ...


class Nowhere:
    """A `LogSource` that never answers: of a log that is at no address."""

    def checkpoint(self) -> bytes:
        """See `LogSource.checkpoint`."""
        raise self._error()

    def tile(self, level: int, index: int, width: int) -> bytes:  # noqa: ARG002 -- the port's names
        """See `LogSource.tile`."""
        raise self._error()

    def bundle(self, index: int, width: int) -> list[bytes]:  # noqa: ARG002 -- the port's names
        """See `LogSource.bundle`."""
        raise self._error()

    @staticmethod
    def _error() -> LogUnreachableError:
        return LogUnreachableError("no address")


class Fork(NamedTuple):
    """That a signed tree does not extend an earlier one: its own proof leads to another root at that size.

    Attributes:
        old_root: Root of the later tree's first leaves, as many as the earlier tree has; 32 bytes.
        proof: Consistency proof from `old_root` to the later tree's root.
    """

    old_root: bytes
    proof: tuple[bytes, ...]


class Observed(NamedTuple):
    """An alarm with what shows it.

    Attributes:
        alarm: What was noticed.
        notes: The signed checkpoints concerned: that of the tree the entry stands in, or those that contradict each
            other.
        size: Size of the tree of the first of them; 0 without.
        fork: For trees of different sizes that contradict each other.
    """

    alarm: Alarm
    notes: tuple[bytes, ...] = ()
    size: int = 0
    fork: Fork | None = None


class Teller(Protocol):
    """Who is told."""

    def tell(self, observed: Sequence[Observed], source: LogSource) -> None:
        """Hand on what was observed; when this returns, it is as durable as it will ever be.

        It may be told the same twice, with the same keys: after a crash, what was not remembered is observed again.

        Args:
            observed: In order.
            source: Where the entries and their proofs are.
        """
        ...


class Keeper(Protocol):
    """Where what a monitor remembers is kept."""

    def hold(self, origin: str) -> AbstractContextManager[object]:
        """Return what keeps everybody else away from what is remembered of a log, while it is entered."""
        ...

    def keep(self, origin: str, state: bytes) -> None:
        """Replace what is kept for a log: after a crash it is the old or the new state, whole.

        Raises:
            StorageError: It could not be written.
        """
        ...
