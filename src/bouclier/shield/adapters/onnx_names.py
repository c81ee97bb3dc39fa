"""Names found by a token classifier in ONNX. Only the child of names loads this: the runtime is large.

A text longer than the network reads is read in windows that overlap; a token in two of them is what it is said to be
where it has more text around it. Rows of alike lengths are read together.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime
from tokenizers import Tokenizer

from bouclier.shield.adapters.onnx_folder import refused
from bouclier.shield.name_spans import name_findings
from bouclier.shield.overlaps import resolve_overlaps
from bouclier.shield.token_spans import Token, token_spans
from bouclier.terms.content import EntityType, Finding
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bouclier.shield.adapters.onnx_folder import OnnxFolder

_WINDOW = 256  # reading is quadratic in it, and a name needs no more text around it
_OVERLAP = 48
_BATCH_TOKENS = 4_096
_KNOWN_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_NAME_LABELS = {EntityType.PERSON: "PER", EntityType.LOCATION: "LOC", EntityType.ORGANIZATION: "ORG"}
_LEAST_SURE, _MOST_SURE = 0.5, 0.9


class OnnxNames:
    """A loaded classifier."""

    def __init__(self, folder: OnnxFolder) -> None:
        """Load a classifier and have it read one word.

        Raises:
            ConfigurationError: The network or the tokenizer cannot be loaded, or do not fit the labels.
        """
        self._folder = folder
        window = min(_WINDOW, folder.tokens)
        self._tokenizer = _tokenizer(folder, window)
        self._session = _session(folder)
        inputs = {one.name: one.type for one in self._session.get_inputs()}
        if "input_ids" not in inputs or not set(inputs) <= _KNOWN_INPUTS:
            listed = ", ".join(inputs)
            raise self._misfit(f"le réseau attend {listed}", f"the network takes {listed}")
        self._inputs = {name: np.int32 if kind == "tensor(int32)" else np.int64 for name, kind in inputs.items()}
        outputs = [one.name for one in self._session.get_outputs()]
        self._output = "logits" if "logits" in outputs else outputs[0]
        self._try()

    def find(self, texts: Sequence[str]) -> list[list[Finding]]:
        """Return the names of each text, sorted by start and never overlapping."""
        # Per text: by place, how far from the window's edge, label, score.
        said: list[dict[tuple[int, int], tuple[int, str, float]]] = [{} for _ in texts]
        for index, row, best, scores in self._read(texts):
            last = len(row.ids) - 1
            for at, (place, special) in enumerate(zip(row.offsets, row.special_tokens_mask, strict=True)):
                if special or place[0] >= place[1]:
                    continue
                margin = min(at, last - at)
                known = said[index].get(place)
                if known is None or margin > known[0]:
                    said[index][place] = (margin, self._folder.labels[int(best[at])], float(scores[at]))
        return [self._findings(text, one) for text, one in zip(texts, said, strict=True)]

    def _findings(self, text: str, said: dict[tuple[int, int], tuple[int, str, float]]) -> list[Finding]:
        tokens = [Token(*place, label, score) for place, (_, label, score) in sorted(said.items())]
        names, others = [], []
        for span in token_spans(text, tokens):
            kind = self._folder.types.get(span.label)
            if kind in _NAME_LABELS:
                names.append((span.start, span.end, _NAME_LABELS[kind]))
            elif kind is not None:
                sure = round(min(_MOST_SURE, max(_LEAST_SURE, span.score)), 2)
                others.append(Finding(span.start, span.end, kind, sure, f"ner:{self._folder.name}"))
        return resolve_overlaps(text, [*name_findings(text, names, model=self._folder.name), *others])

    def _read(self, texts: Sequence[str]) -> Iterator[tuple[int, Any, Any, Any]]:
        """Yield each window with the number of its text, the best label of each token and its score."""
        rows = [
            (index, row)
            for index, encoding in enumerate(self._tokenizer.encode_batch(list(texts)))
            for row in (encoding, *encoding.overflowing)
            if row.ids
        ]
        rows.sort(key=lambda one: len(one[1].ids))
        for batch in _batches([len(row.ids) for _, row in rows]):
            chosen = rows[batch]
            logits = self._run([row for _, row in chosen])
            exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
            scores = exponents / exponents.sum(axis=-1, keepdims=True)
            for (index, row), one in zip(chosen, scores, strict=True):
                yield index, row, one.argmax(axis=-1), one.max(axis=-1)

    def _run(self, rows: Sequence[Any]) -> Any:  # noqa: ANN401 -- an array of floats: row, token, label
        width = max(len(row.ids) for row in rows)
        feed = {}
        for name, kind in self._inputs.items():
            filled = np.full((len(rows), width), self._folder.pad if name == "input_ids" else 0, dtype=kind)
            for number, row in enumerate(rows):
                values = {"input_ids": row.ids, "attention_mask": row.attention_mask, "token_type_ids": row.type_ids}
                filled[number, : len(row.ids)] = values[name]
            feed[name] = filled
        return np.asarray(self._session.run([self._output], feed)[0], dtype=np.float32)

    def _try(self) -> None:
        """Read one word, to see that what comes out is one score per label for each token."""
        row = self._tokenizer.encode("Bonjour")
        try:
            logits = self._run([row])
        except _FAILURES as error:
            raise self._misfit(
                "le réseau ne lit pas ce tokenizer", "the network does not read this tokenizer"
            ) from error
        expected = (1, len(row.ids), len(self._folder.labels))
        if logits.shape != expected or not np.isfinite(logits).all():
            raise self._misfit(
                f"le réseau répond {logits.shape} au lieu de {expected}",
                f"the network answers {logits.shape} instead of {expected}",
            )

    def _misfit(self, fr: str, en: str) -> Exception:
        return refused(self._folder.model.parent, Bilingual(fr, en), _CLASSIFIER)


_CLASSIFIER = Bilingual(
    "Il faut un classifieur de mots (token classification) et le tokenizer avec lequel il a été entraîné.",
    "It takes a token classifier, and the tokenizer it was trained with.",
)
# The runtime's errors have no ancestor of their own.
_FAILURES: tuple[type[Exception], ...] = (
    runtime.Fail,
    runtime.InvalidArgument,
    runtime.InvalidGraph,
    runtime.InvalidProtobuf,
    runtime.NoSuchFile,
    runtime.NotImplemented,
    runtime.RuntimeException,
    RuntimeError,
    ValueError,
)


def _tokenizer(folder: OnnxFolder, window: int) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(folder.tokenizer))
    except Exception as error:  # of a bad file the library raises just that, `Exception`, whatever is wrong in it
        raise refused(
            folder.tokenizer.parent,
            Bilingual("tokenizer.json ne se lit pas", "tokenizer.json cannot be read"),
            _CLASSIFIER,
        ) from error
    tokenizer.no_padding()
    try:
        tokenizer.enable_truncation(window, stride=min(_OVERLAP, window // 4))
    except ValueError as error:  # its own special tokens fill the window
        raise refused(
            folder.tokenizer.parent,
            Bilingual(f"le tokenizer ne tient pas en {window} mots", f"the tokenizer does not fit in {window} tokens"),
            _CLASSIFIER,
        ) from error
    return tokenizer


def _session(folder: OnnxFolder) -> Any:  # noqa: ANN401 -- the library is not typed
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # the gateway has the other processors
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(folder.model), options, providers=["CPUExecutionProvider"])
    except _FAILURES as error:
        raise refused(
            folder.model.parent, Bilingual("model.onnx ne se charge pas", "model.onnx does not load"), _CLASSIFIER
        ) from error


def _batches(lengths: Sequence[int]) -> Iterator[slice]:
    """Cut sorted lengths where a batch would hold too many tokens, filling included."""
    cuts = [0]
    for index, length in enumerate(lengths):
        if (index - cuts[-1] + 1) * length > _BATCH_TOKENS and index > cuts[-1]:
            cuts.append(index)
    yield from (slice(first, last) for first, last in pairwise([*cuts, len(lengths)]) if last > first)
