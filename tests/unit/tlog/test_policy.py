"""Witness policies: what is read, what is refused and on which line, and what makes a quorum."""

from __future__ import annotations

from typing import Any

import pytest
from tests.tlog_kit import (
    CHECKPOINT,
    COLLIDING,
    LOG,
    NOW_S,
    ORIGIN,
    POLICY,
    PQ_LOG,
    PQ_WITNESS,
    WITNESSES,
    ids,
    read_vectors,
    signed,
    signing_key,
)

from bouclier.tlog import (
    CheckpointError,
    Note,
    NoteError,
    PolicyGroup,
    PolicyLog,
    PolicyTextError,
    PolicyWitness,
    QuorumError,
    SignatureError,
    SignatureType,
    WitnessPolicy,
    parse_note,
    parse_policy,
    parse_vkey,
    render_note,
    render_policy,
    render_vkey,
    sign_checkpoint,
    verify_checkpoint,
)

VECTORS = read_vectors("policies/policies.json")
VALID = [case for case in VECTORS["valid"] if "policy" in case]
KEYS = [key.verifier_key for key in WITNESSES]


@pytest.mark.parametrize("case", VALID, ids=ids(VALID))
def test_a_policy_is_read_as_published(case: dict[str, Any]) -> None:
    policy = parse_policy(case["policy"])

    assert [[render_vkey(key), url] for key, url in policy.logs] == case["logs"]
    assert [[name, render_vkey(key), url] for name, key, url in policy.witnesses] == case["witnesses"]
    assert [[name, k, list(members)] for name, k, members in policy.groups] == case["groups"]
    assert policy.quorum == case["quorum"]
    assert parse_policy(render_policy(policy)) == policy


@pytest.mark.parametrize("case", VALID, ids=ids(VALID))
def test_the_quorum_is_the_published_one(case: dict[str, Any]) -> None:
    policy = parse_policy(case["policy"])
    keys = {witness.name: witness.key for witness in policy.witnesses}

    assert all(policy.is_met_by({keys[name] for name in names}) for names in case["met"])
    assert not any(policy.is_met_by({keys[name] for name in names}) for names in case["unmet"])


def test_names_are_octets_that_need_not_be_utf_8() -> None:
    (case,) = (case for case in VECTORS["valid"] if "policy_hex" in case)

    policy = parse_policy(bytes.fromhex(case["policy_hex"]))

    assert policy.quorum.encode("utf-8", "surrogateescape") == b"K\xe2\x84\xaalvin-w\x80"
    assert parse_policy(render_policy(policy).encode("utf-8", "surrogateescape")) == policy


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=ids(VECTORS["invalid"]))
def test_a_mistake_is_told_with_its_line(case: dict[str, Any]) -> None:
    with pytest.raises(PolicyTextError) as refusal:
        parse_policy(case["policy"])

    assert refusal.value.line == case["line"]
    if case["line"] is not None:
        assert refusal.value.message.fr.startswith(f"ligne {case['line']} : ")
        assert refusal.value.message.en.startswith(f"line {case['line']}: ")
    assert refusal.value.hint.fr != refusal.value.hint.en


def test_thirty_two_of_each_are_read_as_the_specification_asks() -> None:
    logs = tuple(PolicyLog(signing_key(f"journal.example/{i}", SignatureType.ED25519).verifier_key) for i in range(32))
    witnesses = tuple(
        PolicyWitness(f"w{i}", signing_key(f"temoin.example/{i}", SignatureType.ML_DSA_44).verifier_key)
        for i in range(32)
    )
    groups = tuple(PolicyGroup(f"g{i}", 1, (f"w{i}",)) for i in range(31))
    every = PolicyGroup("every", 31, tuple(group.name for group in groups))
    policy = WitnessPolicy(logs, witnesses, (*groups, every), "every")

    assert parse_policy(render_policy(policy)) == policy
    assert policy.is_met_by([witness.key for witness in witnesses[:31]])
    assert not policy.is_met_by([witness.key for witness in witnesses[1:]])


def test_groups_may_nest_deeper_than_a_call_stack() -> None:
    groups = [PolicyGroup("g0", 1, ("w0",))]
    groups += [PolicyGroup(f"g{i}", 1, (f"g{i - 1}",)) for i in range(1, 3000)]

    policy = WitnessPolicy((), (PolicyWitness("w0", KEYS[0]),), tuple(groups), "g2999")

    assert policy.is_met_by({KEYS[0]})
    assert not policy.is_met_by({KEYS[1]})


def test_a_policy_too_large_is_refused() -> None:
    with pytest.raises(PolicyTextError, match="exceeds"):
        parse_policy("#" * 1_000_001)


@pytest.mark.parametrize(
    ("name", "url"),
    [("a b", None), ("", None), ("a\n", None), ("none", None), ("a", "u v"), ("a", ""), ("a", "u\n")],
    ids=repr,
)
def test_a_policy_built_in_python_keeps_the_rules_of_the_text(name: str, url: str | None) -> None:
    with pytest.raises(PolicyTextError) as refusal:
        WitnessPolicy(witnesses=(PolicyWitness(name, KEYS[0], url),))

    assert refusal.value.line is None


def test_two_keys_that_share_name_and_id_are_not_in_one_policy() -> None:
    with pytest.raises(PolicyTextError, match="already"):
        WitnessPolicy(tuple(PolicyLog(key) for key in COLLIDING))


