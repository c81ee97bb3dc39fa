"""A gateway in front of sites (`tests/site_process.py`), and what its callers and its record see."""

from __future__ import annotations

import json
import ssl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx2 as httpx

from tests.charter_kit import ORDINARY, files_of_charter, write_charter
from tests.servers import Served, exported, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HEALTH: Final = "Madame Vasseur, 1 84 12 76 451 089 46, traitement par insuline."
"""What the charter of the tests keeps out of foreign reach."""


NO_AUTHORITY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here is asked over TLS: reading the system's authorities for each question would be most of its time."""
_LOOK_AGAIN_S: Final = 0.02


def configuration(charter: Path, *entries: str, more: str = "", fleet: str = "probe_interval_s: 3600") -> str:
    """Return the settings of a gateway over sites; the charter is laid down where it says."""
    write_charter(charter, files_of_charter(ORDINARY))
    return (
        f"charter: {{folder: '{charter}'}}\nengine: {{model: off}}\nshield: {{names: off}}\n"
        f"deployments:\n{''.join(entries)}fleet: {{{fleet}}}\n{more}"
    )


@contextmanager
def running(folder: Path, config: str, **how: Any) -> Iterator[Served]:
    """A gateway that is stopped at the end, unless it was killed; it never met a defect of its own."""
    folder.mkdir(exist_ok=True)
    served = serve(folder, config=config, **how)
    try:
        yield served
    finally:
        killed = served.process.poll() is not None
        assert served.stop() == 0 or killed
        assert "internal error" not in served.said()


def asked(served: Served, content: str = "Bonjour", *, headers: dict[str, str] | None = None, **body: Any) -> Any:
    """Ask, and return the whole answer."""
    return httpx.post(
        f"{served.base_url}/chat/completions",
        json=request(content, **body),
        headers={**authorization(served), **(headers or {})},
        timeout=60,
        verify=NO_AUTHORITY,
    )


def request(content: str, **body: Any) -> dict[str, Any]:
    return {"model": "auto", "messages": [{"role": "user", "content": content}], **body}


def authorization(served: Served) -> dict[str, str]:
    return {"authorization": f"Bearer {served.key}"}


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    text: str = answer.json()["choices"][0]["message"]["content"]
    return text


def streamed(answer: Any) -> str:
    """The text of a streamed answer, and the code of the error that ends it if one does."""
    return "".join(words_of(answer.text.splitlines()))


def words_of(lines: Any) -> Iterator[str]:
    """The words of a streamed answer as they come, and the code of the error that ends it if one does."""
    for line in lines:
        if line.startswith("data: {"):
            event = json.loads(line.removeprefix("data: "))
            if "error" in event:
                yield f" !{event['error']['code']}"
            for choice in event.get("choices", []):
                yield choice["delta"].get("content") or ""


def decisions(served: Served) -> list[dict[str, Any]]:
    return [entry for entry in exported(served.data) if entry["kind"] == "decision"]


def health_of(served: Served) -> dict[str, Any]:
    return _shown(served, "health")


def _shown(served: Served, path: str) -> dict[str, Any]:
    answer = httpx.get(f"{served.url}{path}", headers=authorization(served), timeout=20, verify=NO_AUTHORITY)
    shown: dict[str, Any] = answer.json()
    return shown


def state_of(served: Served, name: str) -> dict[str, Any]:
    shown = _shown(served, "fleet")
    found: dict[str, Any] = next(
        site["deployments"][name] for site in shown["sites"].values() if name in site["deployments"]
    )
    return found


def until(holds: Callable[[], bool]) -> None:
    """Ask again until something holds; the test's own time-out ends it otherwise."""
    while not holds():
        time.sleep(_LOOK_AGAIN_S)
