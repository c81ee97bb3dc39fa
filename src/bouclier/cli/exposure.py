"""`bouclier exposure NAME|FILE`: which laws can compel whoever runs something, by which chain, and what is not known.

Exit codes: 0 told; 1 a level asked for with `--min-seal` is not reached, or not shown to be; 2 nothing is called so,
or something must be corrected.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.exposing import Wanted, country_asked, day_asked, exposed, gate_asked, today
from bouclier.registry.draw_dot import draw_dot
from bouclier.registry.draw_svg import draw_svg
from bouclier.registry.expose_json import report_values
from bouclier.registry.expose_text import exposure_text
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs
    from bouclier.compose.exposing import Exposed
    from bouclier.registry.draw_model import Language


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""

    def pick(fr: str, en: str) -> str:
        return fr if french else en

    parser = verbs.add_parser(
        "exposure",
        help=pick("qui peut être contraint, par quelle loi", "who can be compelled, by which law"),
        description=pick(
            "Quelles lois peuvent contraindre qui exploite cela, par quelle chaîne, et ce qu'on ne sait pas.",
            "Which laws can compel whoever runs this, through which chain, and what is not known.",
        ),
        epilog=pick(
            "bouclier exposure scan PATH... : de qui dépendent vos fichiers (compose, Terraform, SBOM, CSV)",
            "bouclier exposure scan PATH...: on whom your files depend (compose, Terraform, SBOM, CSV)",
        ),
    )
    parser.add_argument(
        "name",
        metavar="NAME|FILE",
        help=pick(
            "opérateur, service, déploiement ou modèle ; ou un fichier de faits",
            "operator, service, deployment or model; or a file of facts",
        ),
    )
    add_configuration(parser, french=french)
    parser.add_argument(
        "--at",
        metavar="DATE",
        help=pick("à ce jour, AAAA-MM-JJ (aujourd'hui)", "on that day, YYYY-MM-DD (today)"),
    )
    parser.add_argument(
        "--country",
        metavar="CC",
        help=pick("État où sont les machines, si vous le savez", "state where the machines stand, if you know it"),
    )
    parser.add_argument(
        "--min-seal",
        nargs="+",
        default=[],
        metavar="SOV-2=2",
        help=pick("niveau exigé d'un objectif du cadre européen", "level asked of an objective of the EU framework"),
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help=pick("en JSON", "as JSON"))
    form.add_argument("--dot", action="store_true", help=pick("en graphe Graphviz", "as a Graphviz graph"))
    form.add_argument("--svg", action="store_true", help=pick("en image", "as a picture"))
    parser.set_defaults(run=_run, french=french)


def _run(options: Namespace) -> int:
    wanted = Wanted(
        options.name,
        today() if options.at is None else day_asked(options.at),
        None if options.country is None else country_asked(options.country),
        dict(map(gate_asked, options.min_seal)),
    )
    found = exposed(configuration_from(options), wanted)
    sys.stdout.write(_rendered(found, options))
    return 1 if any(report.sovereignty.gates not in {None, "pass"} for report in found.reports) else 0


def _rendered(found: Exposed, options: Namespace) -> str:
    language: Language = "fr" if options.french else "en"
    if options.json:
        values = [report_values(report) for report in found.reports]
        return json.dumps(values[0] if len(values) == 1 else values, ensure_ascii=False, indent=2) + "\n"
    if options.dot or options.svg:
        if len(found.reports) > 1:
            names = ", ".join(report.subject.id for report in found.reports)
            raise ConfigurationError(
                Bilingual("Une image montre un seul sujet.", "A picture shows one subject."),
                Bilingual(f"Nommez-en un : {names}.", f"Name one: {names}."),
                param="NAME|FILE",
            )
        draw = draw_svg if options.svg else draw_dot
        return draw(found.reports[0], language, registry=found.registry)
    texts = (exposure_text(report, found.registry, language, framework=found.framework) for report in found.reports)
    return "\n\n".join(texts)
