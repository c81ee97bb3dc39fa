"""`bouclier serve`: start the shield."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.serving import serve

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    parser = verbs.add_parser("serve", help="démarrer le bouclier" if french else "start the shield")
    add_configuration(parser, french=french, port=True)
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Serve until interrupted."""
    return serve(configuration_from(options))
