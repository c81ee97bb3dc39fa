"""Read a charter whole, or not at all.

A charter is refused when it does not parse, asks what the schema does not offer, has a policy without its id, legal
basis and titles, has an annotation nobody knows (a misspelt `@duty` would silently drop a duty), or has a schema
that cannot hold the gateway's own questions.
"""

from __future__ import annotations

import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
from cedarpy import Decision, PolicySet, Schema, is_authorized, policies_to_pst, validate_policies

from bouclier.charter.locate import error_line, policy_lines
from bouclier.charter.model import About, Charter, Policy
from bouclier.charter.question import entities_of, prepare_entities, question_of
from bouclier.terms.content import DataClass
from bouclier.terms.errors import Bilingual, CharterError
from bouclier.terms.law import Case, Deployment, Duty, Exposure, Openness, PolicyRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cedarpy.pst import Template

POLICIES_FILE = "policies.cedar"
SCHEMA_FILE = "schema.cedarschema"
ABOUT_FILE = "charter.json"

_REQUIRED = ("id", "basis", "title_fr", "title_en")
_KNOWN = frozenset((*_REQUIRED, "duty"))
_DUTIES = frozenset(duty.value for duty in Duty)

_HINT = Bilingual(
    fr="Corrigez la charte à l’endroit cité ; tant qu’elle ne se charge pas, tout est refusé.",
    en="Correct the charter at the place cited; until it loads, everything is refused.",
)


def parse_charter(policies: str, schema: str, about: bytes) -> Charter:
    """Return a charter ready to decide.

    Args:
        policies: Cedar policies, as `policies.cedar` holds them.
        schema: Cedar schema, as `schema.cedarschema` holds it.
        about: `charter.json`.

    Raises:
        CharterError: It cannot be used; `param` names the file, and the line where there is one.
    """
    digest = _digest(policies, schema, about)
    described = _parse_about(about)
    prepared_schema = _parse_schema(schema)
    parsed = _parse_policies(policies)
    _validate(policies, prepared_schema, parsed)
    _check_vocabulary(prepared_schema)
    return Charter(
        about=described,
        digest=digest,
        policies=parsed,
        policy_set=PolicySet.from_str(policies),
        schema=prepared_schema,
    )


def _digest(policies: str, schema: str, about: bytes) -> str:
    """Return the SHA-256 of the three texts, each preceded by its name and length so that none can pass for another."""
    digest = hashlib.sha256(b"bouclier-charter/v1\n")
    try:
        texts = ((ABOUT_FILE, about), (POLICIES_FILE, policies.encode()), (SCHEMA_FILE, schema.encode()))
    except UnicodeEncodeError as error:
        raise _wrong(POLICIES_FILE, None, fr="n’est pas de l’UTF-8", en="is not UTF-8") from error
    for name, text in texts:
        digest.update(f"{name} {len(text)}\n".encode())
        digest.update(text)
    return digest.hexdigest()


def _parse_about(about: bytes) -> About:
    try:
        return msgspec.json.decode(about, type=About)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _wrong(ABOUT_FILE, None, fr=f"est mal formé : {error}", en=f"is malformed: {error}") from error


def _parse_schema(schema: str) -> Schema:
    try:
        return Schema.from_str(schema)
    except ValueError as error:
        line = error_line(schema, Schema.from_str)
        raise _wrong(SCHEMA_FILE, line, fr=f"ne se lit pas : {error}", en=f"does not parse: {error}") from error


def _parse_policies(policies: str) -> Mapping[str, Policy]:
    try:
        tree = policies_to_pst(policies)
    except ValueError as error:
        line = error_line(policies, policies_to_pst)
        raise _wrong(POLICIES_FILE, line, fr=f"ne se lit pas : {error}", en=f"does not parse: {error}") from error
    # Cedar numbers policies by their order in the text: policy0, policy1, ...
    lines = policy_lines(policies)
    if tree.templates or len(lines) != len(tree.static_policies):
        raise _wrong(
            POLICIES_FILE,
            None,
            fr="contient un modèle de politique (?principal, ?resource) ; seules des politiques entières comptent",
            en="contains a policy template (?principal, ?resource); only whole policies count",
        )
    parsed: dict[str, Policy] = {}
    for place, line in enumerate(lines):
        policy = _parse_policy(tree.static_policies[f"policy{place}"], line)
        if policy.ref.id in parsed:
            first = parsed[policy.ref.id].line
            raise _wrong(
                POLICIES_FILE,
                line,
                fr=f"@id « {policy.ref.id} » est déjà pris, ligne {first}",
                en=f"@id '{policy.ref.id}' is already taken, line {first}",
            )
        parsed[policy.ref.id] = policy
    if not parsed:
        raise _wrong(POLICIES_FILE, None, fr="ne contient aucune politique", en="contains no policy")
    return MappingProxyType(parsed)


