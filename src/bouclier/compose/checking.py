"""Find what is personal or sensitive in texts and files, without calling any model."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from bouclier.compose.detecting import detectors
from bouclier.compose.documents.failures import unknown_format
from bouclier.compose.documents.files import Listed, list_files
from bouclier.compose.documents.formats import open_document
from bouclier.compose.documents.model import Note, Place
from bouclier.compose.documents.segments import marks_of, place_of
from bouclier.compose.documents.source import UTF8, Source
from bouclier.compose.inspecting import ahead, inspect_blocks, inspect_names
from bouclier.compose.reports.model import FileReport, Seen, Summary
from bouclier.terms.content import EntityType
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bouclier.compose.configuration import Configuration
    from bouclier.shield.adapters.cached_detectors import Detectors
    from bouclier.terms.content import Finding

_BATCH_TEXTS = 64
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is reported.

    Attributes:
        only: These types; empty means all.
        ignore: Not these types.
        min_confidence: Nothing less sure than this, 0 to 1.
        exclude: Patterns of files of folders that are not read.
        encoding: How text is encoded, where no byte order mark says otherwise.
    """

    only: frozenset[EntityType] = frozenset()
    ignore: frozenset[EntityType] = frozenset()
    min_confidence: float = 0.0
    exclude: Sequence[str] = ()
    encoding: str = UTF8

    def has(self, finding: Finding) -> bool:
        """Tell whether a finding is reported."""
        return (
            finding.confidence >= self.min_confidence
            and finding.type not in self.ignore
            and (not self.only or finding.type in self.only)
        )


def types_of(option: str, names: str) -> frozenset[EntityType]:
    """Return the types in a list with commas.

    Raises:
        RequestError: There is no such type.
    """
    wanted = {name.strip().upper() for name in names.split(",")} - {""}
    wrong = sorted(wanted - {kind.value for kind in EntityType})
    if wrong:
        listed = ", ".join(wrong)
        known = ", ".join(kind.value for kind in EntityType)
        raise RequestError(
            Bilingual(f"{option} : pas de type {listed}.", f"{option}: no type {listed}."),
            Bilingual(f"Types : {known}.", f"Types: {known}."),
            param=option,
        )
    return frozenset(map(EntityType, wanted))


