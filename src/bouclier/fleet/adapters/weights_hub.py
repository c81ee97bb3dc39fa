"""Weights over HTTP: from a model hub, or from any address an administrator names; taken up where they stopped.

Rules kept here: only HTTPS, or plain HTTP to this very machine; a redirection is followed under the same rule, and
never from HTTPS to HTTP; no password, token or cookie is ever sent, and no address is repeated in an error beyond its
host. What comes is bytes: whether they are the right ones is for the store to check, by digest.
"""

from __future__ import annotations

import os
import urllib.request
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from ssl import SSLError
from typing import IO, TYPE_CHECKING, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit

from bouclier.fleet.adapters.weights_sources import COPY_BYTES, Job, failed, not_the_file
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from http.client import HTTPMessage
    from pathlib import Path

    from bouclier.fleet.catalogue import HubFile, WeightsError

SILENCE_TIMEOUT_S = 30.0
MOST_SIZE_DIGITS = 19

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_KEPT_IN_ADDRESSES = "%/:@!$&'()*+,;=~?"
_GATED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS)


def hub_address(source: HubFile, hub_base: str) -> str:
    """Return where a hub keeps a file."""
    return f"{hub_base.rstrip('/')}/{source.repo}/resolve/{source.revision}/{source.file}"


def fetch_address(address: str, job: Job, *, silence_s: float = SILENCE_TIMEOUT_S) -> Path:
    """Download a file, in as many requests as it takes while each brings something.

    Args:
        address: Where it is: HTTPS, or any address of this machine.
        job: What is wanted and where to work.
        silence_s: Longest silence of the other side.

    Returns:
        The file, of the right length, in the job's folder.

    Raises:
        ConfigurationError: The address is none, or not HTTPS.
        WeightsError: The other side is unreachable, refuses, or stops short of the end.
        VerificationError: The file there is longer than it should be.
        OSError: The disk failed or is full.
    """
    check_address(address)
    wanted = job.entry.size_bytes
    if job.size() > wanted:
        job.partial.unlink()
    job.report(job.size())
    while (had := job.size()) < wanted:
        try:
            _receive(address, job, had, silence_s)
        except HTTPError as error:
            error.close()
            raise _refused(error.code) from error
        except _ClearTextError as error:
            raise _clear_text() from error
        except (URLError, HTTPException, ConnectionError, TimeoutError, SSLError) as error:
            if job.size() <= had:
                raise failed("injoignable", "it cannot be reached") from error
        except ValueError as error:  # our own address was checked: it is the one the other side sends us to
            raise _nowhere() from error
        if job.size() <= had:
            raise failed(f"arrêt à {had} octets sur {wanted}", f"it stopped at {had} bytes of {wanted}")
    return job.partial


def peek_address(address: str, *, most: int, label: str, silence_s: float = SILENCE_TIMEOUT_S) -> tuple[bytes, int]:
    """Return the first bytes of a file, and how long all of it is.

    Args:
        address: As for `fetch_address`.
        most: How many bytes to read at most.
        label: What the source is called in errors.
        silence_s: Longest silence of the other side.

    Raises:
        ConfigurationError: The address is none, or not HTTPS.
        WeightsError: The other side is unreachable, refuses, or does not tell the length.
    """
    check_address(address)
    request = _request(address, f"bytes=0-{most - 1}")
    try:
        with _opener(address).open(request, timeout=silence_s) as answer:
            size = _whole_size(answer)
            data = answer.read(most)
    except HTTPError as error:
        error.close()
        raise _refused(error.code, label) from error
    except _ClearTextError as error:
        raise _clear_text(label) from error
    except (OSError, HTTPException) as error:
        raise _said(label, "injoignable", "it cannot be reached") from error
    except ValueError as error:  # as in `fetch_address`
        raise _nowhere(label) from error
    if size is None or size < 1:
        raise _said(label, "longueur inconnue", "its length is unknown")
    return data, size


