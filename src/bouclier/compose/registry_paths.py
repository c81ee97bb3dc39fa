"""Files and folders of facts that somebody names on a command line: what is given is what must be there.

An empty name is mostly a variable of the shell that is not set. It never stands for the folder in which one happens to
be: all that lies there would be read, or added, and nobody asked for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.registry.adapters.registry_files import has_facts, is_folder, own_files
from bouclier.registry.shown import clean
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def files_given(names: Sequence[str], *, param: str) -> Mapping[str, bytes]:
    """Return files of facts given on a command line, by name; of a folder, all `*.json` in it.

    Args:
        names: Files and folders.
        param: What the command calls them.

    Raises:
        ConfigurationError: A name is empty, or is not UTF-8; a folder has no file of facts; a file cannot be read.
    """
    for name in names:
        check_text(name, param=param)  # it is how what is wrong in the file is told
    paths = paths_given(names, param=param)
    for path in paths:
        check_folder(path)
    return own_files(paths)


def paths_given(names: Sequence[str], *, param: str) -> list[Path]:
    """Return the paths given on a command line.

    Raises:
        ConfigurationError: A name is empty.
    """
    for name in names:
        if not name.strip():
            raise ConfigurationError(
                Bilingual(f"{param} : un nom vide est donné.", f"{param}: an empty name is given."),
                Bilingual(
                    "Donnez un nom ; une variable du shell est sans doute vide.",
                    "Give a name; a variable of the shell is probably empty.",
                ),
                param=param,
            )
    return [Path(name) for name in names]


def check_text(given: str, *, param: str) -> None:
    """Refuse bytes of a command line that are no UTF-8: nothing could write or show them.

    Raises:
        ConfigurationError: They are not; the message shows what of it is text.
    """
    try:
        given.encode()
    except UnicodeEncodeError as error:
        shown = clean(given, 60)
        raise ConfigurationError(
            Bilingual(f"{param} : « {shown} » n'est pas en UTF-8.", f"{param}: '{shown}' is not UTF-8."),
            Bilingual(
                "Écrivez-le dans un terminal en UTF-8, ou renommez le fichier.",
                "Write it in a terminal that speaks UTF-8, or rename the file.",
            ),
            param=param,
        ) from error


def check_folder(path: Path) -> None:
    """Refuse a folder without any file of facts.

    Raises:
        ConfigurationError: It has none, or it cannot be looked into.
    """
    if is_folder(path) and not has_facts(path):
        raise ConfigurationError(
            Bilingual(f"Le dossier {path} n'a aucun fichier *.json.", f"The folder {path} has no file *.json."),
            Bilingual(
                "Donnez le dossier de vos faits, ou un fichier ; les sous-dossiers ne sont pas lus.",
                "Give the folder of your facts, or a file; folders in it are not read.",
            ),
            param=str(path),
        )
