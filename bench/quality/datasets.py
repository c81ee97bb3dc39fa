"""The sets, where each comes from, and how they are read. None of them is in this repository.

A file has one document a line: `{"id","lang","text","spans":[{"start","end","label",...}]}`; offsets are code points,
end exclusive. Some spans also have `identifier_type` (DIRECT, QUASI, NO_MASK) and `entity_id`.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.quality.french_identifiers import generate
from bench.quality.labels import NAMES
from bench.quality.score import Document, Mention

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "BOUCLIER_QUALITY_DATA"
_REPOSITORY = Path(__file__).resolve().parents[2]
_BESIDE = _REPOSITORY.parent / "shared" / "data" / "pii"
_SEED = 20261121
_PER_CLASS = 200
_SPOILED_PER_CLASS = 100


@dataclass(frozen=True, slots=True)
class Source:
    """A public set.

    Attributes:
        file: Its name in the folder of data.
        language: `fr` or `en`.
        origin: Repository, commit and path, licence.
        what: What it is and who marked it.
        only: Common labels to score, when its gold has no others; None scores all.
    """

    file: str
    language: str
    origin: str
    what: str
    only: frozenset[str] | None = None


SOURCES = (
    Source(
        "eds_pseudo_dev_fr.jsonl",
        "fr",
        "github.com/aphp/eds-pseudo at b8bfde4, data/templates.txt, about half (BSD-3-Clause)",
        "invented clinical notes, by AP-HP; their social security numbers are mostly wrong on purpose",
    ),
    Source(
        "tab_traindev_ids_en.jsonl",
        "en",
        "github.com/tama0728/TAB_tester at 7ab409a, train and dev of the Text Anonymization Benchmark (MIT)",
        "cases of the European Court of Human Rights, by hand, with direct and quasi-identifiers",
    ),
    Source(
        "europeana_train_fr.jsonl",
        "fr",
        "github.com/EuropeanaNewspapers/ner-corpora at 6bf838d, all but the last 500 sentences (CC0-1.0)",
        "old newspapers read by OCR, by hand; persons, places and organisations only",
        only=NAMES,
    ),
    Source(
        "presidio_synth_v2_en.jsonl",
        "en",
        "github.com/microsoft/presidio-research at 7622dec, data/synth_dataset_v2.json (MIT)",
        "sentences from templates, filled by Faker",
    ),
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A set in memory.

    Attributes:
        name: For the table.
        language: `fr` or `en`.
        origin: Where it comes from, with its licence.
        what: What it is and who marked it.
        documents: Texts and gold.
        digest: SHA-256 of the file, or of what was generated.
        only: Common labels to score; None scores all.
        complete: Whether all that is personal is gold. If not, precision says nothing and is not shown.
    """

    name: str
    language: str
    origin: str
    what: str
    documents: tuple[Document, ...]
    digest: str
    only: frozenset[str] | None = None
    complete: bool = True

    @property
    def characters(self) -> int:
        """Code points, all texts together."""
        return sum(len(document.text) for document in self.documents)

    @property
    def size_bytes(self) -> int:
        """UTF-8 bytes, all texts together."""
        return sum(len(document.text.encode()) for document in self.documents)


def data_folder(given: Path | None) -> Path | None:
    """Return the folder of the sets: the one given, else of the environment, else the one beside the repository."""
    if given is not None:
        return given
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    return _BESIDE if _BESIDE.is_dir() else None


def read_sets(folder: Path | None) -> Iterator[Dataset]:
    """Yield the sets that are there, then the French identifiers, which are generated."""
    for source in SOURCES:
        path = folder / source.file if folder is not None else None
        if path is None or not path.is_file():
            continue
        data = path.read_bytes()
        yield Dataset(
            path.stem,
            source.language,
            source.origin,
            source.what,
            tuple(_document(line) for line in data.decode().splitlines() if line.strip()),
            hashlib.sha256(data).hexdigest(),
            source.only,
        )
    yield french_identifiers(spoil=False)
    yield french_identifiers(spoil=True)


def french_identifiers(*, spoil: bool) -> Dataset:
    """Return generated sentences that hold one French identifier each; the gold label is its class.

    Args:
        spoil: Whether those that have a key have a wrong one: beside their word, they must be found all the same.
    """
    count = _SPOILED_PER_CLASS if spoil else _PER_CLASS
    documents = tuple(
        Document(f"fr{number}", text, (Mention(start, end, name),))
        for number, (name, text, start, end) in enumerate(generate(_SEED, count, spoil=spoil))
    )
    digest = hashlib.sha256()
    for document in documents:
        digest.update(repr(document).encode())
    return Dataset(
        "french_identifiers_wrong_keys" if spoil else "french_identifiers",
        "fr",
        f"bench/quality/french_identifiers.py, seed {_SEED}, {count} of each class",
        "generated sentences with one identifier each; what else they hold is not gold",
        documents,
        digest.hexdigest(),
        complete=False,
    )


def how_to_get_the_data() -> str:
    """Say what the sets are and where they are published."""
    lines = [
        "The sets are public and not in this repository. Put them in a folder as JSON lines,",
        '{"id","lang","text","spans":[{"start","end","label"}]} (offsets in code points, end exclusive), then',
        f"give it with --data FOLDER or {VARIABLE}. What has no file is left out:",
    ]
    lines += [f"  {source.file}\n      {source.origin}\n      {source.what}" for source in SOURCES]
    return "\n".join(lines)


def _document(line: str) -> Document:
    read = json.loads(line)
    mentions = (
        Mention(span["start"], span["end"], span["label"], span.get("identifier_type"), span.get("entity_id") or None)
        for span in read["spans"]
    )
    return Document(str(read["id"]), read["text"], tuple(mentions))
