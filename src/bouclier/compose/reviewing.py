"""What a reviewer asks of a gateway: what waits, and to approve or refuse it."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from bouclier.compose.asking import AnsweredError
from bouclier.terms.errors import Bilingual, ConfigurationError, UpstreamUnreachable

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT_S: Final = 30
_MAX_BYTES: Final = 1_000_000


def waiting(url: str, key_file: Path) -> list[dict[str, Any]]:
    """Return what waits for a reviewer on a gateway.

    Raises:
        BouclierError: The gateway does not answer, or refuses the key.
    """
    shown: list[dict[str, Any]] = _asked(url, "reviews", key_file)["reviews"]
    return shown


def settle(url: str, key_file: Path, exchange: str, *, approved: bool) -> int:
    """Approve or refuse what waits, and return the index of the log's entry that says so.

    Raises:
        BouclierError: The gateway does not answer, refuses the key, or holds nothing of this exchange.
    """
    body = msgspec.json.encode({"approved": approved})
    return int(_asked(url, f"reviews/{quote(exchange, safe='')}", key_file, body)["index"])


def _asked(url: str, path: str, key_file: Path, body: bytes | None = None) -> dict[str, Any]:
    request = urllib.request.Request(f"{_checked(url)}/{path}", body, {"Authorization": f"Bearer {_key(key_file)}"})  # noqa: S310 -- checked
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=_TIMEOUT_S) as answer:
            said: dict[str, Any] = msgspec.json.decode(answer.read(_MAX_BYTES))
            return said
    except urllib.error.HTTPError as error:
        raise AnsweredError(error.code, _problem(error.read(_MAX_BYTES))) from error
    except (OSError, msgspec.DecodeError) as error:
        raise UpstreamUnreachable(
            Bilingual("La passerelle n'a pas répondu.", "The gateway did not answer."),
            Bilingual("Vérifiez --url, et qu'elle fonctionne.", "Check --url, and that it runs."),
            param="--url",
        ) from error


def _problem(body: bytes) -> dict[str, Any]:
    """Return RFC 9457 problem details in the shape that `AnsweredError` says again."""
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return {"message": f"{said.get('title', '')} {said.get('detail', '')}".strip()} if isinstance(said, dict) else {}


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(
            Bilingual("--url n'est pas une adresse http(s).", "--url is no http(s) address."),
            Bilingual("Par exemple http://127.0.0.1:8787.", "Such as http://127.0.0.1:8787."),
            param="--url",
        )
    return url.rstrip("/")


def _key(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            Bilingual(f"La clé ne peut pas être lue dans {path}.", f"The key cannot be read from {path}."),
            Bilingual(
                "Ce fichier doit contenir la clé d'un relecteur, seule, sur une ligne.",
                "That file must hold a reviewer's key, alone, on one line.",
            ),
            param="--key-file",
        ) from error
