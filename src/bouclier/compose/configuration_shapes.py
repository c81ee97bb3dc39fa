"""The shape of `bouclier.yaml`: which keys it may have, and what each holds."""

from __future__ import annotations

from typing import Any

from bouclier.compose.configuration_model import DeploymentSettings
from bouclier.compose.configuration_readers import (
    BASE_URL,
    BOOL,
    COUNT,
    COUNTRY_CODE,
    NAME,
    OPERATOR_ID,
    ORIGIN,
    PATH,
    PORT,
    SECONDS,
    TEXT,
    text_of,
)
from bouclier.compose.shield_shapes import SHIELD
from bouclier.compose.yaml_reader import Fields, Reader, distinct, list_of, one_of, scalar
from bouclier.terms.errors import Bilingual
from bouclier.terms.law import Openness


def _reach(values: dict[str, Any]) -> dict[str, Any]:
    return {"certainty": "established", "through": "declared", **values}


def _operator(values: dict[str, Any]) -> dict[str, Any]:
    """Give declared facts the shape of the registry's: the institution is their source."""
    return {**values, "source": {"kind": "declared", "ref": values["source"]}}


def _deployment(values: dict[str, Any]) -> DeploymentSettings:
    openness = values.pop("open_weights", None)
    if openness is not None:
        values["openness"] = Openness.OPEN if openness else Openness.CLOSED
    return DeploymentSettings(**values)


DEPLOYMENT = Fields(
    readers={
        "name": NAME,
        "base_url": BASE_URL,
        "model": TEXT,
        "operator": OPERATOR_ID,
        "site": NAME,
        "country": COUNTRY_CODE,
        "open_weights": BOOL,
        "api_key_file": PATH,
        "connect_timeout_s": SECONDS,
        "idle_timeout_s": SECONDS,
    },
    required=("name", "base_url", "model", "operator"),
    build=_deployment,
)

REACH = Fields(
    readers={
        "law": TEXT,
        "certainty": one_of(("established", "contested")),
        "through": TEXT,
    },
    required=("law",),
    build=_reach,
)

OPERATOR_FACTS = Fields(
    readers={
        "id": OPERATOR_ID,
        "name": TEXT,
        "control": list_of(COUNTRY_CODE),
        "reaches": list_of(REACH),
        "source": TEXT,
        "as_of": scalar("any", text_of, Bilingual("une date AAAA-MM-JJ", "a date YYYY-MM-DD")),
    },
    required=("id", "name", "control", "source", "as_of"),
    build=_operator,
)


def _section(readers: dict[str, Reader]) -> Fields:
    return Fields(readers=readers, required=(), build=dict)


SHAPE = Fields(
    readers={
        "institution": _section({"name": TEXT}),
        "listen": _section({"host": TEXT, "port": PORT}),
        "data": PATH,
        "shared": PATH,
        "charter": PATH,
        "deployments": distinct(list_of(DEPLOYMENT), "name", reserved=("auto", "embedded")),
        "operators": distinct(list_of(OPERATOR_FACTS), "id"),
        "engine": _section(
            {
                "model": TEXT,
                "threads": COUNT,
                "context": COUNT,
                "weights": list_of(PATH),
                "cache": PATH,
                "hub": BOOL,
            }
        ),
        "shield": _section(SHIELD),
        "log": _section(
            {
                "origin": ORIGIN,
                "policy": PATH,
                "ml_dsa": BOOL,
                "pooling_ms": COUNT,
                "interval_s": COUNT,
                "max_unwitnessed_s": COUNT,
                "open": BOOL,
            }
        ),
        "seal": _section({"authorities": list_of(PATH), "threshold": COUNT, "retention_days": COUNT}),
        "limits": _section({"max_body_bytes": COUNT, "max_text_chars": COUNT}),
        "console": _section({"open_on_loopback": BOOL}),
    },
    required=(),
    build=dict,
)
