"""What an agent of a town hall does with the chat page, in a real browser.

Stories that take `gateway_url` are told twice: to a gateway that follows a script, and to the real one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.replies import ECHO
from tests.journeys.scripted_shield import INVENTED_KEY

if TYPE_CHECKING:
    from tests.journeys.conftest import OpenPage
    from tests.journeys.scripted_gateway import Script

NAME = "Camille Durand"
IBAN = "FR76 3000 6000 0112 3456 7890 189"
NIR = "2 84 05 59 999 001 93"
LETTER = f"Bonjour, je m’appelle {NAME} et mon compte est le {IBAN}. Merci de rappeler {NAME}."
SECRET = f"Ma clé est {INVENTED_KEY}, gardez-la."


def choose(page: Page, model: str) -> None:
    """Choose who answers."""
    page.get_by_role("radio", name=model).check()


def send(page: Page, text: str) -> None:
    """Type a message and send it with the keyboard."""
    page.get_by_label("Votre message").fill(text)
    page.keyboard.press("Enter")


def answered(page: Page, number: int = 1) -> None:
    """Wait for the end of an answer."""
    expect(page.locator(f"#x{number}-copy")).to_be_visible()


def view(page: Page, name: str) -> str:
    """Click one tab and read its panel."""
    page.get_by_role("tab", name=name).click()
    return page.get_by_role("tabpanel").inner_text()


def test_an_agent_sees_what_they_wrote_what_left_and_what_came_back(open_page: OpenPage, gateway_url: str) -> None:
    page = open_page(gateway_url)
    choose(page, "gravelines-mistral")
    send(page, LETTER)
    answered(page)

    written = view(page, "Ce que j’ai écrit")
    assert NAME in written
    expect(page.locator("mark.finding", has_text=IBAN)).to_have_attribute("data-kind", "IBAN")

    left = view(page, "Ce qui est parti")
    assert NAME not in left.split("La table")[0]
    assert IBAN not in left.split("La table")[0]
    expect(page.locator("mark.pseudonym").filter(visible=True)).to_have_count(3)
    assert "OVHcloud" in left

    came_back = view(page, "Ce qui est revenu")
    assert "3 pseudonymes ont été remplacés" in came_back
    assert NAME in came_back
    assert re.search(r"\[IBAN_\w{4,}\]", came_back)

    expect(page.locator(".answer")).to_have_text(ECHO + LETTER)


def test_the_summary_says_the_class_the_place_the_law_and_the_protection(open_page: OpenPage, gateway_url: str) -> None:
    page = open_page(gateway_url)
    choose(page, "gravelines-mistral")
    send(page, LETTER)
    answered(page)

    shield = page.locator(".step-shield")
    for said in ("Données personnelles", "éléments trouvés", "pseudonymisé avant l’envoi", "Envoyé à OVHcloud"):
        expect(shield).to_contain_text(said)
    expect(shield).to_contain_text(re.compile("aucune loi étrangère (connue|établie)"))
    page.get_by_text("Pourquoi", exact=True).click()
    expect(page.locator("details.why")).to_contain_text("RGPD")
    expect(page.locator("details.why")).to_contain_text("Vous l’avez choisi")


def test_a_refusal_is_a_result_with_its_law_its_way_out_and_its_receipt(open_page: OpenPage, gateway_url: str) -> None:
    page = open_page(gateway_url)
    choose(page, "gravelines-mistral")
    send(page, SECRET)

    refusal = page.get_by_role("region", name="La charte ne permet pas cet échange")
    expect(refusal).to_contain_text("secrets-never-leave")
    expect(refusal).to_contain_text("RGPD, art. 32")
    expect(refusal).to_contain_text("Que faire")
    assert "Rien n’est parti" in view(page, "Ce qui est parti")
    page.get_by_text("Reçu", exact=True).click()
    expect(page.locator("details.receipt")).to_contain_text("la décision de ne rien envoyer a été inscrite")
    expect(page.locator("details.receipt dt:text-is('Décision') + dd")).to_have_text("refusé")
    expect(page.locator("details.receipt dt:text-is('Règles de la charte') + dd")).to_contain_text(
        "secrets-never-leave"
    )

    refusal.get_by_role("button", name="Modifier mon texte").click()
    expect(page.get_by_label("Votre message")).to_have_value(SECRET)


def test_a_refusal_shows_in_the_text_what_was_found_there(open_page: OpenPage, gateway_url: str) -> None:
    page = open_page(gateway_url)
    choose(page, "seattle-gpt")
    send(page, f"Le NIR de {NAME} est le {NIR}.")

    expect(page.locator(".refusal")).to_be_visible()
    expect(page.locator("mark.finding", has_text=NIR)).to_have_attribute("data-kind", "N° de sécurité sociale")
    expect(page.locator(".summary")).to_contain_text("Données sensibles")
    expect(page.locator(".summary")).to_contain_text("N° de sécurité sociale")
    page.get_by_text("Le détail des 2 éléments trouvés").click()
    page.get_by_role("button", name=f"Montrer « {NIR} » dans le texte").click()
    expect(page.locator("mark.finding:focus")).to_have_text(NIR)
    assert "Rien n’est parti" in view(page, "Ce qui est parti")


def test_what_is_counted_under_a_message_is_what_is_shown_in_it(open_page: OpenPage, gateway_url: str) -> None:
    page = open_page(gateway_url, locale="en-GB")
    choose(page, "gravelines-mistral")
    for number, text in enumerate([LETTER, f"Et le compte {IBAN} ?", "Merci."], start=1):
        page.get_by_label("Your message").fill(text)
        page.keyboard.press("Enter")
        answered(page, number)
    found = [page.locator("article").nth(index).locator(".found") for index in range(3)]

    # The letter, twice: as it was sent, and as the answer that goes back with the next message.
    expect(found[0]).to_have_text("3 items found: Person × 2, IBAN")
    expect(found[1]).to_have_text("1 item found in this message: IBAN; 7 in the conversation")
    expect(found[2]).to_have_text(
        "Nothing personal found in this message; 8 items in the conversation: Person × 4, IBAN × 4"
    )
    page.get_by_role("button", name="Français").click()
    expect(found[1]).to_have_text("1 élément trouvé dans ce message : IBAN ; 7 dans la conversation")
    expect(found[2]).to_contain_text("Rien de personnel trouvé dans ce message ; 8 éléments dans la conversation : ")


def test_everything_can_be_done_with_the_keyboard_alone(open_page: OpenPage, gateway_url: str) -> None:
    page = open_page(gateway_url)
    press = page.keyboard.press
    focused = page.locator(":focus")

    press("Tab")
    expect(focused).to_have_text("Aller à la zone de saisie")
    for _ in range(3):  # new conversation, language, who answers
        press("Tab")
    expect(focused).to_have_attribute("type", "radio")
    while page.locator(":focus").get_attribute("value") != "gravelines-mistral":
        press("ArrowDown")
    expect(page.get_by_role("radio", name="gravelines-mistral")).to_be_checked()

    page.locator("a.skip").focus()
    press("Enter")
    expect(focused).to_have_attribute("id", "message")
    page.keyboard.type("Bonjour,")
    press("Shift+Enter")
    page.keyboard.type(f"je suis {NAME}, compte {IBAN}.")
    expect(focused).to_have_value(f"Bonjour,\nje suis {NAME}, compte {IBAN}.")
    press("Enter")
    answered(page)
    expect(focused).to_have_attribute("id", "message")

    page.locator("#new").focus()
    while page.locator(":focus").get_attribute("role") != "tab":
        press("Tab")
    expect(focused).to_have_text("Ce que j’ai écrit")
    for key, name in (
        ("ArrowRight", "Ce qui est parti"),
        ("ArrowRight", "Ce qui est revenu"),
        ("ArrowRight", "Ce que j’ai écrit"),
        ("ArrowLeft", "Ce qui est revenu"),
        ("Home", "Ce que j’ai écrit"),
        ("End", "Ce qui est revenu"),
    ):
        press(key)
        expect(focused).to_have_text(name)
        expect(focused).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tabpanel")).to_have_accessible_name(name)
    press("Tab")
    expect(focused).to_have_attribute("role", "tabpanel")
    for name in ("Pourquoi", "Reçu"):
        press("Tab")
        expect(focused).to_have_text(re.compile(f"^{name}"))
        press("Enter")
        expect(page.locator("details[open] > summary", has_text=name)).to_be_visible()
        press("Tab")
        inside = {"Pourquoi": "Qui peut être contraint\u00a0?", "Reçu": "Télécharger le reçu"}[name]
        expect(focused).to_have_text(inside)


def test_the_focus_can_always_be_seen(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, LETTER)
    answered(page)
    page.locator("a.skip").focus()

    visited = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        style = page.evaluate("""() => {
            const node = document.activeElement;
            const shown = [node, node.closest('.choice'), node.closest('.compose-box')].filter(Boolean);
            const marked = shown.some((one) => getComputedStyle(one).outlineStyle === 'solid' ||
                                               getComputedStyle(one).boxShadow.includes('0px 0px 0px 2px'));
            const [box] = node.getClientRects();
            return [node.id || node.textContent, marked, Boolean(box && box.bottom > 0 && box.top < innerHeight)];
        }""")
        if style[0] in visited or page.evaluate("document.activeElement === document.body"):
            break
        visited.add(style[0])
        assert style[1], f"focus is not marked on {style[0]}"
        assert style[2], f"focus is out of sight on {style[0]}"
    assert {"new", "language", "message", "send", "x1-tab-written", "x1-why"} <= visited


def test_a_conversation_goes_on_in_another_language_without_being_lost(open_page: OpenPage, gateway_url: str) -> None:
    page = open_page(gateway_url, locale="en-GB")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    choose(page, "gravelines-mistral")
    page.get_by_label("Your message").fill(LETTER)
    page.keyboard.press("Enter")
    answered(page)
    expect(page.get_by_role("tab", name="What left")).to_be_visible()

    page.get_by_role("button", name="Français").click()

    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page).to_have_title("Bouclier — assistant protégé")
    assert "Voici exactement" in view(page, "Ce qui est parti")
    expect(page.locator(".answer")).to_have_text(ECHO + LETTER)


def test_positions_are_right_after_characters_outside_the_basic_plane(open_page: OpenPage, gateway_url: str) -> None:
    page = open_page(gateway_url)
    choose(page, "gravelines-mistral")
    send(page, f"👩‍🌾🇫🇷 Le compte 𝄞 est {IBAN} 🎉 voilà")
    answered(page)

    expect(page.locator("mark.finding")).to_have_text([IBAN])
    left = " ".join(view(page, "Ce qui est parti").split())
    assert re.search(r"👩‍🌾🇫🇷 Le compte 𝄞 est \[IBAN_\w{4,}\] \(pseudonyme\) 🎉 voilà", left)


def test_a_new_conversation_forgets_the_old_one_and_nothing_is_stored(open_page: OpenPage, gateway_url: str) -> None:
    page = open_page(gateway_url)
    choose(page, "gravelines-mistral")
    send(page, LETTER)
    answered(page)
    send(page, "Et maintenant ?")
    answered(page, 2)

    stored = page.evaluate("""async () => ({
        local: localStorage.length, session: sessionStorage.length, cookies: document.cookie,
        databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
    })""")
    assert stored == {"local": 0, "session": 0, "cookies": "", "databases": 0, "caches": 0}
    page.get_by_role("button", name="Nouvelle conversation").click()

    expect(page.locator("article")).to_have_count(0)
    expect(page.get_by_role("heading", name="Posez votre question")).to_be_visible()
    assert NAME not in page.content()


def test_each_message_carries_the_conversation_before_it(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    page = open_page(scripted_url)
    choose(page, "gravelines-mistral")
    send(page, LETTER)
    answered(page)
    send(page, SECRET)
    expect(page.locator(".refusal")).to_be_visible()
    send(page, "Et maintenant ?")
    answered(page, 3)

    first, _, last = script.seen
    assert first["messages"] == [{"role": "user", "content": LETTER}]
    assert first["bouclier"] == {"detail": True}
    assert last["messages"] == [
        {"role": "user", "content": LETTER},
        {"role": "assistant", "content": ECHO + LETTER},
        {"role": "user", "content": "Et maintenant ?"},
    ]


def test_the_examples_are_one_click_from_being_sent(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    page.get_by_role("button", name="Répondre à un administré").click()
    expect(page.get_by_label("Votre message")).to_have_value(re.compile(NAME))
    page.keyboard.press("Enter")
    answered(page)

    expect(page.locator(".answer")).to_contain_text(f"Madame {NAME}")


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_who_answers_is_said_in_words(open_page: OpenPage, scripted_url: str, locale: str) -> None:
    page = open_page(scripted_url, locale=locale)
    french = locale == "fr-FR"
    facts = {
        "embedded": "votre institution · local · poids ouverts"
        if french
        else "your institution · local · open weights",
        "gravelines-mistral": "aucune loi étrangère connue" if french else "no foreign law known",
        "lille-llama": "établie · portée discutée"
        if french
        else "no foreign law established · disputed reach: CLOUD Act (United States)",
        "seattle-gpt": "droit national (États-Unis)"
        if french
        else "foreign laws: US-CLOUD-ACT and national law (United States)",
        "unlisted-host": "exposition inconnue" if french else "exposure unknown",
        "roaming-gpt": "lieu inconnu · fermé lois étrangères\u00a0: au moins droit national (États-Unis)"
        if french
        else "place unknown · closed foreign laws: at least national law (United States); the rest is not known",
    }
    expect(page.get_by_role("radio").first).to_be_checked()
    expect(page.get_by_role("radio").first).to_have_value("auto")
    for model, said in facts.items():
        expect(page.get_by_role("radio", name=model)).to_have_accessible_description(re.compile(re.escape(said)))

    choose(page, "embedded")
    about = "Un petit modèle ouvert" if french else "A small open model"
    expect(page.locator(".choice", has_text="embedded").get_by_text(about)).to_be_visible()


def test_a_model_that_loads_says_how_far_it_is_and_then_that_it_is_ready(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.loading = 0.25
    page = open_page(scripted_url)
    embedded = page.locator(".choice", has_text="embedded")

    expect(embedded).to_contain_text(re.compile(r"en cours de chargement \(25\s%\)"))
    expect(embedded.get_by_role("progressbar")).to_have_attribute("value", "0.25")
    script.loading = 0.5
    expect(embedded).to_contain_text(re.compile(r"\(50\s%\)"))
    script.loading = None
    expect(embedded.get_by_role("progressbar")).to_have_count(0)


def test_a_small_screen_shows_everything_without_sideways_scrolling(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url, viewport={"width": 320, "height": 640})
    page.get_by_role("button", name="Automatique").click()
    choose(page, "gravelines-mistral")
    send(page, LETTER + " " + "x" * 300)
    answered(page)

    for name in ("Ce que j’ai écrit", "Ce qui est parti", "Ce qui est revenu"):
        view(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
    for name in ("why", "receipt"):
        page.locator(f"details.{name} > summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_names_and_ids_are_as_assistive_technology_needs_them(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, LETTER)
    answered(page)
    choose(page, "seattle-gpt")
    send(page, SECRET)
    expect(page.locator(".refusal")).to_be_visible()

    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))
    pointed = page.evaluate("""[...document.querySelectorAll('*')].flatMap((node) =>
        ['aria-controls', 'aria-labelledby', 'aria-describedby', 'for'].flatMap(
            (name) => (node.getAttribute(name) ?? '').split(' ').filter(Boolean)))""")
    assert set(pointed) - set(ids) == set()
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    for control in page.get_by_role("button").all():
        expect(control).not_to_have_accessible_name("")
    assert page.evaluate("document.querySelectorAll('main, header, footer').length") == 3
