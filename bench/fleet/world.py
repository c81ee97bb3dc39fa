"""The simulated fleet: 35 sites of operators that the packaged registry knows, and of some it does not.

Who can compel whom, what is certified and what the electricity weighs come from the packaged facts. Which of the
20 models of the registry a site serves, how many at once, how fast, at what price and with what PUE is invented: drawn
once from a seed, the same for every strategy. Nothing here says anything about what these operators offer.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.compose.configuration_model import DeploymentSettings
from bouclier.compose.deployments import deployment_of
from bouclier.compose.footprint_data import footprint_data, sizes_of
from bouclier.compose.footprint_metering import deployment_gauge
from bouclier.compose.registry_exposure import facts_at
from bouclier.footprint import ModelSize, carbon_mg
from bouclier.registry.adapters.registry_files import load_registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.footprint import Gauge
    from bouclier.footprint.constants import Cards
    from bouclier.registry import Registry
    from bouclier.terms.law import Deployment

DAY: Final = dt.date(2026, 11, 23)
"""A Monday."""
INSTITUTION: Final = "Example institution"
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "assistant": ("apertus-70b", "eurollm-22b", "ministral-3-14b-instruct", "llama", "deepseek-v3.1"),
    "code": ("qwen2.5-coder-1.5b-instruct", "qwen", "kimi-k2", "deepseek-v3.1", "granite"),
    "juridique": ("apertus-70b", "eurollm-22b", "deepseek-r1", "bloom-176b"),
    "petit": ("lucie-7b", "teuken-7b", "apertus-8b", "eurollm-9b", "ministral-3-8b-instruct", "granite"),
}
"""What the institution's users ask for."""


class Place(NamedTuple):
    """A site.

    Attributes:
        name: Its name.
        operator: Who runs it; `self` for the institution.
        service: Of the registry; empty for none.
        country: Where it stands.
        big: How much larger and faster than a small machine room.
    """

    name: str
    operator: str
    service: str
    country: str
    big: int


PLACES: Final = (
    Place("own-a", "self", "", "FR", 1),
    Place("own-b", "self", "", "FR", 1),
    Place("own-c", "self", "", "FR", 1),
    Place("albert-fr", "albert", "albert-api", "FR", 2),
    Place("jean-zay-fr", "jean-zay", "jean-zay-compute", "FR", 2),
    Place("cloud-temple-fr", "cloud-temple", "cloud-temple-llmaas", "FR", 1),
    Place("outscale-fr", "outscale", "outscale-iaas", "FR", 1),
    Place("scaleway-fr", "scaleway", "scaleway-cloud", "FR", 2),
    Place("scaleway-nl", "scaleway", "scaleway-cloud", "NL", 1),
    Place("scaleway-pl", "scaleway", "scaleway-cloud", "PL", 1),
    Place("ovhcloud-fr", "ovhcloud", "ovhcloud-ai-endpoints", "FR", 2),
    Place("ovhcloud-de", "ovhcloud", "ovhcloud-ai-endpoints", "DE", 1),
    Place("ovhcloud-ca", "ovhcloud", "ovhcloud-ai-endpoints", "CA", 1),
    Place("mistral-fr", "mistral", "mistral-la-plateforme", "FR", 2),
    Place("mistral-se", "mistral", "mistral-compute", "SE", 2),
    Place("orange-fr", "orange-business", "orange-cloud-avenue", "FR", 1),
    Place("numspot-fr", "numspot", "numspot-cloud", "FR", 1),
    Place("clever-fr", "clever-cloud", "clever-cloud-platform", "FR", 1),
    Place("s3ns-fr", "s3ns", "s3ns-premi3ns", "FR", 2),
    Place("bleu-fr", "bleu", "bleu-cloud", "FR", 2),
    Place("ionos-de", "ionos", "ionos-ai-model-hub", "DE", 1),
    Place("stackit-de", "stackit", "stackit-cloud", "DE", 1),
    Place("stackit-at", "stackit", "stackit-cloud", "AT", 1),
    Place("tsystems-de", "tsystems", "tsystems-industrial-ai-cloud", "DE", 2),
    Place("hetzner-fi", "hetzner", "hetzner-hosting", "FI", 1),
    Place("nebius-fi", "nebius", "nebius-ai", "FI", 2),
    Place("proximus-be", "proximus", "proximus-cloud", "BE", 1),
    Place("infomaniak-ch", "infomaniak", "infomaniak-cloud", "CH", 1),
    Place("aws-de", "aws", "aws-bedrock", "DE", 4),
    Place("azure-se", "azure", "azure-openai", "SE", 4),
    Place("azure-ie", "azure", "azure-openai", "IE", 4),
    Place("google-nl", "google", "google-gemini", "NL", 4),
    Place("groq-us", "groq", "groqcloud", "US", 3),
    Place("campus-pl", "a-campus-nobody-described", "", "PL", 1),
    Place("campus-gr", "another-campus", "", "GR", 1),
)
_SIZES: Final[Mapping[str, ModelSize]] = {
    "deepseek-r1": ModelSize((600, 600), (37, 37)),
    "deepseek-v3.1": ModelSize((600, 600), (37, 37)),
    "granite": ModelSize((8, 8)),
    "kimi-k2": ModelSize((900, 900), (32, 32)),
    "llama": ModelSize((70, 70)),
    "qwen": ModelSize((32, 32)),
}
"""Sizes for the bench, of models whose size the registry does not state: else their carbon would only say "unknown"."""
_DECLARED: Final[Mapping[str, tuple[str, ...]]] = dict.fromkeys(
    ("cloud-temple-fr", "outscale-fr", "orange-fr", "clever-fr", "ovhcloud-fr"), ("hds",)
)
"""What this institution holds certificates of, invented: the packaged facts know none for certain."""
_PREFILL_B_TOKENS_S: Final = 90_000.0
"""A small site reads so many tokens a second, divided by billions of parameters at work: 1,300 for 70 B. Ours."""


