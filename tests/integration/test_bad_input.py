"""Whatever is sent: a clear error that names the field, nothing passed on, nothing quoted, and the process stays up."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest
from tests.tags import numbered

if TYPE_CHECKING:
    from tests.servers import Deployment, Served

WORD = "Vasseur"


def post(served: Served, body: bytes, **headers: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {served.key}", "content-type": "application/json", **headers}
    return httpx.post(f"{served.base_url}/chat/completions", content=body, headers=headers, timeout=60)


def request(**changes: Any) -> bytes:
    body: dict[str, Any] = {"model": "echo", "messages": [{"role": "user", "content": WORD}], **changes}
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", None),
        (b"{", None),
        (b'{"model": "echo", "messages": [{"role": "user", "content": "Vasseur', None),
        (b'{"model": "echo", "messages": [{"role": "user", "content": "Vass\xe9ur"}]}', None),
        (b'{"model": "echo", "messages": [{"role": "user", "content": "\\ud800"}]}', None),
        (b"[1]", None),
        (b'"Vasseur"', None),
        (request(model=None), "model"),
        (request(model=""), "model"),
        (request(model=["echo"]), "model"),
        (request(messages=None), "messages"),
        (request(messages=[]), "messages"),
        (request(messages={"role": "user"}), "messages"),
        (request(messages=[WORD]), "messages[0]"),
        (request(messages=[{"content": WORD}]), "messages[0].role"),
        (request(messages=[{"role": "user", "content": 5}]), "messages[0].content"),
        (request(messages=[{"role": "user", "content": [WORD]}]), "messages[0].content[0]"),
        (request(stream="yes"), "stream"),
        (request(bouclier={"detail": 1}), "bouclier"),
        (request(bouclier={"details": True}), "bouclier"),
        (b'{"model": "echo", "messages": ' + b"[" * 5000 + b"]" * 5000 + b"}", None),
        (request(tools={"a": {"b": json.loads("[" * 100 + "]" * 100)}}), "tools"),
        (request(**{WORD: json.loads("[" * 100 + "]" * 100)}), "(…)"),
    ],
)
def test_a_malformed_request_is_a_400_that_names_the_field_and_quotes_nothing(
    served: Served, deployment: Deployment, body: bytes, field: str | None
) -> None:
    before = len(deployment.seen())
    answer = post(served, body)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    if field is not None:
        assert error["param"] == field
    assert error["bouclier"]["hint_fr"]
    assert error["bouclier"]["hint_en"]
    assert WORD not in answer.text
    assert WORD not in served.said()
    assert len(deployment.seen()) == before


def test_a_prompt_of_10_megabytes_is_a_413_that_says_the_limit(served: Served, deployment: Deployment) -> None:
    before = len(deployment.seen())
    answer = post(served, request(messages=[{"role": "user", "content": "mot " * 2_500_000}]))
    assert answer.status_code == 413
    assert "8000000" in answer.json()["error"]["message"]
    assert len(deployment.seen()) == before


def test_more_text_than_can_be_inspected_is_a_413(served: Served) -> None:
    answer = post(served, request(messages=[{"role": "user", "content": "mot " * 300_000}]))
    assert answer.status_code == 413
    assert answer.json()["error"]["param"] == "messages"


def test_a_body_whose_length_is_not_announced_is_limited_too(served: Served) -> None:
    pieces = (b"x" * 1_000_000 for _ in range(10))
    answer = httpx.post(
        f"{served.base_url}/chat/completions",
        content=pieces,
        headers={"authorization": f"Bearer {served.key}"},
        timeout=60,
    )
    assert answer.status_code == 413


def test_an_image_does_not_leave_because_it_cannot_be_inspected(served: Served, deployment: Deployment) -> None:
    before = len(deployment.seen())
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    answer = post(served, request(messages=[{"role": "user", "content": [{"type": "text", "text": "Qui ?"}, part]}]))
    assert answer.status_code == 403
    assert "uninspected-never-leaves" in answer.text
    assert len(deployment.seen()) == before


ENCODED = "iVBORw0KGgo" * 40
NIR = "2 85 05 78 006 084 91"


@pytest.mark.parametrize(
    "hidden",
    [
        {"messages": [{"role": "user", "content": f"Voir ![](data:image/png;base64,{ENCODED})"}]},
        {"messages": [{"role": "user", "content": "Qui ?", "images": [ENCODED]}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Qui ?", "image_url": {"url": ENCODED}}]}]},
        {"attachments": [{"image_url": f"data:image/png;base64,{ENCODED}"}]},
        {"logit_bias": {NIR: "x"}},
        {"metadata": {"dossier": 285057800608491}},
        {"modalities": {"zoe.vasseur@example.fr": 1}},
    ],
)
def test_what_is_hidden_where_it_cannot_be_replaced_does_not_leave(
    served: Served, deployment: Deployment, hidden: dict[str, Any]
) -> None:
    before = len(deployment.seen())
    answer = post(served, request(**hidden))
    assert answer.status_code == 403
    assert "uninspected-never-leaves" in answer.text
    assert len(deployment.seen()) == before


def test_a_key_that_the_caller_chose_leaves_as_a_tag_and_the_user_as_a_hash(
    served: Served, deployment: Deployment
) -> None:
    before = len(deployment.seen())
    answer = post(served, request(metadata={"zoe.vasseur@example.fr": "1"}, user="zoe.vasseur@example.fr"))
    assert answer.status_code == 200
    left = deployment.seen()[before]["body"]
    assert numbered(left["metadata"]) == {"[EMAIL_1]": "1"}
    assert re.fullmatch("[0-9a-f]{32}", left["user"])


def test_what_hides_behind_escapes_and_a_space_is_found(served: Served, deployment: Deployment) -> None:
    before = len(deployment.seen())
    hidden = ' {"tel":"\\u0030639981234","mail":"zoe\\u002evasseur\\u0040example.fr"}'
    answer = post(served, request(messages=[{"role": "user", "content": hidden}], metadata={"type": "fr14x2004"}))
    assert answer.status_code == 200
    left = deployment.seen()[before]["body"]["messages"][0]["content"]
    assert numbered(json.loads(left)) == {"tel": "[PHONE_1]", "mail": "[EMAIL_1]"}


def test_escapes_of_any_kind_hide_nothing(served: Served, deployment: Deployment) -> None:
    before = len(deployment.seen())
    hidden = r'{"note":"Suivi\nMme Vasseur, née le 12\/03\/1980\njean.dupont@example.fr"}'
    messages = [{"role": "user", "content": "oui"}, {"role": "tool", "tool_call_id": "c", "content": hidden}]
    assert post(served, request(messages=messages)).status_code == 200
    left = json.loads(deployment.seen()[before]["body"]["messages"][1]["content"])["note"]
    assert numbered(left) == "Suivi\nMme [PERSON_1], née le [BIRTH_DATE_1]\n[EMAIL_1]"


def test_a_header_given_twice_is_refused_not_guessed(served: Served) -> None:
    answer = httpx.post(
        f"{served.base_url}/chat/completions",
        content=request(),
        headers=[
            ("authorization", f"Bearer {served.key}"),
            ("x-bouclier-data-class", "classified"),
            ("x-bouclier-data-class", "public"),
        ],
        timeout=60,
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "x-bouclier-data-class"


@pytest.mark.parametrize(
    ("header", "value"), [("x-bouclier-purpose", "Mme Vasseur"), ("x-bouclier-data-class", "secret")]
)
def test_a_wrong_header_is_named(served: Served, header: str, value: str) -> None:
    answer = post(served, request(), **{header: value})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"].lower() == header
    assert WORD not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/chat/completions", 405), ("GET", "/v1/nothing", 404), ("POST", "/health", 405), ("GET", "/x", 404)],
)
def test_wrong_addresses_and_methods_say_so(served: Served, method: str, path: str, status: int) -> None:
    answer = httpx.request(method, served.url.rstrip("/") + path, timeout=60)
    assert answer.status_code == status
    if path.startswith("/v1/"):
        assert "error" in answer.json()
    else:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_a_stranger_cannot_make_the_gateway_inspect_anything(served: Served) -> None:
    answer = post(served, request(), authorization="Bearer bcl_no")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
