"""What is found of a subject: the report of exposure, as frozen values. Nothing is computed here.

A report is made by `expose` for one subject and one day. What it says of a share is exact (`Fraction`, in percent), and
what is not known is either an `Unknown` or an interval that holds whatever the truth is: never a guess, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from fractions import Fraction

    from bouclier.registry.framework import CapId
    from bouclier.registry.free_text import BilingualText
    from bouclier.registry.model import Certainty, Qualification, Vouched

SubjectKind = Literal["entity", "service", "deployment", "model"]
NodeKind = Literal["entity", "service", "deployment", "model", "site", "state"]
Trigger = Literal["seat", "control", "hosting", "staff", "listing", "stated"]
Verdict = Literal["pass", "fail", "unknown"]
Doubt = Literal["facts", "host", "maker", "control", "seat", "hosting", "staff", "access", "status"]
Rule = Literal["seat", "single", "together", "control", "veto", "board", "unattributed", "facts"]
Weight = Literal["minority", "technology", "supplier", "origin"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: a fact of the registry.

    Attributes:
        kind: Which kind of fact.
        id: Its id.
    """

    kind: SubjectKind
    id: str


class Node(Struct, frozen=True, order=True, gc=False):
    """A fact as a place on a chain; a state has its code as its id.

    Attributes:
        kind: Which kind.
        id: Its id.
        name: The same for people; a state's name is its code.
    """

    kind: NodeKind
    id: str
    name: str | BilingualText


class Way(StrEnum):
    """How a chain goes on."""

    SERVED_BY = "served-by"
    RUN_BY = "run-by"
    OFFERS = "offers"
    MADE_BY = "made-by"
    HOSTED_BY = "hosted-by"
    SUPPORTED_BY = "supported-by"
    STAFFED_BY = "staffed-by"
    RELIES_ON = "relies-on"
    CONNECTED_BY = "connected-by"
    HELD_BY = "held-by"
    TOGETHER = "held-through-several"
    SEAT = "seat"
    STANDS_IN = "stands-in"
    MAY_STAND_IN = "may-stand-in"
    ALSO_STANDS_IN = "also-stands-in"
    STAFF_IN = "staff-in"
    LISTED_IN = "listed-in"
    STATED = "stated"


class Step(Struct, frozen=True, gc=False):
    """One step of a chain, from what is asked about towards a state.

    Attributes:
        begin: From where.
        end: To where.
        way: How one leads to the other.
        facts: What says so; empty only when whoever asks says it.
        detail: What the way does not say: a right, a path; empty if nothing.
        percent: Of the votes, or of the capital if those are not known; None if unknown or out of place.
        presumed: True when it is counted because nobody says otherwise, such as an access that is unknown.
    """

    begin: Node
    end: Node
    way: Way
    facts: tuple[Vouched, ...] = ()
    detail: str | BilingualText = ""
    percent: Fraction | None = None
    presumed: bool = False


class Path(Struct, frozen=True, eq=False):  # seen by the collector: a chain of thousands is freed link by link
    """A chain that shares its beginning with others, so that ten thousand of them fit.

    Attributes:
        last: Its last step.
        before: The steps before; None at the beginning.
        length: How many steps in all.
    """

    last: Step
    before: Path | None
    length: int

    def steps(self) -> tuple[Step, ...]:
        """Return its steps, first to last."""
        found = list[Step]()
        here: Path | None = self
        while here is not None:
            found.append(here.last)
            here = here.before
        found.reverse()
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Reached:
    """That a law reaches the subject: whoever applies it can order somebody on the chain to hand over what it holds.

    Attributes:
        law: Id of the law, or `law-of-` and a state's code for the whole law of a state.
        jurisdiction: The state.
        certainty: `established`, or `contested` when disputed, partial or indirect.
        trigger: By what it reaches.
        chain: From the subject to the state: the shortest among the surest.
        also: Ids of others on whom the law has a hold by the same trigger; sorted.
    """

    law: str
    jurisdiction: str
    certainty: Certainty
    trigger: Trigger
    chain: tuple[Step, ...]
    also: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it reaches only if the machines stand where they may, and nobody says whether they do."""
        return bool(self.chain) and self.chain[-1].way is Way.MAY_STAND_IN


@dataclass(frozen=True, slots=True)
class Influence:
    """Something that weighs on the subject without compelling it: shown, and not counted.

    Attributes:
        kind: A holding without control, a technology, a supplier without access, or where a model comes from.
        chain: From the subject to whoever has it.
        states: Seats of whoever has it and of those above; sorted.
    """

    kind: Weight
    chain: tuple[Step, ...]
    states: tuple[str, ...] = ()


class Unknown(Struct, frozen=True, order=True, gc=False):
    """Something that is not known.

    Attributes:
        kind: What: `facts` (nothing known of whoever runs it), `host` (open weights: whoever hosts them), `maker` (of a
            model whose weights may be closed), `control`, `seat`, `hosting`, `staff`, `access` (of a supplier),
            `status` (of a law).
        about: Id of the fact concerned.
        name: The same for people.
    """

    kind: Doubt
    about: str
    name: str | BilingualText


class Bounds(Struct, frozen=True, gc=False):
    """Two numbers between which the truth lies, both included.

    Attributes:
        low: At least.
        high: At most.
    """

    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Holder:
    """A holder from outside the Union, or whose seat is not known.

    Attributes:
        node: Who.
        seat: State of its seat; None if unknown.
        capital: Percent of the capital it holds, directly and through others.
        votes: Percent of the votes, likewise.
    """

    node: Node
    seat: str | None
    capital: Bounds
    votes: Bounds


class Ground(Struct, frozen=True, gc=False):
    """Why a test is failed, or cannot be passed.

    Attributes:
        rule: Which rule: `seat`, `single`, `together`, `control`, `veto`, `board`, `unattributed`, `facts`.
        verdict: `fail`, or `unknown` when the facts leave it open.
        about: Id of whom; empty when it is nobody in particular.
        amount: Percent, if it is one.
    """

    rule: Rule
    verdict: Verdict
    about: str = ""
    amount: Bounds | None = None


@dataclass(frozen=True, slots=True)
class HoldersTest:
    """SecNumCloud 3.2, 19.6 (a) and (b), on whoever runs the subject.

    Attributes:
        operator: Whom it is about; empty when nobody is known to run it.
        verdict: `pass` only when the facts leave no doubt.
        seat: State of the operator's seat; None if unknown.
        holders: Holders from outside the Union, the largest first.
        capital: What they hold together of the capital.
        votes: Likewise of the votes.
        unnamed: Percent of the capital or of the votes, whichever is more, that no fact attributes to anyone.
        grounds: Why it is not `pass`; empty if it is.
    """

    operator: str
    verdict: Verdict
    seat: str | None
    holders: tuple[Holder, ...]
    capital: Bounds
    votes: Bounds
    unnamed: Fraction
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective of the EU Cloud Sovereignty Framework, as far as facts allow.

    Attributes:
        id: `SOV-1` to `SOV-8`.
        weight: Of 100.
        seal: Lowest and highest level that the facts leave possible.
        score: Points of 100 under this objective, likewise.
        gate: Least level that whoever asks wants; None if they do not say.
        passes: Whether the gate is passed; None without a gate.
        why: Which findings hold the highest level down; sorted.
        facts: The assessments it rests on.
        unless: Which findings, that no fact excludes, hold the lowest level down; sorted.
    """

    id: str
    weight: int
    seal: tuple[int, int]
    score: Bounds
    gate: int | None
    passes: Verdict | None
    why: tuple[CapId, ...]
    facts: tuple[Vouched, ...] = field(default=(), repr=False)
    unless: tuple[CapId, ...] = ()


