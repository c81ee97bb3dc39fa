"""How a charter that cannot be read says where it is wrong."""

from __future__ import annotations

from typing import Final

from bouclier.terms.errors import Bilingual, CharterError

_HINT: Final = Bilingual(
    fr="Corrigez la charte à l’endroit cité ; tant qu’elle ne se charge pas, tout est refusé.",
    en="Correct the charter at the place cited; until it loads, everything is refused.",
)


def wrong(file: str, line: int | None, *, fr: str, en: str) -> CharterError:
    """Return the error that names a file, the line if there is one, and what is wrong there."""
    if line is None:
        return CharterError(Bilingual(fr=f"Charte : {file} {fr}.", en=f"Charter: {file} {en}."), _HINT, param=file)
    return CharterError(
        Bilingual(fr=f"Charte : {file}, ligne {line} : {fr}.", en=f"Charter: {file}, line {line}: {en}."),
        _HINT,
        param=f"{file}:{line}",
    )
