"""Byte offsets of UTF-8 turned into code points."""

from __future__ import annotations


def in_code_points(data: bytes, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Turn byte offsets, sorted, into code points by decoding what lies between them, once.

    Args:
        data: UTF-8, surrogates included.
        places: Byte offset of the first byte of a character, and anything else.
    """
    converted = []
    byte = point = 0
    for start, owner in places:
        if start != byte:
            point += len(data[byte:start].decode("utf-8", "surrogatepass"))
            byte = start
        converted.append((point, owner))
    return converted
