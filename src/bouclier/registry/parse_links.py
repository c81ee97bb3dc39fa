"""Check that the facts of a registry name what exists, once, on days that exist. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bouclier.registry.model import IMPLICIT_LAW, Lasting, Law, LegalArea, Member, Model, Vouched
from bouclier.registry.parse_shapes import IDENTIFIED
from bouclier.registry.periods import earliest, latest
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.registry.parse_flaws import Flaws, Place
    from bouclier.registry.parse_shapes import Gathered

_ENDS: Final[Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "edges": (("holder", ("entities",)), ("held", ("entities",))),
    "sites": (("operator", ("entities",)),),
    "services": (("operator", ("entities",)), ("sites", ("sites",))),
    "supplies": (("service", ("services",)), ("supplier", ("entities", "services"))),
    "qualifications": (("service", ("services",)),),
    "assessments": (("service", ("services",)),),
    "reaches": (("whom", ("entities", "services")),),
    "models": (("maker", ("entities",)),),
    "deployments": (("model", ("models",)), ("service", ("services",)), ("site", ("sites",))),
}
"""Which fields name another fact, and of which kinds it may be."""

_WORDS: Final[Mapping[tuple[str, ...], Bilingual]] = {
    ("entities",): Bilingual("aucune entité", "no entity"),
    ("services",): Bilingual("aucun service", "no service"),
    ("sites",): Bilingual("aucun site", "no site"),
    ("models",): Bilingual("aucun modèle", "no model"),
    ("entities", "services"): Bilingual("aucune entité, aucun service", "no entity and no service"),
}
_NOT_STATES: Final[Mapping[str, str]] = {"UK": "GB", "EL": "GR"}
"""Spellings in use that are not ISO 3166-1: a law of the one would not be seen as a law of the other."""


def check_links(gathered: Gathered) -> bool:
    """Note ids given twice, ends that are missing, and days that do not exist.

    Returns:
        Whether all days exist, so that facts can be compared.
    """
    dated = True
    ids = _check_ids(gathered)
    _check_ends(gathered, ids)
    for kind, facts in gathered.facts.items():
        for index, fact in enumerate(facts):
            place = gathered.flaws.places[kind][index]
            dated = _check_days(fact, place, gathered.flaws) and dated
            _check_states(fact, place, gathered.flaws)
    for index, law in enumerate(gathered.facts["laws"]):
        _check_law(law, index, gathered.flaws)
    for index, reach in enumerate(gathered.facts["reaches"]):
        if not reach.law.startswith(IMPLICIT_LAW) and reach.law not in ids["laws"] | gathered.broken_ids:
            gathered.flaws.add(
                "reaches",
                index,
                "law",
                fr=f"aucune loi ne s'appelle « {reach.law} »",
                en=f"no law is called '{reach.law}'",
                hint=gathered.flaws.near(reach.law, ids["laws"]),
            )
    for index, model in enumerate(gathered.facts["models"]):
        _check_sizes(model, index, gathered.flaws)
    return dated


def _check_ids(gathered: Gathered) -> dict[str, set[str]]:
    """Return the ids of each kind; one id names one thing, whatever its kind, so that a name is never ambiguous."""
    ids: dict[str, set[str]] = {kind: set() for kind in IDENTIFIED}
    first: dict[str, Place] = {}
    for kind in IDENTIFIED:
        for index, fact in enumerate(gathered.facts[kind]):
            place = gathered.flaws.places[kind][index]
            ids[kind].add(fact.id)
            before = first.setdefault(fact.id, place)
            if before is not place:
                gathered.flaws.add(
                    kind,
                    index,
                    "id",
                    fr=f"« {fact.id} » existe déjà dans {before.file}",
                    en=f"'{fact.id}' exists already in {before.file}",
                    hint=_ONE_ID,
                )
    return ids


def _check_ends(gathered: Gathered, ids: Mapping[str, set[str]]) -> None:
    for kind, ends in _ENDS.items():
        for field, kinds in ends:
            known = set[str]().union(*(ids[wanted] for wanted in kinds), gathered.broken_ids)
            for index, fact in enumerate(gathered.facts[kind]):
                named = getattr(fact, field)
                for name in named if isinstance(named, tuple) else (named,):
                    if name is not None and name not in known:
                        words = _WORDS[kinds]
                        gathered.flaws.add(
                            kind,
                            index,
                            field,
                            fr=f"{words.fr} ne s'appelle « {name} »",
                            en=f"{words.en} is called '{name}'",
                            hint=gathered.flaws.near(name, known),
                        )


def check_area(area: LegalArea, place: Place, flaws: Flaws) -> None:
    """Note what is wrong with a legal area."""
    codes = [member.code for member in area.members]
    _check_days(area, place, flaws)
    for index, member in enumerate(area.members):
        at, code = place._replace(path=(*place.path, "members", index)), member.code
        if code in codes[:index]:
            flaws.at(at, Bilingual(f"« {code} » est cité deux fois", f"'{code}' is cited twice"))
        _check_state(code, at, flaws)
        _check_days(member, at, flaws)


def _check_days(fact: Vouched | Member, place: Place, flaws: Flaws) -> bool:
    """Note days that do not exist, and periods that are none; return whether all days exist."""
    wrong = False
    named = {"as_of": getattr(fact, "as_of", None), "from": getattr(fact, "since", None)}
    named["to"] = getattr(fact, "until", None)
    for field, when in named.items():
        if when is not None and not _exists(when):
            wrong = True
            at = place._replace(path=(*place.path, field))
            flaws.at(at, Bilingual(f"le jour {when} n'existe pas", f"there is no day {when}"), _DAY)
    if wrong or not isinstance(fact, Lasting | Member) or fact.since is None or fact.until is None:
        return not wrong
    if earliest(fact.since) >= latest(fact.until):
        flaws.at(
            place._replace(path=(*place.path, "to")),
            Bilingual(
                f"le fait finit ({fact.until}) avant d'avoir commencé ({fact.since})",
                f"the fact ends ({fact.until}) before it began ({fact.since})",
            ),
            _PERIOD,
        )
    return True


def _exists(when: str) -> bool:
    try:
        earliest(when)
    except ValueError:
        return False
    return True


def _check_states(fact: Vouched, place: Place, flaws: Flaws) -> None:
    for field in ("seat", "country", "jurisdiction", "listed_in", "countries", "staff", "origin"):
        said: Any = getattr(fact, field, None)
        for code in said if isinstance(said, tuple) else (said,):
            if code is not None:
                _check_state(code, place._replace(path=(*place.path, field)), flaws)


def _check_state(code: str, place: Place, flaws: Flaws) -> None:
    if code in _NOT_STATES:
        meant = _NOT_STATES[code]
        flaws.at(
            place,
            Bilingual(
                f"« {code} » n'est le code ISO 3166-1 d'aucun État", f"'{code}' is the ISO 3166-1 code of no state"
            ),
            Bilingual(f"Écrivez {meant}.", f"Write {meant}."),
        )


def _check_law(law: Law, index: int, flaws: Flaws) -> None:
    if not law.id.startswith(f"{law.jurisdiction.lower()}-"):
        flaws.add(
            "laws",
            index,
            "jurisdiction",
            fr="l'identifiant d'une loi commence par le code de son État",
            en="a law's id begins with the code of its state",
            hint=Bilingual(
                f"Par exemple {law.jurisdiction.lower()}{law.id[2:]}.",
                f"For example {law.jurisdiction.lower()}{law.id[2:]}.",
            ),
        )


def _check_sizes(model: Model, index: int, flaws: Flaws) -> None:
    for field, size in (("parameters_b", model.parameters_b), ("active_b", model.active_b)):
        if size is not None and not 0 < size[0] <= size[1]:
            flaws.add(
                "models",
                index,
                field,
                fr="il faut une borne basse, puis une borne haute, en milliards",
                en="a lower bound comes first, then an upper one, in billions",
            )
    if model.active_b is not None and model.parameters_b is not None and model.active_b[1] > model.parameters_b[1]:
        flaws.add(
            "models",
            index,
            "active_b",
            fr="un modèle n'a pas plus de paramètres actifs que de paramètres",
            en="a model has no more active parameters than parameters",
        )


_ONE_ID: Final = Bilingual(
    "Un identifiant nomme une chose, une fois ; choisissez-en un autre, ou retirez ce fait.",
    "An id names one thing, once; choose another, or take this fact out.",
)
_DAY: Final = Bilingual(
    "Donnez un jour du calendrier, un mois ou une année.", "Give a day of the calendar, a month or a year."
)
_PERIOD: Final = Bilingual(
    "`to` est le premier jour où il ne vaut plus.", "`to` is the first day on which it holds no more."
)
