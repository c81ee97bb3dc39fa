"""Sealed content in a gateway: what its exchanges are sealed with, where it is kept, and what has to be destroyed.

The order the journey of an exchange keeps: the request is sealed and durable; the decision that cites its digest is
durable; content leaves; the answer is sealed and durable when it has ended. Sealing and writing happen in a thread, so
that no event loop waits for a disk. Clocks and randomness are read here.
"""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bouclier.oversight.adapters.sealed_store import Destroyed, KeptRecord, SealedStore
from bouclier.oversight.sealing.errors import SealError, SealKeyError
from bouclier.oversight.sealing.keys import parse_sealing_key
from bouclier.oversight.sealing.record import (
    NONCE_BYTES,
    Authorities,
    randomness_bytes,
    seal_answer,
    seal_request,
)
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bouclier.oversight.sealing.record import SealedRecord
    from bouclier.terms.duties import Retention

MAX_RETENTION_DAYS: Final = 36_525
_MAX_KEY_BYTES: Final = 8_192


class SealedExchange:
    """An exchange whose request is sealed and durable.

    Holds the data key until its answer is sealed; whoever drops this object drops the key.

    Attributes:
        digest: SHA-256 of the sealed request, hexadecimal, for the decision entry's field `sealed`.
    """

    def __init__(self, record: SealedRecord, data_key: bytes, store: SealedStore) -> None:
        self.digest = record.digest
        self._record = record
        self._data_key: bytes | None = data_key
        self._store = store

    async def seal_answer(self, answer: str | bytes) -> None:
        """Seal the answer, once, and make it durable.

        Args:
            answer: As handed to the caller, whole or as far as it went.

        Raises:
            SealError: The answer was sealed before.
            StorageError: It cannot be written; the record keeps the request alone.
        """
        data_key, self._data_key = self._data_key, None
        if data_key is None:
            raise SealError(Bilingual("l'échange a déjà une réponse", "the exchange has an answer already"))
        # A lone surrogate has no UTF-8 form; it is kept rather than lost.
        text = answer.encode("utf-8", "surrogatepass") if isinstance(answer, str) else answer
        await asyncio.to_thread(self._seal_answer, text, data_key)

    def _seal_answer(self, answer: bytes, data_key: bytes) -> None:
        self._store.add_answer(seal_answer(self._record, answer, data_key=data_key, nonce=os.urandom(NONCE_BYTES)))


class Sealer:
    """Seals the exchanges of a gateway for the authorities it names."""

    def __init__(self, store: SealedStore, *, authorities: Authorities, retention_days: int) -> None:
        """Prepare to seal.

        Raises:
            SealKeyError: The retention is none.
        """
        if not 1 <= retention_days <= MAX_RETENTION_DAYS:
            raise SealKeyError(
                Bilingual(f"{retention_days} jours ne sont pas une durée", f"{retention_days} days are no retention"),
                Bilingual("Donnez 1 jour au moins, et une fin.", "Give 1 day at least, and an end."),
                param="seal.retention_days",
            )
        self._store = store
        self._authorities = authorities
        self._retention = timedelta(days=retention_days)

    async def seal_request(
        self, exchange: str, charter: str, body: bytes, now_s: float, *, retention: Retention | None = None
    ) -> SealedExchange:
        """Seal a request, and make it durable: only then may its decision be recorded and its content leave.

        Args:
            exchange: Id of the exchange.
            charter: SHA-256 of the charter whose duty it is, hexadecimal.
            body: The request, byte for byte as received.
            now_s: Seconds since 1970-01-01 UTC.
            retention: For how long it is kept at least and at most, if the charter says; the institution's own
                retention holds between the two.

        Raises:
            StorageError: It cannot be written; nothing may leave.
        """
        kept = self._retention
        if retention is not None:
            kept = min(max(kept, timedelta(days=retention.min_days)), timedelta(days=max(1, retention.max_days)))
        return await asyncio.to_thread(self._seal_request, exchange, charter, body, now_s, kept)

    def _seal_request(self, exchange: str, charter: str, body: bytes, now_s: float, kept: timedelta) -> SealedExchange:
        record, data_key = seal_request(
            body,
            exchange=exchange,
            charter=charter,
            created_ms=int(now_s * 1000),
            due=_day(now_s) + kept,
            authorities=self._authorities,
            randomness=os.urandom(randomness_bytes(self._authorities.threshold)),
        )
        self._store.begin(record)
        return SealedExchange(record, data_key, self._store)


def load_sealer(data: Path, *, authorities: Sequence[Path], threshold: int, retention_days: int) -> Sealer:
    """Return what seals the exchanges of a data folder.

    Args:
        data: The gateway's data folder.
        authorities: Files of the authorities' public keys; their order is that of the shares.
        threshold: How many authorities open together.
        retention_days: Days after which a record has to be destroyed.

    Raises:
        SealKeyError: A file cannot be read or is not an authority's public key, or the numbers do not fit.
    """
    keys = tuple(parse_sealing_key(key_text(path), "authority") for path in authorities)
    return Sealer(store_of(data), authorities=Authorities(keys, threshold), retention_days=retention_days)


def store_of(data: Path) -> SealedStore:
    """Return the sealed records of a data folder."""
    return SealedStore(data / "sealed")


def kept(data: Path) -> list[KeptRecord]:
    """Return the records of a data folder, without content.

    Raises:
        SealError: One is damaged or misplaced.
        StorageError: The folder cannot be read.
    """
    return list(store_of(data).records())


def due(data: Path, *, on: date | None = None) -> list[Destroyed]:
    """Return the records of a data folder that have to be destroyed by a day, today by default; touch none.

    Raises:
        StorageError: The folder cannot be read.
    """
    return store_of(data).due(on or today())


def destroy_due(data: Path, *, on: date | None = None) -> list[Destroyed]:
    """Destroy the records of a data folder that have to be by a day, today by default, and return which.

    Whoever records erasures takes them from `due`, with the same day, before.

    Raises:
        StorageError: Something cannot be removed; all else is.
    """
    return store_of(data).destroy_due(on or today())


def today() -> date:
    """Return the day in UTC."""
    return _day(time.time())


def key_text(path: Path) -> str:
    """Return the text of a key's file.

    Raises:
        SealKeyError: It cannot be read, or is no text.
    """
    try:
        with path.open("rb") as file:
            return file.read(_MAX_KEY_BYTES).decode("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SealKeyError(
            Bilingual(f"{path} n'est pas le fichier d'une clé", f"{path} is not the file of a key"), param=str(path)
        ) from error


def _day(now_s: float) -> date:
    return datetime.fromtimestamp(now_s, UTC).date()
