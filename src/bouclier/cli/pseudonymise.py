"""`bouclier pseudonymise`: write files again so that they name nobody, with a way back or without.

Exit codes: 0 done; 1 done, but files of the folder were left out; 2 nothing was written.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from bouclier.cli.options import add_configuration, add_files, configuration_from
from bouclier.cli.progress import file_progress, report_console
from bouclier.compose.checking import types_of
from bouclier.compose.documents.source import known_encoding
from bouclier.compose.pseudonymising import Order, new_pseudonyms, pseudonymise
from bouclier.compose.restoring import restore_files
from bouclier.compose.staging import clear_left
from bouclier.compose.vault import (
    NewIdentity,
    Vault,
    check_identity_place,
    check_vault_place,
    open_vault,
    read_recipients,
    recipients_of,
)
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from bouclier.cli.verbs import Verbs
    from bouclier.compose.pseudonymising import Outcome


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""

    def say(fr: str, en: str) -> str:
        return fr if french else en

    parser = verbs.add_parser(
        "pseudonymise", help=say("pseudonymiser un dossier ou une table", "pseudonymise a folder or a table")
    )
    parser.add_argument("source", metavar="IN", help=say("fichier ou dossier à lire", "file or folder to read"))
    parser.add_argument("out", metavar="OUT", help=say("fichier ou dossier à écrire", "file or folder to write"))
    parser.add_argument(
        "--vault", type=Path, metavar="FILE", help=say("coffre chiffré avec age", "vault, age-encrypted")
    )
    parser.add_argument(
        "--recipient",
        action="append",
        default=[],
        metavar="KEY",
        help=say("clé publique age de qui peut ouvrir le coffre", "age public key of who may open the vault"),
    )
    parser.add_argument(
        "--identity",
        type=Path,
        metavar="KEYFILE",
        help=say("clé privée age : ouvre un coffre qui existe", "age private key: opens a vault that exists"),
    )
    parser.add_argument(
        "--create-identity",
        type=Path,
        metavar="KEYFILE",
        help=say("écrire une nouvelle clé privée et s'en servir", "write a new private key and use it"),
    )
    parser.add_argument("--irreversible", action="store_true", help=say("sans retour possible", "with no way back"))
    parser.add_argument("--restore", action="store_true", help=say("remettre les valeurs", "put the values back"))
    parser.add_argument(
        "--columns",
        default="",
        metavar="A,B",
        help=say("colonnes de tables à remplacer entières", "columns of tables to replace whole"),
    )
    parser.add_argument(
        "--keep", default="", metavar="TYPES", help=say("types à laisser", "types to leave as they are")
    )
    add_files(parser, french=french)
    parser.add_argument(
        "--allow-uninspected",
        action="store_true",
        help=say("écrire aussi ce qui n'est lu qu'en partie", "also write what can be read only in part"),
    )
    parser.add_argument(
        "--force", action="store_true", help=say("remplacer OUT s'il existe", "replace OUT if it exists")
    )
    add_configuration(parser, french=french)
    parser.set_defaults(run=run, french=french, parser=parser)


def run(options: Namespace) -> int:
    """Write OUT; return 1 if files were left out."""
    parser: ArgumentParser = options.parser
    if options.restore:
        if options.irreversible or options.vault is None or options.identity is None:
            parser.error("--restore IN OUT --vault FILE --identity KEYFILE")
        return _restore(options)
    if options.irreversible == (options.vault is not None):
        parser.error("--vault FILE --recipient KEY | --irreversible")
    clear_left(Path(options.out))
    identity = NewIdentity(options.create_identity) if options.vault is not None and options.create_identity else None
    vault, recipients = _vault(options, identity)
    order = Order(
        source=Path(options.source),
        out=Path(options.out),
        columns=frozenset(name.strip() for name in options.columns.split(",")) - {""},
        keep=types_of("--keep", options.keep),
        exclude=tuple(options.exclude),
        encoding=known_encoding(options.encoding),
        force=options.force,
        partial=options.allow_uninspected,
    )
    if options.vault is not None:
        check_vault_place(options.vault, order.source, order.out)
    if identity is not None:
        check_identity_place(identity.path, options.vault, order.source, order.out)
    configuration = configuration_from(options)
    with file_progress(french=options.french) as progress:
        outcome = pseudonymise(
            configuration,
            order,
            vault,
            sealed_at=None if options.vault is None else (options.vault, recipients),
            identity=identity,
            progress=progress,
        )
    _show(outcome, french=options.french)
    return 1 if outcome.left_out else 0


def _vault(options: Namespace, identity: NewIdentity | None) -> tuple[Vault, Sequence[object]]:
    """Return the vault to add to and who may open it."""
    if options.vault is None:
        return Vault(new_pseudonyms()), ()
    recipients = read_recipients(options.recipient)
    if identity is not None:
        if options.vault.exists():
            raise _existing(options.vault)
        return Vault(new_pseudonyms()), [*recipients, identity.recipient]
    if options.vault.exists():
        if options.identity is None:
            raise _existing(options.vault)
        vault = open_vault(options.vault, options.identity)
        return vault, recipients or recipients_of(options.identity)
    if options.identity is not None:
        recipients = [*recipients, *recipients_of(options.identity)]
    if not recipients:
        parser: ArgumentParser = options.parser
        parser.error("--vault FILE --recipient KEY")
    return Vault(new_pseudonyms()), recipients


def _existing(vault: Path) -> RequestError:
    return RequestError(
        Bilingual(f"Le coffre {vault} existe déjà.", f"The vault {vault} is there already."),
        Bilingual(
            "Pour y ajouter, donnez « --identity KEYFILE » ; sinon, choisissez un autre nom.",
            "To add to it, give `--identity KEYFILE`; otherwise, choose another name.",
        ),
        param="--vault",
    )


def _restore(options: Namespace) -> int:
    vault = open_vault(options.vault, options.identity)
    with file_progress(french=options.french) as progress:
        done = restore_files(
            Path(options.source),
            Path(options.out),
            vault,
            force=options.force,
            encoding=known_encoding(options.encoding),
            progress=progress,
        )
    told = f"{done.files} fichier(s) écrit(s)" if options.french else f"{done.files} file(s) written"
    if done.unknown:
        told += (
            f" ; {done.unknown} pseudonyme(s) que ce coffre ne connaît pas"
            if options.french
            else f"; {done.unknown} pseudonym(s) this vault does not know"
        )
    print(told)
    return 0


def _show(outcome: Outcome, *, french: bool) -> None:
    console = report_console()
    if outcome.places:
        table = Table("Type", "Remplacés" if french else "Replaced")
        for kind, count in outcome.places.most_common():
            table.add_row(kind.value, str(count))
        console.print(table)
    if outcome.left_out:
        table = Table("Laissé de côté" if french else "Left out", "Pourquoi" if french else "Why")
        for name, why in outcome.left_out:
            table.add_row(name, why.fr if french else why.en)
        console.print(table, markup=False)
    total = sum(outcome.places.values())
    told = (
        f"{outcome.files} fichier(s) écrit(s), {total} remplacement(s), {len(outcome.left_out)} laissé(s) de côté"
        if french
        else f"{outcome.files} file(s) written, {total} replaced, {len(outcome.left_out)} left out"
    )
    if outcome.dropped:
        told += (
            f" ; métadonnées de {outcome.dropped} table(s) non reprises"
            if french
            else f"; metadata of {outcome.dropped} table(s) not written"
        )
    console.print(told, highlight=False)
