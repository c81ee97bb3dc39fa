"""Laws of the second net, beside a reading of its rules so plain that it can be believed."""

from __future__ import annotations

import unicodedata
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from bouclier.shield.second_net import NetRule, SecondNet

_WORDS = ("note", "notes", "notation", "ville", "villes", "été", "loi", "de")
_PHRASES = (
    "note",
    "not*",
    "notation",
    "ville*",
    "vil*",
    "été",
    "ete",
    "loi",
    "note de",
    "de ville*",
    "de",
    "note de note",
)
_phrase_lists = st.lists(st.sampled_from(_PHRASES), min_size=1, max_size=3).map(tuple)
_rules = st.lists(
    st.builds(
        NetRule,
        signal=st.sampled_from(("a", "b", "c")),
        near=st.integers(1, 5),
        groups=st.lists(_phrase_lists, min_size=1, max_size=3).map(tuple),
        unless=st.just(()) | _phrase_lists,
    ),
    max_size=4,
)
_CASES = ("as is", "upper", "title")
_texts = st.lists(st.sampled_from((*_WORDS, "un", "x")), max_size=14).map(" ".join)


def _plain(text: str) -> list[str]:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char)).split()


def _says(phrase: str, words: list[str]) -> bool:
    parts = _plain(phrase)
    return len(words) == len(parts) and all(
        word.startswith(part[:-1]) if part.endswith("*") else word == part
        for part, word in zip(parts, words, strict=True)
    )


def _begins(phrases: tuple[str, ...], words: list[str]) -> list[int]:
    return [
        place
        for place in range(len(words))
        if any(_says(phrase, words[place : place + len(phrase.split())]) for phrase in phrases)
    ]


def _is_met(rule: NetRule, text: str) -> bool:
    """Try every choice of one place a group."""
    words = _plain(text)
    cancelling = _begins(rule.unless, words)
    return any(
        max(places) - min(places) <= rule.near
        and not any(min(places) - rule.near <= place <= max(places) + rule.near for place in cancelling)
        for places in product(*(_begins(group, words) for group in rule.groups))
    )


@settings(max_examples=300)
@given(rules=_rules, texts=st.lists(_texts, max_size=3))
def test_signals_are_those_of_the_plain_reading(rules: list[NetRule], texts: list[str]) -> None:
    plainly = {rule.signal for rule in rules for text in texts if _is_met(rule, text)}
    assert SecondNet(rules).signals(texts) == tuple(sorted(plainly))


@given(rules=_rules, text=_texts, data=st.data())
def test_how_a_text_is_typed_changes_no_signal(rules: list[NetRule], text: str, data: st.DataObject) -> None:
    net = SecondNet(rules)
    spaces = st.sampled_from((" ", "\u00a0", "\u202f", "\n", " - ", "\u2019", ", ", "_"))
    typed = "".join(data.draw(spaces) if char == " " else char for char in text)
    typed = {"as is": typed, "upper": typed.upper(), "title": typed.title()}[data.draw(st.sampled_from(_CASES))]
    typed = unicodedata.normalize(data.draw(st.sampled_from(("NFC", "NFD"))), typed)
    assert net.signals([typed]) == net.signals([text])


@given(rules=_rules, text=_texts)
def test_evidence_and_signals_agree_and_each_span_holds_its_phrase(rules: list[NetRule], text: str) -> None:
    net = SecondNet(rules)
    evidence = net.evidence(text)
    assert tuple(sorted({found.signal for found in evidence})) == net.signals([text])
    for found in evidence:
        assert _says(found.phrase, _plain(text[found.start : found.end]))


@given(rules=_rules, texts=st.lists(_texts, max_size=4))
def test_a_conversation_raises_what_its_messages_raise_in_any_order(rules: list[NetRule], texts: list[str]) -> None:
    net = SecondNet(rules)
    apart = {signal for text in texts for signal in net.signals([text])}
    assert net.signals(texts) == net.signals(texts[::-1]) == tuple(sorted(apart))


@given(text=st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    net = SecondNet([NetRule("letters", 3, (("a", "été*"), ("de", "le"))), NetRule("one", 1, (("note",),))])
    assert {found.signal for found in net.evidence(text)} == set(net.signals([text]))
