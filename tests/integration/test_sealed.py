"""Sealed content on real disks: durable, killed, full, read-only, destroyed on its day, and opened by real commands."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import stat
import subprocess
import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx2 as httpx
import pytest
from tests.charter_kit import ORDINARY, files_of_charter, write_charter
from tests.conftest import configuration
from tests.integration.log_child import LAW
from tests.seal_kit import (
    ANSWER,
    CREATED,
    CREATED_MS,
    DUE,
    EXCHANGE,
    REQUEST,
    asked,
    authorities,
    holders,
    key,
    sealed,
)
from tests.servers import run, serve

import bouclier
from bouclier.cli import sealed as verb
from bouclier.compose.sealed import SealedExchange, Sealer, load_sealer, store_of
from bouclier.compose.sealed_papers import request_opening
from bouclier.oversight.adapters.sealed_store import SealedStore, read_record
from bouclier.oversight.entries import render_entry
from bouclier.oversight.entries_model import OpeningEntry
from bouclier.oversight.receipt import receipt_of
from bouclier.oversight.sealing.errors import SealError, SealKeyError
from bouclier.oversight.sealing.opening import give_share, open_record
from bouclier.terms.errors import Bilingual, BouclierError, StorageError
from bouclier.tlog import (
    Checkpoint,
    Note,
    SignatureType,
    SigningKey,
    hash_leaf,
    prove_inclusion,
    render_checkpoint,
    render_note,
    render_vkey,
    root_of,
    sign_checkpoint,
)

if TYPE_CHECKING:
    from tests.servers import Deployment

    from bouclier.oversight.sealing.opening import OpeningRequest
    from bouclier.oversight.sealing.record import SealedRecord

CHILD = Path(__file__).with_name("sealed_child.py")
CHARTER = "c0" * 32
DAY_S = 86_400
LOG = SigningKey("log.example.fr/sealed", SignatureType.ED25519, bytes(range(32)))
WITNESS = SigningKey("witness.example.org", SignatureType.COSIGNATURE, bytes(range(1, 33)))


def opened(record: SealedRecord) -> tuple[bytes, bytes | None]:
    """Open with two of the kit's authorities, on the day it was sealed."""
    request = asked(record)
    shares = [give_share(record, request, holder, today=CREATED) for holder in holders(2)]
    return open_record(record, request, key("court", "session"), shares, today=CREATED)


# The store


def test_a_request_is_kept_before_its_answer_and_both_open(tmp_path: Path) -> None:
    store, record = SealedStore(tmp_path / "sealed"), sealed()
    digest = store.begin(record._replace(answer=None))
    path = store.find(EXCHANGE)
    assert path == tmp_path / "sealed" / DUE.isoformat() / f"{EXCHANGE}.sealed"
    assert read_record(path).digest == digest
    assert opened(read_record(path)) == (REQUEST, None)
    store.add_answer(record)
    assert opened(read_record(path)) == (REQUEST, ANSWER)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_a_record_is_never_replaced_by_another_of_the_same_exchange(tmp_path: Path) -> None:
    store = SealedStore(tmp_path)
    digest = store.begin(sealed(answer=None))
    with pytest.raises(StorageError):
        store.begin(sealed(answer=None))
    assert read_record(store.find(EXCHANGE)).digest == digest
    with pytest.raises(StorageError):
        store.add_answer(sealed())  # sealed again: HPKE drew otherwise
    assert read_record(store.find(EXCHANGE)).answer is None


