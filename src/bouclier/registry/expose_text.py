"""A report as text that a data protection officer reads, in French or English. Pure.

In this order: the one sentence; who runs and controls, and where, with what says so; foreign laws, by state, with the
chain by which each reaches and the source and date of each fact in it; qualifications; what weighs without compelling;
what is not known and what it could change; SecNumCloud 19.6; the framework of sovereignty; chapter V; the sources. A
law that reaches by the same chain as another is told with it. What the registry records as text is quoted as recorded.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bouclier.registry.draw_states import state
from bouclier.registry.draw_verdict import age_note, charter_note, verdict_of
from bouclier.registry.draw_words import (
    CONTESTED,
    ESTABLISHED,
    INFLUENCES,
    PERHAPS,
    TRIGGERS,
    day_in_words,
    say,
    state_names,
)
from bouclier.registry.expose_words import CAPS, between, could, ground, how, label, source_kind, what
from bouclier.registry.free_text import text_in
from bouclier.registry.model import IMPLICIT_LAW, Certainty
from bouclier.registry.report_model import Unknown, Way
from bouclier.registry.report_states import is_sure
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bouclier.registry.agreed import Registry
    from bouclier.registry.draw_model import Language
    from bouclier.registry.framework import Framework
    from bouclier.registry.free_text import BilingualText
    from bouclier.registry.model import Vouched
    from bouclier.registry.report_model import Destination, Objective, Reached, Report, Step

_LEVELS: Final = (ESTABLISHED, PERHAPS, CONTESTED)
_PLACES: Final[Mapping[Way, Bilingual]] = {
    Way.SEAT: Bilingual("a son siège : {names}", "has its seat in {names}"),
    Way.STANDS_IN: Bilingual("a ses machines : {names}", "has its machines in {names}"),
    Way.MAY_STAND_IN: Bilingual(
        "a des machines : {names} ; où sont celles qui servent ici n'est pas dit",
        "has machines in {names}; which of them serve here is not said",
    ),
    Way.ALSO_STANDS_IN: Bilingual("a aussi des machines : {names}", "has machines also in {names}"),
    Way.STAFF_IN: Bilingual("a du personnel avec accès : {names}", "has staff with access in {names}"),
}
_OURS: Final = Bilingual(
    "Calcul de Bouclier sur les seules participations publiques, et non une décision de l'ANSSI.",
    "Computed by Bouclier from public holdings alone; no decision of ANSSI.",
)
_BESIDE_LABEL: Final = Bilingual(
    "La qualification de l'ANSSI est un fait, dit plus haut ; ceci est notre calcul d'après les participations"
    " publiques, qui en dit moins et ne la contredit pas.",
    "ANSSI's qualification is a fact, told above; this is our computation from public holdings, which says less and"
    " does not contradict it.",
)
_CONFIDENCE: Final[Mapping[str, Bilingual]] = {
    "high": Bilingual("sûr", "sure"),
    "medium": Bilingual("assez sûr", "fairly sure"),
    "low": Bilingual("peu sûr", "not very sure"),
    "unverified": Bilingual("non vérifié", "unverified"),
}
_WHOLE: Final = 100
_SECNUMCLOUD: Final = "secnumcloud"
_TRIGGER_ORDER: Final = ("seat", "control", "hosting", "staff", "stated", "listing")
_VERDICTS: Final[Mapping[str, Bilingual]] = {
    "pass": Bilingual("satisfait", "passed"),
    "fail": Bilingual("non satisfait", "failed"),
    "unknown": Bilingual("indécidable d'après les faits", "undecided by the facts"),
}
_BASES: Final[Mapping[str, Bilingual]] = {
    "inside": Bilingual("dans l'Espace économique européen", "inside the European Economic Area"),
    "adequacy": Bilingual("décision d'adéquation (art. 45)", "adequacy decision (art. 45)"),
    "safeguards": Bilingual(
        "garanties appropriées nécessaires, avec analyse (art. 46)", "appropriate safeguards needed, assessed (art. 46)"
    ),
    "unknown": Bilingual("inconnu", "unknown"),
}


def exposure_text(report: Report, registry: Registry, language: Language, *, framework: Framework | None = None) -> str:
    """Return a report as text, ending with a line feed.

    Args:
        report: The report.
        registry: The facts it was made from, for the titles of laws.
        language: In which language.
        framework: The framework of sovereignty, for its words; without it that part is left out.
    """
    lines = _Text(report, registry, language, framework).lines()
    return "".join(f"{_printable(line).rstrip()}\n" for line in lines)


def _printable(line: str) -> str:
    """Return a line without control characters: names come from files."""
    return "".join(char if char.isprintable() or char in "\u00a0\u202f" else " " for char in line)


def _level(reached: Reached) -> int:
    """Return which of `_LEVELS` a reach is of."""
    if is_sure(reached):
        return 0
    return 1 if reached.certainty is Certainty.ESTABLISHED else 2


def _nearest_first(chain: tuple[Step, ...], together: list[Reached]) -> tuple[int, int]:
    """Return where a chain stands among those of a state: whoever runs the subject before suppliers, seats first."""
    return min(_TRIGGER_ORDER.index(reached.trigger) for reached in together), len(chain)


class _Text:
    def __init__(self, report: Report, registry: Registry, language: Language, framework: Framework | None) -> None:
        self._report = report
        self._registry = registry
        self._language: Language = language
        self._framework = framework
        self._sources: dict[str, int] = {}
        self._told: set[str] = set()
        self._colon = " :" if language == "fr" else ":"

    def lines(self) -> Iterator[str]:
        """Yield the lines."""
        yield from self._head()
        yield from self._ties()
        yield from self._laws()
        yield from self._labels()
        yield from self._influences()
        yield from self._unknowns()
        yield from self._holders()
        yield from self._sovereignty()
        yield from self._transfer()
        yield from self._cited()

    def _head(self) -> Iterator[str]:
        report = self._report
        yield f"{self._in(report.node.name)} ({report.node.id})"
        day = day_in_words(report.day, self._language)
        digest = report.registry[:12]
        yield self._t(f"Au {day}, d'après le registre {digest}.", f"On {day}, by the registry {digest}.")
        if report.operators:
            names = ", ".join(self._known(name) for name in report.operators)
            yield self._t(f"Qui peut accéder aux données : {names}.", f"Who can reach the data: {names}.")
        if report.served_by:
            names = ", ".join(report.served_by)
            yield self._t(f"Services connus pour servir ce modèle : {names}.", f"Known to be served by: {names}.")
        yield ""
        yield verdict_of(report, self._language)
        yield from filter(None, (charter_note(report, self._language), age_note(report, self._language)))
        if report.home:
            names = state_names(report.home, self._language)
            yield self._t(
                f"Le droit de la zone juridique s'y applique, sans être étranger : {names}.",
                f"The law of the legal area applies to it and is not foreign: {names}.",
            )

    def _ties(self) -> Iterator[str]:
        """Tell who runs and controls it and where, whether a foreign law reaches or none: either needs its proof."""
        together: dict[tuple[str, Way, tuple[Vouched, ...]], list[Step]] = defaultdict(list)
        for tie in self._report.ties:
            by = tie.end.id if tie.end.kind != "state" else ""
            together[f"{tie.begin.kind}:{tie.begin.id}:{by}", tie.way, tie.facts].append(tie)
        if together:
            yield from self._title(
                "Qui l'exploite, qui le contrôle, et où", "Who runs it, who controls them, and where"
            )
        for (_, way, facts), ties in together.items():
            begin = ties[0].begin
            if len(ties) == 1 and way is not Way.MAY_STAND_IN:
                said = say(how(ties[0]), self._language)
            else:
                names = state_names({tie.end.id for tie in ties}, self._language)
                said = say(_PLACES[way], self._language).format(names=names)
            entity = self._registry.entities.get(begin.id) if way is Way.SEAT else None
            alone = self._t(", et nul ne le contrôle", ", and nobody controls it") if entity and entity.ultimate else ""
            asked = "" if facts else self._t(" (dit par qui demande)", " (as whoever asks says)")
            yield f"  {self._in(begin.name)} {said}{alone}{asked}{self._dated(facts)}"

    def _labels(self) -> Iterator[str]:
        if not self._report.labels:
            return
        yield from self._title("Qualifications", "Qualifications")
        for one in self._report.labels:
            yield f"  {say(label(one, self._name(one.service)), self._language)}{self._cite(one)}"

    def _laws(self) -> Iterator[str]:
        if not self._report.reaches:
            return
        yield from self._title("Lois étrangères qui peuvent contraindre", "Foreign laws that can compel")
        by_state: dict[tuple[int, str], list[Reached]] = defaultdict(list)
        for reached in self._report.reaches:
            by_state[_level(reached), reached.jurisdiction].append(reached)
        for (level, code), reaches in sorted(by_state.items()):
            yield f"{say(state(code), self._language)} — {say(_LEVELS[level], self._language)}"
            by_chain: dict[tuple[Step, ...], list[Reached]] = defaultdict(list)
            for reached in reaches:
                by_chain[reached.chain].append(reached)
            for chain in sorted(by_chain, key=lambda chain: _nearest_first(chain, by_chain[chain])):
                yield from self._reach(chain, by_chain[chain])

    def _reach(self, chain: tuple[Step, ...], together: list[Reached]) -> Iterator[str]:
        triggers = ", ".join(sorted({say(TRIGGERS[reached.trigger], self._language) for reached in together}))
        yield f"  {triggers[:1].upper()}{triggers[1:]}{self._colon}"
        for step in chain:
            yield f"    {self._in(step.begin.name)} {say(how(step), self._language)}{self._dated(step.facts)}"
        for name in sorted({reached.law for reached in together}, key=lambda law: (law.startswith(IMPLICIT_LAW), law)):
            yield f"    → {self._law(name)}"
        also = sorted({name for reached in together for name in reached.also})
        if also:
            names = ", ".join(self._name(name) for name in also)
            yield f"      {self._t('ainsi que par', 'also through')} {names}"

    def _law(self, name: str) -> str:
        law = self._registry.laws.get(name)
        if law is None:
            return f"{self._t('tout son droit, nommé ici ou non', 'all of its law, named here or not')} ({name})"
        fr = self._language == "fr"
        title, allows = (law.title.fr, law.allows.fr) if fr else (law.title.en, law.allows.en)
        basis = self._in(law.basis)
        since = f"{self._t(' ; depuis', '; since')} {law.since}" if law.since else ""
        if name in self._told:
            return f"{title} ({name})"
        self._told.add(name)
        return f"{title} ({name}){self._colon} {allows} {basis}{since}{self._cite(law)}"

    def _influences(self) -> Iterator[str]:
        if not self._report.influences:
            return
        yield from self._title("Ce qui pèse sans contraindre", "What weighs without compelling")
        members = self._registry.members_on(self._report.day)
        for influence in self._report.influences:
            last = influence.chain[-1]
            foreign = [code for code in influence.states if code not in members]
            where = f" — {state_names(foreign, self._language)}" if foreign else ""
            kind = say(INFLUENCES[influence.kind], self._language)
            said = f"{self._in(last.begin.name)} {say(how(last), self._language)}"
            yield f"  {kind}{self._colon} {said}{where}{self._dated(last.facts)}"

    def _unknowns(self) -> Iterator[str]:
        if not self._report.unknowns:
            return
        yield from self._title("Ce qu'on ne sait pas", "What is not known")
        for unknown in self._report.unknowns:
            law = self._registry.laws.get(unknown.about) if unknown.kind == "status" else None
            shown = (
                unknown if law is None else Unknown(unknown.kind, unknown.about, self._t(law.title.fr, law.title.en))
            )
            yield f"  {say(what(shown), self._language)}"
            yield f"    → {say(could(unknown), self._language)}"

    def _holders(self) -> Iterator[str]:
        found = self._report.holders
        if not found.operator:
            return
        yield from self._title(
            f"SecNumCloud 19.6 (a) et (b), pour {self._name(found.operator)}",
            f"SecNumCloud 19.6 (a) and (b), for {self._name(found.operator)}",
        )
        nowhere = self._t("siège non dit dans le registre", "seat not stated in the registry")
        held = any(one.status == "held" and one.name.startswith(_SECNUMCLOUD) for one in self._report.labels)
        yield f"  {say(_BESIDE_LABEL if held else _OURS, self._language)}"
        yield f"  {say(_VERDICTS[found.verdict], self._language)}"
        for one in found.grounds:
            seatless = any(holder.node.id == one.about and holder.seat is None for holder in found.holders)
            about = self._name(one.about) + (f" ({nowhere})" if seatless and one.rule == "single" else "")
            yield f"  · {say(ground(one, about), self._language)}"
        for holder in found.holders:
            seat = say(state(holder.seat), self._language) if holder.seat else nowhere
            capital, votes = (between(bounds, self._language) for bounds in (holder.capital, holder.votes))
            yield (
                f"  {self._in(holder.node.name)} ({seat}){self._colon} {self._t('capital', 'capital')} {capital},"
                f" {self._t('voix', 'votes')} {votes}"
            )
        if found.holders:
            capital, votes = (between(bounds, self._language) for bounds in (found.capital, found.votes))
            yield self._t(
                f"  ensemble : capital {capital}, voix {votes}", f"  together: capital {capital}, votes {votes}"
            )

    def _sovereignty(self) -> Iterator[str]:
        framework, found = self._framework, self._report.sovereignty
        if framework is None or not found.objectives:
            return
        name = framework.name.fr if self._language == "fr" else framework.name.en
        yield from self._title(f"{name}, {framework.version}", f"{name}, {framework.version}")
        names = {objective.id: objective.name for objective in framework.objectives}
        for objective in found.objectives:
            words = names[objective.id].fr if self._language == "fr" else names[objective.id].en
            weight = f"{self._t('poids', 'weight')} {objective.weight}"
            yield f"  {objective.id} {self._level(objective):<9} {weight:<9} {words}{self._why(objective)}"
        score = self._t("inconnue", "unknown")
        if found.score.low > 0 or found.score.high < _WHOLE:
            score = between(found.score, self._language).replace("\u202f", "").replace("%", "")
        formula = framework.formula
        text = formula.text.fr if self._language == "fr" else formula.text.en
        doubt = say(_CONFIDENCE[formula.confidence], self._language)
        yield f"  {self._t('note, sur 100', 'score, of 100')}{self._colon} {score} — {text} ({doubt})"
        if found.gates is not None:
            asked = self._t("niveaux exigés", "levels asked for")
            yield f"  {asked}{self._colon} {say(_VERDICTS[found.gates], self._language)}"

    def _level(self, objective: Objective) -> str:
        low, high = objective.seal
        return f"SEAL-{low}" if low == high else f"SEAL {low}–{high}"

    def _why(self, objective: Objective) -> str:
        parts = [say(CAPS[name], self._language) for name in objective.why]
        parts += [
            f"{say(CAPS[name], self._language)} {self._t('non exclu', 'not excluded')}" for name in objective.unless
        ]
        if objective.passes is not None:
            asked = f"{self._t('exigé', 'asked for')} {objective.gate}"
            parts.append(f"{asked}{self._colon} {say(_VERDICTS[objective.passes], self._language)}")
        cited = self._dated(objective.facts)
        return (f" — {' ; '.join(parts)}" if parts else "") + cited

    def _transfer(self) -> Iterator[str]:
        found = self._report.transfer
        yield from self._title("RGPD, chapitre V : base d'un transfert", "GDPR chapter V: basis of a transfer")
        both = (
            ("machines", found.machines, self._t("machines", "machines")),
            ("people", found.people, self._t("accès de personnes", "access by people")),
        )
        for by, basis, words in both:
            yield f"  {words}{self._colon} {say(_BASES[basis], self._language)}"
            for destination in found.destinations:
                if destination.by == by:
                    yield f"    {self._destination(destination)}"

    def _destination(self, found: Destination) -> str:
        line = f"{say(state(found.state), self._language)}{self._colon} {say(_BASES[found.basis], self._language)}"
        if found.decision:
            decision = self._in(found.decision)
            line += self._t(f" — « {decision} »", f" — “{decision}”")
        if found.needs and found.basis == "safeguards":
            line += self._t(
                f" : ne couvre que qui a « {found.needs} », ce qu'aucun fait ne dit",
                f": it covers only who holds “{found.needs}”, which no fact says",
            )
        return line + (f" <{found.source}>" if found.source else "")

    def _cited(self) -> Iterator[str]:
        yield from self._title("Sources", "Sources")
        if not self._sources:
            yield self._t(
                "  Aucune : le registre ne tient aucun fait là-dessus.", "  None: the registry holds no fact on this."
            )
        for source, number in self._sources.items():
            yield f"  [{number}] {source}"
        yield self._t(
            "« Peut contraindre » ne veut pas dire « a contraint ». Ceci n'est pas un avis juridique.",
            "“Can compel” does not mean “has compelled”. This is not legal advice.",
        )

    def _dated(self, facts: Iterable[Vouched]) -> str:
        """Return since when facts hold, where they say so, and their sources as numbers."""
        listed = list(facts)
        since = sorted({begun for fact in listed if (begun := getattr(fact, "since", None))})
        dates = f", {self._t('depuis', 'since')} {since[-1]}" if since else ""
        return dates + "".join(dict.fromkeys(self._cite(fact) for fact in listed))

    def _cite(self, fact: Vouched) -> str:
        confidence = say(_CONFIDENCE[fact.confidence], self._language)
        signer = f", {self._t('garant', 'vouched for by')} {fact.signer}" if fact.signer else ""
        kind = say(source_kind(fact.source.kind), self._language)
        ref = self._in(fact.source.ref)
        source = f"{ref} ({kind}), {fact.as_of}, {confidence}{signer}"
        return f" [{self._sources.setdefault(source, len(self._sources) + 1)}]"

    def _known(self, name: str) -> str:
        """Return a name, with what says that there is such an entity."""
        entity = self._registry.entities.get(name)
        return self._name(name) + (self._cite(entity) if entity is not None else "")

    def _name(self, name: str) -> str:
        entity = self._registry.entities.get(name) or self._registry.services.get(name)
        return self._in(entity.name) if entity is not None else name

    def _in(self, text: str | BilingualText) -> str:
        return text_in(text, self._language)

    def _title(self, fr: str, en: str) -> Iterator[str]:
        title = self._t(fr, en)
        yield ""
        yield title
        yield "─" * len(title)

    def _t(self, fr: str, en: str) -> str:
        return fr if self._language == "fr" else en
