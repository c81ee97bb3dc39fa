"""Build a monitor from what a command was asked, and let it look once or again and again.

Alarms are filed as evidence first, then shown, then remembered: a crash between two of these repeats the later ones.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bouclier.compose.replaying import replayer_from
from bouclier.oversight.adapters.log_fetcher import FetchedLog
from bouclier.oversight.adapters.log_folder import write_durably
from bouclier.oversight.adapters.monitor_state import StateFolder, replace_durably
from bouclier.oversight.monitor import (
    Monitor,
    WatchSettings,
    finding_of,
    render_finding,
    render_metrics,
    verify_finding,
)
from bouclier.oversight.monitor.ports import LogUnreachableError, NotServedError
from bouclier.terms.errors import Bilingual, ConfigurationError, RequestError, StorageError
from bouclier.tlog import (
    InclusionError,
    SignatureType,
    SigningKey,
    TileError,
    TlogProof,
    hash_leaf,
    inclusion_from_tiles,
    parse_checkpoint,
    parse_note,
    parse_policy,
    parse_signing_key,
    parse_vkey,
    render_signing_key,
    render_tlog_proof,
    render_vkey,
    tile_width,
    verify_inclusion,
)
from bouclier.tlog.tiles import TILE_WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from bouclier.oversight.monitor import Alarm, LogSource, Observed
    from bouclier.oversight.monitor.finding import Shown
    from bouclier.tlog import WitnessPolicy

MAX_FILED: Final = 1_000
"""Findings filed by one run: enough to act upon; a log that is wrong throughout would fill the disk."""
_MAX_FILE_BYTES: Final = 4_000_000
_MAX_NOTE_BYTES: Final = 200_000
"""Checkpoints longer than that are not filed: a log could make a finding too long to sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorOptions:
    """What a monitor was asked.

    Attributes:
        urls: Prefixes of logs.
        policy: File of the witness policy.
        state: Folder of what it remembers.
        charters: Folders of charters to replay with, beside the starter charter.
        operators: Files with an institution's own operators, beside the packaged registry.
        settings: What to hold the logs to.
        key_file: File with a bearer token for the logs.
        evidence: Folder to file findings in.
        sign: File with the monitor's private key.
        metrics: File for Prometheus.
    """

    urls: tuple[str, ...]
    policy: Path
    state: Path
    charters: tuple[Path, ...] = ()
    operators: tuple[Path, ...] = ()
    settings: WatchSettings = field(default_factory=WatchSettings)
    key_file: Path | None = None
    evidence: Path | None = None
    sign: Path | None = None
    metrics: Path | None = None


class Watching:
    """A monitor at work."""

    def __init__(self, monitor: Monitor, teller: _Teller, metrics: Path | None) -> None:
        """Let it look, and publish what it knows for Prometheus if there is a file for that."""
        self._monitor = monitor
        self._teller = teller
        self._metrics = metrics

    @property
    def is_alarmed(self) -> bool:
        """Whether an alarm was told since it began, or one goes on that was told before."""
        return self._teller.alarmed or self._monitor.is_troubled

    def look(self) -> None:
        """Look at every log once.

        Raises:
            StorageError: Something could not be remembered, filed or written.
        """
        self._monitor.look(now_s=int(time.time()))
        if self._metrics is not None:
            _publish(self._metrics, render_metrics(self._monitor.states(), now_s=int(time.time())))

    def go_on(self, *, every_s: float) -> None:
        """Look again and again until the process is ended, at any moment.

        Raises:
            StorageError: As `look`.
        """
        while True:
            self.look()
            time.sleep(every_s)


@contextmanager
def watching(options: MonitorOptions, show: Callable[[Alarm], None]) -> Iterator[Watching]:
    """Build a monitor, and let go of its memory at the end.

    Args:
        options: What it was asked.
        show: Called with each alarm, in order.

    Raises:
        BouclierError: Something it needs is wrong or missing; nothing was asked of any log.
    """
    policy = read_policy(options.policy)
    replayer = replayer_from(options.charters, options.operators)
    token = None if options.key_file is None else read_line(options.key_file, "--key-file")
    logs = {url.rstrip("/"): FetchedLog(url.rstrip("/"), key=token) for url in options.urls}
    signing = None if options.sign is None else read_signing_key(options.sign)
    teller = _Teller(show, options.evidence, signing)
    with ExitStack() as stack:
        for log in logs.values():
            stack.callback(log.close)
        folder = stack.enter_context(StateFolder(options.state).held())
        monitor = Monitor(
            logs,
            policy=policy,
            replayer=replayer,
            settings=options.settings,
            states=folder.states(),
            keeper=folder,
            teller=teller,
        )
        yield Watching(monitor, teller, options.metrics)


def verified_finding(file: Path, policy: Path, monitor: str | None) -> Shown:
    """Return what a finding shows, offline.

    Args:
        file: The finding.
        policy: File of the witness policy.
        monitor: The monitor's vkey, if its signature is to be checked.

    Raises:
        BouclierError: It does not show what it says, or a file cannot be read.
    """
    key = None if monitor is None else parse_vkey(monitor)
    return verify_finding(_bytes_of(file, "FILE"), read_policy(policy), key)


