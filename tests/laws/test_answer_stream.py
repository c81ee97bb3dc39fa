"""The laws of a streamed answer: however it is cut, the caller reads what it would have read in one piece."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bouclier.gateway.answer import AnswerFacts, restored_answer
from bouclier.gateway.answer_stream import AnswerStream
from bouclier.shield import Pseudonyms, restore
from bouclier.terms.errors import StreamInterrupted, UpstreamProtocolError

ORIGINALS = {
    "[PERSON_K7QX]": 'Zoé « "Ada" » \\ Vasseur\n',
    "[EMAIL_H4RT]": "zoe.vasseur@example.fr",
    "[PERSON_K7QXB3]": "𝄞",
}
TABLE = Pseudonyms(ORIGINALS)
PSEUDONYM = re.compile("|".join(map(re.escape, sorted(ORIGINALS, key=len, reverse=True))))
OURS = {"exchange": "e", "decision": {"permitted": True}}
FRAGMENTS = st.sampled_from(
    [*ORIGINALS, *ORIGINALS, "[", "[PERSON_", "[PERSON_B2CD]", "]", "é", "𝄞", '"', "\\", "\n", " "]
)
TEXTS = st.lists(FRAGMENTS | st.text(max_size=4), max_size=8).map("".join)
TABLES = st.sampled_from([TABLE, TABLE, TABLE, Pseudonyms({})])


@st.composite
def cuts(draw: st.DrawFn, text: str) -> list[str]:
    at = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    return [text[start:end] for start, end in zip([0, *at], [*at, len(text)], strict=True)]


@st.composite
def json_texts(draw: st.DrawFn) -> str:
    """JSON whose strings hold pseudonyms, spelled in one of the many ways JSON allows."""
    value = draw(st.dictionaries(st.sampled_from("ab"), TEXTS | st.lists(TEXTS, max_size=2), max_size=2))
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    return text.replace("[PERSON", "\\u005bPERSON") if draw(st.booleans()) else text


@dataclass
class Said:
    """What a deployment says: the texts of each choice by (field, number of the call), and how it ends."""

    texts: list[dict[tuple[str, int], str]]
    finish: list[str]
    json_answer: bool

    def message(self, index: int) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": None}
        for (field, number), text in self.texts[index].items():
            if field == "function_call":
                message["function_call"] = {"name": "notify", "arguments": text}
            elif field == "tool":
                call = {"id": f"call_{number}", "type": "function", "function": {"name": "notify", "arguments": text}}
                message.setdefault("tool_calls", []).append(call)
            else:
                message[field] = text
        return message

    def whole(self) -> bytes:
        choices = [
            {"index": index, "message": self.message(index), "finish_reason": self.finish[index], "logprobs": None}
            for index in range(len(self.texts))
        ]
        return json.dumps({**HEAD, "choices": choices, "usage": USAGE}).encode()


HEAD = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "x_unknown": {"kept": [1, 2.5]}}
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


@st.composite
def said(draw: st.DrawFn) -> Said:
    json_answer = draw(st.booleans())
    texts: list[dict[tuple[str, int], str]] = []
    for _ in range(draw(st.integers(1, 3))):
        one: dict[tuple[str, int], str] = {}
        for field in draw(
            st.lists(st.sampled_from(["content", "reasoning_content", "refusal", "reasoning"]), unique=True)
        ):
            one[field, 0] = draw(json_texts() if json_answer and field == "content" else TEXTS)
        for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
            one["tool", number] = draw(json_texts())
        if not any(field == "tool" for field, _ in one) and draw(st.integers(0, 3)) == 0:
            one["function_call", 0] = draw(json_texts())
        texts.append(one)
    reasons = draw(st.lists(st.sampled_from(["stop", "length", "tool_calls"]), min_size=3, max_size=3))
    return Said(texts, reasons[: len(texts)], json_answer)


def delta_of(field: str, number: int, piece: str, *, first: bool) -> dict[str, Any]:
    if field == "function_call":
        return {"function_call": {**({"name": "notify"} if first else {}), "arguments": piece}}
    if field == "tool":
        opening = {"id": f"call_{number}", "type": "function"} if first else {}
        function = {**({"name": "notify"} if first else {}), "arguments": piece}
        return {"tool_calls": [{"index": number, **opening, "function": function}]}
    return {field: piece}


def event_of(*choices: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**HEAD, "object": "chat.completion.chunk", "choices": list(choices), **more}


@st.composite
def events(draw: st.DrawFn, answer: Said) -> list[dict[str, Any]]:
    """The answer's texts in deltas of any size, choices and fields interleaved in any order."""
    queues = [
        (index, field, number, draw(cuts(text)))
        for index, one in enumerate(answer.texts)
        for (field, number), text in one.items()
    ]
    turns = draw(st.permutations([at for at, queue in enumerate(queues) for _ in queue[3]]))
    position = [0] * len(queues)
    written = [event_of({"index": 0, "delta": {"role": "assistant"}, "finish_reason": None})]
    for at in turns:
        index, field, number, pieces = queues[at]
        delta = delta_of(field, number, pieces[position[at]], first=position[at] == 0)
        position[at] += 1
        choice = {"index": index, "delta": delta, "finish_reason": None, "logprobs": None}
        last = written[-1]["choices"]
        if len(written) > 1 and draw(st.integers(0, 3)) == 0 and all(one["index"] != index for one in last):
            last.append(choice)  # several choices in one event
        else:
            written.append(event_of(choice))
    for index, reason in enumerate(answer.finish):
        written.append(event_of({"index": index, "delta": {}, "finish_reason": reason}))
    written.append(event_of(usage=USAGE))
    return written


