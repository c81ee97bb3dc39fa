"""Measured energy is shared among the exchanges it was used for."""

from __future__ import annotations

from bouclier.footprint.power import EnergyShares


def test_one_exchange_alone_has_all_that_was_used_meanwhile() -> None:
    shares = EnergyShares()
    shares.read(0)
    shares.begin("x", 100, now_s=0)
    assert shares.end("x", 600, now_s=5, tokens=50) == (500, 500)
    assert shares.idle_uj == 100


def test_two_at_once_share_between_evenly_and_by_speed() -> None:
    shares = EnergyShares()
    shares.begin("slow", 0, now_s=0)
    shares.begin("fast", 0, now_s=0)
    # 30 tokens in 10 s: as fast as nobody knows the other is
    assert shares.end("fast", 1_000, now_s=10, tokens=30) == (500, 500)
    # 10 tokens in 10 s beside 30 in 10 s: a quarter of what both used
    assert shares.end("slow", 1_000, now_s=10, tokens=10) == (250, 500)


def test_tokens_nobody_counted_share_evenly() -> None:
    shares = EnergyShares()
    shares.begin("x", 0, now_s=0)
    shares.begin("y", 0, now_s=0)
    assert shares.end("x", 900, now_s=3, tokens=None) == (450, 450)


def test_an_exchange_the_counter_did_not_see_whole_has_no_share() -> None:
    shares = EnergyShares()
    shares.begin("x", 0, now_s=0)
    shares.read(None)
    shares.begin("y", 500, now_s=1)
    assert shares.end("x", 900, now_s=3, tokens=10) is None
    assert shares.end("y", 900, now_s=3, tokens=10) is not None


def test_one_that_began_while_the_counter_was_silent_has_no_share() -> None:
    shares = EnergyShares()
    shares.begin("x", None, now_s=0)
    assert shares.end("x", 900, now_s=3, tokens=10) is None


def test_an_end_without_a_beginning_has_no_share() -> None:
    assert EnergyShares().end("x", 900, now_s=3, tokens=10) is None
