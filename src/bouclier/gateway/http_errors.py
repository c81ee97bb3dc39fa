"""One table from errors to HTTP: OpenAI's shape under `/v1`, RFC 9457 elsewhere."""

from __future__ import annotations

from typing import Any

import msgspec

from bouclier.gateway.present import policies_shown
from bouclier.terms.errors import (
    AuthenticationError,
    Bilingual,
    BouclierError,
    InternalError,
    OperatorError,
    Refusal,
    RequestError,
    UpstreamError,
)

_encode = msgspec.json.encode

_OPENAI_TYPES: tuple[tuple[type[BouclierError], str], ...] = (
    (AuthenticationError, "authentication_error"),
    (RequestError, "invalid_request_error"),
    (Refusal, "permission_error"),
    (UpstreamError, "upstream_error"),
    (OperatorError, "service_unavailable"),
)


def internal_error() -> InternalError:
    """Return what is said of a defect of ours."""
    return InternalError(
        Bilingual("Erreur interne ; rien de plus n'a été transmis.", "Internal error; nothing more was passed on."),
        Bilingual(
            "Signalez-la avec l'identifiant d'échange et l'heure.", "Report it with the exchange id and the time."
        ),
    )


class DeploymentAnsweredError(UpstreamError):
    """The deployment itself answered with an error; it reaches the caller as it was said.

    Attributes:
        said: Its `error` object, restored for the caller, if it had one.
        retry_after: Its `Retry-After` header.
    """

    code = "upstream_said"

    def __init__(self, deployment: str, status: int, said: dict[str, Any] | None, retry_after: str | None) -> None:
        super().__init__(
            Bilingual(
                f"Le déploiement « {deployment} » a répondu par une erreur (HTTP {status}).",
                f'The deployment "{deployment}" answered with an error (HTTP {status}).',
            ),
            Bilingual(
                "Lisez son message ; réessayez, ou choisissez un autre modèle.",
                "Read its message; try again, or choose another model.",
            ),
        )
        # 401 and 403 would tell the caller that its own key is wrong, or that the charter refused.
        ours = status in {401, 403, 407} or not 400 <= status < 600  # noqa: PLR2004
        self.http_status = 502 if ours else status
        self.upstream_status = status
        self.said = said
        self.retry_after = retry_after


def status_of(error: BouclierError) -> int:
    """Return the HTTP status an error is answered with."""
    return error.http_status if isinstance(error, DeploymentAnsweredError) else error.status


def openai_error(error: BouclierError) -> dict[str, Any]:
    """Return an error in the shape OpenAI's clients expect; what is ours stands under `bouclier`."""
    kind = next((name for branch, name in _OPENAI_TYPES if isinstance(error, branch)), "server_error")
    said: dict[str, Any] = {}
    if isinstance(error, DeploymentAnsweredError) and error.said:
        said = {key: value for key, value in error.said.items() if key != "bouclier"}
    shown = {
        "message": f"{error.message.fr} {error.hint.fr} / {error.message.en} {error.hint.en}",
        "type": kind,
        "param": error.param,
        "code": error.code,
        **said,
    }
    return {"error": {**shown, "bouclier": _ours(error)}}


def problem(error: BouclierError) -> bytes:
    """Return an error as RFC 9457 problem details."""
    return _encode(
        {
            "type": f"urn:bouclier:error:{error.code}",
            "title": str(error.message),
            "status": status_of(error),
            "detail": str(error.hint),
            "code": error.code,
        }
    )


def _ours(error: BouclierError) -> dict[str, Any]:
    ours: dict[str, Any] = {
        "code": error.code,
        "message_fr": error.message.fr,
        "message_en": error.message.en,
        "hint_fr": error.hint.fr,
        "hint_en": error.hint.en,
    }
    if isinstance(error, Refusal):
        ours["policies"] = policies_shown(error.policies)
    if isinstance(error, DeploymentAnsweredError):
        ours["upstream_status"] = error.upstream_status
    if error.inspected is not None:
        ours |= error.inspected
    if error.exchange_id is not None:
        ours["exchange"] = error.exchange_id
    if error.receipt is not None:
        ours["receipt"] = error.receipt
    return ours
