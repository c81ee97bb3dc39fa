"""The example of `specs/registry-v2.md` is what the code makes of it, and the specification leaves no list out."""

from __future__ import annotations

import re
from pathlib import Path

from bouclier.registry import parse_registry
from bouclier.registry.parse_shapes import KINDS

SPEC = (Path(__file__).parents[3] / "specs" / "registry-v2.md").read_text(encoding="utf-8")


def test_the_example_has_the_canonical_form_and_the_digest_that_are_printed() -> None:
    example, canonical = re.findall(r"```(?:json)?\n(.+?)\n```", SPEC, re.DOTALL)
    registry = parse_registry({"example.json": example.encode()})
    assert registry.canonical.decode() == canonical
    assert f"`{registry.digest}`" in SPEC


def test_every_list_of_a_file_is_in_the_table() -> None:
    assert all(f"| `{kind}` |" in SPEC for kind in KINDS)
