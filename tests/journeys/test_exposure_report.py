"""What a secretary general sees of a dependence and of an exposure, in a real browser and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from bouclier.registry.draw_svg import draw_svg
from tests.draw_kit import REPORTS
from tests.scan_kit import COMPOSE, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

SUPPLIERS = "fournisseur;domaine\nOodrive;oodrive.com\nMicrosoft France;\nImprimerie Exemple;\nZoom;zoom.us\n"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in which nothing may fail and no policy may be broken."""
    problems: list[str] = []
    context = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text))
    yield opened
    context.close()
    assert problems == []


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page of a town hall's dependence."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docker-compose.yml").write_text(COMPOSE)
    (tmp_path / "fournisseurs.csv").write_text(SUPPLIERS)
    assert run(tmp_path, "--at", "2026-11-22", "--html", tmp_path / "report.html", "--lang", "fr") == 0
    return tmp_path / "report.html"


def test_the_page_says_the_whole_in_one_sentence_and_shows_the_unknown_first(page: Page, report: Path) -> None:
    page.goto(report.as_uri())

    expect(page.get_by_role("heading", level=1)).to_have_text("De qui dépendons-nous ?")
    expect(page.locator("header")).to_contain_text("Sur 6 dépendances où des données peuvent aller")
    titles = page.get_by_role("heading", level=2).all_inner_texts()
    assert titles[0].startswith("On ne sait pas de qui : 2 sur 7")
    assert titles[1:3] == ["Vue d'ensemble", "Totaux"]
    expect(page.get_by_role("region", name=titles[0])).to_contain_text("stats.town.example")
    expect(page.get_by_role("region", name="Points uniques")).to_contain_text("Microsoft")


def test_the_picture_has_a_name_for_who_does_not_see_it(page: Page, report: Path) -> None:
    page.goto(report.as_uri())

    expect(page.get_by_role("img")).to_have_accessible_name(page.locator("header .verdict").inner_text())


def test_tables_have_headers_and_the_page_is_no_wider_than_a_telephone(page: Page, report: Path) -> None:
    page.set_viewport_size({"width": 380, "height": 800})
    page.goto(report.as_uri())

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_role("rowheader", name="Oodrive")).to_be_visible()
    expect(page.get_by_role("columnheader", name="RGPD, chapitre V")).to_be_visible()


def test_the_page_asks_nothing_of_anybody_and_prints(page: Page, report: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(report.as_uri())

    assert asked == [report.as_uri()]
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("name", REPORTS)
def test_in_a_picture_no_text_leaves_its_box_and_nothing_the_sheet(page: Page, tmp_path: Path, name: str) -> None:
    drawn = tmp_path / "drawn.svg"
    drawn.write_text(draw_svg(REPORTS[name](), "fr"), encoding="utf-8")
    page.goto(drawn.as_uri())

    outside = page.evaluate(
        """() => {
          const sheet = document.documentElement.viewBox.baseVal;
          const boxes = [...document.querySelectorAll("g rect.box")].map((box) => box.getBBox());
          const texts = [...document.querySelectorAll("g text:not([stroke])")].map((text) => text.getBBox());
          const within = (inner, outer) => inner.x >= outer.x && inner.y >= outer.y
            && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
          const all = [...document.querySelectorAll("svg > text")];
          return [
            texts.filter((text) => !boxes.some((box) => within(text, box))).length,
            all.filter((text) => !within(text.getBBox(), sheet)).map((text) => text.textContent),
          ];
        }"""
    )
    assert outside == [0, []]
