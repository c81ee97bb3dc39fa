"""Check, sign, withdraw and publish orders.

A signature of an authority's metadata is one for all that they list. So a key signs here only:
  * for its authority, even where it could sign more;
  * orders that its holder gave as files, and withdrawals that its holder named: when a colleague staged others, nothing
    is signed and they are named;
  * what is within the mandate, by the charter that the workshop holds.

Publishing is for whoever has the online keys.

Not done here: renewing an authority's metadata when they are about to expire (`charter renew`); what applies
(`orders_told`).
"""

from __future__ import annotations

import getpass
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.charter import parse_charter
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.adapters.tuf_errors import CharterKeyError, WorkshopError
from bouclier.charter.adapters.tuf_keys import read_signer
from bouclier.charter.adapters.tuf_publication import publish
from bouclier.charter.adapters.tuf_roles import BUNDLE_TARGET, authority_role, keys_of, order_target
from bouclier.charter.adapters.tuf_signing import add_signature, demands
from bouclier.charter.adapters.tuf_staging import stage_order, withdraw_order
from bouclier.charter.adapters.tuf_workshop import Workshop
from bouclier.charter.bundle import files_of
from bouclier.charter.law import mandates_of
from bouclier.charter.order_draft import unwritten
from bouclier.charter.orders import (
    MAX_ORDER_BYTES,
    overreach,
    parse_authorities,
    parse_order,
)
from bouclier.compose.whole_files import write_whole
from bouclier.terms.errors import Bilingual, ConfigurationError, StorageError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from securesystemslib.signer import Signer

    from bouclier.charter import Charter
    from bouclier.charter.adapters.tuf_publication import Publication
    from bouclier.charter.orders import Mandate, Order

_MAX_AUTHORITIES_BYTES: Final = 1_000_000


class Checked(NamedTuple):
    """An order, and why its authority may not issue it as it stands.

    Attributes:
        order: What the file says.
        reasons: Empty if it may.
    """

    order: Order
    reasons: tuple[Bilingual, ...]


class Signatures(NamedTuple):
    """What an authority's staged metadata have, and still need, to be published.

    Attributes:
        role: The authority's role.
        threshold: How many keys have to sign.
        signed: Names of those that have.
        missing: Names of those that may still.
    """

    role: str
    threshold: int
    signed: tuple[str, ...]
    missing: tuple[str, ...]


class OverreachError(VerificationError):
    """An order goes beyond its authority's mandate, or is not finished; it is not signed."""

    code = "order_overreach"


def read_order(file: Path) -> bytes:
    """Return an order file's bytes.

    Raises:
        ConfigurationError: It cannot be read.
    """
    return read_whole(file, MAX_ORDER_BYTES)


def read_whole(file: Path, most: int) -> bytes:
    """Return a file's bytes, one more than `most` at the most.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        with file.open("rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise ConfigurationError(
            Bilingual(f"{file} ne peut pas être lu.", f"{file} cannot be read."),
            Bilingual("Vérifiez le chemin et les droits.", "Check the path and the permissions."),
            param=str(file),
        ) from error


def save_order(file: Path, data: bytes) -> None:
    """Write a new order file.

    Raises:
        StorageError: There is a file already, or it cannot be written.
    """
    if file.exists():
        raise StorageError(
            Bilingual(f"{file} existe déjà.", f"{file} exists already."),
            Bilingual("Choisissez un autre nom.", "Choose another name."),
            param=str(file),
        )
    try:
        write_whole(file, data)
    except OSError as error:
        raise StorageError(
            Bilingual(f"{file} ne peut pas être écrit.", f"{file} cannot be written."),
            Bilingual("Vérifiez le dossier et les droits.", "Check the folder and the permissions."),
            param=str(file),
        ) from error


def check_order(file: Path, *, authorities: Path | None, charter: Path | None) -> Checked:
    """Return an order with what is wrong with it.

    Args:
        file: The order.
        authorities: An `authorities.json`, instead of a charter's.
        charter: Folder or bundle of the charter; None for the packaged one.

    Raises:
        OrderError: The order, or the list of mandates, is malformed.
        CharterError: The charter cannot be read.
        ConfigurationError: A file cannot be read.
    """
    data = read_order(file)
    loaded = load_charter(charter)
    if authorities is None:
        mandates = mandates_of(loaded)
    else:
        mandates = parse_authorities(read_whole(authorities, _MAX_AUTHORITIES_BYTES))
    return _checked(data, mandates, loaded)


def sign_changes(
    files: Sequence[Path], *, withdrawn: Sequence[str] = (), workshop: Path, key: Path, now: datetime
) -> Signatures:
    """Stage an authority's orders and withdrawals, and sign its metadata with one key; return what they still need.

    Done again with another key of the authority, it adds that one's signature.

    Args:
        files: Orders, as they will be published; all of one authority.
        withdrawn: Ids of its orders that are published, and will not be any more.
        workshop: Folder in which the charter is prepared.
        key: Private key of the authority.
        now: From when the metadata's time runs.

    Raises:
        OverreachError: An order is beyond the mandate that the charter in the workshop gives, or not finished; or more
            is staged than was given here.
        OrderError: An order is malformed.
        CharterKeyError: The key is not one of the authority's, or cannot be used.
        WorkshopError: The workshop holds no charter, this authority has no role there, or there is no such order.
        ConfigurationError: Nothing was given, or orders of several authorities; or a file cannot be read.
        StorageError: The workshop cannot be read or written.
    """
    place = Workshop(workshop)
    orders = _within_mandate(place, [read_order(file) for file in files])
    authority = _one_authority([*orders, *withdrawn])
    role, signer = authority_role(authority), _signer(place, authority, key)
    seen: dict[str, str | None] = {}
    for identifier, data in orders.items():
        name = identifier.partition("/")[2]
        seen[order_target(authority, name)] = hashlib.sha256(data).hexdigest()
        stage_order(place, authority, name, data, now=now)
    for identifier in withdrawn:
        name = identifier.partition("/")[2]
        path = order_target(authority, name)
        if (path, None) not in _changes(place, role):
            withdraw_order(place, authority, name, now=now)
        seen[path] = None
    unseen = sorted(path for path, digest in _changes(place, role) if (path, digest) not in seen.items())
    if unseen:
        raise _unseen(unseen)
    return _sign(place, role, signer)


def publish_orders(*, workshop: Path, keys: Sequence[Path], to: Sequence[Path], now: datetime) -> Publication:
    """Publish what is staged and signed enough.

    Args:
        workshop: Folder in which the charter is prepared.
        keys: Private keys of snapshot and timestamp.
        to: Folders to publish to, beside the workshop's own.
        now: From when the new metadata's time runs.

    Raises:
        BouclierError: As `publish`.
    """
    return publish(Workshop(workshop), [read_signer(key, _passphrase) for key in keys], to=to, now=now)


def utc_now() -> datetime:
    """Return the time, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def _checked(data: bytes, mandates: Mapping[str, Mandate], charter: Charter) -> Checked:
    order = parse_order(data)
    reasons = overreach(order, mandates.get(order.authority), members=charter.data.union)
    left = ", ".join(unwritten(order))
    if left:
        reasons = (*reasons, Bilingual(f"reste à écrire : {left}", f"still to be written: {left}"))
    return Checked(order, reasons)


