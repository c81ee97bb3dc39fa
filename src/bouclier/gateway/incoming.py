"""Read what comes with a request, before anyone looks at what it says: headers, size, declared purpose and class."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bouclier.terms.content import DataClass
from bouclier.terms.errors import Bilingual, MethodNotAllowedError, RequestError, RequestTooLargeError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Scope = Mapping[str, Any]
    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Headers = dict[bytes, bytes]

_EXCHANGE = re.compile(r"[0-9a-f]{32}")
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SINGLE_HEADERS = frozenset({b"authorization", b"x-api-key", b"host", b"origin", b"sec-fetch-site"})
_DRAIN_FACTOR = 8
_PRIORITIES = ("interactive", "normal", "batch")
_LONGEST_WAIT_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may weigh.

    Attributes:
        max_body_bytes: Longest body.
        max_text_chars: Most characters of text in a request, all parts together.
    """

    max_body_bytes: int = 8_000_000
    max_text_chars: int = 1_000_000


def check_method(scope: Scope, method: str) -> None:
    """Check that a request is made the way an address takes it; HEAD is asked like GET.

    Raises:
        MethodNotAllowedError: It is not.
    """
    if scope["method"] != method and not (method == "GET" and scope["method"] == "HEAD"):
        raise MethodNotAllowedError(
            Bilingual(f"Cette adresse se demande par {method}.", f"This address takes {method}."),
            Bilingual(f"Renvoyez la requête par {method}.", f"Send the request again with {method}."),
        )


def headers_of(scope: Scope) -> Headers:
    """Return the headers by name; of those that say who asks and for what, there may be one only.

    Raises:
        RequestError: One of ours, `Authorization` or `Host` is there twice: which one counts would be a guess.
    """
    listed = scope["headers"]
    headers = dict(listed)
    if len(headers) != len(listed):
        seen: set[bytes] = set()
        for name, _ in listed:
            if name in seen and (name.startswith(b"x-bouclier-") or name in _SINGLE_HEADERS):
                raise RequestError(
                    Bilingual("Un en-tête est donné deux fois.", "A header is given twice."),
                    Bilingual("Gardez-en un seul.", "Keep only one."),
                    param=name.decode("latin-1"),
                )
            seen.add(name)
    return headers


