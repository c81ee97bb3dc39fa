"""Which conversation an exchange belongs to, and under which key its pseudonyms are drawn (ADR 0020).

The gateway remembers no conversation. A caller may name one: in the header `x-bouclier-conversation`, or as
`metadata.conversation`. Else a conversation is known by how it begins: what the system is told and what the user says
first, which every later turn repeats.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bouclier.shield import conversation_key
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bouclier.gateway.incoming import Headers
    from bouclier.shield import ConversationKey
    from bouclier.terms.exchange import ChatRequest, Received

_NAME = re.compile(r"[!-~]{1,128}")


def conversation_of(headers: Headers) -> str | None:
    """Return the name of the conversation a caller gives in a header, if it does.

    Raises:
        RequestError: It is no name.
    """
    given = headers.get(b"x-bouclier-conversation")
    if given is None:
        return None
    name = given.decode("latin-1")
    if not _NAME.fullmatch(name):
        raise RequestError(
            Bilingual(
                "Le nom de la conversation n'est pas un identifiant.", "The conversation's name is no identifier."
            ),
            Bilingual(
                "1 à 128 caractères ASCII visibles, sans espace.", "1 to 128 visible ASCII characters, without spaces."
            ),
            param="X-Bouclier-Conversation",
        )
    return name


def key_of(received: Received, *, secret: bytes, conversation: str | None) -> ConversationKey:
    """Return the key under which the pseudonyms of an exchange are drawn.

    Args:
        received: Who asks, and what.
        secret: Of this gateway, 16 to 64 bytes.
        conversation: Its name, if the caller gives one in a header.
    """
    request = received.request
    name = conversation or _named_in(request)
    told = f"name\0{name}" if name is not None else "\0".join(("begins", *_beginning(request)))
    return conversation_key(secret, tenant=received.principal.name, conversation=told)


def affinity_of(received: Received, *, secret: bytes, conversation: str | None) -> str:
    """Return what stands for a conversation where it is remembered which deployment served it; never its name."""
    return f"{key_of(received, secret=secret, conversation=conversation).number('affinity') >> 128:x}"


def _named_in(request: ChatRequest) -> str | None:
    metadata = request.body.get("metadata")
    name = metadata.get("conversation") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) and name else None


def _beginning(request: ChatRequest) -> Iterator[str]:
    """Yield the texts of the messages up to the first of the user, which is the first of all if there is none."""
    messages = request.body["messages"]
    first = next((at for at, message in enumerate(messages) if message["role"] == "user"), 0)
    for part in request.parts:
        match part.path:
            case ("messages", int(at), *_) if at <= first:
                yield str(part.text)
            case _:
                pass
