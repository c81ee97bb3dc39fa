"""What would have to change for a refused exchange to be permitted: tried, not guessed.

Each change is a single thing a person could do or find otherwise: take a secret out, declare a lower class, hold a
safeguard, choose the institution's own machines. It is tried with the whole charter. Where no single change is enough,
pairs are tried, and then nothing more: three changes make another exchange.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from bouclier.charter.asked import words_asked
from bouclier.charter.decide import decide
from bouclier.charter.refine import refine, valid_qualifications
from bouclier.charter.sampling import Request
from bouclier.terms.content import DataClass, Label
from bouclier.terms.errors import Bilingual, CharterError
from bouclier.terms.law import Exposure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bouclier.charter.model import Charter
    from bouclier.terms.law import Case, Deployment

    _Part = Literal["case", "deployment"]

MAX_TOLD: Final = 6


class Change(NamedTuple):
    """One thing that could be otherwise.

    Attributes:
        said: Said as what would be true, after "if".
        made: The request with this change.
    """

    said: Bilingual
    made: Callable[[Request], Request]


def enough_changes(case: Case, deployment: Deployment, charter: Charter) -> tuple[tuple[Change, ...], ...]:
    """Return what would each be enough for a refused request to be permitted: single changes, else pairs of them.

    Args:
        case: What was asked.
        deployment: Of whom.
        charter: By what it was refused.
    """
    changes = tuple(_changes(case, deployment, charter))
    request = Request(case, deployment)
    for size in (1, 2):
        enough = tuple(some for some in combinations(changes, size) if _permits(some, request, charter))
        if enough:
            return enough[:MAX_TOLD]
    return ()


def _permits(changes: tuple[Change, ...], request: Request, charter: Charter) -> bool:
    for change in changes:
        request = change.made(request)
    try:
        return decide(request.case, request.deployment, charter).permitted
    except CharterError:
        return False


def _changes(case: Case, deployment: Deployment, charter: Charter) -> Iterator[Change]:
    words = words_asked(charter)
    yield from _of_content(case)
    yield from _of_class(case, deployment, charter)
    for name in sorted(words.get("context.safeguards", frozenset()) - set(case.safeguards)):
        said = Bilingual(
            f"si l'institution déclarait tenir la garantie « {name} » pour cette finalité",
            f"if the institution declared that it holds the safeguard '{name}' for this purpose",
        )
        yield Change(said, _with("case", "safeguards", name))
    if case.purpose:
        said = Bilingual(
            "si l'échange servait vraiment une autre finalité", "if the exchange truly served another purpose"
        )
        yield Change(said, _set("case", "purpose", ""))
    if not deployment.own:
        yield from _of_deployment(case, deployment, words)


def _of_content(case: Case) -> Iterator[Change]:
    for label in case.labels:
        if label != Label.DECLARED:
            yield Change(
                Bilingual(f"sans l'étiquette « {label} »", f"without the label '{label}'"), _without("labels", label)
            )
    for signal in case.signals:
        yield Change(
            Bilingual(f"sans le signal « {signal} »", f"without the signal '{signal}'"), _without("signals", signal)
        )
    for modality in case.modalities:
        if modality != "text":
            said = Bilingual(f"sans « {modality} » dans la demande", f"without '{modality}' in the request")
            yield Change(said, _without("modalities", modality))
    for asked in case.capabilities:
        yield Change(
            Bilingual(f"sans demander « {asked} »", f"without asking for '{asked}'"), _without("capabilities", asked)
        )


def _of_class(case: Case, deployment: Deployment, charter: Charter) -> Iterator[Change]:
    """Yield the highest lower class that would do: those below it would too, and are not worth saying."""
    highest = refine(case, charter.data).data_class
    for lower in reversed([one for one in DataClass if one < highest]):
        said = Bilingual(f"si la classe était au plus « {lower.slug} »", f"if the class were at most '{lower.slug}'")
        change = Change(said, _set("case", "data_class", min(case.data_class, lower)))
        if _permits((change,), Request(case, deployment), charter):
            yield change
            return


def _of_deployment(case: Case, deployment: Deployment, words: Mapping[str, frozenset[str]]) -> Iterator[Change]:
    yield Change(
        Bilingual("si l'institution le faisait tourner elle-même", "if the institution ran it itself"),
        _set("deployment", "own", value=True),
    )
    exposure = deployment.exposure
    if not exposure.known or exposure.foreign_laws:
        yield Change(
            Bilingual(
                "si l'opérateur était connu et hors d'atteinte de toute loi étrangère",
                "if the operator were known and out of reach of any foreign law",
            ),
            _set("deployment", "exposure", Exposure(known=True, control=exposure.control)),
        )
    held = valid_qualifications(deployment, day=case.day)
    for name in sorted(words.get("context.qualifications", frozenset()) - set(held)):
        said = Bilingual(f"si le déploiement était qualifié « {name} »", f"if the deployment were qualified '{name}'")
        yield Change(said, _with("deployment", "qualifications", name))
    for name in sorted(words.get("resource.evaluations", frozenset()) - set(deployment.evaluations)):
        said = Bilingual(
            f"si l'institution tenait l'évaluation « {name} »", f"if the institution held the evaluation '{name}'"
        )
        yield Change(said, _with("deployment", "evaluations", name))
    if deployment.carbon_mg is None:
        said = Bilingual("si son coût en carbone était connu", "if its carbon cost were known")
        yield Change(said, _set("deployment", "carbon_mg", 0))
    if deployment.country is None:
        said = Bilingual(
            "si l'on savait que ses machines sont en France", "if its machines were known to stand in France"
        )
        yield Change(said, _set("deployment", "country", "FR"))


def _set(of: _Part, field: str, value: object) -> Callable[[Request], Request]:
    def made(request: Request) -> Request:
        changes: dict[str, Any] = {field: value}
        if of == "case":
            return request._replace(case=replace(request.case, **changes))
        return request._replace(deployment=replace(request.deployment, **changes))

    return made


def _with(of: _Part, field: str, word: str) -> Callable[[Request], Request]:
    return lambda request: _set(of, field, tuple(sorted({*getattr(getattr(request, of), field), word})))(request)


def _without(field: str, word: str) -> Callable[[Request], Request]:
    def made(request: Request) -> Request:
        kept = tuple(one for one in getattr(request.case, field) if one != word)
        return _set("case", field, kept)(request)

    return made
