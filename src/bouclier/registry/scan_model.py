"""What the readers of an institution's files say: which signs of a dependence are where, and what could not be seen.

A reader turns bytes into `Scanned` and decides nothing: whose sign it is, `scan_resolve` asks the registry. Rules all
readers keep: a value (of a variable, of a cell that is no provider) never leaves the reader, only the host of an
address in it; what is shown is cut and cleaned of control characters; whatever a reader sees and cannot follow becomes
a `Gap`, never nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DEPENDENCIES: Final = 100_000
"""Most dependences of one file: more is not an institution's file."""


class Shows(StrEnum):
    """What a sign shows of the institution's data."""

    DATA = "data"
    """Data can go there: an address it calls, a provider it rents from, a service it subscribes to."""
    DELIVERY = "delivery"
    """Software is fetched from there: it can be cut off or changed; no data goes."""
    SOFTWARE = "software"
    """Software is from there, wherever it runs: no data goes by that alone."""


class Place(NamedTuple):
    """Where in a file: a line, one-based, or 0 where a path says it."""

    file: str
    line: int = 0
    path: str = ""

    def __str__(self) -> str:
        if self.line:
            return f"{self.file}:{self.line}"
        return f"{self.file}: {self.path}" if self.path else self.file


@dataclass(frozen=True, slots=True)
class Dependency:
    """One sign that an institution depends on somebody.

    Attributes:
        signs: `domain:…`, `image:…`, `terraform:…`, `purl:…`, `name:…` or `variable:…`; the first tells one dependence
            from another, the others are other ways to find whose it is, in order.
        shows: What it shows of data.
        place: Where it was seen.
        what: What was seen, for people.
        doubtful: It looks like an address and may be something else, a secret even: it counts only if the registry
            knows it, and is shown only then.
    """

    signs: tuple[str, ...]
    shows: Shows
    place: Place
    what: Bilingual
    doubtful: bool = False


class Gap(NamedTuple):
    """Something of a file that could not be followed, so that a dependence may hide there."""

    place: Place
    what: Bilingual


class Kind(StrEnum):
    """What a file was recognised as."""

    COMPOSE = "compose"
    TERRAFORM = "terraform"
    CYCLONEDX = "cyclonedx"
    SPDX = "spdx"
    TABLE = "table"

    @property
    def shown(self) -> str:
        """Its name, the same in both languages."""
        return _KINDS[self]


_KINDS: Final = {
    Kind.COMPOSE: "docker-compose",
    Kind.TERRAFORM: "Terraform",
    Kind.CYCLONEDX: "CycloneDX",
    Kind.SPDX: "SPDX",
    Kind.TABLE: "CSV",
}


@dataclass(frozen=True, slots=True)
class Scanned:
    """All that was seen in a file.

    Attributes:
        file: Its name.
        kind: What it was recognised as.
        dependencies: In the order of the file.
        gaps: What could not be followed.
        encoding: What its text was taken for when it is not UTF-8; else empty.
    """

    file: str
    kind: Kind
    dependencies: tuple[Dependency, ...]
    gaps: tuple[Gap, ...] = ()
    encoding: str = ""


def checked(file: str, kind: Kind, dependencies: Iterable[Dependency], gaps: Iterable[Gap] = ()) -> Scanned:
    """Return what was seen in a file, each once.

    Raises:
        RequestError: It holds absurdly many dependences.
    """
    seen: dict[Dependency, None] = {}
    for dependency in dependencies:
        seen[dependency] = None
        if len(seen) > MAX_DEPENDENCIES:
            raise unread(
                Place(file),
                Bilingual(f"plus de {MAX_DEPENDENCIES} dépendances", f"more than {MAX_DEPENDENCIES} dependences"),
                Bilingual("Coupez-le en plusieurs fichiers.", "Cut it into several files."),
            )
    return Scanned(file, kind, tuple(seen), tuple(dict.fromkeys(gaps)))


def unread(place: Place, why: Bilingual, hint: Bilingual) -> RequestError:
    """Return an error: a file could not be read; it names the file and the line, never what the file holds."""
    return RequestError(
        Bilingual(f"{place} n'est pas lu : {why.fr}.", f"{place} is not read: {why.en}."), hint, param=place.file
    )


def malformed(file: str, line: int, format_: str) -> RequestError:
    """Return an error: a file is not what it says it is, from a line on."""
    return unread(
        Place(file, line),
        Bilingual(f"ce n'est pas du {format_} correct", f"this is not correct {format_}"),
        Bilingual(
            "Vérifiez qu'il est entier et qu'il s'ouvre avec l'outil qui l'a écrit.",
            "Check that it is whole and that the tool that wrote it opens it.",
        ),
    )


def key_twice(file: str, line: int, column: int) -> RequestError:
    """Return an error: a key is given twice, so that readers differ on what the file says."""
    return unread(
        Place(file, line),
        Bilingual(
            f"une clé est donnée deux fois dans le même objet (caractère {column} de la ligne)",
            f"a key is given twice in the same object (character {column} of the line)",
        ),
        Bilingual(
            "Ce que dit l'une cacherait ce que dit l'autre : gardez-en une, ou écrivez-le de nouveau avec son outil.",
            "What one says would hide what the other says: keep one, or write it again with its tool.",
        ),
    )


def empty(file: str) -> RequestError:
    """Return an error: there is nothing in a file."""
    return unread(
        Place(file),
        Bilingual("format non reconnu, il est vide", "format not recognised, it is empty"),
        Bilingual("Vérifiez que son outil l'a écrit en entier.", "Check that its tool wrote the whole of it."),
    )


def too_deep(file: str) -> RequestError:
    """Return an error: a file made to exhaust who reads it, or as good as."""
    return unread(
        Place(file),
        Bilingual("trop d'imbrications ou de renvois", "too much nesting, or too many references"),
        Bilingual(
            "Si vous l'attendiez, écrivez-le de nouveau sans ces renvois.",
            "If you expected it, write it again without those references.",
        ),
    )
