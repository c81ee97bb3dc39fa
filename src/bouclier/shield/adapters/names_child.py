"""The child that knows names: `python -m bouclier.shield.adapters.names_child SPEC`. Only it loads a model.

`load_names` is where a kind of model is found: to add one is to add an entry to `_LOADERS` and to `names_spec`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.shield.adapters.child_loop import serve_frames
from bouclier.shield.adapters.names_spec import ONNX, OURS, SPACY, unpack_spec
from bouclier.shield.adapters.onnx_folder import read_onnx_folder
from bouclier.shield.name_spans import name_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bouclier.shield.adapters.child_loop import Find
    from bouclier.shield.adapters.names_spec import NamesSpec
    from bouclier.terms.content import Finding

_KEPT_PIPES = frozenset({"ner"})
_BATCH = 256  # a frame holds few characters however many its texts: all of them at once take half the time


def load_names(spec: NamesSpec) -> Find:
    """Load a model and return what finds names in texts.

    Raises:
        OSError: There is no such model.
        ImportError: What runs it is not installed.
        BouclierError: The model cannot be used, and why.
    """
    loader = _LOADERS.get(spec.kind)
    if loader is None:
        raise OSError(spec.kind)
    return loader(spec)


def _load_ours(_spec: NamesSpec) -> Find:
    """Load the model that comes with Bouclier."""
    # One core is enough for it, and threads that wait for one another would take the gateway's.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from bouclier.shield.adapters.names_weights import packaged_model  # noqa: PLC0415 -- NumPy, for this child alone

    model = packaged_model()

    def find(texts: Sequence[str]) -> list[list[Finding]]:
        return [name_findings(text, spans, model=OURS) for text, spans in zip(texts, model.find(texts), strict=True)]

    return find


def _load_onnx(spec: NamesSpec) -> Find:
    """Load a token classifier from its folder."""
    from bouclier.shield.adapters.onnx_names import OnnxNames  # noqa: PLC0415 -- a large runtime, for this child alone

    return OnnxNames(read_onnx_folder(Path(spec.place), spec.labels)).find


def _load_spacy(spec: NamesSpec) -> Find:
    """Load a spaCy model, its name recognition only."""
    model = spec.place
    import spacy  # noqa: PLC0415 -- seconds and hundreds of megabytes, for this child alone

    pipes = spacy.util.get_package_path(model) if spacy.util.is_package(model) else None
    if pipes is None:
        raise OSError(model)
    meta = spacy.util.load_meta(next(pipes.glob("*/meta.json"), pipes / "meta.json"))
    language = spacy.load(model, exclude=[name for name in meta["pipeline"] if name not in _KEPT_PIPES])

    def find(texts: Sequence[str]) -> list[list[Finding]]:
        documents = language.pipe(texts, batch_size=_BATCH)
        return [
            name_findings(text, [(span.start_char, span.end_char, span.label_) for span in document.ents], model=model)
            for text, document in zip(texts, documents, strict=True)
        ]

    return find


_LOADERS: dict[str, Callable[[NamesSpec], Find]] = {OURS: _load_ours, SPACY: _load_spacy, ONNX: _load_onnx}


if __name__ == "__main__":
    sys.exit(serve_frames(lambda: load_names(unpack_spec(sys.argv[1]))))
