"""Making, signing and publishing a charter's TUF repository: what each command does, on a workshop's folder.

The clock is read here, and nowhere below. A charter and a registry of facts are read and checked whole before they are
proposed, and the facts once more before they are signed and published: nobody is asked to sign what no gateway would
load, whoever staged it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from getpass import getpass
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.charter.adapters.charter_files import charter_files, load_charter
from bouclier.charter.adapters.tuf_describe import TELLERS, describe, first_root_words
from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_files import read_file, write_new_file
from bouclier.charter.adapters.tuf_hsm import token_key, token_signer
from bouclier.charter.adapters.tuf_keys import make_key, read_public_key, read_signer, render_public_key
from bouclier.charter.adapters.tuf_local import local_repository
from bouclier.charter.adapters.tuf_publication import Publication, publish, stamp
from bouclier.charter.adapters.tuf_pull import pull, verified_copy, verify_published
from bouclier.charter.adapters.tuf_roles import DEFAULT_HOURS, REGISTRY_TARGET, ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from bouclier.charter.adapters.tuf_signing import Demand, demands, entitled, sign, staged_digests
from bouclier.charter.adapters.tuf_staging import (
    AUTHORITY_DAYS,
    Founding,
    Signers,
    add_key,
    found,
    propose,
    remove_authority,
    remove_key,
    renew,
    set_authority,
    set_threshold,
    stage_order,
    withdraw_order,
)
from bouclier.charter.adapters.tuf_workshop import Workshop
from bouclier.charter.bundle import bundle_of
from bouclier.compose.facts_proposing import propose_facts, told_facts, verify_facts
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from securesystemslib.signer import Signer

__all__ = [
    "AUTHORITY_DAYS",
    "DEFAULT_HOURS",
    "ROLES",
    "Demand",
    "Founding",
    "NewKey",
    "Publication",
    "Signers",
    "Standing",
    "ToSign",
    "Workshop",
    "add_key",
    "charter_bundle",
    "demands",
    "entitled",
    "found",
    "local_repository",
    "new_key",
    "propose",
    "propose_facts",
    "publish_signed",
    "pull",
    "remove_authority",
    "remove_key",
    "renew",
    "save_token_key",
    "secret_from",
    "set_authority",
    "set_threshold",
    "sign",
    "signers",
    "signers_from",
    "stage_order",
    "stamp",
    "standing",
    "to_be_signed",
    "utc_now",
    "withdraw_order",
]

ROLES: Final[Mapping[str, str]] = {"parties": ROOT, "editors": TARGETS, "snapshot": SNAPSHOT, "timestamp": TIMESTAMP}
"""The roles of the root, as commands name them."""


class NewKey(NamedTuple):
    """A key's files; a token's key has no private one."""

    private: Path | None
    public: Path
    key_id: str


class ToSign(NamedTuple):
    """What is about to be signed: in sentences, and its digests by role, for `sign`."""

    lines: list[Bilingual]
    seen: Mapping[str, str]


class Standing(NamedTuple):
    """Where a role stands in what is published."""

    role: str
    version: int
    expires: datetime
    expired: bool


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def new_key(name: str, folder: Path) -> NewKey:
    """Make a key in two new files of a folder.

    Raises:
        CharterKeyError: The name is not one.
        StorageError: A file is there already, or cannot be written.
    """
    private, public, key = make_key(name, folder)
    return NewKey(private, public, key.keyid)


def save_token_key(uri: str, name: str, folder: Path, *, pin_file: Path | None = None) -> NewKey:
    """Write the public file of a token's key.

    Raises:
        CharterKeyError: The token or its key is not there, or the name is not one.
        StorageError: The file is there already, or cannot be written.
    """
    key = token_key(uri, name, secret_from(pin_file))
    public = folder / f"{name}.public"
    write_new_file(public, render_public_key(key))
    return NewKey(None, public, key.keyid)


def signers(files: Sequence[Path], threshold: int) -> Signers:
    """Return who signs together, from their public files.

    Raises:
        CharterKeyError: A file is not a public key.
        StorageError: A file cannot be read.
    """
    return Signers([read_public_key(path) for path in files], threshold)


def signers_from(keys: Sequence[Path], tokens: Sequence[str] = (), *, pin_file: Path | None = None) -> list[Signer]:
    """Return what signs: private files, and tokens' keys.

    Args:
        keys: Private files; a passphrase is asked for if one is encrypted.
        tokens: As `hsm:2?label=token`; their PIN is asked for when they sign.
        pin_file: Holds the PIN or the passphrase, so that nothing is asked.

    Raises:
        ConfigurationError: There is no key at all.
        CharterKeyError: A key cannot be used.
        StorageError: A file cannot be read.
    """
    if not keys and not tokens:
        raise ConfigurationError(
            Bilingual("Aucune clé pour signer.", "No key to sign with."),
            Bilingual("Donnez --key FICHIER, ou --hsm URI.", "Give --key FILE, or --hsm URI."),
            param="--key",
        )
    secret = secret_from(pin_file)
    return [*(read_signer(path, secret) for path in keys), *(token_signer(uri, secret) for uri in tokens)]


def secret_from(pin_file: Path | None) -> Callable[[str], str]:
    """Return what answers with a PIN or a passphrase: a file's first line, or the keyboard's."""

    def secret(what: str) -> str:
        if pin_file is None:
            return getpass(f"{what}: ")
        data = read_file(pin_file)
        if not data:
            raise ConfigurationError(
                Bilingual(f"{pin_file} n'existe pas ou est vide.", f"{pin_file} does not exist or is empty."),
                Bilingual("Une ligne : le code, ou la phrase de passe.", "One line: the PIN, or the passphrase."),
                param="--pin-file",
            )
        return data.decode("utf-8", "replace").splitlines()[0]

    return secret


def charter_bundle(place: Path | None) -> bytes:
    """Return the bundle of a charter that loads, from a folder or a bundle; the starter charter's for None.

    Raises:
        CharterError: It does not load.
    """
    load_charter(place)
    return bundle_of(charter_files(place))


def publish_signed(workshop: Workshop, holders: Sequence[Signer], *, to: Sequence[Path], now: datetime) -> Publication:
    """Publish what is staged and signed, after checking what was published before it.

    Args:
        workshop: Where it is staged.
        holders: Online keys.
        to: Folders to publish to, beside the workshop's own copy.
        now: From when the new metadata's time runs.

    Raises:
        VerificationError: The workshop's copy of what is published is forged.
        CharterError: The facts that are staged cannot be used.
        BouclierError: As `publish`.
    """
    verify_published(workshop)
    if any(one.role == TARGETS and one.met for one in demands(workshop)):
        # A draft that waits for signatures holds back no authority's order, whatever it says.
        verify_facts(workshop)
    return publish(workshop, holders, to=to, now=now)


def to_be_signed(workshop: Workshop, holders: Sequence[Signer]) -> ToSign:
    """Return what some keys would sign, in sentences; none when they have nothing to sign.

    Raises:
        CharterError: The facts that they would sign cannot be used.
        VerificationError: The workshop's copy of what is published, which changes are told from, is forged.
        WorkshopError: There is no charter here, or it changed meanwhile.
        StorageError: A file cannot be read.
    """
    digests = staged_digests(workshop)
    first = verify_published(workshop)
    roles = dict.fromkeys(role for holder in holders for role in entitled(workshop, holder))
    if TARGETS in roles:
        verify_facts(workshop)
    tellers = {**TELLERS, REGISTRY_TARGET: told_facts}
    lines = [line for role in roles for line in describe(workshop, role, tellers)]
    if lines and first is not None:
        lines.insert(0, first_root_words(first))
    if staged_digests(workshop) != digests:
        raise WorkshopError(Bilingual("L'atelier vient de changer.", "The workshop changed just now."))
    return ToSign(lines, digests)


def standing(workshop: Workshop, *, now: datetime) -> list[Standing]:
    """Return where each published role stands; none when nothing is published.

    Raises:
        VerificationError: The workshop's copy of what is published is forged.
        WorkshopError: What is published is incomplete.
        StorageError: A file cannot be read.
    """
    copy = verified_copy(workshop)
    if copy is None:
        return []
    published = copy.published
    named = [
        (ROOT, published.root.signed),
        (TARGETS, published.targets.signed),
        *((role, metadata.signed) for role, metadata in sorted(published.authorities.items())),
        (SNAPSHOT, published.snapshot.signed),
        (TIMESTAMP, published.timestamp.signed),
    ]
    return [Standing(role, one.version, one.expires, one.is_expired(now)) for role, one in named]
