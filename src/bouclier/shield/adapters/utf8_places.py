"""Byte offsets of UTF-8 turned into code points."""

from __future__ import annotations


def in_code_points(data: bytes, places: list[int], bits: int) -> list[tuple[int, int]]:
    """Turn byte offsets into code points by decoding what lies between them, once.

    Args:
        data: UTF-8, surrogates included.
        places: Byte offset of the first byte of a character, above `bits` bits that are anything else; sorted.
        bits: How many.

    Returns:
        Code point, and what the lower bits held.
    """
    rest = (1 << bits) - 1
    converted = []
    byte = point = 0
    for one in places:
        start = one >> bits
        if start != byte:
            point += len(data[byte:start].decode("utf-8", "surrogatepass"))
            byte = start
        converted.append((point, one & rest))
    return converted
