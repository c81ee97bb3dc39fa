"""A token classifier of a few kilobytes, made by hand: it tags the words it was told, whatever stands around them.

Its network is one look-up: a row of scores for each token. It is written in ONNX's own bytes (protocol buffers; field
numbers from onnx.proto, IR version 9), so that no other library is needed.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
_FLOAT, _INT64 = 1, 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _value(name: str, kind: int, *dimensions: str) -> bytes:
    shape = b"".join(_field(1, _field(2, one)) for one in dimensions)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))


def network(rows: Sequence[Sequence[float]], inputs: Sequence[str] = ("input_ids", "attention_mask")) -> bytes:
    """A model that answers, for each token, its row of scores."""
    raw = b"".join(struct.pack("<f", score) for row in rows for score in row)
    table = _field(1, len(rows)) + _field(1, len(rows[0])) + _field(2, _FLOAT) + _field(8, "table") + _field(9, raw)
    node = _field(1, "table") + _field(1, inputs[0]) + _field(2, "logits") + _field(4, "Gather")
    graph = _field(1, node) + _field(2, "names") + _field(5, table)
    graph += b"".join(_field(11, _value(one, _INT64, "batch", "sequence")) for one in inputs)
    graph += _field(12, _value("logits", _FLOAT, "batch", "sequence", "labels"))
    return _field(1, 9) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 17))


def write_classifier(
    folder: Path,
    words: Mapping[str, str],
    *,
    labels: Sequence[str] = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC"),
    strip_accents: bool = False,
    positions: int = 512,
) -> Path:
    """Write a classifier that tags `words` (a piece within a word begins with `##`), and return its folder."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: PLC0415 -- an extra

    vocabulary = {token: number for number, token in enumerate((*_SPECIAL, *words))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=strip_accents)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    rows = [[6.0 if label == words.get(token, "O") else 0.0 for label in labels] for token in vocabulary]
    (folder / "model.onnx").write_bytes(network(rows))
    config = {"id2label": dict(enumerate(labels)), "max_position_embeddings": positions, "pad_token_id": 0}
    (folder / "config.json").write_text(json.dumps(config))
    return folder
