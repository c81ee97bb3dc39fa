"""What the law says and from when it applies: dated facts with their source, read strictly from `data/legal.json`.

A fact that was not checked against the text itself says so, and is shown so.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bouclier.terms.errors import Bilingual, ConfigurationError

_Day = Annotated[
    str,
    Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(?![\s\S])", description="ISO 8601 day"),
]
_Text = Annotated[str, Meta(min_length=1, max_length=600)]


class LegalText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text in the two languages of our users."""

    fr: _Text
    en: _Text


class LegalFact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one article asks, and from when.

    Attributes:
        id: Its name for machines.
        article: The instrument and the article.
        substance: What it asks.
        applies_from: From when it applies; null when we do not know.
        source: Where the fact comes from.
        dated: Day of the act the fact comes from; null when the source gives none.
        as_of: When the source was read.
        verified: Whether a source was read for it; a fact from general knowledge is not verified.
        note: What is uncertain.
        reports: Which reports show it.
    """

    id: Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(?![\s\S])", max_length=64)]
    article: LegalText
    substance: LegalText
    applies_from: _Day | None
    source: _Text
    dated: _Day | None
    as_of: _Day
    verified: bool
    note: LegalText | None = None
    reports: Annotated[list[Literal["register", "ai-act", "public"]], Meta(min_length=1)]


class LegalFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `legal.json` holds."""

    format: Literal["bouclier-legal/v1"]
    facts: list[LegalFact]


def parse_legal(data: bytes) -> tuple[LegalFact, ...]:
    """Return the facts a file holds.

    Raises:
        ConfigurationError: It is not of the expected form, or a fact stands twice.
    """
    try:
        facts = tuple(msgspec.json.decode(data, type=LegalFile).facts)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _wrong(Bilingual("n'a pas la forme prévue", "does not have the expected form")) from error
    if len({fact.id for fact in facts}) != len(facts):
        raise _wrong(Bilingual("donne deux fois un fait", "gives a fact twice"))
    return facts


def _wrong(reason: Bilingual) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"legal.json {reason.fr}.", f"legal.json {reason.en}."),
        Bilingual("Son schéma est à côté : legal.schema.json.", "Its schema stands beside it: legal.schema.json."),
        param="legal.json",
    )