def test_a_process_killed_before_any_step_leaves_a_whole_record_or_none(tmp_path: Path) -> None:
    root = Path(bouclier.__file__).parents[1]
    environment = os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{Path(__file__).parents[2]}"}
    ran = subprocess.run(
        [sys.executable, str(CHILD), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
        check=True,
    )
    lines = [[int(word) for word in line.split()] for line in ran.stdout.splitlines()]
    seen = set()
    for step, begun, answered in lines:
        store = SealedStore(tmp_path / str(step))
        found = [read_record(one.path) for one in store.records()]
        assert len(found) <= 1
        if begun:
            assert found, "the digest was given out, and the record is gone"
        if answered:
            assert found[0].answer is not None
        if found:
            request, answer = opened(found[0])
            assert request == REQUEST
            assert answer in ({ANSWER} if answered else {None, ANSWER})
        seen.add((len(found), bool(found) and found[0].answer is not None))
        # What a crash left goes with the rest.
        assert len(store.destroy_due(DUE)) == len(found)
        assert not list((tmp_path / str(step)).glob("*"))
    assert seen == {(0, False), (1, False), (1, True)}
    assert len(lines) > 8
    assert lines[-1][1:] == [1, 1]


def test_on_a_full_disk_nothing_is_promised_and_nothing_is_left(tmp_path: Path) -> None:
    record = sealed(body=bytes(100_000), answer=None)
    answered = sealed(exchange="ab" * 16, answer=bytes(100_000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    store = SealedStore(tmp_path)
    store.begin(answered._replace(answer=None))
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(StorageError):
            store.begin(record)
        with pytest.raises(StorageError):
            store.add_answer(answered)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert opened(read_record(store.find("ab" * 16))) == (REQUEST, None)
    assert [one.name for one in (tmp_path / DUE.isoformat()).iterdir()] == [f"{'ab' * 16}.sealed"]


def test_where_nothing_can_be_written_sealing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sealed").write_text("a file where the folder should be")
    store = SealedStore(tmp_path / "sealed")
    with pytest.raises(StorageError) as caught:
        store.begin(sealed())
    assert caught.value.status == 503


def test_what_is_due_is_destroyed_from_its_day_on_and_the_rest_stays(tmp_path: Path) -> None:
    store = SealedStore(tmp_path)
    records = {}
    for number, days in enumerate((-1, 0, 0, 1)):
        record = sealed(exchange=f"{number:032x}", due=DUE + timedelta(days=days), answer=None)
        records[record.header.exchange] = (store.begin(record), days)
    (tmp_path / "lost+found").mkdir()
    (tmp_path / (DUE - timedelta(days=1)).isoformat() / f"{9:032x}.new").write_bytes(b"what a crash left")
    assert store.destroy_due(DUE - timedelta(days=2)) == []
    expected = store.due(DUE)
    assert {(one.exchange, one.digest) for one in expected} == {
        (exchange, digest) for exchange, (digest, days) in records.items() if days <= 0
    }
    assert store.destroy_due(DUE) == expected
    assert [one.exchange for one in store.records()] == [f"{3:032x}"]
    assert sorted(one.name for one in tmp_path.iterdir()) == [(DUE + timedelta(days=1)).isoformat(), "lost+found"]
    assert store.destroy_due(DUE) == []


def test_a_damaged_record_is_destroyed_on_its_day_all_the_same(tmp_path: Path) -> None:
    store = SealedStore(tmp_path)
    store.begin(sealed())
    store.find(EXCHANGE).write_bytes(b"damaged")
    with pytest.raises(SealError, match=EXCHANGE):
        list(store.records())
    assert [(one.exchange, one.digest) for one in store.destroy_due(DUE)] == [(EXCHANGE, None)]


def test_what_cannot_be_removed_is_said_and_keeps_nothing_else_from_being_destroyed(tmp_path: Path) -> None:
    store = SealedStore(tmp_path)
    store.begin(sealed())
    (tmp_path / "2025-01-01" / "folder").mkdir(parents=True)
    with pytest.raises(StorageError):
        store.destroy_due(DUE)
    assert [one.name for one in tmp_path.iterdir()] == ["2025-01-01"]


def test_a_day_that_was_destroyed_can_be_used_again(tmp_path: Path) -> None:
    store = SealedStore(tmp_path)
    store.begin(sealed())
    store.destroy_due(DUE)
    store.begin(sealed())
    assert store.find(EXCHANGE).exists()


def test_a_record_put_off_to_a_later_day_is_seen(tmp_path: Path) -> None:
    store = SealedStore(tmp_path)
    store.begin(sealed())
    store.find(EXCHANGE).parent.rename(tmp_path / "2099-01-01")
    with pytest.raises(SealError):
        list(store.records())


def test_an_exchange_that_was_not_sealed_is_not_found(tmp_path: Path) -> None:
    for wrong in (EXCHANGE, "../x", "", "*"):
        with pytest.raises(StorageError):
            SealedStore(tmp_path / "nothing").find(wrong)


# The gateway's side


def sealer(folder: Path, *, retention_days: int = 30) -> Sealer:
    return Sealer(SealedStore(folder), authorities=authorities(2, 3), retention_days=retention_days)


def test_an_exchange_is_sealed_without_holding_the_event_loop(tmp_path: Path) -> None:
    async def journey() -> SealedExchange:
        exchange = await sealer(tmp_path).seal_request(EXCHANGE, CHARTER, REQUEST, CREATED_MS / 1000)
        assert opened(read_record(SealedStore(tmp_path).find(EXCHANGE))) == (REQUEST, None)
        await exchange.seal_answer(ANSWER.decode())
        with pytest.raises(SealError):
            await exchange.seal_answer("again")
        return exchange

    exchange = asyncio.run(journey())
    (kept,) = SealedStore(tmp_path).records()
    assert (kept.digest, kept.due) == (exchange.digest, DUE)
    assert opened(read_record(kept.path)) == (REQUEST, ANSWER)


def test_many_exchanges_are_sealed_at_once(tmp_path: Path) -> None:
    async def journeys() -> None:
        one = sealer(tmp_path)

        async def journey(number: int) -> None:
            exchange = await one.seal_request(f"{number:032x}", CHARTER, REQUEST, CREATED_MS / 1000)
            await exchange.seal_answer(f"answer {number}")

        await asyncio.gather(*(journey(number) for number in range(40)))

    asyncio.run(journeys())
    found = {one.exchange: opened(read_record(one.path))[1] for one in SealedStore(tmp_path).records()}
    assert found == {f"{number:032x}": f"answer {number}".encode() for number in range(40)}


def test_a_text_with_half_a_character_is_kept_as_it_is(tmp_path: Path) -> None:
    async def journey() -> None:
        exchange = await sealer(tmp_path).seal_request(EXCHANGE, CHARTER, REQUEST, CREATED_MS / 1000)
        await exchange.seal_answer("half \ud83d")

    asyncio.run(journey())
    assert opened(read_record(SealedStore(tmp_path).find(EXCHANGE)))[1] == b"half \xed\xa0\xbd"


@pytest.mark.parametrize("days", [0, -1, 10**6])
def test_a_retention_has_an_end(days: int, tmp_path: Path) -> None:
    with pytest.raises(SealKeyError):
        sealer(tmp_path, retention_days=days)


# Commands, each as if on its own machine


class Said(NamedTuple):
    code: int
    out: str
    error: BouclierError | None


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


class Command:
    """Runs `bouclier sealed ...` in this process, and looks at all it says for what it must not say."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        parser = ArgumentParser()
        verb.add_to(parser.add_subparsers(), french=False)
        options = parser.parse_args(["sealed", *map(str, arguments)])
        error: BouclierError | None = None
        try:
            code = int(options.run(options))
        except BouclierError as raised:
            code, error = 1, raised
        out = "".join(self._capsys.readouterr())
        said = out + (f"{error.message}{error.hint}" if error else "")
        assert "vasseur" not in said.lower()
        return Said(code, out, error)


class OpeningLog:
    """A log with an opening in it, which one witness cosigns."""

    def __init__(self) -> None:
        self._entries = [b"something before"]

    def append(self, request: OpeningRequest) -> bytes:
        entry = render_entry(
            OpeningEntry(
                basis=request.basis,
                exchange=request.exchange,
                law=LAW,
                record=request.record,
                request=request.digest,
                requester=request.requester,
                time=request.time,
            )
        )
        self._entries.append(entry)
        leaves = [hash_leaf(one) for one in self._entries]
        checkpoint = Checkpoint(LOG.name, len(leaves), root_of(leaves))
        signatures = (
            sign_checkpoint(checkpoint, LOG),
            sign_checkpoint(checkpoint, WITNESS, timestamp_s=1_760_000_000),
        )
        index = len(leaves) - 1
        return receipt_of(
            entry,
            index=index,
            proof=prove_inclusion(leaves, index),
            checkpoint=render_note(Note(render_checkpoint(checkpoint), signatures)),
        )


class Case(NamedTuple):
    """An exchange sealed today for three authorities with files of their own, and asked to be opened."""

    folder: Path
    record: Path
    request: Path
    session: Path
    receipt: Path
    policy: Path

    def share(self, command: Command, name: str, **changed: Path) -> Said:
        files = {
            "request": self.request,
            "record": self.record,
            "key": self.folder / f"{name}.private",
            "receipt": self.receipt,
            "policy": self.policy,
            "out": self.folder / f"{name}.share",
        } | changed
        options = [word for option, path in files.items() if option != "request" for word in (f"--{option}", path)]
        return command("share", files["request"], *options)

    def open(self, command: Command, *names: str, out: str = "opened") -> Said:
        shares = [self.folder / f"{name}.share" for name in names]
        places = ("--request", self.request, "--session", self.session, "--out", self.folder / out)
        return command("open", self.record, *places, *shares)


@pytest.fixture
def case(tmp_path: Path, command: Command) -> Case:
    return make_case(tmp_path, command)


def make_case(folder: Path, command: Command, *, exchange: str = EXCHANGE) -> Case:
    names = ("court", "regulator", "parliament")
    for name in names:
        if not (folder / f"{name}.public").exists():
            assert command("keygen", name, "--out", folder).code == 0
    one = load_sealer(folder, authorities=[folder / f"{name}.public" for name in names], threshold=2, retention_days=3)

    async def journey() -> None:
        begun = await one.seal_request(exchange, CHARTER, REQUEST, time.time())
        await begun.seal_answer(ANSWER.decode())

    asyncio.run(journey())
    record = store_of(folder).find(exchange)
    asked_for = request_opening(
        record, requester="court", basis="order-17", folder=folder / "asked", append=OpeningLog().append
    )
    policy = folder / "policy"
    policy.write_text(
        f"log {render_vkey(LOG.verifier_key)}\nwitness w {render_vkey(WITNESS.verifier_key)}\nquorum w\n",
        encoding="utf-8",
    )
    return Case(folder, record, asked_for.request, asked_for.session, asked_for.receipt, policy)


def test_two_authorities_of_three_open_an_exchange_with_files_alone(case: Case, command: Command) -> None:
    for name in ("parliament", "court"):
        assert case.share(command, name).code == 0
    assert case.open(command, "parliament", "court").code == 0
    folder = case.folder / "opened"
    assert (folder / "request.json").read_bytes() == REQUEST
    assert (folder / "answer.txt").read_bytes() == ANSWER
    for private in (case.session, case.folder / "court.private", folder / "request.json", folder / "answer.txt"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
    again = case.open(command, "parliament", "court")
    assert isinstance(again.error, StorageError), "what was opened is never replaced"


def test_one_authority_opens_nothing_and_leaves_no_file(case: Case, command: Command) -> None:
    assert case.share(command, "court").code == 0
    refused = case.open(command, "court")
    assert isinstance(refused.error, SealError)
    assert not (case.folder / "opened").exists()


def test_no_share_is_given_for_what_the_log_does_not_hold(case: Case, command: Command, tmp_path: Path) -> None:
    other = make_case(tmp_path, command, exchange="ab" * 16)
    for changed in ({"receipt": other.receipt}, {"request": other.request}):
        refused = case.share(command, "court", **changed)
        assert refused.error is not None, changed
    assert not (case.folder / "court.share").exists()


def test_no_share_is_given_before_the_witnesses_the_authority_believes_have_cosigned(
    case: Case, command: Command, tmp_path: Path
) -> None:
    demanding = tmp_path / "demanding"
    stranger = SigningKey("other.example.org", SignatureType.COSIGNATURE, bytes(32))
    demanding.write_text(
        f"log {render_vkey(LOG.verifier_key)}\nwitness w {render_vkey(stranger.verifier_key)}\nquorum w\n",
        encoding="utf-8",
    )
    assert case.share(command, "court", policy=demanding).error is not None
    assert not (case.folder / "court.share").exists()
    assert case.share(command, "court").code == 0


def test_an_altered_receipt_gets_no_share(case: Case, command: Command, tmp_path: Path) -> None:
    text = case.receipt.read_text(encoding="utf-8").splitlines()
    altered, tried = tmp_path / "altered", 0
    for number in range(len(text)):
        if len(text[number]) < 3:
            continue
        line = text[number]
        other = line[:-3] + ("B" if line[-3] == "A" else "A") + line[-2:]
        lines = [*text[:number], other, *text[number + 1 :]]
        altered.write_text("\n".join(lines) + "\n", encoding="utf-8")
        refused = case.share(command, "court", receipt=altered)
        assert refused.error is not None, number
        tried += 1
    assert tried == 8


def test_another_authoritys_or_an_unknown_key_gives_no_share(case: Case, command: Command) -> None:
    assert command("keygen", "stranger", "--out", case.folder).code == 0
    assert isinstance(case.share(command, "stranger").error, SealError)
    for wrong in (case.folder / "court.public", case.session, case.folder / "nothing"):
        assert isinstance(case.share(command, "court", key=wrong).error, SealKeyError)


def test_shares_for_one_request_do_not_open_under_another(case: Case, command: Command, tmp_path: Path) -> None:
    assert case.share(command, "court").code == 0
    again = request_opening(
        case.record, requester="court", basis="order-18", folder=tmp_path / "again", append=OpeningLog().append
    )
    second = case._replace(request=again.request, session=again.session, receipt=again.receipt)
    assert second.share(command, "regulator").code == 0
    assert isinstance(second.open(command, "court", "regulator").error, SealError)
    assert isinstance(case.open(command, "court", "regulator").error, SealError)


@pytest.mark.parametrize("which", ["record", "request", "session", "court.share", "regulator.share"])
def test_an_altered_file_opens_nothing(which: str, case: Case, command: Command) -> None:
    for name in ("court", "regulator"):
        assert case.share(command, name).code == 0
    path = getattr(case, which) if "." not in which else case.folder / which
    whole = path.read_bytes()
    for part in range(24):
        altered = bytearray(whole)
        altered[len(whole) * part // 24] ^= 0x20
        path.write_bytes(altered)
        assert isinstance(case.open(command, "court", "regulator").error, (SealError, SealKeyError))
    path.write_bytes(whole)
    assert case.open(command, "court", "regulator").code == 0


def test_a_request_the_log_refuses_leaves_no_papers(case: Case, tmp_path: Path) -> None:
    def full(_: OpeningRequest) -> bytes:
        raise StorageError(Bilingual("plein", "full"), Bilingual("videz", "make room"))

    with pytest.raises(StorageError):
        request_opening(case.record, requester="court", basis="order", folder=tmp_path / "new", append=full)
    assert not list((tmp_path / "new").iterdir())

    def another(_: OpeningRequest) -> bytes:
        return case.receipt.read_bytes()

    with pytest.raises(SealError):
        request_opening(case.record, requester="court", basis="order", folder=tmp_path / "new", append=another)
    assert not list((tmp_path / "new").iterdir())


def test_keys_are_made_once(tmp_path: Path, command: Command) -> None:
    assert command("keygen", "court", "--out", tmp_path).code == 0
    before = (tmp_path / "court.private").read_bytes()
    assert stat.S_IMODE((tmp_path / "court.public").stat().st_mode) & 0o400
    assert isinstance(command("keygen", "court", "--out", tmp_path).error, StorageError)
    assert (tmp_path / "court.private").read_bytes() == before
    assert isinstance(command("keygen", "La Cour", "--out", tmp_path).error, SealKeyError)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["court.private", "court.public"]


def test_what_is_kept_is_listed_and_destroyed_without_a_word_of_it(case: Case, command: Command) -> None:
    store = store_of(case.folder)
    old = sealed(exchange="ab" * 16, answer=None)
    store.begin(old)
    listed = command("list", "--data", case.folder).out.splitlines()
    assert len(listed) == 2
    assert f"{'ab' * 16} {DUE} 2/3 authority-1,authority-2,authority-3 request {old.digest}" in listed
    assert isinstance(command("destroy-due", "--data", case.folder).error, StorageError)  # no log to say it in
    assert len(command("list", "--data", case.folder).out.splitlines()) == 2
    assert run("log", "create", "--data", str(case.folder)).returncode == 0
    assert command("destroy-due", "--data", case.folder).out == f"{'ab' * 16} {DUE} {old.digest}\n"
    assert len(command("list", "--data", case.folder).out.splitlines()) == 1
    assert case.record.exists()
    exported = run("log", "export", "--data", str(case.folder)).stdout.splitlines()
    (erased,) = [one for one in (json.loads(line)["entry"] for line in exported) if one["kind"] == "erasure"]
    assert (erased["exchange"], erased["record"], erased["due"]) == ("ab" * 16, old.digest, DUE.isoformat())


def test_public_keys_that_do_not_fit_seal_nothing(tmp_path: Path, command: Command) -> None:
    for name in ("court", "regulator"):
        assert command("keygen", name, "--out", tmp_path).code == 0
    court, regulator = tmp_path / "court.public", tmp_path / "regulator.public"
    for files, threshold in (
        ([court], 1),
        ([court, regulator], 1),
        ([court, regulator], 3),
        ([court, court], 2),
        ([court, tmp_path / "regulator.private"], 2),
        ([court, tmp_path / "missing.public"], 2),
    ):
        with pytest.raises(SealKeyError):
            load_sealer(tmp_path, authorities=files, threshold=threshold, retention_days=30)
    load_sealer(tmp_path, authorities=[court, regulator], threshold=2, retention_days=30)


# All of it, with a gateway that runs


def test_an_exchange_whose_charter_asks_for_it_is_sealed_and_opened_after_an_entry_in_the_log(
    deployment: Deployment, tmp_path: Path, command: Command
) -> None:
    sealing = ORDINARY.replace('@duty("pseudonymise")', '@duty("pseudonymise, seal")')
    charter = write_charter(tmp_path / "charter", files_of_charter(sealing))
    for name in ("court", "regulator", "parliament"):
        assert command("keygen", name, "--out", tmp_path).code == 0
    named = json.dumps([str(tmp_path / f"{name}.public") for name in ("court", "regulator", "parliament")])
    more = f"charter: {{folder: {charter}}}\nseal: {{threshold: 2, retention_days: 5, authorities: {named}}}\n"
    served = serve(tmp_path, config=configuration(deployment, more=more))
    body = json.dumps({"model": "echo", "messages": [{"role": "user", "content": "à zoe.vasseur@example.fr"}]}).encode()
    plain = json.dumps({"model": "echo", "messages": [{"role": "user", "content": "Bonjour"}]}).encode()
    places = ("--data", served.data, "--config", tmp_path / "bouclier.yaml")
    try:
        headers = {"authorization": f"Bearer {served.key}", "content-type": "application/json"}
        for one in (body, plain):
            asked_for = httpx.post(f"{served.base_url}/chat/completions", content=one, headers=headers, timeout=60)
            assert asked_for.status_code == 200
        (line,) = command("list", *places).out.splitlines()  # the second exchange was not to be sealed
        exchange, *_, digest = line.split()
        requested = command(
            "request", exchange, "--basis", "order-1", "--requester", "court", "--out", tmp_path / "asked", *places
        )
        assert requested.error is None
    finally:
        assert served.stop() == 0
    assert "vasseur" not in served.said().lower()
    entries = [json.loads(one)["entry"] for one in run("log", "export", "--data", str(served.data)).stdout.splitlines()]
    decisions = {one["exchange"]: one["sealed"] for one in entries if one["kind"] == "decision"}
    assert decisions[exchange] == digest
    assert sorted(value is None for value in decisions.values()) == [False, True]
    (opening,) = [one for one in entries if one["kind"] == "opening"]
    assert (opening["exchange"], opening["record"], opening["basis"]) == (exchange, digest, "order-1")
    vkeys = re.findall(r"\S+\+[0-9a-f]{8}\+\S+", run("log", "show", "--data", str(served.data)).stdout)
    policy = tmp_path / "policy"
    policy.write_text(f"log {vkeys[0]}\nquorum none\n", encoding="utf-8")
    base, record = tmp_path / "asked" / exchange, store_of(served.data).find(exchange)
    request, session, receipt = (base.with_suffix(one) for one in (".request", ".session", ".receipt"))
    case = Case(tmp_path, record, request, session, receipt, policy)
    for name in ("court", "parliament"):
        assert case.share(command, name).error is None
    assert case.open(command, "court", "parliament").error is None
    assert (tmp_path / "opened" / "request.json").read_bytes() == body
    assert (tmp_path / "opened" / "answer.txt").read_text(encoding="utf-8") == "à zoe.vasseur@example.fr"
