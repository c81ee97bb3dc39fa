"""Put the values back into what was pseudonymised, with its vault."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.compose.documents.archives import open_archive
from bouclier.compose.documents.files import list_files
from bouclier.compose.documents.formats import TABLES, format_of
from bouclier.compose.documents.model import Format, Spelling
from bouclier.compose.documents.source import Source
from bouclier.compose.parquet_rewriting import restore_parquet
from bouclier.compose.replacing import restored, restored_pieces
from bouclier.compose.rewriting import ARCHIVES, AS_TEXT, copy_archive, text_encoding
from bouclier.compose.staging import Staging, check_apart, sync_files
from bouclier.compose.vault import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bouclier.compose.replacing import Kept
    from bouclier.compose.vault import Vault

_SPELLINGS = {
    Format.JSON: Spelling.JSON,
    Format.JSONL: Spelling.JSON,
    Format.HTML: Spelling.MARKUP,
    Format.CSV: Spelling.CSV,
    Format.TSV: Spelling.CSV,
}


@dataclass(slots=True)
class Restored:
    """What was done.

    Attributes:
        files: Files written.
        unknown: Pseudonyms that this vault does not know, left as they are; secrets have no way back.
    """

    files: int = 0
    unknown: int = 0


def restore_files(
    source: Path,
    out: Path,
    vault: Vault,
    *,
    force: bool = False,
    encoding: str = "utf-8",
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Restored:
    """Write a file or a folder with the values put back.

    Args:
        source: What was pseudonymised.
        out: Where to write.
        vault: What leads back.
        force: Whether what is there may be replaced.
        encoding: How text is encoded, where neither the vault nor a byte order mark says otherwise.
        progress: Called with the files done and their number.

    Raises:
        RequestError: Something cannot be read or written; nothing is written then.
    """
    check_apart(source, out)
    files = list(list_files([source]))
    outcome = Restored()
    with Staging(out, force=force) as staging:
        folder = source.is_dir()
        for done, listed in enumerate(files):
            progress(done, len(files))
            target = staging.new
            if folder:
                names = [
                    restored(name, vault.pseudonyms.originals, Spelling.PLAIN)[0] for name in listed.relative.parts
                ]
                target = staging.target(Path(*map(_harmless, names)))
            _Restoring(listed.path, target, vault, encoding, outcome).run()
            outcome.files += 1
        progress(len(files), len(files))
        if folder:
            staging.new.mkdir(exist_ok=True)
        sync_files(staging.new)
        staging.publish()
    return outcome


def _harmless(name: str) -> str:
    """Return a name of a file: a value may be anything, and must not lead out of the folder."""
    return "_" if name in {"", ".", ".."} else name.replace("/", "_")


class _Restoring:
    def __init__(self, path: Path, target: Path, vault: Vault, encoding: str, outcome: Restored) -> None:
        self._source = Source(str(path), path)
        self._target = target
        self._originals = vault.pseudonyms.originals
        digest = digest_of(path) if vault.kept or vault.encodings else ""
        self._kept = vault.kept.get(digest, [])
        self._encoding = vault.encodings.get(digest, encoding)
        self._outcome = outcome

    def run(self) -> None:
        path = self._source.path
        assert path is not None
        format_ = format_of(self._source, path.name)
        if format_ is None or format_ in AS_TEXT:
            shutil.copyfile(path, self._target)
        elif format_ is Format.PARQUET:
            restore_parquet(self._source, self._target, self._back)
        elif format_ in ARCHIVES:
            self._archive()
        else:
            self._text(format_)

    def _text(self, format_: Format) -> None:
        encoding = self._source.encoding(self._encoding)
        mark, rest = text_encoding(encoding, self._source)
        chunks: Iterable[str]
        chunks = self._source.lines(encoding) if format_ in TABLES else [self._source.text(encoding)]
        with self._target.open("wb") as file:
            file.write(mark)
            for piece in self._pieces(chunks, self._kept, _SPELLINGS.get(format_, Spelling.PLAIN)):
                file.write(piece.encode(rest))

    def _archive(self) -> None:
        parts: dict[str, str] = {}
        with open_archive(self._source) as archive:
            for member in archive.members:
                if member.filename.endswith((".xml", ".rels", ".rdf")):
                    raw = archive.read(member).decode("utf-8")
                    kept = [one for one in self._kept if one.part == member.filename]
                    parts[member.filename] = "".join(self._pieces([raw], kept, Spelling.MARKUP))
        with self._target.open("wb") as file:
            copy_archive(self._source, file, parts)

    def _pieces(self, chunks: Iterable[str], kept: Sequence[Kept], spelling: Spelling) -> Iterator[str]:
        for text, unknown in restored_pieces(chunks, kept, self._originals, spelling):
            self._outcome.unknown += unknown
            yield text

    def _back(self, text: str) -> str:
        back, unknown = restored(text, self._originals, Spelling.PLAIN)
        self._outcome.unknown += unknown
        return back
