"""What a chat request asks for beside words, as the charter may know it: modalities, capabilities, sources, length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bouclier.terms.duties import Means

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bouclier.terms.content import TextPart
    from bouclier.terms.exchange import Received

_MODALITY_OF: Final = {
    "image_url": "image",
    "input_image": "image",
    "image": "image",
    "input_audio": "audio",
    "audio": "audio",
    "audio_url": "audio",
    "video_url": "video",
    "input_video": "video",
    "video": "video",
}
_WRITTEN: Final = frozenset({"text", "refusal", "input_text", "output_text"})
_OUTPUTS: Final = {"image": "image-output", "audio": "audio-output"}
_SEARCHING: Final = ("plugins", "enable_search", "search_parameters")
_NO_SOURCE: Final = frozenset({"id", "type"})
_TOKENS_OF_AN_IMAGE: Final = 16_384
"""What a part that is no text is counted for: more than an image of the largest size costs with the models of 2026."""
_CHARS_PER_TOKEN: Final = 2
"""Tokenizers need one token for two characters at the most, in the languages of the Union: an upper estimate."""


class Asked(NamedTuple):
    """What a request asks for; each set of words sorted.

    Attributes:
        modalities: Of what it holds, and of the answer asked for.
        capabilities: Beyond text: `tools`, `structured-output`, `web-search`, `remote-tools` (run by the server).
        sourced: Whether it brings sources: `documents`, or what a tool returned.
        tokens: Upper estimate of its length in tokens.
    """

    modalities: tuple[str, ...]
    capabilities: tuple[str, ...]
    sourced: bool
    tokens: int


def asked_of(body: Mapping[str, Any], parts: Sequence[TextPart], *, uninspected: int) -> Asked:
    """Return what a request asks for.

    Args:
        body: Its body, of which the shape of `messages` was checked.
        parts: Its texts.
        uninspected: Number of parts that hold no text; what they are and nobody says counts as a file.
    """
    modalities = {"text", *(_MODALITY_OF.get(kind, "file") for kind in _kinds(body))}
    if uninspected and modalities == {"text"}:
        modalities.add("file")
    wanted = body.get("modalities")
    if isinstance(wanted, list):
        modalities |= {_OUTPUTS[one] for one in wanted if isinstance(one, str) and one in _OUTPUTS}
    chars = sum(len(part.text) for part in parts)
    return Asked(
        modalities=tuple(sorted(modalities)),
        capabilities=tuple(sorted(_capabilities(body))),
        sourced=_brings_sources(body),
        tokens=-(-chars // _CHARS_PER_TOKEN) + uninspected * _TOKENS_OF_AN_IMAGE,
    )


def _capabilities(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is asked of the model beyond text, each once; what a server does by itself is told from functions."""
    if _is_given(body.get("response_format")):
        yield "structured-output"
    tools = body.get("tools")
    kinds = {str(tool.get("type")) for tool in tools if isinstance(tool, dict)} if isinstance(tools, list) else set()
    if tools or body.get("functions"):
        yield "tools"
    if kinds - {"function", "custom", "None"}:
        yield "remote-tools"
    asked = body.get("web_search_options") is not None or any(body.get(key) for key in _SEARCHING)
    if asked or any("search" in kind or "browser" in kind for kind in kinds):
        yield "web-search"


def _kinds(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the type of each part of the messages that is not text."""
    for message in body["messages"]:
        content = message.get("content")
        if isinstance(content, list):
            yield from (part["type"] for part in content if part["type"] not in _WRITTEN)


def _is_given(response_format: object) -> bool:
    # Any JSON value may stand there: not all of them can be looked up in a set.
    return isinstance(response_format, dict) and response_format.get("type") not in (None, "text")


def _brings_sources(body: Mapping[str, Any]) -> bool:
    documents = body.get("documents")
    if isinstance(documents, list) and _has_text(documents):
        return True
    return any(message["role"] == "tool" and _has_text(message.get("content")) for message in body["messages"])


def _has_text(value: object) -> bool:
    """Tell whether there is a word in a value, at any depth; ids and types are no words of a source."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, dict):
        return any(_has_text(item) for key, item in value.items() if key not in _NO_SOURCE)
    return isinstance(value, list) and any(map(_has_text, value))


def means_of(received: Received) -> Means:
    """Return what an exchange brings, of what duties may ask; its review was claimed before."""
    request = received.request
    return Means(sourced=request.sourced, reviewed=received.review is not None, tokens=request.tokens)