def check(
    configuration: Configuration,
    texts: Iterable[tuple[str, str]],
    report: Callable[[str, str, tuple[Finding, ...]], None],
) -> None:
    """Inspect texts in order, in constant memory.

    Args:
        configuration: Which detectors.
        texts: Pairs of an id and a text; read as they are needed.
        report: Called for each, with its id, its text and its findings.

    Raises:
        DetectorError: A detector is broken.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_check(configuration, texts, report))


def check_files(
    configuration: Configuration,
    names: Sequence[str],
    wanted: Wanted,
    *,
    standard_input: Callable[[], bytes] = bytes,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[list[FileReport], Summary]:
    """Inspect files and folders.

    A file that was asked for and cannot be read is told in its report; a file of a folder that is of no format we read
    is counted.

    Args:
        configuration: Which detectors.
        names: Files, folders, or `-`.
        wanted: What is reported.
        standard_input: What `-` reads.
        progress: Called with the files done and their number.

    Returns:
        A report for each file, in order, and the sums.

    Raises:
        DetectorError: A detector is broken.
        ConfigurationError: The library a format needs is not installed.
        RequestError: A path does not exist.
    """
    files = [
        listed
        for name in names
        for listed in (
            [Listed(Path(name), Path(name), asked=True)]
            if name == STANDARD_INPUT
            else list_files([Path(name)], wanted.exclude)
        )
    ]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_check_files(configuration, files, wanted, standard_input, progress))


async def _check(
    configuration: Configuration,
    texts: Iterable[tuple[str, str]],
    report: Callable[[str, str, tuple[Finding, ...]], None],
) -> None:
    async with detectors(configuration.shield) as found:

        async def read(batch: list[tuple[str, str]]) -> list[tuple[str, str, tuple[Finding, ...]]]:
            # Each text is an exchange of its own: what one tells says nothing of another.
            findings = await asyncio.gather(*(found.find([text]) for _, text in batch))
            return [(name, text, of_text[0]) for (name, text), of_text in zip(batch, findings, strict=True)]

        async for batch in ahead(_batches(texts), read, count=2):
            for one in batch:
                report(*one)


def _batches(texts: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    pairs = iter(texts)
    while batch := list(islice(pairs, _BATCH_TEXTS)):
        yield batch


async def _check_files(
    configuration: Configuration,
    files: list[Listed],
    wanted: Wanted,
    standard_input: Callable[[], bytes],
    progress: Callable[[int, int], None],
) -> tuple[list[FileReport], Summary]:
    summary = Summary()
    reports: list[FileReport] = []
    async with detectors(configuration.shield) as found:
        names = await inspect_names(found, (part for listed in files for part in listed.path.parts))
        told: set[Path] = set()

        async def read(listed: Listed) -> FileReport | None:
            is_input = str(listed.path) == STANDARD_INPUT
            data = standard_input() if is_input else b""
            report = FileReport(_printable(_masked(listed.path, names)))
            source = Source(report.name, None if is_input else listed.path, data)
            return await _report(found, source, listed, wanted, report)

        done = 0
        async for report in ahead(files, read):
            listed = files[done]
            done += 1
            progress(done, len(files))
            if report is None:
                summary.skipped += 1
                continue
            folders = list(listed.path.parents)[: len(listed.relative.parts) - 1]
            for path in (listed.path, *folders):
                if path == listed.path or path not in told:  # a folder is told once, with the first file in it
                    told.add(path)
                    report.seen += _seen_in_name(names.get(path.name, ()), wanted)
            _add(summary, report)
            reports.append(report)
    return reports, summary


def _masked(path: Path, names: Mapping[str, tuple[Finding, ...]]) -> str:
    """Return a path with a type in place of each word found in it."""
    return str(Path(*(_masked_part(part, names[part]) for part in path.parts)))


def _masked_part(name: str, findings: Sequence[Finding]) -> str:
    pieces: list[str] = []
    position = 0
    for finding in sorted(findings, key=attrgetter("start")):
        if finding.end > position:
            pieces += (name[position : finding.start], f"[{finding.type.value}]") if finding.start >= position else ()
            position = finding.end
    return "".join((*pieces, name[position:]))


def _seen_in_name(findings: Sequence[Finding], wanted: Wanted) -> Iterator[Seen]:
    for one in findings:
        if wanted.has(one):
            yield Seen(one.type, Place(name=True), one.end - one.start, one.confidence, one.validated_by)


async def _report(
    found: Detectors, source: Source, listed: Listed, wanted: Wanted, report: FileReport
) -> FileReport | None:
    try:
        document = open_document(source, listed.path.name, encoding=wanted.encoding)
        if document is None:
            if not listed.asked:
                return None
            raise unknown_format(source.name)
        report.format = document.format
        async for block, findings in inspect_blocks(found, document):
            for segment, of_segment in zip(block.segments, findings, strict=True):
                for mark in marks_of(segment, of_segment):
                    one = mark.finding
                    if wanted.has(one):
                        length = len(mark.value)
                        report.seen.append(
                            Seen(one.type, place_of(block, mark), length, one.confidence, one.validated_by)
                        )
        report.notes = document.notes
    except RequestError as error:
        report.failure, report.hint = error.message, error.hint
    return report


def _add(summary: Summary, report: FileReport) -> None:
    summary.files += 1
    summary.with_findings += bool(report.seen)
    summary.types.update(one.type for one in report.seen)
    if report.failure is not None or Note.NO_TEXT in report.notes:
        summary.uninspected += 1
    elif report.notes:
        summary.partly += 1


def _printable(name: str) -> str:
    """Return a name that a terminal only shows: a file's name may hold anything."""
    return "".join(character if character.isprintable() else "\ufffd" for character in name)