def test_a_key_that_no_policy_could_name_is_refused() -> None:
    key = signing_key("a\x7f", SignatureType.ED25519).verifier_key

    with pytest.raises(PolicyTextError, match="cannot be written"):
        WitnessPolicy((PolicyLog(key),))


def test_a_checkpoint_of_the_log_with_the_quorum_is_verified() -> None:
    for pair in ((0, 1), (0, 2), (1, 2)):
        keys = [WITNESSES[i] for i in pair]

        opened = verify_checkpoint(signed(CHECKPOINT, [LOG, *keys]), POLICY, origin=ORIGIN)

        assert opened.checkpoint == CHECKPOINT
        assert opened.verified == {LOG.verifier_key: None, **{key.verifier_key: NOW_S for key in keys}}


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_witnesses_are_told(count: int) -> None:
    with pytest.raises(QuorumError, match=f"{count} of the policy's 3"):
        verify_checkpoint(signed(CHECKPOINT, [LOG, *WITNESSES[:count]]), POLICY)


def test_one_witness_signing_twice_counts_once() -> None:
    lines = [sign_checkpoint(CHECKPOINT, WITNESSES[0], timestamp_s=NOW_S + i) for i in range(2)]
    note = parse_note(signed(CHECKPOINT, [LOG]))

    with pytest.raises(QuorumError):
        verify_checkpoint(render_note(Note(note.text, (*note.signatures, *lines))), POLICY)


def test_witnesses_without_the_log_do_not_make_a_checkpoint() -> None:
    with pytest.raises(SignatureError, match="no log of the policy"):
        verify_checkpoint(signed(CHECKPOINT, WITNESSES), POLICY)


def test_a_log_of_the_policy_signs_only_under_its_origin() -> None:
    other = signing_key("journal.example/autre", SignatureType.ED25519)
    policy = WitnessPolicy((*POLICY.logs, PolicyLog(other.verifier_key)), POLICY.witnesses, POLICY.groups, "two")

    with pytest.raises(SignatureError, match="no log of the policy"):
        verify_checkpoint(signed(CHECKPOINT, [other, *WITNESSES]), policy)
    assert verify_checkpoint(signed(CHECKPOINT, [other, LOG, *WITNESSES]), policy)


def test_a_checkpoint_of_another_log_than_the_one_asked_for_is_refused() -> None:
    with pytest.raises(SignatureError, match="another log"):
        verify_checkpoint(signed(CHECKPOINT, [LOG, *WITNESSES]), POLICY, origin="journal.example/autre")


def test_a_policy_without_logs_verifies_nothing() -> None:
    policy = WitnessPolicy(witnesses=(PolicyWitness("w0", KEYS[0]),), quorum="w0")

    with pytest.raises(SignatureError, match="no log of the policy"):
        verify_checkpoint(signed(CHECKPOINT, [LOG, WITNESSES[0]]), policy)


def test_one_false_cosignature_refuses_a_checkpoint_that_has_its_quorum() -> None:
    false = sign_checkpoint(CHECKPOINT._replace(size=1), WITNESSES[2], timestamp_s=NOW_S)
    note = parse_note(signed(CHECKPOINT, [LOG, *WITNESSES[:2]]))

    with pytest.raises(SignatureError, match="false"):
        verify_checkpoint(render_note(Note(note.text, (*note.signatures, false))), POLICY)


def test_a_log_and_a_witness_may_both_sign_with_ml_dsa() -> None:
    policy = WitnessPolicy((PolicyLog(PQ_LOG.verifier_key),), (PolicyWitness("w", PQ_WITNESS.verifier_key),), (), "w")

    opened = verify_checkpoint(signed(CHECKPOINT, [PQ_LOG, PQ_WITNESS]), policy)

    assert opened.verified[PQ_WITNESS.verifier_key] == NOW_S
    with pytest.raises(QuorumError):
        verify_checkpoint(signed(CHECKPOINT, [PQ_LOG]), policy)


def test_without_quorum_the_log_alone_is_enough() -> None:
    policy = WitnessPolicy(POLICY.logs)

    assert verify_checkpoint(signed(CHECKPOINT, [LOG]), policy).verified == {LOG.verifier_key: None}


def test_what_is_no_checkpoint_is_refused_first() -> None:
    line = sign_checkpoint(CHECKPOINT, LOG)

    with pytest.raises(NoteError):
        verify_checkpoint(b"", POLICY)
    with pytest.raises(CheckpointError):
        verify_checkpoint(render_note(Note("Bonjour.\n", (line,))), POLICY)


def test_a_real_checkpoint_meets_a_policy_of_real_witnesses() -> None:
    (case,) = (case for case in read_vectors("notes/checkpoints.json")["verified"] if "four witnesses" in case["name"])
    log, *witnesses = case["keys"]
    names = [f"w{i}" for i in range(len(witnesses))]
    lines = [f"log {log}", *(f"witness {name} {vkey}" for name, vkey in zip(names, witnesses, strict=True))]
    policy = parse_policy("\n".join([*lines, f"group most 3 {' '.join(names)}", "quorum most", ""]))

    opened = verify_checkpoint(case["note"].encode(), policy, origin=case["origin"])

    assert opened.verified == {parse_vkey(text): time for text, time in case["times"].items()}
