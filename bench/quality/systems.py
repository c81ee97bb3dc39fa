"""The systems compared, each a command that reads `{"id","text"}` lines and writes `{"id","spans"}` lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.machine import CommandFailedError, Cost, environment, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.quality.score import Document, Span

BOUCLIER, WITHOUT_NAMES, PRESIDIO, SPACY = "Bouclier", "Bouclier without names", "Presidio", "spaCy NER"
PEERS = {PRESIDIO: "presidio", SPACY: "spacy"}
# How a configuration says that no names are wanted; the first that is accepted.
_NO_NAMES = ("shield: {names: []}\n", "shield: {names: off}\n")
_FIRST_TEXT = {"fr": "Bonjour à tous.", "en": "Good morning to all."}


class Reading(NamedTuple):
    """What a system found in the texts of a set, and what it cost.

    Attributes:
        predictions: Spans by the document's id.
        cpu_s: CPU time of the command and its children, without what one short text costs: start and loading.
        start_cpu_s: That cost.
    """

    predictions: dict[str, list[Span]]
    cpu_s: float
    start_cpu_s: float


class Systems:
    """Runs them in a scratch folder, one command at a time."""

    def __init__(self, scratch: Path, *, peers_python: Path | None, configuration: Path | None = None) -> None:
        """Put the systems together.

        Args:
            scratch: For inputs, outputs and Bouclier's data.
            peers_python: The interpreter of the peers' environment; None compares with no peer.
            configuration: Bouclier's; None is what a new user gets.
        """
        self._scratch = scratch
        self._peers_python = peers_python
        self._configuration = configuration
        self._no_names: Path | None = None
        self._starts: dict[tuple[str, str], float] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """What can be compared here."""
        return (BOUCLIER, WITHOUT_NAMES, *(PEERS if self._peers_python is not None else ()))

    def read(self, system: str, language: str, documents: Iterable[Document]) -> Reading:
        """Have a system read texts.

        Raises:
            CommandFailedError: It did not end well.
        """
        if (system, language) not in self._starts:
            one = [("0", _FIRST_TEXT[language])]
            self._run(system, language, one)  # the first run fills caches on disk, of files and of automata
            self._starts[system, language] = self._run(system, language, one)[1].cpu_s
        predictions, cost = self._run(system, language, [(document.id, document.text) for document in documents])
        start = self._starts[system, language]
        return Reading(predictions, max(cost.cpu_s - start, 0.001), start)

    def _run(self, system: str, language: str, texts: list[tuple[str, str]]) -> tuple[dict[str, list[Span]], Cost]:
        source, target = self._scratch / "in.jsonl", self._scratch / "out.jsonl"
        with source.open("w", encoding="utf-8") as lines:
            for name, text in texts:
                lines.write(json.dumps({"id": name, "text": text}) + "\n")
        target.unlink(missing_ok=True)
        cost = run(self._command(system, language, source, target), env=environment(**self._variables()))
        return _predictions(target), cost

    def _command(self, system: str, language: str, source: Path, target: Path) -> list[str]:
        files = [str(source), str(target)]
        if system in PEERS:
            child = str(Path(__file__).with_name("peer.py"))
            return [str(self._peers_python), child, PEERS[system], language, *files]
        configuration = self._without_names() if system == WITHOUT_NAMES else self._configuration or self._empty()
        return _bouclier(configuration, self._scratch / "data", *files)

    def _empty(self) -> Path:
        """Return an empty configuration, so that none of the current folder is read."""
        path = self._scratch / "default.yaml"
        path.touch()
        return path

    def _without_names(self) -> Path:
        if self._no_names is not None:
            return self._no_names
        path, source = self._scratch / "no-names.yaml", self._scratch / "probe.jsonl"
        source.write_text('{"id": "0", "text": "Bonjour."}\n', encoding="utf-8")
        for said in _NO_NAMES:
            path.write_text(said, encoding="utf-8")
            try:
                run(_bouclier(path, self._scratch / "data", str(source), str(self._scratch / "probe.out")))
            except CommandFailedError:
                continue
            self._no_names = path
            return path
        raise CommandFailedError(f"bouclier check refuses each of {_NO_NAMES}")

    def _variables(self) -> Mapping[str, str]:
        # Caches of this run only, so that it measures what it has itself compiled.
        return {"XDG_CACHE_HOME": str(self._scratch / "cache")}


def _bouclier(configuration: Path, data: Path, *files: str) -> list[str]:
    options = ["--config", str(configuration), "--data", str(data)]
    return [sys.executable, "-m", "bouclier", "check", *options, "--jsonl", *files]


def _predictions(path: Path) -> dict[str, list[Span]]:
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        read = json.loads(line)
        found[read["id"]] = [(span[0], span[1], span[2]) for span in read["spans"]]
    return found
