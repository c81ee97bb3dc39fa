"""Shamir's sharing against published numbers."""

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from bouclier.oversight.sealing.errors import SealError
from bouclier.oversight.sealing.shamir import interpolate, multiply, split

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "sealed" / "slip39-shares.json").read_text("utf-8"))


@pytest.mark.parametrize(("left", "right", "product"), VECTORS["products"])
def test_products_are_those_of_fips_197(left: str, right: str, product: str) -> None:
    assert multiply(int(left, 16), int(right, 16)) == int(product, 16)


@pytest.mark.parametrize("polynomial", VECTORS["polynomials"], ids=lambda one: f"{one['vector']} {one['of']}")
def test_polynomials_go_where_those_of_slip_39_go(polynomial: dict[str, Any]) -> None:
    shares = {int(number): bytes.fromhex(value) for number, value in polynomial["shares"].items()}
    secret, digest = interpolate(shares, at=255), interpolate(shares, at=254)
    assert (secret.hex(), digest.hex()) == (polynomial["at_255"], polynomial["at_254"])
    # SLIP-39's own check of what was combined: no transcription could have made it hold by chance.
    assert hmac.digest(digest[4:], secret, "sha256")[:4] == digest[:4]


def test_each_share_is_the_polynomials_value_at_its_number() -> None:
    """f(x) = 0x57 + 0x83 x, by hand: 0x83 * 2 = 0x1d, 0x83 * 3 = 0x1d + 0x83."""
    shares = split(b"\x57", threshold=2, count=3, randomness=b"\x83")
    assert [share[0] for share in shares] == [0x57 ^ 0x83, 0x57 ^ 0x1D, 0x57 ^ 0x1D ^ 0x83]


@pytest.mark.parametrize(
    ("threshold", "count", "random"), [(0, 3, 0), (4, 3, 96), (2, 256, 32), (2, 3, 31), (2, 3, 64)]
)
def test_numbers_that_do_not_fit_are_refused(threshold: int, count: int, random: int) -> None:
    with pytest.raises(SealError):
        split(bytes(32), threshold=threshold, count=count, randomness=bytes(random))


@pytest.mark.parametrize("shares", [{}, {1: b"a", 2: b"bc"}, {256: b"a", 2: b"b"}, {-1: b"a", 2: b"b"}])
def test_shares_that_do_not_fit_together_are_refused(shares: dict[int, bytes]) -> None:
    with pytest.raises(SealError):
        interpolate(shares)
