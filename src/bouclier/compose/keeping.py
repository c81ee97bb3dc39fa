"""The record of a gateway, from its configuration: its keeper, its sealer, and what `/health` says of them."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bouclier import __version__
from bouclier.compose import data_folder
from bouclier.compose.law_keeping import law_keeping
from bouclier.compose.policies import read_policy
from bouclier.compose.recording import identity_of
from bouclier.compose.sealed import destroy_due, due, load_sealer, today
from bouclier.oversight import Standing, erasure_entry
from bouclier.oversight.adapters.record_keeper import RecordKeeper
from bouclier.oversight.entries_model import EXCHANGE_PATTERN
from bouclier.terms.errors import Bilingual, BouclierError, ConfigurationError
from bouclier.terms.law import Duty
from bouclier.tlog import NO_QUORUM, WitnessPolicy, render_policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bouclier.charter import Charter
    from bouclier.compose.configuration import Configuration
    from bouclier.compose.sealed import Sealer
    from bouclier.oversight.adapters.sealed_store import Destroyed
    from bouclier.terms.law import LawStamp

_log = logging.getLogger("bouclier.compose")
_AN_HOUR_S = 3600.0
_EXCHANGE = re.compile(EXCHANGE_PATTERN)


def record_keeper(configuration: Configuration, *, law: Callable[[], LawStamp]) -> RecordKeeper:
    """Open the record of a gateway; from within its event loop.

    Args:
        configuration: Its settings.
        law: Returns by what law it stands now.

    Raises:
        ConfigurationError: The witness policy is wrong, or the log has another origin.
        StorageError: The log cannot be opened.
    """
    settings = configuration.log
    policy = WitnessPolicy() if settings.policy is None else read_policy(settings.policy)
    _check_addresses(policy)
    _check_identity(configuration, policy)
    standing = Standing(
        version=__version__,
        law=law,
        policy=sha256(render_policy(policy).encode()).hexdigest() if policy.witnesses else None,
        interval_s=settings.interval_s,
    )
    return RecordKeeper(
        data_folder.log_folder(configuration.data),
        standing,
        policy,
        now_ms=lambda: time.time_ns() // 1_000_000,
        ml_dsa=settings.ml_dsa,
        pooling_s=settings.pooling_ms / 1000,
        max_unwitnessed_s=settings.max_unwitnessed_s,
    )


def _check_identity(configuration: Configuration, policy: WitnessPolicy) -> None:
    """Refuse a log that is not the one the configuration or the policy speaks of, before it is opened."""
    settings = configuration.log
    origin, keys = identity_of(data_folder.log_folder(configuration.data))
    if policy.logs and not any(log.key in keys for log in policy.logs):
        raise ConfigurationError(
            Bilingual(
                f"La politique nomme d'autres journaux, et non « {origin} ».",
                f'The policy names other logs, not "{origin}".',
            ),
            Bilingual(
                "Ajoutez-y la ligne que donne « bouclier log show », ou n'y laissez que les témoins et le quorum.",
                "Add the line that `bouclier log show` gives, or leave only witnesses and quorum there.",
            ),
            param="log.policy",
        )
    if settings.origin not in {None, origin}:
        raise ConfigurationError(
            Bilingual(
                f"Le journal s'appelle « {origin} », et non « {settings.origin} ».",
                f'The log is named "{origin}", not "{settings.origin}".',
            ),
            Bilingual(
                "Un journal garde son nom : corrigez « log.origin », ou donnez un autre dossier de données.",
                "A log keeps its name: correct `log.origin`, or give another data folder.",
            ),
            param="log.origin",
        )


def _check_addresses(policy: WitnessPolicy) -> None:
    """Refuse a witness that cannot be asked, before anything is recorded."""
    for witness in policy.witnesses:
        url = witness.url
        if url is None:
            continue
        try:
            parts = urlsplit(url)
            is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_address = False
        if not is_address or not url.isascii():
            raise ConfigurationError(
                Bilingual(
                    f"L'adresse du témoin « {witness.name} » n'en est pas une.",
                    f'The address of witness "{witness.name}" is none.',
                ),
                Bilingual(
                    "Écrivez-la ainsi, en ASCII : https://temoin.exemple.fr/.",
                    "Write it so, in ASCII: https://witness.example.org/.",
                ),
                param="log.policy",
            )
    asked = [witness.key for witness in policy.witnesses if witness.url is not None]
    if not policy.is_met_by(asked):
        silent = ", ".join(witness.name for witness in policy.witnesses if witness.url is None)
        raise ConfigurationError(
            Bilingual(
                f"Le quorum ne peut être atteint : aucune adresse pour {silent or 'ses témoins'}.",
                f"The quorum cannot be met: no address for {silent or 'its witnesses'}.",
            ),
            Bilingual(
                "Écrivez l'adresse au bout de la ligne : witness NOM CLÉ https://temoin.exemple.fr/.",
                "Write the address at the end of the line: witness NAME KEY https://witness.example.org/.",
            ),
            param="log.policy",
        )


def sealer(configuration: Configuration, charter: Charter) -> Sealer | None:
    """Return what seals content for the authorities; None when none is named.

    Raises:
        ConfigurationError: The charter asks to seal and nobody could open it, or a key is wrong.
    """
    settings = configuration.seal
    if settings.authorities:
        return load_sealer(
            configuration.data,
            authorities=settings.authorities,
            threshold=settings.threshold,
            retention_days=settings.retention_days,
        )
    if any(Duty.SEAL in policy.duties for policy in charter.policies.values()):
        raise ConfigurationError(
            Bilingual(
                "La charte demande de sceller des échanges, et aucune autorité n'est configurée.",
                "The charter asks to seal exchanges, and no authority is configured.",
            ),
            Bilingual(
                "Donnez « seal.authorities » : les clés publiques que « bouclier sealed keygen » a faites chez elles.",
                "Set `seal.authorities`: the public keys that `bouclier sealed keygen` made at their places.",
            ),
            param="seal.authorities",
        )
    return None


async def destroy_when_due(data: Path, keeper: RecordKeeper, law: Callable[[], LawStamp]) -> None:
    """Destroy sealed content when its retention ends, and record it, until cancelled."""
    recorded: set[tuple[str, str | None]] = set()  # of those that could not be destroyed yet
    while True:
        try:
            await _destroy(data, keeper, law, recorded)
        except BouclierError as error:
            # Tried again in an hour; whoever runs this is told, without content.
            _log.warning("%s", error.message)
        await asyncio.sleep(_AN_HOUR_S)


async def _destroy(
    data: Path, keeper: RecordKeeper, law: Callable[[], LawStamp], recorded: set[tuple[str, str | None]]
) -> list[Destroyed]:
    """Destroy what is due now, once the log says so; return it."""
    day = today()
    for one in await asyncio.to_thread(due, data, on=day):
        if (one.exchange, one.digest) not in recorded and _EXCHANGE.fullmatch(one.exchange):
            entry = erasure_entry(
                exchange=one.exchange,
                record=one.digest,
                due=one.due.isoformat(),
                law=law(),
                time_ms=keeper.clock_ms.held(),
            )
            await keeper.append(entry, concluding=True)
            recorded.add((one.exchange, one.digest))
    # A crash before this line repeats the entries at the next start; after it, none would ever be written.
    return await asyncio.to_thread(destroy_due, data, on=day)


def destroyed_now(configuration: Configuration) -> list[Destroyed]:
    """Destroy what is due where no gateway runs, with the entries that say so; return it.

    Raises:
        StorageError: A gateway runs here, which does it by itself; or it cannot be recorded, or destroyed.
    """
    return asyncio.run(_destroyed_now(configuration))


async def _destroyed_now(configuration: Configuration) -> list[Destroyed]:
    law = await law_keeping(configuration)
    keeper = record_keeper(configuration, law=lambda: law.stamp)
    try:
        await keeper.begin()
        await law.begin(keeper)
        return await _destroy(configuration.data, keeper, lambda: law.stamp, set())
    finally:
        await keeper.close()


def log_health(keeper: RecordKeeper) -> dict[str, object]:
    """Return what `/health` says of the record."""
    publisher = keeper.publisher
    return {
        "origin": keeper.log.header.origin,
        "size": keeper.log.size,
        "published": keeper.size,
        "behind_s": round(publisher.behind_s, 3),
        "witnessed": publisher.policy.quorum != NO_QUORUM,
        "witness_problems": publisher.problems,
    }
