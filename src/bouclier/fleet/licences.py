"""What the licence of a model asks of whoever runs it, in two sentences; and whether it must be accepted by hand.

Rules kept here: a licence we know to ask nothing of a mere user is shown and no more; any other must be accepted; one
we do not know must be accepted too, with the advice to read it. A summary is not the licence, and says where that is.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from bouclier.terms.errors import Bilingual, ConfigurationError

UNKNOWN = "NOASSERTION"
"""SPDX' word for a licence nobody stated."""

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Date = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)")]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Immutable; read strictly."""


class Summary(_Strict, frozen=True):
    """What it allows and asks."""

    fr: Text
    en: Text


class Licence(_Strict, frozen=True):
    """One licence.

    Attributes:
        id: SPDX identifier, or `LicenseRef-` and a name for those SPDX does not list.
        aliases: What files and hubs call it, in lower case.
        title: The name people read.
        asks: `nothing` of somebody who runs a model and publishes no copy of it; `conditions` of whoever uses it.
        summary: What it allows and asks.
        source: Where it can be read.
        date: When it was read for this summary.
    """

    id: Text
    aliases: tuple[Text, ...]
    title: Text
    asks: Literal["nothing", "conditions"]
    summary: Summary
    source: Text
    date: Date


class Licences(_Strict, frozen=True):
    """The licences this version knows."""

    format: Literal[1]
    licences: Annotated[tuple[Licence, ...], msgspec.Meta(min_length=1)]

    def find(self, word: str | None) -> Licence | None:
        """Return the licence that an SPDX identifier or a hub's word names; None if we do not know it."""
        wanted = (word or "").strip().lower()
        for licence in self.licences:
            if wanted == licence.id.lower() or wanted in licence.aliases:
                return licence
        return None


def parse_licences(data: bytes) -> Licences:
    """Return the licences written in JSON bytes.

    Raises:
        ConfigurationError: It is not JSON, a field is missing, unknown or ill-typed, or a name is used twice.
    """
    try:
        found = msgspec.json.decode(data, type=Licences)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _invalid(str(error)) from error
    names = [name for licence in found.licences for name in (licence.id.lower(), *licence.aliases)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise _invalid(f'"{name}" is used twice')
    return found


def must_be_accepted(licence: Licence | None) -> bool:
    """Tell whether somebody must say yes before a model under this licence is fetched; None is one we do not know."""
    return licence is None or licence.asks != "nothing"


def terms_shown(licence: Licence | None, *, word: str, stated_at: str | None = None) -> Bilingual:
    """Return what is shown of a licence before anything is fetched.

    Args:
        licence: What we know of it; None if nothing.
        word: What the model's publisher calls it.
        stated_at: Address the publisher gives for it, if any.
    """
    if licence is not None:
        return Bilingual(
            f"Licence : {licence.title} ({licence.id}). {licence.summary.fr} Texte : {licence.source}",
            f"Licence: {licence.title} ({licence.id}). {licence.summary.en} Text: {licence.source}",
        )
    if word == UNKNOWN:
        return Bilingual(
            "Licence : aucune n'est déclarée. Sans licence, rien n'est permis d'avance : demandez à l'auteur.",
            "Licence: none is stated. Without a licence nothing is permitted beforehand: ask the author.",
        )
    where = stated_at or ""
    return Bilingual(
        f"Licence : « {word} », que Bouclier ne connaît pas. Lisez-la avant de l'accepter. {where}".rstrip(),
        f'Licence: "{word}", which Bouclier does not know. Read it before you accept it. {where}'.rstrip(),
    )


def _invalid(what: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"La liste des licences n'est pas valide : {what}.", f"The list of licences is not valid: {what}."),
        Bilingual("Réinstallez Bouclier.", "Reinstall Bouclier."),
    )
