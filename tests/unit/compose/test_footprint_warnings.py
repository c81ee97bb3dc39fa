"""What whoever starts a gateway is told of its carbon figures."""

from __future__ import annotations

import logging

import pytest
from tests.footprint_kit import DENSE_24B, facts

from bouclier.compose.budgeting import allowances_of
from bouclier.compose.configuration import configuration_of
from bouclier.compose.footprint_data import declared_by
from bouclier.compose.footprint_metering import Metering
from bouclier.compose.footprint_warnings import warn_of_footprints
from bouclier.footprint import ModelSize
from bouclier.terms.law import Deployment, Exposure, Openness

FIVE_G = "budgets: [{application: guichet, period: month, grams: 5}, {application: '*', period: day, grams: 1e9}]"


def told(caplog: pytest.LogCaptureFixture, *, size: ModelSize, carbon: str = "", budgets: str = FIVE_G) -> list[str]:
    entry = f"name: d, base_url: http://127.0.0.1/v1, model: grand, operator: x, country: FR{carbon}"
    configuration = configuration_of(
        f"engine: {{model: 'off'}}\ndeployments: [{{{entry}}}]\n{budgets}", source=None, environment={}
    )
    deployment = Deployment(
        "d", "grand", "x", "X", "s", own=False, openness=Openness.OPEN, exposure=Exposure(known=True)
    )
    metering = Metering(
        facts(),
        deployment_of=lambda _: deployment,
        size_of=lambda _: size,
        machines={},
        counters={},
        declared=declared_by(configuration.deployments),
    )
    with caplog.at_level(logging.WARNING, "bouclier.compose"):
        warn_of_footprints(
            configuration,
            allowances_of(configuration.budgets),
            metering,
            deployment_of=lambda _: deployment,
            size_of=lambda _: size,
        )
    return [record.getMessage() for record in caplog.records]


def test_a_budget_that_one_answer_of_a_model_of_unknown_size_may_spend_is_named_with_what_to_write(
    caplog: pytest.LogCaptureFixture,
) -> None:
    (said,) = told(caplog, size=ModelSize())
    assert 'deployment "d"' in said
    assert '"guichet" (5 g a month)' in said
    assert '"*"' not in said  # a thousand tonnes are not spent by one answer
    assert "2,751 g of CO2e per 1,000 tokens" in said
    assert "carbon: {mg_per_1000_tokens" in said


@pytest.mark.parametrize(
    ("size", "carbon", "budgets"),
    [
        (DENSE_24B, "", FIVE_G),
        (ModelSize(), ", carbon: {mg_per_1000_tokens: 400, source: mesure}", FIVE_G),
        (ModelSize(), "", ""),
    ],
)
def test_a_size_a_figure_or_no_budget_is_nothing_to_warn_of(
    size: ModelSize, carbon: str, budgets: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert told(caplog, size=size, carbon=carbon, budgets=budgets) == []


def test_a_declared_figure_below_all_that_the_method_could_give_is_counted_and_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    (said,) = told(
        caplog, size=ModelSize((123, 123), (123, 123)), carbon=", carbon: {mg_per_1000_tokens: 1, source: m}"
    )
    assert 'the 1 mg of CO2e per 1,000 tokens declared for deployment "d"' in said
    assert "milligrams" in said
