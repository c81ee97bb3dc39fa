"""Recognise a file by what it holds, and read what it depends on.

A file of a folder that is none of ours is passed over; one that looks like ours and cannot be read is an error, and so
is whatever was asked for by name and not recognised: nothing asked for is skipped in silence. Archives are not opened.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bouclier.registry.scan_compose import MARKS, scan_compose
from bouclier.registry.scan_json import mapping, read_json
from bouclier.registry.scan_model import Place, Scanned, unread
from bouclier.registry.scan_sbom import is_cyclonedx, is_spdx, scan_cyclonedx, scan_spdx
from bouclier.registry.scan_table import scan_table
from bouclier.registry.scan_terraform import is_terraform, scan_terraform
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES: Final = 32 << 20
"""Most bytes of a file: bills of materials of whole systems have some ten million."""
MAX_YAML_BYTES: Final = 4 << 20

_OURS: Final = re.compile(rb'"(bomFormat|spdxVersion|spdxId|terraform_version|planned_values|resource_changes)"')
_TABLES: Final = (".csv", ".tsv")
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")


def scan_file(data: bytes, file: str, *, is_known: Callable[[str], bool], asked: bool) -> Scanned | None:
    """Return what a file depends on; None if it is none of ours and was not asked for by name.

    Args:
        data: Its bytes.
        file: Its name, for messages; the end of it tells a table of a folder.
        is_known: Whether the registry knows somebody by a name: how a column of providers is told.
        asked: Whether it was asked for by name.

    Raises:
        RequestError: It is malformed, too large or made to exhaust us; or it was asked for and is none of ours. The
            message names the file and the line, never what it holds.
    """
    check_size(len(data), file)
    if not asked and not _looks_ours(data, file):
        return None
    text = _text(data, file, asked=asked)
    scanned = None if text is None else _scanned(text, file, is_known=is_known)
    if scanned is None and asked:
        raise _unknown(file)
    return scanned


def check_size(size: int, file: str) -> None:
    """Refuse what is larger than such files are.

    Raises:
        RequestError: It is.
    """
    if size > MAX_BYTES:
        raise _too_large(file, MAX_BYTES)


def _looks_ours(data: bytes, file: str) -> bool:
    head = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if head in {b"{", b"["}:
        return _OURS.search(data) is not None
    return file.lower().endswith(_TABLES) or data[:2] in {b"\xff\xfe", b"\xfe\xff"} or MARKS.search(data) is not None


def _text(data: bytes, file: str, *, asked: bool) -> str | None:
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    if encoding != "utf-16" and _CONTROL.search(data[:8192]):
        return None  # an archive, an image: no text
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if not asked and encoding == "utf-16":
            return None
        line = data[: error.start].count(b"\n") + 1
        raise unread(
            Place(file, line),
            Bilingual("il n'est pas en UTF-8", "it is not UTF-8"),
            Bilingual("Enregistrez-le de nouveau en UTF-8.", "Save it again as UTF-8."),
        ) from error


def _scanned(text: str, file: str, *, is_known: Callable[[str], bool]) -> Scanned | None:
    data = text.encode()
    head = text.lstrip()[:1]
    if head in {"{", "["}:
        document = mapping(read_json(data, file))
        if is_cyclonedx(document):
            return scan_cyclonedx(document, file)
        if is_spdx(document):
            return scan_spdx(document, file)
        if is_terraform(document):
            return scan_terraform(document, file)
        if not isinstance(document.get("services"), dict):
            return None
    if head == "{" or MARKS.search(data):
        if len(data) > MAX_YAML_BYTES:
            raise _too_large(file, MAX_YAML_BYTES)
        return scan_compose(text, file)
    return scan_table(text, file, is_known)


def _too_large(file: str, most: int) -> RequestError:
    return unread(
        Place(file),
        Bilingual(f"il dépasse {most >> 20} Mio", f"it is larger than {most >> 20} MiB"),
        Bilingual("Coupez-le en plusieurs fichiers.", "Cut it into several files."),
    )


def _unknown(file: str) -> RequestError:
    return unread(
        Place(file),
        Bilingual("format ou colonnes non reconnus", "format or columns not recognised"),
        Bilingual(
            "Donnez un docker-compose, « terraform show -json », CycloneDX ou SPDX en JSON, ou un CSV avec une colonne "
            "« domaine » ou « fournisseur » ; les archives ne sont pas ouvertes.",
            "Give a docker-compose file, `terraform show -json`, CycloneDX or SPDX as JSON, or a CSV with a column "
            "`domain` or `provider`; archives are not opened.",
        ),
    )
