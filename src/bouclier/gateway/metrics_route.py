"""`/metrics`: what Prometheus reads, for this machine's own programs and for holders of a monitor's key.

The page names deployments and counts; it names nobody. It is still not for everyone: counts over time tell when an
institution works, and on what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.gateway.access import MONITOR, is_direct_loopback
from bouclier.gateway.incoming import headers_of
from bouclier.gateway.metrics_model import CONTENT_TYPE
from bouclier.terms.errors import Bilingual, NotAllowedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.gateway.access import Access
    from bouclier.gateway.incoming import Scope
    from bouclier.gateway.metrics_exchanges import ExchangeMetrics, Now
    from bouclier.gateway.ports import Whole

PATH: Final = "/metrics"
_FRESH: Final = ((b"cache-control", b"no-store"),)


class MetricsRoute:
    """Serves the page."""

    def __init__(self, metrics: ExchangeMetrics, now: Callable[[], Now], access: Access) -> None:
        """Take what is counted, what says how the gateway is, and who may ask."""
        self._metrics = metrics
        self._now = now
        self._access = access

    async def serve(self, scope: Scope, caller: Whole) -> None:
        """Answer whoever may read it.

        Raises:
            AuthenticationError: Nobody we know, from another machine.
            NotAllowedError: A key of another role.
        """
        headers = headers_of(scope)
        if not is_direct_loopback(scope, headers) and self._access.principal_of(scope, headers).role != MONITOR:
            raise NotAllowedError(
                Bilingual(
                    "Cette clé ne permet pas de lire les mesures.", "This key does not let its holder read the metrics."
                ),
                Bilingual(
                    "Voir « bouclier keys create NOM --role monitor ».",
                    "See `bouclier keys create NAME --role monitor`.",
                ),
                param="Authorization",
            )
        await caller.whole(200, CONTENT_TYPE, self._metrics.page(self._now()), more_headers=_FRESH)
