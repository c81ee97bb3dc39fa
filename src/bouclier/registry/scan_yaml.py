"""YAML as a tree with lines, read from events: no tag is obeyed, nothing recurses, references cost nothing.

A document that doubles itself by anchors is a few nodes here; whoever walks the tree counts its steps. Merge keys
(`<<`) are followed by `pairs`.

Source: YAML 1.1 (merge key: yaml.org/type/merge).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import yaml
from yaml.reader import ReaderError

from bouclier.registry.scan_model import key_twice, malformed, too_deep

if TYPE_CHECKING:
    from collections.abc import Iterator

_MERGE: Final = "<<"
MAX_DEPTH: Final = 64
MAX_NODES: Final = 200_000
MAX_STEPS: Final = 300_000
"""Most values looked at in a file, each as often as it is referred to."""
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, where there is one: 10 times as fast


@dataclass(slots=True)
class Budget:
    """How much may still be looked at in a file: references that double one another cost what they say."""

    file: str = ""
    left: int = MAX_STEPS

    def spend(self) -> None:
        """Count one step.

        Raises:
            RequestError: There were absurdly many.
        """
        self.left -= 1
        if self.left < 0:
            raise too_deep(self.file)


@dataclass(slots=True, eq=False)
class Node:
    """A value of a YAML document.

    Attributes:
        line: One-based.
        column: Likewise, in the line.
        text: Of a scalar, as written; None for the others.
        items: Of a sequence.
        entries: Of a mapping: keys and values, a key given twice included.
        again: Of a mapping: the first key that it gives twice, the second time; None if there is none.
        budget: Of the file it is of.
    """

    line: int
    text: str | None = None
    items: list[Node] = field(default_factory=list)
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    again: Node | None = None
    column: int = 0

    def get(self, key: str) -> Node | None:
        """Return the value of a key of a mapping, merged ones included, or None."""
        return next((value for name, value in self.pairs() if name.text == key), None)

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Yield keys and values of a mapping: its own, then those it merges.

        Raises:
            RequestError: Too much of the file was looked at.
        """
        waiting, done = [self], set[int]()
        while waiting:
            one = waiting.pop(0)
            if id(one) in done:
                continue
            done.add(id(one))
            for key, value in one.entries:
                self.budget.spend()
                if key.text == _MERGE:
                    waiting.extend([value, *value.items])
                else:
                    yield key, value


def read_documents(text: str, file: str) -> list[Node]:
    """Return the documents of a YAML text.

    Raises:
        RequestError: It is not YAML, or it is nested too deeply or too large.
    """
    try:
        return _built(text, file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = _line_of(error, text) if mark is None else mark.line + 1
        raise malformed(file, line, "YAML") from error


def _line_of(error: yaml.YAMLError, text: str) -> int:
    """Return the line of a character that YAML does not know, which alone is told without one; 0 if it is not told."""
    if not isinstance(error, ReaderError):
        return 0
    return text.encode(errors="replace")[: error.position].count(b"\n") + 1


def check_keys(documents: list[Node], file: str) -> None:
    """Refuse documents that give a key twice in one mapping: what reads them takes one, which hides the other.

    Merge keys (`<<`) are all followed, so they may be several.

    Raises:
        RequestError: A key is given twice; the message names the line, and not the key: it may name a person.

    Source: YAML 1.2 §3.2.1.3, keys of a mapping are unique.
    """
    waiting, done = list(documents), set[int]()
    found: list[Node] = []
    while waiting:
        node = waiting.pop()
        if id(node) in done:
            continue
        done.add(id(node))
        if node.again is not None:
            found.append(node.again)
        waiting.extend(node.items)
        waiting.extend(value for _, value in node.entries)
    if found:
        first = min(found, key=lambda node: (node.line, node.column))
        raise key_twice(file, first.line, first.column)


def _built(text: str, file: str) -> list[Node]:
    builder = _Builder(file)
    for event in yaml.parse(text, Loader=_LOADER):
        builder.take(event)
    return builder.documents


class _Builder:
    def __init__(self, file: str) -> None:
        self.documents: list[Node] = []
        self._file = file
        self._anchors: dict[str, Node] = {}
        self._open: list[tuple[Node, list[Node]]] = []  # collections not ended yet, with the children read so far
        self._count = 0
        self._budget = Budget(file)

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._anchors = {}
            case yaml.MappingEndEvent():
                node, children = self._open.pop()
                node.entries = list(zip(children[::2], children[1::2], strict=True))
                node.again = _again(children[::2])
            case yaml.SequenceEndEvent():
                node, node.items = self._open.pop()
            case yaml.NodeEvent():
                self._add(event)

    def _add(self, event: yaml.NodeEvent) -> None:
        self._count += 1
        if self._count > MAX_NODES or len(self._open) > MAX_DEPTH:
            raise too_deep(self._file)
        line = 0 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise malformed(self._file, line, "YAML")
            node = self._anchors[event.anchor]
        else:
            node = Node(line, event.value if isinstance(event, yaml.ScalarEvent) else None, budget=self._budget)
            node.column = 0 if event.start_mark is None else event.start_mark.column + 1
            if event.anchor is not None:
                self._anchors[event.anchor] = node
        (self._open[-1][1] if self._open else self.documents).append(node)
        if isinstance(event, yaml.CollectionStartEvent):
            self._open.append((node, []))


def _again(keys: list[Node]) -> Node | None:
    seen = set[str]()
    for key in keys:
        if key.text is None or key.text == _MERGE:
            continue
        if key.text in seen:
            return key
        seen.add(key.text)
    return None


def scalars(node: Node) -> Iterator[Node]:
    """Yield all scalars below a node, the keys of mappings left out, each as often as it is referred to.

    Raises:
        RequestError: Too much of the file was looked at: references that double one another, or that go round.
    """
    waiting = [node]
    while waiting:
        one = waiting.pop()
        node.budget.spend()
        if one.text is not None:
            yield one
        waiting.extend(reversed(one.items))
        waiting.extend(value for _, value in reversed(one.entries))
