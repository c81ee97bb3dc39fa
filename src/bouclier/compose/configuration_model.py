"""All settings of a gateway, as frozen values; nothing here reads anything."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.compose.fleet_settings import AliasSettings, BudgetSettings, FleetSettings, RegistrySettings
from bouclier.terms.law import Openness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.shield.own_identifiers import OwnIdentifier
    from bouclier.terms.content import EntityType
    from bouclier.terms.errors import Bilingual


@dataclass(frozen=True, slots=True)
class DeploymentSettings:
    """One entry of `deployments`.

    Attributes:
        capabilities: What the model can do beyond text, as declared.
        evaluations: Ids of the evaluation reports the institution holds on it.
        carbon_mg: mg CO2e per 1,000 tokens, upper estimate; None if unknown.
        carbon_source: Where that figure comes from.
        qualifications: Labels it holds, `name` or `name@YYYYMMDD`.
        service: Registry id of the operator's service; empty if it is not said.
        price_ueur: Millionths of a euro per 1,000 tokens; None if unknown.
        slots: Exchanges it serves at once; None if unknown.
        engine: What answers there: `openai` for anything compatible, `llama.cpp`, `vllm` or `ollama`.
    """

    name: str
    base_url: str
    model: str
    operator: str
    site: str = "unknown"
    country: str | None = None
    openness: Openness = Openness.UNKNOWN
    api_key_file: Path | None = None
    capabilities: tuple[str, ...] = ()
    evaluations: tuple[str, ...] = ()
    carbon_mg: int | None = None
    carbon_source: str | None = None
    qualifications: tuple[str, ...] = ()
    service: str = ""
    price_ueur: int | None = None
    slots: int | None = None
    engine: str = "openai"
    connect_timeout_s: float = 10.0
    idle_timeout_s: float = 300.0


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The embedded engine.

    Attributes:
        model: A name of the catalogue, `auto` or `off`.
        threads: Threads it computes with; None for one per core.
        slots: Exchanges it serves at once; None for what the machine can bear.
        country: State its machine stands in: whose electricity its footprint counts; None when it is not said.
        memory_mb: Memory it may take before it is started again; None for what its model needs, with room.
    """

    model: str = "auto"
    threads: int | None = None
    slots: int | None = None
    country: str | None = None
    memory_mb: int | None = None
    context: int = 4096
    weights: tuple[Path, ...] = ()
    cache: Path | None = None
    hub: bool = True


@dataclass(frozen=True, slots=True)
class NamesSettings:
    """One entry of `shield.names`.

    Attributes:
        model: `spacy:package` or a bare package, `onnx:folder`, or `bouclier`.
        labels: What the model's labels mean, where its adapter does not know or is to be told otherwise; None drops
            what has this label.
    """

    model: str
    labels: tuple[tuple[str, EntityType | None], ...] = ()


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """One entry of `shield.detectors`.

    Attributes:
        python: `package.module:factory`.
        folder: Where it is, if it is not installed.
    """

    python: str
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class ShieldSettings:
    """What the shield looks for, beside what it always does, and what it puts in place of what it finds.

    Attributes:
        names: Models of names.
        identifiers: The institution's own.
        detectors: The institution's own, in Python.
        cache_entries: Texts whose findings are remembered.
        realistic: Types replaced by another value of the same kind instead of a tag.
        max_shift_days: By how many days dates move at most, where they are replaced so.
    """

    names: tuple[NamesSettings, ...] = (NamesSettings("bouclier"),)
    identifiers: tuple[OwnIdentifier, ...] = ()
    detectors: tuple[DetectorSettings, ...] = ()
    cache_entries: int = 4096
    realistic: tuple[EntityType, ...] = ()
    max_shift_days: int = 60


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How the record is kept and shown.

    Attributes:
        origin: The log's name for its whole life; None for one made up with the log.
        policy: The witnesses and their quorum, a file of c2sp.org/tlog-policy; None for no witnesses.
        ml_dsa: Whether checkpoints are signed with ML-DSA-44 too.
        pooling_ms: Shortest time between two checkpoints.
        interval_s: Longest time without one that the gateway promises.
        max_unwitnessed_s: How long exchanges go on without a quorum of witnesses; None for ever.
        open: Whether entries may be read by whoever reaches the gateway.
    """

    origin: str | None = None
    policy: Path | None = None
    ml_dsa: bool = False
    pooling_ms: int = 100
    interval_s: int = 600
    max_unwitnessed_s: int | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class SealSettings:
    """For whom content is sealed, when the charter asks.

    Attributes:
        authorities: Files of their public keys; empty when nothing can be sealed.
        threshold: How many of them it takes to open.
        retention_days: After how many days sealed content is destroyed.
    """

    authorities: tuple[Path, ...] = ()
    threshold: int = 2
    retention_days: int = 180


@dataclass(frozen=True, slots=True)
class CharterSettings:
    """By what charter the gateway decides.

    Attributes:
        folder: A charter the institution keeps itself; None for the starter charter, or one that is followed.
        repository: Where a charter of several parties is published: an address, or a folder; None for one's own.
        root: The file of the root to begin with, had from somebody who is trusted.
        refresh_s: How often it is asked whether anything changed.
        when_expired: `refuse` everything once it has expired, or keep to the institution's `own` machines.
        territory: State the institution belongs to; None when it does not say, and every order applies to it.
    """

    folder: Path | None = None
    repository: str | None = None
    root: Path | None = None
    refresh_s: int = 20
    when_expired: str = "refuse"
    territory: str | None = None


@dataclass(frozen=True, slots=True)
class Safeguards:
    """What the institution declares to hold for a purpose.

    Attributes:
        purpose: As applications declare it.
        holds: Keywords, such as `fria`, each with the reference of the document.
    """

    purpose: str
    holds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings of a gateway.

    Attributes:
        source: The file it was read from, or None.
        origins: For each setting by dotted name, where its value came from.
        warnings: What whoever starts it should know.
    """

    host: str = "127.0.0.1"
    port: int = 8787
    data: Path = Path("var")
    shared: Path | None = None
    institution: str = "votre institution / your institution"
    charter: CharterSettings = field(default_factory=CharterSettings)
    safeguards: tuple[Safeguards, ...] = ()
    deployments: tuple[DeploymentSettings, ...] = ()
    aliases: tuple[AliasSettings, ...] = ()
    fleet: FleetSettings = field(default_factory=FleetSettings)
    budgets: tuple[BudgetSettings, ...] = ()
    registry: RegistrySettings = field(default_factory=RegistrySettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    shield: ShieldSettings = field(default_factory=ShieldSettings)
    log: LogSettings = field(default_factory=LogSettings)
    seal: SealSettings = field(default_factory=SealSettings)
    max_body_bytes: int = 8_000_000
    max_text_chars: int = 1_000_000
    open_on_loopback: bool = True
    source: Path | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Bilingual, ...] = ()

    @property
    def keys_folder(self) -> Path:
        """Where the keys are: those of this gateway, or those that the institution's gateways share."""
        return self.data if self.shared is None else self.shared

    @property
    def is_loopback(self) -> bool:
        """Whether the gateway listens to this machine only."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
