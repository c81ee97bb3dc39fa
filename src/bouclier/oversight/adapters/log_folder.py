"""The folder of a log: what is in it, who may write to it, and how it comes to be.

    entries.log   the entries; see `log_file`
    tree/         what follows from them; see `tree_files`
    checkpoint    the last checkpoint that was published, with its cosignatures; see `checkpoint_file`
    log.key       32 random bytes: turns principals into pseudonyms; readable by its owner only
    signing.key   private keys of the log's signatures, one a line; readable by their owner only
    public.keys   the public halves, for whoever checks a copy of the folder
    lock          held by the one process that may write; contains its process id

Only `create_folder` makes a log. Opening never does: a log that is not where it should be is an alarm, not a reason to
start an empty one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Final, TypeVar

from bouclier.oversight.log_file import LOG_ID_BYTES, MAX_HEADER_BYTES, Header, encode_header, parse_header
from bouclier.terms.errors import Bilingual, StorageError
from bouclier.tlog import (
    SEED_BYTES,
    KeyTextError,
    SignatureType,
    SigningKey,
    VerifierKey,
    parse_signing_key,
    parse_vkey,
    render_signing_key,
    render_vkey,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_Key = TypeVar("_Key", SigningKey, VerifierKey)

DEFAULT_ORIGIN: Final = "bouclier.local"
ENTRIES_NAME: Final = "entries.log"
KEY_NAME: Final = "log.key"
SIGNING_NAME: Final = "signing.key"
PUBLIC_NAME: Final = "public.keys"
LOCK_NAME: Final = "lock"
KEY_BYTES: Final = 32


def create_folder(folder: Path, *, origin: str | None = None, ml_dsa: bool = False) -> str:
    """Make an empty log in a folder, durably: all of it or none; return its name.

    Args:
        folder: Made if missing, readable by its owner only.
        origin: The log's name for its whole life, such as `log.example.fr/mairie`; None for one that no other log has.
        ml_dsa: Whether it signs with ML-DSA-44 too.

    Raises:
        ConfigurationError: The origin is not one.
        StorageError: A log is there already, or the folder cannot be written.
    """
    log_id = os.urandom(LOG_ID_BYTES)
    name = f"{DEFAULT_ORIGIN}/{log_id.hex()[:16]}" if origin is None else origin
    header = encode_header(name, log_id)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(folder, error) from error
    lock = take_lock(folder)
    try:
        if (folder / ENTRIES_NAME).exists():
            raise StorageError(
                Bilingual(f"un journal existe déjà dans {folder}", f"there is a log in {folder} already"),
                Bilingual("Un journal ne se recrée pas : ouvrez-le.", "A log is never made anew: open it."),
            )
        # A crash before the rename leaves a key and a temporary file without a log: both are written again next time.
        write_durably(folder / KEY_NAME, os.urandom(KEY_BYTES))
        _write_keys(folder, [_drawn_key(name, type_) for type_ in _key_types(ml_dsa=ml_dsa)])
        temporary = folder / f"{ENTRIES_NAME}.new"
        write_durably(temporary, header)
        temporary.rename(folder / ENTRIES_NAME)
        # A crash before this line may undo the rename; after it, the log exists.
        sync_folder(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise unusable(folder, error) from error
    finally:
        os.close(lock)
    return name


def take_lock(folder: Path) -> int:
    """Return the descriptor whose closing gives the right to write away; the death of the process closes it too.

    Raises:
        StorageError: Another process holds it, the folder is missing, or it cannot be written.
    """
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        raise _missing(folder) from None
    except OSError as error:
        raise unusable(folder, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise _held(folder, holder) from None
    except OSError as error:
        os.close(descriptor)
        raise unusable(folder, error) from error
    # The process id only helps people: on a full disk the lock holds without it.
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
    return descriptor


def lock_entries(folder: Path, descriptor: int) -> None:
    """Take the entries' file itself too: whoever deletes `lock` to get past it is refused here.

    Raises:
        StorageError: Another process writes to it.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _held(folder, "") from None
    except OSError as error:
        raise unusable(folder, error) from error


