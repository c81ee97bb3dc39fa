"""From findings to the data class of an exchange, and to what must be cloaked. Pure, so that it can be replayed.

Nothing found does not make a text public: the lowest class we may claim is `internal`, and a caller may declare a
higher one, never a lower one. A place or an organisation alone is not personal data; beside a person it helps to tell
who that person is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bouclier.shield.detectors.markings import CLASSIFIED, PROFESSIONAL, RESTRICTED
from bouclier.shield.kinds import KINDS, Part
from bouclier.terms.content import DataClass, EntityType, Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bouclier.terms.content import Finding

_LEVEL_OF_MARKING = {PROFESSIONAL: "professional", RESTRICTED: "restricted", CLASSIFIED: "classified"}
_CLASS_OF_LEVEL = {
    "professional": DataClass.SENSITIVE,
    "restricted": DataClass.RESTRICTED,
    "classified": DataClass.CLASSIFIED,
}


class Classification(NamedTuple):
    """What an exchange is.

    Attributes:
        data_class: The highest of its parts.
        labels: Sorted.
        markings: Levels of the protective markings found, sorted, each once.
    """

    data_class: DataClass
    labels: tuple[str, ...]
    markings: tuple[str, ...] = ()


def classify(findings: Sequence[Sequence[Finding]], *, declared: DataClass | None, uninspected: int) -> Classification:
    """Return the data class of an exchange, its labels and its markings.

    Args:
        findings: Per text of the exchange.
        declared: What the caller declared, if anything; it can only raise the class.
        uninspected: Number of parts that hold no text we can read. What is in them is unknown, and unknown counts
            as sensitive.
    """
    types: set[EntityType] = set()
    levels: set[str] = set()
    for found in findings:
        for finding in found:
            types.add(finding.type)
            if finding.type is EntityType.MARKING:
                # A marking whose level is not known is taken for the gravest.
                levels.add(_LEVEL_OF_MARKING.get(finding.validated_by, "classified"))
    return classify_kinds(types, levels, declared=declared, uninspected=uninspected)


def classify_kinds(
    types: Iterable[EntityType], markings: Iterable[str], *, declared: DataClass | None, uninspected: int
) -> Classification:
    """Return the same from what a record keeps: which types were found, and which levels of marking.

    Args:
        types: Of the findings, in any order.
        markings: Levels: `professional`, `restricted` or `classified`.
        declared: As for `classify`.
        uninspected: As for `classify`.
    """
    levels = tuple(sorted(set(markings)))
    highest = max((DataClass.INTERNAL, *(_CLASS_OF_LEVEL[level] for level in levels)))
    labels: set[str] = set()
    for kind in (KINDS[entity_type] for entity_type in types):
        if kind.part is not Part.MARKING:
            highest = max(highest, kind.data_class)
        if kind.label is not None:
            labels.add(kind.label.value)
    if uninspected:
        highest = max(highest, DataClass.SENSITIVE)
        labels.add(Label.UNINSPECTED.value)
    if declared is not None and declared > highest:
        highest = declared
        labels.add(Label.DECLARED.value)
    return Classification(highest, tuple(sorted(labels)), levels)


def findings_to_cloak(findings: Sequence[Sequence[Finding]], data_class: DataClass) -> tuple[tuple[Finding, ...], ...]:
    """Return, per text, the findings to replace by pseudonyms.

    Markings never are: they are addressed to whoever reads; nor is what is said of a person. Quasi-identifiers (places,
    organisations, dates) are replaced only when the exchange is personal or graver: because of what was found, or
    because the caller says so and knows of a person that we did not see. Details (amounts, ages, professions) stay, for
    they are often what is asked about. Everything else always is replaced, company numbers included.

    Args:
        findings: Per text of the exchange.
        data_class: Of the exchange, as `classify` returns it.
    """
    kept = {Part.MARKING, Part.CATEGORY, Part.DETAIL}
    if data_class < DataClass.PERSONAL:
        kept.add(Part.QUASI)
    return tuple(tuple(finding for finding in found if KINDS[finding.type].part not in kept) for found in findings)
