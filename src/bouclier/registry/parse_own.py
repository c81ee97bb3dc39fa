"""Check that an institution's own facts say only what is theirs to say. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bouclier.registry.model import SELF
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bouclier.registry.parse_shapes import Gathered


def check_own(gathered: Gathered, own_files: frozenset[str]) -> None:
    """Note where an institution's own facts say what is not theirs to say.

    They may not redefine an id (`check_links` says so, as of any file), say what the legal area is, say that somebody
    else vouches for them, or make less exposed what the common facts describe: say who holds one of its entities,
    what one offers beside, or that a supplier of one of its services has no access.
    """
    _check_lowers_nothing(gathered, own_files)
    for _, place in gathered.areas:
        if place.file in own_files:
            gathered.flaws.at(
                place,
                Bilingual("la zone juridique a un fichier à elle", "the legal area has a file of its own"),
                Bilingual("Retirez `area` de ce fichier.", "Take `area` out of this file."),
            )
    for kind, facts in gathered.facts.items():
        for index, fact in enumerate(facts):
            if gathered.flaws.places[kind][index].file in own_files and fact.signer not in {"", SELF}:
                gathered.flaws.add(
                    kind,
                    index,
                    "signer",
                    fr="l'institution ne peut se porter garante qu'en son propre nom",
                    en="the institution can vouch in its own name only",
                    hint=Bilingual("Écrivez `self`, ou retirez ce champ.", "Write `self`, or take this field out."),
                )


class _Lowering(NamedTuple):
    """A kind of fact by which an institution could make less exposed what the common facts describe."""

    kind: str
    field: str
    lowers: Callable[[Any, Collection[str]], str | None]
    fr: str
    en: str


_LOWERING: Final = (
    _Lowering(
        "edges",
        "held",
        lambda edge, common: edge.held if edge.held in common else None,
        "qui détient « {} » est affaire des faits communs",
        "who holds '{}' is for the common facts to say",
    ),
    _Lowering(
        "services",
        "operator",
        lambda service, common: service.operator if service.operator in common else None,
        "ce que « {} » offre est affaire des faits communs",
        "what '{}' offers is for the common facts to say",
    ),
    _Lowering(
        "supplies",
        "access",
        lambda supply, common: supply.service if supply.service in common and supply.access == "no" else None,
        "l'accès à « {} » est affaire des faits communs",
        "access to '{}' is for the common facts to say",
    ),
)


def _check_lowers_nothing(gathered: Gathered, own_files: frozenset[str]) -> None:
    """Note where an institution's own facts would make less exposed what the common facts describe."""
    places = gathered.flaws.places
    common = {
        fact.id
        for kind in ("entities", "services")
        for index, fact in enumerate(gathered.facts[kind])
        if places[kind][index].file not in own_files
    }
    for one in _LOWERING:
        for index, fact in enumerate(gathered.facts[one.kind]):
            whose = one.lowers(fact, common) if places[one.kind][index].file in own_files else None
            if whose is not None:
                fr, en = one.fr.format(whose), one.en.format(whose)
                gathered.flaws.add(one.kind, index, one.field, fr=fr, en=en, hint=_THEIRS)


_THEIRS: Final = Bilingual(
    "Proposez-le à qui signe les faits communs, ou décrivez votre fournisseur sous un identifiant à vous.",
    "Propose it to those who sign the common facts, or describe your supplier under an id of your own.",
)
