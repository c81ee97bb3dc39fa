"""What the page says of where an exchange ran: what it cost, what it met on the way, and who can be compelled there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.journeys.steps import answered, send

if TYPE_CHECKING:
    from tests.journeys.conftest import OpenPage
    from tests.journeys.scripted_gateway import Script

# The footprints ----------------------------------------------------------------------------------------------------


def test_what_an_answer_cost_is_a_range_and_how_it_was_estimated_can_be_read(
    open_page: OpenPage, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    send(page, "Bonjour FORGED")
    answered(page)

    said = page.locator(".footprint-said")
    expect(said).to_have_text(
        "Empreinte\u00a0: 1,2 à 5,2 mg CO₂e, 25 à 45 mWh, estimé\u00a0; réseau électrique\u00a0: France"
    )
    page.get_by_text("Comment c’est estimé").click()
    footprint = page.locator("details.footprint")
    expect(footprint).to_contain_text("selon la méthode d’EcoLogits")
    expect(footprint).to_contain_text("ecologits-0.11")
    page.get_by_role("button", name="English").click()
    expect(said).to_have_text("Footprint: 1.2 to 5.2 mg CO₂e, 25 to 45 mWh, estimated; electric grid: France")
    expect(footprint).to_have_attribute("open", "")


def test_an_unknown_grid_is_said_to_be_unknown(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "Bonjour NOGRID")
    answered(page)

    expect(page.locator(".footprint-said")).to_contain_text("0,51 à 59 mg CO₂e")
    expect(page.locator(".footprint-said")).to_contain_text("réseau électrique inconnu")
    page.get_by_text("Comment c’est estimé").click()
    expect(page.locator("details.footprint")).to_contain_text("On ne sait pas où sont les machines")


def test_a_declared_figure_is_said_to_be_declared_with_its_source(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "Bonjour DECLARED")
    answered(page)

    said = page.locator(".footprint-said")
    expect(said).to_have_text(
        "Empreinte\u00a0: au plus 12 mg CO₂e, déclaré\u00a0; 25 à 45 mWh, estimé", use_inner_text=True
    )
    page.get_by_text("D’où vient ce chiffre").click()
    footprint = page.locator("details.footprint")
    expect(footprint).to_contain_text("Ni mesuré ni estimé ici")
    expect(footprint).to_contain_text("mesure du syndicat, 2026")
    expect(footprint).not_to_contain_text("du monde")
    page.get_by_role("button", name="English").click()
    expect(said).to_have_text("Footprint: at most 12 mg CO₂e, declared; 25 to 45 mWh, estimated")


def test_a_range_is_rounded_outwards_however_wide_or_narrow_it_is(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url, locale="en-GB")
    send(page, "Hello UNSIZED")
    answered(page)
    send(page, "Hello MEASURED")
    answered(page, 2)

    wide, narrow = page.locator(".footprint-said").all_inner_texts()
    assert "110 µg to 1.3 g CO₂e, at most 25 Wh, estimated" in wide
    assert "99 to 100 µg CO₂e, 310 µWh, estimated; electric grid: Sweden (SE3)" in narrow
    page.locator("#x2-footprint").click()
    expect(page.locator("details.footprint[open]")).to_contain_text("your institution’s own processors measured")


def test_of_what_the_gateway_did_not_count_the_page_says_nothing(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "Bonjour UNCOUNTED FORGED")
    answered(page)

    expect(page.locator(".footprint")).to_have_count(0)


def test_the_real_gateway_says_what_its_answer_cost(open_page: OpenPage, served_url: str) -> None:
    page = open_page(served_url)
    send(page, "Bonjour.")
    answered(page)

    expect(page.locator(".footprint-said")).to_have_text(
        re.compile(r"Empreinte\s: au plus [\d,]+ \S?g CO₂e, déclaré\s; .*, estimé")
    )


# The way there -----------------------------------------------------------------------------------------------------


def test_who_waited_in_line_and_whose_budget_nears_its_end_is_told(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "Bonjour WAITED NEARLY")
    answered(page)

    shield = page.locator(".step-shield")
    expect(shield).to_contain_text("La demande a attendu son tour\u00a0: 12 secondes.")
    expect(shield.locator(".budget")).to_contain_text("touche à sa fin")
    expect(page.locator("#announcer")).to_contain_text("Le budget carbone accordé ici")


def test_a_budget_that_is_reached_is_said_to_have_chosen_a_lighter_model(
    open_page: OpenPage, scripted_url: str
) -> None:
    page = open_page(scripted_url, locale="en-GB")
    send(page, "Hello LIGHTER")
    answered(page)

    expect(page.locator(".budget")).to_contain_text("the lightest of the permitted models answers")


def test_a_budget_that_is_spent_is_no_fault_of_the_text_and_of_no_rule(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "Bonjour SPENT")

    refusal = page.get_by_role("region", name="Le budget carbone est épuisé")
    expect(refusal).to_contain_text("Rien n’est parti")
    expect(refusal).to_contain_text("Ce n’est pas votre texte qui est en cause")
    expect(refusal).to_contain_text("Revenez à la période suivante")
    expect(refusal).not_to_contain_text("règle de la charte")


def test_when_there_is_no_room_the_page_tries_again_after_the_time_it_was_told(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.retry_after = [1]
    page = open_page(scripted_url)
    send(page, "Bonjour BUSY")

    failure = page.locator(".failure")
    expect(failure).to_contain_text("Une place devrait se libérer dans 1 seconde environ.")
    page.locator("#message").fill("La suite, que j’écris déjà")
    failure.get_by_role("button", name="Réessayer dans 1 seconde").click()
    answered(page, 2)
    expect(page.locator(".answer")).to_contain_text("Bonjour BUSY")
    expect(page.locator("#message")).to_have_value("La suite, que j’écris déjà")


def test_who_does_not_want_to_wait_any_more_is_not_made_to(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.retry_after = [600, 7200]
    page = open_page(scripted_url, locale="en-GB")
    send(page, "Hello BUSY")

    page.get_by_role("button", name="Try again in 10 minutes").click()
    expect(page.locator("#announcer")).to_contain_text("Trying again in 10 minutes.")
    page.get_by_role("button", name="cancel").click()
    expect(page.locator("#x1-later")).to_have_text("Try again in 10 minutes")
    page.get_by_role("button", name="Try again", exact=True).click()
    expect(page.locator(".failure")).to_contain_text("There should be room in about 2 hours.")
    expect(page.get_by_role("button", name="Try again in")).to_have_count(0)


# Who answers -------------------------------------------------------------------------------------------------------


def test_an_alias_says_what_it_is_for_and_among_whom_the_shield_chose(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    page.get_by_role("radio", name="courrier").check()
    choice = page.locator(".choice", has=page.get_by_role("radio", name="courrier"))
    expect(choice).to_contain_text("Pour le courrier aux habitants.")
    expect(choice).to_contain_text("à\u00a0: gravelines-mistral et lille-llama")
    expect(choice.get_by_role("button")).to_have_count(0)
    send(page, "Bonjour")
    answered(page)

    assert script.seen[-1]["model"] == "courrier"
    page.get_by_text("Pourquoi", exact=True).click()
    expect(page.locator("details.why")).to_contain_text("Vous avez demandé «\u00a0courrier\u00a0»")
    expect(page.locator("details.why")).to_contain_text("6 déploiements ont été considérés.")


def test_a_model_says_when_it_is_full_or_resting_and_who_withdraws_it(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    fleet = script.fleet
    fleet.states["gravelines-mistral"] = {"state": "full", "in_flight": 3, "elsewhere": 5, "slots": 8}
    fleet.states["lille-llama"] = {"state": "draining", "draining": True}
    line = {"deployment": None, "state": "draining", "slots": None, "by": "exploitation@Lille", "said_s_ago": 5}
    fleet.announced["Lille"] = [line | {"ends_in_s": 3600}]
    fleet.states["unlisted-host"] = {"state": "draining", "draining": True}
    fleet.announced["somewhere"] = [line | {"by": None, "ends_in_s": None}]  # who announced it is told to few
    fleet.states["seattle-gpt"] = {"state": "breaker", "retry_in_ms": 30_000}
    page = open_page(scripted_url)

    def choice(name: str) -> str:
        found = page.locator(".choice", has=page.get_by_role("radio", name=name))
        expect(found.locator(".state")).to_be_visible()
        return found.inner_text().replace("\u00a0", " ")

    assert "complet : les demandes attendent leur tour" in choice("gravelines-mistral")
    assert "8 échanges en cours sur 8" in choice("gravelines-mistral")
    assert re.search(r"se retire.*annoncé par exploitation@Lille, jusqu’au \d", choice("lille-llama"))
    assert "se retire : ne prend plus rien\n" in choice("unlisted-host")
    assert "au repos, après des échecs, nouvel essai dans 30 secondes" in choice("seattle-gpt")


# Who can be compelled ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_who_can_be_compelled_is_drawn_and_said_in_words(
    open_page: OpenPage, script: Script, scripted_url: str, locale: str
) -> None:
    script.key = "a-key"  # an image alone could not bear it
    page = open_page(scripted_url, locale=locale)
    page.locator("#key").fill("a-key")
    page.keyboard.press("Enter")
    french = locale == "fr-FR"
    question = "Qui peut être contraint\u00a0?" if french else "Who can be compelled?"
    opener = page.get_by_role("button", name=f"{question} seattle-gpt")
    opener.focus()
    page.keyboard.press("Enter")

    panel = page.get_by_role("dialog", name=question)
    image = panel.get_by_role("img")
    expect(image).to_have_accessible_name(re.compile("seattle-gpt"))
    expect(image).to_have_js_property("complete", value=True)
    assert image.evaluate("image => image.naturalWidth") > 0
    expect(panel).to_contain_text("Au 22 novembre 2026" if french else "As of 22 November 2026")
    expect(panel.locator(".laws > li").first).to_contain_text("us-cloud-act")
    narrow = image.bounding_box()
    panel.get_by_role("button", name="Agrandir" if french else "Enlarge").click()
    wide = image.bounding_box()
    assert narrow is not None
    assert wide is not None
    assert wide["width"] > narrow["width"]
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_panel_follows_the_reader_s_language_and_says_what_is_not_known(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    page.get_by_role("button", name="Qui peut être contraint\u00a0? unlisted-host").click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("Ce qui n’est pas connu")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Who can be compelled? unlisted-host").click()
    expect(panel).to_contain_text("What is not known")

    assert set(script.fleet.languages) == {"fr", "en"}


def test_where_nothing_is_drawn_the_panel_says_what_the_list_knows(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    page.get_by_role("button", name="Qui peut être contraint\u00a0? lille-llama").click()

    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("Le détail n’a pas pu être lu")
    expect(panel).to_contain_text("portée discutée\u00a0: CLOUD Act (États-Unis)")


def test_the_real_gateway_draws_who_can_be_compelled_by_the_facts_in_force(
    open_page: OpenPage, served_url: str
) -> None:
    page = open_page(served_url)
    send(page, "Bonjour.")
    answered(page)
    page.get_by_text("Pourquoi", exact=True).click()
    page.locator("details.why").get_by_role("button", name="Qui peut être contraint").click()

    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("img")).to_be_visible()
    expect(panel).to_contain_text("OVHcloud")
    expect(panel.locator(".laws")).to_contain_text("CLOUD Act")
