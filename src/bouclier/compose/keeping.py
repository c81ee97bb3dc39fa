"""The record of a gateway, from its configuration: its keeper, its sealer, and what `/health` says of them."""

from __future__ import annotations

import asyncio
import logging
import time
from hashlib import sha256
from typing import TYPE_CHECKING

from bouclier import __version__
from bouclier.compose import data_folder
from bouclier.compose.policies import read_policy
from bouclier.compose.sealed import destroy_due, due, load_sealer, today
from bouclier.oversight import Standing, erasure_entry
from bouclier.oversight.adapters.record_keeper import RecordKeeper
from bouclier.terms.errors import Bilingual, BouclierError, ConfigurationError
from bouclier.terms.law import Duty
from bouclier.tlog import NO_QUORUM, WitnessPolicy, render_policy

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.charter import Charter
    from bouclier.compose.configuration import Configuration
    from bouclier.compose.sealed import Sealer

_log = logging.getLogger("bouclier.compose")
_AN_HOUR_S = 3600.0


def record_keeper(configuration: Configuration, *, charter: str, registry: str) -> RecordKeeper:
    """Open the record of a gateway; from within its event loop.

    Args:
        configuration: Its settings.
        charter: SHA-256 of the charter in force, hexadecimal.
        registry: SHA-256 of the registry's facts, hexadecimal.

    Raises:
        ConfigurationError: The witness policy is wrong, or the log has another origin.
        StorageError: The log cannot be opened.
    """
    settings = configuration.log
    policy = WitnessPolicy() if settings.policy is None else read_policy(settings.policy)
    standing = Standing(
        version=__version__,
        charter=charter,
        registry=registry,
        policy=sha256(render_policy(policy).encode()).hexdigest() if policy.witnesses else None,
        interval_s=settings.interval_s,
    )
    keeper = RecordKeeper(
        data_folder.log_folder(configuration.data),
        standing,
        policy,
        now_ms=lambda: time.time_ns() // 1_000_000,
        ml_dsa=settings.ml_dsa,
        pooling_s=settings.pooling_ms / 1000,
        max_unwitnessed_s=settings.max_unwitnessed_s,
    )
    origin = keeper.log.header.origin
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
    return keeper


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


async def destroy_when_due(data: Path, keeper: RecordKeeper) -> None:
    """Destroy sealed content when its retention ends, and record it, until cancelled."""
    while True:
        try:
            day = today()
            for one in await asyncio.to_thread(due, data, on=day):
                entry = erasure_entry(
                    exchange=one.exchange, record=one.digest, due=one.due.isoformat(), time_ms=keeper.clock_ms()
                )
                await keeper.append(entry)
            # A crash before this line repeats the entries at the next start; after it, none would ever be written.
            await asyncio.to_thread(destroy_due, data, on=day)
        except BouclierError as error:
            # Tried again in an hour; whoever runs this is told, without content.
            _log.warning("%s", error.message)
        await asyncio.sleep(_AN_HOUR_S)


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
