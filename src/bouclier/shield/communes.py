"""Whether a postcode serves a commune, by the official list."""

from __future__ import annotations

import re
import zlib
from array import array
from base64 import b85decode
from bisect import bisect_left
from functools import cache

from bouclier.shield.words import fold

_CEDEX = re.compile(r"\s+cedex\b.*|\s+[0-9]{1,2}(?:e|er|ème)?(?:\s+arrondissement)?$")
_SAINT = re.compile(r"\bste?\b")


def key_of_commune(postcode: str, name: str) -> int:
    """Return the key of a postcode with a commune, however typed: case, accents, hyphens, « St » for « Saint »."""
    words = re.sub(r"[^a-z0-9]+", " ", fold(name).replace("œ", "oe")).strip()
    words = _SAINT.sub(lambda match: "sainte" if match[0] == "ste" else "saint", _CEDEX.sub("", words))
    return zlib.crc32(f"{postcode} {words}".encode())


def serves(postcode: str, name: str) -> bool:
    """Say whether a postcode of five digits serves a commune.

    The districts of Paris, Lyon and Marseille count as their town; a cedex, which no list of communes has, does not.

    >>> serves("38000", "Grenoble"), serves("38000", "Nantes"), serves("75013", "PARIS")
    (True, False, True)
    """
    return _is_listed(key_of_commune(postcode, name))


def is_postcode(postcode: str) -> bool:
    """Say whether any commune has this postcode."""
    return _is_listed(zlib.crc32(postcode.encode()))


def _is_listed(key: int) -> bool:
    pairs = _pairs()
    at = bisect_left(pairs, key)
    return at < len(pairs) and pairs[at] == key


@cache
def _pairs() -> array[int]:
    from bouclier.shield.communes_table import PAIRS  # noqa: PLC0415 -- 200 kB, for those who meet an address

    words = array("I", zlib.decompress(b85decode(PAIRS)))
    words.byteswap()
    return words
