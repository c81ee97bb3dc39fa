"""Build a monitor from what a command was asked, and let it look once or again and again.

Alarms are filed as evidence first, then shown, then remembered: a crash between two of these repeats the later ones.

Each address is looked at in a thread of its own: a log that answers slowly, or has much to read, does not delay what is
said of the others.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.compose.filing import Filing, unwritable
from bouclier.compose.law_book import RepositoryBook
from bouclier.compose.registry_facts import own_facts
from bouclier.compose.replaying import laws_from, replayer_from
from bouclier.oversight.adapters.log_fetcher import FetchedLog
from bouclier.oversight.adapters.log_folder import write_durably
from bouclier.oversight.adapters.monitor_state import StateFolder
from bouclier.oversight.monitor import (
    Monitor,
    Observed,
    WatchSettings,
    printable,
    render_metrics,
    verify_finding,
)
from bouclier.oversight.monitor.alarm import alarm_of
from bouclier.oversight.monitor.ports import Nowhere
from bouclier.terms.errors import Bilingual, ConfigurationError, RequestError
from bouclier.tlog import (
    SignatureType,
    SigningKey,
    parse_policy,
    parse_signing_key,
    parse_vkey,
    render_signing_key,
    render_vkey,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bouclier.oversight.monitor import Alarm
    from bouclier.oversight.monitor.alarm import Remark
    from bouclier.oversight.monitor.finding import Shown
    from bouclier.tlog import WitnessPolicy

_MAX_FILE_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorOptions:
    """What a monitor was asked.

    Attributes:
        urls: Prefixes of logs.
        policy: File of the witness policy.
        state: Folder of what it remembers.
        charters: Folders or bundles of charters to replay with; the starter charter by default, if no repository is
            followed.
        orders: Folders with authorities' orders to replay with.
        repository: URL or folder of the charter's repository; None if none is followed.
        root: File with a root of that repository that is trusted.
        facts: Files or folders with an institution's own facts, or whole registries; the packaged one by default.
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
    orders: tuple[Path, ...] = ()
    repository: str | None = None
    root: Path | None = None
    facts: tuple[Path, ...] = ()
    settings: WatchSettings = field(default_factory=WatchSettings)
    key_file: Path | None = None
    evidence: Path | None = None
    sign: Path | None = None
    metrics: Path | None = None


class Looked(NamedTuple):
    """What there is to say of a log after looking at it.

    Attributes:
        origin: Which log.
        size: Of the tree verified.
        read: How many of its entries were judged.
        alarms: Alarms told by this run, warnings not among them.
    """

    origin: str
    size: int
    read: int
    alarms: int


class Watching:
    """A monitor at work."""

    def __init__(
        self,
        monitor: Monitor,
        urls: Sequence[str],
        teller: Filing,
        metrics: Path | None,
        book: RepositoryBook | None = None,
    ) -> None:
        """Let it look, and publish what it knows for Prometheus if there is a file for that."""
        self._monitor = monitor
        self._book = book
        self._wrong: set[str] = set()  # keys of what is wrong with the repository, and was told
        self._urls = urls
        self._teller = teller
        self._metrics = metrics
        self._pool = ThreadPoolExecutor(max_workers=len(urls), thread_name_prefix="look")
        self._looks: dict[str, Future[None]] = {}

    @property
    def is_alarmed(self) -> bool:
        """Whether an alarm was told since it began, or one goes on that was told before."""
        wrong = self._book is not None and any(
            _alarm(remark).severity.value == "alarm" for remark in self._book.remarks
        )
        return self._teller.alarmed or self._monitor.is_troubled or wrong

    @property
    def is_blind(self) -> bool:
        """Whether an address shows no log that can be watched, or the charter's repository does not answer."""
        return self._monitor.is_blind or bool(self._book is not None and self._book.remarks)

    def look(self) -> None:
        """Look at every log once, and on until all that they signed is read.

        Raises:
            StorageError: Something could not be remembered, filed or written.
        """
        while True:
            before = self._read()
            self._round(within_s=None)
            # A log that stopped answering in the middle is left for another time.
            if not self._monitor.is_behind or self._read() == before:
                return

    def go_on(self, *, every_s: float) -> None:
        """Look again and again until the process is ended, at any moment.

        Raises:
            StorageError: As `look`.
        """
        while True:
            began_s, before = time.monotonic(), self._read()
            self._round(within_s=every_s)
            # What is left unread is read at once, unless the log does not answer.
            if not self._monitor.is_behind or self._read() == before:
                time.sleep(max(began_s + every_s - time.monotonic(), 0.0))

    def looked(self) -> list[Looked]:
        """Return what there is to say of each log that is followed, by origin."""
        states = sorted(self._monitor.states(), key=lambda state: state.origin)
        return [
            Looked(state.origin, state.tree_size, state.watch.size, self._teller.alarms[printable(state.origin)])
            for state in states
        ]

    def close(self) -> None:
        """Begin nothing more; what is being asked comes to its end."""
        self._pool.shutdown(cancel_futures=True)

    def _read(self) -> int:
        return sum(one.read for one in self.looked())

    def _round(self, *, within_s: float | None) -> None:
        """Look at every address that is not being looked at, wait so long at the most, and say what there is to say."""
        # The repository first: what a log cites was published before.
        self._look_at_repository()
        now_s = int(time.time())
        for url in self._urls:
            if url not in self._looks:
                self._looks[url] = self._pool.submit(self._monitor.look_at, url, now_s=now_s)
        wait(self._looks.values(), timeout=within_s)
        ended = [url for url, look in self._looks.items() if look.done()]
        for url in ended:
            self._looks.pop(url).result()
        self._monitor.conclude(now_s=int(time.time()), but=self._looks.keys())
        if self._metrics is not None:
            _publish(self._metrics, render_metrics(self._monitor.states(), now_s=int(time.time())))

    def _look_at_repository(self) -> None:
        if self._book is None:
            return
        self._book.refresh()
        alarms = {alarm.key: alarm for alarm in map(_alarm, self._book.remarks)}
        # A trouble that goes on is told when it begins.
        self._teller.tell([Observed(alarm) for key, alarm in alarms.items() if key not in self._wrong], Nowhere())
        self._wrong = set(alarms)


