"""`bouclier check`: what is personal or sensitive in files, without calling any model.

The report names places and kinds, never the words found: it can be kept and sent.

Exit codes: 0 nothing to say, or no `--exit-code`; 1 something was found; 2 something could not be read, which with
`--exit-code` includes a file that has no text to inspect.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec
from rich.console import Console

from bouclier.cli.options import add_configuration, add_files, configuration_from
from bouclier.cli.progress import file_progress, report_console
from bouclier.compose.checking import Wanted, check, check_files, types_of
from bouclier.compose.documents.failures import unreadable
from bouclier.compose.documents.source import known_encoding
from bouclier.compose.reports.as_json import file_object, summary_object
from bouclier.compose.reports.sarif import sarif_log
from bouclier.compose.reports.shown import show_file, show_summary
from bouclier.compose.whole_files import write_whole
from bouclier.shield.kinds import Part, part_of
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from bouclier.cli.verbs import Verbs
    from bouclier.compose.reports.model import FileReport, Summary
    from bouclier.terms.content import Finding


class _Line(msgspec.Struct):
    id: str | int
    text: str


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""

    def say(fr: str, en: str) -> str:
        return fr if french else en

    parser = verbs.add_parser(
        "check", help="chercher des données personnelles dans des fichiers" if french else "find personal data in files"
    )
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help=say("fichiers, dossiers, « - » : entrée", "files, folders, - for input"),
    )
    parser.add_argument(
        "--jsonl",
        nargs=2,
        metavar=("IN", "OUT"),
        help=say('lignes {"id","text"} vers {"id","spans"}', 'lines {"id","text"} to {"id","spans"}'),
    )
    parser.add_argument("--json", action="store_true", help=say("rapport en JSON", "report as JSON"))
    parser.add_argument(
        "--sarif", metavar="FILE", help=say("écrire aussi un rapport SARIF", "also write a SARIF report")
    )
    parser.add_argument(
        "--exit-code",
        action="store_true",
        help=say("sortir avec 1 si quelque chose est trouvé", "exit with 1 if anything is found"),
    )
    parser.add_argument("--only", default="", metavar="TYPES", help=say("seulement ces types", "these types only"))
    parser.add_argument("--ignore", default="", metavar="TYPES", help=say("sauf ces types", "all but these types"))
    parser.add_argument(
        "--min-confidence", default="0", metavar="N", help=say("confiance minimale, 0 à 1", "least confidence, 0 to 1")
    )
    add_files(parser, french=french)
    add_configuration(parser, french=french)
    parser.set_defaults(run=run, french=french, parser=parser)


def run(options: Namespace) -> int:
    """Report findings; return 1 if there are some and it was asked for, 2 if something could not be read."""
    parser: ArgumentParser = options.parser
    if bool(options.files) == bool(options.jsonl):
        parser.error("FILE… ou --jsonl IN OUT" if options.french else "FILE… or --jsonl IN OUT")
    wanted = _wanted(options)
    if options.jsonl:
        return 1 if _check_jsonl(options, wanted) and options.exit_code else 0
    summary, failed = _check_files(options, wanted)
    if failed or (options.exit_code and summary.uninspected):
        return 2
    return 1 if options.exit_code and summary.findings else 0


def _wanted(options: Namespace) -> Wanted:
    try:
        confidence = float(options.min_confidence)
    except ValueError:
        confidence = -1.0
    if not 0 <= confidence <= 1:
        parser: ArgumentParser = options.parser
        parser.error("--min-confidence : 0 à 1" if options.french else "--min-confidence: 0 to 1")
    return Wanted(
        only=types_of("--only", options.only),
        ignore=types_of("--ignore", options.ignore),
        min_confidence=confidence,
        exclude=tuple(options.exclude),
        encoding=known_encoding(options.encoding),
    )


def _check_files(options: Namespace, wanted: Wanted) -> tuple[Summary, bool]:
    configuration = configuration_from(options)
    with file_progress(french=options.french) as progress:
        reports, summary = check_files(
            configuration, options.files, wanted, standard_input=sys.stdin.buffer.read, progress=progress
        )
    if options.sarif:
        _write(options.sarif, msgspec.json.format(msgspec.json.encode(sarif_log(reports)), indent=1))
    if options.json:
        told = {"version": 1, "files": list(map(file_object, reports)), "summary": summary_object(summary)}
        print(msgspec.json.encode(told).decode())
    _show(reports, summary, options)
    return summary, any(report.failure is not None for report in reports)


def _show(reports: Sequence[FileReport], summary: Summary, options: Namespace) -> None:
    errors = Console(stderr=True, soft_wrap=True)
    out = report_console()
    for report in reports:
        if report.failure is not None:
            show_file(errors, report, french=options.french)
        elif not options.json:
            show_file(out, report, french=options.french)
    show_summary(errors if options.json else out, summary, french=options.french)


def _write(name: str, data: bytes) -> None:
    """Write a report whole, or not at all."""
    try:
        write_whole(Path(name), data)
    except OSError as error:
        raise unreadable(name) from error


def _check_jsonl(options: Namespace, wanted: Wanted) -> int:
    total = 0
    source, target = options.jsonl
    if Path(source).resolve() == Path(target).resolve():
        raise unreadable(target)  # opening it to write would empty it before it is read
    with _opened(source, "rb") as lines, _opened(target, "wb") as out:

        def report(name: str, _text: str, findings: tuple[Finding, ...]) -> None:
            nonlocal total
            kept = [finding for finding in findings if wanted.has(finding)]
            total += len(kept)
            spans: list[list[object]] = []
            signals: list[list[object]] = []
            for finding in kept:
                of_part = signals if part_of(finding.type) is Part.CATEGORY else spans
                of_part.append([finding.start, finding.end, finding.type.value])
            line = {"id": msgspec.json.decode(name), "spans": spans, "signals": signals}
            out.write(msgspec.json.encode(line) + b"\n")

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
        return cast("BinaryIO", Path(path).open(mode))
    except OSError as error:
        raise unreadable(path) from error
