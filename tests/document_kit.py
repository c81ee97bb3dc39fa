"""Documents made at test time: office documents, PDF and mail."""

from __future__ import annotations

import zipfile
from email.message import EmailMessage
from typing import TYPE_CHECKING

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

if TYPE_CHECKING:
    from pathlib import Path

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
)
_DC = 'xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def runs(*texts: str) -> str:
    """A paragraph of a DOCX, a run of formatting for each text."""
    return "<w:p>" + "".join(f"<w:r><w:t>{text}</w:t></w:r>" for text in texts) + "</w:p>"


def write_docx(path: Path, *paragraphs: str, author: str = "", more: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr(
            "word/document.xml",
            f'<?xml version="1.0" encoding="UTF-8"?>\r\n<w:document {_W}><w:body>{"".join(paragraphs)}</w:body>'
            "</w:document>",
        )
        archive.writestr(
            "docProps/core.xml", f"<cp:coreProperties {_DC}><dc:creator>{author}</dc:creator></cp:coreProperties>"
        )
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return path


def write_odt(path: Path, *paragraphs: str, manifest: str = "") -> Path:
    body = "".join(f"<text:p>{text}</text:p>" for text in paragraphs)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text", zipfile.ZIP_STORED)
        archive.writestr(
            "content.xml",
            f"<office:document-content {_ODF}><office:body>{body}</office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
    return path


def write_pdf(path: Path, *pages: str, password: str = "", author: str = "") -> Path:
    """A PDF of one line of ASCII a page; an empty page holds an image."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(width=600, height=200)
        resources = {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        drawn = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode("ascii")
        if not text:
            image = DecodedStreamObject()
            image.set_data(b"\0")
            for key, value in (("/Type", "/XObject"), ("/Subtype", "/Image"), ("/ColorSpace", "/DeviceGray")):
                image[NameObject(key)] = NameObject(value)
            for key in ("/Width", "/Height"):
                image[NameObject(key)] = _number(1)
            image[NameObject("/BitsPerComponent")] = _number(8)
            resources[NameObject("/XObject")] = DictionaryObject({NameObject("/I"): writer._add_object(image)})
            drawn = b"/I Do"
        stream = DecodedStreamObject()
        stream.set_data(drawn)
        page[NameObject("/Resources")] = DictionaryObject(resources)
        page[NameObject("/Contents")] = writer._add_object(stream)
    if author:
        writer.add_metadata({"/Author": author})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    with path.open("wb") as file:
        writer.write(file)
    return path


def write_mail(path: Path, *, sender: str, text: str, html: str = "", attached: dict[str, bytes] | None = None) -> Path:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "accueil@example.org"
    message["Subject"] = "Dossier"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, data in (attached or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    path.write_bytes(bytes(message))
    return path


def _number(value: int) -> object:
    from pypdf.generic import NumberObject  # noqa: PLC0415

    return NumberObject(value)
