"""How an exchange is refused, in words: by the charter, or for what a deployment did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.terms.errors import Bilingual, CharterRefusal, UpstreamProtocolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.law import Verdict


def charter_refusal(refused: Sequence[Verdict]) -> CharterRefusal:
    """Return the refusal of all candidates, with the rules that decided."""
    policies = {policy.id: policy for verdict in refused for policy in verdict.policies}
    names = ", ".join(verdict.deployment.name for verdict in refused)
    reasons_fr = " ".join(f"{policy.title_fr} ({policy.basis})" for policy in policies.values())
    reasons_en = " ".join(f"{policy.title_en} ({policy.basis})" for policy in policies.values())
    return CharterRefusal(
        Bilingual(
            f"La charte ne permet pas d'envoyer cette demande à : {names}. {reasons_fr}".rstrip(),
            f"The charter does not permit sending this request to: {names}. {reasons_en}".rstrip(),
        ),
        Bilingual(
            "Retirez les données concernées, ou choisissez « auto » ou un déploiement de votre institution.",
            'Remove the data concerned, or choose "auto" or a deployment of your own institution.',
        ),
        policies=tuple(policies.values()),
        param="model",
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
