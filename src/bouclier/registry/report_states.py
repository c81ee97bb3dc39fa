"""Which states' laws reach a subject, and how surely: one answer for the report, its picture and a scan. Pure.

Told apart, and never counted as one: states whose law can compel; those for which that is disputed; and those that
could only if the machines stand where nobody says that they do. A state that surely can is in no other set; one of the
others may be in both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bouclier.registry.model import Certainty

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.registry.report_model import Reached


class States(NamedTuple):
    """States by what their laws can do.

    Attributes:
        sure: Their law can compel.
        disputed: That is disputed, partial or indirect.
        perhaps: Their law could, if the machines stand there, which nobody says.
    """

    sure: frozenset[str]
    disputed: frozenset[str]
    perhaps: frozenset[str]


def is_sure(reached: Reached) -> bool:
    """Return whether a law can compel: established, wherever the machines stand among the places told."""
    return reached.certainty is Certainty.ESTABLISHED and not reached.is_open


def states_of_reaches(reaches: Iterable[Reached]) -> States:
    """Return the states of reaches, by what their laws can do."""
    sure, disputed, perhaps = set[str](), set[str](), set[str]()
    for reached in reaches:
        if is_sure(reached):
            sure.add(reached.jurisdiction)
        elif reached.certainty is Certainty.ESTABLISHED:
            perhaps.add(reached.jurisdiction)
        else:
            disputed.add(reached.jurisdiction)
    return States(frozenset(sure), frozenset(disputed - sure), frozenset(perhaps - sure))
