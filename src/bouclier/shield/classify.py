"""From findings to the data class of an exchange, and to what must be cloaked. Pure, so that it can be replayed.

Nothing found does not make a text public: the lowest class we may claim is `internal`, and a caller may declare a
higher one, never a lower one. A place or an organisation alone is not personal data; beside a person it helps to tell
who that person is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.detectors.markings import CLASSIFIED, PROFESSIONAL, RESTRICTED
from bouclier.shield.kinds import KINDS, Part
from bouclier.terms.content import DataClass, EntityType, Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.content import Finding

_CLASS_OF_MARKING = {
    PROFESSIONAL: DataClass.SENSITIVE,
    RESTRICTED: DataClass.RESTRICTED,
    CLASSIFIED: DataClass.CLASSIFIED,
}


def classify(
    findings: Sequence[Sequence[Finding]], *, declared: DataClass | None, uninspected: int
) -> tuple[DataClass, tuple[str, ...]]:
    """Return the data class of an exchange and its labels, sorted.

    Args:
        findings: Per text of the exchange.
        declared: What the caller declared, if anything; it can only raise the class.
        uninspected: Number of parts that hold no text we can read. What is in them is unknown, and unknown counts
            as sensitive.
    """
    highest = DataClass.INTERNAL
    labels: set[str] = set()
    for found in findings:
        for finding in found:
            highest = max(highest, _class_of(finding))
            label = KINDS[finding.type].label
            if label is not None:
                labels.add(label.value)
    if uninspected:
        highest = max(highest, DataClass.SENSITIVE)
        labels.add(Label.UNINSPECTED.value)
    if declared is not None and declared > highest:
        highest = declared
        labels.add(Label.DECLARED.value)
    return highest, tuple(sorted(labels))


def _class_of(finding: Finding) -> DataClass:
    if finding.type is EntityType.MARKING:
        # A marking whose level is not known is taken for the gravest.
        return _CLASS_OF_MARKING.get(finding.validated_by, DataClass.CLASSIFIED)
    return KINDS[finding.type].data_class


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
