"""What is asked of the gateways, and what the monitor says of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from examples.cop.model import LONG

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from examples.cop.stage import Answer, Stage


class Gateway(NamedTuple):
    """Where a gateway answers, and the key it was asked with."""

    url: str
    key: str
    origin: str


@dataclass
class Cop:
    """The stage, and what the chapters tell one another."""

    stage: Stage
    charter: str = ""
    gateways: dict[str, Gateway] = field(default_factory=dict)
    monitor: str = ""

    # What a gateway is asked -----------------------------------------------------------------------------------------

    def ask(self, name: str, model: str = "grande", text: str = "Bonjour") -> Answer:
        """Ask a gateway for an answer of a model."""
        gateway = self.gateways[name]
        return self.stage.post(f"{gateway.url}/v1/chat/completions", _asked(model, text), key=gateway.key)

    def begin(self, name: str, model: str = "grande") -> HTTPResponse:
        """Begin a conversation that lasts, and return it once its first words have come."""
        gateway = self.gateways[name]
        body = {**_asked(model, f"Racontez {LONG}."), "stream": True}
        answer = self.stage.stream(f"{gateway.url}/v1/chat/completions", body, key=gateway.key)
        self.stage.promise(
            answer.status == HTTPStatus.OK and any(b"encore" in line for line in answer),
            f"sur {name}, la réponse a commencé",
            f"on {name}, the answer has begun",
        )
        return answer

    def law(self, name: str) -> dict[str, Any]:
        """Return by what law a gateway says it decides."""
        return self.stage.get(f"{self.gateways[name].url}/charter")

    def follows(self, name: str, root: int) -> dict[str, Any]:
        """Wait until a gateway follows a version of the root."""

        def look() -> dict[str, Any] | None:
            law = self.law(name)
            return law if law["root"] == root else None

        return self.stage.until(look, f"{name} suit la racine {root}", f"{name} follows root {root}")

    def problem(self, name: str) -> dict[str, str]:
        """Wait until a gateway says why it cannot follow what is published, and return that."""

        def look() -> dict[str, str] | None:
            problem: dict[str, str] | None = self.law(name)["problem"]
            return problem

        return self.stage.until(look, f"{name} voit le problème", f"{name} sees the problem")

    def rejected(self, name: str) -> str:
        """Wait until a gateway lists an order that has no effect, and return the reasons."""

        def look() -> list[dict[str, Any]]:
            return list(self.stage.get(f"{self.gateways[name].url}/charter/orders")["refused"])

        (one,) = self.stage.until(look, f"{name} rejette l'ordre", f"{name} rejects the order")
        return "; ".join(each["fr" if self.stage.french else "en"] for each in one["reasons"])

    def refuses(self, name: str, policy: str) -> dict[str, Any]:
        """Wait until a gateway refuses the model for a reason."""

        def look() -> dict[str, Any] | None:
            answer = self.ask(name)
            return (
                answer.said["error"]
                if answer.status == HTTPStatus.FORBIDDEN and policy in json.dumps(answer.said)
                else None
            )

        return self.stage.until(look, f"{name} refuse", f"{name} refuses")

    def serve(self, name: str, *, cheat: str | None = None) -> None:
        """Start a gateway, where it was before if it ran already."""
        before = self.gateways.get(name)
        port = "0" if before is None else before.url.rpartition(":")[2]
        place = f"--config {name}/bouclier.yaml --data {name}/data"
        url = self.stage.serve(name, f"serve {place} --port {port}", cheat=cheat)
        key = before.key if before else self.stage.until(lambda: _key_in(self.stage.output(name)), "clé", "key")
        origin = before.origin if before else str(self.stage.get(f"{url}/health")["log"]["origin"])
        self.gateways[name] = Gateway(url, key, origin)

    # What the monitor says -------------------------------------------------------------------------------------------

    def alarms(self) -> list[dict[str, Any]]:
        """Return the alarms told so far; warnings are not among them."""
        lines = self.stage.output("monitor").splitlines(keepends=True)
        told = [json.loads(line) for line in lines if line.endswith("\n")]
        return [alarm for alarm in told if alarm["severity"] == "alarm"]

    def accused(self, name: str) -> list[str]:
        """Return of what a gateway is accused."""
        return [alarm["code"] for alarm in self.alarms() if alarm["origin"] == self.gateways[name].origin]

    def alarm(self, origin: str, code: str, *, asking: str | None = None) -> dict[str, Any]:
        """Wait until the monitor tells an alarm of a log, or of the charter's repository, whose origin is empty.

        Args:
            origin: The log's.
            code: What is told.
            asking: A gateway that is asked meanwhile: what it records is what it is judged by.
        """

        def look() -> dict[str, Any] | None:
            found = [one for one in self.alarms() if (one["origin"], one["code"]) == (origin, code)]
            if not found and asking is not None:
                self.ask(asking)
            return found[0] if found else None

        return self.stage.until(look, f"le moniteur dit {code}", f"the monitor says {code}")

    def has_read_all(self, name: str) -> None:
        """Wait until the monitor has read all that a gateway's log holds by now."""
        gateway = self.gateways[name]
        size = int(self.stage.get(f"{gateway.url}/health")["log"]["size"])
        metric = f'bouclier_monitor_entries_replayed_total{{origin="{gateway.origin}"}} '
        metrics = self.stage.folder / "monitor" / "metrics.prom"

        def look() -> bool:
            lines = metrics.read_text(encoding="utf-8").splitlines() if metrics.exists() else []
            return any(line.startswith(metric) and int(line.removeprefix(metric)) >= size for line in lines)

        self.stage.until(look, f"le moniteur a lu {name}", f"the monitor has read {name}")

    def verify(self, alarm: dict[str, Any]) -> str:
        """Check offline what the monitor filed of an alarm."""
        return self.stage.bouclier(
            f"monitor verify monitor/findings/{alarm['key']}.finding --policy monitor/policy --monitor {self.monitor} "
            "--charter charter --orders orders"
        )


def _asked(model: str, text: str) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}]}


def _key_in(printed: str) -> str | None:
    return next((line.rpartition(" ")[2] for line in printed.splitlines() if line.startswith("API key: ")), None)
