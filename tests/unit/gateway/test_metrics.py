"""The page that Prometheus reads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bouclier.fleet.book_model import State
from bouclier.footprint import Footprint, Span
from bouclier.gateway.access import Access
from bouclier.gateway.metrics_exchanges import ExchangeMetrics, Now
from bouclier.gateway.metrics_model import CONTENT_TYPE, Family, Histogram, rendered
from bouclier.gateway.metrics_route import MetricsRoute
from bouclier.terms.errors import AuthenticationError, NotAllowedError
from bouclier.terms.law import Budget, Principal

COST = Footprint(Span(1_000_000, 2_000_000), Span(500_000, 1_500_000), Span(0, 1), "ecologits-0.11", "FR")
READY = State(
    word="ready",
    in_flight=2,
    elsewhere=1,
    slots=4,
    wait_ms=250,
    token_us=None,
    breaker="half-open",
    retry_in_ms=0,
    failure="",
    failure_age_ms=None,
    draining=False,
    drained_for_ms=None,
    listed=None,
    served=3,
    failed=1,
)


@dataclass(frozen=True)
class Exchange:
    status: int = 200
    ending: str = "complete"
    first_token_ms: int | None = 300
    duration_ms: int | None = 1_200
    prompt_tokens: int | None = 10
    completion_tokens: int | None = 20
    footprint: Footprint | None = COST


def lines(page: bytes) -> list[str]:
    assert page.endswith(b"\n")
    return page.decode().splitlines()


def samples(page: bytes) -> dict[str, float]:
    told = (line.rpartition(" ") for line in lines(page) if not line.startswith("#"))
    return {name: float(value) for name, _, value in told}


def test_an_exchange_is_counted_with_its_cost_in_base_units() -> None:
    metrics = ExchangeMetrics()
    metrics.ended("paris", Exchange())
    metrics.ended("paris", Exchange(duration_ms=200))
    told = samples(metrics.page(Now()))
    assert told['bouclier_exchanges_total{deployment="paris",ending="complete",status="200"}'] == 2
    assert told['bouclier_tokens_total{deployment="paris",direction="completion"}'] == 40
    assert told['bouclier_energy_low_joules_total{deployment="paris"}'] == 2 * 3600
    assert told['bouclier_energy_high_joules_total{deployment="paris"}'] == 4 * 3600
    assert told['bouclier_carbon_low_grams_total{deployment="paris"}'] == 1.0
    assert told['bouclier_carbon_high_grams_total{deployment="paris"}'] == 3.0
    assert told['bouclier_exchange_duration_seconds_bucket{deployment="paris",le="0.25"}'] == 1
    assert told['bouclier_exchange_duration_seconds_bucket{deployment="paris",le="2.5"}'] == 2
    assert told['bouclier_exchange_duration_seconds_sum{deployment="paris"}'] == pytest.approx(1.4)
    assert told['bouclier_first_token_seconds_count{deployment="paris"}'] == 2


def test_what_is_not_known_is_counted_as_such_and_not_as_zero() -> None:
    metrics = ExchangeMetrics()
    cut = Exchange(502, "stream_interrupted", None, None, None, None, None)
    metrics.ended("paris", cut)
    told = samples(metrics.page(Now()))
    assert told['bouclier_uncounted_tokens_total{deployment="paris"}'] == 1
    assert told['bouclier_unestimated_total{deployment="paris"}'] == 1
    assert not any(name.startswith(("bouclier_tokens", "bouclier_carbon", "bouclier_first")) for name in told)


def test_the_state_of_the_fleet_is_told_as_it_is_now() -> None:
    now = Now(
        states={"paris": READY},
        queued=3,
        log_entries=12,
        budgets={Budget.WITHIN: 4, Budget.REFUSE: 1},
        budgets_kept=False,
    )
    metrics = ExchangeMetrics()
    metrics.error("refused_by_charter")
    told = samples(metrics.page(now))
    assert told['bouclier_in_flight{deployment="paris"}'] == 2
    assert told['bouclier_breaker{deployment="paris",state="half-open"}'] == 1
    assert told['bouclier_breaker{deployment="paris",state="open"}'] == 0
    assert told['bouclier_deployment_state{deployment="paris",state="ready"}'] == 1
    assert told['bouclier_expected_wait_seconds{deployment="paris"}'] == 0.25
    assert told["bouclier_queue_length"] == 3
    assert told["bouclier_log_entries"] == 12
    assert told["bouclier_budgets_kept"] == 0
    assert told['bouclier_budget_applications{stage="refuse"}'] == 1
    assert told['bouclier_errors_total{code="refused_by_charter"}'] == 1
    assert "bouclier_gateways" not in told


def test_every_family_has_its_help_and_type_once_before_its_samples() -> None:
    metrics = ExchangeMetrics()
    metrics.ended("paris", Exchange())
    page = lines(metrics.page(Now(states={"paris": READY})))
    heads = [line.split()[2] for line in page if line.startswith("# TYPE")]
    assert len(heads) == len(set(heads))
    current = ""
    for line in page:
        if line.startswith("# TYPE"):
            current = line.split()[2]
        elif not line.startswith("#"):
            assert line.startswith(current)


def test_the_reference_parser_reads_the_page() -> None:
    metrics = ExchangeMetrics()
    metrics.ended("paris", Exchange())
    now = Now(states={"paris": READY}, log_entries=3, gateways=2, budgets_kept=True)
    read = {family.name: family for family in text_string_to_metric_families(metrics.page(now).decode())}
    assert read["bouclier_exchange_duration_seconds"].type == "histogram"
    assert read["bouclier_exchanges"].samples[0].labels == {
        "deployment": "paris",
        "ending": "complete",
        "status": "200",
    }
    assert read["bouclier_gateways"].samples[0].value == 2


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    family = Family("x", "a\nb\\c", "counter", ("name",))
    family.add(('"} 1\n\\',), 0.5)
    assert rendered([family]) == b'# HELP x a\\nb\\\\c\n# TYPE x counter\nx{name="\\"} 1\\n\\\\"} 0.5\n'


def test_a_value_on_a_bound_is_in_its_bucket() -> None:
    histogram = Histogram("x", "seconds", (1.0, 2.0))
    for value in (1.0, 1.5, 9.0):
        histogram.observe((), value)
    assert lines(rendered([histogram]))[2:] == [
        'x_bucket{le="1"} 1',
        'x_bucket{le="2"} 2',
        'x_bucket{le="+Inf"} 3',
        "x_sum 11.5",
        "x_count 3",
    ]


class Keys:
    def principal_of(self, key: str) -> Principal | None:
        return {"m": Principal("moniteur", "monitor"), "a": Principal("guichet")}.get(key)


class Told:
    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes, bytes]] = []

    async def whole(
        self, status: int, content_type: bytes, body: bytes, *, more_headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        del more_headers
        self.answers.append((status, content_type, body))


def asked(*, client: str, key: str | None = None, host: bytes = b"127.0.0.1:8787") -> Told:
    headers = [(b"host", host)]
    if key is not None:
        headers.append((b"authorization", b"Bearer " + key.encode()))
    told = Told()
    route = MetricsRoute(ExchangeMetrics(), Now, Access(Keys(), None))
    scope: Any = {"type": "http", "method": "GET", "path": "/metrics", "client": (client, 1), "headers": headers}
    asyncio.run(route.serve(scope, told))
    return told


def test_this_machine_and_monitors_may_read_it() -> None:
    for told in (asked(client="127.0.0.1"), asked(client="192.0.2.7", key="m", host=b"gateway.example")):
        ((status, content_type, body),) = told.answers
        assert (status, content_type) == (200, CONTENT_TYPE)
        assert b"bouclier_queue_length 0" in body


def test_nobody_else_may() -> None:
    with pytest.raises(AuthenticationError):
        asked(client="192.0.2.7", host=b"gateway.example")
    with pytest.raises(NotAllowedError):
        asked(client="192.0.2.7", key="a", host=b"gateway.example")
    with pytest.raises(AuthenticationError):
        asked(client="127.0.0.1", host=b"rebound.example")
