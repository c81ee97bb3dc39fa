"""Pseudonymise a folder, a file or a table: the same value has the same pseudonym throughout.

Names of files and folders are read too: they often name people. What cannot be read whole is not written at all, unless
that is asked for: a copy that holds a picture of a letter, or a message nobody could read, protects nobody.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from bouclier.compose.detecting import detectors
from bouclier.compose.documents.failures import unknown_format, unreadable
from bouclier.compose.documents.files import Listed, list_files
from bouclier.compose.documents.formats import TABLES, open_document
from bouclier.compose.documents.model import Block, Note
from bouclier.compose.documents.segments import plain_segment
from bouclier.compose.documents.source import UTF8, Source
from bouclier.compose.inspecting import ahead, inspect_blocks, inspect_names, name_length
from bouclier.compose.replacing import Pseudonyms, Replacer
from bouclier.compose.reports.words import notes_failure
from bouclier.compose.rewriting import AS_TEXT, rewrite
from bouclier.compose.staging import Staging, check_apart, sync_files
from bouclier.compose.vault import Vault, digest_of
from bouclier.terms.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from bouclier.compose.configuration import Configuration
    from bouclier.compose.documents.model import Document
    from bouclier.compose.vault import NewIdentity
    from bouclier.shield.adapters.cached_detectors import Detectors
    from bouclier.terms.content import EntityType, Finding
    from bouclier.terms.errors import Bilingual

    Inspected = tuple[Block, list[tuple[Finding, ...]]]

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Order:
    """What to pseudonymise, and how.

    Attributes:
        source: A file or a folder.
        out: Where to write.
        columns: Columns of tables whose every cell is replaced.
        keep: Types that are left as they are.
        exclude: Patterns of files of the folder that are left out.
        encoding: How text is encoded, where no byte order mark says otherwise.
        force: Whether what is at `out` may be replaced.
        partial: Whether files are written although parts of them cannot be inspected.
    """

    source: Path
    out: Path
    columns: frozenset[str] = frozenset()
    keep: frozenset[EntityType] = frozenset()
    exclude: Sequence[str] = ()
    encoding: str = UTF8
    force: bool = False
    partial: bool = False


@dataclass(slots=True)
class Outcome:
    """What was done.

    Attributes:
        files: Files written.
        places: How many places were replaced, by type.
        values: How many different values have a way back.
        left_out: Files that were not written, and why.
        dropped: Tables whose metadata was not written.
    """

    files: int = 0
    places: Counter[EntityType] = field(default_factory=Counter)
    values: int = 0
    left_out: list[tuple[str, Bilingual]] = field(default_factory=list)
    dropped: int = 0


def new_pseudonyms() -> Pseudonyms:
    """Return pseudonyms under a key nobody else has."""
    return Pseudonyms(secrets.token_bytes(_KEY_BYTES))


def pseudonymise(
    configuration: Configuration,
    order: Order,
    vault: Vault,
    *,
    sealed_at: tuple[Path, Sequence[object]] | None,
    identity: NewIdentity | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Outcome:
    """Write a file or a folder with what was found replaced, and seal the vault.

    Args:
        configuration: Which detectors.
        order: What to do.
        vault: New, or that of earlier runs: what it knows has the same pseudonyms again.
        sealed_at: Where to write the vault, and for which recipients; None forgets it, and there is no way back.
        identity: The key to write once all is ready, for a vault that it opens.
        progress: Called with the files done and their number.

    Raises:
        DetectorError: A detector is broken; nothing is written.
        RequestError: Something cannot be read or written, and nothing is written; of a folder, a file that cannot be
            read is left out and told in the outcome.
    """
    check_apart(order.source, order.out)
    files = list(list_files([order.source], order.exclude))
    with Staging(order.out, force=order.force) as staging:
        run = _Run(order, vault, staging)
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(run.all(configuration, files, progress))
            if order.source.is_dir():
                staging.new.mkdir(exist_ok=True)
            sync_files(staging.new)
        except OSError as error:
            raise unreadable(str(order.out)) from error
        if sealed_at is None:
            staging.publish()
        else:
            path, recipients = sealed_at
            sealed = vault.sealed(recipients)
            if identity is not None:
                identity.write()
            try:
                staging.publish(path, sealed)
            except RequestError:
                if identity is not None:
                    identity.path.unlink(missing_ok=True)
                raise
    run.outcome.places = run.replacer.counts
    run.outcome.values = len(vault.pseudonyms.originals)
    return run.outcome


@dataclass(slots=True)
class _Opened:
    """A file under way: inspected already, unless it is a table, which is read as it is written."""

    listed: Listed
    document: Document | None = None
    inspected: list[Inspected] | None = None
    failure: RequestError | None = None


class _Run:
    def __init__(self, order: Order, vault: Vault, staging: Staging) -> None:
        self._order = order
        self._vault = vault
        self._staging = staging
        self.replacer = Replacer(vault.pseudonyms, order.keep, order.columns)
        self.outcome = Outcome()
        self._names: dict[str, tuple[Finding, ...]] = {}
        self._named: dict[str, str] = {}

    async def all(
        self, configuration: Configuration, files: list[Listed], progress: Callable[[int, int], None]
    ) -> None:
        async with detectors(configuration.shield) as found:
            if self._order.source.is_dir():
                self._names = await _inspected_names(found, files)

            async def opened(listed: Listed) -> _Opened:
                return await self._open(found, listed)

            done = 0
            async for one in ahead(files, opened):
                progress(done, len(files))
                await self._write(found, one)
                done += 1
            progress(done, len(files))

    async def _open(self, found: Detectors, listed: Listed) -> _Opened:
        source = Source(str(listed.path), listed.path)
        try:
            document = open_document(
                source, listed.path.name, encoding=self._order.encoding, columns=self._order.columns
            )
            if document is None:
                raise unknown_format(source.name)
            if document.format in TABLES:
                return _Opened(listed, document)
            return _Opened(listed, document, [one async for one in inspect_blocks(found, document)])
        except RequestError as error:
            return _Opened(listed, failure=error)

    async def _write(self, found: Detectors, opened: _Opened) -> None:
        path = opened.listed.path
        try:
            if opened.failure is not None or opened.document is None:
                raise opened.failure or unknown_format(str(path))
            named = [self._replaced(part) for part in opened.listed.relative.parts] if self._names else []
            await self._rewrite(found, opened, opened.document, named)
            self.outcome.files += 1
            self.replacer.keep()
            self._named.update(zip(opened.listed.relative.parts, named, strict=False))
        except RequestError as error:
            self.replacer.forget()
            if not self._order.source.is_dir():
                raise
            self.outcome.left_out.append((str(opened.listed.relative), error.message))

    async def _rewrite(self, found: Detectors, opened: _Opened, document: Document, named: list[str]) -> None:
        path = opened.listed.path
        source = Source(str(path), path)
        target = self._staging.new
        if named:
            if document.format in AS_TEXT:
                named = [*named[:-1], f"{named[-1]}.txt"]
            target = self._staging.target(Path(*named))
        inspected = inspect_blocks(found, document) if opened.inspected is None else _each(opened.inspected)
        try:
            kept = await rewrite(document, inspected, source, target, self.replacer)
            unseen: dict[Note, int] = {
                note: count for note, count in document.notes.items() if note is not Note.METADATA
            }
            if unseen and not self._order.partial:
                raise notes_failure(source.name, unseen)
        except RequestError:
            target.unlink(missing_ok=True)
            raise
        self.outcome.dropped += Note.METADATA in document.notes
        if kept or self._order.encoding != UTF8:
            digest = digest_of(target)
            if kept:
                self._vault.kept[digest] = kept
            if self._order.encoding != UTF8:
                self._vault.encodings[digest] = document.encoding or UTF8

    def _replaced(self, part: str) -> str:
        """Return a part of a path with what was found in it replaced; counted once, with the first file written."""
        if part in self._named:
            return self._named[part]
        segment = plain_segment(part[: name_length(part)])  # the name as it is written, so that it comes back
        return self.replacer.replace(Block(part, (segment,), first_line=None), [self._names[part]]).raw


async def _inspected_names(found: Detectors, files: list[Listed]) -> dict[str, tuple[Finding, ...]]:
    return await inspect_names(found, {part for listed in files for part in listed.relative.parts})


async def _each(inspected: list[Inspected]) -> AsyncIterator[Inspected]:
    for one in inspected:
        yield one
