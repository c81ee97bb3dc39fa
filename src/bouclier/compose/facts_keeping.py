"""The facts in force on a gateway, and what they make of its deployments on a day.

The facts are those that were signed with the charter, or the packaged ones where none were, with the institution's own.
Its own files are read once, at the start: what entries cite may not change with a file under it.

Facts hold for periods, so what they say of a deployment depends on the day, and on nothing else that changes: it is
worked out once for each day and each registry, today's and tomorrow's ahead of time. Whoever decides asks by the digest
that its law cites, so that no decision is by facts of one registry under the law of another.

Not done here: when other facts come into force (`law_keeping`), and what a deployment is (`deployments`).
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from functools import cached_property
from hashlib import sha256
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from bouclier.compose.deployments import deployments_of, warn_of_unknown
from bouclier.compose.facts_reading import registry_from
from bouclier.compose.registry_facts import facts_files
from bouclier.registry.adapters.registry_files import own_files
from bouclier.terms.errors import Bilingual, BouclierError, CharterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.compose.configuration import Configuration
    from bouclier.registry import Registry
    from bouclier.terms.law import Deployment

REGISTRY_FILE: Final = "registry.json"
_HELD: Final = 3
"""Registries: the one in force, the one about to be, and the one before, by which something may be under way."""
_DAYS: Final = 2


class FactsKeeping:
    """`Facts` of a gateway; its methods may be called by several threads."""

    def __init__(self, configuration: Configuration) -> None:
        """Prepare; nothing is read yet.

        Args:
            configuration: The gateway's settings.
        """
        self._configuration = configuration
        self._read: tuple[str | None, Registry] | None = None
        self._held: OrderedDict[str, Registry] = OrderedDict()
        self._deployments: OrderedDict[tuple[str, int], Mapping[str, Deployment]] = OrderedDict()
        self._refused: tuple[str | None, BouclierError] | None = None
        self._lock = Lock()

    @cached_property
    def _own(self) -> Mapping[str, bytes]:
        return own_files(facts_files(self._configuration))

    def registry(self, signed: bytes | None) -> Registry:
        """Return the registry of the facts that were signed, or of the packaged ones, with the institution's own.

        Raises:
            CharterError: The signed facts cannot be used.
            ConfigurationError: The institution's own cannot, or cannot be read.
        """
        key = None if signed is None else sha256(signed).hexdigest()
        with self._lock:
            if self._read is not None and self._read[0] == key:
                return self._read[1]
            if self._refused is not None and self._refused[0] == key:
                # They are asked for again at each refresh: what is large and wrong is not read each time.
                raise self._refused[1].with_traceback(None)
            try:
                registry = registry_from(signed, self._own)
            except BouclierError as error:
                self._refused = (key, error)
                raise
            self._read = (key, registry)
            warn_of_unknown(self._configuration, registry)
            return registry

    def deployments(self, registry: str, day: int) -> Mapping[str, Deployment]:
        """See `bouclier.gateway.ports.Facts`; of registries that were prepared lately.

        Raises:
            CharterError: There is no registry of that digest any more: it has been replaced more than once.
        """
        asked = (registry, day)
        found = self._deployments.get(asked)
        if found is not None:
            return found
        # Without the lock, which is held for as long as a large registry is read: decisions do not wait for that. Two
        # that work it out at once find the same, and keep the first.
        held = self._held.get(registry)
        if held is None:
            raise _replaced()
        found = MappingProxyType(dict(deployments_of(self._configuration, held, date_of(day))))
        found = self._deployments.setdefault(asked, found)
        while len(self._deployments) > _HELD * _DAYS:
            self._deployments.popitem(last=False)
        return found

    def prepare(self, registry: Registry, today: dt.date) -> None:
        """Have a registry at hand for decisions, with what it says of the deployments today and tomorrow.

        Called for the one in force as long as it is: what is prepared last is held longest.
        """
        self._held[registry.digest] = registry
        self._held.move_to_end(registry.digest)
        while len(self._held) > _HELD:
            self._held.popitem(last=False)
        for days in range(_DAYS):
            day = today + dt.timedelta(days=days)
            self.deployments(registry.digest, int(f"{day:%Y%m%d}"))


def date_of(day: int) -> dt.date:
    """Return a day that is written as 20261122."""
    return dt.date(day // 10_000, day // 100 % 100, day % 100)


def _replaced() -> CharterError:
    return CharterError(
        Bilingual("les faits selon lesquels c'était décidé ont été remplacés", "the facts it was decided by are gone"),
        Bilingual("Refaites la demande.", "Ask again."),
        param=REGISTRY_FILE,
    )
