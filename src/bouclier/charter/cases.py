"""The cases that say what a charter must answer: a jurist writes them, one a line, and every pack carries its own.

A case is decided against the whole charter, by the very function the gateway runs, so a pack's cases also hold it to
what the other packs say. Besides what was expected, it is told which policies no case exercises: an article that
nobody ever saw decide is an article nobody checked.

Not done here: reading YAML (`compose.charter_cases`).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.charter.decide import decide
from bouclier.terms.duties import is_duty
from bouclier.terms.errors import Bilingual, CharterError
from bouclier.terms.law import Deployment, Duty, Exposure, Openness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bouclier.charter.model import Charter, Effect, Policy
    from bouclier.charter.pack_data import CharterData
    from bouclier.terms.law import Case, Verdict

OWN: Final = "own"
_WORDS: Final = frozenset((Duty.WARN.value, Duty.RETAIN.value, Duty.CARBON_CAP.value))


@dataclass(frozen=True, slots=True)
class CharterCase:
    """What a charter must answer.

    Attributes:
        line: Where it stands in its file, from 1.
        sentence: What it says, for people.
        case: What is asked.
        deployment: Of whom.
        expect: The answer.
        by: Ids of policies that must be among those that determine it.
        duties: Owed, as verdicts spell them.
        without: Not owed: a duty, or a word such as `warn` for all of its kind.
    """

    line: int
    sentence: str
    case: Case
    deployment: Deployment
    expect: Effect
    by: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


class CaseResult(NamedTuple):
    """What a charter answered.

    Attributes:
        case: What was asked.
        found: The answer; None if the charter could not answer.
        problems: Where it is not what was expected; empty when all is well.
    """

    case: CharterCase
    found: Verdict | None
    problems: tuple[Bilingual, ...]


def run_case(case: CharterCase, charter: Charter) -> CaseResult:
    """Return what a charter answers to a case, and where that is not what was expected."""
    try:
        verdict = decide(case.case, case.deployment, charter)
    except CharterError as error:
        return CaseResult(case, None, (error.message,))
    problems = []
    found = "permit" if verdict.permitted else "forbid"
    if found != case.expect:
        problems.append(Bilingual(f"attendu {case.expect}, trouvé {found}", f"expected {case.expect}, found {found}"))
    determining = {policy.id for policy in verdict.policies}
    missing = [identifier for identifier in case.by if identifier not in determining]
    if missing:
        listed = ", ".join(missing)
        problems.append(Bilingual(f"n'a pas décidé : {listed}", f"did not decide: {listed}"))
    lacking = [duty for duty in case.duties if not _is_owed(duty, verdict.duties)]
    if lacking:
        listed = ", ".join(lacking)
        problems.append(Bilingual(f"devoir absent : {listed}", f"duty not owed: {listed}"))
    unwanted = [duty for duty in case.without if _is_owed(duty, verdict.duties)]
    if unwanted:
        listed = ", ".join(unwanted)
        problems.append(Bilingual(f"devoir de trop : {listed}", f"duty owed, though it should not be: {listed}"))
    return CaseResult(case, verdict, tuple(problems))


def untested(charter: Charter, results: Iterable[CaseResult]) -> tuple[Policy, ...]:
    """Return the policies that determined none of the answers, in the order of the charter."""
    seen = {policy.id for result in results if result.found is not None for policy in result.found.policies}
    return tuple(policy for policy in charter.policies.values() if policy.ref.id not in seen)


def spelled_duty(duty: str, data: CharterData, *, kinds: bool = False) -> str | None:
    """Return a duty of a case as verdicts spell it, `retain:ai-act-logs` as `retain:180-3650`; None if it is none.

    Args:
        duty: As a jurist writes it, with an id of `data.json` or with figures.
        data: What the charter's packs know.
        kinds: Whether a bare word such as `warn` is one too: any of its kind.
    """
    word, _, argument = duty.partition(":")
    if kinds and duty in _WORDS:
        return duty
    if word == Duty.RETAIN and argument in data.retention:
        kept = data.retention[argument]
        return f"{Duty.RETAIN}:{kept.min_days}-{kept.max_days}"
    if word == Duty.CARBON_CAP and argument in data.budgets:
        return f"{Duty.CARBON_CAP}:{data.budgets[argument]}"
    if word == Duty.WARN and argument not in data.warnings:
        return None
    return duty if is_duty(duty) else None


def _is_owed(duty: str, owed: tuple[str, ...]) -> bool:
    return any(one.partition(":")[0] == duty for one in owed) if duty in _WORDS else duty in owed


def _common(name: str, exposure: Exposure, **facts: str) -> Deployment:
    return Deployment(
        name=name,
        model="modele",
        operator=facts.get("operator", name),
        operator_name=name,
        site="",
        own=name == OWN,
        openness=Openness.UNKNOWN if name == "unknown" else Openness.OPEN,
        exposure=exposure,
        country=facts.get("country"),
    )


COMMON_DEPLOYMENTS: Final[Mapping[str, Deployment]] = MappingProxyType(
    {
        one.name: one
        for one in (
            _common(OWN, Exposure(known=True), operator="self", country="FR"),
            _common("eu-public", Exposure(known=True, control=("FR",)), country="FR"),
            _common("eu-private", Exposure(known=True, control=("DE",)), country="DE"),
            _common(
                "us-controlled",
                Exposure(known=True, control=("US",), foreign_laws=("law-of-US", "us-cloud-act", "us-fisa-702")),
                country="FR",
            ),
            _common("unknown", Exposure(known=False)),
        )
    }
)
"""Deployments that every file of cases may name: none has a qualification, an evaluation or a known carbon figure."""
