"""The monitor decides again: whatever a gateway bends in a decision, it names entry, field and policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests import log_kit
from tests.log_kit import (
    ANYTIME,
    CHARTER,
    DEPLOYMENTS,
    ORIGIN,
    REGISTRY,
    REPLAYER,
    Institution,
    bent,
    bent_candidate,
    recorded,
)

from bouclier.charter import parse_charter
from bouclier.charter.law import NO_ORDERS
from bouclier.compose.replaying import RoomsReplayer
from bouclier.oversight import DecisionEntry, parse_entry
from bouclier.oversight.entries_model import Law
from bouclier.oversight.monitor import Alarm, LogWatch, WatchState
from bouclier.oversight.monitor.marks import MarksState
from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    from collections.abc import Sequence

ANOTHER_LAW = Law(charter="1" * 64, orders=log_kit.LAW.stamp.orders, registry=REGISTRY.digest, root=0, timestamp=0)
HOME, ABROAD, FRENCH, CANADIAN, _, AMERICAN, UNKNOWN = DEPLOYMENTS


def alarms_of(entries: Sequence[bytes], *, watch: LogWatch | None = None) -> list[Alarm]:
    """Return what a monitor says, but for the law: logs here adopt none, so that their entries are easy to count."""
    return [one for one in log_kit.alarms_of(entries, watch=watch) if one.code != "adoption-missing"]


def told(entry: bytes) -> list[tuple[int | None, str, str | None, str | None]]:
    log = [*Institution().mark("start").entries, entry]
    return [(alarm.index, alarm.code, alarm.field, alarm.policy) for alarm in alarms_of(log)]


def running(replayer: RoomsReplayer = REPLAYER) -> LogWatch:
    """Return the watch of a log that began to run, and whose marks cited nothing yet."""
    return LogWatch(ORIGIN, replayer, state=WatchState(marks=MarksState(runs=True)))


@pytest.fixture
def decision() -> bytes:
    """A decision on a national number: at home is permitted, in America is not."""
    institution = Institution(seed=3).exchange(types=[EntityType.NIR], attempts=1, candidates=(HOME, AMERICAN))
    entry = parse_entry(institution.entries[0])
    assert isinstance(entry, DecisionEntry)
    assert [(one.operator, one.permitted) for one in entry.candidates] == [("self", True), ("openai", False)]
    return institution.entries[0]


def policies_of(decision: bytes, number: int) -> str:
    entry = parse_entry(decision)
    assert isinstance(entry, DecisionEntry)
    return ", ".join(entry.candidates[number].policies)


def test_a_log_in_good_order_raises_nothing() -> None:
    assert alarms_of(recorded(150, seed=7)) == []


def test_a_forbidden_candidate_said_to_be_permitted_is_named_with_the_policy_that_forbids_it(decision: bytes) -> None:
    entry = parse_entry(bent_candidate(decision, 1, permitted=True))
    assert isinstance(entry, DecisionEntry)

    said = told(bent_candidate(decision, 1, permitted=True))

    assert (1, "verdict-differs", "$.candidates[1].permitted", policies_of(decision, 1)) in said


def test_sending_content_where_the_charter_forbids_is_named(decision: bytes) -> None:
    abroad = bent_candidate(decision, 1, permitted=True)

    said = told(bent(abroad, chosen=AMERICAN.name, spares=(HOME.name,)))

    assert (1, "verdict-differs", "$.candidates[1].permitted", policies_of(decision, 1)) in said
    assert (1, "choice-differs", "$.chosen", policies_of(decision, 1)) in said


def test_other_policies_than_those_that_decide_are_named(decision: bytes) -> None:
    said = told(bent_candidate(decision, 1, policies=("made-up",)))

    assert [(index, code, field) for index, code, field, _ in said] == [
        (1, "verdict-differs", "$.candidates[1].policies")
    ]
    assert "made-up" in (said[0][3] or "")


def test_a_duty_left_out_is_named_with_the_policy_that_imposes_it() -> None:
    institution = Institution(seed=1).exchange(types=[EntityType.PERSON], attempts=1, candidates=(FRENCH,))
    entry = parse_entry(institution.entries[0])
    assert isinstance(entry, DecisionEntry)
    assert "pseudonymise" in entry.candidates[0].duties

    said = told(bent_candidate(institution.entries[0], 0, duties=()))

    assert said == [(1, "verdict-differs", "$.candidates[0].duties", ", ".join(entry.candidates[0].policies))]


def test_a_class_lower_than_what_was_found_gives_is_named(decision: bytes) -> None:
    said = told(bent(decision, data_class="internal"))

    assert said[0][:3] == (1, "classification-differs", "$.data_class")


def test_labels_that_do_not_follow_are_named(decision: bytes) -> None:
    assert told(bent(decision, labels=()))[0][:3] == (1, "classification-differs", "$.labels")


def test_findings_added_or_left_out_show_in_the_class(decision: bytes) -> None:
    assert told(bent(decision, findings={}))[0][:3] == (1, "classification-differs", "$.data_class")


def test_a_type_of_finding_unknown_here_is_said_once_and_the_rest_is_replayed(decision: bytes) -> None:
    odd = bent_candidate(bent(decision, findings={"NIR": 1, "SHOE_SIZE": 1}), 1, permitted=True)
    start = Institution().mark("start").entries

    codes = [alarm.code for alarm in alarms_of([*start, odd, odd])]

    assert codes.count("finding-unknown") == 1
    assert codes.count("verdict-differs") == 2


@pytest.mark.parametrize(
    ("field", "value"), [("foreign_laws", ()), ("control", ("FR",)), ("known", False), ("contested", ("us-fisa-702",))]
)
def test_a_fact_that_is_not_the_registry_s_is_named(decision: bytes, field: str, value: object) -> None:
    said = told(bent_candidate(decision, 1, **{field: value}))

    assert said == [(1, "facts-differ", f"$.candidates[1].{field}", None)]


def test_a_foreign_operator_said_to_be_the_institution_s_own_is_named(decision: bytes) -> None:
    said = told(bent_candidate(decision, 1, own=True))

    assert said == [(1, "facts-differ", "$.candidates[1].own", None)]


def test_the_institution_s_own_machines_abroad_are_replayed_where_they_stand() -> None:
    institution = Institution(seed=2).exchange(types=[EntityType.NIR], attempts=1, candidates=(ABROAD,))

    assert told(institution.entries[0]) == []
    assert told(bent_candidate(institution.entries[0], 0, country="FR"))[0][1:3] == (
        "facts-differ",
        "$.candidates[0].foreign_laws",
    )


def test_an_operator_absent_from_the_registry_is_said_once_for_each_deployment() -> None:
    institution = Institution(seed=2, up=1.0).mark("start")
    for _ in range(3):
        institution.exchange(types=[], attempts=1, candidates=(HOME, UNKNOWN))

    alarms = [alarm for alarm in alarms_of(institution.entries) if alarm.code == "deployment-unregistered"]

    assert [(alarm.severity.value, alarm.field) for alarm in alarms] == [("warning", "$.candidates[1].operator")]


def test_content_sent_to_an_operator_absent_from_the_registry_is_an_alarm() -> None:
    institution = Institution(seed=5).exchange(types=[], attempts=1, candidates=(UNKNOWN,))
    entry = parse_entry(institution.entries[0])
    assert isinstance(entry, DecisionEntry)
    went = bent(bent_candidate(institution.entries[0], 0, permitted=True), chosen=UNKNOWN.name)

    found = [alarm for alarm in alarms_of([went]) if alarm.code == "deployment-unregistered"]

    assert [alarm.severity.value for alarm in found] == ["alarm"]


def test_a_more_exposed_deployment_chosen_before_a_less_exposed_one_is_named() -> None:
    institution = Institution(seed=4).exchange(types=[], attempts=1, candidates=(HOME, FRENCH))
    entry = parse_entry(institution.entries[0])
    assert isinstance(entry, DecisionEntry)
    assert (entry.chosen, entry.spares) == (HOME.name, (FRENCH.name,))

    said = told(bent(institution.entries[0], chosen=FRENCH.name, spares=(HOME.name,)))

    assert [one[:3] for one in said] == [(1, "choice-differs", "$.chosen")]
    assert told(bent(institution.entries[0], spares=()))[0][:3] == (1, "choice-differs", "$.spares")


def test_a_refusal_though_a_permitted_deployment_could_serve_is_named(decision: bytes) -> None:
    assert told(bent(decision, chosen=None, spares=()))[0][:3] == (1, "choice-differs", "$.chosen")


def test_a_deployment_that_was_said_to_be_down_is_not_expected_to_be_chosen(decision: bytes) -> None:
    assert told(bent_candidate(bent(decision, chosen=None, spares=()), 0, load=None)) == []


def test_a_charter_and_a_registry_the_monitor_does_not_hold_are_said_once_each(decision: bytes) -> None:
    other = bent(decision, law=msgspec.structs.replace(ANOTHER_LAW, registry="2" * 64))

    alarms = alarms_of([other, other], watch=running())

    assert [(alarm.code, alarm.field, alarm.found) for alarm in alarms] == [
        ("charter-unknown", "$.law.charter", "1" * 64),
        ("registry-unknown", "$.law.registry", "2" * 64),
    ]


def test_what_does_not_need_the_unknown_charter_is_still_checked(decision: bytes) -> None:
    other = bent_candidate(bent(decision, law=ANOTHER_LAW, labels=()), 1, foreign_laws=())

    codes = {alarm.code for alarm in alarms_of([other], watch=running())}

    assert codes == {"charter-unknown", "classification-differs", "facts-differ"}


def test_a_monitor_without_any_registry_believes_the_recorded_facts(decision: bytes) -> None:
    watch = running(RoomsReplayer([CHARTER], []))

    assert [alarm.code for alarm in watch.feed(decision, ANYTIME)] == ["registry-unknown"]


def test_a_decision_that_the_charter_cannot_judge_without_error_is_named(decision: bytes) -> None:
    files = {
        "charter.json": CHARTER.files["charter.json"],
        "schema.cedarschema": CHARTER.files["schema.cedarschema"],
        "packs/socle/pack.json": CHARTER.files["packs/socle/pack.json"],
        "packs/socle/policies.cedar": (
            '@id("too-big") @basis("b") @title_fr("f") @title_en("e") '
            'permit (principal, action == Bouclier::Action::"infer", resource) '
            "when { (context.data_class + 2) * 9223372036854775807 > 0 };"
        ),
    }
    about = json.loads(files["charter.json"]) | {"packs": ["socle"]}
    erring = parse_charter(files | {"charter.json": json.dumps(about)})
    watch = running(RoomsReplayer([erring], [REGISTRY]))

    alarms = watch.feed(
        bent(decision, law=Law(charter=erring.digest, orders=NO_ORDERS, registry=REGISTRY.digest, root=0, timestamp=0)),
        ANYTIME,
    )

    assert [(alarm.code, alarm.field) for alarm in alarms] == [
        ("verdict-undecidable", "$.candidates[0]"),
        ("verdict-undecidable", "$.candidates[1]"),
    ]


def test_an_entry_that_is_not_of_the_format_is_named_with_its_field(decision: bytes) -> None:
    broken = decision.replace(b'"role":"', b'"rule":"')
    padded = decision.replace(b'":', b'": ', 1)

    alarms = alarms_of([broken, padded, b"", b"\xff"])

    assert [(alarm.index, alarm.code) for alarm in alarms] == [(n, "entry-malformed") for n in range(4)]


def test_alarms_quote_nothing_that_a_terminal_would_obey(decision: bytes) -> None:
    alarms = alarms_of([bent_candidate(decision, 1, policies=("\x1b[2J\u202ered",))])

    assert alarms
    assert all(text.isprintable() for alarm in alarms for text in (alarm.policy or "", alarm.found or ""))


def test_the_same_observation_has_the_same_key_and_another_has_another(decision: bytes) -> None:
    entry = bent_candidate(decision, 1, permitted=True)

    assert [alarm.key for alarm in alarms_of([entry])] == [alarm.key for alarm in alarms_of([entry])]
    assert len({alarm.key for alarm in alarms_of([entry, entry])}) == len(alarms_of([entry, entry]))
