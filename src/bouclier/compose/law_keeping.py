"""By what law a gateway decides, kept current in the background.

Every `refresh_s` the repository is asked what changed. A new charter, registry of facts or order is first entered in
the log, then decided by: so that every decision follows the entry that announced its law. Charter and facts change
together, as they were signed: where one of them cannot be used, neither is. What cannot be followed or used leaves the
last good law in force until it expires, orders apart; then nothing leaves, or nothing leaves the institution's own
machines, as it chose. So it is after a restart: what could be used is kept before it is decided by. It is not so for a
charter of one's own: whoever starts the gateway is who corrects it, and is told.

The time is the later of this machine's and of what a quorum of witnesses said: a clock that was set back keeps no
charter alive.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from bouclier.charter import files_of, law_in_force, parse_charter
from bouclier.charter.followed import CharterNotFollowedError
from bouclier.compose.facts_keeping import FactsKeeping
from bouclier.compose.law_followed import adoption_of, with_orders_of
from bouclier.compose.law_source import law_source, shadow_file, sign_own, utc_now
from bouclier.compose.law_trial import Trial
from bouclier.gateway.ruling import Ruling
from bouclier.oversight import adoption_entry
from bouclier.shield import NetRule, SecondNet
from bouclier.shield.adapters.cached_net import CachedNet
from bouclier.terms.errors import Bilingual, BouclierError, CharterError, CharterExpired

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.charter import Charter, InForce
    from bouclier.charter.followed import Followed
    from bouclier.compose.configuration_model import Configuration
    from bouclier.compose.law_source import LawSource
    from bouclier.oversight.adapters.record_keeper import RecordKeeper
    from bouclier.registry import Registry
    from bouclier.terms.law import LawStamp

_log = logging.getLogger("bouclier.compose")
_DAY_S: Final = 86_400.0
_SOONEST_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is decided by, and what it was made from."""

    followed: Followed
    charter: Charter
    registry: Registry
    ruling: Ruling


