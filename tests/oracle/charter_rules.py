"""What a charter's packs say beside policies, read again from their files: facts of a question, and duties that merge.

Written from the prose of `specs` and of the schema's comments, and from nothing of `bouclier.charter`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.oracle.cedar_subset import Evaluation, OracleError, Policy, Reader, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bouclier.terms.law import Case, Deployment

CLASSES = ("public", "internal", "pseudonymised", "personal", "sensitive", "restricted", "classified")
_NAMESPACE = "Bouclier::"
_SIMPLE = {"Bool": "bool", "Long": "long", "String": "string"}


class Answer(NamedTuple):
    """What a charter says: yes or no, by which policies, and what is owed."""

    permitted: bool
    policies: frozenset[str]
    duties: tuple[str, ...] = ()


class Oracle:
    """A charter read from its files."""

    def __init__(self, files: Mapping[str, str], added: str = "") -> None:
        packs = [f"packs/{name}/" for name in json.loads(files["charter.json"])["packs"]]
        self._policies: list[Policy] = []
        for text in (*(files[f"{pack}policies.cedar"] for pack in packs), added):
            self._policies += Reader(text).policies()
        data = [json.loads(files.get(f"{pack}data.json", "{}")) for pack in packs]
        self._data = {
            section: [item for one in data for item in one.get(section, ())]
            for section in ("uses", "classification", "adequacy", "union", "retention", "budgets")
        }
        blocks = re.findall(r"(\w+)(?: =|:) \{([^{}]*)\}", re.sub(r"//[^\n]*", "", files["schema.cedarschema"]))
        self._types = {name: dict(re.findall(r"(\w+): ([\w<>]+)", block)) for name, block in blocks}

    def decide(self, case: Case, deployment: Deployment) -> Answer | None:
        """Return the answer, or None when there is none and nothing may leave."""
        entities = [
            {"uid": {"type": f"{_NAMESPACE}Principal", "id": case.role}, "attrs": {"role": case.role}},
            {"uid": {"type": f"{_NAMESPACE}Deployment", "id": deployment.name}, "attrs": _facts(deployment)},
        ]
        context = self._context(case, deployment)
        answer = self.answer(
            {"principal": entities[0]["uid"], "resource": entities[1]["uid"], "context": context}, entities
        )
        return answer if answer is None or not answer.permitted else self._bound(answer.policies, deployment)

    def answer(self, question: Mapping[str, Any], entities: Sequence[Mapping[str, Any]]) -> Answer | None:
        """Return whether it may, and if so with which policies that oblige; None when there is no answer."""
        granted = self.ask({**question, "action": {"type": f"{_NAMESPACE}Action", "id": "infer"}}, entities)
        if granted is None or not granted.permitted:
            return granted
        obliged = self.ask({**question, "action": {"type": f"{_NAMESPACE}Action", "id": "oblige"}}, entities)
        return None if obliged is None else Answer(permitted=True, policies=granted.policies | obliged.policies)

    def ask(self, question: Mapping[str, Any], entities: Sequence[Mapping[str, Any]]) -> Answer | None:
        """Return the policies' answer to one question, or None where any of them errs or it does not fit the schema."""
        try:
            known = {
                (one["uid"]["type"], one["uid"]["id"]): self._record(one["attrs"], one["uid"]["type"])
                for one in entities
            }
            uids = {
                name: (question[name]["type"], question[name]["id"]) for name in ("principal", "action", "resource")
            }
            if uids["principal"] not in known or uids["resource"] not in known:
                return None
            if (uids["principal"][0], uids["resource"][0]) != (f"{_NAMESPACE}Principal", f"{_NAMESPACE}Deployment"):
                return None
            if uids["action"] not in {(f"{_NAMESPACE}Action", "infer"), (f"{_NAMESPACE}Action", "oblige")}:
                return None
            variables: dict[str, Value] = {name: ("entity", uid) for name, uid in uids.items()}
            variables["context"] = "record", frozenset(self._record(question["context"], "context").items())
            evaluation = Evaluation(variables, known)
            holding = [policy for policy in self._policies if evaluation.applies(policy)]
        except (OracleError, UnicodeEncodeError):
            return None
        forbids = frozenset(policy.annotations["id"] for policy in holding if policy.effect == "forbid")
        permits = frozenset(policy.annotations["id"] for policy in holding if policy.effect == "permit")
        return Answer(bool(permits) and not forbids, forbids or permits)

    def _record(self, values: Mapping[str, Any], kind: str) -> dict[str, Value]:
        types = self._types[kind.removeprefix(_NAMESPACE)]
        if set(values) != set(types):
            raise OracleError("other attributes than the schema's")
        return {name: _typed(value, types[name]) for name, value in values.items()}

    def _context(self, case: Case, deployment: Deployment) -> dict[str, Any]:
        uses = {use["id"] for use in self._data["uses"] if case.purpose in use["purposes"]}
        rank, labels = int(case.data_class), set(case.labels)
        for _ in self._data["classification"]:  # each round can only add; there is nothing to add after so many
            for rule in self._data["classification"]:
                known = {"labels": labels, "uses": uses, "purposes": {case.purpose}, "modalities": set(case.modalities)}
                if all(known[key] & set(wanted) for key, wanted in rule["when"].items()):
                    rank = max(rank, CLASSES.index(rule.get("class", "public")))
                    labels |= set(rule.get("labels", ()))
        held = [one.split("@") for one in deployment.qualifications]
        qualifications = {name for name, *until in held if not until or int(until[0]) >= case.day}
        return {
            "data_class": rank,
            "class_name": CLASSES[rank],
            "labels": labels,
            "purpose": case.purpose,
            "uses": uses,
            "safeguards": set(case.safeguards),
            "signals": set(case.signals),
            "modalities": set(case.modalities),
            "capabilities": set(case.capabilities),
            "day": case.day,
            "qualifications": qualifications,
            "transfer": self._transfer(deployment, qualifications, case.day),
        }

    def _transfer(self, deployment: Deployment, qualifications: set[str], day: int) -> str:
        if deployment.own or deployment.country is None:
            return "own" if deployment.own else "unknown"
        if deployment.country in self._data["union"]:
            return "union"
        for fact in self._data["adequacy"]:
            begins, ends = (int((fact.get(key) or "9999-99-99").replace("-", "")) for key in ("from", "until"))
            covers = fact.get("holders", "all") == "all" or fact.get("holds", "dpf") in qualifications
            if fact["state"] == deployment.country and begins <= day < ends and covers:
                return "adequate"
        return "none"

    def _bound(self, ids: frozenset[str], deployment: Deployment) -> Answer | None:
        """Return what policies that grant or oblige amount to, for a deployment that must be able to do it."""
        owed = {
            policy.annotations["id"]: self._duties(policy)
            for policy in self._policies
            if policy.annotations["id"] in ids
        }
        every = set().union(*owed.values())
        caps = {int(duty.partition(":")[2]) for duty in every if duty.startswith("carbon-cap:")}
        spans = [tuple(map(int, duty.partition(":")[2].split("-"))) for duty in every if duty.startswith("retain:")]
        merged = {duty for duty in every if not duty.startswith(("carbon-cap:", "retain:"))}
        if spans:
            least, most = max(span[0] for span in spans), min(span[1] for span in spans)
            if least > most:
                return None
            merged.add(f"retain:{least}-{most}")
        if caps:
            merged.add(f"carbon-cap:{min(caps)}")
        for word, is_impossible in (
            ("local-only", not deployment.own),
            ("carbon-cap", deployment.carbon_mg is None),
        ):
            owing = frozenset(name for name, duties in owed.items() if any(one.split(":")[0] == word for one in duties))
            if owing and is_impossible:
                return Answer(permitted=False, policies=owing)
        return Answer(permitted=True, policies=ids, duties=tuple(sorted(merged)))

    def _duties(self, policy: Policy) -> set[str]:
        meanings = {
            f"retain:{one['id']}": f"retain:{one['min_days']}-{one['max_days']}" for one in self._data["retention"]
        }
        meanings |= {f"carbon-cap:{one['id']}": f"carbon-cap:{one['mg']}" for one in self._data["budgets"]}
        written = [duty.strip() for duty in policy.annotations.get("duty", "").split(",")]
        return {meanings.get(duty, duty) for duty in written if duty}


