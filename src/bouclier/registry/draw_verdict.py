"""What a report says first, in French and English: whose laws can compel, by what kind of facts, of which dates. Pure.

Told apart, and never told as one: who can compel, who is disputed to, and who could only if machines stand where nobody
says that they do. What rests on facts that nobody verified says so in the same sentence.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from bouclier.registry.draw_words import day_in_words, say, state_names
from bouclier.registry.free_text import in_both
from bouclier.registry.periods import earliest, latest
from bouclier.registry.report_states import is_sure, states_of_reaches
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bouclier.registry.draw_model import Language
    from bouclier.registry.model import Vouched
    from bouclier.registry.report_model import Reached, Report

_FAR: Final = dt.timedelta(days=731)
"""How far from all its facts a day may be before that is told."""
_CHARTER: Final = Bilingual(
    "Pour la charte, un État où les machines sont peut-être compte comme atteint tant que `country` n'est pas dit.",
    "For the charter, a state where the machines may stand counts as reached until `country` is said.",
)


def verdict_of(report: Report, language: Language) -> str:
    """Return the one sentence: whose laws can compel those who run the subject."""
    sure, disputed, perhaps = states_of_reaches(report.reaches)
    said = _compelled(report, sure) if sure else _not_compelled(report, sure=not disputed and not perhaps)
    sentence = say(said, language)
    french = language == "fr"
    if disputed:
        names = state_names(disputed, language)
        sentence += f" ; c'est contesté pour : {names}" if french else f"; it is contested for: {names}"
    if perhaps:
        names = state_names(perhaps, language)
        also_fr, also_en = (" aussi", " also") if sure else ("", "")
        sentence += (
            f" ; le pourraient{also_fr}, si les machines y sont : {names} (la configuration ne le dit pas)"
            if french
            else f"; could{also_en}, if the machines stand there: {names} (the configuration does not say)"
        )
    if sure and not report.known:
        sentence += " ; et tout n'est pas connu" if french else "; and not all is known"
    return f"{sentence}."


def charter_note(report: Report, language: Language) -> str:
    """Return what the charter makes of machines that may stand in a state; empty if there is no such state."""
    return say(_CHARTER, language) if states_of_reaches(report.reaches).perhaps else ""


def age_note(report: Report, language: Language) -> str:
    """Return that the facts are of other days than the one asked about; empty if they are not."""
    dates = sorted({fact.as_of for fact in (*report.facts(), *report.labels)})
    if not dates:
        return ""
    first, last = min(map(earliest, dates)), max(map(latest, dates))
    if first - _FAR <= report.day <= last + _FAR:
        return ""
    span = dates[0] if dates[0] == dates[-1] else f"{dates[0]} – {dates[-1]}"
    day = day_in_words(report.day, language)
    return (
        f"Les faits dont ceci est tiré datent de : {span}. Ils peuvent ne rien dire de ce qui vaut au {day}."
        if language == "fr"
        else f"The facts this is drawn from are of {span}. They may tell nothing of what holds on {day}."
    )


def _compelled(report: Report, states: Collection[str]) -> Bilingual:
    fr, en = state_names(states, "fr"), state_names(states, "en")
    many, name = len(states), in_both(report.node.name)
    verified = _unverified(_facts_for(report, states))
    fr_facts, en_facts = (f", d'après {verified.fr}", f", by {verified.en}") if verified else ("", "")
    whose_fr = f"Les lois de {many} États tiers" if many > 1 else "Les lois d'un État tiers"
    whose_en = f"The laws of {many} third states" if many > 1 else "The laws of one third state"
    return Bilingual(
        f"{whose_fr} ({fr}) peuvent contraindre ceux qui tiennent {name.fr} à livrer des données{fr_facts}",
        f"{whose_en} ({en}) can compel those behind {name.en} to hand over data{en_facts}",
    )


def _not_compelled(report: Report, *, sure: bool) -> Bilingual:
    name = in_both(report.node.name)
    if not report.known:
        return Bilingual(
            f"On ne sait pas qui peut être contraint de livrer ce que détient {name.fr}",
            f"It is not known who can be compelled to hand over what {name.en} holds",
        )
    verified = _unverified(fact for step in report.ties for fact in step.facts)
    fr = f"d'après {verified.fr if verified else 'les faits connus'}"
    en = f"by {verified.en if verified else 'the known facts'}"
    if sure:
        return Bilingual(
            f"Aucune loi d'un État tiers ne peut contraindre {name.fr}, {fr}",
            f"No law of a third state can compel {name.en}, {en}",
        )
    return Bilingual(
        f"Aucune loi d'un État tiers, {fr}, ne peut à coup sûr contraindre {name.fr}",
        f"No law of a third state, {en}, can surely compel {name.en}",
    )


def _facts_for(report: Report, states: Iterable[str]) -> list[Vouched]:
    """Return the facts that the reach of these states rests on: of each state, its best verified chain."""
    found: list[Vouched] = []
    for state in sorted(states):
        chains = [
            _facts_of(reached) for reached in report.reaches if reached.jurisdiction == state and is_sure(reached)
        ]
        found += min(chains, key=lambda facts: sum(fact.confidence == "unverified" for fact in facts), default=[])
    return found


def _facts_of(reached: Reached) -> list[Vouched]:
    return [fact for step in reached.chain for fact in step.facts]


def _unverified(facts: Iterable[Vouched]) -> Bilingual | None:
    """Return how to call facts of which some, or all, are verified by nobody; None if all are."""
    verified = {fact.confidence != "unverified" for fact in facts}
    if False not in verified:
        return None
    if True in verified:
        return Bilingual(
            "des faits dont certains ne sont vérifiés par personne", "facts some of which nobody has verified"
        )
    return Bilingual("des faits que personne n'a vérifiés", "facts nobody has verified")
