"""What reports count, how they say what they do not know, and how they are spelt."""

from __future__ import annotations

import json
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from tests.report_kit import (
    DAY,
    JANUARY,
    NOBODY,
    Logged,
    candidate,
    decision,
    erasure,
    logged,
    mark,
    opening,
    outcome,
    read,
    refusal,
)

from bouclier.oversight.reports import (
    AiActCounts,
    Document,
    Particulars,
    Period,
    PublicCounts,
    RegisterCounts,
    ai_act,
    as_csv,
    as_html,
    as_json,
    parse_legal,
    parse_period,
    public,
    read_log,
    register,
    whole_months,
)
from bouclier.oversight.reports.as_html import MAX_RANGES_SHOWN, number
from bouclier.oversight.reports.legal import LegalFile
from bouclier.oversight.reports.period import months_later
from bouclier.oversight.reports.ranges import Ranges
from bouclier.terms.errors import ConfigurationError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.oversight import Entry

DATA = resources.files("bouclier.oversight.reports") / "data"
LEGAL = parse_legal((DATA / "legal.json").read_bytes())
ORIGIN = "log.example/a"
HOUR = 3_600_000


def made_register(entries: Sequence[Entry], particulars: Particulars = NOBODY, **more: Any) -> dict[str, Any]:
    counts = RegisterCounts()
    cover = read(counts, {ORIGIN: entries}, more.pop("period", None))
    told = {"particulars": particulars, "legal": LEGAL, "area": {"FR", "DE"}, "names": {}, "sealed_days": None, **more}
    return parsed(register(counts, cover, **told))


def made_summary(entries: Sequence[Entry], period: Period | None = None, *, now: int = JANUARY + DAY) -> dict[str, Any]:
    counts = AiActCounts()
    cover = read(counts, {ORIGIN: entries}, period, now=now)
    return parsed(ai_act(counts, cover, particulars=NOBODY, legal=LEGAL, names={}))


def made_public(entries: Sequence[Entry], *, least: int = 11) -> dict[str, Any]:
    counts = PublicCounts()
    return parsed(public(counts, read(counts, {ORIGIN: entries}), least=least, names={}))


def parsed(document: Document) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(as_json(document, "en"))
    return told


def rows(told: dict[str, Any], section: str, table: str) -> list[list[dict[str, Any]]]:
    (part,) = [one for one in told["sections"] if one["id"] == section]
    found: list[list[dict[str, Any]]] = next(one["rows"] for one in part["tables"] if one["id"] == table)
    return found


def facts(told: dict[str, Any], section: str) -> dict[str, Any]:
    (part,) = [one for one in told["sections"] if one["id"] == section]
    return {fact["id"]: fact for fact in part["facts"]}


def by_first(found: list[list[dict[str, Any]]], column: int) -> dict[str, Any]:
    return {row[0]["id"]: row[column].get("value", row[column].get("text")) for row in found}


# The period


def test_both_days_of_a_period_are_included() -> None:
    period = parse_period("2026-01-02", "2026-01-02")
    entries = [decision(time=JANUARY + DAY + offset) for offset in (-1, 0, DAY - 1, DAY)]
    told = made_summary(entries, period)
    assert facts(told, "decisions")["decisions"]["entries"] == {ORIGIN: "1-2"}
    assert told["logs"][0]["size"] == 3


def test_a_period_without_entries_cites_the_whole_log() -> None:
    told = made_summary([decision()], parse_period("2027-01-01", None))
    assert facts(told, "decisions")["decisions"]["value"] == 0
    assert told["logs"][0]["size"] == 1


@pytest.mark.parametrize(
    "text", ["", "2026-1-1", "2026-13-01", "2026-02-29", "2026-W01-1", "1969-12-31", "２026-01-01"]
)
def test_what_is_not_a_day_is_refused_by_its_option(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_period(None, text)
    assert refused.value.param == "--to"


def test_the_public_is_told_whole_months_that_are_over() -> None:
    today = date(2026, 3, 15)
    assert whole_months(Period(), today=today).last == date(2026, 2, 28)
    assert whole_months(parse_period("2026-01-01", "2026-02-28"), today=today) == parse_period(
        "2026-01-01", "2026-02-28"
    )
    for first, last, param in (
        (None, "2026-03-31", "--to"),
        (None, "2026-02-27", "--to"),
        ("2026-01-15", None, "--from"),
        ("2026-03-01", None, "--from"),
    ):
        with pytest.raises(ConfigurationError) as refused:
            whole_months(parse_period(first, last), today=today)
        assert refused.value.param == param


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 1, 1), date(2026, 7, 1)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2026, 6, 30), date(2026, 12, 30)),
        (date(2026, 12, 15), date(2027, 6, 15)),
    ],
)
def test_six_months_later_is_a_day_of_the_calendar(day: date, later: date) -> None:
    assert months_later(day, 6) == later


