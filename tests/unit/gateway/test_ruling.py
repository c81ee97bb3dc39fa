"""What was decided leaves only under the law in force; after its expiry, only to the institution's own machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.charter_kit import ORDINARY, files_of_charter
from tests.log_kit import DEPLOYMENTS
from tests.order_kit import PROTECTION, authorities, encoded

from bouclier.charter import InForce, parse_charter
from bouclier.charter.law import Adoption, law_in_force
from bouclier.gateway.chat_request import parse_chat_request
from bouclier.gateway.ruling import Ruling, may_still_go
from bouclier.shield import SecondNet
from bouclier.shield.adapters.cached_net import CachedNet
from bouclier.terms.content import DataClass
from bouclier.terms.exchange import Inspected, Permitted, Placed, Received
from bouclier.terms.law import Case, Principal, Terms, Verdict

HOME, AWAY = (next(one for one in DEPLOYMENTS if one.own is own) for own in (True, False))
ORDER = ("orders/fr-protection/2026-014.json", "authority-fr-protection", encoded())
NET = CachedNet(SecondNet(()), 1)


def law(*orders: tuple[str, str, bytes], version: str = "1", timestamp: int = 1) -> InForce:
    charter = parse_charter(files_of_charter(ORDINARY, version=version, authorities=authorities(PROTECTION)))
    adoption = Adoption(root=1, timestamp=timestamp)
    return law_in_force(
        charter, orders, adoption, at=datetime(2026, 11, 25, tzinfo=UTC), territory="FR", registry="22" * 32
    )


BEFORE = law()


def placed(*, own: bool) -> Placed:
    request = parse_chat_request(b'{"model":"auto","messages":[{"role":"user","content":"x"}]}')
    case = Case(role="agent", purpose="", data_class=DataClass.PUBLIC)
    verdict = Verdict(HOME if own else AWAY, permitted=True, policies=())
    permitted = Permitted(
        inspected=Inspected(Received("e" * 32, Principal("mairie"), "", None, request), ((),), case, 0),
        case=case,
        law=BEFORE.stamp,
        warnings={},
        candidates=(verdict,),
        refused=(),
        loads={},
        terms=Terms("e" * 32),
    )
    return Placed(permitted=permitted, chosen=verdict, spares=())


@pytest.mark.parametrize("own", [True, False])
def test_what_was_decided_goes_while_charter_and_orders_are_the_same_whoever_signed_again(*, own: bool) -> None:
    assert may_still_go(placed(own=own), Ruling(law(), NET))
    assert may_still_go(placed(own=own), Ruling(law(timestamp=2), NET))


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("now", [law(ORDER), law(version="2")])
def test_nothing_goes_by_a_law_that_was_replaced(now: InForce, *, own: bool) -> None:
    assert not may_still_go(placed(own=own), Ruling(now, NET))


def test_nothing_goes_when_there_is_no_law() -> None:
    assert not may_still_go(placed(own=True), None)


def test_by_a_law_that_expired_meanwhile_only_ones_own_machines_are_asked() -> None:
    expired = replace(Ruling(law(), NET), own_only=True)
    assert may_still_go(placed(own=True), expired)
    assert not may_still_go(placed(own=False), expired)
