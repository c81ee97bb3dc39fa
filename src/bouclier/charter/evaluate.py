"""Ask Cedar whether, and under which obligations, and believe a yes only when nothing at all went wrong.

There are two questions: may this deployment serve (`infer`), and what is owed if it does (`oblige`). Both are about the
same facts, so Cedar is asked once, all policies together: a `forbid` that holds decides, as it would alone; of the
`permit`s that hold, those of `infer` grant, and those of `oblige` oblige without granting anything. Cedar's Allow is
therefore no yes by itself: it takes a permit that grants.

Cedar fails open: a `forbid` whose condition errs is skipped, and the decision may still be Allow; an entity that
does not exist is no error by itself. Validation of the policies excludes most of this beforehand, but not all:
an integer can overflow, and a name can be absent. So every answer passes these checks, in this order:

1. principal and resource are in the entity set that goes with the question;
2. the schema is supplied, so the question itself is validated;
3. the decision is Allow or Deny, not NoDecision;
4. no policy erred; where the answer is no, none of `infer`: what would have been owed does not matter then.

Cedar's own messages may quote the question, so none of their text is repeated: only ids of policies are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cedarpy import Decision, is_authorized

from bouclier.terms.errors import Bilingual, CharterError

if TYPE_CHECKING:
    from bouclier.charter.model import Charter, Policy
    from bouclier.charter.question import EntitySet, Question
    from bouclier.charter.slicing import Known

_FAILED_POLICY = re.compile(r"while evaluating policy `policy(\d+)`")

_HINT = Bilingual(
    fr="Rien n’est parti. L’administrateur doit corriger la charte ou le déploiement cité.",
    en="Nothing has left. Whoever runs this gateway must correct the charter or the deployment cited.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the charter says.

    Attributes:
        permitted: Whether it says yes.
        policies: Those that determined it, by id: permits of both actions if yes, forbids if no; none when nothing
            permits.
    """

    permitted: bool
    policies: tuple[Policy, ...]


def evaluate(question: Question, entities: EntitySet, charter: Charter, known: Known | None = None) -> Answer:
    """Return the charter's answer to a question.

    Args:
        question: Of `infer`.
        entities: Those it is about.
        charter: By which it is answered.
        known: What is known of the question, so that policies which cannot hold are left out; None reads them all.

    Raises:
        CharterError: The question is about an unknown entity, does not fit the schema, or a policy erred. The
            caller must then refuse.
    """
    for uid in (question["principal"], question["resource"]):
        if uid not in entities:
            raise _broken(
                uid["type"],
                fr="la question porte sur une entité inconnue",
                en="the question is about an unknown entity",
            )
    try:
        policies = charter.prepared.all if known is None else charter.prepared.about(known)
        result = is_authorized(dict(question), policies, entities.handle, schema=charter.schema)
    except ValueError:
        raise _misfit(question) from None  # its text may quote the question
    diagnostics = result.diagnostics
    if result.decision is Decision.NoDecision:
        raise _misfit(question)
    determining = [charter.policies[name] for name in sorted(diagnostics.id_annotations_by_reason.values())]
    permitted = result.decision is Decision.Allow and any(policy.action == "infer" for policy in determining)
    failed = _failed_policies(diagnostics.errors, charter) if diagnostics.errors else []
    if any(policy is None or permitted or policy.action == "infer" for policy in failed):
        named = ", ".join(sorted("?" if policy is None else policy.ref.id for policy in failed))
        raise _broken(
            named,
            fr="des politiques ne peuvent être évaluées",
            en="policies cannot be evaluated",
        )
    if result.decision is Decision.Allow and not permitted:
        determining = []
    return Answer(permitted=permitted, policies=tuple(determining))


def _failed_policies(errors: list[str], charter: Charter) -> list[Policy | None]:
    """Return the policies that erred; None for what an error does not name."""
    failed: list[Policy | None] = []
    for error in errors:
        places = [int(place) for place in _FAILED_POLICY.findall(error)]
        failed += [charter.policies[charter.prepared.ids[place]] for place in places] or [None]
    return failed


def _misfit(question: Question) -> CharterError:
    return _broken(
        question["resource"]["type"],
        fr="la question ne correspond pas au schéma de la charte",
        en="the question does not fit the charter’s schema",
    )


def _broken(about: str, *, fr: str, en: str) -> CharterError:
    return CharterError(Bilingual(fr=f"Charte : {fr} ({about}).", en=f"Charter: {en} ({about})."), _HINT, param=about)
