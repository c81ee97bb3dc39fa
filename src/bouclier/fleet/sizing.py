"""How much memory an engine needs, and how many exchanges it may serve at once. Integers in, integers out.

The catalogue says what a model needs with two slots of 4,096 tokens; more slots or longer ones need the keys and values
of their tokens besides, which is the one part that grows. Batching shares the reading of the weights among slots, so
that slots beyond half the cores mostly divide the same speed; the bound is prudent, and a setting overrides it.
"""

from __future__ import annotations

from typing import Final

CATALOGUED_TOKENS: Final = 2 * 4_096
FEWEST_BY_CORES: Final = 2
MOST_BY_CORES: Final = 8


def memory_needed(*, base_bytes: int, cache_bytes_per_token: int | None, slots: int, context: int) -> int | None:
    """Return what an engine needs.

    Args:
        base_bytes: What it needs with two slots of 4,096 tokens.
        cache_bytes_per_token: What each token more takes; None if unknown.
        slots: Exchanges at once.
        context: Longest exchange, in tokens.

    Returns:
        Bytes; None if more tokens are asked for than the base covers, and what a token takes is unknown.
    """
    more = slots * context - CATALOGUED_TOKENS
    if more <= 0:
        return base_bytes
    return None if cache_bytes_per_token is None else base_bytes + more * cache_bytes_per_token


def memory_allowed(*, base_bytes: int, cache_bytes_per_token: int | None, slots: int, context: int) -> int | None:
    """Return how much memory an engine may hold when nobody said: what it needs, and half as much again.

    Wide enough never to end an engine that does its work; narrow enough that one which leaks is started again before
    the machine suffers. Arguments and None as for `memory_needed`.
    """
    needed = memory_needed(
        base_bytes=base_bytes, cache_bytes_per_token=cache_bytes_per_token, slots=slots, context=context
    )
    return None if needed is None else needed * 3 // 2


def fitting_slots(
    *, cores: int, memory_bytes: int, base_bytes: int, cache_bytes_per_token: int | None, context: int
) -> int:
    """Return how many exchanges to serve at once: half the cores, at least 2 and at most 8, fewer if memory is short.

    Args:
        cores: Of this machine.
        memory_bytes: What the engine may take.
        base_bytes: As for `memory_needed`.
        cache_bytes_per_token: As for `memory_needed`; what is unknown is not assumed to fit.
        context: Longest exchange, in tokens.
    """
    for slots in range(max(FEWEST_BY_CORES, min(MOST_BY_CORES, cores // 2)), 1, -1):
        needed = memory_needed(
            base_bytes=base_bytes, cache_bytes_per_token=cache_bytes_per_token, slots=slots, context=context
        )
        if needed is not None and needed <= memory_bytes:
            return slots
    return 1


def estimated_base(*, size_bytes: int, cache_bytes_per_token: int | None) -> int:
    """Return a bound on what a model nobody measured needs with two slots of 4,096 tokens.

    Twice the file, because llama.cpp keeps a rearranged copy of most weights beside the mapped ones on a processor that
    gains by it; the keys and values; and 300 MB. Measured for comparison: 2.1 GB for a file of 1.1 GB, 0.73 for 0.49.

    Args:
        size_bytes: Length of the file.
        cache_bytes_per_token: As for `memory_needed`; unknown counts as 160 KiB, the most of the models catalogued.
    """
    per_token = 160 << 10 if cache_bytes_per_token is None else cache_bytes_per_token
    return 2 * size_bytes + CATALOGUED_TOKENS * per_token + 300_000_000
