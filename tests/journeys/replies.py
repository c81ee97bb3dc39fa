"""What our scripted models reply: a letter for a letter about the canteen, the text itself for the rest."""

from __future__ import annotations

import re

LETTER = """\
Madame {person},

Nous avons bien reçu votre demande d’étalement de votre facture de cantine, et nous vous remercions de nous avoir \
fait part de votre situation. Le service de la vie scolaire vous propose un règlement en trois mensualités égales, \
prélevées sur le compte {iban}, sans frais.

Un agent vous appellera au {phone} dans la semaine pour convenir des dates avec vous. Vous n’avez aucune autre \
démarche à faire.

Nous vous prions d’agréer, Madame {person}, l’expression de nos salutations distinguées."""

ECHO = "J’ai lu ceci : "


def reply_to(text: str) -> str:
    """Reply to a text as it arrived, pseudonyms and all."""
    if "cantine" not in text:
        return ECHO + text

    def first(kind: str, otherwise: str) -> str:
        found = re.search(rf"\[{kind}_\d+\]", text)
        return found.group() if found else otherwise

    return LETTER.format(
        person=first("PERSON", "Camille Durand"),
        iban=first("IBAN", "FR76 3000 6000 0112 3456 7890 189"),
        phone=first("PHONE", "06 39 98 12 34"),
    )


def pieces(text: str, size: int = 7) -> list[str]:
    """Cut a reply as a model would stream it."""
    return [text[start : start + size] for start in range(0, len(text), size)]
