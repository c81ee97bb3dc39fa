"""A process that seals and dies: `sealed_child.py FOLDER`.

Forks once for each step the store takes on the disk; the fork dies before that step, of SIGKILL. Says for each which
calls had returned by then: `N begun answered`, one digit each. The last fork lives.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.seal_kit import ANSWER, CHARTER, CREATED_MS, DUE, EXCHANGE, REQUEST, authorities, drawn

from bouclier.oversight.adapters.sealed_store import SealedStore
from bouclier.oversight.sealing.record import randomness_bytes, seal_answer, seal_request

STEPS = {"open", "os.link", "os.mkdir", "os.remove", "os.rename"}


def die_before(step: int) -> None:
    count = 0

    def hook(event: str, _: object) -> None:
        nonlocal count
        if event in STEPS:
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def live(folder: Path, step: int, said: int) -> None:
    record, data_key = seal_request(
        REQUEST,
        exchange=EXCHANGE,
        charter=CHARTER,
        created_ms=CREATED_MS,
        due=DUE,
        authorities=authorities(2, 3),
        randomness=drawn("child", randomness_bytes(2)),
    )
    answered = seal_answer(record, ANSWER, data_key=data_key, nonce=drawn("n", 12))
    store = SealedStore(folder)
    die_before(step)
    store.begin(record)
    os.write(said, b"b")
    store.add_answer(answered)
    os.write(said, b"a")
    os._exit(0)


def main() -> None:
    step, alive = 0, False
    while not alive:
        step += 1
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            live(Path(sys.argv[1]) / str(step), step, writing)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        said = os.read(reading, 2)
        os.close(reading)
        alive = status == 0
        assert alive or os.WTERMSIG(status) == signal.SIGKILL
        print(step, int(b"b" in said), int(b"a" in said), flush=True)


if __name__ == "__main__":
    main()
