"""Free texts of facts: plain or in both languages, strictly read, and shown in the language of whoever reads."""

from __future__ import annotations

import datetime as dt
import json
import re
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.exposure_kit import FRAMEWORK, company, fact, holds, registry, report, service
from tests.registry_kit import bent, written

from bouclier.compose.registry_showing import concerning, shown_lines
from bouclier.registry import flaws_of, parse_registry
from bouclier.registry.adapters.registry_files import load_registry
from bouclier.registry.draw_picture import picture_of
from bouclier.registry.draw_svg import svg_of
from bouclier.registry.expose import moment, report_at
from bouclier.registry.expose_json import report_values
from bouclier.registry.expose_text import exposure_text
from bouclier.registry.report_model import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.registry.draw_model import Language

DAY: Final = dt.date(2026, 11, 22)
BOTH: Final = {"fr": "seulement la filiale", "en": "only the subsidiary"}
DATA: Final = resources.files("bouclier.registry") / "data" / "registry"
FREE: Final = frozenset({"notes", "hq", "scope", "basis", "through", "ref", "name"})
SENTENCE: Final = re.compile(
    r"\b(the|of|and|with|not|by|its|as|in|for|to|from|under|other|others|stated|said|press|pages|general|company"
    r"|act|code|order|family|founders?|holders|subsidiary|registry|registries|group|whose)\b",
    re.IGNORECASE,
)
"""Words of a sentence, or of a description: what has one of them is no mere name or citation."""
NAMES: Final = frozenset(
    {
        "A1 Telekom Austria Group",
        "Alibaba Group Holding",
        "IONOS Group SE",
        "Cloud Avenue / LLM as a service",
        "Orange Business (Cloud Avenue / LLM as a service)",
        "US BIS Federal Register 2025-01-16",
        "Investigatory Powers Act 2016, s. 253; Investigatory Powers (Amendment) Act 2024",
    }
)
"""Names and titles that have such a word, and are the same in every language."""


def both_in(found: object) -> Iterator[tuple[str, str]]:
    """Yield each text in both languages of a file, as French and English."""
    if isinstance(found, dict):
        if found.keys() == {"fr", "en"}:
            yield found["fr"], found["en"]
        else:
            for part in found.values():
                yield from both_in(part)
    elif isinstance(found, list):
        for part in found:
            yield from both_in(part)


def plain_in(found: object) -> Iterator[tuple[str, str]]:
    """Yield each free text of a file that is plain, with its field."""
    if isinstance(found, dict):
        for name, part in found.items():
            if name in FREE and isinstance(part, str):
                yield name, part
            yield from plain_in(part)
    elif isinstance(found, list):
        for part in found:
            yield from plain_in(part)


FILES: Final = {entry.name: json.loads(entry.read_bytes()) for entry in DATA.iterdir() if entry.name.endswith(".json")}


def test_every_sentence_of_the_packaged_facts_is_in_both_languages() -> None:
    plain = {(name, text) for found in FILES.values() for name, text in plain_in(found)}
    assert not {text for name, text in plain if name == "notes"}
    assert not {text for name, text in plain if name == "through" and text not in {"EU", "EEA"}}
    assert not {text for _, text in plain if SENTENCE.search(text) and text not in NAMES}


def test_no_packaged_text_is_left_empty_or_untranslated() -> None:
    alike = {fr for found in FILES.values() for fr, en in both_in(found) if fr == en or not fr.strip()}
    assert not alike


@pytest.mark.parametrize(("language", "other"), [("fr", 1), ("en", 0)])
def test_no_report_of_the_packaged_facts_speaks_the_other_language(language: Language, other: int) -> None:
    facts = load_registry()
    at = moment(facts, DAY)
    pairs = {pair for found in FILES.values() for pair in both_in(found)}
    # One of two words or less, such as a name, may be within the other.
    foreign = {pair[other] for pair in pairs if len(pair[other].split()) > 2 and pair[other] not in pair[1 - other]}
    subjects = [*(("entity", name) for name in facts.entities), *(("service", name) for name in facts.services)]
    for kind, name in subjects:
        found = report_at(at, Subject("entity" if kind == "entity" else "service", name), framework=FRAMEWORK)
        picture = picture_of(found, language, registry=facts)
        shown = [
            exposure_text(found, facts, language, framework=FRAMEWORK),
            *shown_lines(concerning(facts, name), french=language == "fr"),
            *picture.sentences,
            *picture.sources,
        ]
        for text in shown:
            assert not [words for words in foreign if words in text]
            assert "BilingualText" not in text


