"""Fuzz the reading of chat requests: `python fuzz/fuzz_chat_request.py -max_total_time=120`."""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import quote

import atheris

with atheris.instrument_imports(include=["bouclier"]):
    from bouclier.gateway.chat_request import parse_chat_request, rewritten
    from bouclier.terms.errors import RequestError

KEYS = ["content", "text", "type", "role", "name", "arguments", "metadata", "properties", "$json", "$name", "é@", "url"]
TEXTS = [
    "Zoé",
    '{"a": "Zoé"}',
    '"\\u00e9"',
    "[[]",
    "data:image/png;name=z%20o.png;base64,AA",
    "user",
    "text",
    "12345678",
]


def any_value(given: Any, depth: int) -> Any:
    match given.ConsumeIntInRange(0, 7 if depth else 4):
        case 0:
            return given.ConsumeUnicodeNoSurrogates(8)
        case 1:
            return given.PickValueInList(TEXTS)
        case 2:
            return given.ConsumeInt(9)
        case 3:
            return given.PickValueInList([None, True, False, 0.5])
        case 4:
            return json.dumps(any_value(given, depth - 1)) if depth else "x"
        case 5:
            return [any_value(given, depth - 1) for _ in range(given.ConsumeIntInRange(0, 3))]
        case _:
            return {
                given.PickValueInList(KEYS): any_value(given, depth - 1) for _ in range(given.ConsumeIntInRange(0, 3))
            }


def one_input(data: bytes) -> None:
    given = atheris.FuzzedDataProvider(data)
    if given.ConsumeBool():
        raw = given.ConsumeBytes(400)
    else:
        body = {
            "model": "auto",
            "messages": [{"role": "user", "content": any_value(given, 3)}],
            "x": any_value(given, 4),
        }
        raw = json.dumps({**body, "metadata": any_value(given, 3)}, ensure_ascii=given.ConsumeBool()).encode()
    try:
        request = parse_chat_request(raw)
    except RequestError as error:
        assert "Zoé" not in str(error.message)
        return
    same = json.loads(rewritten(request, [part.text for part in request.parts], model="auto"))
    expected = {**request.body, "model": "auto"}
    expected.pop("bouclier", None)
    assert json.dumps(same, sort_keys=True) == json.dumps(expected, sort_keys=True)
    marks = [f"«{at}»" for at in range(len(request.parts))]
    left = json.dumps(json.loads(rewritten(request, marks, model="auto")), ensure_ascii=False)
    for mark, part in zip(marks, request.parts, strict=True):
        in_a_name = quote(mark) in left  # the name of a file in a data URL
        assert part.fixed or mark in left or in_a_name, part.path


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
