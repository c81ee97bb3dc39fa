"""The forms of the words that charters' files hold, as msgspec checks them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Line = Annotated[str, Meta(min_length=1, max_length=500)]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")]
Keyword = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}\Z")]


class BilingualText(Struct, frozen=True, forbid_unknown_fields=True):
    """One text in French and English."""

    fr: Line
    en: Line
