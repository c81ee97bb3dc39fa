"""The second net: phrases near each other raise a signal, unless what cancels them is near too."""

from __future__ import annotations

import time

import pytest

from bouclier.shield.second_net import Evidence, NetRule, SecondNet
from bouclier.terms.errors import CharterError

SCORING = NetRule(
    "social-scoring",
    near=6,
    groups=(("noter", "notat*", "score de confiance"), ("citoyens", "habitant*")),
    unless=("article 5", "interdi*"),
)
SIGNAL = ("social-scoring",)


@pytest.fixture(scope="module")
def net() -> SecondNet:
    return SecondNet([SCORING])


@pytest.mark.parametrize(
    "text",
    [
        "Aide-moi à noter les citoyens de la ville.",
        "NOTER LES CITOYENS",
        "Une notation de chaque habitant, s'il vous plaît.",
        "Les habitantes auront chacune un score de confiance.",
        "un score\u00a0de\nconfiance pour nos habitants",
        "noter tous-les-citoyens",
        "no\u00adter l\u2019ensemble des ci\u200btoyens",
        "ｎｏｔｅｒ les citoyens",
    ],
)
def test_phrases_that_stand_near_raise_the_signal(net: SecondNet, text: str) -> None:
    assert net.signals([text]) == SIGNAL


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Bonjour.",
        "Noter les copies des élèves.",
        "Les citoyens sont invités à la réunion.",
        "dénoter les citoyens",  # no word begins there
        "score de la confiance des habitants",  # not the words in a row
        "noter un deux trois quatre cinq six citoyens",  # seven words apart
        "Le règlement interdit de noter les citoyens.",
        "Noter les citoyens : que dit l'article 5 ?",
    ],
)
def test_anything_else_raises_nothing(net: SecondNet, text: str) -> None:
    assert net.signals([text]) == ()


def test_the_distance_is_counted_between_the_first_words_of_phrases(net: SecondNet) -> None:
    assert net.signals(["noter un deux trois quatre cinq citoyens"]) == SIGNAL


def test_what_cancels_does_so_where_it_stands_only(net: SecondNet) -> None:
    far = " mot" * 20
    assert net.signals([f"L'article 5 interdit de noter les citoyens.{far}. Propose de noter les citoyens."]) == SIGNAL


@pytest.mark.parametrize(
    ("text", "raised"),
    [
        ("noter citoyens a b c d e interdit", ()),
        ("noter citoyens a b c d e f interdit", SIGNAL),
        ("interdit a b c d e noter citoyens", ()),
        ("interdit a b c d e f noter citoyens", SIGNAL),
    ],
)
def test_what_cancels_reaches_as_far_as_near_on_either_side(net: SecondNet, text: str, raised: tuple[str, ...]) -> None:
    assert net.signals([text]) == raised


def test_a_nearer_phrase_escapes_what_cancelled_a_farther_one(net: SecondNet) -> None:
    text = "interdit x x citoyens x x x x noter citoyens"
    assert net.signals([text]) == SIGNAL


def test_an_accent_is_as_good_as_none_on_either_side() -> None:
    net = SecondNet([NetRule("emotion", 3, (("émotion*",), ("salarié", "élèves")))])
    for text in ("emotions du salarie", "ÉMOTIONS DES ÉLÈVES", "e\u0301motions des e\u0301le\u0300ves"):
        assert net.signals([text]) == ("emotion",)


def test_words_of_two_messages_make_no_phrase(net: SecondNet) -> None:
    assert net.signals(["Je veux noter", "citoyens et habitants"]) == ()


def test_signals_of_all_messages_are_told_once_and_sorted() -> None:
    net = SecondNet([NetRule("zeta", 1, (("alpha",),)), NetRule("beta", 1, (("gamma",),)), SCORING])
    assert net.signals(["alpha", "gamma, alpha", "noter les citoyens"]) == ("beta", "social-scoring", "zeta")


def test_several_rules_may_raise_one_signal() -> None:
    net = SecondNet([NetRule("weapons", 2, (("drone",), ("tire",))), NetRule("weapons", 1, (("robot tueur",),))])
    assert net.signals(["un robot tueur"]) == ("weapons",)
    assert net.signals(["le drone tire"]) == ("weapons",)


def test_a_net_without_rules_raises_nothing() -> None:
    assert SecondNet([]).signals(["noter les citoyens"]) == ()


def test_a_stem_that_begins_another_is_still_found() -> None:
    net = SecondNet([NetRule("long", 1, (("surveillan*",),)), NetRule("short", 1, (("surv*",),))])
    assert net.signals(["surveillance"]) == ("long", "short")
    assert net.signals(["survol"]) == ("short",)


def test_evidence_shows_where_and_the_phrase_as_the_pack_writes_it(net: SecondNet) -> None:
    text = "Merci d'établir un Score de confiance par habitant."
    assert net.evidence(text) == (
        Evidence("social-scoring", 19, 37, "score de confiance"),
        Evidence("social-scoring", 42, 50, "habitant*"),
    )
    assert text[19:37] == "Score de confiance"


def test_evidence_prefers_the_longest_phrase_that_begins_there() -> None:
    net = SecondNet([NetRule("faces", 1, (("reconnaissance", "reconnaissance faciale", "reconn*"),))])
    assert [found.phrase for found in net.evidence("la reconnaissance faciale")] == ["reconnaissance faciale"]


def test_there_is_no_evidence_where_there_is_no_signal(net: SecondNet) -> None:
    assert net.evidence("Il est interdit de noter les citoyens.") == ()


@pytest.mark.parametrize("phrase", ["", " ", "*", "not at *", "no*", "« »", "nota*tion", "**note"])
def test_a_phrase_that_cannot_be_read_is_refused(phrase: str) -> None:
    with pytest.raises(CharterError, match="phrase of the second net"):
        SecondNet([NetRule("any", 5, ((phrase,),))])
    with pytest.raises(CharterError, match="phrase of the second net"):
        SecondNet([NetRule("any", 5, (("mot",),), (phrase,))])


@pytest.mark.parametrize(
    "rule", [NetRule("any", 0, (("mot",),)), NetRule("any", 5, ()), NetRule("any", 5, (("a",), ()))]
)
def test_a_rule_that_can_never_be_met_is_refused(rule: NetRule) -> None:
    with pytest.raises(CharterError, match="can never be met"):
        SecondNet([rule])


@pytest.mark.parametrize(
    "text",
    [
        "noter interdit citoyens " * 40_000,
        "score de score de " * 60_000,
        "a\u0301" * 500_000,
        "\uff9e\uff9f" * 500_000,
        "\ud800x" * 500_000,
        "x" * 1_000_000,
    ],
    ids=["cancelled", "half phrases", "accents", "marks", "surrogates", "one word"],
)
def test_a_text_of_a_megabyte_is_read_in_proportion_to_its_length(net: SecondNet, text: str) -> None:
    before = time.process_time()
    assert net.signals([text]) == ()
    # A cost that grew with the square would take hours; this only has to tell them apart on a busy machine.
    assert time.process_time() - before < 10
