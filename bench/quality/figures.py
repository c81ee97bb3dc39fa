"""The figures of one system on one set, as they are kept in the results."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.quality.intervals import by_document, wilson
from bench.quality.labels import COMMON, IDENTIFIERS, KEPT_IN_THE_TEXT, NAMES
from bench.quality.score import Tally, score_documents, total

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.quality.datasets import Dataset
    from bench.quality.score import Counts, Span

ALL_IDENTIFIERS = "all identifiers"
_DIGITS = 4


class Share(NamedTuple):
    """A share with its 95 % interval and what it is a share of."""

    value: float
    low: float
    high: float
    of: int


class Figures(NamedTuple):
    """One system on one set; the words are those of `score`.

    Attributes:
        precision: Of characters, with its interval as the next three; None where the gold is not all there is.
        recall: Of characters.
        f1: Of characters; None likewise.
        mention_recall: Of mentions covered.
        overlap_f1: Of PER, LOC and ORG alone; None likewise, or if the gold has none.
        exact_f1: Likewise.
        entities: Recall of entities, by DIRECT and QUASI, where the gold tells them.
        labels: Mention recall by common label.
        leaks: Share of mentions not wholly covered, by class as the set writes it; all
            classes of identifiers together too.
    """

    precision: Share | None
    recall: Share
    f1: Share | None
    mention_recall: Share
    overlap_f1: float | None
    exact_f1: float | None
    entities: dict[str, Share]
    labels: dict[str, Share]
    leaks: dict[str, Share]


def figures(dataset: Dataset, predictions: Mapping[str, Sequence[Span]]) -> Figures:
    """Score a system on a set."""
    scores = score_documents(dataset.documents, predictions, labels=COMMON, only=dataset.only)
    whole = total(scores)
    leaks = dict(sorted(whole.leaks.items()))
    identifiers = Tally()
    for label, tally in leaks.items():
        if label in IDENTIFIERS or not dataset.complete:
            identifiers.add(tally)
    names = total(score_documents(dataset.documents, predictions, labels=COMMON, only=NAMES))
    interval = by_document(scores)
    counts: Counts = whole.characters
    has_names = dataset.complete and names.found.total
    return Figures(
        precision=_share(counts.precision, interval.precision, counts.tp + counts.fp) if dataset.complete else None,
        recall=_share(counts.recall, interval.recall, counts.tp + counts.fn),
        f1=_share(counts.f1, interval.f1, counts.tp + counts.fn) if dataset.complete else None,
        mention_recall=_share(whole.mention_recall.share, interval.mention_recall, whole.mention_recall.total),
        overlap_f1=round(names.overlap_f1, _DIGITS) if has_names else None,
        exact_f1=round(names.exact.f1, _DIGITS) if has_names else None,
        entities={kind: _of(tally) for kind, tally in sorted(whole.entities.items())},
        labels={label: _of(tally) for label, tally in sorted(whole.labels.items())},
        leaks={label: _of(tally) for label, tally in {**leaks, ALL_IDENTIFIERS: identifiers}.items()},
    )


def categories_aside(predictions: Mapping[str, Sequence[Span]]) -> dict[str, list[Span]]:
    """Return the predictions without those that are never replaced in a text."""
    return {name: [span for span in spans if span[2] not in KEPT_IN_THE_TEXT] for name, spans in predictions.items()}


def _of(tally: Tally) -> Share:
    return _share(tally.share, wilson(tally), tally.total)


def _share(value: float, interval: tuple[float, float], of: int) -> Share:
    return Share(round(value, _DIGITS), round(interval[0], _DIGITS), round(interval[1], _DIGITS), of)
