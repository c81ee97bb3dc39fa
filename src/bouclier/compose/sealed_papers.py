"""The papers of an opening, as files: authorities' keys, requests, shares, and what was opened.

Each step is for another machine, and reads and writes files only; entering the request in the log is the one step that
needs the gateway, and is a function handed in. New files never replace others. Private ones are readable by their owner
only: keys, session keys, and everything that was opened.
"""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.compose.sealed import key_text, today
from bouclier.oversight.adapters.sealed_store import read_record
from bouclier.oversight.entries import parse_entry
from bouclier.oversight.entries_model import PURPOSE_PATTERN
from bouclier.oversight.receipt import parse_receipt, verify_receipt
from bouclier.oversight.sealing.errors import SealError
from bouclier.oversight.sealing.keys import (
    SEED_BYTES,
    new_key,
    parse_opening_key,
    render_opening_key,
    render_sealing_key,
)
from bouclier.oversight.sealing.opening import (
    give_share,
    open_record,
    opening_request,
    opening_request_bytes,
    opening_share_bytes,
    parse_opening_request,
    parse_opening_share,
    verify_opening_entry,
)
from bouclier.terms.errors import Bilingual, BouclierError, RequestError, StorageError
from bouclier.tlog import parse_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bouclier.oversight.sealing.opening import Opened, OpeningRequest, OpeningShare

_MAX_PAPER_BYTES: Final = 1_000_000
_PRIVATE: Final = 0o600
_PUBLIC: Final = 0o644


class KeyFiles(NamedTuple):
    """A new key's files, and its id."""

    private: Path
    public: Path
    key_id: str


class RequestFiles(NamedTuple):
    """What the requester keeps (`session`), and what goes to the authorities (`request`, `receipt`)."""

    session: Path
    request: Path
    receipt: Path


def make_authority_key(name: str, folder: Path) -> KeyFiles:
    """Make an authority's key, in two files.

    Args:
        name: Id of the institution.
        folder: Made if missing.

    Raises:
        SealKeyError: The name is not one.
        StorageError: A file is there already, or cannot be written.
    """
    key = new_key("authority", name, os.urandom(SEED_BYTES))
    files = KeyFiles(folder / f"{name}.private", folder / f"{name}.public", key.public.key_id)
    _make_folder(folder)
    # A crash in between leaves a private key without its public half: nothing was ever sealed to it.
    _write_new(files.private, render_opening_key(key).encode(), mode=_PRIVATE)
    _write_new(files.public, render_sealing_key(key.public).encode(), mode=_PUBLIC)
    return files


def request_opening(
    record: Path, *, requester: str, basis: str, folder: Path, append: Callable[[OpeningRequest], bytes]
) -> RequestFiles:
    """Ask for a record to be opened: the request stands in the log, and its papers in a folder.

    Args:
        record: The record's file.
        requester: Id of the institution that asks.
        basis: Why, as a keyword.
        folder: Where the papers go; made if missing.
        append: Enters the request in the log and returns the entry's receipt.

    Raises:
        RequestError: A word is not one.
        SealError: The record is damaged or due for destruction, or the receipt is of another entry.
        StorageError: A file cannot be read, is there already, or cannot be written.
    """
    for option, word in (("--requester", requester), ("--basis", basis)):
        if not re.search(PURPOSE_PATTERN, word):
            raise RequestError(
                Bilingual(f"{option} n'est pas un mot-clé.", f"{option} is not a keyword."),
                Bilingual(
                    "Le journal garde ce mot : minuscules sans accent, chiffres et tirets, 64 au plus, comme "
                    "ordonnance-2026-17.",
                    "The log keeps this word: lower-case letters, digits and hyphens, at most 64, such as "
                    "judicial-order-2026-17.",
                ),
                param=option,
            )
    sealed = read_record(record)
    session = new_key("session", requester, os.urandom(SEED_BYTES))
    request = opening_request(
        sealed, basis=basis, requester=requester, session=session.public, time_ms=int(time.time() * 1000)
    )
    base = folder / sealed.header.exchange
    files = RequestFiles(base.with_suffix(".session"), base.with_suffix(".request"), base.with_suffix(".receipt"))
    _make_folder(folder)
    # Before the entry: a logged opening whose session key is lost would serve nobody. A crash before the entry leaves
    # papers that no authority answers.
    _write_new(files.session, render_opening_key(session).encode(), mode=_PRIVATE)
    try:
        _write_new(files.request, opening_request_bytes(request), mode=_PUBLIC)
        receipt = append(request)
        verify_opening_entry(parse_entry(parse_receipt(receipt).entry), request)
    except BouclierError:
        files.session.unlink()
        files.request.unlink(missing_ok=True)
        raise
    _write_new(files.receipt, receipt, mode=_PUBLIC)
    return files


def share_for_opening(
    record: Path, *, request: Path, key: Path, receipt: Path, policy: Path, out: Path
) -> OpeningShare:
    """Give an authority's share, after checking that a log and its witnesses show the request.

    Args:
        record: The record's file.
        request: The request's file.
        key: The authority's private key.
        receipt: The receipt of the request's entry.
        policy: Which log and witnesses the authority believes.
        out: Where the share goes.

    Raises:
        VerificationError: The entry is not shown to be in the log, is of another request, or no share may be given.
        ConfigurationError: The key or the policy is not one.
        StorageError: A file cannot be read, or the share not be written.
    """
    asked = parse_opening_request(_paper(request))
    verified = verify_receipt(parse_receipt(_paper(receipt)), parse_policy(_paper(policy)))
    verify_opening_entry(verified.entry, asked)
    holder = parse_opening_key(key_text(key), "authority")
    share = give_share(read_record(record), asked, holder, today=today())
    _write_new(out, opening_share_bytes(share), mode=_PUBLIC)
    return share


def open_sealed(record: Path, *, request: Path, session: Path, shares: Sequence[Path], folder: Path) -> Opened:
    """Open a record into a folder: `request.json`, and `answer.txt` if it has an answer; readable by their owner only.

    Args:
        record: The record's file.
        request: The request's file.
        session: Private key of the request's session.
        shares: Files of the authorities' shares.
        folder: Where what was sealed goes; made if missing.

    Raises:
        SealError: Something does not fit: see `sealing.opening.open_record`.
        SealKeyError: The session's key is not one.
        StorageError: A file cannot be read, is there already, or cannot be written.
    """
    opened = open_record(
        read_record(record),
        parse_opening_request(_paper(request)),
        parse_opening_key(key_text(session), "session"),
        [parse_opening_share(_paper(share)) for share in shares],
        today=today(),
    )
    _make_folder(folder)
    _write_new(folder / "request.json", opened.request, mode=_PRIVATE)
    if opened.answer is not None:
        _write_new(folder / "answer.txt", opened.answer, mode=_PRIVATE)
    return opened


def _paper(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_PAPER_BYTES + 1)
    except OSError as error:
        raise _unusable(path, error) from error
    if len(data) > _MAX_PAPER_BYTES:
        raise SealError(Bilingual(f"{path} est trop long", f"{path} is too long"), param=str(path))
    return data


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error


def _write_new(path: Path, data: bytes, *, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> StorageError:
    reason = error.strerror or type(error).__name__
    return StorageError(
        Bilingual(f"{path} ne peut être lu ou écrit : {reason}", f"{path} cannot be read or written: {reason}"),
        Bilingual(
            "Donnez le bon fichier ; un fichier existant n'est jamais remplacé.",
            "Give the right file; a file that exists is never replaced.",
        ),
        param=str(path),
    )
