"""The commands by which a charter of many is made, typed in one folder; and a charter that was."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from contextlib import redirect_stdout
from importlib import resources
from io import StringIO
from typing import TYPE_CHECKING

from bouclier.cli.charter_repository import add_actions

if TYPE_CHECKING:
    from pathlib import Path


class Terminal:
    """Commands, typed in one folder.

    Attributes:
        printed: What the last one printed, to its end or until it failed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printed = ""

    def type(self, line: str, *, french: bool = False) -> str:
        """Run `bouclier charter LINE`; what it printed. A word that starts with @ is a path of the folder."""
        parser = ArgumentParser()
        add_actions(parser.add_subparsers(required=True), lambda fr, en: fr if french else en)
        words = [str(self.folder / word[1:]) if word.startswith("@") else word for word in line.split()]
        options = parser.parse_args(words)
        out = StringIO()
        try:
            with redirect_stdout(out):
                assert options.run(options) == 0
        finally:
            self.printed = out.getvalue()
        return self.printed


def terminal_in(folder: Path) -> Terminal:
    """A terminal in a folder that holds the packaged charter as `charter`."""
    with resources.as_file(resources.files("bouclier.charter") / "data" / "charter") as starter:
        shutil.copytree(starter, folder / "charter")
    return Terminal(folder)


def found_it(terminal: Terminal) -> None:
    """Found a charter of three parties and one editor, and publish it in `served`."""
    for name in ("ana", "bob", "cleo", "editor", "snap", "stamp", "cnil-1", "cnil-2"):
        terminal.type(f"keygen {name} --out @keys")
    parties = " ".join(f"--party @keys/{name}.public" for name in ("ana", "bob", "cleo"))
    terminal.type(
        f"init --workshop @w {parties} --threshold 2 --editor @keys/editor.public "
        "--snapshot @keys/snap.public --timestamp @keys/stamp.public"
    )
    terminal.type("propose --workshop @w @charter")
    for name in ("ana", "cleo", "editor"):
        terminal.type(f"sign --workshop @w --key @keys/{name}.private --yes")
    terminal.type("publish --workshop @w --to @served --key @keys/snap.private --key @keys/stamp.private")
