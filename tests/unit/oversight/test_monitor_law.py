"""The monitor holds a log to the law it says it stands by, and to what that law asks beside a permission."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from tests import order_kit
from tests.charter_kit import ORDINARY, charter, oblige
from tests.log_kit import (
    CHARTER,
    DEPLOYMENTS,
    LAW,
    NOW_S,
    ORIGIN,
    REGISTRY,
    REPLAYER,
    Institution,
    alarms_of,
    bent,
    bent_candidate,
)

from bouclier.charter import parse_charter
from bouclier.charter.law import NO_ORDERS, law_in_force
from bouclier.compose.laws import Laws
from bouclier.compose.replaying import RoomsReplayer
from bouclier.oversight import (
    DecisionEntry,
    ErasureEntry,
    ReviewEntry,
    ShadowEntry,
    parse_entry,
    principal_pseudonym,
    render_entry,
)
from bouclier.oversight.monitor import Bounds, LogWatch, WatchState
from bouclier.oversight.monitor.law import GRACE_MS, RECORDED_WITHIN_MS, LawState
from bouclier.oversight.monitor.shadows import MAX_DECISIONS
from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.charter import Charter
    from bouclier.charter.law import InForce

HOME, FRENCH = DEPLOYMENTS[0], DEPLOYMENTS[4]
AT = dt.datetime.fromtimestamp(NOW_S, dt.UTC)
Told = list[tuple[int | None, str, str | None]]


def told(entries: Sequence[bytes], replayer: RoomsReplayer = REPLAYER) -> Told:
    watch, bounds = LogWatch(ORIGIN, replayer), Bounds(None, None, NOW_S + 86_400)
    return [(alarm.index, alarm.code, alarm.field) for alarm in alarms_of(entries, watch=watch, bounds=bounds)]


def under(held: Charter) -> tuple[Institution, RoomsReplayer]:
    """A gateway that decides by a charter, and what decides again by it."""
    law = law_in_force(held, (), at=AT, territory=None, registry=REGISTRY.digest)
    return Institution(seed=7, up=1.0, law=law), RoomsReplayer([held], [REGISTRY])


def stamped(law: InForce = LAW, **changes: Any) -> InForce:
    """The same law with another stamp."""
    return replace(law, stamp=replace(law.stamp, **changes))


# Adopted, and cited --------------------------------------------------------------------------------------------------


def test_a_run_that_adopts_no_law_is_said_once_and_the_next_one_again() -> None:
    institution = Institution(seed=1).mark("start")
    for _ in range(2):
        institution.exchange(types=[], attempts=1, candidates=(HOME,))
    institution.mark("stop").mark("start").mark("alive")

    said = told(institution.entries)

    assert [one[1:] for one in said] == [("adoption-missing", None)] * 2
    assert [said[0][0], said[1][0]] == [1, len(institution.entries) - 1]


def test_an_entry_that_cites_another_law_than_the_one_adopted_is_named_when_it_begins() -> None:
    institution = Institution(seed=1).begin()
    institution.law = stamped(timestamp=9)
    for _ in range(2):
        institution.exchange(types=[], attempts=1, candidates=(HOME,))

    assert told(institution.entries) == [(2, "law-differs", "$.law.timestamp")]


def test_what_was_under_way_when_the_law_changed_may_cite_the_one_before_for_a_minute() -> None:
    institution = Institution(seed=1).begin().adopt(stamped(root=1, timestamp=1))
    before = institution.law
    institution.adopt(stamped(root=1, timestamp=2)).adopt(stamped(root=1, timestamp=3))
    institution.law = before
    institution.time_ms += GRACE_MS - 100
    institution.exchange(types=[], attempts=1, candidates=(HOME,))
    assert told(institution.entries) == []

    institution.time_ms += 200
    institution.exchange(types=[], attempts=1, candidates=(HOME,))
    assert [code for _, code, _ in told(institution.entries)] == ["law-differs"]


@pytest.mark.parametrize(("name", "least"), [("root", 2), ("timestamp", 5)])
def test_an_adoption_never_goes_back_to_an_older_root_or_timestamp(name: str, least: int) -> None:
    institution = Institution(seed=1, law=stamped(root=2, timestamp=5)).begin()
    versions: dict[str, Any] = {"root": 2, "timestamp": 5, name: least - 1}
    institution.adopt(stamped(**versions))
    institution.mark("stop").begin()

    (alarm,) = alarms_of(institution.entries)

    assert (alarm.index, alarm.code, alarm.field) == (2, "law-back", f"$.law.{name}")
    assert (alarm.expected, alarm.found) == (f">= {least}", f"{least - 1}")


def test_who_leaves_a_signed_charter_for_a_folder_is_told() -> None:
    institution = Institution(seed=1, law=stamped(root=2, timestamp=5)).begin().mark("stop")
    institution.law = LAW

    assert told(institution.begin().entries) == [(4, "law-back", "$.law.root"), (4, "law-back", "$.law.timestamp")]


def test_an_adoption_whose_orders_do_not_give_its_digest_is_named() -> None:
    entries = Institution().begin().entries
    other = bent(entries[1], orders=({"digest": "6" * 64, "id": "fr-protection/1"},), orders_count=1)

    assert told([entries[0], other]) == [(1, "adoption-differs", "$.orders")]


def test_an_adoption_of_more_orders_than_it_can_list_is_no_lie() -> None:
    listed = tuple({"digest": f"{number:064x}", "id": f"fr-protection/{number:03}"} for number in range(400))
    entries = Institution().begin().entries

    assert told([entries[0], bent(entries[1], orders=listed, orders_count=401)]) == []
    assert told([entries[0], bent(entries[1], orders=listed, orders_count=400)]) == [
        (1, "adoption-differs", "$.orders")
    ]


def test_orders_that_are_not_held_are_said_once_and_the_rest_is_replayed() -> None:
    unheld = "6" * 64
    institution = Institution(seed=1, law=stamped(orders=REPLAYER.orders_digest([unheld]))).begin()
    entries = institution.exchange(types=[], attempts=1, candidates=(HOME, FRENCH)).entries
    entries[1] = bent(entries[1], orders=({"digest": unheld, "id": "fr-protection/1"},), orders_count=1)
    watch = LogWatch(ORIGIN, REPLAYER)

    alarms = alarms_of([*entries[:2], bent_candidate(entries[2], 1, foreign_laws=("us-cloud-act",))], watch=watch)

    assert [(alarm.index, alarm.code, alarm.field) for alarm in alarms] == [
        (0, "orders-unknown", "$.law.orders"),
        (2, "facts-differ", "$.candidates[1].foreign_laws"),
    ]
    assert watch.is_troubled


def test_orders_that_are_given_are_found_by_their_digest_whatever_the_state_and_the_moment() -> None:
    held = charter(ORDINARY)
    files = dict(held.files) | {"authorities.json": order_kit.authorities(order_kit.PROTECTION).decode()}
    held = parse_charter(files)
    orders = [
        (f"orders/fr-protection/{name}.json", "authority-fr-protection", order_kit.encoded(id=f"fr-protection/{name}"))
        for name in ("one", "two")
    ]
    during = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    laws = Laws([held], orders)

    for territory in (None, "FR", "DE"):
        for at in (AT, during):
            cited = law_in_force(held, orders, at=at, territory=territory, registry=REGISTRY.digest).stamp
            assert laws.knows_orders(held.digest, cited.orders)
    one = law_in_force(held, orders[:1], at=during, territory=None, registry=REGISTRY.digest).stamp
    assert not laws.knows_orders(held.digest, one.orders), "they were published together"
    assert not laws.knows_orders("0" * 64, NO_ORDERS)


# Until when ----------------------------------------------------------------------------------------------------------


def test_nothing_leaves_the_institution_under_a_law_that_has_expired() -> None:
    institution = Institution(seed=2, up=1.0, expires_ms=NOW_S * 1000).begin()
    institution.time_ms = NOW_S * 1000 + RECORDED_WITHIN_MS - 1_000
    institution.exchange(types=[], attempts=1, candidates=(FRENCH,))
    institution.time_ms = NOW_S * 1000 + RECORDED_WITHIN_MS + 1
    institution.exchange(types=[], attempts=1, candidates=(HOME,))
    institution.exchange(types=[], attempts=1, candidates=(FRENCH,))
    codes = [(index, code) for index, code, _ in told(institution.entries) if code != "silence"]
    assert codes == [(6, "law-expired")]

    institution.expires_ms = None
    institution.adopt().exchange(types=[], attempts=1, candidates=(FRENCH,))
    assert [index for index, code, _ in told(institution.entries) if code == "law-expired"] == [6]


def test_a_decision_s_day_is_that_of_its_time_or_of_just_before() -> None:
    midnight = (NOW_S // 86_400 + 1) * 86_400_000
    institution = Institution(seed=2, time_ms=midnight - 1_000).begin()
    institution.exchange(types=[], attempts=1, candidates=(HOME,), outcome=False)
    decision = institution.entries[2]
    start = institution.entries[:2]

    assert told([*start, bent(decision, time=midnight + 299_000)]) == [(2, "silence", "$.time")]
    late = told([*start, bent(decision, time=midnight + 301_000)])
    assert late == [(2, "silence", "$.time"), (2, "day-differs", "$.day")]
    assert told([*start, bent(decision, day=20260101)]) == [(2, "day-differs", "$.day")]


# What the charter's data add -----------------------------------------------------------------------------------------


def test_a_class_is_replayed_as_the_charter_s_data_raise_it() -> None:
    rule = {"id": "r", "basis": "b", "when": {"purposes": ["soins"]}, "class": "sensitive", "labels": ["health"]}
    institution, replayer = under(charter(ORDINARY, data={"classification": [rule]}))
    institution.begin().exchange(types=[EntityType.PERSON], attempts=1, candidates=(HOME,), purpose="soins")
    decision = parse_entry(institution.entries[2])
    assert isinstance(decision, DecisionEntry)
    assert (decision.data_class, decision.labels) == ("sensitive", ("health",))
    assert told(institution.entries, replayer) == []

    start, lower = institution.entries[:2], bent(institution.entries[2], data_class="personal", labels=())

    assert [one[:3] for one in told([*start, lower], replayer)][:2] == [
        (2, "classification-differs", "$.data_class"),
        (2, "classification-differs", "$.labels"),
    ]
    # Without the charter, a class as high as the findings give is all that can be asked for.
    unheld = RoomsReplayer([], [REGISTRY])
    assert [code for _, code, _ in told([*start, lower], unheld)] == ["charter-unknown"]
    less = [code for _, code, _ in told([*start, bent(lower, data_class="public")], unheld)]
    assert less == ["charter-unknown", "classification-differs"]


# The choice, among what can be fulfilled -----------------------------------------------------------------------------


def test_a_choice_is_replayed_among_those_whose_duties_the_exchange_fulfils() -> None:
    grounded = oblige("sources", "ground", when=f'resource == Bouclier::Deployment::"{HOME.name}"')
    institution, replayer = under(charter(ORDINARY, grounded))
    institution.begin()
    for sourced in (True, False):
        institution.exchange(types=[], attempts=1, candidates=(HOME, FRENCH), sourced=sourced)
    chosen = [one.chosen for one in map(parse_entry, institution.entries) if isinstance(one, DecisionEntry)]
    assert chosen == [HOME.name, FRENCH.name]
    assert told(institution.entries, replayer) == []

    entries = institution.entries
    assert told([*entries[:2], bent(entries[2], sourced=False), *entries[3:]], replayer) == [
        (2, "choice-differs", "$.chosen")
    ]


def test_a_choice_beyond_the_carbon_budget_is_named() -> None:
    clean, heavy = replace(HOME, carbon_mg=10), replace(FRENCH, carbon_mg=1_000)
    data = {"budgets": [{"id": "one", "mg": 100, "basis": "b"}]}
    institution, replayer = under(charter(ORDINARY, oblige("cap", "carbon-cap:one"), data=data))
    institution.begin().exchange(types=[], attempts=1, candidates=(clean, heavy), tokens=200)
    decision = parse_entry(institution.entries[2])
    assert isinstance(decision, DecisionEntry)
    assert (decision.chosen, decision.spares) == (HOME.name, ())
    assert told(institution.entries, replayer) == []

    over = bent(institution.entries[2], chosen=FRENCH.name, spares=())
    assert (2, "choice-differs", "$.chosen") in told([*institution.entries[:2], over], replayer)
    unknown = bent(institution.entries[2], law={**_plain(decision), "charter": "1" * 64})
    assert [code for _, code, _ in told([*institution.entries[:2], unknown], replayer)] == [
        "law-differs",
        "charter-unknown",
    ]


def _plain(decision: DecisionEntry) -> dict[str, Any]:
    return dict(msgspec.to_builtins(decision.law))


def test_duties_that_are_none_do_not_stop_the_monitor() -> None:
    institution = Institution(seed=7, law=stamped(charter="1" * 64)).begin()
    institution.exchange(types=[], attempts=1, candidates=(HOME,))
    odd = ("carbon-cap:x", "retain:7", "retain:9-1", "carbon-cap:" + "9" * 5_000, "seal")

    alarms = told([*institution.entries[:2], bent_candidate(institution.entries[2], 0, duties=odd)])

    assert [code for _, code, _ in alarms] == ["charter-unknown", "seal-missing"]


# Human review --------------------------------------------------------------------------------------------------------

REVIEWED = charter(ORDINARY, oblige("second-person", "human-review", when='context.purpose == "recrutement"'))


def held_back(by: str = "key-asker") -> tuple[Institution, RoomsReplayer, str]:
    """A gateway that held an exchange back, what decides again, and the exchange's id."""
    institution, replayer = under(REVIEWED)
    institution.begin().exchange(types=[], candidates=(HOME,), purpose="recrutement", by=by)
    held = parse_entry(institution.entries[-1])
    assert isinstance(held, DecisionEntry)
    assert held.chosen is None
    return institution, replayer, held.exchange


