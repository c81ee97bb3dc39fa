"""The worked examples of the specifications, byte for byte."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bouclier.oversight import (
    DecisionEntry,
    OutcomeEntry,
    ReceiptError,
    commit,
    parse_entry,
    principal_pseudonym,
    render_entry,
    verify_receipt,
    verify_request_commitment,
)
from bouclier.oversight.log_file import encode_batch, encode_header, parse_header, read_batch
from bouclier.tlog import Frontier, hash_children, hash_leaf

SPECS = Path(__file__).parents[3] / "specs"
SALT = bytes(range(32))


def example(page: str, name: str) -> str:
    """The fenced block of a page whose info string ends with a name."""
    text = (SPECS / page).read_text("utf-8")
    match = re.search(rf"^```\w+ {name}\n(.*?)\n```$", text, re.DOTALL | re.MULTILINE)
    assert match is not None, f"{page} has no example {name}"
    return match.group(1)


@pytest.mark.parametrize(("name", "kind"), [("decision", DecisionEntry), ("outcome", OutcomeEntry)])
def test_the_entries_shown_are_canonical_and_hash_as_shown(name: str, kind: type) -> None:
    written = example("entry-v1.md", name).encode()

    entry = parse_entry(written)

    assert isinstance(entry, kind)
    assert render_entry(entry) == written
    assert hash_leaf(written).hex() == example("entry-v1.md", f"{name}-leaf-hash")


def test_the_commitments_and_the_pseudonym_shown_are_right() -> None:
    decision = parse_entry(example("entry-v1.md", "decision").encode())
    outcome = parse_entry(example("entry-v1.md", "outcome").encode())
    assert isinstance(decision, DecisionEntry)
    assert isinstance(outcome, OutcomeEntry)

    assert decision.request_commitment == commit(SALT, example("entry-v1.md", "request").encode()).hex()
    assert decision.principal == principal_pseudonym(bytes(range(32, 64)), "mairie-accueil")
    assert outcome.answer_commitment == commit(SALT, example("entry-v1.md", "answer").encode()).hex()


def test_every_field_is_in_the_specification_and_every_row_is_a_field() -> None:
    text = (SPECS / "entry-v1.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    decision = json.loads(example("entry-v1.md", "decision"))
    outcome = json.loads(example("entry-v1.md", "outcome"))

    assert rows == decision.keys() | outcome.keys() | decision["candidates"][0].keys()


def test_the_receipt_shown_verifies_and_opens_the_request() -> None:
    receipt = json.loads(example("receipt-v1.md", "receipt"))

    verify_receipt(receipt)
    verify_request_commitment(receipt, example("entry-v1.md", "request").encode())
    with pytest.raises(ReceiptError, match="not the one"):
        verify_request_commitment(receipt, b"another request")
    assert receipt["entry"] == example("entry-v1.md", "decision")


def test_the_log_shown_is_written_and_read_as_shown() -> None:
    dump = example("log-file-v1.md", "log").splitlines()
    raw = b"".join(bytes.fromhex(line[8:]) for line in dump)
    leaves = [hash_leaf(entry) for entry in (b"un", b"deux", b"trois")]
    root = hash_children(hash_children(leaves[0], leaves[1]), leaves[2])

    header = parse_header(raw)
    assert header is not None
    assert (header.origin, header.log_id) == ("log.example.fr/mairie", bytes(range(16)))
    first = read_batch(raw, header.size)
    assert first is not None
    second = read_batch(raw, first.end)
    assert second is not None
    assert (first.entries, first.root) == ([b"un"], leaves[0])
    assert (second.entries, second.tree_size, second.end) == ([b"deux", b"trois"], 3, len(raw))
    assert second.root.hex() == example("log-file-v1.md", "root") == root.hex()
    assert Frontier().extended(leaves).root() == root

    written = encode_header("log.example.fr/mairie", bytes(range(16)))
    written += encode_batch([b"un"], tree_size=1, root=leaves[0])
    written += encode_batch([b"deux", b"trois"], tree_size=3, root=root)
    assert written == raw
    assert [int(line[:6], 16) for line in dump] == list(range(0, len(raw), 16))
