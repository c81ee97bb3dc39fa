"""Read a charter whole, or not at all.

A charter is refused when it does not parse, asks what the schema does not offer, has a policy without its id, legal
basis and titles, has an annotation nobody knows (a misspelt `@duty` would silently drop a duty), names a duty whose
argument no pack's data explains, or has a schema that cannot hold the gateway's own questions.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from cedarpy import Decision, PolicySet, Schema, is_authorized, policies_to_pst, validate_policies
from cedarpy.pst import ActionEq

from bouclier.charter.bundle import bundle_of
from bouclier.charter.json_files import decoded
from bouclier.charter.locate import error_line
from bouclier.charter.model import About, Charter, PackAbout, Policy
from bouclier.charter.order_reading import parse_authorities
from bouclier.charter.pack_data import CharterData, PackData, merged_data, parse_pack_data
from bouclier.charter.parse_policies import Known, check_intricacy, parse_policies
from bouclier.charter.question import entities_of, prepare_entities, question_of
from bouclier.charter.slicing import PreparedPolicies
from bouclier.charter.wrong import wrong
from bouclier.terms.content import DataClass
from bouclier.terms.law import Case, Deployment, Exposure, Openness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.charter.json_files import Wrong

ABOUT_FILE: Final = "charter.json"
SCHEMA_FILE: Final = "schema.cedarschema"
AUTHORITIES_FILE: Final = "authorities.json"
POLICIES_FILE: Final = "policies.cedar"
PACK_FILE: Final = "pack.json"
DATA_FILE: Final = "data.json"
TESTS_FILE: Final = "tests.yaml"
TEXT_FILES: Final = ("text.fr.md", "text.en.md")
PACK_FILES: Final = frozenset((POLICIES_FILE, PACK_FILE, DATA_FILE, TESTS_FILE, *TEXT_FILES))

_T = TypeVar("_T")
_EMPTY_DATA: Final = '{"format":"bouclier-pack-data/v1"}'


class _Pack(NamedTuple):
    about: PackAbout
    data: PackData


def parse_charter(files: Mapping[str, str]) -> Charter:
    """Return a charter ready to decide.

    Args:
        files: Its texts by path: `charter.json`, `schema.cedarschema`, `authorities.json`, and per pack those under
            `packs/<name>/`.

    Raises:
        CharterError: It cannot be used; `param` names the file, and the line where there is one.
    """
    digest = hashlib.sha256(bundle_of(files)).hexdigest()
    about = _decoded(files, ABOUT_FILE, About)
    _check_paths(files, about)
    if AUTHORITIES_FILE in files:
        parse_authorities(files[AUTHORITIES_FILE].encode())
    schema = _parse_schema(_text(files, SCHEMA_FILE))
    packs = {name: _parse_pack(files, name) for name in about.packs}
    data = merged_data(
        {name: pack.data for name, pack in packs.items()},
        lambda pack, fr, en: wrong(_path(pack, DATA_FILE), None, fr=fr, en=en),
    )
    known = Known(data.warnings, data.retention, data.budgets)
    policies: dict[str, Policy] = {}
    texts: dict[str, str] = {}
    for name in about.packs:
        file = _path(name, POLICIES_FILE)
        for policy, text in parse_policies(_text(files, file), file, known, taken=policies):
            policies[policy.ref.id], texts[policy.ref.id] = policy, text
    charter = _prepared(
        about=about,
        packs=MappingProxyType({name: pack.about for name, pack in packs.items()}),
        digest=digest,
        files=MappingProxyType(dict(files)),
        policies=policies,
        texts=texts,
        data=data,
        schema=schema,
    )
    _check_vocabulary(schema)
    return charter


def with_policies(charter: Charter, policies: str, data: CharterData, *, file: str) -> Charter:
    """Return a charter to which policies were added: those of orders. Its digest stays that of what was signed.

    Args:
        charter: As parsed.
        policies: Cedar text; each must only restrict, which whoever compiled it answers for.
        data: What the charter's packs and the added policies know together.
        file: What to call the text in errors.

    Raises:
        CharterError: They do not fit the charter's schema, or take an id that is taken.
    """
    known = Known(data.warnings, data.retention, data.budgets)
    every, texts = dict(charter.policies), {}
    for path in dict.fromkeys(policy.file for policy in charter.policies.values()):
        for policy, text in parse_policies(charter.files[path], path, known, taken={}):
            texts[policy.ref.id] = text
    for policy, text in parse_policies(policies, file, known, taken=every) if policies else ():
        every[policy.ref.id], texts[policy.ref.id] = policy, text
    return _prepared(
        about=charter.about,
        packs=charter.packs,
        digest=charter.digest,
        files=charter.files,
        policies=every,
        texts=texts,
        data=data,
        schema=charter.schema,
    )


def _prepared(  # noqa: PLR0913 -- all that a charter is
    *,
    about: About,
    packs: Mapping[str, PackAbout],
    digest: str,
    files: Mapping[str, str],
    policies: Mapping[str, Policy],
    texts: Mapping[str, str],
    data: CharterData,
    schema: Schema,
) -> Charter:
    _validate(policies, texts, schema)
    return Charter(
        about=about,
        packs=packs,
        digest=digest,
        files=files,
        policies=MappingProxyType(dict(policies)),
        data=data,
        prepared=_prepare(policies, texts),
        schema=schema,
    )


def _prepare(policies: Mapping[str, Policy], texts: Mapping[str, str]) -> PreparedPolicies:
    """Prepare the policies of both actions under one, so that Cedar is asked once; `evaluate` tells them apart."""
    tree = policies_to_pst("\n".join(texts[identifier] for identifier in policies))
    asked = {
        place: replace(template, action=replace(template.action, entity=replace(template.action.entity, id="infer")))
        for place, template in tree.static_policies.items()
        if isinstance(template.action, ActionEq)  # all are: `parse_policies` accepts no other
    }
    return PreparedPolicies(replace(tree, static_policies=asked), tuple(policies))


def _check_paths(files: Mapping[str, str], about: About) -> None:
    """Refuse a file that nothing reads: a misspelt name would silently drop what is in it."""
    if len(set(about.packs)) != len(about.packs):
        raise wrong(ABOUT_FILE, None, fr="cite deux fois le même pack", en="names a pack twice")
    expected = {ABOUT_FILE, SCHEMA_FILE, AUTHORITIES_FILE}
    expected |= {_path(pack, file) for pack in about.packs for file in PACK_FILES}
    unexpected = sorted(set(files) - expected)
    if unexpected:
        raise wrong(
            unexpected[0],
            None,
            fr="n'est lu par rien : pack absent de charter.json, ou nom mal écrit",
            en="is read by nothing: a pack missing from charter.json, or a misspelt name",
        )


def _parse_pack(files: Mapping[str, str], name: str) -> _Pack:
    file = _path(name, PACK_FILE)
    about = _decoded(files, file, PackAbout)
    if about.name != name:
        raise wrong(file, None, fr=f"se nomme « {about.name} »", en=f"calls itself '{about.name}'")
    path = _path(name, DATA_FILE)
    data = parse_pack_data(files.get(path, _EMPTY_DATA), _wrong_in(path))
    return _Pack(about, data)


def _path(pack: str, file: str) -> str:
    return f"packs/{pack}/{file}"


def _text(files: Mapping[str, str], path: str) -> str:
    try:
        return files[path]
    except KeyError:
        raise wrong(path, None, fr="manque", en="is missing") from None


def _decoded(files: Mapping[str, str], path: str, shape: type[_T]) -> _T:
    return decoded(_text(files, path), shape, _wrong_in(path))


def _wrong_in(path: str) -> Wrong:
    return lambda fr, en, line=None: wrong(path, line, fr=fr, en=en)


def _parse_schema(schema: str) -> Schema:
    check_intricacy(schema, SCHEMA_FILE)
    try:
        return Schema.from_str(schema)
    except ValueError as error:
        line = error_line(schema, Schema.from_str)
        raise wrong(SCHEMA_FILE, line, fr=f"ne se lit pas : {error}", en=f"does not parse: {error}") from error


def _validate(policies: Mapping[str, Policy], texts: Mapping[str, str], schema: Schema) -> None:
    result = validate_policies("\n".join(texts.values()), schema)
    if result.validation_passed:
        return
    error = result.errors[0]
    identifier = result.id_annotations_by_policy_id.get(error.policy_id, "")
    policy = policies.get(identifier)
    raise wrong(
        SCHEMA_FILE if policy is None else policy.file,
        None if policy is None else policy.line,
        fr=f"ne respecte pas le schéma : {error.error}",
        en=f"does not respect the schema: {error.error}",
    )


def _check_vocabulary(schema: Schema) -> None:
    """Put harmless questions to an empty charter: a schema that cannot hold them would refuse every exchange."""
    deployment = Deployment("probe", "probe", "self", "", "", True, Openness.OPEN, Exposure(known=True))
    case = Case(role="agent", purpose="", data_class=DataClass.PUBLIC)
    for action in ("infer", "oblige"):
        try:
            entities = prepare_entities(entities_of(case.role, deployment), schema)
            question = question_of(action, case, deployment, CharterData())
            result = is_authorized(dict(question), PolicySet.from_str(""), entities.handle, schema=schema)
        except ValueError as error:
            raise _vocabulary(str(error)) from error
        if result.decision is Decision.NoDecision:
            raise _vocabulary("; ".join(result.diagnostics.errors))


def _vocabulary(what: str) -> Exception:
    return wrong(
        SCHEMA_FILE,
        None,
        fr=f"ne décrit pas ce que la passerelle demande : {what}",
        en=f"does not describe what the gateway asks: {what}",
    )
