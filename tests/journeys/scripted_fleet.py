"""What a scripted gateway says of its fleet: how deployments are, who can be compelled, what an exchange cost.

Words in the last message choose what an exchange meets:

    WAITED      it waited 12 seconds in line
    NEARLY      the carbon budget is nearly spent
    LIGHTER     the carbon budget is reached: the lightest model serves
    NOGRID      the electric grid of the site is unknown
    UNSIZED     nobody knows how large the model is: its footprint may be anything
    DECLARED    its carbon is what the institution declares, on a grid that nobody knows
    MEASURED    it ran at home, and was counted to the microgram
    UNCOUNTED   nothing is said of what it cost
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from bouclier.compose.exposure_pictures import drawn_report
from bouclier.gateway.exposure_routes import told
from tests.draw_kit import REPORTS

if TYPE_CHECKING:
    from bouclier.gateway.exposure_routes import DrawnExposure, Language

Json = dict[str, Any]

ALIAS: Json = {
    "id": "courrier",
    "object": "model",
    "owned_by": "bouclier",
    "bouclier": {
        "kind": "alias",
        "models": ["gravelines-mistral", "lille-llama"],
        "about": {"fr": "Pour le courrier aux habitants.", "en": "For letters to residents."},
    },
}
SITES = {
    "Gravelines": ["gravelines-mistral"],
    "Lille": ["lille-llama"],
    "Paris": ["seattle-gpt"],
    "somewhere": ["unlisted-host"],
}
PICTURES = {"seattle-gpt": "long", "gravelines-mistral": "short", "embedded": "home", "unlisted-host": "unknown"}
_READY: Json = {
    "state": "ready",
    "in_flight": 0,
    "elsewhere": 0,
    "slots": None,
    "wait_ms": 300,
    "breaker": "closed",
    "retry_in_ms": 0,
    "failure": None,
    "draining": False,
    "listed": True,
    "served": 0,
    "failed": 0,
}


@dataclass
class ScriptedFleet:
    """How deployments are, as a test says.

    Attributes:
        states: What is out of the ordinary, by deployment.
        announced: What operators announced, by site.
        languages: In which languages somebody asked who can be compelled.
    """

    states: dict[str, Json] = field(default_factory=dict)
    announced: dict[str, list[Json]] = field(default_factory=dict)
    languages: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """The type and the body of what is asked of the fleet, or None if nothing is."""
        if path == "/fleet":
            return "application/json", msgspec.json.encode(self._shown())
        return self._exposure(path.removeprefix("/exposure/")) if path.startswith("/exposure/") else None

    def _shown(self) -> Json:
        return {
            "sharing": {},
            "sites": {
                site: {
                    "announced": self.announced.get(site, []),
                    "deployments": {name: _READY | self.states.get(name, {}) for name in names},
                }
                for site, names in SITES.items()
            },
        }

    def _exposure(self, asked: str) -> tuple[str, bytes] | None:
        """Who can be compelled, drawn for real from an invented report."""
        path, _, query = asked.partition("?")
        name, _, kind = path.rpartition(".")
        if name not in PICTURES:
            return None
        language: Language = "en" if query == "lang=en" else "fr"
        self.languages.append(language)
        drawn: DrawnExposure = drawn_report(REPORTS[PICTURES[name]](), language)
        if kind == "svg":
            return "image/svg+xml", drawn.svg
        return "application/json", msgspec.json.encode(told(drawn, language))


def placement_of(text: str, considered: int, tried: tuple[str, ...]) -> Json:
    """How an exchange was placed."""
    return {
        "considered": considered,
        "tried": tried,
        "waited_ms": 11_400 if "WAITED" in text else 0,
        "budget": "warn" if "NEARLY" in text else "lighten" if "LIGHTER" in text else "within",
    }


def footprint_of(text: str) -> Json:
    """What an exchange cost."""
    known = {"energy_uwh": [25_695, 44_789], "carbon_ug": [1_286, 5_115], "method": "ecologits-0.11", "zone": "FR"}
    if "UNSIZED" in text:
        return known | {"energy_uwh": [0, 24_000_001], "carbon_ug": [117, 1_279_000]}
    if "MEASURED" in text:
        return known | {"energy_uwh": [310, 310], "carbon_ug": [99, 100], "method": "measured-rapl-2", "zone": "SE3"}
    if "DECLARED" in text:
        declared = {
            "carbon_ug": [0, 12_000],
            "method": "declared-1",
            "zone": None,
            "source": "mesure du syndicat, 2026",
        }
        return known | declared
    return known | ({"carbon_ug": [514, 58_496], "zone": None} if "NOGRID" in text else {})
