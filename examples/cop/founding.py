"""The commands that make a COP: keys at home, a signed charter, gateways, witnesses, a monitor; and orders."""

from __future__ import annotations

import json
import shlex
import shutil
from typing import TYPE_CHECKING, Final, NamedTuple

from examples.cop.stage import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from examples.cop.stage import Stage

PARTIES: Final = ("arbor", "boreal", "corail", "delta", "estran")
EDITORS: Final = ("editeur-1", "editeur-2", "editeur-3")
WITNESSES: Final = ("witness-1", "witness-2", "witness-3")
ONLINE: Final = "--key keys/online/snapshot.private --key keys/online/timestamp.private"
MANDATES: Final[Mapping[str, tuple[str, str, tuple[str, ...], tuple[str, str]]]] = {
    "donnees": (
        "Autorité d'exemple pour les données",
        "Example authority for data",
        ("suspend", "cap-class"),
        ("anne", "bruno"),
    ),
    "surete": (
        "Autorité d'exemple pour la sûreté de l'IA",
        "Example authority for AI safety",
        ("suspend", "require-evaluation"),
        ("chloe", "driss"),
    ),
    "medias": (
        "Autorité d'exemple pour les médias",
        "Example authority for media",
        ("require-warning",),
        ("emma", "fadi"),
    ),
}


class Words(NamedTuple):
    """A text in both languages."""

    fr: str
    en: str

    def pick(self, stage: Stage) -> str:
        """Return what the reader reads."""
        return stage.pick(self.fr, self.en)


TITLE: Final = Words("Suspension du modèle exemple-7b", "Model exemple-7b suspended")
BASIS: Final = "Règlement (UE) 2016/679, art. 58(2)(f)"
REASONS: Final = Words("Des fuites ont été constatées.", "Leaks were found.")
REDRESS: Final = Words("Recours sous deux mois.", "Appeal within two months.")


def make_keys(stage: Stage) -> None:
    """Have everybody make their key, at home."""
    stage.say("Chacun fait sa clé, chez soi.", "Everyone makes their key, at home.")
    homes = [(name, name) for name in (*PARTIES, *EDITORS)]
    homes += [(one, authority) for authority, (_, _, _, holders) in MANDATES.items() for one in holders]
    homes += [(name, "online") for name in ("snapshot", "timestamp")]
    stage.each([f"charter keygen {name} --out keys/{home}" for name, home in homes])


def found(stage: Stage) -> None:
    """Stage a charter of five parties, with three authorities and their mandates."""
    stage.say(
        "Un dossier passe de main en main : l'atelier. Aucune clé privée n'y entre.",
        "A folder goes from hand to hand: the workshop. No private key enters it.",
    )
    parties = " ".join(f"--party keys/{name}/{name}.public" for name in PARTIES)
    editors = " ".join(f"--editor keys/{name}/{name}.public" for name in EDITORS)
    stage.bouclier(
        f"charter init --workshop workshop --threshold 3 {parties} --editors-threshold 2 {editors} "
        "--snapshot keys/online/snapshot.public --timestamp keys/online/timestamp.public",
        show=0,
    )
    stage.say(
        "La charte de départ, et les mandats de trois autorités.",
        "The starter charter, and the mandates of three authorities.",
    )
    shutil.copytree(ROOT / "src" / "bouclier" / "charter" / "data" / "charter", stage.folder / "charter")
    stage.write("charter/authorities.json", _authorities())
    stage.bouclier("charter propose charter --workshop workshop", show=0)
    for authority, (_, _, _, holders) in MANDATES.items():
        keys = " ".join(f"--key keys/{authority}/{holder}.public" for holder in holders)
        stage.bouclier(f"charter authority add {authority} {keys} --threshold 2 --workshop workshop", show=0)


def sign_and_publish(stage: Stage) -> None:
    """Have three parties of five, two editors of three and the authorities sign, and publish."""
    sign(stage, "arbor", "boreal", "corail", "editeur-1", "editeur-2")
    for authority, (_, _, _, holders) in MANDATES.items():
        keys = " ".join(f"--key keys/{authority}/{holder}.private" for holder in holders)
        stage.bouclier(f"charter sign --yes --workshop workshop {keys}", show=0)
    stage.bouclier("charter status --workshop workshop", show=10)
    stage.bouclier(f"charter publish --workshop workshop --to public {ONLINE}", show=10)


