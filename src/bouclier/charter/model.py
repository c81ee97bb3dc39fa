"""What a charter is once it is read: whole, checked, and ready to decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from bouclier.charter.words import (  # noqa: TC001 -- msgspec reads them at run time
    BilingualText,
    Day,
    Keyword,
    Line,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cedarpy import Schema

    from bouclier.charter.pack_data import CharterData
    from bouclier.charter.slicing import PreparedPolicies
    from bouclier.terms.law import PolicyRef

Effect = Literal["permit", "forbid"]
Action = Literal["infer", "oblige"]


class About(Struct, frozen=True, forbid_unknown_fields=True):
    """What `charter.json` says of a charter.

    Attributes:
        format: Version of the file's format.
        name: For people.
        version: For people; what machines cite is the digest, computed and never stored.
        date: Day of this version.
        status: What kind of text this is, in one sentence. Who adopted it is told by signatures, never by this file.
        packs: Its packs, in the order in which people read them.
    """

    format: Literal["bouclier-charter/v2"]
    name: BilingualText
    version: Line
    date: Day
    status: BilingualText
    packs: Annotated[tuple[Keyword, ...], Meta(min_length=1, max_length=64)]


class DatedBasis(Struct, frozen=True, forbid_unknown_fields=True):
    """A text of law that a pack rests on.

    Attributes:
        text: Title and articles.
        as_of: Day from which it applies, or on which the version cited was in force.
        source: Where to read it.
    """

    text: Line
    as_of: Day
    source: Line


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What a pack does not do, said frankly, in French and English."""

    fr: tuple[Line, ...]
    en: tuple[Line, ...]


class PackAbout(Struct, frozen=True, forbid_unknown_fields=True):
    """What `pack.json` says of a pack.

    Attributes:
        format: Version of the file's format.
        name: The folder's name.
        title: For people.
        version: For people.
        date: Day of this version.
        basis: The law it rests on.
        limits: What it does not do.
    """

    format: Literal["bouclier-pack/v1"]
    name: Keyword
    title: BilingualText
    version: Line
    date: Day
    basis: tuple[DatedBasis, ...]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy of a charter, or of an order.

    Attributes:
        ref: Its id, legal basis and titles.
        effect: `permit` or `forbid`.
        action: `infer`, or `oblige`.
        duties: What it owes, merged and sorted: if it is by this policy that an exchange is permitted (`infer`), or
            whichever permits it (`oblige`).
        file: Where it stands, such as `packs/socle/policies.cedar`.
        line: Where it begins there, from 1.
    """

    ref: PolicyRef
    effect: Effect
    action: Action
    duties: tuple[str, ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Charter:
    """A charter that loaded whole; made by `parse_charter` and `with_policies` only.

    Attributes:
        about: Its name, version and status.
        packs: What is said of each of its packs, by name, in their order.
        digest: SHA-256 of its bundle, hexadecimal: what records cite.
        files: Its texts by path, as in the bundle.
        policies: By `@id`, in the order of packs and texts.
        data: What its packs know beside policies.
        prepared: The policies, prepared for Cedar.
        schema: Prepared for Cedar.
    """

    about: About
    packs: Mapping[str, PackAbout] = field(repr=False, compare=False)
    digest: str
    files: Mapping[str, str] = field(repr=False, compare=False)
    policies: Mapping[str, Policy] = field(repr=False, compare=False)
    data: CharterData = field(repr=False, compare=False)
    prepared: PreparedPolicies = field(repr=False, compare=False)
    schema: Schema = field(repr=False, compare=False)
