"""The page as values: its languages, its headers, its assets."""

from __future__ import annotations

import re

import pytest

from bouclier.console import Console, Page, preferred_language

CONSOLE = Console.load()
ASSET = re.compile(r'(?:src|href|data-strings)="/assets/([^"]+)"')


def header(page: Page, name: bytes) -> str:
    """The one value of a header."""
    [value] = [value for key, value in page.headers if key == name]
    return value.decode()


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("fr-CA", "fr"),
        ("de-DE, en;q=0.3", "en"),
        ("en;q=0.4, fr;q=0.6", "fr"),
        ("EN-gb", "en"),
        ("fr;q=0, en;q=0.1", "en"),
        ("de", "fr"),
        ("english", "fr"),
        ("en;q=lots", "fr"),
        ("en;q=7", "fr"),
        ("en;q=nan", "fr"),
        (";;,q=1;,", "fr"),
    ],
)
def test_the_reader_gets_the_language_they_prefer_and_french_when_nothing_tells(
    accept_language: str | None, language: str
) -> None:
    assert preferred_language(accept_language) == language


def test_the_page_says_its_language_and_that_it_depends_on_the_reader() -> None:
    french, english = CONSOLE.page("fr"), CONSOLE.page("en")

    assert '<html lang="fr"' in french.body.decode()
    assert '<html lang="en"' in english.body.decode()
    assert (header(french, b"content-language"), header(english, b"content-language")) == ("fr", "en")
    assert header(french, b"vary") == "accept-language"


def test_no_hole_is_left_in_the_page() -> None:
    for language in ("fr", "en"):
        assert "{{" not in CONSOLE.page(language).body.decode()


def test_the_page_may_run_and_reach_nothing_but_its_own() -> None:
    policy = dict(
        directive.strip().split(" ", 1)
        for directive in header(CONSOLE.page(None), b"content-security-policy").split(";")
    )

    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }


def test_the_page_is_never_kept_and_tells_no_one_where_one_comes_from() -> None:
    page = CONSOLE.page(None)

    assert header(page, b"cache-control") == "no-store"
    assert header(page, b"referrer-policy") == "no-referrer"
    assert header(page, b"x-content-type-options") == "nosniff"


def test_the_page_has_no_script_or_style_of_its_own_inside() -> None:
    body = CONSOLE.page(None).body.decode()

    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", body) == []
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", body))


def test_everything_the_page_and_its_scripts_name_is_served_with_its_type() -> None:
    wanted = set(ASSET.findall(CONSOLE.page(None).body.decode()))
    types = {}
    while wanted:
        name = wanted.pop()
        page = CONSOLE.asset(name)
        assert page is not None, name
        types[name] = header(page, b"content-type")
        if name.endswith(".js"):
            wanted |= set(re.findall(r'from "\./([^"]+)"', page.body.decode())) - set(types)

    kinds = {"css": "text/css", "js": "text/javascript", "json": "application/json", "svg": "image/svg+xml"}
    assert len(types) > len(kinds)
    for name, content_type in types.items():
        assert content_type == f"{kinds[name.rpartition('.')[2]]}; charset=utf-8"


def test_an_asset_may_be_kept_for_ever_because_its_name_changes_with_what_it_says() -> None:
    files = {"index.html": "{{asset strings.json}}", "strings.json": "{}", "page.js": "1;"}
    before, after = Console(files), Console({**files, "page.js": "2;"})

    assert before.page(None).body != after.page(None).body
    served = CONSOLE.asset(ASSET.findall(CONSOLE.page(None).body.decode())[0])
    assert served is not None
    assert "immutable" in header(served, b"cache-control")


@pytest.mark.parametrize("name", ["", "index.html", "strings.json", "../pages.py", "page.js", "page-000000000000.js"])
def test_nothing_else_is_an_asset(name: str) -> None:
    assert CONSOLE.asset(name) is None


def test_a_page_that_lacks_a_word_in_one_language_is_not_built() -> None:
    files = {"index.html": "{{greeting}}", "strings.json": '{"greeting": {"fr": "Bonjour"}}'}

    with pytest.raises(KeyError, match="en"):
        Console(files)


def test_words_cannot_break_out_of_the_page() -> None:
    files = {"index.html": "<p>{{a}}</p>", "strings.json": '{"a": {"fr": "<b>\\"&", "en": "x"}}'}

    assert Console(files).page("fr").body == b"<p>&lt;b&gt;&quot;&amp;</p>"
