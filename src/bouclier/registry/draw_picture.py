"""Turn a report of exposure into a picture: what a reader needs of it, and what is left out said in a note.

Chains become boxes and lines; a line that several chains share is drawn once, as the strongest of them. States and laws
come last. What weighs without compelling is there, thin; what is not known is an open question beside whom it is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.registry.draw_model import Box, Line, Look, Picture, Strength
from bouclier.registry.draw_states import state
from bouclier.registry.draw_text import listed
from bouclier.registry.draw_verdict import age_note, charter_note, verdict_of
from bouclier.registry.draw_words import (
    CONTESTED,
    ESTABLISHED,
    INFLUENCES,
    NATIONAL_LAW,
    PERHAPS,
    SOURCES,
    TRIGGERS,
    UNKNOWN,
    UNVERIFIED,
    WAYS,
    day_in_words,
    headings,
    label_of,
    question_of,
    say,
    state_names,
)
from bouclier.registry.free_text import text_in
from bouclier.registry.model import IMPLICIT_LAW, Certainty
from bouclier.registry.report_model import Way
from bouclier.registry.report_states import is_sure
from bouclier.registry.shown import clean
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.registry.agreed import Registry
    from bouclier.registry.draw_model import Language
    from bouclier.registry.free_text import BilingualText
    from bouclier.registry.model import Vouched
    from bouclier.registry.report_model import Influence, Node, Reached, Report, Step

MAX_LAWS: Final = 14
MAX_INFLUENCES: Final = 8
MAX_QUESTIONS: Final = 6
MAX_BOXES: Final = 60
_MAX_SOURCES: Final = 12
_MAX_VERDICT: Final = 700


MEANS: Final[Mapping[Strength, Bilingual]] = {
    Strength.COMPELS: ESTABLISHED,
    Strength.PERHAPS: PERHAPS,
    Strength.CONTESTED: CONTESTED,
    Strength.INFLUENCE: Bilingual("influence", "influence"),
    Strength.QUESTION: UNKNOWN,
}
STATE_LOOKS: Final[Mapping[Strength, Look]] = {
    Strength.COMPELS: Look.STATE,
    Strength.PERHAPS: Look.OPEN_STATE,
    Strength.CONTESTED: Look.DISPUTED_STATE,
}
_LAWS: Final[Mapping[Strength, Look]] = {
    Strength.COMPELS: Look.LAW,
    Strength.PERHAPS: Look.DISPUTED_LAW,
    Strength.CONTESTED: Look.DISPUTED_LAW,
}


def picture_of(report: Report, language: Language, *, registry: Registry | None = None) -> Picture:
    """Return the picture of a report.

    Args:
        report: What was found.
        language: Of its texts.
        registry: The facts it was found in: gives laws their names. Without it, laws are shown by id.
    """
    return _Drawing(report, language, registry).picture()


class _Drawing:
    def __init__(self, report: Report, language: Language, registry: Registry | None) -> None:
        self._report = report
        self._language: Language = language
        self._registry = registry
        self._boxes: dict[str, Box] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self._facts: dict[str, None] = {}
        self._left_out: list[str] = []
        self._subject = self._box(report.node)

    def picture(self) -> Picture:
        self._laws()
        self._influences()
        self._home()
        self._questions()
        language = self._language
        sources = list(self._facts)
        if len(sources) > _MAX_SOURCES:
            more = len(sources) - _MAX_SOURCES
            sources[_MAX_SOURCES:] = [f"… et {more} autres" if language == "fr" else f"… and {more} more"]
        return Picture(
            language,
            clean(verdict_of(self._report, language), _MAX_VERDICT),
            self._subtitle(),
            tuple(self._boxes.values()),
            tuple(self._lines.values()),
            self._notes(),
            tuple(sources),
            say(SOURCES, language),
            self._sentences(),
            headings(language),
        )

    def _laws(self) -> None:
        shown: dict[tuple[str, str], list[Reached]] = {}
        for reached in self._report.reaches:
            shown.setdefault((reached.jurisdiction, reached.law), []).append(reached)
        for code in dict.fromkeys(jurisdiction for jurisdiction, _ in shown):
            ways = [reached for reached in self._report.reaches if reached.jurisdiction == code]
            self._state(code, STATE_LOOKS[_strongest(ways)])
        for count, ((code, law), ways) in enumerate(shown.items()):
            if count >= MAX_LAWS or len(self._boxes) >= MAX_BOXES:
                rest = listed([one for _, one in list(shown)[count:]], most=12, and_others="… {}")
                self._left_out.append(
                    f"Lois non dessinées : {rest}." if self._language == "fr" else f"Laws not drawn: {rest}."
                )
                break
            self._law(code, law, ways)

    def _law(self, code: str, law: str, ways: list[Reached]) -> None:
        strength = _strongest(ways)
        for reached in ways:
            self._chain(reached.chain, strength_of(reached))
        language = self._language
        how = say(MEANS[strength], language)
        triggers = ", ".join(dict.fromkeys(say(TRIGGERS[reached.trigger], language) for reached in ways))
        title, status = self._law_words(law)
        box = Box(
            f"law:{law}:{code}",
            _LAWS[strength],
            title,
            " — ".join(part for part in (how, triggers, status) if part),
            2,
        )
        self._boxes[box.key] = box
        self._line(f"state:{code}", box.key, "", strength)

    def _law_words(self, law: str) -> tuple[str, str]:
        if law.startswith(IMPLICIT_LAW):
            return say(NATIONAL_LAW, self._language), ""
        fact = None if self._registry is None else self._registry.laws.get(law)
        if fact is None:
            return law, ""
        self._cite(fact)
        title = fact.title.fr if self._language == "fr" else fact.title.en
        return clean(title), say(UNVERIFIED, self._language) if fact.status == "unverified" else ""

    def _influences(self) -> None:
        language = self._language
        drawn = self._report.influences[:MAX_INFLUENCES]
        for influence in drawn:
            self._chain(influence.chain, Strength.INFLUENCE, last=say(INFLUENCES[influence.kind], language))
            if influence.chain and influence.states:
                key = _key(influence.chain[-1].end)
                box = self._boxes[key]
                if not box.note and box.look is Look.PLAIN:
                    self._boxes[key] = box._replace(note=state_names(influence.states, language))
        rest = [self._name(one) for one in self._report.influences[len(drawn) :]]
        if rest:
            names = listed(rest, most=12, and_others="… {}")
            self._left_out.append(
                f"Influences non dessinées : {names}." if language == "fr" else f"Influences not drawn: {names}."
            )

    def _name(self, influence: Influence) -> str:
        return self._in(influence.chain[-1].end.name) if influence.chain else "?"

    def _in(self, name: str | BilingualText) -> str:
        return clean(text_in(name, self._language))

    def _home(self) -> None:
        """Draw who runs and controls it, and their states, where no foreign law surely reaches: that has its proof."""
        report = self._report
        if any(strength_of(reached) is Strength.COMPELS for reached in report.reaches):
            return
        if report.ties:
            for tie in report.ties:
                self._chain((tie,), Strength.HOME)
            return
        if report.reaches or not (report.home or report.operators):
            return
        begin = self._subject
        operator = report.operators[0] if report.operators else ""
        entity = None if self._registry is None else self._registry.entities.get(operator)
        if operator and f"entity:{operator}" != begin:
            key = f"entity:{operator}"
            if key not in self._boxes:
                self._boxes[key] = Box(key, Look.PLAIN, self._in(operator if entity is None else entity.name))
            self._line(begin, key, "exploité par" if self._language == "fr" else "run by", Strength.HOME)
            begin = key
        if entity is not None:
            self._cite(entity)
        for code in report.home:
            self._state(code, Look.HOME)
            self._line(begin, f"state:{code}", "", Strength.HOME)

    def _questions(self) -> None:
        language = self._language
        left = 0
        for place, unknown in enumerate(self._report.unknowns):
            about = next((key for key in _keys_of(unknown.about) if key in self._boxes), None)
            law = next((key for key in self._boxes if key.startswith(f"law:{unknown.about}:")), None)
            if law is not None:
                continue  # its box says that its status is not verified
            if place >= MAX_QUESTIONS:
                left += 1
                continue
            key = f"question:{place}"
            note = "" if about is not None else self._in(unknown.name)
            self._boxes[key] = Box(key, Look.QUESTION, question_of(unknown, language), note or say(UNKNOWN, language))
            self._line(about or self._subject, key, "", Strength.QUESTION)
        if left:
            self._left_out.append(
                f"Autres questions ouvertes, non dessinées : {left} ; voir le rapport."
                if language == "fr"
                else f"More open questions, not drawn: {left}; see the report."
            )

    def _chain(self, chain: tuple[Step, ...], strength: Strength, last: str = "") -> None:
        for place, step in enumerate(chain):
            final = place == len(chain) - 1
            if len(self._boxes) >= MAX_BOXES and not {_key(step.begin), _key(step.end)} <= self._boxes.keys():
                text = (
                    "Une partie des chaînes n'est pas dessinée."
                    if self._language == "fr"
                    else "Some chains are not drawn."
                )
                if text not in self._left_out:
                    self._left_out.append(text)
                return
            begin, end = self._box(step.begin), self._box(step.end)
            label = label_of(step, self._language)
            if final and last and step.way is Way.HELD_BY:
                label = last if step.percent is None else f"{label} {last}"
            # Only the last step of an influence is weak: what leads there is what it is.
            weak = strength is Strength.INFLUENCE and not final
            self._line(begin, end, label, Strength.INFLUENCE if weak else strength)
            for fact in step.facts:
                self._cite(fact)

    def _box(self, node: Node) -> str:
        key = _key(node)
        if node.kind == "state":
            if key not in self._boxes:
                self._state(node.id, Look.HOME if node.id in self._report.home else Look.DISPUTED_STATE)
        elif key not in self._boxes:
            look = Look.PLAIN if self._boxes else Look.SUBJECT
            self._boxes[key] = Box(key, look, self._in(node.name or node.id))
        return key

    def _state(self, code: str, look: Look) -> None:
        key = f"state:{code}"
        known = self._boxes.get(key)
        if known is None or known.look not in {Look.STATE, Look.OPEN_STATE}:
            self._boxes[key] = Box(key, look, say(state(code), self._language), stage=1)

    def _line(self, begin: str, end: str, label: str, strength: Strength) -> None:
        if begin == end:
            return
        known = self._lines.get((begin, end))
        order = list(Strength)
        if known is None:
            self._lines[begin, end] = Line(begin, end, label, strength)
        elif order.index(strength) < order.index(known.strength):
            self._lines[begin, end] = Line(begin, end, label or known.label, strength)

    def _cite(self, fact: Vouched) -> None:
        confidence = f", {say(UNVERIFIED, self._language)}" if fact.confidence == "unverified" else ""
        ref = text_in(fact.source.ref, self._language)
        self._facts[clean(f"{ref} ({fact.as_of}{confidence})")] = None

    def _subtitle(self) -> str:
        report = self._report
        day = day_in_words(report.day, self._language)
        name = self._in(report.node.name)
        digest = report.registry[:12]
        return (
            f"{name} — au {day} — registre {digest}"
            if self._language == "fr"
            else f"{name} — on {day} — registry {digest}"
        )

    def _notes(self) -> tuple[str, ...]:
        report, french = self._report, self._language == "fr"
        notes = []
        if report.home and report.reaches:
            names = state_names(report.home, self._language)
            notes.append(
                f"Y est soumis aussi, sans que ce soit un droit étranger : {names}."
                if french
                else f"Also subject, without being foreign law: {names}."
            )
        notes += [note for note in (charter_note(report, self._language), age_note(report, self._language)) if note]
        notes += self._left_out
        notes.append(
            "« Peut contraindre » n'est pas « a contraint ». D'après des faits datés ; ce n'est pas un avis juridique."
            if french
            else "“Can compel” is not “has compelled”. From dated facts; this is not legal advice."
        )
        return tuple(notes)

    def _sentences(self) -> tuple[str, ...]:
        language = self._language
        names = {box.key: box for box in self._boxes.values()}
        sentences = []
        for line in self._lines.values():
            end = names[line.end]
            note = f" ({end.note})" if end.note else ""
            sentences.append(sentence_of(f"{names[line.begin].title} → {end.title}{note}", line, language))
        return tuple(sentences)


def sentence_of(said: str, line: Line, language: Language) -> str:
    """Return a sentence on a line: what it joins, its label, and how sure it is, which those who see it see."""
    means = say(MEANS[line.strength], language) if line.strength in MEANS else ""
    # What an open line means is what the label of machines that may stand there says, in full.
    same = line.strength is Strength.PERHAPS and line.label == say(WAYS[Way.MAY_STAND_IN], language)
    how = ", ".join(part for part in ("" if same else line.label, means) if part)
    return f"{said}{' :' if language == 'fr' else ':'} {how}." if how else f"{said}."


def strength_of(reached: Reached) -> Strength:
    """Return how a reach is drawn: as surely as it is told."""
    if is_sure(reached):
        return Strength.COMPELS
    return Strength.PERHAPS if reached.certainty is Certainty.ESTABLISHED else Strength.CONTESTED


def _strongest(ways: list[Reached]) -> Strength:
    return min(map(strength_of, ways), key=list(Strength).index)


def _key(node: Node) -> str:
    return f"{node.kind}:{node.id}"


def _keys_of(about: str) -> tuple[str, ...]:
    return tuple(f"{kind}:{about}" for kind in ("entity", "service", "deployment", "model", "site"))
