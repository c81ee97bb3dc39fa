"""Build the chat page and its assets once; hand them out as bytes and headers.

An asset's name carries a digest of all of them, so browsers may keep it for ever: a new version has new names.
Scripts import one another by plain name; the names are rewritten here, so nothing needs a build step.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Self

from bouclier.console.language import LANGUAGES, preferred_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bouclier.console.language import Language

Headers = tuple[tuple[bytes, bytes], ...]

CONTENT_TYPES: Mapping[str, bytes] = {
    "css": b"text/css; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "json": b"application/json; charset=utf-8",
    "svg": b"image/svg+xml; charset=utf-8",
}

# `blob:` is what a script of the page holds itself: a picture that was asked for with the person's key.
PAGE_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
ASSET_POLICY = b"default-src 'none'; frame-ancestors 'none'"

_COMMON: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_TEMPLATE = "index.html"
_STRINGS = "strings.json"
_HOLE = re.compile(r"\{\{(asset )?([\w.-]+)\}\}")
_IMPORT = re.compile(r'(?<=from ")\./([\w.-]+)(?=";)')


@dataclass(frozen=True, slots=True)
class Page:
    """What to answer: a body, and headers with lower-case names, without the length.

    Attributes:
        body: The bytes to send.
        headers: Names and values; `content-length` is for whoever sends.
    """

    body: bytes
    headers: Headers


class Console:
    """The chat page in its two languages, and what it needs."""

    __slots__ = ("_assets", "_pages")

    def __init__(self, files: Mapping[str, str]) -> None:
        """Build the pages from their sources.

        Args:
            files: Name to text: `index.html`, `strings.json`, scripts, styles and drawings.

        Raises:
            KeyError: A text or a file that the page names does not exist, or lacks a language.
        """
        digest = hashlib.sha256(
            json.dumps(sorted(files.items()), ensure_ascii=True).encode()  # sorted: the same files, the same names
        ).hexdigest()[:12]
        names = {name: _versioned(name, digest) for name in files if name != _TEMPLATE}
        strings: dict[str, dict[str, str]] = json.loads(files[_STRINGS])
        self._assets = {
            versioned: Page(_asset_body(name, files[name], names), _asset_headers(name))
            for name, versioned in names.items()
        }
        self._pages = {
            language: Page(_render(files[_TEMPLATE], language, strings, names), _page_headers(language))
            for language in LANGUAGES
        }

    @classmethod
    def load(cls) -> Self:
        """Read the package's own files and build the pages: the only input of this room."""
        folder = resources.files("bouclier.console").joinpath("assets")
        ours = {"html", *CONTENT_TYPES}  # an editor's backup is not an asset
        return cls(
            {
                entry.name: entry.read_text(encoding="utf-8")
                for entry in folder.iterdir()
                if entry.name.rpartition(".")[2] in ours
            }
        )

    def page(self, accept_language: str | None) -> Page:
        """Return the chat page in the language a reader prefers."""
        return self._pages[preferred_language(accept_language)]

    def asset(self, name: str) -> Page | None:
        """Return what `/assets/<name>` serves, or None when the page has no such asset."""
        return self._assets.get(name)


def _versioned(name: str, digest: str) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}-{digest}.{suffix}"


def _asset_body(name: str, text: str, names: Mapping[str, str]) -> bytes:
    if name.endswith(".js"):
        text = _IMPORT.sub(lambda match: f"./{names[match[1]]}", text)
    return text.encode()


def _asset_headers(name: str) -> Headers:
    return (
        (b"content-type", CONTENT_TYPES[name.rpartition(".")[2]]),
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"content-security-policy", ASSET_POLICY),
        *_COMMON,
    )


def _page_headers(language: Language) -> Headers:
    return (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", language.encode()),
        (b"vary", b"accept-language"),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", PAGE_POLICY),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        *_COMMON,
    )


def _render(
    template: str, language: Language, strings: Mapping[str, Mapping[str, str]], names: Mapping[str, str]
) -> bytes:
    def hole(match: re.Match[str]) -> str:
        asset, key = match[1], match[2]
        if asset:
            return f"/assets/{names[key]}"
        if key == "lang":
            return language
        return _escaped(strings[key][language])

    return _HOLE.sub(hole, template).encode()


def _escaped(text: str) -> str:
    """Escape a text for an HTML element or a double-quoted attribute."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
