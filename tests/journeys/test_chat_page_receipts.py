"""What becomes of a receipt in the page: read, waited for, kept, and verified elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, Route, expect

from bouclier.oversight import DecisionEntry, parse_entry, parse_receipt, verify_receipt, verify_request_commitment
from tests.journeys.scripted_log import ScriptedLog
from tests.report_kit import decision
from tests.servers import run
from tests.tlog_kit import ORIGIN, POLICY

if TYPE_CHECKING:
    from tests.journeys.conftest import OpenPage, Witnessed
    from tests.journeys.scripted_gateway import Script

NAME = "Camille Durand"
IBAN = "FR76 3000 6000 0112 3456 7890 189"
API_KEY_WORD = "mot de passe : Soleil-Rouge-4821"
A_MINUTE_MS = 61_000


def send(page: Page, text: str) -> None:
    """Type a message and send it with the keyboard."""
    page.locator("#message").fill(text)
    page.keyboard.press("Enter")


def read(page: Page, name: str) -> str:
    """Open the receipt if it is not, and read one of its facts."""
    if page.locator("details.receipt[open]").count() == 0:
        page.locator("details.receipt > summary").click()
    return page.locator(f"details.receipt dt:text-is('{name}') + dd").inner_text()


def download(page: Page, button: str, folder: Path) -> Path:
    """Click a button, and keep what it downloads under the name it proposes."""
    with page.expect_download() as downloading:
        page.get_by_role("button", name=button).click()
    kept = folder / downloading.value.suggested_filename
    downloading.value.save_as(kept)
    return kept


def test_without_witnesses_the_page_says_so_plainly_and_what_that_means(open_page: OpenPage, gateway_url: str) -> None:
    page = open_page(gateway_url)
    send(page, f"Mon compte est le {IBAN}.")

    expect(page.locator(".receipt-mark")).to_have_text(re.compile(r"^n°\s\d+, sans témoin$"))
    page.get_by_text("Reçu", exact=True).click()
    expect(page.locator(".receipt-said")).to_contain_text("Aucun témoin indépendant n’est configuré")
    expect(page.locator(".receipt-said")).to_contain_text("rien n’empêcherait de montrer un autre journal")
    expect(page.locator("details.receipt dt:text-is('Cosigné par')")).to_have_count(0)
    expect(page.get_by_role("button", name="Redemander")).to_have_count(0)
    page.get_by_role("button", name="English").click()
    expect(page.locator(".receipt-said")).to_contain_text("No independent witness is configured")


def test_the_receipt_is_read_in_words_and_kept_as_a_file(open_page: OpenPage, gateway_url: str, tmp_path: Path) -> None:
    page = open_page(gateway_url)
    page.get_by_role("radio", name="gravelines-mistral").check()
    send(page, f"Mon compte est le {IBAN}.")
    expect(page.locator("#x1-copy")).to_be_visible()

    assert read(page, "Décision") == "permis\u00a0: traité par gravelines-mistral"
    assert read(page, "Classe de données") == "Données personnelles"
    assert "pseudonymisé avant l’envoi" in read(page, "Obligations")
    assert re.fullmatch("[a-z\n-]+", read(page, "Règles de la charte"))
    file = download(page, "Télécharger le reçu", tmp_path)
    request = download(page, "Télécharger la requête", tmp_path)

    receipt = parse_receipt(file.read_bytes())
    entry = parse_entry(receipt.entry)
    assert isinstance(entry, DecisionEntry)
    assert file.name == f"recu-{receipt.proof.index}.tlog-proof"
    assert request.name == f"requete-{receipt.proof.index}.json"
    verify_request_commitment(receipt, request.read_bytes())
    assert IBAN not in file.read_text()
    shown = json.loads(page.get_by_label("Entrée du journal au format JSON").inner_text())
    assert shown == json.loads(receipt.entry)


def test_a_receipt_turns_final_by_itself_and_is_announced_once(
    open_page: OpenPage, script: Script, scripted_url: str, tmp_path: Path
) -> None:
    script.witnessed = True
    page = open_page(scripted_url)
    send(page, "Bonjour")
    expect(page.locator(".receipt-mark")).to_have_text("n°\u00a00, en attente des témoins")
    assert read(page, "Journal") == ORIGIN
    assert read(page, "Taille du journal") == "1 entrée"
    expect(page.locator(".receipt-said")).to_contain_text("en attente de la cosignature des témoins indépendants")
    page.get_by_role("button", name="Télécharger le reçu").focus()

    script.cosigned.set()

    expect(page.locator(".receipt-mark")).to_have_text("n°\u00a00, cosigné par 2 témoins")
    said = page.locator(".receipt-said")
    expect(said).to_contain_text("Inscrit au journal sous le n°\u00a00\u00a0; cosigné par 2 témoins indépendants le ")
    expect(said).to_contain_text(re.compile(r"le 2\d septembre 2026 à \d"))
    assert read(page, "Cosigné par").splitlines()[1].startswith("temoin.example/1, ")
    expect(page.locator("details.receipt time").first).to_have_attribute("datetime", "2026-09-21T14:13:20.000Z")
    expect(page.locator(":focus")).to_have_text("Télécharger le reçu")
    expect(page.locator("#announcer p", has_text="cosigné par")).to_have_count(1)
    receipt = parse_receipt(download(page, "Télécharger le reçu", tmp_path).read_bytes())
    assert verify_receipt(receipt, POLICY).index == 0
    page.get_by_role("button", name="English").click()
    expect(said).to_contain_text("cosigned by 2 independent witnesses on 2")
    assert download(page, "Download the receipt", tmp_path).name == "receipt-0.tlog-proof"
    expect(page.locator("#announcer p", has_text="cosigned by")).to_have_count(0)


def test_the_page_asks_politely_gives_up_after_a_minute_and_goes_on_when_asked(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.witnessed = True
    page = open_page(scripted_url)
    page.clock.install()
    send(page, "Bonjour")
    expect(page.locator(".receipt-mark")).to_contain_text("en attente des témoins")
    page.locator("details.receipt > summary").click()

    give_up(page)
    expect(page.locator(".receipt-said")).to_contain_text("n’est arrivée jusqu’ici")
    expect(page.locator("#announcer")).to_contain_text("n’est arrivée jusqu’ici")
    assert 10 <= script.asked <= 25
    asked = script.asked
    page.clock.run_for(A_MINUTE_MS)
    assert script.asked == asked

    script.cosigned.set()
    page.get_by_role("button", name="Redemander aux témoins").press("Enter")
    expect(page.locator(":focus")).to_contain_text("Reçu")
    page.clock.run_for(1000)
    expect(page.locator(".receipt-mark")).to_contain_text("cosigné par 2 témoins")


def give_up(page: Page) -> None:
    """Let time pass in the page until it stops asking; each answer has to arrive meanwhile."""
    for _ in range(200):
        if page.locator(".receipt-late").count():
            return
        page.clock.run_for(1000)
        page.evaluate("fetch('/health').then((answer) => answer.text())")  # whatever was asked before is answered now


@pytest.mark.parametrize(
    "says",
    [
        (500, b"{}"),
        (200, b"c2sp.org/tlog-proof@v1\nindex 0\n\nelsewhere\n1\n\n\xe2\x80\x94 a b\n"),
        (200, "another"),
    ],
)
def test_a_log_that_answers_nonsense_changes_nothing(
    open_page: OpenPage, script: Script, scripted_url: str, tmp_path: Path, says: tuple[int, Any]
) -> None:
    script.witnessed = True
    page = open_page(scripted_url)
    send(page, "Bonjour")
    expect(page.locator("#x1-copy")).to_be_visible()
    send(page, "Encore")
    expect(page.locator("#x2-copy")).to_be_visible()
    page.locator("#x1-receipt").click()
    first = download(page, "Télécharger le reçu", tmp_path).read_bytes()

    # The proof of another entry, well cosigned, is no better than none.
    script.log_says = (200, script.log.cosigned(1)) if says[1] == "another" else says
    for _ in range(2):  # that it asks again shows that it made nothing of the answer before
        with page.expect_response("**/log/proof/0"):
            pass

    expect(page.locator("article").first.locator(".receipt-mark")).to_contain_text("en attente des témoins")
    assert download(page, "Télécharger le reçu", tmp_path).read_bytes() == first


def test_a_new_conversation_waits_for_nothing_of_the_old_one(
    open_page: OpenPage, script: Script, scripted_url: str
) -> None:
    script.witnessed = True
    page = open_page(scripted_url)
    page.clock.install()
    send(page, "Bonjour")
    expect(page.locator(".receipt-mark")).to_contain_text("en attente des témoins")
    page.get_by_role("button", name="Nouvelle conversation").click()
    script.cosigned.set()
    page.clock.run_for(A_MINUTE_MS)
    send(page, "Bonjour")
    page.clock.run_for(1000)
    expect(page.locator(".receipt-mark")).to_contain_text("n°\u00a01, cosigné")

    expect(page.locator("#announcer")).not_to_contain_text("n°\u00a00")


def test_what_the_charter_asks_to_seal_is_said_to_be_kept(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)
    send(page, "SEALED, donc")
    expect(page.locator("#x1-copy")).to_be_visible()

    expect(page.locator(".summary")).to_contain_text("conservé scellé pour les autorités")
    expect(page.locator("#announcer")).to_contain_text("conservé scellé pour les autorités")
    page.get_by_text("Pourquoi", exact=True).click()
    expect(page.locator("details.why")).to_contain_text("Seules plusieurs autorités ensemble peuvent les ouvrir")
    assert read(page, "Obligations") == "conservé scellé pour les autorités"
    assert re.fullmatch("[0-9a-f]{64}", read(page, "Empreinte du pli scellé"))


def read_proof(page: Page, text: str) -> Any:
    """What the page's own reader makes of a text."""
    return page.evaluate(
        """async (text) => {
            const loaded = performance.getEntriesByType('resource').map((entry) => entry.name);
            return (await import(loaded.find((address) => address.includes('/proof-')))).readProof(text);
        }""",
        text,
    )


