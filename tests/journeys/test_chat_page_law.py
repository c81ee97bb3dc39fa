"""What the chat page tells of the charter: its name, who adopted it, until when, what it says; for everyone.

Stories that take `gateway_url` are told twice: to a gateway that follows a script, and to the real one.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.journeys.scripted_law import NO_AMERICA, REVIEWED, SUSPENDED, signed
from tests.journeys.steps import answered, law_here, send

if TYPE_CHECKING:
    from tests.journeys.conftest import OpenPage
    from tests.journeys.scripted_gateway import Script


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_every_page_names_the_charter_and_says_that_nobody_adopted_it(
    open_page: OpenPage, gateway_url: str, locale: str
) -> None:
    page = open_page(gateway_url, locale=locale)
    french = locale == "fr-FR"
    said = "Charte de départ, version 2.0.0 adoptée par personne" if french else "adopted by nobody"
    button = page.get_by_role("button", name=re.compile("version 2.0.0"))
    expect(button).to_be_in_viewport()
    expect(button).to_contain_text(said)

    panel = law_here(page)
    expect(panel).to_contain_text("n’engage qu’elle" if french else "binds nobody else")
    expect(panel).to_contain_text("Aucune injonction n’est en vigueur ici." if french else "No order is in force here.")
    panel.get_by_text("Le socle" if french else "The base").first.click()
    expect(panel.locator(".packs details[open] h4").first).to_be_visible()
    expect(panel.locator(".packs details[open] table").first).to_be_visible()
    expect(panel.locator("code").filter(has_text=re.compile("^[0-9a-f]{64}$"))).to_have_count(2)


def test_what_is_unfolded_just_before_all_is_shown_anew_stays_unfolded(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    panel = law_here(page)
    expect(panel.locator(".packs summary").first).to_be_visible()
    # In one turn of the page, before it tells of what was unfolded.
    page.evaluate("document.querySelector('.packs summary').click(); document.getElementById('language').click()")
    expect(panel).to_contain_text("No order is in force here.")
    expect(panel.locator(".packs details").first).to_have_attribute("open", "")


def test_the_scripted_law_is_told_in_the_shapes_of_the_real_one(
    scripted_url: str, served_url: str, script: Script
) -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shape(inner) for key, inner in value.items()}
        return [shape(inner) for inner in value[:1]] if isinstance(value, list) else None

    def shapes(url: str) -> list[Any]:
        read = []
        for path in ("/charter", "/charter/orders"):
            with urlopen(f"{url}{path}") as answer:
                read.append(shape(json.load(answer)))
        return read

    assert script.law.orders == []
    assert shapes(scripted_url) == shapes(served_url)


def test_a_signed_charter_is_told_with_its_parties_and_until_when(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.law = signed(problems=[{"fr": "Une autorité se tait.", "en": "An authority is silent."}])
    page = open_page(scripted_url)
    line = page.locator("#law-open")
    expect(line).to_contain_text("adoptée par Arverne, Bituria et Carnutie (3 sur 5)")
    expect(line).to_contain_text(re.compile("valable jusqu’au 22 décembre 2026"))
    expect(line).to_contain_text("1 point à signaler")
    expect(page.locator("#law-notice")).to_be_hidden()

    panel = law_here(page)
    expect(panel).to_contain_text("Il faut 3 parties sur 5")
    expect(panel).to_contain_text("Une autorité se tait.")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="English").click()
    expect(line).to_contain_text("adopted by Arverne, Bituria, and Carnutie (3 of 5)")


def test_the_panel_takes_the_keyboard_and_gives_it_back(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    page.locator("#law-open").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="La loi ici")
    expect(page.locator(":focus")).to_have_text("Fermer")
    expect(panel.locator(".packs .pack li").first).to_be_attached()  # their texts have come, and are drawn
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Le socle : ce qui peut aller où".replace(" :", "\N{NO-BREAK SPACE}:"))
    page.keyboard.press("Enter")
    expect(panel.locator(".packs details[open]")).to_have_count(1)
    page.keyboard.press("Escape")

    expect(panel).to_be_hidden()
    expect(page.locator(":focus")).to_have_attribute("id", "law-open")


def test_closing_the_panel_stops_no_answer(open_page: OpenPage, script: Script, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "ENDLESS")
    expect(page.locator(".answer")).to_contain_text("encore")
    panel = law_here(page)
    page.keyboard.press("Escape")

    expect(panel).to_be_hidden()
    expect(page.get_by_role("button", name="Arrêter")).to_be_visible()
    assert not script.caller_gone.is_set()
    page.keyboard.press("Escape")
    expect(page.locator(".step-answer")).to_contain_text("Réponse arrêtée à votre demande.")


@pytest.mark.parametrize("expired", [False, True])
def test_a_charter_that_cannot_be_relied_on_as_usual_says_so_and_why(
    open_page: OpenPage, script: Script, scripted_url: str, *, expired: bool
) -> None:
    script.law = signed(expired=expired, problem={"fr": "Le dépôt ne répond pas.", "en": "No answer."})
    page = open_page(scripted_url)
    notice = page.locator("#law-notice")
    expect(notice).to_be_visible()
    expect(notice).to_have_role("status")
    expect(notice).to_contain_text("Le dépôt ne répond pas.")
    expect(notice).to_contain_text("était valable jusqu’au" if expired else "reste en vigueur")
    expect(page.locator("#law-open")).to_contain_text("n’est plus valable" if expired else "valable jusqu’au")

    send(page, "EXPIRED" if expired else "Bonjour")
    if expired:
        expect(page.locator(".failure")).to_contain_text("La charte n’est plus valable")
        expect(page.locator(".failure")).to_contain_text("charter_expired")
    else:
        answered(page)


def test_a_gateway_that_tells_no_law_is_said_to_tell_none(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.law.silent = True
    page = open_page(scripted_url)

    expect(page.locator("#law-open")).to_contain_text("La charte n’a pas pu être lue")
    expect(law_here(page)).to_contain_text("La charte n’a pas pu être lue")


@pytest.mark.parametrize("width", [320, 640])
def test_a_small_or_magnified_screen_shows_the_law_without_sideways_scrolling(
    open_page: OpenPage, script: Script, scripted_url: str, width: int
) -> None:
    script.law = signed(SUSPENDED, NO_AMERICA)
    page = open_page(scripted_url, viewport={"width": width, "height": 450})
    for text in ("ORDERED", "REVIEW", "WARNED"):
        expect(page.locator("#send")).to_be_visible()
        send(page, text)
    answered(page, 3)
    page.locator(".order summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width

    panel = law_here(page)
    for summary in panel.locator("summary").all():
        summary.click()
    assert panel.evaluate("(node) => node.scrollWidth <= node.clientWidth")


def test_the_law_never_hides_the_model_that_has_the_keyboard(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url, viewport={"width": 1280, "height": 560})
    page.get_by_role("radio").first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    radio, law = page.locator(":focus").bounding_box(), page.locator(".law-here").bounding_box()

    assert radio is not None
    assert law is not None
    assert radio["y"] + radio["height"] <= law["y"]


def test_names_and_ids_of_the_law_are_as_assistive_technology_needs_them(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.law = signed(SUSPENDED, REVIEWED)
    page = open_page(scripted_url)
    send(page, "ORDERED")
    expect(page.locator(".refusal")).to_have_count(1)
    send(page, "ORDERED")
    expect(page.locator(".refusal")).to_have_count(2)
    send(page, "WARNED")
    answered(page, 3)
    panel = law_here(page)

    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))
    pointed = page.evaluate("""[...document.querySelectorAll('[aria-labelledby]')].map(
        (node) => node.getAttribute('aria-labelledby'))""")
    assert set(pointed) - set(ids) == set()
    for control in panel.get_by_role("button").all():
        expect(control).not_to_have_accessible_name("")
    levels = panel.evaluate("(node) => [...node.querySelectorAll('h2,h3,h4')].map((head) => Number(head.tagName[1]))")
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