@st.composite
def spelled(draw: st.DrawFn, written: list[dict[str, Any]]) -> bytes:
    """Server-sent events as the specification allows them to be spelled."""
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    space = draw(st.sampled_from([" ", ""]))
    lines: list[str] = []
    for event in written:
        if draw(st.integers(0, 5)) == 0:
            lines += draw(st.sampled_from([[": keep-alive", ""], [""], ["event: message"], ["id: 1"]]))
        pretty = draw(st.integers(0, 5)) == 0
        text = json.dumps(event, ensure_ascii=draw(st.booleans()), indent=1 if pretty else None)
        lines += [f"data:{space}{line}" for line in text.split("\n")]
        lines.append("")
    return end.join([*lines, f"data:{space}[DONE]", "", ""]).encode()


@st.composite
def byte_cuts(draw: st.DrawFn, raw: bytes) -> list[bytes]:
    if draw(st.integers(0, 4)) == 0:
        return [raw[at : at + 1] for at in range(len(raw))]
    at = sorted(draw(st.lists(st.integers(0, len(raw)), max_size=12)))
    return [raw[start:end] for start, end in zip([0, *at], [*at, len(raw)], strict=True)]


@dataclass
class Read:
    """What a caller makes of a stream, read as the specification says."""

    events: list[dict[str, Any]]
    done: int
    texts: list[dict[tuple[str, int], str]]


def read(raw: bytes, choices: int = 1) -> Read:
    events: list[dict[str, Any]] = []
    done = 0
    for block in re.split(r"(?:\r\n|\r|\n){2}", raw.decode()):
        data = [line[5:].removeprefix(" ") for line in re.split(r"\r\n|\r|\n", block) if line.startswith("data:")]
        if data == ["[DONE]"]:
            done += 1
        elif data:
            assert done == 0
            events.append(json.loads("\n".join(data)))
    texts: list[dict[tuple[str, int], str]] = [{} for _ in range(choices)]
    for choice in (choice for event in events for choice in event["choices"]):
        one = texts[choice["index"]]
        for field, value in choice["delta"].items():
            if field == "tool_calls":
                for call in value or ():
                    key = ("tool", call["index"])
                    one[key] = one.get(key, "") + call["function"].get("arguments", "")
            elif field == "function_call":
                one[field, 0] = one.get((field, 0), "") + value.get("arguments", "")
            elif field != "role":
                one[field, 0] = one.get((field, 0), "") + value
    return Read(events, done, texts)


def through(stream: AnswerStream, pieces: list[bytes]) -> tuple[bytes, AnswerFacts]:
    out = b"".join([stream.feed(piece) for piece in pieces])
    assert stream.failure is None
    out += stream.finish()
    return out, stream.close()


def expected(text: str, table: Pseudonyms, *, json_string: bool) -> str:
    """What the caller must read, found without the code under test."""
    if not table:
        return text
    if not json_string:
        return PSEUDONYM.sub(lambda match: ORIGINALS[match.group()], text)

    def undone(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: undone(item) for key, item in value.items()}
        if isinstance(value, list):
            return [undone(item) for item in value]
        return expected(value, table, json_string=False)

    return json.dumps(undone(json.loads(text)))


def is_json(answer: Said, field: str) -> bool:
    return field in {"tool", "function_call"} or (answer.json_answer and field == "content")


