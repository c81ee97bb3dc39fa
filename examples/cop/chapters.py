"""The play, chapter by chapter: every step is a `bouclier` command or an HTTP request, and every promise is checked."""

from __future__ import annotations

import json
import shutil
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final

from examples.cop import founding
from examples.cop.stage import WITHIN_S
from examples.cop.watching import Cop

if TYPE_CHECKING:
    from examples.cop.stage import Stage

ORDER: Final = "donnees/2026-014"
POLICY: Final = "order-donnees-2026-014"
GATEWAYS: Final = ("gateway-1", "gateway-2")
THRESHOLD: Final = 3
PROCESSES: Final = 8
"""Two gateways, three witnesses, the monitor, the file server and the model."""
LAW_WITHIN_S: Final = 20
"""How long the monitor lets a gateway take to follow what is published."""


def found(cop: Cop) -> None:
    """Five parties make keys and adopt a charter, three of five."""
    stage = cop.stage
    stage.chapter("Fonder la charte : 3 parties sur 5", "Found the charter: 3 parties of 5")
    founding.make_keys(stage)
    founding.found(stage)
    founding.sign_and_publish(stage)
    cop.charter = stage.python("http", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", "public")
    shutil.copy(stage.folder / "public/metadata/1.root.json", stage.folder / "root.json")


def follow(cop: Cop) -> None:
    """Two gateways, witnessed by two of three, follow the charter; a monitor follows them and it."""
    stage = cop.stage
    stage.chapter("Deux passerelles la suivent, sous trois témoins", "Two gateways follow it, under three witnesses")
    model = stage.python("model", "model.py")
    founding.witness(stage, GATEWAYS, model)
    stage.each([f"charter join {cop.charter} --root root.json --data {name}/data" for name in GATEWAYS], show=2)
    for name in GATEWAYS:
        cop.serve(name)
    for name in GATEWAYS:
        law = cop.law(name)
        stage.promise(
            sorted(law["adopted_by"]) == ["arbor", "boreal", "corail"]
            and not law["own"]
            and law["threshold"] == THRESHOLD,
            f"{name} dit : charte adoptée par {', '.join(law['adopted_by'])} (3 sur {len(law['parties'])})",
            f"{name} says: charter adopted by {', '.join(law['adopted_by'])} (3 of {len(law['parties'])})",
        )
    cop.monitor = founding.monitor(stage, {name: cop.gateways[name].url for name in GATEWAYS})
    urls = " ".join(f"{cop.gateways[name].url}/log" for name in GATEWAYS)
    stage.go_on(
        "monitor",
        f"monitor {urls} --policy monitor/policy --state monitor/state --every 1 --json --metrics monitor/metrics.prom "
        f"--charter-repository {cop.charter} --root root.json --law-within {LAW_WITHIN_S} "
        "--evidence monitor/findings --sign monitor/key",
    )


def exchange(cop: Cop) -> None:
    """An exchange passes on both gateways, and the monitor finds that it should."""
    stage = cop.stage
    stage.chapter("Un échange passe", "An exchange passes")
    for name in GATEWAYS:
        answer = cop.ask(name, text="Bonjour à tous")
        stage.promise(
            answer.status == HTTPStatus.OK and answer.said["choices"][0]["message"]["content"] == "Bonjour à tous",
            f"{name} répond, avec le modèle exemple-7b",
            f"{name} answers, with the model exemple-7b",
        )
    for name in GATEWAYS:
        cop.has_read_all(name)
    stage.promise(
        not cop.alarms(),
        "le moniteur a rejoué toutes les décisions : rien à dire",
        "the monitor has decided everything again: nothing to say",
    )


def suspend(cop: Cop) -> None:
    """An authority suspends a model: both gateways refuse it within a minute, in mid-conversation too."""
    stage = cop.stage
    stage.chapter("Une autorité suspend un modèle", "An authority suspends a model")
    (stage.folder / "orders").mkdir()
    stage.bouclier(founding.draft(ORDER, "orders/2026-014.json", days=30))
    stage.bouclier("order check orders/2026-014.json --charter charter", show=8)
    for holder in ("anne", "bruno"):
        stage.bouclier(f"order sign orders/2026-014.json --workshop workshop --key keys/donnees/{holder}.private")
    stage.say("Pendant ce temps, des conversations sont en cours.", "Meanwhile, conversations are under way.")
    talks = {name: cop.begin(name) for name in GATEWAYS}
    published_s = stage.elapsed_s
    stage.bouclier(f"order publish --workshop workshop --to public {founding.ONLINE}")
    for name, talk in talks.items():
        last = [line for line in talk if line.startswith(b"data: ")][-1]
        stage.promise(
            b'"law_changed"' in last and POLICY.encode() in last,
            f"{name} a coupé la réponse en cours, et dit pourquoi",
            f"{name} cut the answer that was under way, and says why",
        )
    for name in GATEWAYS:
        _told(cop, name)
    took_s = stage.elapsed_s - published_s
    stage.promise(
        took_s < WITHIN_S,
        f"l'ordre est appliqué partout, {took_s:.1f} s après sa publication",
        f"the order is in force everywhere, {took_s:.1f} s after it was published",
    )
    listed = stage.bouclier(f"order list --url {cop.gateways['gateway-1'].url}", show=8)
    verified = stage.bouclier(f"order show {ORDER} --repository {cop.charter} --root root.json", show=0)
    stage.promise(
        ORDER in listed and "anne" not in listed and ORDER in verified,
        "« order list » le montre ; « order show » en vérifie les signatures depuis la racine",
        "`order list` shows it; `order show` verifies its signatures from the root",
    )


def _told(cop: Cop, name: str) -> None:
    stage, gateway = cop.stage, cop.gateways[name]
    error = cop.refuses(name, POLICY)
    stage.say(f"{name} : {error['message']}", f"{name}: {error['message']}")
    told = json.dumps(error, ensure_ascii=False)
    stage.promise(
        founding.TITLE.pick(stage) in told and founding.BASIS in told,
        "le refus dit le titre et la base légale de l'ordre",
        "the refusal says the order's title and legal basis",
    )
    orders = stage.get(f"{gateway.url}/charter/orders")["orders"]
    stage.promise(
        [one["order"]["id"] for one in orders] == [ORDER] and orders[0]["order"]["redress"]["en"] in founding.REDRESS,
        "/charter/orders le publie en entier, voies de recours comprises",
        "/charter/orders publishes it in full, means of redress included",
    )
    stage.promise(
        cop.ask(name, "petite").status == HTTPStatus.OK,
        "l'autre modèle répond toujours",
        "the other model still answers",
    )


def overreach(cop: Cop) -> None:
    """An order outside the mandate is refused by the tool, and by the gateways when the tool was tampered with."""
    stage = cop.stage
    stage.chapter("Une autorité outrepasse son mandat", "An authority goes beyond its mandate")
    stage.bouclier(founding.draft("medias/2026-001", "beyond.json", days=400))
    reason = stage.pick("hors du mandat", "outside the mandate")
    said = stage.bouclier("order check beyond.json --charter charter", code=1, show=12)
    stage.promise(reason in said, "« order check » dit en quoi", "`order check` says how")
    sign = "order sign beyond.json --workshop workshop --key keys/medias/{}.private"
    said = stage.bouclier(sign.format("emma"), code=1)
    stage.promise(reason in said, "l'outil refuse de le signer", "the tool refuses to sign it")
    stage.say(
        "Elle retire ce garde-fou de son outil, et publie.", "It takes that guard out of its tool, and publishes."
    )
    for holder in ("emma", "fadi"):
        stage.bouclier(sign.format(holder), cheat="overreach")
    stage.bouclier(f"order publish --workshop workshop --to public {founding.ONLINE}")
    for name in GATEWAYS:
        reasons = cop.rejected(name)
        stage.promise(
            reason in reasons and cop.ask(name, "petite").status == HTTPStatus.OK,
            f"{name} le rejette ({reasons}) : il n'a aucun effet",
            f"{name} rejects it ({reasons}): it has no effect",
        )


def cheat(cop: Cop) -> None:
    """A gateway that ignores the order, or pretends to carry it out, is caught by the monitor."""
    stage, name = cop.stage, "gateway-2"
    origin = cop.gateways[name].origin
    stage.chapter("Une passerelle trafiquée est prise", "A gateway that was tampered with is caught")
    for how, code, french, english in (
        ("forget", "order-ignored", "ignore l'ordre", "ignores the order"),
        ("pretend", "verdict-differs", "prétend l'appliquer", "pretends to carry it out"),
    ):
        stage.say(f"{name} redémarre, modifiée : elle {french}.", f"{name} starts again, modified: it {english}.")
        stage.stop(name)
        cop.serve(name, cheat=how)
        stage.promise(cop.ask(name).status == HTTPStatus.OK, "le modèle suspendu répond", "the suspended model answers")
        alarm = cop.alarm(origin, code, asking=name)
        stage.promise(
            alarm["policy"] == POLICY,
            f"le moniteur : {alarm['code']}, entrée {alarm['index']}, {alarm['policy']}",
            f"the monitor: {alarm['code']}, entry {alarm['index']}, {alarm['policy']}",
        )
        said = cop.verify(alarm)
        stage.promise(
            alarm["code"] in said, "le constat signé se vérifie hors ligne", "the signed finding is verified offline"
        )
    stage.say(f"{name} redémarre, intacte.", f"{name} starts again, unmodified.")
    stage.stop(name)
    cop.serve(name)
    cop.refuses(name, POLICY)
    # What it did before is known too, so that later alarms are about later deeds.
    for one in GATEWAYS:
        cop.has_read_all(one)
    stage.promise(
        not cop.accused("gateway-1"),
        "gateway-1, honnête, n'a jamais été accusée",
        "gateway-1, which is honest, was never accused",
    )


def rotate(cop: Cop) -> None:
    """A party changes its key; gateways follow without a restart."""
    stage = cop.stage
    stage.chapter("Une partie change de clé", "A party changes its key")
    stage.bouclier("charter keygen boreal-2 --out keys/boreal", show=0)
    stage.bouclier("charter party add keys/boreal/boreal-2.public --workshop workshop", show=0)
    stage.bouclier("charter party remove boreal --workshop workshop", show=8)
    founding.sign(stage, "arbor", "boreal/boreal-2", "corail", "delta")
    stage.bouclier(f"charter publish --workshop workshop --to public {founding.ONLINE}")
    for name in GATEWAYS:
        law = cop.follows(name, 2)
        stage.promise(
            "boreal-2" in law["parties"] and "boreal" not in law["parties"],
            f"{name} suit la racine 2, sans redémarrer",
            f"{name} follows root 2, without a restart",
        )


def coup(cop: Cop) -> None:
    """Two parties of five lower the threshold: nobody follows them."""
    stage = cop.stage
    stage.chapter("Un coup : 2 parties sur 5", "A coup: 2 parties of 5")
    before = len(cop.alarms())
    stage.bouclier("charter pull --workshop coup public", show=1)
    stage.bouclier("charter threshold 2 --role parties --workshop coup", show=0)
    for party in ("delta", "estran"):
        stage.bouclier(f"charter sign --yes --workshop coup --key keys/{party}/{party}.private")
    stage.bouclier(f"charter publish --workshop coup --to public {founding.ONLINE}", code=2)
    stage.say(
        "L'outil refuse. Elles tiennent le serveur : elles y posent leur racine elles-mêmes.",
        "The tool refuses. They hold the server: they put their root there themselves.",
    )
    forged = stage.folder / "public" / "metadata" / "3.root.json"
    shutil.copy(stage.folder / "coup" / "staged" / "root.json", forged)
    for name in GATEWAYS:
        problem = cop.problem(name)
        law = cop.law(name)
        stage.promise(
            (law["root"], law["threshold"], law["expired"]) == (2, THRESHOLD, False),
            f"{name} garde la dernière bonne charte : {problem['fr']}",
            f"{name} keeps the last good charter: {problem['en']}",
        )
        stage.promise(cop.ask(name, "petite").status == HTTPStatus.OK, "et continue de servir", "and goes on serving")
        cop.refuses(name, POLICY)
        cop.has_read_all(name)
    alarm = cop.alarm("", "repository-wrong")
    news = cop.alarms()[before:]
    stage.promise(
        {one["origin"] for one in news} == {""},
        f"le moniteur n'accuse aucune passerelle ; il dit du dépôt : {alarm['found']}",
        f"the monitor accuses no gateway; it says of the repository: {alarm['found']}",
    )
    forged.unlink()


def expel(cop: Cop) -> None:
    """Four parties expel the fifth; three of four are needed from then on."""
    stage = cop.stage
    stage.chapter("Une partie est exclue par les quatre autres", "A party is expelled by the four others")
    before = len(cop.alarms())
    stage.bouclier("charter party remove estran --workshop workshop", show=8)
    founding.sign(stage, "arbor", "boreal/boreal-2", "corail", "delta")
    stage.bouclier(f"charter publish --workshop workshop --to public {founding.ONLINE}")
    for name in GATEWAYS:
        law = cop.follows(name, 3)
        stage.promise(
            set(law["parties"]) == {"arbor", "boreal-2", "corail", "delta"} and law["threshold"] == THRESHOLD,
            f"{name} : 3 parties sur 4, {', '.join(sorted(law['parties']))}",
            f"{name}: 3 parties of 4, {', '.join(sorted(law['parties']))}",
        )
        cop.refuses(name, POLICY)
        stage.promise(cop.ask(name, "petite").status == HTTPStatus.OK, "elle sert toujours", "it still serves")
    for name in GATEWAYS:
        cop.has_read_all(name)
    stage.promise(len(cop.alarms()) == before, "le moniteur n'a rien à redire", "the monitor has nothing to say")


def end(cop: Cop) -> None:
    """Every process ends by its number, and both logs hold together."""
    stage = cop.stage
    stage.chapter("Tout s'arrête", "Everything stops")
    numbers = stage.close()
    alive = [number for number in numbers if Path(f"/proc/{number}").exists()]
    stage.promise(
        len(numbers) == PROCESSES and not alive,
        f"les {len(numbers)} processus sont finis",
        f"the {len(numbers)} processes have ended",
    )
    for name in GATEWAYS:
        said = stage.bouclier(f"log fsck --data {name}/data --policy {name}/policy", show=0)
        stage.promise(
            stage.pick("cosigné par le quorum", "cosigned by") in said,
            f"le journal de {name} est intact, cosigné par 2 témoins sur 3 au moins",
            f"the log of {name} is intact, cosigned by 2 witnesses of 3 at least",
        )


CHAPTERS: Final = (found, follow, exchange, suspend, overreach, cheat, rotate, coup, expel, end)


def play(stage: Stage) -> None:
    """Play all chapters; no process is left, however it ends.

    Raises:
        BrokenPromiseError: Something is not as the play says.
    """
    cop = Cop(stage)
    try:
        for chapter in CHAPTERS:
            chapter(cop)
    finally:
        stage.close()
