"""Who may sign what is staged, who has, and who still has to.

A root is signed twice over: by the threshold of the parties it names, and by that of the parties before it. Signatures
are added in any order, each by its holder, on files passed around.

Not done here: `snapshot` and `timestamp`, which online keys sign when a publication is made (`tuf_publication`).
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from securesystemslib.exceptions import Error as SecureSystemsError
from tuf.api.exceptions import UnsignedMetadataError

from bouclier.charter.adapters.tuf_errors import CharterKeyError, WorkshopError
from bouclier.charter.adapters.tuf_keys import name_of
from bouclier.charter.adapters.tuf_roles import ROOT, keys_of, role_of
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from securesystemslib.signer import Key, Signer
    from tuf.api.metadata import Metadata, Root, Targets

    from bouclier.charter.adapters.tuf_roles import AnyMetadata
    from bouclier.charter.adapters.tuf_workshop import Next, Workshop


class Demand(NamedTuple):
    """A threshold that staged metadata have to meet.

    Attributes:
        role: Whose metadata.
        version: Which version of them.
        before: True for the threshold of the parties before, when it is a root's.
        threshold: How many keys have to sign.
        signed: Names of the keys that have, sorted.
        missing: Names of those that may still, sorted.
    """

    role: str
    version: int
    before: bool
    threshold: int
    signed: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def met(self) -> bool:
        """Whether enough have signed."""
        return len(self.signed) >= self.threshold


def demands(workshop: Workshop) -> list[Demand]:
    """Return the thresholds that what is staged has to meet, roots first.

    Raises:
        WorkshopError: There is no charter here.
        StorageError: A file cannot be read.
    """
    current = workshop.next()
    published = workshop.published()
    before = published.root.signed if published else None
    asked: list[Demand] = []
    for role in _in_order(current):
        metadata = current.metadata(role)
        if metadata is None:
            continue
        if role == ROOT and before is not None:
            asked.append(_demand(role, metadata, current, before))
        asked.append(_demand(role, metadata, current, None))
    return asked


def sign(workshop: Workshop, signers: Sequence[Signer], *, seen: Mapping[str, str] | None = None) -> list[str]:
    """Add signatures to whatever is staged and the keys may sign; return the roles that were signed.

    Args:
        workshop: Where it is staged.
        signers: The keys.
        seen: Digests of what was shown, from `staged_digests`: nothing else is signed.

    Raises:
        CharterKeyError: A key may sign nothing that is staged, or could not be used.
        WorkshopError: There is no charter here, or it changed since it was shown.
        StorageError: A file cannot be written.
    """
    holders: dict[str, list[Signer]] = {}
    for signer in signers:
        roles = entitled(workshop, signer)
        if not roles:
            raise CharterKeyError(
                Bilingual("Cette clé n'a rien à signer ici.", "This key has nothing to sign here."),
                Bilingual(
                    "Voyez qui doit signer quoi (charter status) ; est-ce la bonne clé, le bon atelier ?",
                    "See who has to sign what (charter status); is it the right key, the right workshop?",
                ),
                param=signer.public_key.keyid,
            )
        for role in roles:
            holders.setdefault(role, []).append(signer)
    current = workshop.next()
    for role, some in holders.items():
        metadata = current.metadata(role)
        assert metadata is not None
        if seen is not None and seen.get(role) != _digest(metadata):
            raise WorkshopError(
                Bilingual(f"{role} a changé depuis son affichage.", f"{role} changed since it was shown."),
                Bilingual("Relisez, puis signez.", "Read it again, then sign."),
                param=role,
            )
        for signer in some:
            add_signature(metadata, signer)
        workshop.stage(role, metadata)
    return list(holders)


def staged_digests(workshop: Workshop) -> dict[str, str]:
    """Return the SHA-256 of what would be signed for each staged role, hexadecimal.

    Raises:
        WorkshopError: There is no charter here.
        StorageError: A file cannot be read.
    """
    current = workshop.next()
    found = ((role, current.metadata(role)) for role in current.staged)
    return {role: _digest(metadata) for role, metadata in found if metadata is not None}


def entitled(workshop: Workshop, signer: Signer) -> list[str]:
    """Return the staged roles that a key may sign.

    Raises:
        WorkshopError: There is no charter here.
        StorageError: A file cannot be read.
    """
    current = workshop.next()
    published = workshop.published()
    keyid = signer.public_key.keyid
    roles: list[str] = []
    for role in _in_order(current):
        keys = keys_of(role, current.root.signed, current.targets.signed)
        if role == ROOT and published is not None:
            keys |= keys_of(role, published.root.signed, None)
        if keyid in keys:
            roles.append(role)
    return roles


def add_signature(metadata: AnyMetadata, signer: Signer) -> None:
    """Add a signature to metadata.

    Raises:
        CharterKeyError: The key could not be used: a token is absent, a PIN wrong.
    """
    try:
        metadata.sign(signer, append=True)
    except (UnsignedMetadataError, SecureSystemsError) as error:
        raise CharterKeyError(
            Bilingual("La clé n'a pas pu signer.", "The key could not sign."),
            Bilingual(
                "Jeton branché, code exact, PYKCS11LIB juste ?", "Is the token there, the PIN right, PYKCS11LIB set?"
            ),
            param=signer.public_key.keyid,
        ) from error


def _digest(metadata: Metadata[Root] | Metadata[Targets]) -> str:
    return sha256(metadata.signed_bytes).hexdigest()


def _in_order(current: Next) -> list[str]:
    return [role for role in (ROOT, "targets", *sorted(current.authorities)) if role in current.staged]


def _demand(role: str, metadata: Metadata[Root] | Metadata[Targets], current: Next, before: Root | None) -> Demand:
    root = before or current.root.signed
    targets = current.targets.signed
    delegated = role_of(role, root, targets)
    assert delegated is not None
    keys = keys_of(role, root, targets)
    signed = {keyid for keyid, key in keys.items() if _has_signed(key, metadata)}
    return Demand(
        role,
        metadata.signed.version,
        before is not None,
        delegated.threshold,
        tuple(sorted(name_of(keys[keyid]) for keyid in signed)),
        tuple(sorted(name_of(key) for keyid, key in keys.items() if keyid not in signed)),
    )


def _has_signed(key: Key, metadata: Metadata[Root] | Metadata[Targets]) -> bool:
    signature = metadata.signatures.get(key.keyid)
    if signature is None:
        return False
    try:
        key.verify_signature(signature, metadata.signed_bytes)
    except SecureSystemsError:
        return False
    return True