def _charter_in(workshop: Workshop) -> Charter:
    target = workshop.next().targets.signed.targets.get(BUNDLE_TARGET)
    data = None if target is None else workshop.target_data(target)
    if data is None:
        raise WorkshopError(
            Bilingual("Cet atelier ne contient aucune charte.", "This workshop holds no charter."),
            Bilingual("Les éditeurs la proposent d'abord.", "The editors propose one first."),
        )
    return parse_charter(files_of(data))


def _within_mandate(workshop: Workshop, files: Sequence[bytes]) -> dict[str, bytes]:
    """Return orders by id, all of which their authorities may issue."""
    if not files:
        return {}
    charter = _charter_in(workshop)
    mandates = mandates_of(charter)
    found: dict[str, bytes] = {}
    for data in files:
        order, reasons = _checked(data, mandates, charter)
        if reasons:
            raise _overreaching(order, reasons)
        found[order.id] = data
    return found


def _one_authority(identifiers: Sequence[str]) -> str:
    authorities = {identifier.partition("/")[0] for identifier in identifiers}
    if len(authorities) != 1:
        raise ConfigurationError(
            Bilingual("Il faut des ordres d'une seule autorité.", "Orders of one authority are needed."),
            Bilingual("Signez pour une autorité à la fois.", "Sign for one authority at a time."),
            param="FILE",
        )
    return authorities.pop()


def _changes(workshop: Workshop, role: str) -> set[tuple[str, str | None]]:
    """Return what is staged for an authority: paths with the digest of what is new there, None if it is withdrawn."""
    current, published = workshop.next(), workshop.published()
    after = current.authorities.get(role)
    before = None if published is None else published.authorities.get(role)
    new = {} if after is None else {path: target.hashes["sha256"] for path, target in after.signed.targets.items()}
    old = {} if before is None else {path: target.hashes["sha256"] for path, target in before.signed.targets.items()}
    added = {(path, digest) for path, digest in new.items() if old.get(path) != digest}
    return added | {(path, None) for path in old.keys() - new.keys()}


def _signer(workshop: Workshop, authority: str, key: Path) -> Signer:
    """Return what signs for an authority, before anything is staged for it."""
    role, signer, current = authority_role(authority), read_signer(key, _passphrase), workshop.next()
    if signer.public_key.keyid not in keys_of(role, current.root.signed, current.targets.signed):
        raise CharterKeyError(
            Bilingual(f"{key} n'est pas une clé de {role}.", f"{key} is no key of {role}."),
            Bilingual("Signez avec une clé de cette autorité.", "Sign with a key of this authority."),
            param="--key",
        )
    return signer


def _sign(workshop: Workshop, role: str, signer: Signer) -> Signatures:
    metadata = workshop.next().metadata(role)
    assert metadata is not None
    add_signature(metadata, signer)
    workshop.stage(role, metadata)
    (asked,) = (demand for demand in demands(workshop) if demand.role == role)
    return Signatures(role, asked.threshold, asked.signed, asked.missing)


def _passphrase(about: str) -> str:
    return getpass.getpass(f"{about}: ")


def _overreaching(order: Order, reasons: tuple[Bilingual, ...]) -> OverreachError:
    french, english = "; ".join(one.fr for one in reasons), "; ".join(one.en for one in reasons)
    return OverreachError(
        Bilingual(f"L'ordre {order.id} n'est pas signé : {french}.", f"The order {order.id} is not signed: {english}."),
        Bilingual(
            "Corrigez l'ordre, ou demandez aux éditeurs de changer le mandat.",
            "Correct the order, or ask the editors to change the mandate.",
        ),
        param=order.id,
    )


def _unseen(paths: Sequence[str]) -> OverreachError:
    listed = ", ".join(paths)
    return OverreachError(
        Bilingual(
            f"Rien n'est signé : l'atelier change aussi {listed}.",
            f"Nothing is signed: the workshop also changes {listed}.",
        ),
        Bilingual(
            "Votre signature vaudrait pour tout : lisez ces fichiers et donnez-les aussi (--withdraw pour un retrait).",
            "Your signature would be for all of it: read these files and give them too (--withdraw for a withdrawal).",
        ),
        param=paths[0],
    )
