"""The words of a picture, in French and English."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from bouclier.registry.draw_states import state
from bouclier.registry.draw_text import listed
from bouclier.registry.report_model import Way
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from bouclier.registry.draw_model import Language
    from bouclier.registry.report_model import Step, Unknown

WAYS: Final[Mapping[Way, Bilingual]] = {
    Way.SERVED_BY: Bilingual("servi par", "served by"),
    Way.RUN_BY: Bilingual("exploité par", "run by"),
    Way.OFFERS: Bilingual("offre", "offers"),
    Way.MADE_BY: Bilingual("conçu par", "made by"),
    Way.HOSTED_BY: Bilingual("hébergé par", "hosted by"),
    Way.SUPPORTED_BY: Bilingual("assisté par", "supported by"),
    Way.STAFFED_BY: Bilingual("personnel de", "staffed by"),
    Way.RELIES_ON: Bilingual("technologie de", "technology of"),
    Way.CONNECTED_BY: Bilingual("relié par", "connected by"),
    Way.HELD_BY: Bilingual("détenu par", "held by"),
    Way.TOGETHER: Bilingual("détenu ensemble", "held together"),
    Way.SEAT: Bilingual("siège", "seat"),
    Way.STANDS_IN: Bilingual("machines", "machines"),
    Way.MAY_STAND_IN: Bilingual("machines, peut-être", "machines, perhaps"),
    Way.ALSO_STANDS_IN: Bilingual("autres machines", "other machines"),
    Way.STAFF_IN: Bilingual("personnel", "staff"),
    Way.LISTED_IN: Bilingual("cotation", "listing"),
    Way.STATED: Bilingual("visé", "reached"),
}
TRIGGERS: Final[Mapping[str, Bilingual]] = {
    "seat": Bilingual("par le siège", "by the seat"),
    "control": Bilingual("par le contrôle", "by control"),
    "hosting": Bilingual("par les machines", "by the machines"),
    "staff": Bilingual("par le personnel", "by the staff"),
    "listing": Bilingual("par la cotation", "by the listing"),
    "stated": Bilingual("par une autre voie", "by another way"),
}
INFLUENCES: Final[Mapping[str, Bilingual]] = {
    "minority": Bilingual("minoritaire", "minority"),
    "technology": Bilingual("technologie", "technology"),
    "supplier": Bilingual("fournisseur sans accès", "supplier without access"),
    "origin": Bilingual("origine", "origin"),
}
QUESTIONS: Final[Mapping[str, Bilingual]] = {
    "facts": Bilingual("Qui l'exploite ?", "Who runs it?"),
    "host": Bilingual("Qui l'héberge ?", "Who hosts it?"),
    "control": Bilingual("Qui le contrôle ?", "Who controls it?"),
    "seat": Bilingual("Où est son siège ?", "Where is its seat?"),
    "hosting": Bilingual("Où sont les machines ?", "Where are the machines?"),
    "staff": Bilingual("D'où travaille son personnel ?", "Where does its staff work?"),
    "access": Bilingual("A-t-il accès aux données ?", "Can it reach the data?"),
    "status": Bilingual("Cette loi s'applique-t-elle encore ?", "Does this law still apply?"),
}
ESTABLISHED: Final = Bilingual("établi", "established")
CONTESTED: Final = Bilingual("contesté", "contested")
PERHAPS: Final = Bilingual("peut-être, si les machines y sont", "perhaps, if the machines stand there")
UNKNOWN: Final = Bilingual("inconnu", "unknown")
NATIONAL_LAW: Final = Bilingual("Le droit national", "Its national law")
SOURCES: Final = Bilingual("Sources", "Sources")
_HEADINGS: Final = (
    Bilingual("Ce dont il s'agit", "What it is about"),
    Bilingual("Qui l'exploite, qui le contrôle", "Who runs it, who controls them"),
    Bilingual("Les États", "The states"),
    Bilingual("Leurs lois", "Their laws"),
)
UNVERIFIED: Final = Bilingual("non vérifié", "unverified")
_MONTHS: Final = (
    Bilingual("janvier", "January"),
    Bilingual("février", "February"),
    Bilingual("mars", "March"),
    Bilingual("avril", "April"),
    Bilingual("mai", "May"),
    Bilingual("juin", "June"),
    Bilingual("juillet", "July"),
    Bilingual("août", "August"),
    Bilingual("septembre", "September"),
    Bilingual("octobre", "October"),
    Bilingual("novembre", "November"),
    Bilingual("décembre", "December"),
)
_MOST_STATES: Final = 6
_EXACT_TENTHS: Final = 10


def say(text: Bilingual, language: Language) -> str:
    """Return a text in one language."""
    return text.fr if language == "fr" else text.en


def headings(language: Language) -> tuple[str, str, str, str]:
    """Return what stands above the columns: of the first one, of the middle ones, of the states, of the laws."""
    first, middle, states, laws = _HEADINGS
    return say(first, language), say(middle, language), say(states, language), say(laws, language)


def percent(value: Fraction, language: Language) -> str:
    """Return a percentage with at most one decimal; what is rounded says so.

    >>> percent(Fraction(245, 10), "fr"), percent(Fraction(100, 3), "en")
    ('24,5\\u202f%', '≈ 33.3%')
    """
    tenths = round(value * _EXACT_TENTHS)
    shown = str(tenths // _EXACT_TENTHS)
    if tenths % _EXACT_TENTHS:
        shown += f"{',' if language == 'fr' else '.'}{tenths % _EXACT_TENTHS}"
    shown += "\u202f%" if language == "fr" else "%"
    return shown if Fraction(tenths, _EXACT_TENTHS) == value else f"≈ {shown}"


def day_in_words(day: dt.date, language: Language) -> str:
    """Return a day as people write it.

    >>> import datetime as dt
    >>> day_in_words(dt.date(2026, 12, 1), "fr"), day_in_words(dt.date(2026, 12, 1), "en")
    ('1er décembre 2026', '1 December 2026')
    """
    month = say(_MONTHS[day.month - 1], language)
    return f"{day.day}{'er' if language == 'fr' and day.day == 1 else ''} {month} {day.year}"


def state_names(codes: Iterable[str], language: Language) -> str:
    """Return states by name, sorted as they read."""
    names = sorted(say(state(code), language) for code in codes)
    others = "et {} autres" if language == "fr" else "and {} more"
    return listed(names, most=_MOST_STATES, and_others=others)


def label_of(step: Step, language: Language) -> str:
    """Return what a line says: a percentage where there is one, else how the chain goes on."""
    if step.percent is not None and step.way in {Way.HELD_BY, Way.TOGETHER}:
        return percent(step.percent, language)
    return say(WAYS[step.way], language) + (" ?" if step.presumed else "")


def question_of(unknown: Unknown, language: Language) -> str:
    """Return what is not known, as a question."""
    return say(QUESTIONS[unknown.kind], language)
