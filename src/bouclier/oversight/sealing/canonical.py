"""JSON of sealed content and its papers: canonical (sorted keys, no white space), read strictly, never quoted."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from bouclier.oversight.sealing.errors import SealError
from bouclier.terms.errors import Bilingual

Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
"""The form of a day; whether there is one, such as on 30 February, is for `__post_init__` to check."""
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def encode_canonical(value: msgspec.Struct) -> bytes:
    """Return the one spelling of a value; bytes stand in Base64."""
    return _ENCODER.encode(value)


def decode_canonical(data: bytes, kind: type[_Struct]) -> _Struct:
    """Return the value these bytes spell, if they spell it the one way.

    Raises:
        SealError: A field is missing, unknown, repeated or malformed, or spelled otherwise.
    """
    try:
        value = msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise _malformed() from None  # the cause may quote the text
    if _ENCODER.encode(value) != data:
        raise _malformed()
    return value


def _malformed() -> SealError:
    return SealError(Bilingual("ce n'est pas le JSON canonique prévu", "this is not the canonical JSON expected"))
