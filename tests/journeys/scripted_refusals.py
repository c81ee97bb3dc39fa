"""What a scripted gateway refuses because of the law, in the real errors' own shapes: a word in the text each.

ORDERED     an order forbids it
REVIEW      a second person approves first; then once, if the header names the exchange that a test approved
UNSOURCED   the charter wants sources
COSTLY      the carbon budget of an exchange is too small
SPENT       the application has spent its carbon budget
EXPIRED     the charter is no longer valid
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bouclier.gateway.http_errors import openai_error
from bouclier.gateway.refusals import law_changed
from bouclier.terms.errors import (
    Bilingual,
    BouclierError,
    BudgetSpent,
    CarbonBudgetExceeded,
    CharterExpired,
    CharterRefusal,
    HumanReviewRequired,
    RequestError,
    SourcesRequired,
)
from bouclier.terms.law import PolicyRef
from tests.journeys.scripted_law import SUSPENDED, policy_of

if TYPE_CHECKING:
    from bouclier.terms.errors import Refusal

Json = dict[str, Any]

RULE = PolicyRef(
    id="decision-reviewed",
    basis="RGPD, art. 22",
    title_fr="Une décision sur une personne est relue par une autre",
    title_en="A decision on a person is reviewed by another one",
)
_ASIDE = Bilingual("Consigne de la passerelle.", "The gateway's advice.")
_REFUSALS: dict[str, tuple[type[Refusal], Bilingual]] = {
    "ORDERED": (CharterRefusal, Bilingual("La charte ne le permet pas.", "The charter does not permit it.")),
    "REVIEW": (HumanReviewRequired, Bilingual("La charte veut une relecture.", "The charter wants a review.")),
    "UNSOURCED": (SourcesRequired, Bilingual("La demande n’apporte pas de source.", "The request brings no source.")),
    "COSTLY": (CarbonBudgetExceeded, Bilingual("La demande est trop longue.", "The request is too long.")),
    "SPENT": (BudgetSpent, Bilingual("Le budget est épuisé.", "The budget is spent.")),
}


def refusal_of(text: str, inspected: Json) -> tuple[int, Json] | None:
    """The status and the body that refuse a text, with what was found in it; None if nothing does."""
    if "EXPIRED" in text:
        return _answer(CharterExpired(Bilingual("La charte a expiré.", "The charter has expired."), _ASIDE))
    for word, (kind, message) in _REFUSALS.items():
        if word in text:
            policy = policy_of(SUSPENDED.order) if word == "ORDERED" else RULE
            error = kind(message, _ASIDE, policies=() if word == "SPENT" else (policy,))
            error.inspected = {key: inspected[key] for key in ("data_class", "labels", "findings", "detail")}
            error.exchange_id, error.receipt = inspected["exchange"], inspected["receipt"]
            return _answer(error)
    return None


def not_reviewed_yet() -> tuple[int, Json]:
    """The answer to a request sent again too early."""
    message = Bilingual("Relecture : personne ne l'a encore relue.", "Review: nobody has reviewed it yet.")
    return _answer(RequestError(message, _ASIDE, param="X-Bouclier-Review"))


def suspended_meanwhile(name: str) -> Json:
    """The event that ends an answer once its deployment is suspended."""
    return openai_error(law_changed(name, [policy_of(SUSPENDED.order)]))


def _answer(error: BouclierError) -> tuple[int, Json]:
    return error.status, openai_error(error)
