"""The shape of `bouclier.yaml`: which keys it may have, and what each holds."""

from __future__ import annotations

from typing import Any

from bouclier.compose.configuration_model import DeploymentSettings, Safeguards
from bouclier.compose.configuration_readers import (
    BASE_URL,
    BOOL,
    COUNT,
    COUNTRY_CODE,
    DAY,
    KEYWORD,
    NAME,
    OPERATOR_ID,
    ORIGIN,
    PATH,
    PORT,
    REFRESH,
    SECONDS,
    TEXT,
)
from bouclier.compose.fleet_shapes import ALIAS, BUDGET, ENGINES, FLEET, PRICE
from bouclier.compose.shield_shapes import SHIELD
from bouclier.compose.yaml_reader import Fields, Reader, distinct, list_of, one_of, scalar
from bouclier.terms.errors import Bilingual
from bouclier.terms.law import Openness

_MOST_MG = 10_000_000
"""10 kg, as a placement supposes of what nobody knows (specs/entry-v4.md): above, it is another unit."""


def _deployment(values: dict[str, Any]) -> DeploymentSettings:
    openness = values.pop("open_weights", None)
    if openness is not None:
        values["openness"] = Openness.OPEN if openness else Openness.CLOSED
    carbon = values.pop("carbon", None)
    if carbon is not None:
        values["carbon_mg"], values["carbon_source"] = carbon["mg_per_1000_tokens"], carbon["source"]
    if "price" in values:
        values["price_ueur"] = values.pop("price")
    for words in ("capabilities", "evaluations", "qualifications"):
        if words in values:
            values[words] = tuple(sorted(set(values[words])))
    return DeploymentSettings(**values)


def _qualification(values: dict[str, Any]) -> str:
    """Spell a qualification as policies and records do: its name, and the last day of its validity if it has one."""
    until = values.get("until")
    return values["name"] if until is None else f"{values['name']}@{until:%Y%m%d}"


QUALIFICATION = Fields(
    readers={"name": KEYWORD, "until": DAY, "source": TEXT}, required=("name", "source"), build=_qualification
)


def _milligrams(text: str) -> int:
    value = int(text.replace("_", ""))
    if not 1 <= value <= _MOST_MG:
        raise ValueError
    return value


MILLIGRAMS = scalar(
    "int",
    _milligrams,
    Bilingual(
        "un entier de 1 à 10000000, en mg de CO2e pour 1 000 tokens, arrondi vers le haut : rien ne coûte zéro, et si "
        "nul ne sait, retirez « carbon »",
        "a whole number from 1 to 10000000, mg of CO2e per 1,000 tokens, rounded up: nothing costs zero, and if nobody "
        "knows, leave `carbon` out",
    ),
)

CARBON = Fields(
    readers={"mg_per_1000_tokens": MILLIGRAMS, "source": TEXT},
    required=("mg_per_1000_tokens", "source"),
    build=dict,
)


def _safeguards(values: dict[str, Any]) -> Safeguards:
    return Safeguards(values["purpose"], tuple(sorted((one["what"], one["reference"]) for one in values["holds"])))


SAFEGUARDS = Fields(
    readers={
        "purpose": KEYWORD,
        "holds": distinct(
            list_of(Fields(readers={"what": KEYWORD, "reference": TEXT}, required=("what", "reference"), build=dict)),
            "what",
        ),
    },
    required=("purpose", "holds"),
    build=_safeguards,
)


DEPLOYMENT = Fields(
    readers={
        "name": NAME,
        "base_url": BASE_URL,
        "model": TEXT,
        "operator": OPERATOR_ID,
        "service": OPERATOR_ID,
        "site": NAME,
        "engine": one_of(ENGINES),
        "slots": COUNT,
        "price": PRICE,
        "country": COUNTRY_CODE,
        "open_weights": BOOL,
        "capabilities": list_of(KEYWORD),
        "evaluations": list_of(KEYWORD),
        "carbon": CARBON,
        "qualifications": list_of(QUALIFICATION),
        "api_key_file": PATH,
        "connect_timeout_s": SECONDS,
        "idle_timeout_s": SECONDS,
    },
    required=("name", "base_url", "model", "operator"),
    build=_deployment,
)


def _section(readers: dict[str, Reader]) -> Fields:
    return Fields(readers=readers, required=(), build=dict)


SHAPE = Fields(
    readers={
        "institution": _section({"name": TEXT}),
        "listen": _section({"host": TEXT, "port": PORT}),
        "data": PATH,
        "shared": PATH,
        "charter": _section(
            {
                "folder": PATH,
                "repository": TEXT,
                "root": PATH,
                "refresh_s": REFRESH,
                "when_expired": one_of(("refuse", "own")),
                "territory": COUNTRY_CODE,
            }
        ),
        "safeguards": distinct(list_of(SAFEGUARDS), "purpose"),
        "deployments": distinct(list_of(DEPLOYMENT), "name", reserved=("auto", "embedded")),
        "aliases": distinct(list_of(ALIAS), "name", reserved=("auto", "embedded")),
        "fleet": _section(FLEET),
        "budgets": distinct(list_of(BUDGET), "application"),
        "registry": _section({"facts": list_of(PATH)}),
        "engine": _section(
            {
                "model": TEXT,
                "threads": COUNT,
                "context": COUNT,
                "slots": COUNT,
                "memory_mb": COUNT,
                "country": COUNTRY_CODE,
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
