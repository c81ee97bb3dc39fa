"""Cloak the texts of a request as a duty asks, each as its place in the protocol allows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.gateway.conversation import key_of
from bouclier.shield import PSEUDONYM, Cloaked, Pseudonyms, cloak, restore
from bouclier.shield.classify import findings_to_cloak

if TYPE_CHECKING:
    from bouclier.shield import CloakSettings, ConversationKey
    from bouclier.terms.content import Path
    from bouclier.terms.exchange import Inspected

_ABOUT_THE_USER = frozenset({"user", "safety_identifier", "prompt_cache_key"})
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def cloaked_for(inspected: Inspected, *, secret: bytes, settings: CloakSettings, conversation: str | None) -> Cloaked:
    """Return the texts of a request as they may leave, and the way back.

    Args:
        inspected: The request and what was found in it.
        secret: Of this gateway: pseudonyms are drawn under it.
        settings: Which types have surrogates.
        conversation: Its name, if the caller gives one in a header.
    """
    parts = inspected.received.request.parts
    key = key_of(inspected.received, secret=secret, conversation=conversation)
    hidden = [_user_hidden(part.path, part.text, key) for part in parts]
    found = findings_to_cloak(inspected.findings, inspected.case.data_class)
    cloaked = cloak(
        [part.text if hash_ is None else hash_ for part, hash_ in zip(parts, hidden, strict=True)],
        [one if hash_ is None else () for one, hash_ in zip(found, hidden, strict=True)],
        key=key,
        settings=settings,
    )
    names = [at for at, part in enumerate(parts) if part.path[-1] == "name" and cloaked.texts[at] is not part.text]
    if not names:
        return cloaked
    table = Pseudonyms(cloaked.pseudonyms)
    texts = list(cloaked.texts)
    for at in names:
        texts[at] = _as_name(texts[at], table)
    return Cloaked(texts=tuple(texts), pseudonyms=cloaked.pseudonyms)


def _user_hidden(path: Path, text: str, key: ConversationKey) -> str | None:
    """Return what stands for a text that says who the caller's user is, to whoever counts them; None for any other.

    Nobody needs it back: it is in no answer. So it is a hash under the conversation's key, whatever is found in it.
    """
    return key.hexadecimal("user", text) if len(path) == 1 and path[0] in _ABOUT_THE_USER else None


def _as_name(left: str, table: Pseudonyms) -> str:
    """Return a name without the brackets that the protocol allows in none, where it comes back all the same."""
    bare = PSEUDONYM.sub(lambda tag: tag[0][1:-1], left)
    return bare if _NAME.fullmatch(bare) and restore(bare, table) == restore(left, table) else left