def test_the_example_of_the_specification_is_read_as_it_says(open_page: OpenPage, scripted_url: str) -> None:
    specification = (Path(__file__).parents[2] / "specs" / "receipt-v2.md").read_text(encoding="utf-8")
    example = specification.split("```text receipt\n")[1].split("```")[0]

    proof = read_proof(open_page(scripted_url), example)

    assert (proof["index"], proof["origin"], proof["size"]) == (2, "log.example.fr/mairie", 4)
    assert [one["name"] for one in proof["cosignatures"]] == ["temoin.example.eu/1"]
    # The witness cosigned one second after the decision.
    assert proof["cosignatures"][0]["time"].timestamp() * 1000 == proof["entry"]["time"] + 1000
    assert proof["entry"]["kind"] == "decision"


NO_RECEIPTS = [
    "",
    "c2sp.org/tlog-proof@v1",
    "c2sp.org/tlog-proof@v1\nindex 0\n\no\n1\nroot\n\nno signature\n",
    "c2sp.org/tlog-proof@v1\nextra !!!\nindex 0\n\no\n1\nroot\n\n— o AAAA\n",
    "c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n\no\n1\nroot\n\n— o AAAA\n",
    "c2sp.org/tlog-proof@v2\nindex 0\n\no\n1\nroot\n\n— o AAAA\n",
    "c2sp.org/tlog-proof@v1\nindex -1\n\no\n1\nroot\n\n— o AAAA\n",
]


