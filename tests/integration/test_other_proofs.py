"""`bouclier receipt verify --entry`: any tlog-proof file, whatever log it is of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bouclier.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

COMPLETE = Path(__file__).parents[1] / "vectors" / "tlog" / "proofs" / "complete.json"


@pytest.fixture
def verify(tmp_path: Path) -> Callable[..., int]:
    vector: dict[str, Any] = json.loads(COMPLETE.read_text("utf-8"))

    def run(**changed: str) -> int:
        files = {}
        for name in ("file", "entry", "policy"):
            files[name] = tmp_path / name
            files[name].write_text(changed.get(name, vector[name]), encoding="utf-8")
        return main(
            ["receipt", "verify", str(files["file"]), "--policy", str(files["policy"]), "--entry", str(files["entry"])]
        )

    return run


def test_a_proof_of_another_log_verifies_with_its_entry_and_no_other(
    verify: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify() == 0
    assert "receipt intact" in capsys.readouterr().out
    assert verify(entry="another entry") == 1
    assert "leads to another root" in capsys.readouterr().err


def test_a_policy_whose_quorum_it_does_not_have_refuses_it(
    verify: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = json.loads(COMPLETE.read_text("utf-8"))["policy"].splitlines()
    stranger = "witness stranger witness.example/w1+4034b491+BHEuYxXQU/RKR2hDtDXQwBPWnKlvnT701KBMxzWSeJ9O"
    kept = [line for line in lines if not line.startswith("quorum")]

    assert verify(policy="\n".join([*kept, stranger, "quorum stranger", ""])) == 1
    assert "quorum" in capsys.readouterr().err
