"""Asking something of a gateway at the terminal, over HTTP, with a key: the one that runs here, or another."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from bouclier.compose import data_folder
from bouclier.compose.asking import AnsweredError
from bouclier.terms.errors import Bilingual, ConfigurationError, UpstreamUnreachable

if TYPE_CHECKING:
    from pathlib import Path

    from bouclier.compose.configuration import Configuration

_TIMEOUT_S: Final = 30
_MAX_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class GatewayClient:
    """A gateway, and the key it is asked with.

    Attributes:
        url: Its address, without a slash at the end.
        key: The key; never shown.
        option: The command's option that names the address, for messages.
    """

    url: str
    key: str = field(repr=False)
    option: str = "--gateway"

    def ask(self, path: str, body: object = None) -> dict[str, Any]:
        """Return what the gateway answers; a body is sent by POST.

        Raises:
            AnsweredError: It answered with an error, said again as it was said.
            UpstreamUnreachable: It did not answer, or not as a gateway does.
        """
        sent = None if body is None else msgspec.json.encode(body)
        headers = {"Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(f"{self.url}/{path}", sent, headers)  # noqa: S310 -- checked
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)
        try:
            with direct.open(request, timeout=_TIMEOUT_S) as answer:
                said: dict[str, Any] = msgspec.json.decode(answer.read(_MAX_BYTES), type=dict[str, Any])
                return said
        except urllib.error.HTTPError as error:
            raise AnsweredError(error.code, _problem(error.read(_MAX_BYTES))) from error
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise UpstreamUnreachable(
                Bilingual("La passerelle n'a pas répondu.", "The gateway did not answer."),
                Bilingual(f"Vérifiez {self.option}, et qu'elle fonctionne.", f"Check {self.option}, and that it runs."),
                param=self.option,
            ) from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key goes to the address it was given for, and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def gateway_at(url: str, key_file: Path, *, option: str = "--gateway") -> GatewayClient:
    """Return a gateway by its address.

    Raises:
        ConfigurationError: It is no http(s) address, or the key cannot be read.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigurationError(
            Bilingual(f"{option} n'est pas une adresse http(s).", f"{option} is no http(s) address."),
            Bilingual("Par exemple http://127.0.0.1:8787.", "Such as http://127.0.0.1:8787."),
            param=option,
        )
    return GatewayClient(url.rstrip("/"), _key(key_file), option)


def gateway_here(configuration: Configuration, key_file: Path | None = None) -> GatewayClient:
    """Return the gateway that runs on a data folder of this machine; by default it is asked with the terminal's key.

    Raises:
        UpstreamUnreachable: None runs there.
        ConfigurationError: The key cannot be read.
    """
    address = ""
    if data_folder.is_held(configuration.data):
        try:
            address = (configuration.data / "serving").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            address = ""
    if not address:
        raise UpstreamUnreachable(
            Bilingual(
                f"Aucune passerelle ne fonctionne sur le dossier {configuration.data}.",
                f"No gateway runs on the folder {configuration.data}.",
            ),
            Bilingual(
                "Lancez « bouclier serve », ou donnez --gateway et --key-file.",
                "Start `bouclier serve`, or give --gateway and --key-file.",
            ),
            param="--gateway",
        )
    key = data_folder.terminal_key(configuration.keys_folder) if key_file is None else _key(key_file)
    return GatewayClient(address.rstrip("/"), key)


def _problem(body: bytes) -> dict[str, Any]:
    """Return RFC 9457 problem details in the shape that `AnsweredError` says again."""
    try:
        said = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    if not isinstance(said, dict):
        return {}
    titles, hints = (str(said.get(name, "")).partition(" / ") for name in ("title", "detail"))
    ours = {"message_fr": titles[0], "message_en": titles[2], "hint_fr": hints[0], "hint_en": hints[2]}
    return {"message": titles[0], "bouclier": {name: text for name, text in ours.items() if text}}


def _key(path: Path) -> str:
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _no_key(path) from error
    if not key or any(character.isspace() for character in key):
        raise _no_key(path)
    return key


def _no_key(path: Path) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"La clé ne peut pas être lue dans {path}.", f"The key cannot be read from {path}."),
        Bilingual(
            "Ce fichier doit contenir la clé, seule, sur une ligne.", "That file must hold the key, alone, on one line."
        ),
        param="--key-file",
    )
