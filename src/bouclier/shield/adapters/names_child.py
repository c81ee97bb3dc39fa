"""The child that knows names: `python -m bouclier.shield.adapters.names_child MODEL`. Only it loads spaCy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bouclier.shield.adapters.child_loop import serve_frames
from bouclier.shield.name_spans import name_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.shield.adapters.child_loop import Find
    from bouclier.terms.content import Finding

_KEPT_PIPES = frozenset({"ner"})
_BATCH = 256  # a frame holds few characters however many its texts: all of them at once take half the time


def load_names(model: str) -> Find:
    """Load a spaCy model, its name recognition only, and return what finds names in texts.

    Raises:
        OSError: There is no such model.
        ImportError: spaCy is not installed.
    """
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


if __name__ == "__main__":
    sys.exit(serve_frames(lambda: load_names(sys.argv[1])))