def _alarm(remark: Remark) -> Alarm:
    """Return an alarm that is about the charter's repository, and no log in particular."""
    return alarm_of(remark, origin="")


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
    if (options.repository is None) != (options.root is None):
        raise _half_a_repository()
    laws = laws_from(options.charters, options.orders, starter=options.repository is None)
    replayer = replayer_from((), options.facts, laws=laws)
    token = None if options.key_file is None else read_line(options.key_file, "--key-file")
    logs = {url.rstrip("/"): FetchedLog(url.rstrip("/"), key=token) for url in options.urls}
    if any(log.url is not None and not log.url.isascii() for log in policy.logs):
        raise ConfigurationError(
            Bilingual(
                "Une adresse de journal de la politique n'est pas en ASCII.",
                "A log's address in the policy is not ASCII.",
            ),
            Bilingual("Écrivez « é » ainsi : %C3%A9.", "Write `é` so: %C3%A9."),
            param="--policy",
        )
    signing = None if options.sign is None else read_signing_key(options.sign)
    teller = Filing(show, options.evidence, signing)
    with ExitStack() as stack:
        for log in logs.values():
            stack.callback(log.close)
        folder = stack.enter_context(StateFolder(options.state).held())
        book = None
        if options.repository is not None and options.root is not None:
            root = _bytes_of(options.root, "--root")
            place = options.repository if "://" in options.repository else Path(options.repository)
            book = RepositoryBook(
                options.state / "law", place, root, laws, clock_ms=_clock_ms, own_facts=own_facts(options.facts)
            )
        monitor = Monitor(
            logs,
            policy=policy,
            replayer=replayer,
            settings=options.settings,
            states=folder.states(),
            keeper=folder,
            teller=teller,
            book=book,
        )
        watching = Watching(monitor, list(logs), teller, options.metrics, book)
        stack.callback(watching.close)
        yield watching


def verified_finding(
    file: Path,
    policy: Path,
    monitor: str | None,
    *,
    charters: Sequence[Path] = (),
    facts: Sequence[Path] = (),
    orders: Sequence[Path] = (),
) -> Shown:
    """Return what a finding shows, offline.

    Args:
        file: The finding.
        policy: File of the witness policy.
        monitor: The monitor's vkey, if its signature is to be checked.
        charters: Folders of charters to decide the entry again with; the starter charter by default.
        facts: Files or folders with an institution's own facts, or whole registries; the packaged one by default.
        orders: Folders with authorities' orders to decide it again with.

    Raises:
        BouclierError: It does not show what it says, or a file cannot be read.
    """
    key = None if monitor is None else parse_vkey(monitor)
    replayer = replayer_from(charters, facts, orders)
    return verify_finding(_bytes_of(file, "FILE"), read_policy(policy), key, replayer=replayer)


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
        raise unwritable(out, error) from error
    return render_vkey(key.verifier_key)


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


def _clock_ms() -> int:
    return time.time_ns() // 1_000_000


def _half_a_repository() -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            "Suivre le dépôt de la charte demande son adresse et une racine de confiance.",
            "To follow the charter's repository takes its address and a root that is trusted.",
        ),
        Bilingual("Donnez --charter-repository et --root ensemble.", "Give --charter-repository and --root together."),
        param="--root",
    )


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


def _publish(path: Path, text: str) -> None:
    """Replace a file at once, readable by all: what collects metrics is another user."""
    new = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