FACTS: Final = registry(
    entities=[
        company("op", name={"fr": "Nuage de la ville", "en": "City cloud"}, notes=BOTH, hq="Lyon"),
        company("owners", kind="people", ultimate=True, name={"fr": "Famille Untel", "en": "Doe family"}),
    ],
    edges=[holds("owners", "op", 100, source={"kind": "register", "ref": {"fr": "registre", "en": "the register"}})],
    services=[service("api", "op", "FR")],
    laws=[
        fact(
            id="us-act",
            jurisdiction="US",
            title={"fr": "Loi", "en": "Act"},
            allows={"fr": "Tout.", "en": "All."},
            basis={"fr": "art. 1 du code", "en": "s. 1 of the code"},
            status="in-force",
        )
    ],
    reaches=[fact(law="us-act", whom="op", certainty="contested", through=BOTH)],
    qualifications=[fact(service="api", name="hds", status="held", scope={"fr": "le calcul", "en": "computing"})],
)
WORDS: Final = {
    "fr": ("Nuage de la ville", "Famille Untel", "registre", "art. 1 du code", "seulement la filiale", "le calcul"),
    "en": ("City cloud", "Doe family", "the register", "s. 1 of the code", "only the subsidiary", "computing"),
}


@pytest.mark.parametrize(("language", "other"), [("fr", "en"), ("en", "fr")])
def test_each_free_text_is_told_in_the_language_of_whoever_reads(language: Language, other: Language) -> None:
    said = exposure_text(report(FACTS, "api"), FACTS, language, framework=FRAMEWORK)
    assert [words for words in WORDS[language] if words not in said] == []
    assert not any(words in said for words in (*WORDS[other][:2], *WORDS[other][3:5]))


@pytest.mark.parametrize(("language", "other"), [("fr", "en"), ("en", "fr")])
def test_a_picture_and_what_is_known_of_a_name_are_in_one_language(language: Language, other: Language) -> None:
    picture = svg_of(picture_of(report(FACTS, "api"), language, registry=FACTS))
    assert WORDS[language][0] in picture
    assert WORDS[other][0] not in picture
    shown = "\n".join(shown_lines(concerning(FACTS, "op"), french=language == "fr"))
    assert "hq: Lyon" in shown
    assert all(words in shown for words in (WORDS[language][0], WORDS[language][4]))
    assert not any(words in shown for words in (WORDS[other][0], WORDS[other][4]))


def test_json_gives_both_languages_and_a_plain_text_in_each() -> None:
    values = report_values(report(FACTS, "op", kind="entity"))
    assert values["subject"]["name"] == {"fr": "Nuage de la ville", "en": "City cloud"}
    (reach,) = (one for one in values["reaches"] if one["law"] == "us-act")
    assert BOTH["fr"] in reach["chain"][-1]["how"]["fr"]
    assert BOTH["en"] in reach["chain"][-1]["how"]["en"]
    assert reach["chain"][-1]["facts"][0]["source"]["ref"] == {"fr": "test", "en": "test"}
    assert report_values(report(FACTS, "api"))["qualifications"][0]["scope"] == {"fr": "le calcul", "en": "computing"}


def test_a_name_in_both_languages_is_found_by_either() -> None:
    assert [concerning(FACTS, name).entities[0].id for name in ("City cloud", "nuage de la ville")] == ["op", "op"]


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ({"fr": "a"}, "", "the field 'en' is missing"),
        ({"en": "a"}, "", "the field 'fr' is missing"),
        ({"fr": "a", "en": "b", "de": "c"}, ".de", "there is no field 'de' here"),
        ({"fr": "a", "en": ""}, ".en", "misspelt value"),
        ({"fr": 1, "en": "b"}, ".fr", "misspelt value"),
        (3, "", "misspelt value"),
        (["a"], "", "misspelt value"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("entities", "notes"),
        ("entities", "name"),
        ("entities", "hq"),
        ("qualifications", "scope"),
        ("reaches", "through"),
        ("laws", "basis"),
    ],
)
def test_a_text_that_is_not_one_is_told_with_its_line_and_how_to_write_it(
    kind: str, field: str, text: Any, path: str, words: str
) -> None:
    document = bent(kind, 0, **{field: text})
    [flaw] = flaws_of({"faits.json": written(document)})
    assert (flaw.path, flaw.message.en) == (f"{kind}[0].{field}{path}", words)
    lines = written(document).decode().splitlines()
    assert f'"{path.removeprefix(".") or field}"' in lines[flaw.line - 1]
    assert all(mark in flaw.hint.fr + flaw.hint.en for mark in ("texte", "text"))
    if path not in {".en", ".fr"}:
        assert '"fr"' in flaw.hint.fr


def test_a_source_may_be_cited_in_both_languages_but_not_in_one() -> None:
    good, bad = {"kind": "declared", "ref": BOTH}, {"kind": "declared", "ref": {"fr": "contrat"}}
    assert flaws_of({"faits.json": written(bent("entities", 0, source=good))}) == ()
    [flaw] = flaws_of({"faits.json": written(bent("entities", 0, source=bad))})
    assert (flaw.path, flaw.message.fr) == ("entities[0].source.ref", "il manque le champ « en »")


def test_the_digest_does_not_depend_on_which_language_comes_first() -> None:
    one, other = (
        parse_registry({"faits.json": written(bent("reaches", 0, through=text))})
        for text in (BOTH, dict(reversed(BOTH.items())))
    )
    assert one.digest == other.digest
    assert parse_registry({"registry.json": one.canonical}).canonical == one.canonical
    assert one.digest != parse_registry({"faits.json": written(bent("reaches", 0, through=BOTH["fr"]))}).digest
