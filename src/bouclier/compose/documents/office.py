"""DOCX and ODT: all their XML, body, notes, comments, headers, properties, links; what is no XML is counted.

Every attribute is read but those that are known to say only how things look, when, or what belongs together: a list of
those that may name somebody would never be whole.

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

_ANY = ("xmlns", "xml:", "xsi:")
_DOCX = Vocabulary(
    paragraphs=frozenset({"w:p", "a:p", "vt:lpwstr", "Company", "Manager", "dc:title", "dc:subject", "dc:description"}),
    breaks={"w:tab": "\t", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-"},
    silent=frozenset({"Application", "AppVersion", "dcterms:created", "dcterms:modified", "wp:align"}),
    authors=frozenset({"dc:creator", "cp:lastModifiedBy", "Manager", "w:author", "w:initials", "w15:author"}),
    structural=(
        *_ANY,
        *("r:", "mc:", "w:rsid", "w:date", "w16du:dateUtc", "w:hash", "w:salt", "o:gfxdata", "typeface", "panose"),
        *("w14:paraId", "w14:textId", "w15:paraId", "w16cid:", "w16cex:", "wp14:anchorId", "wp14:editId"),
    ),
    bare=frozenset(
        {"w:rFonts", "w:font", "w:altName", "w:lsdException", "w:lang", "w:themeFontLang", "w:sym", "w:sig"}
        | {"w:pStyle", "w:rStyle", "w:tblStyle", "w:docPartGallery"}
    ),
    free=frozenset(
        {
            "name",
            "descr",
            "title",
            "alt",
            "string",
            "Target",
            "w:name",
            "w:anchor",
            "w:displayText",
            "w:value",
            "o:title",
        }
        | {"w:tooltip", "w:instr", "w15:userId", "w:docLocation", "w:uri", "w:element", "w:placeholder", "tooltip"}
    ),
    valued=frozenset(
        {"w:default", "w:helpText", "w:statusText", "w:listEntry", "w:docVar", "w:alias", "w:tag", "w:query", "w:name"}
        | {"w:connectString", "w:mailSubject", "w:udl", "w:table", "w:column", "w:mappedName", "w:addressFieldName"}
        | {"w:description"}
    ),
    codes=frozenset({"w:instrText", "w:delInstrText", "w:instr"}),
    code_ends=frozenset({"w:fldChar", "w:p"}),
)
_ODT = Vocabulary(
    paragraphs=frozenset({"text:p", "text:h", "meta:user-defined", "dc:title", "dc:subject", "dc:description"}),
    breaks={"text:s": " ", "text:tab": "\t", "text:line-break": "\n"},
    silent=frozenset({"meta:generator", "meta:editing-duration", "meta:editing-cycles", "meta:creation-date"}),
    authors=frozenset({"dc:creator", "meta:initial-creator", "meta:printed-by", "meta:creator-initials"}),
    structural=(
        *(*_ANY, "fo:", "svg:font", "style:", "number:", "manifest:", "text:style-name", "table:style-name"),
        *("draw:style-name", "draw:text-style-name", "text:visited-style-name", "text:cond-style-name"),
        *("table:default-cell-style-name", "text:master-page-name", "draw:master-page-name"),
    ),
    free=frozenset(
        {"office:string-value", "office:value", "office:target-frame-name", "text:description", "meta:name", "x:title"}
        | {"draw:name", "table:name", "text:name", "form:name", "form:label", "form:value", "form:current-value"}
        | {"xlink:href", "xlink:title", "text:ref-name", "text:string-value", "form:title", "config:name"}
    ),
)
_FREE = Vocabulary(_DOCX.paragraphs, {}, frozenset(), frozenset(), structural=_ANY)
_LOOKS = _DOCX._replace(structural=("",))
_LOOKS_ENDS = ("/styles.xml", "/styleswitheffects.xml", "/fonttable.xml")
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
    names = archive.names()
    folders = {name[: place + 1] for name in names for place, letter in enumerate(name) if letter == "/"}
    members = {*names, *folders, *(folder[:-1] for folder in folders)}
    for member in archive.members:
        part = member.filename
        low = part.lower()
        if low.endswith(_TEXT_ENDS) and part != "[Content_Types].xml":
            raw, segments = xml_segments(
                archive.read(member), _of_part(vocabulary, low), name=source.name, part=part, members=members
            )
            yield Block(raw, segments, Spelling.MARKUP, part=part, first_line=None)
        elif low.endswith(_IMAGE_ENDS):
            document.note(Note.IMAGE)
        elif not low.endswith((*_HARMLESS_ENDS, "[content_types].xml", "mimetype")) and member.file_size:
            document.note(Note.EMBEDDED)


def _of_part(vocabulary: Vocabulary, part: str) -> Vocabulary:
    """Return how a member is read: data somebody attached is read whole; of styles and themes, authors and texts."""
    if part.startswith("customxml/"):
        return _FREE
    if vocabulary is _DOCX and (part.endswith(_LOOKS_ENDS) or "/theme/" in part):
        return _LOOKS
    return vocabulary
