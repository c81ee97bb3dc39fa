"""What jurists and stewards do with a charter before it is signed: run its cases, check it, put it on trial."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.charter import bundle_of
from bouclier.charter.adapters.charter_files import charter_files, load_charter
from bouclier.charter.cases import run_case, untested
from bouclier.charter.lint import lint
from bouclier.charter.parse import TESTS_FILE, TEXT_FILES
from bouclier.compose.charter_cases import read_cases
from bouclier.compose.filing import unwritable
from bouclier.compose.law_source import shadow_file
from bouclier.compose.recording import entries
from bouclier.compose.whole_files import write_whole
from bouclier.oversight import ShadowEntry, parse_entry
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bouclier.charter import Charter, Policy
    from bouclier.charter.cases import CaseResult
    from bouclier.charter.flaws import Flaw

MAX_INDEXES: Final = 20
"""Entries named for each thing that is counted: enough to look at."""


class PackRun(NamedTuple):
    """The cases of a pack, run.

    Attributes:
        pack: Its name.
        file: Of its cases.
        results: One for each case; empty when the pack has no cases.
    """

    pack: str
    file: str
    results: tuple[CaseResult, ...]


class CharterRun(NamedTuple):
    """The cases of a charter, run.

    Attributes:
        packs: In the order of the charter.
        untested: Policies that no case sees decide.
        policies: How many policies there are.
    """

    packs: tuple[PackRun, ...]
    untested: tuple[Policy, ...]
    policies: int

    @property
    def failing(self) -> int:
        """How many cases were not answered as expected."""
        return sum(bool(result.problems) for pack in self.packs for result in pack.results)


def run_tests(place: Path | None) -> CharterRun:
    """Run every pack's cases against the whole charter.

    Args:
        place: A folder or a bundle; None for the charter of the package.

    Raises:
        CharterError: The charter does not load.
        ConfigurationError: A file of cases cannot be read.
    """
    charter = load_charter(place)
    packs = tuple(_run_pack(pack, place, charter) for pack in charter.packs)
    return CharterRun(packs, untested(charter, (one for pack in packs for one in pack.results)), len(charter.policies))


def _run_pack(pack: str, place: Path | None, charter: Charter) -> PackRun:
    path = f"packs/{pack}/{TESTS_FILE}"
    file = path if place is None else f"{place}/{path}"
    text = charter.files.get(path)
    if text is None:
        return PackRun(pack, file, ())
    return PackRun(pack, file, tuple(run_case(case, charter) for case in read_cases(text, file, charter)))


def lint_charter(place: Path | None) -> tuple[Flaw, ...]:
    """Return what is unfinished in a charter.

    Raises:
        CharterError: The charter does not load.
    """
    return lint(load_charter(place))


def shown(place: Path | None, *, pack: str | None, french: bool) -> Iterator[str]:
    """Yield what a charter says as lines for people: its packs and policies, or the human text of one pack.

    Raises:
        CharterError: The charter does not load.
        RequestError: It has no such pack.
    """
    charter = load_charter(place)
    if pack is not None:
        yield from _pack_text(charter, pack, french=french)
        return
    about = charter.about
    yield f"{about.name.fr if french else about.name.en} {about.version} ({about.date})"
    yield about.status.fr if french else about.status.en
    yield charter.digest
    for name, of_pack in charter.packs.items():
        yield f"\n{name} {of_pack.version} ({of_pack.date}) — {of_pack.title.fr if french else of_pack.title.en}"
        for policy in charter.policies.values():
            if policy.file.startswith(f"packs/{name}/"):
                ref, effect = policy.ref, policy.effect if policy.action == "infer" else policy.action
                yield f"  {effect} {ref.id}: {ref.title_fr if french else ref.title_en}"
                yield f"      {ref.basis}"


def _pack_text(charter: Charter, pack: str, *, french: bool) -> Iterator[str]:
    text = charter.files.get(f"packs/{pack}/{TEXT_FILES[0 if french else 1]}")
    if text is None:
        listed = ", ".join(charter.packs)
        raise RequestError(
            Bilingual(f"Pas de texte pour un pack « {pack} ».", f"No text for a pack '{pack}'."),
            Bilingual(f"Packs : {listed}.", f"Packs: {listed}."),
            param="--pack",
        )
    yield from text.splitlines()


# ---- On trial ---------------------------------------------------------------------------------------------


def put_on_trial(place: Path, data: Path) -> str:
    """Have the gateway of a data folder record what another charter would decide; return that charter's digest.

    Raises:
        CharterError: The charter does not load: it is not put on trial.
        StorageError: The folder cannot be written.
    """
    load_charter(place)
    bundle = bundle_of(charter_files(place))
    file = shadow_file(data)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, bundle)
    except OSError as error:
        raise unwritable(file, error) from error
    return sha256(bundle).hexdigest()


def end_trial(data: Path) -> bool:
    """Have the gateway of a data folder record that no more; return whether it did.

    Raises:
        StorageError: The folder cannot be written.
    """
    file = shadow_file(data)
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise unwritable(file, error) from error
    return True


def on_trial(data: Path) -> str | None:
    """Return the digest of the charter on trial; None if there is none.

    Raises:
        StorageError: It cannot be read.
    """
    file = shadow_file(data)
    try:
        return sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unwritable(file, error) from error


@dataclass(slots=True)
class TrialReport:
    """What one charter on trial would have decided otherwise.

    Attributes:
        charter: Its digest.
        differing: Number of decisions it would have taken otherwise.
        refused: Number of those that it would have refused altogether.
        verdicts: How often it would have permitted or forbidden each deployment, and by which policies.
        indexes: Of the decisions, the first ones.
    """

    charter: str
    differing: int = 0
    refused: int = 0
    verdicts: Counter[tuple[str, bool, tuple[str, ...]]] = field(default_factory=Counter)
    indexes: list[int] = field(default_factory=list)


def trial_reports(data: Path) -> tuple[int, tuple[TrialReport, ...]]:
    """Return how many decisions a log holds, and what each charter on trial would have decided otherwise.

    Raises:
        StorageError: There is no log, or it is damaged.
        VerificationError: An entry is malformed.
    """
    reports: dict[str, TrialReport] = {}
    decisions = 0
    for logged in entries(data):
        # Canonical JSON spells its kind in one way: most entries need not be read for it.
        decisions += b'"kind":"decision"' in logged.entry
        entry = parse_entry(logged.entry) if b'"kind":"shadow"' in logged.entry else None
        if not isinstance(entry, ShadowEntry):
            continue
        report = reports.setdefault(entry.charter, TrialReport(entry.charter))
        report.differing += 1
        report.refused += entry.chosen is None
        for candidate in entry.candidates:
            report.verdicts[(candidate.deployment, candidate.permitted, candidate.policies)] += 1
        if len(report.indexes) < MAX_INDEXES:
            report.indexes.append(entry.decision_index)
    return decisions, tuple(reports.values())
