"""A gateway before real witnesses: what they have seen is shown, what they have not is not, and a fork ends it."""

from __future__ import annotations

import shutil
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.servers import exported, run
from tests.witnessed import Bench, bench

from bouclier.oversight import parse_receipt, verify_receipt
from bouclier.tlog import (
    QuorumError,
    SignatureType,
    SigningKey,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    verify_checkpoint,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Deployment


def checkpoint_of(made: Bench) -> bytes:
    return (made.data / "log" / "checkpoint").read_bytes()


def size_of(note: bytes) -> int:
    return parse_checkpoint(parse_note(note).text).size


def restore(made: Bench, copy: Path) -> None:
    shutil.rmtree(made.data / "log")
    shutil.copytree(copy, made.data / "log")


def test_what_is_shown_was_cosigned_by_the_quorum(deployment: Deployment, tmp_path: Path) -> None:
    with bench(tmp_path, deployment) as made:
        made.serve()
        assert made.post().status_code == 200

        health = made.published(4)

        assert (health["witnessed"], health["witness_problems"]) == (True, {})
        note = made.get("log/checkpoint").content
        opened = verify_checkpoint(note, made.policy, origin=health["origin"])
        assert all(opened.verified[key] for key in made.keys)
        assert opened.checkpoint.size == health["published"] == 4
        assert note == checkpoint_of(made)
        assert "cosigned" in run("log", "fsck", "--help").stdout
        policy = str(made.policy_file)
        assert run("log", "fsck", "--data", str(made.data), "--policy", policy).returncode == 0
        made.stop()


def test_without_its_quorum_nothing_new_is_shown_and_service_goes_on_until_the_witness_is_back(
    deployment: Deployment, tmp_path: Path
) -> None:
    with bench(tmp_path, deployment) as made:
        made.serve()
        before = made.published_all()["published"]
        made.stop_witness(1)

        answer = made.post(bouclier={"receipt": "final"})

        assert answer.status_code == 200
        shown = answer.json()["bouclier"]["receipt"]
        assert shown["state"] == "signed"
        with pytest.raises(QuorumError):
            verify_receipt(parse_receipt(shown["proof"].encode()), made.policy)
        health = made.health()
        assert health["published"] == before < health["size"]
        assert health["behind_s"] > 1
        assert set(health["witness_problems"]) == {"w1"}
        assert made.get(shown["url"].removeprefix("/")).status_code == 404
        assert made.get(f"log/entry/{shown['index']}").status_code == 404

        made.restart_witness(1)

        health = made.published_all()
        assert health["witness_problems"] == {}
        assert made.get(shown["url"].removeprefix("/")).status_code == 200
        assert made.final()
        made.stop()


def test_one_of_two_is_a_quorum_if_the_policy_says_so(deployment: Deployment, tmp_path: Path) -> None:
    with bench(tmp_path, deployment, quorum=1) as made:
        made.stop_witness(0)
        made.serve()

        shown = made.final()["bouclier"]["receipt"]

        verified = verify_receipt(parse_receipt(shown["proof"].encode()), made.policy).opened.verified
        assert made.keys[1] in verified
        assert made.keys[0] not in verified
        assert set(made.health()["witness_problems"]) == {"w0"}
        made.stop()


def test_a_witness_that_never_answers_holds_up_nobody(deployment: Deployment, tmp_path: Path) -> None:
    with bench(tmp_path, deployment, witnesses=1) as made, socket.create_server(("127.0.0.1", 0)) as silent:
        made.keys.append(SigningKey("witness.example/w1", SignatureType.COSIGNATURE, b"s" * 32).verifier_key)
        made.ports.append(silent.getsockname()[1])
        made.write_policy(1)
        made.serve()

        for _ in range(3):
            assert made.final()

        made.stop()
        assert exported(made.data)[-1]["what"] == "stop"


def test_a_witness_that_begins_again_where_it_was_goes_on(deployment: Deployment, tmp_path: Path) -> None:
    with bench(tmp_path, deployment, witnesses=1) as made:
        made.serve()
        made.post()
        made.published(4)  # start, law, decision and its outcome: nothing is under way when the witness dies
        made.witnesses[0].kill()
        made.restart_witness(0)

        assert made.final()
        made.stop()


def test_a_gateway_killed_and_started_again_goes_on_before_the_same_witnesses(
    deployment: Deployment, tmp_path: Path
) -> None:
    with bench(tmp_path, deployment) as made:
        served = made.serve()
        for _ in range(5):
            made.post()
        served.kill()
        assert served.process.stdout is not None
        served.process.stdout.close()
        made.serve()

        assert made.final()
        marks = [entry["what"] for entry in exported(made.data) if entry["kind"] == "mark"]
        assert marks == ["start", "start"]
        made.stop()


def test_stopping_leaves_a_stop_and_a_last_checkpoint_that_covers_it(deployment: Deployment, tmp_path: Path) -> None:
    with bench(tmp_path, deployment) as made:
        made.serve()
        made.post()
        made.stop()

        entries = exported(made.data)
        assert [entry["kind"] for entry in entries] == ["mark", "adoption", "decision", "outcome", "mark"]
        assert (entries[0]["what"], entries[-1]["what"]) == ("start", "stop")
        assert entries[0]["interval_s"] == 600
        assert verify_checkpoint(checkpoint_of(made), made.policy).checkpoint.size == len(entries)


def test_stopping_does_not_wait_for_witnesses_that_are_gone(deployment: Deployment, tmp_path: Path) -> None:
    with bench(tmp_path, deployment) as made:
        made.serve()
        published = made.published_all()["published"]
        for number in (0, 1):
            made.stop_witness(number)
        made.stop()

        entries = exported(made.data)
        assert entries[-1]["what"] == "stop"
        assert size_of(checkpoint_of(made)) == published < len(entries)


@pytest.fixture
def restored(deployment: Deployment, tmp_path: Path) -> Iterator[Bench]:
    """A gateway whose log was restored from an old copy, with the checkpoint of that time: sound in itself."""
    with bench(tmp_path, deployment, witnesses=1) as made:
        made.serve()
        made.post()
        made.stop()
        old = shutil.copytree(made.data / "log", tmp_path / "old")
        made.serve()
        made.post()
        made.published_all()
        made.stop()
        restore(made, old)
        yield made


def test_a_log_restored_from_an_old_copy_does_not_start_before_a_witness_that_saw_more(restored: Bench) -> None:
    with pytest.raises(RuntimeError, match="do not continue"):
        restored.serve()
    restored.served = None


def test_a_log_restored_from_an_old_copy_is_refused_once_a_witness_shows_it(
    restored: Bench, deployment: Deployment
) -> None:
    made = restored
    made.stop_witness(0)
    made.serve()
    made.restart_witness(0)
    while set(made.health()["witness_problems"].values()) != {"log_forked"}:
        pass  # until the witness has shown what it holds; the test's time-out bounds it
    seen, size = len(deployment.seen()), made.health()["size"]

    refused = [made.post() for _ in range(3)]

    assert [answer.status_code for answer in refused] == [503] * 3
    assert "do not continue" in refused[0].text
    assert len(deployment.seen()) == seen, "something left after the fork was shown"
    assert made.served is not None
    assert "do not continue" in made.served.said()
    made.stop()
    assert len(exported(made.data)) == size, "not even a stop is recorded"


def test_of_two_gateways_on_copies_of_one_log_only_the_first_goes_on(deployment: Deployment, tmp_path: Path) -> None:
    with bench(tmp_path, deployment, witnesses=1) as made:
        copy = replace(made, folder=tmp_path / "copy", served=None)
        shutil.copytree(made.data, copy.data)
        shutil.copy(made.policy_file, copy.policy_file)
        made.serve()
        made.published_all()

        # Its start makes it as long as the other was: two trees of one size.
        with pytest.raises(RuntimeError, match="do not continue"):
            copy.serve()

        assert made.final()
        made.stop()


def test_a_log_older_than_what_it_published_does_not_start(deployment: Deployment, tmp_path: Path) -> None:
    with bench(tmp_path, deployment, witnesses=1) as made:
        made.serve()
        made.published_all()
        old = shutil.copytree(made.data / "log", tmp_path / "old")
        made.post()
        made.stop()
        published = checkpoint_of(made)
        restore(made, old)
        (made.data / "log" / "checkpoint").write_bytes(published)

        with pytest.raises(RuntimeError, match="is not the one whose checkpoint"):
            made.serve()
        made.served = None


def test_what_no_quorum_has_seen_for_too_long_stops_exchanges_until_it_has(
    deployment: Deployment, tmp_path: Path
) -> None:
    with bench(tmp_path, deployment, witnesses=1, more=", max_unwitnessed_s: 1") as made:
        made.serve()
        made.published_all()
        made.stop_witness(0)
        assert made.post().status_code == 200
        while made.health()["behind_s"] <= 1:
            pass  # until it has been too long; the test's time-out bounds it
        seen = len(deployment.seen())

        refused = made.post()

        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "log_unwitnessed"
        assert len(deployment.seen()) == seen
        made.restart_witness(0)
        made.published_all()
        assert made.post().status_code == 200
        made.stop()


def test_a_witness_that_does_not_know_the_log_or_signs_with_another_key_is_shown(
    deployment: Deployment, tmp_path: Path
) -> None:
    with bench(tmp_path, deployment, witnesses=1) as made:
        made.add_witness(known=False)
        made.add_witness()
        other = SigningKey("witness.example/w2", SignatureType.COSIGNATURE, b"o" * 32).verifier_key
        made.write_policy(1, w2=other)
        made.serve()

        made.published_all()  # one of three is enough
        made.health_until(witness_problems={"w1": "HTTP 404", "w2": "witness_answer_malformed"})
        made.stop()


def test_a_log_may_sign_with_ml_dsa_too(deployment: Deployment, tmp_path: Path) -> None:
    with bench(tmp_path, deployment, witnesses=1, more=", ml_dsa: true") as made:
        made.serve()
        made.post()
        made.published_all()
        keys = made.log_keys()

        opened = open_checkpoint(made.get("log/checkpoint").content, keys)

        assert [key.type for key in keys] == [SignatureType.ED25519, SignatureType.ML_DSA_44]
        assert len({key.name for key in keys}) == 1
        assert set(opened.verified) == set(keys)
        assert opened.verified[keys[1]], "a post-quantum signature says when"
        made.stop()


def test_a_log_that_was_made_without_ml_dsa_may_be_given_a_key_later(deployment: Deployment, tmp_path: Path) -> None:
    with bench(tmp_path, deployment, witnesses=1) as made:
        made.serve()
        made.published_all()
        made.stop()
        (alone,) = made.log_keys()
        made.more = ", ml_dsa: true"

        made.serve()
        made.published_all()

        first, second = made.log_keys()
        assert first == alone
        assert set(open_checkpoint(made.get("log/checkpoint").content, [second]).verified) == {second}
        made.stop()
