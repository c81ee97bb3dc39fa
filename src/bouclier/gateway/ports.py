"""What the gateway needs from outside, and from the rooms it does not build itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bouclier.gateway.ruling import Ruling
    from bouclier.terms.content import Finding
    from bouclier.terms.duties import Retention
    from bouclier.terms.exchange import Footprint, Sealed
    from bouclier.terms.law import Budget, Deployment, LawStamp, Principal


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


class Facts(Protocol):
    """What the registry says of the deployments."""

    def deployments(self, registry: str, day: int) -> Mapping[str, Deployment]:
        """Return all deployments by name, as the registry of this digest knows them on a day, as 20261122.

        The same object for the same registry and day.

        Raises:
            CharterError: This registry is not held here.
        """
        ...


class Spending(Protocol):
    """What applications have spent of their carbon budgets. Never waits."""

    def stage(self, application: str) -> Budget:
        """Return how far an application is with what it may spend."""
        ...

    def resets_on(self, application: str) -> str | None:
        """Return the first day, UTC, on which it may spend anew, such as `2026-12-01`; None without an allowance."""
        ...

    def reserve(self, exchange_id: str, application: str, carbon_ug: int) -> None:
        """Count an exchange with what it may cost, millionths of a gram of CO2e, until it is settled."""
        ...

    def settle(self, exchange_id: str, carbon_ug: int) -> None:
        """Count what it cost instead; 0 if nothing was served."""
        ...


class Meter(Protocol):
    """What an exchange costs in energy and carbon."""

    def before(self, deployment: str, *, prompt_tokens: int, answer_tokens: int | None) -> int:
        """Return what an exchange may cost at most, millionths of a gram of CO2e, before it is sent."""
        ...

    def began(self, deployment: str, exchange_id: str) -> None:
        """Note that a deployment works on an exchange: its energy is measured from here where it can be."""
        ...

    def ended(self, deployment: str, exchange_id: str, *, tokens: int | None) -> None:
        """Note that it works on it no more."""
        ...

    def so_far(self, deployment: str, usage: Usage) -> Footprint:
        """Return an estimate of what an exchange costs that goes on."""
        ...

    def after(self, deployment: str, usage: Usage, *, exchange_id: str) -> Footprint:
        """Return what an exchange cost: measured if it was, else estimated."""
        ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What is known of an exchange when it has ended.

    Attributes:
        prompt_tokens: As the deployment said; None if it did not.
        completion_tokens: Likewise.
        prompt_estimate: Upper estimate of the request's length in tokens.
        answer_chars: Length of the answer's text.
        latency_ms: From the call to the last piece.
    """

    prompt_tokens: int | None
    completion_tokens: int | None
    prompt_estimate: int
    answer_chars: int
    latency_ms: int
