"""The documentation as tests read it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`([^`\n]+)`")


def all_pages() -> list[Path]:
    """Every page a person may read, in order."""
    return [
        *sorted(ROOT.glob("*.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "specs").rglob("*.md")),
        *sorted((ROOT / "changelog.d").glob("*.md")),
        *sorted((ROOT / "bench").glob("*.md")),
        *sorted((ROOT / "models").rglob("*.md")),
    ]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: Path, language: str) -> list[str]:
    """The code blocks of a page in one language, without the indentation they share with their list."""
    found = [match for match in _FENCE.finditer(read(path)) if match[2] == language]
    return [re.sub(rf"^{match[1]}", "", match[3], flags=re.MULTILINE) for match in found]


def without_blocks(text: str) -> str:
    return _FENCE.sub("", text)


def named(path: Path) -> set[str]:
    """Everything a page names in a code span."""
    return set(_CODE_SPAN.findall(without_blocks(read(path))))


def shown(path: Path) -> str:
    """A page's path as messages name it."""
    return str(path.relative_to(ROOT))
