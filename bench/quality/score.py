"""How much of the gold a system covers, and how much it covers besides.

The definitions, all on code points:

- *characters*: letters and digits only, whatever the label. Precision: of those covered, how many are gold. Recall: of
  the gold ones, how many are covered.
- *mention recall*: gold mentions whose words are all covered. Articles, prepositions and titles need not be, as in the
  Text Anonymization Benchmark (Pilán et al. 2022, §5): hiding "de la" hides nobody.
- *entity recall*: entities all of whose mentions are covered, by what the annotators said of them: DIRECT or QUASI.
  An entity with one DIRECT mention is DIRECT. Mentions judged NO_MASK are no gold at all.
- *exact*: same start, end and label. *Overlap*: same label and one character in common; a gold mention is found by any
  such prediction, and a prediction is right by any such mention.
- *leak*: of the gold mentions of a class, the share with a letter or digit left uncovered. Stricter than mention
  recall on purpose: "la" inside a number plate is no article.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

Span = tuple[int, int, str]
_Item = TypeVar("_Item")

NO_MASK = "NO_MASK"
_DIRECT = "DIRECT"
_WORD = re.compile(r"\w+")
# Words that need not be covered for a mention to be: titles, then articles and prepositions.
_TITLES = "m me mr mrs ms miss dr mme mlle"
_ENGLISH = "the a an of in on at by to for from and or with between under about no nr"
_FRENCH = "le la les l de du des d un une à au aux et en dans par sur"
_EMPTY_WORDS = frozenset(f"{_TITLES} {_ENGLISH} {_FRENCH}".split())


class Mention(NamedTuple):
    """A gold span.

    Attributes:
        start: First code point.
        end: One past the last.
        label: Its class, in the words of the set.
        identifier_type: DIRECT, QUASI or NO_MASK where the set says so.
        entity: Which entity of the document it mentions, where the set says so.
    """

    start: int
    end: int
    label: str
    identifier_type: str | None = None
    entity: str | None = None


class Document(NamedTuple):
    """A text and its gold."""

    id: str
    text: str
    mentions: tuple[Mention, ...]


@dataclass(slots=True)
class Counts:
    """True positives, false positives, false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def add(self, other: Counts) -> None:
        """Count what another counted too."""
        self.tp += other.tp
        self.fp += other.fp
        self.fn += other.fn

    @property
    def precision(self) -> float:
        """Share of what was predicted that is gold; 0 when nothing was."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of the gold that was predicted; 0 when there is none."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        return harmonic(self.precision, self.recall)


@dataclass(slots=True)
class Tally:
    """So many of so many."""

    hits: int = 0
    total: int = 0

    def count(self, *, hit: bool) -> None:
        """Count one more."""
        self.hits += hit
        self.total += 1

    def add(self, other: Tally) -> None:
        """Count what another counted too."""
        self.hits += other.hits
        self.total += other.total

    @property
    def share(self) -> float:
        """Hits over total; 0 when there are none."""
        return _share(self.hits, self.total)


def _tallies() -> defaultdict[str, Tally]:
    return defaultdict(Tally)


@dataclass(slots=True)
class Score:
    """What one system did on some documents. The fields are defined at the top of the module.

    Attributes:
        characters: Letters and digits, label ignored.
        exact: Spans, with labels.
        exact_unlabelled: Spans, label ignored.
        found: Gold spans that a prediction of their label overlaps.
        right: Predictions that overlap a gold span of their label.
        mentions: Mentions covered, by identifier type; `ALL` where the set has none.
        labels: Mentions covered, by label.
        entities: Entities covered, by identifier type.
        covered: Mentions with every letter and digit covered, by label as the set writes it.
    """

    characters: Counts = field(default_factory=Counts)
    exact: Counts = field(default_factory=Counts)
    exact_unlabelled: Counts = field(default_factory=Counts)
    found: Tally = field(default_factory=Tally)
    right: Tally = field(default_factory=Tally)
    mentions: defaultdict[str, Tally] = field(default_factory=_tallies)
    labels: defaultdict[str, Tally] = field(default_factory=_tallies)
    entities: defaultdict[str, Tally] = field(default_factory=_tallies)
    covered: defaultdict[str, Tally] = field(default_factory=_tallies)

    def add(self, other: Score) -> None:
        """Count what another counted too."""
        self.characters.add(other.characters)
        self.exact.add(other.exact)
        self.exact_unlabelled.add(other.exact_unlabelled)
        self.found.add(other.found)
        self.right.add(other.right)
        for mine, theirs in (
            (self.mentions, other.mentions),
            (self.labels, other.labels),
            (self.entities, other.entities),
            (self.covered, other.covered),
        ):
            for key, tally in theirs.items():
                mine[key].add(tally)

    @property
    def mention_recall(self) -> Tally:
        """Mentions covered, of every identifier type."""
        together = Tally()
        for tally in self.mentions.values():
            together.add(tally)
        return together

    @property
    def overlap_f1(self) -> float:
        """Harmonic mean of the gold found and of the predictions that are right."""
        return harmonic(self.right.share, self.found.share)

    @property
    def leaks(self) -> dict[str, Tally]:
        """Mentions not wholly covered, by label as the set writes it."""
        return {label: Tally(tally.total - tally.hits, tally.total) for label, tally in self.covered.items()}


def score_documents(
    documents: Iterable[Document],
    predictions: Mapping[str, Sequence[Span]],
    *,
    labels: Mapping[str, str],
    only: Collection[str] | None = None,
) -> list[Score]:
    """Score each document by itself, so that the uncertainty of the whole can be told.

    Args:
        documents: The gold.
        predictions: By id; a document that has none was predicted to hold nothing.
        labels: From labels of either side to common ones; what is not there stays as it is.
        only: Common labels to look at, on both sides; None looks at all.
    """
    return [_score(document, predictions.get(document.id, ()), labels, only) for document in documents]


def total(scores: Iterable[Score]) -> Score:
    """Add scores up."""
    together = Score()
    for score in scores:
        together.add(score)
    return together


def harmonic(one: float, other: float) -> float:
    """Return the harmonic mean, 0 if both are."""
    return 2 * one * other / (one + other) if one + other else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _score(
    document: Document, predicted: Sequence[Span], labels: Mapping[str, str], only: Collection[str] | None
) -> Score:
    text = document.text
    to_mask = (mention for mention in document.mentions if mention.identifier_type != NO_MASK)
    mentions = [(mention, labels.get(mention.label, mention.label)) for mention in to_mask]
    spans = {(start, end, labels.get(label, label)) for start, end, label in predicted}
    if only is not None:
        mentions = [pair for pair in mentions if pair[1] in only]
        spans = {span for span in spans if span[2] in only}
    gold = {(mention.start, mention.end, label) for mention, label in mentions}
    score = Score()
    score.exact = _compared(gold, spans)
    score.exact_unlabelled = _compared(
        {(start, end) for start, end, _ in gold}, {(start, end) for start, end, _ in spans}
    )
    for span in gold:
        score.found.count(hit=any(_overlap(span, other) for other in spans))
    for span in spans:
        score.right.count(hit=any(_overlap(span, other) for other in gold))
    mask = _mask(len(text), spans)
    score.characters = _characters(text, _mask(len(text), gold), mask)
    _count_mentions(score, text, mask, mentions)
    return score


def _count_mentions(score: Score, text: str, mask: bytearray, mentions: Sequence[tuple[Mention, str]]) -> None:
    entities: dict[str, tuple[bool, str]] = {}
    for mention, label in mentions:
        covered = all(_is_covered(mask, start, end) for start, end in _telling_words(text, mention.start, mention.end))
        kind = mention.identifier_type or "ALL"
        score.mentions[kind].count(hit=covered)
        score.labels[label].count(hit=covered)
        score.covered[mention.label].count(
            hit=all(mask[at] for at in range(mention.start, mention.end) if text[at].isalnum())
        )
        if mention.entity is not None:
            so_far, known = entities.get(mention.entity, (True, kind))
            entities[mention.entity] = (so_far and covered, _DIRECT if _DIRECT in (known, kind) else kind)
    for covered, kind in entities.values():
        score.entities[kind].count(hit=covered)


def _compared(gold: set[_Item], predicted: set[_Item]) -> Counts:
    return Counts(len(gold & predicted), len(predicted - gold), len(gold - predicted))


def _overlap(one: Span, other: Span) -> bool:
    return one[2] == other[2] and one[0] < other[1] and other[0] < one[1]


def _mask(length: int, spans: Iterable[Span]) -> bytearray:
    mask = bytearray(length)
    for start, end, _ in spans:
        first, last = max(start, 0), min(end, length)
        mask[first:last] = b"\x01" * max(0, last - first)
    return mask


def _characters(text: str, gold: bytearray, predicted: bytearray) -> Counts:
    counts = Counts()
    for character, is_gold, is_predicted in zip(text, gold, predicted, strict=True):
        if not (is_gold or is_predicted) or not character.isalnum():
            continue
        if is_gold and is_predicted:
            counts.tp += 1
        elif is_gold:
            counts.fn += 1
        else:
            counts.fp += 1
    return counts


def _telling_words(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    for word in _WORD.finditer(text[start:end]):
        if word.group().lower() not in _EMPTY_WORDS:
            yield start + word.start(), start + word.end()


def _is_covered(mask: bytearray, start: int, end: int) -> bool:
    return mask.count(1, start, end) == end - start
