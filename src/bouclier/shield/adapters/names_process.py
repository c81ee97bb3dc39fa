"""Names of persons, places and organisations, found by a model in a supervised child process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.adapters.child_process import ChildProcess
from bouclier.shield.adapters.frames import unpack_findings
from bouclier.shield.adapters.names_spec import OURS, NamesSpec, names_spec, pack_spec
from bouclier.shield.text_pieces import text_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.content import Finding

# A piece takes a fraction of a second, so that a long text delays the others by no more than that.
_PIECE_CHARS = 8_000
_FRAME_CHARS = 16_000
_FRAME_PIECES = 256
# The largest classifiers on one slow processor read some hundreds of characters a second: 100 s for a full frame.
_TIMEOUT_S_PER_CHAR = 0.005


class NamesProcess(ChildProcess):
    """A `NameFinder`. Long texts are read piece by piece; calls that run at the same time take turns.

    A name astride two pieces is cut there; pieces end at a paragraph's or a sentence's end where there is one.
    """

    def __init__(
        self,
        model: str | NamesSpec = OURS,
        *,
        wait_s: float = 30.0,
        call_timeout_s: float = 20.0,
        max_delay_s: float = 10.0,
    ) -> None:
        super().__init__(
            "bouclier.shield.adapters.names_child",
            pack_spec(names_spec(model) if isinstance(model, str) else model),
            wait_s=wait_s,
            call_timeout_s=call_timeout_s,
            call_timeout_s_per_char=_TIMEOUT_S_PER_CHAR,
            max_delay_s=max_delay_s,
        )

    async def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Return the names of each text, sorted by start and never overlapping.

        Raises:
            DetectorError: The child is not ready, died, or is stuck.
        """
        found: list[list[Finding]] = [[] for _ in texts]
        batch: list[tuple[int, int, str]] = []
        size = 0
        for index, text in enumerate(texts):
            for offset, piece in text_pieces(text, size=_PIECE_CHARS):
                if batch and (size + len(piece) > _FRAME_CHARS or len(batch) >= _FRAME_PIECES):
                    await self._find_batch(batch, found)
                    batch, size = [], 0
                batch.append((index, offset, piece))
                size += len(piece)
        if batch:
            await self._find_batch(batch, found)
        return found

    async def _find_batch(self, batch: Sequence[tuple[int, int, str]], found: list[list[Finding]]) -> None:
        answers = await self.call([piece for _, _, piece in batch])
        for (index, offset, _), packed in zip(batch, answers, strict=True):
            found[index].extend(unpack_findings(packed, offset=offset))
