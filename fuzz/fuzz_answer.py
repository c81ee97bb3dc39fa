"""Fuzz the stream of an answer: `python fuzz/fuzz_answer.py -max_total_time=120`."""

from __future__ import annotations

import json
import sys
from typing import Any

import atheris

with atheris.instrument_imports(include=["bouclier"]):
    from bouclier.gateway.answer import restored_answer
    from bouclier.gateway.answer_stream import AnswerStream
    from bouclier.shield import Pseudonyms
    from bouclier.terms.errors import BouclierError

TABLE = Pseudonyms({"[PERSON_K7QX]": 'Zoé "Ada"\n', "[EMAIL_H4RT]": "zoe@example.fr", "Ikram Morvan": "Zoé Vasseur"})
PIECES = [
    "[PERSON_K7QX]",
    "person k7qx",
    "[EMAIL_H4RT]",
    "Ikram Morvan",
    "[",
    "\\u005b",
    '"',
    "{",
    "é",
    "data: ",
    "\n\n",
]
FIELDS = ["content", "reasoning_content", "refusal", "x", "role", "name"]


def read(stream: bytes, sizes: list[int], *, json_answer: bool, table: Pseudonyms) -> tuple[Any, ...]:
    answer = AnswerStream(table=table, json_answer=json_answer, ours={"exchange": "e"})
    out, position, ending = b"", 0, ""
    for size in [*sizes, len(stream)]:
        out += answer.feed(stream[position : position + size])
        position += size
        if answer.failure is not None:
            break
    try:
        out += answer.finish()
    except BouclierError as error:
        ending = error.code
    return out, ending, answer.close()


def one_input(data: bytes) -> None:
    given = atheris.FuzzedDataProvider(data)
    json_answer = given.ConsumeBool()
    table = TABLE if given.ConsumeIntInRange(0, 3) else Pseudonyms({})
    sizes = [given.ConsumeIntInRange(1, 40) for _ in range(given.ConsumeIntInRange(0, 24))]
    stream = b""
    for _ in range(given.ConsumeIntInRange(0, 8)):
        text = given.PickValueInList(PIECES) + given.ConsumeUnicodeNoSurrogates(6)
        if given.ConsumeBool():
            delta: dict[str, Any] = {given.PickValueInList(FIELDS): text}
        else:
            delta = {"tool_calls": [{"index": 0, "id": text, "function": {"name": text, "arguments": text}}]}
        choice = {"index": given.ConsumeIntInRange(0, 1), "delta": delta, "finish_reason": None}
        stream += b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=given.ConsumeBool()).encode() + b"\n\n"
        if given.ConsumeIntInRange(0, 7) == 0:
            stream += given.ConsumeBytes(12)
    for index in range(2):
        stream += b'data: {"choices":[{"index":%d,"delta":{},"finish_reason":"stop"}]}\n\n' % index
    stream += given.PickValueInList([b"data: [DONE]\n\n", b""])
    assert read(stream, [], json_answer=json_answer, table=table) == read(
        stream, sizes, json_answer=json_answer, table=table
    )
    try:
        restored_answer(given.ConsumeBytes(200), table=table, json_answer=json_answer, ours={})
    except BouclierError:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
