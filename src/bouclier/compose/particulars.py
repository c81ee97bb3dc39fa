"""The file in which a controller states what no log can know; every mistake is reported at once, with its line.

name: Mairie de Valmont
contact: 1 place de la Mairie, 00000 Valmont
dpo: dpo@valmont.example
representative: none
purposes:
  civil-registry:
    title: État civil
    basis: GDPR art. 6(1)(e)
    persons: usagers, agents
    retention: cinq ans
transfers:
  operator-id: GDPR art. 46(2)(c), clauses of 2026-03-01
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from bouclier.compose.configuration_readers import OPERATOR_ID, TEXT, matching
from bouclier.compose.yaml_reader import Fields, Mistakes, Reader, line_of, read_value, read_yaml, scalar
from bouclier.oversight import PURPOSE_PATTERN
from bouclier.oversight.reports import Particulars, PurposeParticulars
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE_BYTES: Final = 1_000_000
_KEYWORD: Final = scalar(
    "any",
    matching(re.compile(PURPOSE_PATTERN)),
    Bilingual("un mot-clé en minuscules, chiffres et tirets", "a keyword of lower-case letters, digits and hyphens"),
)


def _mapping(key: Reader, value: Reader) -> Reader:
    """Return a reader of a mapping whose keys are not known beforehand, each of them once."""

    def read(node: yaml.Node, where: str, mistakes: Mistakes) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            mistakes.add(
                line_of(node),
                where,
                message=Bilingual("il faut des clés et des valeurs.", "keys and values are expected."),
                hint=Bilingual("une ligne « clé: … » par valeur", "one line `key: …` per value"),
            )
            return {}
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            name = key(key_node, where, mistakes)
            if name in values:
                mistakes.add(
                    line_of(key_node),
                    f"{where}.{name}",
                    message=Bilingual("clé donnée deux fois.", "key given twice."),
                    hint=Bilingual("gardez-en une seule", "keep only one"),
                )
            elif name is not None:
                values[name] = value(value_node, f"{where}.{name}", mistakes)
        return values

    return read


_PURPOSE: Final = Fields(
    readers={"title": TEXT, "basis": TEXT, "persons": TEXT, "retention": TEXT},
    required=(),
    build=lambda values: PurposeParticulars(**values),
)
SHAPE: Final = Fields(
    readers={
        "name": TEXT,
        "contact": TEXT,
        "dpo": TEXT,
        "representative": TEXT,
        "purposes": _mapping(_KEYWORD, _PURPOSE),
        "transfers": _mapping(OPERATOR_ID, TEXT),
    },
    required=(),
    build=lambda values: Particulars(**values),
)


def load_particulars(path: Path | None) -> Particulars:
    """Return what a file states; nothing at all without one.

    Raises:
        ConfigurationError: It cannot be read, or something in it is wrong; the message names lines and fields.
    """
    if path is None:
        return Particulars()
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _unreadable(path)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path) from error
    mistakes = Mistakes()
    read = read_yaml(text, str(path), SHAPE, mistakes)
    mistakes.raise_if_any(str(path))
    assert isinstance(read, Particulars)
    return read


def read_option(text: str, option: str, reader: Reader) -> Any:  # noqa: ANN401 -- whatever the reader reads
    """Return the value of an option.

    Raises:
        ConfigurationError: It is wrong; `param` names the option.
    """
    mistakes = Mistakes()
    value = read_value(text, option, reader, mistakes)
    mistakes.raise_if_any(option)
    return value


def _unreadable(path: Path) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"--particulars : {path} est illisible.", f"--particulars: {path} cannot be read."),
        Bilingual(
            f"Il faut un fichier YAML en UTF-8, de {MAX_FILE_BYTES} octets au plus.",
            f"It must be a YAML file in UTF-8, of {MAX_FILE_BYTES} bytes at most.",
        ),
        param="--particulars",
    )
