"""Say in plain French and English what an order does and to what, for pages and terminals."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import UNSET

from bouclier.charter.order_model import (
    UNION,
    CapClass,
    ForbidJurisdiction,
    LocalOnly,
    RequireEvaluation,
    RequireHumanReview,
    RequireWarning,
    Suspend,
)
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bouclier.charter.order_model import Effect, Selector

_SELECTED: Final[Mapping[str, Bilingual]] = MappingProxyType(
    {
        "model": Bilingual("modèle", "model"),
        "deployment": Bilingual("déploiement", "deployment"),
        "operator": Bilingual("opérateur", "operator"),
        "site": Bilingual("site", "site"),
        "country": Bilingual("machines en", "machines in"),
        "openness": Bilingual("poids", "weights"),
        "law": Bilingual("à portée de la loi", "within reach of the law"),
    }
)
_OPENNESS: Final = {"open": Bilingual("publics", "public"), "closed": Bilingual("fermés", "closed")}


def effect_words(effect: Effect) -> Bilingual:  # noqa: PLR0911 -- one return an effect
    """Return what an effect does, as one clause."""
    match effect:
        case Suspend():
            return Bilingual("rien n'y est envoyé", "nothing is sent there")
        case ForbidJurisdiction(states=states):
            listed = ", ".join(states)
            return Bilingual(
                f"rien n'est envoyé à portée du droit de : {listed}",
                f"nothing is sent within reach of the law of: {listed}",
            )
        case RequireWarning(warning=warning):
            return Bilingual(f"chaque réponse avertit : {warning.fr}", f"every answer warns: {warning.en}")
        case RequireEvaluation(evaluation=evaluation):
            return Bilingual(
                f"rien n'y est envoyé sans le rapport d'évaluation {evaluation}",
                f"nothing is sent there without the evaluation report {evaluation}",
            )
        case CapClass(data_class=highest):
            return Bilingual(f"rien n'y est envoyé au-dessus de {highest}", f"nothing above {highest} is sent there")
        case RequireHumanReview():
            return Bilingual("une seconde personne approuve avant l'envoi", "a second person approves before sending")
        case LocalOnly():
            return Bilingual(
                "cela reste sur les machines de l'institution", "it stays on the institution's own machines"
            )


def selector_words(selector: Selector) -> Bilingual:
    """Return which deployments are meant, as a noun phrase."""
    french, english = [], []
    for key, label in _SELECTED.items():
        value = getattr(selector, key)
        if value is not UNSET:
            said = _OPENNESS[value] if key == "openness" else Bilingual(value, value)
            french.append(f"{label.fr} {said.fr}")
            english.append(f"{label.en} {said.en}")
    if not french:
        return Bilingual("tous les déploiements", "every deployment")
    return Bilingual(", ".join(french), ", ".join(english))


def territory_words(states: Iterable[str]) -> Bilingual:
    """Return where an order applies."""
    listed = list(states)
    return Bilingual(
        ", ".join("Union européenne" if state == UNION else state for state in listed),
        ", ".join("European Union" if state == UNION else state for state in listed),
    )
