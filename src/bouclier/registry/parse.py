"""Read the registry's facts strictly, and check that they agree with each other.

A registry is either whole or an error: an unknown field, an id used twice, a law nobody describes, an operator that
serves but is controlled by no one, all stop the start. Nothing is guessed and nothing is skipped.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import msgspec

from bouclier.registry.model import (
    IMPLICIT_LAW,
    SELF,
    Law,
    LawsFile,
    LegalArea,
    Operator,
    OperatorsFile,
    Registry,
)
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_T = TypeVar("_T")

_HINT = Bilingual(
    fr="Corrigez le fait cité ; les champs sont décrits dans registry/data/operators.schema.json.",
    en="Correct the fact cited; its fields are described in registry/data/operators.schema.json.",
)


def parse_registry(
    operators: bytes,
    laws: bytes,
    area: bytes,
    extra_operators: Sequence[object] = (),
) -> Registry:
    """Return the registry made of these facts, all checked.

    Args:
        operators: `operators.json`.
        laws: `laws.json`.
        area: The legal area of the institution, such as `area.json`.
        extra_operators: Operators the institution declares itself, as read from its configuration. They may not
            redefine one of the registry, and are never `verified`: the institution vouches for them.

    Raises:
        ConfigurationError: A fact is malformed or contradicts another; `param` names it.
    """
    described = _decode(operators, OperatorsFile, "operators.json").operators
    known_laws = _decode(laws, LawsFile, "laws.json").laws
    legal_area = _decode(area, LegalArea, "area.json")
    declared = tuple(_declared(value, index) for index, value in enumerate(extra_operators))

    _no_duplicates((law.id for law in known_laws), "laws.json")
    _no_duplicates((member.code for member in legal_area.members), "area.json")
    _no_duplicates((operator.id for operator in described), "operators.json")
    _no_duplicates((operator.id for operator in (*described, *declared)), "operators")
    laws_by_id = {law.id: law for law in known_laws}
    for law in known_laws:
        _check_law(law)
    for where, group in (("operators.json", described), ("operators", declared)):
        for operator in group:
            _check_operator(operator, laws_by_id, where)

    everyone = tuple(sorted((*described, *declared), key=lambda operator: operator.id))
    return Registry(
        operators=MappingProxyType({operator.id: operator for operator in everyone}),
        laws=MappingProxyType(laws_by_id),
        area=legal_area,
        members=frozenset(member.code for member in legal_area.members),
        digest=_digest(everyone, known_laws, legal_area),
    )


def _decode(data: bytes, kind: type[_T], where: str) -> _T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _malformed(where, str(error)) from error


def _declared(value: object, index: int) -> Operator:
    where = f"operators[{index}]"
    # YAML reads an unquoted day as a date and an unquoted year as a number.
    if isinstance(value, dict) and type(value.get("as_of")) in {dt.date, int}:
        value = {**value, "as_of": str(value["as_of"])}
    try:
        operator = msgspec.convert(value, Operator)
    except msgspec.ValidationError as error:
        raise _malformed(where, str(error)) from error
    if operator.verified or operator.kind == "self" or not operator.serves:
        field = "verified" if operator.verified else "kind" if operator.kind == "self" else "serves"
        raise _contradiction(
            f"{where}.{field}",
            fr="un opérateur déclaré par l’institution sert, n’est pas l’institution et n’est pas « vérifié »",
            en="an operator declared by the institution serves, is not the institution, and is not 'verified'",
        )
    return operator


def _check_law(law: Law) -> None:
    if not law.id.startswith(f"{law.jurisdiction.lower()}-"):
        raise _contradiction(
            f"laws.json: {law.id}.jurisdiction",
            fr="l’identifiant d’une loi commence par le code de son État",
            en="a law's id begins with the code of its state",
        )


def _check_operator(operator: Operator, laws: Mapping[str, Law], where: str) -> None:
    at = f"{where}: {operator.id}"
    if (operator.id == SELF) != (operator.kind == "self"):
        raise _contradiction(
            f"{at}.kind",
            fr="`self` désigne l’institution elle-même, et elle seule",
            en="`self` is the institution itself, and nothing else",
        )
    if operator.id == SELF and (operator.control or operator.reaches or operator.seat):
        raise _contradiction(
            f"{at}.reaches",
            fr="l’institution elle-même n’est contrôlée par personne d’autre",
            en="the institution itself is controlled by no one else",
        )
    if operator.serves and operator.id != SELF and not operator.control:
        raise _contradiction(
            f"{at}.control",
            fr="il faut dire de quels États le droit régit ceux qui contrôlent l’opérateur",
            en="say which states' law governs those who control the operator",
        )
    for reach in operator.reaches:
        if reach.law not in laws and not reach.law.startswith(IMPLICIT_LAW):
            raise _contradiction(
                f"{at}.reaches",
                fr=f"la loi « {reach.law} » n’est pas décrite dans laws.json",
                en=f"the law '{reach.law}' is not described in laws.json",
            )
    if len({reach.law for reach in operator.reaches}) != len(operator.reaches):
        raise _contradiction(
            f"{at}.reaches",
            fr="une loi est citée deux fois",
            en="a law is cited twice",
        )


def _no_duplicates(ids: Iterable[str], where: str) -> None:
    for identifier, count in sorted(Counter(ids).items()):
        if count > 1:
            raise _contradiction(
                f"{where}: {identifier}",
                fr="cet identifiant existe déjà",
                en="this id exists already",
            )


def _digest(operators: Sequence[Operator], laws: Sequence[Law], area: LegalArea) -> str:
    """Return the SHA-256 of the facts, whatever the order and layout of the files they came in."""
    facts = {
        "format": "bouclier-registry/v1",
        "area": area,
        "laws": sorted(laws, key=lambda law: law.id),
        "operators": operators,
    }
    return hashlib.sha256(msgspec.json.encode(facts, order="sorted")).hexdigest()


def _malformed(where: str, what: str) -> ConfigurationError:
    # msgspec ends its message with the path of the field: "... - at `$.operators[3].control[0]`".
    problem, _, path = what.partition(" - at `$")
    param = f"{where}{path.rstrip('`')}"
    return ConfigurationError(
        Bilingual(fr=f"Registre : {param} est mal formé : {problem}", en=f"Registry: {param}: {problem}"),
        _HINT,
        param=param,
    )


def _contradiction(param: str, *, fr: str, en: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(fr=f"Registre : {param} : {fr}.", en=f"Registry: {param}: {en}."), _HINT, param=param
    )