def sent(institution: Institution, review: str | None, *, by: str = "key-asker") -> Institution:
    return institution.exchange(types=[], attempts=1, candidates=(HOME,), purpose="recrutement", by=by, review=review)


def test_an_exchange_approved_by_somebody_else_goes_once_and_is_silent() -> None:
    institution, replayer, exchange = held_back()
    sent(institution.reviewed(exchange), exchange)
    assert told(institution.entries, replayer) == []

    sent(institution, exchange)
    assert told(institution.entries, replayer) == [(6, "review-unknown", "$.review")]


def test_a_decision_under_the_duty_of_review_that_cites_none_is_named_with_the_policy() -> None:
    institution, replayer, exchange = held_back()
    entries = sent(institution.reviewed(exchange), exchange).entries
    entries[4] = bent(entries[4], review=None)

    alarms = alarms_of(entries, watch=LogWatch(ORIGIN, replayer))

    assert [(alarm.index, alarm.code) for alarm in alarms] == [(4, "review-missing")]
    assert "second-person" in (alarms[0].policy or "")


@pytest.mark.parametrize("kind", ["none", "refused", "after", "of another", "of what was not held back"])
def test_a_review_that_is_none_does_not_let_anything_go(kind: str) -> None:
    institution, replayer, exchange = held_back()
    if kind == "none":
        sent(institution, exchange)
    elif kind == "refused":
        sent(institution.reviewed(exchange, approved=False), exchange)
    elif kind == "after":
        sent(institution, exchange).reviewed(exchange)
    elif kind == "of another":
        sent(institution.reviewed(exchange), exchange, by="key-somebody")
    else:
        institution.reviewed("e" * 32)

    assert {code for _, code, _ in told(institution.entries, replayer)} == {"review-unknown"}


