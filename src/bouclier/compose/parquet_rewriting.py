"""Write a Parquet table with the text of its cells changed, batch by batch, in memory that does not grow with it.

The schema stays, but for columns that were named and hold numbers: they become text. Keys and values that are attached
to the table or to its columns are not written: the library writes again those it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bouclier.compose.documents.failures import failure
from bouclier.compose.documents.parquet import BATCH_ROWS, CELL_END, is_text, pyarrow_parquet
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable
    from pathlib import Path

    from bouclier.compose.documents.model import Block
    from bouclier.compose.documents.source import Source
    from bouclier.compose.replacing import Replacer
    from bouclier.terms.content import Finding

    Inspected = tuple[Block, list[tuple[Finding, ...]]]


async def write_parquet(inspected: AsyncIterable[Inspected], source: Source, target: Path, replacer: Replacer) -> None:
    """Write a table whose rows are those of the source, in order, with what was found replaced.

    Args:
        inspected: A block a row, with its findings.
        source: The table.
        target: The file to write.
        replacer: Gives the pseudonyms.

    Raises:
        RequestError: A column that is no text holds what must be replaced, and was not named.
    """
    rows = aiter(inspected)
    parquet = pyarrow_parquet()
    with source.open() as file:
        table = parquet.ParquetFile(file)
        named = {column for column in table.schema_arrow.names if column in replacer.columns}
        schema = _schema(table.schema_arrow, named)
        with parquet.ParquetWriter(target, schema) as writer:
            for batch in table.iter_batches(batch_size=BATCH_ROWS):
                made = [_row(cells, *(await anext(rows)), replacer) for cells in batch.to_pylist()]
                writer.write_batch(_batch(batch, made, schema, source))


def restore_parquet(source: Source, target: Path, back: Callable[[str], str]) -> None:
    """Write a table with each cell of text put through `back`."""
    parquet = pyarrow_parquet()
    with source.open() as file:
        table = parquet.ParquetFile(file)
        schema = table.schema_arrow
        texts = [field.name for field in schema if is_text(field.type)]
        with parquet.ParquetWriter(target, schema) as writer:
            for batch in table.iter_batches(batch_size=BATCH_ROWS):
                rows = batch.to_pylist()
                made = [{name: back(row[name]) for name in texts if row[name]} for row in rows]
                writer.write_batch(_batch(batch, made, schema, source))


def _schema(schema: Any, named: set[str]) -> Any:  # noqa: ANN401 -- the library has no types
    from pyarrow import field, string  # noqa: PLC0415

    # What a table says of itself may name anybody, whoever wrote it: who made it, from which file, with which query.
    schema = schema.remove_metadata()
    for number, column in enumerate(schema):
        schema = schema.set(number, column.remove_metadata())
        if column.name in named and not is_text(column.type):
            schema = schema.set(number, field(column.name, string(), column.nullable))
    return schema


def _row(
    cells: dict[str, object], block: Block, findings: list[tuple[Finding, ...]], replacer: Replacer
) -> dict[str, str]:
    """Return the cells that changed."""
    shown = [name for name, cell in cells.items() if cell is not None and cell != ""]
    new = replacer.replace(block, findings).raw
    if new == block.raw:
        return {}
    before, after = block.raw.split(CELL_END), new.split(CELL_END)
    if len(before) != len(shown) or len(after) != len(shown):
        return dict(zip(shown, [new] * len(shown), strict=True))  # a control character in a cell: hide them all
    return {name: now for name, was, now in zip(shown, before, after, strict=True) if was != now}


def _batch(batch: Any, made: list[dict[str, str]], schema: Any, source: Source) -> Any:  # noqa: ANN401
    import pyarrow as pa  # noqa: PLC0415

    changed = {name for row in made for name in row}
    columns = []
    for number, column in enumerate(schema):
        old = batch.column(number)
        as_text = is_text(column.type) and not is_text(old.type)
        if column.name not in changed and not as_text:
            columns.append(old)
            continue
        if not is_text(column.type):
            raise _number_column(source.name, column.name)
        cells = [
            row.get(column.name, None if cell is None else str(cell))
            for row, cell in zip(made, old.to_pylist(), strict=True)
        ]
        columns.append(pa.array(cells, pa.string()).cast(column.type))
    return pa.record_batch(columns, schema=schema)


def _number_column(name: str, column: str) -> Exception:
    return failure(
        name,
        Bilingual(
            f"a des identifiants dans la colonne {column}, qui n'est pas du texte.",
            f"has identifiers in the column {column}, which is no text.",
        ),
        Bilingual(
            f"Nommez-la : « --columns {column} » ; elle deviendra du texte.",
            f"Name it: `--columns {column}`; it will become text.",
        ),
    )
