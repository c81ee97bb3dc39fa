"""What an exchange costs in energy and carbon: by the method EcoLogits publishes, or by time without graphics cards.

For graphics cards (EcoLogits 0.11, "LLM inference"), per exchange, with A billions of active parameters, T in all, n
written tokens, B exchanges worked on at once:

    card      E = n (alpha e^(beta B) A + gamma)                                      watt-hours, of one card
    cards     G = 2^ceil(log2(ceil(overhead T bits / 8 / memory)))
    time      t = n (alpha' A + beta' B + gamma'), at most what the exchange took     seconds
    server    S = t W G / cards installed / B
    energy    PUE (S + G E)
    carbon    energy x grid mix + t (G / cards installed x server made + G x card made) / lifetime / B

The method sets B = 64; here it is a range about that (`method.json` says which), because nobody publishes theirs, and
so the answer is never narrower than what is known. Where nobody counted tokens, the characters of the answer bound
them; where nobody measured time, the slowest and the fastest that were observed do.

For machines without cards no such method exists: energy = PUE x cores x watts x time x the share of the machine that
may have been at work for this exchange, from one slot to all of it.

Where a figure is declared, it is the carbon, at most, of each token read or written; what is declared says no least, so
the lower bound is 0. It says nothing of energy, and nothing is deduced: it may rest on another electricity than the
grid's. Energy stays estimated. What was measured comes before what is declared: it is of this very exchange.

The rules: a bound is rounded outwards; more tokens never cost less; a figure that is missing never lowers the upper
bound. Not done here: reading tokens that are read, images, training, the network and the caller's machine (no published
method that we know of counts them per exchange), and water.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from bouclier.footprint.model import Footprint, Gauge, Range, Span, Work

if TYPE_CHECKING:
    from bouclier.footprint.constants import Cards, Method
    from bouclier.footprint.model import Declared, Hosting, ModelSize

DECLARED: Final = "declared-1"
"""The method of a footprint whose carbon is what is declared: neither estimated nor measured."""

_UWH_PER_WH: Final = 1e6
_UWH_PER_UJ: Final = 1 / 3600  # 1 Wh = 3600 J
_UG_PER_UWH: Final = 1e-3  # for each gram per kilowatt-hour
_UG_PER_KG: Final = 1e9
_UG_PER_MG: Final = 1000
_HOUR_S: Final = 3600
_A_THOUSAND: Final = Work(1000)
_ROUNDING: Final = 1e-9
"""Relative: products of floats that are equal on paper differ by less, and an upper bound stays one."""


def gauge_of(method: Method, size: ModelSize, hosting: Hosting) -> Gauge:
    """Return what every exchange with a deployment will be counted with.

    Args:
        method: The method's constants.
        size: The model's size, as far as it is known.
        hosting: Where it runs.
    """
    pue = method.pue_unknown if hosting.pue is None else Range(*hosting.pue)
    plug_uwh = pue.scaled(_UWH_PER_WH)
    if hosting.processors is None:
        cards = method.cards
        token_wh, second_wh, token_s, embodied_kg_s = _on_cards(cards, *_sizes(method, size))
        name, first_s, busy = cards.id, cards.first_s, False
    else:
        cores = method.processors
        token_wh, token_s = Range(0, 0), cores.token_s
        second_wh, embodied_kg_s = _on_processors(method, hosting, hosting.processors)
        name, first_s, busy = cores.id, cores.first_s, True
    return Gauge(
        method=name,
        zone=hosting.mix.zone,
        token_uwh=token_wh.times(plug_uwh),
        second_uwh=second_wh.times(plug_uwh),
        token_s=token_s,
        first_s=first_s,
        busy=busy,
        ug_per_uwh=hosting.mix.g_per_kwh.scaled(_UG_PER_UWH),
        embodied_ug_s=embodied_kg_s.scaled(_UG_PER_KG),
        chars_per_token=method.chars_per_token,
        pue=pue,
        measured_share=method.measured,
    )


def footprint(gauge: Gauge, work: Work) -> Footprint:
    """Return what an exchange cost: its carbon as it is declared, if it is, and else estimated.

    Args:
        gauge: Of the deployment that served it.
        work: What is known of the exchange.
    """
    tokens, seconds = _tokens_and_seconds(gauge, work)
    energy = Range(
        tokens.low * gauge.token_uwh.low + seconds.low * gauge.second_uwh.low,
        tokens.high * gauge.token_uwh.high + seconds.high * gauge.second_uwh.high,
    )
    if gauge.declared is not None:
        return _as_declared(gauge, gauge.declared, energy, math.ceil(tokens.high) + work.read)
    return _weighed(gauge, gauge.method, energy, seconds)


def measured(gauge: Gauge, counter: str, energy_uj: Range, work: Work) -> Footprint:
    """Return what an exchange cost, by its share of what a counter of energy measured.

    The range covers the counter's own error, what it does not see of the machine (`method.json` says what), and
    cooling. Making the machine is estimated as without a counter.

    Args:
        gauge: Of the deployment that served it.
        counter: Which counter: a key of `Gauge.measured_share`, and the name of the method.
        energy_uj: The exchange's share, millionths of a joule.
        work: What is known of the exchange.
    """
    energy = energy_uj.times(gauge.measured_share[counter]).times(gauge.pue).scaled(_UWH_PER_UJ)
    return _weighed(gauge, counter, energy, _tokens_and_seconds(gauge, work)[1])


def carbon_mg(gauge: Gauge) -> int:
    """Return the upper estimate for 1,000 written tokens, mg CO2e: what a charter caps and a placement compares."""
    return -(-footprint(gauge, _A_THOUSAND).carbon_ug.high // _UG_PER_MG)


def _tokens_and_seconds(gauge: Gauge, work: Work) -> tuple[Range, Range]:
    """Return how many tokens may have been written, and for how long a machine may have worked on them."""
    if work.tokens is None:
        tokens = Range(work.chars // gauge.chars_per_token.high, work.chars / gauge.chars_per_token.low + 1)
    else:
        tokens = Range(work.tokens, work.tokens)
    shortest = tokens.low * gauge.token_s.low
    longest = gauge.first_s + tokens.high * gauge.token_s.high
    if work.seconds is not None:
        longest = min(longest, work.seconds)
        # As long as the fewest tokens may have taken at most: that there may be more of them is no lower bound.
        busiest = min(gauge.first_s + tokens.low * gauge.token_s.high, work.seconds)
        shortest = busiest if gauge.busy else min(shortest, longest)
    return tokens, Range(shortest, longest)


def _as_declared(gauge: Gauge, declared: Declared, energy_uwh: Range, most_tokens: int) -> Footprint:
    most = Span(0, declared.ug_per_token * most_tokens)
    return Footprint(
        energy_uwh=_outwards(energy_uwh.low, energy_uwh.high),
        carbon_ug=most,
        embodied_ug=most,  # of which nobody says how much
        method=DECLARED,
        zone=gauge.zone,
        source=declared.source,
    )


def _weighed(gauge: Gauge, method: str, energy_uwh: Range, seconds: Range) -> Footprint:
    embodied = seconds.times(gauge.embodied_ug_s)
    carbon = energy_uwh.times(gauge.ug_per_uwh)
    return Footprint(
        energy_uwh=_outwards(energy_uwh.low, energy_uwh.high),
        carbon_ug=_outwards(carbon.low + embodied.low, carbon.high + embodied.high),
        embodied_ug=_outwards(embodied.low, embodied.high),
        method=method,
        zone=gauge.zone,
    )


def _outwards(low: float, high: float) -> Span:
    return Span(math.floor(low * (1 - _ROUNDING)), math.ceil(high * (1 + _ROUNDING)))


def _sizes(method: Method, size: ModelSize) -> tuple[Range, Range]:
    """Return billions of parameters: in all, and at work for a token."""
    total = method.total_b_unknown if size.total_b is None else Range(*size.total_b)
    if size.active_b is not None:
        active = Range(*size.active_b)
        # There are at least as many in all as at work, whatever else is not known.
        return Range(max(total.low, active.low), max(total.high, active.high)), active
    # Not known to be all of them: as few as in the sparsest model that is known.
    most = method.active_b_unknown if size.total_b is None else total.high
    return total, Range(total.low * method.sparsest, most)


def _on_cards(cards: Cards, total: Range, active: Range) -> tuple[Range, Range, Range, Range]:
    """Return watt-hours per token and per second, seconds per token, and kg CO2e of making it per second."""
    lows = _at(cards, total.low, active.low, cards.batch.high)
    highs = _at(cards, total.high, active.high, cards.batch.low)
    token_wh, second_wh, token_s, embodied = (Range(low, high) for low, high in zip(lows, highs, strict=True))
    # Served speeds differ both ways from the regression: what was observed widens it.
    token_s = Range(min(token_s.low, 1 / cards.tokens_per_s.high), max(token_s.high, 1 / cards.tokens_per_s.low))
    return token_wh, second_wh, token_s, embodied


def _at(cards: Cards, total_b: float, active_b: float, batch: float) -> tuple[float, float, float, float]:
    """EcoLogits' formulae, with the names it gives them; every result grows with each size and falls with the batch."""
    per_card = cards.energy_alpha * math.exp(cards.energy_beta * batch) * active_b + cards.energy_gamma
    latency = cards.latency_alpha * active_b + cards.latency_beta * batch + cards.latency_gamma
    needed = _cards_needed(cards, total_b)
    share = needed / cards.per_server
    made = share * cards.server_made_kg + needed * cards.card_made_kg
    return needed * per_card, cards.server_w * share / _HOUR_S / batch, latency, made / cards.lifetime_s / batch


def _cards_needed(cards: Cards, total_b: float) -> int:
    """Return how many cards hold the weights, a power of two."""
    gigabytes = cards.memory_overhead * total_b * cards.bits / 8
    # Doubled until there is room: the same as rounding the logarithm up, without its rounding errors.
    needed = 1
    while needed * cards.memory_gb < gigabytes:
        needed *= 2
    return needed


def _on_processors(method: Method, hosting: Hosting, processors: int) -> tuple[Range, Range]:
    """Return watt-hours per second of work, and kg CO2e of making the machine per second."""
    cores = method.processors
    watts = cores.watts if hosting.watts_per_processor is None else Range(*hosting.watts_per_processor)
    made = cores.made_kg.scaled(processors / method.cards.lifetime_s)
    share = Range(1 / hosting.slots, 1)
    return watts.scaled(processors / _HOUR_S).times(share), made.times(share)
