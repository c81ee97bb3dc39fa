"""`bouclier log show | export | fsck | publish | create`: the record, and whether it holds together."""

from __future__ import annotations

import sys
from binascii import Error as BinasciiError
from binascii import a2b_base64
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.data_folder import create_log
from bouclier.compose.policies import read_policy
from bouclier.compose.publishing import publish
from bouclier.compose.recording import checked, entries, identity
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs

_HASH_BYTES = 32
_KINDS_FR = {
    "adoption": "adoptions",
    "decision": "décisions",
    "erasure": "destructions",
    "mark": "marques",
    "opening": "ouvertures",
    "outcome": "issues",
    "review": "relectures",
    "shadow": "essais",
}


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""

    def pick(fr: str, en: str) -> str:
        return fr if french else en

    log = verbs.add_parser("log", help=pick("le journal des décisions", "the log of decisions"))
    actions = log.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser(
        "show", help=pick("son nom et ses clés, pour une politique", "its name and keys, for a policy")
    )
    show.set_defaults(run=_show)
    export = actions.add_parser("export", help=pick("une ligne JSON par entrée", "one JSON line per entry"))
    export.set_defaults(run=_export)
    check = actions.add_parser("fsck", help=pick("vérifier tout le journal", "check the whole log"))
    check.add_argument("--size", type=int, metavar="N", help=pick("taille notée ailleurs", "size noted elsewhere"))
    check.add_argument(
        "--root",
        metavar="ROOT",
        help=pick("racine notée ailleurs, à cette taille", "root noted elsewhere, at that size"),
    )
    check.add_argument(
        "--policy",
        type=Path,
        metavar="P",
        help=pick("témoins dont exiger la signature", "witnesses who must have cosigned"),
    )
    check.set_defaults(run=_check, french=french)
    publication = actions.add_parser(
        "publish", help=pick("écrire le journal en fichiers statiques", "write the log as static files")
    )
    publication.add_argument("folder", type=Path, metavar="DIR")
    publication.set_defaults(run=_publish, french=french)
    create = actions.add_parser("create", help=pick("créer un journal neuf, exprès", "create a new log, on purpose"))
    create.set_defaults(run=_create)
    for action in (show, export, check, publication, create):
        add_configuration(action, french=french)


def _show(options: Namespace) -> int:
    for line in identity(configuration_from(options).data):
        print(line)
    return 0


def _export(options: Namespace) -> int:
    out = sys.stdout.buffer
    for one in entries(configuration_from(options).data):
        # An entry is canonical JSON: it is quoted as it is, so that its leaf hash can be computed again.
        out.write(b'{"index":%d,"leaf_hash":"%s","entry":%s}\n' % (one.index, one.leaf_hash.hex().encode(), one.entry))
    return 0


def _check(options: Namespace) -> int:
    root = None if options.root is None else _hash(options.root)
    if (options.size is None) != (root is None) or (options.size or 0) < 0:
        raise _wrong("--size" if root is not None else "--root")
    policy = None if options.policy is None else read_policy(options.policy, param="--policy")
    report = checked(configuration_from(options).data, size=options.size, root=root, policy=policy)
    torn = report.torn_bytes
    words = _KINDS_FR if options.french else {}
    kinds = ", ".join(f"{words.get(kind, kind)} {count}" for kind, count in sorted(report.kinds.items()))
    published = "—" if report.published is None else report.published
    if options.french:
        print(f"journal intact : {report.size} entrées ({kinds or 'aucune'}), racine {report.root.hex()}")
        print(f"publié : {published} ; empreintes comparées : {report.hashes}")
        if policy is not None:
            print("cosigné par le quorum de la politique")
        if torn:
            print(f"{torn} octets d'un lot incomplet à la fin du fichier : un arrêt brutal, ou un retrait")
    else:
        print(f"log intact: {report.size} entries ({kinds or 'none'}), root {report.root.hex()}")
        print(f"published: {published}; hashes compared: {report.hashes}")
        if policy is not None:
            print("cosigned by the policy's quorum")
        if torn:
            print(f"{torn} bytes of an incomplete batch at the end of the file: a crash, or a removal")
    return 0


def _publish(options: Namespace) -> int:
    size, written = publish(configuration_from(options).data, options.folder)
    if options.french:
        print(f"entrées publiées : {size} ; fichiers écrits : {written}")
    else:
        print(f"entries published: {size}; files written: {written}")
    return 0


def _create(options: Namespace) -> int:
    create_log(configuration_from(options))
    return 0


def _hash(text: str | None) -> bytes:
    """Read a root as `log fsck` prints it (hexadecimal) or as checkpoints hold it (Base64)."""
    value = b""
    try:
        value = bytes.fromhex(text or "")
    except ValueError:
        with suppress(BinasciiError):
            value = a2b_base64(text or "", strict_mode=True)
    if len(value) != _HASH_BYTES:
        raise _wrong("--root")
    return value


def _wrong(option: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"{option} manque ou est incorrect.", f"{option} is missing or wrong."),
        Bilingual(
            "Donnez --size N et --root RACINE ensemble, tels que « log fsck » ou un point de contrôle les montrent.",
            "Give --size N and --root ROOT together, as `log fsck` or a checkpoint shows them.",
        ),
        param=option,
    )
