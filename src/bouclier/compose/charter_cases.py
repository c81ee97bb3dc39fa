"""Read a pack's `tests.yaml`: strictly, every mistake at once, each with its line. What a case means is in the charter.

A case whose policy, duty or deployment does not exist is a mistake of the file, not a failing case: a misspelt name
would otherwise look like a charter that is wrong.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

from bouclier.charter.cases import COMMON_DEPLOYMENTS, CharterCase, spelled_duty
from bouclier.compose.configuration_readers import BOOL, COUNTRY_CODE, OPERATOR_ID, TEXT, matching
from bouclier.compose.yaml_reader import Fields, Mistakes, line_of, list_of, one_of, read_value, read_yaml, scalar
from bouclier.terms.content import DataClass
from bouclier.terms.errors import Bilingual
from bouclier.terms.law import Case, Deployment, Exposure, Openness

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bouclier.charter import Charter

FORMAT: Final = "bouclier-charter-tests/v1"
_CASE_DAY: Final = 20261122
_QUALIFICATION: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}(?:@[0-9]{8})?")
_DAY: Final = re.compile(r"[0-9]{8}")


class _Written(NamedTuple):
    """A case as it stands in the file, its names not looked up yet."""

    line: int
    values: dict[str, Any]


def _is_a_day(text: str) -> int:
    if not _DAY.fullmatch(text):
        raise ValueError
    date(int(text[:4]), int(text[4:6]), int(text[6:]))
    return int(text)


def _qualification(text: str) -> str:
    matching(_QUALIFICATION)(text)
    if "@" in text:
        _is_a_day(text.partition("@")[2])
    return text


def _milligrams(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


_WORD: Final = OPERATOR_ID
_WORDS: Final = list_of(_WORD)
_STATES: Final = list_of(COUNTRY_CODE)
_DATE: Final = scalar("int", _is_a_day, Bilingual("un jour, comme 20261122", "a day, such as 20261122"))
_PURPOSE: Final = scalar(
    "any",
    lambda text: text and matching(re.compile(r"[a-z0-9][a-z0-9-]{0,63}"))(text),
    Bilingual(
        "une finalité en minuscules, chiffres et tirets, ou rien", "a purpose in lower case, digits, dashes, or none"
    ),
)
_DUTY: Final = scalar(
    "any",
    matching(re.compile(r"[a-z-]+(?::[a-z0-9-]+)?")),
    Bilingual("un devoir, comme pseudonymise ou warn:id", "a duty, such as pseudonymise or warn:id"),
)
_QUALIFICATIONS: Final = list_of(
    scalar("any", _qualification, Bilingual("un nom, ou nom@AAAAMMJJ", "a name, or name@YYYYMMDD"))
)
_DEPLOYMENT: Final = Fields(
    readers={
        "own": BOOL,
        "model": TEXT,
        "operator": _WORD,
        "site": TEXT,
        "country": COUNTRY_CODE,
        "openness": one_of([openness.value for openness in Openness]),
        "exposure_known": BOOL,
        "control": _STATES,
        "foreign_laws": list_of(TEXT),
        "contested": list_of(TEXT),
        "capabilities": _WORDS,
        "evaluations": _WORDS,
        "carbon_mg": scalar("int", _milligrams, Bilingual("des mg entiers", "whole mg")),
        "qualifications": _QUALIFICATIONS,
    },
    required=("own",),
    build=dict,
)
_CASE: Final = Fields(
    readers={
        "case": TEXT,
        "role": _WORD,
        "purpose": _PURPOSE,
        "class": one_of([data_class.slug for data_class in DataClass]),
        "labels": _WORDS,
        "safeguards": _WORDS,
        "signals": _WORDS,
        "modalities": _WORDS,
        "capabilities": _WORDS,
        "day": _DATE,
        "to": TEXT,
        "expect": one_of(("permit", "forbid")),
        "by": _WORDS,
        "duties": list_of(_DUTY),
        "without": list_of(_DUTY),
    },
    required=("case", "to", "expect"),
    build=dict,
)


_ONE_OF_EACH: Final = {
    **{key: _CASE.readers[key] for key in ("role", "purpose", "class", "day")},
    **dict.fromkeys(("labels", "safeguards", "signals", "modalities", "capabilities"), _WORD),
}
_SINGULAR: Final = {
    "labels": "label",
    "safeguards": "safeguard",
    "signals": "signal",
    "modalities": "modality",
    "capabilities": "capability",
}


def read_given(given: Mapping[str, str | Sequence[str]]) -> dict[str, Any]:
    """Return facts of a case that were given one by one, each as strictly as in a file.

    Args:
        given: By their names in a case; of those that are lists, each word.

    Raises:
        ConfigurationError: One is wrong.
    """
    mistakes = Mistakes()
    facts: dict[str, Any] = {}
    for key, value in given.items():
        reader, where = _ONE_OF_EACH[key], f"--{_SINGULAR.get(key, key)}"
        if isinstance(value, str):
            facts[key] = read_value(value, where, reader, mistakes)
        else:
            facts[key] = [read_value(word, where, reader, mistakes) for word in value]
    mistakes.raise_if_any("")
    return facts


def _with_line(node: yaml.Node, where: str, mistakes: Mistakes) -> _Written | None:
    values = _CASE(node, where, mistakes)
    return None if values is None else _Written(line_of(node), values)


def _named_deployments(node: yaml.Node, where: str, mistakes: Mistakes) -> dict[str, Deployment]:
    if not isinstance(node, yaml.MappingNode):
        _DEPLOYMENT(node, where, mistakes)
        return {}
    named: dict[str, Deployment] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in named or name in COMMON_DEPLOYMENTS:
            mistakes.add(
                line_of(key),
                f"{where}.{name}",
                message=Bilingual("ce nom est déjà pris.", "this name is taken."),
                hint=Bilingual("donnez-lui un autre nom", "give it another name"),
            )
        facts = _DEPLOYMENT(value, f"{where}.{name}", mistakes)
        if facts is not None:
            named[name] = _deployment(name, facts)
    return named


def _deployment(name: str, facts: dict[str, Any]) -> Deployment:
    own = facts["own"]
    return Deployment(
        name=name,
        model=facts.get("model", "modele"),
        operator=facts.get("operator", "self" if own else name),
        operator_name=facts.get("operator", name),
        site=facts.get("site", ""),
        own=own,
        openness=Openness(facts.get("openness", "open")),
        exposure=Exposure(
            known=facts.get("exposure_known", True),
            control=_sorted(facts, "control"),
            foreign_laws=_sorted(facts, "foreign_laws"),
            contested=_sorted(facts, "contested"),
        ),
        country=facts.get("country"),
        capabilities=_sorted(facts, "capabilities"),
        evaluations=_sorted(facts, "evaluations"),
        carbon_mg=facts.get("carbon_mg"),
        qualifications=_sorted(facts, "qualifications"),
    )


def _sorted(values: Mapping[str, Any], key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(sorted(set(values.get(key, default))))


_FILE: Final = Fields(
    readers={"format": one_of((FORMAT,)), "deployments": _named_deployments, "cases": list_of(_with_line)},
    required=("format", "cases"),
    build=dict,
)


def read_cases(text: str, source: str, charter: Charter) -> tuple[CharterCase, ...]:
    """Return the cases of a file.

    Args:
        text: `tests.yaml`.
        source: What to call it in errors.
        charter: Whose policies and duties they may name.

    Raises:
        ConfigurationError: It cannot be used; every mistake is told, with its line.
    """
    mistakes = Mistakes()
    file = read_yaml(text, source, _FILE, mistakes)
    mistakes.raise_if_any(source)
    deployments = {**COMMON_DEPLOYMENTS, **(file.get("deployments") or {})}
    cases = [_case(written, deployments, charter, mistakes) for written in file.get("cases", ())]
    if not cases:
        mistakes.add(
            1,
            "cases",
            message=Bilingual("aucun cas.", "no case."),
            hint=Bilingual("écrivez-en au moins un par politique", "write at least one for each policy"),
        )
    mistakes.raise_if_any(source)
    return tuple(cases)


def _case(
    written: _Written, deployments: Mapping[str, Deployment], charter: Charter, mistakes: Mistakes
) -> CharterCase:
    line, values = written
    to = _known(values["to"], deployments, line, "to", mistakes)
    for identifier in values.get("by", ()):
        _known(identifier, charter.policies, line, "by", mistakes)
    return CharterCase(
        line=line,
        sentence=values["case"],
        case=case_of_words(values),
        deployment=COMMON_DEPLOYMENTS["own"] if to is None else deployments[to],
        expect=values["expect"],
        by=tuple(values.get("by", ())),
        duties=_duties(written, "duties", charter, mistakes),
        without=_duties(written, "without", charter, mistakes),
    )


def case_of_words(values: Mapping[str, Any]) -> Case:
    """Return what is asked, from the words of a case: `class` and `purpose` may be missing, and so may the rest."""
    case = Case(
        role=values.get("role", "agent"),
        purpose=values.get("purpose", ""),
        data_class=DataClass.from_slug(values.get("class", "public")),
        day=values.get("day", _CASE_DAY),
    )
    return replace(
        case,
        labels=_sorted(values, "labels"),
        safeguards=_sorted(values, "safeguards"),
        signals=_sorted(values, "signals"),
        modalities=_sorted(values, "modalities", ("text",)),
        capabilities=_sorted(values, "capabilities"),
    )


def _duties(written: _Written, key: str, charter: Charter, mistakes: Mistakes) -> tuple[str, ...]:
    spelled = []
    for duty in written.values.get(key, ()):
        found = spelled_duty(duty, charter.data, kinds=key == "without")
        if found is None:
            mistakes.add(
                written.line,
                key,
                message=Bilingual(f"devoir inconnu : {duty}", f"unknown duty: {duty}"),
                hint=Bilingual("un devoir d'une politique de la charte", "a duty of a policy of this charter"),
            )
        else:
            spelled.append(found)
    return tuple(spelled)


def _known(name: str, known: Mapping[str, object], line: int, where: str, mistakes: Mistakes) -> str | None:
    if name in known:
        return name
    near = get_close_matches(name, list(known), n=3) or sorted(known)[:10]
    listed = ", ".join(near)
    mistakes.add(
        line,
        where,
        message=Bilingual(f"« {name} » n'existe pas.", f'"{name}" does not exist.'),
        hint=Bilingual(f"par exemple : {listed}", f"such as: {listed}"),
    )
    return None
