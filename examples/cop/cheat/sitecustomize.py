"""How somebody who runs a program can tamper with it: Python loads this file by itself when it is on its path.

    COP_CHEAT=forget     a gateway that leaves authorities' orders out, as if none had been published
    COP_CHEAT=pretend    a gateway that says it carries the orders out, and decides without them
    COP_CHEAT=overreach  an authority that signs beyond its mandate

Nothing stops whoever holds a machine from this. What stands against it is that others see it.
"""

from __future__ import annotations

import os
from typing import Any


def _forget() -> None:
    from bouclier.compose import law_keeping  # noqa: PLC0415 -- only in the process that cheats

    honest = law_keeping.law_in_force

    def without_orders(charter: Any, _published: Any, adoption: Any, **how: Any) -> Any:
        return honest(charter, (), adoption, **how)

    law_keeping.law_in_force = without_orders


def _pretend() -> None:
    from bouclier.charter import law  # noqa: PLC0415

    law.restricted_by = lambda charter, _orders: charter


def _overreach() -> None:
    from bouclier.charter.orders import parse_order  # noqa: PLC0415
    from bouclier.compose import ordering  # noqa: PLC0415

    def unchecked(_workshop: Any, files: Any) -> dict[str, bytes]:
        return {parse_order(data).id: data for data in files}

    ordering._within_mandate = unchecked


_CHEATS = {"forget": _forget, "pretend": _pretend, "overreach": _overreach}

if os.environ.get("COP_CHEAT"):
    _CHEATS[os.environ["COP_CHEAT"]]()
