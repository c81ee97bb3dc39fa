"""Who can be compelled over HTTP, for whoever has a key: of each deployment, a picture and the same in words.

/exposure/<deployment>.svg    the picture of how a law reaches it
/exposure/<deployment>.json   what the picture says, in words

`?lang=en` gives either in English; otherwise it is French. Both are by the facts in force, at today's date (UTC).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from bouclier.gateway.incoming import headers_of
from bouclier.terms.errors import Bilingual, MethodNotAllowedError, NotFoundError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from bouclier.gateway.access import Access
    from bouclier.gateway.incoming import Scope
    from bouclier.gateway.ports import Whole

EXPOSURE: Final = "/exposure"
Language = Literal["fr", "en"]
_SVG: Final = ".svg"
_JSON: Final = ".json"
_FRESH: Final = (
    (b"cache-control", b"private, no-cache"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
)


@dataclass(frozen=True, slots=True)
class ReachingLaw:
    """A foreign law that reaches a deployment.

    Attributes:
        name: What it is called.
        state: Whose law it is, in words.
        how: How surely, and by what hold.
        contested: Whether it is disputed that it reaches.
    """

    name: str
    state: str
    how: str
    contested: bool


@dataclass(frozen=True, slots=True)
class DrawnExposure:
    """Who can be compelled of a deployment, in one language.

    Attributes:
        day: At which day, UTC.
        registry: Digest of the facts it follows from.
        verdict: The one sentence.
        laws: The foreign laws that reach it, the surest first.
        questions: What is not known.
        steps: Each step from the deployment to a law, in words.
        notes: How to read it.
        sources: Where the facts are from.
        svg: All of that as a picture.
    """

    day: dt.date
    registry: str
    verdict: str
    laws: tuple[ReachingLaw, ...]
    questions: tuple[str, ...]
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    svg: bytes


class ExposureRoutes:
    """Serves who can be compelled, of the deployments of one gateway."""

    def __init__(self, access: Access, drawn: Callable[[str, Language], DrawnExposure | None]) -> None:
        """Take what is served.

        Args:
            access: Who asks.
            drawn: The exposure of a deployment by its name, or None; called in threads.
        """
        self._access = access
        self._drawn = drawn

    async def serve(self, path: str, scope: Scope, caller: Whole) -> None:
        """Answer a request under `/exposure`.

        Raises:
            BouclierError: There is no such thing, or it is not for this caller.
        """
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowedError(
                Bilingual("Cette adresse se demande par GET.", "This address takes GET."),
                Bilingual("Renvoyez la requête par GET.", "Send the request again with GET."),
            )
        self._access.principal_of(scope, headers_of(scope))
        asked = path.removeprefix(f"{EXPOSURE}/")
        # A deployment's name may itself end so: what follows the last one is cut off, and nothing else.
        kind = next((ending for ending in (_SVG, _JSON) if asked.endswith(ending)), None)
        if kind is None:
            raise _nothing()
        language: Language = "en" if scope["query_string"] == b"lang=en" else "fr"
        drawn = await asyncio.to_thread(self._drawn, asked.removesuffix(kind), language)
        if drawn is None:
            raise _nothing()
        if kind == _SVG:
            await caller.whole(200, b"image/svg+xml; charset=utf-8", drawn.svg, more_headers=_FRESH)
        else:
            body = msgspec.json.encode(told(drawn, language))
            await caller.whole(200, b"application/json", body, more_headers=_FRESH)


def told(drawn: DrawnExposure, language: Language) -> dict[str, Any]:
    """Return what a picture says, as the API shows it."""
    return {
        "language": language,
        "day": drawn.day,
        "registry": drawn.registry,
        "verdict": drawn.verdict,
        "laws": drawn.laws,
        "questions": drawn.questions,
        "steps": drawn.steps,
        "notes": drawn.notes,
        "sources": drawn.sources,
    }


def _nothing() -> NotFoundError:
    return NotFoundError(
        Bilingual("Aucune exposition n'est connue sous ce nom.", "No exposure is known under this name."),
        Bilingual(
            "Demandez /exposure/<déploiement>.svg ou .json ; les noms sont dans /v1/models.",
            "Ask for /exposure/<deployment>.svg or .json; the names are in /v1/models.",
        ),
    )