def test_what_is_no_receipt_is_read_as_none(open_page: OpenPage, scripted_url: str) -> None:
    page = open_page(scripted_url)

    assert [read_proof(page, text) for text in NO_RECEIPTS] == [None] * len(NO_RECEIPTS)


def test_only_a_later_and_cosigned_proof_of_the_same_entry_finishes_a_receipt(
    open_page: OpenPage, scripted_url: str
) -> None:
    log = ScriptedLog()
    first = log.record(decision(), b"{}")["proof"]
    second = log.record(decision(), b"{}")["proof"]
    later = [log.cosigned(index).decode() for index in (0, 1)]
    by_nobody = later[0].partition("\n— temoin")[0] + "\n"
    pairs = [
        (first, later[0]),
        (second, later[1]),
        (first, later[1]),
        (first, by_nobody),
        (first, later[0].replace(ORIGIN, "elsewhere.example")),
        (second, later[1].replace(f"{ORIGIN}\n2\n", f"{ORIGIN}\n1\n")),
    ]

    done = open_page(scripted_url).evaluate(
        """async (pairs) => {
            const loaded = performance.getEntriesByType('resource').map((entry) => entry.name);
            const { finished, readProof } = await import(loaded.find((address) => address.includes('/proof-')));
            return pairs.map(([held, later]) => finished(readProof(held), later)?.text ?? null);
        }""",
        pairs,
    )

    assert [text is not None for text in done] == [True, True, False, False, False, False]
    for index in (0, 1):
        assert verify_receipt(parse_receipt(done[index].encode()), POLICY).index == index


