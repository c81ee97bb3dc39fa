"""What is read of a document, and where each character of it stands."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.servers import environment

from bouclier.compose.documents.formats import format_of, open_document
from bouclier.compose.documents.html_text import html_segments
from bouclier.compose.documents.json_text import json_segments
from bouclier.compose.documents.model import Block, Format, Spelling
from bouclier.compose.documents.office import _DOCX
from bouclier.compose.documents.segments import marks_of
from bouclier.compose.documents.source import Source
from bouclier.compose.documents.tables import read_table
from bouclier.compose.documents.xml_text import xml_segments
from bouclier.compose.replacing import Pseudonyms, Replacer
from bouclier.terms.content import EntityType, Finding
from bouclier.terms.errors import ConfigurationError, RequestError

if TYPE_CHECKING:
    from bouclier.compose.documents.model import Segment


def found(segment: Segment, words: str, kind: EntityType = EntityType.PERSON) -> Finding:
    start = segment.text.index(words)
    return Finding(start, start + len(words), kind, 0.9, "test")


def table(text: str, format_: Format = Format.CSV, columns: tuple[str, ...] = ()) -> list[Block]:
    return list(read_table(Source("t", data=text.encode()), "utf-8", format_, columns).blocks)


def test_a_cell_is_read_with_the_name_of_its_column() -> None:
    _, row = table('nom;"né ""le"""\nVasseur;"1 ""mai"""\n')
    (segment,) = row.segments
    assert segment.text == 'nom : Vasseur\nné "le" : 1 "mai"\n'


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a,b;c\n1,2\n", 2),
        ("a;b,c;d\n", 3),
        ("a\tb\n", 2),
        ("a|b|c\n", 3),
        ('"a,b";"c,d,e"\n', 2),
        ('"a\n,";"b"\n', 2),
        ("a\n", 1),
    ],
)
def test_the_separator_is_the_one_the_first_line_has_most(text: str, cells: int) -> None:
    assert len(table(text)[0].segments[0].units) == cells


def test_an_open_quote_is_an_error_and_not_the_rest_of_the_file_in_one_cell() -> None:
    for text in ('a\n"b\n', 'a\n"' + "b\n" * 5_000 + '"\n'):
        with pytest.raises(RequestError, match="t:2"):
            table(text)


def test_a_finding_astride_two_cells_is_two_and_the_columns_name_is_left_alone() -> None:
    row = table("prénom;nom\nZoé;Vasseur\n")[1]
    (segment,) = row.segments
    marks = list(marks_of(segment, [found(segment, "Zoé\nnom : Vasseur")]))
    assert [mark.value for mark in marks] == ["Zoé", "Vasseur"]
    assert [row.raw[slice(*mark.spans[0])] for mark in marks] == ["Zoé", "Vasseur"]


def test_a_named_column_is_replaced_whole_whatever_is_said_in_it() -> None:
    row = table("avis;x\n un diabète ;y\n", columns=("avis",))[1]
    (segment,) = row.segments
    replacer = Replacer(Pseudonyms(bytes(32)), frozenset({EntityType.IDENTIFIER}))
    for findings in ([], [found(segment, "un diabète", EntityType.HEALTH)]):
        written = replacer.replace(row, [findings]).raw
        assert written.startswith(" [IDENTIFIER_")
        assert written.endswith("] ;y\n")


def test_keys_and_values_of_json_are_read_together_and_escapes_are_characters() -> None:
    raw = '{"nom": "Zo\\u00e9 \\ud83d\\ude42", "n": 12345, "tel": 33199001234}'
    (segment,) = json_segments(raw)
    assert segment.text == "nom : Zoé 🙂\nn : tel : 33199001234\n"
    (mark,) = marks_of(segment, [found(segment, "nom : Zoé 🙂")])
    assert [raw[start:end] for start, end in mark.spans] == ["Zo\\u00e9 \\ud83d\\ude42"]