@dataclass(frozen=True, slots=True)
class Served:
    """A model at a site.

    Attributes:
        deployment: As the charter and the placement know it.
        country: Where it stands.
        slots: Exchanges it truly serves at once.
        read_tokens_s: Tokens of a prompt it reads a second.
        write_s: Seconds per written token, alone.
        crowd_s: What each other exchange adds to that.
        near_s: To reach it and back.
        gauge: What an exchange is counted with.
    """

    deployment: Deployment
    country: str
    slots: int
    read_tokens_s: float
    write_s: float
    crowd_s: float
    near_s: float
    gauge: Gauge


@dataclass(frozen=True, slots=True)
class World:
    """All that stays as it is.

    Attributes:
        served: By the deployment's name.
        registry: The facts.
        aliases: What an alias stands for.
    """

    served: Mapping[str, Served]
    registry: Registry
    aliases: Mapping[str, tuple[str, ...]]

    def named(self, model: str) -> tuple[Deployment, ...]:
        """Return the deployments that a name may mean."""
        models = self.aliases.get(model, (model,))
        every = (one.deployment for one in self.served.values())
        return tuple(one for one in every if model in {"auto", one.name} or one.model in models)


def world(seed: int = 6, *, models_each: int | None = None) -> World:
    """Draw the fleet; `models_each` gives every site so many models, else two for a small one and up to four."""
    registry, data = load_registry(), footprint_data()
    at, drawn = facts_at(registry, DAY), random.Random(seed)
    sizes = sizes_of(registry.models.values())
    asked = sorted({model for served in ALIASES.values() for model in served})
    every = [*asked, *(one for one in sorted(registry.models) if one not in asked)]
    served: dict[str, Served] = {}
    for place in PLACES:
        count = models_each or min(1 + place.big, 4)
        chosen = drawn.sample(asked, count) if count <= len(asked) else every[:count]
        pue, pace = round(drawn.uniform(1.1, 1.6), 2), drawn.uniform(0.7, 1.3) * (1 + 0.25 * (place.big - 1))
        for model in chosen:
            size = _SIZES.get(model) or sizes[model]
            active_b = (size.active_b or size.total_b or (8.0, 8.0))[0]
            slots = place.big * drawn.choice((1, 1, 2))
            name = f"{place.name}.{model}"
            settings = DeploymentSettings(
                name=name,
                base_url="https://site.example/v1",
                model=model,
                operator=place.operator,
                site=place.name,
                country=place.country,
                service=place.service,
                qualifications=_DECLARED.get(place.name, ()),
                price_ueur=_price(place, active_b, drawn),
                slots=slots,
            )
            bare = replace(deployment_of(settings, at, institution=INSTITUTION), pue=pue)
            gauge = deployment_gauge(data, bare, size)
            write_s, crowd_s = _writing(data.method.cards, active_b)
            served[name] = Served(
                deployment=replace(bare, carbon_mg=carbon_mg(gauge)),
                country=place.country,
                slots=slots,
                read_tokens_s=_PREFILL_B_TOKENS_S / max(active_b, 4) * pace,
                write_s=write_s / pace,
                crowd_s=crowd_s / pace,
                near_s=0.15 if place.country in {"US", "CA"} else 0.01 if place.operator == "self" else 0.04,
                gauge=gauge,
            )
    return World(served, registry, {**{model: (model,) for model in every}, **ALIASES})


def _writing(cards: Cards, active_b: float) -> tuple[float, float]:
    """Seconds per token alone, and per exchange beside it: EcoLogits' regression of ML.ENERGY's measures."""
    return cards.latency_alpha * active_b + cards.latency_gamma, cards.latency_beta


def _price(place: Place, active_b: float, drawn: random.Random) -> int | None:
    """An invented price: own machines say none, nor do sites nobody described; large sellers sell below."""
    if place.operator == "self" or not place.service:
        return None
    return round((60 + 12 * active_b) * drawn.uniform(0.8, 1.2) / (1 + 0.15 * (place.big - 1)))
