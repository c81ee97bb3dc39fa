"""A charter as one file: what is signed, carried, and cited by its SHA-256.

A bundle is canonical: one spelling for one set of texts, so that the digest of a folder is that of its bundle, and no
half of a charter can be combined with half of another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from bouclier.terms.errors import Bilingual, CharterError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BUNDLE_BYTES: Final = 5_000_000
MAX_REGISTRY_BYTES: Final = 33_554_432
"""Of the facts that are published beside a charter: 10,000 entities with as many holdings take a ninth of it."""
_PATH: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}(?:/[a-z0-9][a-z0-9._-]{0,63}){0,4}")


class _Bundle(msgspec.Struct, forbid_unknown_fields=True):
    files: dict[str, str]
    format: Literal["bouclier-charter-bundle/v1"] = "bouclier-charter-bundle/v1"


def bundle_of(files: Mapping[str, str]) -> bytes:
    """Return the bundle of a charter's texts.

    Args:
        files: Texts by path, such as `packs/socle/policies.cedar`.

    Raises:
        CharterError: A path is out of form, a text is not UTF-8, or the whole is too large.
    """
    for path in files:
        if not _PATH.fullmatch(path):
            raise _wrong(f"nom de fichier refusé : {path!r}", f"file name refused: {path!r}")
    try:
        data = msgspec.json.encode(_Bundle({path: files[path] for path in sorted(files)}))
    except UnicodeEncodeError as error:
        raise _wrong("un texte n'est pas de l'UTF-8", "a text is not UTF-8") from error
    if len(data) > MAX_BUNDLE_BYTES:
        raise _wrong(f"plus de {MAX_BUNDLE_BYTES} octets", f"more than {MAX_BUNDLE_BYTES} bytes")
    return data


def files_of(bundle: bytes) -> dict[str, str]:
    """Return the texts of a bundle, by path.

    Raises:
        CharterError: It is no bundle, or not spelled as `bundle_of` spells it.
    """
    if len(bundle) > MAX_BUNDLE_BYTES:
        raise _wrong(f"plus de {MAX_BUNDLE_BYTES} octets", f"more than {MAX_BUNDLE_BYTES} bytes")
    try:
        files = msgspec.json.decode(bundle, type=_Bundle).files
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _wrong("n'est pas une liasse de charte", "is not a charter's bundle") from error
    if bundle_of(files) != bundle:
        raise _wrong("n'est pas écrit sous la forme canonique", "is not spelled in the canonical form")
    return files


def _wrong(fr: str, en: str) -> CharterError:
    return CharterError(
        Bilingual(f"Charte : la liasse {fr}.", f"Charter: the bundle: {en}."),
        Bilingual(
            "Refaites-le avec « bouclier charter propose » à partir du dossier de la charte.",
            "Make it again with `bouclier charter propose` from the charter's folder.",
        ),
        param="bundle",
    )
