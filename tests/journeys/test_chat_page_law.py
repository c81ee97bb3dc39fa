"""What the chat page tells of the law: the charter and who adopted it, orders, warnings, and refusals they make.

Stories that take `gateway_url` are told twice: to a gateway that follows a script, and to the real one.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.scripted_law import NO_AMERICA, PARTIES, REVIEWED, SUSPENDED, ScriptedLaw, an_order
from tests.journeys.scripted_shield import MARKED, PROHIBITED

if TYPE_CHECKING:
    from tests.journeys.conftest import OpenPage
    from tests.journeys.scripted_gateway import Script

NOT_AUTHORISED = {"path": "orders/fr-protection/2026-099.json", "digest": "ab" * 32}


def send(page: Page, text: str) -> None:
    """Type a message and send it with the keyboard."""
    page.locator("#message").fill(text)
    page.keyboard.press("Enter")


def answered(page: Page, number: int = 1) -> None:
    """Wait for the end of an answer."""
    expect(page.locator(f"#x{number}-copy")).to_be_visible()


def law_here(page: Page) -> Locator:
    """Open the panel."""
    page.locator("#law-open").click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    return panel


def told(panel: Locator, term: str) -> Locator:
    """What a list of facts says of a term."""
    return panel.locator(f"dt:text-is('{term}') + dd")


def signed(*orders: Any, **changes: Any) -> ScriptedLaw:
    """A charter adopted by three parties of five."""
    return ScriptedLaw(adopted_by=PARTIES[:3], orders=list(orders), **changes)


# The charter ----------------------------------------------------------------------------------------------------------


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
    expect(panel).to_contain_text("Aucun ordre n’est en vigueur ici." if french else "No order is in force here.")
    panel.get_by_text("Le socle" if french else "The base").first.click()
    expect(panel.locator(".packs details[open] h4").first).to_be_visible()
    expect(panel.locator(".packs details[open] table").first).to_be_visible()
    expect(panel.locator("code").filter(has_text=re.compile("^[0-9a-f]{64}$"))).to_have_count(2)


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


# Orders ---------------------------------------------------------------------------------------------------------------


def test_orders_in_force_are_told_in_full(open_page: OpenPage, script: Script, scripted_url: str) -> None:
    reason = {"fr": "hors du mandat", "en": "outside the mandate"}
    script.law = signed(SUSPENDED, NO_AMERICA, REVIEWED, refused=[{**NOT_AUTHORISED, "reasons": [reason]}])
    page = open_page(scripted_url)
    expect(page.locator("#law-open")).to_contain_text("3 ordres en vigueur")
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
    panel.get_by_text("1 ordre publié et sans effet").click()
    expect(panel).to_contain_text("hors du mandat")


def test_an_order_that_comes_is_seen_at_the_next_exchange_on_the_page_and_on_the_model(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    expect(page.locator("#law-open")).not_to_contain_text("ordre")
    script.law.orders = [SUSPENDED]
    send(page, "Bonjour")
    answered(page)

    expect(page.locator("#law-open")).to_contain_text("1 ordre en vigueur")
    suspended = re.compile("suspendu par un ordre de fr-protection, jusqu’au 22 décembre 2026")
    expect(page.get_by_role("radio", name="gravelines-mistral")).to_have_accessible_description(suspended)
    expect(page.get_by_role("radio", name="lille-llama")).not_to_have_accessible_description(suspended)


def test_a_refusal_by_an_order_shows_the_order_and_how_to_contest_it(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.law.orders = [SUSPENDED]
    page = open_page(scripted_url)
    send(page, "ORDERED")

    refusal = page.get_by_role("region", name="L’ordre d’une autorité ne permet pas cet échange")
    expect(refusal).to_contain_text("Rien n’est parti.")
    order = refusal.get_by_role("article", name="Suspension du modèle de Gravelines")
    expect(told(order, "Autorité")).to_contain_text("Autorité inventée de protection")
    expect(told(order, "Durée")).to_contain_text("jusqu’au 22 décembre 2026")
    order.get_by_text("Motifs, recours et portée").click()
    expect(order).to_contain_text("Recours devant le juge administratif")

    script.law.orders = []  # it is over; what it refused stays told
    send(page, "Bonjour")
    answered(page, 2)
    expect(page.locator("#law-open")).not_to_contain_text("ordre")
    page.get_by_role("button", name="English").click()
    order = page.get_by_role("article", name="The Gravelines model is suspended")
    expect(told(order, "Duration")).to_contain_text("no longer in force")


def test_an_order_that_the_page_had_not_heard_of_is_told_once_it_has(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    script.law.orders = [SUSPENDED]
    send(page, "ORDERED")

    refusal = page.get_by_role("region", name="L’ordre d’une autorité ne permet pas cet échange")
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
    expect(page.locator("#law-open")).to_contain_text("1 ordre en vigueur")
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


# Refusals that someone can do something about -------------------------------------------------------------------------


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


# Warnings and duties --------------------------------------------------------------------------------------------------


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


# Everyone -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 640])
def test_a_small_or_magnified_screen_shows_the_law_without_sideways_scrolling(
    open_page: OpenPage, script: Script, scripted_url: str, width: int
) -> None:
    script.law = signed(SUSPENDED, NO_AMERICA)
    page = open_page(scripted_url, viewport={"width": width, "height": 450})
    for text in ("ORDERED", "REVIEW", "WARNED"):
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
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))
