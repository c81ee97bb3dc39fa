"""Pseudonyms as typed tags, `[PERSON_K7QX]`, and the key of a conversation from which they are drawn.

A tag's id is drawn from a keyed hash of what it stands for. So it is the same in every turn of a conversation,
whatever else is written in between; it tells nothing to who does not have the key; and who writes a text cannot guess
it.

The alphabet has no vowel, so that no id is a word, and no character that is taken for another. An id is a consonant, a
digit, two consonants, then as many pairs of consonant and digit as it takes to differ from every other: no type's name
has this shape, and hardly any text does.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from bouclier.shield.words import fold

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from bouclier.terms.content import EntityType

_CONSONANTS = "BCDFGHJKMNPQRTVWX"
_DIGITS = "2346789"
_C = f"[{_CONSONANTS}{_CONSONANTS.lower()}]"
_D = f"[{_DIGITS}]"

ALONE_BEFORE, ALONE_AFTER = r"(?<![^\W_])", r"(?![^\W_])"
"""What stands alone has no letter or digit beside it; an underscore does not count, it may be emphasis."""

ID = re.compile(f"{_C}{_D}{_C}{_C}(?:{_C}{_D}){{0,30}}")
"""The shape of an id, in either case."""

# The same, found from its first digit, since digits are rare, and standing alone.
_AFTER_FIRST = re.compile(f"{_D}(?<={_C}.)(?<![^\\W_]..){_C}{_C}(?:{_C}{_D}){{0,30}}{ALONE_AFTER}")

PSEUDONYM = re.compile(f"\\[[A-Z]+(?:_[A-Z]+)*_([{_CONSONANTS}]{_D}[{_CONSONANTS}]{{2}}(?:[{_CONSONANTS}]{_D})*)\\]")
"""The shape of a tag as it is written; what has this shape is one of ours only if the exchange's table lists it."""

_KEY_BYTES = 32
_LONGEST_ID = 64


class ConversationKey:
    """Draws numbers that are the same throughout a conversation, and nowhere else."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Take a key of 16 to 64 bytes."""
        self._key = key

    def number(self, *parts: str) -> int:
        """Return a number of 256 bits that these parts, in this order, always have under this key."""
        digest = hashlib.blake2b(key=self._key, digest_size=32)
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big"))
            digest.update(data)
        return int.from_bytes(digest.digest(), "big")

    def hexadecimal(self, *parts: str) -> str:
        """Return 32 hexadecimal digits that stand for these parts."""
        return f"{self.number(*parts) >> 128:032x}"


def conversation_key(secret: bytes, *, tenant: str, conversation: str) -> ConversationKey:
    """Return the key of one conversation of one tenant.

    Args:
        secret: Of this gateway, at most 64 bytes; whoever has it can tell which originals fit a pseudonym.
        tenant: Who asks: two principals never share pseudonyms.
        conversation: What tells the conversation from others: its name, or how it began.
    """
    seed = ConversationKey(secret).number("conversation", tenant, conversation)
    return ConversationKey(seed.to_bytes(_KEY_BYTES, "big"))


class Tags:
    """Gives every value of an exchange its tag.

    Two spellings of one value (`Dupont`, `DUPONT`) have two tags, since each comes back exactly; the second's id begins
    with the first's, which a model can read.
    """

    def __init__(self, key: ConversationKey, taken: Container[str]) -> None:
        """Take the key, and the ids that stand in the text already, in capitals."""
        self._key = key
        self._taken = taken
        self._given: dict[str, tuple[EntityType, str]] = {}

    def tag_of(self, type_: EntityType, value: str) -> str:
        """Return the tag of a value: the shortest that is nobody else's and stands in no text."""
        drawn = self._key.number("tag", type_.value, plain(value))
        id_, drawn = _spelled("CDCC", drawn)
        while id_ in self._taken or self._given.setdefault(id_, (type_, value)) != (type_, value):
            if len(id_) >= _LONGEST_ID:  # as good as impossible: a new draw, to be sure that this ends
                drawn = self._key.number("tag", type_.value, value, id_)
                id_, drawn = _spelled("CDCC", drawn)
                continue
            more, drawn = _spelled("CD", drawn)
            id_ += more
        return f"[{type_.value}_{id_}]"


def plain(value: str) -> str:
    """Return what two spellings of one value share: letters and digits, folded; the value itself if it has none."""
    return "".join(character for character in fold(value) if character.isalnum()) or value


def ids_in(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Yield from where to where something has the shape of an id and stands alone, from some place of a text on."""
    for match in _AFTER_FIRST.finditer(text, start + 1):
        yield match.start() - 1, match.end()


def _spelled(shape: str, drawn: int) -> tuple[str, int]:
    letters = []
    for place in shape:
        alphabet = _CONSONANTS if place == "C" else _DIGITS
        drawn, at = divmod(drawn, len(alphabet))
        letters.append(alphabet[at])
    return "".join(letters), drawn
