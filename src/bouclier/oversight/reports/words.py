"""Words several reports share, and the cells made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.oversight.reports.model import Column, Fact, Label, Section, Standing, Statement, Table
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bouclier.oversight.reports.legal import LegalFact
    from bouclier.oversight.reports.model import ReportName

UNKNOWN: Final = Label("unknown", Bilingual("inconnu", "unknown"))
NONE: Final = Label("none", Bilingual("aucun", "none"))
YES: Final = Label("yes", Bilingual("oui", "yes"))
NO: Final = Label("no", Bilingual("non", "no"))
JOINT: Final = ", "

CLASS: Final = Column("class", Bilingual("Classe de l'échange", "Class of the exchange"), "dimension")
MONTH: Final = Column("month", Bilingual("Mois", "Month"), "dimension")
DEPLOYMENT: Final = Column("deployment", Bilingual("Déploiement", "Deployment"), "dimension")
OPERATOR: Final = Column("operator", Bilingual("Opérateur", "Operator"), "dimension")
MODEL: Final = Column("model", Bilingual("Modèle", "Model"), "dimension")
COUNTRY: Final = Column("country", Bilingual("Pays des machines", "Country of the machines"), "dimension")
CONTROL: Final = Column("control", Bilingual("Sous le contrôle de", "Under the control of"), "dimension")
LAWS: Final = Column(
    "foreign_laws", Bilingual("Lois étrangères qui l'atteignent", "Foreign laws that reach it"), "dimension"
)
DECISIONS: Final = Column("decisions", Bilingual("Décisions", "Decisions"))
EXCHANGES: Final = Column("exchanges", Bilingual("Échanges", "Exchanges"))
SENT: Final = Column("sent", Bilingual("Envois", "Sent"))
REFUSED: Final = Column("refused", Bilingual("Refus par la charte", "Refused by the charter"))
UNAVAILABLE: Final = Column("unavailable", Bilingual("Aucun déploiement disponible", "No deployment available"))
FALLBACKS: Final = Column("fallbacks", Bilingual("Replis", "Fallbacks"))

CLASSES: Final = ("public", "internal", "pseudonymised", "personal", "sensitive", "restricted", "classified")
PERSONAL: Final = frozenset(CLASSES[CLASSES.index("pseudonymised") :])
"""Classes of exchanges that hold personal data: pseudonymised data still are (GDPR recital 26)."""


def named(names: Mapping[str, Bilingual], kind: str, id_: str) -> Label:
    """Return a value with its name for people, if it has one."""
    return Label(id_, names.get(f"{kind}.{id_}"))


def known_or_not(value: str) -> Label:
    """Return a value, or that it is unknown or that there is none, in words."""
    return next((label for label in (UNKNOWN, NONE) if label.id == value), Label(value))


def listed(values: Sequence[str]) -> Label:
    """Return several values as one, or that there is none."""
    return Label(JOINT.join(values)) if values else NONE


def legal_section(facts: Sequence[LegalFact], report: ReportName) -> Section:
    """Return what the law asks, from when, and who says so."""
    rows = []
    for fact in facts:
        if report not in fact.reports:
            continue
        standing = Standing.STATED if fact.verified else Standing.UNVERIFIED
        note = None if fact.note is None else Bilingual(fact.note.fr, fact.note.en)
        source = f"{fact.source} ({fact.dated})" if fact.dated else fact.source
        rows.append(
            (
                Label(fact.id, Bilingual(fact.article.fr, fact.article.en)),
                Statement(Bilingual(fact.substance.fr, fact.substance.en), Standing.STATED),
                Statement(fact.applies_from, standing if fact.applies_from else Standing.UNKNOWN),
                Statement(source, standing),
                Statement(fact.as_of, Standing.STATED),
                Statement(note or "—", Standing.STATED),
            )
        )
    return Section(
        "law",
        Bilingual("Ce que demande la loi", "What the law asks"),
        notes=(
            Bilingual(
                "Faits datés, avec leur source ; ce n'est pas un avis juridique. « Non vérifié » : le texte n'a pas "
                "été relu pour ce fait.",
                "Dated facts with their source; not legal advice. “Not verified”: the text was not read again for this "
                "fact.",
            ),
        ),
        tables=(
            Table(
                "articles",
                Bilingual("Articles et dates d'application", "Articles and dates of application"),
                (
                    Column("article", Bilingual("Article", "Article"), "dimension"),
                    Column("substance", Bilingual("Ce qu'il demande", "What it asks"), "statement"),
                    Column("applies_from", Bilingual("Applicable dès", "Applies from"), "statement"),
                    Column("source", Bilingual("Source", "Source"), "statement"),
                    Column("as_of", Bilingual("Lue le", "Read on"), "statement"),
                    Column("note", Bilingual("Réserve", "Reservation"), "statement"),
                ),
                tuple(rows),
            ),
        ),
    )


def stated(id_: str, label: Bilingual, text: str | None) -> Fact:
    """Return what the controller states, or that it is for them to complete."""
    return Fact(id_, label, statement(text))


def statement(text: str | None) -> Statement:
    """Return what the controller states, or that it is for them to complete."""
    return Statement(text, Standing.STATED if text is not None else Standing.TO_COMPLETE)
