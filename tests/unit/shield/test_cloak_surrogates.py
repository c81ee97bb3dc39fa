"""Realistic surrogates: one person stays one person, numbers are valid and nobody's, dates keep their intervals."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from stdnum import iban as stdnum_iban
from stdnum import luhn
from stdnum.fr import nir as stdnum_nir
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from bouclier.shield import CloakSettings, ConversationKey, Pseudonyms, cloak, restore
from bouclier.shield.shifted_dates import shifted
from bouclier.shield.surrogate_names import FIRST_NAMES, SURNAMES, Gender, Origin
from bouclier.shield.words import fold
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

REALISTIC = CloakSettings(realistic=frozenset(EntityType))
KEYS = [ConversationKey(bytes([number]) * 32) for number in range(20)]


def found(text: str, values: Mapping[str, EntityType]) -> list[Finding]:
    findings: list[Finding] = []
    for value, type_ in sorted(values.items(), key=lambda item: -len(item[0])):
        for match in re.finditer(re.escape(value), text):
            if not any(one.start < match.end() and match.start() < one.end for one in findings):
                findings.append(Finding(*match.span(), type_, 1.0, "test"))
    return sorted(findings, key=lambda one: one.start)


def left(text: str, values: Mapping[str, EntityType], key: ConversationKey = KEYS[0]) -> tuple[str, Pseudonyms]:
    cloaked = cloak([text], [found(text, values)], key=key, settings=REALISTIC)
    table = Pseudonyms(cloaked.pseudonyms)
    assert restore(cloaked.texts[0], table) == text
    return cloaked.texts[0], table


def alone(value: str, type_: EntityType, key: ConversationKey = KEYS[0]) -> str:
    return left(value, {value: type_}, key)[0]


PERSON, EMAIL = EntityType.PERSON, EntityType.EMAIL
LETTER = "Mme Fatima Benali ; BENALI Fatima ; Mme Benali ; F. Benali ; FATIMA BENALI ; fatima.benali@mairie.fr"
LETTER_VALUES = {
    "Fatima Benali": PERSON,
    "BENALI Fatima": PERSON,
    "Benali": PERSON,
    "F. Benali": PERSON,
    "FATIMA BENALI": PERSON,
    "fatima.benali@mairie.fr": EMAIL,
}


@pytest.mark.parametrize("key", KEYS)
def test_a_person_is_one_other_person_however_they_are_written(key: ConversationKey) -> None:
    said, _ = left(LETTER, LETTER_VALUES, key)
    first, last = re.match(r"Mme (\w+) (\w+) ;", said).groups()  # type: ignore[union-attr]
    assert first in FIRST_NAMES[Origin.MAGHREBI, Gender.FEMININE]
    assert last in SURNAMES[Origin.MAGHREBI]
    initial = fold(first)[0].upper()
    address = f"{fold(first)}.{fold(last)}"
    assert re.fullmatch(
        f"Mme {first} {last} ; {last.upper()} {first} ; Mme {last} ; "
        f"{initial}\\. {last} ; {first.upper()} {last.upper()} ; "
        rf"{address}@example\.(org|com|net)",
        said,
    )


@pytest.mark.parametrize(
    ("answer", "restored"),
    [
        ("{first} {last}", "Fatima Benali"),
        ("{last}", "Benali"),
        ("{first}", "Fatima"),
        ("{LAST} {first}", "BENALI Fatima"),
        ("{FIRST} {LAST}'s", "FATIMA BENALI's"),
        ("l'avis de {first}-{last}", "l'avis de Fatima-Benali"),
        ("**{first}** {last}", "**Fatima** Benali"),
        ("x{last}", None),
        ("{last}s", None),
    ],
)
def test_a_surrogate_comes_back_whole_in_part_or_in_capitals_but_not_inside_a_word(
    answer: str, restored: str | None
) -> None:
    said, table = left(LETTER, LETTER_VALUES)
    first, last = said.removeprefix("Mme ").split(" ")[:2]
    spelled = answer.format(first=first, last=last, FIRST=first.upper(), LAST=last.upper())
    assert restore(spelled, table) == (spelled if restored is None else restored)


def test_two_persons_are_two_other_persons_and_no_name_of_the_text_is_lent() -> None:
    names = [f"{first} {last}" for first in ("Jean", "Paul", "Zoé") for last in ("Dupont", "Martin", "Verdier")]
    text = ", ".join(names)
    said, _ = left(text, dict.fromkeys(names, PERSON))
    assert len(set(said.split(", "))) == len(names)
    assert not {fold(word) for word in re.findall(r"\w+", said)} & {fold(word) for word in re.findall(r"\w+", text)}


@pytest.mark.parametrize(("title", "gender"), [("M.", Gender.MASCULINE), ("Mme", Gender.FEMININE)])
def test_a_title_says_the_gender_when_the_first_name_does_not(title: str, gender: Gender) -> None:
    said, _ = left(f"{title} Camille Dupont", {"Camille Dupont": PERSON})
    assert said.split(" ")[1] in FIRST_NAMES[Origin.FRENCH, gender]


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("Zoé Vasseur née Martin", "N N née N"),
        ("Paul Durand né Thomas", "N N né N"),
        ("ZOÉ VASSEUR ÉPOUSE MARTIN", "N N ÉPOUSE N"),
        ("Zoé Vasseur ép. Martin", "N N ép. N"),
        ("Zoé Vasseur, épouse de Paul Martin", "N N, épouse de N N"),
        ("Veuve Durand", "Veuve N"),
        ("Vve Durand", "Vve N"),
        ("Paul Durand dit Petit", "N N dit N"),
        ("Zoé Durand dite Petit", "N N dite N"),
        ("Paul Durand alias Petit", "N N alias N"),
        ("Jean Dupont Jr", "N N Jr"),
        ("Jean Dupont Sr.", "N N Sr."),
        ("Louis Martin II", "N N II"),
        ("Louis Martin III", "N N III"),
        ("Mes Dupont et Martin", "Mes N et N"),
        ("Durand & Martin", "N & N"),
        ("Ing. Paul Durand", "Ing. N N"),
        ("Miss Zoé Durand", "Miss N N"),
        ("Sœur Agnès", "Sœur N"),
        ("Paul Le Goff", "N Le N"),
        ("José Ortega y Gasset", "N N y N"),
        ("Xavier d'Ornano", "N d'N"),
        ("Xavier D\u2019ORNANO", "N D\u2019N"),
        ("Sean O'Brien", "N N"),
        ("M. N'Diaye", "M. N"),
        # The same words where they are names.
        ("Anh Le", "N N"),
        ("Jean Maitre", "N N"),
        ("Paul Ing", "N N"),
        ("Aiko Ii", "N N"),
        ("D. Martin", "N. N"),
    ],
)
def test_what_stands_with_names_stays_and_every_name_goes(value: str, shape: str) -> None:
    written = {fold(word) for word in re.findall(r"[^\W\d_]{2,}", value)}
    pattern = re.sub("N(?![a-zé])", lambda _: "[^\\W\\d_]+", shape.replace(".", "\\."))
    kept = {fold(word) for word in re.findall(r"[^\W\d_]{2,}", shape)}
    for key in KEYS:
        said = alone(value, PERSON, key)
        assert re.fullmatch(pattern, said), said
        assert {fold(word) for word in re.findall(r"[^\W\d_]{2,}", said)} & written <= kept


@pytest.mark.parametrize(
    ("value", "gender"),
    [
        ("Miss Camille Dupont", Gender.FEMININE),
        ("Sœur Camille Dupont", Gender.FEMININE),
        ("Camille Dupont née Thomas", Gender.FEMININE),
        ("Camille Dupont né Thomas", Gender.MASCULINE),
    ],
)
def test_what_stands_with_a_name_says_the_gender(value: str, gender: Gender) -> None:
    first = re.sub("^(Miss|Sœur) ", "", alone(value, PERSON)).split(" ")[0]
    assert first in FIRST_NAMES[Origin.FRENCH, gender]


@pytest.mark.parametrize("key", KEYS)
def test_a_vowel_stays_a_vowel_so_that_what_is_elided_before_a_name_stays_right(key: ConversationKey) -> None:
    values = dict.fromkeys(("d'Ornano", "Ornano", "Inès", "de Martin", "Paul"), PERSON)
    said, _ = left("Xavier d'Ornano, Ornano, l'avis d'Inès, Zoé de Martin, celui de Paul", values, key)
    assert re.fullmatch(
        r"Xavier d'([AEIOUÉH]\w+), \1, l'avis d'[AEIOUÉH]\w+, Zoé de [^AEIOUÉH]\w+, celui de [^AEIOUÉH]\w+", said
    ), said


def test_somebody_s_name_with_an_apostrophe_is_one_name_as_in_their_address() -> None:
    said, table = left("Sean O'Brien, s.obrien@mairie.fr", {"Sean O'Brien": PERSON, "s.obrien@mairie.fr": EMAIL})
    last = said.partition(",")[0].split(" ")[1]
    assert f".{fold(last)}@" in said
    assert restore(f"{last.upper()}, {last}", table) == "O'BRIEN, O'Brien"


def test_a_name_that_no_list_can_replace_has_a_tag() -> None:
    taken = " ".join(name for names in (*FIRST_NAMES.values(), *SURNAMES.values()) for name in names)
    said, _ = left(f"Zoé Durand ; {taken}", {"Zoé Durand": PERSON})
    assert re.match(r"\[PERSON_\w{4}\] ;", said)


def test_a_name_met_with_another_case_or_beside_letters_has_a_tag_and_comes_back_all_the_same() -> None:
    for text, value in (("McDonald et Mcdonald", "McDonald"), ("xAdax", "Ada"), ("Ada2", "Ada"), ("J4n", "J4n")):
        said, _ = left(text, {value: PERSON})
        assert value not in said


@pytest.mark.parametrize(
    ("type_", "value", "shape"),
    [
        (EntityType.PHONE, "06 12 34 56 78", r"06 39 98 \d\d \d\d"),
        (EntityType.PHONE, "01.42.34.56.78", r"01\.99\.00\.\d\d\.\d\d"),
        (EntityType.PHONE, "+33 (0)4 72 34 56 78", r"\+33 \(0\)4 65 71 \d\d \d\d"),
        (EntityType.PHONE, "0033612345678", r"003363998\d{4}"),
        (EntityType.PHONE, "+44 7911 123456", r"\+44 7700 900\d{3}"),
        (EntityType.PHONE, "+1 212 736 1234", r"\+1 [2-8]\d\d 555 01\d\d"),
        (EntityType.IP, "81.2.69.142", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}"),
        (EntityType.IP, "2a01:cb00::1", r"2001:db8:[0-9a-f]+::[0-9a-f]+"),
        (EntityType.MAC, "3C:22:FB:12:34:56", r"00:00:5E:00:53:[0-9A-F]{2}"),
        (EntityType.PLATE, "AB-123-CD", r"[A-Z]{2}-\d{3}-[A-Z]{2}"),
        (EntityType.PASSPORT, "12AB34567", r"\d\d[A-Z]{2}\d{5}"),
        (EntityType.LOCATION, "Lyon", r"[^\d]+"),
        (EntityType.ORGANIZATION, "Société Générale", r"[^\d]+"),
        (EntityType.ADDRESS, "12 rue de la Paix, 75002 Paris", r"\d+ [^\d]+, 00\d{3} [^\d]+"),
    ],
)
def test_a_number_keeps_its_format_and_is_drawn_where_nobody_has_one(type_: EntityType, value: str, shape: str) -> None:
    drawn = {alone(value, type_, key) for key in KEYS}
    assert len(drawn) > 5
    for one in drawn:
        assert re.fullmatch(shape, one), one
        assert one != value


def test_numbers_with_a_key_have_the_right_one() -> None:
    for key in KEYS:
        stdnum_nir.validate(alone("2 85 05 78 006 084 91", EntityType.NIR, key))
        assert stdnum_nir.compact(alone("2 85 05 78 006 084 91", EntityType.NIR, key))[5:10] == "99999"
        assert stdnum_siren.validate(alone("732 829 320", EntityType.SIREN, key)).startswith("000")
        assert stdnum_siret.validate(alone("732 829 320 00074", EntityType.SIRET, key)).startswith("000")
        stdnum_iban.validate(alone("DE89 3704 0044 0532 0130 00", EntityType.IBAN, key))
        french = stdnum_iban.compact(alone("FR76 3000 6000 0112 3456 7890 189", EntityType.IBAN, key))
        stdnum_iban.validate(french)
        bank, counter, account, rib = french[4:9], french[9:14], french[14:25], french[25:]
        assert bank == "00000"
        assert (89 * int(bank) + 15 * int(counter) + 3 * int(account) + int(rib)) % 97 == 0
        luhn.validate(alone("4970 1012 3456 7890", EntityType.CARD, key).replace(" ", ""))
        luhn.validate(alone("356938035643809", EntityType.IMEI, key))


def test_one_number_written_in_several_ways_is_one_other_number() -> None:
    text = "06 12 34 56 78, +33 6 12 34 56 78, 06.12.34.56.78"
    said, table = left(text, dict.fromkeys(text.split(", "), EntityType.PHONE))
    assert len({re.sub(r"\D", "", one)[-9:] for one in said.split(", ")}) == 1
    assert restore(re.sub(" ", "", said.split(", ")[0]), table) == "0612345678"


@pytest.mark.parametrize(
    ("value", "days", "moved"),
    [
        ("12/03/1980", 30, "11/04/1980"),
        ("1980-03-12", -12, "1980-02-29"),
        ("12 03 80", 1, "13 03 80"),
        ("3.3.1980", 10, "13.3.1980"),
        ("31 décembre 1999", 1, "1er janvier 2000"),
        ("1er janvier 2000", -1, "31 décembre 1999"),
        ("LUNDI 3 MARS 1980", 1, "MARDI 4 MARS 1980"),
        ("March 31, 1980", 1, "April 1, 1980"),
        ("Monday, March 31st, 1980", 1, "Tuesday, April 1st, 1980"),
        ("3. Oktober 1990", 30, "2. November 1990"),
        ("3 de marzo de 1980", 1, "4 de marzo de 1980"),
        ("mars 1980", 60, "mai 1980"),
        ("fevrier 1980", 30, None),
        ("31/02/1980", 1, None),
        ("1980", 1, None),
        ("hier", 1, None),
        ("12/03/1980 ", 1, None),
        ("01/01/0001", -5, None),
    ],
)
def test_a_date_moves_and_keeps_its_format_and_its_language(value: str, days: int, moved: str | None) -> None:
    assert shifted(value, days) == moved


@pytest.mark.parametrize("key", KEYS)
def test_all_dates_of_a_conversation_move_alike(key: ConversationKey) -> None:
    text = "née le 12/03/1980, opérée le 2024-01-31, sortie le 5 février 2024"
    values = {"12/03/1980": EntityType.BIRTH_DATE, "2024-01-31": EntityType.DATE, "5 février 2024": EntityType.DATE}
    said, _ = left(text, values, key)
    birth = re.search(r"(\d\d)/(\d\d)/(\d{4})", said)
    surgery = re.search(r"(\d{4})-(\d\d)-(\d\d)", said)
    assert birth is not None
    assert surgery is not None
    shift = date(int(birth[3]), int(birth[2]), int(birth[1])) - date(1980, 3, 12)
    assert date(int(surgery[1]), int(surgery[2]), int(surgery[3])) - date(2024, 1, 31) == shift
    assert 1 <= abs(shift.days) <= 60


def test_a_surrogate_that_the_text_already_holds_is_not_given() -> None:
    value = "06 12 34 56 78"
    given = alone(value, EntityType.PHONE)
    said, _ = left(f"{value} ou {given}", {value: EntityType.PHONE})
    assert said.endswith(f" ou {given}")
    assert not said.startswith(given)


def test_a_surrogate_that_would_not_come_back_exactly_gives_way_to_a_tag() -> None:
    value = "06 12 34 56 78"
    given = alone(value, EntityType.PHONE).replace(" ", "")
    said, _ = left(f"{value} ou {given}", {value: EntityType.PHONE})
    assert re.fullmatch(rf"\[PHONE_\w{{4}}\] ou {given}", said)


def test_lists_have_no_name_twice_and_none_that_is_both() -> None:
    firsts = [fold(name) for names in FIRST_NAMES.values() for name in names]
    lasts = [fold(name) for names in SURNAMES.values() for name in names]
    assert len(set(firsts)) == len(firsts) >= 150
    assert len(set(lasts)) == len(lasts) >= 200
    assert not set(firsts) & set(lasts)
