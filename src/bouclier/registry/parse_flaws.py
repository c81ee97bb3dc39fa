"""What is wrong in the facts of a registry: in which file, on which line, in which field, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.registry.parse_positions import Path, lines_of, spelled_path
from bouclier.registry.shown import clean
from bouclier.registry.suggest import nearest
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

SHOWN: Final = 20
"""How many problems an error lists; `bouclier registry check` lists all."""
_MAX_SPELLINGS: Final = 50
"""For how many problems a near spelling is looked up: with thousands, nobody reads them one by one."""
_MOST: Final = 500
"""Characters of a message: what is wrong may be very long."""

CORRECT: Final = Bilingual(
    fr="Corrigez le fait cité ; `bouclier registry check` les relit tous, et la documentation décrit les champs : "
    "format du registre, registry-v2.",
    en="Correct the fact cited; `bouclier registry check` reads them all again, and the documentation describes the "
    "fields: format of the registry, registry-v2.",
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in a file of facts.

    Attributes:
        file: Name of the file.
        line: From 1.
        path: The field, such as `edges[3].share`; empty when it is about the whole file.
        message: What is wrong.
        hint: What to do.
    """

    file: str
    line: int
    path: str
    message: Bilingual
    hint: Bilingual

    @property
    def where(self) -> str:
        """File, line and field, as an error names them."""
        return f"{self.file}:{self.line}{f': {self.path}' if self.path else ''}"


class Place(NamedTuple):
    """Where a fact was read.

    Attributes:
        file: Name of the file.
        path: From the root of the file to the fact.
    """

    file: str
    path: Path


class _Noted(NamedTuple):
    file: str
    path: Path
    line: int | None
    message: Bilingual
    hint: Bilingual


@dataclass(slots=True)
class Flaws:
    """All that is wrong so far.

    Attributes:
        places: Where the facts of each kind were read, in their order.
    """

    places: dict[str, list[Place]] = field(default_factory=dict)
    _noted: list[_Noted] = field(default_factory=list)
    _spellings: int = 0

    def __bool__(self) -> bool:
        return bool(self._noted)

    def at(self, place: Place, message: Bilingual, hint: Bilingual = CORRECT, *, line: int | None = None) -> None:
        """Note what is wrong at a place of a file; its line is looked up later if it is not known."""
        self._noted.append(_Noted(place.file, place.path, line, message, hint))

    def add(self, kind: str, index: int, field_name: str, *, fr: str, en: str, hint: Bilingual = CORRECT) -> None:
        """Note what is wrong with a field of a fact that was read."""
        place = self.places[kind][index]
        self.at(Place(place.file, (*place.path, field_name) if field_name else place.path), Bilingual(fr, en), hint)

    def near(self, word: str, known: Collection[str]) -> Bilingual:
        """Return a hint that names the nearest valid spelling, if there is one."""
        self._spellings += 1
        near = nearest(word, known) if self._spellings <= _MAX_SPELLINGS else None
        if near is None:
            return CORRECT
        return Bilingual(f"Vouliez-vous dire « {near} » ?", f"Did you mean '{near}'?")

    def located(self, files: Mapping[str, bytes]) -> tuple[Flaw, ...]:
        """Return what is wrong, by file and line."""
        wanted: dict[str, set[Path]] = {}
        for noted in self._noted:
            if noted.line is None:
                wanted.setdefault(noted.file, set()).add(noted.path)
        lines = {name: lines_of(files[name].decode(errors="replace"), paths) for name, paths in wanted.items()}
        found = [
            Flaw(
                noted.file,
                noted.line if noted.line is not None else lines[noted.file][noted.path],
                clean(spelled_path(noted.path), _MOST),
                _clean(noted.message),
                _clean(noted.hint),
            )
            for noted in self._noted
        ]
        order = {name: rank for rank, name in enumerate(files)}
        return tuple(sorted(found, key=lambda flaw: (order[flaw.file], flaw.line)))


def _clean(said: Bilingual) -> Bilingual:
    """Return words as a terminal may show them: they quote files that somebody else may have written."""
    return Bilingual(clean(said.fr, _MOST), clean(said.en, _MOST))


def error_of(flaws: Sequence[Flaw]) -> ConfigurationError:
    """Return the error that lists what is wrong, the first twenty in full."""
    more = len(flaws) - SHOWN
    fr = [f"{flaw.where} : {flaw.message.fr}{_own_hint(flaw, flaw.hint.fr)}" for flaw in flaws[:SHOWN]]
    en = [f"{flaw.where}: {flaw.message.en}{_own_hint(flaw, flaw.hint.en)}" for flaw in flaws[:SHOWN]]
    if more > 0:
        fr.append(f"et {more} autres.")
        en.append(f"and {more} more.")
    return ConfigurationError(
        Bilingual("Registre : " + "\n".join(fr), "Registry: " + "\n".join(en)), CORRECT, param=flaws[0].where
    )


def _own_hint(flaw: Flaw, hint: str) -> str:
    """Return what to do about one problem, unless it is what the error says for all of them."""
    return "" if flaw.hint == CORRECT else f"\n    → {hint}"
