"""What packs know beside policies: `data.json`, read strictly, and merged into what one charter knows.

Facts that change without the rules changing are here, each with its legal basis: which purposes are which uses, which
states are adequate and since when, how long things are kept, how much carbon an exchange may cost, what warnings say.
An id means one thing in the whole charter: a second pack that uses it does not load.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from bouclier.charter.json_files import decoded
from bouclier.charter.words import (  # noqa: TC001 -- msgspec reads them at run time
    BilingualText,
    Day,
    Keyword,
    Line,
)
from bouclier.terms.content import DataClass
from bouclier.terms.duties import MAX_CARBON_MG, MAX_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bouclier.charter.json_files import Wrong

_State = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
_Days = Annotated[int, Meta(ge=0, le=MAX_DAYS)]
_ClassSlug = Literal["public", "internal", "pseudonymised", "personal", "sensitive", "restricted", "classified"]
_Phrase = Annotated[str, Meta(min_length=1, max_length=100)]


class _Fact(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Immutable; read strictly."""


class Use(_Fact, frozen=True, kw_only=True):
    """What some declared purposes are, in the eyes of the law.

    Attributes:
        id: What policies ask for in `context.uses`.
        purposes: The purposes that are this use.
        fr: What it is, in French.
        en: The same in English.
        basis: Article of law.
        legal_from: Day from which the law applies; the charter may apply it sooner.
    """

    id: Keyword
    purposes: tuple[Keyword, ...]
    fr: Line
    en: Line
    basis: Line
    legal_from: Day | None = None


class Warned(_Fact, frozen=True, kw_only=True):
    """A warning that answers carry."""

    id: Keyword
    fr: Line
    en: Line
    basis: Line


class When(_Fact, frozen=True, kw_only=True):
    """What a rule asks: of each list that is given, at least one must hold."""

    labels: tuple[Keyword, ...] = ()
    uses: tuple[Keyword, ...] = ()
    purposes: tuple[Keyword, ...] = ()
    modalities: tuple[Keyword, ...] = ()


class Rule(_Fact, frozen=True, kw_only=True):
    """A rule that raises the class of an exchange or adds labels; it never lowers or removes.

    Attributes:
        id: For people.
        when: When it applies.
        data_class: The class is at least this one; `class` in the file.
        labels: Added.
        basis: Article of law.
    """

    id: Keyword
    when: When
    data_class: _ClassSlug | None = msgspec.field(default=None, name="class")
    labels: tuple[Keyword, ...] = ()
    basis: Line


class Adequacy(_Fact, frozen=True, kw_only=True):
    """That a state's law is adequate in the sense of GDPR article 45: dated, and revocable by a date.

    Attributes:
        state: ISO 3166-1 alpha-2.
        from_day: First day; `from` in the file.
        until: First day on which it no longer holds; None while nobody set one.
        holders: `all`, or `listed` when only operators with the qualification named `holds` are covered.
        holds: That qualification.
        basis: The decision, in both languages; or as it is, in one that is not said.
        source: Where to read it.
        as_of: Day on which it was last checked.
    """

    state: _State
    from_day: Day = msgspec.field(name="from")
    until: Day | None = None
    holders: Literal["all", "listed"] = "all"
    holds: Keyword = "dpf"
    basis: Line | BilingualText
    source: Line
    as_of: Day


class Retained(_Fact, frozen=True, kw_only=True):
    """How long sealed content is kept."""

    id: Keyword
    min_days: _Days
    max_days: _Days
    basis: Line


class Budget(_Fact, frozen=True, kw_only=True):
    """How much an exchange may cost at most."""

    id: Keyword
    mg: Annotated[int, Meta(ge=0, le=MAX_CARBON_MG, description="mg CO2e")]
    basis: Line


class NetPhrases(_Fact, frozen=True, kw_only=True):
    """When the second net raises a signal: one phrase of each group within `near` words of each other.

    Attributes:
        signal: What policies ask for in `context.signals`.
        fr: What it suggests, in French.
        en: The same in English.
        near: In words.
        all: The groups.
        unless: Phrases that cancel it when they stand near too.
    """

    signal: Keyword
    fr: Line
    en: Line
    near: Annotated[int, Meta(ge=1, le=1000)]
    all: Annotated[tuple[Annotated[tuple[_Phrase, ...], Meta(min_length=1)], ...], Meta(min_length=1, max_length=8)]
    unless: tuple[_Phrase, ...] = ()