def _parse_policy(template: Template, line: int) -> Policy:
    annotations = template.annotations
    for name in _REQUIRED:
        if not annotations.get(name, "").strip():
            raise _wrong(POLICIES_FILE, line, fr=f"@{name} manque", en=f"@{name} is missing")
    unknown = sorted(set(annotations) - _KNOWN)
    if unknown:
        names = ", ".join(f"@{name}" for name in unknown)
        raise _wrong(POLICIES_FILE, line, fr=f"annotation inconnue : {names}", en=f"unknown annotation: {names}")
    return Policy(
        ref=PolicyRef(
            id=annotations["id"],
            basis=annotations["basis"],
            title_fr=annotations["title_fr"],
            title_en=annotations["title_en"],
        ),
        effect=template.effect,
        duties=_parse_duties(template, line),
        line=line,
    )


def _parse_duties(template: Template, line: int) -> tuple[str, ...]:
    if "duty" not in template.annotations:
        return ()
    if template.effect == "forbid":
        raise _wrong(
            POLICIES_FILE,
            line,
            fr="@duty n’a pas de sens sur une interdiction",
            en="@duty means nothing on a forbid",
        )
    duties = {duty.strip() for duty in template.annotations["duty"].split(",")}
    unknown = sorted(duties - _DUTIES)
    if unknown:
        names = ", ".join(f"'{name}'" for name in unknown)
        known = ", ".join(sorted(_DUTIES))
        raise _wrong(
            POLICIES_FILE,
            line,
            fr=f"devoir inconnu : {names} (connus : {known})",
            en=f"unknown duty: {names} (known: {known})",
        )
    return tuple(sorted(duties))


def _validate(policies: str, schema: Schema, parsed: Mapping[str, Policy]) -> None:
    result = validate_policies(policies, schema)
    if result.validation_passed:
        return
    error = result.errors[0]
    identifier = result.id_annotations_by_policy_id.get(error.policy_id, "")
    line = parsed[identifier].line if identifier in parsed else None
    raise _wrong(
        POLICIES_FILE,
        line,
        fr=f"ne respecte pas le schéma : {error.error}",
        en=f"does not respect the schema: {error.error}",
    )


def _check_vocabulary(schema: Schema) -> None:
    """Put one harmless question to an empty charter: a schema that cannot hold it would refuse every exchange."""
    deployment = Deployment("probe", "probe", "self", "", "", True, Openness.OPEN, Exposure(known=True))
    case = Case(role="agent", purpose="", data_class=DataClass.PUBLIC)
    try:
        entities = prepare_entities(entities_of(case.role, deployment), schema)
        result = is_authorized(
            dict(question_of(case, deployment)), PolicySet.from_str(""), entities.handle, schema=schema
        )
    except ValueError as error:
        raise _vocabulary(str(error)) from error
    if result.decision is Decision.NoDecision:
        raise _vocabulary("; ".join(result.diagnostics.errors))


def _vocabulary(what: str) -> CharterError:
    return _wrong(
        SCHEMA_FILE,
        None,
        fr=f"ne décrit pas ce que la passerelle demande : {what}",
        en=f"does not describe what the gateway asks: {what}",
    )


def _wrong(file: str, line: int | None, *, fr: str, en: str) -> CharterError:
    if line is None:
        return CharterError(Bilingual(fr=f"Charte : {file} {fr}.", en=f"Charter: {file} {en}."), _HINT, param=file)
    return CharterError(
        Bilingual(fr=f"Charte : {file}, ligne {line} : {fr}.", en=f"Charter: {file}, line {line}: {en}."),
        _HINT,
        param=f"{file}:{line}",
    )
