"""A provider's bill against the record: what was billed and not recorded is egress the log lacks."""

from __future__ import annotations

import pytest
from tests.log_kit import NOW_S

from bouclier.oversight.monitor import Billed, UsageError, Used, UsedBy, parse_usage, reconcile
from bouclier.oversight.monitor.lifecycle import OpenDecision
from bouclier.oversight.monitor.totals import MAX_DAYS, MAX_ROWS_A_DAY, Totals

HEAD = "date,model,prompt_tokens,completion_tokens,requests\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "2026-11-22,m,1000,20,3\n",
        "\ufeff" + HEAD + "2026-11-22,m,1000,20,3\r\n",
        HEAD.replace(",", ";") + '"22/11/2026";"m";"1 000";"20,00";"3"\n',
        HEAD.replace(",", "\t") + "20261122\tm\t1.000\t20\t3\n",
        HEAD + '2026-11-22T00:00:00Z,m,"1,000",20.0,3\n\n,,1000,20,3\n',
        "Jour;Modèle;tokens_entree;tokens_sortie;Requêtes\n22.11.2026 00:00;m;1\u202f000;20;3\n",
        HEAD + "2026-11-22,m,400,20,1\n2026-11-22,m,600,,2\n",
        "requests,model,x,completion_tokens,date,prompt_tokens\n3,m,?,20,2026-11-22,1000",
    ],
    ids=["plain", "bom", "french", "tabs", "times and totals", "titles", "two lines", "other order"],
)
def test_exports_in_their_usual_forms_are_read_alike(text: str) -> None:
    assert parse_usage(text, {}) == {("2026-11-22", "m"): Billed(1000, 20, 3)}


def test_columns_can_be_named() -> None:
    text = "when,what,in\n2026-11-22,m,7\n"

    billed = parse_usage(text, {"date": "When", "model": "what", "prompt": "in"})

    assert billed == {("2026-11-22", "m"): Billed(7, None, None)}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (1, "model,requests\nm,1\n"),
        (1, "date,requests\n2026-11-22,1\n"),
        (1, "date,model\n2026-11-22,m\n"),
        (2, HEAD + "11/22/2026,m,1,1,1\n"),
        (2, HEAD + "2026-02-30,m,1,1,1\n"),
        (2, HEAD + "yesterday,m,1,1,1\n"),
        (3, HEAD + "2026-11-22,m,1,1,1\n2026-11-22,m,-1,1,1\n"),
        (2, HEAD + "2026-11-22,m,1.5,1,1\n"),
        (2, HEAD + "2026-11-22,m,many,1,1\n"),
        (2, HEAD + "2026-11-22,m,1,1\n"),
        (2, HEAD + ",m,1,1,1\n"),
        (2, HEAD + '2026-11-22,"m,1,1,1\n'),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(line: int, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_usage(text, {})

    assert caught.value.line == line
    assert f"{line}" in caught.value.message.fr


def used(day: str = "2026-11-22", *, deployment: str = "d", model: str = "m") -> UsedBy:
    return UsedBy(day, deployment, model, "operator")


def told(
    totals: list[tuple[UsedBy, Used]],
    billed: dict[tuple[str, str], Billed],
    *,
    deployment: str | None = None,
    percent: float = 0,
) -> list[tuple[str, str, str | None]]:
    rows = [("log.example", whose, one) for whose, one in totals]
    alarms = reconcile(rows, billed, deployment=deployment, tolerance_percent=percent)
    return [(alarm.code, alarm.severity.value, alarm.field) for alarm in alarms]


DAY = ("2026-11-22", "m")


def test_a_bill_that_the_record_explains_raises_nothing() -> None:
    assert told([(used(), Used(3, 100, 20, 0))], {DAY: Billed(100, 20, 3)}) == []


def test_use_the_record_lacks_is_an_alarm_naming_day_model_and_count() -> None:
    assert told([(used(), Used(3, 100, 20, 0))], {DAY: Billed(150, 20, 4)}) == [
        ("unrecorded-use", "alarm", "2026-11-22 m prompt_tokens"),
        ("unrecorded-use", "alarm", "2026-11-22 m requests"),
    ]


def test_a_day_or_a_model_the_record_does_not_know_is_an_alarm() -> None:
    codes = told([(used(), Used(3, 100, 20, 0))], {DAY: Billed(100, 20, 3), ("2026-11-23", "n"): Billed(1, None, None)})

    assert codes == [("unrecorded-use", "alarm", "2026-11-23 n prompt_tokens")]


def test_exchanges_of_unknown_size_may_explain_tokens_but_not_requests() -> None:
    assert told([(used(), Used(3, 100, 20, 1))], {DAY: Billed(150, 20, 4)}) == [
        ("unrecorded-use", "warning", "2026-11-22 m prompt_tokens"),
        ("unrecorded-use", "alarm", "2026-11-22 m requests"),
    ]


def test_more_recorded_than_billed_is_a_warning() -> None:
    assert told([(used(), Used(3, 100, 20, 0))], {DAY: Billed(90, 20, 3)}) == [
        ("unbilled-use", "warning", "2026-11-22 m prompt_tokens")
    ]


def test_small_differences_can_be_left_aside() -> None:
    assert told([(used(), Used(3, 100, 20, 0))], {DAY: Billed(101, 20, 3)}, percent=1) == []
    assert told([(used(), Used(3, 100, 20, 0))], {DAY: Billed(103, 20, 3)}, percent=1) != []


def test_deployments_of_one_model_are_added_up_unless_one_is_chosen() -> None:
    totals = [(used(deployment="a"), Used(1, 10, 1, 0)), (used(deployment="b"), Used(2, 20, 2, 0))]

    assert told(totals, {DAY: Billed(30, 3, 3)}) == []
    assert told(totals, {DAY: Billed(20, 2, 2)}, deployment="b") == []


def test_days_outside_the_bill_are_left_aside_and_days_within_are_not() -> None:
    totals = [(used(day), Used(1, 1, 1, 0)) for day in ("2026-11-20", "2026-11-22", "2026-11-23", "2026-11-24")]
    billed = {("2026-11-22", "m"): Billed(1, 1, 1), ("2026-11-24", "m"): Billed(1, 1, 1)}

    assert told(totals, billed) == [("unbilled-use", "warning", "2026-11-23 m requests")]


def counted(count: int, *, days: int = 0) -> Totals:
    totals = Totals([])
    for number in range(count):
        time_ms = (NOW_S + number * days * 86_400) * 1000
        decision = OpenDecision("e" * 32, time_ms, f"d{number}", "m", "o", may_fall_back=False, tried="")
        totals.add(decision, None)
    return totals


def test_a_log_that_names_a_deployment_for_each_exchange_does_not_fill_the_memory() -> None:
    rows = counted(MAX_ROWS_A_DAY + 50).rows()

    assert len(rows) == MAX_ROWS_A_DAY + 1
    assert rows[0] == (UsedBy("2026-09-21", "*", "*", "*"), Used(50, 0, 0, 50))


def test_days_too_old_for_any_bill_are_forgotten() -> None:
    rows = counted(MAX_DAYS + 5, days=1).rows()

    assert len(rows) == MAX_DAYS
    assert rows[0][0].day == "2026-09-26"
