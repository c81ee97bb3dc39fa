"""The folder of a token classifier, as Hugging Face's tools export it: what is in it, and what its labels mean.

    model.onnx (or onnx/model.onnx)    the network
    tokenizer.json                     how it cuts a text
    config.json                        `id2label`: its labels by number

It is read without the runtime, so that a gateway says at start what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from bouclier.shield.token_spans import OUTSIDE, base_label
from bouclier.terms.content import EntityType
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MAX_CONFIG_BYTES = 8 << 20
_TOKENS = 512

# Labels that published classifiers use, upper case: CoNLL and its kin, and de-identification of clinical notes in
# French and English. Seen in November 2026 in the documentation of spaCy, of EDS-pseudo and of the i2b2 2014 task.
_LABELS: dict[str, EntityType | None] = {
    **dict.fromkeys(("PER", "PERS", "PERSON", "NAME", "NOM", "PRENOM", "FIRSTNAME", "LASTNAME"), EntityType.PERSON),
    **dict.fromkeys(("PATIENT", "DOCTOR", "GIVENNAME", "SURNAME", "USERNAME"), EntityType.PERSON),
    **dict.fromkeys(("LOC", "LOCATION", "GPE", "CITY", "VILLE", "COUNTRY", "STATE"), EntityType.LOCATION),
    **dict.fromkeys(("ORG", "ORGANIZATION", "ORGANISATION", "HOSPITAL", "HOPITAL"), EntityType.ORGANIZATION),
    **dict.fromkeys(("ADRESSE", "ADDRESS", "STREET", "ZIP", "ZIPCODE"), EntityType.ADDRESS),
    **dict.fromkeys(("MAIL", "EMAIL"), EntityType.EMAIL),
    **dict.fromkeys(("TEL", "PHONE", "FAX", "TELEPHONENUM"), EntityType.PHONE),
    **dict.fromkeys(("DATE", "TIME"), EntityType.DATE),
    **dict.fromkeys(("DATE_NAISSANCE", "BIRTH_DATE", "DATEOFBIRTH"), EntityType.BIRTH_DATE),
    "AGE": EntityType.AGE,
    "SECU": EntityType.NIR,
    **dict.fromkeys(("IPP", "MEDICALRECORD"), EntityType.PATIENT_NUMBER),
    "NDA": EntityType.STAY_NUMBER,
    **dict.fromkeys(("ID", "IDNUM"), EntityType.IDENTIFIER),
    "MISC": None,
    "PROFESSION": EntityType.DEMOGRAPHIC,
}


class _Config(msgspec.Struct):
    id2label: dict[str, str]
    max_position_embeddings: int = _TOKENS
    pad_token_id: int | None = None


@dataclass(frozen=True, slots=True)
class OnnxFolder:
    """A classifier that can be loaded.

    Attributes:
        name: The folder's, told in `validated_by`.
        model: The network's file.
        tokenizer: The tokenizer's file.
        labels: By number, as the model has them.
        types: What each label without prefix means; None for what is not looked for.
        tokens: Most tokens of one reading.
        pad: Number of the token that fills a row.
    """

    name: str
    model: Path
    tokenizer: Path
    labels: tuple[str, ...]
    types: dict[str, EntityType | None]
    tokens: int
    pad: int


def read_onnx_folder(folder: Path, labels: Mapping[str, EntityType | None]) -> OnnxFolder:
    """Read what a folder holds, without loading the network.

    Args:
        folder: The folder.
        labels: What labels mean, where our table does not know them or the institution wants otherwise.

    Raises:
        ConfigurationError: A file is missing or makes no sense, or a label has no meaning.
    """
    model = next((path for path in (folder / "model.onnx", folder / "onnx" / "model.onnx") if path.is_file()), None)
    tokenizer, config_file = folder / "tokenizer.json", folder / "config.json"
    missing = [path.name for path in (tokenizer, config_file) if not path.is_file()]
    if model is None:
        missing.insert(0, "model.onnx")
    if model is None or missing:
        listed = ", ".join(missing)
        raise refused(folder, Bilingual(f"il n'y a pas {listed}", f"{listed} is not there"), _AN_EXPORT)
    config = _config(config_file, folder)
    ordered = _ordered(config, folder)
    return OnnxFolder(
        name=folder.name,
        model=model,
        tokenizer=tokenizer,
        labels=ordered,
        types=_types(ordered, labels, folder),
        # CamemBERT and its kin number positions from two on.
        tokens=max(8, min(config.max_position_embeddings - 2, _TOKENS)),
        pad=config.pad_token_id or 0,
    )


def refused(folder: Path, why: Bilingual, hint: Bilingual) -> ConfigurationError:
    """Return the error that says why a folder cannot be used."""
    return ConfigurationError(
        Bilingual(f"Le modèle de noms {folder} : {why.fr}.", f"The model of names {folder}: {why.en}."),
        hint,
        param="shield.names",
    )


_AN_EXPORT = Bilingual(
    "Il faut model.onnx, tokenizer.json et config.json, tels que « optimum-cli export onnx » les écrit.",
    "It takes model.onnx, tokenizer.json and config.json, as `optimum-cli export onnx` writes them.",
)


def _config(file: Path, folder: Path) -> _Config:
    try:
        if file.stat().st_size > _MAX_CONFIG_BYTES:
            raise refused(folder, Bilingual("config.json est trop gros", "config.json is too large"), _AN_EXPORT)
        return msgspec.json.decode(file.read_bytes(), type=_Config)
    except (OSError, msgspec.DecodeError) as error:
        raise refused(
            folder,
            Bilingual(
                "config.json ne se lit pas, ou n'a pas id2label", "config.json cannot be read, or lacks id2label"
            ),
            _AN_EXPORT,
        ) from error


def _ordered(config: _Config, folder: Path) -> tuple[str, ...]:
    ordered = tuple(config.id2label.get(str(number), "") for number in range(len(config.id2label)))
    if len(ordered) < 2 or not all(ordered) or not any(base_label(one) != OUTSIDE for one in ordered):  # noqa: PLR2004
        raise refused(
            folder,
            Bilingual("id2label ne numérote pas ses étiquettes de 0 en 0", "id2label does not number labels from 0 on"),
            _AN_EXPORT,
        )
    return ordered


def _types(
    ordered: tuple[str, ...], given: Mapping[str, EntityType | None], folder: Path
) -> dict[str, EntityType | None]:
    bases = {base_label(label) for label in ordered} - {OUTSIDE}
    table = {**_LABELS, **given}
    types = {base: table[base] if base in table else _LABELS.get(base.upper(), _UNKNOWN) for base in sorted(bases)}
    unknown = [base for base, kind in types.items() if kind is _UNKNOWN]
    if unknown:
        listed = ", ".join(unknown)
        raise refused(
            folder,
            Bilingual(f"étiquettes inconnues : {listed}", f"unknown labels: {listed}"),
            Bilingual(
                f"Dites ce qu'elles sont : labels: {{{unknown[0]}: PERSON}}, ou NONE pour ne pas en tenir compte.",
                f"Say what they are: labels: {{{unknown[0]}: PERSON}}, or NONE to leave them out.",
            ),
        )
    strangers = sorted(set(given) - bases)
    if strangers:
        listed = ", ".join(strangers)
        raise refused(
            folder,
            Bilingual(f"il n'a pas ces étiquettes : {listed}", f"it has no such labels: {listed}"),
            Bilingual(f"Les siennes : {', '.join(sorted(bases))}.", f"It has: {', '.join(sorted(bases))}."),
        )
    return {base: kind for base, kind in types.items() if isinstance(kind, EntityType) or kind is None}


_UNKNOWN = object()
