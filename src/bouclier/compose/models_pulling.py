"""Getting a model by digest: which one is meant, under what terms, and then the bytes.

Order: what is meant is found out first, with the licence (of a model that is not in the catalogue, from the first bytes
of its own file, which is why those are fetched before anything else); whoever asked says yes where the licence asks
anything; only then comes the rest. Nothing is kept of bytes with another digest. A model that was not in the catalogue
gets its name last, after its file was verified and read again: it states then the licence that was shown, or it gets no
name, and is deleted if it is this pull that fetched it. A file that was here before is never touched.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from bouclier.compose.settings import cache_folder
from bouclier.compose.weights import OFF, plan_weights
from bouclier.fleet.adapters.gguf_files import HEAD_BYTES, metadata_of
from bouclier.fleet.adapters.weights import WeightsStore
from bouclier.fleet.adapters.weights_catalogue import add_model, load_catalogue, load_licences
from bouclier.fleet.adapters.weights_given import GivenAddress, parse_given, peek_given
from bouclier.fleet.catalogue import with_added
from bouclier.fleet.gguf import Metadata, parse_metadata
from bouclier.fleet.licences import must_be_accepted, terms_shown
from bouclier.fleet.unlisted import licence_address, licence_word, parse_hub_name, unlisted_entry
from bouclier.terms.errors import Bilingual, ConfigurationError, OperatorError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bouclier.compose.configuration import Configuration
    from bouclier.fleet.adapters.weights_given import Given
    from bouclier.fleet.catalogue import HubFile, ModelEntry

HUB_PREFIX: Final = "hub:"
FIRST_BYTES: Final = 1 << 20

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model somebody asked for, before anything but its first bytes was fetched.

    Attributes:
        entry: What is known of it.
        terms: What is shown of its licence.
        to_accept: Whether somebody must say yes first.
        path: Where its verified weights are already; None if they are to be fetched.
        source: Where a model that is not in the catalogue is; None for one that is.
        given: The one place to look; None for what the catalogue says.
    """

    entry: ModelEntry
    terms: Bilingual
    to_accept: bool
    path: Path | None
    source: HubFile | None = None
    given: Given | None = None


def find_wanted(
    configuration: Configuration, name: str | None, *, given: str | None = None, sha256: str | None = None
) -> Wanted:
    """Find out which model is meant, and under what terms it comes.

    Args:
        configuration: The settings.
        name: A name of the catalogue, or `hub:owner/name/file.gguf@commit`; None for the configured model.
        given: A folder or an address to get it from, whatever the catalogue says.
        sha256: Its digest; needed for a model that is not in the catalogue, and checked against it for one that is.

    Raises:
        ConfigurationError: The name, the address or the digest is none, or there is no embedded model.
        WeightsError: The first bytes of a model that is not in the catalogue cannot be had.
        VerificationError: They are not GGUF.
    """
    place = None if given is None else parse_given(given)
    if name is not None and name.startswith(HUB_PREFIX):
        return _unlisted(configuration, name, given=place, sha256=sha256)
    plan = plan_weights(configuration, name=name)
    if plan is None:
        raise ConfigurationError(
            Bilingual(f"engine.model vaut « {OFF} » : rien à installer.", f"engine.model is `{OFF}`: nothing to get."),
            Bilingual("Nommez un modèle : bouclier models list.", "Name a model: bouclier models list."),
            param="engine.model",
        )
    entry = plan.entry
    if sha256 is not None and sha256.lower() != entry.sha256:
        raise VerificationError(
            Bilingual(
                f"L'empreinte de {entry.name} est {entry.sha256} dans le catalogue, pas celle de --sha256.",
                f"The digest of {entry.name} is {entry.sha256} in the catalogue, not that of --sha256.",
            ),
            Bilingual("Voyez laquelle vous vouliez.", "See which one you meant."),
            param="--sha256",
        )
    licence = load_licences().find(entry.licence)
    return Wanted(
        entry=entry,
        terms=terms_shown(licence, word=entry.licence),
        to_accept=must_be_accepted(licence),
        path=plan.path(),
        given=place,
    )


def pull(configuration: Configuration, wanted: Wanted, progress: Callable[[int, int], None]) -> Path:
    """Get the weights of a model whose terms were accepted; return where they are.

    Args:
        configuration: The settings.
        wanted: From `find_wanted`.
        progress: Called with the bytes got so far and the bytes in all.

    Raises:
        WeightsError: No source gave them, or there is no room.
        VerificationError: The file says of its licence something else than its first bytes did, or of its shape what no
            model can have; it is deleted if it was fetched now.
        OperatorError: The weights folder cannot be written to.
    """
    folder = cache_folder(configuration)
    store = WeightsStore(
        folder, load_catalogue(folder), local_folders=configuration.engine.weights, use_hub=configuration.engine.hub
    )
    came = False

    def told(done: int, total: int) -> None:
        nonlocal came
        came = True  # a channel tells how far it is, be it only once; weights that another pull fetched come untold
        progress(done, total)

    path = wanted.path or store.fetch(wanted.entry, told, given=wanted.given)
    if wanted.source is None:
        return path
    fetched = came and path.parent == folder
    try:
        entry = _entry_as_shown(wanted, wanted.source, path, fetched=fetched)
    except VerificationError:
        if fetched:
            _discard(folder, path)
        raise
    try:
        add_model(folder, entry)
    except OSError as error:
        raise _cannot_write(folder) from error
    return path


