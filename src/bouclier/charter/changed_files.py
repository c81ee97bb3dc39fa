"""What changes from one charter to the next, file by file, in words for those who sign it.

Counts are of lines, whatever their order: they say where to look, and `charter diff` says what follows. A bundle that
cannot be read is said to be one, never passed over.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bouclier.charter.bundle import files_of
from bouclier.terms.errors import Bilingual, CharterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def bundle_changes(before: bytes | None, after: bytes | None) -> Iterator[Bilingual]:
    """Yield what changes from one charter's bundle to another's, one sentence a line.

    Args:
        before: The bundle that is published; None if none is.
        after: The one that is staged; None if none is.
    """
    try:
        old = {} if before is None else files_of(before)
        new = {} if after is None else files_of(after)
    except CharterError as error:
        yield error.message
        return
    if before is None:
        packs = ", ".join(dict.fromkeys(path.split("/")[1] for path in new if path.startswith("packs/")))
        yield Bilingual(f"{len(new)} fichiers ; packs : {packs or '-'}", f"{len(new)} files; packs: {packs or '-'}")
        return
    yield from _changes(old, new)


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Bilingual]:
    for path in sorted(old.keys() | new.keys()):
        if path not in new:
            yield Bilingual(f"− {path} (retiré)", f"− {path} (removed)")
        elif path not in old:
            count = len(new[path].splitlines())
            yield Bilingual(f"+ {path} (nouveau, lignes : {count})", f"+ {path} (new, lines: {count})")
        elif old[path] != new[path]:
            was, now = (Counter(text.splitlines()) for text in (old[path], new[path]))
            more, less = (now - was).total(), (was - now).total()
            yield Bilingual(f"~ {path} (lignes : +{more} −{less})", f"~ {path} (lines: +{more} −{less})")
