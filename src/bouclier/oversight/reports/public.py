"""The transparency report for the public: counts, no small ones, and no entries.

Everything shown is one total, partitions of shown totals, and tables between two such partitions; `disclosure` says why
what is withheld cannot be computed. A part is shown under a shown total only: where refusals are withheld, so is what
they are made of.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from bouclier.oversight.reports.decisions import REFUSED, RESULTS, SENT
from bouclier.oversight.reports.disclosure import Part, joined, withheld_cells
from bouclier.oversight.reports.model import Column, Document, Fact, Figure, Label, Section, Table
from bouclier.oversight.reports.public_counts import PSEUDONYMISED
from bouclier.oversight.reports.words import (
    CLASSES,
    COUNTRY,
    DECISIONS,
    DEPLOYMENT,
    FALLBACKS,
    JOINT,
    MONTH,
    OPERATOR,
    UNAVAILABLE,
    known_or_not,
    named,
)
from bouclier.oversight.reports.words import REFUSED as REFUSED_COLUMN
from bouclier.oversight.reports.words import SENT as SENT_COLUMN
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bouclier.oversight.reports.model import Cover, Row
    from bouclier.oversight.reports.public_counts import PublicCounts

DEFAULT_LEAST: Final = 11
MIN_LEAST: Final = 3
_TOTAL: Final = Label("total", Bilingual("Total", "Total"))
_WITHHELD: Final = Figure(None)
_RESULT_COLUMNS: Final = {"sent": SENT_COLUMN, "refused": REFUSED_COLUMN, "unavailable": UNAVAILABLE}


def public(
    counts: PublicCounts,
    cover: Cover,
    *,
    least: int,
    names: Mapping[str, Bilingual],
) -> Document:
    """Return the public report of what was counted.

    Args:
        counts: What the record tells.
        cover: What it is about; its period is made of whole months, see `whole_months`.
        least: The smallest count that is shown, beside 0; 3 at least.
        names: Names for people of classes (`class.personal`).
    """
    return Document(
        report="public",
        title=Bilingual("Rapport de transparence", "Transparency report"),
        cover=cover,
        sections=tuple(_Public(counts, least, names).sections()),
        cites=False,
    )


class _Public:
    """The sections, and the partitions they share."""

    def __init__(self, counts: PublicCounts, least: int, names: Mapping[str, Bilingual]) -> None:
        if least < MIN_LEAST:
            raise ValueError("the smallest count shown must be 3 at least")
        self._counts = counts
        self._least = least
        self._names = names
        self._total = sum(counts.rank.values())
        self._months = self._parts(_margin(counts.classes, 0))
        self._results = self._parts({result: _margin(counts.results, 1).get(result, 0) for result in RESULTS})

    def sections(self) -> Iterator[Section]:
        least = self._least
        withheld = Bilingual(
            f"Un compte de 1 à {least - 1} n'est pas montré (« retenu »), ni ce qui permettrait de le calculer ; des "
            "valeurs rares sont comptées ensemble. 0 est montré : il ne concerne personne.",
            f"A count from 1 to {least - 1} is not shown (“withheld”), nor is what would let it be computed; rare "
            "values are counted together. 0 is shown: it is about nobody.",
        )
        decided = Bilingual(
            "Une décision : une demande soumise à la charte ; un repli vers un autre déploiement en est une nouvelle.",
            "A decision: a request put to the charter; a fallback to another deployment is a new one.",
        )
        yield Section(
            "overview",
            Bilingual("Vue d'ensemble", "Overview"),
            notes=(decided, withheld),
            facts=tuple(self._overview()),
        )
        yield Section("months", Bilingual("Par mois", "By month"), tables=tuple(self._monthly()))
        yield Section(
            "places",
            Bilingual("À qui les demandes ont été confiées", "Who requests were entrusted to"),
            tables=tuple(self._places()),
        )
        yield Section(
            "refusals",
            Bilingual("Refus, par règle", "Refusals, by policy"),
            notes=(
                Bilingual(
                    "Chaque refus compte une fois, sous toutes les règles qui l'ont décidé.",
                    "Each refusal counts once, under all the policies that decided it.",
                ),
            ),
            tables=tuple(self._refusals()),
        )

    # The partitions

    def _parts(self, counts: Mapping[str, int]) -> tuple[Part, ...] | None:
        """Return what can be shown of a total that is shown; None also when the total is not."""
        return joined(counts, least=self._least) if self._shown(sum(counts.values())) else None

    def _shown(self, count: int) -> bool:
        return count == 0 or count >= self._least

    def _figure(self, count: int) -> Figure:
        return Figure(count) if self._shown(count) else _WITHHELD

    def _result(self, result: str) -> int | None:
        """Return how many decisions had a result, if that is shown."""
        return next((part.total for part in self._results or () if part.members == (result,)), None)

    # The sections

    def _overview(self) -> Iterator[Fact]:
        counts, of_all = self._counts, self._total
        yield Fact("decisions", DECISIONS.title, self._figure(of_all))
        for result in RESULTS:
            yield Fact(result, _RESULT_COLUMNS[result].title, Figure(self._result(result)))
        yield Fact("fallbacks", FALLBACKS.title, self._one_of_two(counts.rank, "fallback", of_all))
        pseudonymised = self._one_of_two(counts.treatment, PSEUDONYMISED, self._result(SENT))
        yield Fact("pseudonymised", Bilingual("Envois pseudonymisés", "Sent pseudonymised"), pseudonymised)
        if self._result(SENT) != 0:
            share = _share(pseudonymised.value, self._result(SENT))
            yield Fact("pseudonymised_share", Bilingual("soit, des envois", "that is, of what was sent"), share)
        yield Fact(
            "sealed",
            Bilingual("Contenus scellés", "Contents sealed"),
            self._one_of_two(counts.sealing, "sealed", of_all),
        )
        opened = Bilingual("Demandes d'ouverture d'un contenu scellé", "Requests to open sealed content")
        yield Fact("opened", opened, self._figure(counts.events["opened"]))
        erased = Bilingual("Contenus scellés détruits à échéance", "Sealed contents destroyed when due")
        yield Fact("erased", erased, self._figure(counts.events["erased"]))

    def _one_of_two(self, counts: Counter[str], wanted: str, total: int | None) -> Figure:
        """Return one part of two of a shown total: withheld with the other."""
        if total is None or not self._shown(total):
            return _WITHHELD
        other = total - counts[wanted]
        return Figure(counts[wanted]) if self._shown(counts[wanted]) and self._shown(other) else _WITHHELD

    def _monthly(self) -> Iterator[Table]:
        counts = self._counts
        classes = {slug: count for slug in CLASSES if (count := _margin(counts.classes, 1).get(slug, 0))}
        yield from self._crossed(
            "classes",
            Bilingual("Décisions par mois et classe de données", "Decisions by month and class of data"),
            counts.classes,
            self._parts(classes),
            lambda slug: named(self._names, "class", slug),
        )
        yield from self._crossed(
            "results",
            Bilingual("Décisions par mois et résultat", "Decisions by month and result"),
            counts.results,
            self._results,
            lambda result: Label(result, _RESULT_COLUMNS[result].title),
        )

    def _crossed(
        self,
        id_: str,
        title: Bilingual,
        counts: Counter[tuple[str, str]],
        across: tuple[Part, ...] | None,
        label: Callable[[str], Label],
    ) -> Iterator[Table]:
        """Yield the table of a count between two partitions of all decisions, with its totals, if both are shown."""
        months = self._months
        if months is None or across is None or not months:
            return
        cells = [
            [sum(counts[month, value] for month in row.members for value in column.members) for column in across]
            for row in months
        ]
        hidden = withheld_cells(cells, least=self._least)
        columns = [MONTH]
        for part in across:
            shown = _together([label(value) for value in part.members])
            columns.append(Column(shown.id, shown.shown or Bilingual(shown.id, shown.id)))
        rows: list[Row] = []
        for row, part in enumerate(months):
            figures = [
                _WITHHELD if (row, column) in hidden else Figure(count) for column, count in enumerate(cells[row])
            ]
            rows.append((_together(list(map(Label, part.members))), *figures, Figure(part.total)))
        rows.append((_TOTAL, *(Figure(part.total) for part in across), Figure(self._total)))
        yield Table(id_, title, (*columns, Column("total", Bilingual("Total", "Total"))), tuple(rows))

    def _places(self) -> Iterator[Table]:
        if not self._result(SENT):
            return
        rows: list[Row] = []
        for path, count in _tree(self._counts.places, self._least):
            labels = [_together([known_or_not(value) for value in part]) for part in path]
            rows.append((*labels, *[Label("")] * (3 - len(path)), Figure(count)))
        if not rows:
            return
        yield Table(
            "places",
            Bilingual("Envois par pays, opérateur et déploiement", "Sent, by country, operator and deployment"),
            (COUNTRY, OPERATOR, DEPLOYMENT, SENT_COLUMN),
            (*rows, (_TOTAL, Label(""), Label(""), Figure(self._result(SENT)))),
            notes=(
                Bilingual(
                    "Une ligne sans opérateur ou sans déploiement est le total de celles qu'elle couvre.",
                    "A row without an operator or a deployment is the total of those it covers.",
                ),
            ),
        )

    def _refusals(self) -> Iterator[Table]:
        refused = self._result(REFUSED)
        parts = joined(dict(sorted(self._counts.policies.items())), least=self._least) if refused else None
        if parts is None:
            return
        rows = tuple((_together(list(map(Label, part.members))), Figure(part.total)) for part in parts)
        yield Table(
            "policies",
            Bilingual("Refus par la charte, par règles", "Refusals by the charter, by policies"),
            (Column("policies", Bilingual("Règles", "Policies"), "dimension"), REFUSED_COLUMN),
            (*rows, (_TOTAL, Figure(refused))),
        )


def _tree(counts: Counter[tuple[str, ...]], least: int) -> Iterator[tuple[tuple[tuple[str, ...], ...], int]]:
    """Yield, in order, the shown parts of a shown total, and below each that is one value, its own parts."""
    heads = sorted({path[0] for path in counts})
    margin = {head: sum(count for path, count in counts.items() if path[0] == head) for head in heads}
    for part in joined(margin, least=least) or ():
        yield (part.members,), part.total
        if len(part.members) == 1:
            below: Counter[tuple[str, ...]] = Counter()
            for path, count in counts.items():
                if path[0] == part.members[0] and len(path) > 1:
                    below[path[1:]] += count
            for rest, count in _tree(below, least):
                yield (part.members, *rest), count


def _margin(counts: Mapping[tuple[str, str], int], place: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for key in sorted(counts):
        sums[key[place]] = sums.get(key[place], 0) + counts[key]
    return sums


def _together(labels: Sequence[Label]) -> Label:
    """Return the label of values counted together."""
    if len(labels) == 1:
        return labels[0]
    french = JOINT.join(label.shown.fr if label.shown else label.id for label in labels)
    english = JOINT.join(label.shown.en if label.shown else label.id for label in labels)
    together = Bilingual(f"{french} (ensemble)", f"{english} (together)")
    return Label(JOINT.join(label.id for label in labels), together)


def _share(part: int | None, whole: int | None) -> Figure:
    """Return a percentage of shown counts."""
    return Figure(None if part is None or not whole else round(100 * part / whole), unit="%")
