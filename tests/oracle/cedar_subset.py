"""The part of Cedar that charters are written in, read and evaluated from the text alone, without the engine.

A value is a pair of its type and itself, so that `1` and `true` are two things here, as they are in Cedar. Entities
have no parents in a charter, so `in` is equality. A node of the tree is a tuple: an operator and its operands.
"""

from __future__ import annotations

import re
from operator import add, mul, sub
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable

Value = tuple[str, Any]
Entities = dict[tuple[str, str], dict[str, Value]]
"""Attributes, by type and id."""
Node = tuple[Any, ...]

_TOKEN: Final = re.compile(
    r'\s+|//[^\n]*|("(?:\\.|[^"\\])*"|[0-9]+|[A-Za-z_]\w*|::|==|!=|<=|>=|&&|\|\||[-@(){}\[\],;.<>!+*])',
    re.DOTALL | re.ASCII,
)
_ESCAPE: Final = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "0": "\0", "'": "'", '"': '"', "*": "\ue000"}
"""An escaped star of a pattern becomes a private character: a text that has it is not for this reader."""
_POWERS: Final = {"||": 1, "&&": 2, "+": 4, "-": 4, "*": 5} | dict.fromkeys(
    ("==", "!=", "<", "<=", ">", ">=", "in", "has", "like", "is"), 3
)
_VARIABLES: Final = ("principal", "action", "resource", "context")
_TRUE: Final[Node] = ("value", ("bool", True))


class OracleError(Exception):
    """A policy cannot be evaluated, or is not of this subset."""


class Policy(NamedTuple):
    """A policy: it applies when the scope and all conditions hold, in that order."""

    annotations: dict[str, str]
    effect: str
    condition: Node


