"""Parquet: columns of text, a block a row. Other columns are looked at too: a number may be an identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bouclier.compose.documents.failures import damaged, missing_extra
from bouclier.compose.documents.model import Block, Document, Format, Note, Piece, Place, Segment, Unit
from bouclier.compose.documents.tables import missing_columns
from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from bouclier.compose.documents.source import Source

BATCH_ROWS = 256
_FIELD_NUMBER = b"PARQUET:field_id"
CELL_END = "\x1f"
"""Between the cells of a row in a block's raw text."""


def read_parquet(source: Source, columns: Collection[str]) -> Document:
    """Read a table, a block a row, in memory that does not grow with it."""
    document = Document(Format.PARQUET, iter(()))
    document.blocks = _blocks(source, document, columns)
    return document


def pyarrow_parquet() -> Any:  # noqa: ANN401 -- the library has no types
    """Return `pyarrow.parquet`.

    Raises:
        ConfigurationError: It is not installed.
    """
    try:
        from pyarrow import parquet  # noqa: PLC0415 -- an optional library, for this format alone
    except ImportError as error:
        raise missing_extra("pyarrow", "parquet") from error
    return parquet


def is_text(type_: Any) -> bool:  # noqa: ANN401
    """Tell whether a column's cells are text."""
    from pyarrow import types  # noqa: PLC0415

    if types.is_dictionary(type_):
        return is_text(type_.value_type)
    return bool(types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_))


def is_opaque(type_: Any) -> bool:  # noqa: ANN401
    """Tell whether a column's cells may hold text that we do not see: lists, structures, bytes."""
    from pyarrow import types  # noqa: PLC0415

    return bool(types.is_nested(type_) or types.is_binary(type_) or types.is_large_binary(type_))


def holds_metadata(schema: Any) -> bool:  # noqa: ANN401
    """Tell whether a table or a column of it has words of its own, beside the numbers of columns."""
    return bool(schema.metadata) or any(set(field.metadata or ()) - {_FIELD_NUMBER} for field in schema)


def row_block(cells: Mapping[str, str], columns: Collection[str], row: int, numbers: Mapping[str, int]) -> Block:
    """Return the block of a row: its raw text is that of its cells, one after the other."""
    pieces: list[Piece] = []
    units: list[Unit] = []
    texts: list[str] = []
    length = raw = 0
    for name, cell in cells.items():
        label = f"{name[:60]} : "
        start = length + len(label)
        pieces.append(Piece(start, start + len(cell), raw, raw + len(cell), len(units)))
        whole = EntityType.IDENTIFIER if name in columns else None
        units.append(Unit(Place(row=row, cell=numbers[name]), whole))
        texts += (label, cell, "\n")
        length = start + len(cell) + 1
        raw += len(cell) + 1
    segment = Segment("".join(texts), tuple(pieces), tuple(units))
    return Block(CELL_END.join(cells.values()), (segment,) if pieces else (), first_line=None)


def _blocks(source: Source, document: Document, columns: Collection[str]) -> Iterator[Block]:
    parquet = pyarrow_parquet()
    from pyarrow import ArrowException  # noqa: PLC0415

    try:
        with source.open() as file:
            table = parquet.ParquetFile(file)
            schema = table.schema_arrow
            missing = set(columns) - set(schema.names)
            if missing:
                raise missing_columns(source.name, missing)
            numbers = {name: number for number, name in enumerate(schema.names, start=1)}
            for field in schema:
                if is_opaque(field.type):
                    document.note(Note.VALUES)
            if holds_metadata(schema):
                document.note(Note.METADATA)
            row = 0
            for batch in table.iter_batches(batch_size=BATCH_ROWS):
                for cells in batch.to_pylist():
                    row += 1
                    shown = {name: str(cell) for name, cell in cells.items() if cell is not None and cell != ""}
                    yield row_block(shown, columns, row, numbers)
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        raise damaged(source.name, "Parquet") from error