class LawKeeping:
    """`LawKeeper` of a gateway: the law in force, refreshed.

    Attributes:
        problem: Why the published charter could not be followed the last time it was asked for; None if it could.
        own: Whether the charter is this institution's own, adopted by nobody else.
        facts: What its facts make of the deployments, by the digest that the law cites.
    """

    def __init__(self, configuration: Configuration, source: LawSource, *, witness_time_s: Callable[[], int]) -> None:
        """Prepare; `load` comes before anything else.

        Args:
            configuration: The gateway's settings.
            source: Where the law comes from.
            witness_time_s: What a quorum of witnesses said the time was, seconds since 1970; 0 if they never did.
        """
        self._configuration = configuration
        self._settings = configuration.charter
        self._source = source
        self._witness_time_s = witness_time_s
        self._follower = source.follower(now=self._now)
        self._standing: _Standing | None = None
        self._trial = Trial(shadow_file(configuration.data))
        self._is_shut = False
        self._signed_at = utc_now()
        self.problem: BouclierError | None = None
        self.own = source.own
        self.facts = FactsKeeping(configuration)

    # What the gateway asks -------------------------------------------------------------------------------------------

    def ruling(self) -> Ruling:
        """See `LawKeeper.ruling`."""
        ruling = self.latest
        if ruling is None:
            raise CharterExpired(
                Bilingual(
                    "La charte a expiré, et aucune plus récente n'a pu être vérifiée.",
                    "The charter has expired, and no newer one could be verified.",
                ),
                Bilingual(
                    "Rien n'est parti. L'administrateur doit rétablir l'accès au dépôt de la charte (/charter).",
                    "Nothing has left. Whoever runs this gateway must restore access to the charter's repository"
                    " (/charter).",
                ),
                param="charter",
            )
        return ruling

    @property
    def latest(self) -> Ruling | None:
        """See `LawKeeper.latest`."""
        standing = self._loaded()
        if self._is_shut:
            return None
        if self._now() < standing.followed.expires:
            return standing.ruling
        if self._settings.when_expired != "own":
            return None
        if not standing.ruling.own_only:
            standing = replace(standing, ruling=replace(standing.ruling, own_only=True))
            self._standing = standing
        return standing.ruling

    @property
    def stamp(self) -> LawStamp:
        """See `LawKeeper.stamp`."""
        return self._loaded().ruling.law.stamp

    @property
    def law(self) -> InForce:
        """The law, whether or not it has expired."""
        return self._loaded().ruling.law

    @property
    def registry(self) -> Registry:
        """The facts in force with it."""
        return self._loaded().registry

    @property
    def registry_from(self) -> Literal["packaged", "signed"]:
        """Whether the facts are those of the package, or were signed by those who signed the charter."""
        return "packaged" if self.own or self._loaded().followed.registry is None else "signed"

    # Keeping it current ----------------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Have a law to decide by: as published, or as last verified.

        Raises:
            BouclierError: There is none, or it does not load: nothing may be served.
        """
        self._standing = await asyncio.to_thread(self._first)

    def _first(self) -> _Standing:
        try:
            followed = self._follower.refresh()
        except CharterNotFollowedError as error:
            self.problem = error
            # Even if it has expired: what may be done by it then is decided as ever.
            held = self._follower.held(even_expired=True)
            if held is None:
                raise
            followed = held
        try:
            return self._renewed(followed)
        except BouclierError as error:
            usable = None if self.own else self._usable()
            if usable is None:
                raise
            self._note(error)
            # Orders are those of the newer state, as they were while it ran. Where they cannot be applied, nothing is
            # served: an older state's may lack one that was in force.
            return self._with_orders_of(followed, usable)

    def _usable(self) -> _Standing | None:
        """Return what could be used last, expired or not; None where nothing is kept that still can."""
        try:
            usable = self._follower.usable()
            return None if usable is None else self._renewed(usable)
        except BouclierError as error:
            _log.warning("%s", error.message)
            return None

    async def begin(self, keeper: RecordKeeper) -> None:
        """Enter in the log by what law it is decided from the start.

        Raises:
            StorageError: It cannot be recorded.
        """
        standing = self._loaded()
        await asyncio.to_thread(self._follower.keep_usable, standing.followed)
        # A crash before this line leaves what the log does not know: the next start enters it first.
        await self._adopt(keeper, standing.ruling)

    async def run(self, keeper: RecordKeeper) -> None:
        """Keep the law current, until cancelled."""
        while True:
            await asyncio.sleep(self._pause_s())
            try:
                await self._turn(keeper)
            except BouclierError as error:
                self._note(error)

    def ended(self, task: asyncio.Task[None]) -> None:
        """Let nothing leave when following ended by a defect of ours: orders would come, and nobody would know."""
        if task.cancelled() or task.exception() is None:
            return
        _log.critical("following the charter ended: %s", type(task.exception()).__name__)
        self._is_shut = True
        self.problem = CharterError(
            Bilingual("le suivi de la charte s'est arrêté", "following the charter has ended"),
            Bilingual(
                "Rien ne part. Redémarrez, et signalez ce défaut.", "Nothing leaves. Restart, and report this defect."
            ),
        )

    async def _turn(self, keeper: RecordKeeper) -> None:
        """Ask what changed, enter it in the log, and decide by it."""
        standing = self._loaded()
        problem: BouclierError | None = None
        followed = standing.followed
        try:
            if self.own and (utc_now() - self._signed_at).total_seconds() > _DAY_S:
                await asyncio.to_thread(sign_own, self._configuration)
                self._signed_at = utc_now()
            followed = await asyncio.to_thread(self._follower.refresh)
        except BouclierError as error:
            problem = error  # what is in force stays, no longer than until its own deadline
        try:
            changed = await asyncio.to_thread(self._renewed, followed)
        except BouclierError as error:
            # What is signed cannot be used: charter and facts before it stay until their own deadline. Orders go on.
            problem = error
            changed = await asyncio.to_thread(self._with_orders_of, followed, standing)
        else:
            # Before it is adopted, so that what is kept is never older than what was decided by.
            await asyncio.to_thread(self._follower.keep_usable, followed)
        if problem is None:
            self.problem = None
        else:
            self._note(problem)
        if changed.ruling.law.stamp != standing.ruling.law.stamp or (
            changed.followed.expires != standing.followed.expires
        ):
            # Decided by at once: the adoption is on its way to the log before anything that is decided by it, and what
            # was decided by the law before is held against it once more before it leaves.
            self._standing = changed
            try:
                await self._adopt(keeper, changed.ruling)
            except BouclierError:
                self._standing = standing  # refused before anybody could decide by it; or the log takes nothing more
                raise
        elif (changed.ruling.law, changed.ruling.shadow) != (standing.ruling.law, standing.ruling.shadow):
            self._standing = changed

    def _renewed(self, followed: Followed) -> _Standing:
        """Return what is published, ready to decide by.

        Raises:
            BouclierError: It cannot be used.
        """
        before = self._standing
        if before is not None and followed.bundle == before.followed.bundle:
            charter = before.charter
        else:
            charter = parse_charter(files_of(followed.bundle))
        if before is not None and followed.registry == before.followed.registry:
            registry = before.registry
        else:
            registry = self.facts.registry(followed.registry)
        return self._standing_of(followed, charter, registry)

    def _with_orders_of(self, newer: Followed, good: _Standing) -> _Standing:
        """Return a law under the orders of a state whose charter or facts cannot be used, until the earlier deadline.

        Raises:
            CharterError: The orders do not fit it.
        """
        return self._standing_of(with_orders_of(newer, good.followed), good.charter, good.registry)

    def _standing_of(self, followed: Followed, charter: Charter, registry: Registry) -> _Standing:
        before = self._standing
        published = [(order.path, order.authority_role, order.data) for order in followed.orders]
        so_far = None if before is None else before.ruling.law
        law = law_in_force(
            charter,
            published,
            adoption_of(followed),
            at=self._now(),
            territory=self._settings.territory,
            registry=registry.digest,
            before=so_far,
        )
        if law == so_far:
            law = so_far
        same = before is not None and before.charter is charter
        net = before.ruling.net if before is not None and same else self._net_of(charter)
        shadow = self._trial.under(
            law,
            published,
            at=self._now(),
            territory=self._settings.territory,
            before=None if before is None or before.ruling.law is not law else before.ruling.shadow,
        )
        self.facts.prepare(registry, self._now().date())
        return _Standing(followed, charter, registry, Ruling(law=law, net=net, shadow=shadow))

    def _net_of(self, charter: Charter) -> CachedNet:
        return CachedNet(second_net_of(charter), self._configuration.shield.cache_entries)

    async def _adopt(self, keeper: RecordKeeper, ruling: Ruling) -> None:
        law = ruling.law
        expires = law.adoption.expires
        await keeper.append(
            adoption_entry(
                law=law.stamp,
                orders=[(one.order.id, one.digest) for one in law.orders.orders],
                refused=[one.digest for one in law.orders.refused],
                expires_ms=None if expires is None else int(expires.timestamp() * 1000),
                territory=self._settings.territory,
                time_ms=keeper.clock_ms.held(),
            ),
            concluding=True,
        )

    def _pause_s(self) -> float:
        """Seconds until something may change: the next refresh, or the next start or end of an order."""
        pause = float(self._settings.refresh_s)
        next_change = self._loaded().ruling.law.orders.next_change
        if next_change is not None:
            pause = min(pause, max(_SOONEST_S, (next_change - self._now()).total_seconds()))
        return pause

    def _now(self) -> datetime:
        witnessed = self._witness_time_s()
        now = utc_now()
        return max(now, datetime.fromtimestamp(witnessed, UTC)) if witnessed else now

    def _loaded(self) -> _Standing:
        if self._standing is None:
            message = "no law is loaded"
            raise RuntimeError(message)
        return self._standing

    def _note(self, error: BouclierError) -> None:
        """Say what is wrong once, not at each refresh."""
        if self.problem is None or str(self.problem.message) != str(error.message):
            _log.warning("%s", error.message)
        self.problem = error


async def law_keeping(configuration: Configuration, *, witness_time_s: Callable[[], int] = lambda: 0) -> LawKeeping:
    """Return the law of a gateway, loaded.

    Raises:
        BouclierError: There is none to decide by.
    """
    source = await asyncio.to_thread(law_source, configuration)
    keeping = LawKeeping(configuration, source, witness_time_s=witness_time_s)
    await keeping.load()
    return keeping


def second_net_of(charter: Charter) -> SecondNet:
    """Return the second net of a charter, compiled.

    Raises:
        CharterError: A phrase cannot be read, or a rule can never be met.
    """
    return SecondNet(
        NetRule(phrases.signal, phrases.near, phrases.all, phrases.unless) for phrases in charter.data.second_net
    )


def law_standing(law: LawKeeping) -> dict[str, object]:
    """Return how a law is followed, as `/health` and `/charter` say it."""
    problem, ruling = law.problem, law.latest
    return {
        "own": law.own,
        "registry_from": law.registry_from,
        "expired": ruling is None or ruling.own_only,
        "own_only": ruling is not None and ruling.own_only,
        # Others' messages may name places of this machine.
        "problem": None
        if problem is None
        else {"fr": problem.message.fr, "en": problem.message.en}
        if isinstance(problem, CharterError)
        else {"fr": problem.code, "en": problem.code},
    }
