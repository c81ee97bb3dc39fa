"""The network, read forwards: tables, dilated convolutions, one tag a word. Pure NumPy; a few microseconds a word.

Shapes: `n` words, `d` the width of the network, `t` tags. Source of the architecture: iterated dilated convolutions,
Strubell et al. 2017, arXiv 1702.02098; hashed embeddings, Svenstrup et al. 2017, arXiv 1709.03933.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bouclier.shield.names.features import features_of, key_of
from bouclier.shield.names.tokens import matches_of

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_MOST_REMEMBERED = 40_000
_BLOCK = 4_096


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt.

    Attributes:
        tags: Names of the tags, `O` first, then `B-…` and `I-…`.
        word: Table of words, already multiplied by the first layer: (WORDS, d).
        prefix: Likewise, (PREFIXES, d).
        suffix: Likewise, (SUFFIXES, d).
        shape: Likewise, (SHAPES, d).
        vector_keys: Sorted keys of the words that have a vector, (v,).
        vector_rows: Row of each in `vectors`, (v,).
        vectors: Likewise multiplied, (rows, d).
        lexicon_keys: Sorted keys of the words of the lexicons, (l,).
        lexicon_bits: What each is, one bit a lexicon, (l,).
        lexicons: Table of combinations of bits, likewise multiplied, (2**lexicons, d).
        bias: (d,).
        convolutions: For each layer: its dilation, kernel (3 * d, d), bias (d,).
        head: (d, t).
        head_bias: (t,).
    """

    tags: tuple[str, ...]
    word: Floats
    prefix: Floats
    suffix: Floats
    shape: Floats
    vector_keys: NDArray[np.uint32]
    vector_rows: NDArray[np.uint16]
    vectors: Floats
    lexicon_keys: NDArray[np.uint32]
    lexicon_bits: NDArray[np.uint8]
    lexicons: Floats
    bias: Floats
    convolutions: tuple[tuple[int, Floats, Floats], ...]
    head: Floats
    head_bias: Floats


@dataclass(slots=True)
class NamesModel:
    """Finds spans of names. Remembers the words it met, so not to be shared between threads.

    Attributes:
        weights: What was learnt.
        caution: Added to every tag but `O` before choosing: higher finds more and is wrong more often.
    """

    weights: Weights
    caution: float = 0.0
    _rows: dict[str, int] = field(default_factory=dict, repr=False)
    _known: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._known = np.zeros((1_024, len(self.weights.bias)), np.float32)

    def find(self, texts: Sequence[str]) -> list[list[tuple[int, int, str]]]:
        """Return, for each text, spans as (start, end exclusive, label), sorted and never overlapping."""
        if len(self._rows) > _MOST_REMEMBERED:
            self._rows.clear()
        words = [matches_of(text) for text in texts]
        gap = sum(dilation for dilation, _, _ in self.weights.convolutions)
        tags = self._tags([[match[0] for match in one] for one in words], gap)
        return [_spans(one, tag, self.weights.tags) for one, tag in zip(words, tags, strict=True)]

    def _tags(self, texts: list[list[str]], gap: int) -> list[NDArray[np.intp]]:
        """Return the number of the tag of each word; texts are read side by side, `gap` blanks between them."""
        lengths = [len(text) for text in texts]
        rows = np.zeros(sum(lengths) + gap * (len(texts) + 1), np.int32)
        at = gap
        starts = []
        for text in texts:
            starts.append(at)
            rows[at : at + len(text)] = [self._row(word) for word in text]
            at += len(text) + gap
        found = np.zeros(len(rows), np.intp)
        for first in range(0, len(rows), _BLOCK):
            low, high = max(0, first - gap), min(len(rows), first + _BLOCK + gap)
            scores = self._scores(rows[low:high])
            scores[:, 1:] += self.caution
            found[first : first + _BLOCK] = scores.argmax(axis=1)[first - low : first - low + _BLOCK]
        return [found[start : start + length] for start, length in zip(starts, lengths, strict=True)]

    def _scores(self, rows: NDArray[np.int32]) -> Floats:
        """Return the score of each tag for each word, (n, t); row 0 is a blank, and stays one in every layer."""
        weights = self.weights
        blank = rows == 0
        state = self._known[rows]
        width = state.shape[1]
        for dilation, kernel, bias in weights.convolutions:
            padded = np.zeros((len(state) + 2 * dilation, width), np.float32)
            padded[dilation:-dilation] = state
            change = padded[: -2 * dilation] @ kernel[:width]
            change += state @ kernel[width : 2 * width]
            change += padded[2 * dilation :] @ kernel[2 * width :]
            change += bias
            np.maximum(change, 0, out=change)
            state = state + change
            state[blank] = 0
        scores: Floats = state @ weights.head + weights.head_bias
        return scores

    def _row(self, word: str) -> int:
        row = self._rows.get(word)
        if row is None:
            row = self._rows[word] = len(self._rows) + 1
            if row >= len(self._known):
                self._known = np.concatenate([self._known, np.zeros_like(self._known)])
            self._known[row] = self._first_layer(word)
        return row

    def _first_layer(self, word: str) -> Floats:
        weights = self.weights
        word_row, prefix, suffix, shape = features_of(word)
        low = word.lower()
        state = weights.word[word_row] + weights.prefix[prefix] + weights.suffix[suffix] + weights.shape[shape]
        state = state + weights.bias + weights.lexicons[self._bits(low)]
        row = self._vector(word)
        if row is None:
            row = self._vector(low if low != word else word.title())
        if row is None and word.isupper():
            row = self._vector(word.title())
        if row is not None:
            state = state + weights.vectors[row]
        first: Floats = np.maximum(state, 0).astype(np.float32)
        return first

    def _bits(self, word: str) -> int:
        at = _place(self.weights.lexicon_keys, key_of(word))
        return 0 if at is None else int(self.weights.lexicon_bits[at])

    def _vector(self, word: str) -> int | None:
        at = _place(self.weights.vector_keys, key_of(word))
        return None if at is None else int(self.weights.vector_rows[at])


def _place(keys: NDArray[np.uint32], key: int) -> int | None:
    at = int(np.searchsorted(keys, np.uint32(key)))
    return at if at < len(keys) and keys[at] == key else None


def _spans(words: list[re.Match[str]], tags: NDArray[np.intp], names: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """Join words into spans: `I-` after another type, or after nothing, begins one."""
    spans: list[tuple[int, int, str]] = []
    open_label = ""
    for at in np.flatnonzero(tags):
        name = names[tags[at]]
        label = name[2:]
        start, end = words[at].span()
        goes_on = name[0] == "I" and label == open_label and at and tags[at - 1]
        if goes_on and names[tags[at - 1]][2:] == label:
            spans[-1] = (spans[-1][0], end, label)
        else:
            spans.append((start, end, label))
        open_label = label
    return spans
