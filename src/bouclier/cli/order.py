"""`bouclier order draft | check | sign | withdraw | publish | list | show`: binding acts of independent authorities."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bouclier.charter.order_draft import draft_order
from bouclier.charter.order_words import effect_words, selector_words, territory_words
from bouclier.charter.orders import EFFECTS, render_order
from bouclier.compose.ordering import check_order, publish_orders, save_order, sign_changes, utc_now
from bouclier.compose.orders_told import DEFAULT_GATEWAY, told_by_gateway, told_by_repository
from bouclier.terms.errors import Bilingual, ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from bouclier.charter.orders import Order
    from bouclier.cli.verbs import Verbs
    from bouclier.compose.ordering import Signatures
    from bouclier.compose.orders_told import Applying


_MAX_DIGITS: Final = 4


class _Field(NamedTuple):
    """An option of `draft`, the field it gives, and what it says in both languages."""

    flag: str
    field: str
    fr: str
    en: str
    several: bool = False


_FIELDS: Final = (
    _Field("--id", "id", "autorite/nom", "authority/name"),
    _Field("--title-fr", "title.fr", "titre en français", "title in French"),
    _Field("--title-en", "title.en", "titre en anglais", "title in English"),
    _Field("--effect", "effect.kind", f"l'un de {', '.join(EFFECTS)}", f"one of {', '.join(EFFECTS)}"),
    _Field(
        "--states", "effect.states", "forbid-jurisdiction : États, US,CN", "forbid-jurisdiction: states, US,CN", True
    ),
    _Field("--class", "effect.class", "cap-class : classe la plus haute admise", "cap-class: highest class allowed"),
    _Field("--evaluation", "effect.evaluation", "require-evaluation : rapport", "require-evaluation: report"),
    _Field("--warning-fr", "effect.warning.fr", "require-warning : en français", "require-warning: in French"),
    _Field("--warning-en", "effect.warning.en", "require-warning : en anglais", "require-warning: in English"),
    _Field("--model", "selector.model", "modèle visé", "model it is about"),
    _Field("--deployment", "selector.deployment", "déploiement visé", "deployment it is about"),
    _Field("--operator", "selector.operator", "opérateur visé", "operator it is about"),
    _Field("--site", "selector.site", "site visé", "site it is about"),
    _Field("--country", "selector.country", "État où sont les machines", "state the machines stand in"),
    _Field("--openness", "selector.openness", "poids open ou closed", "weights open or closed"),
    _Field("--law", "selector.law", "loi qui atteint le déploiement", "law that reaches the deployment"),
    _Field("--basis", "basis", "article de loi", "article of law"),
    _Field("--reasons-fr", "reasons.fr", "motifs en français", "reasons in French"),
    _Field("--reasons-en", "reasons.en", "motifs en anglais", "reasons in English"),
    _Field("--scope", "scope", "États, FR,DE, ou EU", "states, FR,DE, or EU", True),
    _Field("--start", "start", "début, 2026-11-22T10:00:00Z (maintenant)", "start, 2026-11-22T10:00:00Z (now)"),
    _Field("--expires", "expires", "fin, 2026-12-22T10:00:00Z", "end, 2026-12-22T10:00:00Z"),
    _Field("--redress-fr", "redress.fr", "voies de recours en français", "means of redress in French"),
    _Field("--redress-en", "redress.en", "voies de recours en anglais", "means of redress in English"),
    _Field("--supersedes", "supersedes", "id de l'injonction remplacée", "id of the order it replaces"),
)


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    order = verbs.add_parser("order", help="les injonctions d'autorités" if french else "orders of authorities")
    actions = order.add_subparsers(dest="action", required=True, metavar="ACTION")
    draft = actions.add_parser("draft", help="rédiger une injonction" if french else "draft an order")
    for field in _FIELDS:
        draft.add_argument(field.flag, dest=field.field, metavar="TEXT", help=field.fr if french else field.en)
    draft.add_argument(
        "--days", metavar="N", help="durée, au lieu de la fin" if french else "length, instead of the end"
    )
    draft.add_argument(
        "--template",
        action="store_true",
        help="laisser à compléter ce qui manque" if french else "leave what is missing to be completed",
    )
    draft.add_argument("--out", type=Path, metavar="FILE", help="où l'écrire" if french else "where to write it")
    draft.set_defaults(run=_draft)
    check = actions.add_parser("check", help="est-elle dans le mandat ?" if french else "is it within the mandate?")
    _add_file(check, french=french)
    check.add_argument(
        "--authorities", type=Path, metavar="FILE", help="liste des mandats" if french else "list of mandates"
    )
    check.add_argument(
        "--charter",
        type=Path,
        metavar="DIR",
        help="charte qui donne les mandats" if french else "charter that gives the mandates",
    )
    check.set_defaults(run=_check, french=french)
    sign = actions.add_parser("sign", help="la signer" if french else "sign it")
    sign.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="les injonctions, toutes celles préparées" if french else "the orders, all staged",
    )
    sign.add_argument(
        "--withdraw",
        action="append",
        default=[],
        metavar="ID",
        help="injonction retirée dans la même signature" if french else "order withdrawn by the same signature",
    )
    sign.set_defaults(run=_sign, french=french)
    taking = actions.add_parser("withdraw", help="la retirer avant sa fin" if french else "withdraw it before its end")
    taking.add_argument("withdraw", nargs="+", metavar="ID", help="autorite/nom" if french else "authority/name")
    taking.set_defaults(run=_sign, files=(), french=french)
    publish = actions.add_parser("publish", help="publier ce qui est signé" if french else "publish what is signed")
    publish.add_argument(
        "--to",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="dossier où publier aussi" if french else "folder to publish to as well",
    )
    publish.set_defaults(run=_publish, french=french)
    for action in (sign, taking, publish):
        _add_signing(action, several=action is publish, french=french)
    listing = actions.add_parser("list", help="ce qui s'applique" if french else "what applies")
    show = actions.add_parser("show", help="une injonction en entier" if french else "one order in full")
    show.add_argument("id", metavar="ID", help="autorite/nom" if french else "authority/name")
    listing.set_defaults(run=_list, french=french)
    show.set_defaults(run=_show, french=french)
    for action in (listing, show):
        _add_source(action, french=french)


def _add_file(parser: ArgumentParser, *, french: bool) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="l'injonction" if french else "the order")


def _add_signing(parser: ArgumentParser, *, several: bool, french: bool) -> None:
    parser.add_argument(
        "--workshop",
        type=Path,
        required=True,
        metavar="DIR",
        help="atelier de la charte" if french else "workshop of the charter",
    )
    parser.add_argument(
        "--key",
        type=Path,
        required=True,
        action="append" if several else "store",
        metavar="FILE",
        help="clé privée (snapshot, timestamp)" if several and french else "clé privée" if french else "private key",
    )


def _add_source(parser: ArgumentParser, *, french: bool) -> None:
    parser.add_argument("--url", metavar="URL", help=f"passerelle ({DEFAULT_GATEWAY})" if french else "gateway")
    parser.add_argument(
        "--repository", metavar="DIR", help="dépôt de la charte, dossier ou adresse" if french else "charter repository"
    )
    parser.add_argument(
        "--root", type=Path, metavar="FILE", help="racine de confiance du dépôt" if french else "root to trust it by"
    )
    parser.add_argument(
        "--territory",
        metavar="STATE",
        help="avec --repository : FR (tous)" if french else "with --repository: FR (all)",
    )


def _draft(options: Namespace) -> int:
    given: dict[str, str | Sequence[str]] = {}
    for field in _FIELDS:
        value = getattr(options, field.field)
        if value is not None:
            given[field.field] = tuple(value.split(",")) if field.several else value
    if options.days is not None and not (
        options.days.isascii() and options.days.isdigit() and len(options.days) <= _MAX_DIGITS
    ):
        raise _wrong("--days")
    days = None if options.days is None else int(options.days)
    data = render_order(draft_order(given, now=utc_now(), days=days, template=options.template))
    if options.out is None:
        print(data.decode(), end="")
    else:
        save_order(options.out, data)
        print(options.out)
    return 0


def _check(options: Namespace) -> int:
    order, reasons = check_order(options.file, authorities=options.authorities, charter=options.charter)
    for line in _particulars(order, french=options.french):
        print(line)
    if options.charter is None and options.authorities is None:
        # The package gives few mandates, or none: whoever forgot --charter would look for the mistake in the order.
        print(
            "comparée à la charte du paquet logiciel ; pour une autre : --charter"
            if options.french
            else "compared with the packaged charter; for another: --charter",
            file=sys.stderr,
        )
    for reason in reasons:
        print(f"✗ {reason.fr if options.french else reason.en}")
    if not reasons:
        print("✓ dans le mandat" if options.french else "✓ within the mandate")
    return int(bool(reasons))


def _sign(options: Namespace) -> int:
    asked = sign_changes(
        options.files, withdrawn=options.withdraw, workshop=options.workshop, key=options.key, now=utc_now()
    )
    return _tell(asked, french=options.french)


def _publish(options: Namespace) -> int:
    made = publish_orders(workshop=options.workshop, keys=options.key, to=options.to, now=utc_now())
    for role, version in sorted(made.versions.items()):
        print(f"{role} {version}")
    for role in made.waiting:
        waiting = "attend des signatures" if options.french else "waits for signatures"
        print(f"{role} {waiting}", file=sys.stderr)
    return 0


def _tell(asked: Signatures, *, french: bool) -> int:
    for line in asked.lines:
        print(_plain(line.fr if french else line.en))
    signed, missing = ", ".join(asked.signed), ", ".join(asked.missing)
    told = f"{asked.role} {len(asked.signed)}/{asked.threshold} ({signed})"
    if len(asked.signed) < asked.threshold:
        told += f" ; peuvent encore signer : {missing}" if french else f"; may still sign: {missing}"
    print(told)
    return 0


def _list(options: Namespace) -> int:
    applying = _applying(options)
    for place, one in enumerate(applying.orders):
        if place:
            print()
        print(one.order.id)
        for line in _particulars(one.order, french=options.french)[1:]:
            print(f"  {line}")
    if not applying.orders:
        print("aucune injonction ne s'applique" if options.french else "no order applies")
    for refused in applying.refused:
        why = (" ; " if options.french else "; ").join(
            reason.fr if options.french else reason.en for reason in refused.reasons
        )
        without = "sans effet :" if options.french else "without effect:"
        print(_plain(f"✗ {refused.path} {without} {why}"), file=sys.stderr)
    return 0


def _show(options: Namespace) -> int:
    for one in _applying(options).orders:
        if one.order.id == options.id:
            for line in _particulars(one.order, french=options.french):
                print(line)
            for label, text in (("motifs", one.order.reasons), ("recours", one.order.redress)):
                english = {"motifs": "reasons", "recours": "redress"}[label]
                print(f"\n{label if options.french else english}\n{text.fr if options.french else text.en}")
            print(f"\nsha256 {one.digest}")
            return 0
    raise NotFoundError(
        Bilingual("Aucune injonction de ce nom ne s'applique.", "No order of this name applies."),
        Bilingual("Voyez bouclier order list.", "See bouclier order list."),
        param="ID",
    )


def _applying(options: Namespace) -> Applying:
    if options.repository is None:
        return told_by_gateway(options.url or DEFAULT_GATEWAY)
    if options.root is None:
        raise _wrong("--root")
    return told_by_repository(options.repository, root=options.root, territory=options.territory, now=utc_now())


def _particulars(order: Order, *, french: bool) -> list[str]:
    """Return what everyone it concerns must know of an order, its reasons and redress excepted: one line each."""
    colon = " : " if french else ": "
    pairs = (
        (Bilingual("titre", "title"), Bilingual(order.title.fr, order.title.en)),
        (Bilingual("effet", "effect"), effect_words(order.effect)),
        (Bilingual("vise", "about"), selector_words(order.selector)),
        (Bilingual("base", "basis"), Bilingual(order.basis, order.basis)),
        (Bilingual("territoire", "territory"), territory_words(order.scope)),
        (
            Bilingual("du", "from"),
            Bilingual(
                f"{order.start:%Y-%m-%dT%H:%M:%SZ} au {order.expires:%Y-%m-%dT%H:%M:%SZ}",
                f"{order.start:%Y-%m-%dT%H:%M:%SZ} to {order.expires:%Y-%m-%dT%H:%M:%SZ}",
            ),
        ),
    )
    return [
        order.id,
        *(f"{name.fr if french else name.en}{colon}{text.fr if french else text.en}" for name, text in pairs),
    ]


def _plain(text: str) -> str:
    """Return what somebody else wrote, without what could move the cursor."""
    return "".join(sign if sign.isprintable() or sign in "\u00a0\u202f" else "\ufffd" for sign in text)


def _wrong(option: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"{option} manque ou est incorrect.", f"{option} is missing or wrong."),
        Bilingual("Voyez bouclier order --help.", "See bouclier order --help."),
        param=option,
    )
