"""Labels of tokens become spans: whole words, joined as the labels say."""

from __future__ import annotations

import pytest

from bouclier.shield.token_spans import Token, token_spans

TEXT = "Zoé Vasseur-Lemé, Jean"


def spans(text: str, *said: tuple[int, int, str]) -> list[tuple[str, str]]:
    tokens = [Token(start, end, label, 0.9) for start, end, label in said]
    return [(text[one.start : one.end], one.label) for one in token_spans(text, tokens)]


@pytest.mark.parametrize(
    "labels",
    [("B-PER", "I-PER", "I-PER"), ("PER", "PER", "PER"), ("I-PER", "I-PER", "I-PER"), ("B-PER", "I-PER", "E-PER")],
)
def test_words_that_go_together_are_one_whatever_the_labels_convention(labels: tuple[str, str, str]) -> None:
    first, second, third = labels
    assert spans(TEXT, (0, 3, first), (4, 11, second), (11, 12, "O"), (12, 16, third)) == [
        ("Zoé Vasseur", "PER"),
        ("Lemé", "PER"),
    ]
    assert spans(TEXT, (0, 3, first), (4, 11, second), (11, 12, second), (12, 16, third)) == [
        ("Zoé Vasseur-Lemé", "PER")
    ]


def test_one_that_begins_or_ends_is_not_joined_to_the_next() -> None:
    assert spans("Zoé Jean", (0, 3, "B-PER"), (4, 8, "B-PER")) == [("Zoé", "PER"), ("Jean", "PER")]
    assert spans("Zoé Jean", (0, 3, "S-PER"), (4, 8, "I-PER")) == [("Zoé", "PER"), ("Jean", "PER")]
    assert spans("Zoé Jean", (0, 3, "B-PER"), (4, 8, "I-LOC")) == [("Zoé", "PER"), ("Jean", "LOC")]


def test_a_comma_or_a_line_parts_two_names() -> None:
    assert spans("Zoé, Jean", (0, 3, "PER"), (5, 9, "PER")) == [("Zoé", "PER"), ("Jean", "PER")]
    assert spans("Zoé\nJean", (0, 3, "PER"), (4, 8, "PER")) == [("Zoé", "PER"), ("Jean", "PER")]


def test_a_word_is_told_whole_if_any_of_its_pieces_is_a_name() -> None:
    assert spans("Vasseur", (0, 4, "B-PER"), (4, 7, "O")) == [("Vasseur", "PER")]
    assert spans("Vasseur", (0, 4, "O"), (4, 7, "I-PER")) == [("Vasseur", "PER")]


def test_spaces_counted_with_a_word_are_not_told_and_accents_left_out_are() -> None:
    assert spans(" Zoe\u0301 ", (0, 4, "PER")) == [("Zoe\u0301", "PER")]
    assert spans("  ", (0, 2, "PER")) == []