# Reading


def test_an_entry_that_cannot_be_read_is_named_by_log_and_index() -> None:
    entries = [*logged([decision()]), Logged(1, b"{}", bytes(32))]
    with pytest.raises(VerificationError, match=f"{ORIGIN}, entry 1"):
        read_log(ORIGIN, entries, Period(), PublicCounts())


def test_an_entry_out_of_place_stops_the_report() -> None:
    with pytest.raises(VerificationError, match="entry 1 stands in the place of 0"):
        read_log(ORIGIN, logged([decision(), decision()])[1:], Period(), PublicCounts())


# The register


def test_a_fallback_is_not_another_exchange_but_another_recipient() -> None:
    first, second = candidate("a"), candidate("b")
    told = made_register(
        [
            decision(first, second, findings={"NIR": 2}),
            decision(first, second, chosen="b", tried=("a",), findings={"NIR": 2}),
        ]
    )
    (purpose,) = rows(told, "purposes", "purposes")
    assert [cell.get("value") for cell in purpose[5:]] == [1, 2, 0]
    (kind,) = rows(told, "data", "types")
    assert (kind[0]["id"], kind[2]["text"], kind[3]["value"], kind[4]["value"]) == ("NIR", "art. 87", 1, 2)
    assert [row[1]["id"] for row in rows(told, "recipients", "recipients")] == ["a", "b"]


@pytest.mark.parametrize(
    ("changes", "situation"),
    [
        ({"country": "FR", "control": ("FR",)}, None),
        ({"country": "US", "control": ("US",)}, "third-country"),
        ({"country": None}, "country-unknown"),
        ({"country": "FR", "control": ("US",)}, "foreign-reach"),
        ({"country": "FR", "foreign_laws": ("us-cloud-act",)}, "foreign-reach"),
        ({"country": "FR", "control": (), "known": False}, "foreign-reach"),
        ({"country": None, "own": True, "control": ()}, None),
        ({"country": "US", "own": True, "control": ()}, "third-country"),
    ],
)
def test_a_transfer_is_what_is_known_or_not_known_to_be_inside(changes: dict[str, Any], situation: str | None) -> None:
    found = rows(made_register([decision(candidate(**changes))]), "transfers", "transfers")
    assert [row[4]["id"] for row in found] == ([] if situation is None else [situation])


def test_what_holds_no_personal_data_is_no_transfer_of_them() -> None:
    told = made_register([decision(candidate(country="US"), data_class="internal")])
    assert rows(told, "transfers", "transfers") == []
    assert len(rows(told, "recipients", "recipients")) == 1


def test_measures_are_counted_from_duties_and_events() -> None:
    entries: list[Entry] = [
        decision(candidate(duties=("pseudonymise",)), sealed="ef" * 32),
        decision(candidate(own=True), uninspected=2),
        refusal("p"),
        decision(candidate(), chosen=None),  # permitted, and nothing could serve: no refusal by the charter
        opening(),
        erasure(),
    ]
    measures = by_first(rows(made_register(entries), "measures", "measures"), 1)
    assert measures == dict.fromkeys(
        ("pseudonymised", "own", "refused", "uninspected", "sealed", "opened", "erased"), 1
    )


def test_nothing_is_stated_that_nobody_stated() -> None:
    told = made_register([decision()])
    assert all(fact["text"] is None for fact in facts(told, "controller").values())
    assert {fact["standing"] for fact in facts(told, "controller").values()} == {"to-complete"}
    (purpose,) = rows(told, "purposes", "purposes")
    assert {(cell["text"], cell["standing"]) for cell in purpose[1:5]} == {(None, "to-complete")}
    assert facts(made_register([], sealed_days=90), "retention")["sealed"]["text"] == "destroyed after 90 days"


# The AI Act summary


def test_an_outcome_is_paired_with_its_decision() -> None:
    entries: list[Entry] = [
        decision(),
        decision(candidate("b")),
        outcome(1, ending="caller-gone", prompt_tokens=None),
        outcome(0),
    ]
    told = made_summary(entries)
    models = {row[2]["id"]: [cell["value"] for cell in row[5:]] for row in rows(told, "models", "models")}
    assert models == {"paris": [1, 1, 0, 30, 0], "b": [1, 0, 1, 0, 1]}


