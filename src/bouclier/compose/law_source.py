"""Where a gateway's law comes from: a charter it joined, or one of its own that nobody else adopted.

    <data>/charter/joined.json   the repository that `bouclier charter join` chose
    <data>/charter/root.json     the root it began with
    <data>/charter/local/        otherwise: a repository of one's own, whose one key was made here
    <data>/charter/followed/     what was verified last, one folder for each root
    <data>/charter/shadow.bundle a charter on trial, if there is one

What the configuration names comes before what was joined.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.charter import bundle_of
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.adapters.tuf_client import Follower
from bouclier.charter.adapters.tuf_local import local_repository
from bouclier.charter.followed import REPOSITORY, CharterNotFollowedError, Reason
from bouclier.compose.facts_reading import packaged_facts
from bouclier.compose.whole_files import write_whole
from bouclier.terms.errors import Bilingual, ConfigurationError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.charter.followed import Followed
    from bouclier.compose.configuration_model import Configuration

LOCAL_DAYS: Final = 30
_MAX_ROOT_BYTES: Final = 512_000
_PATIENCE_S: Final = 30.0
"""With the default `refresh_s` of 20 s, an order is in force within the 60 s that are promised."""


class Joined(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `joined.json` says."""

    repository: str


@dataclass(frozen=True, slots=True)
class LawSource:
    """Where the law comes from.

    Attributes:
        place: An address or a folder under which `metadata/` and `targets/` are.
        root: The root to begin with.
        state: Where what was verified is kept.
        own: Whether it is this institution's own, adopted by nobody else.
    """

    place: str | Path
    root: bytes
    state: Path
    own: bool

    def follower(self, *, now: Callable[[], datetime] | None = None) -> Follower:
        """Return what follows it.

        Raises:
            ConfigurationError: The address is none.
        """
        return Follower(self.state, self.place, self.root, now=now or utc_now, patience_s=_PATIENCE_S)


def utc_now() -> datetime:
    """Return this machine's time."""
    return datetime.now(UTC)


def charter_folder(data: Path) -> Path:
    """Return where a data folder keeps what concerns its charter."""
    return data / "charter"


def shadow_file(data: Path) -> Path:
    """Return where a charter on trial is, if there is one."""
    return charter_folder(data) / "shadow.bundle"


def law_source(configuration: Configuration) -> LawSource:
    """Return where a gateway's law comes from; a repository of its own is made, or signed again, if it is that.

    Raises:
        BouclierError: What is configured contradicts itself, or cannot be read or written.
    """
    settings, folder = configuration.charter, charter_folder(configuration.data)
    if settings.repository is not None:
        if settings.root is None or settings.folder is not None:
            raise ConfigurationError(
                Bilingual(
                    "« charter.repository » demande « charter.root », et exclut « charter.folder ».",
                    "`charter.repository` requires `charter.root`, and excludes `charter.folder`.",
                ),
                Bilingual(
                    "Donnez la racine reçue de quelqu'un de confiance, ou retirez « charter.repository ».",
                    "Give the root you had from somebody you trust, or remove `charter.repository`.",
                ),
                param="charter.repository",
            )
        return _followed(configuration, settings.repository, _read(settings.root, "charter.root"))
    joined = read_joined(configuration.data)
    if joined is None:
        return _own(configuration)
    if settings.folder is not None:
        raise ConfigurationError(
            Bilingual(
                "« charter.folder » est donné, et cette passerelle suit une charte publiée.",
                "`charter.folder` is set, and this gateway follows a published charter.",
            ),
            Bilingual(
                "Retirez l'un : « bouclier charter leave », ou la ligne de bouclier.yaml.",
                "Remove one: `bouclier charter leave`, or the line of bouclier.yaml.",
            ),
            param="charter.folder",
        )
    return _followed(configuration, joined.repository, _read(folder / "root.json", "charter"))


def read_joined(data: Path) -> Joined | None:
    """Return what a data folder joined; None if nothing.

    Raises:
        StorageError: It cannot be read.
    """
    path = charter_folder(data) / "joined.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Joined)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeError) as error:
        raise _unusable(path) from error


def join(configuration: Configuration, repository: str, root: Path) -> Followed:
    """Follow a published charter from now on, once it could be verified; return it.

    Raises:
        BouclierError: It cannot be followed, or nothing can be written: what was followed before still is.
    """
    trusted = _read(root, "--root")
    source = _followed(configuration, _absolute(repository), trusted)
    followed = source.follower().refresh()
    if any(problem.role == REPOSITORY for problem in followed.problems):
        # What was verified before would serve for a while; whoever joins wants to know that the address is right.
        raise CharterNotFollowedError(Reason.UNREACHABLE, REPOSITORY)
    folder = charter_folder(configuration.data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A crash between the two leaves what was followed before, beside a root that nothing reads.
        write_whole(folder / "root.json", trusted)
        write_whole(folder / "joined.json", msgspec.json.encode(Joined(_absolute(repository))))
    except OSError as error:
        raise _unusable(folder) from error
    return followed


def leave(data: Path) -> bool:
    """Follow no published charter any more; return whether one was followed.

    Raises:
        StorageError: The folder cannot be written.
    """
    path = charter_folder(data) / "joined.json"
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _unusable(path) from error
    return True


def sign_own(configuration: Configuration) -> Path:
    """Make sure that there is a repository of one's own, serving the charter of the configuration, freshly signed.

    The packaged facts are published with it, so that there is one way in for facts too.

    Raises:
        BouclierError: The charter cannot be used, or the repository cannot be written.
    """
    place = configuration.charter.folder
    charter = load_charter(place)  # what does not load is not published
    folder = charter_folder(configuration.data) / "local"
    local_repository(folder, bundle_of(charter.files), now=utc_now(), days=LOCAL_DAYS, registry=packaged_facts())
    return folder


def _own(configuration: Configuration) -> LawSource:
    folder = sign_own(configuration)
    root = _read(folder / "metadata" / "1.root.json", "charter")
    return LawSource(folder, root, _state(configuration.data, root), own=True)


def _followed(configuration: Configuration, repository: str, root: bytes) -> LawSource:
    place: str | Path = repository
    if "://" not in repository:
        base = configuration.source.parent if configuration.source is not None else Path()
        place = base / Path(repository).expanduser()
    return LawSource(place, root, _state(configuration.data, root), own=False)


def _absolute(repository: str) -> str:
    return repository if "://" in repository else str(Path(repository).expanduser().absolute())


def _state(data: Path, root: bytes) -> Path:
    return charter_folder(data) / "followed" / sha256(root).hexdigest()[:16]


def _read(path: Path, param: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_ROOT_BYTES)
    except OSError as error:
        raise ConfigurationError(
            Bilingual(f"{param} : {path} ne peut pas être lu.", f"{param}: {path} cannot be read."),
            Bilingual(
                "Il faut le fichier N.root.json de la charte, reçu de quelqu'un de confiance.",
                "It takes the charter's N.root.json, had from somebody you trust.",
            ),
            param=param,
        ) from error


def _unusable(path: Path) -> StorageError:
    return StorageError(
        Bilingual(f"{path} ne peut pas être lu ou écrit.", f"{path} cannot be read or written."),
        Bilingual("Vérifiez les droits et la place libre.", "Check the permissions and the free space."),
    )
