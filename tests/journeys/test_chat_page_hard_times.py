"""The chat page when things go wrong, or someone means harm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.scripted_gateway import Script, running

if TYPE_CHECKING:
    from tests.journeys.conftest import OpenPage

KEY = "bk-invented-0001"


def send(page: Page, text: str) -> None:
    """Type a message and send it with the keyboard."""
    page.get_by_label("Votre message").fill(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("how", ["Escape", "button"])
def test_stopping_keeps_what_came_and_hangs_up_at_once(
    open_page: OpenPage, script: Script, scripted_url: str, how: str
) -> None:
    page = open_page(scripted_url)
    send(page, "ENDLESS")
    expect(page.locator(".answer")).to_contain_text("encore encore")

    if how == "Escape":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Arrêter").click()

    expect(page.locator(".step-answer")).to_contain_text("Réponse arrêtée à votre demande.")
    assert script.caller_gone.wait(10)
    expect(page.locator(".answer")).to_contain_text("encore")
    expect(page.get_by_role("button", name="Envoyer")).to_be_visible()
    expect(page.locator(":focus")).to_have_attribute("id", "message")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("BROKEN", "La réponse s’est arrêtée."),
        ("CUT", "La connexion s’est fermée avant la fin de la réponse."),
    ],
)
def test_an_answer_that_breaks_is_kept_and_said_to_be_broken(
    open_page: OpenPage, scripted_url: str, word: str, said: str
) -> None:
    page = open_page(scripted_url)
    send(page, f"{word}, et la suite")

    expect(page.locator(".failure")).to_contain_text("La réponse s’est interrompue")
    expect(page.locator(".failure")).to_contain_text(said)
    expect(page.locator(".answer")).to_contain_text("J’ai lu ceci")
    expect(page.locator(".summary")).to_contain_text("Public")


def test_a_failure_says_what_to_do_and_can_be_tried_again(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    send(page, "DOWN")
    expect(page.locator(".failure")).to_contain_text("Le modèle se charge encore.")
    expect(page.locator(".failure")).to_contain_text("Réessayez dans une minute.")

    page.get_by_role("button", name="Réessayer").click()

    expect(page.locator("article")).to_have_count(1)
    expect(page.locator(".failure")).to_contain_text("deployment_unavailable")
    assert [body["messages"] for body in script.seen] == [[{"role": "user", "content": "DOWN"}]] * 2


def test_a_text_that_found_no_place_is_said_not_to_have_left_and_shows_what_was_found(
    open_page: OpenPage, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    send(page, "UNPLACED Camille Durand")

    expect(page.locator(".failure")).to_contain_text("Réessayez dans une minute.")
    expect(page.locator("mark.finding")).to_have_text("Camille Durand")
    expect(page.locator(".summary")).to_contain_text("1 élément trouvé")
    page.get_by_role("tab", name="Ce qui est parti").click()
    expect(page.get_by_role("tabpanel")).to_have_text("Rien n’est parti : l’échange s’est arrêté avant l’envoi.")
    page.get_by_text("Reçu", exact=True).click()
    decided = page.locator("details.receipt dt:text-is('Décision') + dd")
    expect(decided).to_have_text("permis, mais aucun modèle n’était disponible")
    expect(page.locator("details.receipt")).to_contain_text("la décision de ne rien envoyer")


def test_only_the_gateway_s_own_events_say_what_was_decided_and_done(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    page.get_by_role("radio", name="gravelines-mistral").check()
    send(page, "FORGED Camille Durand")
    expect(page.locator("#x1-copy")).to_be_visible()

    expect(page.locator(".route")).to_contain_text("Envoyé à OVHcloud")
    expect(page.locator(".summary")).to_contain_text("pseudonymisé avant l’envoi")
    page.get_by_role("tab", name="Ce qui est revenu").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("1 pseudonyme a été remplacé")
    expect(page.locator("article")).not_to_contain_text("forged")


def test_a_deployment_that_refuses_does_not_speak_for_the_charter(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    page.get_by_role("radio", name="gravelines-mistral").check()
    send(page, "TURNED, et la suite")

    expect(page.locator(".failure")).to_contain_text("I would rather not.")
    expect(page.locator(".refusal")).to_have_count(0)
    page.get_by_role("tab", name="Ce qui est parti").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("OVHcloud")


@pytest.mark.parametrize("word", ["BROKEN", "CUT"])
def test_what_a_broken_answer_claims_to_be_its_outcome_is_not_believed(
    open_page: OpenPage, scripted_url: str, word: str
) -> None:
    page = open_page(scripted_url)
    send(page, f"{word} FORGED Camille Durand")
    expect(page.locator(".failure")).to_be_visible()

    page.get_by_role("tab", name="Ce qui est revenu").click()
    expect(page.get_by_role("tabpanel")).to_have_text("Ce détail n’a pas été transmis.")


def test_a_gateway_that_is_gone_is_said_to_be_gone(open_page: OpenPage) -> None:
    with running(Script()) as url:
        page = open_page(url)
    send(page, "Bonjour")

    expect(page.locator(".failure")).to_contain_text("Le bouclier ne répond pas.")
    expect(page.locator(".failure")).to_contain_text("bouclier serve")


def test_a_gateway_that_wants_a_key_is_given_one_and_the_message_goes(open_page: OpenPage) -> None:
    script = Script()
    with running(script) as url:
        page = open_page(url)
        script.key = KEY
        send(page, "Bonjour")
        expect(page.get_by_role("heading", name="Une clé est demandée")).to_be_visible()
        expect(page.locator(":focus")).to_have_attribute("id", "key")

        page.keyboard.type("not-the-key")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("pas reconnue")
        page.keyboard.type(KEY)
        page.keyboard.press("Enter")

        expect(page.locator(".answer")).to_have_text("J’ai lu ceci : Bonjour")
        expect(page.locator("#key-form")).to_be_hidden()
        assert page.evaluate("Object.entries(sessionStorage)") == [["bouclier-key", KEY]]
        assert [body["messages"][0]["content"] for body in script.seen] == ["Bonjour"]


HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script><b>gras</b>"


def test_what_a_model_says_is_text_and_never_markup(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, f"{HOSTILE} Camille Durand")

    expect(page.locator(".answer")).to_have_text(f"J’ai lu ceci : {HOSTILE} Camille Durand")
    for name in ("Ce que j’ai écrit", "Ce qui est parti", "Ce qui est revenu"):
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel")).to_contain_text("<img src=x")
    expect(page).to_have_title("Bouclier — assistant protégé")
    assert page.evaluate("document.querySelectorAll('main img, main script, main b').length") == 0


def test_code_is_set_apart_and_keeps_its_spaces(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    page.get_by_label("Votre message").fill("Voici :\n```\nif x:\n    y()\n```\net **ceci**.")
    page.keyboard.press("Enter")

    expect(page.locator(".answer pre")).to_have_text("if x:\n    y()", use_inner_text=True)
    expect(page.locator(".answer strong")).to_have_text("ceci")


def test_what_happens_is_announced_politely_and_in_whole_sentences(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "Une phrase. Une autre. Camille Durand.")
    expect(page.locator("#announcer")).to_contain_text("Réponse terminée.")

    announced = page.locator("#announcer p").all_inner_texts()
    assert len(announced) <= 5
    assert announced[0].startswith("Données personnelles. 1 élément trouvé")
    assert "J’ai lu ceci : Une phrase. Une autre. Camille Durand." in " ".join(announced)
    expect(page.locator("#announcer")).to_have_attribute("aria-live", "polite")
    assert page.evaluate("document.querySelectorAll('[aria-live]').length") == 1


def test_nothing_moves_for_those_who_asked_for_stillness(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url, reduced_motion="reduce")
    send(page, "ENDLESS")
    expect(page.locator(".working")).to_be_visible()

    moving = page.evaluate("document.getAnimations().length")

    assert moving == 0
    page.keyboard.press("Escape")
    expect(page.locator(".step-answer")).to_contain_text(re.compile("arrêtée"))


def test_the_page_reaches_nothing_but_its_own_gateway(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    reached: list[str] = []
    page.on("request", lambda request: reached.append(request.url))
    page.reload()
    expect(page.locator("body[data-ready]")).to_be_attached()
    send(page, "Bonjour")
    expect(page.locator("#x1-copy")).to_be_visible()

    assert len(reached) > 5
    assert [url for url in reached if not url.startswith(scripted_url)] == []
