"""Tell people what the charter says of an exchange, and why: in French or English, from the policies' own titles.

For each candidate: whether it may serve, by which policies, with their titles and legal basis; what is owed; and where
it is refused, what stands in the way, what would otherwise permit it, and what would have to change.

Only what the charter itself may know is told: never a word of the exchange.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bouclier.charter.alone import holding, some_policies
from bouclier.charter.changes import enough_changes
from bouclier.charter.decide import decide
from bouclier.charter.refine import refine
from bouclier.charter.sampling import Request
from bouclier.terms.duties import carbon_cap_of, retention_of
from bouclier.terms.errors import Bilingual
from bouclier.terms.law import Duty

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bouclier.charter.model import Charter, Policy
    from bouclier.terms.law import Case, Deployment, Verdict

_ONLY: Final[dict[str, Bilingual]] = {
    Duty.PSEUDONYMISE: Bilingual(
        "noms et identifiants partent sous pseudonyme", "names and identifiers leave as pseudonyms"
    ),
    Duty.LOCAL_ONLY: Bilingual("seules les machines de l'institution servent", "only the institution's machines serve"),
    Duty.GROUND: Bilingual("la demande doit apporter ses sources", "the request must bring its sources"),
    Duty.SEAL: Bilingual("l'échange est scellé pour les autorités", "the exchange is sealed for the authorities"),
    Duty.HUMAN_REVIEW: Bilingual(
        "une seconde personne approuve avant que rien ne parte", "a second person approves before anything leaves"
    ),
}
_CLASSES: Final = {
    "public": "publique",
    "internal": "interne",
    "pseudonymised": "pseudonymisée",
    "personal": "personnelle",
    "sensitive": "sensible",
    "restricted": "à diffusion restreinte",
    "classified": "classifiée",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the charter answers as it does, of one deployment.

    Attributes:
        verdict: The answer.
        policies: Those that determined it.
        stands_behind: Where a forbid refused: the permits that would have granted it.
        changes: What would each be enough for it to be permitted: sentences, sometimes two that go together.
    """

    verdict: Verdict
    policies: tuple[Policy, ...]
    stands_behind: tuple[Policy, ...] = ()
    changes: tuple[tuple[Bilingual, ...], ...] = ()


def explain(case: Case, deployment: Deployment, charter: Charter) -> Explanation:
    """Return why the charter answers as it does.

    Raises:
        CharterError: It cannot answer.
    """
    verdict = decide(case, deployment, charter)
    named = (charter.policies[policy.id] for policy in verdict.policies)
    policies = tuple(sorted(named, key=lambda policy: (policy.action, policy.ref.id)))
    if verdict.permitted:
        return Explanation(verdict, policies)
    forbids = any(policy.effect == "forbid" for policy in policies)
    changes = enough_changes(case, deployment, charter)
    return Explanation(
        verdict,
        policies,
        stands_behind=_granting(case, deployment, charter) if forbids else (),
        changes=tuple(tuple(change.said for change in some) for some in changes),
    )


def _granting(case: Case, deployment: Deployment, charter: Charter) -> tuple[Policy, ...]:
    """Return the permits that hold, whatever forbids."""
    permits = [one for one in charter.policies.values() if one.effect == "permit" and one.action == "infer"]
    found = holding(some_policies(permits, charter), "infer", Request(case, deployment), charter)
    return tuple(policy for policy in permits if policy.ref.id in found.ids)


