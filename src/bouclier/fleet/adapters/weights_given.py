"""Weights from where somebody says they are: a folder of this machine, or a web address such as a mirror's.

A folder is only read; its file is copied, so that a disk that was lent can be given back. An address that ends in
`.gguf` is the file; any other is the base of a mirror, in which the file is looked for by its name, and then where a
model hub would keep it. Whatever comes is checked by digest like anything else.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
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
        ConfigurationError: It is an address, and neither HTTPS nor of this machine.
    """
    if "://" not in text:
        return GivenFolder(Path(text).expanduser())
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
        try:
            with (given.path / source.file).open("rb") as content:
                return content.read(most), os.fstat(content.fileno()).st_size
        except OSError as error:
            raise _not_there(source.file) from error
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
    entry = job.entry
    origin = next((given.path / name for name in _names(entry) if (given.path / name).is_file()), None)
    if origin is None:
        raise _not_there(entry.file)
    size = origin.stat().st_size
    if size != entry.size_bytes:
        raise not_the_file(
            f"{entry.file} y fait {size} octets au lieu de {entry.size_bytes}",
            f"{entry.file} is {size} bytes there instead of {entry.size_bytes}",
        )
    with origin.open("rb") as content, job.partial.open("wb") as file:
        while piece := content.read(COPY_BYTES):
            file.write(piece)
            job.report(file.tell())
        file.flush()
        os.fsync(file.fileno())
    return job.partial


def _not_there(file: str) -> WeightsError:
    return failed(f"{file} n'est pas dans ce dossier", f"{file} is not in this folder")
