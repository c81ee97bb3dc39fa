"""`bouclier exposure scan`: on whom an institution depends, from the files it already has.

Exit codes: 0 done; 2 something could not be read, or nothing was: the report says what.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.cli.options import configuration_from
from bouclier.compose.exposing import day_asked, today
from bouclier.compose.exposure_scan import scan_paths
from bouclier.compose.registry_paths import paths_given
from bouclier.compose.reporting import write_report
from bouclier.compose.scan_report_data import scan_csv, scan_json
from bouclier.compose.scan_report_html import scan_html
from bouclier.compose.scan_report_text import scan_lines

if TYPE_CHECKING:
    from bouclier.cli.verbs import Verbs


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb, of two words, to the command line."""
    parser = verbs.add_parser(
        "exposure scan",
        help="de qui dépend ce que disent ces fichiers" if french else "on whom depends what these files say",
    )

    def say(fr: str, en: str) -> str:
        return fr if french else en

    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help=say(
            "fichiers ou dossiers : docker-compose, plan Terraform en JSON, CycloneDX, SPDX, CSV",
            "files or folders: docker-compose, Terraform plan as JSON, CycloneDX, SPDX, CSV",
        ),
    )
    parser.add_argument(
        "--at", metavar="DAY", help=say("jour des faits, UTC (aujourd'hui)", "day of the facts (today)")
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help=say("écrire la page", "write the page"))
    parser.add_argument("--csv", type=Path, metavar="FILE", help=say("écrire le tableau", "write the table"))
    parser.add_argument("--json", action="store_true", help=say("rapport en JSON", "report as JSON"))
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="GLOB",
        help=say("fichiers d'un dossier à laisser de côté", "files of a folder to leave out"),
    )
    parser.add_argument(
        "--lang",
        choices=("fr", "en"),
        default="fr" if french else "en",
        help=say("langue (celle du terminal)", "language (the terminal's)"),
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help=say("fichier de configuration", "configuration file")
    )
    parser.set_defaults(run=run, french=french)


def run(options: Namespace) -> int:
    """Report the dependence; return 2 if something could not be read, or nothing was."""
    configuration = configuration_from(Namespace(config=options.config, data=None))
    day = today() if options.at is None else day_asked(options.at)
    result = scan_paths(configuration, paths_given(options.paths, param="PATH"), day=day, exclude=options.exclude)
    if options.html is not None:
        write_report(options.html, scan_html(result, options.lang), option="--html")
    if options.csv is not None:
        write_report(options.csv, scan_csv(result, options.lang), option="--csv")
    if options.json:
        sys.stdout.buffer.write(scan_json(result))
        sys.stdout.buffer.flush()
    else:
        for line in scan_lines(result, options.lang):
            print(line)
    for one in result.unread:
        message, hint = (one.message.fr, one.hint.fr) if options.french else (one.message.en, one.hint.en)
        print(f"bouclier: {message}\n  → {hint}", file=sys.stderr)
    return 0 if result.is_whole else 2
