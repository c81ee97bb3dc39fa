"""The worked examples of the specifications, byte for byte."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import pytest

from bouclier.charter.orders import orders_digest
from bouclier.oversight import (
    AdoptionEntry,
    DecisionEntry,
    ErasureEntry,
    MarkEntry,
    OpeningEntry,
    OutcomeEntry,
    ReceiptError,
    ReviewEntry,
    ShadowEntry,
    commit,
    parse_entry,
    parse_receipt,
    principal_pseudonym,
    receipt_of,
    render_entry,
    verify_receipt,
    verify_request_commitment,
)
from bouclier.oversight.entries_model import Candidate, CandidateLoad, Law, OutcomeFootprint, PlacementWeights
from bouclier.oversight.log_file import encode_batch, encode_header, parse_header, read_batch
from bouclier.tlog import (
    Checkpoint,
    Frontier,
    Note,
    QuorumError,
    SignatureType,
    SigningKey,
    WitnessPolicy,
    hash_children,
    hash_leaf,
    parse_policy,
    prove_inclusion,
    render_checkpoint,
    render_note,
    render_policy,
    root_of,
    sign_checkpoint,
)

SPECS = Path(__file__).parents[3] / "specs"
SALT = bytes(range(32))


def example(page: str, name: str) -> str:
    """The fenced block of a page whose info string ends with a name."""
    text = (SPECS / page).read_text("utf-8")
    match = re.search(rf"^```\w+ {name}\n(.*?)\n```$", text, re.DOTALL | re.MULTILINE)
    assert match is not None, f"{page} has no example {name}"
    return match.group(1)


KINDS = {
    "decision": DecisionEntry,
    "outcome": OutcomeEntry,
    "mark": MarkEntry,
    "adoption": AdoptionEntry,
    "review": ReviewEntry,
    "shadow": ShadowEntry,
    "opening": OpeningEntry,
    "erasure": ErasureEntry,
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_the_entries_shown_are_canonical_and_hash_as_shown(name: str, kind: type) -> None:
    written = example("entry-v4.md", name).encode()

    entry = parse_entry(written)

    assert isinstance(entry, kind)
    assert render_entry(entry) == written
    assert hash_leaf(written).hex() == example("entry-v4.md", f"{name}-leaf-hash")


def test_the_commitments_and_the_pseudonym_shown_are_right() -> None:
    decision = parse_entry(example("entry-v4.md", "decision").encode())
    outcome = parse_entry(example("entry-v4.md", "outcome").encode())
    assert isinstance(decision, DecisionEntry)
    assert isinstance(outcome, OutcomeEntry)

    assert decision.request_commitment == commit(SALT, example("entry-v4.md", "request").encode()).hex()
    assert decision.principal == principal_pseudonym(bytes(range(32, 64)), "mairie-accueil")
    assert outcome.answer_commitment == commit(SALT, example("entry-v4.md", "answer").encode()).hex()


def rows(section: str) -> set[str]:
    """The keys that a section of the entry's specification explains."""
    text = (SPECS / "entry-v4.md").read_text("utf-8")
    _, _, after = text.partition(f"\n{section}\n")
    table = re.search(r"\| --- .*?\n\n", after, re.DOTALL)
    assert table is not None, section
    return set(re.findall(r"^\| `(\w+)` \|", table.group(), re.MULTILINE))


def test_every_field_is_in_the_specification_and_every_row_is_a_field() -> None:
    common = rows("Every entry has these:")
    for name, kind in KINDS.items():
        article = "an" if name[0] in "aeo" else "a"
        fields = set(kind.__struct_fields__)
        assert rows(f"## Fields of {article} {name}") | common == fields, name
    assert rows("## Fields of a candidate") == set(Candidate.__struct_fields__)
    assert rows("## Fields of a load") == set(CandidateLoad.__struct_fields__)
    assert rows("## Fields of weights") == set(PlacementWeights.__struct_fields__)
    assert rows("## Fields of a footprint") == set(OutcomeFootprint.__struct_fields__)
    assert rows("## Fields of a law") == set(Law.__struct_fields__)


