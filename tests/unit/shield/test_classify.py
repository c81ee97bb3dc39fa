"""From findings to a data class, to labels, and to what is cloaked."""

from __future__ import annotations

import pytest

from bouclier.shield.classify import classify, findings_to_cloak
from bouclier.terms.content import DataClass, EntityType, Finding


def finding(type_: EntityType, by: str = "shape") -> Finding:
    return Finding(0, 4, type_, 0.9, by)


PERSONAL_TYPES = [
    EntityType.PERSON, EntityType.EMAIL, EntityType.PHONE, EntityType.IBAN, EntityType.CARD, EntityType.IP,
    EntityType.PLATE, EntityType.BIRTH_DATE, EntityType.ADDRESS,
]  # fmt: skip


def test_nothing_found_is_internal_not_public() -> None:
    assert classify([], declared=None, uninspected=0)[:2] == (DataClass.INTERNAL, ())
    assert classify([[]], declared=DataClass.PUBLIC, uninspected=0)[:2] == (DataClass.INTERNAL, ())


@pytest.mark.parametrize("type_", PERSONAL_TYPES)
def test_what_tells_who_someone_is_is_personal(type_: EntityType) -> None:
    assert classify([[finding(type_)]], declared=None, uninspected=0)[:2] == (DataClass.PERSONAL, ())


@pytest.mark.parametrize("type_", [EntityType.LOCATION, EntityType.ORGANIZATION, EntityType.SIREN, EntityType.SIRET])
def test_a_place_or_an_organisation_alone_is_not_personal(type_: EntityType) -> None:
    assert classify([[finding(type_)]], declared=None, uninspected=0)[:2] == (DataClass.INTERNAL, ())


def test_a_social_security_number_is_sensitive_and_labelled() -> None:
    assert classify([[], [finding(EntityType.NIR)]], declared=None, uninspected=0)[:2] == (
        DataClass.SENSITIVE,
        ("national-id",),
    )


@pytest.mark.parametrize("type_", [EntityType.API_KEY, EntityType.PRIVATE_KEY, EntityType.URL_CREDENTIALS])
def test_credentials_are_labelled_secret(type_: EntityType) -> None:
    assert classify([[finding(type_)]], declared=None, uninspected=0)[:2] == (DataClass.INTERNAL, ("secret",))


@pytest.mark.parametrize(
    ("by", "data_class"),
    [
        ("marking:professional", DataClass.SENSITIVE),
        ("marking:restricted", DataClass.RESTRICTED),
        ("marking:classified", DataClass.CLASSIFIED),
        ("marking:unheard-of", DataClass.CLASSIFIED),
    ],
)
def test_a_marking_sets_its_class_and_an_unknown_one_the_gravest(by: str, data_class: DataClass) -> None:
    assert classify([[finding(EntityType.MARKING, by)]], declared=None, uninspected=0)[:2] == (data_class, ("marked",))


def test_what_could_not_be_read_is_sensitive() -> None:
    assert classify([[]], declared=None, uninspected=1)[:2] == (DataClass.SENSITIVE, ("uninspected",))


def test_a_caller_may_declare_higher_never_lower() -> None:
    found = [[finding(EntityType.PERSON)]]
    assert classify(found, declared=DataClass.RESTRICTED, uninspected=0)[:2] == (DataClass.RESTRICTED, ("declared",))
    assert classify(found, declared=DataClass.INTERNAL, uninspected=0)[:2] == (DataClass.PERSONAL, ())


def test_labels_add_up_in_order() -> None:
    found = [
        [finding(EntityType.NIR)],
        [finding(EntityType.API_KEY), finding(EntityType.MARKING, "marking:restricted")],
    ]
    assert classify(found, declared=DataClass.CLASSIFIED, uninspected=2)[1] == (
        "declared",
        "marked",
        "national-id",
        "secret",
        "uninspected",
    )


@pytest.mark.parametrize("type_", list(EntityType))
def test_every_type_has_a_class(type_: EntityType) -> None:
    assert classify([[finding(type_)]], declared=None, uninspected=0)[0] >= DataClass.INTERNAL


def test_places_are_cloaked_only_beside_a_person_and_markings_never() -> None:
    place, person = finding(EntityType.LOCATION), finding(EntityType.PERSON)
    key, marking = finding(EntityType.API_KEY), finding(EntityType.MARKING, "marking:restricted")
    assert findings_to_cloak([[place], [key, marking]], DataClass.INTERNAL) == ((), (key,))
    assert findings_to_cloak([[place], [person, marking]], DataClass.PERSONAL) == ((place,), (person,))


@pytest.mark.parametrize("type_", [EntityType.LOCATION, EntityType.ORGANIZATION, EntityType.SIREN, EntityType.SIRET])
@pytest.mark.parametrize("declared", [DataClass.PERSONAL, DataClass.SENSITIVE])
def test_a_caller_who_declares_personal_data_has_places_and_organisations_cloaked(
    type_: EntityType, declared: DataClass
) -> None:
    found = [[finding(type_)]]
    data_class, _, _ = classify(found, declared=declared, uninspected=0)
    assert findings_to_cloak(found, data_class) == ((finding(type_),),)