def open_entries(folder: Path, flags: int) -> tuple[int, Header]:
    """Return a descriptor of the entries' file, and its header.

    Args:
        folder: The log's folder.
        flags: `os.O_RDONLY` or `os.O_RDWR`.

    Raises:
        StorageError: No log there, not readable or writable, or not of this version.
    """
    try:
        descriptor = os.open(folder / ENTRIES_NAME, flags | os.O_CLOEXEC)
    except FileNotFoundError:
        raise _missing(folder) from None
    except OSError as error:
        raise unusable(folder, error) from error
    try:
        header = parse_header(os.pread(descriptor, MAX_HEADER_BYTES, 0))
    except OSError as error:
        os.close(descriptor)
        raise unusable(folder, error) from error
    if header is None:
        os.close(descriptor)
        raise damaged(0)
    return descriptor, header


def read_key(folder: Path) -> bytes:
    """Return the key that turns principals into pseudonyms, 32 bytes.

    Raises:
        StorageError: It is missing, unreadable or of another length.
    """
    try:
        key = (folder / KEY_NAME).read_bytes()
    except OSError as error:
        raise unusable(folder, error, KEY_NAME) from error
    if len(key) != KEY_BYTES:
        raise StorageError(
            Bilingual(
                f"la clé du journal {folder} fait {len(key)} octets",
                f"the key of log {folder} is {len(key)} bytes long",
            ),
            Bilingual(f"Restaurez {KEY_NAME} (32 octets).", f"Restore {KEY_NAME} (32 bytes)."),
        )
    return key


def read_signing_keys(folder: Path, origin: str) -> tuple[SigningKey, ...]:
    """Return the keys the log signs with: Ed25519 first, then ML-DSA-44 if it has one.

    Raises:
        StorageError: They are missing, unreadable, or of another log; or their public halves are not those published.
    """
    keys = _read_keys(folder, SIGNING_NAME, parse_signing_key)
    types = tuple(key.type for key in keys)
    if any(key.name != origin for key in keys) or types not in {_key_types(ml_dsa=False), _key_types(ml_dsa=True)}:
        raise _wrong_keys(folder, SIGNING_NAME)
    if read_public_keys(folder, origin) != tuple(key.verifier_key for key in keys):
        raise _wrong_keys(folder, PUBLIC_NAME)
    return keys


def read_public_keys(folder: Path, origin: str) -> tuple[VerifierKey, ...]:
    """Return the keys that others know the log by; a copy of a folder need not hold the private ones.

    Raises:
        StorageError: They are missing, unreadable, or of another log.
    """
    keys = _read_keys(folder, PUBLIC_NAME, parse_vkey)
    if not keys or any(key.name != origin for key in keys):
        raise _wrong_keys(folder, PUBLIC_NAME)
    return keys


def _read_keys(folder: Path, name: str, parse: Callable[[str], _Key]) -> tuple[_Key, ...]:
    """Return the keys of a file of the folder, one a line."""
    try:
        return tuple(parse(line) for line in (folder / name).read_text(encoding="ascii").splitlines())
    except OSError as error:
        raise unusable(folder, error, name) from error
    except (UnicodeDecodeError, KeyTextError) as error:
        raise _wrong_keys(folder, name) from error


def add_ml_dsa_key(folder: Path, keys: tuple[SigningKey, ...]) -> tuple[SigningKey, ...]:
    """Draw and keep an ML-DSA-44 key for a log that has none yet; the caller holds the lock.

    Raises:
        StorageError: It cannot be written.
    """
    if len(keys) > 1:
        return keys
    both = (*keys, _drawn_key(keys[0].name, SignatureType.ML_DSA_44))
    try:
        _write_keys(folder, both)
    except OSError as error:
        raise unusable(folder, error) from error
    return both


