"""Shamir's secret sharing over GF(256): any k of n shares give the secret, k - 1 say nothing about it.

The field is that of AES (x^8 + x^4 + x^3 + x + 1), as in SLIP-39. Each byte of the secret is shared on its own. Shares
are numbered from 1 to 255; the numbers are public. Number 0 is the secret's own place and is never given out.

All bytes of a secret are worked on at once, packed in one integer, and are only ever multiplied by public numbers: no
table is looked up and no branch taken by a secret byte. Wrong shares give a wrong secret without a word: who combines
must know the secret by a commitment (`record`). Randomness is an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.oversight.sealing.errors import SealError
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SHARES: Final = 255
_REDUCTION: Final = 0x1B


def split(secret: bytes, *, threshold: int, count: int, randomness: bytes) -> tuple[bytes, ...]:
    """Return the shares of a secret, numbered from 1 on.

    Args:
        secret: Any bytes.
        threshold: How many shares give the secret, at least 1.
        count: How many shares to make, `threshold` to 255.
        randomness: Fresh random bytes, `threshold - 1` times as many as the secret has. They serve once.

    Raises:
        SealError: The numbers do not fit.
    """
    if not 1 <= threshold <= count <= MAX_SHARES or len(randomness) != (threshold - 1) * len(secret):
        raise _unfit()
    size = len(secret)
    # Coefficients of the polynomial whose value at 0 is the secret.
    coefficients = [int.from_bytes(secret, "big")] + [
        int.from_bytes(randomness[start : start + size], "big") for start in range(0, len(randomness), size)
    ]
    return tuple(_value_at(number, coefficients, size).to_bytes(size, "big") for number in range(1, count + 1))


def interpolate(shares: Mapping[int, bytes], *, at: int = 0) -> bytes:
    """Return the value at a number of the polynomial that goes through these shares: at 0, the secret.

    Args:
        shares: As many as the threshold says, by number; all of one length.
        at: 0 for the secret, else the number of a share.

    Raises:
        SealError: There are none, or a number or a length is wrong.

    Source: Shamir, "How to share a secret", 1979; SLIP-39, section "Shamir's secret sharing".
    """
    sizes = {len(share) for share in shares.values()}
    if len(sizes) != 1 or not all(0 <= number <= MAX_SHARES for number in (at, *shares)):
        raise _unfit()
    (size,) = sizes
    ones = _ones(size)
    result = 0
    for number, share in shares.items():
        weight = 1
        for other in shares:
            if other != number:
                weight = multiply(weight, multiply(other ^ at, _inverse(other ^ number)))
        result ^= _times(int.from_bytes(share, "big"), weight, ones)
    return result.to_bytes(size, "big")


def multiply(left: int, right: int) -> int:
    """Return the product of two elements of GF(256).

    >>> hex(multiply(0x57, 0x83))
    '0xc1'
    """
    return _times(left, right, 1)


def _value_at(number: int, coefficients: list[int], size: int) -> int:
    ones, value = _ones(size), 0
    for coefficient in reversed(coefficients):  # Horner's rule
        value = _times(value, number, ones) ^ coefficient
    return value


def _times(packed: int, factor: int, ones: int) -> int:
    """Multiply every byte of `packed` by a public factor; `ones` is 01 01 ... 01, as many bytes."""
    product = 0
    for bit in range(7, -1, -1):
        high = (product >> 7) & ones
        product = ((product & (0x7F * ones)) << 1) ^ (high * _REDUCTION)
        if factor >> bit & 1:
            product ^= packed
    return product


def _inverse(element: int) -> int:
    """Return 1 / element, which is its 254th power."""
    result = 1
    for _ in range(254):
        result = multiply(result, element)
    return result


def _ones(size: int) -> int:
    return int.from_bytes(b"\x01" * size, "big")


def _unfit() -> SealError:
    return SealError(
        Bilingual(
            "le nombre, le numéro ou la longueur des parts ne convient pas",
            "the count, the number or the length of the shares does not fit",
        )
    )
