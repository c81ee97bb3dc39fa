"""A crash at every step of keeping the record: the same tree again, and nothing promised is lost.

The steps are all the dealings with the disk of one scene: open, record a start, append and publish three batches before
a witness, record the stop, close. The process is killed before each of them, and in the middle of each write. Below is
what a crash there means; the test fails when there is a step nobody has thought about.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

CHILD = Path(__file__).with_name("log_steps_child.py")

MEANING = {
    # The lock is an open file: the system lets go of it. Its text only helps people.
    "ftruncate lock": "nothing was opened",
    "pwrite lock": "nothing was opened",
    # At opening, what is read back is made durable before anything is built upon it.
    "fsync entries.log": "the log is as it was",
    # The batch is not there, or torn: nobody was told of it, and the next opening takes it away.
    "pwrite entries.log": "the batch never was",
    # The batch may be whole or torn after a power cut; nobody was told. Both are true.
    "fdatasync entries.log": "the batch is kept or never was; no caller acted on it",
    # From here on the batch is durable, perhaps signed, perhaps told. The tree files are computed again.
    "pwrite offsets": "the tree files are behind, and not believed beyond their mark",
    "pwrite level-0": "the tree files are behind, and not believed beyond their mark",
    # The mark is written after what it says is durable: without it the old mark is true of the same files.
    "fsync level-0": "the old mark holds",
    "fsync offsets": "the old mark holds",
    "fsync synced.new": "the old mark holds",
    "replace synced.new": "the old mark holds",
    # The witness has cosigned; nobody else has seen it. It is asked again from where it is (409), and nothing is shown
    # twice, because the log only grew.
    "fsync checkpoint.new": "the checkpoint before is the published one; the next start publishes at least as much",
    "replace checkpoint.new": "the checkpoint before is the published one; the next start publishes at least as much",
    # The rename may be undone by a power cut: that is why nobody is shown it before.
    "fsync the folder": "one of the two checkpoints is the published one; nobody was shown the new one",
}


# A kill takes nothing from memory that is the system's, so a file system in memory shows the same, without the wait.
IN_MEMORY = Path("/dev/shm")


@pytest.fixture(scope="module")
def crashes() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as scratch:
        done = subprocess.run(
            [sys.executable, str(CHILD), scratch], capture_output=True, text=True, timeout=170, check=False
        )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_step_is_one_whose_crash_was_thought_about(crashes: list[dict[str, Any]]) -> None:
    seen = {crash["step"].removeprefix("before ").removeprefix("in the middle of ") for crash in crashes}

    assert seen - {"none"} == set(MEANING)


def test_after_a_crash_at_any_step_nothing_that_was_told_or_shown_is_lost(crashes: list[dict[str, Any]]) -> None:
    assert {crash["step"]: crash["wrong"] for crash in crashes if crash["wrong"]} == {}


def test_after_a_crash_at_any_step_the_log_goes_on_and_is_published_whole(crashes: list[dict[str, Any]]) -> None:
    # A start, an entry and a stop are added to what was found, and all of it is before the witness.
    assert all(crash["published"] == crash["size"] == crash["found"] + 3 for crash in crashes)
    assert crashes[-1] == {"step": "none", "told": 12, "wrong": [], "size": 14, "published": 14, "found": 11}
