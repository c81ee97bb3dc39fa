"""The picture of a whole dependence: the institution, on whom it rests, who controls them, and the states.

Whoever data can go to is drawn strong where a foreign law reaches; whoever only delivers software, thin. What is
unknown is one open question with its number. Laws are left to the table: here it is the states that count.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bouclier.registry.draw_model import Box, Line, Look, Picture, Strength
from bouclier.registry.draw_picture import STATE_LOOKS, sentence_of, strength_of
from bouclier.registry.draw_states import state
from bouclier.registry.draw_text import listed
from bouclier.registry.draw_words import SOURCES, UNKNOWN, day_in_words, headings, label_of, say
from bouclier.registry.free_text import text_in
from bouclier.registry.report_states import states_of_reaches
from bouclier.registry.scan_model import Shows
from bouclier.registry.scan_totals import Group
from bouclier.registry.shown import clean
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from bouclier.registry.draw_model import Language
    from bouclier.registry.free_text import BilingualText
    from bouclier.registry.report_model import Reached, Step
    from bouclier.registry.scan_totals import Dependence, Row

MAX_OPERATORS: Final = 16
_SELF: Final = "institution"
_MOST_SERVICES: Final = 3
_SURER: Final = (Look.STATE, Look.OPEN_STATE, Look.DISPUTED_STATE, Look.HOME)


def whole_picture(dependence: Dependence, language: Language, *, day: dt.date, digest: str) -> Picture:
    """Return the picture of a whole dependence.

    Args:
        dependence: What was found.
        language: Of its texts.
        day: Of the exposures.
        digest: Of the registry.
    """
    drawing = _Whole(language)
    drawing.draw(dependence)
    french = language == "fr"
    when = day_in_words(day, language)
    return Picture(
        language,
        verdict_of_whole(dependence, language),
        f"Au {when} — registre {digest[:12]}" if french else f"On {when} — registry {digest[:12]}",
        tuple(drawing.boxes.values()),
        tuple(drawing.lines.values()),
        drawing.notes(),
        (),
        say(SOURCES, language),
        tuple(
            sentence_of(f"{drawing.boxes[line.begin].title} → {drawing.boxes[line.end].title}", line, language)
            for line in drawing.lines.values()
        ),
        headings(language),
    )


def verdict_of_whole(dependence: Dependence, language: Language) -> str:
    """Return the one sentence: of what data can go to, how much is under a foreign law, and how much is unknown."""
    count = dependence.counts.get(Shows.DATA)
    french = language == "fr"
    if count is None:
        seen = _number(len(dependence.rows), language)
        return (
            f"{seen} ; rien ne montre que des données partent." if french else f"{seen}; nothing shows that data leave."
        )
    foreign, unknown, could = (count.groups[group] for group in (Group.FOREIGN, Group.UNKNOWN, Group.OPEN))
    by = by_state(count.established, language)
    named = f" ({by})" if by else ""
    total = _number(count.total, language)
    if french:
        under, not_known = ("sont" if foreign > 1 else "est"), ("sont inconnues" if unknown > 1 else "est inconnue")
        perhaps = f" ; {could} pourrai{'en' if could > 1 else ''}t l'être, si les machines y sont" if could else ""
        return (
            f"Sur {total} où des données peuvent aller, {foreign} {under} sous la loi d'un État tiers{named}{perhaps} "
            f"; {unknown} {not_known}."
        )
    under, not_known = ("is" if foreign == 1 else "are"), ("is" if unknown == 1 else "are")
    perhaps = f"; {could} could be, if the machines stand there" if could else ""
    return (
        f"Of {total} to which data can go, {foreign} {under} under the law of a third state{named}{perhaps}; "
        f"{unknown} {not_known} unknown."
    )


def by_state(counts: Mapping[str, int], language: Language) -> str:
    """Return foreign states, each with how many its law reaches; the most first."""
    return ", ".join(
        f"{say(state(code), language)}{' : ' if language == 'fr' else ': '}{number}" for code, number in counts.items()
    )


class _Whole:
    def __init__(self, language: Language) -> None:
        self._language: Language = language
        self.boxes: dict[str, Box] = {}
        self.lines: dict[tuple[str, str], Line] = {}
        self._left_out = 0

    def draw(self, dependence: Dependence) -> None:
        language = self._language
        own = Bilingual("Votre institution", "Your institution")
        self.boxes[_SELF] = Box(_SELF, Look.SUBJECT, say(own, language), _number(len(dependence.rows), language))
        unknown = [row for row in dependence.rows if row.report is None]
        if unknown:
            whose = Bilingual("De qui sont-elles ?", "Whose are they?")
            note = f"{_number(len(unknown), language)} — {say(UNKNOWN, language).lower()}"
            self.boxes["question"] = Box("question", Look.QUESTION, say(whose, language), note)
            self._line(_SELF, "question", "", Strength.QUESTION)
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in dependence.rows:
            if row.report is not None:
                groups[row.operator].append(row)
        most_first = sorted(groups.items(), key=lambda item: (not _data(item[1]), -len(item[1]), item[0]))
        for operator, rows in most_first[:MAX_OPERATORS]:
            self._operator(operator, rows)
        self._left_out = sum(len(rows) for _, rows in most_first[MAX_OPERATORS:])

    def _operator(self, operator: str, rows: list[Row]) -> None:
        key = f"entity:{operator}"
        data = _data(rows)
        name = rows[0].operator_name
        self._entity(key, name)
        others = {row.service for row in rows if row.service and row.service != name}
        services = sorted({clean(text_in(service, self._language)) for service in others})
        only = Bilingual("logiciel seulement", "software only")
        told = listed(services, most=_MOST_SERVICES, and_others="… {}") if data else say(only, self._language)
        note = " — ".join(part for part in (_number(len(rows), self._language), told) if part)
        self.boxes[key] = self.boxes[key]._replace(note=note)
        self._line(_SELF, key, "", _strength(rows) if data else Strength.INFLUENCE)
        reaches = [reached for row in rows if row.report is not None for reached in row.report.reaches]
        sure = states_of_reaches(reaches).sure
        order = list(Strength)
        done = set[str]()
        for reached in sorted(reaches, key=lambda one: order.index(strength_of(one))):
            if reached.jurisdiction not in done:  # by the surest way that was found
                done.add(reached.jurisdiction)
                self._reach(key, reached, data=data)
        if any(row.group is Group.UNKNOWN for row in rows):
            open_ = Bilingual("Qui les contrôle, où sont-ils ?", "Who controls them, where are they?")
            self.boxes["rest"] = Box("rest", Look.QUESTION, say(open_, self._language), say(UNKNOWN, self._language), 1)
            self._line(key, "rest", "", Strength.QUESTION)
        elif not sure:
            for code in sorted({code for row in rows if row.report is not None for code in row.report.home}):
                self._state(code, Look.HOME)
                self._line(key, f"state:{code}", "", Strength.HOME if data else Strength.INFLUENCE)

    def _entity(self, key: str, name: str | BilingualText) -> None:
        if key not in self.boxes:
            self.boxes[key] = Box(key, Look.PLAIN, clean(text_in(name, self._language)))

    def _reach(self, key: str, reached: Reached, *, data: bool) -> None:
        strength = strength_of(reached) if data else Strength.INFLUENCE
        self._state(reached.jurisdiction, STATE_LOOKS.get(strength, Look.DISPUTED_STATE))
        at = key
        for step in _beyond(reached.chain, key):
            if step.end.kind == "state":
                break
            end = f"{step.end.kind}:{step.end.id}"
            self._entity(end, step.end.name)
            # Only a percentage is worth its place among so many lines.
            self._line(at, end, "" if step.percent is None else label_of(step, self._language), strength)
            at = end
        self._line(at, f"state:{reached.jurisdiction}", "", strength)

    def _state(self, code: str, look: Look) -> None:
        key = f"state:{code}"
        known = self.boxes.get(key)
        if known is None or _SURER.index(look) < _SURER.index(known.look):
            self.boxes[key] = Box(key, look, say(state(code), self._language), stage=1)

    def _line(self, begin: str, end: str, label: str, strength: Strength) -> None:
        order = list(Strength)
        known = self.lines.get((begin, end))
        if begin != end and (known is None or order.index(strength) < order.index(known.strength)):
            self.lines[begin, end] = Line(begin, end, label, strength)

    def notes(self) -> tuple[str, ...]:
        french = self._language == "fr"
        notes = []
        if self._left_out:
            notes.append(
                f"{self._left_out} dépendances envers d'autres ne sont pas dessinées : voir le tableau."
                if french
                else f"{self._left_out} dependences on others are not drawn: see the table."
            )
        notes.append(
            "Un trait fin mène à qui ne fournit que du logiciel : aucune donnée n'y va de ce seul fait."
            if french
            else "A thin line leads to whoever only supplies software: no data go there by that alone."
        )
        return tuple(notes)


def _beyond(chain: Iterable[Step], key: str) -> list[Step]:
    """Return the steps of a chain after an entity; all those between entities if it is not on the chain."""
    steps = list(chain)
    for place, step in enumerate(steps):
        if f"{step.end.kind}:{step.end.id}" == key:
            return steps[place + 1 :]
        if f"{step.begin.kind}:{step.begin.id}" == key:
            return steps[place:]
    return [step for step in steps if step.end.kind in {"entity", "state"}]


def _strength(rows: Iterable[Row]) -> Strength:
    groups = {row.group for row in rows if row.found.shows is Shows.DATA}
    order = (
        (Group.FOREIGN, Strength.COMPELS),
        (Group.UNKNOWN, Strength.QUESTION),
        (Group.OPEN, Strength.PERHAPS),
        (Group.CONTESTED, Strength.CONTESTED),
    )
    return next((strength for group, strength in order if group in groups), Strength.HOME)


def _data(rows: Iterable[Row]) -> bool:
    return any(row.found.shows is Shows.DATA for row in rows)


def _number(count: int, language: Language) -> str:
    if language == "fr":
        return f"{count} dépendance{'s' if count > 1 else ''}"
    return f"{count} dependence{'s' if count != 1 else ''}"
