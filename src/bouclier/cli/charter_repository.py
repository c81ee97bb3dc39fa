"""The actions of `bouclier charter` that make, sign and publish a charter with others, in a workshop's folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bouclier.compose import charter_repository as work
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from bouclier.cli.verbs import Verbs

    Pick = Callable[[str, str], str]

_YES: Final = ("o", "oui", "y", "yes")


def add_actions(actions: Verbs, pick: Pick) -> None:
    """Add these actions to the verb.

    Args:
        actions: Where.
        pick: Returns its first argument for who reads French, else its second.
    """

    def action(
        name: str, run: Callable[[Namespace], int], fr: str, en: str, *, workshop: bool = True
    ) -> ArgumentParser:
        parser = actions.add_parser(name, help=pick(fr, en))
        _begin(parser, run, pick, workshop=workshop)
        return parser

    keygen = action("keygen", _keygen, "créer sa clé", "make one's key", workshop=False)
    key = action("key", _key, "clé publique d'un jeton", "a token's public key", workshop=False)
    for parser in (keygen, key):
        parser.add_argument("name", metavar="NAME", help=pick("qui la tient", "who holds it"))
        _path(parser, "--out", "DIR", pick("où écrire", "where to write"), required=True)
    _token(key, pick, required=True)
    _add_init(action("init", _init, "fonder une charte à plusieurs", "found a charter of many"), pick)
    propose = action("propose", _propose, "proposer un contenu", "propose a content")
    propose.add_argument("place", type=Path, metavar="CHARTER", help=pick("dossier ou paquet", "folder or bundle"))
    facts = action("facts", _facts, "proposer les faits signés avec elle", "propose the facts signed with it")
    facts.add_argument(
        "places",
        nargs="*",
        type=Path,
        metavar="FACTS",
        help=pick("fichiers, dossiers, ou « packaged »", "files, folders, or `packaged`"),
    )
    facts.add_argument(
        "--none", action="store_true", help=pick("ne plus en signer : ceux du paquet", "sign none: the packaged ones")
    )
    signing = action("sign", _sign, "signer ce qui attend", "sign what waits")
    _keys(signing, pick)
    signing.add_argument("--yes", action="store_true", help=pick("sans confirmation", "do not ask"))
    action("status", _status, "qui doit encore signer, ce qui expire", "who still has to sign, what expires")
    publishing = action("publish", _publish, "publier ce qui est signé", "publish what is signed")
    publishing.add_argument(
        "--to", type=Path, action="append", required=True, metavar="DIR", help=pick("dossier servi", "folder served")
    )
    _keys(publishing, pick)
    stamping = action("timestamp", _timestamp, "renouveler l'horodatage", "renew the timestamp", workshop=False)
    _path(stamping, "--to", "DIR", pick("dossier publié", "published folder"), required=True)
    _keys(stamping, pick)
    pulling = action("pull", _pull, "reprendre une publication", "take a publication")
    pulling.add_argument("folder", type=Path, metavar="DIR", help=pick("dossier publié", "published folder"))
    renewing = action("renew", _renew, "refaire avant l'expiration", "make anew before it expires")
    discarding = action("discard", _discard, "abandonner ce qui est préparé", "drop what is staged")
    for parser in (renewing, discarding):
        parser.add_argument("role", metavar="ROLE", help="root, targets, authority-ID")
    threshold = action("threshold", _threshold, "changer un seuil", "change a threshold")
    threshold.add_argument("threshold", type=int, metavar="N")
    threshold.add_argument("--role", required=True, choices=tuple(work.ROLES))
    _add_members(actions, pick)
    _add_authority(actions, pick)


def _add_init(parser: ArgumentParser, pick: Pick) -> None:
    for option, fr, en in (
        ("--party", "clé publique d'une partie", "a party's public key"),
        ("--editor", "clé publique d'un éditeur", "an editor's public key"),
        ("--snapshot", "clé publique en ligne", "an online public key"),
        ("--timestamp", "clé publique en ligne", "an online public key"),
    ):
        parser.add_argument(option, type=Path, action="append", required=True, metavar="FILE", help=pick(fr, en))
    parser.add_argument("--threshold", type=int, required=True, metavar="K", help=pick("parties", "parties"))
    parser.add_argument(
        "--editors-threshold", type=int, metavar="K", help=pick("éditeurs (2, ou leur nombre)", "editors (2, or all)")
    )
    parser.add_argument("--snapshot-threshold", type=int, default=1, metavar="K")
    parser.add_argument("--timestamp-threshold", type=int, default=1, metavar="K")
    for role, hours in work.DEFAULT_HOURS.items():
        text = pick(f"durée de {role}, en heures ({hours})", f"how long {role} lives, in hours ({hours})")
        parser.add_argument(f"--{role}-hours", type=int, default=hours, metavar="H", help=text)


def _add_members(actions: Verbs, pick: Pick) -> None:
    for verb, role, fr, en in (
        ("party", "parties", "les parties", "the parties"),
        ("editor", "editors", "les éditeurs", "the editors"),
        ("online", None, "les clés en ligne", "the online keys"),
    ):
        parser = actions.add_parser(verb, help=pick(fr, en))
        acts = parser.add_subparsers(dest="act", required=True, metavar="add|remove")
        adding = acts.add_parser("add", help=pick("ajouter", "add"))
        adding.add_argument("key", type=Path, metavar="FILE", help=pick("clé publique", "public key"))
        removing = acts.add_parser("remove", help=pick("retirer", "remove"))
        removing.add_argument("name", metavar="NAME", help=pick("nom de la clé", "the key's name"))
        for one, run in ((adding, _add_key), (removing, _remove_key)):
            _begin(one, run, pick)
            if role is None:
                one.add_argument("--role", required=True, choices=("snapshot", "timestamp"))
            else:
                one.set_defaults(role=role)


def _add_authority(actions: Verbs, pick: Pick) -> None:
    parser = actions.add_parser("authority", help=pick("les autorités indépendantes", "the independent authorities"))
    acts = parser.add_subparsers(dest="act", required=True, metavar="add|remove")
    adding = acts.add_parser("add", help=pick("habiliter, ou changer ses clés", "empower, or change its keys"))
    adding.add_argument(
        "--key", type=Path, action="append", required=True, metavar="FILE", help=pick("clé publique", "public key")
    )
    adding.add_argument("--threshold", type=int, required=True, metavar="K", help=pick("seuil", "threshold"))
    adding.add_argument(
        "--days", type=int, default=work.AUTHORITY_DAYS, metavar="D", help=pick("durée, en jours", "how long, in days")
    )
    removing = acts.add_parser("remove", help=pick("retirer", "remove"))
    for one, run in ((adding, _set_authority), (removing, _remove_authority)):
        one.add_argument("authority", metavar="ID", help=pick("identifiant", "id"))
        _begin(one, run, pick)


def _begin(parser: ArgumentParser, run: Callable[[Namespace], int], pick: Pick, *, workshop: bool = True) -> None:
    parser.set_defaults(run=run, pick=pick)
    if workshop:
        _path(parser, "--workshop", "DIR", pick("dossier de travail (.)", "working folder (.)"), default=Path())


def _path(
    parser: ArgumentParser, option: str, metavar: str, text: str, *, required: bool = False, default: Path | None = None
) -> None:
    parser.add_argument(option, type=Path, metavar=metavar, help=text, required=required, default=default)


def _keys(parser: ArgumentParser, pick: Pick) -> None:
    parser.add_argument(
        "--key", type=Path, action="append", default=[], metavar="FILE", help=pick("clé privée", "private key")
    )
    _token(parser, pick, required=False)


def _token(parser: ArgumentParser, pick: Pick, *, required: bool) -> None:
    text = pick("clé d'un jeton : hsm:2?label=nom", "a token's key: hsm:2?label=name")
    if required:
        parser.add_argument("--hsm", required=True, metavar="URI", help=text)
    else:
        parser.add_argument("--hsm", action="append", default=[], metavar="URI", help=text)
    _path(parser, "--pin-file", "FILE", pick("fichier du code", "file of the PIN"))


def _keygen(options: Namespace) -> int:
    made = work.new_key(options.name, options.out)
    print(made.private)
    print(f"{made.public} {made.key_id}")
    return 0


def _key(options: Namespace) -> int:
    made = work.save_token_key(options.hsm, options.name, options.out, pin_file=options.pin_file)
    print(f"{made.public} {made.key_id}")
    return 0


def _init(options: Namespace) -> int:
    founding = work.Founding(
        work.signers(options.party, options.threshold),
        work.signers(options.editor, options.editors_threshold or min(2, len(options.editor))),
        work.signers(options.snapshot, options.snapshot_threshold),
        work.signers(options.timestamp, options.timestamp_threshold),
        {role: getattr(options, f"{role}_hours") for role in work.DEFAULT_HOURS},
    )
    work.found(work.Workshop(options.workshop), founding, now=work.utc_now())
    return _status(options)


def _propose(options: Namespace) -> int:
    bundle = work.charter_bundle(options.place)
    work.propose(work.Workshop(options.workshop), bundle, now=work.utc_now())
    return _status(options)


def _facts(options: Namespace) -> int:
    if options.none == bool(options.places):
        raise ConfigurationError(
            Bilingual("Il faut des faits, ou --none.", "Facts are needed, or --none."),
            Bilingual("Donnez un dossier, un fichier, ou « packaged ».", "Give a folder, a file, or `packaged`."),
            param="FACTS",
        )
    for line in work.propose_facts(work.Workshop(options.workshop), options.places, now=work.utc_now()):
        print(_said(options, line))
    return _status(options)


def _sign(options: Namespace) -> int:
    workshop = work.Workshop(options.workshop)
    holders = work.signers_from(options.key, options.hsm, pin_file=options.pin_file)
    shown = work.to_be_signed(workshop, holders)
    for line in shown.lines:
        print(_said(options, line))
    if shown.lines and not options.yes and not _confirmed(options):
        return 1
    for role in work.sign(workshop, holders, seen=shown.seen):
        print(options.pick(f"signé : {role}", f"signed: {role}"))
    return 0


def _confirmed(options: Namespace) -> bool:
    if not sys.stdin.isatty():
        raise ConfigurationError(
            Bilingual("Rien n'est signé sans être lu.", "Nothing is signed unread."),
            Bilingual("Au terminal, ou avec --yes.", "At a terminal, or with --yes."),
            param="--yes",
        )
    return input(options.pick("Signer ? [o/N] ", "Sign? [y/N] ")).strip().lower() in _YES


def _status(options: Namespace) -> int:
    workshop = work.Workshop(options.workshop)
    for one in work.standing(workshop, now=work.utc_now()):
        until = f"{one.expires:%Y-%m-%dT%H:%M:%SZ}"
        late = options.pick(" EXPIRÉ", " EXPIRED") if one.expired else ""
        print(
            options.pick(
                f"publié  {one.role} v{one.version} → {until}{late}",
                f"published {one.role} v{one.version} → {until}{late}",
            )
        )
    for demand in work.demands(workshop):
        before = options.pick(" (parties d'avant)", " (parties before)") if demand.before else ""
        done = f"{len(demand.signed)}/{demand.threshold}"
        names = ", ".join(demand.missing)
        wanted = (
            ""
            if demand.met
            else options.pick(
                f" ; il manque {demand.threshold - len(demand.signed)} de : {names}",
                f"; {demand.threshold - len(demand.signed)} missing of: {names}",
            )
        )
        print(
            options.pick(
                f"préparé {demand.role} v{demand.version}{before} : {done}{wanted}",
                f"staged {demand.role} v{demand.version}{before}: {done}{wanted}",
            )
        )
    return 0


def _publish(options: Namespace) -> int:
    holders = work.signers_from(options.key, options.hsm, pin_file=options.pin_file)
    done = work.publish_signed(work.Workshop(options.workshop), holders, to=options.to, now=work.utc_now())
    for role, version in done.versions.items():
        print(f"{role} v{version}")
    for warning in done.warnings:
        print(f"bouclier: {_said(options, warning.text)}", file=sys.stderr)
    for role in done.waiting:
        print(options.pick(f"en attente de signatures : {role}", f"waiting for signatures: {role}"))
    return 0


def _timestamp(options: Namespace) -> int:
    holders = work.signers_from(options.key, options.hsm, pin_file=options.pin_file)
    for role, version in work.stamp(options.to, holders, now=work.utc_now()).items():
        print(f"{role} v{version}")
    return 0


def _pull(options: Namespace) -> int:
    print(f"1.root.json sha256 {work.pull(work.Workshop(options.workshop), options.folder)}")
    return _status(options)


def _renew(options: Namespace) -> int:
    work.renew(work.Workshop(options.workshop), options.role, now=work.utc_now())
    return _status(options)


def _discard(options: Namespace) -> int:
    work.Workshop(options.workshop).unstage(options.role)
    return _status(options)


def _threshold(options: Namespace) -> int:
    workshop = work.Workshop(options.workshop)
    work.set_threshold(workshop, work.ROLES[options.role], options.threshold, now=work.utc_now())
    return _status(options)


def _add_key(options: Namespace) -> int:
    [key] = work.signers([options.key], 1).keys
    work.add_key(work.Workshop(options.workshop), work.ROLES[options.role], key, now=work.utc_now())
    return _status(options)


def _remove_key(options: Namespace) -> int:
    workshop = work.Workshop(options.workshop)
    work.remove_key(workshop, work.ROLES[options.role], options.name, now=work.utc_now())
    return _status(options)


def _set_authority(options: Namespace) -> int:
    holders = work.signers(options.key, options.threshold)
    workshop = work.Workshop(options.workshop)
    work.set_authority(workshop, options.authority, holders, days=options.days, now=work.utc_now())
    return _status(options)


def _remove_authority(options: Namespace) -> int:
    work.remove_authority(work.Workshop(options.workshop), options.authority, now=work.utc_now())
    return _status(options)


def _said(options: Namespace, text: Bilingual) -> str:
    return str(options.pick(text.fr, text.en))
