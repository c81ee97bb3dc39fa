"""An institution's own detector, supervised in a child process; what it answers is checked before it is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.shield.adapters.child_process import ChildProcess
from bouclier.terms.content import EntityType, Finding
from bouclier.terms.errors import Bilingual, DetectorError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bouclier.shield.adapters.frames import PackedFinding

_TYPES = frozenset(kind.value for kind in EntityType)


class OwnProcess(ChildProcess):
    """A `NameFinder` that runs a `TextDetector`."""

    def __init__(
        self, python: str, folder: Path | None = None, *, wait_s: float = 30.0, call_timeout_s: float = 60.0
    ) -> None:
        """Supervise a detector.

        Args:
            python: `package.module:factory`.
            folder: Where it is, if it is not installed.
            wait_s: Longest wait for it to start, in seconds.
            call_timeout_s: Longest wait for an answer, in seconds; then it is killed and started again.
        """
        super().__init__(
            "bouclier.shield.adapters.own_child",
            python,
            *(() if folder is None else (str(folder),)),
            wait_s=wait_s,
            call_timeout_s=call_timeout_s,
        )
        self._python = python

    async def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Return the findings of each text, in the order of the detector.

        Raises:
            DetectorError: The child is not ready, died, is stuck, or answered what cannot be.
        """
        answers = await self.call(texts)
        return [self._checked(text, found) for text, found in zip(texts, answers, strict=True)]

    def _checked(self, text: str, found: Sequence[PackedFinding]) -> list[Finding]:
        checked = []
        for start, end, type_, confidence, _ in found:
            if not (0 <= start < end <= len(text) and type_ in _TYPES and 0 < confidence <= 1):
                raise DetectorError(
                    Bilingual(
                        f"Le détecteur {self._python} répond ce qui ne peut pas être ; rien ne part.",
                        f"The detector {self._python} answers what cannot be; nothing leaves.",
                    ),
                    Bilingual(
                        "Corrigez-le : début et fin dans le texte (fin exclue), type connu, confiance de 0 à 1.",
                        "Correct it: start and end within the text (end excluded), a known type, confidence 0 to 1.",
                    ),
                    param="shield.detectors",
                )
            # Its name, not its words: what validated a finding is shown and recorded.
            checked.append(Finding(start, end, EntityType(type_), confidence, f"detector:{self._python}"))
        return checked
