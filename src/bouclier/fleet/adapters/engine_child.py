"""The child process in which llama.cpp runs: its memory and its crashes are not the gateway's.

Protocol: one JSON line of settings on standard input; one JSON line on standard output, `{"url": ...}` once the model
is loaded or `{"error": ...}`; then silence until standard input closes, which ends the process. If the parent is
killed the kernel ends this process too.

Nothing is logged: llama.cpp's log is off and standard error is nobody's, because its messages may quote a prompt. No
core is ever dumped, for the same reason.

    echo '{"model_path": ...}' | python -m bouclier.fleet.adapters.engine_child
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
from pathlib import Path

import msgspec

SILENT = -1
PR_SET_PDEATHSIG = 1

LOAD_FAILED = "load-failed"
NOT_INSTALLED = "not-installed"
ORPHAN = "orphan"

LOOPBACK = "127.0.0.1"

# Prompts are read in pieces of this many tokens, between which other slots advance: a long prompt does not freeze them.
BATCH_TOKENS = 128
SPARE_HTTP_THREADS = 8
# llama.cpp notices that a caller left when it writes to them; until the first token this comment is all it writes. Not
# more often: the first one sends the head of the answer, after which an error has no status of its own any more.
KEEP_ALIVE_COMMENT_S = 5
PREFERRED_VICTIM = "500"
RESERVED_BYTES = 512_000_000


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the parent asks for.

    Attributes:
        parent_pid: The parent; if it is not ours any more, there is nobody to serve.
        model_path: Weights, GGUF.
        name: What the engine calls its model in answers.
        threads: Threads that compute.
        context_tokens: Longest exchange of each slot.
        parallel: Slots, that is exchanges served at once.
        api_key: What callers must present.
        port: Where to listen on the loopback interface; 0 for any free port.
        memory_limit_bytes: Bound on the memory it may write to, if any.
    """

    parent_pid: int
    model_path: str
    name: str
    threads: int
    context_tokens: int
    parallel: int
    api_key: str
    port: int = 0
    memory_limit_bytes: int | None = None


class EngineReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the child answers, once: where it listens, or a word on why it does not."""

    url: str | None = None
    error: str | None = None


def main() -> None:
    """Serve until standard input closes."""
    settings = msgspec.json.decode(sys.stdin.buffer.readline(), type=EngineSettings)
    _die_with_parent()
    if os.getppid() != settings.parent_pid:  # it died before the kernel knew that we depend on it
        _report(EngineReport(error=ORPHAN))
        return
    contain(settings.memory_limit_bytes)
    watcher = threading.Thread(target=_exit_when_input_closes, daemon=True)
    watcher.start()
    report, server = _serve(settings)
    for number in (signal.SIGTERM, signal.SIGINT):  # llama.cpp took these, and would stop serving without exiting
        signal.signal(number, signal.SIG_DFL)
    _report(report)
    if server is not None:
        watcher.join()


def _serve(settings: EngineSettings) -> tuple[EngineReport, object | None]:
    os.environ["GGML_NO_BACKTRACE"] = "1"
    try:
        import xllamacpp  # noqa: PLC0415 -- heavy and optional: only here, and only after the limits are set
    except ImportError:
        return EngineReport(error=NOT_INSTALLED), None
    parameters = xllamacpp.CommonParams()
    parameters.verbosity = SILENT
    parameters.hostnames = [LOOPBACK]
    parameters.port = settings.port
    parameters.model.path = settings.model_path
    parameters.model_alias = {settings.name}  # else answers would name a path of this machine
    parameters.api_keys = [settings.api_key]
    parameters.n_parallel = settings.parallel
    parameters.n_ctx = settings.context_tokens * settings.parallel  # llama.cpp divides it among its slots
    parameters.n_batch = parameters.n_ubatch = BATCH_TOKENS
    parameters.n_threads_http = settings.parallel + SPARE_HTTP_THREADS
    parameters.sse_ping_interval = KEEP_ALIVE_COMMENT_S
    parameters.use_jinja = True
    parameters.cache_ram_mib = 0  # no store of past prompts beside the slots themselves
    parameters.cache_idle_slots = False
    parameters.endpoint_slots = False
    parameters.endpoint_props = False
    parameters.endpoint_metrics = True  # counters only, behind the key: how the parent knows that work advances
    parameters.cors_origins = ""
    parameters.ui = False
    parameters.offline = True
    for pool in (parameters.cpuparams, parameters.cpuparams_batch):
        pool.n_threads = settings.threads
        pool.poll = 0  # threads that wait must sleep: polling starves everything else on a busy machine
    try:
        server = xllamacpp.Server(parameters)
    except (RuntimeError, MemoryError):
        return EngineReport(error=LOAD_FAILED), None
    return EngineReport(url=server.listening_address), server


def _report(report: EngineReport) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    sys.stdout.buffer.flush()


def _exit_when_input_closes() -> None:
    while os.read(sys.stdin.fileno(), 64):
        pass
    os._exit(0)  # at once: llama.cpp's own ending would first finish what it generates


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def contain(memory_limit_bytes: int | None) -> None:
    """Bound this process: no core dump, so much memory, and the first to go when the machine has none left."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_limit_bytes is not None:
        # What a process may write to counts here, mapped weights do not. The parent's watch is the bound proper; this
        # one is wider by what is reserved but never touched, and stops what would grow faster than the parent looks.
        most = memory_limit_bytes + RESERVED_BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    score = Path("/proc/self/oom_score_adj")
    if score.exists():  # short of memory, the kernel should take the engine rather than the gateway
        score.write_text(PREFERRED_VICTIM, encoding="ascii")


if __name__ == "__main__":
    main()
