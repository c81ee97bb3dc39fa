"""Reports of exposure, invented, to be drawn: short, long, going round, unknown, of many laws."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from bouclier.registry.model import Certainty, Entity, Source
from bouclier.registry.report_model import (
    Bounds,
    HoldersTest,
    Influence,
    Node,
    Reached,
    Report,
    Sovereignty,
    Step,
    Subject,
    Transfer,
    Unknown,
    Way,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bouclier.registry.report_model import NodeKind, Trigger

DAY = dt.date(2026, 11, 22)
NOTHING = Bounds(Fraction(0), Fraction(100))
SURE, DISPUTED = Certainty.ESTABLISHED, Certainty.CONTESTED


def node(kind: NodeKind, id_: str, name: str = "") -> Node:
    """A place on a chain."""
    return Node(kind, id_, name or id_)


def fact(ref: str) -> Entity:
    """A fact to cite."""
    return Entity(
        id="invented", name="Invented", kind="company", source=Source(kind="web-page", ref=ref), as_of="2026-05",
        confidence="unverified",
    )  # fmt: skip


def step(begin: Node, end: Node, way: Way, percent: float | Fraction | None = None, ref: str = "", **more: Any) -> Step:
    """One step of a chain."""
    amount = None if percent is None else Fraction(percent)
    return Step(begin, end, way, facts=(fact(ref),) if ref else (), percent=amount, **more)


def reached(law: str, chain: Iterable[Step], trigger: Trigger = "control", certainty: Certainty = SURE) -> Reached:
    """A law that reaches."""
    steps = tuple(chain)
    return Reached(law, steps[-1].end.id, certainty, trigger, steps)


def report(subject: Node, reaches: Iterable[Reached] = (), **changes: Any) -> Report:
    """A report with the rest of it unknown."""
    whole: dict[str, Any] = {
        "subject": Subject("service", subject.id),
        "node": subject,
        "day": DAY,
        "registry": "5a" * 32,
        "operators": (),
        "known": True,
        "control": (),
        "home": (),
        "reaches": tuple(reaches),
        "influences": (),
        "unknowns": (),
        "holders": HoldersTest("", "unknown", None, (), NOTHING, NOTHING, Fraction(100), ()),
        "sovereignty": Sovereignty((), NOTHING, None),
        "transfer": Transfer("unknown", "unknown", ()),
    }
    return Report(**(whole | changes))


US, GB, CN, CA = (node("state", code) for code in ("US", "GB", "CN", "CA"))
ATLAS = node("service", "atlas-paris", "Atlas Cloud — région Paris")
ATLAS_FR = node("entity", "atlas-fr", "Atlas France SAS")
ATLAS_HOLDING = node("entity", "atlas-eu", "Atlas Europe Holding B.V.")
ATLAS_INC = node("entity", "atlas-inc", "Atlas Computing Corporation Incorporated of Delaware")
HARBOR = node("entity", "harbor", "Harbor Capital Partners")
CHIPS = node("entity", "chips", "Northern Semiconductor")
PENSION = node("entity", "pension", "Maple Teachers' Pension Plan")


def home_report() -> Report:
    """Nothing from outside reaches."""
    commune = node("service", "ville", "Nuage de la ville de Valmont")
    return report(commune, operators=("ville-de-valmont",), control=("FR",), home=("FR",))


def short_report() -> Report:
    """One company with its seat abroad."""
    chat = node("service", "chat", "Chatterbox API")
    maker = node("entity", "chatterbox", "Chatterbox Inc.")
    chain = [step(chat, maker, Way.RUN_BY, ref="chatterbox.example/legal"), step(maker, US, Way.SEAT)]
    return report(
        chat, [reached("us-cloud-act", chain, "seat"), reached("us-fisa-702", chain, "seat")],
        operators=("chatterbox",), control=("US",),
    )  # fmt: skip


def long_report() -> Report:
    """A data centre in Paris, and who is behind it."""
    begin = [
        step(ATLAS, ATLAS_FR, Way.RUN_BY, ref="atlas.example/mentions-legales"),
        step(ATLAS_FR, ATLAS_HOLDING, Way.HELD_BY, 100, ref="registre du commerce, atlas-fr"),
        step(ATLAS_HOLDING, ATLAS_INC, Way.HELD_BY, 79.5, ref="rapport annuel 2025"),
    ]
    seat = step(ATLAS_INC, US, Way.SEAT)
    staff = step(ATLAS_FR, GB, Way.STAFF_IN)
    influences = (
        Influence("minority", (*begin[:2], step(ATLAS_HOLDING, PENSION, Way.HELD_BY, 20.5)), ("CA",)),
        Influence("technology", (step(ATLAS, CHIPS, Way.RELIES_ON),), ("TW",)),
        Influence("minority", (*begin, step(ATLAS_INC, HARBOR, Way.HELD_BY, 7)), ("US",)),
    )
    return report(
        ATLAS,
        [
            reached("us-cloud-act", [*begin, seat]),
            reached("us-fisa-702", [*begin, seat]),
            reached("law-of-US", [*begin, seat]),
            reached("gb-ipa-2016", [begin[0], staff], "staff", DISPUTED),
        ],
        operators=("atlas-fr",), control=("US",), home=("FR", "NL"), influences=influences,
        unknowns=(Unknown("control", "harbor", "Harbor Capital Partners"), Unknown("staff", "atlas-inc", "Atlas Inc."),
                  Unknown("access", "chips", "Northern Semiconductor")),
    )  # fmt: skip


def round_report() -> Report:
    """Companies that hold one another."""
    one, two, three = (node("entity", name, f"Ronde {name.upper()}") for name in ("a", "b", "c"))
    service = node("service", "ronde", "Ronde Drive")
    to_two = [step(service, one, Way.RUN_BY), step(one, two, Way.HELD_BY, 60)]
    to_three = [*to_two, step(two, three, Way.HELD_BY, 55)]
    back = [*to_three, step(three, one, Way.HELD_BY, 51)]
    return report(
        service,
        [
            reached("cn-nil", [*to_three, step(three, CN, Way.SEAT)]),
            reached("law-of-CA", [*back, step(one, CA, Way.SEAT)], "control", DISPUTED),
        ],
        operators=("a",), control=("CN",),
    )  # fmt: skip


def unknown_report() -> Report:
    """Nothing is known of whoever runs it."""
    service = node("service", "mystere", "Assistant Mystère")
    return report(service, known=False, unknowns=(Unknown("facts", "mystere", "Assistant Mystère"),
                                                  Unknown("hosting", "mystere", "Assistant Mystère")))  # fmt: skip


def many_laws_report() -> Report:
    """Twelve laws of four states, by many ways."""
    maker = node("entity", "globex", "Globex Worldwide Services plc")
    parent = node("entity", "globex-inc", "Globex Inc.")
    service = node("service", "globex", "Globex Mail")
    run = step(service, maker, Way.RUN_BY, ref="globex.example")
    seats = {"US": [run, step(maker, parent, Way.HELD_BY, Fraction(200, 3)), step(parent, US, Way.SEAT)],
             "GB": [run, step(maker, GB, Way.SEAT)], "CN": [run, step(maker, CN, Way.STAFF_IN, presumed=True)],
             "CA": [step(service, CA, Way.STANDS_IN)]}  # fmt: skip
    triggers: dict[str, Trigger] = {"US": "control", "GB": "seat", "CN": "staff", "CA": "hosting"}
    found = [
        reached(f"{code.lower()}-{word}-act", chain, triggers[code], DISPUTED if code == "CN" else SURE)
        for code, chain in seats.items()
        for word in ("disclosure", "intelligence", "security")
    ]
    return report(service, found, operators=("globex",), control=("GB", "US"), known=False,
                  unknowns=(Unknown("control", "globex-inc", "Globex Inc."),))  # fmt: skip


REPORTS = {
    "home": home_report, "short": short_report, "long": long_report, "round": round_report,
    "unknown": unknown_report, "many-laws": many_laws_report,
}  # fmt: skip
