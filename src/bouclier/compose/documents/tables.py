"""CSV and TSV: cells where they stand, each with the name of its column for context. RFC 4180, any separator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.compose.documents.escapes import add_quoted
from bouclier.compose.documents.failures import damaged, failure
from bouclier.compose.documents.model import Block, Document, Format, Place, Spelling, Unit
from bouclier.compose.documents.segments import SegmentBuilder
from bouclier.terms.content import EntityType
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from bouclier.compose.documents.source import Source
    from bouclier.terms.errors import RequestError

_QUOTED = re.compile(r'"([^"]*(?:""[^"]*)*)"(?!")')
_OPEN = re.compile(r'(?:^|[,;\t|])"')
_SEPARATORS = ",;\t|"
_MOST_RECORD_CHARS = 1 << 20
_MOST_RECORD_LINES = 2_000
_MOST_HEADER_CHARS = 60

_Cell = tuple[int, int, bool]


def read_table(source: Source, encoding: str, format_: Format, columns: Collection[str]) -> Document:
    """Read a table, a block a record, in constant memory; its first record names the columns.

    Args:
        source: The file.
        encoding: How it is encoded.
        format_: CSV or TSV.
        columns: Columns whose every cell is personal.
    """
    return Document(format_, _blocks(source, encoding, format_, columns), encoding)


def missing_columns(name: str, missing: Collection[str]) -> RequestError:
    """Return: a column that was named is not there."""
    listed = ", ".join(sorted(missing))
    return failure(
        name,
        Bilingual(f"n'a pas de colonne {listed}.", f"has no column {listed}."),
        Bilingual("Écrivez les noms de la première ligne.", "Write the names of the first line."),
    )


def _blocks(source: Source, encoding: str, format_: Format, columns: Collection[str]) -> Iterator[Block]:
    headers: list[str] | None = None
    separator = "\t" if format_ is Format.TSV else ""
    for row, (line, record, cells) in enumerate(_records(source, encoding, separator), start=1):
        if headers is None:
            headers = [_value(record, cell).strip() for cell in cells]
            missing = set(columns) - set(headers)
            if missing:
                raise missing_columns(source.name, missing)
            yield _block(record, cells, [], (), row=row, line=line)
        else:
            yield _block(record, cells, headers, columns, row=row, line=line)


def _block(
    record: str, cells: list[_Cell], headers: Sequence[str], columns: Collection[str], *, row: int, line: int
) -> Block:
    builder = SegmentBuilder()
    for number, cell in enumerate(cells, start=1):
        start, end, quoted = cell
        header = headers[number - 1] if number <= len(headers) else ""
        if not record[start:end].strip():
            continue
        if header:
            builder.context(f"{header[:_MOST_HEADER_CHARS]} : ")
        whole = EntityType.IDENTIFIER if header in columns else None
        builder.unit(Unit(Place(row=row, cell=number), whole))
        if quoted:
            add_quoted(builder, record, start, end)
        else:
            builder.add(record[start:end], start, end)
        builder.context("\n")
    return Block(record, builder.build(), Spelling.CSV, first_line=line)


def _records(source: Source, encoding: str, separator: str) -> Iterator[tuple[int, str, list[_Cell]]]:
    """Yield the first line's number, the raw record and its cells; a record goes on while a quote is open."""
    record, first = "", 1
    for number, line in enumerate(source.lines(encoding), start=1):
        first = first if record else number
        record += line
        if not separator:
            bare = _QUOTED.sub("", record)
            # A first record whose quote is open goes on: its separators may be on the next line.
            separator = "" if _OPEN.search(bare) else max(_SEPARATORS, key=bare.count)
        cells = _cells(record, separator) if separator else None
        if cells is not None:
            yield first, record, cells
            record = ""
        elif len(record) > _MOST_RECORD_CHARS or number - first > _MOST_RECORD_LINES:
            break
    if record:
        raise damaged(f"{source.name}:{first}", "CSV", 'guillemet / quote "')


def _cells(record: str, separator: str) -> list[_Cell] | None:
    """Return the cells of a record as (start, end, quoted), or None if a quote is still open."""
    end = len(record.rstrip("\r\n"))
    cells: list[_Cell] = []
    position = 0
    while True:
        if record.startswith('"', position):
            match = _QUOTED.match(record, position)
            if match is None:
                return None
            # What follows the closing quote belongs to no format; it is read as part of the cell.
            stop = record.find(separator, match.end(), end)
            stop = end if stop < 0 else stop
            cells.append((*match.span(1), True) if stop <= match.end() else (position, stop, True))
        else:
            stop = record.find(separator, position, end)
            stop = end if stop < 0 else stop
            cells.append((position, stop, False))
        if stop >= end:
            return cells
        position = stop + 1


def _value(record: str, cell: _Cell) -> str:
    start, end, quoted = cell
    return record[start:end].replace('""', '"') if quoted else record[start:end]
