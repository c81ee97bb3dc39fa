"""Laws of a witness, whatever it is sent."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.witness_kit import LOG_KEY, ORIGIN, checkpoint, leaves, submission

from bouclier.tlog.witness import (
    Accepted,
    AddCheckpoint,
    LastCosigned,
    Submission,
    examine,
    judge,
    parse_add_checkpoint,
    render_add_checkpoint,
)

KNOWN = {ORIGIN: [LOG_KEY.verifier_key]}
sizes = st.integers(0, 12)


@given(
    old=st.integers(0, 2**63 - 1),
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    note=st.binary(max_size=200),
)
def test_parsing_undoes_rendering_a_request(old: int, proof: list[bytes], note: bytes) -> None:
    request = AddCheckpoint(old, tuple(proof), note)

    assert parse_add_checkpoint(render_add_checkpoint(request)) == request


@given(steps=st.lists(st.tuples(sizes, sizes, st.sampled_from(["", "lie"])), max_size=12))
def test_whatever_is_sent_every_cosigned_tree_extends_the_ones_before(steps: list[tuple[int, int, str]]) -> None:
    last = LastCosigned()
    history: list[tuple[bytes, ...]] = []
    for old, new, branch in steps:
        examined = examine(submission(old, new, branch=branch), KNOWN)
        if isinstance(examined, Submission) and isinstance(accepted := judge(examined, last), Accepted):
            assert accepted.checkpoint == checkpoint(new, branch=branch)
            last = LastCosigned(accepted.checkpoint.size, accepted.checkpoint.root)
            history.append(leaves(branch, new))

    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(history))


@given(data=st.binary(max_size=300))
def test_noise_is_never_accepted(data: bytes) -> None:
    assert not isinstance(examine(data, KNOWN), Submission)
