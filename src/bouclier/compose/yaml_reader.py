"""Read a YAML mapping against a declared shape and report every mistake at once, each with its line and a hint.

A shape is a `Fields`: for each key, a reader that turns a YAML node into a value or notes a mistake. The reader of a
whole file never raises half-way: it collects, and the caller raises once.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import yaml

from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

_OUTSIDE = "outside"
"""Tag of a value that no YAML file gave a type."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong at a line of a file.

    Attributes:
        line: One-based; 0 when it did not come from a line (environment, command line).
        where: Dotted key.
        message: What is wrong.
        hint: What to do.
    """

    line: int
    where: str
    message: Bilingual
    hint: Bilingual


@dataclass(slots=True)
class Mistakes:
    """All that is wrong so far."""

    found: list[Mistake] = field(default_factory=list)

    def add(self, line: int, where: str, *, message: Bilingual, hint: Bilingual) -> None:
        """Note a mistake."""
        self.found.append(Mistake(line=line, where=where, message=message, hint=hint))

    def raise_if_any(self, source: str) -> None:
        """Raise one error that lists every mistake.

        Raises:
            ConfigurationError: There is at least one.
        """
        if not self.found:
            return
        ordered = sorted(self.found, key=lambda mistake: mistake.line)

        def said(language: str) -> str:
            lines = []
            for mistake in ordered:
                at = f"{source}:{mistake.line}: " if mistake.line else ""
                where = f"{mistake.where}{' :' if language == 'fr' else ':'} " if mistake.where else ""
                message, hint = getattr(mistake.message, language), getattr(mistake.hint, language)
                lines.append(f"{at}{where}{message}\n    → {hint}")
            return "\n".join(lines)

        raise ConfigurationError(
            Bilingual(said("fr"), said("en")),
            Bilingual("Corrigez cela ; rien n'a démarré.", "Correct this; nothing was started."),
            param=ordered[0].where,
        )


class Reader(Protocol):
    """Turns a YAML node into a value, or notes mistakes and returns None."""

    def __call__(self, node: yaml.Node, where: str, mistakes: Mistakes) -> Any:  # noqa: ANN401
        """Read a node."""
        ...


def line_of(node: yaml.Node) -> int:
    """Return the one-based line of a node."""
    return int(node.start_mark.line) + 1


def scalar(kind: str, accept: Callable[[str], Any], expected: Bilingual) -> Reader:
    """Return a reader of one value.

    Args:
        kind: YAML tag wanted, such as `str`; `any` for any scalar.
        accept: From the text to the value; raises ValueError if it does not fit.
        expected: What is expected, for the message.
    """

    def read(node: yaml.Node, where: str, mistakes: Mistakes) -> Any:  # noqa: ANN401
        tag = node.tag.rsplit(":", 1)[-1]
        fits = tag in {_OUTSIDE, kind} or (kind == "any" and tag != "null")
        if isinstance(node, yaml.ScalarNode) and fits:
            try:
                return accept(node.value)
            except (ValueError, KeyError):
                pass
        mistakes.add(
            line_of(node),
            where,
            message=Bilingual("valeur incorrecte.", "wrong value."),
            hint=Bilingual(f"il faut {expected.fr}", f"it must be {expected.en}"),
        )
        return None

    return read


def list_of(item: Reader) -> Reader:
    """Return a reader of a list."""

    def read(node: yaml.Node, where: str, mistakes: Mistakes) -> Any:  # noqa: ANN401
        if not isinstance(node, yaml.SequenceNode):
            mistakes.add(
                line_of(node),
                where,
                message=Bilingual("il faut une liste.", "a list is expected."),
                hint=Bilingual("une ligne par élément, commençant par « - »", "one line per item, beginning with `-`"),
            )
            return []
        values = [item(child, f"{where}[{index}]", mistakes) for index, child in enumerate(node.value)]
        return [value for value in values if value is not None]

    return read


def distinct(items: Reader, key: str, *, reserved: Collection[str] = ()) -> Reader:
    """Return a reader of a list of mappings in which no two have the same value of a key, nor a reserved one."""

    def read(node: yaml.Node, where: str, mistakes: Mistakes) -> Any:  # noqa: ANN401
        taken = set(reserved)
        for index, child in enumerate(node.value if isinstance(node, yaml.SequenceNode) else ()):
            for key_node, value in child.value if isinstance(child, yaml.MappingNode) else ():
                if key_node.value != key or not isinstance(value, yaml.ScalarNode):
                    continue
                if value.value in taken:
                    _note_taken(value, f"{where}[{index}].{key}", reserved, mistakes)
                taken.add(value.value)
        return items(node, where, mistakes)

    return read


def _note_taken(node: yaml.ScalarNode, where: str, reserved: Collection[str], mistakes: Mistakes) -> None:
    listed = ", ".join(reserved)
    mistakes.add(
        line_of(node),
        where,
        message=Bilingual(f"« {node.value} » est déjà pris.", f'"{node.value}" is taken.'),
        hint=Bilingual(
            "donnez à chacun le sien" + (f" ; sont réservés : {listed}" if reserved else ""),
            "give each its own" + (f"; reserved: {listed}" if reserved else ""),
        ),
    )


@dataclass(frozen=True, slots=True)
class Fields:
    """A reader of a mapping.

    Attributes:
        readers: By key.
        required: Keys that must be there.
        build: From the values read, by key, to the result; called only when nothing is missing or wrong.
        keeps_line: Whether the result, a dataclass, has a `line` to be told: for mistakes only the whole file shows.
    """

    readers: Mapping[str, Reader]
    required: Collection[str]
    build: Callable[[dict[str, Any]], Any]
    keeps_line: bool = False

    def __call__(self, node: yaml.Node, where: str, mistakes: Mistakes) -> Any:  # noqa: ANN401
        """Read a mapping node."""
        if not isinstance(node, yaml.MappingNode):
            mistakes.add(
                line_of(node),
                where,
                message=Bilingual("il faut des clés et des valeurs.", "keys and values are expected."),
                hint=Bilingual(
                    f"par exemple « {next(iter(self.readers))}: … »", f"such as `{next(iter(self.readers))}: …`"
                ),
            )
            return None
        before = len(mistakes.found)
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            self._read_one(key_node, value_node, where, values, mistakes)
        for key in self.required:
            if key not in values:
                mistakes.add(
                    line_of(node),
                    _join(where, key),
                    message=Bilingual("cette clé manque.", "this key is missing."),
                    hint=Bilingual(f"ajoutez « {key}: … »", f"add `{key}: …`"),
                )
        if len(mistakes.found) > before:
            return None
        built = self.build(values)
        return replace(built, line=line_of(node)) if self.keeps_line else built

    def _read_one(
        self, key_node: yaml.Node, value_node: yaml.Node, where: str, values: dict[str, Any], mistakes: Mistakes
    ) -> None:
        key = str(key_node.value)
        if key not in self.readers:
            near = difflib.get_close_matches(key, list(self.readers), n=1)
            known = ", ".join(self.readers)
            mistakes.add(
                line_of(key_node),
                _join(where, key),
                message=Bilingual("clé inconnue.", "unknown key."),
                hint=Bilingual(f"vouliez-vous dire « {near[0]} » ?", f"did you mean `{near[0]}`?")
                if near
                else Bilingual(f"clés possibles : {known}", f"possible keys: {known}"),
            )
            return
        if key in values:
            mistakes.add(
                line_of(key_node),
                _join(where, key),
                message=Bilingual("clé donnée deux fois.", "key given twice."),
                hint=Bilingual("gardez-en une seule", "keep only one"),
            )
            return
        values[key] = self.readers[key](value_node, _join(where, key), mistakes)


def read_yaml(text: str, source: str, shape: Fields, mistakes: Mistakes) -> Any:  # noqa: ANN401
    """Read a file's text against a shape; an empty file reads as an empty mapping.

    Raises:
        ConfigurationError: It is not YAML.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = source if mark is None else f"{source}:{mark.line + 1}"
        raise ConfigurationError(
            Bilingual(f"{at} : ce n'est pas du YAML.", f"{at}: this is not YAML."),
            Bilingual(
                "Vérifiez l'indentation, les deux-points et les guillemets autour de cette ligne.",
                "Check indentation, colons and quotes around this line.",
            ),
            param=source,
        ) from error
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        return shape.build({})
    return shape(node, "", mistakes)


def read_value(text: str, where: str, reader: Reader, mistakes: Mistakes) -> Any:  # noqa: ANN401
    """Read one value given outside a file: the text is taken as it is, YAML's punctuation included."""
    nowhere = yaml.Mark(where, 0, -1, 0, "", 0)
    tag = _OUTSIDE if text.strip() else "null"
    return reader(yaml.ScalarNode(tag, text, nowhere, nowhere), where, mistakes)


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def one_of(values: Sequence[str]) -> Reader:
    """Return a reader of one of a few words."""

    def accept(text: str) -> str:
        if text not in values:
            raise ValueError
        return text

    listed = ", ".join(values)
    return scalar("any", accept, Bilingual(f"une de ces valeurs : {listed}", f"one of: {listed}"))