class PackData(_Fact, frozen=True, kw_only=True):
    """One pack's `data.json`; what is in `second_net_unless` cancels each of its `second_net`."""

    format: Literal["bouclier-pack-data/v1"]
    uses: tuple[Use, ...] = ()
    warnings: tuple[Warned, ...] = ()
    classification: tuple[Rule, ...] = ()
    adequacy: tuple[Adequacy, ...] = ()
    union: tuple[_State, ...] = ()
    retention: tuple[Retained, ...] = ()
    budgets: tuple[Budget, ...] = ()
    second_net: tuple[NetPhrases, ...] = ()
    second_net_unless: tuple[_Phrase, ...] = ()


class Raising(NamedTuple):
    """A classification rule, prepared."""

    when: When
    data_class: DataClass
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class CharterData:
    """What all packs of a charter know.

    Attributes:
        uses: By id.
        uses_of: Ids of the uses that a purpose is, sorted.
        warnings: By id.
        raising: Classification rules.
        adequacy: By state.
        union: States between which no transfer takes place.
        retention: By id.
        budgets: mg CO2e by id.
        second_net: When which signal is raised.
    """

    uses: Mapping[str, Use] = field(default_factory=dict)
    uses_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: Mapping[str, Warned] = field(default_factory=dict)
    raising: tuple[Raising, ...] = ()
    adequacy: Mapping[str, tuple[Adequacy, ...]] = field(default_factory=dict)
    union: frozenset[str] = frozenset()
    retention: Mapping[str, Retained] = field(default_factory=dict)
    budgets: Mapping[str, int] = field(default_factory=dict)
    second_net: tuple[NetPhrases, ...] = ()


def parse_pack_data(text: str, wrong: Wrong) -> PackData:
    """Return one pack's data.

    Args:
        text: `data.json`.
        wrong: Makes the error to raise.
    """
    data = decoded(text, PackData, wrong)
    for kept in data.retention:
        if kept.min_days > kept.max_days:
            raise wrong(f"« {kept.id} » : min_days dépasse max_days", f"'{kept.id}': min_days is greater than max_days")
    for fact in data.adequacy:
        if fact.until is not None and fact.until <= fact.from_day:
            raise wrong(f"adequacy {fact.state} : until précède from", f"adequacy {fact.state}: until precedes from")
    for rule in data.classification:
        if rule.when == When():
            raise wrong(f"« {rule.id} » : when est vide", f"'{rule.id}': when is empty")
    return data


def merged_data(packs: Mapping[str, PackData], wrong: Callable[[str, str, str], Exception]) -> CharterData:
    """Return what a charter's packs know together.

    Args:
        packs: Each pack's data, by the pack's name.
        wrong: Makes the error to raise from the pack and what is wrong, in French and English.
    """
    seen: set[tuple[str, str]] = set()
    for pack, data in packs.items():
        for section, ids in (
            ("uses", [use.id for use in data.uses]),
            ("warnings", [warning.id for warning in data.warnings]),
            ("classification", [rule.id for rule in data.classification]),
            ("retention", [kept.id for kept in data.retention]),
            ("budgets", [budget.id for budget in data.budgets]),
        ):
            for identifier in ids:
                if (section, identifier) in seen:
                    raise wrong(
                        pack,
                        f"{section} « {identifier} » est déjà pris",
                        f"{section} '{identifier}' is already taken",
                    )
                seen.add((section, identifier))
    every = tuple(packs.values())
    uses_of: dict[str, set[str]] = {}
    adequacy: dict[str, tuple[Adequacy, ...]] = {}
    for data in every:
        for use in data.uses:
            for purpose in use.purposes:
                uses_of.setdefault(purpose, set()).add(use.id)
        for fact in data.adequacy:
            adequacy[fact.state] = (*adequacy.get(fact.state, ()), fact)
    return CharterData(
        uses=MappingProxyType({use.id: use for data in every for use in data.uses}),
        uses_of=MappingProxyType({purpose: tuple(sorted(ids)) for purpose, ids in uses_of.items()}),
        warnings=MappingProxyType({warning.id: warning for data in every for warning in data.warnings}),
        raising=tuple(
            Raising(
                rule.when,
                DataClass.PUBLIC if rule.data_class is None else DataClass.from_slug(rule.data_class),
                frozenset(rule.labels),
            )
            for data in every
            for rule in data.classification
        ),
        adequacy=MappingProxyType(adequacy),
        union=frozenset(state for data in every for state in data.union),
        retention=MappingProxyType({kept.id: kept for data in every for kept in data.retention}),
        budgets=MappingProxyType({budget.id: budget.mg for data in every for budget in data.budgets}),
        second_net=tuple(
            replace(phrases, unless=(*phrases.unless, *data.second_net_unless))
            for data in every
            for phrases in data.second_net
        ),
    )
