"""A published charter served over HTTP by somebody who may be hostile, and metadata that no workshop would make."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from tuf.api.metadata import Metadata, MetaFile, TargetFile

from bouclier.charter.adapters.tuf_workshop import Workshop

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from tests.tuf_kit import Repo


class Mirror:
    """Serves a folder on the loopback, in a thread.

    Attributes:
        folder: What is served; may be replaced.
        asked: Paths asked for, in order.
        instead: What is served in place of a path: bytes, chunks without end, or None for 404.
        first: Called with each path before it is answered.
        moved_to: Where everything has moved, if anywhere.
    """

    def __init__(self, folder: Path, *, tls: ssl.SSLContext | None = None) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.instead: dict[str, bytes | Callable[[], Iterable[bytes]] | None] = {}
        self.first: Callable[[str], None] = lambda _: None
        self.moved_to: str | None = None
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                # A proxy is asked for a whole address.
                path = urlsplit(self.path).path.lstrip("/") if self.path.startswith("http") else self.path.lstrip("/")
                mirror.asked.append(path)
                mirror.first(path)
                if mirror.moved_to is not None:
                    self.send_response(302)
                    self.send_header("Location", f"{mirror.moved_to}/{path}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                data = mirror.content(path)
                if data is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                if isinstance(data, bytes):
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                    return
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True
                try:
                    for chunk in data():
                        self.wfile.write(chunk)
                except OSError:
                    pass

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                """A client that was killed is no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http{'s' if tls is not None else ''}://127.0.0.1:{self._server.server_address[1]}"
        self._down = False

    def content(self, path: str) -> bytes | Callable[[], Iterable[bytes]] | None:
        if self._down:
            return None
        if path in self.instead:
            return self.instead[path]
        file = self.folder / path
        return file.read_bytes() if file.is_file() else None

    def go_down(self) -> None:
        """Answer nothing but 404 from now on, as a host does whose content is gone."""
        self._down = True

    def come_back(self) -> None:
        self._down = False

    def stop(self) -> None:
        """Let nothing listen there any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def current(folder: Path, role: str) -> Metadata[Any]:
    """The newest metadata of a role in a published folder."""
    return Metadata.from_bytes(_path(folder, role).read_bytes())


def forge(repo: Repo, role: str, change: Callable[[Any], None], by: Sequence[str], *, listed: bool = True) -> None:
    """Publish a next version of a role, signed by whoever is named, listed in snapshot and timestamp all the same."""
    metadata = current(repo.folder, role)
    metadata.signed.version += 1
    change(metadata.signed)
    metadata.signatures.clear()
    for name in by:
        metadata.sign(repo.signer(name), append=True)
    data = metadata.to_bytes()
    version = metadata.signed.version
    name = "timestamp.json" if role == "timestamp" else f"{version}.{role}.json"
    (repo.folder / "metadata" / name).write_bytes(data)
    meta = MetaFile.from_data(version, data, ["sha256"])
    if not listed or role in {"root", "timestamp"}:
        return
    if role == "snapshot":
        forge(repo, "timestamp", lambda signed: setattr(signed, "snapshot_meta", meta), ["timestamp-1"])
    else:
        forge(repo, "snapshot", lambda signed: signed.meta.update({f"{role}.json": meta}), ["snapshot-1"])


def put_targets(repo: Repo, signed: Any, contents: Mapping[str, bytes]) -> None:
    """List targets in a role's metadata, and serve them."""
    for path, data in contents.items():
        target = TargetFile.from_data(path, data, ["sha256"])
        signed.targets[path] = target
        place = repo.folder / "targets" / re.sub(r"([^/]*)$", rf"{target.hashes['sha256']}.\1", path, count=1)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def expire(signed: Any, when: datetime) -> None:
    signed.expires = when


def copy_of(repo: Repo, base: Path) -> Repo:
    """A repository as it is, in a folder of its own: founding one anew for each test would take longer."""
    shutil.copytree(repo.folder.parent, base)
    return replace(
        repo,
        workshop=Workshop(base / repo.workshop.folder.name),
        folder=base / repo.folder.name,
        keys_folder=base / repo.keys_folder.name,
        parties=list(repo.parties),
        editors=list(repo.editors),
        authorities={name: list(keys) for name, keys in repo.authorities.items()},
    )


def copied(folder: Path, to: Path) -> Path:
    """A copy of a folder as it is now."""
    shutil.copytree(folder, to, symlinks=True)
    return to


def _path(folder: Path, role: str) -> Path:
    metadata = folder / "metadata"
    if role == "timestamp":
        return metadata / "timestamp.json"
    return max(metadata.glob(f"*.{role}.json"), key=lambda path: int(path.name.partition(".")[0]))