@given(said(), TABLES, st.data())
def test_a_streamed_answer_reads_like_the_whole_one_in_the_users_own_words(
    answer: Said, table: Pseudonyms, data: st.DataObject
) -> None:
    raw = data.draw(spelled(data.draw(events(answer))))
    stream = AnswerStream(table=table, json_answer=answer.json_answer, ours=dict(OURS))
    out, facts = through(stream, data.draw(byte_cuts(raw)))
    got = read(out, len(answer.texts))
    whole, whole_facts = restored_answer(answer.whole(), table=table, json_answer=answer.json_answer, ours=dict(OURS))
    choices = json.loads(whole)["choices"]
    for index, one in enumerate(answer.texts):
        assert got.texts[index].keys() == one.keys()
        message = choices[index]["message"]
        for (field, number), text in one.items():
            streamed = got.texts[index][field, number]
            wanted = expected(text, table, json_string=is_json(answer, field))
            if is_json(answer, field):
                assert json.loads(streamed) == json.loads(wanted)
            else:
                assert streamed == wanted
            if field == "tool":
                assert streamed == message["tool_calls"][number]["function"]["arguments"]
            else:
                assert streamed == (message[field]["arguments"] if field == "function_call" else message[field])
    assert got.done == 1
    assert (facts.restored, facts.finish_reasons) == (whole_facts.restored, tuple(answer.finish))
    assert whole_facts.finish_reasons == facts.finish_reasons
    assert (facts.prompt_tokens, facts.completion_tokens) == (11, 7)


@given(said(), TABLES, st.data())
def test_cutting_the_bytes_differently_never_changes_a_byte_of_what_is_sent(
    answer: Said, table: Pseudonyms, data: st.DataObject
) -> None:
    raw = data.draw(spelled(data.draw(events(answer))))
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw)))]  # an answer that stops anywhere stops alike
    sent = []
    for pieces in ([raw], data.draw(byte_cuts(raw))):
        stream = AnswerStream(table=table, json_answer=answer.json_answer, ours=dict(OURS))
        out = b"".join([stream.feed(piece) for piece in pieces])
        try:
            out += stream.finish()
        except (StreamInterrupted, UpstreamProtocolError) as error:
            out += error.code.encode()
        sent.append((out, stream.close()))
    assert sent[0] == sent[1]


@given(said(), TABLES, st.data())
def test_what_is_not_text_survives_and_ours_stands_in_the_first_event_and_the_last_of_each_choice(
    answer: Said, table: Pseudonyms, data: st.DataObject
) -> None:
    written = data.draw(events(answer))
    raw = data.draw(spelled(written))
    stream = AnswerStream(table=table, json_answer=answer.json_answer, ours=dict(OURS))
    out, facts = through(stream, data.draw(byte_cuts(raw)))
    got = read(out, len(answer.texts))
    assert len(got.events) == len(written)
    for sent, came in zip(got.events, written, strict=True):
        assert {**sent, "choices": None, "bouclier": None} == {**came, "choices": None, "bouclier": None}
        for ours, theirs in zip(sent["choices"], came["choices"], strict=True):
            assert (ours["index"], ours["finish_reason"]) == (theirs["index"], theirs["finish_reason"])
    assert {key: got.events[0]["bouclier"][key] for key in OURS} == OURS
    for event in got.events[1:]:
        ends = any(choice["finish_reason"] for choice in event["choices"])
        assert ("bouclier" in event) == ends
    outcomes = [event["bouclier"]["outcome"] for event in got.events if "outcome" in event.get("bouclier", {})]
    assert outcomes[-1]["restored"] == facts.restored
    assert outcomes[-1].get("unrestored", 0) == facts.unrestored


@given(TEXTS, st.data())
def test_an_event_with_nothing_to_change_passes_byte_for_byte(text: str, data: st.DataObject) -> None:
    said_ = Said([{("content", 0): text}], ["stop"], json_answer=False)
    raw = [b"data: " + json.dumps(event).encode() + b"\n\n" for event in data.draw(events(said_))]
    stream = AnswerStream(table=TABLE, json_answer=False, ours=dict(OURS))
    quiet = True
    for event, came in zip(raw, [json.loads(event[6:]) for event in raw], strict=True):
        out = stream.feed(event)
        content = "".join(choice["delta"].get("content", "") for choice in came["choices"])
        quiet = quiet and re.search(r"[\[⟦【［〔\\&]|(?i:pe|em|co|ma|no|na|(?:p|e|c|m|n)\Z)", content) is None
        if quiet and event is not raw[0] and not any(choice["finish_reason"] for choice in came["choices"]):
            assert out == event


@given(TEXTS, st.data())
def test_no_more_is_held_back_than_the_beginning_of_a_pseudonym(text: str, data: st.DataObject) -> None:
    answer = Said([{("content", 0): text}], ["stop"], json_answer=False)
    stream = AnswerStream(table=TABLE, json_answer=False, ours=dict(OURS))
    came, sent = "", b""
    for event in data.draw(events(answer)):
        came += "".join(choice["delta"].get("content", "") for choice in event["choices"])
        sent += stream.feed(b"data: " + json.dumps(event).encode() + b"\n\n")
        written = read(sent).texts[0].get(("content", 0), "")
        passed = max(n for n in range(len(came) + 1) if restore(came[:n], TABLE) == written)
        assert len(came) - passed <= TABLE.longest


