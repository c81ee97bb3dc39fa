"""Many exchanges at once through one gateway: every caller gets its own words back, and nobody else's."""

from __future__ import annotations

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
from tests.tags import numbered

from bouclier.shield import PSEUDONYM

if TYPE_CHECKING:
    from tests.servers import Deployment, Served

CALLERS = 64
MAIL = "zoe{0}.vasseur@example.fr"
TEXT = f"N° {{0}} : {MAIL}, puis 06 39 98 {{1:02}} {{2:02}}, encore {MAIL} et marc{{0}}@example.org."


def text_of(number: int) -> str:
    return TEXT.format(number, number // 100, number % 100)


def post(served: Served, messages: list[dict[str, Any]], *, stream: bool) -> httpx.Response:
    body = {"model": "echo", "messages": messages, "stream": stream}
    headers = {"authorization": f"Bearer {served.key}"}
    return httpx.post(f"{served.base_url}/chat/completions", json=body, headers=headers, timeout=60)


def content_of(answer: httpx.Response, *, stream: bool) -> str:
    if not stream:
        return str(answer.json()["choices"][0]["message"]["content"])
    data = [line[6:] for line in answer.text.split("\n") if line.startswith("data: ") and line != "data: [DONE]"]
    deltas = [choice["delta"] for one in data for choice in json.loads(one)["choices"]]
    return "".join(delta.get("content") or "" for delta in deltas)


def test_exchanges_at_once_never_mix(served: Served, deployment: Deployment) -> None:
    before = len(deployment.seen())
    together = threading.Barrier(CALLERS)

    def one(number: int) -> str:
        together.wait(timeout=30)
        stream = number % 2 == 0
        return content_of(post(served, [{"role": "user", "content": text_of(number)}], stream=stream), stream=stream)

    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(one, range(CALLERS)))
    assert answers == [text_of(number) for number in range(CALLERS)]
    received = [line["body"]["messages"][0]["content"] for line in deployment.seen()[before:]]
    # Four characters out of 28: among 192 drawings two may meet by chance, in a run out of thirty; many never do.
    drawn = {tag for text in received for tag in PSEUDONYM.findall(text)}
    assert len(drawn) >= 3 * CALLERS - 6, "conversations draw their own pseudonyms"
    assert sorted(map(numbered, received)) == sorted(
        f"N° {number} : [EMAIL_1], puis [PHONE_1], encore [EMAIL_1] et [EMAIL_2]." for number in range(CALLERS)
    ), "the same pseudonyms stand for each caller's own words"


def test_a_conversation_with_one_more_turn_keeps_the_pseudonyms_of_its_earlier_turns(
    served: Served, deployment: Deployment
) -> None:
    before = len(deployment.seen())
    turns: list[dict[str, Any]] = []
    for number in range(4):
        turns.append({"role": "user", "content": text_of(number % 3)})
        answer = content_of(post(served, turns, stream=False), stream=False)
        assert answer == text_of(number % 3)
        turns.append({"role": "assistant", "content": answer})
    received = [line["body"]["messages"] for line in deployment.seen()[before:]]
    for shorter, longer in itertools.pairwise(received):
        assert longer[: len(shorter)] == shorter
    assert received[-1][-1] == received[-1][0], "what was said first keeps its pseudonyms when it is said again"
    assert "vasseur" not in json.dumps(received)
