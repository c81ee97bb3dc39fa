"""`bouclier review list | approve | refuse`: what the charter holds back until a second person has looked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bouclier.compose.reviewing import settle, waiting

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bouclier.cli.verbs import Verbs

_URL: Final = "http://127.0.0.1:8787"


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""

    def pick(fr: str, en: str) -> str:
        return fr if french else en

    review = verbs.add_parser(
        "review", help=pick("relire ce que la charte retient", "review what the charter holds back")
    )
    actions = review.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add_gateway(parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=_URL, help=pick(f"la passerelle ({_URL})", f"the gateway ({_URL})"))
        parser.add_argument(
            "--key-file",
            type=Path,
            required=True,
            metavar="FILE",
            help=pick("la clé d'un relecteur", "a reviewer's key"),
        )

    listing = actions.add_parser("list", help=pick("ce qui attend", "what waits"))
    add_gateway(listing)
    listing.set_defaults(run=_list)
    for name, fr, en, approved in (
        ("approve", "laisser partir, une fois", "let it leave, once", True),
        ("refuse", "ne pas laisser partir", "not let it leave", False),
    ):
        action = actions.add_parser(name, help=pick(fr, en))
        action.add_argument("exchange", metavar="EXCHANGE", help=pick("l'échange retenu", "the exchange held back"))
        add_gateway(action)
        action.set_defaults(run=_settle, approved=approved, french=french)


def _list(options: Namespace) -> int:
    for one in waiting(options.url, options.key_file):
        policies = ",".join(one["policies"]) or "-"
        print(f"{one['exchange']} {one['held_s']}s {one['asked_by']} {one['purpose']} {one['data_class']} {policies}")
    return 0


def _settle(options: Namespace) -> int:
    index = settle(options.url, options.key_file, options.exchange, approved=options.approved)
    print(f"entrée {index} du journal" if options.french else f"log entry {index}", file=sys.stderr)
    return 0
