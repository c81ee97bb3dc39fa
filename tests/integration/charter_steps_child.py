"""Do something to a copy of a folder once for each file it puts in place, ended by the system just before that one.

    python charter_steps_child.py publish|local BASE OUT

Makes OUT/0, OUT/1, ... and prints how many: in OUT/n, n files were put in place. Each is done by a process of its own,
which ends without a word when its time has come.
"""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from bouclier.charter.adapters.tuf_keys import read_signer
from bouclier.charter.adapters.tuf_local import local_repository
from bouclier.charter.adapters.tuf_publication import publish
from bouclier.charter.adapters.tuf_workshop import Workshop

ENDED = 77


def act(what: str, folder: Path) -> None:
    now = datetime.now(UTC)
    if what == "local":
        local_repository(folder / "local", (folder / "bundle").read_bytes(), now=now, days=30)
    else:
        online = [read_signer(folder / "keys" / f"{name}-1.private") for name in ("snapshot", "timestamp")]
        publish(Workshop(folder / "workshop"), online, to=[folder / "published"], now=now)


def end_at(number: int) -> None:
    left = number

    def heard(event: str, _arguments: object) -> None:
        nonlocal left
        if event in ("os.rename", "os.remove"):
            if left == 0:
                os._exit(ENDED)
            left -= 1

    sys.addaudithook(heard)


def main() -> int:
    what, base, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    number = 0
    while True:
        folder = out / str(number)
        shutil.copytree(base, folder)
        child = os.fork()
        if child == 0:
            end_at(number)
            act(what, folder)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        number += 1
        if code == 0:
            print(number)
            return 0
        if code != ENDED:
            return 1


if __name__ == "__main__":
    sys.exit(main())
