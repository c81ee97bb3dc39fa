"""Play, in a folder of its own."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from examples.cop.chapters import play
from examples.cop.stage import BrokenPromiseError, Stage


def main() -> int:
    """Play, in a folder of its own; return 0 if every promise was kept."""
    parser = argparse.ArgumentParser(description="Une COP sur une machine / A COP on one machine")
    parser.add_argument("--en", action="store_true", help="in English")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="un dossier qui n'existe pas encore / a folder that is not there yet"
    )
    options = parser.parse_args()
    if options.keep is not None and options.keep.exists():
        parser.error(f"--keep: {options.keep}")
    folder = Path(tempfile.mkdtemp(prefix="cop-")) if options.keep is None else options.keep.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    # Ended from outside, it ends what it started too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        stage = Stage(folder, french=not options.en)
        stage.say(f"Dossier : {folder}", f"Folder: {folder}")
        play(stage)
    except BrokenPromiseError as broken:
        sys.stdout.flush()
        sys.stderr.write(f"✗ {broken}\n")
        return 1
    finally:
        if options.keep is None:
            shutil.rmtree(folder)
    took = f"{stage.elapsed_s:.0f} s"
    stage.say(f"{stage.kept} promesses tenues, en {took}.", f"{stage.kept} promises kept, in {took}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
