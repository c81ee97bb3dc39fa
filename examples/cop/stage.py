"""What the play needs: commands run and shown, processes started and ended by their number, promises kept or broken.

Only the `bouclier` command and HTTP on this machine; nothing of Bouclier is imported. All paths are relative to one
folder, so that every command shown can be typed there.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from http.client import HTTPResponse

Found = TypeVar("Found")

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WITHIN_S = 60.0
"""An order is in force within a minute, and so is everything else that the play waits for."""
_LOOK_AGAIN_S = 0.2
_STOPPED_WITHIN_S = 20.0


class BrokenPromiseError(Exception):
    """Something is not as the play says."""


class Answer(NamedTuple):
    """An answer over HTTP."""

    status: int
    said: dict[str, Any]


class Stage:
    """One folder, the processes that run in it, and what is told of them."""

    def __init__(self, folder: Path, *, french: bool) -> None:
        self.folder = folder
        self.french = french
        self.kept = 0
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._began_s = time.monotonic()
        self._chapters = 0
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BOUCLIER_")}
        self._environment = {**environment, "LC_ALL": "fr_FR.UTF-8" if french else "C.UTF-8", "PYTHONUTF8": "1"}
        self._bouclier = _command()
        shutil.copy(HERE / "model.py", folder)
        shutil.copytree(HERE / "cheat", folder / "cheat")

    # Telling ---------------------------------------------------------------------------------------------------------

    def pick(self, french: str, english: str) -> str:
        """Return what the reader reads."""
        return french if self.french else english

    def chapter(self, french: str, english: str) -> None:
        """Begin a chapter."""
        self._chapters += 1
        self._tell(f"\n━━ {self._chapters}. {self.pick(french, english)} ━━ {self.elapsed_s:.0f} s")

    def say(self, french: str, english: str) -> None:
        """Tell something."""
        self._tell(f"\n   {self.pick(french, english)}")

    def promise(self, kept: object, french: str, english: str) -> None:
        """Tell that something is so.

        Raises:
            BrokenPromiseError: It is not.
        """
        if not kept:
            raise BrokenPromiseError(self.pick(french, english))
        self.kept += 1
        self._tell(f"   ✓ {self.pick(french, english)}")

    @property
    def elapsed_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began_s

    # Commands --------------------------------------------------------------------------------------------------------

    def bouclier(self, line: str, *, code: int = 0, show: int = 4, cheat: str | None = None) -> str:
        """Run a `bouclier` command to its end, show it, and return what it printed.

        Args:
            line: The command, without `bouclier`.
            code: What it ends with.
            show: So many lines of what it printed are shown.
            cheat: How the program was tampered with, if it was; see `cheat/`.

        Raises:
            BrokenPromiseError: It ended with another code.
        """
        return self._shown(line, self._run(line, cheat), code=code, show=show, cheat=cheat)

    def each(self, lines: Sequence[str], *, show: int = 0) -> list[str]:
        """Run commands of several people, who do not wait for one another; return what each printed."""
        with ThreadPoolExecutor(max_workers=4) as people:
            done = list(people.map(self._run, lines))
        return [self._shown(line, one, show=show) for line, one in zip(lines, done, strict=True)]

    def _run(self, line: str, cheat: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a `bouclier` command in a process of its own."""
        return subprocess.run(
            [*self._bouclier, *shlex.split(line)],
            cwd=self.folder,
            env=self._tampered(cheat),
            capture_output=True,
            encoding="utf-8",
            timeout=2 * WITHIN_S,
            check=False,
        )

    def _shown(
        self, line: str, done: subprocess.CompletedProcess[str], *, code: int = 0, show: int, cheat: str | None = None
    ) -> str:
        self._tell(f"   $ {_prefix(cheat)}bouclier {line}")
        said = f"{done.stdout}{done.stderr}"
        lines = said.splitlines()
        for one in lines[:show]:
            self._tell(f"     {one}")
        if 0 < show < len(lines):
            self._tell("     …")
        if done.returncode != code:
            raise BrokenPromiseError(f"bouclier {line}: {done.returncode} ≠ {code}\n{said}")
        return said

    def write(self, name: str, text: str) -> None:
        """Write a file of the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    # Processes -------------------------------------------------------------------------------------------------------

    def serve(self, name: str, line: str, *, cheat: str | None = None) -> str:
        """Start a `bouclier` command that goes on, and return its address."""
        self._start(name, [*self._bouclier, *shlex.split(line)], f"{_prefix(cheat)}bouclier {line}", cheat=cheat)
        return self._address(name)

    def go_on(self, name: str, line: str) -> None:
        """Start a `bouclier` command that goes on, and has no address."""
        self._start(name, [*self._bouclier, *shlex.split(line)], f"bouclier {line}")

    def python(self, name: str, *words: str) -> str:
        """Start a Python program that goes on, and return its address."""
        self._start(name, [sys.executable, "-u", *words], f"python3 {' '.join(words)}")
        return self._address(name)

    def output(self, name: str) -> str:
        """Return what a process has printed so far."""
        return self._out(name).read_text(encoding="utf-8")

    def stop(self, name: str) -> None:
        """End a process by its number, and wait until it is gone."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> list[int]:
        """End all processes; return the numbers they had."""
        numbers = [process.pid for process in self._running.values()]
        for name in reversed(list(self._running)):
            self.stop(name)
        return numbers

    def _start(self, name: str, command: Sequence[str], shown: str, *, cheat: str | None = None) -> None:
        with self._out(name).open("wb") as out, self._out(f"{name}-errors").open("ab") as errors:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self._tampered(cheat), stdout=out, stderr=errors, start_new_session=True
            )
        self._running[name] = process
        self._tell(f"   $ {shown} &   # {process.pid}")

    def _address(self, name: str) -> str:
        def printed() -> str | None:
            found = re.search(r"https?://[0-9.:]+", self.output(name))
            if found is None and self._running[name].poll() is not None:
                errors = self._out(f"{name}-errors").read_text(encoding="utf-8")
                raise BrokenPromiseError(f"{name}: {errors}")
            return found and found.group()

        return self.until(printed, f"{name} répond", f"{name} answers")

    def _out(self, name: str) -> Path:
        return self.folder / f"{name}.out"

    def _tampered(self, cheat: str | None) -> dict[str, str]:
        if cheat is None:
            return self._environment
        return {**self._environment, "PYTHONPATH": "cheat", "COP_CHEAT": cheat}

    # Observing -------------------------------------------------------------------------------------------------------

    def until(self, look: Callable[[], Found | None], french: str, english: str) -> Found:
        """Look again and again until there is something to see, and return it.

        Raises:
            BrokenPromiseError: There was nothing within a minute.
        """
        deadline_s = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline_s:
            found = look()
            if found:
                return found
            time.sleep(_LOOK_AGAIN_S)
        raise BrokenPromiseError(
            self.pick(f"{french} : pas en {WITHIN_S:.0f} s", f"{english}: not in {WITHIN_S:.0f} s")
        )

    def get(self, url: str) -> dict[str, Any]:
        """Return what an address says."""
        return self._ask("GET", url).said

    def post(self, url: str, body: object, *, key: str) -> Answer:
        """Return what an address answers to a request."""
        return self._ask("POST", url, body, key)

    def stream(self, url: str, body: object, *, key: str) -> HTTPResponse:
        """Return an answer that streams, to be read as it comes."""
        return self._request("POST", url, body, key)[1]

    def _ask(self, method: str, url: str, body: object = None, key: str | None = None) -> Answer:
        connection, answer = self._request(method, url, body, key)
        try:
            return Answer(answer.status, json.loads(answer.read()))
        finally:
            connection.close()

    def _request(self, method: str, url: str, body: object, key: str | None) -> tuple[HTTPConnection, HTTPResponse]:
        parts = urlsplit(url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=WITHIN_S)
        headers = {"content-type": "application/json", "connection": "close"}
        if key is not None:
            headers["authorization"] = f"Bearer {key}"
        connection.request(method, parts.path, None if body is None else json.dumps(body).encode(), headers)
        return connection, connection.getresponse()

    def _tell(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _prefix(cheat: str | None) -> str:
    return "" if cheat is None else f"COP_CHEAT={cheat} PYTHONPATH=cheat "


def _command() -> list[str]:
    """Return how `bouclier` is run here: as it is on the path, else as this repository's environment has it.

    Raises:
        BrokenPromiseError: It is nowhere.
    """
    found = shutil.which("bouclier") or shutil.which("bouclier", path=str(ROOT / ".venv" / "bin"))
    if found is None:
        raise BrokenPromiseError("bouclier ? → make serve")
    return [found]
