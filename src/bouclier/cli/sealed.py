"""`bouclier sealed keygen | list | destroy-due | request | share | open`: what several open together, or nobody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.sealed import kept, store_of
from bouclier.compose.sealed_papers import make_authority_key, open_sealed, request_opening, share_for_opening

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bouclier.cli.verbs import Verbs
    from bouclier.oversight.sealing.opening import OpeningRequest


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    sealed = verbs.add_parser("sealed", help="le contenu scellé" if french else "sealed content")
    actions = sealed.add_subparsers(dest="action", required=True, metavar="ACTION")
    keygen = actions.add_parser("keygen", help="créer la clé d'une autorité" if french else "make an authority's key")
    keygen.add_argument("name", metavar="NAME", help="l'institution qui la tiendra" if french else "who will hold it")
    _add_path(keygen, "--out", "DIR", "dossier des deux fichiers" if french else "folder of the two files")
    keygen.set_defaults(run=_keygen)
    listing = actions.add_parser(
        "list", help="ce qui est gardé, sans contenu" if french else "what is kept, no content"
    )
    listing.set_defaults(run=_list)
    destroy = actions.add_parser(
        "destroy-due", help="détruire ce qui doit l'être" if french else "destroy what has to be"
    )
    destroy.set_defaults(run=_destroy)
    request = actions.add_parser(
        "request", help="demander une ouverture, au journal" if french else "ask for an opening, in the log"
    )
    request.add_argument("exchange", metavar="EXCHANGE", help="l'échange" if french else "the exchange")
    request.add_argument(
        "--basis",
        required=True,
        metavar="KEYWORD",
        help="fondement, en un mot-clé" if french else "legal basis, as a keyword",
    )
    request.add_argument(
        "--requester", required=True, metavar="NAME", help="institution qui demande" if french else "who asks"
    )
    _add_path(request, "--out", "DIR", "dossier de la demande" if french else "folder of the request")
    request.set_defaults(run=_request)
    for action in (listing, destroy, request):
        add_configuration(action, french=french)
    _add_share(actions.add_parser("share", help="donner sa part" if french else "give one's share"), french=french)
    _add_open(actions.add_parser("open", help="réunir les parts" if french else "combine the shares"), french=french)


def _add_share(share: ArgumentParser, *, french: bool) -> None:
    share.add_argument("request", type=Path, metavar="REQUEST", help="la demande" if french else "the request")
    _add_path(share, "--record", "FILE", "le contenu scellé" if french else "the sealed content")
    _add_path(share, "--key", "FILE", "clé privée de l'autorité" if french else "the authority's private key")
    _add_path(share, "--receipt", "FILE", "reçu de l'entrée au journal" if french else "receipt of the log's entry")
    _add_path(share, "--policy", "FILE", "journal et témoins crus" if french else "log and witnesses to believe")
    _add_path(share, "--out", "FILE", "la part" if french else "the share")
    share.set_defaults(run=_share)


def _add_open(opening: ArgumentParser, *, french: bool) -> None:
    opening.add_argument(
        "record", type=Path, metavar="RECORD", help="le contenu scellé" if french else "the sealed content"
    )
    opening.add_argument(
        "shares", type=Path, nargs="+", metavar="SHARE", help="parts des autorités" if french else "authorities' shares"
    )
    _add_path(opening, "--request", "FILE", "la demande" if french else "the request")
    _add_path(opening, "--session", "FILE", "clé de session de la demande" if french else "the request's session key")
    _add_path(opening, "--out", "DIR", "où écrire ce qui était scellé" if french else "where what was sealed goes")
    opening.set_defaults(run=_open, french=french)


def _add_path(parser: ArgumentParser, option: str, metavar: str, text: str) -> None:
    parser.add_argument(option, type=Path, required=True, metavar=metavar, help=text)


def _keygen(options: Namespace) -> int:
    made = make_authority_key(options.name, options.out)
    print(made.private)
    print(f"{made.public} {made.key_id}")
    return 0


def _list(options: Namespace) -> int:
    for one in kept(configuration_from(options).data):
        holders = ",".join(one.authorities)
        parts = "request+answer" if one.answered else "request"
        print(f"{one.exchange} {one.due} {one.threshold}/{len(one.authorities)} {holders} {parts} {one.digest}")
    return 0


def _destroy(options: Namespace) -> int:
    # Here, because only this action and the next one need a log.
    from bouclier.compose.keeping import destroyed_now  # noqa: PLC0415

    for one in destroyed_now(configuration_from(options)):
        print(f"{one.exchange} {one.due} {one.digest or '-'}")
    return 0


def _request(options: Namespace) -> int:
    # Here, because only this action needs a gateway.
    from bouclier.compose.openings import append_opening  # noqa: PLC0415

    configuration = configuration_from(options)

    def append(request: OpeningRequest) -> bytes:
        return append_opening(
            configuration,
            exchange=request.exchange,
            record=request.record,
            request=request.digest,
            requester=request.requester,
            basis=request.basis,
        )

    made = request_opening(
        store_of(configuration.data).find(options.exchange),
        requester=options.requester,
        basis=options.basis,
        folder=options.out,
        append=append,
    )
    for path in made:
        print(path)
    return 0


def _share(options: Namespace) -> int:
    given = share_for_opening(
        options.record,
        request=options.request,
        key=options.key,
        receipt=options.receipt,
        policy=options.policy,
        out=options.out,
    )
    print(f"{options.out} {given.authority}")
    return 0


def _open(options: Namespace) -> int:
    opened = open_sealed(
        options.record,
        request=options.request,
        session=options.session,
        shares=options.shares,
        folder=options.out,
    )
    print(options.out / "request.json")
    if opened.answer is not None:
        print(options.out / "answer.txt")
    elif options.french:
        print("(aucune réponse scellée)")
    else:
        print("(no sealed answer)")
    return 0
