"""The words of a report, in French and English: each step of a chain, each doubt, each ground, as a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.registry.draw_states import state
from bouclier.registry.draw_words import percent, say
from bouclier.registry.free_text import in_both, text_in
from bouclier.registry.report_model import Way
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.registry.draw_model import Language
    from bouclier.registry.framework import CapId
    from bouclier.registry.model import Qualification
    from bouclier.registry.report_model import Bounds, Ground, Step, Unknown

_WHOLE: Final = 100
_HOW: Final[Mapping[Way, Bilingual]] = {
    Way.SERVED_BY: Bilingual("est servi par {end}", "is served by {end}"),
    Way.RUN_BY: Bilingual("est exploité par {end}", "is run by {end}"),
    Way.OFFERS: Bilingual("offre {end}", "offers {end}"),
    Way.MADE_BY: Bilingual("a été conçu par {end}", "was made by {end}"),
    Way.HOSTED_BY: Bilingual("est hébergé par {end}", "is hosted by {end}"),
    Way.SUPPORTED_BY: Bilingual("est assisté par {end}", "is supported by {end}"),
    Way.STAFFED_BY: Bilingual("emploie le personnel de {end}", "works with the staff of {end}"),
    Way.RELIES_ON: Bilingual("repose sur la technologie {end}", "rests on the technology of {end}"),
    Way.CONNECTED_BY: Bilingual("est relié par {end}", "is connected by {end}"),
    Way.HELD_BY: Bilingual("est détenu par {end}", "is held by {end}"),
    Way.TOGETHER: Bilingual("est tenu, par plusieurs mains, par {end}", "is held, through several hands, by {end}"),
    Way.SEAT: Bilingual("a son siège : {end}", "has its seat in {end}"),
    Way.STANDS_IN: Bilingual("a ses machines : {end}", "has its machines in {end}"),
    Way.MAY_STAND_IN: Bilingual(
        "a des machines, entre autres : {end} (si ce sont elles qui servent ici n'est pas dit)",
        "has machines, among others, in {end} (whether it is they that serve here is not said)",
    ),
    Way.ALSO_STANDS_IN: Bilingual("a aussi des machines : {end}", "has machines also in {end}"),
    Way.STAFF_IN: Bilingual("a du personnel avec accès : {end}", "has staff with access in {end}"),
    Way.LISTED_IN: Bilingual("est coté : {end}", "is listed in {end}"),
    Way.STATED: Bilingual(
        "est visé : {end} ; le registre dit « {detail} »", "is reached: {end}; the registry says “{detail}”"
    ),
}
_RIGHTS: Final[Mapping[str, Bilingual]] = {
    "votes": Bilingual("majorité", "majority"),
    "veto": Bilingual("droit de veto", "veto"),
    "board": Bilingual("majorité du conseil", "majority of the board"),
    "stated": Bilingual("contrôle déclaré", "control as stated"),
    "together": Bilingual("majorité", "majority"),
}
_WHAT: Final[Mapping[str, Bilingual]] = {
    "facts": Bilingual("Aucun fait sur {name} en tant qu'exploitant.", "No fact on {name} as an operator."),
    "host": Bilingual(
        "{name} a des poids ouverts : qui les héberge n'est pas dit.",
        "{name} has open weights: who hosts them is not said.",
    ),
    "maker": Bilingual("Qui a fait {name} n'est pas dit.", "Who made {name} is not said."),
    "control": Bilingual("Qui contrôle {name} n'est pas connu jusqu'au bout.", "Who controls {name} is not all known."),
    "seat": Bilingual("{name} : siège inconnu.", "{name}: seat unknown."),
    "hosting": Bilingual(
        "{name} : où sont les machines n'est pas dit.", "{name}: where the machines stand is not said."
    ),
    "staff": Bilingual(
        "{name} : d'où travaille le personnel qui a accès n'est pas dit.",
        "{name}: from where its staff with access works is not said.",
    ),
    "access": Bilingual(
        "Si {name} peut accéder aux données n'est pas dit ; c'est compté comme oui.",
        "Whether {name} can reach the data is not said; it counts as yes.",
    ),
    "status": Bilingual(
        "Nul n'a vérifié que cette loi s'applique encore : {name}. Elle compte.",
        "Nobody verified that this law still applies: {name}. It counts.",
    ),
}
_COULD: Final[Mapping[str, Bilingual]] = {
    "facts": Bilingual("Toute loi est supposée l'atteindre.", "Every law is assumed to reach it."),
    "host": Bilingual(
        "C'est la loi de l'hébergeur qui compte : demandez l'exposition du déploiement.",
        "The host's law is what counts: ask for the exposure of the deployment.",
    ),
    "maker": Bilingual(
        "Qui l'a fait peut y avoir accès : le droit de son État s'ajouterait ; tout est supposé.",
        "Its maker may have access: the law of its state would be added; everything is assumed.",
    ),
    "control": Bilingual(
        "Le droit de l'État de ce maître s'ajouterait ; tout est supposé.",
        "The law of that master's state would be added; everything is assumed.",
    ),
    "seat": Bilingual("Le droit de cet État s'ajouterait ; tout est supposé.", "Its law would add; all is assumed."),
    "hosting": Bilingual(
        "Le droit de chacun de ces États s'ajouterait ; dites-le avec --country.",
        "The law of each of these states would be added; say it with --country.",
    ),
    "staff": Bilingual("Le droit de ces États s'ajouterait.", "The law of these states would be added."),
    "access": Bilingual(
        "Un fait « access: no » retirerait les lois qui passent par lui.",
        "A fact “access: no” would take away the laws that pass through it.",
    ),
    "status": Bilingual("Une fin établie la retirerait.", "An end that is established would take it away."),
}
_GROUNDS: Final[Mapping[str, Bilingual]] = {
    "seat": Bilingual("siège hors de l'Union : {about}", "seat outside the Union: {about}"),
    "single": Bilingual(
        "{about} : part {amount}, pour au plus 24 % par détenteur hors de l'Union",
        "{about}: part {amount}, of at most 24% for each holder from outside the Union",
    ),
    "together": Bilingual(
        "ensemble, hors de l'Union : part {amount}, pour au plus 39 %",
        "together, from outside: part {amount}, of at most 39%",
    ),
    "control": Bilingual("{about} contrôle l'exploitant", "{about} controls the operator"),
    "veto": Bilingual("{about} a un droit de veto", "{about} has a veto"),
    "board": Bilingual("{about} nomme la majorité du conseil", "{about} appoints the majority of the board"),
    "unattributed": Bilingual(
        "ce que rien n'attribue à personne, droits compris : part {amount}",
        "what no fact attributes to anyone, with its rights: part {amount}",
    ),
    "facts": Bilingual("aucun fait sur l'exploitant", "no fact on the operator"),
}
_OPEN_GROUNDS: Final[Mapping[str, Bilingual]] = {
    "seat": Bilingual("siège inconnu : {about}", "seat unknown: {about}"),
    "control": Bilingual(
        "qui contrôle {about} n'est pas connu, ou n'est pas connu pour être de l'Union",
        "who controls {about} is not known, or not known to be of the Union",
    ),
    "board": Bilingual("part du conseil que nomme {about} : inconnue", "part of the board {about} appoints: unknown"),
    "veto": Bilingual(
        "{about}, qui a un droit de veto, n'est pas connu pour être de l'Union",
        "{about}, which has a veto, is not known to be of the Union",
    ),
}
CAPS: Final[Mapping[CapId, Bilingual]] = {
    "outside-control": Bilingual("contrôle de l'extérieur", "control from outside"),
    "shared-control": Bilingual("contrôle partagé avec l'extérieur", "control shared with outside"),
    "foreign-law": Bilingual("loi étrangère", "foreign law"),
    "outside-holders": Bilingual("détenteurs de l'extérieur", "holders from outside"),
}


_LABELS: Final[Mapping[str, str]] = {
    "secnumcloud": "SecNumCloud",
    "secnumcloud-3.2": "SecNumCloud 3.2",
    "secnumcloud-3.1": "SecNumCloud 3.1",
    "hds": "HDS",
    "c5": "C5",
    "soc-2": "SOC 2",
    "iso-27001": "ISO 27001",
    "iso-27017": "ISO 27017",
    "iso-27018": "ISO 27018",
    "iso-27701": "ISO 27701",
}
_HELD: Final[Mapping[str, Bilingual]] = {
    "held": Bilingual("détenue", "held"),
    "claimed": Bilingual("revendiquée par l'exploitant", "claimed by the operator"),
    "in-progress": Bilingual("en cours", "in progress"),
}
_KINDS: Final[Mapping[str, Bilingual]] = {
    "public-knowledge": Bilingual("connaissance générale", "general knowledge"),
    "web-page": Bilingual("page web", "web page"),
    "web-page and public-knowledge": Bilingual("page web et connaissance générale", "web page and general knowledge"),
    "vendor-documentation": Bilingual("documentation du fournisseur", "vendor documentation"),
    "definition": Bilingual("définition", "definition"),
    "model-card": Bilingual("fiche du modèle", "model card"),
    "treaty": Bilingual("traité", "treaty"),
    "declared": Bilingual("déclaré", "declared"),
    "register": Bilingual("registre légal", "register"),
}


def how(step: Step) -> Bilingual:
    """Return how a step of a chain leads on, as the rest of a sentence whose subject is its beginning."""
    return Bilingual(_how(step, "fr"), _how(step, "en"))


def _how(step: Step, language: Language) -> str:
    end = say(state(step.end.id), language) if step.end.kind == "state" else text_in(step.end.name, language)
    said = say(_HOW[step.way], language).format(end=end, detail=text_in(step.detail, language))
    if step.way in {Way.HELD_BY, Way.TOGETHER}:
        amount = percent(step.percent, language) if step.percent is not None else ""
        right = say(_RIGHTS[step.detail], language) if isinstance(step.detail, str) and step.detail in _RIGHTS else ""
        both = ", ".join(part for part in (amount, right) if part)
        return f"{said} ({both})" if both else said
    return f"{said} ({'accès présumé' if language == 'fr' else 'access presumed'})" if step.presumed else said


def what(unknown: Unknown) -> Bilingual:
    """Return what is not known, as a sentence."""
    text, name = _WHAT[unknown.kind], in_both(unknown.name)
    return Bilingual(text.fr.format(name=name.fr), text.en.format(name=name.en))


def could(unknown: Unknown) -> Bilingual:
    """Return what it could change, or what follows from not knowing it."""
    return _COULD[unknown.kind]


def ground(found: Ground, name: str) -> Bilingual:
    """Return why a test is failed, or cannot be passed.

    Args:
        found: The ground.
        name: Name of whom it is about.
    """
    texts = _OPEN_GROUNDS if found.verdict == "unknown" and found.rule in _OPEN_GROUNDS else _GROUNDS
    text = texts[found.rule]
    fr, en = (between(found.amount, language) if found.amount else "" for language in ("fr", "en"))
    return Bilingual(text.fr.format(about=name, amount=fr), text.en.format(about=name, amount=en))


def between(bounds: Bounds, language: Language) -> str:
    """Return an interval of percentages as people say it.

    >>> from fractions import Fraction
    >>> from bouclier.registry.report_model import Bounds
    >>> between(Bounds(Fraction(20), Fraction(30)), "en"), between(Bounds(Fraction(20), Fraction(100)), "en")
    ('20% to 30%', '20% or more')
    >>> between(Bounds(Fraction(0), Fraction(100)), "en")
    'not stated'
    """
    if bounds.low == 0 and bounds.high == _WHOLE:
        return "sans chiffre connu" if language == "fr" else "not stated"
    low, high = percent(bounds.low, language), percent(bounds.high, language)
    if bounds.low == bounds.high:
        return low
    if bounds.low == 0:
        return f"jusqu'à {high}" if language == "fr" else f"up to {high}"
    if bounds.high == _WHOLE:
        return f"{low} ou plus" if language == "fr" else f"{low} or more"
    return f"{low} à {high}" if language == "fr" else f"{low} to {high}"


def label(one: Qualification, service: str) -> Bilingual:
    """Return what a service is qualified for, or claims to be.

    Args:
        one: The qualification.
        service: Name of the service.
    """
    name = _LABELS.get(one.name, one.name)
    status = _HELD[one.status]
    since, until = one.since or "", one.until or ""
    fr = f"{name}, {status.fr}" + (
        f" depuis le {since}" if since else f" (depuis quand n'est pas dit ; fait de {one.as_of})"
    )
    en = f"{name}, {status.en}" + (f" from {since}" if since else f" (since when is not said; a fact of {one.as_of})")
    said = None if one.scope is None else in_both(one.scope)
    scope = Bilingual(f" ; le registre dit « {said.fr} »", f"; the registry says “{said.en}”") if said else None
    return Bilingual(
        f"{fr}{f', jusqu’au {until}' if until else ''} (service {service}){scope.fr if scope else ''}",
        f"{en}{f' to {until}' if until else ''} (service {service}){scope.en if scope else ''}",
    )


def source_kind(kind: str) -> Bilingual:
    """Return what kind of source it is; a kind we have no words for as it is recorded."""
    return _KINDS.get(kind, Bilingual(kind, kind))
