"""A model that is not in the catalogue: what somebody names by address and digest, described by its own file alone.

Rules kept here: nothing is assumed that the file does not say; who made it, and under which law, stays unknown. A file
that does not say how long a context it was trained for cannot be run safely, and is refused; so is one whose shape no
model can have. An entry is written only after it was read back as it will be: one that readers would pass over is an
error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from bouclier.fleet.catalogue import About, Fact, HubFile, ModelEntry
from bouclier.fleet.gguf import BOUNDS, MOST_CACHE_PER_TOKEN, printable
from bouclier.fleet.licences import UNKNOWN
from bouclier.fleet.sizing import estimated_base
from bouclier.terms.errors import Bilingual, ConfigurationError, VerificationError

if TYPE_CHECKING:
    import datetime as dt

    from bouclier.fleet.gguf import Metadata

LONGEST_WORD: Final = 200
LONGEST_STEM: Final = 90
LONGEST_FAMILY: Final = 40

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | tuple[Plain, ...] | str | int | float | bool | None"

_HUB_NAME = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*)/([A-Za-z0-9][A-Za-z0-9._-]{0,120}\.gguf)@([0-9a-f]{40})"
)
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")
_PARTS = re.compile(r"-[0-9]{5}-of-[0-9]{5}$")


def parse_hub_name(text: str) -> HubFile:
    """Return the file that `owner/name/file.gguf@commit` names.

    Raises:
        ConfigurationError: It is not of that form, or the file is one part of several.

    >>> parse_hub_name("essais/modele/m.gguf@" + "0" * 40).repo
    'essais/modele'
    """
    found = _HUB_NAME.fullmatch(text)
    if found is None:
        raise ConfigurationError(
            Bilingual(
                "Un fichier de plateforme se nomme hub:propriétaire/nom/fichier.gguf@commit, "
                "avec les 40 chiffres du commit.",
                "A hub's file is named hub:owner/name/file.gguf@commit, with the commit's 40 digits.",
            ),
            Bilingual(
                "L'historique du fichier sur la plateforme donne le commit ; une branche peut changer sous vos pieds.",
                "The file's history on the hub gives the commit; a branch may change under your feet.",
            ),
            param="NAME",
        )
    repo, file, revision = found.groups()
    if _PARTS.search(file.removesuffix(".gguf")):
        raise ConfigurationError(
            Bilingual(f"{file} est un morceau parmi plusieurs.", f"{file} is one part of several."),
            Bilingual("Choisissez un fichier d'un seul tenant.", "Choose a file in one piece."),
            param="NAME",
        )
    return HubFile(repo=repo, file=file, revision=revision)


def licence_word(metadata: Metadata) -> str:
    """Return what a file calls its licence; `NOASSERTION` if it calls it nothing."""
    word = metadata.text("general.license")
    if word is None or word.lower() == "other":
        word = metadata.text("general.license.name") or word
    return (word or UNKNOWN)[:LONGEST_WORD].strip()


def licence_address(metadata: Metadata) -> str | None:
    """Return where a file says its licence can be read; None if it does not, or not in the length of an address."""
    link = metadata.text("general.license.link")
    return link if link is not None and len(link) <= LONGEST_WORD else None


def unlisted_entry(
    source: HubFile, metadata: Metadata, *, sha256: str, size_bytes: int, licence: str, today: dt.date
) -> ModelEntry:
    """Return the entry of a model that is known by address, digest and its own file.

    Args:
        source: Where it is.
        metadata: What it says of itself.
        sha256: Its digest.
        size_bytes: Its length.
        licence: Its licence, as SPDX or the file calls it.
        today: When this was read.

    Raises:
        VerificationError: The file does not say how long a context it was trained for, or says of its shape what no
            model can have.
    """
    _check_shape(source, metadata)
    context = metadata.context_length
    if context is None or context < 1:
        raise VerificationError(
            Bilingual(
                f"{source.file} ne dit pas la longueur de contexte de son modèle.",
                f"{source.file} does not say the context length of its model.",
            ),
            Bilingual("Choisissez un modèle de texte fait pour llama.cpp.", "Choose a text model made for llama.cpp."),
        )
    stem = source.file.removesuffix(".gguf")
    languages = dict.fromkeys(word.lower() for word in metadata.texts("general.languages"))
    entry = ModelEntry(
        name=_NOT_IN_NAMES.sub("-", stem.lower())[:LONGEST_STEM],
        aliases=(),
        title=(metadata.text("general.name") or stem)[:LONGEST_WORD].strip(),
        file=f"{stem[:LONGEST_STEM]}-{sha256[:8]}.gguf",  # another model may have a file of that name
        sha256=sha256,
        size_bytes=size_bytes,
        licence=licence,
        origin=None,
        languages=tuple(word for word in languages if _LANGUAGE.fullmatch(word)),
        context_length=context,
        min_memory_bytes=estimated_base(size_bytes=size_bytes, cache_bytes_per_token=metadata.cache_bytes_per_token),
        about=About(
            fr="Ajouté à la main par son empreinte ; Bouclier n'en sait que ce que son fichier dit.",
            en="Added by hand by its digest; Bouclier knows of it what its file says, and no more.",
        ),
        sources=(source,),
        facts=(
            Fact(
                fields=("licence", "languages", "context_length"),
                source="Metadata of the GGUF file itself: its publisher's word",
                date=today.isoformat(),
            ),
            Fact(fields=("sha256",), source="Given by whoever added it", date=today.isoformat()),
            Fact(
                fields=("min_memory_bytes",),
                source="Bound, not measured: twice the file, two slots of 4096 tokens, 300 MB",
                date=today.isoformat(),
            ),
        ),
    )
    entry_bytes(entry)
    return entry


def entry_bytes(entry: ModelEntry) -> bytes:
    """Return an entry as it is written, in JSON.

    Raises:
        VerificationError: It would not be read back.
    """
    data = msgspec.json.format(msgspec.json.encode(entry), indent=2) + b"\n"
    try:
        read_entry(data)
    except msgspec.DecodeError as error:
        raise VerificationError(
            Bilingual(
                f"Ce que {entry.file} dit de lui-même ne fait pas une entrée valide : {error}.",
                f"What {entry.file} says of itself makes no valid entry: {error}.",
            ),
            Bilingual("Choisissez un modèle de texte fait pour llama.cpp.", "Choose a text model made for llama.cpp."),
        ) from error
    return data


def read_entry(data: bytes) -> ModelEntry:
    """Return an entry written in JSON, its texts as they may be shown.

    Raises:
        msgspec.DecodeError: It is not JSON, or not an entry.
    """
    entry = msgspec.json.decode(data, type=ModelEntry)
    return msgspec.convert(_shown(msgspec.to_builtins(entry)), type=ModelEntry)


def _shown(value: Plain) -> Plain:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {key: _shown(one) for key, one in value.items()}
    return [_shown(one) for one in value] if isinstance(value, (list, tuple)) else value


def _check_shape(source: HubFile, metadata: Metadata) -> None:
    """Raise if the file says of its shape what no model can have."""
    wrong = metadata.outside_bounds
    if wrong is None:
        return
    key = f"{(metadata.architecture or '')[:LONGEST_FAMILY]}.{wrong}"
    least, most = BOUNDS[wrong]
    raise VerificationError(
        Bilingual(
            f"Dans {source.file}, « {key} » a une valeur qu'aucun modèle ne peut avoir : il faut un entier de {least} "
            f"à {most}, et au plus {MOST_CACHE_PER_TOKEN} octets de mémoire par jeton en tout.",
            f'In {source.file}, "{key}" has a value that no model can have: it must be a whole number from {least} to '
            f"{most}, and at most {MOST_CACHE_PER_TOKEN} bytes of memory per token in all.",
        ),
        Bilingual(
            "N'utilisez pas ce fichier : demandez-en un autre à qui l'a publié.",
            "Do not use this file: ask whoever published it for another.",
        ),
    )
