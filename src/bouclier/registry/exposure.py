"""From facts to exposure: which laws can compel whoever runs a deployment. Pure.

The rules, in the order they apply (ADR 0012):

1. An operator without facts, or one that only publishes weights, is *unknown*: everything is assumed.
2. The law of a state outside the legal area that controls the operator, holds its seat, or hosts the deployment,
   reaches it: `law-of-XX`, whether or not a law is named.
3. A named law from outside the area reaches it as its fact says: established, or contested.
4. A law that is both is established.

Nothing is subtracted by a qualification, a contract or an encryption claim; adding a fact can only add exposure.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from bouclier.registry.model import IMPLICIT_LAW, Certainty
from bouclier.terms.law import Exposure

if TYPE_CHECKING:
    from bouclier.registry.model import Registry

UNKNOWN = Exposure(known=False)


def exposure_of(registry: Registry, operator_id: str, *, site_country: str | None = None) -> Exposure:
    """Return which laws can compel an operator, as far as the registry's facts tell.

    Args:
        registry: The facts.
        operator_id: Who runs the deployment.
        site_country: State where the deployment's machines stand, ISO 3166-1 alpha-2, if known.

    Returns:
        The exposure; its tuples are sorted and hold no duplicate. `known` is False for an unlisted operator and
        for one that only publishes weights: whoever hosts them is the operator.
    """
    operator = registry.operators.get(operator_id)
    if operator is None or not operator.serves:
        return UNKNOWN

    states = {*operator.control, operator.seat, site_country} - {None}
    established = {f"{IMPLICIT_LAW}{state}" for state in states if state not in registry.members}
    contested = set[str]()
    for reach in operator.reaches:
        if jurisdiction_of(registry, reach.law) not in registry.members:
            (established if reach.certainty is Certainty.ESTABLISHED else contested).add(reach.law)

    return Exposure(
        known=True,
        control=tuple(sorted(set(operator.control))),
        foreign_laws=tuple(sorted(established)),
        contested=tuple(sorted(contested - established)),
    )


def jurisdiction_of(registry: Registry, law_id: str) -> str:
    """Return the code of the state whose law this is.

    Raises:
        KeyError: The registry has no such law; `parse_registry` lets no fact cite one.
    """
    if law_id.startswith(IMPLICIT_LAW):
        return law_id.removeprefix(IMPLICIT_LAW)
    return registry.laws[law_id].jurisdiction


def suggest(registry: Registry, operator_id: str) -> str | None:
    """Return the known operator whose id looks most like this one, for a hint; None if none does."""
    asked, known = operator_id.lower(), sorted(registry.operators)
    beginnings = [name for name in known if asked and name.startswith(asked)]
    close = get_close_matches(asked, known, n=1) or beginnings
    return close[0] if close else None