def create_key(name: str, out: Path) -> str:
    """Draw a monitor's key, write it to a new file that its owner alone can read, and return its vkey.

    Raises:
        KeyTextError: The name may not stand on a signature.
        StorageError: The file exists or cannot be written.
    """
    key = SigningKey(name, SignatureType.ED25519, os.urandom(32))
    try:
        # Made before it is written, so that of two commands at once one is refused.
        os.close(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        write_durably(out, f"{render_signing_key(key)}\n".encode())
    except OSError as error:
        raise _unwritable(out, error) from error
    return render_vkey(key.verifier_key)


class _Teller:
    """Files, then shows; a `Teller`."""

    def __init__(self, show: Callable[[Alarm], None], evidence: Path | None, key: SigningKey | None) -> None:
        self.alarmed = False
        self._show = show
        self._evidence = evidence
        self._key = key
        self._filed = 0

    def tell(self, observed: Sequence[Observed], source: LogSource) -> None:
        """See `Teller.tell`."""
        for one in observed:
            if self._evidence is not None and self._filed < MAX_FILED:
                self._file(self._evidence, one, source)
            self.alarmed |= one.alarm.severity.value == "alarm"
            self._show(one.alarm)

    def _file(self, folder: Path, observed: Observed, source: LogSource) -> None:
        path = folder / f"{observed.alarm.key}.finding"
        entry, inclusion = _inclusion(observed, source)
        finding = finding_of(
            observed.alarm,
            time_ms=time.time_ns() // 1_000_000,
            checkpoints=() if inclusion is not None else _short(observed.notes),
            fork=observed.fork,
            entry=entry,
            inclusion=inclusion,
        )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # The same observation has the same name: told again after a crash, it replaces itself.
            replace_durably(path, render_finding(finding, self._key))
        except OSError as error:
            raise _unwritable(path, error) from error
        self._filed += 1


def _inclusion(observed: Observed, source: LogSource) -> tuple[bytes | None, bytes | None]:
    """Return the entry an alarm is about and its proof file, as far as the log serves them."""
    index, size = observed.alarm.index, observed.size
    notes = _short(observed.notes)
    if index is None or index >= size or not notes:
        return None, None
    note = notes[0]
    bundle, inside = divmod(index, TILE_WIDTH)
    try:
        entry = source.bundle(bundle, tile_width(size, 0, bundle))[inside]
        proof = tuple(inclusion_from_tiles(source, index, size))
        root = parse_checkpoint(parse_note(note).text).root
        verify_inclusion(hash_leaf(entry), leaf_index=index, tree_size=size, proof=proof, root_hash=root)
    except (LogUnreachableError, NotServedError, TileError, InclusionError):
        return None, None
    return entry, render_tlog_proof(TlogProof(index=index, hashes=proof, checkpoint=note))


def _short(notes: Sequence[bytes]) -> tuple[bytes, ...]:
    return tuple(notes) if all(len(note) <= _MAX_NOTE_BYTES for note in notes) else ()


def read_policy(path: Path) -> WitnessPolicy:
    """Return the witness policy of a file.

    Raises:
        ConfigurationError: It cannot be read, or a line of it is wrong.
    """
    return parse_policy(_bytes_of(path, "--policy"))


def read_signing_key(path: Path) -> SigningKey:
    """Return the monitor's private key.

    Raises:
        ConfigurationError: The file cannot be read, or holds no Ed25519 key.
    """
    key = parse_signing_key(read_line(path, "--sign"))
    if key.type is not SignatureType.ED25519:
        raise ConfigurationError(
            Bilingual("La clé du moniteur n'est pas une clé Ed25519.", "The monitor's key is not an Ed25519 key."),
            Bilingual("Créez-en une : bouclier monitor keygen NOM.", "Create one: bouclier monitor keygen NAME."),
            param="--sign",
        )
    return key


def read_line(path: Path, param: str) -> str:
    """Return the one line of a file that holds a secret.

    Raises:
        ConfigurationError: It cannot be read, or holds something else.
    """
    try:
        line = _bytes_of(path, param).decode("utf-8").strip()
    except UnicodeDecodeError:
        line = ""
    if not line or any(character.isspace() for character in line):
        raise ConfigurationError(
            Bilingual(f"{path} ne contient pas une clé.", f"{path} does not hold a key."),
            Bilingual(
                "Ce fichier doit contenir la clé, seule, sur une ligne.", "It must hold the key, alone, on a line."
            ),
            param=param,
        )
    return line


def _bytes_of(path: Path, param: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, param) from error
    if len(data) > _MAX_FILE_BYTES:
        raise _unreadable(path, param)
    return data


def _unreadable(path: Path, param: str) -> RequestError:
    return RequestError(
        Bilingual(f"{path} ne peut pas être lu.", f"{path} cannot be read."),
        Bilingual("Vérifiez le chemin, les droits et la taille.", "Check the path, the permissions and the size."),
        param=param,
    )


def _unwritable(path: Path, error: OSError) -> StorageError:
    reason = error.strerror or type(error).__name__
    return StorageError(
        Bilingual(f"{path} ne peut pas être écrit ({reason}).", f"{path} cannot be written ({reason})."),
        Bilingual("Vérifiez les droits et la place libre.", "Check the permissions and the free space."),
        param=str(path),
    )


def _publish(path: Path, text: str) -> None:
    """Replace a file at once, readable by all: what collects metrics is another user."""
    new = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
