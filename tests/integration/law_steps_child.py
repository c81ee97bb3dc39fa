"""Start a gateway's law on copies of a folder, each killed before another step of what it writes about the law.

    python -m tests.integration.law_steps_child BASE OUT

BASE holds `repo/published`, `root.json` and `data`. Makes OUT/0, OUT/1, ... and prints how many: the last one lived.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

from tests.integration.test_facts_in_force import following

from bouclier.compose.data_folder import prepare
from bouclier.compose.keeping import record_keeper
from bouclier.compose.law_keeping import law_keeping


def die_before(step: int) -> None:
    left = step

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event not in {"open", "os.rename"} or "followed" not in (place := str(arguments[0])):
            return
        # A file put in its place, or a folder opened to make durable what is in it.
        if event == "open" and not Path(place).is_dir():
            return
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    sys.addaudithook(hook)


async def start(folder: Path) -> None:
    configuration = following(folder, folder / "repo" / "published")
    prepare(configuration)
    law = await law_keeping(configuration)
    keeper = record_keeper(configuration, law=lambda: law.stamp)
    await keeper.begin()
    await law.begin(keeper)
    await keeper.close()


def main() -> int:
    base, out = Path(sys.argv[1]), Path(sys.argv[2])
    step = 0
    while True:
        folder = out / str(step)
        shutil.copytree(base, folder)
        child = os.fork()
        if child == 0:
            die_before(step)
            asyncio.run(start(folder))
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        step += 1
        if code == 0:
            print(step)
            return 0
        if code != -signal.SIGKILL:
            return 1


if __name__ == "__main__":
    sys.exit(main())
