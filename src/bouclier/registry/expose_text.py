"""A report as text that a data protection officer reads, in French or English. Pure.

In this order: the one sentence; foreign laws, by state, with the chain by which each reaches and the source and date of
each fact in it; what weighs without compelling; what is not known and what it could change; SecNumCloud 19.6; the
framework of sovereignty; chapter V; the sources. A law that reaches by the same chain as another is told with it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bouclier.registry.draw_states import state
from bouclier.registry.draw_words import INFLUENCES, TRIGGERS, day_in_words, say, state_names, verdict_of
from bouclier.registry.expose_words import CAPS, between, could, ground, how, what
from bouclier.registry.model import IMPLICIT_LAW, Certainty
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bouclier.registry.draw_model import Language
    from bouclier.registry.framework import Framework
    from bouclier.registry.model import Registry, Vouched
    from bouclier.registry.report_model import Destination, Objective, Reached, Report, Step

_CERTAINTY: Final[Mapping[Certainty, Bilingual]] = {
    Certainty.ESTABLISHED: Bilingual("établi", "established"),
    Certainty.CONTESTED: Bilingual("contesté", "contested"),
}
_CONFIDENCE: Final[Mapping[str, Bilingual]] = {
    "high": Bilingual("sûr", "sure"),
    "medium": Bilingual("assez sûr", "fairly sure"),
    "low": Bilingual("peu sûr", "not very sure"),
    "unverified": Bilingual("non vérifié", "unverified"),
}
_WHOLE: Final = 100
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
        yield from self._laws()
        yield from self._influences()
        yield from self._unknowns()
        yield from self._holders()
        yield from self._sovereignty()
        yield from self._transfer()
        yield from self._cited()

    def _head(self) -> Iterator[str]:
        report = self._report
        yield f"{report.node.name} ({report.node.id})"
        day = day_in_words(report.day, self._language)
        digest = report.registry[:12]
        yield self._t(f"Au {day}, d'après le registre {digest}.", f"On {day}, by the registry {digest}.")
        if report.operators:
            names = ", ".join(self._name(name) for name in report.operators)
            yield self._t(f"Qui peut accéder aux données : {names}.", f"Who can reach the data: {names}.")
        if report.served_by:
            names = ", ".join(report.served_by)
            yield self._t(f"Services connus pour servir ce modèle : {names}.", f"Known to be served by: {names}.")
        yield ""
        yield verdict_of(report, self._language)
        if report.home:
            names = state_names(report.home, self._language)
            yield self._t(
                f"Le droit de la zone juridique s'y applique, sans être étranger : {names}.",
                f"The law of the legal area applies to it and is not foreign: {names}.",
            )

    def _laws(self) -> Iterator[str]:
        if not self._report.reaches:
            return
        yield from self._title("Lois étrangères qui peuvent contraindre", "Foreign laws that can compel")
        by_state: dict[tuple[Certainty, str], list[Reached]] = defaultdict(list)
        for reached in self._report.reaches:
            by_state[reached.certainty, reached.jurisdiction].append(reached)
        for (certainty, code), reaches in by_state.items():
            yield f"{say(state(code), self._language)} — {say(_CERTAINTY[certainty], self._language)}"
            by_chain: dict[tuple[Step, ...], list[Reached]] = defaultdict(list)
            for reached in reaches:
                by_chain[reached.chain].append(reached)
            for chain in sorted(by_chain, key=lambda chain: _nearest_first(chain, by_chain[chain])):
                yield from self._reach(chain, by_chain[chain])

    def _reach(self, chain: tuple[Step, ...], together: list[Reached]) -> Iterator[str]:
        triggers = ", ".join(sorted({say(TRIGGERS[reached.trigger], self._language) for reached in together}))
        yield f"  {triggers[:1].upper()}{triggers[1:]}{self._colon}"
        for step in chain:
            yield f"    {step.begin.name} {say(how(step), self._language)}{self._dated(step.facts)}"
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
        since = f" ; {self._t('depuis', 'since')} {law.since}" if law.since else ""
        if name in self._told:
            return f"{title} ({name})"
        self._told.add(name)
        return f"{title} ({name}){self._colon} {allows} {law.basis}{since}{self._cite(law)}"

    def _influences(self) -> Iterator[str]:
        if not self._report.influences:
            return
        yield from self._title("Ce qui pèse sans contraindre", "What weighs without compelling")
        for influence in self._report.influences:
            last = influence.chain[-1]
            foreign = [code for code in influence.states if code not in self._registry.members]
            where = f" — {state_names(foreign, self._language)}" if foreign else ""
            kind = say(INFLUENCES[influence.kind], self._language)
            yield (f"  {kind} : {last.begin.name} {say(how(last), self._language)}{where}{self._dated(last.facts)}")

    def _unknowns(self) -> Iterator[str]:
        if not self._report.unknowns:
            return
        yield from self._title("Ce qu'on ne sait pas", "What is not known")
        for unknown in self._report.unknowns:
            yield f"  {say(what(unknown), self._language)}"
            yield f"    → {say(could(unknown), self._language)}"

    def _holders(self) -> Iterator[str]:
        found = self._report.holders
        if not found.operator:
            return
        yield from self._title(
            f"SecNumCloud 19.6 (a) et (b), pour {self._name(found.operator)}",
            f"SecNumCloud 19.6 (a) and (b), for {self._name(found.operator)}",
        )
        yield f"  {say(_VERDICTS[found.verdict], self._language)}"
        for one in found.grounds:
            yield f"  · {say(ground(one, self._name(one.about)), self._language)}"
        for holder in found.holders:
            seat = say(state(holder.seat), self._language) if holder.seat else self._t("siège inconnu", "seat unknown")
            capital, votes = (between(bounds, self._language) for bounds in (holder.capital, holder.votes))
            yield (
                f"  {holder.node.name} ({seat}){self._colon} {self._t('capital', 'capital')} {capital},"
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
            line += f" — {found.decision}"
        if found.needs and found.basis == "safeguards":
            line += self._t(
                f" : ne couvre que qui a « {found.needs} », ce qu'aucun fait ne dit",
                f": it covers only who holds “{found.needs}”, which no fact says",
            )
        return line + (f" <{found.source}>" if found.source else "")

    def _cited(self) -> Iterator[str]:
        yield from self._title("Sources", "Sources")
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
        source = f"{fact.source.ref} ({fact.source.kind}), {fact.as_of}, {confidence}{signer}"
        return f" [{self._sources.setdefault(source, len(self._sources) + 1)}]"

    def _name(self, name: str) -> str:
        entity = self._registry.entities.get(name) or self._registry.services.get(name)
        return entity.name if entity is not None else name

    def _title(self, fr: str, en: str) -> Iterator[str]:
        title = self._t(fr, en)
        yield ""
        yield title
        yield "─" * len(title)

    def _t(self, fr: str, en: str) -> str:
        return fr if self._language == "fr" else en
