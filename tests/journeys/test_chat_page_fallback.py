"""What the page says when the first deployment does not answer and another one takes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.journeys.conftest import OpenPage
    from tests.journeys.scripted_gateway import Script

NAME = "Camille Durand"
IBAN = "FR76 3000 6000 0112 3456 7890 189"


def send(page: Page, text: str) -> None:
    """Type a message and send it with the keyboard."""
    page.locator("#message").fill(text)
    page.keyboard.press("Enter")


def test_after_a_fallback_the_page_says_who_answered_and_who_did_not(open_page: OpenPage, fallback_url: str) -> None:
    page = open_page(fallback_url)
    send(page, f"Mon compte est le {IBAN}.")
    expect(page.locator("#x1-copy")).to_be_visible()

    expect(page.locator(".fallback")).to_contain_text("paris-mistral (Scaleway")
    expect(page.locator(".fallback")).to_contain_text("n’a pas répondu ; gravelines-mistral a répondu.")
    expect(page.locator(".route")).to_contain_text("Envoyé à OVHcloud")
    expect(page.locator(".step-answer")).to_contain_text("Réponse de gravelines-mistral")
    page.get_by_text("Pourquoi", exact=True).click()
    expect(page.locator("details.why")).to_contain_text("gravelines-mistral : OVHcloud")
    expect(page.locator("details.why")).to_contain_text("parmi ceux que la charte permet et qui restaient")
    page.get_by_text("Reçu", exact=True).click()
    receipt = page.locator("details.receipt")
    expect(receipt.locator("dt:text-is('Décision') + dd")).to_have_text("permis\u00a0: traité par gravelines-mistral")
    expect(receipt.locator("dt:text-is('Sans réponse avant lui') + dd")).to_have_text("paris-mistral")
    page.get_by_role("tab", name="Ce qui est parti").click()
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("exactement ce que OVHcloud")
    expect(panel).to_contain_text("n’a pas répondu, mais a pu recevoir ce même texte.")
    page.get_by_role("tab", name="Ce qui est revenu").click()
    expect(panel).to_contain_text("1 pseudonyme a été remplacé")


def test_until_the_next_one_answers_the_page_says_only_that_it_was_asked(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url, locale="en-GB")
    send(page, f"FALLBACK {NAME}")

    said = page.locator(".fallback")
    expect(said).to_have_text("lille-llama (3DS OUTSCALE) did not answer; gravelines-mistral was asked next.")
    expect(page.locator(".route")).to_contain_text("Sent to OVHcloud")
    expect(page.locator("#announcer")).to_contain_text("gravelines-mistral was asked next. Personal data.")
    page.get_by_role("button", name="Français").click()
    expect(said).to_have_text(
        "lille-llama (3DS OUTSCALE) n’a pas répondu ; la demande est passée à gravelines-mistral."
    )

    script.may_answer.set()
    expect(page.locator("#x1-copy")).to_be_visible()
    expect(said).to_have_text("lille-llama (3DS OUTSCALE) n’a pas répondu ; gravelines-mistral a répondu.")
    page.get_by_role("button", name="English").click()
    expect(said).to_have_text("lille-llama (3DS OUTSCALE) did not answer; gravelines-mistral answered.")
    page.get_by_text("Receipt", exact=True).click()
    expect(page.locator("details.receipt")).to_contain_text("Recorded in the log as no.\u00a01,")


def test_an_answer_from_home_does_not_hide_that_someone_outside_was_asked_first(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.may_answer.set()
    page = open_page(scripted_url)
    send(page, f"FALLBACK HOME {NAME}")
    expect(page.locator("#x1-copy")).to_be_visible()

    expect(page.locator(".route")).to_contain_text("Traité dans votre institution")
    page.get_by_role("tab", name="Ce qui est parti").click()
    panel = page.get_by_role("tabpanel")
    expect(panel).not_to_contain_text("Rien n’a quitté")
    expect(panel).to_contain_text("3DS OUTSCALE n’a pas répondu, mais a pu recevoir ceci :")
    expect(panel.locator("mark.pseudonym")).to_contain_text("[PERSON_K7QX]")
