"""The error tree. Its branches answer one question: who can act?

    BouclierError                 code, message in French and English, hint
    ├── RequestError        4xx   the caller: malformed, too large, unknown model, bad key
    ├── Refusal             403   nobody, it worked: the charter says no, or nothing permitted can serve
    ├── UpstreamError       5xx   the deployment: unreachable, too slow, not speaking the protocol
    ├── InternalError       500   us: a defect; nothing more leaves
    ├── VerificationError   503   security: what was read is not what was signed or hashed
    └── OperatorError       503   whoever runs Bouclier: configuration, storage, a broken detector

Messages carry ids, names of fields, positions and sizes; never a word of a user's content.
Adapters translate library exceptions into these, with `from`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bouclier.terms.law import PolicyRef


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One sentence in the two languages our users read."""

    fr: str
    en: str

    def __str__(self) -> str:
        return f"{self.fr} / {self.en}"


class BouclierError(Exception):
    """Something a person can act upon, said in French and English, with what to do next.

    Attributes:
        code: Stable identifier, documented in `docs/reference/errors.md`.
        status: HTTP status at the edge.
        message: What was wrong.
        hint: What to do next.
        param: The field concerned (JSON path, header, configuration key), if any.
        exchange_id: The exchange it ended, once there is one.
        receipt: The recorded decision, as shown to the caller, once it is recorded.
        inspected: What the shield found, as shown to the caller, once it looked.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: Bilingual, hint: Bilingual, *, param: str | None = None) -> None:
        super().__init__(message.en)
        self.message = message
        self.hint = hint
        self.param = param
        self.exchange_id: str | None = None
        self.receipt: Mapping[str, object] | None = None
        self.inspected: Mapping[str, object] | None = None


class RequestError(BouclierError):
    """The caller can act: the request is malformed."""

    code = "invalid_request"
    status = 400


class AuthenticationError(RequestError):
    """No key, or one this gateway does not know."""

    code = "invalid_api_key"
    status = 401


class NotAllowedError(RequestError):
    """A key this gateway knows, whose role does not allow this."""

    code = "not_allowed"
    status = 403


class RequestTooLargeError(RequestError):
    """The body is larger than the configured limit."""

    code = "request_too_large"
    status = 413


class UnknownModelError(RequestError):
    """`model` names no deployment of this gateway."""

    code = "model_not_found"
    status = 404


class NotFoundError(RequestError):
    """No such route or resource."""

    code = "not_found"
    status = 404


class MethodNotAllowedError(RequestError):
    """The route exists, with another method."""

    code = "method_not_allowed"
    status = 405


class Refusal(BouclierError):
    """The shield worked, and the answer is no.

    Attributes:
        policies: The policies that determined it; empty when none permitted it.
    """

    code = "refused"
    status = 403

    def __init__(
        self,
        message: Bilingual,
        hint: Bilingual,
        *,
        policies: Sequence[PolicyRef] = (),
        param: str | None = None,
    ) -> None:
        super().__init__(message, hint, param=param)
        self.policies = tuple(policies)


class CharterRefusal(Refusal):
    """Every candidate deployment is forbidden by the charter."""

    code = "refused_by_charter"


class HumanReviewRequired(Refusal):
    """The charter asks that a second person approve this request before it leaves."""

    code = "human_review_required"


class SourcesRequired(Refusal):
    """The charter asks for an answer from sources, and the request brings none."""

    code = "sources_required"


class CarbonBudgetExceeded(Refusal):
    """No permitted deployment could answer within the carbon budget."""

    code = "carbon_budget_exceeded"


class BudgetSpent(Refusal):
    """The application has spent what its institution gives it for carbon."""

    code = "carbon_budget_spent"


class LawChanged(Refusal):
    """What was permitted when the answer began is so no more: an order came into force meanwhile."""

    code = "law_changed"


class UpstreamError(BouclierError):
    """The deployment failed; the caller may try again or choose another."""

    code = "upstream_error"
    status = 502


class UpstreamUnreachable(UpstreamError):
    """No connection, or it was lost before an answer began."""

    code = "upstream_unreachable"


class UpstreamTimeout(UpstreamError):
    """The deployment did not answer in time."""

    code = "upstream_timeout"
    status = 504


class UpstreamProtocolError(UpstreamError):
    """The deployment answered something that is not the protocol."""

    code = "upstream_protocol_error"


class StreamInterrupted(UpstreamError):
    """The answer stopped before its end."""

    code = "stream_interrupted"


class DeploymentUnavailable(UpstreamError):
    """The deployment cannot serve now: its engine is stopped or loading, its slots are taken, its operator drains it.

    Attributes:
        retry_after_s: When to try again, seconds, if that can be told.
    """

    code = "deployment_unavailable"
    status = 503
    retry_after_s: int | None = None


class InternalError(BouclierError):
    """A defect of Bouclier itself ended an exchange; what caused it is told to whoever runs it, without content."""

    code = "internal_error"


class VerificationError(BouclierError):
    """What was read is not what was signed or hashed."""

    code = "verification_failed"
    status = 503


class OperatorError(BouclierError):
    """Whoever runs Bouclier can act."""

    code = "operator_error"
    status = 503


class ConfigurationError(OperatorError):
    """`bouclier.yaml`, an environment override or a command-line option is wrong."""

    code = "configuration_error"


class StorageError(OperatorError):
    """The record cannot be written or read; nothing may leave until it can."""

    code = "log_unavailable"


class DetectorError(OperatorError):
    """A detector is broken; nothing may leave uninspected."""

    code = "detector_unavailable"


class CharterError(OperatorError):
    """The charter cannot be read, or its policies cannot be evaluated without error."""

    code = "charter_unavailable"


class CharterExpired(CharterError):
    """The last charter that could be verified may not be used any more, and no newer one could be had."""

    code = "charter_expired"
