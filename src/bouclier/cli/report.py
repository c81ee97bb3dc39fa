"""`bouclier report register | ai-act | public | carbon`: reports made from the record, each figure with its entries."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bouclier.cli.options import configuration_from
from bouclier.compose.reporting import FORMATS, WantedReport, now_ms, rendered_report, write_report
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from bouclier.cli.verbs import Verbs

_REPORTS: Final = {
    "register": Bilingual("registre des traitements (RGPD art. 30)", "record of processing (GDPR art. 30)"),
    "ai-act": Bilingual("synthèse du déployeur (règlement sur l'IA)", "deployer's summary (AI Act)"),
    "public": Bilingual("rapport de transparence, sans petits comptes", "transparency report, without small counts"),
    "carbon": Bilingual("énergie et carbone, avec leur intervalle", "energy and carbon, with their range"),
}


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    report = verbs.add_parser("report", help="rapports tirés du journal" if french else "reports made from the log")
    actions = report.add_subparsers(dest="report", required=True, metavar="REPORT")
    for name, title in _REPORTS.items():
        action = actions.add_parser(name, help=title.fr if french else title.en)
        _add_common(action, french=french)
        if name == "public":
            action.add_argument(
                "--min-cell",
                metavar="N",
                help="plus petit compte montré (11)" if french else "smallest count shown (11)",
            )
        else:
            if name != "carbon":
                action.add_argument(
                    "--particulars",
                    type=Path,
                    metavar="FILE",
                    help="ce que déclare le responsable (YAML)" if french else "what the controller states (YAML)",
                )
            action.add_argument(
                "--log-url",
                action="append",
                default=[],
                metavar="URL",
                help="adresse du journal, une par --data" if french else "address of the log, one per --data",
            )
        action.set_defaults(run=_run, french=french, min_cell=None, particulars=None, log_url=[])


def _add_common(parser: ArgumentParser, *, french: bool) -> None:
    def say(fr: str, en: str) -> str:
        return fr if french else en

    parser.add_argument(
        "--config", type=Path, metavar="FILE", help=say("fichier de configuration", "configuration file")
    )
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help=say("dossier d'un journal ; répétable", "folder of a log; may be repeated"),
    )
    parser.add_argument("--from", dest="first", metavar="DAY", help=say("premier jour, UTC", "first day, UTC"))
    parser.add_argument(
        "--to", dest="last", metavar="DAY", help=say("dernier jour, UTC, compris", "last day, UTC, included")
    )
    parser.add_argument("--format", choices=FORMATS, default="html", help=say("forme (html)", "form (html)"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=say("fichier à écrire", "file to write"))
    parser.add_argument(
        "--lang",
        choices=("fr", "en"),
        default="fr" if french else "en",
        help=say("langue (celle du terminal)", "language (the terminal's)"),
    )


def _run(options: Namespace) -> int:
    configuration = configuration_from(Namespace(config=options.config, data=None))
    wanted = WantedReport(
        report=options.report,
        folders=tuple(options.data),
        first=options.first,
        last=options.last,
        form=options.format,
        language=options.lang,
        particulars=options.particulars,
        log_urls=tuple(options.log_url),
        least=options.min_cell,
    )
    data = rendered_report(configuration, wanted, now=now_ms())
    if options.out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_report(options.out, data)
    return 0
