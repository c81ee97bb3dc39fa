"""Free texts of facts: in French and English, or as they are, in one language that is not said. Pure.

A text in both is `{"en": …, "fr": …}`, and neither may lack. A plain text is shown as it is to whoever reads: nothing
is translated, and nothing is hidden from who may not read its language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta, Struct

from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from bouclier.registry.draw_model import Language

ONE_TEXT: Final = "Text of 1 to 2000 characters"
IN_BOTH: Final = "In French and English, or as it is, in one language that is not said"
Text = Annotated[str, Meta(min_length=1, max_length=2000, description=ONE_TEXT)]


class BilingualText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text in French and English."""

    fr: Text
    en: Text


FreeText = Annotated[Text | BilingualText, Meta(description=IN_BOTH)]
Note = Annotated[str | BilingualText, Meta(description=IN_BOTH)]
"""A free text that may be absent, which an empty one is."""


def in_both(text: str | BilingualText) -> Bilingual:
    """Return a free text in each language; where its language is not said, as it is in both.

    >>> in_both("Roubaix, FR").fr, in_both(BilingualText(fr="Genève, CH", en="Geneva, CH")).en
    ('Roubaix, FR', 'Geneva, CH')
    """
    return Bilingual(text, text) if isinstance(text, str) else Bilingual(text.fr, text.en)


def text_in(text: str | BilingualText, language: Language) -> str:
    """Return a free text as whoever reads a language is shown it.

    >>> text_in(BilingualText(fr="Famille Klaba", en="Klaba family"), "fr")
    'Famille Klaba'
    """
    if isinstance(text, str):
        return text
    return text.fr if language == "fr" else text.en


def in_one(text: str | BilingualText) -> str:
    """Return a free text on one line for readers of either language.

    >>> in_one("OVHcloud"), in_one(BilingualText(fr="Famille Klaba", en="Klaba family"))
    ('OVHcloud', 'Famille Klaba / Klaba family')
    """
    return text if isinstance(text, str) else f"{text.fr} / {text.en}"
