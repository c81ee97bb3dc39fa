"""`bouclier models pull | list`: the embedded models of the catalogue, and getting one by digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.weights import catalogued, plan_weights

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    models = verbs.add_parser("models", help="modèles embarqués" if french else "embedded models")
    actions = models.add_subparsers(dest="action", required=True, metavar="ACTION")
    pull = actions.add_parser("pull", help="installer un modèle, vérifié" if french else "install a model, verified")
    pull.add_argument("name", nargs="?", metavar="NAME")
    pull.set_defaults(run=_pull, french=french)
    listing = actions.add_parser("list", help="le catalogue" if french else "the catalogue")
    listing.set_defaults(run=_list, french=french)
    for action in (pull, listing):
        add_configuration(action, french=french)


def _pull(options: Namespace) -> int:
    plan = plan_weights(configuration_from(options), name=options.name)
    if plan is None or plan.path() is not None:
        return 0
    entry = plan.entry
    about = entry.about.fr if options.french else entry.about.en
    console = Console(stderr=True)
    console.print(f"{entry.title} — {entry.licence} — {entry.size_bytes / 1e6:.0f} MB\n{about}", highlight=False)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    ) as progress:
        task = progress.add_task(entry.name, total=entry.size_bytes)
        plan.fetch(lambda done, total: progress.update(task, completed=done, total=total))
    return 0


def _list(options: Namespace) -> int:
    for entry, path in catalogued(configuration_from(options)):
        here = ("installé" if options.french else "installed") if path is not None else "—"
        about = entry.about.fr if options.french else entry.about.en
        print(f"{entry.name}  {entry.size_bytes / 1e6:.0f} MB  {entry.licence}  {here}\n    {about}")
    return 0
