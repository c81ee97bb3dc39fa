"""The last checkpoint a log published, in a file of its folder: what it must never go back behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.oversight.adapters.log_folder import sync_folder, write_durably

if TYPE_CHECKING:
    from pathlib import Path

CHECKPOINT_NAME: Final = "checkpoint"


def read_checkpoint(folder: Path) -> bytes | None:
    """Return the signed and cosigned note, or None if none was published yet.

    Raises:
        OSError: It cannot be read.
    """
    try:
        return (folder / CHECKPOINT_NAME).read_bytes()
    except FileNotFoundError:
        return None


def write_checkpoint(folder: Path, note: bytes) -> None:
    """Make a checkpoint the last published one, durably; only then may anyone be shown it.

    Raises:
        OSError: It may not be durable.
    """
    new = folder / f"{CHECKPOINT_NAME}.new"
    write_durably(new, note)
    # A crash before the rename leaves the checkpoint before; its cosignatures are asked for again.
    new.replace(folder / CHECKPOINT_NAME)
    # A crash before this line may undo the rename: nobody was shown the new one.
    sync_folder(folder)
