"""The laws of cloak and restore, for any text, any findings and any chunking."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from bouclier.shield.cloak import cloak
from bouclier.shield.restore import Pseudonyms, Restorer, restore
from bouclier.terms.content import EntityType, Finding

REVERSIBLE = (EntityType.PERSON, EntityType.EMAIL, EntityType.NIR, EntityType.BIRTH_DATE)
FRAGMENTS = st.sampled_from(
    ["[", "]", "[PERSON_1]", "[PERSON_", "PERSON_1]", "[[PERSON_1]]", "1", "_", "[NIR_2", "é", "𝄞", '"', "\\", "\n"]
)
TEXTS = st.lists(FRAGMENTS | st.text(max_size=8), max_size=12).map("".join)


@st.composite
def texts_with_findings(draw: st.DrawFn) -> tuple[list[str], list[list[Finding]]]:
    texts = draw(st.lists(TEXTS, min_size=1, max_size=3))
    findings = []
    for text in texts:
        cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
        kinds = draw(st.lists(st.sampled_from(REVERSIBLE), min_size=3, max_size=3))
        findings.append(
            [
                Finding(start=start, end=end, type=kind, confidence=1.0, validated_by="test")
                for start, end, kind in zip(cuts[::2], cuts[1::2], kinds, strict=False)
            ]
        )
    return texts, findings


@st.composite
def chunked(draw: st.DrawFn, text: str) -> list[str]:
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@given(texts_with_findings())
def test_restoring_undoes_cloaking(case: tuple[list[str], list[list[Finding]]]) -> None:
    texts, findings = case
    cloaked = cloak(texts, findings)
    table = Pseudonyms(cloaked.pseudonyms)
    assert [restore(text, table) for text in cloaked.texts] == texts


@given(texts_with_findings(), st.data())
def test_cutting_the_answer_differently_never_changes_it(
    case: tuple[list[str], list[list[Finding]]], data: st.DataObject
) -> None:
    texts, findings = case
    cloaked = cloak(texts, findings)
    table = Pseudonyms(cloaked.pseudonyms)
    longest = max(map(len, cloaked.pseudonyms), default=0)
    for left, original in zip(cloaked.texts, texts, strict=True):
        restorer = Restorer(table)
        read, written = 0, ""
        for chunk in data.draw(chunked(left)):
            read += len(chunk)
            written += restorer.feed(chunk)
            held = read - _length_before_restoring(written, left, table)
            assert 0 <= held < max(longest, 1)
        assert written + restorer.finish() == original


def _length_before_restoring(written: str, left: str, table: Pseudonyms) -> int:
    """How much of `left` has been written out: the longest prefix that restores to `written`."""
    return max(n for n in range(len(left) + 1) if restore(left[:n], table) == written)


@given(texts_with_findings(), st.data())
def test_a_json_string_is_restored_whatever_its_spelling_and_chunking(
    case: tuple[list[str], list[list[Finding]]], data: st.DataObject
) -> None:
    texts, findings = case
    cloaked = cloak(texts, findings)
    table = Pseudonyms(cloaked.pseudonyms)
    for left, original in zip(cloaked.texts, texts, strict=True):
        spelled = json.dumps({"value": left}, ensure_ascii=data.draw(st.booleans()))
        if data.draw(st.booleans()):
            spelled = spelled.replace("[", "\\u005b").replace("_", "\\u005F")
        restorer = Restorer(table, json_string=True)
        written = "".join([restorer.feed(chunk) for chunk in data.draw(chunked(spelled))]) + restorer.finish()
        assert json.loads(written) == {"value": original}


@given(st.data(), st.text(alphabet='\\u05bBx"[P]', max_size=20))
def test_broken_json_passes_untouched_and_is_never_held_for_good(data: st.DataObject, text: str) -> None:
    restorer = Restorer(Pseudonyms({"[PERSON_1]": "Ada"}), json_string=True)
    written = "".join([restorer.feed(chunk) for chunk in data.draw(chunked(text))]) + restorer.finish()
    assert written == text


@given(texts_with_findings())
def test_where_something_was_found_a_pseudonym_of_its_type_stands_and_nothing_else_changes(
    case: tuple[list[str], list[list[Finding]]],
) -> None:
    texts, findings = case
    for text, found, left in zip(texts, findings, cloak(texts, findings).texts, strict=True):
        pattern, at = "", 0
        for finding in found:
            pattern += re.escape(text[at : finding.start]) + rf"\[{finding.type.value}_[1-9][0-9]*\]"
            at = finding.end
        assert re.fullmatch(pattern + re.escape(text[at:]), left)


@given(texts_with_findings())
def test_a_pseudonym_stands_for_one_text_and_was_in_no_text_before(
    case: tuple[list[str], list[list[Finding]]],
) -> None:
    texts, findings = case
    pseudonyms = cloak(texts, findings).pseudonyms
    stood_for = {(pseudonym.rpartition("_")[0], original) for pseudonym, original in pseudonyms.items()}
    assert len(stood_for) == len(pseudonyms)
    assert not [pseudonym for pseudonym in pseudonyms for text in texts if pseudonym in text]


def test_a_secret_is_replaced_and_there_is_no_way_back() -> None:
    text = "clé : sk-s3cr3t, oui"
    found = [Finding(start=6, end=15, type=EntityType.API_KEY, confidence=1.0, validated_by="test")]
    cloaked = cloak([text], [found])
    assert cloaked.texts == ("clé : [API_KEY_1], oui",)
    assert cloaked.pseudonyms == {}
    assert restore(cloaked.texts[0], Pseudonyms(cloaked.pseudonyms)) == cloaked.texts[0]