def test_a_number_that_identifies_is_replaced_as_a_whole_by_a_string() -> None:
    raw = '{"tel": 33199001234}'
    segments = json_segments(raw)
    finding = found(segments[0], "99001234", EntityType.PHONE)
    written = Replacer(Pseudonyms(bytes(32))).replace(Block(raw, segments, Spelling.JSON), [[finding]])
    assert written.raw.startswith('{"tel": "[PHONE_')
    assert [kept.written for kept in written.kept] == ["33199001234"]


def test_a_word_in_two_pieces_of_formatting_is_one_word() -> None:
    raw = "<p>Zo<b>&eacute;</b> V<i>asseur</i></p><p>suite</p>"
    (segment,) = html_segments(raw)
    assert "Zoé Vasseur\n" in segment.text
    (mark,) = marks_of(segment, [found(segment, "Zoé Vasseur")])
    assert [raw[start:end] for start, end in mark.spans] == ["Zo", "&eacute;", " V", "asseur"]


def test_what_a_page_hides_is_read_too() -> None:
    texts = " ".join(
        segment.text
        for segment in html_segments(
            "<html lang='fr'><!-- un --><a href=deux title='tr&ocirc;is' class='non'>x</a><script>quatre</script>"
        )
    )
    assert all(word in texts for word in ("un", "deux", "trôis", "quatre"))
    assert "non" not in texts


@pytest.mark.parametrize("raw", ["<p><![ un", "<!DOCTYPE un>", "<p title='un", "<!-- un", "<un", "&un;", "<?un?>"])
def test_a_broken_page_is_read_all_the_same(raw: str) -> None:
    assert "un" in " ".join(segment.text for segment in html_segments(raw))


def test_links_and_authors_of_an_office_document_are_read_and_its_own_parts_are_not_links() -> None:
    raw, segments = xml_segments(
        b'<R><w:ins w:author="zvasseur"/><Rel Target="mailto:a@b.fr"/><Rel Target="media/a.png"/>'
        b'<w:docVar w:name="client" w:val="Mme Vasseur"/><w:jc w:val="left"/></R>',
        _DOCX,
        name="x",
        part="y",
    )
    texts = " ".join(segment.text for segment in segments)
    assert "mailto:a@b.fr" in texts
    assert "Mme Vasseur" in texts
    assert "media/a.png" not in texts
    assert "left" not in texts
    values = [mark.value for segment in segments for mark in marks_of(segment, [])]
    assert values == ["zvasseur"]
    assert "zvasseur" in raw


@pytest.mark.parametrize(
    "piece",
    ["<a ", '<a href="', "<a href='", "<!--", "<!", "<?", "</", "</a ", "<![CDATA[", "<script>", "<a =", "< ", "&"],
)
def test_a_page_of_what_never_ends_is_read_in_time_that_grows_with_it(piece: str) -> None:
    # Read quadratically, this takes an hour.
    given = f"from bouclier.compose.documents.html_text import html_segments; html_segments({piece!r} * 200_000)"
    subprocess.run([sys.executable, "-c", given], check=True, timeout=60, env=environment())


def test_a_quote_in_a_value_without_quotes_and_a_sign_in_the_text_open_nothing() -> None:
    raw = "<p title=l'un>deux < trois</p><title>a<b>c</title><textarea>d &lt; e</textarea>f"
    shown, hidden = html_segments(raw)
    assert shown.text.split() == ["deux", "<", "trois", "a<b>c", "d", "<", "e", "f"]
    assert hidden.text == "l'un\n"


