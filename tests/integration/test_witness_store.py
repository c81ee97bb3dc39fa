"""A witness's memory, asked without HTTP: clocks, many logs at once, and a memory somebody broke."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest
from tests.witness_kit import LOG_KEY, ORIGIN, checkpoint, signed, submission
from tests.witness_process import made

from bouclier.oversight.adapters.witness_folder import DATABASE_NAME, add_log_key, open_memory, read_cosigned
from bouclier.oversight.adapters.witness_store import Answer, WitnessStore
from bouclier.tlog import (
    SIZE_CONTENT_TYPE,
    Cosignature,
    SignatureType,
    SigningKey,
    monitoring_path,
    parse_answer,
    render_vkey,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bouclier.tlog import VerifierKey

NOON = 1_790_000_000


def asked(folder: Path, bodies: Iterable[bytes], times: list[int]) -> list[Answer]:
    """Ask one after the other, each at its time."""

    async def ask() -> list[Answer]:
        with contextlib.closing(WitnessStore.open(folder, clock=iter(times).__next__)) as store:
            return [await store.add_checkpoint(body) for body in bodies]

    return asyncio.run(ask())


def cosignatures(answer: Answer, size: int, keys: list[VerifierKey]) -> list[Cosignature]:
    found = parse_answer(answer.status, answer.content_type, answer.body, checkpoint=checkpoint(size), keys=keys)
    assert isinstance(found, list)
    return found


def test_a_cosignature_says_the_time_of_the_clock(tmp_path: Path) -> None:
    keys = made(tmp_path / "w", ml_dsa=True)

    (answer,) = asked(tmp_path / "w", [submission(0, 3)], [NOON])

    assert [one.time_s for one in cosignatures(answer, 3, keys)] == [NOON, NOON]


def test_a_clock_that_goes_backwards_stops_cosigning_until_it_is_right_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys = made(tmp_path / "w")
    bodies = [submission(0, 3), submission(3, 5), submission(3, 5), submission(5, 6)]

    answers = asked(tmp_path / "w", bodies, [NOON, NOON - 1, NOON, NOON + 9])

    assert [answer.status for answer in answers] == [200, 503, 200, 200]
    assert [cosignatures(answers[i], size, keys)[0].time_s for i, size in ((0, 3), (2, 5), (3, 6))] == [
        NOON,
        NOON,
        NOON + 9,
    ]
    assert "clock" in caplog.text
    # What another process would have dated is remembered too.
    assert asked(tmp_path / "w", [submission(6, 7)], [NOON + 8])[0].status == 503


def test_a_clock_before_1970_cosigns_nothing(tmp_path: Path) -> None:
    made(tmp_path / "w")

    assert [answer.status for answer in asked(tmp_path / "w", [submission(0, 3)] * 2, [0, -5])] == [503, 503]


def test_many_logs_at_once_are_each_cosigned_and_remembered(tmp_path: Path) -> None:
    logs = [SigningKey(f"log.example.fr/{i}", SignatureType.ED25519, bytes([i]) * 32) for i in range(150)]
    made(tmp_path / "w", logs=tuple(logs))
    bodies = [submission(0, 4, note=signed(checkpoint(4, origin=log.name), log)) for log in logs]

    async def ask() -> list[Answer]:
        with contextlib.closing(WitnessStore.open(tmp_path / "w", clock=lambda: NOON)) as store:
            answers = await asyncio.gather(*(store.add_checkpoint(body) for body in [*bodies, *bodies]))
            assert all(store.cosigned(monitoring_path(log.name)) for log in logs)
            return list(answers)

    answers = asyncio.run(ask())

    assert [answer.status for answer in answers[:150]] == [200] * 150
    assert answers[150:] == [Answer(409, b"4\n", SIZE_CONTENT_TYPE)] * 150


def test_a_log_added_while_it_serves_is_known_at_once(tmp_path: Path) -> None:
    made(tmp_path / "w", logs=())

    async def ask() -> list[int]:
        with contextlib.closing(WitnessStore.open(tmp_path / "w", clock=lambda: NOON)) as store:
            before = await store.add_checkpoint(submission(0, 3))
            add_log_key(tmp_path / "w", render_vkey(LOG_KEY.verifier_key))
            return [before.status, (await store.add_checkpoint(submission(0, 3))).status]

    assert asyncio.run(ask()) == [404, 200]


def test_a_memory_that_somebody_broke_cosigns_nothing_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made(tmp_path / "w")

    async def ask() -> list[Answer]:
        with contextlib.closing(WitnessStore.open(tmp_path / "w", clock=lambda: NOON)) as store:
            answers = [await store.add_checkpoint(submission(0, 3))]
            with contextlib.closing(sqlite3.connect(tmp_path / "w" / DATABASE_NAME)) as other:
                other.execute("DROP TABLE cosigned")
            answers += [await store.add_checkpoint(submission(3, 5)), await store.add_checkpoint(b"nonsense")]
            assert not store.usable
            return answers

    answers = asyncio.run(ask())

    assert [answer.status for answer in answers] == [200, 503, 503]
    assert b"\xe2\x80\x94 " not in answers[1].body
    assert "nothing is cosigned" in caplog.text
    assert ORIGIN not in caplog.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_after_a_defect_everyone_hears_that_nothing_is_cosigned(tmp_path: Path) -> None:
    made(tmp_path / "w")

    def broken() -> int:
        raise ArithmeticError

    async def ask() -> list[int]:
        with contextlib.closing(WitnessStore.open(tmp_path / "w", clock=broken)) as store:
            bodies = [b"nonsense", submission(0, 3), submission(0, 4)]
            at_once = await asyncio.gather(*(store.add_checkpoint(body) for body in bodies))
            later = await store.add_checkpoint(submission(0, 3))
            assert not store.usable
            return [answer.status for answer in (*at_once[1:], later)]

    assert asyncio.run(ask()) == [503, 503, 503]
    # Nothing was remembered either.
    assert asked(tmp_path / "w", [submission(0, 3)], [NOON])[0].status == 200


def test_a_closed_store_cosigns_nothing(tmp_path: Path) -> None:
    made(tmp_path / "w")

    async def ask() -> Answer:
        store = WitnessStore.open(tmp_path / "w", clock=lambda: NOON)
        store.close()
        return await store.add_checkpoint(submission(0, 3))

    assert asyncio.run(ask()).status == 503


@pytest.mark.parametrize("change", ["size = 2", "root = zeroblob(32)", "time_s = time_s - 1", "root = x'00'"])
def test_the_memory_itself_refuses_to_go_back(tmp_path: Path, change: str) -> None:
    keys = made(tmp_path / "w")
    asked(tmp_path / "w", [submission(0, 3)], [NOON])

    with contextlib.closing(open_memory(tmp_path / "w", tuple(keys))) as memory:
        with pytest.raises(sqlite3.IntegrityError):
            memory.execute(f"UPDATE cosigned SET {change}")
        assert [(log.size, log.root) for log in read_cosigned(memory)] == [(3, checkpoint(3).root)]
