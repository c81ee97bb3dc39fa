"""A TUF client: python-tuf's workflow, given the time, made durable, and stricter where it is weak.

    * The time is an argument, not this machine's clock at the time of a call.
    * A file is replaced whole and durably; one that would not change is not written.
    * An authority's role is verified against the delegation of today's `targets`, with its keys and threshold, however
      it was come by. python-tuf's own search keeps delegated roles by name (before 7.0.1 without verifying them for
      another delegator), and stops at the first role that has expired; so it is not used for authorities.
    * Every failure becomes one `CharterNotFollowedError`; its reason is found by verifying again, not by reading words.
      So do metadata that the library reads and stumbles over later: it does not look at the type of every field.

Not done here: what is kept for when the repository does not answer (`tuf_client`).

Source: TUF specification 1.0.34 §5 (client workflow); python-tuf 7 (`tuf.ngclient.Updater`).
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError, SerializationError
from tuf.ngclient import Updater, UpdaterConfig

from bouclier.charter.adapters.tuf_files import read_file, write_file
from bouclier.charter.adapters.tuf_keys import name_of
from bouclier.charter.followed import CharterNotFollowedError, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from securesystemslib.signer import Key

    from bouclier.charter.adapters.tuf_fetch import Source

MAX_ROLE_BYTES: Final = 1_000_000
"""Of one authority's metadata."""
HISTORY: Final = "root_history"
_ODD: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the library raises over metadata that are JSON, signed, and none that it expects."""


class Signers(NamedTuple):
    """Who signed the root and the charter, and who could have signed the root.

    Attributes:
        adopted_by: Names of those who signed; empty when one is enough.
        parties: Names of all who hold a root key.
        threshold: How many must sign.
        editors: Names of those who signed the editors' metadata.
        editors_threshold: How many of them must.
    """

    adopted_by: tuple[str, ...]
    parties: tuple[str, ...]
    threshold: int
    editors: tuple[str, ...]
    editors_threshold: int


class TufClient(Updater):
    """One refresh, and what it verified."""

    def __init__(
        self, folder: Path, source: Source, trusted_root: bytes, now: datetime, *, durable: bool = True
    ) -> None:
        """Begin with a root that is trusted; nothing is asked yet.

        Args:
            folder: Where the metadata seen last are kept; made if missing.
            source: Where newer ones are fetched.
            trusted_root: What all trust starts from.
            now: By which expiry is told.
            durable: Whether what is verified is kept in the folder.

        Raises:
            CharterNotFollowedError: The root is not one.
            StorageError: The folder cannot be written.
        """
        self._durable = durable
        self._fetched: tuple[str, bytes] = (Root.type, trusted_root)
        self._root_bytes = trusted_root
        self._targets_bytes: bytes | None = None
        source.fetcher.begin()
        with self.explained():
            super().__init__(
                str(folder),
                source.metadata,
                target_base_url=source.targets,
                fetcher=source.fetcher,
                config=UpdaterConfig(targets_max_length=MAX_ROLE_BYTES),
                bootstrap=trusted_root,
            )
        self._trusted_set.reference_time = now

    @property
    def now(self) -> datetime:
        """By which expiry is told."""
        return self._trusted_set.reference_time

    @property
    def root(self) -> Root:
        """The newest root that was verified."""
        return self._trusted_set.root

    @property
    def timestamp(self) -> Timestamp:
        """The freshest statement that was verified."""
        return self._trusted_set.timestamp

    @property
    def snapshot(self) -> Snapshot:
        """The list of versions that was verified."""
        return self._trusted_set.snapshot

    @property
    def targets(self) -> Targets:
        """What the editors signed, verified."""
        return self._trusted_set.targets

    def refresh(self) -> None:
        """Verify the four top-level roles anew, newer versions of them where there are.

        Raises:
            CharterNotFollowedError: One is not what it must be, or cannot be had.
            StorageError: What was verified cannot be kept.
        """
        with self.explained():
            super().refresh()

    def signers(self) -> Signers:
        """Return who signed the root and the editors' metadata that were verified.

        A key that is listed for a role and is not there is nobody's.

        Raises:
            StorageError: What was kept cannot be read.
        """
        data = self._root_bytes
        metadata: Metadata[Root] = Metadata.from_bytes(data)
        if metadata.signed.version != self.root.version:
            # A root that was read from the folder by its number.
            kept = read_file(Path(self._dir) / HISTORY / f"{self.root.version}.{Root.type}.json")
            metadata = Metadata.from_bytes(kept or data)
        result = self.root.get_verification_result(Root.type, metadata.signed_bytes, metadata.signatures)
        adopted_by = _names(result.signed) if result.threshold > 1 else ()
        # What was not fetched anew was read from the folder.
        content = self._targets_bytes or read_file(Path(self._dir) / f"{Targets.type}.json") or b""
        edited: Metadata[Targets] = Metadata.from_bytes(content)
        editors = self.root.get_verification_result(Targets.type, edited.signed_bytes, edited.signatures)
        parties = _names(result.signed | result.unsigned)
        return Signers(adopted_by, parties, result.threshold, _names(editors.signed), editors.threshold)

    def verified_role(self, name: str, data: bytes) -> Targets:
        """Return a delegated role's metadata, if today's `targets` delegate to who signed it; expired or not.

        Raises:
            RepositoryError: They do not, or it is not metadata.
        """
        metadata: Metadata[Targets] = Metadata.from_bytes(data)
        if not isinstance(metadata.signed, Targets):
            raise DeserializationError("not targets metadata")
        try:
            self.targets.verify_delegate(name, metadata.signed_bytes, metadata.signatures)
        except _ODD as error:
            raise DeserializationError("odd metadata") from error
        return metadata.signed

    def fetch_role(self, name: str, version: int, max_bytes: int) -> bytes:
        """Return what is served as a version of a role, not verified.

        Raises:
            DownloadError: It cannot be had.
        """
        return self._download_metadata(name, max_bytes, version if self.root.consistent_snapshot else None)

    def fetch_target(self, target: TargetFile) -> bytes:
        """Return a target, verified to be what a role listed.

        Raises:
            DownloadError: It cannot be had.
            RepositoryError: What is served is something else.
        """
        with tempfile.NamedTemporaryFile(prefix="bouclier-target-") as file:
            self.download_target(target, file.name)
            return Path(file.name).read_bytes()

    @contextlib.contextmanager
    def explained(self, role: str | None = None) -> Iterator[None]:
        """Translate what the library raises.

        Args:
            role: What is concerned; None for what was fetched last.

        Raises:
            CharterNotFollowedError: Something was raised.
        """
        try:
            yield
        except DownloadError as error:
            reason = Reason.OVERSIZED if isinstance(error, DownloadLengthMismatchError) else Reason.UNREACHABLE
            raise CharterNotFollowedError(reason, role or self._fetched[0]) from error
        except RepositoryError as error:
            expired = self._expired() if isinstance(error, ExpiredMetadataError) else None
            raise CharterNotFollowedError(self.reason_of(error), role or expired or self._fetched[0]) from error
        except OSError as error:
            raise CharterNotFollowedError(Reason.STATE, role or self._fetched[0]) from error
        except _ODD as error:
            raise CharterNotFollowedError(Reason.MALFORMED, role or self._fetched[0]) from error

    def reason_of(self, error: RepositoryError, fetched: tuple[str, bytes] | None = None) -> Reason:
        """Return why metadata were refused.

        Args:
            error: The refusal.
            fetched: Role and bytes that it is about; None for what was fetched last.
        """
        if isinstance(error, ExpiredMetadataError):
            return Reason.EXPIRED
        if isinstance(error, LengthOrHashMismatchError):
            return Reason.SUBSTITUTED
        if isinstance(error, UnsignedMetadataError):
            with contextlib.suppress(RepositoryError, *_ODD):
                return self._signed_badly(*(fetched or self._fetched))
            return Reason.MALFORMED
        if isinstance(error, (DeserializationError, SerializationError)):
            return Reason.MALFORMED
        # A version below one seen, or other than the one announced; or a role taken out of the list.
        return Reason.ROLLED_BACK if isinstance(error, BadVersionNumberError) else Reason.SUBSTITUTED

    def _expired(self) -> str | None:
        """Return which of the roles that were verified has expired, first."""
        roles = [role for role in (Root.type, Timestamp.type, Snapshot.type) if role in self._trusted_set]
        return next((role for role in roles if self._trusted_set[role].is_expired(self.now)), None)

    def _signed_badly(self, role: str, data: bytes) -> Reason:
        """Tell whether none of the entitled keys signed, or too few."""
        metadata: Metadata[Root] = Metadata.from_bytes(data)
        delegators: list[Root | Targets] = []
        if role in {Root.type, Timestamp.type, Snapshot.type, Targets.type}:
            if hasattr(self, "_trusted_set"):  # else it is the trusted root itself that is not one
                delegators.append(self.root)
        elif (delegations := self.targets.delegations) is not None and role in (delegations.roles or {}):
            delegators.append(self.targets)
        if role == Root.type and isinstance(metadata.signed, Root):
            # A new root is signed by the old one's keys and by its own. To be short of the old ones is a coup.
            delegators.append(metadata.signed)
        results = [one.get_verification_result(role, metadata.signed_bytes, metadata.signatures) for one in delegators]
        return Reason.UNDER_THRESHOLD if results and all(result.signed for result in results) else Reason.WRONG_KEY

    def _download_metadata(self, rolename: str, length: int, version: int | None = None) -> bytes:
        self._fetched = (rolename, b"")
        data = super()._download_metadata(rolename, length, version)
        self._fetched = (rolename, data)
        return data

    def _persist_root(self, version: int, data: bytes) -> None:
        self._root_bytes = data
        super()._persist_root(version, data)

    def _persist_metadata(self, rolename: str, data: bytes) -> None:
        if rolename == Targets.type:
            self._targets_bytes = data
        super()._persist_metadata(rolename, data)

    def _persist_file(self, filename: str, data: bytes) -> None:
        path = Path(filename)
        if self._durable and read_file(path) != data:
            # A crash before this is durable leaves the older file: the next refresh asks for the newer one again.
            write_file(path, data)


def _names(keys: Mapping[str, Key]) -> tuple[str, ...]:
    return tuple(sorted(name_of(key) for key in keys.values()))