@dataclass(frozen=True, slots=True)
class Sovereignty:
    """The EU Cloud Sovereignty Framework.

    Attributes:
        objectives: All eight, in order.
        score: Weighted score of 100; the whole interval when nothing is known.
        gates: Whether all the gates asked for are passed; None if none was asked for.
    """

    objectives: tuple[Objective, ...]
    score: Bounds
    gates: Verdict | None


Basis = Literal["inside", "adequacy", "safeguards", "unknown"]


@dataclass(frozen=True, slots=True)
class Destination:
    """On what basis personal data may be in a state, or be read from it.

    Attributes:
        state: The state.
        by: Whether machines stand there or people reach the data from there.
        basis: Inside the European Economic Area; under an adequacy decision; only with safeguards.
        decision: The adequacy decision, a free text; also the one that does not cover this service. Empty if none.
        source: Where to read it.
        needs: Name of the qualification a service must hold to be covered by the decision; empty if it covers all.
    """

    state: str
    by: Literal["machines", "people"]
    basis: Basis
    decision: str | BilingualText = ""
    source: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """The basis of a transfer (GDPR chapter V): the weakest among where machines stand and from where people reach.

    Attributes:
        machines: Where the machines stand: `unknown` when nobody says.
        people: From where people with access work: likewise.
        destinations: State by state, sorted.
    """

    machines: Basis
    people: Basis
    destinations: tuple[Destination, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Who can be compelled, by which law, through which chain; and what is not known.

    Attributes:
        subject: What was asked about.
        node: The same with its name.
        day: At which day.
        registry: Digest of the facts.
        operators: Ids of whoever can reach the data: who runs it first, then suppliers with access.
        known: False when those who can reach the data, or those who control them, are not known: see `summary`.
        control: States whose law governs those who control whoever runs it; sorted.
        home: States of the legal area whose law reaches it; sorted. These laws are not foreign.
        reaches: Foreign laws: established first, then by state, law and trigger.
        influences: What weighs without compelling.
        unknowns: What is not known; sorted.
        holders: SecNumCloud 19.6.
        sovereignty: The EU Cloud Sovereignty Framework.
        transfer: GDPR chapter V.
        served_by: For a model, ids of the services known to serve it; sorted.
        ties: Who runs and who controls, their seats, where machines stand and people work, foreign or not: what a
            report rests on also when no foreign law reaches. Nearest first, each once.
        labels: What the services meant are qualified for at that day, or claim to be, or try to be.
    """

    subject: Subject
    node: Node
    day: dt.date
    registry: str
    operators: tuple[str, ...]
    known: bool
    control: tuple[str, ...]
    home: tuple[str, ...]
    reaches: tuple[Reached, ...]
    influences: tuple[Influence, ...]
    unknowns: tuple[Unknown, ...]
    holders: HoldersTest
    sovereignty: Sovereignty
    transfer: Transfer
    served_by: tuple[str, ...] = ()
    ties: tuple[Step, ...] = ()
    labels: tuple[Qualification, ...] = field(default=(), repr=False)

    def facts(self) -> Iterator[Vouched]:
        """Yield the facts that who can be compelled rests on; some several times."""
        for steps in (self.ties, *(reached.chain for reached in self.reaches)):
            for step in steps:
                yield from step.facts
