"""What engines answer when asked how they are, read as one kind of value.

What is asked of each, from what it documents:

    llama.cpp  GET /health              200 ready; 503 "Loading model"; needs no key
               GET /props               `total_slots`
               GET /metrics             `llamacpp:requests_processing`, `llamacpp:requests_deferred`; off by default
    vLLM       GET /health              200 alive; needs no key
               GET /metrics             `vllm:num_requests_running`, `vllm:num_requests_waiting`, one line per engine
               GET /v1/models           names of models
    Ollama     GET /api/version         200 alive
               GET /api/tags            names of the models it has
    openai     GET /v1/models           names of models; a refusal (4xx) also says that somebody is there, and so does
                                        501, of a server that answers questions and lists no models

The first decides whether it is alive; the others only add facts, and what they do not give is unknown, never an error.
llama.cpp's `/slots` is not asked: versions before August 2025 answer with the prompts in it, which are nobody's
business here. Bytes come from a stranger: nothing here raises, numbers are bounded, names are counted and cut.

Sources: llama.cpp tools/server/README.md and pull request 15630; vLLM docs, usage/metrics and usage/security; Ollama
docs, api/tags and api-reference/get-version; OpenAI API reference, models/list. Read November 2026.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from bouclier.fleet.book_model import Probe

if TYPE_CHECKING:
    from collections.abc import Sequence

_T = TypeVar("_T", bound=msgspec.Struct)
_OK = 200
_REFUSED = 400
_BROKEN = 500
_NOT_IMPLEMENTED = 501
_UNAVAILABLE = 503
_MOST = 1_000_000
_MOST_MODELS = 2_000
_LONGEST_NAME = 200
_SAMPLE = re.compile(
    rb"^([a-z]+:[a-z_]+)(?:\{[^\n]*\})?[ \t]+([0-9]{1,12})(?:\.0*)?(?:[ \t]+-?[0-9]+)?[ \t\r]*$", re.MULTILINE
)


class Engine(StrEnum):
    """What kind of server a deployment is."""

    LLAMA_CPP = "llama.cpp"
    VLLM = "vllm"
    OLLAMA = "ollama"
    OPENAI = "openai"


class Answered(NamedTuple):
    """An answer, or none.

    Attributes:
        status: HTTP status; 0 when nothing came.
        body: As far as it was read.
        code: Why nothing came: `unreachable` or `timed-out`; empty otherwise.
    """

    status: int
    body: bytes = b""
    code: str = ""


class _Props(msgspec.Struct):
    total_slots: int | None = None


class _Model(msgspec.Struct):
    id: str = ""
    name: str = ""
    model: str = ""


class _Models(msgspec.Struct):
    data: list[_Model] | None = None
    models: list[_Model] | None = None


class _Error(msgspec.Struct):
    message: str = ""


class _Health(msgspec.Struct):
    status: str = ""
    error: _Error | None = None


# From the root of the server (`/health`) or from the address that ends with `/v1` (`models`). The first one decides.
_QUESTIONS = {
    Engine.LLAMA_CPP: ("/health", "/props", "/metrics", "models"),
    Engine.VLLM: ("/health", "/metrics", "models"),
    Engine.OLLAMA: ("/api/version", "/api/tags"),
    Engine.OPENAI: ("models",),
}


def questions(engine: Engine) -> tuple[str, ...]:
    """Return what an engine is asked, the deciding question first.

    A path that begins with `/` is from the root of the server, another one from the deployment's `/v1`.
    """
    return _QUESTIONS[engine]


def read_probe(engine: Engine, answers: Sequence[Answered]) -> Probe:
    """Return what an engine says of itself.

    Args:
        engine: What it is.
        answers: To its questions, in their order; those after the first may be missing.
    """
    first = answers[0]
    if not first.status:
        return Probe(alive=False, code=first.code or "unreachable")
    if _is_loading(first):
        return Probe(alive=True, loading=True)
    # What is not an engine's own health page may well be closed to us (401, 404) and still be somebody; an address
    # that only sends elsewhere is nobody.
    somebody = engine is Engine.OPENAI and (_REFUSED <= first.status < _BROKEN or first.status == _NOT_IMPLEMENTED)
    if first.status != _OK and not somebody:
        return Probe(alive=False, code=f"status-{first.status}")
    slots = running = waiting = models = None
    for path, answer in zip(questions(engine), answers, strict=False):
        if answer.status != _OK:
            continue
        if path == "/props":
            slots = _slots(answer.body)
        elif path == "/metrics":
            running, waiting = _load(engine, answer.body)
        elif path in {"models", "/api/tags"}:
            models = _models(answer.body)
    return Probe(alive=True, slots=slots, running=running, waiting=waiting, models=models)


def _is_loading(answer: Answered) -> bool:
    """llama.cpp says it with a 503 that is not a failure; servers that imitate it use either of its two spellings."""
    if answer.status != _UNAVAILABLE:
        return False
    health = _decoded(answer.body, _Health)
    if health is None:
        return False
    said = health.status or (health.error.message if health.error is not None else "")
    return said.lower().startswith("loading")


def _slots(body: bytes) -> int | None:
    props = _decoded(body, _Props)
    slots = props.total_slots if props is not None else None
    return slots if slots is not None and 0 < slots <= _MOST else None


def _load(engine: Engine, body: bytes) -> tuple[int | None, int | None]:
    """Running and waiting: sums over the lines of each, since there is one per engine of a server."""
    names = (
        (b"vllm:num_requests_running", b"vllm:num_requests_waiting")
        if engine is Engine.VLLM
        else (b"llamacpp:requests_processing", b"llamacpp:requests_deferred")
    )
    sums: dict[bytes, int] = {}
    for match in _SAMPLE.finditer(body):
        name = match[1]
        if name in names:
            sums[name] = min(sums.get(name, 0) + int(match[2]), _MOST)
    return sums.get(names[0]), sums.get(names[1])


def _models(body: bytes) -> tuple[str, ...] | None:
    listed = _decoded(body, _Models)
    if listed is None:
        return None
    models = listed.data if listed.data is not None else listed.models
    if models is None:
        return None
    names = {name for one in models[:_MOST_MODELS] for name in (one.id, one.name, one.model) if name}
    return tuple(sorted(name for name in names if len(name) <= _LONGEST_NAME))


def _decoded(body: bytes, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
