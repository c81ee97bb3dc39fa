"""Requests to try a policy on: made of nothing but the words it asks for, and so few that all can be tried.

A policy cannot tell apart two requests that agree on the attributes it reads, compared with the words and numbers it
compares them with. So for each attribute it reads, there is a handful of values that matter: each word and another,
each number and its neighbours, sets with and without each word. Their combinations are the requests; they are put
through `refine` and `question_of` like those of the gateway, so that what can never come together (an own deployment
and a transfer, a use that no purpose is) does not here either.

Where there are more than `MAX_REQUESTS`, as many are taken, spread evenly and always the same: what is not reached then
was not reached, which is no proof.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from math import gcd, prod
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from bouclier.charter.cases import COMMON_DEPLOYMENTS
from bouclier.terms.content import DataClass
from bouclier.terms.law import Case, Openness

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from bouclier.charter.asked import Asked
    from bouclier.charter.pack_data import CharterData
    from bouclier.terms.law import Deployment

MAX_REQUESTS: Final = 4_000
OTHER: Final = "autre"
"""A word that no policy asks for."""

MODALITIES: Final = frozenset(("text", "image", "audio", "video", "file", "image-output", "audio-output"))
_MOST_SUBSETS_OF: Final = 4
_GOLDEN: Final = 0.618
_DAYS: Final = (20200101, 20261122, 20991231)


class Request(NamedTuple):
    """What is asked, of whom."""

    case: Case
    deployment: Deployment


class Requests(NamedTuple):
    """Requests to try a policy on.

    Attributes:
        varied: What varies.
        values: The values that matter of each.
        total: How many combinations there are.
    """

    varied: tuple[_Varied, ...]
    values: tuple[Sequence[Any], ...]
    total: int

    @property
    def is_exhaustive(self) -> bool:
        """Whether all combinations are tried."""
        return self.total <= MAX_REQUESTS

    def on(self, base: Request) -> Iterator[Request]:
        """Yield the requests; what does not vary is as in `base`."""
        if self.is_exhaustive:
            chosen: Iterator[tuple[Any, ...]] = product(*self.values)
        else:
            stride = max(1, int(self.total * _GOLDEN))
            while gcd(stride, self.total) != 1:
                stride += 1
            chosen = (self._numbered(number * stride % self.total) for number in range(MAX_REQUESTS))
        for combination in chosen:
            yield self._changed(base, combination)

    def _numbered(self, number: int) -> tuple[Any, ...]:
        combination = []
        for values in self.values:
            number, place = divmod(number, len(values))
            combination.append(values[place])
        return tuple(combination)

    def _changed(self, base: Request, combination: tuple[Any, ...]) -> Request:
        changes: dict[str, dict[str, Any]] = {"case": {}, "deployment": {}, "exposure": {}}
        for one, value in zip(self.varied, combination, strict=True):
            changes[one.of][one.field] = value
        case, deployment = base
        exposure = replace(deployment.exposure, **changes["exposure"])
        return Request(
            replace(case, **changes["case"]), replace(deployment, **changes["deployment"], exposure=exposure)
        )


def requests_for(asked: Asked, data: CharterData) -> Requests:
    """Return the requests that can make a difference to a policy.

    Args:
        asked: What it asks.
        data: What the charter's packs know: which purposes are which uses, which states are adequate.
    """
    varied = tuple(one for one in _VARIED if not set(one.attributes).isdisjoint(asked))
    values = tuple(one.values(asked, data) for one in varied)
    return Requests(varied, values, prod(map(len, values)))


def bases(words: Mapping[str, frozenset[str]]) -> tuple[Request, ...]:
    """Return requests that meet as few prohibitions as can be: at home, and in Europe, with all that may be asked for.

    Args:
        words: All that the charter's policies ask for, by attribute.
    """
    case = Case(
        role="agent",
        purpose="",
        data_class=DataClass.PUBLIC,
        safeguards=_sorted(words.get("context.safeguards", ())),
        day=_DAYS[1],
    )
    evaluations = _sorted(words.get("resource.evaluations", ()))
    qualifications = _sorted(words.get("context.qualifications", ()))
    equipped = [
        replace(COMMON_DEPLOYMENTS[name], carbon_mg=0, evaluations=evaluations, qualifications=qualifications)
        for name in ("own", "eu-public")
    ]
    return tuple(Request(one, deployment) for one in (case, replace(case, safeguards=())) for deployment in equipped)


class _Varied(NamedTuple):
    """A field of a request that varies.

    Attributes:
        of: Where it is.
        field: Its name there.
        attributes: Those of the schema that follow from it.
        values: Which values matter to a policy that asks this.
    """

    of: Literal["case", "deployment", "exposure"]
    field: str
    attributes: tuple[str, ...]
    values: Callable[[Asked, CharterData], Sequence[Any]]


def _sets(
    of: Literal["case", "deployment", "exposure"],
    field: str,
    attribute: str,
    known: Callable[[CharterData], Collection[str]] | None = None,
) -> _Varied:
    """Return a field that is a set of words: those asked for, if they are known where that matters."""

    def values(asked: Asked, data: CharterData) -> Sequence[Any]:
        words = _words(asked, attribute)
        return _subsets(sorted(words if known is None else words & set(known(data))))

    return _Varied(of, field, (attribute,), values)


def _one(of: Literal["case", "deployment", "exposure"], field: str, attribute: str, *values: object) -> _Varied:
    """Return a field that has one of a few values; or, if none are given, one of the words asked for or another."""
    return _Varied(of, field, (attribute,), lambda asked, _: values or (*sorted(_words(asked, attribute)), OTHER))


def _words(asked: Asked, attribute: str) -> set[str]:
    return {value for value in asked.get(attribute, ()) if isinstance(value, str)}


def _numbers(asked: Asked, attribute: str) -> set[int]:
    """Return the numbers asked for, and their neighbours."""
    return {value + step for value in asked.get(attribute, ()) if isinstance(value, int) for step in (-1, 0, 1)}


def _purposes(asked: Asked, data: CharterData) -> Sequence[str]:
    """Return the purposes that matter: those asked for, one for each mixture of uses asked for, and none."""
    uses = _words(asked, "context.uses")
    by_uses = {frozenset(of) & uses: purpose for purpose, of in sorted(data.uses_of.items())}
    return sorted({"", OTHER, *_words(asked, "context.purpose"), *by_uses.values()})


def _days(asked: Asked, _: CharterData) -> Sequence[int]:
    return sorted({*_DAYS, *_numbers(asked, "context.day")})


def _qualifications(asked: Asked, data: CharterData) -> Sequence[tuple[str, ...]]:
    listed = {fact.holds for facts in data.adequacy.values() for fact in facts if fact.holders == "listed"}
    return _subsets(
        sorted(_words(asked, "context.qualifications") | (listed if "context.transfer" in asked else set()))
    )


def _countries(asked: Asked, data: CharterData) -> Sequence[str | None]:
    return (*sorted(_words(asked, "resource.country") - {""} | _typical_states(data)), None)


def _figures(asked: Asked, _: CharterData) -> Sequence[int | None]:
    return (None, *sorted({0} | {figure for figure in _numbers(asked, "resource.carbon_mg") if figure >= 0}))


def _typical_states(data: CharterData) -> set[str]:
    """Return one state of the Union, one of each kind of adequacy, and one of which nothing is known."""
    kinds = {
        tuple((fact.from_day, fact.until, fact.holders, fact.holds) for fact in facts): state
        for state, facts in sorted(data.adequacy.items())
    }
    return {*sorted(data.union)[:1], *kinds.values(), "ZZ"}


def _subsets(words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the sets that matter of some words: all if they are few, else none, each, all, and all but each."""
    if len(words) <= _MOST_SUBSETS_OF:
        found = [subset for size in range(len(words) + 1) for subset in combinations(words, size)]
    else:
        found = [(), *((word,) for word in words), tuple(words)]
        found += [tuple(other for other in words if other != word) for word in words]
    return (*found, (OTHER,), _sorted((*words, OTHER)))


