"""What a controller states and no log can know. Everything is optional: what is missing is shown as to be completed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class PurposeParticulars:
    """What is stated of one purpose.

    Attributes:
        title: Its name for people.
        basis: Its legal basis.
        persons: The categories of persons concerned.
        retention: How long the data are kept.
    """

    title: str | None = None
    basis: str | None = None
    persons: str | None = None
    retention: str | None = None


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is stated of the controller.

    Attributes:
        name: The controller.
        contact: How to reach it.
        dpo: The data protection officer, and how to reach them.
        representative: The controller's representative, and any joint controller.
        purposes: By keyword, as callers declare them.
        transfers: By operator, the basis of a transfer to a third country.
    """

    name: str | None = None
    contact: str | None = None
    dpo: str | None = None
    representative: str | None = None
    purposes: Mapping[str, PurposeParticulars] = field(default_factory=dict)
    transfers: Mapping[str, str] = field(default_factory=dict)