def test_of_the_code_of_a_field_only_its_arguments_are_read() -> None:
    raw, segments = xml_segments(
        b'<w:p><w:instrText> HYPERLINK "mailto:zoe.va</w:instrText><w:instrText>sseur@example.fr" \\o "Mme Vasseur" '
        b'\\* MERGEFORMAT</w:instrText><w:fldChar/><w:instrText>DATE \\@ "dd MMMM yyyy"</w:instrText>'
        b'<w:fldSimple w:instr="REF &quot;Zo_Vasseur&quot; \\h"/></w:p>',
        _DOCX,
        name="x",
        part="y",
    )
    (segment,) = segments
    assert segment.text.split("\n") == ["mailto:zoe.vasseur@example.fr", "Mme Vasseur", "Zo Vasseur", ""]
    (mark,) = marks_of(segment, [found(segment, "zoe.vasseur@example.fr", EntityType.EMAIL)])
    assert [raw[start:end] for start, end in mark.spans] == ["zoe.va", "sseur@example.fr"]


def test_what_holds_an_office_document_together_is_not_read() -> None:
    _, segments = xml_segments(
        b'<R r:id="rId12345678" w:date="2026-01-02T10:00:00Z" uri="http://schemas.openxmlformats.org/drawingml/2006/main"'
        b' w:hint="eastAsia"><w:pStyle w:val="Titre Vasseur"/><w:rFonts w:ascii="Zo Sans"/><x w:author="Z"/></R>',
        _DOCX,
        name="x",
        part="y",
    )
    assert [segment.text for segment in segments] == ["Z\n"]


def test_an_underscore_is_a_space_between_words_and_stays_in_keys_and_addresses() -> None:
    _, (segment,) = xml_segments(
        b'<a b="Zo_Vasseur" c="zo_va@example.fr" d="key_4f8a_Zo" e="a%20b" f="12240" g="4.5cm"/>',
        _DOCX,
        name="x",
        part="y",
    )
    assert segment.text == "Zo Vasseur\nzo_va@example.fr\nkey_4f8a_Zo\na b\n"


def test_an_entity_of_xml_is_one_character_and_none_in_a_literal_section() -> None:
    raw, (segment,) = xml_segments(b"<w:p>a &amp; b<![CDATA[ &amp; ]]></w:p>", _DOCX, name="x", part="y")
    assert segment.text == "a & b &amp; \n"
    (mark,) = marks_of(segment, [found(segment, "&")])
    assert [raw[start:end] for start, end in mark.spans] == ["&amp;"]


def test_the_same_value_has_the_same_pseudonym_whatever_it_is_taken_for() -> None:
    pseudonyms = Pseudonyms(bytes(32))
    first = pseudonyms.of(EntityType.PERSON, "Nantes")
    assert pseudonyms.of(EntityType.LOCATION, "Nantes") == first
    assert pseudonyms.of(EntityType.LOCATION, "NANTES") != first
    again = Pseudonyms(bytes(32), pseudonyms.originals)
    assert again.of(EntityType.LOCATION, "Nantes") == first
    assert Pseudonyms(bytes([1] * 32)).of(EntityType.PERSON, "Nantes") != first


@pytest.mark.parametrize(
    ("name", "data", "format_"),
    [
        ("a.py", b"x", Format.TEXT),
        ("a", b"%PDF-1.7", Format.PDF),
        ("A.DOCX", b"", Format.DOCX),
        ("a.bin", b"\0", None),
        ("a.txt", "é".encode("utf-16"), Format.TEXT),
        ("a", b"", Format.TEXT),
    ],
)
def test_a_format_is_told_by_the_end_of_the_name_then_by_the_first_bytes(
    name: str, data: bytes, format_: Format | None
) -> None:
    assert format_of(Source("x", data=data), name) is format_


@pytest.mark.parametrize(
    ("library", "name", "extra"), [("pypdf", "a.pdf", "bouclier[bulk]"), ("pyarrow", "a.parquet", "bouclier[parquet]")]
)
def test_a_missing_library_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, library: str, name: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    document = open_document(Source("x", data=b""), name)
    assert document is not None
    with pytest.raises(ConfigurationError) as raised:
        list(document.blocks)
    assert library in raised.value.message.fr
    assert extra in raised.value.hint.fr
    assert extra in raised.value.hint.en
