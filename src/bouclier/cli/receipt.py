"""`bouclier receipt verify FILE`: does a receipt show what it claims? Offline, with nothing but the file."""

from __future__ import annotations

from binascii import a2b_base64
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bouclier.oversight import verify_receipt, verify_request_commitment
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs

_MAX_BYTES = 1_000_000


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    receipt = verbs.add_parser("receipt", help="les reçus" if french else "receipts")
    actions = receipt.add_subparsers(dest="action", required=True, metavar="ACTION")
    verify = actions.add_parser(
        "verify", help="vérifier un reçu, hors ligne" if french else "verify a receipt, offline"
    )
    verify.add_argument("file", type=Path, metavar="FILE")
    verify.add_argument(
        "--request",
        type=Path,
        metavar="BODY",
        help="vérifier aussi que c'est bien cette requête (corps exact)"
        if french
        else "also check that it was this request (exact body)",
    )
    verify.set_defaults(run=run, french=french)


def run(options: Namespace) -> int:
    """Verify a receipt; an error says what does not hold."""
    receipt = _decoded(options.file)
    verify_receipt(receipt)
    if options.request is not None:
        verify_request_commitment(receipt, _bytes_of(options.request))
    root = a2b_base64(receipt["root_hash"]).hex()
    entry = msgspec.json.decode(receipt["entry"])
    if options.french:
        print(f"reçu intact : entrée {receipt['index']} d'un journal de {receipt['tree_size']}")
        print(f"racine {root} — à comparer à celle que publie le journal")
    else:
        print(f"receipt intact: entry {receipt['index']} of a log of {receipt['tree_size']}")
        print(f"root {root} — to compare with the one the log publishes")
    if entry["kind"] == "decision":
        print(f"{entry['data_class']} → {entry['chosen'] or '—'}")
    return 0


def _decoded(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(_bytes_of(path), type=dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(path) from error


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_BYTES * 16)
    except OSError as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> RequestError:
    return RequestError(
        Bilingual(f"{path} ne peut pas être lu.", f"{path} cannot be read."),
        Bilingual("Donnez le fichier JSON du reçu.", "Give the receipt's JSON file."),
        param=str(path),
    )
