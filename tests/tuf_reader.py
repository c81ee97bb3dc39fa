"""A published charter as python-tuf's own client reads it, straight from a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Root
from tuf.ngclient import Updater
from tuf.ngclient.fetcher import FetcherInterface

from bouclier.charter.adapters.tuf_published import read_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.tuf_kit import Repo


class FolderFetcher(FetcherInterface):
    """Fetches files; one that is not there is a 404."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = self.folder / unquote(urlsplit(url).path).lstrip("/")
        if not path.is_file():
            raise DownloadHTTPError(f"no {url}", 404)
        yield path.read_bytes()


class Reader:
    """One client, with its own memory of what it has seen."""

    def __init__(self, state: Path, root_bytes: bytes) -> None:
        self.state = state
        self.root_bytes = root_bytes
        (state / "files").mkdir(parents=True, exist_ok=True)

    def refresh(self, folder: Path) -> Updater:
        """Read what a folder publishes now."""
        updater = Updater(
            str(self.state),
            "http://folder.invalid/metadata",
            str(self.state / "files"),
            "http://folder.invalid/targets",
            fetcher=FolderFetcher(folder),
            bootstrap=self.root_bytes,
        )
        updater.refresh()
        return updater

    def read(self, folder: Path, path: str = "charter.json") -> bytes | None:
        """Return a target of what a folder publishes now; None when it has none."""
        updater = self.refresh(folder)
        found = updater.get_targetinfo(path)
        if found is None:
            return None
        with open(updater.download_target(found), "rb") as file:  # noqa: PTH123
            return file.read()

    def root(self) -> Root:
        """Return the root it trusts."""
        metadata = read_metadata(self.state / "root.json", Root)
        assert metadata is not None
        return metadata.signed


def reader(repo: Repo, tmp_path: Path, name: str = "client") -> Reader:
    """A new client of a charter, which was given its first root."""
    return Reader(tmp_path / name, repo.root_bytes)
