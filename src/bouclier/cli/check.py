"""`bouclier check`: what is personal or sensitive in files, without calling any model.

The report names places and kinds, never the words found: it can be kept and sent.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.checking import check
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from bouclier.cli.verbs import Verbs
    from bouclier.terms.content import Finding


class _Line(msgspec.Struct):
    id: str | int
    text: str


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    parser = verbs.add_parser(
        "check", help="chercher des données personnelles dans des fichiers" if french else "find personal data in files"
    )
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="fichiers de texte, « - » : entrée" if french else "text files, - for input",
    )
    parser.add_argument(
        "--jsonl",
        nargs=2,
        metavar=("IN", "OUT"),
        help='lignes {"id","text"} vers {"id","spans"}' if french else 'lines {"id","text"} to {"id","spans"}',
    )
    parser.add_argument(
        "--exit-code",
        action="store_true",
        help="sortir avec 1 si quelque chose est trouvé" if french else "exit with 1 if anything is found",
    )
    add_configuration(parser, french=french)
    parser.set_defaults(run=run, french=french, parser=parser)


def run(options: Namespace) -> int:
    """Report findings; return 1 if there are some and it was asked for."""
    if bool(options.files) == bool(options.jsonl):
        parser: ArgumentParser = options.parser
        parser.error("FILE… ou --jsonl IN OUT" if options.french else "FILE… or --jsonl IN OUT")
    total = _check_jsonl(options) if options.jsonl else _check_files(options)
    return 1 if options.exit_code and total else 0


def _check_files(options: Namespace) -> int:
    total = 0
    unit = "car." if options.french else "chars"

    def report(name: str, text: str, findings: tuple[Finding, ...]) -> None:
        nonlocal total
        total += len(findings)
        for finding in findings:
            line = text.count("\n", 0, finding.start) + 1
            column = finding.start - text.rfind("\n", 0, finding.start)
            print(
                f"{name}:{line}:{column}: {finding.type.value} "
                f"({finding.end - finding.start} {unit}, {finding.confidence:.2f}, {finding.validated_by})"
            )

    check(configuration_from(options), ((name, _text_of(name)) for name in options.files), report)
    found = "élément(s) trouvé(s)" if options.french else "finding(s)"
    print(f"{total} {found}", file=sys.stderr)
    return total


def _check_jsonl(options: Namespace) -> int:
    total = 0
    source, target = options.jsonl
    if Path(source).resolve() == Path(target).resolve():
        raise _unreadable(target)  # opening it to write would empty it before it is read
    with _opened(source, "rb") as lines, _opened(target, "wb") as out:

        def report(name: str, _text: str, findings: tuple[Finding, ...]) -> None:
            nonlocal total
            total += len(findings)
            spans = [[finding.start, finding.end, finding.type.value] for finding in findings]
            out.write(msgspec.json.encode({"id": msgspec.json.decode(name), "spans": spans}) + b"\n")

        check(configuration_from(options), _lines_of(source, lines), report)
    return total


def _lines_of(source: str, lines: BinaryIO) -> Iterator[tuple[str, str]]:
    """Yield (id as JSON, text), so that an id that is a number stays one."""
    decode = msgspec.json.Decoder(_Line).decode
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            read = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RequestError(
                Bilingual(f"{source}:{number} : ligne incorrecte.", f"{source}:{number}: wrong line."),
                Bilingual('Il faut {"id": …, "text": "…"} en UTF-8.', 'It must be {"id": …, "text": "…"} in UTF-8.'),
                param=f"{source}:{number}",
            ) from error
        yield msgspec.json.encode(read.id).decode(), read.text


def _opened(path: str, mode: str) -> BinaryIO:
    try:
        return Path(path).open(mode)  # type: ignore[return-value]
    except OSError as error:
        raise _unreadable(path) from error


def _text_of(name: str) -> str:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(name) from error


def _unreadable(name: str) -> RequestError:
    return RequestError(
        Bilingual(f"{name} ne peut pas être lu ou écrit.", f"{name} cannot be read or written."),
        Bilingual(
            "Vérifiez le chemin, les droits, et qu'il est en UTF-8.",
            "Check the path, permissions, and that it is UTF-8.",
        ),
        param=name,
    )