class Reader:
    """Reads policies from a text, each operator by how tightly it binds."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        self._at = at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise OracleError(f"unreadable at {at}")
            self._tokens += [match[1]] if match[1] else []
            at = match.end()

    def policies(self) -> list[Policy]:
        found = []
        while self._peek():
            annotations = {}
            while self._take("@"):
                name = self._next()
                self._want("(")
                annotations[name] = _unquoted(self._next())
                self._want(")")
            effect = self._next()
            self._want("(")
            condition = _TRUE
            for variable in _VARIABLES[:3]:
                constrained = self._tokens[self._at + 1] in {"==", "in", "is"}
                scope = self._expression() if constrained else _TRUE
                if not constrained and self._next() != variable:
                    raise OracleError(f"{variable} wanted")
                condition = ("&&", condition, scope)
                self._take(",")
            self._want(")")
            while not self._take(";"):
                kind = self._next()
                self._want("{")
                inner = self._expression()
                condition = ("&&", condition, inner if kind == "when" else ("!", inner))
                self._want("}")
            found.append(Policy(annotations, effect, condition))
        return found

    def _expression(self, least: int = 0) -> Node:
        if self._take("if"):
            condition = self._expression()
            self._want("then")
            then = self._expression()
            self._want("else")
            return ("if", condition, then, self._expression())
        left = self._unary()
        while (power := _POWERS.get(self._peek(), 0)) > least:
            operator = self._next()
            if operator in {"has", "like"}:
                token = self._next()
                left = (operator, left, _unquoted(token) if token[0] == '"' else token)
            elif operator == "is":
                left = ("is", left, self._path())
            else:
                left = (operator, left, self._expression(power))
        return left

    def _unary(self) -> Node:
        if self._take("!"):
            return ("!", self._unary())
        if self._take("-"):
            if self._peek().isdigit():  # a number of its own: the least Long has no positive
                return ("value", _long(-int(self._next())))
            return ("-", ("value", ("long", 0)), self._unary())
        node = self._primary()
        while True:
            if self._take("["):
                node = (".", node, _unquoted(self._next()))
                self._want("]")
            elif self._take("."):
                name = self._next()
                node = (name, node, *self._list(")")) if self._take("(") else (".", node, name)
            else:
                return node

    def _primary(self) -> Node:
        if self._take("("):
            inner = self._expression()
            self._want(")")
            return inner
        if self._take("["):
            return ("set", *self._list("]"))
        if self._tokens[self._at + 1] == "::":
            return ("value", ("entity", (self._path(), _unquoted(self._next()))))
        token = self._next()
        if token in _VARIABLES:
            return ("variable", token)
        value: Value
        if token in {"true", "false"}:
            value = "bool", token == "true"
        elif token.isdigit():
            value = _long(int(token))
        elif token[0] == '"':
            value = "string", _unquoted(token)
        else:
            raise OracleError(f"not of this subset: {token}")
        return ("value", value)

    def _path(self) -> str:
        path = self._next()
        while self._take("::") and self._peek()[0] != '"':
            path += f"::{self._next()}"
        return path

    def _list(self, end: str) -> list[Node]:
        items: list[Node] = []
        while not self._take(end):
            items.append(self._expression())
            self._take(",")
        return items

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        taken = self._peek() == token
        self._at += taken
        return taken

    def _want(self, token: str) -> None:
        if not self._take(token):
            raise OracleError(f"{token} wanted, {self._peek()!r} found")


class Evaluation(NamedTuple):
    """What policies are evaluated on."""

    variables: dict[str, Value]
    entities: Entities

    def applies(self, policy: Policy) -> bool:
        """Tell whether a policy applies; raise OracleError on a wrong type, an overflow, or what is not there."""
        try:
            return bool(self.typed("bool", policy.condition))
        except KeyError as error:
            raise OracleError(f"no {error}") from error

    def value(self, node: Node) -> Value:
        operator, first, *rest = cast("Any", (*node, ()))
        found: Value
        if operator in {"value", "variable"}:
            found = first if operator == "value" else self.variables[first]
        elif operator == "if":
            found = self.value(rest[0 if self.typed("bool", first) else 1])
        elif operator == "set":
            found = "set", frozenset(map(self.value, node[1:]))
        elif operator in _SUMS:
            found = _long(_SUMS[operator](self.typed("long", first), self.typed("long", rest[0])))
        elif operator == ".":
            found = self.attributes(first)[rest[0]]
        elif operator in _HOLDS:
            found = "bool", bool(_HOLDS[operator](self, *node[1:]))
        else:
            raise OracleError(f"not of this subset: {operator}")
        return found

    def typed(self, kind: str, node: Node) -> Any:
        found, content = self.value(node)
        if found != kind:
            raise OracleError(f"{kind} wanted, {found} found")
        return content

    def attributes(self, node: Node) -> dict[str, Value]:
        kind, content = self.value(node)
        return self.entities.get(content, {}) if kind == "entity" else dict(self.typed("record", node))

    def is_in(self, left: Node, right: Node) -> bool:
        kind, content = self.value(right)
        among = content if kind == "set" else {("entity", self.typed("entity", right))}
        if not all(one[0] == "entity" for one in among):
            raise OracleError("entities wanted")
        return ("entity", self.typed("entity", left)) in among

    def is_like(self, node: Node, pattern: str) -> bool:
        pieces = (re.escape(piece.replace("\ue000", "*")) for piece in pattern.split("*"))
        return re.fullmatch(".*".join(pieces), self.typed("string", node), re.DOTALL) is not None


_SUMS: Final[dict[str, Callable[[int, int], int]]] = {"+": add, "-": sub, "*": mul}
_HOLDS: Final[dict[str, Callable[..., object]]] = {
    "&&": lambda on, left, right: on.typed("bool", left) and on.typed("bool", right),
    "||": lambda on, left, right: on.typed("bool", left) or on.typed("bool", right),
    "!": lambda on, inner: not on.typed("bool", inner),
    "==": lambda on, left, right: on.value(left) == on.value(right),
    "!=": lambda on, left, right: on.value(left) != on.value(right),
    "<": lambda on, left, right: on.typed("long", left) < on.typed("long", right),
    "<=": lambda on, left, right: on.typed("long", left) <= on.typed("long", right),
    ">": lambda on, left, right: on.typed("long", left) > on.typed("long", right),
    ">=": lambda on, left, right: on.typed("long", left) >= on.typed("long", right),
    "in": Evaluation.is_in,
    "is": lambda on, left, kind: on.typed("entity", left)[0] == kind,
    "has": lambda on, left, name: name in on.attributes(left),
    "like": Evaluation.is_like,
    "contains": lambda on, of, one: on.value(one) in on.typed("set", of),
    "containsAll": lambda on, of, those: on.typed("set", of) >= on.typed("set", those),
    "containsAny": lambda on, of, those: on.typed("set", of) & on.typed("set", those),
    "isEmpty": lambda on, of: not on.typed("set", of),
}


def _long(number: int) -> Value:
    if not -(2**63) <= number < 2**63:
        raise OracleError("overflow")
    return "long", number


def _unquoted(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else _ESCAPED[match[2]], text[1:-1])
