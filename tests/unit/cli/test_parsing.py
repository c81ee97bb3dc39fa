"""What a wrong argument is told, in both languages: by `argparse` itself, so that a new wording of it shows."""

from __future__ import annotations

import pytest

from bouclier.cli.parsing import FrenchParser, Parser

WRONG = [
    ([], "il manque : FILE", "required: FILE"),
    (["a", "--odd"], "arguments inconnus : --odd", "unrecognized arguments: --odd"),
    (["a", "--count", "x"], "--count : valeur incorrecte : 'x'", "argument --count: invalid int value: 'x'"),
    (["a", "--count"], "--count : il faut une valeur", "expected one argument"),
    (["a", "--count=1", "--pair", "x"], "--pair : il faut 2 valeurs", "expected 2 arguments"),
    (["a", "--some"], "--some : il faut au moins une valeur", "expected at least one argument"),
    (["a", "--json", "--svg"], "--svg : ne va pas avec --json", "not allowed with argument --json"),
    (["a", "--json=1"], "--json : ne prend pas de valeur : '1'", "ignored explicit argument '1'"),
    (["a", "--co", "1"], "--co est ambigu : --count, --cost", "ambiguous option: --co could match --count, --cost"),
    (["a", "--day", "x"], "--day : 'x' n'est pas possible ; au choix :", "invalid choice: 'x' (choose from"),
]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(("given", "french", "english"), WRONG)
def test_a_wrong_argument_is_told_in_the_terminal_s_language(
    given: list[str], french: str, english: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = (FrenchParser if language == "fr" else Parser)(prog="bouclier verb")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--count", type=int)
    parser.add_argument("--cost", type=int)
    parser.add_argument("--pair", nargs=2)
    parser.add_argument("--some", nargs="+")
    parser.add_argument("--day", choices=("today", "tomorrow"))
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--json", action="store_true")
    either.add_argument("--svg", action="store_true")
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(given)
    assert ended.value.code == 2
    out, said = capsys.readouterr()
    assert out == ""
    assert (french if language == "fr" else english) in said
    assert "bouclier verb --help" in said


def test_sub_parsers_speak_the_same_language(capsys: pytest.CaptureFixture[str]) -> None:
    parser = FrenchParser(prog="bouclier")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    actions.add_parser("list").add_argument("name")
    with pytest.raises(SystemExit):
        parser.parse_args(["list"])
    assert "bouclier list : il manque : name" in capsys.readouterr().err


def test_french_help_has_no_english_heading(capsys: pytest.CaptureFixture[str]) -> None:
    parser = FrenchParser(prog="bouclier")
    parser.add_argument("name", help="le nom")
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith("usage : bouclier")
    assert "positional" not in said
    assert "show this" not in said
