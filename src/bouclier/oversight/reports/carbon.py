"""Energy and CO2e of the exchanges, as the record tells: totals with their range, by month, model, site and method.

A sum of ranges is the range of the sums: bounds are added, in the millionths that the record has, and told in
milligrams and milliwatt-hours with all their decimals, so that the rows of a table add up to the totals.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bouclier.oversight.reports.carbon_counts import (
    BOUNDS,
    ESTIMATED,
    METHODS,
    MODELS,
    MONTHS,
    NO_DECISION,
    NO_OUTCOME,
    SITES,
    TOTAL,
    UNSERVED,
)
from bouclier.oversight.reports.model import Column, Document, Fact, Figure, Label, Section, Table
from bouclier.oversight.reports.words import DEPLOYMENT, EXCHANGES, MODEL, MONTH, OPERATOR, known_or_not
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from bouclier.oversight.reports.carbon_counts import CarbonCounts
    from bouclier.oversight.reports.model import Cover, Row
    from bouclier.oversight.reports.tally import Tally

_DECIMALS: Final = 3
"""Of a thousandth, so that none of the record's millionths is lost."""
_SITE: Final = Column("site", Bilingual("Site", "Site"), "dimension")
_ZONE: Final = Column("zone", Bilingual("Zone du réseau électrique", "Zone of the grid"), "dimension")
_METHOD: Final = Column("method", Bilingual("Méthode", "Method"), "dimension")
_TITLES: Final = {
    "carbon-low": Bilingual("CO2e, borne basse (mg)", "CO2e, lower bound (mg)"),
    "carbon-high": Bilingual("CO2e, borne haute (mg)", "CO2e, upper bound (mg)"),
    "energy-low": Bilingual("Énergie, borne basse (mWh)", "Energy, lower bound (mWh)"),
    "energy-high": Bilingual("Énergie, borne haute (mWh)", "Energy, upper bound (mWh)"),
}
_COLUMNS: Final = tuple(Column(bound, _TITLES[bound]) for bound in BOUNDS)


def carbon(counts: CarbonCounts, cover: Cover) -> Document:
    """Return the report on energy and carbon.

    Args:
        counts: What was counted.
        cover: What it is about.
    """
    tally = counts.tally
    return Document(
        report="carbon",
        title=Bilingual("Énergie et carbone des échanges", "Energy and carbon of the exchanges"),
        cover=cover,
        sections=(
            _overview(tally),
            Section(
                "periods",
                Bilingual("Par mois", "By month"),
                tables=(_table(tally, MONTHS, Bilingual("Par mois, UTC", "By month, UTC"), (MONTH,)),),
            ),
            Section(
                "places",
                Bilingual("Par modèle et par site", "By model and by site"),
                tables=(
                    _table(tally, MODELS, Bilingual("Par modèle", "By model"), (OPERATOR, MODEL, DEPLOYMENT)),
                    _table(tally, SITES, Bilingual("Par site", "By site"), (OPERATOR, _SITE, _ZONE)),
                ),
            ),
            Section(
                "methods",
                Bilingual("Comment cela est connu", "How it is known"),
                notes=(
                    Bilingual(
                        "Une méthode « measured- » mesure la machine et partage entre les échanges ; « declared- » "
                        "compte ce que l'institution déclare au plus du déploiement, sans borne basse, et n'estime que "
                        "l'énergie ; les autres estiment. Les formules, les constantes et ce qui n'est pas compté (la "
                        "lecture de la demande, l'entraînement, le réseau, l'eau) sont dans "
                        "docs/reference/footprint.md.",
                        "A `measured-` method measures the machine and shares among exchanges; `declared-` counts what "
                        "the institution declares of the deployment at most, with no lower bound, and estimates energy "
                        "only; the others estimate. Formulae, constants and what is not counted (reading the request, "
                        "training, the network, water) are in docs/reference/footprint.md.",
                    ),
                ),
                tables=(_table(tally, METHODS, Bilingual("Par méthode", "By method"), (_METHOD, _ZONE)),),
            ),
        ),
    )


def _overview(tally: Tally) -> Section:
    facts = [Fact(bound, _TITLES[bound], _thousandths(tally, TOTAL, bound)) for bound in BOUNDS]
    counted = (
        (ESTIMATED, Bilingual("Échanges comptés", "Exchanges counted")),
        (UNSERVED, Bilingual("Échanges sans rien de servi, non comptés", "Exchanges that served nothing, not counted")),
        (
            NO_OUTCOME,
            Bilingual(
                "Échanges envoyés sans issue connue : leur coût est inconnu",
                "Exchanges sent without a known outcome: their cost is unknown",
            ),
        ),
        (
            NO_DECISION,
            Bilingual(
                "Échanges comptés dont la décision n'est pas ici : sous aucun modèle ni site",
                "Exchanges counted whose decision is not here: under no model or site",
            ),
        ),
    )
    facts += [Fact(name, label, tally.times(TOTAL, name)) for name, label in counted]
    return Section(
        "overview",
        Bilingual("Vue d'ensemble", "Overview"),
        notes=(
            Bilingual(
                "Des ordres de grandeur, entre deux bornes : la vérité est entre elles si les méthodes sont justes. La "
                "fabrication des machines est comprise dans le CO2e. Où le réseau électrique est inconnu, l'intervalle "
                "est celui du monde.",
                "Orders of magnitude between two bounds: the truth lies between them if the methods are right. Making "
                "the machines is part of CO2e. Where the grid is unknown, the range is the world's.",
            ),
        ),
        facts=tuple(facts),
    )


def _table(tally: Tally, part: str, title: Bilingual, dimensions: tuple[Column, ...]) -> Table:
    rows: list[Row] = []
    # Keys of a part begin with the name of a figure: `estimated` is counted for every one.
    for name, *values in tally.keys(part):
        if name == ESTIMATED:
            labels: tuple[Label, ...] = tuple(known_or_not(value) for value in values)
            bounds = (_thousandths(tally, part, bound, *values) for bound in BOUNDS)
            rows.append((*labels, tally.times(part, ESTIMATED, *values), *bounds))
    return Table(part, title, (*dimensions, EXCHANGES, *_COLUMNS), tuple(rows))


def _thousandths(tally: Tally, part: str, bound: str, *dimensions: str) -> Figure:
    """Return a sum of millionths in thousandths."""
    return replace(tally.amount(part, bound, *dimensions), decimals=_DECIMALS)