def known_lines(case: Case, charter: Charter, *, french: bool) -> Iterator[str]:
    """Yield what the charter knows of an exchange, once its own rules have been applied."""
    refined = refine(case, charter.data)
    slug = refined.data_class.slug
    uses = [charter.data.uses[use] for use in charter.data.uses_of.get(case.purpose, ())]
    day = f"{case.day:08d}"
    lists = (
        ("étiquettes", "labels", refined.labels),
        ("garanties déclarées", "declared safeguards", refined.safeguards),
        ("signaux du second filet", "signals of the second net", refined.signals),
        ("modalités", "modalities", refined.modalities),
        ("capacités demandées", "capabilities asked for", refined.capabilities),
    )
    if french:
        yield f"Classe : {_CLASSES[slug]} ({slug})" + _raised(case, refined, french=True)
        yield f"Finalité : {case.purpose or 'aucune'} ; rôle : {case.role} ; jour : {day[:4]}-{day[4:6]}-{day[6:]}"
        yield from (f"Usage : {use.id} — {use.fr} ({use.basis})" for use in uses)
        yield from (f"{fr.capitalize()} : {', '.join(words)}" for fr, _, words in lists if words)
    else:
        yield f"Class: {slug}" + _raised(case, refined, french=False)
        yield f"Purpose: {case.purpose or 'none'}; role: {case.role}; day: {day[:4]}-{day[4:6]}-{day[6:]}"
        yield from (f"Use: {use.id} — {use.en} ({use.basis})" for use in uses)
        yield from (f"{en.capitalize()}: {', '.join(words)}" for _, en, words in lists if words)


def _raised(case: Case, refined: Case, *, french: bool) -> str:
    if refined.data_class == case.data_class:
        return ""
    slug = case.data_class.slug
    return f", relevée par la charte depuis {slug}" if french else f", raised by the charter from {slug}"


def explained_lines(found: Explanation, charter: Charter, *, french: bool) -> Iterator[str]:
    """Yield an explanation as lines for people."""
    verdict = found.verdict
    name, operator = verdict.deployment.name, verdict.deployment.operator
    if verdict.permitted:
        yield f"{name} ({operator}) : permis" if french else f"{name} ({operator}): permitted"
    else:
        yield f"{name} ({operator}) : refusé" if french else f"{name} ({operator}): refused"
    if not found.policies:
        yield "  rien ne le permet" if french else "  nothing permits it"
    for policy in found.policies:
        yield from _policy_lines(policy, _role(policy, permitted=verdict.permitted, french=french), french=french)
    for said in duty_sentences(verdict.duties, charter):
        yield f"  dû : {said.fr}" if french else f"  owed: {said.en}"
    for policy in found.stands_behind:
        yield from _policy_lines(policy, "permettrait sinon" if french else "would permit it otherwise", french=french)
    if found.changes:
        yield "  suffirait, l'un ou l'autre :" if french else "  any one of these would be enough:"
        for some in found.changes:
            yield "    - " + (" et ".join(one.fr for one in some) if french else " and ".join(one.en for one in some))
    elif not verdict.permitted:
        yield "  aucun changement simple n'y suffirait" if french else "  no simple change would be enough"


def _role(policy: Policy, *, permitted: bool, french: bool) -> str:
    if policy.effect == "forbid":
        return "interdit" if french else "forbids"
    if not permitted:
        return "oblige à ce que ce déploiement ne peut tenir" if french else "obliges to what this deployment cannot do"
    if policy.action == "oblige":
        return "oblige" if french else "obliges"
    return "permet" if french else "permits"


def _policy_lines(policy: Policy, role: str, *, french: bool) -> Iterator[str]:
    ref = policy.ref
    title = ref.title_fr if french else ref.title_en
    yield f"  {role} : {title}" if french else f"  {role}: {title}"
    yield f"      {ref.id} — {ref.basis}"


def duty_sentences(duties: Iterable[str], charter: Charter) -> Iterator[Bilingual]:
    """Yield what duties ask for, as sentences."""
    owed = tuple(duties)
    for duty in owed:
        word, _, argument = duty.partition(":")
        if word in _ONLY:
            yield _ONLY[word]
        elif word == Duty.WARN:
            warning = charter.data.warnings.get(argument)
            said = Bilingual(argument, argument) if warning is None else Bilingual(warning.fr, warning.en)
            yield Bilingual(f"la réponse avertit : {said.fr}", f"the answer warns: {said.en}")
    kept, cap = retention_of(owed), carbon_cap_of(owed)
    if kept is not None:
        yield Bilingual(
            f"ce qui est scellé se garde de {kept.min_days} à {kept.max_days} jours",
            f"what is sealed is kept from {kept.min_days} to {kept.max_days} days",
        )
    if cap is not None:
        yield Bilingual(f"l'échange coûte au plus {cap} mg de CO2e", f"the exchange costs at most {cap} mg CO2e")
