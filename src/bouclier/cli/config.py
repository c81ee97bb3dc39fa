"""`bouclier config show`: every setting, and where its value came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.configuration import environment_name, settings_shown

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    config = verbs.add_parser("config", help="les réglages" if french else "settings")
    actions = config.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser(
        "show", help="chaque réglage et son origine" if french else "every setting and where it came from"
    )
    add_configuration(show, french=french, port=True)
    show.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Print a line per setting: name, value, origin, and the variable that overrides it, if one can."""
    rows = settings_shown(configuration_from(options))
    width = max(len(name) for name, _, _ in rows)
    for name, value, origin in rows:
        variable = "" if name.startswith("deployments.") else f"  {environment_name(name)}"
        print(f"{name:<{width}}  {value}  [{origin}]{variable}")
    return 0
