"""A finding is evidence: what it shows is checked offline, and nothing else passes for it."""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from tests.log_kit import ORIGIN, POLICY, REPLAYER, alarms_of, bent_candidate, recorded, signed

from bouclier.compose.replaying import RoomsReplayer
from bouclier.oversight import DecisionEntry, parse_entry
from bouclier.oversight.monitor import (
    CODES,
    Alarm,
    Basis,
    Finding,
    FindingError,
    Severity,
    finding_of,
    parse_finding,
    render_finding,
    verify_finding,
)
from bouclier.oversight.monitor.ports import Fork
from bouclier.terms.errors import Bilingual, BouclierError
from bouclier.tlog import (
    Checkpoint,
    Note,
    PolicyLog,
    SignatureType,
    SigningKey,
    TlogProof,
    WitnessPolicy,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    render_checkpoint,
    render_note,
    render_tlog_proof,
    root_of,
    sign_checkpoint,
)

MONITOR = SigningKey("monitor.example", SignatureType.ED25519, b"m" * 32)
OTHER = SigningKey("other.example", SignatureType.ED25519, b"o" * 32)
LOG = recorded(12, seed=3)
LEAVES = [hash_leaf(entry) for entry in LOG]
FORKED = [hash_leaf(b"other"), *LEAVES[1:]]


def alarm(code: str, index: int | None = None, origin: str = ORIGIN) -> Alarm:
    return Alarm(code, Severity.ALARM, origin, Bilingual("f", "e"), index=index, field="$.candidates[0].permitted")


def note(leaves: list[bytes]) -> bytes:
    return signed(Checkpoint(ORIGIN, len(leaves), root_of(leaves)))


def inclusion_at(index: int) -> bytes:
    proof = tuple(prove_inclusion(LEAVES, index))
    return render_tlog_proof(TlogProof(index=index, hashes=proof, checkpoint=note(LEAVES)))


def of_entry(index: int = 4) -> Finding:
    return finding_of(alarm("verdict-differs", index), time_ms=1, entry=LOG[index], inclusion=inclusion_at(index))


def split(old: list[bytes], new: list[bytes]) -> Finding:
    fork = Fork(root_of(new[: len(old)]), tuple(prove_consistency(new, len(old)))) if len(old) < len(new) else None
    return finding_of(alarm("split-view"), time_ms=1, checkpoints=(note(old), note(new)), fork=fork)


def bent_log() -> tuple[list[bytes], int, Alarm]:
    """A log with a decision that permits what the charter forbids, its index, and what a monitor says of it."""
    at = next(index for index, entry in enumerate(LOG) if b'"own":false,"permitted":false' in entry)
    entry = parse_entry(LOG[at])
    assert isinstance(entry, DecisionEntry)
    number = next(number for number, one in enumerate(entry.candidates) if not one.permitted)
    log = [*LOG[:at], bent_candidate(LOG[at], number, permitted=True), *LOG[at + 1 :]]
    return log, at, next(alarm for alarm in alarms_of(log) if alarm.code == "verdict-differs")


def proved(log: list[bytes], said: Alarm) -> Finding:
    leaves = [hash_leaf(entry) for entry in log]
    at = said.index or 0
    proof = TlogProof(index=at, hashes=tuple(prove_inclusion(leaves, at)), checkpoint=note(leaves))
    return finding_of(said, time_ms=1, entry=log[at], inclusion=render_tlog_proof(proof))


def test_an_entry_that_gives_the_alarm_when_it_is_replayed_stands_alone_and_reads_back() -> None:
    log, _, said = bent_log()
    finding = proved(log, said)

    shown = verify_finding(render_finding(finding, MONITOR), POLICY, MONITOR.verifier_key, replayer=REPLAYER)

    assert shown.finding == finding == parse_finding(render_finding(finding))
    assert shown.basis is Basis.REPLAY
    assert shown.signed_by == MONITOR.verifier_key


def test_an_innocent_entry_does_not_show_what_is_said_of_it() -> None:
    _, at, said = bent_log()
    framed = render_finding(proved(LOG, said))

    with pytest.raises(FindingError):
        verify_finding(framed, POLICY, replayer=REPLAYER)
    without = verify_finding(framed, POLICY)
    assert (without.basis, without.is_confirmed) == (Basis.ENTRY, False)
    elsewhere = verify_finding(framed, POLICY, replayer=RoomsReplayer([], []))
    assert (elsewhere.basis, elsewhere.is_confirmed) == (Basis.ENTRY, False)
    assert at == said.index


@pytest.mark.parametrize(
    "change", [{"policy": "made-up"}, {"expected": "true"}, {"field": "$.candidates[9].permitted"}]
)
def test_no_word_of_a_replayed_alarm_can_be_another(change: dict[str, str]) -> None:
    log, _, said = bent_log()

    with pytest.raises(FindingError):
        verify_finding(render_finding(proved(log, replace(said, **change))), POLICY, replayer=REPLAYER)  # type: ignore[arg-type]


def test_an_alarm_that_needs_other_entries_rests_on_the_word_of_who_signed_it() -> None:
    overdue = Alarm("outcome-overdue", Severity.ALARM, ORIGIN, Bilingual("f", "e"), index=4)
    signed_by = render_finding(proved(LOG, overdue), MONITOR)

    shown = verify_finding(signed_by, POLICY, MONITOR.verifier_key, replayer=REPLAYER)
    assert (shown.basis, shown.is_confirmed) == (Basis.ENTRY, True)
    assert not verify_finding(signed_by, POLICY, replayer=REPLAYER).is_confirmed


def test_bytes_that_are_no_entry_stand_alone_without_any_charter() -> None:
    log = [*LOG[:3], b"nonsense"]
    (said,) = alarms_of(log)[-1:]

    assert verify_finding(render_finding(proved(log, said)), POLICY, replayer=RoomsReplayer([], [])).stands_alone