def _entry_as_shown(wanted: Wanted, source: HubFile, path: Path, *, fetched: bool) -> ModelEntry:
    """Return what weights that are here say of themselves, under the name that was shown.

    Raises:
        VerificationError: Their licence is not the one that was shown, or their shape is none.
    """
    shown = wanted.entry
    entry = _entry_of(source, metadata_of(path), sha256=shown.sha256, size=shown.size_bytes)
    if entry.licence == shown.licence:
        return msgspec.structs.replace(entry, name=shown.name)
    raise VerificationError(
        Bilingual(
            f"Le fichier déclare la licence « {entry.licence} », ses premiers octets disaient « {shown.licence} ».",
            f'The file states the licence "{entry.licence}"; its first bytes said "{shown.licence}".',
        ),
        Bilingual("Rien n'est gardé. N'utilisez pas cette source.", "Nothing is kept. Do not use this source.")
        if fetched
        else Bilingual(
            "Le fichier était déjà là et n'est pas touché. N'utilisez pas cette source.",
            "The file was here before and is left alone. Do not use this source.",
        ),
    )


def _discard(folder: Path, path: Path) -> None:
    """Delete weights that were just fetched; a crash before that leaves weights without a name, which nothing runs."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(folder) from error


def _cannot_write(folder: Path) -> OperatorError:
    return OperatorError(
        Bilingual(f"Impossible d'écrire dans {folder}.", f"Cannot write in {folder}."),
        Bilingual("Vérifiez ses droits et la place libre.", "Check its permissions and free room."),
        param="engine.cache",
    )


def _unlisted(configuration: Configuration, name: str, *, given: Given | None, sha256: str | None) -> Wanted:
    source = parse_hub_name(name.removeprefix(HUB_PREFIX))
    digest = (sha256 or "").lower()
    if not _SHA256.fullmatch(digest):
        raise ConfigurationError(
            Bilingual(
                "Un modèle hors du catalogue demande --sha256 et ses 64 chiffres hexadécimaux.",
                "A model that is not in the catalogue needs --sha256 with its 64 hexadecimal digits.",
            ),
            Bilingual(
                "La page du fichier sur la plateforme la donne ; mieux, demandez-la à qui l'a vérifié.",
                "The file's page on the hub gives it; better, ask somebody who verified it.",
            ),
            param="--sha256",
        )
    if given is None and not configuration.engine.hub:
        raise ConfigurationError(
            Bilingual(
                "engine.hub est à false : la plateforme ne sera pas interrogée.",
                "engine.hub is false: no hub is asked.",
            ),
            Bilingual("Donnez un dossier ou un miroir : --from.", "Give a folder or a mirror: --from."),
            param="engine.hub",
        )
    folder = cache_folder(configuration)
    catalogue, licences = load_catalogue(folder), load_licences()
    known = next((entry for entry in catalogue.models if entry.sha256 == digest), None)
    if known is not None:  # somebody's catalogue entry, under its own name
        return find_wanted(configuration, known.name, given=None if given is None else _text_of(given))
    place = given or GivenAddress(catalogue.hub)
    metadata, size = _first_bytes(place, source)
    entry = _entry_of(source, metadata, sha256=digest, size=size)
    if any(entry.name in (other.name, *other.aliases) for other in catalogue.models):
        entry = msgspec.structs.replace(entry, name=f"{entry.name[:90]}-{digest[:8]}")
    if entry not in with_added(catalogue, (entry,)).models:
        raise _taken(entry)
    licence = licences.find(entry.licence)
    return Wanted(
        entry=entry,
        terms=terms_shown(licence, word=entry.licence, stated_at=licence_address(metadata)),
        to_accept=must_be_accepted(licence),
        path=WeightsStore(folder, catalogue, local_folders=configuration.engine.weights).path_of(entry),
        source=source,
        given=given,
    )


def _first_bytes(place: Given, source: HubFile) -> tuple[Metadata, int]:
    """Return what a file says of itself, from as few bytes as it takes."""
    for most in (FIRST_BYTES, HEAD_BYTES):
        data, size = peek_given(place, source=source, most=most)
        metadata = parse_metadata(data)
        if metadata.whole or metadata.context_length is not None:
            break
    return metadata, size


def _entry_of(source: HubFile, metadata: Metadata, *, sha256: str, size: int) -> ModelEntry:
    licence = load_licences().find(licence_word(metadata))
    return unlisted_entry(
        source,
        metadata,
        sha256=sha256,
        size_bytes=size,
        licence=licence_word(metadata) if licence is None else licence.id,
        today=dt.datetime.now(dt.UTC).date(),
    )


def _taken(entry: ModelEntry) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(
            f"Un autre modèle s'appelle déjà {entry.name}, ou a déjà le fichier {entry.file}.",
            f"Another model is already called {entry.name}, or already has the file {entry.file}.",
        ),
        Bilingual(
            "Retirez d'abord l'autre de engine.cache, ou désignez un autre dossier.",
            "First remove the other from engine.cache, or name another folder.",
        ),
        param="NAME",
    )


def _text_of(given: Given) -> str:
    return given.url if isinstance(given, GivenAddress) else str(given.path)
