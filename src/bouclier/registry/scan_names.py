"""Tell by its name that a file of a folder is one of those read here, whatever became of what it holds.

A name only ever adds a warning: what cannot be read hides what it depends on. A file that is read is recognised by what
it holds.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Final

_SURELY: Final = (
    "compose.y*ml", "docker-compose.y*ml", "docker-compose.*.y*ml", "*.tf.json", "*.tfstate", "*.cdx.json",
    "*.cdx.xml", "*.cyclonedx.json", "*.spdx", "*.spdx.json", "bom.json", "bom.xml", "sbom.json",
)  # fmt: skip
_LIKELY: Final = ("compose*.y*ml", "docker-compose*.y*ml", "*plan*.json", "*sbom*.json", "*.csv", "*.tsv")
_TREES: Final = (".json", ".yml", ".yaml")
_WORDS: Final = re.compile(rb"\b(bomFormat|CycloneDX|spdxVersion|SPDXRef|terraform|planned_values|services|image\s*:)")


def is_surely_ours(file: str) -> bool:
    """Return whether a name is given to nothing else: a file so named that is not recognised is told.

    >>> is_surely_ours("deploy/compose.yaml"), is_surely_ours("menu-plan.json")
    (True, False)
    """
    return _named(file, _SURELY)


def is_likely_ours(data: bytes, file: str) -> bool:
    """Return whether a name, or a word in it, makes a file that is malformed worth telling."""
    return _named(file, _LIKELY) or (file.lower().endswith(_TREES) and _WORDS.search(data) is not None)


def may_be_ours(name: str) -> bool:
    """Return whether a file so named may be one of ours, of which nothing but the name may be looked at.

    >>> may_be_ours("deploy.yaml"), may_be_ours("python3")
    (True, False)
    """
    return _named(name, _SURELY) or name.lower().endswith((*_TREES, ".csv", ".tsv"))


def _named(file: str, patterns: tuple[str, ...]) -> bool:
    name = re.split(r"[/\\]", file)[-1].lower()
    return any(fnmatchcase(name, pattern) for pattern in patterns)
