"""`bouclier site list | join | drain`: what operators announce of their sites, and how the fleet is."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.gateway_client import gateway_at, gateway_here
from bouclier.compose.site_announcing import announce, drained, fleet_shown, seconds_of, slots_of
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bouclier.cli.verbs import Verbs
    from bouclier.compose.gateway_client import GatewayClient


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""

    def pick(fr: str, en: str) -> str:
        return fr if french else en

    site = verbs.add_parser(
        "site", help=pick("annoncer un site, ou l'arrêter en douceur", "announce a site, or drain it")
    )
    actions = site.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help=pick("les sites et leurs déploiements", "sites and their deployments"))
    _add_gateway(listing, french=french)
    listing.set_defaults(run=_list)
    join = actions.add_parser("join", help=pick("le site prend des échanges", "the site takes exchanges"))
    drain = actions.add_parser("drain", help=pick("le site n'en prend plus de nouveaux", "the site takes no new ones"))
    for action in (join, drain):
        action.add_argument(
            "site", metavar="SITE", help=pick("le site, comme dans bouclier.yaml", "as in bouclier.yaml")
        )
        action.add_argument(
            "--deployment",
            action="append",
            default=[],
            metavar="NAME",
            help=pick("ce déploiement seulement (répétable)", "this deployment only (repeatable)"),
        )
        action.add_argument(
            "--for",
            dest="span",
            metavar="SPAN",
            help=pick("durée : 30m, 8h, 2d (31d, le plus)", "how long: 30m, 8h, 2d (31d, the most)"),
        )
        _add_gateway(action, french=french)
    join.add_argument(
        "--slots",
        action="append",
        default=[],
        metavar="DEPLOYMENT=N",
        help=pick("échanges servis à la fois (répétable)", "exchanges served at once (repeatable)"),
    )
    join.set_defaults(run=_announce, state="joined", french=french, wait=False)
    drain.add_argument(
        "--wait",
        action="store_true",
        help=pick("attendre que plus rien n'y fonctionne", "wait until nothing runs there any more"),
    )
    drain.set_defaults(run=_announce, state="draining", french=french, slots=[])


def _add_gateway(parser: ArgumentParser, *, french: bool) -> None:
    parser.add_argument(
        "--gateway",
        metavar="URL",
        help="la passerelle (celle qui fonctionne ici)" if french else "the gateway (the one that runs here)",
    )
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="la clé d'un exploitant (celle du terminal, ici)"
        if french
        else "an operator's key (here, the terminal's)",
    )
    add_configuration(parser, french=french)


def _gateway(options: Namespace) -> GatewayClient:
    if options.gateway is None:
        return gateway_here(configuration_from(options), options.key_file)
    if options.key_file is None:
        raise ConfigurationError(
            Bilingual("--gateway demande aussi --key-file.", "--gateway needs --key-file too."),
            Bilingual("Donnez le fichier de la clé de l'exploitant.", "Give the file of the operator's key."),
            param="--key-file",
        )
    return gateway_at(options.gateway, options.key_file)


def _announce(options: Namespace) -> int:
    said: dict[str, object] = {
        "state": options.state,
        "deployments": options.deployment,
        "slots": slots_of(options.slots),
    }
    if options.span is not None:
        said["for_s"] = seconds_of(options.span)
    gateway = _gateway(options)
    answer = announce(gateway, options.site, said)
    _print_lines(answer["announced"])
    if answer["shared"] is False:
        print(
            "les autres passerelles ne le savent pas encore ; elles l'apprendront dès que possible"
            if options.french
            else "the other gateways do not know yet; they will be told as soon as that is possible",
            file=sys.stderr,
        )
    return _wait(gateway, options.site, options.deployment, french=options.french) if options.wait else 0


def _wait(gateway: GatewayClient, site: str, deployments: list[str], *, french: bool) -> int:
    is_idle = False
    for progress in drained(gateway, site, deployments):
        is_idle = progress.is_known and progress.is_draining and not progress.in_flight
        count = f"{progress.in_flight}" if progress.is_known else f"{progress.in_flight}+?"
        print(
            f"{site}: {count} échange(s) en cours" if french else f"{site}: {count} exchange(s) running",
            file=sys.stderr,
        )
    return 0 if is_idle else 1


def _list(options: Namespace) -> int:
    for site, shown in fleet_shown(_gateway(options))["sites"].items():
        print(site)
        _print_lines(shown["announced"])
        for name, one in shown["deployments"].items():
            slots = "-" if one["slots"] is None else one["slots"]
            print(f"  {name} {one['state']} {one['in_flight']}+{one['elsewhere']}/{slots} {one['wait_ms']}ms")
    return 0


def _print_lines(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        until = datetime.now().astimezone() + timedelta(seconds=line["ends_in_s"] or 0)
        end = "-" if line["ends_in_s"] is None else f"{until:%Y-%m-%dT%H:%M%z}"
        slots = "" if line["slots"] is None else f" slots={line['slots']}"
        print(f"  {line['state']} {line['deployment'] or '*'}{slots} -> {end} {line['by']}")