async def disconnected(receive: Receive) -> None:
    """Return when the caller has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def read_body(receive: Receive, headers: Headers, limit: int) -> bytes:
    """Return the body, or say that it is too large.

    A body somewhat over the limit is read and dropped first: a client that is still sending would otherwise see its
    connection reset instead of our answer. One far over the limit is cut.

    Raises:
        RequestTooLargeError: It is longer than `limit` bytes.
        RequestError: The caller hung up first.
    """
    declared = headers.get(b"content-length", b"")
    too_large = declared.isdigit() and int(declared) > limit
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestError(
                Bilingual(
                    "La connexion s'est fermée avant la fin de la requête.", "The connection closed mid-request."
                ),
                Bilingual("Renvoyez la requête.", "Send the request again."),
            )
        piece = message.get("body", b"")
        size += len(piece)
        too_large = too_large or size > limit
        if not too_large:
            pieces.append(piece)
        elif size > _DRAIN_FACTOR * limit:
            break
        if not message.get("more_body"):
            break
    if too_large:
        raise RequestTooLargeError(
            Bilingual(f"La requête dépasse {limit} octets.", f"The request is larger than {limit} bytes."),
            Bilingual(
                "Envoyez moins de texte à la fois ; la limite est limits.max_body_bytes dans bouclier.yaml.",
                "Send less at a time; the limit is limits.max_body_bytes in bouclier.yaml.",
            ),
        )
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def check_text_size(size: int, limit: int) -> None:
    """Check that a request holds no more text than is inspected at once, in code points.

    Raises:
        RequestTooLargeError: It does.
    """
    if size > limit:
        raise RequestTooLargeError(
            Bilingual(
                f"La requête contient {size} caractères de texte ; le maximum est {limit}.",
                f"The request holds {size} characters of text; the most is {limit}.",
            ),
            Bilingual(
                "Envoyez moins de texte à la fois ; la limite est limits.max_text_chars dans bouclier.yaml.",
                "Send less text at a time; the limit is limits.max_text_chars in bouclier.yaml.",
            ),
            param="messages",
        )


def purpose_of(headers: Headers) -> str:
    """Return the declared purpose, `unspecified` if there is none.

    Raises:
        RequestError: It is not an identifier.
    """
    declared = headers.get(b"x-bouclier-purpose")
    if declared is None:
        return "unspecified"
    purpose = declared.decode("latin-1")
    if not _PURPOSE.fullmatch(purpose):
        raise RequestError(
            Bilingual("La finalité déclarée n'est pas un identifiant.", "The declared purpose is not an identifier."),
            Bilingual(
                "1 à 64 minuscules, chiffres ou tirets, par exemple « aide-sociale ».",
                "1 to 64 lower-case letters, digits or dashes, such as `social-aid`.",
            ),
            param="X-Bouclier-Purpose",
        )
    return purpose


def priority_of(headers: Headers) -> str:
    """Return how urgent a request says it is, `normal` if it does not say.

    Raises:
        RequestError: It says something else.
    """
    declared = headers.get(b"x-bouclier-priority", b"normal").decode("latin-1")
    if declared not in _PRIORITIES:
        raise RequestError(
            Bilingual("La priorité déclarée n'existe pas.", "The declared priority does not exist."),
            Bilingual(f"L'une de : {', '.join(_PRIORITIES)}.", f"One of: {', '.join(_PRIORITIES)}."),
            param="X-Bouclier-Priority",
        )
    return declared


def max_wait_of(headers: Headers) -> int | None:
    """Return how long a request may wait for a slot, milliseconds, if it says.

    Raises:
        RequestError: It is no whole number of milliseconds, an hour at most.
    """
    declared = headers.get(b"x-bouclier-max-wait-ms")
    if declared is None:
        return None
    if not declared.isdigit() or len(declared) > len(str(_LONGEST_WAIT_MS)) or int(declared) > _LONGEST_WAIT_MS:
        raise RequestError(
            Bilingual("L'attente acceptée n'est pas une durée.", "The accepted wait is no duration."),
            Bilingual(
                f"Un nombre entier de millisecondes, {_LONGEST_WAIT_MS} au plus ; 0 pour ne pas attendre.",
                f"A whole number of milliseconds, {_LONGEST_WAIT_MS} at most; 0 not to wait.",
            ),
            param="X-Bouclier-Max-Wait-Ms",
        )
    return int(declared)


def review_of(headers: Headers) -> str | None:
    """Return the exchange whose approval a request claims, if it does.

    Raises:
        RequestError: It is no exchange's id.
    """
    claimed = headers.get(b"x-bouclier-review")
    if claimed is None:
        return None
    exchange = claimed.decode("latin-1")
    if not _EXCHANGE.fullmatch(exchange):
        raise RequestError(
            Bilingual("La relecture citée n'est pas un échange.", "The review cited is no exchange."),
            Bilingual(
                "Donnez l'identifiant, 32 chiffres hexadécimaux, de l'échange qui a été relu.",
                "Give the id, 32 hexadecimal digits, of the exchange that was reviewed.",
            ),
            param="X-Bouclier-Review",
        )
    return exchange


def declared_class_of(headers: Headers) -> DataClass | None:
    """Return the class the caller declares, if it does.

    Raises:
        RequestError: There is no such class.
    """
    declared = headers.get(b"x-bouclier-data-class")
    if declared is None:
        return None
    try:
        return DataClass.from_slug(declared.decode("latin-1"))
    except KeyError:
        slugs = ", ".join(one.slug for one in DataClass)
        raise RequestError(
            Bilingual("Classe de données inconnue.", "Unknown data class."),
            Bilingual(f"Une de : {slugs}.", f"One of: {slugs}."),
            param="X-Bouclier-Data-Class",
        ) from None
