"""Write documents again with what was found replaced: in their own format, or as text where that cannot be kept.

Text formats, DOCX, ODT and Parquet keep everything but what is replaced. Of a PDF or a mail the text is written.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, BinaryIO

from bouclier.compose.documents.archives import open_archive
from bouclier.compose.documents.model import Block, Document, Format
from bouclier.compose.documents.segments import plain_segment
from bouclier.compose.parquet_rewriting import write_parquet

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence
    from pathlib import Path

    from bouclier.compose.documents.source import Source
    from bouclier.compose.replacing import Kept, Replacer
    from bouclier.terms.content import Finding

    Inspected = tuple[Block, list[tuple[Finding, ...]]]

AS_TEXT = frozenset({Format.PDF, Format.EML})
"""Formats of which only the text is written."""

ARCHIVES = frozenset({Format.DOCX, Format.ODT})
_BETWEEN = "\n\n"
_MARKS = {"utf-8-sig": (b"\xef\xbb\xbf", "utf-8"), "utf-16": (b"\xff\xfe", "utf-16-le")}
_BIG_ENDIAN = b"\xfe\xff"


async def rewrite(
    document: Document, inspected: AsyncIterable[Inspected], source: Source, target: Path, replacer: Replacer
) -> list[Kept]:
    """Write a document with what was found replaced.

    Args:
        document: The document.
        inspected: Its blocks with their findings, in order.
        source: Where it is read from.
        target: The file to write.
        replacer: Gives the pseudonyms.

    Returns:
        What was written where spelling a value again would not give it back.

    Raises:
        OSError: It cannot be written.
        RequestError: It cannot be read to its end.
    """
    if document.format is Format.PARQUET:
        await write_parquet(inspected, source, target, replacer)
        return []
    if document.format in ARCHIVES:
        return await _rewrite_archive(inspected, source, target, replacer)
    if document.format in AS_TEXT:
        inspected = _as_text(inspected)
    return await _rewrite_text(document, inspected, source, target, replacer)


def text_encoding(encoding: str, source: Source) -> tuple[bytes, str]:
    """Return the byte order mark of a text and the encoding of the rest."""
    mark, rest = _MARKS.get(encoding, (b"", encoding or "utf-8"))
    if encoding == "utf-16" and source.head(2) == _BIG_ENDIAN:
        return _BIG_ENDIAN, "utf-16-be"
    return mark, rest


async def _rewrite_text(
    document: Document, inspected: AsyncIterable[Inspected], source: Source, target: Path, replacer: Replacer
) -> list[Kept]:
    mark, encoding = text_encoding(document.encoding, source)
    kept: list[Kept] = []
    written = 0
    with target.open("wb") as file:
        file.write(mark)
        async for block, findings in inspected:
            replaced = replacer.replace(block, findings, written)
            kept += replaced.kept
            written += len(replaced.raw)
            # What UTF-8 cannot write (half a pair, from a PDF) is no character.
            file.write(replaced.raw.encode(encoding, "replace"))
    return kept


async def _rewrite_archive(
    inspected: AsyncIterable[Inspected], source: Source, target: Path, replacer: Replacer
) -> list[Kept]:
    kept: list[Kept] = []
    parts: dict[str, str] = {}
    async for block, findings in inspected:
        replaced = replacer.replace(block, findings)
        kept += replaced.kept
        if replaced.raw != block.raw:
            parts[block.part] = replaced.raw
    with target.open("wb") as file:
        copy_archive(source, file, parts)
    return kept


def copy_archive(source: Source, file: BinaryIO, parts: dict[str, str]) -> None:
    """Write an archive again, with other text in some of its members.

    Raises:
        RequestError: It cannot be read.
    """
    with open_archive(source) as archive, zipfile.ZipFile(file, "w") as copy:
        for member in archive.members:
            text = parts.get(member.filename)
            data = archive.read(member) if text is None else text.encode("utf-8")
            again = zipfile.ZipInfo(member.filename, member.date_time)
            again.compress_type = (
                member.compress_type if member.compress_type == zipfile.ZIP_STORED else zipfile.ZIP_DEFLATED
            )
            again.external_attr = member.external_attr
            copy.writestr(again, data)


async def _as_text(inspected: AsyncIterable[Inspected]) -> AsyncIterable[Inspected]:
    async for block, findings in inspected:
        texts: Sequence[str] = [segment.text for segment in block.segments]
        for text, found in zip(texts, findings, strict=True):
            yield Block(text, (plain_segment(text),), first_line=None), [found]
            yield Block(_BETWEEN, (), first_line=None), []
