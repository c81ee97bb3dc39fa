"""How the engine's process is: what it says of its work, and what memory the system says it holds.

The question goes to `/metrics`, which llama.cpp answers from the very loop that computes, between two batches: an
answer means that this loop is alive, which `/health`, answered by another thread, would not. What comes back is
counters; nothing of what users wrote.

Memory is the proportional set size: pages shared with other processes count for their share, so that two engines over
the same weights are not each charged with all of them.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bouclier.fleet.supervision import Beat

if TYPE_CHECKING:
    from bouclier.fleet.adapters.engine_process import EngineAddress

MAX_ANSWER_BYTES = 100_000
PROC = Path("/proc")

_WORKING = ("llamacpp:requests_processing", "llamacpp:requests_deferred")
_STEPS = "llamacpp:n_decode_total"


async def ask(address: EngineAddress, *, pid: int, timeout_s: float) -> Beat | None:
    """Ask the engine how it is; None if it does not answer in time.

    Args:
        address: Where it listens.
        pid: Its process.
        timeout_s: Longest wait: must be longer than the engine takes for one batch of a prompt.
    """
    try:
        async with asyncio.timeout(timeout_s):
            text = await _metrics(address)
    except (OSError, TimeoutError, ValueError):
        return None
    counters = _counters(text)
    if _STEPS not in counters or not all(name in counters for name in _WORKING):
        return None
    return Beat(
        working=sum(counters[name] for name in _WORKING), steps=counters[_STEPS], memory_bytes=memory_of(pid, proc=PROC)
    )


def memory_of(pid: int, *, proc: Path) -> int | None:
    """Return the proportional set size of a process in bytes; None where the system does not tell.

    Source: proc_pid_smaps(5), `smaps_rollup`.
    """
    try:
        lines = (proc / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    held = [int(words[1]) for words in map(str.split, lines) if words[:1] in (["Pss:"], ["SwapPss:"])]
    return sum(held) * 1024 if held else None


async def _metrics(address: EngineAddress) -> str:
    url = urlsplit(address.base_url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        writer.write(
            f"GET /metrics HTTP/1.1\r\nhost: {url.netloc}\r\nauthorization: Bearer {address.api_key}\r\n"
            "connection: close\r\n\r\n".encode("ascii")
        )
        answer = await reader.read(MAX_ANSWER_BYTES)
        while len(answer) < MAX_ANSWER_BYTES and (more := await reader.read(MAX_ANSWER_BYTES)):
            answer += more
    finally:
        writer.close()
    return answer.decode("utf-8")


def _counters(text: str) -> dict[str, int]:
    """Return the whole numbers of a page in Prometheus' text format, by name."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if value.isdecimal():
            found[name] = int(value)
    return found
