"""Whatever a file holds and whatever is found in it: what is written names nothing found, and comes back exactly."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from hypothesis import assume, given
from hypothesis import strategies as st

from bouclier.compose.documents.html_text import html_segments
from bouclier.compose.documents.json_text import json_segments, read_jsonl
from bouclier.compose.documents.model import Block, Format, Spelling
from bouclier.compose.documents.office import _DOCX
from bouclier.compose.documents.segments import plain_segment
from bouclier.compose.documents.source import Source
from bouclier.compose.documents.tables import read_table
from bouclier.compose.documents.xml_text import xml_segments
from bouclier.compose.replacing import Kept, Pseudonyms, Replacer, restored_pieces
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.compose.documents.model import Segment

# Words made of what gives formats trouble, and what looks like one of our tags.
TEXT = st.text(st.sampled_from("ab é\"'&<>;,\n\r\t\\/[]𝄞_{}:0123#") | st.characters(codec="utf-8"), max_size=40)
LITERAL = st.sampled_from(["", "[PERSON_K7QX]", "[EMAIL_B2CD]"])
WORDS = st.tuples(TEXT, LITERAL, TEXT).map("".join)
TYPES = (EntityType.PERSON, EntityType.EMAIL, EntityType.IBAN)


@st.composite
def found_in(draw: st.DrawFn, segments: Sequence[Segment]) -> list[tuple[Finding, ...]]:
    """Findings of segments: any that do not overlap."""
    findings = []
    for segment in segments:
        cuts = sorted(draw(st.sets(st.integers(0, len(segment.text)), max_size=8)))
        findings.append(
            tuple(
                Finding(start, end, draw(st.sampled_from(TYPES)), 0.9, "any")
                for start, end in zip(cuts[::2], cuts[1::2], strict=False)
            )
        )
    return findings


def comes_back(blocks: Sequence[Block], data: st.DataObject) -> str:
    """Replace, restore, compare; returns what was written."""
    replacer = Replacer(Pseudonyms(bytes(32)))
    written: list[str] = []
    kept: list[Kept] = []
    for block in blocks:
        findings = data.draw(found_in(block.segments))
        replaced = replacer.replace(block, findings, sum(map(len, written)))
        written.append(replaced.raw)
        kept += replaced.kept
    pieces = list(restored_pieces(written, kept, replacer.pseudonyms.originals, blocks[0].spelling))
    assert "".join(text for text, _ in pieces) == "".join(block.raw for block in blocks)
    assert sum(unknown for _, unknown in pieces) == 0
    return "".join(written)


@given(WORDS, st.data())
def test_a_text_comes_back(text: str, data: st.DataObject) -> None:
    comes_back([Block(text, (plain_segment(text),))], data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)


@given(VALUES, st.booleans(), st.data())
def test_a_json_text_comes_back_and_stays_one(value: object, ascii_only: bool, data: st.DataObject) -> None:  # noqa: FBT001
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=1)
    json.loads(comes_back([Block(raw, json_segments(raw), Spelling.JSON)], data))


@given(st.lists(VALUES, min_size=1, max_size=4), st.data())
def test_lines_of_json_come_back(values: list[object], data: st.DataObject) -> None:
    raw = "\n".join(map(json.dumps, values))
    written = comes_back(list(read_jsonl(Source("x", data=raw.encode()), "utf-8").blocks), data)
    assert len(list(map(json.loads, written.split("\n")))) == len(values)


@given(st.lists(st.lists(WORDS, min_size=2, max_size=3), min_size=1, max_size=4), st.sampled_from(",;\t|"), st.data())
def test_a_table_comes_back_with_as_many_cells(rows: list[list[str]], separator: str, data: st.DataObject) -> None:
    file = io.StringIO()
    csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    blocks = list(read_table(Source("x", data=file.getvalue().encode()), "utf-8", Format.CSV, ()).blocks)
    assume(all(len(block.segments) == 1 for block in blocks))
    written = comes_back(blocks, data)
    again = list(csv.reader(io.StringIO(written, newline=""), delimiter=separator))
    assert [len(row) for row in again] == [len(row) for row in rows]


@given(
    st.lists(WORDS | st.sampled_from(["<b>", "</b>", "<p a='é'>", "&eacute;", "&#233;", "<!-- x -->"]), max_size=8),
    st.data(),
)
def test_a_page_comes_back_however_it_is_written(pieces: list[str], data: st.DataObject) -> None:
    raw = "".join(pieces)
    comes_back([Block(raw, html_segments(raw), Spelling.MARKUP)], data)


XML_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


@given(st.lists(st.lists(XML_WORDS, max_size=3), max_size=3), st.data())
def test_an_office_document_comes_back_and_stays_well_formed(paragraphs: list[list[str]], data: st.DataObject) -> None:
    body = "".join(
        "<w:p>" + "".join(f"<w:r><w:t>{escape(run)}</w:t>\r\n</w:r>" for run in runs) + "</w:p>" for runs in paragraphs
    )
    raw, segments = xml_segments(f'<w:d xmlns:w="w">{body}</w:d>'.encode(), _DOCX, name="x", part="y")
    written = comes_back([Block(raw, segments, Spelling.MARKUP)], data)
    xml_segments(written.encode(), _DOCX, name="x", part="y")
