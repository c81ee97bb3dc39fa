"""A witness in a process of its own, asked over HTTP: honest logs, lying ones, crashes, and disks that fail."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.witness_kit import LOG_KEY, ORIGIN, checkpoint, signed, submission
from tests.witness_process import Said, Witness, ask, made, running, start

from bouclier import cli
from bouclier.oversight.adapters.witness_folder import DATABASE_NAME, KEY_NAME, add_log_key
from bouclier.terms.errors import BouclierError
from bouclier.tlog import (
    SIZE_CONTENT_TYPE,
    Cosignature,
    SignatureType,
    SigningKey,
    monitoring_path,
    open_checkpoint,
    parse_answer,
    render_vkey,
)
from bouclier.tlog.witness import MAX_SUBMISSION_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bouclier.tlog import VerifierKey

STRANGER = SigningKey("log.example.fr/autre", SignatureType.ED25519, b"a" * 32)
SHOWN = f"/{monitoring_path(ORIGIN)}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared") / "witness"


@pytest.fixture(scope="module")
def keys(folder: Path) -> list[VerifierKey]:
    return made(folder, ml_dsa=True)


@pytest.fixture(scope="module")
def served(folder: Path, keys: list[VerifierKey]) -> Iterator[Witness]:
    assert keys
    with running(folder) as witness:
        yield witness


@pytest.fixture
def log(folder: Path, request: pytest.FixtureRequest) -> SigningKey:
    """A log of this test alone, made known to the witness while it serves."""
    name = request.node.name.replace("[", "/").replace("]", "")
    key = SigningKey(f"log.example.fr/{name}"[:200], SignatureType.ED25519, b"k" * 32)
    add_log_key(folder, render_vkey(key.verifier_key))
    return key


def sent(log: SigningKey, old: int, new: int, *, branch: str = "") -> bytes:
    return submission(old, new, branch=branch, note=signed(checkpoint(new, branch=branch, origin=log.name), log))


def cosignatures(said: Said, size: int, keys: list[VerifierKey], *, origin: str = ORIGIN) -> list[Cosignature]:
    found = parse_answer(
        said.status, said.content_type, said.body, checkpoint=checkpoint(size, origin=origin), keys=keys
    )
    assert isinstance(found, list)
    return found


def test_a_growing_log_is_cosigned_with_both_keys_and_shown_to_monitors(
    served: Witness, keys: list[VerifierKey], log: SigningKey
) -> None:
    shown = f"/{monitoring_path(log.name)}"
    assert served.ask("GET", shown).status == 404
    connection = served.connect()

    for old, new in [(0, 3), (3, 3), (3, 300)]:
        said = ask(connection, "POST", "/add-checkpoint", sent(log, old, new))

        assert {one.key for one in cosignatures(said, new, keys, origin=log.name)} == set(keys)
        opened = open_checkpoint(ask(connection, "GET", shown).body, [*keys, log.verifier_key])
        assert opened.checkpoint == checkpoint(new, origin=log.name)
        assert set(opened.verified) == {*keys, log.verifier_key}
    connection.close()


def test_times_never_go_backwards_for_a_log(served: Witness, keys: list[VerifierKey], log: SigningKey) -> None:
    times = [
        one.time_s
        for size in range(5)
        for one in cosignatures(served.submit(sent(log, size, size + 1)), size + 1, keys, origin=log.name)
    ]

    assert times == sorted(times)


def test_a_wrong_old_size_is_told_the_right_one(served: Witness, log: SigningKey) -> None:
    assert served.submit(sent(log, 4, 6)) == Said(409, SIZE_CONTENT_TYPE, b"0\n")
    assert served.submit(sent(log, 0, 4)).status == 200
    assert served.submit(sent(log, 0, 6)) == Said(409, SIZE_CONTENT_TYPE, b"4\n")


def test_a_replay_and_a_rollback_are_refused(served: Witness, log: SigningKey) -> None:
    first = sent(log, 0, 8)
    assert served.submit(first).status == 200

    assert served.submit(first) == Said(409, SIZE_CONTENT_TYPE, b"8\n")
    assert served.submit(sent(log, 6, 7)) == Said(409, SIZE_CONTENT_TYPE, b"8\n")
    assert served.submit(sent(log, 8, 7)).status == 400


def test_a_split_view_is_refused_and_what_was_cosigned_stays(
    served: Witness, keys: list[VerifierKey], log: SigningKey
) -> None:
    assert served.submit(sent(log, 0, 8)).status == 200

    for lie in (sent(log, 8, 8, branch="lie"), sent(log, 8, 12, branch="lie")):
        assert served.submit(lie).status == 422

    shown = served.ask("GET", f"/{monitoring_path(log.name)}").body
    assert open_checkpoint(shown, keys).checkpoint == checkpoint(8, origin=log.name)


def test_of_eight_requests_at_once_from_one_size_exactly_one_is_cosigned(served: Witness, log: SigningKey) -> None:
    assert served.submit(sent(log, 0, 8)).status == 200
    bodies = [sent(log, 8, 9 + i) for i in range(8)]
    connections = [served.connect() for _ in bodies]

    def submit(number: int) -> Said:
        return ask(connections[number], "POST", "/add-checkpoint", bodies[number])

    with ThreadPoolExecutor(len(bodies)) as pool:
        answers = list(pool.map(submit, range(len(bodies))))

    for connection in connections:
        connection.close()
    accepted = [number for number, said in enumerate(answers) if said.status == 200]
    assert len(accepted) == 1
    conflict = Said(409, SIZE_CONTENT_TYPE, b"%d\n" % (9 + accepted[0]))
    assert [said for said in answers if said.status != 200] == [conflict] * 7


def test_strangers_and_false_signatures_are_refused(served: Witness, log: SigningKey) -> None:
    assert served.submit(sent(STRANGER, 0, 1)).status == 404
    impostor = SigningKey(log.name, SignatureType.ED25519, b"i" * 32)
    note = signed(checkpoint(3, origin=log.name), impostor)

    assert served.submit(submission(0, 3, note=note)).status == 403
    assert served.submit(b"old 0\n\nnonsense").status == 400
    assert served.ask("GET", f"/{monitoring_path(log.name)}").status == 404


def test_a_body_that_is_too_large_is_refused_and_the_connection_serves_on(served: Witness) -> None:
    connection = served.connect()

    assert ask(connection, "POST", "/add-checkpoint", bytes(MAX_SUBMISSION_BYTES + 1)).status == 413
    assert ask(connection, "GET", "/health") == Said(200, "text/plain; charset=utf-8", b"ok\n")
    connection.close()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/add-checkpoint"),
        ("POST", "/health"),
        ("PUT", "/add-checkpoint"),
        ("GET", f"/{'0' * 64}/checkpoint"),
        ("GET", f"{SHOWN.upper()}"),
        ("GET", "/witness.key"),
        ("GET", "/../witness.key"),
    ],
)
def test_there_is_nothing_else(served: Witness, method: str, path: str) -> None:
    assert served.ask(method, path).status == 404


def test_a_second_server_on_the_folder_is_refused(served: Witness) -> None:
    with pytest.raises(RuntimeError, match="is being served already"):
        start(served.folder)


def test_what_was_handed_out_is_remembered_after_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "witness"
    keys = made(folder)
    size = 0
    for answered in (1, 2, 5):
        witness = start(folder)
        connection = witness.connect()
        for _ in range(answered):
            said = ask(connection, "POST", "/add-checkpoint", submission(size, size + 2))
            assert cosignatures(said, size + 2, keys)
            size += 2
        # One more is under way when the process dies: it may be remembered or not, but never half.
        connection.request("POST", "/add-checkpoint", submission(size, size + 2))
        witness.kill()
        connection.close()

        with running(folder) as again:
            shown = open_checkpoint(again.ask("GET", SHOWN).body, keys).checkpoint
            assert shown in (checkpoint(size), checkpoint(size + 2))
            size = shown.size
            assert again.submit(submission(0, 1)) == Said(409, SIZE_CONTENT_TYPE, b"%d\n" % size)


@pytest.mark.parametrize("lost", [DATABASE_NAME, KEY_NAME])
def test_a_witness_that_lost_a_part_never_starts(tmp_path: Path, lost: str) -> None:
    folder = tmp_path / "witness"
    made(folder)
    (folder / lost).unlink()

    with pytest.raises(RuntimeError, match=DATABASE_NAME):
        start(folder)
    assert not (folder / lost).exists()


def test_an_empty_file_or_another_witness_is_no_memory(tmp_path: Path) -> None:
    made(tmp_path / "one")
    made(tmp_path / "two")
    (tmp_path / "one" / DATABASE_NAME).write_bytes(b"")
    shutil.copy(tmp_path / "one" / KEY_NAME, tmp_path / "two" / KEY_NAME)

    for name in ("one", "two"):
        with pytest.raises(RuntimeError, match=f"{name}"):
            start(tmp_path / name)


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    made(tmp_path / "witness")
    (tmp_path / "witness" / KEY_NAME).chmod(0o640)

    with pytest.raises(RuntimeError, match="chmod 600"):
        start(tmp_path / "witness")


def test_a_witness_is_never_made_twice_and_knows_logs_only(tmp_path: Path) -> None:
    keys = made(tmp_path / "witness")
    before = (tmp_path / "witness" / KEY_NAME).read_bytes()

    with pytest.raises(BouclierError):
        made(tmp_path / "witness")
    with pytest.raises(BouclierError):
        add_log_key(tmp_path / "witness", render_vkey(keys[0]))
    assert (tmp_path / "witness" / KEY_NAME).read_bytes() == before


class Command(NamedTuple):
    """What a command said."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Command]:
    """Run `bouclier witness`, as somebody who reads English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*arguments: str) -> Command:
        code = cli.main(["witness", *arguments])
        said = capsys.readouterr()
        return Command(code, said.out, said.err)

    return run


def test_the_commands_make_a_witness_that_can_be_shown(tmp_path: Path, run: Callable[..., Command]) -> None:
    folder = str(tmp_path / "witness")

    made_now = run("create", folder, "--name", "temoin.example.fr/w1", "--ml-dsa")
    added = run("add-log", folder, render_vkey(LOG_KEY.verifier_key))
    served = (sys.executable, "-m", "bouclier", "witness", "serve", "--port", "0")
    with running(tmp_path / "witness", command=served) as witness:
        assert run("show", folder).out.endswith(f"{ORIGIN}: never cosigned\n")
        assert witness.submit(submission(0, 3)).status == 200
        shown = run("show", folder)

    vkeys = made_now.out.splitlines()
    assert [vkey.split("+")[0] for vkey in vkeys] == ["temoin.example.fr/w1"] * 2
    assert added.out == f"{ORIGIN}\n"
    assert shown.out.splitlines()[:2] == vkeys
    assert f"{ORIGIN}: size 3, root {checkpoint(3).root.hex()}, 20" in shown.out


def test_two_trees_of_one_size_are_kept_as_evidence_that_others_can_check(
    tmp_path: Path, run: Callable[..., Command]
) -> None:
    folder = tmp_path / "witness"
    keys = made(folder)
    assert run("evidence", str(folder)).code == 0

    with running(folder) as witness:
        statuses = [
            witness.submit(body).status
            for body in (
                submission(0, 8),
                submission(8, 8, branch="lie"),
                submission(8, 8, branch="lie"),
                # With another old size it is a conflict, and proof all the same.
                submission(5, 8, branch="other"),
                # A proof that fails proves nothing: whoever relayed it may have spoilt it.
                submission(8, 9, branch="lie"),
                submission(8, 10),
            )
        ]
        found = run("evidence", str(folder))

    assert statuses == [200, 422, 422, 409, 422, 200]
    assert found.code == 1
    evidence = [json.loads(line) for line in found.out.splitlines()]
    refused = {open_checkpoint(one["refused"].encode(), [LOG_KEY.verifier_key]).checkpoint for one in evidence}
    assert refused == {checkpoint(8, branch="lie"), checkpoint(8, branch="other")}
    for one in evidence:
        cosigned = open_checkpoint(one["cosigned"].encode(), [LOG_KEY.verifier_key, *keys])
        assert cosigned.checkpoint == checkpoint(8)
        assert len(cosigned.verified) == 2
    assert run("show", str(folder)).out.count("SPLIT VIEW, size 8") == 2
    assert "two trees of one size" in witness.stderr.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create", "{}", "--name", "a name"], "name"),
        (["add-log", "{}", "log.example.fr+00000000+AAAA"], "key"),
        (["serve", "{}", "--port", "many"], "--port"),
        (["show", "{}/nowhere"], "witness"),
    ],
)
def test_mistakes_on_the_command_line_are_explained(
    tmp_path: Path, run: Callable[..., Command], arguments: list[str], said: str
) -> None:
    result = run(*(argument.format(tmp_path) for argument in arguments))

    assert result.code == 2
    assert result.out == ""
    assert said in result.err
    assert "→" in result.err


def has_namespaces() -> bool:
    unshare = shutil.which("unshare")
    return unshare is not None and not subprocess.run([unshare, "-rm", "true"], check=False).returncode


@pytest.mark.skipif(not has_namespaces(), reason="no mount namespaces here")
def test_a_full_disk_is_503_without_a_cosignature_and_service_resumes_when_space_returns(tmp_path: Path) -> None:
    mount = tmp_path / "disk"
    mount.mkdir()
    kept = tmp_path / "witness"
    keys = made(kept)
    script = f'mount -t tmpfs -o size=400k none "{mount}" && cp -r "{kept}" "{mount}/w" && exec "$@"'

    wrapper = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    with running(mount / "w", wrapper=wrapper) as witness:
        ballast = Path(f"/proc/{witness.process.pid}/root{mount}/ballast")
        fill(ballast)
        size = 0
        while (said := witness.submit(submission(size, size + 1))).status == 200:
            size += 1
        assert said.status == 503
        assert "\u2014 ".encode() not in said.body
        assert witness.submit(submission(size, size + 1)).status == 503

        ballast.unlink()

        assert cosignatures(witness.submit(submission(size, size + 1)), size + 1, keys)
    assert "nothing is cosigned" in witness.stderr.read_text()


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(1024)):
            pass
