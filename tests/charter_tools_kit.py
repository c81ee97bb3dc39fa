"""Charters made for tests: the starter's schema, and packs of one's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bouclier.charter import parse_charter
from bouclier.charter.adapters.charter_files import charter_files

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.charter import Charter

STARTER_FILES = charter_files()
BASE = (
    '@id("anything-goes") @basis("Loi, art. 1") @title_fr("Tout est permis.") @title_en("Everything is permitted.")\n'
    'permit (principal, action == Bouclier::Action::"infer", resource);\n'
)


def policy(
    identifier: str,
    when: str,
    *,
    effect: str = "forbid",
    action: str = "infer",
    duty: str = "",
    title: str = "Une règle.",
) -> str:
    """Return a policy's text."""
    owed = f'@duty("{duty}")\n' if duty else ""
    return (
        f'@id("{identifier}")\n@basis("Loi, art. 2")\n@title_fr("{title}")\n@title_en("A rule.")\n{owed}'
        f'{effect} (principal, action == Bouclier::Action::"{action}", resource)\nwhen {{ {when} }};\n'
    )


def files(**packs: dict[str, str]) -> dict[str, str]:
    """Return the texts of a charter with a base that permits everything, and packs given by their files."""
    about = json.loads(STARTER_FILES["charter.json"])
    every = {"socle": {"policies.cedar": BASE}, **packs}
    found = {
        "charter.json": json.dumps({**about, "packs": list(every)}),
        "schema.cedarschema": STARTER_FILES["schema.cedarschema"],
    }
    for name, texts in every.items():
        about_pack = {**json.loads(STARTER_FILES["packs/socle/pack.json"]), "name": name}
        whole = {
            "pack.json": json.dumps(about_pack),
            "text.fr.md": "# Texte\n",
            "text.en.md": "# Text\n",
            "tests.yaml": "format: bouclier-charter-tests/v1\ncases:\n  - {case: c, to: own, expect: permit}\n",
            **texts,
        }
        found |= {f"packs/{name}/{file}": text for file, text in whole.items() if text}
    return found


def charter_of(*policies: str, data: dict[str, Any] | None = None, **texts: str) -> Charter:
    """Return a charter of the base and one pack."""
    given = {"policies.cedar": "\n".join(policies), **texts}
    if data is not None:
        given["data.json"] = json.dumps({"format": "bouclier-pack-data/v1", **data})
    return parse_charter(files(essai=given))


def written(folder: Path, texts: dict[str, str]) -> Path:
    """Write a charter's texts under a folder, and return it."""
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder
