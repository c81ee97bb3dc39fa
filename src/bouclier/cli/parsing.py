"""Arguments are refused, and explained, in the terminal's language: `argparse` speaks English alone."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, HelpFormatter
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable

# What `argparse` may say, of CPython 3.11 to 3.14, and the same in French; what is not here stays in English.
_SAID: Final = tuple(
    (re.compile(english, re.DOTALL), french)
    for english, french in (
        (r"argument (.+?): (.+)", None),
        (r"the following arguments are required: (.+)", r"il manque : \1"),
        (r"one of the arguments (.+) is required", r"il faut une de ces options : \1"),
        (r"unrecognized arguments: (.+)", r"arguments inconnus : \1"),
        (r"invalid choice: (.+) \(choose from (.+)\)", r"\1 n'est pas possible ; au choix : \2"),
        (r"invalid (\w+) value: (.+)", r"valeur incorrecte : \2"),
        (r"expected one argument", "il faut une valeur"),
        (r"expected at most one argument", "il faut une valeur au plus"),
        (r"expected at least one argument", "il faut au moins une valeur"),
        (r"expected (\d+) arguments?", r"il faut \1 valeurs"),
        (r"not allowed with argument (.+)", r"ne va pas avec \1"),
        (r"ignored explicit argument (.+)", r"ne prend pas de valeur : \1"),
        (r"ambiguous option: (.+) could match (.+)", r"\1 est ambigu : \2"),
    )
)


def in_french(message: str) -> str:
    """Return what `argparse` says in French; as it is if that is not known.

    >>> in_french("argument --day: expected one argument")
    '--day : il faut une valeur'
    """
    for english, french in _SAID:
        found = english.fullmatch(message)
        if found is None:
            continue
        return f"{found[1]} : {in_french(found[2])}" if french is None else found.expand(french)
    return message


class Parser(ArgumentParser):
    """A parser whose errors end with what to do; its sub-parsers are of the same class.

    Attributes:
        rest: Name of a last argument of any number of values, which also takes those that come after options:
            `argparse` alone takes only those before. None if there is none such.
    """

    rest: str | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:  # noqa: ANN401
        """Return what was understood, and what was not."""
        found, unknown = super().parse_known_args(args, namespace)
        if self.rest is None:
            return found, unknown
        values = [one for one in unknown if not one.startswith("-")]
        setattr(found, self.rest, [*getattr(found, self.rest), *values])
        return found, [one for one in unknown if one.startswith("-")]

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to learn more, and end with code 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}\n  → `{self.prog} --help` explains.\n")


class FrenchParser(Parser):
    """The same in French."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- as the library has it
        """Make a parser whose headings are French."""
        kwargs.setdefault("formatter_class", _FrenchFormatter)
        kwargs["add_help"] = False  # it would be in English
        super().__init__(*args, **kwargs)
        self._positionals.title = "arguments"
        self._optionals.title = "options"
        self.add_argument("-h", "--help", action="help", help="montre cette aide")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and how to learn more, and end with code 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog} : {in_french(message)}\n  → « {self.prog} --help » l'explique.\n")


class _FrenchFormatter(HelpFormatter):
    def add_usage(
        self, usage: str | None, actions: Iterable[Any], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, "usage : " if prefix is None else prefix)
