"""The law over HTTP, for anyone: by what it is decided here, who adopted it, which orders apply; and reviews.

/charter            the charter, its packs, who stands behind it, until when, and the orders in force
/charter/bundle     the whole charter, as signed: its SHA-256 is what the log cites
/charter/orders     the orders in force in full, and those that have no effect, with the reason
/reviews            GET, a reviewer's key: what waits; POST /reviews/<exchange>: approve or refuse it
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from bouclier.charter import bundle_of
from bouclier.charter.orders import kind_of, render_order
from bouclier.gateway.incoming import check_method, headers_of, read_body
from bouclier.gateway.present import law_shown
from bouclier.gateway.reviews import check_is_reviewer
from bouclier.oversight import review_entry
from bouclier.terms.errors import Bilingual, NotFoundError, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.charter import InForce
    from bouclier.gateway.access import Access
    from bouclier.gateway.incoming import Receive, Scope
    from bouclier.gateway.ports import Whole
    from bouclier.gateway.rooms import Rooms

CHARTER: Final = "/charter"
REVIEWS: Final = "/reviews"
_JSON: Final = b"application/json"
_FRESH: Final = ((b"cache-control", b"no-cache"),)
_MAX_REVIEW_BYTES: Final = 4096


class _Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    approved: bool


def orders_shown(law: InForce) -> list[dict[str, Any]]:
    """Return the orders in force, as a page or a program shows them in short."""
    return [
        {
            "id": one.order.id,
            "digest": one.digest,
            "title": {"fr": one.order.title.fr, "en": one.order.title.en},
            "effect": kind_of(one.order.effect),
            "basis": one.order.basis,
            "expires": f"{one.order.expires:%Y-%m-%dT%H:%M:%SZ}",
            "policy": one.order.policy_id,
        }
        for one in law.orders.orders
    ]


class CharterRoutes:
    """Serves the law of one gateway, and its reviews."""

    def __init__(
        self,
        rooms: Rooms,
        access: Access,
        law: Callable[[], InForce],
        standing: Callable[[], dict[str, Any]],
        facts: Callable[[], bytes],
    ) -> None:
        """Take what is served.

        Args:
            rooms: What exchanges walk through.
            access: Who asks.
            law: The law, whether or not it has expired.
            standing: How it is followed: `own`, `expired`, `problem`.
            facts: The facts in force with it, in canonical form, the institution's own among them.
        """
        self._rooms = rooms
        self._access = access
        self._law = law
        self._standing = standing
        self._facts = facts

    async def serve(self, path: str, scope: Scope, receive: Receive, caller: Whole) -> None:
        """Answer a request under `/charter` or `/reviews`.

        Raises:
            BouclierError: There is no such thing, or it is not for this caller.
        """
        if path.startswith(f"{REVIEWS}/"):
            check_method(scope, "POST")
            await self._review(path.removeprefix(f"{REVIEWS}/"), scope, receive, caller)
            return
        check_method(scope, "GET")
        if path == REVIEWS:
            check_is_reviewer(self._access.principal_of(scope, headers_of(scope)))
            shown: object = {"reviews": self._rooms.reviews.shown(now_ms=self._rooms.held_clock_ms())}
        elif path == CHARTER:
            shown = self._shown()
        elif path == f"{CHARTER}/orders":
            shown = self._orders()
        elif path == f"{CHARTER}/bundle":
            await caller.whole(200, _JSON, bundle_of(self._law().charter.files), more_headers=_FRESH)
            return
        elif path == f"{CHARTER}/registry":
            # What entries cite by digest: whoever may read these needs it to decide again.
            self._access.may_read_entries(scope, headers_of(scope))
            await caller.whole(200, _JSON, self._facts(), more_headers=_FRESH)
            return
        else:
            raise NotFoundError(
                Bilingual("Cette adresse n'existe pas.", "No such address."),
                Bilingual(
                    "Voir /charter, /charter/orders, /charter/bundle et /charter/registry.",
                    "See /charter, /charter/orders, /charter/bundle and /charter/registry.",
                ),
            )
        await caller.whole(200, _JSON, msgspec.json.encode(shown), more_headers=_FRESH)

    def _shown(self) -> dict[str, Any]:
        law = self._law()
        about, adoption = law.charter.about, law.adoption
        return {
            **law_shown(law.stamp),
            "name": {"fr": about.name.fr, "en": about.name.en},
            "version": about.version,
            "date": about.date,
            "status": {"fr": about.status.fr, "en": about.status.en},
            "adopted_by": adoption.adopted_by,
            "parties": adoption.parties,
            "threshold": adoption.threshold,
            "editors": adoption.editors,
            "editors_threshold": adoption.editors_threshold,
            "expires": None if adoption.expires is None else f"{adoption.expires:%Y-%m-%dT%H:%M:%SZ}",
            "problems": [{"fr": fr, "en": en} for fr, en in adoption.problems],
            "packs": [
                {
                    "name": pack.name,
                    "title": {"fr": pack.title.fr, "en": pack.title.en},
                    "version": pack.version,
                    "date": pack.date,
                }
                for pack in law.charter.packs.values()
            ],
            "in_force": orders_shown(law),
            **self._standing(),
        }

    def _orders(self) -> dict[str, Any]:
        orders = self._law().orders
        return {
            "digest": orders.digest,
            "orders": [
                {"digest": one.digest, "order": msgspec.json.decode(render_order(one.order))} for one in orders.orders
            ],
            "refused": [
                {
                    "path": one.path,
                    "digest": one.digest,
                    "reasons": [{"fr": reason.fr, "en": reason.en} for reason in one.reasons],
                }
                for one in orders.refused
            ],
        }

    async def _review(self, exchange: str, scope: Scope, receive: Receive, caller: Whole) -> None:
        """Enter in the log what a second person decided of a request that is held back."""
        headers = headers_of(scope)
        reviewer = self._access.principal_of(scope, headers)
        rooms = self._rooms
        raw = await read_body(receive, headers, _MAX_REVIEW_BYTES)
        try:
            said = msgspec.json.decode(raw, type=_Review)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise RequestError(
                Bilingual("La relecture est mal formée.", "The review is malformed."),
                Bilingual('Envoyez {"approved": true} ou {"approved": false}.', 'Send {"approved": true} or false.'),
                param="approved",
            ) from None
        rooms.reviews.check(exchange, reviewer, now_ms=rooms.held_clock_ms())
        entry = review_entry(
            exchange=exchange,
            approved=said.approved,
            reviewer=reviewer.name,
            principal_key=rooms.principal_key,
            law=rooms.law.stamp,
            time_ms=rooms.held_clock_ms(),
        )
        # Whoever asked may go on only once it is durable who let them.
        decided: bool | None = None
        try:
            position = await rooms.log.append(entry)
            decided = said.approved
        finally:
            rooms.reviews.conclude(exchange, approved=decided)
        shown = {"exchange": exchange, "approved": said.approved, "index": position.index}
        await caller.whole(200, _JSON, msgspec.json.encode(shown))
