"""The reference page says what the starter charter is, and its example can be used."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from bouclier.charter import decide, parse_charter
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.terms.content import DataClass
from bouclier.terms.law import Case, Deployment, Exposure, Openness

PAGE = Path(__file__).parents[3].joinpath("docs/reference/starter-charter.md").read_text(encoding="utf-8")
DATA = resources.files("bouclier.charter") / "data" / "starter"


def test_the_page_lists_every_policy_with_its_effect_and_no_other() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \| (permit|forbid)", PAGE, re.MULTILINE)
    assert listed == [(policy.ref.id, policy.effect) for policy in load_charter().policies.values()]


def test_the_example_closes_contested_deployments_to_sensitive_data() -> None:
    (example,) = re.findall(r"```cedar\n(.*?)```", PAGE, re.DOTALL)
    stricter = parse_charter(
        (DATA / "policies.cedar").read_text("utf-8") + example,
        (DATA / "schema.cedarschema").read_text("utf-8"),
        (DATA / "charter.json").read_bytes(),
    )
    contested = Deployment(
        name="nuage-fr",
        model="modele",
        operator="nuage-fr",
        operator_name="Nuage",
        site="fr-exemple",
        own=False,
        openness=Openness.OPEN,
        exposure=Exposure(known=True, control=("FR",), contested=("us-cloud-act",)),
    )
    case = Case(role="agent", purpose="courrier", data_class=DataClass.SENSITIVE)
    assert decide(case, contested, load_charter()).permitted
    assert not decide(case, contested, stricter).permitted
