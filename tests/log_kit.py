"""Logs for tests: entries as the real rooms decide them, and a publisher of them that can misbehave.

`Institution` makes entries: its exchanges are drawn at random, classified by the shield, judged by the charter on the
registry's facts, placed by the fleet, and recorded. `PublishedLog` puts entries under signed and cosigned checkpoints
and serves them, and tampers with what it serves when asked.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal, Self, cast

import msgspec

from bouclier.charter.adapters.charter_files import load_charter
from bouclier.charter.law import law_in_force
from bouclier.compose.registry_exposure import deployment_exposure, facts_at
from bouclier.compose.replaying import RoomsReplayer
from bouclier.fleet import place
from bouclier.oversight import (
    DecisionEntry,
    Standing,
    adoption_entry,
    decision_entry,
    mark_entry,
    outcome_entry,
    parse_entry,
    render_entry,
    review_entry,
)
from bouclier.oversight.monitor import Bounds, LogUnreachableError, LogWatch, NotServedError
from bouclier.registry.adapters.registry_files import load_registry
from bouclier.shield.classify import classify
from bouclier.terms.content import DataClass, EntityType, Finding
from bouclier.terms.duties import Means
from bouclier.terms.errors import DeploymentUnavailable
from bouclier.terms.exchange import Answered, ChatRequest, Committed, Inspected, Permitted, Placed, Position, Received
from bouclier.terms.law import Budget, Case, Deployment, Duty, Load, Openness, Principal, Terms, Weights
from bouclier.tlog import (
    Checkpoint,
    EntryBundle,
    Note,
    PolicyLog,
    PolicyWitness,
    SignatureType,
    SigningKey,
    WitnessPolicy,
    hash_leaf,
    parse_bundle,
    parse_tile_path,
    render_bundle,
    render_checkpoint,
    render_note,
    render_tile_path,
    root_of,
    sign_checkpoint,
    split_tile,
)
from bouclier.tlog.tiles import HashTile
from tests.tile_kit import TreeInTiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from bouclier.charter.law import InForce
    from bouclier.oversight import Entry
    from bouclier.oversight.monitor import Alarm

NOW_S = 1_790_000_000
ORIGIN = "bouclier.local/test"
CHARTER = load_charter()
REGISTRY = load_registry()
FACTS = facts_at(REGISTRY, dt.date(2026, 9, 21))
REPLAYER = RoomsReplayer([CHARTER], [REGISTRY])
LOG_KEY = SigningKey(ORIGIN, SignatureType.ED25519, b"l" * 32)
WITNESS_KEY = SigningKey("witness.example", SignatureType.COSIGNATURE, b"w" * 32)
POLICY = WitnessPolicy(
    logs=(PolicyLog(LOG_KEY.verifier_key),),
    witnesses=(PolicyWitness("witness", WITNESS_KEY.verifier_key),),
    quorum="witness",
)

LAW = law_in_force(
    CHARTER, (), at=dt.datetime.fromtimestamp(NOW_S, dt.UTC), territory=None, registry=REGISTRY.digest, capacity=65_536
)
"""The starter charter, without orders, signed by nobody."""
PRINCIPAL_KEY = b"p" * 32
_TYPES = [one for one in EntityType if one is not EntityType.MARKING]
_ROLES = ("agent", "physician", "admin")
_PURPOSES = ("assistance", "etat-civil", "redaction", "recherche", "courrier")
_REQUEST = ChatRequest(
    model="auto", stream=False, raw=b"{}", body={}, parts=(), uninspected=0, json_answer=False, detail=False
)
_PLACES = (
    ("self", "local", None, Openness.OPEN),
    ("self", "us-east", "US", Openness.OPEN),
    ("mistral", "fr-par", "FR", Openness.CLOSED),
    ("ovhcloud", "ca-bhs", "CA", Openness.OPEN),
    ("scaleway", "fr-par", "FR", Openness.OPEN),
    ("openai", "us", "US", Openness.CLOSED),
    ("nobody-knows-them", "somewhere", None, Openness.UNKNOWN),
)


def deployment(number: int, operator: str, site: str, country: str | None, openness: Openness) -> Deployment:
    """Return a deployment whose facts are the registry's."""
    return Deployment(
        name=f"d{number}-{operator}",
        model=f"model-{number}",
        operator=operator,
        operator_name=operator,
        site=site,
        own=operator == "self",
        openness=openness,
        exposure=deployment_exposure(FACTS, operator, service="", country=country),
        country=country,
    )