def test_nobody_reviews_their_own_request_under_any_name() -> None:
    institution, replayer, exchange = held_back()
    sent(institution.reviewed(exchange, by="key-asker"), exchange)

    assert told(institution.entries, replayer) == [
        (3, "review-own", "$.reviewer"),
        (4, "review-own", "$.principal"),
    ]


def test_the_fallback_of_an_approved_exchange_cites_the_same_approval() -> None:
    institution, replayer, exchange = held_back()
    institution.reviewed(exchange).exchange(
        types=[],
        attempts=2,
        candidates=(HOME, FRENCH),
        purpose="recrutement",
        by="key-asker",
        review=exchange,
    )
    decisions = [one for one in map(parse_entry, institution.entries) if isinstance(one, DecisionEntry)]
    assert [one.review for one in decisions] == [None, exchange, exchange]

    assert told(institution.entries, replayer) == []


# Retention -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "due", "codes"),
    [
        (180, 180, []),
        (365, 180, []),
        (400, 365, []),
        (179, 179, ["erasure-early"]),
        (179, 180, ["erasure-early"]),
        (400, 366, ["erasure-late"]),
    ],
)
def test_what_is_sealed_is_erased_within_the_charter_s_bounds(days: int, due: int, codes: list[str]) -> None:
    entries = Institution(seed=7, law=stamped(charter="1" * 64)).begin().exchange(types=[], candidates=(HOME,)).entries
    sealed = bent(bent_candidate(entries[2], 0, duties=("retain:180-365", "seal")), sealed="5" * 64)
    decision = parse_entry(sealed)
    assert isinstance(decision, DecisionEntry)
    erased = ErasureEntry(
        due=str(AT.date() + dt.timedelta(days=due)),
        exchange=decision.exchange,
        law=decision.law,
        record="5" * 64,
        time=decision.time + days * 86_400_000,
    )

    said = told([*entries[:2], sealed, render_entry(erased)])

    assert [code for _, code, _ in said if code.startswith("erasure")] == codes


