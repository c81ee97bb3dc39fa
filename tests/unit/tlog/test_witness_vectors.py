"""Requests that other implementations sent to witnesses, replayed against our decision."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.witness_kit import LOG_KEY, ORIGIN, RECORDED, recorded, signed

from bouclier.tlog import (
    EMPTY_ROOT,
    Accepted,
    AddCheckpoint,
    Checkpoint,
    LastCosigned,
    Rejected,
    examine,
    hash_leaf,
    judge,
    parse_answer,
    parse_vkey,
    render_add_checkpoint,
)
from bouclier.tlog.witness import TEXT_CONTENT_TYPE

if TYPE_CHECKING:
    from bouclier.tlog import Cosignature, VerifierKey

TORCHWOOD: dict[str, Any] = json.loads((RECORDED / "torchwood.json").read_text("utf-8"))
ROOTS = {"empty": EMPTY_ROOT, "leaf": hash_leaf(b"leaf"), "zero": bytes(32)}


def name_of(vector: dict[str, Any]) -> str:
    return str(vector["name"])


class Memory:
    """A witness without a signature: what it knows, and what it would have cosigned."""

    def __init__(self, logs: list[tuple[str, str]]) -> None:
        self.logs: dict[str, list[VerifierKey]] = {}
        for origin, vkey in logs:
            self.logs.setdefault(origin, []).append(parse_vkey(vkey))
        self.last: dict[str, LastCosigned] = {}

    def ask(self, body: bytes) -> Accepted | Rejected:
        examined = examine(body, self.logs)
        if isinstance(examined, Rejected):
            return examined
        origin = examined.checkpoint.origin
        verdict = judge(examined, self.last.get(origin, LastCosigned()))
        if isinstance(verdict, Accepted):
            self.last[origin] = LastCosigned(verdict.checkpoint.size, verdict.checkpoint.root)
        return verdict


@pytest.mark.parametrize("sequence", recorded(), ids=name_of)
def test_requests_recorded_elsewhere_are_answered_as_the_specification_says(sequence: dict[str, Any]) -> None:
    memory = Memory(sequence["logs"])
    for request in sequence["requests"]:
        verdict = memory.ask(request["body"].encode())

        assert (verdict.status if isinstance(verdict, Rejected) else 200) == request["status"], request
        if "size" in request:
            assert isinstance(verdict, Rejected)
            assert verdict.body == b"%d\n" % request["size"]
        if "answer" in request:
            # Another witness cosigned this very request: we read its answer.
            assert isinstance(verdict, Accepted)
            key = parse_vkey(sequence["witness"])
            (cosignature,) = _cosignatures(request["answer"], verdict.checkpoint, key)
            assert cosignature.key == key
            assert cosignature.time_s > 1_790_000_000


def _cosignatures(answer: str, checkpoint: Checkpoint, key: VerifierKey) -> list[Cosignature]:
    found = parse_answer(200, TEXT_CONTENT_TYPE, answer.encode(), checkpoint=checkpoint, keys=[key])
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("case", TORCHWOOD["zero_size"]["cases"], ids=name_of)
def test_empty_and_first_trees_are_judged_as_elsewhere(case: dict[str, Any]) -> None:
    known = LastCosigned(case["known_size"], ROOTS["leaf"] if case["known_size"] else EMPTY_ROOT)
    note = signed(Checkpoint(ORIGIN, case["new_size"], ROOTS[case["root"]]))
    body = render_add_checkpoint(AddCheckpoint(case["old_size"], tuple(ROOTS[name] for name in case["proof"]), note))

    examined = examine(body, {ORIGIN: [LOG_KEY.verifier_key]})
    verdict = examined if isinstance(examined, Rejected) else judge(examined, known)

    assert (verdict.status if isinstance(verdict, Rejected) else 200) == case["status"]
