"""Laws of the log's text formats: one spelling of each value, and signatures of that one text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tlog_kit import (
    CHECKPOINT,
    LEAVES,
    LOG,
    NOW_S,
    POLICY,
    PQ_WITNESS,
    WITNESSES,
    proof_of,
    signed,
    signing_key,
)

from bouclier.terms.errors import ConfigurationError, VerificationError
from bouclier.tlog import (
    MAX_PROOF_HASHES,
    Checkpoint,
    Note,
    NoteSignature,
    PolicyGroup,
    PolicyLog,
    PolicyWitness,
    SignatureType,
    SigningKey,
    TlogProof,
    VerifierKey,
    WitnessPolicy,
    is_key_name,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_policy,
    parse_signature_line,
    parse_signing_key,
    parse_tlog_proof,
    parse_vkey,
    render_checkpoint,
    render_note,
    render_policy,
    render_signature_line,
    render_signing_key,
    render_tlog_proof,
    render_vkey,
    sign_checkpoint,
    verify_signature,
    verify_tlog_proof,
)

plain = st.characters(exclude_categories=["Cs"], exclude_characters=[chr(code) for code in range(32)])
lines = st.text(plain, min_size=1, max_size=40)
names = st.text(plain, min_size=1, max_size=30).filter(is_key_name)
writable_names = names.filter(lambda name: "\x7f" not in name)
hashes = st.binary(min_size=32, max_size=32)
numbers = st.integers(0, 2**63 - 1)
types = st.sampled_from(SignatureType)
signatures = st.builds(NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=100))
texts = st.lists(st.text(plain, max_size=30), min_size=1, max_size=6).map(lambda parts: "\n".join(parts) + "\n")
notes = st.builds(Note, texts, st.lists(signatures, min_size=1, max_size=5).map(tuple))
checkpoints = st.builds(Checkpoint, lines, numbers, hashes, st.lists(lines, max_size=3).map(tuple))
signing_keys = st.builds(SigningKey, names, types, hashes)
proofs = st.builds(
    TlogProof,
    numbers,
    st.lists(hashes, max_size=MAX_PROOF_HASHES).map(tuple),
    st.binary(min_size=1, max_size=60),
    st.none() | st.binary(min_size=1, max_size=40),
)
ed25519_keys = st.builds(VerifierKey, writable_names, st.just(SignatureType.ED25519), hashes)
cosigner_keys = st.builds(VerifierKey, writable_names, st.just(SignatureType.COSIGNATURE), hashes)
words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[*map(chr, range(33)), "\x7f"]),
    min_size=1,
    max_size=12,
).filter(lambda word: word != "none")
urls = st.none() | words


@st.composite
def policies(draw: st.DrawFn) -> WitnessPolicy:
    logs = draw(st.lists(ed25519_keys, max_size=3, unique_by=lambda key: key.public_key))
    keys = draw(st.lists(cosigner_keys, max_size=6, unique_by=lambda key: key.public_key))
    defined = draw(st.lists(words, min_size=len(keys) + 3, max_size=len(keys) + 3, unique=True))
    free, groups = defined[: len(keys)], []
    witnesses = [PolicyWitness(name, key, draw(urls)) for name, key in zip(free, keys, strict=True)]
    for name in defined[len(keys) :]:
        members = tuple(draw(st.lists(st.sampled_from(free), min_size=1, unique=True))) if free else ()
        if members:
            groups.append(PolicyGroup(name, draw(st.integers(1, len(members))), members))
            free = [other for other in free if other not in members] + [name]
    quorum = draw(st.sampled_from(["none", *free]))
    return WitnessPolicy(tuple(PolicyLog(key, draw(urls)) for key in logs), tuple(witnesses), tuple(groups), quorum)


@given(key=st.builds(VerifierKey, names, st.sampled_from([SignatureType.ED25519, SignatureType.COSIGNATURE]), hashes))
def test_a_verifier_key_written_is_read_back(key: VerifierKey) -> None:
    assert parse_vkey(render_vkey(key)) == key


@settings(max_examples=50)
@given(key=signing_keys)
def test_a_signing_key_written_is_read_back(key: SigningKey) -> None:
    assert parse_signing_key(render_signing_key(key)) == key


@given(signature=signatures)
def test_a_signature_line_written_is_read_back(signature: NoteSignature) -> None:
    assert parse_signature_line(render_signature_line(signature)) == signature


@given(note=notes)
def test_a_note_written_is_read_back(note: Note) -> None:
    assert parse_note(render_note(note)) == note


@given(checkpoint=checkpoints)
def test_a_checkpoint_written_is_read_back(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(render_checkpoint(checkpoint)) == checkpoint


@given(proof=proofs)
def test_a_proof_written_is_read_back(proof: TlogProof) -> None:
    assert parse_tlog_proof(render_tlog_proof(proof)) == proof


@given(policy=policies())
def test_a_policy_written_is_read_back(policy: WitnessPolicy) -> None:
    assert parse_policy(render_policy(policy)) == policy


@st.composite
def altered(draw: st.DrawFn, data: bytes) -> bytes:
    """The same bytes but one or two: replaced, left out, or put in."""
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(data) - 1))
        put = draw(st.binary(max_size=1) | st.sampled_from([b"\n", b" ", b"=", b"+", b"0", b"\r", b"\t"]))
        data = data[:at] + put + data[at + draw(st.integers(0, 1)) :]
    return data


SIGNED = signed(CHECKPOINT, [LOG, *WITNESSES])
PROOF = render_tlog_proof(proof_of(5, [LOG, *WITNESSES]))
KEY_TEXT = render_vkey(LOG.verifier_key)


@given(data=altered(SIGNED))
def test_a_note_that_is_read_has_one_spelling(data: bytes) -> None:
    try:
        note = parse_note(data)
    except VerificationError:
        return

    assert render_note(note) == data


@given(data=altered(render_checkpoint(CHECKPOINT).encode()))
def test_a_checkpoint_that_is_read_has_one_spelling(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    try:
        checkpoint = parse_checkpoint(text)
    except VerificationError:
        return

    assert render_checkpoint(checkpoint) == text


@given(data=altered(PROOF))
def test_a_proof_that_is_read_has_one_spelling(data: bytes) -> None:
    try:
        proof = parse_tlog_proof(data)
    except VerificationError:
        return

    assert render_tlog_proof(proof) == data


@given(data=altered(KEY_TEXT.encode()))
def test_another_spelling_of_a_key_is_another_key(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    try:
        key = parse_vkey(text)
    except ConfigurationError:
        return

    assert render_vkey(key) == text
    assert (key == LOG.verifier_key) == (text == KEY_TEXT)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_name(data: bytes) -> None:
    for parse in (parse_note, parse_tlog_proof):
        try:
            parse(data)
        except VerificationError:
            continue
    try:
        parse_policy(data)
    except ConfigurationError:
        return


@given(data=altered(SIGNED), key=st.sampled_from([LOG, *WITNESSES]))
def test_a_signed_checkpoint_altered_never_verifies_as_another_text(data: bytes, key: SigningKey) -> None:
    try:
        opened = open_checkpoint(data, [key.verifier_key])
    except VerificationError:
        return

    assert opened.checkpoint == CHECKPOINT
    assert opened.note.text == render_checkpoint(CHECKPOINT)


PQ_SIGNED = signed(CHECKPOINT, [PQ_WITNESS])


@given(data=altered(PQ_SIGNED))
def test_an_ml_dsa_cosignature_altered_verifies_no_other_checkpoint(data: bytes) -> None:
    try:
        opened = open_checkpoint(data, [PQ_WITNESS.verifier_key])
    except VerificationError:
        return

    assert opened.checkpoint == CHECKPOINT


@given(data=altered(PROOF))
def test_a_proof_altered_proves_the_same_or_nothing(data: bytes) -> None:
    try:
        opened = verify_tlog_proof(parse_tlog_proof(data), LEAVES[5], POLICY)
    except VerificationError:
        return

    assert opened.checkpoint == CHECKPOINT


@settings(max_examples=50)
@given(checkpoint=st.builds(Checkpoint, lines, st.integers(1, 2**63 - 1), hashes, st.just(())), key=signing_keys)
def test_whatever_a_key_signs_it_verifies(checkpoint: Checkpoint, key: SigningKey) -> None:
    time = verify_signature(checkpoint, sign_checkpoint(checkpoint, key, timestamp_s=NOW_S), key.verifier_key)

    assert time == (None if key.type is SignatureType.ED25519 else NOW_S)


@given(policy=policies(), data=st.data())
def test_one_more_cosigner_never_unmeets_a_quorum(policy: WitnessPolicy, data: st.DataObject) -> None:
    keys = [witness.key for witness in policy.witnesses]
    order = data.draw(st.permutations(keys))
    verdicts = [policy.is_met_by(order[:count]) for count in range(len(order) + 1)]

    assert verdicts == sorted(verdicts)
    assert verdicts[0] == (policy.quorum == "none")
    assert verdicts[-1]


COSIGNERS = [signing_key(f"temoin.example/{i}", SignatureType.COSIGNATURE).verifier_key for i in range(6)]


@given(count=st.integers(1, 6), data=st.data())
def test_a_group_of_k_needs_k(count: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, count))
    members = tuple(PolicyWitness(f"w{i}", key) for i, key in enumerate(COSIGNERS[:count]))
    group = PolicyGroup("g", k, tuple(member.name for member in members))
    policy = WitnessPolicy((), members, (group,), "g")

    cosigned = data.draw(st.sets(st.sampled_from(COSIGNERS)))

    assert policy.is_met_by(cosigned) == (len(cosigned & set(COSIGNERS[:count])) >= k)