DEPLOYMENTS = tuple(deployment(number, *place) for number, place in enumerate(_PLACES))


@dataclass(repr=False)
class Institution:
    """Makes the entries of a gateway in good order, one exchange after another.

    Attributes:
        entries: The log so far.
        time_ms: The gateway's clock.
        up: How often a deployment can serve, 0 to 1.
        law: By what it decides.
        expires_ms: Until when, as its adoptions say.
        territory: The state it says it belongs to.
    """

    seed: int = 0
    up: float = 0.9
    deployments: tuple[Deployment, ...] = DEPLOYMENTS[:-1]
    interval_s: int = 60
    time_ms: int = (NOW_S - 100) * 1000
    entries: list[bytes] = field(default_factory=list)
    law: InForce = LAW
    expires_ms: int | None = None
    territory: str | None = None

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def __repr__(self) -> str:
        return f"Institution(seed={self.seed}, up={self.up}, entries={self.entries})"  # a law would be pages long

    def mark(self, what: Literal["start", "alive", "stop"]) -> Self:
        standing = Standing(lambda: self.law.stamp, "0.1.0", None, self.interval_s)
        self.entries.append(mark_entry(what, standing, time_ms=self.time_ms))
        return self

    def begin(self) -> Self:
        """Record that it starts, and by what law."""
        return self.mark("start").adopt()

    def adopt(self, law: InForce | None = None, *, refused: Sequence[str] | None = None) -> Self:
        """Record by what law it decides from now on: another one, or that in force."""
        self.law = law or self.law
        orders = self.law.orders
        self.entries.append(
            adoption_entry(
                law=self.law.stamp,
                orders=[(one.order.id, one.digest) for one in orders.orders],
                refused=[one.digest for one in orders.refused] if refused is None else refused,
                expires_ms=self.expires_ms,
                territory=self.territory,
                time_ms=self.time_ms,
            )
        )
        return self

    def reviewed(self, exchange: str, *, by: str = "key-reviewer", approved: bool = True) -> Self:
        """Record that somebody looked at a request that was held back."""
        self.entries.append(
            review_entry(
                exchange=exchange,
                approved=approved,
                reviewer=by,
                principal_key=PRINCIPAL_KEY,
                law=self.law.stamp,
                time_ms=self.time_ms,
            )
        )
        return self

    def add(self, entry: Entry) -> Self:
        self.entries.append(render_entry(entry))
        return self

    def exchange(
        self,
        *,
        types: Sequence[EntityType] | None = None,
        attempts: int | None = None,
        candidates: Sequence[Deployment] | None = None,
        purpose: str | None = None,
        outcome: bool = True,
        by: str | None = None,
        review: str | None = None,
        sourced: bool = False,
        tokens: int = 0,
    ) -> Self:
        """Record an exchange: perhaps refused, perhaps after deployments that failed, else with its outcome."""
        means = Means(sourced=sourced, reviewed=review is not None, tokens=tokens)
        drawn = self._random
        exchange_id = drawn.randbytes(16).hex()
        inspected = self._inspected(exchange_id, types, purpose, by, means)
        considered = candidates if candidates is not None else drawn.sample(self.deployments, drawn.randint(1, 4))
        case = self.law.refine(inspected.case)
        verdicts = self.law.decide_all(case, considered)
        tried: tuple[str, ...] = ()
        fails = drawn.choice((0, 0, 0, 1, 2)) if attempts is None else attempts - 1
        while True:
            permitted = Permitted(
                inspected=inspected,
                case=case,
                law=self.law.stamp,
                warnings={},
                candidates=tuple(one for one in verdicts if one.permitted),
                refused=tuple(one for one in verdicts if not one.permitted),
                loads={one.name: self._load() for one in considered},
                terms=Terms(
                    exchange_id,
                    weights=drawn.choice((Weights(), Weights(exposure_ms=2_000, price_ms=3, carbon_ms=40))),
                    budget=drawn.choice((*(Budget.WITHIN,) * 4, Budget.WARN, Budget.LIGHTEN)),
                    tried=tried,
                ),
            )
            placed = self._decided(permitted, means, review)
            if placed is None or not outcome:
                return self
            failed = bool(placed.spares) and len(tried) < fails
            self._ended(placed, failed=failed)
            if not failed:
                return self
            tried = (*tried, placed.chosen.deployment.name)

    def _load(self) -> Load:
        drawn = self._random
        available = drawn.random() < self.up
        return Load(
            drawn.randint(0, 5),
            available,
            drawn.choice((None, 4, 8)),
            drawn.randint(0, 900),
            warm=drawn.random() < 0.2,
            why="" if available else "down",
        )

    def _inspected(
        self, exchange_id: str, types: Sequence[EntityType] | None, purpose: str | None, by: str | None, means: Means
    ) -> Inspected:
        drawn = self._random
        kinds = drawn.sample(_TYPES, drawn.choice((0, 0, 1, 2, 3))) if types is None else types
        findings = [Finding(0, 1, one, 1.0, "shape") for one in kinds for _ in range(drawn.randint(1, 3))]
        if types is None and drawn.random() < 0.1:
            findings.append(Finding(0, 1, EntityType.MARKING, 1.0, "marking-restricted"))
        declared = drawn.choice((None, None, None, *DataClass)) if types is None else None
        uninspected = drawn.choice((0, 0, 0, 1, 2)) if types is None else 0
        data_class, labels, markings = classify([findings], declared=declared, uninspected=uninspected)
        name, role = f"key-{drawn.randint(0, 50)}", drawn.choice(_ROLES)
        principal = Principal(by or name, role)
        purpose = purpose or drawn.choice(_PURPOSES)
        request = replace(_REQUEST, sourced=means.sourced, tokens=means.tokens)
        received = Received(exchange_id, principal, purpose, declared, request)
        day = int(dt.datetime.fromtimestamp(self.time_ms // 1000, dt.UTC).strftime("%Y%m%d"))
        case = Case(principal.role, purpose, data_class, labels, day=day)
        return Inspected(received, (tuple(findings),), case, uninspected, markings)

    def _decided(self, permitted: Permitted, means: Means, review: str | None) -> Placed | None:
        try:
            placed = place(permitted, means) if permitted.candidates else None
        except DeploymentUnavailable:
            placed = None
        self.time_ms += self._random.randint(0, 40)
        self.entries.append(
            decision_entry(
                permitted,
                None if placed is None else placed.chosen,
                () if placed is None else placed.spares,
                time_ms=self.time_ms,
                principal_key=PRINCIPAL_KEY,
                request_commitment=self._random.randbytes(32),
                review=review if placed is not None and Duty.HUMAN_REVIEW in placed.chosen.duties else None,
            )
        )
        return placed

    def _ended(self, placed: Placed, *, failed: bool) -> None:
        index = len(self.entries) - 1
        position = Position(index, bytes(32), index + 1, bytes(32), ())
        committed = Committed(placed, (), {}, bytes(32), self.entries[-1], position)
        told = None if failed else self._random.randint(1, 500)
        answered = Answered(
            committed=committed,
            status=502 if failed else 200,
            ending="upstream_unreachable" if failed else "complete",
            finish_reasons=() if failed else ("stop",),
            prompt_tokens=told,
            completion_tokens=told,
            restored=0,
            answer_commitment=bytes(32),
        )
        self.time_ms += self._random.randint(0, 40)
        self.entries.append(outcome_entry(answered, law=self.law.stamp, time_ms=self.time_ms))


def recorded(count: int, *, seed: int = 0) -> list[bytes]:
    """Return a log in good order: a start, its law, `count` varied exchanges, and an end."""
    institution = Institution(seed).begin()
    for _ in range(count):
        institution.exchange()
    return institution.mark("stop").entries


class PublishedLog:
    """A log's address: an HTTP server on this machine, and a `LogSource` in itself.

    Attributes:
        entries: What it serves.
        hidden: Paths that it says do not exist.
        replaced: Bytes it serves at a path instead of the true ones.
        is_silent: Whether it cuts every connection.
        requests: Paths asked for.
        on_request: Called with each path before it is answered.
        answers: Raw bytes it sends over HTTP instead of an answer, by path; the connection ends after them.
        authorizations: What was shown over HTTP to be let in.
        connections: How many were made.
    """

    def __init__(self, entries: Sequence[bytes], *, key: SigningKey = LOG_KEY, cosigned_s: int | None = NOW_S) -> None:
        self.key = key
        self.hidden: set[str] = set()
        self.replaced: dict[str, bytes] = {}
        self.is_silent = False
        self.requests: list[str] = []
        self.on_request: Callable[[str], None] = lambda _: None
        self.answers: dict[str, bytes] = {}
        self.authorizations: set[str | None] = set()
        self.connections = 0
        self.publish(entries, cosigned_s=cosigned_s)

    def publish(self, entries: Sequence[bytes], *, cosigned_s: int | None = NOW_S) -> None:
        """Sign these entries as the log, and have them cosigned at that time; None for not at all."""
        self.entries = list(entries)
        leaves = [hash_leaf(entry) for entry in self.entries]
        self._tiles = TreeInTiles(leaves)
        checkpoint = Checkpoint(self.key.name, len(leaves), root_of(leaves))
        self.note = signed(checkpoint, self.key, cosigned_s=cosigned_s)

    # As a LogSource -----------------------------------------------------------------------------------------------

    def checkpoint(self) -> bytes:
        return self._served("checkpoint")

    def tile(self, level: int, index: int, width: int) -> bytes:
        return b"".join(split_tile(self._served(render_tile_path(HashTile(level, index, width))), width))

    def bundle(self, index: int, width: int) -> list[bytes]:
        return parse_bundle(self._served(render_tile_path(EntryBundle(index, width))), width)

    def _served(self, path: str) -> bytes:
        if self.is_silent:
            raise LogUnreachableError("silent")
        data = self.get(path)
        if data is None:
            raise NotServedError(path)
        return data

    # Over HTTP ----------------------------------------------------------------------------------------------------

    def get(self, path: str) -> bytes | None:
        """Return what stands at a path, None if nothing does."""
        self.requests.append(path)
        self.on_request(path)
        if path in self.hidden:
            return None
        if path in self.replaced:
            return self.replaced[path]
        if path == "checkpoint":
            return self.note
        tile = parse_tile_path(path)
        if isinstance(tile, EntryBundle):
            entries = self.entries[tile.index * 256 :][: tile.width]
            return render_bundle(entries) if len(entries) == tile.width else None
        try:
            return self._tiles.tile(tile.level, tile.index, tile.width)
        except (AssertionError, IndexError):
            return None

    def __enter__(self) -> Self:
        self._server = _Server(self)
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/log"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, log: PublishedLog) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.log = log


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        cast("_Server", self.server).log.connections += 1

    def do_GET(self) -> None:
        log = cast("_Server", self.server).log
        log.authorizations.add(self.headers["Authorization"])
        path = self.path.removeprefix("/log/")
        if log.is_silent or path in log.answers:
            self.wfile.write(log.answers.get(path, b""))
            self.close_connection = True
            return
        data = log.get(path)
        self.send_response(200 if data is not None else 404)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the library's name
        pass


def signed(checkpoint: Checkpoint, key: SigningKey = LOG_KEY, *, cosigned_s: int | None = NOW_S) -> bytes:
    """Return a checkpoint's note, signed by a log and cosigned by the witness."""
    signatures = [sign_checkpoint(checkpoint, key)]
    if cosigned_s is not None:
        signatures.append(sign_checkpoint(checkpoint, WITNESS_KEY, timestamp_s=cosigned_s))
    return render_note(Note(render_checkpoint(checkpoint), tuple(signatures)))


def bent(entry: bytes, **changes: Any) -> bytes:
    """Return an entry with some fields changed; still of the format."""
    return render_entry(msgspec.structs.replace(parse_entry(entry), **changes))


def bent_candidate(entry: bytes, number: int, **changes: Any) -> bytes:
    """Return a decision with some fields of a candidate changed; still of the format."""
    decision = parse_entry(entry)
    assert isinstance(decision, DecisionEntry)
    candidates = list(decision.candidates)
    candidates[number] = msgspec.structs.replace(candidates[number], **changes)
    return bent(entry, candidates=tuple(candidates))


ANYTIME = Bounds(None, None, NOW_S + 3_600)


def alarms_of(entries: Sequence[bytes], *, bounds: Bounds = ANYTIME, watch: LogWatch | None = None) -> list[Alarm]:
    """Return what a monitor says of a log."""
    watch = watch or LogWatch(ORIGIN, REPLAYER)
    return [alarm for entry in entries for alarm in watch.feed(entry, bounds)]