@given(said(), st.data())
def test_the_text_that_is_recorded_is_the_text_the_caller_was_handed(answer: Said, data: st.DataObject) -> None:
    raw = data.draw(spelled(data.draw(events(answer))))
    pieces = data.draw(byte_cuts(raw))
    stream = AnswerStream(table=TABLE, json_answer=answer.json_answer, ours=dict(OURS))
    sent = b"".join([stream.feed(piece) for piece in pieces[: data.draw(st.integers(0, len(pieces)))]])
    handed = [
        text
        for one in read(sent, len(answer.texts)).texts
        for (field, _), text in one.items()
        if field in {"content", "tool", "function_call"} and text
    ]
    recorded = stream.close().text
    assert sorted(recorded) == sorted("".join(handed) + "\n" * (len(recorded) - len("".join(handed))))
    for text in handed:
        assert text in recorded


@given(said(), st.integers(0, 2000), st.data())
@example(Said([{("content", 0): "bonjour"}], ["stop"], json_answer=False), 0, None)
def test_a_stream_that_stops_before_any_choice_ended_is_an_error_and_never_a_short_answer(
    answer: Said, length: int, data: st.DataObject | None
) -> None:
    written = [] if data is None else data.draw(events(answer))
    open_ended = [event for event in written if not any(choice["finish_reason"] for choice in event["choices"])]
    raw = "".join(f"data: {json.dumps(event)}\n\n" for event in open_ended).encode()[:length]
    stream = AnswerStream(table=TABLE, json_answer=answer.json_answer, ours=dict(OURS))
    stream.feed(raw)
    with pytest.raises((StreamInterrupted, UpstreamProtocolError)):
        stream.finish()


def streamed(*written: str, table: Pseudonyms = TABLE) -> tuple[Read, AnswerFacts]:
    stream = AnswerStream(table=table, json_answer=False, ours=dict(OURS))
    out, facts = through(stream, ["".join(f"data: {one}\n\n" for one in written).encode()])
    return read(out, 2), facts


def content(text: str, **more: Any) -> str:
    return json.dumps(event_of({"index": 0, "delta": {"content": text}, "finish_reason": None, **more}))


END = json.dumps(event_of({"index": 0, "delta": {}, "finish_reason": "stop"}))


@pytest.mark.parametrize("last", [END, "[DONE]"])
def test_what_looked_like_a_pseudonym_to_the_end_is_handed_over_at_the_end(last: str) -> None:
    got, facts = streamed(content("Voir [PERSON_K7"), last)
    assert got.texts[0]["content", 0] == facts.text == "Voir [PERSON_K7"
    assert got.done == (last == "[DONE]")


def test_pieces_of_pseudonyms_do_not_come_back_as_log_probabilities() -> None:
    shown = {"content": [{"token": "[PER", "logprob": -0.1}]}
    got, _ = streamed(content("[PER", logprobs=shown), content("SON_1]", logprobs=shown), END)
    assert [event["choices"][0].get("logprobs") for event in got.events] == [None, None, None]
    kept, _ = streamed(content("a", logprobs=shown), END, table=Pseudonyms({}))
    assert kept.events[0]["choices"][0]["logprobs"] == shown


def test_an_error_in_the_stream_is_passed_on_in_the_users_words_and_ends_it() -> None:
    said_ = json.dumps({"error": {"message": "no: [EMAIL_H4RT]", "code": 1}, "choices": []})
    got, _ = streamed(content("a"), said_)
    assert got.events[-1]["error"] == {"message": "no: zoe.vasseur@example.fr", "code": 1}


@pytest.mark.parametrize(
    "data", ["{not json", "[]", '"x"', '{"choices": 1}', '{"choices": [{"delta": {"content": 1}}]}']
)
def test_what_is_no_chunk_is_a_failure_after_what_was_good(data: str) -> None:
    stream = AnswerStream(table=TABLE, json_answer=False, ours=dict(OURS))
    out = stream.feed(f"data: {content('bonjour')}\n\ndata: {data}\n\n".encode())
    assert read(out).texts == [{("content", 0): "bonjour"}]
    assert isinstance(stream.failure, UpstreamProtocolError)
    assert "bonjour" not in str(stream.failure.message)


def test_an_event_without_end_is_a_failure_before_it_fills_the_memory() -> None:
    stream = AnswerStream(table=TABLE, json_answer=False, ours=dict(OURS))
    fed = 0
    while stream.failure is None:
        stream.feed(b"data: " + b"x" * 1_000_000)
        fed += 1
        assert fed < 10
    assert isinstance(stream.failure, UpstreamProtocolError)
