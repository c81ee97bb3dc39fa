"""A gateway before real witnesses: its log made first, witnesses that know it, a policy that names them."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2 as httpx

from bouclier.compose.configuration import configuration_of
from bouclier.compose.data_folder import prepare
from bouclier.compose.recording import identity
from bouclier.oversight.adapters.witness_folder import add_log_key, create_witness
from bouclier.tlog import (
    PolicyGroup,
    PolicyLog,
    PolicyWitness,
    WitnessPolicy,
    parse_policy,
    parse_vkey,
    render_policy,
    render_vkey,
)
from tests.asking import eventually
from tests.conftest import configuration
from tests.servers import Deployment, Served, serve
from tests.witness_process import Witness, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bouclier.tlog import VerifierKey

ASKED: dict[str, Any] = {"model": "echo", "messages": [{"role": "user", "content": "Pour zoe.vasseur@example.fr"}]}


def served_again(folder: Path, *, port: int) -> Witness:
    """Start the witness of a folder where it was before."""
    return start(folder, command=(sys.executable, "-m", "bouclier", "witness", "serve", "--port", str(port)))


@dataclass
class Bench:
    """A gateway's folder, its witnesses, and the gateway once it is started.

    Attributes:
        folder: Of the gateway.
        deployment: What it calls.
        log_keys: Keys of its log.
        keys: Key of each witness.
        witnesses: Those that run, by number.
        more: More lines of the section `log` of the configuration.
    """

    folder: Path
    deployment: Deployment
    keys: list[VerifierKey] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    witnesses: dict[int, Witness] = field(default_factory=dict)
    more: str = ""
    served: Served | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def config(self) -> str:
        return configuration(self.deployment, more=f"log: {{policy: policy.txt, pooling_ms: 20{self.more}}}\n")

    @property
    def policy_file(self) -> Path:
        return self.folder / "policy.txt"

    @property
    def policy(self) -> WitnessPolicy:
        return parse_policy(self.policy_file.read_text("ascii"))

    def log_keys(self) -> list[VerifierKey]:
        return [parse_vkey(line.removeprefix("log ")) for line in identity(self.data) if line.startswith("log ")]

    def make_log(self) -> None:
        file = self.folder / "bouclier.yaml"
        prepare(configuration_of(self.config, source=file, environment={}, overrides={"data": str(self.data)}))

    def add_witness(self, *, known: bool = True) -> None:
        """Make a witness and start it."""
        number = len(self.keys)
        folder = self.folder / f"witness-{number}"
        (key,) = create_witness(folder, name=f"witness.example/w{number}", ml_dsa=False)
        if known:
            for log_key in self.log_keys()[:1]:
                add_log_key(folder, render_vkey(log_key))
        self.keys.append(key.verifier_key)
        self.witnesses[number] = start(folder)
        self.ports.append(self.witnesses[number].port)

    def write_policy(self, quorum: int | None = None, **keys: VerifierKey) -> None:
        """Ask for so many cosignatures; all, if not said. Another key may be put in the place of a witness's."""
        names = tuple(f"w{number}" for number in range(len(self.keys)))
        policy = WitnessPolicy(
            logs=tuple(PolicyLog(key) for key in self.log_keys()[:1]),
            witnesses=tuple(
                PolicyWitness(name, keys.get(name, key), f"http://127.0.0.1:{port}/")
                for name, key, port in zip(names, self.keys, self.ports, strict=True)
            ),
            groups=(PolicyGroup("quorum", len(names) if quorum is None else quorum, names),),
            quorum="quorum",
        )
        self.policy_file.write_text(render_policy(policy), "ascii")

    def stop_witness(self, number: int) -> None:
        self.witnesses.pop(number).stop()

    def restart_witness(self, number: int) -> None:
        self.witnesses[number] = served_again(self.folder / f"witness-{number}", port=self.ports[number])

    def serve(self) -> Served:
        self.served = serve(self.folder, config=self.config, data=self.data)
        return self.served

    def stop(self) -> None:
        assert self.served is not None
        code = self.served.stop()
        assert code == 0, self.served.said()

    def post(self, body: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        assert self.served is not None
        return httpx.post(
            f"{self.served.base_url}/chat/completions",
            json={**ASKED, **(body or {}), **more},
            headers={"authorization": f"Bearer {self.served.key}"},
            timeout=30,
        )

    def final(self) -> dict[str, Any]:
        """Ask until the witnesses are in time for an answer, and return it: two seconds are theirs, no more."""

        def asked() -> dict[str, Any] | None:
            answer: dict[str, Any] = self.post(bouclier={"receipt": "final"}).json()
            return answer if answer["bouclier"]["receipt"]["state"] == "final" else None

        return eventually(asked, "a final receipt")

    def get(self, path: str) -> httpx.Response:
        assert self.served is not None
        return httpx.get(f"{self.served.url}{path}", timeout=30)

    def health(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.get("health").json()["log"]
        return shown

    def health_until(self, **wanted: object) -> dict[str, Any]:
        """Ask until what is told of the record is so; the test's time-out bounds it."""
        while True:
            health = self.health()
            if all(health[name] == value for name, value in wanted.items()):
                return health

    def published_all(self) -> dict[str, Any]:
        """Ask until the published tree holds what the log held when this was called."""
        return self.published(self.health()["size"])

    def published(self, size: int) -> dict[str, Any]:
        """Ask until the published tree holds that many entries; an outcome is one more, shortly after its answer."""
        while True:
            health = self.health()
            if health["published"] >= size:
                return health


@contextmanager
def bench(
    folder: Path, deployment: Deployment, *, witnesses: int = 2, quorum: int | None = None, more: str = ""
) -> Iterator[Bench]:
    """A log, so many witnesses that run and know it, and a policy; the gateway is for the test to start."""
    made = Bench(folder, deployment, more=more)
    with ExitStack() as stack:
        stack.callback(_stop_all, made)
        made.make_log()
        for _ in range(witnesses):
            made.add_witness()
        made.write_policy(quorum)
        yield made


def _stop_all(made: Bench) -> None:
    if made.served is not None:
        made.served.stop()
    for witness in made.witnesses.values():
        witness.stop()
