"""The journey of one exchange, as types: each name says what is already true.

    Received -> Inspected -> Permitted -> Placed -> Committed -> Answered -> Recorded

Every stage holds the one before it, so nothing is copied and nothing is lost. A function that takes `Committed`
cannot be given a `Received`: the type checker says so before a test has to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.terms.content import DataClass, Finding, TextPart
    from bouclier.terms.law import Case, LawStamp, Load, Principal, Terms, Verdict, WarningText


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A parsed chat completion request; its body keeps every field it came with.

    Attributes:
        model: The deployment asked for, or `auto`.
        stream: Whether the caller asked for server-sent events.
        raw: The body as it came, bytes of JSON.
        body: The same, decoded. Not to be changed in place.
        parts: Every text of the body, in reading order.
        uninspected: Number of parts that hold no text we can read: images, audio, files.
        json_answer: Whether the answer's text was asked to be JSON.
        detail: Whether the caller asked to be shown findings, what left, and what came back.
        final_receipt: Whether the caller asked for a receipt that witnesses stand for.
        modalities: Of what it holds, and `image-output` or `audio-output` if such an answer is asked for; sorted.
        capabilities: What it asks of the model beyond text, such as `tools`; sorted.
        sourced: Whether it brings the sources to answer from.
        tokens: Upper estimate of its length in tokens.
        answer_tokens: Longest answer it asks for, in tokens; None when it sets no bound.
    """

    model: str
    stream: bool
    raw: bytes = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
    parts: tuple[TextPart, ...]
    uninspected: int
    json_answer: bool
    detail: bool
    final_receipt: bool = False
    modalities: tuple[str, ...] = ("text",)
    capabilities: tuple[str, ...] = ()
    sourced: bool = False
    tokens: int = 0
    answer_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """Authentic and well formed: who asks, why, and what.

    Attributes:
        exchange_id: Its id.
        principal: Who asks.
        purpose: The declared purpose.
        declared_class: The declared class, if any.
        request: What.
        review: Id of the exchange that a second person approved, and that this one repeats; None if it claims none.
        priority: How urgent it is: `interactive`, `normal` or `batch`.
        max_wait_ms: How long it may wait for a slot, if the caller says.
    """

    exchange_id: str
    principal: Principal
    purpose: str
    declared_class: DataClass | None
    request: ChatRequest
    review: str | None = None
    priority: str = "normal"
    max_wait_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Inspected:
    """Findings and data class are known.

    Attributes:
        received: The stage before.
        findings: Per text, in the order of the request's parts.
        case: What the charter may know.
        uninspected: Number of parts that could not be read, or hold findings that cannot be replaced where they are.
        markings: Levels of the protective markings found, sorted, each once.
    """

    received: Received
    findings: tuple[tuple[Finding, ...], ...]
    case: Case
    uninspected: int
    markings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permitted:
    """The charter permits at least one candidate.

    Attributes:
        inspected: The stage before.
        case: What the charter was asked: the shield's case, with what the charter's own facts add to it.
        law: By what law it was decided.
        warnings: What the warnings that duties name say, by id.
        candidates: What is permitted.
        refused: The others, with the reason.
        loads: What was known of each deployment when it was decided, by name.
        terms: What the placement rests on beside the loads.
        considered: How many deployments could have been asked about: those named here, and those left out as dearer.
        waited_ms: How long it waited for one of them to be free.
    """

    inspected: Inspected
    case: Case
    law: LawStamp
    warnings: Mapping[str, WarningText]
    candidates: tuple[Verdict, ...]
    refused: tuple[Verdict, ...]
    loads: Mapping[str, Load]
    terms: Terms
    considered: int = 0
    waited_ms: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """One deployment is chosen; the spares are in order."""

    permitted: Permitted
    chosen: Verdict
    spares: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """Where an entry stands in the log, with the proof that a tree head contains it.

    Attributes:
        index: Zero-based index of the entry.
        leaf_hash: RFC 6962 leaf hash, 32 bytes.
        tree_size: Size of the tree that became durable with the entry.
        root_hash: Root of that tree, 32 bytes.
        proof: Inclusion proof, sibling hashes from leaf to root.
        checkpoint: The log's signed note for that tree; no witness has seen it yet.
    """

    index: int
    leaf_hash: bytes
    tree_size: int
    root_hash: bytes
    proof: tuple[bytes, ...]
    checkpoint: bytes = b""


class Sealed(Protocol):
    """The content of an exchange as it is kept for the authorities."""

    @property
    def digest(self) -> str:
        """SHA-256 of the sealed request, hexadecimal: what the decision cites."""
        ...

    async def seal_answer(self, answer: str) -> None:
        """Keep the answer too, durably; once.

        Raises:
            StorageError: It is not kept.
        """
        ...


@dataclass(frozen=True, slots=True)
class Committed:
    """The decision is durable in the log, and the content is as its duties ask: it may leave.

    Attributes:
        placed: The stage before.
        texts: The texts that leave, in the order of the request's parts.
        pseudonyms: Pseudonym to original; in memory only, gone with the exchange.
        salt: Salt of the commitments, 32 bytes; handed to the caller, kept nowhere else.
        entry: The decision as recorded: canonical bytes.
        position: Where it stands in the log.
        sealed: The request as it is kept for the authorities; None when no duty asked for it.
    """

    placed: Placed
    texts: tuple[str, ...] = field(repr=False)
    pseudonyms: Mapping[str, str] = field(repr=False)
    salt: bytes = field(repr=False)
    entry: bytes
    position: Position
    sealed: Sealed | None = field(default=None, repr=False)


class Footprint(Protocol):
    """What an exchange cost in energy and carbon, as ranges."""

    @property
    def energy_uwh(self) -> tuple[int, int]:
        """Lower and upper estimate, millionths of a watt-hour."""
        ...

    @property
    def carbon_ug(self) -> tuple[int, int]:
        """Lower and upper estimate, millionths of a gram of CO2e."""
        ...

    @property
    def method(self) -> str:
        """How it was estimated or measured, or that it is declared: a keyword with a version."""
        ...

    @property
    def zone(self) -> str | None:
        """Zone of the grid; None when it is unknown and, where a mix is counted, the world's worst was."""
        ...

    @property
    def source(self) -> str | None:
        """Where a declared figure comes from; None where nothing was declared."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """The deployment's answer has been handed to the caller, or failed.

    Attributes:
        committed: The stage before.
        status: HTTP status handed to the caller.
        ending: `complete`, `caller-gone`, or the code of the error that ended it.
        finish_reasons: As the deployment said, per choice.
        prompt_tokens: As the deployment said; None if it did not.
        completion_tokens: As the deployment said; None if it did not.
        restored: Pseudonyms replaced by their originals.
        answer_commitment: Salted commitment to the answer's text, 32 bytes.
        text: The answer's text as handed to the caller; forgotten with the exchange, unless it is sealed.
        first_token_ms: From the call to the first piece of the answer, milliseconds; None when none came.
        footprint: What it cost in energy and carbon; None when nothing was served.
        duration_ms: From the call to the last piece of the answer, milliseconds; None when no call was made.
    """

    committed: Committed
    status: int
    ending: str
    finish_reasons: tuple[str, ...]
    prompt_tokens: int | None
    completion_tokens: int | None
    restored: int
    answer_commitment: bytes
    text: str = field(default="", repr=False)
    first_token_ms: int | None = None
    footprint: Footprint | None = None
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The outcome is in the log too."""

    answered: Answered
    position: Position
