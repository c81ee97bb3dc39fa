"""`bouclier ask "…"`: one exchange from the terminal; on request, what left and the receipt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.asking import AnsweredError, ask
from bouclier.compose.receipts import write_file
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    parser = verbs.add_parser("ask", help="poser une question" if french else "ask a question")
    parser.add_argument(
        "question", help="la question, ou « - » pour la lire sur l'entrée" if french else "the question, or - for input"
    )
    parser.add_argument("--model", default="auto", help="déploiement (auto)" if french else "deployment (auto)")
    parser.add_argument(
        "--show",
        action="store_true",
        help="montrer ce qui est parti, où, pourquoi" if french else "show what left, where, why",
    )
    parser.add_argument("--receipt", type=Path, metavar="FILE", help="garder le reçu" if french else "keep the receipt")
    add_configuration(parser, french=french)
    parser.set_defaults(run=run, french=french)


def run(options: Namespace) -> int:
    """Print the answer as it comes, then what was asked for."""
    question = _read_input() if options.question == "-" else options.question

    def on_text(text: str) -> None:
        print(text, end="", flush=True)

    try:
        ours = ask(configuration_from(options), question, model=options.model, on_text=on_text)
    except AnsweredError as error:
        refused = (error.said.get("bouclier") or {}).get("receipt")
        if options.receipt is not None and refused is not None:
            write_file(options.receipt, refused["proof"].encode())
        raise
    print()
    if options.show:
        print(_shown(ours, french=options.french))
    if options.receipt is not None:
        write_file(options.receipt, ours["receipt"]["proof"].encode())
    return 0


def _read_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(
            Bilingual("L'entrée n'est pas en UTF-8.", "The input is not UTF-8."),
            Bilingual("Convertissez-la en UTF-8.", "Convert it to UTF-8."),
        ) from error


def _laws(ids: list[str], deployment: dict[str, Any], *, french: bool) -> str:
    """Name laws as people do; `law-of-XX` is all the law of a state, when none is named."""
    language, every, between = ("fr", "droit national", " ; ") if french else ("en", "national law", "; ")
    titles = deployment["law_titles"]
    return between.join(
        titles[law][language] if law in titles else f"{every} ({law.removeprefix('law-of-')})"
        for law in sorted(ids, key=lambda law: law not in titles)
    )


def _shown(ours: dict[str, Any], *, french: bool) -> str:
    def pick(fr: str, en: str) -> str:
        return fr if french else en

    deployment, decision, receipt = ours["deployment"], ours["decision"], ours["receipt"]
    findings = ", ".join(f"{count} {kind}" for kind, count in ours["findings"].items()) or pick("rien", "nothing")
    laws = _laws(deployment["foreign_laws"], deployment, french=french)
    if not deployment["exposure_known"]:
        least = pick(f"au moins {laws} ; le reste n'est pas connu", f"at least {laws}; the rest is not known")
        laws = least if laws else pick("inconnues", "unknown")
    laws = laws or pick("aucune établie", "none established")
    if deployment["contested"]:
        contested = _laws(deployment["contested"], deployment, french=french)
        laws += f"{pick(' ; portée contestée', '; reach contested')}: {contested}"
    states = {"signed": pick("signé par le journal", "signed by the log"), "final": pick("définitif", "final")}
    lines = [
        "",
        f"── {pick('Trouvé', 'Found')}: {findings}  [{ours['data_class']}]",
        f"── {pick('Où', 'Where')}: {deployment['name']} — {deployment['operator_name']}, {deployment['site']}",
        f"── {pick('Lois étrangères', 'Foreign laws')}: {laws}",
    ]
    lines += [
        f"── {pick('Pourquoi', 'Why')}: {policy[pick('title_fr', 'title_en')]} [{policy['id']}; {policy['basis']}]"
        for policy in decision["policies"]
    ]
    left = pick("Ce qui est parti", "What left")
    stayed = pick("Rien n'a quitté l'institution ; son moteur a lu", "Nothing left the institution; its engine read")
    lines += [f"── {stayed if deployment['own'] else left}:"]
    lines += [f"   {line}" for part in ours["detail"]["parts"] for line in part["left"].splitlines()]
    lines.append(f"── {pick('Reçu : entrée', 'Receipt: entry')} {receipt['index']}, {states[receipt['state']]}")
    return "\n".join(lines)