def test_gaps_are_told_apart() -> None:
    minute = 60_000
    entries: list[Entry] = [
        mark("start", interval_s=60),
        decision(),
        mark("start", interval_s=60),
        outcome(1),
        decision(),
        mark("alive", time=JANUARY + 2 * minute, interval_s=60),
        mark("alive", time=JANUARY + 5 * minute, interval_s=60),
        mark("alive", time=JANUARY + 4 * minute, interval_s=60),
    ]
    found = rows(made_summary(entries), "gaps", "gaps")
    assert {row[0]["id"]: row[1]["entries"].get(ORIGIN) for row in found} == {
        "crash": "2",
        "lost": "1",
        "under-way": "4",
        "no-decision": "3",
        "silence": "6",
        "clock-back": "7",
    }


def test_an_orderly_stop_is_followed_by_no_silence_and_no_crash() -> None:
    entries: list[Entry] = [mark("start", interval_s=1), mark("stop", interval_s=1), mark("start", time=JANUARY + HOUR)]
    assert set(by_first(rows(made_summary(entries), "gaps", "gaps"), 1).values()) == {0}


def test_a_decision_before_the_period_gives_its_outcome_its_model() -> None:
    entries: list[Entry] = [decision(time=JANUARY), outcome(0, time=JANUARY + DAY)]
    told = made_summary(entries, parse_period("2026-01-02", None))
    (model,) = rows(told, "models", "models")
    assert [cell["value"] for cell in model[5:7]] == [0, 1]
    assert by_first(rows(told, "gaps", "gaps"), 1)["no-decision"] == 0


def test_what_was_lost_before_the_period_is_not_of_it() -> None:
    entries: list[Entry] = [decision(), mark("start", time=JANUARY + DAY)]
    assert by_first(rows(made_summary(entries, parse_period("2026-01-02", None)), "gaps", "gaps"), 1)["lost"] == 0


def test_retention_is_what_the_first_entry_shows() -> None:
    for days, said in ((180, "not yet six months: they will be on 2026-07-01"), (181, "six months at least")):
        told = made_summary([decision()], now=JANUARY + days * DAY)
        assert said in rows(told, "retention", "retention")[0][2]["text"]
    assert rows(made_summary([]), "retention", "retention")[0][2]["text"] == "empty log"


# The public report


def test_rare_months_and_results_are_counted_together() -> None:
    february = JANUARY + 31 * DAY
    entries: list[Entry] = [*[decision()] * 30, *[refusal("p")] * 4, *[decision(time=february)] * 3]
    told = made_public(entries)
    assert facts(told, "overview")["decisions"]["value"] == 37
    assert facts(told, "overview")["refused"] == {
        "id": "refused", "label": "Refused by the charter", "value": None, "withheld": True,
    }  # fmt: skip
    found = rows(told, "months", "classes")
    assert [row[0]["id"] for row in found] == ["2026-01, 2026-02", "total"]


def test_nothing_is_shown_of_a_record_that_is_small() -> None:
    told = made_public([decision()] * 10)
    shown = {id_: fact["value"] for id_, fact in facts(told, "overview").items()}
    assert {value for id_, value in shown.items() if id_ not in {"opened", "erased"}} == {None}
    assert [section["tables"] for section in told["sections"]] == [[], [], [], []]


def test_a_page_says_where_a_whole_table_is_withheld() -> None:
    counts = PublicCounts()
    cover = read(counts, {ORIGIN: [decision()] * 10})
    page = as_html(public(counts, cover, least=11, names={}), "en").decode()
    assert page.count("there is nothing to count, or too little") == 3
    assert "<table" not in page


def test_a_share_is_told_when_both_its_parts_are() -> None:
    cloaked = decision(candidate(duties=("pseudonymise",)))
    assert facts(made_public([cloaked] * 30 + [decision()] * 10), "overview")["pseudonymised_share"]["value"] is None
    assert facts(made_public([cloaked] * 30 + [decision()] * 11), "overview")["pseudonymised_share"]["value"] == 73
    assert facts(made_public([cloaked] * 30), "overview")["pseudonymised_share"]["value"] == 100


def test_refusals_count_once_under_all_their_policies() -> None:
    entries = [refusal("a")] * 12 + [refusal("b", "a")] * 13 + [refusal()] * 14
    found = rows(made_public(entries), "refusals", "policies")
    assert by_first(found, 1) == {"a": 12, "a + b": 13, "no-policy-permits": 14, "total": 39}


def test_a_public_threshold_below_three_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="3 at least"):
        made_public([], least=2)


