"""What is shared between gateways: one spelling, durations only, and which announcement counts."""

from __future__ import annotations

import pytest

from bouclier.fleet.book_model import Announcement, Shared, SharedDeployment, Standing
from bouclier.fleet.sharing import (
    MAX_BYTES,
    Kept,
    Line,
    SharingError,
    Trouble,
    aged,
    announcement_of,
    line_of,
    lines_of,
    merged,
    parse_announced,
    parse_shared,
    render_announced,
    render_shared,
)

FIRST, SECOND, THIRD = "1" * 32, "2" * 32, "3" * 32
BUSY = Shared({"mistral": SharedDeployment(3, 0, 250), "echo": SharedDeployment(0, 1_500, 0)}, lease_ms=3_000)
WORDS = (
    '{"format":"bouclier-fleet-share/v1","lease_ms":3000,"deployments":'
    '{"echo":{"in_flight":0,"open_ms":1500,"hold_ms":0},"mistral":{"in_flight":3,"open_ms":0,"hold_ms":250}}}'
)


def line(
    announced: str,
    deployment: str = "",
    *,
    age_ms: int = 0,
    state: Standing = Standing.DRAINING,
    for_ms: int | None = None,
    slots: int | None = None,
) -> Line:
    return Line(announced, "lyon", deployment, state, slots, "operations@lyon", age_ms, for_ms)


def test_what_a_gateway_shares_is_counts_and_durations_by_deployment() -> None:
    assert render_shared(BUSY) == WORDS
    assert parse_shared(WORDS) == BUSY


def test_an_idle_deployment_is_not_named() -> None:
    assert parse_shared(render_shared(Shared({"idle": SharedDeployment()}))).deployments == {}
    named = WORDS.replace('"in_flight":3,"open_ms":0,"hold_ms":250', '"in_flight":0,"open_ms":0,"hold_ms":0')
    with pytest.raises(SharingError):
        parse_shared(named)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        WORDS + " ",
        WORDS.replace(":", ": ", 1),
        WORDS.replace("v1", "v2"),
        WORDS.replace("3000", "3000.0"),
        WORDS.replace("3000", "-1"),
        WORDS.replace("1500", "01500"),
        WORDS.replace('"hold_ms":250', '"hold_ms":250,"hold_ms":250'),
        WORDS.replace('"hold_ms":250', '"hold_ms":250,"person":"x"'),
        WORDS.replace("echo", "zulu"),
        WORDS.replace("echo", "é"),
        WORDS.replace("echo", "a b"),
        WORDS.replace("echo", "\\u0065cho"),
        '{"format":"' + "[" * 200_000,
        "x" * (MAX_BYTES + 1),
    ],
)
def test_anything_spelled_otherwise_is_refused(text: str) -> None:
    with pytest.raises(SharingError) as refused:
        parse_shared(text)
    assert refused.value.trouble is Trouble.MALFORMED


def test_what_was_said_a_while_ago_holds_for_that_much_less() -> None:
    now = aged(BUSY, 400, lease_ms=2_600)
    assert now == Shared({"mistral": SharedDeployment(3), "echo": SharedDeployment(0, 1_100, 0)}, lease_ms=2_600)
    assert aged(BUSY, 5_000, lease_ms=10).deployments == {"mistral": SharedDeployment(3)}


def test_an_announcement_of_a_site_is_a_line_of_the_site_and_one_for_each_capacity() -> None:
    whole = Announcement("lyon", (), Standing.JOINED, {"mistral": 8, "echo": 2}, 60_000, "operations@lyon")
    lines = lines_of(whole, FIRST)
    assert [(one.deployment, one.slots) for one in lines] == [("", None), ("echo", 2), ("mistral", 8)]
    assert announcement_of(lines[0]) == Announcement("lyon", (), Standing.JOINED, {}, 60_000, "operations@lyon")
    assert announcement_of(lines[2]).slots == {"mistral": 8}


def test_an_announcement_of_deployments_is_a_line_for_each() -> None:
    some = Announcement("lyon", ("mistral", "echo"), Standing.DRAINING)
    assert [one.deployment for one in lines_of(some, FIRST)] == ["echo", "mistral"]


def test_the_later_word_on_a_deployment_counts() -> None:
    drained, joined = line(FIRST, "echo", age_ms=90), line(SECOND, "echo", age_ms=10, state=Standing.JOINED)
    assert merged([joined], [drained]) == merged([drained], [joined]) == (joined,)


def test_a_word_on_the_whole_site_ends_what_was_said_before_of_its_deployments() -> None:
    before, whole, after = line(FIRST, "echo", age_ms=90), line(SECOND, age_ms=50), line(THIRD, "mistral", age_ms=10)
    assert merged([after, before], [whole]) == (whole, after)


def test_the_lines_of_one_announcement_do_not_end_one_another() -> None:
    lines = lines_of(Announcement("lyon", (), Standing.JOINED, {"echo": 2}), FIRST)
    assert merged(lines) == lines
    heard_later = (lines[0], lines[1].later(3))
    assert merged(heard_later) == (heard_later[1], heard_later[0])


def test_time_makes_a_line_older_and_brings_its_end_nearer() -> None:
    assert line(FIRST, for_ms=1_000).later(300) == line(FIRST, age_ms=300, for_ms=700)
    assert line(FIRST, for_ms=1_000).later(5_000).for_ms == 0
    assert line(FIRST).later(5_000).for_ms is None


def test_a_file_of_announcements_is_read_as_it_was_written() -> None:
    kept = Kept(1_795_000_000_000, (line(FIRST, age_ms=90), line(SECOND, "echo", slots=3, for_ms=10)))
    text = render_announced(kept)
    assert parse_announced(text) == kept
    for other in (text + "\n", text.replace("draining", "gone"), text.replace('"slots":3', '"slots":0'), text[:-1]):
        with pytest.raises(SharingError):
            parse_announced(other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "x"},
        {"site": "l y"},
        {"deployment": "'; DROP TABLE"},
        {"state": "closed"},
        {"slots": 0},
        {"slots": True},
        {"slots": 10**9},
        {"by": "a\nb"},
        {"age_ms": -1},
        {"for_ms": 2**60},
        {"more": 1},
    ],
)
def test_a_row_that_is_not_ours_is_refused(wrong: dict[str, object]) -> None:
    right: dict[str, object] = {
        "id": FIRST, "site": "lyon", "deployment": "", "state": "draining", "slots": None, "by": "", "age_ms": 0,
        "for_ms": None,
    }  # fmt: skip
    assert line_of(right) == Line(FIRST, "lyon", "", Standing.DRAINING, None, "", 0, None)
    with pytest.raises(SharingError):
        line_of({**right, **wrong})


def test_the_error_says_what_to_look_at_and_nothing_else() -> None:
    error = SharingError(Trouble.FULL, "SQLSTATE 53300")
    assert error.message.en == ("Sharing between gateways: it has no space or connections left (SQLSTATE 53300).")
    assert "fleet.share" in error.hint.fr
    assert all(SharingError(trouble).message.fr for trouble in Trouble)
