"""`bouclier keys create NAME`: a new API key, printed once, last."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.data_folder import keys_of, prepare
from bouclier.gateway.access import MONITOR, SITE_OPERATOR
from bouclier.gateway.fleet_routes import site_of
from bouclier.gateway.reviews import REVIEWER
from bouclier.terms.duties import KEYWORD
from bouclier.terms.errors import Bilingual, ConfigurationError

AGENT = "agent"

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    keys = verbs.add_parser("keys", help="clés d'API" if french else "API keys")
    actions = keys.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="créer une clé" if french else "create a key")
    create.add_argument(
        "name", metavar="NAME", help="nom de l'application ou du poste" if french else "who will hold it"
    )
    create.add_argument(
        "--role",
        default=AGENT,
        metavar="ROLE",
        help="agent (défaut) ; monitor : lit les entrées du journal ; reviewer : relit ; site-operator : annonce le "
        "site dont son nom finit (QUI@SITE) ; ou un mot de la charte, comme pupil"
        if french
        else "agent (default); monitor: reads the log's entries; reviewer: reviews; site-operator: announces the site "
        "its name ends with (WHO@SITE); or a word of the charter, such as pupil",
    )
    add_configuration(create, french=french)
    create.set_defaults(run=_create, french=french)
    listing = actions.add_parser("list", help="noms des clés" if french else "names of the keys")
    add_configuration(listing, french=french)
    listing.set_defaults(run=_list)


def _create(options: Namespace) -> int:
    if not KEYWORD.fullmatch(options.role):
        known = f"{AGENT}, {MONITOR}, {REVIEWER}, {SITE_OPERATOR}"
        raise ConfigurationError(
            Bilingual("--role n'est pas un mot-clé.", "--role is not a keyword."),
            Bilingual(
                f"{known}, ou un mot que la charte connaît : minuscules, chiffres, tirets.",
                f"{known}, or a word that the charter knows: lower case, digits, hyphens.",
            ),
            param="--role",
        )
    if options.role == SITE_OPERATOR and site_of(options.name) is None:
        raise ConfigurationError(
            Bilingual("Le nom de cette clé doit finir par le site.", "The name of this key must end with the site."),
            Bilingual("Par exemple exploitation@lyon-1.", "Such as operations@lyon-1."),
            param="NAME",
        )
    configuration = configuration_from(options)
    prepare(configuration)
    key = keys_of(configuration.keys_folder).create(options.name, role=options.role)
    note = "Gardez-la : elle n'est écrite nulle part." if options.french else "Keep it: it is written nowhere."
    print(note, file=sys.stderr)
    print(key)
    return 0


def _list(options: Namespace) -> int:
    for name in keys_of(configuration_from(options).keys_folder).names():
        print(name)
    return 0
