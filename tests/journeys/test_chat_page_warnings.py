"""What the chat page tells of the duties of an exchange: warnings beside the answer, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.scripted_law import SAYS_SO
from tests.journeys.scripted_shield import MARKED, PROHIBITED
from tests.journeys.steps import answered, send

if TYPE_CHECKING:
    from tests.journeys.conftest import OpenPage
    from tests.journeys.scripted_gateway import Script


def test_a_warning_stands_beside_the_answer_and_is_said_aloud(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "WARNED ONCE")
    answered(page)

    warning = page.get_by_role("complementary", name="Avertissement")
    expect(warning).to_contain_text(MARKED["fr"])
    expect(warning).to_contain_text("art. 50(2)")
    assert page.evaluate("""() => document.querySelector('.warnings').compareDocumentPosition(
        document.querySelector('.answer')) & Node.DOCUMENT_POSITION_FOLLOWING""")
    expect(page.locator("#announcer")).to_contain_text(MARKED["fr"])
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("complementary", name="Warning")).to_contain_text(MARKED["en"])


def test_several_warnings_are_open_until_they_have_been_read_above(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "WARNED ONCE")
    answered(page)
    send(page, "WARNED")
    answered(page, 2)
    send(page, "WARNED")
    answered(page, 3)

    new, read = page.locator(".warnings").nth(1), page.locator(".warnings").nth(2)
    expect(new.get_by_text(PROHIBITED["fr"])).to_be_visible()
    expect(read.locator("summary")).to_have_text("2 avertissements sur cette réponse (les mêmes que plus haut)")
    expect(read.get_by_text(PROHIBITED["fr"])).to_be_hidden()
    read.locator("summary").click()
    expect(read.get_by_text(PROHIBITED["fr"])).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(read.get_by_text(PROHIBITED["en"])).to_be_visible()


def test_a_warning_that_an_order_wants_names_its_authority(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.law.orders = [SAYS_SO]
    page = open_page(scripted_url)
    send(page, "Bonjour")
    answered(page)

    warning = page.get_by_role("complementary", name="Avertissement")
    expect(warning).to_contain_text("Modèle sous enquête.")
    expect(warning).to_contain_text("Autorité inventée de protection (fr-protection)")


def test_the_real_gateway_s_warnings_come_with_its_answer(open_page: OpenPage, served_url: str) -> None:
    page = open_page(served_url)
    page.get_by_role("radio", name="gravelines-mistral").check()
    send(page, "Bonjour")
    answered(page)

    expect(page.locator(".warnings")).to_contain_text("Contenu produit par une intelligence artificielle")


def test_duties_and_what_the_second_net_saw_are_told_in_words(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "OWED SIGNALLED")
    answered(page)
    expect(page.locator(".summary")).to_contain_text("approuvé par une seconde personne")
    page.get_by_text("Pourquoi", exact=True).click()

    why = page.locator("details.why")
    for said in (
        "au plus 2,5 g de CO₂e",
        "fondée sur les sources",
        "Une seconde personne a approuvé",
        "reste sur les machines de l’institution",
        "remplacé par un pseudonyme",
        re.compile(r"au moins 180 jours et au plus 3\s?650"),
        "conservées chiffrées",
        "« ai-generated »".replace(" ", "\N{NO-BREAK SPACE}"),
        "Ce que le filet a cru voir",
        "semble demander d'influencer des personnes à leur insu",
        "il se trompe parfois",
    ):
        expect(why).to_contain_text(said)
