"""Start a real witness, and ask it over HTTP."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from bouclier.oversight.adapters.witness_folder import add_log_key, create_witness
from bouclier.tlog import render_vkey
from tests.servers import environment
from tests.witness_kit import LOG_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.tlog import SigningKey, VerifierKey

_CHILD = (sys.executable, str(Path(__file__).with_name("witness_child.py")))


class Said(NamedTuple):
    """An answer over HTTP."""

    status: int
    content_type: str
    body: bytes


@dataclass
class Witness:
    """A running `bouclier witness serve`."""

    process: subprocess.Popen[str]
    folder: Path
    stderr: Path
    port: int

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(self, method: str, path: str, body: bytes | None = None) -> Said:
        connection = self.connect()
        try:
            return ask(connection, method, path, body)
        finally:
            connection.close()

    def submit(self, body: bytes) -> Said:
        return self.ask("POST", "/add-checkpoint", body)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> Said:
    """Ask on a connection that is kept."""
    connection.request(method, path, body)
    answer = connection.getresponse()
    return Said(answer.status, answer.getheader("content-type", ""), answer.read())


def made(folder: Path, *, ml_dsa: bool = False, logs: tuple[SigningKey, ...] = (LOG_KEY,)) -> list[VerifierKey]:
    """Make the folder of a witness that knows our log, and return its public keys."""
    keys = create_witness(folder, name="witness.example/w1", ml_dsa=ml_dsa)
    for log in logs:
        add_log_key(folder, render_vkey(log.verifier_key))
    return [key.verifier_key for key in keys]


def start(folder: Path, *, wrapper: tuple[str, ...] = (), command: tuple[str, ...] = _CHILD) -> Witness:
    """Start the witness of a folder, and wait until it says where it listens."""
    stderr = folder.parent / "witness-stderr.txt"
    with stderr.open("ab") as said:
        process = subprocess.Popen(
            [*wrapper, *command, str(folder)],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env=environment(),
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait(timeout=20)
        process.stdout.close()
        raise RuntimeError(stderr.read_text())
    port = urlsplit(line.rsplit(" ", 1)[1].strip()).port
    assert port is not None
    return Witness(process, folder, stderr, port)


@contextmanager
def running(folder: Path, *, wrapper: tuple[str, ...] = (), command: tuple[str, ...] = _CHILD) -> Iterator[Witness]:
    """A witness, stopped at the end if it still runs."""
    witness = start(folder, wrapper=wrapper, command=command)
    try:
        yield witness
    finally:
        witness.stop()
