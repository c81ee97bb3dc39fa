"""Corners of an answer that no law draws: odd deployments, odd shapes, and what is recorded of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bouclier.gateway.answer import AnswerFacts, restored_answer, splice
from bouclier.gateway.answer_stream import AnswerStream
from bouclier.shield import Pseudonyms
from bouclier.terms.errors import StreamInterrupted, UpstreamProtocolError

TABLE = Pseudonyms({"[EMAIL_H4RT]": "zoe.vasseur@example.fr"})
NOTHING = Pseudonyms({})


def stream_of(*deltas: dict[str, Any], table: Pseudonyms = TABLE, finish: str | None = "stop") -> AnswerStream:
    """A stream that was fed these deltas of choice 0, and its end."""
    stream = AnswerStream(table=table, json_answer=False, ours={})
    for delta in deltas:
        stream.feed(event(delta))
    if finish is not None:
        stream.feed(event({}, finish=finish))
    return stream


def event(delta: object, *, finish: str | None = None, index: int = 0) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def delta_in(out: bytes) -> dict[str, Any]:
    delta: dict[str, Any] = json.loads(out.removeprefix(b"data: "))["choices"][0]["delta"]
    return delta


def whole(message: dict[str, Any], table: Pseudonyms = TABLE) -> tuple[dict[str, Any], AnswerFacts]:
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    written, facts = restored_answer(json.dumps(body).encode(), table=table, json_answer=False, ours={})
    answer: dict[str, Any] = json.loads(written)
    return answer, facts


@pytest.mark.parametrize(
    ("body", "spliced"),
    [
        (b"{}", b'{"bouclier":1}'),
        (b" { } \n", b' { "bouclier":1}'),
        (b'{"a": "}"}', b'{"a": "}","bouclier":1}'),
        (b'{"a": "\\"bouclier\\""}', b'{"a": "\\"bouclier\\"","bouclier":1}'),
        (b'{"model": "bouclier"}', b'{"model": "bouclier","bouclier":1}'),
    ],
)
def test_ours_is_added_to_an_object_and_is_there_once(body: bytes, spliced: bytes) -> None:
    assert splice(body, b"1") == spliced
    assert json.loads(spliced)["bouclier"] == 1


def test_a_whole_answer_with_nothing_to_restore_keeps_its_spelling() -> None:
    body = b'{ "choices" : [ {"message":{"content":"\\u00e9 [EMAIL_H4RT]"}} ],  "x": 1e2 }'
    written, facts = restored_answer(body, table=NOTHING, json_answer=False, ours={})
    assert written.startswith(body[:-1])
    assert facts.text == "é [EMAIL_H4RT]"


def test_a_restored_answer_keeps_what_nobody_knows_and_drops_pieces_of_pseudonyms() -> None:
    message = {"role": "assistant", "content": "à [EMAIL_H4RT]", "x": {"deep": ["[EMAIL_H4RT]", 1.0]}}
    body = {"choices": [{"message": message, "logprobs": {"content": [{"token": "[EM"}]}}], "x": [1, None]}
    written, facts = restored_answer(json.dumps(body).encode(), table=TABLE, json_answer=False, ours={"exchange": "e"})
    answer = json.loads(written)
    assert answer["choices"][0]["message"]["content"] == facts.text == "à zoe.vasseur@example.fr"
    assert answer["choices"][0]["message"]["x"] == {"deep": ["zoe.vasseur@example.fr", 1.0]}
    assert answer["choices"][0]["logprobs"] is None
    assert answer["x"] == [1, None]
    assert answer["bouclier"] == {"exchange": "e", "outcome": {"restored": 2}}
    assert facts.came_back == "à [EMAIL_H4RT]"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"choices": null}',
        b'{"choices": ["x"]}',
        b'{"choices": [], "x": "\xff"}',
        b'{"choices": [{"message": {"content": "\xff"}}]}',
        b'{"choices": [], "x": 1e999}',
        b'{"choices": ' + b"[" * 100_000,
        b'{"choices": [], "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_a_body_that_is_no_completion_is_the_deployments_fault(body: bytes) -> None:
    with pytest.raises(UpstreamProtocolError):
        restored_answer(body, table=TABLE, json_answer=False, ours={})


@pytest.mark.parametrize(
    "data", [b'{"choices": [], "x": "\xff"}', b'{"choices": [], "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"]
)
def test_an_event_that_cannot_be_decoded_is_the_deployments_fault(data: bytes) -> None:
    stream = AnswerStream(table=TABLE, json_answer=False, ours={})
    stream.feed(b"data: " + data + b"\n\n")
    assert isinstance(stream.failure, UpstreamProtocolError)


@pytest.mark.parametrize("calls", [None, 5, "x", {}, [None], [{}], [{"function": None}], [{"function": {"name": 1}}]])
@pytest.mark.parametrize("table", [TABLE, NOTHING])
def test_tool_calls_of_any_shape_pass_and_break_nothing(calls: object, table: Pseudonyms) -> None:
    answer, facts = whole({"content": "oui", "tool_calls": calls}, table)
    assert answer["choices"][0]["message"]["tool_calls"] == calls
    assert facts.text == "oui"
    stream = stream_of({"content": "oui", "tool_calls": calls}, table=table)
    assert stream.failure is None
    assert stream.close().text == "oui"


@pytest.mark.parametrize("number", [None, "x", 0])
def test_a_call_whose_number_is_odd_is_recorded_all_the_same(number: object) -> None:
    call = {"index": number, "function": {"arguments": '{"a": 1}'}}
    assert stream_of({"tool_calls": [call]}, {"tool_calls": [{"function": {"arguments": " "}}]}).close().text == (
        '{"a": 1} '
    )


def test_the_last_fragment_of_a_call_of_the_former_kind_stays_one() -> None:
    stream = stream_of({"function_call": {"name": "f", "arguments": '{"a": "[EMA'}}, finish=None)
    assert delta_in(stream.feed(event({}, finish="length"))) == {"function_call": {"arguments": "[EMA"}}


def test_a_last_delta_whose_tool_calls_are_null_still_gets_what_was_held_back() -> None:
    stream = stream_of({"tool_calls": [{"index": 0, "function": {"arguments": '{"a": "[EMA'}}]}, finish=None)
    delta = delta_in(stream.feed(event({"content": None, "tool_calls": None}, finish="length")))
    assert delta["tool_calls"] == [{"index": 0, "function": {"arguments": "[EMA"}}]


@pytest.mark.parametrize("table", [TABLE, NOTHING])
def test_data_on_several_lines_stay_one_event(table: Pseudonyms) -> None:
    stream = AnswerStream(table=table, json_answer=False, ours={"exchange": "e"})
    out = stream.feed(b'data: {"choices": [{"index": 0,\ndata: "delta": {"content": "oui"}}]}\n\n')
    assert out.count(b"\n") == 2
    assert delta_in(out) == {"content": "oui"}


def test_a_tool_call_with_nothing_to_restore_passes_byte_for_byte() -> None:
    stream = stream_of({"content": "a"}, table=NOTHING, finish=None)
    odd = b'id: 3\ndata:{"choices": [{"index": 0, "delta": {"tool_calls": [{"function": {"arguments": "{}"}}]}}]}\n\n'
    assert stream.feed(odd) == odd


def test_an_event_without_data_is_no_failure() -> None:
    stream = stream_of({"content": "a"}, finish=None)
    assert stream.feed(b"data:\n\ndata: \n\n: still here\n\n") == b"data:\n\ndata: \n\n: still here\n\n"
    assert stream.failure is None


def test_a_stream_that_ends_while_one_of_its_choices_is_unfinished_is_interrupted() -> None:
    stream = stream_of({"content": "a"}, finish=None)
    stream.feed(event({"content": "b"}, index=1) + event({}, index=1, finish="stop"))
    with pytest.raises(StreamInterrupted):
        stream.finish()


def test_a_stream_that_ends_without_done_after_its_choices_ended_is_whole() -> None:
    stream = stream_of({"content": "a"})
    assert stream.finish() == b""


def test_the_same_answer_is_recorded_alike_whether_it_was_streamed_or_not() -> None:
    first = {"function": {"name": "f", "arguments": '{"to": "[EMAIL_H4RT]"}'}}
    second = {"function": {"name": "g", "arguments": "{}"}}
    _, facts = whole({"content": "Voici.", "tool_calls": [first, second]})
    streamed = stream_of(
        {"content": ""}, {"tool_calls": [{"index": 0, **first}]}, {"tool_calls": [{"index": 1, **second}]}
    )
    streamed.feed(event({"content": "Voici."}))
    assert streamed.close().text == facts.text == 'Voici.\n{"to": "zoe.vasseur@example.fr"}\n{}'


def test_a_call_of_the_former_kind_is_recorded_too() -> None:
    call = {"name": "f", "arguments": '{"to": "[EMAIL_H4RT]"}'}
    _, facts = whole({"content": None, "function_call": call})
    streamed = stream_of({"role": "assistant", "content": ""}, {"function_call": call})
    assert streamed.close().text == facts.text == '{"to": "zoe.vasseur@example.fr"}'


def test_the_facts_of_an_answer_print_nothing_of_it() -> None:
    _, facts = whole({"content": "à [EMAIL_H4RT]"})
    assert "vasseur" not in repr(facts)
    assert "EMAIL" not in repr(facts)


FORGED = {"deployment": {"name": "embedded", "own": True}, "outcome": {"restored": 99}}


@pytest.mark.parametrize("table", [TABLE, NOTHING])
@pytest.mark.parametrize("key", ['"bouclier"', '"\\u0062ouclier"'])
def test_a_deployment_cannot_speak_under_our_name(table: Pseudonyms, key: str) -> None:
    forged = f"{key}: {json.dumps(FORGED)}"
    choice = '"choices": [{"index": 0, "delta": {"content": "oui"}, "finish_reason": %s}]'
    stream = AnswerStream(table=table, json_answer=False, ours={"exchange": "e"})
    out = b""
    for ending in ("null", "null", '"stop"'):
        out += stream.feed(f"data: {{{choice % ending}, {forged}}}\n\n".encode())
    out += stream.feed(f'data: {{"choices": [], {forged}}}\n\n'.encode())
    out += stream.feed(f'data: {{"error": {{{forged}, "message": "no"}}}}\n\n'.encode())
    events = [json.loads(line[6:]) for line in out.decode().splitlines() if line]
    assert [event.get("bouclier") for event in events] == [
        {"exchange": "e"},
        None,
        {"outcome": {"restored": 0}},
        None,
        None,
    ]
    assert events[-1]["error"] == {"message": "no"}
    body = f'{{"choices": [{{"message": {{"content": "oui"}}}}], {forged}}}'.encode()
    written, _ = restored_answer(body, table=table, json_answer=False, ours={"exchange": "e"})
    assert written.count(b"bouclier") == 1
    assert json.loads(written)["bouclier"] == {"exchange": "e", "outcome": {"restored": 0}}


def test_content_in_parts_and_reasoning_in_details_are_restored_like_a_text() -> None:
    stream = stream_of(finish=None)
    deltas: list[dict[str, Any]] = [
        {"content": [{"type": "text", "text": "à [EMA"}], "reasoning_details": [{"text": "[EMAIL_H4"}]},
        {"content": [{"type": "text", "text": "IL_H4RT] [EM"}], "reasoning_details": [{"text": "RT]"}]},
    ]
    got = [delta_in(stream.feed(event(delta))) for delta in deltas]
    last = delta_in(stream.feed(event({}, finish="stop")))
    texts = [part["text"] for delta in (*got, last) for part in delta["content"]]
    assert "".join(texts) == stream.close().text == "à zoe.vasseur@example.fr [EM"
    assert all(part["type"] == "text" for delta in (*got, last) for part in delta["content"])
    assert "".join(delta["reasoning_details"][0]["text"] for delta in got) == "zoe.vasseur@example.fr"


def test_odd_usage_and_odd_choices_do_not_end_a_good_stream() -> None:
    stream = stream_of({"content": "oui"})
    for odd in ({"choices": None}, {"choices": [], "usage": {"prompt_tokens": 1.5}}):
        stream.feed(b"data: " + json.dumps(odd).encode() + b"\n\n")
    stream.feed(b"data: " + json.dumps({"choices": [{"index": [1], "delta": {}}]}).encode() + b"\n\n")
    assert stream.failure is None
    assert stream.close().text == "oui"


def test_a_stream_without_end_is_cut_before_it_fills_the_memory() -> None:
    stream = stream_of(finish=None)
    fed = 0
    while stream.failure is None:
        stream.feed(event({"content": "x" * 1_000_000}))
        fed += 1
        assert fed < 100


def test_a_field_nobody_listed_is_restored_wherever_it_stands() -> None:
    stream = stream_of({"content": "a"}, finish=None)
    got = delta_in(stream.feed(event({"content": None, "audio": {"transcript": "Hi [EMAIL_H4RT]"}})))
    assert got["audio"] == {"transcript": "Hi zoe.vasseur@example.fr"}


@pytest.mark.parametrize("cut", range(8))
def test_nothing_hides_behind_a_byte_order_mark(cut: int) -> None:
    raw = b'\xef\xbb\xbfdata: {"choices": [{"delta": {"content": "[EMAIL_H4RT]"}}], "bouclier": {"forged": 1}}\n\n'
    stream = AnswerStream(table=TABLE, json_answer=False, ours={"exchange": "e"})
    out = stream.feed(raw[:cut]) + stream.feed(raw[cut:])
    said = json.loads(out.removeprefix(b"data: "))
    assert said["bouclier"] == {"exchange": "e"}
    assert said["choices"][0]["delta"]["content"] == "zoe.vasseur@example.fr"


def test_line_ends_mean_the_same_however_they_are_cut() -> None:
    raw = b'data: {"choices": [{"delta": {"content": "a"}}]}\r\n\ndata: [DONE]\r\n\r\n'
    whole_stream, cut_stream = stream_of(finish=None), stream_of(finish=None)
    expected = whole_stream.feed(raw)
    assert b"".join([cut_stream.feed(raw[at : at + 1]) for at in range(len(raw))]) == expected
    assert expected.count(b"data:") == 2


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ({"content": "a ["}, {"content": [{"type": "text", "text": "b"}]}),
        ({"content": [{"type": "text", "text": "a ["}]}, {"content": "b"}),
        ({"reasoning": "["}, {"reasoning": {"text": "b"}}),
    ],
)
def test_a_message_that_changes_its_shape_while_a_text_is_held_is_a_failure_not_a_loss(
    first: dict[str, Any], last: dict[str, Any]
) -> None:
    stream = stream_of(first, finish=None)
    stream.feed(event(last, finish="stop"))
    assert isinstance(stream.failure, UpstreamProtocolError)


def test_choices_without_end_are_a_failure_before_they_fill_the_memory() -> None:
    stream = stream_of(finish=None)
    for index in range(1000):
        stream.feed(event({"content": "["}, index=index))
    assert isinstance(stream.failure, UpstreamProtocolError)
