"""Asking the gateway that runs here to record that sealed content is to be opened."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.compose import data_folder
from bouclier.compose.asking import AnsweredError, gateway_address
from bouclier.terms.errors import Bilingual, UpstreamUnreachable

if TYPE_CHECKING:
    from bouclier.compose.configuration import Configuration

_TIMEOUT_S: Final = 30
_MAX_BYTES: Final = 1_000_000


def append_opening(
    configuration: Configuration, *, exchange: str, record: str, request: str, requester: str, basis: str
) -> bytes:
    """Record an opening in the gateway's log, and return its receipt: the text of a `.tlog-proof` file.

    Through the gateway that runs on the data folder, or through one of our own while it takes.

    Args:
        configuration: The gateway's settings.
        exchange: Id of the exchange.
        record: SHA-256 of the sealed request, hexadecimal.
        request: SHA-256 of the opening request's canonical bytes, hexadecimal.
        requester: Id of the institution that asks.
        basis: Why, as a keyword.

    Raises:
        BouclierError: It is not recorded.
    """
    asked = {"exchange": exchange, "record": record, "request": request, "requester": requester, "basis": basis}
    return asyncio.run(_append(configuration, msgspec.json.encode(asked)))


async def _append(configuration: Configuration, body: bytes) -> bytes:
    key = data_folder.terminal_key(configuration.keys_folder)
    async with gateway_address(configuration) as address:
        return await asyncio.to_thread(_posted, f"{address}log/openings", key, body)


def _posted(url: str, key: str, body: bytes) -> bytes:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        with direct.open(urllib.request.Request(url, body, headers), timeout=_TIMEOUT_S) as answer:  # noqa: S310 -- ours
            receipt: bytes = answer.read(_MAX_BYTES)
            return receipt
    except urllib.error.HTTPError as error:
        said = msgspec.json.decode(error.read(_MAX_BYTES))
        raise AnsweredError(error.code, said) from error
    except OSError as error:
        raise UpstreamUnreachable(
            Bilingual("La passerelle n'a pas répondu.", "The gateway did not answer."),
            Bilingual("Réessayez ; l'ouverture n'est peut-être pas inscrite.", "Try again; it may not be recorded."),
        ) from error
