"""Real processes shared by tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.charter_kit import ORDINARY, files_of_charter, write_charter
from tests.servers import Deployment, Served, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

# Time says nothing about a law: a machine may be busy, and the first text drawn builds Unicode tables. Where a run must
# be repeatable (CI), examples are the same every time; elsewhere each run looks at new ones.
settings.register_profile(
    "bouclier",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("bouclier")

KINDS = (
    "echo",
    "tool",
    "logprobs",
    "hang",
    "slow",
    "endless",
    "cut",
    "cut-plain",
    "garbage",
    "garbage-stream",
    "not-a-stream",
    "silent-end",
    "redirect",
    "status-400",
    "status-401",
    "status-429",
    "status-503",
)


def ordinary_charter(deployment: Deployment) -> str:
    """The lines by which a gateway decides by a small charter, kept beside a deployment's own files."""
    folder = write_charter(deployment.record.parent / "charter", files_of_charter(ORDINARY))
    return f"charter: {{folder: '{folder}'}}\n"


def configuration(deployment: Deployment, *, operator: str = "ovhcloud", more: str = "") -> str:
    """A gateway in front of one deployment process, once per kind, run by a French operator; and one in the US.

    It decides by a small charter of the tests', unless `more` names another: what the packaged one says changes with
    the law, and tests of the gateway are not about it.
    """
    entries = "".join(
        f"  - {{name: {kind}, base_url: '{deployment.base_url}', model: {kind}, operator: {operator}, site: fr-gra}}\n"
        for kind in KINDS
    )
    foreign = f"  - {{name: us, base_url: '{deployment.base_url}', model: echo, operator: openai}}\n"
    if "charter:" not in more:
        more += ordinary_charter(deployment)
    return f"deployments:\n{entries}{foreign}engine: {{model: off}}\nshield: {{names: off}}\n{more}"


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with Deployment(tmp_path_factory.mktemp("deployment")) as running:
        yield running


@pytest.fixture(scope="session")
def served(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One gateway for the tests that do not harm it."""
    running = serve(tmp_path_factory.mktemp("served"), config=configuration(deployment))
    yield running
    assert running.stop() == 0
    assert "internal error" not in running.said()
