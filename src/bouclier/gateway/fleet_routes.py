"""The fleet over HTTP: how deployments are, for whoever has a key; and what operators announce of their sites.

/fleet                GET, any key: state, exchanges, capacity and announcements, by site
/fleet/sites/<site>   POST, the key of an operator of that site, or this machine's own terminal: join or drain it

An operator's key has the role `site-operator` and is named after who holds it and the one site it speaks for:
`operations@lyon-1`. It announces that site and nothing else, of the deployments that the institution configured there.
An announcement only tells how many exchanges go where the charter lets them go: it adds no deployment, permits nothing,
raises no capacity above what is configured, and ends by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol

import msgspec
from msgspec import Meta

from bouclier.fleet.book_model import Announcement, Standing
from bouclier.fleet.sharing import MAX_FOR_MS, MAX_SLOTS
from bouclier.gateway.access import SITE_OPERATOR
from bouclier.gateway.incoming import check_method, headers_of, read_body
from bouclier.terms.errors import Bilingual, NotAllowedError, NotFoundError, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from bouclier.fleet.book import FleetBook
    from bouclier.fleet.book_model import State
    from bouclier.fleet.sharing import Line
    from bouclier.gateway.access import Access
    from bouclier.gateway.incoming import Receive, Scope
    from bouclier.gateway.ports import Whole

FLEET: Final = "/fleet"
_SITES: Final = f"{FLEET}/sites/"
_JSON: Final = b"application/json"
_FRESH: Final = ((b"cache-control", b"no-cache"),)
_MAX_BYTES: Final = 65_536
_MAX_FOR_S: Final = MAX_FOR_MS // 1000


class Announcing(Protocol):
    """Keeps what operators announce, and tells the institution's other gateways."""

    async def announce(self, announcement: Announcement) -> bool | None:
        """Let an announcement count, durably; return whether the other gateways know, None where there are none.

        Raises:
            StorageError: It cannot be kept; it does not count.
        """
        ...

    def announced(self) -> tuple[Line, ...]:
        """Return the announcements that hold now."""
        ...

    def health(self) -> Mapping[str, object]:
        """Return whether gateways share what they know."""
        ...


class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: Standing
    deployments: Annotated[list[str], Meta(max_length=1_000)] = []
    slots: Annotated[dict[str, Annotated[int, Meta(ge=1, le=MAX_SLOTS)]], Meta(max_length=1_000)] = {}
    for_s: Annotated[int, Meta(ge=1, le=_MAX_FOR_S)] = _MAX_FOR_S


_EXPECTED: Final = {
    "state": Bilingual("« joined » ou « draining »", '"joined" or "draining"'),
    "deployments": Bilingual("une liste de noms de déploiements", "a list of names of deployments"),
    "slots": Bilingual(
        f"par déploiement, un entier de 1 à {MAX_SLOTS}", f"by deployment, a whole number from 1 to {MAX_SLOTS}"
    ),
    "for_s": Bilingual(
        f"un nombre entier de secondes, de 1 à {_MAX_FOR_S}", f"a whole number of seconds, from 1 to {_MAX_FOR_S}"
    ),
}


def site_of(key_name: str) -> str | None:
    """Return the site that an operator's key speaks for: what follows the last `@` of its name.

    >>> site_of("operations@lyon-1")
    'lyon-1'
    """
    holder, _, site = key_name.rpartition("@")
    return site if holder and site else None


