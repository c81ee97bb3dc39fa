"""`/metrics` of a gateway that serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2 as httpx
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from tests.servers import Served


def page(served: Served) -> dict[str, dict[tuple[str, ...], float]]:
    """The samples by name, and by label values."""
    told = httpx.get(f"{served.url}metrics", timeout=60)
    assert told.status_code == 200
    assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(told.text):
        for sample in family.samples:
            samples.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return samples


def test_an_exchange_and_an_error_are_counted_and_nobody_is_named(served: Served) -> None:
    headers = {"authorization": f"Bearer {served.key}"}
    before = page(served)
    for model in ("echo", "absent"):
        body = {"model": model, "messages": [{"role": "user", "content": "Zoé Vasseur, zoe.vasseur@example.fr"}]}
        httpx.post(f"{served.base_url}/chat/completions", json=body, headers=headers, timeout=60)
    after = page(served)
    ended = ("echo", "complete", "200")
    name = "bouclier_exchanges_total"
    assert after[name][ended] == before.get(name, {}).get(ended, 0) + 1
    assert after["bouclier_errors_total"][("model_not_found",)] >= 1
    assert (
        after["bouclier_carbon_high_grams_total"][("echo",)] > after["bouclier_carbon_low_grams_total"][("echo",)] > 0
    )
    assert after["bouclier_exchange_duration_seconds_count"][("echo",)] >= 1
    assert after["bouclier_log_entries"][()] > before["bouclier_log_entries"][()]
    text = httpx.get(f"{served.url}metrics", timeout=60).text
    assert "Vasseur" not in text
    assert "first" not in {label for sample in after.values() for labels in sample for label in labels}


def test_another_host_name_needs_a_monitors_key(served: Served) -> None:
    told = httpx.get(f"{served.url}metrics", headers={"host": "gateway.example"}, timeout=60)
    assert told.status_code == 401
    key = {"host": "gateway.example", "authorization": f"Bearer {served.key}"}
    assert httpx.get(f"{served.url}metrics", headers=key, timeout=60).status_code == 403
