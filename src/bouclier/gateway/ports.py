"""What the gateway needs from outside, and from the rooms it does not build itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.content import Finding
    from bouclier.terms.law import Case, Deployment, Principal, Verdict


class Detectors(Protocol):
    """All detectors of the shield, composed and cached."""

    async def find(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        """Return, for each text, sorted findings that do not overlap.

        Raises:
            DetectorError: A detector is broken; then nothing may leave.
        """
        ...


class Decider(Protocol):
    """The charter in force."""

    def decide_all(self, case: Case, deployments: Sequence[Deployment]) -> tuple[Verdict, ...]:
        """Return a verdict for each deployment.

        Raises:
            CharterError: A policy could not be evaluated without error; then nothing may leave.
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

    async def begin(self, status: int, content_type: bytes, *, exchange_id: str, length: int | None = None) -> None:
        """Send the head of the answer."""
        ...

    async def send(self, piece: bytes, *, more: bool = True) -> None:
        """Send a piece of the body; waits while the caller reads slower than we write."""
        ...