def sign(stage: Stage, *holders: str) -> None:
    """Have some sign what is staged, one after the other; what each signs is shown to them first."""
    for holder in holders:
        home, _, name = holder.partition("/")
        stage.bouclier(f"charter sign --yes --workshop workshop --key keys/{home}/{name or home}.private", show=0)


def witness(stage: Stage, gateways: Sequence[str], model: str) -> None:
    """Make gateways' logs and configurations, and witnesses that know the logs."""
    for name in gateways:
        stage.write(f"{name}/bouclier.yaml", _configuration(model))
        stage.write(f"{name}/policy", "quorum none\n")
    keys = stage.each([f"witness create {one} --name {one}.example/1" for one in WITNESSES])
    stage.each([f"log create --config {name}/bouclier.yaml --data {name}/data" for name in gateways])
    shown = stage.each([f"log show --data {name}/data" for name in gateways])
    logs = {name: said.split()[1] for name, said in zip(gateways, shown, strict=True)}
    stage.each([f"witness add-log {one} {log}" for one in WITNESSES for log in logs.values()])
    urls = [stage.serve(one, f"witness serve {one} --port 0") for one in WITNESSES]
    lines = [f"witness {one} {key.strip()} {url}\n" for one, key, url in zip(WITNESSES, keys, urls, strict=True)]
    quorum = f"group two-of-three 2 {' '.join(WITNESSES)}\nquorum two-of-three\n"
    for name, log in logs.items():
        stage.write(f"{name}/policy", f"log {log}\n{''.join(lines)}{quorum}")
    stage.write("witnesses", f"{''.join(lines)}{quorum}")


def monitor(stage: Stage, gateways: Mapping[str, str]) -> str:
    """Make the monitor's key and policy; return its public key."""
    logs = ""
    for name, url in gateways.items():
        line = (stage.folder / name / "policy").read_text(encoding="utf-8").splitlines()[0]
        logs += f"{line} {url}/log\n"
    stage.write("monitor/policy", logs + (stage.folder / "witnesses").read_text(encoding="utf-8"))
    return stage.bouclier("monitor keygen monitor.example --out monitor/key").strip()


def draft(order: str, out: str, *, days: int) -> str:
    """Return the command that drafts an order to suspend the model."""
    texts = (
        ("--title", TITLE),
        ("--reasons", REASONS),
        ("--redress", REDRESS),
    )
    written = " ".join(
        f"{option}-fr {shlex.quote(words.fr)} {option}-en {shlex.quote(words.en)}" for option, words in texts
    )
    return (
        f"order draft --id {order} --effect suspend --model exemple-7b --scope FR --days {days} "
        f"--basis {shlex.quote(BASIS)} {written} --out {out}"
    )


def _authorities() -> str:
    mandates = [
        {
            "id": authority,
            "name": {"fr": french, "en": english},
            "basis": "Charte d'exemple, art. 1",
            "role": f"authority-{authority}",
            "effects": list(effects),
            "territory": ["FR"],
            "max_days": 90,
        }
        for authority, (french, english, effects, _) in MANDATES.items()
    ]
    return json.dumps({"format": "bouclier-authorities/v1", "authorities": mandates}, ensure_ascii=False, indent=2)


def _configuration(model: str) -> str:
    return f"""\
institution: {{name: "Mairie d'exemple"}}
charter: {{refresh_s: 1, territory: FR}}
deployments:
  - {{name: grande, base_url: "{model}/v1", model: exemple-7b, operator: ovhcloud, site: fr-gra}}
  - {{name: petite, base_url: "{model}/v1", model: exemple-1b, operator: ovhcloud, site: fr-gra}}
engine: {{model: "off"}}
shield: {{names: "off"}}
log: {{policy: policy, pooling_ms: 20}}
"""
