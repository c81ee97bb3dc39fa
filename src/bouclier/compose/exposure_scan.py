"""Scan what an institution already has: read its files, ask the registry whose the signs are, and expose each.

A file that cannot be read does not stop the others; it is in the result, and makes the command end with 2, as does a
scan that read nothing. Only regular files are opened: a pipe or a device may never end. A link of a folder is not
followed, and is told if a dependence may hide behind it. Nothing goes on the network: what a file says is all there is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from bouclier.compose.documents.failures import unreadable
from bouclier.compose.documents.files import list_entries
from bouclier.compose.documents.source import Source
from bouclier.compose.exposing import adequacy_decisions
from bouclier.compose.registry_reading import registry_read
from bouclier.compose.scan_unfollowed import Looked, not_regular
from bouclier.registry.expose import moment, report_at
from bouclier.registry.scan import MAX_BYTES, scan_file
from bouclier.registry.scan_resolve import resolve
from bouclier.registry.scan_totals import Dependence, dependence_of, subject_of
from bouclier.registry.shown import clean
from bouclier.registry.signs import SignFacts, Signs, parse_signs
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bouclier.compose.configuration import Configuration
    from bouclier.registry import Registry
    from bouclier.registry.scan_model import Dependency, Gap, Scanned
    from bouclier.registry.transfer import Decisions


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read, and why.

    Attributes:
        file: Its name.
        message: Why, with the line if there is one.
        hint: What to do.
    """

    file: str
    message: Bilingual
    hint: Bilingual


class ReadFile(NamedTuple):
    """A file that was read.

    Attributes:
        file: Its name.
        kind: What it was recognised as.
        encoding: What its text was taken for when it is not UTF-8; else empty.
    """

    file: str
    kind: str
    encoding: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    """All that a scan found.

    Attributes:
        dependence: The whole dependence.
        gaps: What could not be followed in files that were read.
        unread: Files that could not be read.
        files: Files that were read.
        passed_over: How many other files of folders are none of ours.
        day: Of the exposures.
        registry: The facts.
    """

    dependence: Dependence
    gaps: tuple[Gap, ...]
    unread: tuple[Unread, ...]
    files: tuple[ReadFile, ...]
    passed_over: int
    day: dt.date
    registry: Registry

    @property
    def is_whole(self) -> bool:
        """Whether something was read, and all that looks like what is read."""
        return bool(self.files) and not self.unread


def scan_paths(
    configuration: Configuration, paths: Sequence[Path], *, day: dt.date, exclude: Sequence[str] = ()
) -> ScanResult:
    """Return the whole dependence that files and folders show at a day.

    Args:
        configuration: Says where the institution's own facts are.
        paths: Files and folders.
        day: Of the exposures, UTC.
        exclude: Patterns of files of folders to leave out.

    Raises:
        ConfigurationError: The registry cannot be read.
        RequestError: A path does not exist, or cannot be looked at.
    """
    registry = registry_read(configuration)
    signs = Signs(registry, _sign_facts().signs)
    seen = _Seen(signs.is_known)
    seen.looked.folders += [path for path in paths if _is_folder(path)]
    aside: list[Path] = []
    for listed in list_entries(paths, exclude):
        # Messages and reports show the path as it was given, so that a reader finds the file.
        if listed.regular:
            seen.read(listed.path, asked=listed.asked)
        else:
            aside.append(listed.path)
    for path in aside:  # last: what a link leads to may have been read
        seen.pass_by(path)
    dependencies = [dependency for scanned in seen.scanned for dependency in scanned.dependencies]
    return ScanResult(
        _exposed(dependencies, registry, signs, day, adequacy_decisions(configuration)),
        tuple(gap for scanned in seen.scanned for gap in scanned.gaps),
        tuple(seen.unread),
        tuple(ReadFile(scanned.file, scanned.kind.shown, scanned.encoding) for scanned in seen.scanned),
        seen.passed_over,
        day,
        registry,
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name that is too long, a folder above that may not be looked into
        raise unreadable(str(path)) from error


class _Seen:
    def __init__(self, is_known: Callable[[str], bool]) -> None:
        self.scanned: list[Scanned] = []
        self.unread: list[Unread] = []
        self.passed_over = 0
        self.looked = Looked()
        self._is_known = is_known

    def read(self, path: Path, *, asked: bool) -> None:
        file = clean(str(path))
        try:
            if path.exists() and not path.is_file():
                raise not_regular(file)
            data = Source(file, path).read(MAX_BYTES)
            scanned = scan_file(data, file, is_known=self._is_known, asked=asked)
        except RequestError as error:
            self.unread.append(Unread(file, error.message, error.hint))
            self.looked.read.add(os.path.realpath(path))
            return
        if scanned is None:
            self.passed_over += 1
            self.looked.passed.add(os.path.realpath(path))
        else:
            self.scanned.append(scanned)
            self.looked.read.add(os.path.realpath(path))

    def pass_by(self, path: Path) -> None:
        """Tell of a link or a special file of a folder, without opening it."""
        error = self.looked.why_unread(path)
        if error is None:
            self.passed_over += 1
        else:
            self.unread.append(Unread(clean(str(path)), error.message, error.hint))


def _exposed(
    dependencies: Sequence[Dependency], registry: Registry, signs: Signs, day: dt.date, decisions: Decisions
) -> Dependence:
    found = resolve(dependencies, signs)
    at = moment(registry, day)
    targets = dict.fromkeys(one.target for one in found if one.target)
    reports = {target: report_at(at, subject_of(registry, target), decisions=decisions) for target in targets}
    return dependence_of(found, reports, registry, at.ownership)


def _sign_facts() -> SignFacts:
    return parse_signs(resources.files("bouclier.registry").joinpath("data", "signs.json").read_bytes())
