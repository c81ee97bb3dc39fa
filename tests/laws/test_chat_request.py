"""Every text of a request is found, once; writing it again changes these texts and nothing else, whatever the JSON."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bouclier.gateway.chat_request import parse_chat_request, rewritten
from bouclier.terms.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = st.sampled_from(
    ["$json", "arguments", "type", "role", "content", "text", "model", "stream", "bouclier", "x", "", "é"]
)
WORDS = st.sampled_from(["", "user", "function", "Zoé Vasseur", "zoe.vasseur@example.fr", "[EMAIL_1]", '"', "\\u005b"])
NUMBERS = st.integers() | st.integers(2**62, 2**70) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | NUMBERS | WORDS | st.text(max_size=6)


def spelled(value: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [json.dumps(value), json.dumps(value, ensure_ascii=False), " \n" + json.dumps(value, indent=1)]
    )


VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=4)
        | inner.flatmap(spelled)
        | st.builds(lambda text: {"arguments": text}, inner.flatmap(spelled))
    ),
    max_leaves=12,
)
CONTENT_PARTS = st.builds(
    lambda kind, more: {**more, "type": kind},
    st.sampled_from(["text", "image_url", "input_audio", "file", "refusal", "other"]),
    st.dictionaries(st.sampled_from(["text", "image_url", "file", "input_audio"]), VALUES, max_size=3),
)
MESSAGES = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool", "Zoé"])},
    optional={
        "content": st.none() | WORDS | st.text(max_size=8) | st.lists(CONTENT_PARTS, max_size=2),
        "tool_calls": VALUES,
        "function_call": st.builds(lambda text: {"name": "f", "arguments": text}, VALUES.flatmap(spelled)),
        "name": WORDS,
    },
)
BODIES = st.builds(
    lambda messages, more: {"model": "auto", **more, "messages": messages},
    st.lists(MESSAGES, min_size=1, max_size=3),
    st.dictionaries(
        st.sampled_from(["$json", "x", "arguments", "user", "type", "tools", "metadata", "response_format"]),
        VALUES,
        max_size=3,
    ),
)


def parsed(body: object, *, ascii_only: bool = True) -> Any:
    return parse_chat_request(json.dumps(body, ensure_ascii=ascii_only).encode())


def exactly(value: object) -> str:
    """The same string for the same JSON value, with the type of every number."""
    return json.dumps(value, sort_keys=True)


@given(BODIES, st.booleans(), st.booleans())
def test_a_request_whose_texts_do_not_change_is_the_same_json_value(
    body: dict[str, Any],
    ascii_only: bool,  # noqa: FBT001
    detail: bool,  # noqa: FBT001
) -> None:
    ours = {"bouclier": {"detail": detail}}
    request = parsed({**body, **ours}, ascii_only=ascii_only)
    written = rewritten(request, [part.text for part in request.parts], model="upstream")
    assert exactly(json.loads(written)) == exactly({**body, "model": "upstream"})
    assert request.detail is detail


MARK = re.compile(r"«\d+»")


def opened(value: Any, key: object = None, *, inside: bool = False) -> Any:
    """The value with the JSON in its strings decoded, so that spelling does not count.

    Inside, a long number counts as the text it is spelled with: it is read, and replaced, as one.
    """
    if isinstance(value, dict):
        return {name: opened(item, name, inside=inside) for name, item in value.items()}
    if isinstance(value, list):
        return [opened(item, inside=inside) for item in value]
    if type(value) in {int, float} and inside and value == (value // 1) and abs(value) >= 10_000_000:
        return str(int(value)) if type(value) is int or abs(value) < 2**63 else value
    is_arguments = key == "arguments" and isinstance(value, str) and value.lstrip()[:1] in {"{", "[", '"'}
    if is_arguments or (isinstance(value, str) and value.lstrip()[:1] in {"{", "[", '"'}):
        try:
            return {"json of": opened(json.loads(value), inside=True)}
        except ValueError:
            return value
    return value


def leaves(value: Any, path: tuple[object, ...] = ()) -> Iterator[tuple[tuple[object, ...], str]]:
    if isinstance(value, str):
        yield path, value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if isinstance(key, str) and MARK.fullmatch(key):
            yield (*path, key), key
        yield from leaves(item, (*path, key))


def marks_undone(value: Any, originals: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {originals.get(key, key): marks_undone(item, originals) for key, item in value.items()}
    if isinstance(value, list):
        return [marks_undone(item, originals) for item in value]
    return originals.get(value, value) if isinstance(value, str) else value


def is_protocol(path: tuple[object, ...], text: str) -> bool:
    if path == ("model",):
        return True
    return path[-1] in {"role", "type"} and "json of" not in path and re.fullmatch(r"[a-z][a-z0-9_]*", text) is not None


def in_content_part(path: tuple[object, ...]) -> bool:
    return any(key == "content" and isinstance(index, int) for key, index in pairwise(path))


@given(BODIES)
@example({"model": "auto", "messages": [{"role": "user"}], "x": {"$json": "Zoé"}})
@example({"model": "auto", "messages": [{"role": "user"}], "arguments": json.dumps({"arguments": '{"a": "Zoé"}'})})
@example({"model": "auto", "messages": [{"role": "user"}], "arguments": '{"type": "zoe", "model": "Zoé"}'})
def test_every_text_is_exactly_one_part_and_replacing_the_parts_changes_nothing_else(body: dict[str, Any]) -> None:
    request = parsed(body)
    # What cannot be replaced where it stands is read all the same; it must stay as it is.
    originals = {f"«{index}»": str(part.text) for index, part in enumerate(request.parts) if not part.fixed}
    marks = [f"«{index}»" for index, _ in enumerate(request.parts)]
    written = opened(json.loads(rewritten(request, marks, model="auto")))
    found = [text for _, text in leaves(written) if MARK.fullmatch(text)]
    assert sorted(found) == sorted(originals)
    for path, text in leaves(written):
        unread = in_content_part(path) and request.uninspected > 0
        assert text == "" or text in originals or is_protocol(path, text) or unread, path
    assert exactly(opened(marks_undone(written, originals))) == exactly(opened(body))


@given(BODIES, st.data())
def test_replacing_one_text_leaves_all_others_as_they_were(body: dict[str, Any], data: st.DataObject) -> None:
    request = parsed(body)
    texts = [part.text for part in request.parts]
    # JSON that is read inside because of its escapes is written without them, and so is a plain text when read again.
    escaped = [
        part
        for part in request.parts
        if any(step == "$json" and before != "arguments" for before, step in pairwise(part.path))
    ]
    if not texts or escaped:
        return
    at = data.draw(st.integers(0, len(texts) - 1))
    part = request.parts[at]
    if part.fixed or part.path[-1:] == (part.text,):
        return  # a key leads to what stands under it: another key is another path
    changed: list[str] = [*texts[:at], 'Zoé «1»\n"\\', *texts[at + 1 :]]
    again = parsed(json.loads(rewritten(request, changed, model="auto")))
    assert [str(part.text) for part in again.parts] == changed
    assert [part.path for part in again.parts] == [part.path for part in request.parts]


@given(st.dictionaries(st.sampled_from(["model", "messages", "stream", "bouclier", "response_format"]), VALUES), BODIES)
def test_whatever_json_comes_it_is_parsed_or_is_an_error_of_the_caller(
    odd: dict[str, Any], body: dict[str, Any]
) -> None:
    try:
        request = parsed({**body, **odd})
    except RequestError:
        return
    rewritten(request, [part.text for part in request.parts], model="m")


@given(st.binary(max_size=40) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_whatever_bytes_come_they_are_an_error_of_the_caller(raw: bytes) -> None:
    with pytest.raises(RequestError):
        parse_chat_request(raw)


def nested(depth: int, key: str) -> bytes:
    deep = "[" * depth + '"Vasseur"' + "]" * depth
    value = json.dumps(deep) if key == "arguments" else deep
    return f'{{"model": "auto", "messages": [{{"role": "user"}}], "{key}": {value}}}'.encode()


@pytest.mark.parametrize("key", ["x", "arguments"])
def test_what_is_nested_within_the_limit_is_read(key: str) -> None:
    assert parse_chat_request(nested(60, key)).parts[-1].text == "Vasseur"


@pytest.mark.parametrize(("depth", "key"), [(64, "x"), (400, "x"), (100_000, "x"), (64, "arguments")])
def test_what_is_nested_deeper_is_an_error_that_quotes_nothing(depth: int, key: str) -> None:
    with pytest.raises(RequestError) as raised:
        parse_chat_request(nested(depth, key))
    assert "Vasseur" not in str(raised.value.message)


def test_a_string_too_deep_to_be_decoded_is_read_as_it_is_spelled() -> None:
    assert "Vasseur" in parse_chat_request(nested(100_000, "arguments")).parts[-1].text


def texts_of(body: dict[str, Any]) -> list[str]:
    return [str(part.text) for part in parsed({"model": "auto", "messages": [{"role": "user"}], **body}).parts]


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        ("", []),
        ("12", ["12"]),
        ("null", ["null"]),
        ('"a\\u0040example.fr"', ["a@example.fr"]),
        (' \n{"to": "a\\u0040example.fr"}', ["to", "a@example.fr"]),
        ('["a", ["b"], 1]', ["a", "b"]),
        (
            '{"to": "a", "type": "b", "role": "c", "model": "d", "bouclier": "e"}',
            ["to", "a", "type", "b", "role", "c", "model", "d", "bouclier", "e"],
        ),
        ('{"to": "a"', ['{"to": "a"']),
        ("{not json}", ["{not json}"]),
        # The first of two equal keys would be hidden by decoding: the whole is read as it is spelled.
        ('{"to": "zoe.vasseur@example.fr", "to": "b"}', ['{"to": "zoe.vasseur@example.fr", "to": "b"}']),
        ('[{"a": {"to": "z", "to": "b"}}]', ['[{"a": {"to": "z", "to": "b"}}]']),
    ],
)
def test_arguments_are_read_inside_when_they_are_json(arguments: str, texts: list[str]) -> None:
    assert texts_of({"arguments": arguments}) == texts


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ({"x": {"model": "Zoé", "stream": "Zoé", "bouclier": {"x": "Zoé"}}}, ["Zoé"] * 3),
        ({"x": {"type": "Mme Zoé Vasseur", "role": "Zoé"}}, ["Mme Zoé Vasseur", "Zoé"]),
        ({"tools": [{"type": "function", "function": {"parameters": {"type": "object"}}}]}, []),
        ({"response_format": {"type": ["json_object"]}}, ["json_object"]),
    ],
)
def test_only_the_protocols_own_words_are_not_read(body: dict[str, Any], texts: list[str]) -> None:
    assert texts_of(body) == texts


@pytest.mark.parametrize(
    ("part", "texts"),
    [
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "note": "Zoé"}}, ["Zoé"]),
        ({"type": "image_url", "image_url": {"url": "https://example.fr/zoe"}}, ["https://example.fr/zoe"]),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, []),
        ({"type": "file", "file": {"filename": "zoe.pdf", "file_data": "AAAA"}}, ["zoe.pdf"]),
        ({"type": "novelty", "caption": "Zoé"}, ["Zoé"]),
    ],
)
def test_what_holds_no_text_is_counted_and_the_text_beside_it_is_read(part: dict[str, Any], texts: list[str]) -> None:
    request = parsed({"model": "auto", "messages": [{"role": "user", "content": [part]}]})
    assert request.uninspected == 1
    assert [str(one.text) for one in request.parts] == texts


def test_a_list_that_is_no_part_is_counted_and_breaks_nothing() -> None:
    request = parsed({"model": "auto", "messages": [{"role": "user"}], "x": {"content": [{"type": ["text"]}]}})
    assert request.uninspected == 1


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ({"metadata": {"zoe@x": "a", "b": "c"}}, {"metadata": {"«zoe@x»": "«a»", "«b»": "«c»"}}),
        ({"arguments": '{"zoe@x":{"é":"a","b":1}}'}, {"arguments": '{"«zoe@x»":{"«é»":"«a»","«b»":1}}'}),
        (
            {
                "tools": [
                    {"function": {"parameters": {"properties": {"zoe@x": {"type": "string"}}, "required": ["zoe@x"]}}}
                ]
            },
            {
                "tools": [
                    {
                        "function": {
                            "parameters": {"properties": {"«zoe@x»": {"type": "string"}}, "required": ["«zoe@x»"]}
                        }
                    }
                ]
            },
        ),
    ],
)
def test_keys_that_callers_choose_can_be_others_and_keep_their_place(
    body: dict[str, Any], written: dict[str, Any]
) -> None:
    request = parsed({"model": "auto", "messages": [{"role": "user"}], **body})
    changed = json.loads(rewritten(request, [f"«{part.text}»" for part in request.parts], model="m"))
    assert json.dumps({name: changed[name] for name in body}) == json.dumps(written)
    assert not any(part.fixed for part in request.parts)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (285057800608441.0, "285057800608441"),
        (6.39981234e8, "639981234"),
        (1.5e7 + 0.5, None),
        (1e300, None),
        (12.0, None),
    ],
)
def test_a_whole_number_is_read_however_a_program_wrote_it(value: float, text: str | None) -> None:
    assert texts_of({"arguments": json.dumps({"x": value})}) == ["x", *([text] if text else [])]


def test_a_name_as_a_key_of_ones_own_is_read_and_the_protocols_keys_are_not() -> None:
    body = {"tools": [{"function": {"parameters": {"properties": {"Vasseur": {"type": "string"}}}}}]}
    assert texts_of({**body, "metadata": {"Zoe.Vasseur": 1}}) == ["Vasseur", "Zoe.Vasseur"]


def test_keys_of_the_protocol_stay_and_what_is_in_them_counts_as_fixed() -> None:
    request = parsed({"model": "auto", "messages": [{"role": "user", "zoe@x": 1}], "logit_bias": {"12": 1}})
    assert [(str(part.text), part.fixed) for part in request.parts] == [("zoe@x", True), ("12", True)]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;name=zoe%20vasseur.png;base64,AAAA"}},
        {"type": "input_image", "image_url": "data:image/png;name=zoe%20vasseur.png;base64,AAAA"},
        {"type": "input_file", "file": {"file_data": "data:application/pdf;filename=zoe%20vasseur.png;base64,AAAA"}},
    ],
)
def test_the_name_of_a_file_in_a_data_url_is_read_and_can_be_another(part: dict[str, Any]) -> None:
    request = parsed({"model": "auto", "messages": [{"role": "user", "content": [part]}]})
    assert [str(one.text) for one in request.parts] == ["zoe vasseur.png"]
    left = json.loads(rewritten(request, ["[PERSON_K7QX] é.png"], model="m"))["messages"][0]["content"][0]
    assert json.dumps(left) == json.dumps(part).replace("zoe%20vasseur.png", "[PERSON_K7QX]%20%C3%A9.png")


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ({"messages": [{"role": "system", "name": "zoe", "content": "Zoé"}]}, ["zoe", "Zoé"]),
        ({"stop": ["Zoé", "\n"]}, ["Zoé", "\n"]),
        ({"stop": "Zoé"}, ["Zoé"]),
        ({"prediction": {"type": "content", "content": [{"type": "text", "text": "Zoé"}]}}, ["Zoé"]),
        ({"user": "zoe.vasseur@example.fr"}, ["zoe.vasseur@example.fr"]),
        ({"input": ["Zoé", {"role": "user", "content": [{"type": "input_text", "text": "Ada"}]}]}, ["Zoé", "Ada"]),
        (
            {
                "tools": [
                    {
                        "type": "function",
                        "function": {"name": "f", "description": "Zoé", "parameters": {"enum": ["Ada"]}},
                    }
                ]
            },
            ["f", "Zoé", "Ada"],
        ),
    ],
)
def test_whatever_carries_text_is_read(body: dict[str, Any], texts: list[str]) -> None:
    request = parsed({"model": "auto", "messages": [{"role": "user"}], **body})
    assert [str(part.text) for part in request.parts] == texts
    left = json.loads(rewritten(request, ["«»" for _ in request.parts], model="m"))
    assert not {text for _, text in leaves(left)} & set(texts)


def test_numbers_keep_their_exact_value() -> None:
    numbers = "[123456789012345678901234567890, -9223372036854775809, 1e23, 0.1, 1.0, -0.0, 1e-300]"
    raw = f'{{"model": "m", "messages": [{{"role": "user", "content": "Zoé"}}], "x": {numbers}}}'.encode()
    request = parse_chat_request(raw)
    for texts in (["Ada" for _ in request.parts], [part.text for part in request.parts]):
        assert exactly(json.loads(rewritten(request, texts, model="m"))["x"]) == exactly(json.loads(numbers))
