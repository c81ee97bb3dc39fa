"""The published log as static files, for any web server or a folder that is carried: c2sp.org/tlog-tiles.

    DIR/checkpoint   DIR/tile/<L>/<N>[.p/<W>]   DIR/tile/entries/<N>[.p/<W>]

Run again, it adds what is new. The checkpoint comes last, so that whoever reads beside us finds all it promises.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from bouclier.compose.data_folder import log_folder
from bouclier.compose.whole_files import write_whole
from bouclier.oversight.adapters.checkpoint_file import read_checkpoint
from bouclier.oversight.adapters.log_folder import open_entries, unusable
from bouclier.oversight.adapters.log_reader import read_frames
from bouclier.oversight.adapters.tree_files import TreeImage
from bouclier.terms.errors import Bilingual, StorageError, VerificationError
from bouclier.tlog import (
    TileError,
    bundles_of,
    hash_leaf,
    parse_checkpoint,
    parse_note,
    render_bundle,
    render_tile_path,
    root_from_tiles,
    tiles_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.tlog import Checkpoint


class Publication(NamedTuple):
    """What was written.

    Attributes:
        size: Number of entries of the published tree.
        files: How many files were written.
    """

    size: int
    files: int


def publish(data: Path, folder: Path) -> Publication:
    """Write what a log has published as static files.

    Args:
        data: The gateway's data folder; it may be running.
        folder: Where to; made if missing.

    Raises:
        StorageError: The log cannot be read, has published nothing, or the folder cannot be written.
        VerificationError: The folder holds another log, or a later state of this one.
    """
    source = log_folder(data)
    try:
        note = read_checkpoint(source)
        descriptor, header = open_entries(source, os.O_RDONLY)
        try:
            if note is None:
                raise StorageError(
                    Bilingual("Ce journal n'a encore rien publié.", "This log has published nothing yet."),
                    Bilingual("Démarrez la passerelle une fois.", "Start the gateway once."),
                )
            return _published(note, descriptor, TreeImage(source, header.log_id), folder)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unusable(folder, error) from error


def _published(note: bytes, descriptor: int, tree: TreeImage, folder: Path) -> Publication:
    checkpoint = parse_checkpoint(parse_note(note).text)
    # After a power cut, the tree files may be behind what was published until the log is opened again.
    if _root(tree, checkpoint.size) != checkpoint.root:
        raise _not_its_tree()
    since = _size_there(folder, checkpoint, tree)
    files = 0
    for tile in tiles_of(checkpoint.size, since=since):
        _write(folder / render_tile_path(tile), tree.tile(tile.level, tile.index, tile.width))
        files += 1
    for bundle in bundles_of(checkpoint.size, since=since):
        entries = read_frames(descriptor, tree.bundle_offset(bundle.index), bundle.width)
        if b"".join(map(hash_leaf, entries)) != tree.tile(0, bundle.index, bundle.width):
            raise _not_its_tree()
        _write(folder / render_tile_path(bundle), render_bundle(entries))
        files += 1
    _write(folder / "checkpoint", note)
    return Publication(checkpoint.size, files + 1)


def _size_there(folder: Path, checkpoint: Checkpoint, tree: TreeImage) -> int:
    """Return how much of this log a folder holds already."""
    note = read_checkpoint(folder)
    if note is None:
        return 0
    there = parse_checkpoint(parse_note(note).text)
    same = there.origin == checkpoint.origin and there.size <= checkpoint.size
    if not same or _root(tree, there.size) != there.root:
        raise VerificationError(
            Bilingual(
                f"{folder} contient un autre journal, ou un état plus récent de celui-ci",
                f"{folder} holds another log, or a later state of this one",
            ),
            Bilingual("Donnez un autre dossier.", "Give another folder."),
        )
    return there.size


def _root(tree: TreeImage, size: int) -> bytes | None:
    try:
        return root_from_tiles(tree, size)
    except TileError:
        return None


def _not_its_tree() -> VerificationError:
    return VerificationError(
        Bilingual(
            "les fichiers de l'arbre ne mènent pas à ce que le journal a publié",
            "the tree files do not lead to what the log published",
        ),
        Bilingual(
            "Redémarrez la passerelle, qui les recalcule ; si cela persiste, « bouclier log fsck » dit où.",
            "Restart the gateway, which computes them again; if it persists, `bouclier log fsck` says where.",
        ),
    )


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)
