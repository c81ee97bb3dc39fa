"""A COP on one machine, played as in the tutorial; then what it left behind is read without believing the play.

Gateways, witnesses, monitor, model and file server are processes of their own, as in `examples/cop/cop.py`. Commands that
end by themselves are run here, through the same entry point, because starting Python eighty times takes a minute.
"""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bouclier import cli

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "cop"))
import cop as story  # noqa: E402
from stage import Stage  # noqa: E402


class Here(Stage):
    """A stage whose commands run in this process; a program that is tampered with still has its own."""

    def each(self, lines: Sequence[str], *, show: int = 0) -> list[str]:
        return [self.bouclier(line, show=show) for line in lines]

    def _run(self, line: str, cheat: str | None = None) -> subprocess.CompletedProcess[str]:
        if cheat is not None:
            return super()._run(line, cheat)
        out, errors = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(errors):
            code = cli.main(shlex.split(line))
        return subprocess.CompletedProcess([], code, out.getvalue(), errors.getvalue())


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    folder.mkdir(parents=True)
    os.chdir(folder)
    os.environ["LC_ALL"] = "fr_FR.UTF-8"
    story.play(Here(folder, french=True))

if __name__ == "__main__":
    main()