def _sorted(words: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(words))


_VARIED: Final = (
    _one("case", "role", "principal.role"),
    _Varied("case", "purpose", ("context.purpose", "context.uses"), _purposes),
    _Varied("case", "data_class", ("context.data_class", "context.class_name"), lambda *_: tuple(DataClass)),
    _sets("case", "labels", "context.labels"),
    _sets("case", "safeguards", "context.safeguards"),
    _sets("case", "signals", "context.signals", lambda data: {net.signal for net in data.second_net}),
    _sets("case", "modalities", "context.modalities", lambda _: MODALITIES),
    _sets("case", "capabilities", "context.capabilities"),
    _Varied("case", "day", ("context.day",), _days),
    _one("deployment", "own", "resource.own", True, False)._replace(attributes=("resource.own", "context.transfer")),
    _Varied("deployment", "country", ("resource.country", "context.transfer"), _countries),
    _Varied("deployment", "qualifications", ("context.qualifications", "context.transfer"), _qualifications),
    _one("deployment", "openness", "resource.openness", *Openness),
    _one("deployment", "model", "resource.model"),
    _one("deployment", "operator", "resource.operator"),
    _one("deployment", "site", "resource.site"),
    _sets("deployment", "capabilities", "resource.capabilities"),
    _sets("deployment", "evaluations", "resource.evaluations"),
    _Varied("deployment", "carbon_mg", ("resource.carbon_known", "resource.carbon_mg"), _figures),
    _one("exposure", "known", "resource.exposure_known", True, False),
    _sets("exposure", "control", "resource.control"),
    _sets("exposure", "foreign_laws", "resource.foreign_laws"),
    _sets("exposure", "contested", "resource.contested"),
)
