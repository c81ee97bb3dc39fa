"""The part of `bouclier.yaml` that says where exchanges run: aliases, placement, queue, sharing, budgets."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from bouclier.compose.configuration_readers import COUNT, KEYWORD, NAME, PATH, SECONDS, TEXT, matching
from bouclier.compose.fleet_settings import AliasSettings, BudgetSettings
from bouclier.compose.fleet_share_address import share_address
from bouclier.compose.yaml_reader import Fields, Mistakes, Reader, list_of, one_of, scalar
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from bouclier.compose.configuration_model import Configuration

ENGINES = ("openai", "llama.cpp", "vllm", "ollama")
FIRST = "first"
_MAX_MS = 3_600_000
_MAX_PERCENT = 1000
_MAX_GRAMS = 1e12
_MAX_EUR = 1_000_000
_APPLICATION = re.compile(r"\*|[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def _milliseconds(text: str) -> int:
    value = int(text.replace("_", ""))
    if not 0 <= value <= _MAX_MS:
        raise ValueError
    return value


def _exposure(text: str) -> int | str:
    return FIRST if text == FIRST else _milliseconds(text)


def _percent(text: str) -> int:
    value = int(text)
    if not 1 <= value <= _MAX_PERCENT:
        raise ValueError
    return value


def _grams(text: str) -> float:
    value = float(text)
    if not 0 < value <= _MAX_GRAMS:
        raise ValueError
    return value


def _euros(text: str) -> float:
    value = float(text)
    if not 0 <= value <= _MAX_EUR:
        raise ValueError
    return value


def _postgresql(text: str) -> str:
    share_address(text)
    return text


MILLISECONDS = scalar("int", _milliseconds, Bilingual("de 0 à 3600000 millisecondes", "from 0 to 3600000 milliseconds"))
EXPOSURE = scalar(
    "any",
    _exposure,
    Bilingual("« first », ou de 0 à 3600000 millisecondes", "`first`, or from 0 to 3600000 milliseconds"),
)
PERCENT = scalar("int", _percent, Bilingual("de 1 à 1000 pour cent", "from 1 to 1000 percent"))
GRAMS = scalar("any", _grams, Bilingual("un nombre de grammes, plus que zéro", "a number of grams above zero"))
EUROS = scalar("any", _euros, Bilingual("un nombre d'euros", "a number of euros"))
POSTGRESQL = scalar(
    "any",
    _postgresql,
    Bilingual(
        "une adresse postgresql://… sans mot de passe (il va dans share_password_file)",
        "a postgresql://… address without a password (that goes into share_password_file)",
    ),
)
APPLICATION = scalar(
    "any", matching(_APPLICATION), Bilingual("le nom d'une clé, ou « * »", "the name of a key, or `*`")
)


def _price(values: dict[str, Any]) -> int:
    """Return millionths of a euro per 1,000 tokens."""
    euros: float = values["eur_per_million_tokens"]
    return round(euros * 1_000)


PRICE = Fields(
    readers={"eur_per_million_tokens": EUROS, "source": TEXT},
    required=("eur_per_million_tokens", "source"),
    build=_price,
)


def _alias(values: dict[str, Any]) -> AliasSettings:
    return AliasSettings(
        values["name"], tuple(values["models"]), title_fr=values.get("fr", ""), title_en=values.get("en", "")
    )


ALIAS = Fields(
    readers={"name": KEYWORD, "models": list_of(NAME), "fr": TEXT, "en": TEXT},
    required=("name", "models"),
    build=_alias,
    keeps_line=True,
)


def _budget(values: dict[str, Any]) -> BudgetSettings:
    return BudgetSettings(**values)


BUDGET = Fields(
    readers={
        "application": APPLICATION,
        "period": one_of(("day", "month")),
        "grams": GRAMS,
        "warn_percent": PERCENT,
        "lighten_percent": PERCENT,
        "refuse_percent": PERCENT,
    },
    required=("application", "period", "grams"),
    build=_budget,
    keeps_line=True,
)

FLEET: dict[str, Reader] = {
    "exposure": EXPOSURE,
    "price_ms": MILLISECONDS,
    "carbon_ms": MILLISECONDS,
    "queue_length": COUNT,
    "queue_wait_s": SECONDS,
    "max_attempts": COUNT,
    "patience_ms": MILLISECONDS,
    "probe_interval_s": SECONDS,
    "share": POSTGRESQL,
    "share_password_file": PATH,
}


def check_fleet(configuration: Configuration, mistakes: Mistakes) -> None:
    """Note what no single entry shows: an alias of nothing, a name used twice, percentages out of order."""
    names = {one.name for one in configuration.deployments} | {"embedded"}
    servable = names | {one.model for one in configuration.deployments}
    for alias in configuration.aliases:
        where = f"aliases.{alias.name}"
        if alias.name in names:
            mistakes.add(
                alias.line,
                where,
                message=Bilingual("un déploiement porte déjà ce nom.", "a deployment has that name already."),
                hint=Bilingual("donnez un autre nom à l'un des deux", "give one of them another name"),
            )
        for model in alias.models:
            if model not in servable:
                near = get_close_matches(model, sorted(servable), n=1)
                mistakes.add(
                    alias.line,
                    where,
                    message=Bilingual(
                        f"aucun déploiement ni modèle ne s'appelle « {model} ».",
                        f'no deployment or model is called "{model}".',
                    ),
                    hint=Bilingual(
                        f"vouliez-vous dire « {near[0]} » ?" if near else "nommez une entrée de « deployments »",
                        f'did you mean "{near[0]}"?' if near else "name an entry of `deployments`",
                    ),
                )
    for budget in configuration.budgets:
        if not budget.warn_percent <= budget.lighten_percent <= budget.refuse_percent:
            mistakes.add(
                budget.line,
                f"budgets.{budget.application}",
                message=Bilingual(
                    "il faut warn_percent ≤ lighten_percent ≤ refuse_percent.",
                    "warn_percent ≤ lighten_percent ≤ refuse_percent is needed.",
                ),
                hint=Bilingual("par défaut : 80, 100, 120", "by default: 80, 100, 120"),
            )
