"""What an exchange cost, as OpenAI's own client reads it, and as the log says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import openai
import pytest
from tests.servers import concluded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Served

HEADER = re.compile(
    r'carbon-ug=\((\d+) (\d+)\), energy-uwh=\((\d+) (\d+)\), method="ecologits-0\.11"(, zone="[A-Z]+")?'
)


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=served.base_url, api_key=served.key, max_retries=0) as one:
        yield one


def carbon_of(usage: Any) -> tuple[int, int]:
    carbon = usage.carbon
    assert carbon["kWh"]["min"] <= carbon["kWh"]["max"]
    return round(carbon["kgCO2eq"]["min"] * 1e9), round(carbon["kgCO2eq"]["max"] * 1e9)


def test_an_answer_the_header_our_object_and_the_log_say_the_same(client: openai.OpenAI, served: Served) -> None:
    told = client.chat.completions.with_raw_response.create(
        model="echo", messages=[{"role": "user", "content": "Bonjour"}]
    )
    answer: Any = told.parse()
    low, high = carbon_of(answer.usage)
    assert 0 < low < high
    found = HEADER.fullmatch(told.headers["x-bouclier-footprint"])
    assert found is not None
    assert (int(found[1]), int(found[2])) == (low, high)
    assert answer.bouclier["footprint"]["carbon_ug"] == [low, high]
    recorded = [
        entry["footprint"]["carbon_ug"]
        for entry in concluded(served.data)
        if entry["kind"] == "outcome" and entry["exchange"] == answer.bouclier["exchange"]
    ]
    assert recorded == [[low, high]]


def test_a_stream_says_it_where_it_counts_tokens(client: openai.OpenAI) -> None:
    chunks: list[Any] = list(
        client.chat.completions.create(
            model="echo",
            messages=[{"role": "user", "content": "Bonjour"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    low, high = carbon_of(chunks[-1].usage)
    assert 0 < low < high


def test_a_stream_whose_tokens_nobody_asked_for_has_no_usage(client: openai.OpenAI) -> None:
    chunks: list[Any] = list(
        client.chat.completions.create(model="echo", messages=[{"role": "user", "content": "Bonjour"}], stream=True)
    )
    assert all(chunk.usage is None for chunk in chunks)
