"""What a reviewer asks of a gateway: what waits, and to approve or refuse it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bouclier.compose.gateway_client import gateway_at

if TYPE_CHECKING:
    from pathlib import Path

_OPTION: Final = "--url"


def waiting(url: str, key_file: Path) -> list[dict[str, Any]]:
    """Return what waits for a reviewer on a gateway.

    Raises:
        BouclierError: The gateway does not answer, or refuses the key.
    """
    shown: list[dict[str, Any]] = gateway_at(url, key_file, option=_OPTION).ask("reviews")["reviews"]
    return shown


def settle(url: str, key_file: Path, exchange: str, *, approved: bool) -> int:
    """Approve or refuse what waits, and return the index of the log's entry that says so.

    Raises:
        BouclierError: The gateway does not answer, refuses the key, or holds nothing of this exchange.
    """
    gateway = gateway_at(url, key_file, option=_OPTION)
    return int(gateway.ask(f"reviews/{quote(exchange, safe='')}", {"approved": approved})["index"])