def test_a_receipt_the_page_cannot_read_can_be_kept_all_the_same(
    open_page: OpenPage, scripted_url: str, tmp_path: Path
) -> None:
    page = open_page(scripted_url)

    def in_another_form(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("c2sp.org/tlog-proof@v1", "another-form@v9"))

    page.route("**/v1/chat/completions", in_another_form)
    send(page, "Bonjour")
    expect(page.locator("#x1-copy")).to_be_visible()

    page.get_by_text("Reçu", exact=True).click()
    expect(page.locator(".receipt-said")).to_have_text("Inscrit au journal sous le n°\u00a00.")
    assert download(page, "Télécharger le reçu", tmp_path).read_text().startswith("another-form@v9")


@pytest.mark.parametrize(
    ("text", "said"),
    [(f"Mon compte est le {IBAN}.", "gravelines-mistral"), (f"Mon {API_KEY_WORD}", "—")],
)
def test_the_file_a_person_downloads_verifies_with_the_command_line_and_the_witness_s_word(
    open_page: OpenPage, witnessed: Witnessed, tmp_path: Path, text: str, said: str
) -> None:
    page = open_page(witnessed.url)
    page.get_by_role("radio", name="gravelines-mistral").check()
    send(page, text)
    expect(page.locator(".receipt-mark")).to_contain_text("cosigné par 1 témoin")
    page.get_by_text("Reçu", exact=True).click()
    expect(page.locator(".receipt-said")).to_contain_text("cosigné par 1 témoin indépendant le ")
    assert read(page, "Cosigné par").startswith("temoin.example/w1, ")

    receipt = download(page, "Télécharger le reçu", tmp_path)
    request = download(page, "Télécharger la requête", tmp_path)
    verified = run("receipt", "verify", str(receipt), "--policy", str(witnessed.policy), "--request", str(request))
    request.write_bytes(request.read_bytes().replace(b"Mon", b"Ton"))
    forged = run("receipt", "verify", str(receipt), "--policy", str(witnessed.policy), "--request", str(request))

    assert verified.returncode == 0, verified.stderr
    assert "cosigned by w1" in verified.stdout
    assert verified.stdout.rstrip().endswith(f"→ {said}")
    assert forged.returncode != 0
