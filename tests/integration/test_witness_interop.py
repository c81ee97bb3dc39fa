"""Requests recorded from other implementations, sent to a witness of ours over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.witness_kit import recorded
from tests.witness_process import Said, ask, made, running

from bouclier.oversight.adapters.witness_folder import add_log_key
from bouclier.tlog import SIZE_CONTENT_TYPE, examine, parse_answer, parse_vkey
from bouclier.tlog.witness import Submission

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("sequence", recorded(), ids=lambda sequence: str(sequence["name"]))
def test_other_logs_are_answered_as_the_specification_says(tmp_path: Path, sequence: dict[str, Any]) -> None:
    keys = made(tmp_path / "witness", logs=())
    known: dict[str, list[Any]] = {}
    for origin, vkey in sequence["logs"]:
        add_log_key(tmp_path / "witness", vkey, origin=origin)
        known.setdefault(origin, []).append(parse_vkey(vkey))

    with running(tmp_path / "witness") as witness:
        connection = witness.connect()
        for request in sequence["requests"]:
            body = request["body"].encode()
            said = ask(connection, "POST", "/add-checkpoint", body)

            assert said.status == request["status"], request
            if "size" in request:
                assert said == Said(409, SIZE_CONTENT_TYPE, b"%d\n" % request["size"])
            if said.status == 200:
                examined = examine(body, known)
                assert isinstance(examined, Submission)
                parse_answer(200, said.content_type, said.body, checkpoint=examined.checkpoint, keys=keys)
        connection.close()
