"""What a charter is once it is read: whole, checked, and ready to decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cedarpy import PolicySet, Schema

    from bouclier.terms.law import PolicyRef

Effect = Literal["permit", "forbid"]
Line = Annotated[str, Meta(min_length=1, max_length=500)]


class BilingualText(Struct, frozen=True, forbid_unknown_fields=True):
    """One text in French and English."""

    fr: Line
    en: Line


class About(Struct, frozen=True, forbid_unknown_fields=True):
    """What `charter.json` says of a charter.

    Attributes:
        format: Version of the file's format.
        name: For people.
        version: For people; what machines cite is the digest, computed and never stored.
        date: Day of this version.
        status: By whom and how it was adopted, in one sentence.
        adopted_by: The parties that adopted it; empty for the starter charter.
    """

    format: Literal["bouclier-charter/v1"]
    name: BilingualText
    version: Line
    date: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    status: BilingualText
    adopted_by: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy of a charter.

    Attributes:
        ref: Its id, legal basis and titles.
        effect: `permit` or `forbid`.
        duties: What must be done if it is by this policy that an exchange is permitted; sorted.
        line: Where it begins in `policies.cedar`, from 1.
    """

    ref: PolicyRef
    effect: Effect
    duties: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Charter:
    """A charter that loaded whole; made by `parse_charter` only.

    Attributes:
        about: Its name, version and status.
        digest: SHA-256 of all its texts, hexadecimal: what records cite.
        policies: By `@id`, in the order of the text.
        policy_set: The same, prepared for Cedar.
        schema: Prepared for Cedar.
    """

    about: About
    digest: str
    policies: Mapping[str, Policy] = field(repr=False, compare=False)
    policy_set: PolicySet = field(repr=False, compare=False)
    schema: Schema = field(repr=False, compare=False)
