"""`bouclier log export | verify | create`: the record, entry by entry, and whether it holds together."""

from __future__ import annotations

import sys
from binascii import Error as BinasciiError
from binascii import a2b_base64
from contextlib import suppress
from typing import TYPE_CHECKING

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.data_folder import create_log
from bouclier.compose.recording import entries, verified
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs

_HASH_BYTES = 32


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    log = verbs.add_parser("log", help="le journal des décisions" if french else "the log of decisions")
    actions = log.add_subparsers(dest="action", required=True, metavar="ACTION")
    export = actions.add_parser("export", help="une ligne JSON par entrée" if french else "one JSON line per entry")
    export.set_defaults(run=_export)
    verify = actions.add_parser("verify", help="vérifier le journal" if french else "verify the log")
    verify.add_argument(
        "--size", type=int, metavar="N", help="taille notée ailleurs" if french else "size noted elsewhere"
    )
    verify.add_argument(
        "--root",
        metavar="ROOT",
        help="racine notée ailleurs, à cette taille" if french else "root noted elsewhere, at that size",
    )
    verify.set_defaults(run=_verify, french=french)
    create = actions.add_parser(
        "create", help="créer un journal neuf, exprès" if french else "create a new log, on purpose"
    )
    create.set_defaults(run=_create)
    for action in (export, verify, create):
        add_configuration(action, french=french)


def _export(options: Namespace) -> int:
    out = sys.stdout.buffer
    for one in entries(configuration_from(options).data):
        # An entry is canonical JSON: it is quoted as it is, so that its leaf hash can be computed again.
        out.write(b'{"index":%d,"leaf_hash":"%s","entry":%s}\n' % (one.index, one.leaf_hash.hex().encode(), one.entry))
    return 0


def _verify(options: Namespace) -> int:
    root = None if options.root is None else _hash(options.root)
    if (options.size is None) != (root is None) or (options.size or 0) < 0:
        raise _wrong("--size" if root is not None else "--root")
    report = verified(configuration_from(options).data, size=options.size, root=root)
    torn = report.torn_bytes
    if options.french:
        print(f"journal intact : {report.size} entrées, racine {report.root.hex()}")
        if torn:
            print(f"{torn} octets d'un lot incomplet à la fin du fichier : un arrêt brutal, ou un retrait")
    else:
        print(f"log intact: {report.size} entries, root {report.root.hex()}")
        if torn:
            print(f"{torn} bytes of an incomplete batch at the end of the file: a crash, or a removal")
    return 0


def _create(options: Namespace) -> int:
    create_log(configuration_from(options).data)
    return 0


def _hash(text: str | None) -> bytes:
    """Read a root as `log verify` prints it (hexadecimal) or as receipts hold it (Base64)."""
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
            "Donnez --size N et --root RACINE ensemble, tels que « log verify » ou un reçu les montrent.",
            "Give --size N and --root ROOT together, as `log verify` or a receipt shows them.",
        ),
        param=option,
    )
