"""However a PDF is damaged, it is read or refused in words: what its reader meets in it never gets out."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from bouclier.compose.documents.model import Note
from bouclier.compose.documents.pdf import read_pdf
from bouclier.compose.documents.source import Source
from bouclier.terms.errors import RequestError

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("pypdf")

from pypdf import PdfWriter
from pypdf.annotations import Text
from tests.document_kit import write_pdf

_WORD = re.compile(rb"/[A-Za-z]+|<<|>>|[][()]|[0-9]+ 0 R|[0-9]+|[A-Za-z]+")
_OTHERS = (
    b"null", b"[]", b"<<>>", b"(x)", b"/X", b"1 0 R", b"4 0 R", b"9 0 R", b"-1", b"99999999999", b"1.5", b"true",
    b"<zz>", b"[", b"<<", b">>", b"]", b"(", b"", b"/FlateDecode", b"/LZWDecode", b"/ASCII85Decode", b"/JBIG2Decode",
    b"/Contents", b"/Kids", b"/Parent", b"/Encoding", b"/ToUnicode", b"/Type0",
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("pdf")
    plain = write_pdf(folder / "plain.pdf", "Mme Zoe Vasseur", "deux", "", author="Zoe")
    writer = PdfWriter(clone_from=plain)
    writer.add_attachment("a.txt", b"hello")
    writer.add_annotation(0, Text(text="note", rect=(1, 1, 50, 50)))
    for page in writer.pages:
        page.compress_content_streams()
    with (folder / "rich.pdf").open("wb") as file:
        writer.write(file)
    return [plain.read_bytes(), (folder / "rich.pdf").read_bytes()]


def _altered(draw: random.Random, data: bytes) -> bytes:
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        words = list(_WORD.finditer(data))
        at = draw.randrange(1, len(data) - 1)
        match draw.randrange(8):
            case 0:
                data = data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[: max(at, 20)]
            case 2 | 3:
                old, new = draw.choice(words), draw.choice(words)
                data = data[: old.start()] + new[0] + data[old.end() :]
            case _:
                old = draw.choice(words)
                data = data[: old.start()] + draw.choice(_OTHERS) + data[old.end() :]
    return data


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_is_read_or_refused_in_words(whole: list[bytes], tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    path = tmp_path / "a.pdf"
    refused = 0
    for _ in range(100):
        path.write_bytes(_altered(draw, draw.choice(whole)))
        try:
            list(read_pdf(Source("a.pdf", path=path)).blocks)
        except RequestError:
            refused += 1
    assert 0 < refused < 100


def test_lists_in_lists_without_end_are_damage(whole: list[bytes]) -> None:
    nested = whole[0].replace(b"(Mme", b"[" * 3_000 + b"(Mme")
    assert nested != whole[0]
    with pytest.raises(RequestError, match="PDF"):
        list(read_pdf(Source("a.pdf", data=nested)).blocks)


def test_a_page_with_an_image_among_its_commands_is_a_page_without_text(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", "un", ") Tj ET BI /W 1 /H 1 /BPC 8 /CS /G ID x EI BT (")
    document = read_pdf(Source("a.pdf", path=path))
    assert [block.raw.strip() for block in document.blocks] == ["un"]
    assert document.notes == {Note.PAGE_WITHOUT_TEXT: 1}
