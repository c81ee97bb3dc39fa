"""The official `openai` client, unchanged, in front of real processes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import openai
import pytest
from tests.tags import numbered

from bouclier.oversight import DecisionEntry, parse_entry, parse_receipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import Deployment, Served

LETTER = (
    "Écrivez à Mme Zoé Vasseur, zoe.vasseur@example.fr, 06 39 98 12 34, NIR 2 85 05 78 006 084 91, "
    "IBAN FR14 2004 1010 0505 0001 3M02 606 : « bonjour »."
)
SECRETS_OF_LETTER = ("zoe.vasseur@example.fr", "06 39 98 12 34", "2 85 05 78 006 084", "FR14 2004 1010 0505")


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=served.base_url, api_key=served.key, max_retries=0) as one:
        yield one


def chat(client: openai.OpenAI, model: str, text: str, **more: Any) -> Any:
    return client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}], **more)


def streamed(client: openai.OpenAI, model: str, text: str, **more: Any) -> tuple[str, list[Any]]:
    chunks = list(chat(client, model, text, stream=True, **more))
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), chunks


def test_an_answer_comes_back_in_the_users_own_words_though_they_never_left(
    client: openai.OpenAI, deployment: Deployment
) -> None:
    before = len(deployment.seen())
    answer = chat(client, "echo", LETTER)
    assert answer.choices[0].message.content == LETTER
    left = json.dumps([one["body"] for one in deployment.seen()[before:]], ensure_ascii=False)
    assert "[EMAIL_1]" in numbered(left)
    for secret in SECRETS_OF_LETTER:
        assert secret not in left


def test_a_streamed_answer_is_restored_though_it_comes_one_character_at_a_time(client: openai.OpenAI) -> None:
    text, chunks = streamed(client, "echo", LETTER, stream_options={"include_usage": True})
    assert text == LETTER
    assert chunks[-1].usage.prompt_tokens == 11
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"


def test_what_looks_like_a_pseudonym_in_the_users_text_is_left_alone(client: openai.OpenAI) -> None:
    text = "[EMAIL_K7QX] et [EMAIL_K7QX : zoe.vasseur@example.fr, [[EMAIL_B2CD]] email_k7qx"
    assert chat(client, "echo", text).choices[0].message.content == text
    assert streamed(client, "echo", text)[0] == text


TOOLS = [{"type": "function", "function": {"name": "notify", "parameters": {"type": "object", "properties": {}}}}]


def test_tool_call_arguments_are_restored_inside_their_json(client: openai.OpenAI) -> None:
    text = 'Note : "é" pour zoe.vasseur@example.fr\nfin'
    call = chat(client, "tool", text, tools=TOOLS).choices[0].message.tool_calls[0]
    assert json.loads(call.function.arguments) == {"text": text, "again": [text]}
    chunks = list(chat(client, "tool", text, tools=TOOLS, stream=True))
    deltas = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or ()]
    assert json.loads("".join(delta.function.arguments for delta in deltas)) == {"text": text, "again": [text]}
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_earlier_tool_calls_are_cloaked_inside_their_json(client: openai.OpenAI, deployment: Deployment) -> None:
    before = len(deployment.seen())
    call = {"id": "c1", "type": "function", "function": {"name": "notify", "arguments": '{"to": "a\\u0040example.fr"}'}}
    messages: list[Any] = [
        {"role": "user", "content": "oui"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "envoyé à zoe.vasseur@example.fr"},
    ]
    client.chat.completions.create(model="echo", messages=messages)
    left = deployment.seen()[before]["body"]["messages"]
    left = numbered(left)
    assert json.loads(left[1]["tool_calls"][0]["function"]["arguments"]) == {"to": "[EMAIL_1]"}
    assert left[2]["content"] == "envoyé à [EMAIL_2]"


def test_escapes_and_numbers_in_what_a_tool_returned_hide_nothing(
    client: openai.OpenAI, deployment: Deployment
) -> None:
    before = len(deployment.seen())
    result = json.dumps({"mail": "zoé@example.fr", "nir": 285057800608491, "n": 3}).replace("@", "\\u0040")
    messages: list[Any] = [
        {"role": "user", "content": "oui"},
        {"role": "tool", "tool_call_id": "c1", "content": result},
    ]
    raw = client.chat.completions.with_raw_response.create(
        model="echo", messages=messages, extra_body={"bouclier": {"detail": True}}
    )
    left = json.loads(deployment.seen()[before]["body"]["messages"][1]["content"])
    assert numbered(left) == {"mail": "[EMAIL_1]", "nir": "[NIR_1]", "n": 3}
    paths = [part["path"] for part in json.loads(raw.text)["bouclier"]["detail"]["parts"]]
    assert ["messages", 1, "content", "$json", "nir"] in paths


def test_fields_nobody_knows_pass_both_ways(client: openai.OpenAI, deployment: Deployment) -> None:
    before = len(deployment.seen())
    answer = chat(client, "echo", "bonjour", extra_body={"x_new": {"deep": [1, 2.5, None]}}, temperature=0.2, seed=7)
    body = deployment.seen()[before]["body"]
    assert body["x_new"] == {"deep": [1, 2.5, None]}
    assert (body["temperature"], body["seed"], body["model"]) == (0.2, 7, "echo")
    assert "bouclier" not in body
    assert answer.model_extra["x_unknown"] == {"kept": True}
    assert answer.system_fingerprint == "fp_test"


def recorded_in(receipt: dict[str, Any]) -> DecisionEntry:
    """The decision that a receipt holds."""
    entry = parse_entry(parse_receipt(receipt["proof"].encode()).entry)
    assert isinstance(entry, DecisionEntry)
    return entry


def test_the_answer_says_what_was_found_decided_and_recorded(client: openai.OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="echo", messages=[{"role": "user", "content": LETTER}])
    ours = json.loads(raw.text)["bouclier"]
    assert raw.headers["x-bouclier-exchange"] == ours["exchange"] == recorded_in(ours["receipt"]).exchange
    assert ours["data_class"] == "sensitive"
    assert ours["findings"]["NIR"] == ours["findings"]["IBAN"] == 1
    assert ours["decision"]["duties"] == ["pseudonymise"]
    assert [policy["id"] for policy in ours["decision"]["policies"]] == ["elsewhere-pseudonymised"]
    assert ours["deployment"]["operator"] == "ovhcloud"
    assert ours["outcome"]["restored"] >= 4
    assert "detail" not in ours


def test_the_caller_may_ask_to_see_what_was_found_and_what_left(client: openai.OpenAI) -> None:
    _, chunks = streamed(client, "echo", LETTER, extra_body={"bouclier": {"detail": True}})
    part = chunks[0].model_extra["bouclier"]["detail"]["parts"][0]
    found = {LETTER[one["start"] : one["end"]]: one["type"] for one in part["findings"]}
    assert found["zoe.vasseur@example.fr"] == "EMAIL"
    assert "zoe.vasseur" not in part["left"]
    *_, closing, cost = [chunk.model_extra["bouclier"] for chunk in chunks if "bouclier" in chunk.model_extra]
    assert closing["detail"]["came_back"] == part["left"]
    assert 0 <= cost["footprint"]["carbon_ug"][0] <= cost["footprint"]["carbon_ug"][1]


def test_each_finding_comes_with_its_pseudonym_even_beside_what_is_said_of_the_person(client: openai.OpenAI) -> None:
    text = "Mon fils Léo Vasseur, 7 ans, a de l'asthme. M. Vasseur"
    _, chunks = streamed(client, "echo", text, extra_body={"bouclier": {"detail": True}})
    part = chunks[0].model_extra["bouclier"]["detail"]["parts"][0]

    shown = [(one["type"], one.get("pseudonym")) for one in part["findings"]]

    assert {"AGE", "MINOR", "HEALTH"} <= {type_ for type_, _ in shown}
    assert all((pseudonym is not None) == (type_ == "PERSON") for type_, pseudonym in shown)
    assert all(pseudonym in part["left"] for _, pseudonym in shown if pseudonym)


def test_what_left_is_shown_when_it_left_unchanged(client: openai.OpenAI) -> None:
    _, chunks = streamed(client, "echo", "bonjour", extra_body={"bouclier": {"detail": True}})
    part = chunks[0].model_extra["bouclier"]["detail"]["parts"][0]
    assert (part["left"], part["findings"]) == ("bonjour", [])


def test_pieces_of_pseudonyms_do_not_come_back_as_log_probabilities(client: openai.OpenAI) -> None:
    assert chat(client, "logprobs", LETTER, logprobs=True).choices[0].logprobs is None
    assert chat(client, "logprobs", "bonjour", logprobs=True).choices[0].logprobs is not None


def test_an_answer_asked_to_be_json_stays_json_when_restored(client: openai.OpenAI) -> None:
    text = json.dumps({"mail": "zoe.vasseur@example.fr", "adresse": "12 rue des Lilas 59820 Gravelines"})
    answer = chat(client, "echo", text, response_format={"type": "json_object"})
    assert json.loads(answer.choices[0].message.content) == json.loads(text)


def test_models_lists_auto_and_every_deployment_with_who_can_be_compelled(client: openai.OpenAI) -> None:
    models = {model.id: model for model in client.models.list()}
    assert {"auto", "echo", "us"} <= set(models)
    foreign = (models["us"].model_extra or {})["bouclier"]
    assert "us-cloud-act" in foreign["foreign_laws"]
    assert foreign["law_titles"]["us-cloud-act"] == {"fr": "CLOUD Act (États-Unis)", "en": "CLOUD Act (United States)"}
    assert client.models.retrieve("us").id == "us"
    assert client.models.retrieve("auto").id == "auto"


def test_sensitive_data_are_refused_where_a_foreign_law_reaches(client: openai.OpenAI, deployment: Deployment) -> None:
    before = len(deployment.seen())
    with pytest.raises(openai.PermissionDeniedError) as refused:
        chat(client, "us", LETTER)
    error: Any = refused.value.body
    ours = error["bouclier"]
    assert error["code"] == "refused_by_charter"
    assert [policy["id"] for policy in ours["policies"]] == ["sensitive-out-of-foreign-reach"]
    assert "SREN" in ours["policies"][0]["basis"]
    assert ours["message_fr"] != ours["message_en"]
    assert ours["hint_fr"]
    entry = recorded_in(ours["receipt"])
    assert (entry.exchange, entry.chosen) == (ours["exchange"], None)
    assert ours["data_class"] == "sensitive"
    assert ours["findings"]["NIR"] == 1
    assert len(deployment.seen()) == before


def test_personal_data_may_go_there_pseudonymised(client: openai.OpenAI, deployment: Deployment) -> None:
    before = len(deployment.seen())
    text = "Répondez à zoe.vasseur@example.fr"
    assert chat(client, "us", text).choices[0].message.content == text
    assert numbered(deployment.seen()[before]["body"]["messages"][0]["content"]) == "Répondez à [EMAIL_1]"


def test_a_secret_never_leaves(client: openai.OpenAI, deployment: Deployment) -> None:
    before = len(deployment.seen())
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAtest\n-----END RSA PRIVATE KEY-----"
    with pytest.raises(openai.PermissionDeniedError) as refused:
        chat(client, "echo", f"Que fait ce fichier ?\n{key}")
    body: Any = refused.value.body
    assert body["bouclier"]["policies"][0]["id"] == "secrets-never-leave"
    assert len(deployment.seen()) == before


def test_nothing_classified_is_processed(client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError) as refused:
        chat(client, "auto", "TRÈS SECRET\n\nNote de service")
    body: Any = refused.value.body
    assert "classified-never-processed" in [policy["id"] for policy in body["bouclier"]["policies"]]


def test_a_caller_may_declare_a_higher_class_never_a_lower(client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        chat(client, "us", "bonjour", extra_headers={"x-bouclier-data-class": "sensitive"})
    raw = client.chat.completions.with_raw_response.create(
        model="echo",
        messages=[{"role": "user", "content": LETTER}],
        extra_headers={"x-bouclier-data-class": "public", "x-bouclier-purpose": "aide-sociale"},
    )
    assert json.loads(raw.text)["bouclier"]["data_class"] == "sensitive"


@pytest.mark.parametrize(
    ("model", "status", "error"),
    [
        ("status-400", 400, openai.BadRequestError),
        ("status-429", 429, openai.RateLimitError),
        ("status-503", 503, openai.InternalServerError),
    ],
)
def test_a_deployments_own_errors_survive_in_the_users_words(
    client: openai.OpenAI, model: str, status: int, error: type[openai.APIStatusError]
) -> None:
    with pytest.raises(error) as raised:
        chat(client, model, "de zoe.vasseur@example.fr")
    body: Any = raised.value.body
    assert raised.value.status_code == status
    assert (body["message"], body["code"]) == ("no: de zoe.vasseur@example.fr", "test_code")
    assert raised.value.response.headers.get("retry-after") == ("7" if status == 429 else None)


def test_a_deployment_that_rejects_our_key_is_not_mistaken_for_the_callers_key_being_wrong(
    client: openai.OpenAI,
) -> None:
    with pytest.raises(openai.InternalServerError) as raised:
        chat(client, "status-401", "bonjour")
    assert raised.value.status_code == 502


def test_a_wrong_key_and_an_unknown_model_are_said_so(served: Served, client: openai.OpenAI) -> None:
    stranger = openai.OpenAI(base_url=served.base_url, api_key="bcl_wrong", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError):
        chat(stranger, "echo", "bonjour")
    with pytest.raises(openai.NotFoundError) as unknown:
        chat(client, "no-such-model", "bonjour")
    assert "auto" in str(unknown.value)


def test_the_page_on_this_machine_needs_no_key_and_other_sites_pages_get_nothing(served: Served) -> None:
    ask = {"model": "echo", "messages": [{"role": "user", "content": "bonjour"}]}
    with httpx.Client(base_url=served.url, timeout=60) as browser:
        page = browser.get("/", headers={"accept-language": "fr"})
        assert 'lang="fr"' in page.text
        assert browser.get("/v1/models", headers={"sec-fetch-site": "same-origin"}).status_code == 200
        own = browser.post("/v1/chat/completions", json=ask, headers={"sec-fetch-site": "same-origin"})
        assert own.status_code == 200
        for headers in (
            {"sec-fetch-site": "same-site"},
            {"origin": "http://localhost:1"},
            {"sec-fetch-site": "same-origin", "x-forwarded-for": "203.0.113.9"},
            {"sec-fetch-site": "same-origin", "x-forwarded-proto": "https"},
            {"sec-fetch-site": "same-origin", "via": "1.1 proxy"},
            {"sec-fetch-site": "same-origin", "host": "attacker.example"},
            {},
        ):
            assert browser.post("/v1/chat/completions", json=ask, headers=headers).status_code == 401
