"""A model that is not in the catalogue: what somebody names by address and digest, described by its own file alone.

Rules kept here: nothing is assumed that the file does not say; who made it, and under which law, stays unknown. A file
that does not say how long a context it was trained for cannot be run safely, and is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bouclier.fleet.catalogue import About, Fact, HubFile, ModelEntry
from bouclier.fleet.licences import UNKNOWN
from bouclier.fleet.sizing import estimated_base
from bouclier.terms.errors import Bilingual, ConfigurationError, VerificationError

if TYPE_CHECKING:
    import datetime as dt

    from bouclier.fleet.gguf import Metadata

LONGEST_WORD: Final = 200
LONGEST_STEM: Final = 90

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
        VerificationError: The file does not say how long a context it was trained for.
    """
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
    return ModelEntry(
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
