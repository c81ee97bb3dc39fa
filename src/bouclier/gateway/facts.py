"""What the charter may know of an exchange beside its class: the day, and what the second net sees in its words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bouclier.gateway.ruling import Net
    from bouclier.terms.exchange import ChatRequest


def day_of(time_ms: int) -> int:
    """Return the UTC day of a time in milliseconds since 1970-01-01 UTC, as 20261122."""
    day = datetime.fromtimestamp(time_ms / 1000, UTC).date()
    return day.year * 10_000 + day.month * 100 + day.day


async def signals_in(request: ChatRequest, net: Net) -> tuple[str, ...]:
    """Return what the second net sees in what people wrote: neither in instructions to the model nor in its answers."""
    messages = request.body["messages"]
    texts = [
        part.text
        for part in request.parts
        if len(part.path) > 1 and part.path[0] == "messages" and messages[part.path[1]]["role"] == "user"
    ]
    return await net.signals(texts)
