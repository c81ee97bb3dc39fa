"""Decide whether each candidate deployment may serve a case, and under which duties.

Two questions: may it (`infer`), and if so, what is owed (`oblige`). Two duties can turn the answer itself, because they
speak of the deployment: `local-only` refuses whatever is not the institution's own, and `carbon-cap` whatever has no
known figure. The others are for the gateway to carry out.

Pure: the same case, deployment and charter always give the same verdict, so a verdict can be replayed from the log
and remembered. `Decider` remembers; it changes nothing else.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from bouclier.charter.evaluate import evaluate
from bouclier.charter.question import EntitySet, entities_of, prepare_entities, question_of
from bouclier.charter.refine import refine
from bouclier.charter.slicing import known_of
from bouclier.terms.duties import carbon_cap_of, merge
from bouclier.terms.errors import Bilingual, CharterError
from bouclier.terms.law import Duty, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.charter.model import Charter, Policy
    from bouclier.terms.law import Case, Deployment

_MAX_REMEMBERED_PURPOSE_CHARS = 256


def decide(case: Case, deployment: Deployment, charter: Charter) -> Verdict:
    """Return what the charter says of one deployment for one case.

    Raises:
        CharterError: The charter cannot answer without error. Nothing may be sent.
    """
    return _judge(case, deployment, charter, _prepare(case.role, deployment, charter))


def decide_all(case: Case, deployments: Iterable[Deployment], charter: Charter) -> tuple[Verdict, ...]:
    """Return what the charter says of each deployment, in their order.

    Raises:
        CharterError: The charter cannot answer for one of them without error. Nothing may be sent to any.
    """
    return tuple(decide(case, deployment, charter) for deployment in deployments)


class Decider:
    """`decide` under one charter, remembering verdicts: as many as `capacity`, then it begins anew.

    Verdicts are kept by case, then by the deployment's name, and count for that very object alone: a fleet is hashed
    once per exchange, not once per candidate.

    Attributes:
        charter: The charter in force.
    """

    def __init__(self, charter: Charter, *, capacity: int = 32_768) -> None:
        """Remember at most `capacity` verdicts, and as many prepared deployments; errors are not remembered."""
        self.charter = charter
        self._capacity = capacity
        self._count = 0
        self._remembered: dict[Case, dict[str, Verdict]] = {}
        self._prepared = lru_cache(maxsize=capacity)(partial(_prepare, charter=charter))

    def decide(self, case: Case, deployment: Deployment) -> Verdict:
        """Return what `decide` returns, sooner when it was asked before.

        Raises:
            CharterError: As `decide`.
        """
        return self.decide_all(case, (deployment,))[0]

    def decide_all(self, case: Case, deployments: Iterable[Deployment]) -> tuple[Verdict, ...]:
        """Return what `decide_all` returns, sooner when it was asked before.

        Raises:
            CharterError: As `decide_all`.
        """
        # The purpose is the caller's text: remembering long ones would let a caller fill the memory.
        if len(case.purpose) > _MAX_REMEMBERED_PURPOSE_CHARS:
            return tuple(self._judge(case, deployment) for deployment in deployments)
        known = self._remembered.get(case)
        if known is None:
            known = self._remembered[case] = {}
            self._count += 1
        verdicts = []
        for deployment in deployments:
            verdict = known.get(deployment.name)
            if verdict is None or verdict.deployment is not deployment:
                verdict = known[deployment.name] = self._judge(case, deployment)
                self._count += 1
            verdicts.append(verdict)
        if self._count > self._capacity:
            # Another dict, not the same one emptied: another thread may be reading it.
            self._remembered, self._count = {}, 0
        return tuple(verdicts)

    def _judge(self, case: Case, deployment: Deployment) -> Verdict:
        return _judge(case, deployment, self.charter, self._prepared(case.role, deployment))


def _prepare(role: str, deployment: Deployment, charter: Charter) -> EntitySet:
    try:
        return prepare_entities(entities_of(role, deployment), charter.schema)
    except ValueError as error:
        raise CharterError(
            Bilingual(
                fr=f"Charte : le déploiement « {deployment.name} » ne correspond pas au schéma.",
                en=f"Charter: the deployment '{deployment.name}' does not fit the schema.",
            ),
            Bilingual(
                fr="Corrigez le déploiement dans bouclier.yaml, ou le schéma de la charte.",
                en="Correct the deployment in bouclier.yaml, or the charter’s schema.",
            ),
            param=deployment.name,
        ) from error


def _judge(case: Case, deployment: Deployment, charter: Charter, entities: EntitySet) -> Verdict:
    case = refine(case, charter.data)
    try:
        question = question_of("infer", case, deployment, charter.data)
    except UnicodeEncodeError:
        raise _not_text() from None  # its text quotes the question
    known = known_of(case, deployment, charter.data.uses_of.get(case.purpose, ()))
    answer = evaluate(question, entities, charter, known)
    if not answer.permitted:
        return _verdict(deployment, answer.policies)
    policies = answer.policies
    duties = merge(duty for policy in policies for duty in policy.duties)
    refusing = _refusing(deployment, duties)
    if refusing is not None:
        return _verdict(deployment, [policy for policy in policies if _owes(policy, refusing)])
    return _verdict(deployment, policies, permitted=True, duties=duties)


def _not_text() -> CharterError:
    return CharterError(
        Bilingual(
            fr="Charte : un mot de la question n’est pas du texte Unicode.",
            en="Charter: a word of the question is not Unicode text.",
        ),
        Bilingual(
            fr="Rien n’est parti. Corrigez la finalité déclarée.", en="Nothing left. Correct the declared purpose."
        ),
        param="purpose",
    )


def _refusing(deployment: Deployment, duties: tuple[str, ...]) -> Duty | None:
    """Return the duty that this deployment cannot fulfil, if there is one."""
    if Duty.LOCAL_ONLY in duties and not deployment.own:
        return Duty.LOCAL_ONLY
    if carbon_cap_of(duties) is not None and deployment.carbon_mg is None:
        return Duty.CARBON_CAP  # unknown never counts in anyone's favour
    return None


def _owes(policy: Policy, duty: Duty) -> bool:
    return any(owed.partition(":")[0] == duty for owed in policy.duties)


def _verdict(
    deployment: Deployment, policies: Iterable[Policy], *, permitted: bool = False, duties: tuple[str, ...] = ()
) -> Verdict:
    refs = sorted((policy.ref for policy in policies), key=lambda ref: ref.id)
    return Verdict(deployment=deployment, permitted=permitted, policies=tuple(refs), duties=duties)
