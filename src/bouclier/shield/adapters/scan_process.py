"""Patterns of long texts, scanned in a child process so that the event loop never waits for them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from bouclier.shield.adapters.child_process import ChildProcess
from bouclier.shield.adapters.frames import unpack_findings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bouclier.shield.own_identifiers import OwnIdentifier
    from bouclier.terms.content import Finding


class ScanProcess(ChildProcess):
    """Scans texts as `make_scanner()` would here, elsewhere."""

    def __init__(
        self,
        own: Sequence[OwnIdentifier] = (),
        *,
        cache: Path | None = None,
        wait_s: float = 30.0,
        call_timeout_s: float = 20.0,
    ) -> None:
        super().__init__(
            "bouclier.shield.adapters.scan_child",
            "" if cache is None else str(cache),
            *(json.dumps(asdict(one), ensure_ascii=False) for one in own),
            wait_s=wait_s,
            call_timeout_s=call_timeout_s,
        )

    async def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Return the findings of each text, sorted by start and never overlapping.

        Raises:
            DetectorError: The child is not ready, died, or is stuck.
        """
        await self.start()  # at the first long text: most gateways never see one
        return [unpack_findings((await self.call([text]))[0]) for text in texts]
