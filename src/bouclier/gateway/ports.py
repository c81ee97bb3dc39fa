"""What the gateway needs from outside, and from the rooms it does not build itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.gateway.ruling import Ruling
    from bouclier.terms.content import Finding
    from bouclier.terms.duties import Retention
    from bouclier.terms.exchange import Sealed
    from bouclier.terms.law import LawStamp, Principal


class Detectors(Protocol):
    """All detectors of the shield, composed and cached."""

    async def find(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        """Return, for each text, sorted findings that do not overlap.

        Raises:
            DetectorError: A detector is broken; then nothing may leave.
        """
        ...


class LawKeeper(Protocol):
    """Knows by what law it is decided now."""

    def ruling(self) -> Ruling:
        """Return the law in force now.

        Raises:
            CharterError: There is none: the charter has expired, and nothing may leave.
        """
        ...

    @property
    def latest(self) -> Ruling | None:
        """The same, None when there is none: another object whenever the law changed."""
        ...

    @property
    def stamp(self) -> LawStamp:
        """What entries cite now, whether or not the charter has expired."""
        ...


class Sealer(Protocol):
    """Keeps content so that only enough authorities together can open it."""

    async def seal_request(
        self, exchange: str, charter: str, body: bytes, now_s: float, *, retention: Retention | None
    ) -> Sealed:
        """Keep a request, durably.

        Args:
            exchange: Id of the exchange.
            charter: SHA-256 of the charter whose duty it is, hexadecimal.
            body: The request, byte for byte as it came.
            now_s: Seconds since 1970.
            retention: For how long at least and at most, if a duty says.

        Raises:
            StorageError: It is not kept: it may not leave.
        """
        ...


class KeyRing(Protocol):
    """Who holds which key."""

    def principal_of(self, key: str) -> Principal | None:
        """Return who holds a key, or None."""
        ...


class Page(Protocol):
    """Something the console serves."""

    @property
    def body(self) -> bytes:
        """Its bytes."""
        ...

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Its headers, lower-case names, content type included."""
        ...


class Caller(Protocol):
    """The one who asked, waiting at the other end of a connection."""

    @property
    def begun(self) -> bool:
        """Whether the head of the answer was sent."""
        ...

    async def begin(
        self,
        status: int,
        content_type: bytes,
        *,
        exchange_id: str,
        length: int | None = None,
        more_headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        """Send the head of the answer."""
        ...

    async def send(self, piece: bytes, *, more: bool = True) -> None:
        """Send a piece of the body; waits while the caller reads slower than we write."""
        ...


class Whole(Protocol):
    """One who asked for something that is answered in one piece."""

    async def whole(
        self, status: int, content_type: bytes, body: bytes, *, more_headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        """Send it."""
        ...
