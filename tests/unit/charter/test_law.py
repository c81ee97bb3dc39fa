"""The law in force: a charter under its orders, and what stays of the one before when little changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.charter_kit import ORDINARY, files_of_charter
from tests.order_kit import PROTECTION, authorities, encoded

from bouclier.charter import parse_charter
from bouclier.charter.law import Adoption, InForce, law_in_force
from bouclier.terms.content import DataClass
from bouclier.terms.law import Case, Deployment, Exposure, Openness

AT = datetime(2026, 11, 25, tzinfo=UTC)
CASE = Case(role="agent", purpose="essai", data_class=DataClass.PUBLIC, day=20261125)
DEPLOYMENT = Deployment(
    name="lyon",
    model="exemple-7b",
    operator="exemple-fr",
    operator_name="Exemple",
    site="lyon",
    own=False,
    openness=Openness.OPEN,
    exposure=Exposure(known=True, control=("FR",)),
    country="FR",
)
ORDER = ("orders/fr-protection/2026-014.json", "authority-fr-protection", encoded())


def law(
    *published: tuple[str, str, bytes],
    version: str = "1",
    timestamp: int = 1,
    at: datetime = AT,
    before: InForce | None = None,
    registry: str = "a" * 64,
) -> InForce:
    charter = parse_charter(files_of_charter(ORDINARY, version=version, authorities=authorities(PROTECTION)))
    adoption = Adoption(root=1, timestamp=timestamp, expires=at + timedelta(days=timestamp))
    return law_in_force(charter, published, adoption, at=at, territory="FR", registry=registry, before=before)


def test_where_only_signatures_are_new_the_verdicts_are_those_remembered() -> None:
    before = law(ORDER)
    (verdict,) = before.decide_all(CASE, [DEPLOYMENT])
    after = law(ORDER, timestamp=2, before=before)
    assert after.charter is before.charter
    assert after.decide_all(CASE, [DEPLOYMENT])[0] is verdict
    # What the signatures say is told all the same.
    assert (after.stamp.timestamp, after.adoption.timestamp) == (2, 2)
    assert (after.stamp.charter, after.stamp.orders) == (before.stamp.charter, before.stamp.orders)
    assert after == law(ORDER, timestamp=2)


def test_other_facts_are_cited_at_once_and_the_verdicts_on_what_they_did_not_change_are_remembered() -> None:
    before = law(ORDER)
    (verdict,) = before.decide_all(CASE, [DEPLOYMENT])
    after = law(ORDER, registry="b" * 64, before=before)
    assert (before.stamp.registry, after.stamp.registry) == ("a" * 64, "b" * 64)
    assert after.decide_all(CASE, [DEPLOYMENT])[0] is verdict
    reached = replace(DEPLOYMENT, exposure=Exposure(known=False))
    assert after.decide_all(CASE, [reached])[0] is not verdict


def test_a_new_order_a_lifted_one_or_a_new_charter_is_decided_by_at_once() -> None:
    free, suspended = law(), law(ORDER)
    assert law(ORDER, before=free).decide_all(CASE, [DEPLOYMENT])[0].permitted is False
    assert law(before=suspended).decide_all(CASE, [DEPLOYMENT])[0].permitted is True
    expired = law(ORDER, at=AT + timedelta(days=60), before=suspended)
    assert expired.decide_all(CASE, [DEPLOYMENT])[0].permitted is True
    assert law(ORDER, version="2", before=suspended).charter.about.version == "2"
    withheld = encoded(effect={"kind": "local-only"})
    assert law((*ORDER[:2], withheld), before=suspended).charter is not suspended.charter


def test_an_order_that_has_no_effect_is_told_without_deciding_anew() -> None:
    before = law()
    after = law((ORDER[0], ORDER[1], b"{}"), before=before)
    assert after.charter is before.charter
    assert len(after.orders.refused) == 1
