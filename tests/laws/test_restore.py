"""The laws of cloak and restore, for any text, any findings, any settings and any chunking."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bouclier.shield import PSEUDONYM, CloakSettings, ConversationKey, Pseudonyms, Restorer, cloak, restore
from bouclier.terms.content import EntityType, Finding

REVERSIBLE = (
    EntityType.PERSON,
    EntityType.EMAIL,
    EntityType.NIR,
    EntityType.BIRTH_DATE,
    EntityType.PHONE,
    EntityType.LOCATION,
    EntityType.IDENTIFIER,
)
VALUES = [
    "Jean Dupont",
    "DUPONT Jean",
    "J. Dupont",
    "Dupont",
    "dupont",
    "McDonald",
    "Zoé Vasseur née Martin",
    "Xavier d'Ornano",
    "O'Brien",
    "Ada",
    "jean.dupont@example.fr",
    "jdupont@example.fr",
    "12/03/1980",
    "1er mars 1980",
    "3/3/80",
    "06 39 98 12 34",
    "+33 6 39 98 12 34",
    "2 84 05 59 999 001 93",
    "AB-12345",
    "Lyon",
]
TYPE_OF = {value: kind for kind in REVERSIBLE for value in VALUES}
KEY = ConversationKey(b"law" * 8)
TAG = cloak(["Ada"], [[Finding(0, 3, EntityType.PERSON, 1.0, "test")]], key=KEY).texts[0]
ID = TAG[8:-1]
SURROGATES = [
    cloak(
        [value],
        [[Finding(0, len(value), kind, 1.0, "test")]],
        key=KEY,
        settings=CloakSettings(realistic=frozenset({kind})),
    ).texts[0]
    for value, kind in (("Jean Dupont", EntityType.PERSON), ("12/03/1980", EntityType.BIRTH_DATE))
]
FRAGMENTS = st.sampled_from(
    [
        *(
            "[",
            "]",
            "[[",
            "⟦",
            "】",
            "(",
            "**",
            "`",
            "'s",
            "d'",
            "&#91;",
            "&",
            "#9",
            "1;",
            "\\[",
            "\\_",
            "\\",
            '"',
            "\n",
        ),
        *(
            TAG,
            TAG[:-1],
            TAG[1:],
            TAG.lower(),
            ID,
            ID.lower(),
            f"PERSON {ID}",
            f"[Personne\\_{ID}]",
            "PERSON_",
            "[PERSON_B2CD]",
        ),
        *SURROGATES,
        *SURROGATES[0].split(),
        *(" ", "_", "-", "1", "é", "𝄞", "e\u0301", "\u00a0", "İ", "ſ", "K", "K7", "QX", "\u0000"),
    ]
)
# Restoring takes a number without its spaces for the same number: a text that holds a surrogate so would change.
COMPACT = (
    cloak(
        ["06 39 98 12 34"],
        [[Finding(0, 14, EntityType.PHONE, 1.0, "test")]],
        key=KEY,
        settings=CloakSettings(realistic=frozenset({EntityType.PHONE})),
    )
    .texts[0]
    .replace(" ", "")
)
TEXTS = st.lists(FRAGMENTS | st.sampled_from(VALUES) | st.text(max_size=6), max_size=12).map("".join)
KEYS = st.sampled_from([KEY, KEY, ConversationKey(b"another" * 4)])
SETTINGS = st.sampled_from([CloakSettings(), CloakSettings(realistic=frozenset(EntityType))]) | st.builds(
    CloakSettings, st.frozensets(st.sampled_from(REVERSIBLE)), st.integers(1, 400)
)


class Case:
    """Texts with findings in them, and how they are cloaked."""

    def __init__(
        self, texts: list[str], findings: list[list[Finding]], key: ConversationKey, settings: CloakSettings
    ) -> None:
        self.texts = texts
        self.findings = findings
        self.cloaked = cloak(texts, findings, key=key, settings=settings)
        self.table = Pseudonyms(self.cloaked.pseudonyms)

    def __repr__(self) -> str:
        return f"Case({self.texts!r}, {self.findings!r}, {self.cloaked.texts!r}, {self.cloaked.pseudonyms!r})"


@st.composite
def cases(draw: st.DrawFn, settings: st.SearchStrategy[CloakSettings] = SETTINGS) -> Case:
    texts = draw(st.lists(TEXTS, min_size=1, max_size=3))
    findings = []
    for text in texts:
        spans = [match.span() for value in VALUES for match in re.finditer(re.escape(value), text)]
        cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4, unique=True)))
        spans += list(zip(cuts[::2], cuts[1::2], strict=False))
        found: list[Finding] = []
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            if not found or found[-1].end <= start:
                found.append(Finding(start, end, draw(st.sampled_from(REVERSIBLE)), 1.0, "test"))
        findings.append(found)
    return Case(texts, findings, draw(KEYS), draw(settings))


@st.composite
def chunked(draw: st.DrawFn, text: str) -> list[str]:
    if draw(st.integers(0, 3)) == 0:
        return list(text)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


COLLISION = Case(
    [f"06 39 98 12 34 ou {COMPACT}"],
    [[Finding(0, 14, EntityType.PHONE, 1.0, "test")]],
    KEY,
    CloakSettings(realistic=frozenset(EntityType)),
)


@given(cases())
@example(COLLISION)
def test_restoring_undoes_cloaking(case: Case) -> None:
    assert [restore(text, case.table) for text in case.cloaked.texts] == case.texts


@given(cases(), st.data())
def test_cutting_what_was_cloaked_differently_never_changes_what_comes_back(case: Case, data: st.DataObject) -> None:
    for left, original in zip(case.cloaked.texts, case.texts, strict=True):
        restorer = Restorer(case.table)
        assert "".join([restorer.feed(chunk) for chunk in data.draw(chunked(left))]) + restorer.finish() == original


@st.composite
def answers(draw: st.DrawFn, case: Case) -> str:
    """What a model may make of what it read: pseudonyms whole, cut, decorated, in any company."""
    forms = sorted(case.cloaked.pseudonyms) or [TAG]
    spelled = st.builds(
        lambda form, change: change(form),
        st.sampled_from(forms),
        st.sampled_from(
            [
                str,
                str.lower,
                str.upper,
                lambda form: form.strip("[]"),
                lambda form: form[1:],
                lambda form: form[:-1],
                lambda form: form.replace("_", " "),
                lambda form: form.replace("_", "\\_").replace("[", "\\[").replace("]", "\\]"),
                lambda form: form.replace("[", "⟦").replace("]", "⟧"),
                lambda form: form.replace("[", "&#91;").replace("]", "&#93;").replace("_", "&#95;"),
                lambda form: form.replace("[", "[ ").replace("]", " ]"),
                lambda form: f"[[{form}]]",
                lambda form: f"**{form}**",
                lambda form: f"{form}'s",
                lambda form: f"x{form}",
                lambda form: f"{form.strip(']')}x",
            ]
        ),
    )
    return "".join(draw(st.lists(spelled | FRAGMENTS, max_size=10)))


@given(cases(), st.data(), st.booleans())
def test_cutting_any_answer_differently_never_changes_what_comes_back(
    case: Case,
    data: st.DataObject,
    json_string: bool,  # noqa: FBT001
) -> None:
    answer = data.draw(answers(case))
    if json_string and data.draw(st.booleans()):
        answer = json.dumps(answer, ensure_ascii=data.draw(st.booleans()))
    whole = Restorer(case.table, json_string=json_string)
    expected = whole.feed(answer) + whole.finish()
    cut = Restorer(case.table, json_string=json_string)
    assert "".join([cut.feed(chunk) for chunk in data.draw(chunked(answer))]) + cut.finish() == expected
    assert (cut.restored, cut.unrestored) == (whole.restored, whole.unrestored)


@given(cases(), st.data())
def test_no_more_is_held_back_than_a_pseudonym_may_take(case: Case, data: st.DataObject) -> None:
    answer = data.draw(answers(case))
    longest = max(map(len, case.cloaked.pseudonyms), default=0)
    assert case.table.longest <= longest + 24
    restorer = Restorer(Pseudonyms(case.cloaked.pseudonyms))
    for chunk in data.draw(chunked(answer)):
        restorer.feed(chunk)
        assert len(restorer._held) <= case.table.longest


@pytest.mark.parametrize("opener", ["[", "[[", "⟦", "\\[", "[ ", "[person", "[PERSON_", "PERSON_", "&#91;"])
def test_what_only_begins_like_a_tag_is_handed_over_once_it_cannot_be_one(opener: str) -> None:
    restorer = Restorer(Pseudonyms({TAG: "Ada"}))
    said = f"{opener}, puis la suite"
    assert "".join(map(restorer.feed, said)) == said


@given(cases(), st.data())
def test_a_json_string_is_restored_whatever_its_spelling_and_chunking(case: Case, data: st.DataObject) -> None:
    for left, original in zip(case.cloaked.texts, case.texts, strict=True):
        spelled = json.dumps({"§": left}, ensure_ascii=data.draw(st.booleans()))
        if data.draw(st.booleans()):
            spelled = spelled.replace("[", "\\u005b").replace("_", "\\u005F").replace("/", "\\/")
        restorer = Restorer(case.table, json_string=True)
        written = "".join([restorer.feed(chunk) for chunk in data.draw(chunked(spelled))]) + restorer.finish()
        assert json.loads(written) == {"§": original}


@given(st.data(), st.text(alphabet='\\u05bBx"[P]', max_size=20))
def test_broken_json_passes_untouched_and_is_never_held_for_good(data: st.DataObject, text: str) -> None:
    restorer = Restorer(Pseudonyms({TAG: "Ada"}), json_string=True)
    written = "".join([restorer.feed(chunk) for chunk in data.draw(chunked(text))]) + restorer.finish()
    assert written == text


@given(cases(settings=st.just(CloakSettings())))
def test_where_something_was_found_a_tag_of_its_type_stands_and_nothing_else_changes(case: Case) -> None:
    for text, found, left in zip(case.texts, case.findings, case.cloaked.texts, strict=True):
        pattern, at = "", 0
        for finding in found:
            pattern += re.escape(text[at : finding.start]) + rf"\[{finding.type.value}_[B-DF-HJ-NP-TV-X2-9]{{4,}}\]"
            at = finding.end
        assert re.fullmatch(pattern + re.escape(text[at:]), left)


@given(cases(settings=st.just(CloakSettings())))
def test_a_tag_stands_for_one_text_and_was_in_no_text_before(case: Case) -> None:
    pseudonyms = case.cloaked.pseudonyms
    ids = [match[1] for tag in pseudonyms if (match := PSEUDONYM.fullmatch(tag))]
    assert len(set(ids)) == len(pseudonyms)
    kept = ["\n".join(_kept(text, found)) for text, found in zip(case.texts, case.findings, strict=True)]
    assert not [tag for tag in pseudonyms for text in kept if tag.lower() in text.lower()]


def _kept(text: str, found: list[Finding]) -> list[str]:
    borders = [0, *(at for one in found for at in (one.start, one.end)), len(text)]
    return [text[start:end] for start, end in zip(borders[::2], borders[1::2], strict=True)]


@given(cases(settings=st.just(CloakSettings())), TEXTS)
def test_a_later_turn_keeps_the_tags_of_the_earlier_ones(case: Case, more: str) -> None:
    if ID.lower() in more.lower():
        return
    key = ConversationKey(b"turns" * 4)
    earlier = cloak(case.texts, case.findings, key=key)
    ids = {match[1] for tag in earlier.pseudonyms if (match := PSEUDONYM.fullmatch(tag))}
    if any(id_.lower() in more.lower() for id_ in ids):
        return
    later = cloak([*case.texts, more], [*case.findings, []], key=key)
    assert later.texts[:-1] == earlier.texts


def test_a_secret_is_replaced_and_there_is_no_way_back() -> None:
    text = "clé : sk-s3cr3t, oui"
    found = [Finding(start=6, end=15, type=EntityType.API_KEY, confidence=1.0, validated_by="test")]
    for settings in (CloakSettings(), CloakSettings(realistic=frozenset(EntityType))):
        cloaked = cloak([text], [found], key=KEY, settings=settings)
        assert re.fullmatch(r"clé : \[API_KEY_\w{4}\], oui", cloaked.texts[0])
        assert cloaked.pseudonyms == {}
        assert restore(cloaked.texts[0], Pseudonyms(cloaked.pseudonyms)) == cloaked.texts[0]