def test_the_law_the_entries_shown_cite_is_the_one_adopted_with_the_orders_it_lists() -> None:
    adoption = parse_entry(example("entry-v4.md", "adoption").encode())
    assert isinstance(adoption, AdoptionEntry)

    assert orders_digest(order.digest for order in adoption.orders) == adoption.law.orders
    for name in ("mark", "decision", "shadow", "outcome", "review"):
        assert parse_entry(example("entry-v4.md", name).encode()).law == adoption.law


def test_the_receipt_shown_verifies_and_opens_the_request() -> None:
    written = example("receipt-v2.md", "receipt").encode() + b"\n"
    policy = parse_policy(example("receipt-v2.md", "policy") + "\n")
    request = example("entry-v4.md", "request").encode()
    receipt = parse_receipt(written)

    verified = verify_receipt(receipt, policy)
    verify_request_commitment(receipt, request)
    with pytest.raises(ReceiptError, match="not the one"):
        verify_request_commitment(receipt, b"another request")
    assert (receipt.entry.decode(), receipt.salt) == (example("entry-v4.md", "decision"), SALT)
    assert (verified.index, verified.opened.checkpoint.size) == (2, 4)
    assert verified.opened.verified[policy.witnesses[0].key] == 1_790_000_001
    with pytest.raises(QuorumError):
        verify_receipt(
            receipt._replace(proof=replace(receipt.proof, checkpoint=without_last_line(receipt.proof.checkpoint))),
            policy,
        )


def without_last_line(note: bytes) -> bytes:
    return note[: note.rindex(b"\n", 0, -1) + 1]


def test_the_receipt_shown_is_written_as_shown() -> None:
    log = SigningKey("log.example.fr/mairie", SignatureType.ED25519, bytes(range(32)))
    witness = SigningKey("temoin.example.eu/1", SignatureType.COSIGNATURE, bytes(range(32, 64)))
    entries = [example("entry-v4.md", name).encode() for name in ("mark", "adoption", "decision", "outcome")]
    leaves = [hash_leaf(entry) for entry in entries]
    checkpoint = Checkpoint(log.name, 4, root_of(leaves))
    signatures = (sign_checkpoint(checkpoint, log), sign_checkpoint(checkpoint, witness, timestamp_s=1_790_000_001))
    note = render_note(Note(render_checkpoint(checkpoint), signatures))

    written = receipt_of(entries[2], index=2, proof=prove_inclusion(leaves, 2), checkpoint=note, salt=SALT)

    assert written.decode() == example("receipt-v2.md", "receipt") + "\n"
    policy = parse_policy(example("receipt-v2.md", "policy") + "\n")
    assert [one.key for one in policy.logs] == [log.verifier_key]
    assert [one.key for one in policy.witnesses] == [witness.verifier_key]
    assert render_policy(policy) == example("receipt-v2.md", "policy") + "\n"
    verify_receipt(parse_receipt(written), WitnessPolicy(logs=policy.logs))


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


def test_the_mark_and_the_hashes_of_the_tree_shown_are_those_of_the_log_shown() -> None:
    files = {
        name: b"".join(bytes.fromhex(line[8:]) for line in example("tree-files-v1.md", name).splitlines())
        for name in ("level-0", "offsets", "synced")
    }
    log = b"".join(bytes.fromhex(line[8:]) for line in example("log-file-v1.md", "log").splitlines())
    header = parse_header(log)
    assert header is not None
    size, end = int.from_bytes(files["synced"][32:40], "big"), int.from_bytes(files["synced"][40:48], "big")

    assert files["level-0"] == b"".join(hash_leaf(entry) for entry in (b"un", b"deux", b"trois"))
    assert int.from_bytes(files["offsets"], "big") == header.size
    assert files["synced"][:32] == b"bouclier-tree/1\n" + header.log_id
    assert (size, end) == (3, len(log))
    assert files["synced"][48:] == crc32(files["synced"][:48]).to_bytes(4, "big")
