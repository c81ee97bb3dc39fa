"""How an exchange is refused, in words: by the charter, or for what a deployment did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.charter.order_model import ORDER_PREFIX
from bouclier.terms.duties import unmet
from bouclier.terms.errors import (
    Bilingual,
    BudgetSpent,
    CarbonBudgetExceeded,
    CharterRefusal,
    HumanReviewRequired,
    LawChanged,
    SourcesRequired,
    UpstreamProtocolError,
    UpstreamTimeout,
)
from bouclier.terms.law import Budget, Duty

_MOST_NAMED: Final = 12

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.duties import Means
    from bouclier.terms.errors import Refusal
    from bouclier.terms.law import PolicyRef, Verdict


def charter_refusal(refused: Sequence[Verdict], *, considered: int = 0) -> CharterRefusal:
    """Return the refusal of all candidates, with the rules that decided; `considered` counts those not named too."""
    policies = {policy.id: policy for verdict in refused for policy in verdict.policies}
    names = ", ".join(verdict.deployment.name for verdict in refused[:_MOST_NAMED])
    if max(considered, len(refused)) > _MOST_NAMED:
        names += f"… ({max(considered, len(refused))})"
    reasons_fr = " ".join(f"{policy.title_fr} ({policy.basis})." for policy in policies.values())
    reasons_en = " ".join(f"{policy.title_en} ({policy.basis})." for policy in policies.values())
    # An order says how it can be contested; a rule of the charter, in its pack's text.
    ordered = any(policy.id.startswith(ORDER_PREFIX) for policy in policies.values())
    redress_fr = " Motifs et recours de l'ordre : /charter/orders." if ordered else ""
    redress_en = " Reasons for the order, and redress: /charter/orders." if ordered else ""
    return CharterRefusal(
        Bilingual(
            f"La charte ne permet pas d'envoyer cette demande à : {names}. {reasons_fr}".rstrip(),
            f"The charter does not permit sending this request to: {names}. {reasons_en}".rstrip(),
        ),
        Bilingual(
            "Retirez les données concernées, ou choisissez « auto » ou un déploiement de votre institution."
            f"{redress_fr}",
            f'Remove the data concerned, or choose "auto" or a deployment of your own institution.{redress_en}',
        ),
        policies=tuple(policies.values()),
        param="model",
    )


def unmet_refusal(permitted: Sequence[Verdict], means: Means) -> Refusal | None:
    """Return the refusal of an exchange none of whose permitted candidates can have its duties fulfilled, or None.

    Where several duties are in the way, the one that the caller can meet with the least is told.
    """
    missing = [unmet(verdict.duties, means, carbon_mg=verdict.deployment.carbon_mg) for verdict in permitted]
    if not all(missing):
        return None
    told = min((duty for duties in missing for duty in duties), key=_TOLD.index)
    policies = tuple({policy.id: policy for verdict in permitted for policy in verdict.policies}.values())
    if told is Duty.GROUND:
        return SourcesRequired(
            Bilingual(
                "La charte veut ici une réponse fondée sur des sources, et la demande n'en apporte pas.",
                "The charter wants an answer from sources here, and the request brings none.",
            ),
            Bilingual(
                "Joignez les textes dans « documents », ou comme résultat d'un outil.",
                "Bring the texts in `documents`, or as what a tool returned.",
            ),
            policies=policies,
            param="documents",
        )
    if told is Duty.HUMAN_REVIEW:
        return HumanReviewRequired(
            Bilingual(
                "La charte veut qu'une seconde personne relise cette demande avant son envoi.",
                "The charter wants a second person to review this request before it is sent.",
            ),
            Bilingual(
                "Montrez-la à un relecteur (« bouclier review approve ÉCHANGE »), puis renvoyez-la telle quelle avec "
                "l'en-tête « X-Bouclier-Review: ÉCHANGE ».",
                "Show it to a reviewer (`bouclier review approve EXCHANGE`), then send it again unchanged with the "
                "header `X-Bouclier-Review: EXCHANGE`.",
            ),
            policies=policies,
            param="X-Bouclier-Review",
        )
    return CarbonBudgetExceeded(
        Bilingual(
            "Cette demande est trop longue pour le budget carbone que la charte lui donne.",
            "This request is too long for the carbon budget that the charter gives it.",
        ),
        Bilingual("Raccourcissez-la, ou choisissez un modèle plus sobre.", "Shorten it, or choose a lighter model."),
        policies=policies,
        param="messages",
    )


def budget_refusal(budget: Budget, resets_on: str | None) -> BudgetSpent | None:
    """Return the refusal of an application that has overspent its carbon budget, or None.

    Args:
        budget: How far it is.
        resets_on: The first day, UTC, on which it may spend anew.
    """
    if budget is not Budget.REFUSE:
        return None
    then = Bilingual(f"Attendez le {resets_on} (UTC)", f"Wait until {resets_on} (UTC)")
    return BudgetSpent(
        Bilingual(
            "Le budget carbone de cette application est épuisé pour la période.",
            "The carbon budget of this application is spent for the period.",
        ),
        Bilingual(
            f"{then.fr}, ou demandez à l'administrateur de revoir « budgets » dans bouclier.yaml ; "
            "« bouclier report carbon » montre ce qui a été dépensé.",
            f"{then.en}, or ask whoever runs this gateway to revise `budgets` in bouclier.yaml; "
            "`bouclier report carbon` shows what was spent.",
        ),
        param="budgets",
    )


def also_tried(message: Bilingual, tried: Sequence[str]) -> Bilingual:
    """Return what is said of the last deployment that failed, with those that failed before it."""
    names = ", ".join(tried)
    if not names:
        return message
    return Bilingual(f"{message.fr} Avant lui ont échoué : {names}.", f"{message.en} Before it, these failed: {names}.")


def out_of_patience(name: str, waited_ms: int) -> UpstreamTimeout:
    """Return the error of a deployment whose answer was not waited for any longer."""
    return UpstreamTimeout(
        Bilingual(
            f"Le déploiement « {name} » n'a rien répondu en {waited_ms} ms.",
            f'The deployment "{name}" answered nothing within {waited_ms} ms.',
        ),
        Bilingual("Réessayez, ou choisissez un autre modèle.", "Try again, or choose another model."),
    )


_TOLD = (Duty.GROUND, Duty.HUMAN_REVIEW, Duty.CARBON_CAP)


def law_changed(name: str, policies: Sequence[PolicyRef]) -> LawChanged:
    """Return the refusal of the rest of an answer whose deployment is no longer permitted."""
    reasons_fr = " ".join(f"{policy.title_fr} ({policy.basis})." for policy in policies)
    reasons_en = " ".join(f"{policy.title_en} ({policy.basis})." for policy in policies)
    return LawChanged(
        Bilingual(
            f"La charte ne permet plus « {name} » : la réponse s'arrête ici. {reasons_fr}".rstrip(),
            f'The charter no longer permits "{name}": the answer ends here. {reasons_en}'.rstrip(),
        ),
        Bilingual(
            "Reprenez avec « auto » ou un autre déploiement. Motifs et recours : /charter/orders.",
            'Go on with "auto" or another deployment. Reasons and redress: /charter/orders.',
        ),
        policies=tuple(policies),
        param="model",
    )


def law_moved() -> LawChanged:
    """Return the refusal of an exchange whose law was replaced between its decision and its sending."""
    return LawChanged(
        Bilingual(
            "Une charte ou un ordre est entré en vigueur pendant la demande : rien n'est parti.",
            "A charter or an order came into force during the request: nothing has left.",
        ),
        Bilingual("Renvoyez la demande.", "Send the request again."),
    )


def waited_in_vain(message: Bilingual, waited_ms: int, waiting: int) -> Bilingual:
    """Return why nothing can serve now, with how long it was waited for, and how many wait before."""
    return Bilingual(
        f"{message.fr} Attendu {waited_ms / 1000:.1f} s ; {waiting} demandes sont dans la file d'attente.",
        f"{message.en} Waited {waited_ms / 1000:.1f} s; {waiting} requests stand in line.",
    )


def never_begins(name: str) -> UpstreamProtocolError:
    """Return the error of a stream that goes on and never comes to an answer."""
    return UpstreamProtocolError(
        Bilingual(
            f"Le déploiement « {name} » écrit sans jamais commencer à répondre.",
            f'The deployment "{name}" goes on writing and never begins to answer.',
        ),
        Bilingual("Réessayez, ou choisissez un autre modèle.", "Try again, or choose another model."),
    )


def not_a_stream(name: str) -> UpstreamProtocolError:
    """Return the error of a deployment that was asked for a stream and gave none."""
    return UpstreamProtocolError(
        Bilingual(
            f"Le déploiement « {name} » n'a pas répondu par un flux d'événements.",
            f'The deployment "{name}" did not answer with an event stream.',
        ),
        Bilingual(
            "Réessayez sans « stream », ou choisissez un autre modèle.", "Try without `stream`, or another model."
        ),
    )
