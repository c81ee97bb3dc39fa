"""Small charters for tests: written as Cedar text and data, loaded as any other, or laid down in a folder.

    charter(policy("all"), policy("seen", action="oblige", duty="warn:seen"), data={"warnings": [warning("seen")]})
    write_charter(folder, files_of_charter(ORDINARY))

The schema is the one of the package: the vocabulary is no part of what a small charter changes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from bouclier.charter import Charter, parse_charter
from bouclier.charter.adapters.charter_files import charter_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA: Final = charter_files()["schema.cedarschema"]
PACK: Final = "socle"
POLICIES: Final = f"packs/{PACK}/policies.cedar"
DATA: Final = f"packs/{PACK}/data.json"

ORDINARY: Final = """
@id("classified-never-processed") @basis("b") @title_fr("f") @title_en("e")
forbid (principal, action == Bouclier::Action::"infer", resource) when { context.data_class >= 6 };
@id("sensitive-out-of-foreign-reach") @basis("Loi SREN, art. 31") @title_fr("f") @title_en("e")
forbid (principal, action == Bouclier::Action::"infer", resource)
when { context.data_class >= 4 && !resource.own && !(resource.exposure_known && resource.foreign_laws.isEmpty()) };
@id("secrets-never-leave") @basis("b") @title_fr("f") @title_en("e")
forbid (principal, action == Bouclier::Action::"infer", resource)
when { context.labels.contains("secret") && !resource.own };
@id("uninspected-never-leaves") @basis("b") @title_fr("f") @title_en("e")
forbid (principal, action == Bouclier::Action::"infer", resource)
when { context.labels.contains("uninspected") && !resource.own };
@id("own-deployments-as-is") @basis("b") @title_fr("f") @title_en("e")
permit (principal, action == Bouclier::Action::"infer", resource)
when { resource.own && context.data_class >= 2 && context.data_class <= 5 };
@id("elsewhere-pseudonymised") @basis("b") @title_fr("f") @title_en("e") @duty("pseudonymise")
permit (principal, action == Bouclier::Action::"infer", resource)
when { !resource.own && context.data_class >= 2 && context.data_class <= 5 };
@id("public-and-internal-anywhere") @basis("b") @title_fr("f") @title_en("e")
permit (principal, action == Bouclier::Action::"infer", resource) when { context.data_class <= 1 };
"""
"""What may go where at all, in seven policies."""


def policy(
    identifier: str, *, effect: str = "permit", action: str = "infer", when: str = "true", duty: str | None = None
) -> str:
    """Return the text of a policy."""
    owed = "" if duty is None else f' @duty("{duty}")'
    return (
        f'@id("{identifier}") @basis("art. {identifier}") @title_fr("Règle {identifier}.")'
        f' @title_en("Rule {identifier}."){owed}\n'
        f'{effect} (principal, action == Bouclier::Action::"{action}", resource) when {{ {when} }};\n'
    )


def forbid(identifier: str, when: str) -> str:
    """Return the text of a policy that forbids."""
    return policy(identifier, effect="forbid", when=when)


def oblige(identifier: str, duty: str, when: str = "true") -> str:
    """Return the text of a policy that obliges."""
    return policy(identifier, action="oblige", duty=duty, when=when)


def warning(identifier: str) -> dict[str, str]:
    """Return a warning of `data.json`."""
    return {"id": identifier, "fr": f"Avis {identifier}.", "en": f"Notice {identifier}.", "basis": f"art. {identifier}"}


def pack_data(**sections: object) -> str:
    """Return a `data.json`."""
    return json.dumps({"format": "bouclier-pack-data/v1", **sections}, ensure_ascii=False)


def about(*packs: str, version: str = "1") -> dict[str, Any]:
    """Return what `charter.json` says."""
    return {
        "format": "bouclier-charter/v2",
        "name": {"fr": "Essai", "en": "Trial"},
        "version": version,
        "date": "2026-01-01",
        "status": {"fr": "Essai.", "en": "Trial."},
        "packs": list(packs),
    }


def about_pack(name: str) -> dict[str, Any]:
    """Return what `pack.json` says."""
    return {
        "format": "bouclier-pack/v1",
        "name": name,
        "title": {"fr": f"Lot {name}", "en": f"Pack {name}"},
        "version": "1",
        "date": "2026-01-01",
        "basis": [],
        "limits": {"fr": [], "en": []},
    }


def files_of_charter(
    *policies: str,
    data: Mapping[str, object] | None = None,
    version: str = "1",
    packs: Mapping[str, str] | None = None,
    authorities: bytes | None = None,
) -> dict[str, str]:
    """Return the texts of a charter, by path.

    Args:
        policies: Those of its first pack.
        data: What that pack knows beside.
        version: Of the charter.
        packs: The policies of further packs, by name.
        authorities: Who may order what.
    """
    texts = {PACK: "".join(policies), **(packs or {})}
    files = {"charter.json": json.dumps(about(*texts, version=version)), "schema.cedarschema": SCHEMA}
    for name, text in texts.items():
        files[f"packs/{name}/pack.json"] = json.dumps(about_pack(name))
        files[f"packs/{name}/policies.cedar"] = text
    if data is not None:
        files[DATA] = pack_data(**data)
    if authorities is not None:
        files["authorities.json"] = authorities.decode()
    return files


def charter(
    *policies: str, data: Mapping[str, object] | None = None, packs: Mapping[str, str] | None = None
) -> Charter:
    """Return a charter that loaded."""
    return parse_charter(files_of_charter(*policies, data=data, packs=packs))


def write_charter(folder: Path, files: Mapping[str, str]) -> Path:
    """Lay a charter down in a folder; return the folder."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", newline="")
    return folder
