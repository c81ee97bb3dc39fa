"""The journey's types: a stage given what is not yet true does not type-check."""

from __future__ import annotations

import pytest
from mypy import api

RIGHT = """
from bouclier.gateway.calling import call
from bouclier.gateway.rooms import Rooms
from bouclier.gateway.ports import Caller
from bouclier.gateway.handing import Stopwatch
from bouclier.terms.exchange import Answered, Committed
async def go(it: Committed, rooms: Rooms, caller: Caller) -> Answered:
    return await call(it, rooms, caller, spares=(), watch=Stopwatch(int, print), record_apart=print)
"""


@pytest.mark.parametrize("stage", ["Received", "Inspected", "Permitted", "Placed"])
def test_nothing_can_be_sent_before_its_decision_is_committed(stage: str) -> None:
    wrong = RIGHT.replace("import Answered, Committed", f"import Answered, {stage}").replace(
        "it: Committed", f"it: {stage}"
    )
    out, _, code = api.run(["--config-file=", "--strict", "-c", wrong])
    assert code == 1
    assert f'"call" has incompatible type "{stage}"; expected "Committed"' in out


def test_what_is_committed_can_be_sent() -> None:
    out, _, code = api.run(["--config-file=", "--strict", "-c", RIGHT])
    assert (code, out.strip()) == (0, "Success: no issues found in 1 source file")
