"""Nothing a traceback, a log or a debugger prints shows what a user wrote, nor a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bouclier.compose.configuration import DeploymentSettings
from bouclier.fleet.adapters.http_client import Endpoint
from bouclier.gateway.adapters.key_file import KeyFile
from bouclier.gateway.answer_stream import AnswerStream
from bouclier.gateway.chat_request import parse_chat_request
from bouclier.gateway.reviews import Reviews
from bouclier.shield import ConversationKey, NetRule, Pseudonyms, Restorer, SecondNet, cloak
from bouclier.terms.content import DataClass, EntityType, Finding, SensitiveText, TextPart
from bouclier.terms.exchange import Answered, Committed, Inspected, Permitted, Placed, Position, Received, Recorded
from bouclier.terms.law import Case, Deployment, Exposure, LawStamp, Openness, Principal, Terms, Verdict

WORDS = ("Vasseur", "vasseur", "[EMAIL_", "Zoé", "s3cr3t")
BODY = {
    "model": "auto",
    "messages": [{"role": "user", "content": "Zoé Vasseur, zoe.vasseur@example.fr"}],
    "tools": [{"type": "function", "function": {"name": "f", "description": "Vasseur"}}],
    "arguments": json.dumps({"to": "zoe.vasseur@example.fr"}),
}
REQUEST = parse_chat_request(json.dumps(BODY).encode())
FOUND = Finding(start=13, end=35, type=EntityType.EMAIL, confidence=1.0, validated_by="shape")
KEY = ConversationKey(b"s3cr3t" * 5)
CLOAKED = cloak([REQUEST.parts[0].text], [[FOUND]], key=KEY)
DEPLOYMENT = Deployment(
    name="d",
    model="m",
    operator="o",
    operator_name="O",
    site="s",
    own=False,
    openness=Openness.OPEN,
    exposure=Exposure(known=True),
)
VERDICT = Verdict(DEPLOYMENT, permitted=True, policies=())
RECEIVED = Received(
    exchange_id="e" * 32, principal=Principal("mairie"), purpose="test", declared_class=None, request=REQUEST
)
INSPECTED = Inspected(
    received=RECEIVED,
    findings=((FOUND,),),
    case=Case(role="agent", purpose="test", data_class=DataClass.PERSONAL),
    uninspected=0,
)
PERMITTED = Permitted(
    inspected=INSPECTED,
    case=INSPECTED.case,
    law=LawStamp(charter="c" * 64, orders="d" * 64, root=1, timestamp=1, registry="22" * 32),
    warnings={},
    candidates=(VERDICT,),
    refused=(),
    loads={},
    terms=Terms("e" * 32),
)
PLACED = Placed(permitted=PERMITTED, chosen=VERDICT, spares=())
POSITION = Position(index=0, leaf_hash=bytes(32), tree_size=1, root_hash=bytes(32), proof=())
COMMITTED = Committed(
    placed=PLACED,
    texts=CLOAKED.texts,
    pseudonyms=CLOAKED.pseudonyms,
    salt=b"s3cr3t" * 5,
    entry=b"{}",
    position=POSITION,
)
ANSWERED = Answered(
    committed=COMMITTED,
    status=200,
    ending="complete",
    finish_reasons=("stop",),
    prompt_tokens=1,
    completion_tokens=1,
    restored=1,
    answer_commitment=bytes(32),
    text="Zoé Vasseur",
)


REVIEWS = Reviews(b"s3cr3t" * 5)
REVIEWS.hold(RECEIVED, charter="c" * 64, data_class="personal", policies=(), now_ms=0)


def fed_restorer() -> Restorer:
    restorer = Restorer(Pseudonyms(CLOAKED.pseudonyms))
    restorer.feed("Vasseur [EMAIL_")
    return restorer


@pytest.mark.parametrize(
    "value",
    [
        SensitiveText("Zoé Vasseur"),
        [SensitiveText("Zoé Vasseur")],
        TextPart(path=("messages", 0, "content"), text=SensitiveText("Zoé Vasseur")),
        REQUEST,
        RECEIVED,
        INSPECTED,
        PERMITTED,
        PLACED,
        COMMITTED,
        ANSWERED,
        Recorded(answered=ANSWERED, position=POSITION),
        CLOAKED,
        Pseudonyms(CLOAKED.pseudonyms),
        KEY,
        fed_restorer(),
        REVIEWS,
        SecondNet((NetRule("s", 5, (("Vasseur",),)),)),
        AnswerStream(table=Pseudonyms(CLOAKED.pseudonyms), json_answer=False, ours={"x": "Vasseur"}),
        Endpoint(base_url="http://127.0.0.1/v1", api_key="s3cr3t"),
        KeyFile(Path("keys.json")),
        DeploymentSettings(name="d", base_url="http://x/v1", model="m", operator="o", api_key_file=Path("secrets/key")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_value_of_the_journey_prints_content_or_a_secret(value: object) -> None:
    for shown in (repr(value), repr((value,)), f"{[value]}"):
        assert not any(word in shown for word in WORDS), type(value)


def test_a_sensitive_text_prints_as_its_size() -> None:
    assert repr(SensitiveText("Zoé")) == "<SensitiveText 3 chars>"
    assert "3 chars" in repr(TextPart(path=(), text=SensitiveText("Zoé")))
