"""`bouclier models list | pull | serve`: the models this machine knows, getting one by digest, serving one alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.models_listing import listing
from bouclier.compose.models_pulling import find_wanted, pull
from bouclier.compose.models_serving import DEFAULT_PORT, Offer, ServeSettings, serve_model
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bouclier.cli.verbs import Verbs
    from bouclier.compose.models_listing import Listed
    from bouclier.compose.models_pulling import Wanted


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    models = verbs.add_parser("models", help="modèles embarqués" if french else "embedded models")
    actions = models.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser(
        "list", help="le catalogue, et ce qui est ici" if french else "the catalogue, what is here"
    )
    listed.add_argument("--json", action="store_true", help="en JSON" if french else "as JSON")
    listed.set_defaults(run=_list)
    _add_pull(
        actions.add_parser("pull", help="installer un modèle, vérifié" if french else "install a model, verified"),
        french=french,
    )
    _add_serve(
        actions.add_parser("serve", help="servir un modèle, seul" if french else "serve one model by itself"),
        french=french,
    )
    for action in actions.choices.values():
        add_configuration(action, french=french)
        action.set_defaults(french=french)


def _add_pull(parser: ArgumentParser, *, french: bool) -> None:
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="du catalogue, ou hub:propriétaire/nom/fichier.gguf@commit"
        if french
        else "of the catalogue, or hub:owner/name/file.gguf@commit",
    )
    parser.add_argument(
        "--from",
        dest="given",
        metavar="DIR|URL",
        help="dossier, miroir ou adresse du fichier" if french else "folder, mirror or address of the file",
    )
    parser.add_argument("--sha256", metavar="HEX", help="empreinte du fichier" if french else "digest of the file")
    parser.add_argument(
        "--accept-licence",
        action="store_true",
        help="accepter la licence montrée" if french else "accept the licence that is shown",
    )
    parser.set_defaults(run=_pull)


def _add_serve(parser: ArgumentParser, *, french: bool) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument(
        "--port",
        dest="serve_port",
        type=int,
        default=DEFAULT_PORT,
        metavar="N",
        help=f"port, sur 127.0.0.1 ({DEFAULT_PORT})" if french else f"port, on 127.0.0.1 ({DEFAULT_PORT})",
    )
    parser.add_argument(
        "--slots", type=int, metavar="N", help="échanges servis à la fois" if french else "exchanges served at once"
    )
    parser.add_argument(
        "--memory-mb", type=int, metavar="N", help="mémoire permise, en Mo" if french else "memory allowed, in MB"
    )
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="fichier de la clé, fait au besoin" if french else "file of the key, made if needed",
    )
    parser.set_defaults(run=_serve)


def _list(options: Namespace) -> int:
    models = listing(configuration_from(options))
    if options.json:
        print(json.dumps([model.plain() for model in models], ensure_ascii=False, indent=2))
        return 0
    for model in models:
        print(_line(model, french=options.french))
    return 0


def _line(model: Listed, *, french: bool) -> str:
    entry = model.entry
    words = [
        f"{entry.name}  {entry.size_bytes / 1e6:.0f} {'Mo' if french else 'MB'}  {entry.licence}"
        + ("" if model.open_terms else (" (à accepter)" if french else " (to accept)"))
    ]
    if model.path is not None:
        words.append("installé" if french else "installed")
    if model.chosen:
        words.append(("choisi" if french else "chosen") + (f" ({model.state})" if model.state else ""))
    unknown = "inconnu" if french else "unknown"
    origin = unknown if entry.origin is None else f"{entry.origin.maker} ({entry.origin.country})"
    languages = " ".join(entry.languages) or unknown
    needs, free = entry.min_memory_bytes / 1e9, model.free_bytes / 1e9
    if french:
        memory = f"mémoire {needs:.1f} Go, {free:.1f} libres" + ("" if model.fits else " : trop peu")
        facts = f"origine {origin} ; langues {languages} ; {memory}"
    else:
        memory = f"memory {needs:.1f} GB, {free:.1f} free" + ("" if model.fits else ": too little")
        facts = f"origin {origin}; languages {languages}; {memory}"
    return f"{'  '.join(words)}\n    {facts}\n    {entry.about.fr if french else entry.about.en}"


def _pull(options: Namespace) -> int:
    configuration = configuration_from(options)
    wanted = find_wanted(configuration, options.name, given=options.given, sha256=options.sha256)
    french, entry = options.french, wanted.entry
    console = Console(stderr=True)
    size = f"{entry.size_bytes / 1e6:.0f} {'Mo' if french else 'MB'}"
    console.print(f"{entry.title} — {size} — {entry.name}", highlight=False, markup=False)
    console.print(entry.about.fr if french else entry.about.en, highlight=False, markup=False)
    console.print(wanted.terms.fr if french else wanted.terms.en, highlight=False, markup=False)
    if wanted.path is None:
        _see_accepted(wanted, accepted=options.accept_licence, french=french)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=wanted.path is not None,
    ) as progress:
        task = progress.add_task(entry.name, total=entry.size_bytes)
        path = pull(configuration, wanted, lambda done, total: progress.update(task, completed=done, total=total))
    print(path)
    return 0


def _see_accepted(wanted: Wanted, *, accepted: bool, french: bool) -> None:
    """Return if the licence asks nothing, or was accepted; ask on a terminal.

    Raises:
        ConfigurationError: It was not accepted.
    """
    if accepted or not wanted.to_accept:
        return
    if sys.stdin is not None and sys.stdin.isatty():
        print(
            "Acceptez-vous ces termes ? [o/N] " if french else "Do you accept these terms? [y/N] ",
            end="",
            file=sys.stderr,
            flush=True,
        )
        try:
            said = input()
        except (EOFError, UnicodeDecodeError):  # the end of what is typed, or what is no text, is no yes
            said = ""
            print(file=sys.stderr)
        if said.strip().lower() in {"o", "oui", "y", "yes"}:
            return
    raise ConfigurationError(
        Bilingual(
            f"La licence de {wanted.entry.name} n'a pas été acceptée ; rien n'est installé.",
            f"The licence of {wanted.entry.name} was not accepted; nothing is installed.",
        ),
        Bilingual("Lisez-la, puis ajoutez --accept-licence.", "Read it, then add --accept-licence."),
        param="--accept-licence",
    )


def _serve(options: Namespace) -> int:
    french = options.french

    def ready(offer: Offer) -> None:
        print(_offered(offer, french=french), flush=True)

    def told(state: str) -> None:
        print(f"bouclier: {'moteur' if french else 'engine'}: {state}", file=sys.stderr, flush=True)

    settings = ServeSettings(
        name=options.name,
        port=options.serve_port,
        slots=options.slots,
        memory_mb=options.memory_mb,
        key_file=options.key_file,
    )
    return serve_model(configuration_from(options), settings, ready=ready, told=told)


def _offered(offer: Offer, *, french: bool) -> str:
    """Return what to put in the configuration of the gateway in front."""
    first = (
        "Modèle servi ; dans bouclier.yaml de la passerelle :"
        if french
        else "Model served; in the gateway's bouclier.yaml:"
    )
    return (
        f"{first}\n"
        "deployments:\n"
        f"  - name: {offer.model}\n"
        f"    model: {offer.model}\n"
        f"    base_url: {offer.base_url}\n"
        f"    api_key_file: {offer.key_file}\n"
        f"    slots: {offer.slots}\n"
        "    operator: self\n"
        "    open_weights: true"
    )