# Trials --------------------------------------------------------------------------------------------------------------


def shadow(decision: DecisionEntry, index: int) -> bytes:
    return render_entry(
        ShadowEntry(
            candidates=(),
            charter="9" * 64,
            chosen="anything",
            decision_index=index,
            exchange=decision.exchange,
            law=decision.law,
            time=decision.time,
        )
    )


def test_a_trial_follows_its_decision_and_may_say_whatever_it_says() -> None:
    entries = Institution(seed=7).begin().exchange(types=[], attempts=1, candidates=(HOME,)).entries
    decision = parse_entry(entries[2])
    assert isinstance(decision, DecisionEntry)
    right, wrong = shadow(decision, 2), shadow(decision, 1)
    of_another = bent(right, exchange="e" * 32)

    assert told([*entries[:3], right, *entries[3:], right]) == []
    assert told([*entries, wrong]) == [(4, "shadow-unknown", "$.decision_index")]
    assert told([*entries, shadow(decision, 4)]) == [(4, "shadow-unknown", "$.decision_index")]
    assert told([*entries, of_another]) == [(4, "shadow-unknown", "$.exchange")]


def test_of_a_decision_long_ago_a_trial_is_believed() -> None:
    institution = Institution(seed=7, up=1.0).begin()
    for _ in range(MAX_DECISIONS + 1):
        institution.exchange(types=[], attempts=1, candidates=(HOME,))
    first = parse_entry(institution.entries[2])
    assert isinstance(first, DecisionEntry)
    watch = LogWatch(ORIGIN, REPLAYER)

    late = bent(shadow(first, 2), time=institution.time_ms)

    assert alarms_of([*institution.entries, late], watch=watch) == []
    assert len(watch.state().shadows.decided) == MAX_DECISIONS


