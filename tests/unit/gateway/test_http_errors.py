"""From errors to HTTP: OpenAI's shape under `/v1`, RFC 9457 elsewhere, in both languages."""

from __future__ import annotations

import inspect
import json

import pytest

from bouclier.gateway.http_errors import DeploymentAnsweredError, internal_error, openai_error, problem, status_of
from bouclier.terms import errors
from bouclier.terms.errors import (
    AuthenticationError,
    Bilingual,
    BouclierError,
    CharterRefusal,
    DetectorError,
    RequestError,
    StorageError,
    UnknownModelError,
    UpstreamTimeout,
    VerificationError,
)
from bouclier.terms.law import PolicyRef

MESSAGE = Bilingual("Non.", "No.")
HINT = Bilingual("Faites ceci.", "Do this.")
POLICY = PolicyRef(id="p-1", basis="RGPD art. 6", title_fr="Titre", title_en="Title")


@pytest.mark.parametrize(
    ("kind", "status", "type_", "code"),
    [
        (RequestError, 400, "invalid_request_error", "invalid_request"),
        (AuthenticationError, 401, "authentication_error", "invalid_api_key"),
        (UnknownModelError, 404, "invalid_request_error", "model_not_found"),
        (UpstreamTimeout, 504, "upstream_error", "upstream_timeout"),
        (StorageError, 503, "service_unavailable", "log_unavailable"),
        (DetectorError, 503, "service_unavailable", "detector_unavailable"),
        (VerificationError, 503, "server_error", "verification_failed"),
    ],
)
def test_each_branch_has_its_status_type_and_code(
    kind: type[BouclierError], status: int, type_: str, code: str
) -> None:
    error = kind(MESSAGE, HINT, param="model")
    shown = openai_error(error)["error"]
    assert status_of(error) == status
    assert (shown["type"], shown["code"], shown["param"]) == (type_, code, "model")
    assert shown["message"] == "Non. Faites ceci. / No. Do this."
    assert shown["bouclier"] == {
        "code": code,
        "message_fr": "Non.",
        "message_en": "No.",
        "hint_fr": "Faites ceci.",
        "hint_en": "Do this.",
    }


def test_a_refusal_names_the_policies_their_basis_the_exchange_and_the_receipt() -> None:
    error = CharterRefusal(MESSAGE, HINT, policies=[POLICY])
    error.exchange_id, error.receipt = "e" * 32, {"index": 3}
    shown = openai_error(error)["error"]
    assert (status_of(error), shown["type"], shown["code"]) == (403, "permission_error", "refused_by_charter")
    ours = shown["bouclier"]
    assert ours["policies"] == [{"id": "p-1", "basis": "RGPD art. 6", "title_fr": "Titre", "title_en": "Title"}]
    assert (ours["exchange"], ours["receipt"]) == ("e" * 32, {"index": 3})


def test_elsewhere_an_error_is_a_problem_document() -> None:
    shown = json.loads(problem(AuthenticationError(MESSAGE, HINT)))
    assert shown == {
        "type": "urn:bouclier:error:invalid_api_key",
        "title": "Non. / No.",
        "status": 401,
        "detail": "Faites ceci. / Do this.",
        "code": "invalid_api_key",
    }


@pytest.mark.parametrize(
    ("status", "answered"),
    [
        *((status, status) for status in (400, 404, 429, 500, 503, 599)),
        *((status, 502) for status in (401, 403, 407, 307, 204, 100, 600, 999)),
    ],
)
def test_a_deployments_status_is_kept_unless_it_would_be_mistaken_for_ours_or_is_no_error(
    status: int, answered: int
) -> None:
    error = DeploymentAnsweredError("m", status, None, None)
    assert status_of(error) == answered
    assert openai_error(error)["error"]["bouclier"]["upstream_status"] == status


def test_what_a_deployment_said_is_said_again_but_it_cannot_speak_for_us() -> None:
    said = {"message": "too long", "code": "context", "type": "theirs", "x": 1, "bouclier": {"code": "forged"}}
    shown = openai_error(DeploymentAnsweredError("m", 400, said, None))["error"]
    assert (shown["message"], shown["code"], shown["type"], shown["x"]) == ("too long", "context", "theirs", 1)
    assert shown["bouclier"]["code"] == "upstream_said"


def test_the_unexpected_says_nothing_of_what_happened() -> None:
    assert status_of(internal_error()) == 500
    assert openai_error(internal_error())["error"]["type"] == "server_error"
    assert openai_error(internal_error())["error"]["bouclier"].keys() <= {
        "code",
        "message_fr",
        "message_en",
        "hint_fr",
        "hint_en",
    }


CLASSES = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, BouclierError)]


def test_no_two_errors_share_a_code_and_every_status_is_an_error() -> None:
    codes = [one.code for one in CLASSES]
    assert len(set(codes)) == len(codes)
    assert all(400 <= one.status < 600 for one in CLASSES)
