"""What to say of the links and special files of a scanned folder: none is opened, none that counts is hidden.

A link may lead anywhere, and whoever scans a folder did not ask for what is elsewhere; a pipe may never end. So neither
is opened, and each that may hide a dependence is told as unread, with what to do. Passed over, as other files are: a
link to what was read anyway under its own name, and whatever has a name, at both its ends, that nothing read here has.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from bouclier.registry.scan_model import Place, unread
from bouclier.registry.scan_names import may_be_ours
from bouclier.registry.shown import clean
from bouclier.terms.errors import Bilingual, RequestError

_ASIDE = Bilingual("ou laissez-le de côté : --exclude", "or leave it out: --exclude")


@dataclass(slots=True)
class Looked:
    """What a scan looked at, by real paths.

    Attributes:
        folders: The folders that were walked.
        read: Files that were read and recognised, or told as unread.
        passed: Files that were looked at and passed over.
    """

    folders: list[Path] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)

    def why_unread(self, path: Path) -> RequestError | None:
        """Return what to say of a link or a special file of a folder; None if it hides nothing."""
        file = clean(str(path))
        if not path.is_symlink():
            return not_regular(file) if may_be_ours(path.name) else None
        real = os.path.realpath(path)
        if path.is_dir():
            return None if any(_is_in(real, folder) for folder in self.folders) else _folder(file)
        if real in self.read or (real in self.passed and not may_be_ours(path.name)):
            return None
        if not (may_be_ours(path.name) or may_be_ours(Path(real).name)):
            return None
        return _link(file) if path.exists() else _dangling(file)


def not_regular(file: str) -> RequestError:
    """Return an error: it is a pipe, a device or a socket."""
    return unread(
        Place(file),
        Bilingual("ce n'est pas un fichier ordinaire", "it is no regular file"),
        Bilingual(
            f"Donnez un fichier ou un dossier ; dans un dossier, copiez-le dans un fichier, {_ASIDE.fr}.",
            f"Give a file or a folder; in a folder, copy it to a file, {_ASIDE.en}.",
        ),
    )


def _is_in(real: str, folder: Path) -> bool:
    return Path(real).is_relative_to(os.path.realpath(folder))


def _link(file: str) -> RequestError:
    return unread(
        Place(file),
        Bilingual(
            "c'est un lien symbolique, et ceux d'un dossier ne sont pas suivis",
            "it is a symbolic link, and those of a folder are not followed",
        ),
        Bilingual(
            f"Donnez-le par son nom, à côté du dossier : {file} ; {_ASIDE.fr}.",
            f"Give it by name, beside the folder: {file}; {_ASIDE.en}.",
        ),
    )


def _folder(file: str) -> RequestError:
    return unread(
        Place(file),
        Bilingual(
            "c'est un lien vers un dossier hors de ceux qui sont lus, et il n'est pas suivi",
            "it is a link to a folder outside those that are read, and it is not followed",
        ),
        Bilingual(
            f"Donnez ce dossier par son nom, à côté du premier : {file} ; {_ASIDE.fr}.",
            f"Give that folder by name, beside the first: {file}; {_ASIDE.en}.",
        ),
    )


def _dangling(file: str) -> RequestError:
    return unread(
        Place(file),
        Bilingual("c'est un lien symbolique qui ne mène à rien", "it is a symbolic link that leads nowhere"),
        Bilingual(f"Corrigez le lien, ou effacez-le, {_ASIDE.fr}.", f"Mend the link, or delete it, {_ASIDE.en}."),
    )