def _key_types(*, ml_dsa: bool) -> tuple[SignatureType, ...]:
    return (SignatureType.ED25519, SignatureType.ML_DSA_44) if ml_dsa else (SignatureType.ED25519,)


def _drawn_key(origin: str, key_type: SignatureType) -> SigningKey:
    return SigningKey(origin, key_type, os.urandom(SEED_BYTES))


def _write_keys(folder: Path, keys: Sequence[SigningKey]) -> None:
    private = "".join(f"{render_signing_key(key)}\n" for key in keys)
    public = "".join(f"{render_vkey(key.verifier_key)}\n" for key in keys)
    for name, text in ((PUBLIC_NAME, public), (SIGNING_NAME, private)):
        new = folder / f"{name}.new"
        write_durably(new, text.encode("ascii"))
        # A crash before the last rename leaves the private keys there were: nothing was signed with others, and a
        # public key more does no harm.
        new.replace(folder / name)
    sync_folder(folder)


def _wrong_keys(folder: Path, name: str) -> StorageError:
    return StorageError(
        Bilingual(
            f"les clés de {folder / name} ne sont pas celles du journal",
            f"the keys of {folder / name} are not those of the log",
        ),
        Bilingual(f"Restaurez {name}.", f"Restore {name}."),
    )


def unusable(folder: Path, error: OSError, name: str | None = None) -> StorageError:
    """Return the error that says which folder cannot be used, and why in the system's words.

    Args:
        folder: The log's folder.
        error: What the system said.
        name: The file of the folder that was asked for, where it is not the entries'.
    """
    if name is not None and isinstance(error, FileNotFoundError):
        return StorageError(
            Bilingual(f"il manque {name} au journal {folder}", f"the log {folder} lacks {name}"),
            Bilingual(
                f"Restaurez {name} depuis une sauvegarde. Un journal d'une version antérieure n'en a pas : gardez-le, "
                "et donnez un autre dossier de données.",
                f"Restore {name} from a backup. A log of an earlier version has none: keep it, and give another data "
                "folder.",
            ),
            param=name,
        )
    reason = error.strerror or type(error).__name__
    return StorageError(
        Bilingual(
            f"le dossier du journal {folder} est inutilisable : {reason}",
            f"the log folder {folder} cannot be used: {reason}",
        ),
        Bilingual(
            "Vérifiez que le dossier existe, que le disque n'est ni plein ni en lecture seule, et à qui il est.",
            "Check that the folder exists, that the disk is neither full nor read-only, and whose it is.",
        ),
    )


def _held(folder: Path, holder: str) -> StorageError:
    return StorageError(
        Bilingual(
            f"le journal {folder} est tenu par un autre processus ({holder or 'inconnu'})",
            f"the log {folder} is held by another process ({holder or 'unknown'})",
        ),
        Bilingual(
            "Un seul processus écrit dans un journal : arrêtez l'autre, ou donnez à celui-ci son dossier.",
            "One process writes to a log: stop the other one, or give this one its own folder.",
        ),
    )


def _missing(folder: Path) -> StorageError:
    return StorageError(
        Bilingual(f"aucun journal dans {folder}", f"there is no log in {folder}"),
        Bilingual(
            "S'il devait y en avoir un, cherchez pourquoi il manque ; sinon : bouclier log create.",
            "If there should be one, find out why it is missing; otherwise: bouclier log create.",
        ),
    )


def damaged(offset: int) -> StorageError:
    """Return the error for bytes that were sound once and are not any more."""
    return StorageError(
        Bilingual(f"le journal est endommagé à l'octet {offset}", f"the log is damaged at byte {offset}"),
        Bilingual(
            "Rien n'est réparé en silence : gardez ce dossier, et restaurez une copie.",
            "Nothing is repaired silently: keep this folder, and restore a copy.",
        ),
    )


def write_durably(path: Path, data: bytes) -> None:
    """Write a file that its owner alone can read, and make its bytes durable.

    Raises:
        OSError: They are not.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make what was created or renamed in a folder durable.

    Raises:
        OSError: It may not be.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
