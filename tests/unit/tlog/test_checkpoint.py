"""The text of checkpoints: one spelling of each."""

from __future__ import annotations

from typing import Any

import pytest
from tests.tlog_kit import read_vectors

from bouclier.tlog import EMPTY_ROOT, Checkpoint, CheckpointError, parse_checkpoint, render_checkpoint

TEXTS = read_vectors("notes/checkpoints.json")["texts"]
VALID = [case["text"] for case in TEXTS if case["valid"]]
INVALID = [case for case in TEXTS if not case["valid"]]


@pytest.mark.parametrize("text", VALID, ids=[text[:30] for text in VALID])
def test_a_checkpoint_is_read_and_written_back(text: str) -> None:
    checkpoint = parse_checkpoint(text)

    lines = text.split("\n")
    assert (checkpoint.origin, str(checkpoint.size)) == (lines[0], lines[1])
    assert list(checkpoint.extensions) == lines[3:-1]
    assert render_checkpoint(checkpoint) == text


@pytest.mark.parametrize("case", INVALID, ids=[f"{case['why']}: {case['text'][:20]!r}" for case in INVALID])
def test_another_text_is_no_checkpoint(case: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError):
        parse_checkpoint(case["text"])


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 1, EMPTY_ROOT),
        Checkpoint("a\nb", 1, EMPTY_ROOT),
        Checkpoint("a\tb", 1, EMPTY_ROOT),
        Checkpoint("\udc80", 1, EMPTY_ROOT),
        Checkpoint("a" * 256, 1, EMPTY_ROOT),
        Checkpoint("a", -1, EMPTY_ROOT),
        Checkpoint("a", 2**63, EMPTY_ROOT),
        Checkpoint("a", True, EMPTY_ROOT),
        Checkpoint("a", 1, EMPTY_ROOT[:31]),
        Checkpoint("a", 1, EMPTY_ROOT, ("",)),
        Checkpoint("a", 1, EMPTY_ROOT, ("b\nc",)),
    ],
    ids=repr,
)
def test_what_would_not_read_back_is_not_written(checkpoint: Checkpoint) -> None:
    with pytest.raises(CheckpointError):
        render_checkpoint(checkpoint)


def test_the_error_names_the_line() -> None:
    with pytest.raises(CheckpointError, match="line 2"):
        parse_checkpoint("a\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
