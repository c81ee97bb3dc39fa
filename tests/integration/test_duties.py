"""Each duty of a charter is carried out by a gateway that runs: what the deployment received and the log say so."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
import pytest
from tests.asking import ask, command, error_of, events_of, got, policies_of
from tests.charter_kit import files_of_charter, forbid, oblige, policy, warning, write_charter
from tests.servers import Deployment, Served, serve

from bouclier.compose.sealed import store_of
from bouclier.compose.sealed_papers import make_authority_key
from bouclier.oversight.adapters.log_reader import read_entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def when(purpose: str) -> str:
    return f'context.purpose == "{purpose}"'


POLICIES = (
    policy("all", when="context.data_class <= 4"),
    oblige("hidden", "pseudonymise", when("cloak")),
    oblige("at-home", "local-only", when("local")),
    oblige("told", "warn:ai", f"{when('warn')} || {when('warn-twice')}"),
    oblige("told-more", "warn:bias", when("warn-twice")),
    oblige("from-sources", "ground", when("ground")),
    oblige("kept", "seal", f"{when('seal')} || {when('retain')} || {when('retain-short')} || {when('retain-spare')}"),
    oblige("kept-long-there", "retain:long", f'{when("retain-spare")} && resource == Bouclier::Deployment::"heavy"'),
    oblige("kept-long", "retain:long", when("retain")),
    oblige("kept-short", "retain:short", when("retain-short")),
    oblige("looked-at", "human-review", when("review")),
    oblige("sober", "carbon-cap:one", when("carbon")),
    oblige("watched", "human-review", 'context.signals.contains("scoring")'),
    forbid("no-safeguard", f'{when("high-risk")} && !context.safeguards.contains("fria")'),
    forbid("no-dpia", f'{when("other-risk")} && !context.safeguards.contains("dpia")'),
    forbid("no-tools", f"{when('bare')} && !context.capabilities.isEmpty()"),
    forbid("no-pictures", f'{when("bare")} && context.modalities.contains("image")'),
)
LIMITS = {"max_tokens", "max_completion_tokens", "n_predict", "n", "min_tokens", "best_of", "reasoning", "thinking"}
DATA = {
    "warnings": [warning("ai"), warning("bias")],
    "retention": [
        {"id": "long", "min_days": 400, "max_days": 500, "basis": "b"},
        {"id": "short", "min_days": 0, "max_days": 3, "basis": "b"},
    ],
    "budgets": [{"id": "one", "mg": 100, "basis": "b"}],
    "second_net": [
        {"signal": "scoring", "fr": "f", "en": "e", "near": 8, "all": [["noter", "score"], ["citoyens"]]},
    ],
}


@dataclass(frozen=True)
class Made:
    """A gateway under this charter, and what stands behind it."""

    served: Served
    deployment: Deployment
    reviewer: str
    reviewer_file: Path

    def received(self, exchange: str) -> dict[str, Any] | None:
        """What the deployment received of an exchange; None if nothing."""
        bodies = [one["body"] for one in self.deployment.seen() if one["exchange"] == exchange]
        assert len(bodies) <= 1
        return bodies[0] if bodies else None

    def entries(self, exchange: str) -> list[dict[str, Any]]:
        every = (json.loads(one.entry) for one in read_entries(self.served.data / "log"))
        return [one for one in every if one.get("exchange") == exchange]

    def decision(self, exchange: str) -> dict[str, Any]:
        (decision,) = [one for one in self.entries(exchange) if one["kind"] == "decision"]
        return decision


def exchange_of(answer: httpx.Response) -> str:
    exchange: str = answer.headers["x-bouclier-exchange"]
    return exchange


def ours(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()["bouclier"]
    return said


@pytest.fixture(scope="module")
def made(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("duties")
    write_charter(folder / "charter", files_of_charter(*POLICIES, data=DATA))
    authorities = [str(make_authority_key(name, folder).public) for name in ("court", "regulator")]

    def one(name: str, more: str) -> str:
        return f"  - {{name: {name}, base_url: '{deployment.base_url}', model: echo, {more}}}\n"

    config = (
        "charter: {folder: charter}\n"
        "deployments:\n"
        + one("away", "operator: ovhcloud, country: FR")
        + one("home", "operator: self, site: cave")
        + one("light", "operator: ovhcloud, country: FR, carbon: {mg_per_1000_tokens: 200, source: mesure}")
        + one("heavy", "operator: ovhcloud, country: FR, carbon: {mg_per_1000_tokens: 90_000, source: mesure}")
        + "safeguards: [{purpose: high-risk, holds: [{what: fria, reference: AIF-1}]}]\n"
        "engine: {model: off}\nshield: {names: off}\n"
        f"seal: {{threshold: 2, retention_days: 5, authorities: {json.dumps(authorities)}}}\n"
    )
    served = serve(folder, config=config)
    created = command("keys", "create", "relecteur", "--role", "reviewer", "--data", served.data)
    assert created.code == 0, created.err
    reviewer = created.out.splitlines()[-1]
    (folder / "reviewer.key").write_text(reviewer + "\n")
    yield Made(served, deployment, reviewer, folder / "reviewer.key")
    assert served.stop() == 0
    assert "internal error" not in served.said()


# ---- pseudonymise, local-only -------------------------------------------------------------------------------


def test_names_leave_as_pseudonyms_where_an_obligation_says_so_and_only_there(made: Made) -> None:
    text = "Écrivez à zoe.vasseur@example.fr"
    for purpose, hidden in (("cloak", True), ("open", False)):
        answer = ask(made.served, text, model="away", purpose=purpose)
        received = made.received(exchange_of(answer))
        assert ours(answer)["decision"]["duties"] == (["pseudonymise"] if hidden else [])
        assert ("vasseur" not in json.dumps(received)) is hidden
        assert answer.json()["choices"][0]["message"]["content"] == text


def test_what_must_stay_at_home_goes_nowhere_else(made: Made) -> None:
    refused = ask(made.served, model="away", purpose="local")
    assert (refused.status_code, error_of(refused)["code"]) == (403, "refused_by_charter")
    assert policies_of(refused) == {"at-home"}
    assert made.received(exchange_of(refused)) is None
    at_home = ours(ask(made.served, purpose="local"))
    assert at_home["deployment"]["name"] == "home"
    assert {one["deployment"] for one in at_home["decision"]["refused"]} == {"away", "light", "heavy"}


# ---- warn ---------------------------------------------------------------------------------------------------


def test_an_answer_carries_the_warnings_owed_in_its_body_and_in_a_header(made: Made) -> None:
    answer = ask(made.served, purpose="warn-twice")
    assert ours(answer)["warnings"] == [warning("ai"), warning("bias")]
    assert answer.headers["x-bouclier-warnings"] == "ai,bias"
    plain = ask(made.served, purpose="plain")
    assert ours(plain)["warnings"] == []
    assert "x-bouclier-warnings" not in plain.headers


@pytest.mark.parametrize("detail", [False, True])
def test_a_stream_carries_the_warnings_owed_from_its_head_on(made: Made, *, detail: bool) -> None:
    answer = ask(made.served, purpose="warn", stream=True, bouclier={"detail": detail})
    assert answer.headers["x-bouclier-warnings"] == "ai"
    (told,) = [event["bouclier"]["warnings"] for event in events_of(answer) if "warnings" in event.get("bouclier", {})]
    assert told == [warning("ai")]


# ---- ground -------------------------------------------------------------------------------------------------


def test_an_answer_from_sources_needs_sources(made: Made) -> None:
    refused = ask(made.served, purpose="ground")
    error = error_of(refused)
    assert (refused.status_code, error["code"], error["param"]) == (403, "sources_required", "documents")
    assert "from-sources" in policies_of(refused)
    assert made.received(exchange_of(refused)) is None
    decision = made.decision(exchange_of(refused))
    assert (decision["chosen"], decision["sourced"]) == (None, False)


@pytest.mark.parametrize(
    "brought",
    [
        {"documents": [{"title": "Arrêté", "text": "Le marché a lieu le mardi."}]},
        {
            "messages": [
                {"role": "user", "content": "Quand ?"},
                {"role": "tool", "tool_call_id": "c1", "content": "Le marché a lieu le mardi."},
            ]
        },
    ],
)
def test_with_its_sources_it_goes_and_the_log_says_that_it_had_some(made: Made, brought: dict[str, Any]) -> None:
    answer = ask(made.served, purpose="ground", **brought)
    assert ours(answer)["decision"]["duties"] == ["ground"]
    received = made.received(exchange_of(answer))
    assert received is not None
    assert "mardi" in json.dumps(received)
    assert made.decision(exchange_of(answer))["sourced"] is True


@pytest.mark.parametrize(
    "brought",
    [
        {"documents": []},
        {"documents": "x"},
        {"documents": {}},
        {"documents": [None, {}, "", {"text": " ", "id": "d1"}]},
        {"messages": [{"role": "user", "content": "Quand ?"}, {"role": "tool", "tool_call_id": "c1", "content": " "}]},
    ],
)
def test_no_sources_by_another_name_are_sources(made: Made, brought: dict[str, Any]) -> None:
    assert error_of(ask(made.served, purpose="ground", **brought))["code"] == "sources_required"


# ---- seal, retain -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("purpose", "days"), [("seal", 5), ("retain", 400), ("retain-short", 3)])
def test_what_is_sealed_is_kept_as_long_as_the_charter_and_the_institution_say(
    made: Made, purpose: str, days: int
) -> None:
    before = datetime.now(UTC).date()
    answer = ask(made.served, purpose=purpose)
    after = datetime.now(UTC).date()
    (record,) = [one for one in store_of(made.served.data).records() if one.exchange == exchange_of(answer)]
    assert before + timedelta(days=days) <= record.due <= after + timedelta(days=days)
    assert made.decision(exchange_of(answer))["sealed"] == record.digest
    assert made.decision(exchange_of(ask(made.served, purpose="plain")))["sealed"] is None


def test_what_is_sealed_is_kept_as_long_as_wherever_it_may_fall_back_to_says(made: Made) -> None:
    before = datetime.now(UTC).date()
    answer = ask(made.served, purpose="retain-spare")
    assert ours(answer)["deployment"]["name"] != "heavy"
    assert ours(answer)["decision"]["duties"] == ["seal"]
    (record,) = [one for one in store_of(made.served.data).records() if one.exchange == exchange_of(answer)]
    assert before + timedelta(days=400) <= record.due


# ---- human-review -------------------------------------------------------------------------------------------


def reviews(made: Made, exchange: str | None = None, *, key: str, approved: object = True) -> httpx.Response:
    headers = {"authorization": f"Bearer {key}"}
    if exchange is None:
        return httpx.get(f"{made.served.url}reviews", headers=headers, timeout=60)
    return httpx.post(f"{made.served.url}reviews/{exchange}", json={"approved": approved}, headers=headers, timeout=60)


def waiting(made: Made) -> dict[str, dict[str, Any]]:
    return {one["exchange"]: one for one in reviews(made, key=made.reviewer).json()["reviews"]}


def held(made: Made, content: str, **options: Any) -> str:
    refused = ask(made.served, content, purpose="review", **options)
    error = error_of(refused)
    assert (refused.status_code, error["code"], error["param"]) == (403, "human_review_required", "X-Bouclier-Review")
    exchange = exchange_of(refused)
    assert made.received(exchange) is None
    return exchange


def test_what_a_second_person_must_see_waits_until_they_approve_and_then_goes_once(made: Made) -> None:
    exchange = held(made, "Refuser cette demande ?")
    shown = waiting(made)[exchange]
    assert (shown["asked_by"], shown["purpose"], shown["data_class"]) == ("terminal", "review", "internal")
    assert "looked-at" in shown["policies"]
    assert "Refuser" not in json.dumps(shown)
    not_yet = ask(made.served, "Refuser cette demande ?", purpose="review", review=exchange)
    assert (not_yet.status_code, error_of(not_yet)["code"]) == (400, "invalid_request")

    approved = reviews(made, exchange, key=made.reviewer)
    assert (approved.status_code, approved.json()["approved"]) == (200, True)
    assert exchange not in waiting(made)
    for other in (
        ask(made.served, "Refuser cette autre demande ?", purpose="review", review=exchange),
        ask(made.served, "Refuser cette demande ?", purpose="review", review=exchange, temperature=0),
        ask(made.served, "Refuser cette demande ?", purpose="plain", review=exchange),
        ask(made.served, "Refuser cette demande ?", purpose="review", review=exchange, key=made.reviewer),
    ):
        assert other.status_code == 400
        assert made.received(exchange_of(other)) is None
    sent = ask(made.served, "Refuser cette demande ?", purpose="review", review=exchange)
    assert ours(sent)["decision"]["duties"] == ["human-review"]
    assert made.received(exchange_of(sent)) is not None
    again = ask(made.served, "Refuser cette demande ?", purpose="review", review=exchange)
    assert again.status_code == 400
    assert made.received(exchange_of(again)) is None

    held_entry, review = made.entries(exchange)
    assert (held_entry["kind"], held_entry["chosen"]) == ("decision", None)
    assert (review["kind"], review["approved"]) == ("review", True)
    decision = made.decision(exchange_of(sent))
    assert (decision["review"], decision["chosen"] is not None) == (exchange, True)
    assert "relecteur" not in json.dumps(review)
    assert review["reviewer"] != decision["principal"]


def test_an_approved_request_that_is_sent_twice_at_once_goes_once(made: Made) -> None:
    # Long enough to be read in a thread: all six are on their way before one is recorded.
    text = "Deux fois ? " * 2_500
    exchange = held(made, text)
    assert reviews(made, exchange, key=made.reviewer).status_code == 200
    together = threading.Barrier(6)
    answers: list[httpx.Response] = []

    def send() -> None:
        together.wait()
        answers.append(ask(made.served, text, purpose="review", review=exchange))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400, 400]
    assert sum(made.received(exchange_of(answer)) is not None for answer in answers) == 1


@pytest.mark.parametrize("attempt", range(6))
def test_of_two_reviewers_at_once_one_decides(made: Made, attempt: int) -> None:
    text = f"À deux, {attempt} ?"
    exchange = held(made, text)
    together = threading.Barrier(4)
    answers: dict[bool, list[int]] = {True: [], False: []}

    def decide(*, approved: bool) -> None:
        together.wait()
        answers[approved].append(reviews(made, exchange, key=made.reviewer, approved=approved).status_code)

    threads = [threading.Thread(target=decide, kwargs={"approved": approved}) for approved in (True, False) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers[True] + answers[False]) == [200, 404, 404, 404]
    approved = 200 in answers[True]
    assert [one.get("approved") for one in made.entries(exchange)] == [None, approved]
    sent = ask(made.served, text, purpose="review", review=exchange)
    assert sent.status_code == (200 if approved else 400)


def test_who_floods_the_reviewers_pushes_out_no_one_elses_approval(made: Made) -> None:
    exchange = held(made, "La seule ?", key=made.reviewer)
    for number in range(55):
        held(made, f"Encore {number} ?")
    shown = waiting(made)
    assert exchange in shown
    assert sum(one["asked_by"] == "terminal" for one in shown.values()) == 50


def test_nobody_reviews_their_own_request(made: Made) -> None:
    exchange = held(made, "À moi ?", key=made.reviewer)
    own = reviews(made, exchange, key=made.reviewer)
    assert (own.status_code, own.json()["code"]) == (403, "not_allowed")
    assert exchange in waiting(made)
    assert [one["kind"] for one in made.entries(exchange)] == ["decision"]


def test_only_a_reviewers_key_reviews(made: Made) -> None:
    exchange = held(made, "Qui ?")
    for answer in (reviews(made, key=made.served.key), reviews(made, exchange, key=made.served.key)):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert reviews(made, key="wrong").status_code == 401
    assert [one["kind"] for one in made.entries(exchange)] == ["decision"]


def test_what_a_reviewer_refused_never_goes(made: Made) -> None:
    exchange = held(made, "Non ?")
    assert reviews(made, exchange, key=made.reviewer, approved=False).json()["approved"] is False
    assert reviews(made, exchange, key=made.reviewer).status_code == 404
    refused = ask(made.served, "Non ?", purpose="review", review=exchange)
    assert refused.status_code == 400
    assert made.received(exchange_of(refused)) is None
    assert [one.get("approved") for one in made.entries(exchange)] == [None, False]


@pytest.mark.parametrize(
    ("exchange", "body", "status"),
    [
        ("0" * 32, {"approved": True}, 404),
        ("", {"approved": True}, 404),
        ("..%2fcharter", {"approved": True}, 404),
        (None, {"approved": "yes"}, 400),
        (None, {"approved": True, "why": "x"}, 400),
        (None, [], 400),
        (None, {"approved": "x" * 5000}, 413),
    ],
)
def test_a_review_that_is_none_decides_nothing(made: Made, exchange: str | None, body: object, status: int) -> None:
    there = held(made, "Quoi ?") if exchange is None else exchange
    headers = {"authorization": f"Bearer {made.reviewer}"}
    answer = httpx.post(f"{made.served.url}reviews/{there}", json=body, headers=headers, timeout=60)
    assert answer.status_code == status
    if exchange is None:
        assert there in waiting(made)


@pytest.mark.parametrize("claimed", ["x", "0" * 31, "G" * 32])
def test_a_claim_that_is_no_exchange_is_refused(made: Made, claimed: str) -> None:
    error = error_of(ask(made.served, purpose="plain", review=claimed))
    assert (error["code"], error["param"]) == ("invalid_request", "X-Bouclier-Review")


def test_a_reviewer_does_the_same_from_a_terminal(made: Made) -> None:
    kept, gone = held(made, "Oui, du terminal ?"), held(made, "Non, du terminal ?")
    at = ("--url", made.served.url, "--key-file", made.reviewer_file)
    listed = command("review", "list", *at)
    assert listed.code == 0, listed.err
    (line,) = [one for one in listed.out.splitlines() if one.startswith(kept)]
    assert line.split()[2:5] == ["terminal", "review", "internal"]
    approved = command("review", "approve", kept, *at)
    assert approved.code == 0, approved.err
    assert "log entry" in approved.err
    assert command("review", "refuse", gone, *at).code == 0
    assert not {kept, gone} & set(waiting(made))
    assert ask(made.served, "Oui, du terminal ?", purpose="review", review=kept).status_code == 200
    assert ask(made.served, "Non, du terminal ?", purpose="review", review=gone).status_code == 400
    unknown = command("review", "approve", "0" * 32, *at)
    assert unknown.code != 0
    assert "No request of this exchange waits" in unknown.err


# ---- carbon-cap ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "received"),
    [
        ({}, {"max_tokens": 496}),  # 100 mg at 200 mg per 1,000 tokens are 500, of which "Bonjour" is at most 4
        ({"max_tokens": 10}, {"max_tokens": 10}),
        ({"max_tokens": 9_000}, {"max_tokens": 496}),
        ({"max_completion_tokens": 9_000}, {"max_completion_tokens": 496}),
        ({"max_completion_tokens": 10, "max_tokens": 9_000}, {"max_completion_tokens": 10, "max_tokens": 496}),
        ({"max_tokens": None}, {"max_tokens": 496}),
        ({"n": 4}, {"max_tokens": 124, "n": 4}),
        # What servers may read as no limit, or as many choices, is neither.
        ({"max_tokens": -1}, {"max_tokens": 496}),
        ({"max_tokens": True}, {"max_tokens": 496}),
        ({"max_tokens": "9000"}, {"max_tokens": 494}),  # a text is read as one
        ({"max_tokens": 10, "n_predict": -1}, {"max_tokens": 10, "n_predict": 496}),
        ({"n": 9_000}, {"max_tokens": 1, "n": 496}),
        ({"n": "4"}, {"max_tokens": 496, "n": 1}),
        # Nor does what would make it longer go along.
        (
            {"min_tokens": 9_000, "best_of": 3, "reasoning": {"max_tokens": 9_000}, "thinking": {"x": 1}},
            {"max_tokens": 496},
        ),
    ],
)
def test_under_a_carbon_cap_an_answer_is_no_longer_than_it_may_cost(
    made: Made, asked: dict[str, Any], received: dict[str, Any]
) -> None:
    answer = ask(made.served, purpose="carbon", **asked)
    assert ours(answer)["deployment"]["name"] == "light"
    body = made.received(exchange_of(answer))
    assert body is not None
    assert {key: value for key, value in body.items() if key in LIMITS} == received


def test_without_a_cap_nothing_limits_an_answer(made: Made) -> None:
    body = made.received(exchange_of(ask(made.served, purpose="plain")))
    assert body is not None
    assert "max_tokens" not in body


def test_under_a_carbon_cap_an_unknown_figure_is_refused(made: Made) -> None:
    refused = ask(made.served, model="away", purpose="carbon")
    assert (error_of(refused)["code"], policies_of(refused)) == ("refused_by_charter", {"sober"})
    assert made.received(exchange_of(refused)) is None


@pytest.mark.parametrize(("model", "length"), [("light", 1_100), ("heavy", 10)])
def test_what_is_too_long_for_its_budget_is_refused(made: Made, model: str, length: int) -> None:
    refused = ask(made.served, "x " * (length // 2), model=model, purpose="carbon")
    assert (refused.status_code, error_of(refused)["code"]) == (403, "carbon_budget_exceeded")
    assert "sober" in policies_of(refused)
    assert made.received(exchange_of(refused)) is None


def test_a_picture_counts_for_what_it_may_cost(made: Made) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "Qui ?"}, picture]}]
    refused = ask(made.served, model="light", purpose="carbon", messages=messages)
    assert (refused.status_code, error_of(refused)["code"]) == (403, "carbon_budget_exceeded")
    assert made.received(exchange_of(refused)) is None
    assert made.decision(exchange_of(refused))["tokens"] > 16_384


# ---- What the charter knows of an exchange ------------------------------------------------------------------


def test_what_the_second_net_sees_is_decided_upon_and_recorded(made: Made) -> None:
    refused = ask(made.served, "Il faut noter tous les citoyens de la ville", purpose="plain")
    assert error_of(refused)["code"] == "human_review_required"
    assert made.decision(exchange_of(refused))["signals"] == ["scoring"]
    assert error_of(refused)["bouclier"]["signals"] == ["scoring"]
    plain = ask(made.served, "Il faut noter tous les horaires de la ville", purpose="plain")
    assert made.decision(exchange_of(plain))["signals"] == []


def test_only_what_people_write_is_read_by_the_second_net(made: Made) -> None:
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Ne jamais noter les citoyens."},
        {"role": "assistant", "content": "Je ne note pas : noter les citoyens est interdit."},
        {"role": "user", "content": "Bonjour"},
    ]
    assert ask(made.served, purpose="plain", messages=messages).status_code == 200
    messages.append({"role": "user", "content": [{"type": "text", "text": "Un score pour les citoyens"}]})
    assert ask(made.served, purpose="plain", messages=messages).status_code == 403


def test_declared_safeguards_hold_for_their_purpose_alone(made: Made) -> None:
    answer = ask(made.served, purpose="high-risk")
    assert made.decision(exchange_of(answer))["safeguards"] == ["fria"]
    assert policies_of(ask(made.served, purpose="other-risk")) == {"no-dpia"}


def test_tools_and_pictures_are_decided_upon_and_recorded(made: Made) -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    refused = ask(made.served, purpose="bare", tools=tools)
    assert policies_of(refused) == {"no-tools"}
    assert made.decision(exchange_of(refused))["capabilities"] == ["tools"]
    refused = ask(made.served, purpose="bare", tools=[{"type": "mcp", "server_url": "https://example.fr"}])
    assert made.decision(exchange_of(refused))["capabilities"] == ["remote-tools", "tools"]
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    refused = ask(made.served, purpose="bare", messages=[{"role": "user", "content": [picture]}])
    assert policies_of(refused) == {"no-pictures"}
    assert made.decision(exchange_of(refused))["modalities"] == ["image", "text"]


# ---- The law of a folder ------------------------------------------------------------------------------------


def test_a_charter_of_a_folder_is_adopted_by_nobody_and_says_so(made: Made) -> None:
    shown = got(made.served, "charter")
    assert (shown["adopted_by"], shown["own"], shown["expired"], shown["problem"]) == ([], True, False, None)
    assert (shown["name"]["fr"], shown["in_force"]) == ("Essai", [])
    assert [one["name"] for one in shown["packs"]] == ["socle"]


def test_the_facts_that_an_answer_cites_can_be_had(made: Made) -> None:
    law = ours(ask(made.served, purpose="plain"))["law"]
    facts = httpx.get(f"{made.served.url}charter/registry", timeout=20)
    assert hashlib.sha256(facts.content).hexdigest() == law["registry"]
    assert facts.json()["format"] == "bouclier-registry/v2"


def test_what_an_answer_cites_is_the_law_in_force(made: Made) -> None:
    law = ours(ask(made.served, purpose="plain"))["law"]
    shown = got(made.served, "charter")
    assert law == {key: shown[key] for key in ("charter", "orders", "registry", "root", "timestamp")}
    assert got(made.served, "health")["charter"]["charter"] == law["charter"]


@pytest.mark.parametrize(("text", "said"), [("wrong", "API key missing or unknown"), ("clé", "key cannot be read")])
def test_a_reviewer_without_a_usable_key_is_told(made: Made, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "key"
    file.write_text(text, encoding="utf-8")
    done = command("review", "list", "--url", made.served.url, "--key-file", file)
    assert done.code != 0
    assert said in done.err
    assert "Traceback" not in done.err
