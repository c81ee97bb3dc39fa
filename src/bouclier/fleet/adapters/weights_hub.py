"""Weights from a model hub: one file at a fixed commit, over HTTPS, taken up where an earlier attempt stopped."""

from __future__ import annotations

import os
import urllib.request
from http import HTTPStatus
from http.client import HTTPException
from typing import TYPE_CHECKING, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from bouclier.fleet.adapters.weights_sources import COPY_BYTES, Job, failed, not_the_file
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.fleet.catalogue import HubFile

SILENCE_TIMEOUT_S = 30.0

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def fetch_hub(source: HubFile, job: Job, *, hub_base: str) -> Path:
    """Download the file, in as many requests as it takes while each brings something.

    Args:
        source: Which file.
        job: What is wanted and where to work.
        hub_base: Base address of the hub: HTTPS, or any address of this machine.

    Returns:
        The file, of the right length, in the job's folder.

    Raises:
        ConfigurationError: The hub's address is not HTTPS.
        WeightsError: The hub is unreachable, refuses, or stops short of the end.
        VerificationError: The hub's file is longer than it should be.
        OSError: The disk failed or is full.
    """
    address = f"{_checked(hub_base)}/{source.repo}/resolve/{source.revision}/{source.file}"
    wanted = job.entry.size_bytes
    if job.size() > wanted:
        job.partial.unlink()
    while (had := job.size()) < wanted:
        try:
            _receive(address, job, had)
        except HTTPError as error:
            error.close()
            raise failed(
                f"{source.repo} : réponse HTTP {error.code}", f"{source.repo}: HTTP answer {error.code}"
            ) from error
        except (URLError, HTTPException, ConnectionError, TimeoutError) as error:
            if job.size() <= had:
                raise failed(f"{source.repo} : injoignable", f"{source.repo}: cannot be reached") from error
        if job.size() <= had:
            raise failed(
                f"{source.repo} : arrêt à {had} octets sur {wanted}",
                f"{source.repo}: stopped at {had} bytes of {wanted}",
            )
    return job.partial


def _checked(hub_base: str) -> str:
    parts = urlsplit(hub_base)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return hub_base.rstrip("/")
    raise ConfigurationError(
        Bilingual("L'adresse de la plateforme de modèles n'est pas en HTTPS.", "The model hub's address is not HTTPS."),
        Bilingual("Donnez une adresse qui commence par https://.", "Give an address that starts with https://."),
    )


def _receive(address: str, job: Job, had: int) -> None:
    """Append to the partial file what one request brings."""
    headers = {"User-Agent": "bouclier", "Accept-Encoding": "identity"}
    if had:
        headers["Range"] = f"bytes={had}-"
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 -- the scheme was checked
    with urllib.request.urlopen(request, timeout=SILENCE_TIMEOUT_S) as answer:  # noqa: S310 -- likewise
        resumes = answer.status == HTTPStatus.PARTIAL_CONTENT and _starts_at(
            answer.headers.get("Content-Range", ""), had
        )
        with job.partial.open("ab") as file:
            if not resumes:  # the hub sends the whole file again
                file.seek(0)
                file.truncate()
            _copy(answer, file, job)
            file.flush()
            os.fsync(file.fileno())


def _copy(answer: BinaryIO, file: BinaryIO, job: Job) -> None:
    while piece := answer.read(COPY_BYTES):
        if file.tell() + len(piece) > job.entry.size_bytes:
            raise not_the_file(
                f"la plateforme envoie plus de {job.entry.size_bytes} octets",
                f"the hub sends more than {job.entry.size_bytes} bytes",
            )
        file.write(piece)
        job.report(file.tell())


def _starts_at(content_range: str, offset: int) -> bool:
    return content_range.startswith(f"bytes {offset}-")
