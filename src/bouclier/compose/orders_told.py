"""Tell which orders apply: as a gateway says, or by a repository.

A gateway is taken at its word. A repository's signatures are verified here, from a root that the reader trusts and had
from somebody they trust.
"""

from __future__ import annotations

import http.client
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from bouclier.charter import parse_charter
from bouclier.charter.adapters.tuf_client import Follower
from bouclier.charter.bundle import files_of
from bouclier.charter.law import mandates_of
from bouclier.charter.orders import OrderError, Published, Refused, orders_in_force, parse_order
from bouclier.compose.ordering import read_whole
from bouclier.terms.errors import Bilingual, ConfigurationError, UpstreamUnreachable

if TYPE_CHECKING:
    from datetime import datetime

DEFAULT_GATEWAY: Final = "http://127.0.0.1:8787"
_ROUTE: Final = "/charter/orders"
_MAX_ANSWER_BYTES: Final = 16_000_000
_MAX_ROOT_BYTES: Final = 512_000
_TIMEOUT_S: Final = 10


class Applying(NamedTuple):
    """What applies, as somebody tells it.

    Attributes:
        orders: In force, by id.
        refused: Published without effect.
        next_change: When that next changes; None if nobody said.
    """

    orders: tuple[Published, ...]
    refused: tuple[Refused, ...]
    next_change: datetime | None = None


def told_by_gateway(url: str) -> Applying:
    """Return what applies on a gateway, as it tells it.

    Raises:
        ConfigurationError: It is no address.
        UpstreamUnreachable: It does not answer, or not with orders.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(
            Bilingual("Ce n'est pas l'adresse d'une passerelle.", "This is not the address of a gateway."),
            Bilingual(f"Écrivez-la ainsi : {DEFAULT_GATEWAY}.", f"Write it so: {DEFAULT_GATEWAY}."),
            param="--url",
        )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url.rstrip('/')}{_ROUTE}", timeout=_TIMEOUT_S) as answer:
            told = msgspec.json.decode(answer.read(_MAX_ANSWER_BYTES), type=_Told)
        orders = tuple(Published(one.digest, parse_order(bytes(one.order))) for one in told.orders)
    except urllib.error.HTTPError as error:
        raise _untold(f"HTTP {error.code}") from error
    except (OSError, ValueError, http.client.HTTPException, msgspec.MsgspecError, OrderError) as error:
        raise _untold(type(error).__name__) from error
    refused = (
        Refused(one.path, one.digest, tuple(Bilingual(reason.fr, reason.en) for reason in one.reasons))
        for one in told.refused
    )
    return Applying(orders, tuple(refused))


def told_by_repository(place: str, *, root: Path, territory: str | None, now: datetime) -> Applying:
    """Return what applies by a published charter, its signatures verified.

    Args:
        place: Folder or address of the repository.
        root: The root that the reader trusts, had from somebody they trust.
        territory: State of the gateway one asks for; None for all.
        now: The moment.

    Raises:
        CharterError: It cannot be had, or is not what its parties signed.
        ConfigurationError: The root cannot be read, or it is no address.
    """
    with tempfile.TemporaryDirectory(prefix="bouclier-orders-") as state:
        where = place if "://" in place else Path(place)
        followed = Follower(Path(state), where, read_whole(root, _MAX_ROOT_BYTES), now=lambda: now).refresh()
    charter = parse_charter(files_of(followed.bundle))
    published = ((one.path, one.authority_role, one.data) for one in followed.orders)
    found = orders_in_force(published, mandates_of(charter), at=now, territory=territory, members=charter.data.union)
    return Applying(found.orders, found.refused, found.next_change)


class _Reason(msgspec.Struct):
    fr: str
    en: str


class _ToldRefused(msgspec.Struct):
    path: str
    digest: str
    reasons: tuple[_Reason, ...]


class _ToldOrder(msgspec.Struct):
    digest: str
    order: msgspec.Raw


class _Told(msgspec.Struct):
    orders: tuple[_ToldOrder, ...]
    refused: tuple[_ToldRefused, ...] = ()


def _untold(reason: str) -> UpstreamUnreachable:
    return UpstreamUnreachable(
        Bilingual(
            f"La passerelle n'a pas dit ses injonctions ({reason}).", f"The gateway did not tell its orders ({reason})."
        ),
        Bilingual("Vérifiez l'adresse ; est-elle en marche ?", "Check the address; is it running?"),
        param="--url",
    )
