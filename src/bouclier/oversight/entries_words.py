"""What entries of the log are made of: strict values, bounds, and the law that each of them cites."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

FINISH_REASONS: Final = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call", "other"})
PURPOSE_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,63}\Z"
ENDING_PATTERN: Final = r"^[a-z][a-z0-9_-]{0,63}\Z"
EXCHANGE_PATTERN: Final = r"^[0-9a-f]{32}\Z"
DIGEST_PATTERN: Final = r"^[0-9a-f]{64}\Z"
MIN_STATUS: Final = 100
MAX_STATUS: Final = 599
MAX_INTEGER: Final = 2**53 - 1
MAX_ADOPTED: Final = 400
MAX_REFUSED: Final = 100
"""How many orders an adoption lists: more would not fit in an entry. The digest of all in force is in its law."""

Natural = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Count = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
Digits16 = Annotated[str, Meta(min_length=16, max_length=16)]
Digits32 = Annotated[str, Meta(min_length=32, max_length=32)]
Digits64 = Annotated[str, Meta(min_length=64, max_length=64)]
Hex32 = Annotated[str, Meta(pattern=EXCHANGE_PATTERN)]
Hex64 = Annotated[str, Meta(pattern=DIGEST_PATTERN)]
Word = Annotated[str, Meta(pattern=PURPOSE_PATTERN)]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")]
Version = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}\Z")]
ClassSlug = Literal["public", "internal", "pseudonymised", "personal", "sensitive", "restricted", "classified"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "function_call", "other"]
Marking = Literal["classified", "professional", "restricted"]


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Immutable; read strictly."""


class Law(Strict, frozen=True, kw_only=True, gc=False):
    """By what law the gateway stood when it wrote the entry.

    Attributes:
        charter: SHA-256 of the charter's bundle, hexadecimal.
        orders: SHA-256 of the orders in force, hexadecimal.
        root: Version of the root that says who may sign them.
        timestamp: Version of the timestamp by which they were last seen to be current.
        registry: SHA-256 of the facts on who can be compelled, hexadecimal.
    """

    charter: Digits64
    orders: Digits64
    registry: Digits64
    root: Natural
    timestamp: Natural
