"""`bouclier witness create | add-log | serve | show | evidence`: cosign what other people's logs only added to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.compose.witnessing import DEFAULT_PORT, add_log, create, serve, show
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs

_MAX_PORT = 65_535


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    witness = verbs.add_parser("witness", help="être témoin de journaux" if french else "witness logs")
    actions = witness.add_subparsers(dest="action", required=True, metavar="ACTION")
    making = actions.add_parser("create", help="créer un témoin" if french else "create a witness")
    making.add_argument(
        "--name",
        required=True,
        metavar="NAME",
        help="son nom, pour toujours (temoin.example.fr/w1)"
        if french
        else "its name, for ever (witness.example.eu/w1)",
    )
    making.add_argument(
        "--ml-dsa", action="store_true", help="cosigner aussi en ML-DSA-44" if french else "cosign with ML-DSA-44 too"
    )
    making.set_defaults(run=_create)
    adding = actions.add_parser("add-log", help="connaître un journal" if french else "know a log")
    adding.add_argument(
        "--origin",
        metavar="ORIGIN",
        help="origine du journal, si ce n'est pas le nom de la clé"
        if french
        else "origin of the log, if it is not the name of the key",
    )
    adding.set_defaults(run=_add_log)
    serving = actions.add_parser("serve", help="répondre aux journaux" if french else "answer logs")
    serving.add_argument("--host", default="127.0.0.1", metavar="HOST", help="127.0.0.1")
    serving.add_argument("--port", default=str(DEFAULT_PORT), metavar="N", help=str(DEFAULT_PORT))
    serving.set_defaults(run=_serve)
    showing = actions.add_parser(
        "show", help="clés publiques et journaux" if french else "public keys, and what it cosigned"
    )
    showing.set_defaults(run=_show, french=french)
    evidence = actions.add_parser(
        "evidence",
        help="les arbres différents qu'un journal a signés pour une même taille"
        if french
        else "different trees that a log signed for one size",
    )
    evidence.set_defaults(run=_evidence)
    for action in (making, adding, serving, showing, evidence):
        action.add_argument(
            "folder", type=Path, metavar="DIR", help="dossier du témoin" if french else "folder of the witness"
        )
    adding.add_argument("vkey", metavar="VKEY", help="clé publique du journal" if french else "public key of the log")


def _create(options: Namespace) -> int:
    for vkey in create(options.folder, name=options.name, ml_dsa=options.ml_dsa):
        print(vkey)
    return 0


def _add_log(options: Namespace) -> int:
    print(add_log(options.folder, options.vkey, origin=options.origin))
    return 0


def _serve(options: Namespace) -> int:
    text = options.port
    if not (text.isascii() and text.isdigit() and int(text) <= _MAX_PORT):
        raise ConfigurationError(
            Bilingual("--port n'est pas un port.", "--port is not a port."),
            Bilingual("De 0 à 65535 ; 0 en choisit un libre.", "From 0 to 65535; 0 picks a free one."),
            param="--port",
        )
    return serve(options.folder, host=options.host, port=int(text))


def _show(options: Namespace) -> int:
    shown = show(options.folder)
    for vkey in shown.vkeys:
        print(vkey)
    colon = " :" if options.french else ":"
    for log in shown.logs:
        if log.root is None or log.time_s is None:
            print(f"{log.origin}{colon} {'jamais cosigné' if options.french else 'never cosigned'}")
        else:
            when = datetime.fromtimestamp(log.time_s, UTC).isoformat().replace("+00:00", "Z")
            size, root = ("taille", "racine") if options.french else ("size", "root")
            print(f"{log.origin}{colon} {size} {log.size}, {root} {log.root.hex()}, {when}")
    for view in shown.split_views:
        print(
            f"{view.origin} : VUES DIVERGENTES, taille {view.size} ; voir bouclier witness evidence"
            if options.french
            else f"{view.origin}: SPLIT VIEW, size {view.size}; see bouclier witness evidence"
        )
    return 0


def _evidence(options: Namespace) -> int:
    views = show(options.folder).split_views
    for view in views:
        line = {
            "origin": view.origin,
            "size": view.size,
            "cosigned": view.cosigned.decode(),
            "refused": view.refused.decode(),
        }
        print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
    return 1 if views else 0
