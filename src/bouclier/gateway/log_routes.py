"""The log over HTTP, for anyone to check: c2sp.org/tlog-tiles under `/log/`, and proofs of single entries.

    checkpoint, tile/<L>/<N>, proof/<index>     hashes and signatures: whoever reaches the gateway
    tile/entries/<N>, entry/<index>             what was decided: monitors (see `Access.may_read_entries`)
    openings                                    POST, the gateway's own terminal: an opening is recorded

Hashes tell nothing of entries: each holds random ids and salted commitments. Nothing beyond the published checkpoint is
served, so nobody is shown what its witnesses have not seen.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.gateway.incoming import headers_of, read_body
from bouclier.oversight import opening_entry, receipt_of, with_entry
from bouclier.terms.errors import Bilingual, MethodNotAllowedError, NotFoundError, RequestError
from bouclier.tlog import EntryBundle, TileError, parse_tile_path, render_tlog_proof

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.gateway.access import Access
    from bouclier.gateway.incoming import Receive, Scope
    from bouclier.gateway.ports import Whole
    from bouclier.oversight.ports import Log, PublishedLog
    from bouclier.terms.law import LawStamp

PREFIX: Final = "/log/"
_TEXT: Final = b"text/plain; charset=utf-8"
_BYTES: Final = b"application/octet-stream"
# A checkpoint is replaced several times a second; a tile never changes.
_FRESH: Final = ((b"cache-control", b"no-cache"),)
_FOREVER: Final = ((b"cache-control", b"public, max-age=31536000, immutable"),)
_FOREVER_HERE: Final = ((b"cache-control", b"private, max-age=31536000, immutable"),)
_MAX_OPENING_BYTES: Final = 4096
_LONGEST_WAIT_S: Final = 2.0


class _Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    exchange: str
    record: str
    request: str
    requester: str
    basis: str


class LogRoutes:
    """Serves one log."""

    def __init__(
        self,
        log: Log,
        published: PublishedLog,
        access: Access,
        clock_ms: Callable[[], int],
        stamp: Callable[[], LawStamp],
    ) -> None:
        self._log = log
        self._stamp = stamp
        self._published = published
        self._access = access
        self._clock_ms = clock_ms

    async def serve(self, path: str, scope: Scope, receive: Receive, caller: Whole) -> None:
        """Answer a request under `/log/`.

        Args:
            path: What follows `/log/`.
            scope: ASGI scope.
            receive: ASGI receive.
            caller: Who asks.

        Raises:
            BouclierError: There is no such thing, or it is not for this caller.
        """
        method = "POST" if path == "openings" else "GET"
        if scope["method"] != method and not (method == "GET" and scope["method"] == "HEAD"):
            raise MethodNotAllowedError(
                Bilingual(f"Cette adresse se demande par {method}.", f"This address takes {method}."),
                Bilingual(f"Renvoyez la requête par {method}.", f"Send the request again with {method}."),
            )
        if path == "openings":
            await self._open(scope, receive, caller)
        elif path == "checkpoint":
            await self._whole(caller, self._published.checkpoint, _TEXT, _FRESH)
        elif path.startswith("proof/"):
            index = _index(path.removeprefix("proof/"))
            proof = await asyncio.to_thread(self._published.proof, index)
            await self._whole(caller, None if proof is None else render_tlog_proof(proof), _TEXT, _FRESH)
        elif path.startswith("entry/"):
            self._access.may_read_entries(scope, headers_of(scope))
            index = _index(path.removeprefix("entry/"))
            entry = await asyncio.to_thread(self._published.entry, index)
            await self._whole(caller, entry, b"application/json", _FOREVER_HERE)
        else:
            await self._tile(path, scope, caller)

    async def _tile(self, path: str, scope: Scope, caller: Whole) -> None:
        try:
            tile = parse_tile_path(path)
        except TileError:
            raise _nothing() from None
        if isinstance(tile, EntryBundle):
            self._access.may_read_entries(scope, headers_of(scope))
            bundle = await asyncio.to_thread(self._published.bundle, tile)
            await self._whole(caller, bundle, _BYTES, _FOREVER_HERE)
        else:
            await self._whole(caller, await asyncio.to_thread(self._published.tile, tile), _BYTES, _FOREVER)

    async def _open(self, scope: Scope, receive: Receive, caller: Whole) -> None:
        """Record that sealed content is asked to be opened; answer with the receipt that authorities need."""
        headers = headers_of(scope)
        self._access.is_own_terminal(scope, headers)
        raw = await read_body(receive, headers, _MAX_OPENING_BYTES)
        try:
            asked = msgspec.json.decode(raw, type=_Opening)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise RequestError(
                Bilingual("La demande d'ouverture est mal formée.", "The opening request is malformed."),
                Bilingual(
                    "Utilisez « bouclier sealed request ».",
                    "Use `bouclier sealed request`.",
                ),
            ) from None
        entry = opening_entry(**msgspec.structs.asdict(asked), law=self._stamp(), time_ms=self._clock_ms())
        position = await self._log.append(entry)
        # Authorities ask for the witnesses' word; without it they are told how far the receipt has come.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT_S):
                await self._published.covered(position.index)
        proof = await asyncio.to_thread(self._published.proof, position.index)
        receipt = (
            with_entry(proof, entry)
            if proof is not None
            else receipt_of(entry, index=position.index, proof=position.proof, checkpoint=position.checkpoint)
        )
        await self._whole(caller, receipt, _TEXT, ())

    async def _whole(
        self, caller: Whole, body: bytes | None, content_type: bytes, headers: tuple[tuple[bytes, bytes], ...]
    ) -> None:
        if body is None:
            raise _nothing()
        await caller.whole(200, content_type, body, more_headers=headers)


def _index(text: str) -> int:
    """Read an index in its one spelling: decimal, without leading zero."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0") or len(text) > 16:  # noqa: PLR2004
        raise _nothing()
    return int(text)


def _nothing() -> NotFoundError:
    return NotFoundError(
        Bilingual(
            "Le journal publié n'a rien à cette adresse, ou pas encore.",
            "The published log has nothing at this address, or not yet.",
        ),
        Bilingual(
            "Voir /log/checkpoint pour sa taille ; les formats sont ceux de c2sp.org/tlog-tiles.",
            "See /log/checkpoint for its size; the formats are those of c2sp.org/tlog-tiles.",
        ),
    )
