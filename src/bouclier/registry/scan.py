"""Recognise a file by what it holds, and read what it depends on.

A file of a folder that is none of ours is passed over; one that looks like ours, by what it holds or by its name, and
cannot be read is an error, and so is whatever was asked for by name and not recognised: nothing asked for is skipped in
silence. Archives are not opened. A table that is not UTF-8 is taken for Windows-1252, what spreadsheets write in
Western Europe, and that is said.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from bouclier.registry.scan_compose import MARKS, scan_compose
from bouclier.registry.scan_json import check_keys, mapping, read_json
from bouclier.registry.scan_model import Place, Scanned, empty, unread
from bouclier.registry.scan_names import is_likely_ours, is_surely_ours
from bouclier.registry.scan_sbom import is_cyclonedx, is_spdx, scan_cyclonedx, scan_spdx
from bouclier.registry.scan_table import scan_table
from bouclier.registry.scan_terraform import is_terraform, scan_terraform
from bouclier.registry.scan_yaml import read_documents
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES: Final = 32 << 20
"""Most bytes of a file: bills of materials of whole systems have some ten million."""
MAX_YAML_BYTES: Final = 4 << 20

_OURS: Final = re.compile(rb'"(bomFormat|spdxVersion|spdxId|terraform_version|planned_values|resource_changes)"')
_TABLES: Final = (".csv", ".tsv")
_JSON: Final = (".json", ".tfstate")
_YAML: Final = (".yml", ".yaml")
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SPREADSHEETS: Final = "cp1252"
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
        _check_unlike(data, file)
        return None
    text = _text(data, file, asked=asked)
    scanned = None if text is None else _scanned(text.text, file, is_known=is_known)
    if scanned is None:
        # A table of a folder in which nothing is recognised may be of anything; no text at all is no table.
        if asked or is_surely_ours(file) or (text is None and is_likely_ours(data, file)):
            _refuse(data, file)
        return None
    return scanned if text is None else replace(scanned, encoding=text.encoding)


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


class _Text(NamedTuple):
    text: str
    encoding: str  # when it is not what it should be


def _text(data: bytes, file: str, *, asked: bool) -> _Text | None:
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    if encoding != "utf-16" and _CONTROL.search(data[:8192]):
        return None  # an archive, an image: no text
    try:
        return _Text(data.decode(encoding), "")
    except UnicodeDecodeError as error:
        if not asked and encoding == "utf-16":
            return None
        if encoding == "utf-8" and not _is_tree(data, file):
            try:
                return _Text(data.decode(_SPREADSHEETS), "Windows-1252")
            except UnicodeDecodeError:
                pass  # told below, as UTF-8
        line = data[: error.start].count(b"\n") + 1
        raise unread(
            Place(file, line),
            Bilingual("il n'est pas en UTF-8", "it is not UTF-8"),
            Bilingual("Enregistrez-le de nouveau en UTF-8.", "Save it again as UTF-8."),
        ) from error


def _is_tree(data: bytes, file: str) -> bool:
    """Return whether it is JSON or YAML, which are UTF-8 by their standards."""
    named = file.lower().endswith((".json", ".yml", ".yaml"))
    return named or data.lstrip()[:1] in {b"{", b"["} or MARKS.search(data) is not None


def _check_unlike(data: bytes, file: str) -> None:
    """Refuse a file of a folder that does not look like ours because something is wrong with it.

    Raises:
        RequestError: Its name is of ours and it is not recognised; or is likely of ours, and it is malformed.
    """
    if is_surely_ours(file):
        _refuse(data, file)
    if is_likely_ours(data, file):
        _check_tree(data, file)


def _refuse(data: bytes, file: str) -> NoReturn:
    """Raise the error that says why nothing is recognised in a file, as closely as can be told.

    Raises:
        RequestError: Always.
    """
    if not data.strip(_BLANK):
        raise empty(file)
    _check_tree(data, file)
    name = file.lower()
    if name.endswith(_YAML):
        raise _unknown(file, _NO_COMPOSE)
    raise _unknown(file, _NO_JSON if name.endswith(_JSON) else _UNKNOWN)


def _check_tree(data: bytes, file: str) -> None:
    text = _text(data, file, asked=True)
    name = file.lower()
    if text is None and name.endswith((*_YAML, *_JSON)) and (control := _CONTROL.search(data)):
        raise unread(
            Place(file, data.count(b"\n", 0, control.start()) + 1),
            Bilingual(
                "ce n'est pas un texte, un caractère de contrôle y est", "it is no text, it has a control character"
            ),
            Bilingual("Enregistrez-le de nouveau en UTF-8, sans lui.", "Save it again as UTF-8, without it."),
        )
    if text is None:
        raise _unknown(file)
    if name.endswith(_JSON):
        read_json(text.text.encode(), file)
    elif name.endswith(_YAML):
        if len(data) > MAX_YAML_BYTES:
            raise _too_large(file, MAX_YAML_BYTES)
        read_documents(text.text, file)


def _scanned(text: str, file: str, *, is_known: Callable[[str], bool]) -> Scanned | None:
    data = text.encode()
    head = text.lstrip()[:1]
    if head in {"{", "["}:
        document = mapping(read_json(data, file))
        check_keys(text, file)  # before it is recognised: what is said twice may be what it is recognised by
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


_UNKNOWN: Final = Bilingual("format ou colonnes non reconnus", "format or columns not recognised")
_NO_JSON: Final = Bilingual(
    "format non reconnu, c'est un autre JSON que ceux qui sont lus",
    "format not recognised, it is another JSON than those that are read",
)
_NO_COMPOSE: Final = Bilingual(
    "format non reconnu, ce YAML n'a pas de « services » avec « image » ou « build »",
    "format not recognised, this YAML has no `services` with `image` or `build`",
)


def _unknown(file: str, why: Bilingual = _UNKNOWN) -> RequestError:
    return unread(
        Place(file),
        why,
        Bilingual(
            "Donnez un docker-compose, « terraform show -json », CycloneDX ou SPDX en JSON, ou un CSV avec une colonne "
            "« domaine » ou « fournisseur » ; les archives ne sont pas ouvertes.",
            "Give a docker-compose file, `terraform show -json`, CycloneDX or SPDX as JSON, or a CSV with a column "
            "`domain` or `provider`; archives are not opened.",
        ),
    )