# Formats


def a_document(name: str, times: int = 1) -> Document:
    counts = RegisterCounts()
    entries: list[Entry] = [decision(candidate(name), role=name), outcome(0)] * times
    cover = read(counts, {ORIGIN: entries})
    return register(counts, cover, particulars=NOBODY, legal=LEGAL, area={"FR"}, names={}, sealed_days=None)


def test_the_page_links_to_the_entries_where_the_log_is_served() -> None:
    document = a_document("a", times=2)
    page = as_html(document, "en", log_urls={ORIGIN: "https://gateway.example/log/"}).decode()
    assert '<a href="https://gateway.example/log/entry/2">2</a>' in page
    assert "/entry/" not in as_html(document, "en").decode()


def test_the_page_shows_the_first_ranges_and_json_has_them_all() -> None:
    document = a_document("a", times=MAX_RANGES_SHOWN + 5)
    page = as_html(document, "en").decode()
    assert "… and 5 more (see the JSON)" in page
    last = 2 * (MAX_RANGES_SHOWN + 4)
    assert f',{last}"' in as_json(document, "en").decode()
    assert f",{last}\r\n".encode() in as_csv(document, "en").replace(b'"', b"")


def test_both_languages_say_the_same_figures() -> None:
    document = a_document("a")

    def skeleton(told: Any) -> Any:
        if isinstance(told, dict):
            return {
                key: skeleton(value) for key, value in told.items() if key not in {"title", "label", "notes", "text"}
            }
        return [skeleton(one) for one in told] if isinstance(told, list) else told

    french, english = (json.loads(as_json(document, language)) for language in ("fr", "en"))
    assert french.pop("language") == "fr"
    assert english.pop("language") == "en"
    assert skeleton(french) == skeleton(english)
    assert french != english


def test_every_report_respects_the_published_schema_and_its_rows_their_columns() -> None:
    schema = json.loads((DATA / "report.schema.json").read_bytes())
    entries: list[Entry] = [mark("start"), *[decision(findings={"NIR": 1})] * 20, outcome(1), refusal("p"), opening()]
    for told in (made_register(entries), made_summary(entries), made_public(entries), made_public([])):
        jsonschema.Draft202012Validator(schema).validate(told)
        for table in [table for section in told["sections"] for table in section["tables"]]:
            for row in table["rows"]:
                marks = {"dimension": "id", "figure": "value", "statement": "text"}
                assert all(marks[column["role"]] in cell for column, cell in zip(table["columns"], row, strict=True))


def test_numbers_are_written_as_people_do() -> None:
    assert (number(1234567, "fr"), number(1234567, "en"), number(0, "fr")) == ("1\u202f234\u202f567", "1,234,567", "0")


def test_indexes_come_in_order() -> None:
    with pytest.raises(ValueError, match="3 comes after 4"):
        Ranges([4, 3])
    assert str(Ranges([4, 4])) == "4"


# The law


def test_the_facts_of_law_respect_their_published_schema() -> None:
    schema = json.loads((DATA / "legal.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(json.loads((DATA / "legal.json").read_bytes()))
    generated = json.loads(msgspec.json.encode(msgspec.json.schema(LegalFile)))
    assert {key: schema[key] for key in generated} == generated


def test_a_date_that_was_not_verified_says_so_in_the_report() -> None:
    told = made_summary([])
    articles = {row[0]["id"]: row for row in rows(told, "law", "articles")}
    assert set(articles) == {"ai-act-12", "ai-act-19", "ai-act-26-5", "ai-act-26-6"}
    assert articles["ai-act-12"][2] == {"text": None, "standing": "unknown"}
    assert articles["ai-act-12"][3]["standing"] == "unverified"
    assert articles["ai-act-26-6"][2] == {"text": "2027-12-02", "standing": "stated"}
    assert "2026-06-29" in articles["ai-act-26-6"][3]["text"]
    assert "gdpr-30-1" in {row[0]["id"] for row in rows(made_register([]), "law", "articles")}


@pytest.mark.parametrize(
    "change",
    [{"applies_from": "2 December 2027"}, {"verified": "yes"}, {"reports": []}, {"more": 1}, {"id": "ai-act-19"}],
)
def test_a_malformed_fact_of_law_is_refused(change: dict[str, Any]) -> None:
    file = json.loads((DATA / "legal.json").read_bytes())
    file["facts"][0] |= change
    with pytest.raises(ConfigurationError) as refused:
        parse_legal(json.dumps(file).encode())
    assert refused.value.param == "legal.json"