class FleetRoutes:
    """Serves the state of one gateway's fleet, and takes announcements."""

    def __init__(
        self,
        book: FleetBook,
        announcing: Announcing,
        access: Access,
        sites: Mapping[str, Collection[str]],
        clock_ms: Callable[[], int],
    ) -> None:
        """Take what is served.

        Args:
            book: How deployments are.
            announcing: What operators announced.
            access: Who asks.
            sites: Names of the gateway's deployments by site: all that may be announced.
            clock_ms: The clock of the book.
        """
        self._book = book
        self._announcing = announcing
        self._access = access
        self._sites = sites
        self._clock_ms = clock_ms

    async def serve(self, path: str, scope: Scope, receive: Receive, caller: Whole) -> None:
        """Answer a request under `/fleet`.

        Raises:
            BouclierError: There is no such thing, it is not for this caller, or it is malformed.
        """
        if path == FLEET:
            check_method(scope, "GET")
            self._access.principal_of(scope, headers_of(scope))
            shown = self._shown(scope)
        elif path.startswith(_SITES):
            check_method(scope, "POST")
            shown = await self._announce(path.removeprefix(_SITES), scope, receive)
        else:
            raise NotFoundError(
                Bilingual("Cette adresse n'existe pas.", "No such address."),
                Bilingual("Voir /fleet et /fleet/sites/<site>.", "See /fleet and /fleet/sites/<site>."),
            )
        await caller.whole(200, _JSON, msgspec.json.encode(shown), more_headers=_FRESH)

    def _shown(self, scope: Scope) -> dict[str, Any]:
        """Return how the fleet is; who announced what is told to who may announce it, for names of keys name people."""
        states = self._book.states(now_ms=self._clock_ms())
        lines = self._announcing.announced()
        return {
            "sharing": self._announcing.health(),
            "sites": {
                site: {
                    "announced": [
                        _line_shown(line, named=self._may_announce(site, scope)) for line in lines if line.site == site
                    ],
                    "deployments": {name: _state_shown(states[name]) for name in sorted(names)},
                }
                for site, names in sorted(self._sites.items())
            },
        }

    async def _announce(self, site: str, scope: Scope, receive: Receive) -> dict[str, Any]:
        headers = headers_of(scope)
        # Who asks is known before anything is read, and told apart before it is told whether there is such a site.
        by = self._operator_of(site, scope)
        said = _parsed(await read_body(receive, headers, _MAX_BYTES))
        names = self._sites.get(site)
        if names is None:
            raise NotFoundError(
                Bilingual(f"Aucun déploiement n'est sur le site « {site} ».", f'No deployment is at site "{site}".'),
                Bilingual(
                    "GET /fleet donne les sites ; ils viennent de « deployments » dans bouclier.yaml.",
                    "GET /fleet lists the sites; they come from `deployments` in bouclier.yaml.",
                ),
                param="site",
            )
        for field, named in (("deployments", said.deployments), ("slots", said.slots)):
            _check_names(field, named, names)
        if said.deployments and not set(said.slots) <= set(said.deployments):
            raise _wrong("slots", Bilingual("des déploiements de cette annonce", "deployments of this announcement"))
        announcement = Announcement(
            site=site,
            deployments=tuple(sorted(set(said.deployments))),
            state=said.state,
            slots=said.slots,
            for_ms=said.for_s * 1000,
            by=by,
        )
        shared = await self._announcing.announce(announcement)
        announced = [_line_shown(line, named=True) for line in self._announcing.announced() if line.site == site]
        return {"site": site, "announced": announced, "shared": shared}

    def _may_announce(self, site: str, scope: Scope) -> bool:
        try:
            self._operator_of(site, scope)
        except RequestError:
            return False
        return True

    def _operator_of(self, site: str, scope: Scope) -> str:
        """Return the name of who may announce this site.

        Raises:
            AuthenticationError: Nobody we know.
            NotAllowedError: Somebody who may not.
        """
        headers = headers_of(scope)
        principal = self._access.principal_of(scope, headers)
        if principal.role == SITE_OPERATOR and site_of(principal.name) == site:
            return principal.name
        try:
            self._access.is_own_terminal(scope, headers)
        except NotAllowedError as error:
            raise NotAllowedError(
                Bilingual("Cette clé ne permet pas d'annoncer ce site.", "This key does not announce this site."),
                Bilingual(
                    f"Voir « bouclier keys create QUI@SITE --role {SITE_OPERATOR} ».",
                    f"See `bouclier keys create WHO@SITE --role {SITE_OPERATOR}`.",
                ),
                param="Authorization",
            ) from error
        return principal.name


def _line_shown(line: Line, *, named: bool) -> dict[str, Any]:
    return {
        "deployment": line.deployment or None,
        "state": line.state.value,
        "slots": line.slots,
        "by": line.by if named else None,
        "said_s_ago": line.age_ms // 1000,
        "ends_in_s": None if line.for_ms is None else -(-line.for_ms // 1000),
    }


def _state_shown(state: State) -> dict[str, Any]:
    return {
        "state": state.word,
        "in_flight": state.in_flight,
        "elsewhere": state.elsewhere,
        "slots": state.slots,
        "wait_ms": state.wait_ms,
        "breaker": state.breaker,
        "retry_in_ms": state.retry_in_ms,
        "failure": state.failure or None,
        "draining": state.draining,
        "listed": state.listed,
        "served": state.served,
        "failed": state.failed,
    }


def _parsed(body: bytes) -> _Said:
    try:
        return msgspec.json.decode(body, type=_Said)
    except msgspec.ValidationError as error:
        # msgspec names the place as `$.slots[...]`; what follows may be the caller's own words.
        named = next((name for name in _EXPECTED if f"$.{name}" in str(error) or f"`{name}`" in str(error)), None)
        if named is not None:
            raise _wrong(named, _EXPECTED[named]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    raise RequestError(
        Bilingual("L'annonce est mal formée.", "The announcement is malformed."),
        Bilingual(
            'Envoyez par exemple {"state": "draining", "for_s": 1800} ; aussi permis : deployments, slots.',
            'Send for instance {"state": "draining", "for_s": 1800}; also allowed: deployments, slots.',
        ),
        param="state",
    )


def _check_names(field: str, named: Collection[str], known: Collection[str]) -> None:
    if not set(named) <= set(known):
        listed = ", ".join(sorted(known))
        raise _wrong(field, Bilingual(f"des déploiements de ce site : {listed}", f"deployments of this site: {listed}"))


def _wrong(field: str, expected: Bilingual) -> RequestError:
    return RequestError(
        Bilingual(f"Le champ « {field} » est incorrect.", f'The field "{field}" is wrong.'),
        Bilingual(f"Il faut {expected.fr}.", f"It must be {expected.en}."),
        param=field,
    )
