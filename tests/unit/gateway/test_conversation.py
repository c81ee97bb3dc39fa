"""Which conversation an exchange belongs to decides its pseudonyms; what carries text leaves as its place allows."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bouclier.gateway.chat_request import parse_chat_request, rewritten
from bouclier.gateway.cloaking import cloaked_for
from bouclier.gateway.conversation import conversation_of, key_of
from bouclier.shield import TAGS, CloakSettings, Pseudonyms, restore
from bouclier.terms.content import DataClass, EntityType, Finding
from bouclier.terms.errors import RequestError
from bouclier.terms.exchange import Inspected, Received
from bouclier.terms.law import Case, Principal

SYSTEM = {"role": "system", "content": "Vous aidez."}
FIRST = {"role": "user", "content": "Bonjour Ada"}
SECRET = bytes(32)
TAG = r"PERSON_[A-Z2-9]{4,}"


def received(*messages: dict[str, Any], principal: str = "mairie", **body: Any) -> Received:
    request = parse_chat_request(json.dumps({"model": "auto", "messages": messages, **body}).encode())
    return Received(
        exchange_id="e" * 32,
        principal=Principal(principal),
        purpose="unspecified",
        declared_class=None,
        request=request,
    )


def number_of(exchange: Received, *, conversation: str | None = None, secret: bytes = SECRET) -> int:
    return key_of(exchange, secret=secret, conversation=conversation).number("test")


def test_later_turns_belong_to_the_conversation_they_continue() -> None:
    begun = number_of(received(SYSTEM, FIRST))
    answer = {"role": "assistant", "content": "Oui ?"}
    assert number_of(received(SYSTEM, FIRST, answer, {"role": "user", "content": "[PERSON_1]"}), secret=SECRET) == begun
    assert number_of(received(SYSTEM, FIRST, temperature=0.5, metadata={"x": "y"})) == begun


@pytest.mark.parametrize(
    "other",
    [
        received(SYSTEM, {"role": "user", "content": "Bonsoir Ada"}),
        received({"role": "system", "content": "Vous traduisez."}, FIRST),
        received(FIRST),
        received(SYSTEM, FIRST, principal="prefecture"),
        received(SYSTEM, FIRST, metadata={"conversation": "42"}),
        received({"role": "assistant", "content": "Vous aidez."}),
    ],
)
def test_another_beginning_another_name_or_another_principal_is_another_conversation(other: Received) -> None:
    assert number_of(other) != number_of(received(SYSTEM, FIRST))


def test_a_name_decides_whatever_is_said_and_the_header_before_the_body() -> None:
    named = number_of(received(FIRST), conversation="42")
    assert number_of(received(SYSTEM), conversation="42") == named
    assert number_of(received(SYSTEM, metadata={"conversation": "42"})) == named
    assert number_of(received(SYSTEM, metadata={"conversation": "43"}), conversation="42") == named
    assert number_of(received(FIRST, principal="prefecture"), conversation="42") != named
    assert number_of(received(FIRST), conversation="42", secret=b"1" * 32) != named


@pytest.mark.parametrize("metadata", [None, "x", [], {"conversation": 1}, {"conversation": ""}, {"conversation": None}])
def test_what_names_no_conversation_is_no_name(metadata: object) -> None:
    assert number_of(received(SYSTEM, FIRST, metadata=metadata)) == number_of(received(SYSTEM, FIRST))


def test_the_header_names_a_conversation_or_is_an_error() -> None:
    assert conversation_of({}) is None
    assert conversation_of({b"x-bouclier-conversation": b"a/42-B"}) == "a/42-B"
    for wrong in (b"", b"a b", b"\xe9", b"x" * 129):
        with pytest.raises(RequestError):
            conversation_of({b"x-bouclier-conversation": wrong})


def sent(*messages: dict[str, Any], settings: CloakSettings = TAGS, **body: Any) -> tuple[Any, Pseudonyms]:
    """A request in which every `Ada` was found to be a person, as it leaves."""
    exchange = received(*messages, **body)
    findings = tuple(
        tuple(Finding(*match.span(), EntityType.PERSON, 1.0, "test") for match in re.finditer("Ada", part.text))
        for part in exchange.request.parts
    )
    case = Case(role="agent", purpose="unspecified", data_class=DataClass.PERSONAL)
    inspected = Inspected(received=exchange, findings=findings, case=case, uninspected=0)
    cloaked = cloaked_for(inspected, secret=SECRET, settings=settings, conversation=None)
    return json.loads(rewritten(exchange.request, cloaked.texts, model="m")), Pseudonyms(cloaked.pseudonyms)


def test_whatever_carries_text_is_cloaked_with_the_same_tag() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"Ada é":["Ada"]}'}}
    left, table = sent(
        {"role": "system", "content": "Pour Ada"},
        {"role": "user", "content": [{"type": "input_text", "text": "Ada"}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "Ada"},
        tools=[{"type": "function", "function": {"name": "f", "description": "Ada", "parameters": {"enum": ["Ada"]}}}],
        stop=["Ada"],
        prediction={"type": "content", "content": "Ada"},
        metadata={"Ada é": "Ada"},
        input=["Ada", {"role": "user", "content": "Ada"}],
    )
    spelled = json.dumps(left, ensure_ascii=False)
    assert "Ada" not in spelled
    assert len(set(re.findall(TAG, spelled))) == 1
    assert len(re.findall(rf"\[{TAG}\]", spelled)) == 13
    assert restore(left["messages"][2]["tool_calls"][0]["function"]["arguments"], table, json_string=True) == (
        '{"Ada é":["Ada"]}'
    )


def test_the_user_leaves_as_a_hash_that_only_this_conversation_has() -> None:
    about: dict[str, Any] = {"user": "Ada", "safety_identifier": "Ada", "prompt_cache_key": "k"}
    left, _ = sent(FIRST, **about)
    other, _ = sent({"role": "user", "content": "Bonsoir"}, **about)
    assert left["user"] == left["safety_identifier"]
    for name in about:
        assert re.fullmatch("[0-9a-f]{32}", left[name])
        assert left[name] != other[name]


def test_a_name_leaves_without_the_brackets_no_name_may_have_and_comes_back() -> None:
    left, table = sent({**FIRST, "name": "Ada"}, {"role": "user", "content": "x", "name": "xAda"})
    name, inside = (message["name"] for message in left["messages"])
    assert re.fullmatch(TAG, name)
    assert restore(name, table) == "Ada"
    assert restore(inside, table) == "xAda"


def test_with_surrogates_set_a_request_reads_like_one() -> None:
    left, table = sent(FIRST, settings=CloakSettings(frozenset({EntityType.PERSON})))
    content = left["messages"][0]["content"]
    assert re.fullmatch(r"Bonjour [A-ZÀ-Ý][^\W\d_]+", content)
    assert content != FIRST["content"]
    assert restore(content, table) == FIRST["content"]