# What is remembered --------------------------------------------------------------------------------------------------


def test_a_watch_cut_anywhere_in_a_log_of_adoptions_and_reviews_goes_on_as_if_it_had_not_been() -> None:
    institution, replayer, exchange = held_back()
    institution.expires_ms = NOW_S * 1000
    sent(institution.adopt().reviewed(exchange, by="key-asker"), exchange)
    sent(institution.adopt(stamped(institution.law, root=1)).adopt(stamped(institution.law, root=0)), exchange)
    entries = institution.entries
    whole = told(entries, replayer)
    assert len(whole) >= 4

    for at in range(len(entries)):
        first = LogWatch(ORIGIN, replayer)
        early = alarms_of(entries[:at], watch=first)
        kept = msgspec.json.decode(msgspec.json.encode(first.state()), type=WatchState)
        late = alarms_of(entries[at:], watch=LogWatch(ORIGIN, replayer, state=kept))
        assert [(one.index, one.code, one.field) for one in early + late] == whole


def test_a_reviewer_is_a_pseudonym_like_whoever_asks() -> None:
    institution, _, exchange = held_back()
    review = parse_entry(institution.reviewed(exchange, by="key-asker").entries[-1])
    held = parse_entry(institution.entries[2])
    assert isinstance(review, ReviewEntry)
    assert isinstance(held, DecisionEntry)

    assert review.reviewer == held.principal == principal_pseudonym(b"p" * 32, "key-asker")
    assert CHARTER.digest != REVIEWED.digest


def test_an_order_that_comes_after_where_a_full_list_ends_may_be_held_and_no_other() -> None:
    whole = LawState(orders={"1" * 64: "ue/1"})
    full = LawState(orders={"1" * 64: "ue/1"}, listed_until="ue/1")

    assert [one.may_hold("1" * 64, "ue/1") for one in (whole, full)] == [True, True]
    assert [one.may_hold("2" * 64, "ue/2") for one in (whole, full)] == [False, True]
    assert [one.may_hold("2" * 64, "ue/0") for one in (whole, full)] == [False, False]
