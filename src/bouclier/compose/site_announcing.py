"""What an operator asks of a gateway: to announce a site's capacity, to drain it, and whether anything runs there yet.

A site is idle when every gateway says so: the one asked, and those it shares with. While that one hears the others no
more, what they have there is unknown, and unknown is not idle. Nor is one look enough: another gateway hears of a drain
up to a beat later, so a site has to be seen idle for as long as two.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bouclier.terms.errors import Bilingual, ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from bouclier.compose.gateway_client import GatewayClient

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LOOK_S: Final = 0.5
_QUIET_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a site is drained.

    Attributes:
        in_flight: Exchanges that run there, as far as is known.
        is_known: Whether all gateways told.
        is_draining: Whether it still is announced to drain.
    """

    in_flight: int
    is_known: bool
    is_draining: bool


def seconds_of(text: str) -> int:
    """Return how many seconds a duration such as `30m`, `8h` or `2d` is.

    Raises:
        ConfigurationError: It is no duration.

    >>> seconds_of("8h")
    28800
    """
    number, unit = text[:-1], text[-1:]
    if not (number.isascii() and number.isdigit() and len(number) <= len("2678400")) or unit not in _UNITS:
        raise ConfigurationError(
            Bilingual("--for n'est pas une durée.", "--for is no duration."),
            Bilingual("Par exemple 30m, 8h ou 2d.", "Such as 30m, 8h or 2d."),
            param="--for",
        )
    return int(number) * _UNITS[unit]


def slots_of(given: Iterable[str]) -> dict[str, int]:
    """Return exchanges at once by deployment, from `DEPLOYMENT=N`.

    Raises:
        ConfigurationError: One is not spelled so, or given twice.
    """
    slots: dict[str, int] = {}
    for one in given:
        name, _, number = one.rpartition("=")
        if (
            not name
            or name in slots
            or not (number.isascii() and number.isdigit())
            or not 0 < len(number) < len("1000000")
        ):
            raise ConfigurationError(
                Bilingual("--slots n'est pas DÉPLOIEMENT=N.", "--slots is not DEPLOYMENT=N."),
                Bilingual(
                    "Par exemple --slots mistral=8, une fois par déploiement.", "Such as --slots mistral=8, once each."
                ),
                param="--slots",
            )
        slots[name] = int(number)
    return slots


def announce(gateway: GatewayClient, site: str, said: Mapping[str, object]) -> dict[str, Any]:
    """Announce something of a site, and return what holds there now.

    Raises:
        BouclierError: The gateway does not answer, or refuses.
    """
    return gateway.ask(f"fleet/sites/{quote(site, safe='')}", said)


def fleet_shown(gateway: GatewayClient) -> dict[str, Any]:
    """Return the state of a gateway's fleet.

    Raises:
        BouclierError: The gateway does not answer, or refuses the key.
    """
    return gateway.ask("fleet")


def drained(
    gateway: GatewayClient, site: str, deployments: Collection[str] = (), *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Progress]:
    """Yield how far a site is drained, each time that it changes, until nothing runs there or the drain ended.

    Args:
        gateway: Who is asked.
        site: The site.
        deployments: Those that are drained; empty for all of the site.
        sleep: Waits some seconds.

    Raises:
        BouclierError: The gateway does not answer, refuses the key, or knows no such site.
    """
    last: Progress | None = None
    quiet = timedelta(0)
    while True:
        now = _progress(fleet_shown(gateway), site, deployments)
        is_idle = now.is_known and now.is_draining and not now.in_flight
        quiet = quiet + timedelta(seconds=_LOOK_S) if is_idle else timedelta(0)
        if now != last and not is_idle:
            yield now
            last = now
        if quiet > timedelta(seconds=_QUIET_S):
            yield now
            return
        if not now.is_draining:
            return
        sleep(_LOOK_S)


def _progress(fleet: Mapping[str, Any], site: str, named: Collection[str]) -> Progress:
    if site not in fleet["sites"]:
        raise NotFoundError(
            Bilingual(f"La passerelle ne connaît pas le site « {site} ».", f'The gateway knows no site "{site}".'),
            Bilingual("Voir « bouclier site list ».", "See `bouclier site list`."),
            param="SITE",
        )
    here = fleet["sites"][site]["deployments"]
    deployments = [one for name, one in here.items() if not named or name in named]
    return Progress(
        in_flight=sum(one["in_flight"] + one["elsewhere"] for one in deployments),
        is_known=fleet["sharing"]["shared"] is not False,
        is_draining=all(one["draining"] for one in deployments),
    )
