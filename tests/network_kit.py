"""A machine far away: a network namespace of its own, joined to this one by a link that can be cut.

The namespace lives as long as the process that holds it, and the link as long as the namespace: whatever becomes of the
test, nothing is left behind. Addresses are of the range for benchmarks (RFC 2544), which no network routes.
"""

from __future__ import annotations

import os
import subprocess
from ipaddress import IPv4Network
from itertools import count, islice
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

_RANGE: Final = IPv4Network("198.18.0.0/15")
_NUMBERS: Final = count()


class FarMachine:
    """A network namespace.

    Attributes:
        host: Its address.
        inside: What to put before a command so that it runs there.
    """

    def __init__(self) -> None:
        number = (os.getpid() * 8 + next(_NUMBERS)) % (_RANGE.num_addresses // 4)
        near, far = islice(IPv4Network((int(_RANGE[0]) + 4 * number, 30)).hosts(), 2)
        self.host = str(far)
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo there; exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            self._wait_until_there()
            self.inside = ("nsenter", "--target", str(self._holder.pid), "--net")
            self._ours = ours = f"far{number}"
            _run("ip", "link", "add", ours, "type", "veth", "peer", "name", "far", "netns", str(self._holder.pid))
            _run("ip", "address", "add", f"{near}/30", "dev", ours)
            _run("ip", "link", "set", ours, "up")
            _run(*self.inside, "ip", "address", "add", f"{far}/30", "dev", "far")
            self.heal()
        except BaseException:
            self.close()
            raise

    def _wait_until_there(self) -> None:
        assert self._holder.stdout is not None
        assert self._holder.stderr is not None
        if not self._holder.stdout.readline():
            raise OSError(self._holder.stderr.read())

    def cut(self) -> None:
        """Nothing passes any more, and nobody is told."""
        _run(*self.inside, "ip", "link", "set", "far", "down")

    def heal(self) -> None:
        """Everything passes."""
        _run(*self.inside, "ip", "link", "set", "far", "up")
        _run("ip", "neighbour", "flush", "dev", self._ours)  # that nobody answered is remembered for seconds

    def close(self) -> None:
        self._holder.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def why_no_far_machine() -> str | None:
    """Return why a process may not have a far machine here; None if it may."""
    try:
        FarMachine().close()
    except OSError as error:
        return str(error).strip()
    return None


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    if done.returncode:
        raise OSError(done.stderr)
