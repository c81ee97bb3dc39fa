"""What the chat page tells of orders: which are in force, what they refuse, and what someone can do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys.scripted_law import NO_AMERICA, REVIEWED, SUSPENDED, an_order, signed
from tests.journeys.steps import answered, law_here, send, told

if TYPE_CHECKING:
    from tests.journeys.conftest import OpenPage, Reviewed
    from tests.journeys.scripted_gateway import Script

NOT_AUTHORISED = {"path": "orders/fr-protection/2026-099.json", "digest": "ab" * 32}


def test_orders_in_force_are_told_in_full(open_page: OpenPage, script: Script, scripted_url: str) -> None:
    reason = {"fr": "hors du mandat", "en": "outside the mandate"}
    script.law = signed(SUSPENDED, NO_AMERICA, REVIEWED, refused=[{**NOT_AUTHORISED, "reasons": [reason]}])
    page = open_page(scripted_url)
    expect(page.locator("#law-open")).to_contain_text("3 injonctions en vigueur")
    panel = law_here(page)
    order = panel.get_by_role("article", name="Suspension du modèle de Gravelines")
    expect(told(order, "Autorité")).to_have_text("Autorité inventée de protection (fr-protection)")
    expect(told(order, "Effet")).to_have_text("rien n’y est envoyé")
    expect(told(order, "Vise")).to_have_text("le déploiement gravelines-mistral")
    expect(told(order, "Fondement")).to_have_text("Règlement (UE) 2016/679, art. 58(2)(f)")
    expect(told(order, "Durée")).to_contain_text("jusqu’au 22 décembre 2026")
    order.get_by_text("Motifs, recours et portée").click()
    expect(order).to_contain_text("Constat du 20 novembre 2026.")
    expect(order).to_contain_text("Recours devant le juge administratif, sous deux mois.")
    expect(told(order, "Territoire")).to_have_text("France")
    expect(told(order, "Empreinte")).to_have_text(SUSPENDED.digest)

    america = panel.get_by_role("article", name="Rien à portée du droit des États-Unis")
    expect(told(america, "Effet")).to_contain_text("États-Unis")
    expect(told(america, "Vise")).to_have_text(re.compile("ouverture.: fermé et à portée de cette loi.: US-CLOUD-ACT"))
    expect(told(panel.get_by_role("article").last, "Vise")).to_have_text("tous les modèles")
    panel.get_by_text("1 injonction publiée et sans effet").click()
    expect(panel).to_contain_text("hors du mandat")


def test_an_order_that_comes_is_seen_at_the_next_exchange_on_the_page_and_on_the_model(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    expect(page.locator("#law-open")).not_to_contain_text("injonction")
    script.law.orders = [SUSPENDED]
    send(page, "Bonjour")
    answered(page)

    expect(page.locator("#law-open")).to_contain_text("1 injonction en vigueur")
    suspended = re.compile("suspendu par une injonction de fr-protection, jusqu’au 22 décembre 2026")
    expect(page.get_by_role("radio", name="gravelines-mistral")).to_have_accessible_description(suspended)
    expect(page.get_by_role("radio", name="lille-llama")).not_to_have_accessible_description(suspended)


def test_a_refusal_by_an_order_shows_the_order_and_how_to_contest_it(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.law.orders = [SUSPENDED]
    page = open_page(scripted_url)
    send(page, "ORDERED")

    refusal = page.get_by_role("region", name="L’injonction d’une autorité ne permet pas cet échange")
    expect(refusal).to_contain_text("Rien n’est parti.")
    order = refusal.get_by_role("article", name="Suspension du modèle de Gravelines")
    expect(told(order, "Autorité")).to_contain_text("Autorité inventée de protection")
    expect(told(order, "Durée")).to_contain_text("jusqu’au 22 décembre 2026")
    order.get_by_text("Motifs, recours et portée").click()
    expect(order).to_contain_text("Recours devant le juge administratif")

    script.law.orders = []  # it is over; what it refused stays told
    send(page, "Bonjour")
    answered(page, 2)
    expect(page.locator("#law-open")).not_to_contain_text("injonction")
    page.get_by_role("button", name="English").click()
    order = page.get_by_role("article", name="The Gravelines model is suspended")
    expect(told(order, "Duration")).to_contain_text("no longer in force")


def test_an_order_that_the_page_had_not_heard_of_is_told_once_it_has(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    script.law.orders = [SUSPENDED]
    send(page, "ORDERED")

    refusal = page.get_by_role("region", name="L’injonction d’une autorité ne permet pas cet échange")
    expect(refusal.get_by_role("article", name="Suspension du modèle de Gravelines")).to_be_visible()
    expect(refusal).to_contain_text("Autorité inventée de protection")


def test_an_order_in_the_middle_of_an_answer_keeps_what_came_and_says_why(
    open_page: OpenPage, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    page.get_by_role("radio", name="gravelines-mistral").check()
    send(page, "SUSPENDED, et la suite de cette réponse")

    failure = page.locator(".failure")
    expect(failure).to_contain_text("La loi a changé pendant la réponse")
    expect(page.locator(".answer")).to_contain_text("J’ai lu ceci")
    expect(failure.get_by_role("article", name="Suspension du modèle de Gravelines")).to_be_visible()
    expect(page.locator("#law-open")).to_contain_text("1 injonction en vigueur")
    page.get_by_role("tab", name="Ce qui est parti").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("OVHcloud")


def test_what_an_order_says_is_text_and_never_markup(open_page: OpenPage, script: Script, scripted_url: str) -> None:
    hostile = "<img src=x onerror=\"document.title='taken'\"><b>gras</b>"
    script.law.orders = [an_order("1", {"kind": "suspend"}, {"model": hostile}, fr=hostile, en=hostile)]
    page = open_page(scripted_url)
    panel = law_here(page)

    expect(panel.get_by_role("article")).to_contain_text("<img src=x")
    expect(page).to_have_title("Bouclier — assistant protégé")
    assert panel.locator("img, b").count() == 0


def test_what_a_second_person_approved_goes_again_byte_for_byte(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    send(page, "REVIEW Camille Durand")
    refusal = page.get_by_role("region", name="Une seconde personne doit d’abord approuver")
    expect(refusal).to_contain_text("decision-reviewed")
    exchange = refusal.locator(".review-id").inner_text()
    assert re.fullmatch("[0-9a-f]{32}", exchange)

    refusal.get_by_role("button", name="Renvoyer, une fois approuvée").click()
    expect(refusal.get_by_role("status")).to_contain_text("personne ne l'a encore relue")
    expect(page.locator(":focus")).to_have_attribute("id", "x1-resend")

    script.approved.add(exchange)
    page.keyboard.press("Enter")
    answered(page)
    expect(page.locator(".answer")).to_have_text("J’ai lu ceci : REVIEW Camille Durand")
    expect(page.locator("article")).to_have_count(1)
    expect(refusal).to_have_count(0)
    first, *again = script.bodies
    assert again == [first, first]
    expect(page.locator(":focus")).to_have_attribute("id", "message")


def test_the_real_gateway_lets_go_what_a_second_person_approved(open_page: OpenPage, reviewed: Reviewed) -> None:
    page = open_page(reviewed.url)
    expect(page.locator("#law-open")).to_contain_text("Essai, version 1 adoptée par personne")
    send(page, "Peut-on noter les citoyens ?")
    refusal = page.get_by_role("region", name="Une seconde personne doit d’abord approuver")
    expect(refusal).to_contain_text("Règle scoring-reviewed.")
    refusal.get_by_role("button", name="Renvoyer, une fois approuvée").click()
    expect(refusal.get_by_role("status")).to_contain_text("personne ne l'a encore relue")

    reviewed.approve(refusal.locator(".review-id").inner_text())
    refusal.get_by_role("button", name="Renvoyer, une fois approuvée").click()
    answered(page)
    expect(page.locator(".answer")).to_contain_text("Peut-on noter les citoyens ?")
    expect(page.locator(".warnings")).to_contain_text("Avis ai.")
    expect(page.locator(".summary")).to_contain_text("approuvé par une seconde personne")
    page.get_by_text("Pourquoi", exact=True).click()
    expect(page.locator("details.why")).to_contain_text("semble noter des personnes")
    page.get_by_text("Reçu", exact=True).click()
    expect(page.locator("details.receipt dt:text-is('Approuvé sous l’échange') + dd")).to_have_text(
        re.compile("^[0-9a-f]{32}$")
    )


def test_what_waits_for_a_second_person_still_waits_when_the_gateway_is_cut_off(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    send(page, "REVIEW")
    resend = page.get_by_role("button", name="Renvoyer, une fois approuvée")
    expect(resend).to_be_visible()
    page.context.set_offline(True)
    resend.click()
    expect(page.locator(".refusal").get_by_role("status")).to_contain_text("Le bouclier ne répond pas.")

    page.context.set_offline(False)
    script.approved.add(page.locator(".review-id").inner_text())
    resend.click()
    answered(page)


@pytest.mark.parametrize(
    ("word", "heading", "next_step"),
    [
        ("UNSOURCED", "Cette demande doit apporter ses sources", "Cette page ne sait pas joindre de sources"),
        ("COSTLY", "Trop long pour le budget carbone", "Consigne de la passerelle."),
    ],
)
def test_a_duty_that_the_request_cannot_fulfil_is_named_with_a_way_out(
    open_page: OpenPage, scripted_url: str, word: str, heading: str, next_step: str
) -> None:
    page = open_page(scripted_url)
    send(page, word)
    refusal = page.get_by_role("region", name=heading)
    expect(refusal).to_contain_text("RGPD, art. 22")
    expect(refusal).to_contain_text(next_step)

    refusal.get_by_role("button", name="Modifier mon texte").click()
    expect(page.get_by_label("Votre message")).to_have_value(word)


@pytest.mark.parametrize("pressing", ["mouse", "space bar"])
def test_what_is_shown_anew_while_a_button_is_pressed_does_not_swallow_the_click(
    open_page: OpenPage, script: Script, scripted_url: str, pressing: str
) -> None:
    page = open_page(scripted_url)
    send(page, "COSTLY")
    edit = page.locator("#x1-edit")
    edit.hover()
    edit.focus()
    if pressing == "mouse":
        page.mouse.down()
    else:
        page.keyboard.down("Space")
    script.law.orders = [SUSPENDED]
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the law is asked for again
    expect(page.locator("#law-open")).to_contain_text("1 injonction en vigueur")
    if pressing == "mouse":
        page.mouse.up()
    else:
        page.keyboard.up("Space")
    expect(page.locator("#message")).to_have_value("COSTLY")
