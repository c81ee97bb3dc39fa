"""What a request asks for beside words, for each shape that the API of OpenAI and those like it give it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bouclier.gateway.chat_request import parse_chat_request, rewritten

if TYPE_CHECKING:
    from bouclier.terms.exchange import ChatRequest


def asked(**body: Any) -> ChatRequest:
    whole = {"model": "auto", "messages": [{"role": "user", "content": "Bonjour"}], **body}
    return parse_chat_request(json.dumps(whole).encode())


def content(*parts: dict[str, Any]) -> ChatRequest:
    return asked(messages=[{"role": "user", "content": list(parts)}])


TEXT = {"type": "text", "text": "Bonjour"}


@pytest.mark.parametrize(
    ("part", "modality"),
    [
        ({"type": "image_url", "image_url": {"url": "https://example.fr/a.png"}}, "image"),
        ({"type": "input_image", "image_url": "data:image/png;base64,AAAA"}, "image"),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, "audio"),
        ({"type": "audio_url", "audio_url": {"url": "https://example.fr/a.wav"}}, "audio"),
        ({"type": "video_url", "video_url": {"url": "https://example.fr/a.mp4"}}, "video"),
        ({"type": "file", "file": {"file_data": "AAAA", "filename": "a.pdf"}}, "file"),
        ({"type": "input_file", "file_id": "f"}, "file"),
        ({"type": "hologram", "hologram": {}}, "file"),
        ({"type": "", "x": 1}, "file"),
    ],
)
def test_each_part_that_is_not_text_is_a_modality_and_what_nobody_knows_is_a_file(
    part: dict[str, Any], modality: str
) -> None:
    assert content(TEXT, part).modalities == tuple(sorted({"text", modality}))
    assert content(part).uninspected == 1


@pytest.mark.parametrize("kind", ["text", "input_text", "output_text", "refusal"])
def test_what_is_written_is_text(kind: str) -> None:
    assert content({"type": kind, "text": "Bonjour", "refusal": "Non"}).modalities == ("text",)
    assert asked().modalities == ("text",)


def test_modalities_are_those_of_all_messages_whoever_wrote_them() -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://example.fr/a.png"}}
    sound = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    messages = [
        {"role": "system", "content": [picture]},
        {"role": "assistant", "content": None},
        {"role": "tool", "tool_call_id": "c", "content": [sound]},
        {"role": "user", "content": "Bonjour"},
    ]
    assert asked(messages=messages).modalities == ("audio", "image", "text")


def test_a_picture_hidden_in_a_text_is_a_file() -> None:
    hidden = f"Voici : data:image/png;base64,{'A' * 300}"
    assert asked(messages=[{"role": "user", "content": hidden}]).modalities == ("file", "text")


@pytest.mark.parametrize(
    ("wanted", "modalities"),
    [
        (["text"], ("text",)),
        (["text", "audio"], ("audio-output", "text")),
        (["image"], ("image-output", "text")),
        (["audio", "image", "smell", 1, None, ["audio"]], ("audio-output", "image-output", "text")),
        ("audio", ("text",)),
        (None, ("text",)),
        ({"audio": 1}, ("text",)),
    ],
)
def test_an_answer_in_sounds_or_pictures_is_a_modality(wanted: object, modalities: tuple[str, ...]) -> None:
    assert asked(modalities=wanted).modalities == modalities


FUNCTION = {"name": "f", "parameters": {"type": "object"}}


@pytest.mark.parametrize(
    ("body", "capabilities"),
    [
        ({}, ()),
        ({"tools": []}, ()),
        ({"tools": None}, ()),
        ({"tools": [{"type": "function", "function": FUNCTION}]}, ("tools",)),
        ({"functions": [FUNCTION]}, ("tools",)),
        ({"response_format": {"type": "text"}}, ()),
        ({"response_format": {}}, ()),
        ({"response_format": None}, ()),
        ({"response_format": "json"}, ()),
        ({"response_format": {"type": "json_object"}}, ("structured-output",)),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, ("structured-output",)),
        ({"response_format": {"type": ["json_object"]}}, ("structured-output",)),
        ({"response_format": {"type": {}}}, ("structured-output",)),
        ({"web_search_options": {}}, ("web-search",)),
        ({"web_search_options": None}, ()),
        # What the server would run by itself is another matter than what the caller runs.
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, ("tools",)),
        ({"tools": [{"function": FUNCTION}]}, ("tools",)),
        ({"tools": [{"type": "mcp", "server_url": "https://example.fr"}]}, ("remote-tools", "tools")),
        ({"tools": [{"type": "code_interpreter"}]}, ("remote-tools", "tools")),
        ({"tools": [{"type": "function", "function": FUNCTION}, {"type": "mcp"}]}, ("remote-tools", "tools")),
        ({"tools": [{"type": "web_search_preview"}]}, ("remote-tools", "tools", "web-search")),
        ({"tools": [{"type": "$web_search"}]}, ("remote-tools", "tools", "web-search")),
        ({"tools": [{"type": "browser"}]}, ("remote-tools", "tools", "web-search")),
        ({"tools": {"type": "mcp"}}, ("tools",)),
        ({"tools": [{"type": ["mcp"]}, "x"]}, ("remote-tools", "tools")),
        ({"plugins": [{"id": "web"}]}, ("web-search",)),
        ({"enable_search": True}, ("web-search",)),
        ({"search_parameters": {"mode": "on"}}, ("web-search",)),
        ({"plugins": [], "enable_search": False, "search_parameters": None}, ()),
        (
            {"web_search_options": {}, "functions": [FUNCTION], "response_format": {"type": "json_object"}},
            ("structured-output", "tools", "web-search"),
        ),
    ],
)
def test_what_is_asked_of_the_model_beyond_text_is_told(body: dict[str, Any], capabilities: tuple[str, ...]) -> None:
    assert asked(**body).capabilities == capabilities


def tool(result: object) -> list[dict[str, Any]]:
    return [{"role": "user", "content": "Quand ?"}, {"role": "tool", "tool_call_id": "c", "content": result}]


@pytest.mark.parametrize(
    ("body", "sourced"),
    [
        ({}, False),
        ({"documents": [{"text": "Mardi."}]}, True),
        ({"documents": ["Mardi."]}, True),
        ({"documents": []}, False),
        ({"documents": None}, False),
        ({"documents": "Mardi."}, False),
        ({"documents": {"text": "Mardi."}}, False),
        ({"messages": tool("Mardi.")}, True),
        ({"messages": tool([{"type": "text", "text": "Mardi."}])}, True),
        ({"messages": tool("")}, False),
        ({"messages": tool([])}, False),
        ({"messages": tool(None)}, False),
        # A source has words: neither its place nor its name is enough.
        ({"documents": [None]}, False),
        ({"documents": [{}]}, False),
        ({"documents": ["", " \n"]}, False),
        ({"documents": [{"text": ""}, {"id": "d1", "type": "text"}]}, False),
        ({"documents": [{"id": "d1", "data": {"pages": [" ", "Mardi."]}}]}, True),
        ({"documents": [{"text": 7}]}, False),
        ({"messages": tool(" ")}, False),
        ({"messages": tool([{"type": "text", "text": " "}])}, False),
    ],
)
def test_sources_are_documents_or_what_a_tool_returned(body: dict[str, Any], sourced: bool) -> None:  # noqa: FBT001
    assert asked(**body).sourced is sourced


def test_the_length_is_estimated_from_above_over_all_texts() -> None:
    assert asked(messages=[{"role": "user", "content": "x" * 5}]).tokens == 3
    long = [{"role": role, "content": "x" * 100} for role in ("system", "user", "user")]
    assert asked(messages=long).tokens == 150
    assert asked(messages=long, documents=[{"text": "y" * 100}]).tokens >= 200


@pytest.mark.parametrize("kind", ["image_url", "input_audio", "file", "hologram"])
def test_a_part_that_is_no_text_counts_for_more_than_the_largest_image_costs(kind: str) -> None:
    assert content(TEXT, {"type": kind}).tokens == 4 + 16_384
    assert content({"type": kind}, {"type": kind}).tokens == 2 * 16_384


CAPPED = {"max_tokens": 100, "model": "m"}


@pytest.mark.parametrize(
    "more",
    [
        {"min_tokens": 1_000_000},
        {"best_of": 20},
        {"reasoning": {"max_tokens": 1_000_000}},
        {"thinking": {"type": "enabled", "budget_tokens": 1_000_000}},
        {"max_tokens": 1_000_000},
        {"n": 1_000_000, "max_tokens": None},
    ],
)
def test_what_would_make_a_capped_answer_longer_than_its_cap_does_not_leave(more: dict[str, Any]) -> None:
    request = asked(**more)
    capped = json.loads(rewritten(request, [part.text for part in request.parts], model="m", max_answer_tokens=100))
    assert {key: capped.get(key) for key in CAPPED} == ({**CAPPED, "max_tokens": 1} if "n" in more else CAPPED)
    assert set(capped) <= {*CAPPED, "messages", "n"}
    assert capped.get("n", 1) <= 100
    free = json.loads(rewritten(request, [part.text for part in request.parts], model="m"))
    assert {key: free[key] for key in more} == more
