"""A charter of one's own: a repository of which one key, made here, holds every role.

It exists so that a gateway follows a repository from its first start, and reads its own charter the way it would read
that of many parties. Its root is 1 of 1: adopted by nobody, which is what every page says of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.charter.adapters.tuf_errors import CharterKeyError
from bouclier.charter.adapters.tuf_keys import make_key, named, read_signer
from bouclier.charter.adapters.tuf_publication import publish, stamp
from bouclier.charter.adapters.tuf_roles import MAX_HOURS, ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from bouclier.charter.adapters.tuf_signing import sign
from bouclier.charter.adapters.tuf_staging import Founding, Signers, found, propose, propose_registry, renew
from bouclier.charter.adapters.tuf_workshop import Workshop
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from securesystemslib.signer import CryptoSigner

LOCAL: Final = "local"
_LONG_HOURS: Final = MAX_HOURS // 2


def local_repository(folder: Path, bundle: bytes, *, now: datetime, days: int, registry: bytes | None = None) -> None:
    """Make sure a folder holds a repository that serves a bundle, with a fresh timestamp, signed by a key made there.

    Whatever ends it on the way, doing it again completes it.

    Args:
        folder: `metadata/` and `targets/` are the repository; `keys/` and `workshop/` are how it is made.
        bundle: The charter.
        now: From when the timestamp's time runs.
        days: How long the timestamp lives.
        registry: The facts to serve with it; None for none.

    Raises:
        CharterKeyError: A repository is there, and its key is not.
        WorkshopError: What is there is damaged, or signed by another key.
        StorageError: A file cannot be read or written.
    """
    workshop = Workshop(folder / "workshop", repository=folder)
    signer = _signer(folder, begun=workshop.is_begun())
    if not workshop.is_begun():
        one = Signers([named(signer.public_key, LOCAL)])
        hours = {ROOT: _LONG_HOURS, TARGETS: _LONG_HOURS, SNAPSHOT: days * 24, TIMESTAMP: days * 24}
        found(workshop, Founding(one, one, one, one, hours), now=now)
    propose(workshop, bundle, now=now)
    propose_registry(workshop, registry, now=now)
    _renew_old(workshop, now)
    if workshop.next().staged:
        sign(workshop, [signer])
        publish(workshop, [signer], now=now)
    else:
        stamp(folder, [signer], now=now)


def _renew_old(workshop: Workshop, now: datetime) -> None:
    current = workshop.next()
    for role in (ROOT, TARGETS):
        metadata = current.metadata(role)
        if metadata is not None and metadata.signed.is_expired(now):
            renew(workshop, role, now=now)


def _signer(folder: Path, *, begun: bool) -> CryptoSigner:
    private = folder / "keys" / f"{LOCAL}.private"
    if not private.exists():
        if begun:
            raise CharterKeyError(
                Bilingual(f"{private} manque.", f"{private} is missing."),
                Bilingual(
                    f"Remettez-la d'une sauvegarde, ou effacez {folder} : une charte locale y sera refaite.",
                    f"Restore it from a backup, or erase {folder}: a local charter will be made anew there.",
                ),
                param=str(private),
            )
        # A crash after the private key leaves it without its public file, which nobody needs here.
        make_key(LOCAL, folder / "keys")
    return read_signer(private)
