"""`bouclier receipt verify | finish`: does a receipt show what it claims, and has the quorum cosigned it by now?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.compose.policies import read_policy
from bouclier.compose.receipts import finished, read_file, write_file
from bouclier.oversight import DecisionEntry, parse_receipt, verify_receipt, verify_request_commitment
from bouclier.tlog import (
    PolicyLog,
    WitnessPolicy,
    hash_leaf,
    parse_note,
    parse_tlog_proof,
    parse_vkey,
    verify_tlog_proof,
)

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs
    from bouclier.oversight import Entry
    from bouclier.tlog import OpenedCheckpoint


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""

    def pick(fr: str, en: str) -> str:
        return fr if french else en

    receipt = verbs.add_parser("receipt", help=pick("les reçus", "receipts"))
    actions = receipt.add_subparsers(dest="action", required=True, metavar="ACTION")
    verify = actions.add_parser("verify", help=pick("vérifier un reçu, hors ligne", "verify a receipt, offline"))
    verify.add_argument("file", type=Path, metavar="FILE")
    trusted = verify.add_mutually_exclusive_group(required=True)
    trusted.add_argument(
        "--policy", type=Path, metavar="P", help=pick("journaux et témoins à croire", "logs and witnesses to believe")
    )
    trusted.add_argument(
        "--log", metavar="VKEY", help=pick("clé du journal, sans témoins", "the log's key, without witnesses")
    )
    about = verify.add_mutually_exclusive_group()  # an entry of another log commits to no request that we could check
    about.add_argument(
        "--request",
        type=Path,
        metavar="BODY",
        help=pick(
            "vérifier aussi que c'est bien cette requête (corps exact)",
            "also check that it was this request (exact body)",
        ),
    )
    about.add_argument(
        "--entry",
        type=Path,
        metavar="FILE",
        help=pick(
            "l'entrée, pour un fichier tlog-proof d'un autre journal que ceux de Bouclier",
            "the entry, for a tlog-proof file of another log than Bouclier's",
        ),
    )
    verify.set_defaults(run=_verify, french=french)
    finish = actions.add_parser(
        "finish", help=pick("redemander la preuve cosignée au journal", "ask the log for the cosigned proof")
    )
    finish.add_argument("file", type=Path, metavar="FILE")
    finish.add_argument("url", metavar="URL", help="http://127.0.0.1:8787/log")
    finish.set_defaults(run=_finish, french=french)


def _verify(options: Namespace) -> int:
    data = read_file(options.file)
    policy = (
        read_policy(options.policy, param="--policy")
        if options.policy is not None
        else WitnessPolicy(logs=(PolicyLog(parse_vkey(options.log)),))
    )
    if options.entry is not None:
        proof = parse_tlog_proof(data)
        opened = verify_tlog_proof(proof, hash_leaf(read_file(options.entry)), policy)
        lines = _shown(proof.index, opened, policy, french=options.french)
    else:
        receipt = parse_receipt(data)
        verified = verify_receipt(receipt, policy)
        lines = [*_shown(verified.index, verified.opened, policy, french=options.french), _said(verified.entry)]
        if options.request is not None:
            verify_request_commitment(receipt, read_file(options.request))
    for line in lines:
        print(line)
    return 0


def _said(entry: Entry) -> str:
    return f"{entry.data_class} → {entry.chosen or '—'}" if isinstance(entry, DecisionEntry) else entry.kind


def _shown(index: int, opened: OpenedCheckpoint, policy: WitnessPolicy, *, french: bool) -> list[str]:
    checkpoint, times = opened.checkpoint, opened.verified
    lines = [
        f"reçu intact : entrée {index} du journal {checkpoint.origin}, à {checkpoint.size} entrées"
        if french
        else f"receipt intact: entry {index} of log {checkpoint.origin}, at {checkpoint.size} entries"
    ]
    for witness in policy.witnesses:
        time_s = times.get(witness.key)
        if time_s:
            when = _moment(time_s)
            lines.append(f"cosigné par {witness.name}, {when}" if french else f"cosigned by {witness.name}, {when}")
    if not policy.witnesses:
        lines.append(
            "aucun témoin n'était exigé : ce journal pourrait en montrer un autre à d'autres"
            if french
            else "no witness was asked for: this log could show others another history"
        )
    return lines


def _moment(time_s: int) -> str:
    """Return a time as people read it; a witness may have signed any."""
    try:
        return datetime.fromtimestamp(time_s, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return f"{time_s} s"


def _finish(options: Namespace) -> int:
    receipt = finished(read_file(options.file), options.url)
    write_file(options.file, receipt)
    proof = parse_receipt(receipt).proof
    cosigned = len(parse_note(proof.checkpoint).signatures) > 1
    if options.french:
        print(f"reçu {'complété' if cosigned else 'inchangé, signé du seul journal'} : entrée {proof.index}")
    else:
        print(f"receipt {'completed' if cosigned else 'still signed by the log alone'}: entry {proof.index}")
    return 0
