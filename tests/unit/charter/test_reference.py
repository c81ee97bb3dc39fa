"""The reference page says what the starter charter is, and its example can be used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bouclier.charter import Charter, decide, parse_charter
from bouclier.charter.adapters.charter_files import charter_files, load_charter
from bouclier.terms.content import DataClass
from bouclier.terms.law import Case, Deployment, Exposure, Openness

PAGE = Path(__file__).parents[3].joinpath("docs/reference/charter-packs.md").read_text(encoding="utf-8")
NAMED = frozenset(re.findall(r"`([^`\n]+)`", PAGE))
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| (permit|forbid|oblige)([^|]*) \|", re.MULTILINE)


def candidate(name: str, country: str = "FR", *, own: bool = False, exposure: Exposure) -> Deployment:
    return Deployment(
        name=name,
        model="modele",
        operator=name,
        operator_name=name,
        site="exemple",
        own=own,
        openness=Openness.OPEN,
        exposure=exposure,
        country=country,
    )


CONTESTED = candidate("contested", exposure=Exposure(known=True, control=("FR",), contested=("us-cloud-act",)))
COLUMNS = (
    candidate("own", own=True, exposure=Exposure(known=True)),
    candidate("union", exposure=Exposure(known=True, control=("FR",))),
    CONTESTED,
    candidate("foreign", exposure=Exposure(known=True, control=("US",), foreign_laws=("us-cloud-act",))),
    candidate("adequate", "CH", exposure=Exposure(known=True, control=("CH",), foreign_laws=("law-of-CH",))),
    candidate("other", "IN", exposure=Exposure(known=True, control=("IN",), foreign_laws=("law-of-IN",))),
    candidate("unknown", exposure=Exposure(known=False)),
)


@pytest.fixture(scope="module")
def charter() -> Charter:
    return load_charter()


def test_the_page_lists_every_policy_with_its_effect_and_its_duties_and_no_other(charter: Charter) -> None:
    listed = {
        identifier: (effect, set(re.findall("`([^`]+)`", duties))) for identifier, effect, duties in ROW.findall(PAGE)
    }
    assert len(listed) == len(ROW.findall(PAGE))
    assert listed == {
        policy.ref.id: ("oblige" if policy.action == "oblige" else policy.effect, set(policy.duties))
        for policy in charter.policies.values()
    }


def test_the_page_lists_each_policy_under_its_pack(charter: Charter) -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    listed = {
        section[1:].split("`")[0]: {row[0] for row in ROW.findall(section)} for section in sections if section[0] == "`"
    }
    packs: dict[str, set[str]] = {name: set() for name in charter.packs}
    for policy in charter.policies.values():
        packs[policy.file.split("/")[1]].add(policy.ref.id)
    assert listed == packs


def test_the_page_names_every_use_every_safeguard_and_every_capability_that_policies_read(charter: Charter) -> None:
    assert set(charter.data.uses) <= NAMED
    text = "".join(text for path, text in charter.files.items() if path.endswith(".cedar"))
    asked = re.findall(
        r"(?:context\.(?:safeguards|qualifications)|resource\.(?:capabilities|evaluations))\.contains\w*\(([^)]*)\)",
        text,
    )
    words = {word for one in asked for word in re.findall('"([^"]+)"', one)}
    assert {"fria", "hds", "nudification", "image-safeguards"} <= words
    assert words <= NAMED


@pytest.mark.parametrize("data_class", DataClass)
def test_the_table_of_classes_is_what_the_charter_answers(charter: Charter, data_class: DataClass) -> None:
    (written,) = re.findall(rf"^\| `{data_class.slug}` \|((?: (?:yes|no|pseudonymised) \|){{7}})$", PAGE, re.MULTILINE)
    case = Case(role="agent", purpose="unspecified", data_class=data_class, day=20261122)
    verdicts = [decide(case, deployment, charter) for deployment in COLUMNS]
    answers = [
        "no" if not verdict.permitted else "pseudonymised" if "pseudonymise" in verdict.duties else "yes"
        for verdict in verdicts
    ]
    assert [cell.strip() for cell in written.strip("|").split("|")] == answers


def test_the_example_closes_contested_deployments_to_sensitive_data(charter: Charter) -> None:
    (example,) = re.findall(r"```cedar\n(.*?)```", PAGE, re.DOTALL)
    files = charter_files()
    path = "packs/donnees-sensibles/policies.cedar"
    stricter = parse_charter({**files, path: f"{files[path]}\n{example}"})
    case = Case(role="agent", purpose="courrier", data_class=DataClass.SENSITIVE, day=20261122)
    assert decide(case, CONTESTED, charter).permitted
    refused = decide(case, CONTESTED, stricter)
    assert [policy.id for policy in refused.policies] == ["sensitive-out-of-contested-reach"]
