"""Read the policies of one Cedar text: each with its id, basis, titles, action and duties, and its own text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from cedarpy import policies_to_pst
from cedarpy.pst import ActionEq, Var

from bouclier.charter.locate import error_line, intricate_line, policy_texts
from bouclier.charter.model import Policy
from bouclier.charter.order_model import ORDER_PREFIX
from bouclier.charter.question import ACTION
from bouclier.charter.wrong import wrong
from bouclier.terms.duties import KEYWORD, is_duty, merge
from bouclier.terms.errors import CharterError
from bouclier.terms.law import Duty, PolicyRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cedarpy.pst import Template

    from bouclier.charter.model import Action
    from bouclier.charter.pack_data import Retained, Warned

_REQUIRED: Final = ("id", "basis", "title_fr", "title_en")
_KNOWN: Final = frozenset((*_REQUIRED, "duty"))
_ACTION_TYPE: Final = tuple(ACTION.split("::"))


class Known(NamedTuple):
    """What the arguments of duties may name."""

    warnings: Mapping[str, Warned]
    retention: Mapping[str, Retained]
    budgets: Mapping[str, int]


def parse_policies(text: str, file: str, known: Known, *, taken: Mapping[str, Policy]) -> Iterator[tuple[Policy, str]]:
    """Yield the policies of a text in their order, each with its own text.

    Args:
        text: Cedar policies.
        file: Where they stand, for errors.
        known: What the arguments of duties may name.
        taken: Policies read before, by id.

    Raises:
        CharterError: The text does not parse, or a policy is not as it must be.
    """
    check_intricacy(text, file)
    try:
        tree = policies_to_pst(text)
    except ValueError as error:
        line = error_line(text, policies_to_pst)
        raise wrong(file, line, fr=f"ne se lit pas : {error}", en=f"does not parse: {error}") from error
    # Cedar numbers policies by their order in the text: policy0, policy1, ...
    texts = policy_texts(text)
    if tree.templates or len(texts) != len(tree.static_policies):
        raise wrong(
            file,
            None,
            fr="contient un modèle de politique (?principal, ?resource) ; seules des politiques entières comptent",
            en="contains a policy template (?principal, ?resource); only whole policies count",
        )
    if not texts:
        raise wrong(file, None, fr="ne contient aucune politique", en="contains no policy")
    seen = dict(taken)
    for place, (line, own_text) in enumerate(texts):
        policy = _parse_policy(tree.static_policies[f"policy{place}"], file, line, known)
        first = seen.get(policy.ref.id)
        if first is not None:
            where_fr = f"ligne {first.line}" if first.file == file else f"{first.file}, ligne {first.line}"
            where_en = f"line {first.line}" if first.file == file else f"{first.file}, line {first.line}"
            raise wrong(
                file,
                line,
                fr=f"@id « {policy.ref.id} » est déjà pris, {where_fr}",
                en=f"@id '{policy.ref.id}' is already taken, {where_en}",
            )
        seen[policy.ref.id] = policy
        yield policy, own_text


def check_intricacy(text: str, file: str) -> None:
    """Check that a text may be given to the engine.

    Raises:
        CharterError: It is nested too deep, or a policy of it is chained too long.
    """
    line = intricate_line(text)
    if line is not None:
        raise wrong(
            file,
            line,
            fr="est trop imbriqué, ou trop long pour une seule politique : faites-en plusieurs",
            en="is nested too deep, or too long for one policy: make several of it",
        )


def _parse_policy(template: Template, file: str, line: int, known: Known) -> Policy:
    annotations = template.annotations
    for name in _REQUIRED:
        if not annotations.get(name, "").strip():
            raise wrong(file, line, fr=f"@{name} manque", en=f"@{name} is missing")
    unknown = sorted(set(annotations) - _KNOWN)
    if unknown:
        names = ", ".join(f"@{name}" for name in unknown)
        raise wrong(file, line, fr=f"annotation inconnue : {names}", en=f"unknown annotation: {names}")
    identifier = annotations["id"]
    if not _IDENTIFIER.fullmatch(identifier):
        raise wrong(
            file,
            line,
            fr=f"@id « {identifier} » : minuscules sans accent, chiffres et tirets seulement",
            en=f"@id '{identifier}': lower-case letters, digits and hyphens only",
        )
    if identifier.startswith(ORDER_PREFIX) and file.startswith("packs/"):
        # Whose name is taken cannot come into force: nobody may keep an order out by its name.
        raise wrong(
            file,
            line,
            fr=f"@id « {identifier} » : « {ORDER_PREFIX} » est réservé aux injonctions des autorités",
            en=f"@id '{identifier}': '{ORDER_PREFIX}' is kept for the orders of authorities",
        )
    action = _action(template, file, line)
    if any(_names_action(clause) for clause in template.clauses):
        raise wrong(
            file,
            line,
            fr="l'action se nomme dans l'en-tête de la politique seulement, pas dans when ou unless",
            en="the action is named in the policy's head only, not in when or unless",
        )
    if action == "oblige" and template.effect == "forbid":
        raise wrong(
            file,
            line,
            fr="une interdiction (forbid) n'a pas de sens pour l'action « oblige »",
            en="a forbid means nothing for the action 'oblige'",
        )
    return Policy(
        ref=PolicyRef(
            id=identifier,
            basis=annotations["basis"],
            title_fr=annotations["title_fr"],
            title_en=annotations["title_en"],
        ),
        effect=template.effect,
        action=action,
        duties=_parse_duties(template, file, line, known, action=action),
        file=file,
        line=line,
    )


_IDENTIFIER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")


def _names_action(node: object) -> bool:
    """Tell whether a condition reads the action: both questions are put at once, so there it would be another one."""
    if isinstance(node, Var):
        return node.name == "action"
    if is_dataclass(node):
        return any(_names_action(getattr(node, one.name)) for one in fields(node))
    if isinstance(node, Mapping):
        return any(map(_names_action, node.values()))
    return isinstance(node, tuple | list) and any(map(_names_action, node))


def _action(template: Template, file: str, line: int) -> Action:
    constraint = template.action
    if isinstance(constraint, ActionEq):
        uid = constraint.entity
        named = (*(uid.type.namespace or ()), uid.type.basename)
        if named == _ACTION_TYPE and uid.id == "infer":
            return "infer"
        if named == _ACTION_TYPE and uid.id == "oblige":
            return "oblige"
    raise wrong(
        file,
        line,
        fr=f'doit nommer une action : action == {ACTION}::"infer" ou "oblige"',
        en=f'must name one action: action == {ACTION}::"infer" or "oblige"',
    )


def _parse_duties(template: Template, file: str, line: int, known: Known, *, action: Action) -> tuple[str, ...]:
    if "duty" not in template.annotations:
        if action == "oblige":
            raise wrong(file, line, fr="oblige sans dire à quoi : @duty manque", en="obliges to nothing: no @duty")
        return ()
    if template.effect == "forbid":
        raise wrong(file, line, fr="@duty n’a pas de sens sur une interdiction", en="@duty means nothing on a forbid")
    spelled = [duty.strip() for duty in template.annotations["duty"].split(",")]
    resolved = [_resolved(duty, file, line, known) for duty in spelled]
    try:
        return merge(resolved)
    except CharterError as error:
        raise wrong(file, line, fr=error.message.fr, en=error.message.en) from error


def _resolved(duty: str, file: str, line: int, known: Known) -> str:
    """Return a duty with what its argument stands for."""
    word, mark, argument = duty.partition(":")
    if mark and KEYWORD.fullmatch(argument):
        if word == Duty.WARN and argument in known.warnings:
            return duty
        kept = known.retention.get(argument)
        if word == Duty.RETAIN and kept is not None:
            return f"{Duty.RETAIN}:{kept.min_days}-{kept.max_days}"
        cap = known.budgets.get(argument)
        if word == Duty.CARBON_CAP and cap is not None:
            return f"{Duty.CARBON_CAP}:{cap}"
    elif is_duty(duty):
        return duty
    defined: dict[str, Collection[str]] = {
        Duty.WARN: known.warnings,
        Duty.RETAIN: known.retention,
        Duty.CARBON_CAP: known.budgets,
    }
    named = defined.get(word)
    if mark and named is not None:
        there = ", ".join(sorted(named)) or "-"
        raise wrong(
            file,
            line,
            fr=f"devoir « {duty} » : aucun data.json ne définit « {argument} » (définis : {there})",
            en=f"duty '{duty}': no data.json defines '{argument}' (defined: {there})",
        )
    words = ", ".join(known_duty.value for known_duty in Duty)
    raise wrong(
        file,
        line,
        fr=f"devoir inconnu : « {duty} » (connus : {words} ; leur argument est un identifiant de data.json)",
        en=f"unknown duty: '{duty}' (known: {words}; their argument is an id of data.json)",
    )
