"""Who can be compelled, over HTTP: for whoever has a key, as a picture and in words, in two languages."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from tests.draw_kit import REPORTS

from bouclier.compose.exposure_pictures import drawn_report
from bouclier.gateway.access import Access
from bouclier.gateway.exposure_routes import ExposureRoutes
from bouclier.terms.errors import AuthenticationError, MethodNotAllowedError, NotFoundError
from bouclier.terms.law import Principal

if TYPE_CHECKING:
    from bouclier.gateway.exposure_routes import DrawnExposure, Language


class Keys:
    def principal_of(self, key: str) -> Principal | None:
        return Principal("guichet") if key == "known" else None


class Told:
    def __init__(self) -> None:
        self.type = b""
        self.body = b""
        self.headers: dict[bytes, bytes] = {}

    async def whole(
        self, status: int, content_type: bytes, body: bytes, *, more_headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        assert status == 200
        self.type, self.body, self.headers = content_type, body, dict(more_headers)


def drawn(name: str, language: Language) -> DrawnExposure | None:
    return drawn_report(REPORTS["long"](), language) if name in {"paris", "mistral/large.svg"} else None


def asked(path: str, *, query: bytes = b"", key: str = "known", method: str = "GET") -> Told:
    told = Told()
    headers = [(b"host", b"gateway.example"), (b"authorization", b"Bearer " + key.encode())]
    scope: Any = {"type": "http", "method": method, "path": path, "query_string": query, "headers": headers}
    scope["client"] = ("192.0.2.7", 1)
    asyncio.run(ExposureRoutes(Access(Keys(), None), drawn).serve(path, scope, told))
    return told


def test_the_picture_is_an_image_that_may_reach_nothing() -> None:
    told = asked("/exposure/paris.svg")

    assert told.type == b"image/svg+xml; charset=utf-8"
    assert told.body.startswith(b"<svg")
    assert told.headers[b"content-security-policy"].startswith(b"default-src 'none'")
    assert told.headers[b"cache-control"] == b"private, no-cache"


def test_the_words_say_what_the_picture_shows_in_the_language_asked_for() -> None:
    french = msgspec.json.decode(asked("/exposure/paris.json").body)
    english = msgspec.json.decode(asked("/exposure/paris.json", query=b"lang=en").body)

    assert (french["language"], english["language"]) == ("fr", "en")
    assert french["verdict"] != english["verdict"]
    assert french["day"] == "2026-11-22"
    assert [law["state"] for law in english["laws"]] == ["United States"] * 3 + ["United Kingdom"]
    assert [law["contested"] for law in english["laws"]] == [False, False, False, True]
    assert "Who controls it?" in english["questions"]
    assert set(french) == {
        "language", "day", "registry", "verdict", "laws", "questions", "steps", "notes", "sources",
    }  # fmt: skip


def test_a_name_may_itself_look_like_a_picture() -> None:
    assert asked("/exposure/mistral/large.svg.svg").body.startswith(b"<svg")
    assert msgspec.json.decode(asked("/exposure/mistral/large.svg.json").body)["verdict"]


@pytest.mark.parametrize("path", ["/exposure/nowhere.svg", "/exposure/paris", "/exposure/", "/exposure/.svg"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    with pytest.raises(NotFoundError):
        asked(path)


def test_a_stranger_learns_nothing() -> None:
    with pytest.raises(AuthenticationError):
        asked("/exposure/paris.svg", key="guessed")


def test_nothing_can_be_changed_there() -> None:
    with pytest.raises(MethodNotAllowedError):
        asked("/exposure/paris.svg", method="POST")
