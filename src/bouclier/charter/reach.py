"""Whether any request reaches a policy, and whether a permit that is reached ever has its effect.

A policy is tried alone on the requests that can make a difference to it (`sampling`). Where all of them were tried and
none reached it, none will: its condition cannot hold, or it asks for a use, a signal or a modality that nothing gives.
That rests on each condition comparing attributes with words and numbers; one that compares two attributes, or computes,
is only tried. A permit is *shadowed* when on every request that reaches it the whole charter still says no: this is
tried from a few starting points, and is never a proof.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from bouclier.charter.alone import holding, some_policies, text_of
from bouclier.charter.asked import computes
from bouclier.charter.decide import decide
from bouclier.charter.sampling import requests_for
from bouclier.terms.errors import CharterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.charter.asked import Asked
    from bouclier.charter.model import Charter, Policy
    from bouclier.charter.sampling import Request


class Reach(NamedTuple):
    """What trying a policy found.

    Attributes:
        is_reached: Whether its condition held for a request.
        has_effect: Whether the whole charter then gave its answer by this policy, at least once.
        may_err: Whether evaluating it went wrong for a request: the gateway would refuse.
        tried: Number of requests tried.
        is_exhaustive: Whether those were all that can make a difference to it.
    """

    is_reached: bool
    has_effect: bool
    may_err: bool
    tried: int
    is_exhaustive: bool


def reach(policy: Policy, asked: Asked, charter: Charter, starts: Sequence[Request]) -> Reach:
    """Return whether any request reaches a policy.

    Args:
        policy: Of the charter's own files.
        asked: What it asks.
        charter: The whole.
        starts: From where to vary what it asks.
    """
    alone, can_err = some_policies((policy,), charter), computes(text_of(policy, charter))
    requests = requests_for(asked, charter.data)
    is_reached = has_effect = may_err = False
    tried = 0
    for request in chain.from_iterable(requests.on(start) for start in starts):
        tried += 1
        ids, err = holding(alone, policy.action, request, charter)
        may_err |= err
        is_reached |= bool(ids)
        has_effect |= bool(ids) and _decides(policy, request, charter)
        if has_effect and (may_err or not can_err):
            break
    return Reach(is_reached, has_effect, may_err, tried, requests.is_exhaustive)


def _decides(policy: Policy, request: Request, charter: Charter) -> bool:
    if policy.effect == "forbid":
        return True  # a forbid that holds always wins
    try:
        verdict = decide(request.case, request.deployment, charter)
    except CharterError:
        return False
    return verdict.permitted and policy.ref in verdict.policies
