"""What this room needs from outside: a way to speak to a deployment, and to know how it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from bouclier.fleet.book_model import Shared
    from bouclier.fleet.sharing import Line


class UpstreamAnswer(Protocol):
    """A deployment's answer, begun: its head is here, its body comes as it is written."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, by lower-case name."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, never empty pieces.

        Raises:
            StreamInterrupted: The connection was cut before the end of the body.
            UpstreamTimeout: Nothing came for longer than the deployment's idle time-out.
        """
        ...

    async def read(self, max_bytes: int) -> bytes:
        """Return the whole body.

        Raises:
            StreamInterrupted: As for `chunks`.
            UpstreamTimeout: As for `chunks`.
            UpstreamProtocolError: It is longer than `max_bytes`.
        """
        ...

    def close(self) -> None:
        """Let go at once; an answer not read to its end is cut, so the deployment stops working on it."""
        ...


class Upstream(Protocol):
    """One deployment that can be called. May be used by many exchanges at once; retries nothing by itself."""

    async def chat(self, body: bytes, *, exchange_id: str) -> UpstreamAnswer:
        """Send a chat completion request and return once the head of the answer is here.

        Raises:
            UpstreamUnreachable: No connection, or it was lost before the head of the answer.
            UpstreamTimeout: No head of an answer within the deployment's idle time-out.
            DeploymentUnavailable: The deployment knows that it cannot serve now.
        """
        ...

    @property
    def state(self) -> str:
        """`ready`, `loading`, `missing`, `failed`, `stopped`; `unknown` for a remote one nobody asked yet."""
        ...

    @property
    def progress(self) -> float | None:
        """How much of what it still needs has been fetched, 0 to 1; None when nothing is being fetched."""
        ...

    @property
    def available(self) -> bool:
        """False when it is known that a call would fail now."""
        ...

    @property
    def full(self) -> bool:
        """True when it knows by itself that one more caller would be turned away."""
        ...


class FleetShare(Protocol):
    """Where gateways tell one another what they know. Soft state: losing all of it loses no exchange and no law.

    One caller at a time. Each call ends within seconds, done or not; nothing is retried here. What is told ends by
    the clock of whoever keeps it, never by a gateway's.
    """

    async def publish(self, shared: Shared) -> None:
        """Tell the others what this gateway knows; it counts for `shared.lease_ms`, then it is as if never said.

        Raises:
            SharingError: They cannot be told now.
        """
        ...

    async def heard(self) -> Mapping[str, Shared]:
        """Return what other gateways told, by gateway: durations as of now, none whose lease is over.

        Raises:
            SharingError: They cannot be heard now.
        """
        ...

    async def announce(self, lines: Sequence[Line]) -> None:
        """Keep announcements: durable when this returns. One that is older than another of its place changes nothing.

        Raises:
            SharingError: They are not kept.
        """
        ...

    async def announced(self) -> Sequence[Line]:
        """Return the announcements that hold now, in the order of `fleet.sharing.merged`.

        Raises:
            SharingError: They cannot be read now.
        """
        ...

    async def close(self) -> None:
        """Take back what this gateway told, as far as that can be done now, and let go."""
        ...
