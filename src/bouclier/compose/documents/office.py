"""DOCX and ODT: all their XML, body, notes, comments, headers, properties, links; what is no XML is counted.

Source: ECMA-376 (Office Open XML), part 1; OASIS OpenDocument 1.3, part 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.compose.documents.archives import open_archive
from bouclier.compose.documents.failures import damaged, encrypted
from bouclier.compose.documents.model import Block, Document, Format, Note, Spelling
from bouclier.compose.documents.xml_text import Vocabulary, xml_segments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.compose.documents.archives import Archive
    from bouclier.compose.documents.source import Source

_DOCX = Vocabulary(
    paragraphs=frozenset({"w:p", "a:p", "vt:lpwstr", "Company", "Manager", "dc:title", "dc:subject", "dc:description"}),
    breaks={"w:tab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"},
    silent=frozenset({"Application", "AppVersion", "Template", "dcterms:created", "dcterms:modified", "wp:align"}),
    authors=frozenset({"dc:creator", "cp:lastModifiedBy", "Manager", "w:author", "w:initials", "w15:author"}),
    attributes=frozenset(
        {"w:author", "w:initials", "w15:author", "w15:userId", "Target", "descr", "title", "w:tooltip", "w:instr"}
        | {"alt", "string"}
    ),
    valued=frozenset({"w:docVar", "w:alias", "w:tag", "w:query", "w:connectString"}),
)
_ODT = Vocabulary(
    paragraphs=frozenset({"text:p", "text:h", "meta:user-defined", "dc:title", "dc:subject", "dc:description"}),
    breaks={"text:s": " ", "text:tab": "\t", "text:line-break": "\n"},
    silent=frozenset({"meta:generator", "meta:editing-duration", "meta:editing-cycles", "meta:creation-date"}),
    authors=frozenset({"dc:creator", "meta:initial-creator", "meta:printed-by", "meta:creator-initials"}),
    attributes=frozenset({"xlink:href", "xlink:title", "office:string-value", "office:target-frame-name"}),
)
_SOURCES = {
    Format.DOCX: ("[Content_Types].xml", "word/document.xml", _DOCX),
    Format.ODT: ("META-INF/manifest.xml", "content.xml", _ODT),
}
_TEXT_ENDS = (".xml", ".rels", ".rdf")
_IMAGE_ENDS = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".tif", ".tiff", ".bmp", ".svg", ".webp")
_HARMLESS_ENDS = (".odttf", ".ttf", ".otf", "/", "layout-cache")
_ODT_ENCRYPTED = b"encryption-data"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_office(source: Source, format_: Format) -> Document:
    """Read a text document: a block for each of its XML parts."""
    document = Document(format_, iter(()))
    document.blocks = _blocks(source, document)
    return document


def _blocks(source: Source, document: Document) -> Iterator[Block]:
    manifest, body, vocabulary = _SOURCES[document.format]
    if source.head(8) == _OLE:  # a DOCX with a password is no zip
        raise encrypted(source.name)
    with open_archive(source) as archive:
        if not {manifest, body} <= archive.names():
            raise damaged(source.name, document.format.value.upper())
        if document.format is Format.ODT and _ODT_ENCRYPTED in archive.read(manifest):
            raise encrypted(source.name)
        yield from _parts(archive, vocabulary, source, document)


def _parts(archive: Archive, vocabulary: Vocabulary, source: Source, document: Document) -> Iterator[Block]:
    for member in archive.members:
        part = member.filename
        low = part.lower()
        if low.endswith(_TEXT_ENDS) and part != "[Content_Types].xml":
            raw, segments = xml_segments(archive.read(member), vocabulary, name=source.name, part=part)
            yield Block(raw, segments, Spelling.MARKUP, part=part, first_line=None)
        elif low.endswith(_IMAGE_ENDS):
            document.note(Note.IMAGE)
        elif not low.endswith((*_HARMLESS_ENDS, "[content_types].xml", "mimetype")) and member.file_size:
            document.note(Note.EMBEDDED)
