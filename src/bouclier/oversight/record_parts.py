"""What entries have in common when they are written: the law they cite, and the refusal of what no reader takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.oversight.entries import EntryError, render_entry
from bouclier.oversight.entries_model import Law
from bouclier.terms.errors import Bilingual, StorageError

if TYPE_CHECKING:
    from bouclier.oversight.entries_model import Entry
    from bouclier.terms.law import LawStamp


def law_of(stamp: LawStamp) -> Law:
    """Return a law as entries cite it."""
    return Law(
        charter=stamp.charter,
        orders=stamp.orders,
        registry=stamp.registry,
        root=stamp.root,
        timestamp=stamp.timestamp,
    )


def rendered(entry: Entry) -> bytes:
    """Return the bytes of an entry, checked as a reader will.

    Raises:
        StorageError: It cannot be recorded.
    """
    try:
        return render_entry(entry)
    except EntryError as error:
        raise not_recordable(error.message, error.param) from error


def check(param: str, condition: object) -> None:
    """Refuse a value that a strict reader of the log would refuse."""
    if not condition:
        raise not_recordable(Bilingual("champ hors format", "a field is out of format"), f"$.{param}")


def not_recordable(reason: Bilingual, param: str | None) -> StorageError:
    """Return the error of something that cannot be recorded."""
    return StorageError(
        Bilingual(
            f"l'échange ne peut pas être inscrit : {reason.fr} ({param})",
            f"the exchange cannot be recorded: {reason.en} ({param})",
        ),
        Bilingual(
            "Vérifiez les noms de la configuration et le nombre de déploiements candidats.",
            "Check the names in the configuration and the number of candidate deployments.",
        ),
        param=param,
    )
