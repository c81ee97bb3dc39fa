"""Weights of our model of names, read from a file made by `models/names/train.py`."""

from __future__ import annotations

from importlib.resources import files
from typing import IO, TYPE_CHECKING

import numpy as np

from bouclier.shield.names import NamesModel, Weights

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_PACKAGED = files("bouclier.shield") / "data" / "names-fr-en.npz"
_CAUTION = 0.2
"""Chosen on development sets: a little more found, at little cost; see `models/names/README.md`."""

_TABLES = ("word", "prefix", "suffix", "shape")


def packaged_model() -> NamesModel:
    """Return the model that comes with Bouclier.

    Raises:
        OSError: Its weights are missing or damaged.
    """
    with _PACKAGED.open("rb") as file:
        model = read_model(file)
    model.caution = _CAUTION
    return model


def read_model(file: IO[bytes] | Path) -> NamesModel:
    """Return a model from its file.

    The first layer is linear: each table is multiplied by its part of it once, here, so that a word costs a sum.

    Raises:
        OSError: It is no such file.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return _model(arrays)
    except (KeyError, ValueError, EOFError) as error:
        raise OSError("damaged weights") from error


def _model(arrays: dict[str, NDArray[np.float32]]) -> NamesModel:
    first = arrays["first"].astype(np.float32)
    tables: dict[str, NDArray[np.float32]] = {}
    at = 0
    vectors = arrays["vectors"].astype(np.float32) * arrays["vector_scale"]
    for name, table in (
        *((name, arrays[name]) for name in _TABLES),
        ("lexicons", arrays["bits"]),
        ("vectors", vectors),
    ):
        width = table.shape[1]
        tables[name] = table.astype(np.float32) @ first[at : at + width]
        at += width
    return NamesModel(
        Weights(
            tags=tuple(arrays["tags"].tolist()),
            **tables,
            vector_keys=arrays["vector_keys"].astype(np.uint32),
            vector_rows=arrays["vector_rows"].astype(np.uint16),
            lexicon_keys=arrays["lexicon_keys"].astype(np.uint32),
            lexicon_bits=arrays["lexicon_bits"].astype(np.uint8),
            bias=arrays["first_bias"].astype(np.float32),
            convolutions=tuple(
                (
                    int(dilation),
                    arrays[f"kernel{index}"].astype(np.float32),
                    arrays[f"kernel_bias{index}"].astype(np.float32),
                )
                for index, dilation in enumerate(arrays["dilations"].tolist())
            ),
            head=arrays["head"].astype(np.float32),
            head_bias=arrays["head_bias"].astype(np.float32),
        )
    )
