"""The bench's scorer: what counts as found, as covered, as leaked."""

from __future__ import annotations

import pytest
from bench.quality.intervals import by_document, wilson
from bench.quality.score import Document, Mention, Score, Span, Tally, score_documents, total

TEXT = "Mme Jeanne Vasseur, 12 rue de la Paix, plaque LA-123-LE."
PERSON = Mention(0, 18, "NOM")
ADDRESS = Mention(20, 37, "ADRESSE")
PLATE = Mention(46, 55, "PLATE")


def score(mentions: list[Mention], *spans: Span, only: frozenset[str] | None = None) -> Score:
    document = Document("1", TEXT, tuple(mentions))
    return total(score_documents([document], {"1": list(spans)}, labels={"NOM": "PER", "PERSON": "PER"}, only=only))


def test_the_spans_of_this_test_are_what_they_say() -> None:
    texts = [TEXT[mention.start : mention.end] for mention in (PERSON, ADDRESS, PLATE)]
    assert texts == ["Mme Jeanne Vasseur", "12 rue de la Paix", "LA-123-LE"]


def test_a_title_need_not_be_covered() -> None:
    found = score([PERSON], (4, 18, "PERSON"))
    assert found.mention_recall == Tally(1, 1)
    assert found.characters.recall == pytest.approx(13 / 16)


def test_a_surname_must_be_covered() -> None:
    assert score([PERSON], (0, 10, "PERSON")).mention_recall == Tally(0, 1)


def test_two_spans_cover_one_mention_together_whatever_their_labels() -> None:
    assert score([PERSON], (4, 10, "X"), (11, 18, "Y")).mention_recall == Tally(1, 1)


def test_articles_inside_an_address_need_not_be_covered_but_leak() -> None:
    found = score([ADDRESS], (20, 26, "ADDRESS"), (33, 37, "ADDRESS"))
    assert found.mention_recall == Tally(1, 1)
    assert found.leaks == {"ADRESSE": Tally(1, 1)}


def test_letters_of_a_number_plate_are_no_articles_for_leaks() -> None:
    assert score([PLATE], (49, 52, "PLATE")).leaks == {"PLATE": Tally(1, 1)}
    assert score([PLATE], (46, 55, "PLATE")).leaks == {"PLATE": Tally(0, 1)}


def test_punctuation_is_neither_covered_nor_missed() -> None:
    found = score([PLATE], (45, 56, "PLATE"))
    assert (found.characters.tp, found.characters.fp, found.characters.fn) == (7, 0, 0)


def test_what_no_gold_asks_for_costs_precision() -> None:
    found = score([PLATE], (46, 55, "PLATE"), (4, 10, "PERSON"))
    assert found.characters.precision == pytest.approx(7 / 13)


def test_labels_are_compared_after_grouping() -> None:
    assert score([PERSON], (0, 18, "PERSON")).exact.f1 == 1
    assert score([PERSON], (0, 18, "ORG")).exact.f1 == 0
    assert score([PERSON], (0, 18, "ORG")).exact_unlabelled.f1 == 1


def test_one_character_of_the_right_label_is_an_overlap() -> None:
    found = score([PERSON, ADDRESS], (17, 21, "PERSON"))
    assert (found.found, found.right) == (Tally(1, 2), Tally(1, 1))
    assert found.overlap_f1 == pytest.approx(2 / 3)


def test_only_some_labels_can_be_looked_at_on_both_sides() -> None:
    found = score([PERSON, PLATE], (46, 55, "PLATE"), only=frozenset({"PER"}))
    assert found.mention_recall == Tally(0, 1)
    assert found.characters.fp == 0


def test_a_mention_that_is_not_to_be_masked_is_no_gold() -> None:
    found = score([PERSON._replace(identifier_type="NO_MASK")], (0, 18, "PERSON"))
    assert found.mention_recall.total == 0
    assert found.characters.fp == 16


def test_an_entity_is_covered_when_all_its_mentions_are() -> None:
    first = PERSON._replace(identifier_type="QUASI", entity="e1")
    again = PLATE._replace(identifier_type="DIRECT", entity="e1")
    assert score([first, again], (0, 18, "X")).entities == {"DIRECT": Tally(0, 1)}
    assert score([first, again], (0, 18, "X"), (46, 55, "X")).entities == {"DIRECT": Tally(1, 1)}


def test_spans_outside_the_text_harm_nobody() -> None:
    assert score([PLATE], (-5, 500, "X")).mention_recall == Tally(1, 1)


def test_a_document_without_prediction_is_all_missed() -> None:
    scores = score_documents([Document("1", TEXT, (PLATE,))], {}, labels={})
    assert total(scores).leaks == {"PLATE": Tally(1, 1)}


def test_no_leak_among_few_mentions_proves_little() -> None:
    low, high = wilson(Tally(0, 20))
    assert low == 0
    assert 0.15 < high < 0.17


def test_the_interval_of_a_figure_holds_the_figure() -> None:
    scores = [score([PLATE], (46, 55, "X")), score([PLATE]), score([PERSON], (4, 18, "X"))] * 5
    whole = total(scores)
    intervals = by_document(scores)
    assert intervals.recall.low <= whole.characters.recall <= intervals.recall.high
    assert intervals.mention_recall.low < whole.mention_recall.share < intervals.mention_recall.high
