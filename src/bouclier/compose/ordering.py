"""Check, sign, withdraw and publish orders.

A signature of an authority's metadata is one for all that they list. So a key signs here only:
  * for its authority, even where it could sign more;
  * orders that its holder gave as files, and withdrawals that its holder named: when a colleague staged others, nothing
    is signed and they are named;
  * what is within the mandate, by the charter that the workshop holds;
  * metadata made here, of what is published and of that: never a draft's own list or expiry (`tuf_orders`).

The workshop's copy of what is published is checked first, from its first root on, whose SHA-256 is told: whoever
passed the workshop on could have changed it, so that an order that is in force seems never to have been.

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
from bouclier.charter.adapters.tuf_describe import authority_changes, first_root_words, version_words
from bouclier.charter.adapters.tuf_errors import CharterKeyError, WorkshopError
from bouclier.charter.adapters.tuf_keys import read_signer
from bouclier.charter.adapters.tuf_orders import next_orders, staged_beyond
from bouclier.charter.adapters.tuf_publication import publish
from bouclier.charter.adapters.tuf_pull import verified_copy, verify_published
from bouclier.charter.adapters.tuf_roles import BUNDLE_TARGET, authority_role, keys_of, order_target
from bouclier.charter.adapters.tuf_signing import add_signature, demands
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
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from securesystemslib.signer import Signer
    from tuf.api.metadata import Metadata, Targets

    from bouclier.charter import Charter
    from bouclier.charter.adapters.tuf_publication import Publication
    from bouclier.charter.adapters.tuf_published import Published
    from bouclier.charter.adapters.tuf_pull import Verified
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
        lines: What was signed, in sentences, for who signed to read: all of it.
    """

    role: str
    threshold: int
    signed: tuple[str, ...]
    missing: tuple[str, ...]
    lines: tuple[Bilingual, ...] = ()


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
        file.parent.mkdir(parents=True, exist_ok=True)
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
        VerificationError: The workshop's copy of what is published is forged.
        OrderError: An order is malformed.
        CharterKeyError: The key is not one of the authority's, or cannot be used.
        WorkshopError: The workshop holds no charter, this authority has no role there, or there is no such order.
        ConfigurationError: Nothing was given, or orders of several authorities; or a file cannot be read.
        StorageError: The workshop cannot be read or written.
    """
    place = Workshop(workshop)
    copy = verified_copy(place)
    published = None if copy is None else copy.published
    given = [read_order(file) for file in files]
    authority = _one_authority([*(parse_order(data).id for data in given), *withdrawn])
    is_known = published is not None and authority_role(authority) in published.authorities
    orders = _within_mandate(given, _charter_in(place, published if is_known else None)) if given else {}
    signer = _signer(place, authority, key)
    added = {_name(identifier): data for identifier, data in orders.items()}
    gone = [_name(identifier) for identifier in withdrawn]
    unseen = staged_beyond(place, published, authority, {order_target(authority, name) for name in (*added, *gone)})
    if unseen:
        raise _unseen(unseen)
    metadata = next_orders(place, published, authority, added, gone, now=now)
    # Files before what refers to them: a crash in between leaves files nobody refers to.
    for name, data in added.items():
        place.stage_target(metadata.signed.targets[order_target(authority, name)], data)
    return _sign(place, authority_role(authority), metadata, signer, copy)


def publish_orders(*, workshop: Path, keys: Sequence[Path], to: Sequence[Path], now: datetime) -> Publication:
    """Publish what is staged and signed enough.

    Args:
        workshop: Folder in which the charter is prepared.
        keys: Private keys of snapshot and timestamp.
        to: Folders to publish to, beside the workshop's own.
        now: From when the new metadata's time runs.

    Raises:
        VerificationError: The workshop's copy of what is published is forged.
        BouclierError: As `publish`.
    """
    place = Workshop(workshop)
    verify_published(place)
    return publish(place, [read_signer(key, _passphrase) for key in keys], to=to, now=now)


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


def _name(identifier: str) -> str:
    return identifier.partition("/")[2]


def _charter_in(workshop: Workshop, published: Published | None) -> Charter:
    """Return the charter that is published, or the one that is staged if there is none."""
    targets = workshop.next().targets if published is None else published.targets
    target = targets.signed.targets.get(BUNDLE_TARGET)
    data = None if target is None else workshop.target_data(target)
    if target is None or data is None or hashlib.sha256(data).hexdigest() != target.hashes.get("sha256"):
        raise WorkshopError(
            Bilingual("Cet atelier ne contient aucune charte.", "This workshop holds no charter."),
            Bilingual("Les éditeurs la proposent d'abord.", "The editors propose one first."),
        )
    return parse_charter(files_of(data))


def _within_mandate(files: Sequence[bytes], charter: Charter) -> dict[str, bytes]:
    """Return orders by id, all of which their authorities may issue."""
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
            Bilingual("Il faut des injonctions d'une seule autorité.", "Orders of one authority are needed."),
            Bilingual("Signez pour une autorité à la fois.", "Sign for one authority at a time."),
            param="FILE",
        )
    return authorities.pop()


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


def _sign(
    workshop: Workshop, role: str, metadata: Metadata[Targets], signer: Signer, copy: Verified | None
) -> Signatures:
    # Staging drops all signatures when anything changes; so it is staged first, then signed.
    workshop.stage(role, metadata)
    add_signature(metadata, signer)
    workshop.stage(role, metadata)
    asked = next(demand for demand in demands(workshop) if demand.role == role)
    lines = tuple(_signed_lines(role, metadata.signed, copy))
    return Signatures(role, asked.threshold, asked.signed, asked.missing, lines)


def _signed_lines(role: str, signed: Targets, copy: Verified | None) -> Iterator[Bilingual]:
    if copy is not None:
        yield first_root_words(copy.first_root)
    yield version_words(role, signed)
    published = copy.published.authorities.get(role) if copy is not None else None
    before = None if published is None else published.signed
    yield from authority_changes(before, signed)
    for path, target in sorted(signed.targets.items()):
        if before is not None and path in before.targets and before.targets[path].hashes == target.hashes:
            yield Bilingual(f"  = {path} (reste)", f"  = {path} (stays)")


def _passphrase(about: str) -> str:
    return getpass.getpass(f"{about}: ")


def _overreaching(order: Order, reasons: tuple[Bilingual, ...]) -> OverreachError:
    french, english = " ; ".join(one.fr for one in reasons), "; ".join(one.en for one in reasons)
    return OverreachError(
        Bilingual(
            f"L'injonction {order.id} n'est pas signée : {french}.", f"The order {order.id} is not signed: {english}."
        ),
        Bilingual(
            "Corrigez l'injonction, ou demandez aux éditeurs de changer le mandat.",
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