def _facts(deployment: Deployment) -> dict[str, Any]:
    exposure = deployment.exposure
    return {
        "own": deployment.own,
        "model": deployment.model,
        "operator": deployment.operator,
        "site": deployment.site,
        "country": "" if deployment.country is None else deployment.country,
        "openness": deployment.openness.value,
        "exposure_known": exposure.known,
        "control": exposure.control,
        "foreign_laws": exposure.foreign_laws,
        "contested": exposure.contested,
        "capabilities": deployment.capabilities,
        "evaluations": deployment.evaluations,
        "carbon_known": deployment.carbon_mg is not None,
        "carbon_mg": 0 if deployment.carbon_mg is None else deployment.carbon_mg,
    }


def _typed(value: Any, kind: str) -> Value:
    """Return a value of the schema's type; anything else does not fit."""
    if kind == "Set<String>" and isinstance(value, list | tuple | set | frozenset):
        return "set", frozenset(_typed(one, "String") for one in value)
    if type(value) is not {"Bool": bool, "Long": int, "String": str}.get(kind):
        raise OracleError(f"{kind} wanted")
    if isinstance(value, str):
        value.encode()
    if type(value) is int and not -(2**63) <= value < 2**63:
        raise OracleError("too large")
    return _SIMPLE[kind], value
