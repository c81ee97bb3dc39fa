"""What a reader sees of tags: stable in a conversation, different elsewhere, unforgeable, found however written."""

from __future__ import annotations

import re

import pytest

from bouclier.shield import PSEUDONYM, ConversationKey, Pseudonyms, Restorer, cloak, conversation_key, restore
from bouclier.shield.pseudonyms import Tags
from bouclier.terms.content import EntityType, Finding

KEY = conversation_key(bytes(32), tenant="mairie", conversation="begins")
TAG = "[PERSON_K7QX]"
TABLE = Pseudonyms({TAG: "Ada", "[BIRTH_DATE_B2CD]": "12/03/1980"})


def cloaked(text: str, value: str = "Ada", key: ConversationKey = KEY) -> str:
    found = [Finding(*match.span(), EntityType.PERSON, 1.0, "test") for match in re.finditer(re.escape(value), text)]
    return cloak([text], [found], key=key).texts[0]


def test_a_tag_has_its_type_and_four_characters_that_are_taken_for_no_others() -> None:
    for value in map(str, range(500)):
        assert re.fullmatch(r"\[PERSON_[BCDFGHJKMNPQRTVWX][2346789][BCDFGHJKMNPQRTVWX]{2}\]", cloaked(value, value))


def test_another_conversation_another_tenant_or_another_secret_is_another_tag() -> None:
    keys = [
        KEY,
        conversation_key(bytes(32), tenant="mairie", conversation="other"),
        conversation_key(bytes(32), tenant="prefecture", conversation="begins"),
        conversation_key(b"1" * 32, tenant="mairie", conversation="begins"),
    ]
    assert len({cloaked("Ada", key=key) for key in keys}) == len(keys)
    assert cloaked("Ada") == cloaked("Ada", key=conversation_key(bytes(32), tenant="mairie", conversation="begins"))


def test_what_the_user_types_in_between_changes_no_tag() -> None:
    tag = cloaked("Ada")
    for typed in ("[PERSON_1]", "[PERSON_B2CD]", "[PERSON_", f"x{tag[8:-1]}x", "K7QX"):
        assert cloaked(f"Ada {typed}") == f"{tag} {typed}"


@pytest.mark.parametrize("spelled", ["{tag}", "{bare}", "{lower}", "[Personne {id}]", "{id}", "`{lower}`"])
def test_who_types_the_very_tag_gets_back_what_was_typed(spelled: str) -> None:
    tag = cloaked("Ada")
    typed = spelled.format(tag=tag, bare=tag[1:-1], lower=tag.lower(), id=tag[8:-1])
    text = f"Ada {typed}"
    out = cloaked(text)
    assert out.endswith(typed)
    assert out.startswith(tag[:-1]), "the id grows, so that a model still sees whom it means"
    assert not out.startswith(tag)
    table = Pseudonyms({out.split(" ")[0]: "Ada"})
    assert restore(out, table) == text


def test_two_spellings_of_one_value_have_two_tags_that_begin_alike() -> None:
    tags = Tags(KEY, ())
    first, second = (tags.tag_of(EntityType.PERSON, value) for value in ("Dupont", "DUPONT"))
    assert second.startswith(first[:-1])
    assert len(second) > len(first)
    assert tags.tag_of(EntityType.PERSON, "Dupont") == first


def test_many_values_have_as_many_tags() -> None:
    tags = Tags(KEY, ())
    assert len({tags.tag_of(EntityType.PERSON, str(number)) for number in range(20_000)}) == 20_000


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("[person_k7qx]", "Ada"),
        ("[Person_K7QX]", "Ada"),
        ("[PERSON K7QX]", "Ada"),
        ("[PERSON-K7QX]", "Ada"),
        ("[PERSON\u00a0K7QX]", "Ada"),
        ("[PERSON\\_K7QX]", "Ada"),
        ("\\[PERSON\\_K7QX\\]", "Ada"),
        ("PERSON_K7QX", "Ada"),
        ("person k7qx", "Ada"),
        ("[ PERSON_K7QX ]", "Ada"),
        ("⟦PERSON_K7QX⟧", "Ada"),
        ("【PERSON_K7QX】", "Ada"),
        ("&#91;PERSON&#95;K7QX&#93;", "Ada"),
        ("&lbrack;PERSON&lowbar;K7QX&rbrack;", "Ada"),
        ("[[PERSON_K7QX]]", "[Ada]"),
        ("(PERSON_K7QX)", "(Ada)"),
        ("«PERSON_K7QX»", "«Ada»"),
        ("**[PERSON_K7QX]**", "**Ada**"),
        ("_PERSON_K7QX_", "_Ada_"),
        ("`PERSON_K7QX`", "`Ada`"),
        ("[PERSON_K7QX]'s", "Ada's"),
        ("PERSON_K7QX's", "Ada's"),
        ("d'[PERSON_K7QX]", "d'Ada"),
        ("l’[PERSON_K7QX]", "l’Ada"),
        ("[personne_K7QX]", "Ada"),
        ("[BIRTH DATE B2CD]", "12/03/1980"),
        ("[BIRTH\\_DATE\\_B2CD]", "12/03/1980"),
        ("[Date de naissance B2CD]", "12/03/1980"),
        ("[PERSON_K7QX, PERSON_K7QX]", "[Ada, Ada]"),
        ("[PERSON_K7QX](https://example.org)", "Ada(https://example.org)"),
        ("a[PERSON_K7QX]b", "aAdab"),
    ],
)
def test_what_models_do_to_a_tag_is_undone_by_its_exact_id(said: str, read: str) -> None:
    assert restore(f"Voir {said}.", TABLE) == f"Voir {read}."
    restorer = Restorer(TABLE)
    assert "".join([restorer.feed(character) for character in f"Voir {said}."]) + restorer.finish() == f"Voir {read}."


@pytest.mark.parametrize(
    "said",
    [
        "[PERSON_K7QW]",
        "[PERSON_K7QXB3]",
        "[PERSON_K7Q]",
        "PERSON_K7QXs",
        "xPERSON_K7QX",
        "PERSONK7QX",
        "K7QX",
        "[K7QX]",
        "[CITY_K7QX]",
        "PERSON … K7QX",
    ],
)
def test_what_is_not_exactly_ours_stays(said: str) -> None:
    assert restore(said, TABLE) == said


@pytest.mark.parametrize("cut", range(40))
def test_what_looks_like_a_tag_and_is_none_of_ours_stays_and_is_counted_once(cut: int) -> None:
    said = "[PERSON_K7QX] [PERSON_K7QW] [person b3cd] [PERSON_1]"
    restorer = Restorer(TABLE)
    assert restorer.feed(said[:cut]) + restorer.feed(said[cut:]) + restorer.finish() == said.replace(TAG, "Ada")
    assert (restorer.restored, restorer.unrestored) == (1, 2)


def test_ordinary_words_are_handed_over_at_once() -> None:
    restorer = Restorer(TABLE)
    for fragment in ("Bonjour", " Madame", ",", " la", " perspective", " est", " [1]", " (bon", ")", " 12", "/03"):
        assert restorer.feed(fragment) == fragment


def test_the_shape_of_tags_is_the_one_that_is_exported() -> None:
    assert PSEUDONYM.findall(f"{TAG} [PERSON_1] [BIRTH_DATE_B2CDF4]") == ["K7QX", "B2CDF4"]