def check_address(address: str) -> None:
    """Check that an address may be asked.

    Raises:
        ConfigurationError: It cannot be read as an address, is neither HTTPS nor of this machine, or holds a password,
            which would be shown about.
    """
    try:
        sound = bool(_in_ascii(address)) and bool(urlsplit(address).hostname)
    except ValueError:
        sound = False
    if not sound:
        raise ConfigurationError(
            Bilingual(
                "L'adresse des poids n'est pas une adresse web lisible.",
                "The address of the weights is no web address that can be read.",
            ),
            Bilingual(
                "Écrivez-la en entier : https://hôte[:port]/chemin ; une adresse IPv6 se met entre crochets.",
                "Write all of it: https://host[:port]/path; an IPv6 address stands in square brackets.",
            ),
            param="--from",
        )
    if "@" in urlsplit(address).netloc:
        raise ConfigurationError(
            Bilingual(
                "L'adresse des poids contient un nom ou un mot de passe.",
                "The address of the weights holds a name or a password.",
            ),
            Bilingual(
                "Téléchargez le fichier vous-même, puis donnez son dossier par --from.",
                "Download the file yourself, then give its folder with --from.",
            ),
            param="--from",
        )
    if not _may_ask(address):
        raise ConfigurationError(
            Bilingual("L'adresse des poids n'est pas en HTTPS.", "The address of the weights is not HTTPS."),
            Bilingual("Donnez une adresse qui commence par https://.", "Give an address that starts with https://."),
            param="--from",
        )


def _in_ascii(address: str) -> str:
    """Return an address as it is asked: an accent of its host as IDNA writes it, one of its path percent-encoded.

    Raises:
        ValueError: It is no address, its port is no port, or its host can be no name.
    """
    parts = urlsplit(address)
    if parts.port == 0:  # reading it raises for one that is no number, or too large
        raise ValueError
    netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    (parts.hostname or "").encode("idna")
    path, query = (quote(part, safe=_KEPT_IN_ADDRESSES, errors="surrogateescape") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def _may_ask(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


class _ClearTextError(HTTPException):
    """The other side sends us where anybody on the way could read or change what comes."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirection to HTTPS, or on this machine; never down from HTTPS."""

    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> object:
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError:  # where it sends us is no address
            fp.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        there = _in_ascii(newurl)
        down = req.type == "https" and urlsplit(there).scheme != "https"
        if down or not _may_ask(there):
            fp.close()
            raise _ClearTextError
        return super().redirect_request(req, fp, code, msg, headers, there)


def _opener(address: str) -> urllib.request.OpenerDirector:
    if urlsplit(address).hostname in _LOOPBACK:  # no proxy can reach what is on this machine
        return urllib.request.build_opener(_Redirects(), urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(_Redirects())


def _request(address: str, byte_range: str | None) -> urllib.request.Request:
    headers = {"User-Agent": "bouclier", "Accept-Encoding": "identity"}
    if byte_range is not None:
        headers["Range"] = byte_range
    return urllib.request.Request(_in_ascii(address), headers=headers)  # noqa: S310 -- the scheme was checked


def _receive(address: str, job: Job, had: int, silence_s: float) -> None:
    """Append to the partial file what one request brings."""
    request = _request(address, f"bytes={had}-" if had else None)
    with _opener(address).open(request, timeout=silence_s) as answer:
        resumes = answer.status == HTTPStatus.PARTIAL_CONTENT and _starts_at(
            answer.headers.get("Content-Range", ""), had
        )
        with job.partial.open("ab") as file:
            if not resumes:  # the whole file is sent again
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


def _whole_size(answer: HTTPResponse) -> int | None:
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        text = answer.headers.get("Content-Range", "").rpartition("/")[2]
    else:
        text = answer.headers.get("Content-Length", "")
    return int(text) if len(text) <= MOST_SIZE_DIGITS and text.isascii() and text.isdecimal() else None


def _clear_text(label: str = "") -> WeightsError:
    return _said(
        label,
        "elle renvoie vers une adresse qui n'est pas en HTTPS ; elle n'est pas suivie",
        "it redirects to an address that is not HTTPS; that is not followed",
    )


def _nowhere(label: str = "") -> WeightsError:
    return _said(
        label,
        "elle renvoie vers une adresse qui ne peut pas être lue ; elle n'est pas suivie",
        "it redirects to an address that cannot be read; that is not followed",
    )


def _refused(code: int, label: str = "") -> WeightsError:
    if code in _GATED:
        return _said(
            label,
            f"réponse HTTP {code} ; l'accès y est réservé à qui a accepté une licence ou s'est identifié. Téléchargez "
            "le fichier vous-même, puis donnez son dossier par --from",
            f"HTTP answer {code}; access there is for those who accepted a licence or signed in. Download the file "
            "yourself, then give its folder with --from",
        )
    return _said(label, f"réponse HTTP {code}", f"HTTP answer {code}")


def _said(label: str, fr: str, en: str) -> WeightsError:
    """Return an error that names its source, unless whoever reports it does."""
    return failed(f"{label} : {fr}", f"{label}: {en}") if label else failed(fr, en)
