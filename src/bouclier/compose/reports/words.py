"""What reports say, in French and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.compose.documents.failures import failure
from bouclier.compose.documents.model import Note, Place
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.terms.errors import RequestError

NOTES: dict[Note, Bilingual] = {
    Note.NO_TEXT: Bilingual("pas de texte, non inspecté", "no text, not inspected"),
    Note.PAGE_WITHOUT_TEXT: Bilingual("pages sans texte, non inspectées", "pages without text, not inspected"),
    Note.IMAGE: Bilingual("images, non inspectées", "images, not inspected"),
    Note.EMBEDDED: Bilingual("fichiers incorporés, non inspectés", "embedded files, not inspected"),
    Note.ATTACHMENT: Bilingual("pièces jointes, non inspectées", "attachments, not inspected"),
    Note.METADATA: Bilingual("métadonnées de table, non inspectées", "metadata of a table, not inspected"),
    Note.VALUES: Bilingual(
        "colonnes de listes ou d'octets, non inspectées", "columns of lists or bytes, not inspected"
    ),
}


def notes_said(notes: Mapping[Note, int]) -> Bilingual:
    """Return what was not inspected, and how many."""
    told = [(NOTES[note], count) for note, count in notes.items()]
    return Bilingual(
        " ; ".join(f"{words.fr} : {count}" if count > 1 else words.fr for words, count in told),
        "; ".join(f"{words.en}: {count}" if count > 1 else words.en for words, count in told),
    )


def notes_failure(name: str, notes: Mapping[Note, int]) -> RequestError:
    """Return: parts of a file could not be inspected."""
    said = notes_said(notes)
    return failure(
        name,
        Bilingual(f"n'est pas écrit : {said.fr}.", f"is not written: {said.en}."),
        Bilingual(
            "Ôtez-les, ou ajoutez « --allow-uninspected » : elles seront recopiées telles quelles.",
            "Take them out, or add `--allow-uninspected`: they will be copied as they are.",
        ),
    )


def place_said(place: Place, *, french: bool) -> str:
    """Return where something stands, in a few characters: `12:4`, `p. 3, 2:1`, `row 7, cell 2`, `¶ 5`."""
    if place.name:
        return "nom" if french else "name"
    said = []
    if place.attachment is not None:
        said.append(f"pièce jointe {place.attachment}" if french else f"attachment {place.attachment}")
    if place.page is not None:
        said.append(f"p. {place.page}")
    if place.row is not None:
        said.append(f"ligne {place.row}, case {place.cell}" if french else f"row {place.row}, cell {place.cell}")
    elif place.line is not None:
        said.append(f"{place.line}:{place.column}")
    if place.paragraph is not None:
        said.append(f"¶ {place.paragraph}")
    return ", ".join(said) or "—"
