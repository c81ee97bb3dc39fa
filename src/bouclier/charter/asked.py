"""What policies ask: of which attributes, with which words and numbers beside them. Read from their syntax tree.

It is what a person who wants to know when a policy applies would look for, and what the checks of a charter vary.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cedarpy import policies_to_json_str

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bouclier.charter.model import Charter

Asked = dict[str, frozenset[str | int]]
"""Words and numbers by attribute, such as `context.labels` or `resource.own`; an attribute alone has none."""

_ARITHMETIC: Final = frozenset(("+", "-", "*", "neg"))
_CONNECTIVES: Final = frozenset(("&&", "||", "!", "if-then-else"))


def asked_by_policies(charter: Charter) -> Mapping[str, Asked]:
    """Return what each policy asks, by its id."""
    asked: dict[str, Asked] = {}
    for file in dict.fromkeys(policy.file for policy in charter.policies.values() if policy.file in charter.files):
        tree = json.loads(policies_to_json_str(charter.files[file]))
        for policy in tree["staticPolicies"].values():
            found: dict[str, set[str | int]] = {}
            for condition in policy["conditions"]:
                _note(condition["body"], found)
            asked[policy["annotations"]["id"]] = {name: frozenset(values) for name, values in found.items()}
    return asked


def words_asked(charter: Charter) -> Mapping[str, frozenset[str]]:
    """Return all the words that policies ask for, by attribute."""
    words: dict[str, set[str]] = {}
    for asked in asked_by_policies(charter).values():
        for attribute, values in asked.items():
            words.setdefault(attribute, set()).update(value for value in values if isinstance(value, str))
    return {attribute: frozenset(values) for attribute, values in words.items()}


def computes(policy: str) -> bool:
    """Tell whether a policy's text does arithmetic: the one thing that can still err once the schema was respected."""
    (policy_tree,) = json.loads(policies_to_json_str(policy))["staticPolicies"].values()
    return any(not _ARITHMETIC.isdisjoint(node) for node in _nodes(policy_tree["conditions"]))


def _note(node: Any, found: dict[str, set[str | int]]) -> None:  # noqa: ANN401 -- a tree of JSON
    """Note the attributes of a tree, each with the values that stand in the same comparison."""
    (operator, operands) = next(iter(node.items()))
    if operator in _CONNECTIVES:
        for operand in operands.values():
            _note(operand, found)
        return
    values = set(_values(node))
    for attribute in _attributes(node):
        found.setdefault(attribute, set()).update(values)


def _attributes(node: Any) -> Iterator[str]:  # noqa: ANN401 -- a tree of JSON
    for inner in _nodes(node):
        read = inner.get(".") or inner.get("has")
        if isinstance(read, dict) and isinstance(read.get("left"), dict) and "Var" in read["left"]:
            yield f"{read['left']['Var']}.{read['attr']}"


def _values(node: Any) -> Iterator[str | int]:  # noqa: ANN401 -- a tree of JSON
    for inner in _nodes(node):
        value = inner.get("Value")
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            yield value
        if "pattern" in inner:
            yield "".join(piece["Literal"] for piece in inner["pattern"] if isinstance(piece, dict))


def _nodes(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 -- a tree of JSON
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from _nodes(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _nodes(inner)
