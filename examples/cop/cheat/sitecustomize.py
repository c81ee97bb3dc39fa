# noqa: INP001 -- Python looks for this file by its name alone
"""How somebody who runs a program can tamper with it: Python loads this file by itself when it is on its path.

    COP_CHEAT=forget     a gateway that leaves authorities' orders out, as if none had been published
    COP_CHEAT=pretend    a gateway that says it carries the orders out, and decides without them
    COP_CHEAT=overreach  an authority that signs beyond its mandate

Nothing stops whoever holds a machine from this. What stands against it is that others see it.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any


def _forget() -> None:
    law_keeping: Any = import_module("bouclier.compose.law_keeping")
    honest = law_keeping.law_in_force

    def without_orders(charter: object, _published: object, adoption: object, **how: object) -> object:
        return honest(charter, (), adoption, **how)

    law_keeping.law_in_force = without_orders


def _pretend() -> None:
    law: Any = import_module("bouclier.charter.law")
    law.restricted_by = lambda charter, _orders: charter


def _overreach() -> None:
    orders: Any = import_module("bouclier.charter.orders")
    ordering: Any = import_module("bouclier.compose.ordering")
    vars(ordering)["_within_mandate"] = lambda files, _: {orders.parse_order(data).id: data for data in files}


_CHEATS = {"forget": _forget, "pretend": _pretend, "overreach": _overreach}

if os.environ.get("COP_CHEAT"):
    _CHEATS[os.environ["COP_CHEAT"]]()
