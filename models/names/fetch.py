"""Names by locale from Faker, and communes from the npm package, as one file: `python fetch.py communes.json lists.json`.

`communes.json` is that of @etalab/decoupage-administratif 6.0.0 (`npm pack @etalab/decoupage-administratif`).
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

LOCALES = [
    "fr_FR",
    "fr_CH",
    "fr_BE",
    "en_GB",
    "en_US",
    "en_IE",
    "de_DE",
    "de_AT",
    "es_ES",
    "it_IT",
    "pt_PT",
    "nl_NL",
    "pl_PL",
    "tr_TR",
    "sv_SE",
    "da_DK",
    "fi_FI",
    "no_NO",
    "cs_CZ",
    "sk_SK",
    "ro_RO",
    "hu_HU",
    "hr_HR",
    "sl_SI",
    "et_EE",
    "lt_LT",
    "lv_LV",
    "en_IN",
    "fr_QC",
    "zu_ZA",
]


def names_of(locale: str) -> tuple[list[str], list[str]]:
    """Return the first names and the surnames that Faker has for a locale."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    kinds: dict[str, set[str]] = {"first": set(), "last": set()}
    for attribute in dir(provider):
        value = getattr(provider, attribute)
        kind = next((kind for kind in kinds if kind in attribute and "name" in attribute), None)
        if kind is not None and isinstance(value, (list, tuple, dict, set)):
            kinds[kind].update(
                item
                for item in value
                if isinstance(item, str) and (item.isalpha() or ("-" in item and "{" not in item))
            )
    return sorted(kinds["first"]), sorted(kinds["last"])


def main(communes: str, out: str) -> None:
    towns = sorted(
        {one["nom"] for one in json.loads(Path(communes).read_text("utf-8")) if one["type"] == "commune-actuelle"}
    )
    faker = {locale: names_of(locale) for locale in LOCALES}
    Path(out).write_text(json.dumps({"faker": faker, "towns": towns}, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