def test_a_split_view_signed_by_another_log_of_the_policy_shows_nothing() -> None:
    other = SigningKey("bouclier.local/other", SignatureType.ED25519, b"b" * 32)
    policy = WitnessPolicy(logs=(*POLICY.logs, PolicyLog(other.verifier_key)))
    framing = Checkpoint(ORIGIN, len(LEAVES), b"\x11" * 32)
    forged = render_note(Note(render_checkpoint(framing), (sign_checkpoint(framing, other),)))
    finding = finding_of(alarm("split-view"), time_ms=1, checkpoints=(note(LEAVES), forged))

    with pytest.raises(BouclierError):
        verify_finding(render_finding(finding), policy)


def test_a_finding_with_another_alarm_s_key_or_a_severity_of_its_own_is_malformed() -> None:
    data = render_finding(finding_of(alarm("rollback"), time_ms=1))
    key = parse_finding(data).alarm.key.encode()

    for other in (data.replace(key, b"0" * 24), data.replace(b'"severity":"alarm"', b'"severity":"info"')):
        with pytest.raises(FindingError):
            parse_finding(other)


def test_two_histories_of_one_size_or_of_two_stand_alone() -> None:
    assert verify_finding(render_finding(split(LEAVES, FORKED)), POLICY).stands_alone
    assert verify_finding(render_finding(split(LEAVES[:7], FORKED)), POLICY).stands_alone
    assert verify_finding(render_finding(split(LEAVES[:8], FORKED)), POLICY).stands_alone


def test_two_trees_that_agree_are_no_split_view() -> None:
    for finding in (split(LEAVES, LEAVES), split(LEAVES[:7], LEAVES)):
        with pytest.raises(FindingError):
            verify_finding(render_finding(finding), POLICY)


def test_a_split_view_without_its_proof_shows_nothing() -> None:
    finding = finding_of(alarm("split-view"), time_ms=1, checkpoints=(note(LEAVES[:7]), note(FORKED)))

    with pytest.raises(FindingError):
        verify_finding(render_finding(finding), POLICY)


def test_silence_is_the_monitor_s_word() -> None:
    silence = finding_of(alarm("silence"), time_ms=1, checkpoints=(note(LEAVES),))

    shown = verify_finding(render_finding(silence, MONITOR), POLICY, MONITOR.verifier_key)
    assert (shown.basis, shown.is_confirmed) == (Basis.WORD, True)


def test_what_nobody_known_signed_is_nobody_s_word() -> None:
    silence = finding_of(alarm("silence"), time_ms=1, checkpoints=(note(LEAVES),))

    for data in (render_finding(silence), render_finding(silence, MONITOR)):
        assert not verify_finding(data, POLICY).is_confirmed


def test_an_unsigned_finding_or_another_s_is_refused_when_the_monitor_is_asked_for() -> None:
    for data in (render_finding(of_entry()), render_finding(of_entry(), OTHER)):
        with pytest.raises(BouclierError):
            verify_finding(data, POLICY, MONITOR.verifier_key)


def test_no_octet_of_a_signed_finding_can_be_changed() -> None:
    data = render_finding(of_entry(), MONITOR)
    end = data.index(b"\n")
    for at in range(0, end, 7):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(BouclierError):
            verify_finding(changed, POLICY, MONITOR.verifier_key)


@pytest.mark.parametrize(
    "finding",
    [
        finding_of(alarm("verdict-differs", 4), time_ms=1, entry=LOG[5], inclusion=inclusion_at(4)),
        finding_of(alarm("verdict-differs", 5), time_ms=1, entry=LOG[4], inclusion=inclusion_at(4)),
        finding_of(alarm("verdict-differs", 4, "x"), time_ms=1, entry=LOG[4], inclusion=inclusion_at(4)),
        finding_of(alarm("verdict-differs", 4), time_ms=1, inclusion=inclusion_at(4)),
        finding_of(alarm("verdict-differs", 4), time_ms=1, entry=LOG[4], inclusion=b"no proof"),
    ],
    ids=["another entry", "another index", "another log", "no entry", "no proof"],
)
def test_an_inclusion_of_something_else_is_refused(finding: Finding) -> None:
    with pytest.raises(BouclierError):
        verify_finding(render_finding(finding), POLICY)


@pytest.mark.parametrize("data", [b"", b"{}\n", b"{}", b"\xff\n", b"[" * 10_000 + b"\n", b" " * 5_000_000])
def test_other_bytes_are_no_finding(data: bytes) -> None:
    with pytest.raises(FindingError):
        parse_finding(data)


def test_a_finding_has_one_spelling() -> None:
    data = render_finding(of_entry())

    for other in (data.replace(b'":', b'": ', 1), data.replace(b'"verdict-differs"', b'"no-such-code"'), data[:-1]):
        with pytest.raises(FindingError):
            parse_finding(other)


def test_the_specification_s_example_is_one() -> None:
    spec = (Path(__file__).parents[3] / "specs" / "finding-v1.md").read_text(encoding="utf-8")
    example = re.findall(r"```json\n(.*\n)```", spec)[0].encode()
    alarm = parse_finding(example).alarm
    parts = (alarm.code, parse_finding(example).origin, "", "", "", "", alarm.expected or "", alarm.found or "")

    assert alarm.key == sha256("\0".join(parts).encode()).hexdigest()[:24]


def test_every_alarm_is_explained_where_people_look_for_it() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "run-a-monitor.md").read_text(encoding="utf-8")

    for code, (severity, message) in CODES.items():
        assert f"| `{code}` | {severity.value} | {message.en} |" in page
