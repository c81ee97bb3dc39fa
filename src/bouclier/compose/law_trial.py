"""A charter on trial: under the same orders and facts as the law in force, and without any effect, defects included."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bouclier.charter import law_in_force
from bouclier.charter.adapters.charter_files import load_charter
from bouclier.terms.errors import BouclierError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from bouclier.charter import Charter, InForce

_log = logging.getLogger("bouclier.compose")


class Trial:
    """The charter on trial of a data folder, if there is one."""

    def __init__(self, file: Path) -> None:
        """Look nowhere yet.

        Args:
            file: Where the charter is put when it is on trial.
        """
        self._file = file
        self._read: tuple[float, Charter] | None = None
        self._said = 0.0

    def under(
        self,
        law: InForce,
        published: Iterable[tuple[str, str, bytes]],
        *,
        at: datetime,
        territory: str | None,
        before: InForce | None,
    ) -> InForce | None:
        """Return the charter on trial, under the orders and facts of the law in force; None if there is none.

        Args:
            law: In force.
            published: Path, delegated role and bytes of each order published with it.
            at: The moment.
            territory: State of the institution; None if it does not say.
            before: What this returned for the same law; None if it did not.
        """
        try:
            changed = self._file.stat().st_mtime
        except OSError:
            self._read = None
            return None
        same = self._read is not None and self._read[0] == changed
        if same and before is not None:
            return before
        try:
            if self._read is None or not same:
                self._read = (changed, load_charter(self._file))
            return law_in_force(
                self._read[1], published, law.adoption, at=at, territory=territory, registry=law.stamp.registry
            )
        except BouclierError as error:
            # Said once for each file that is put there; the charter in force does not mind.
            if self._said != changed:
                _log.warning("%s", error.message)
            self._read, self._said = None, changed
            return None
