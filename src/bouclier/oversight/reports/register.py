"""The register of processing activities (GDPR art. 30(1)), as far as the record tells.

What the record knows is counted; what only the controller knows is taken from their particulars; what nobody said is
shown as to be completed, or as unknown. Nothing is supposed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.oversight.reports.model import (
    Column,
    Document,
    Fact,
    Label,
    Section,
    Statement,
    Table,
)
from bouclier.oversight.reports.particulars import Particulars, PurposeParticulars
from bouclier.oversight.reports.period import day_of
from bouclier.oversight.reports.transfers import transfers
from bouclier.oversight.reports.words import (
    CLASS,
    CLASSES,
    CONTROL,
    COUNTRY,
    DEPLOYMENT,
    EXCHANGES,
    LAWS,
    MODEL,
    OPERATOR,
    REFUSED,
    SENT,
    known_or_not,
    legal_section,
    named,
    stated,
    statement,
)
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bouclier.oversight.reports.legal import LegalFact
    from bouclier.oversight.reports.model import Cover, LogSummary, Row
    from bouclier.oversight.reports.register_counts import RegisterCounts

_SPECIAL: Final = frozenset(
    {"HEALTH", "RELIGION", "POLITICS", "UNION", "SEX_LIFE", "ORIGIN", "BIOMETRIC", "GENETIC"}
    | {"PATIENT_NUMBER", "STAY_NUMBER"}
)
_ARTICLES: Final = {"OFFENCE": "art. 10", "MINOR": "art. 8", "NIR": "art. 87", "NATIONAL_ID": "art. 87"}
_MEASURES: Final = (
    ("pseudonymised", Bilingual("Envois pseudonymisés", "Sent pseudonymised")),
    ("own", Bilingual("Traités sur les machines de l'institution", "Handled on the institution's own machines")),
    ("refused", Bilingual("Refusés par la charte", "Refused by the charter")),
    ("uninspected", Bilingual("Échanges avec une partie non inspectée", "Exchanges with a part not inspected")),
    ("sealed", Bilingual("Contenus scellés", "Contents sealed")),
    ("opened", Bilingual("Demandes d'ouverture d'un contenu scellé", "Requests to open sealed content")),
    ("erased", Bilingual("Contenus scellés détruits à échéance", "Sealed contents destroyed when due")),
)


def register(
    counts: RegisterCounts,
    cover: Cover,
    *,
    particulars: Particulars,
    legal: Sequence[LegalFact],
    area: Collection[str],
    names: Mapping[str, Bilingual],
    sealed_days: int | None,
) -> Document:
    """Return the register of what was counted.

    Args:
        counts: What the record tells.
        cover: What it is about.
        particulars: What the controller states.
        legal: Dated facts of law.
        area: ISO 3166 codes of the states whose law is not foreign (EU and EEA).
        names: Names for people of types (`type.NIR`) and classes (`class.personal`).
        sealed_days: After how many days sealed content is destroyed, as configured; None when none is ever sealed.
    """
    return Document(
        report="register",
        title=Bilingual("Registre des activités de traitement", "Record of processing activities"),
        cover=cover,
        sections=(
            _controller(particulars),
            _purposes(counts, particulars),
            _data(counts, names),
            _recipients(counts),
            transfers(counts, particulars, area),
            _measures(counts),
            _retention(cover.logs, sealed_days),
            legal_section(legal, "register"),
        ),
    )


def _controller(particulars: Particulars) -> Section:
    return Section(
        "controller",
        Bilingual("Responsable du traitement — art. 30(1)(a)", "Controller — art. 30(1)(a)"),
        facts=(
            stated("name", Bilingual("Responsable du traitement", "Controller"), particulars.name),
            stated("contact", Bilingual("Coordonnées", "Contact details"), particulars.contact),
            stated(
                "representative",
                Bilingual("Représentant, responsables conjoints", "Representative, joint controllers"),
                particulars.representative,
            ),
            stated("dpo", Bilingual("Délégué à la protection des données", "Data protection officer"), particulars.dpo),
        ),
    )


def _purposes(counts: RegisterCounts, particulars: Particulars) -> Section:
    tally = counts.tally
    keywords = {key[0] for name in ("exchanges", "sent", "refused") for key in tally.keys(f"purpose-{name}")}
    rows: list[Row] = []
    for keyword in sorted(keywords | set(particulars.purposes)):
        told = particulars.purposes.get(keyword, PurposeParticulars())
        rows.append(
            (
                Label(keyword),
                statement(told.title),
                statement(told.basis),
                statement(told.persons),
                statement(told.retention),
                *(tally.times(f"purpose-{name}", keyword) for name in ("exchanges", "sent", "refused")),
            )
        )
    return Section(
        "purposes",
        Bilingual(
            "Finalités et personnes concernées — art. 30(1)(b), (c), (f)",
            "Purposes and persons concerned — art. 30(1)(b), (c), (f)",
        ),
        notes=(
            Bilingual(
                "Une finalité est le mot-clé que l'appelant a déclaré ; le reste est déclaré par le responsable.",
                "A purpose is the keyword the caller declared; the rest is stated by the controller.",
            ),
        ),
        tables=(
            Table(
                "purposes",
                Bilingual("Finalités déclarées", "Purposes declared"),
                (
                    Column("purpose", Bilingual("Finalité", "Purpose"), "dimension"),
                    Column("title", Bilingual("Intitulé", "Title"), "statement"),
                    Column("basis", Bilingual("Base légale", "Legal basis"), "statement"),
                    Column("persons", Bilingual("Personnes concernées", "Persons concerned"), "statement"),
                    Column("retention", Bilingual("Durée de conservation", "Retention"), "statement"),
                    EXCHANGES,
                    SENT,
                    REFUSED,
                ),
                tuple(rows),
            ),
        ),
    )


def _data(counts: RegisterCounts, names: Mapping[str, Bilingual]) -> Section:
    tally = counts.tally
    by_class = sorted(tally.keys("class"), key=lambda key: CLASSES.index(key[0]))
    by_type = sorted(tally.keys("data"), key=lambda key: (key[0], CLASSES.index(key[1])))
    return Section(
        "data",
        Bilingual("Catégories de données — art. 30(1)(c)", "Categories of data — art. 30(1)(c)"),
        notes=(
            Bilingual(
                "Ce que le bouclier a trouvé. Les détecteurs se trompent, et ne lisent ni images ni sons.",
                "What the shield found. Detectors err, and read neither images nor sounds.",
            ),
        ),
        tables=(
            Table(
                "classes",
                Bilingual("Classes des échanges", "Classes of exchanges"),
                (CLASS, EXCHANGES),
                tuple((named(names, "class", slug), tally.times("class", slug)) for (slug,) in by_class),
            ),
            Table(
                "types",
                Bilingual(
                    "Types de données trouvés, par classe de l'échange", "Types of data found, by class of the exchange"
                ),
                (
                    Column("type", Bilingual("Type", "Type"), "dimension"),
                    CLASS,
                    Column("article", Bilingual("RGPD", "GDPR"), "statement"),
                    EXCHANGES,
                    Column("findings", Bilingual("Occurrences", "Findings")),
                ),
                tuple(
                    (
                        named(names, "type", kind),
                        named(names, "class", slug),
                        Statement("art. 9" if kind in _SPECIAL else _ARTICLES.get(kind, "—")),
                        tally.times("data", kind, slug),
                        tally.amount("data", kind, slug),
                    )
                    for kind, slug in by_type
                ),
            ),
            Table(
                "roles",
                Bilingual("Rôles de ceux qui demandent", "Roles of those who ask"),
                (Column("role", Bilingual("Rôle", "Role"), "dimension"), EXCHANGES),
                tuple((Label(role), tally.times("role", role)) for (role,) in tally.keys("role")),
            ),
        ),
    )


def _recipients(counts: RegisterCounts) -> Section:
    tally = counts.tally
    names = ("sent", "sent-personal", "sent-pseudonymised")
    rows: list[Row] = []
    for key in tally.keys("sent"):
        labels = [known_or_not(value) for value in key]
        rows.append((*labels, *(tally.times(name, *key) for name in names)))
    return Section(
        "recipients",
        Bilingual("Catégories de destinataires — art. 30(1)(d)", "Categories of recipients — art. 30(1)(d)"),
        notes=(
            Bilingual(
                "À qui un contenu a été envoyé, repli compris. Pays, contrôle et lois : tels que le registre des "
                "opérateurs les donnait à l'instant de la décision.",
                "To whom content was sent, fallbacks included. Country, control and laws: as the registry of operators "
                "gave them when it was decided.",
            ),
        ),
        tables=(
            Table(
                "recipients",
                Bilingual("Opérateurs et déploiements", "Operators and deployments"),
                (
                    OPERATOR,
                    DEPLOYMENT,
                    MODEL,
                    COUNTRY,
                    CONTROL,
                    LAWS,
                    SENT,
                    Column("personal", Bilingual("dont données personnelles", "of which personal data")),
                    Column("pseudonymised", Bilingual("dont pseudonymisés", "of which pseudonymised")),
                ),
                tuple(rows),
            ),
        ),
    )


def _measures(counts: RegisterCounts) -> Section:
    return Section(
        "measures",
        Bilingual("Mesures techniques — art. 30(1)(g)", "Technical measures — art. 30(1)(g)"),
        tables=(
            Table(
                "measures",
                Bilingual("Ce qui a été fait", "What was done"),
                (
                    Column("measure", Bilingual("Mesure", "Measure"), "dimension"),
                    Column("count", Bilingual("Nombre", "Number")),
                ),
                tuple((Label(id_, title), counts.tally.times("measure", id_)) for id_, title in _MEASURES),
            ),
        ),
    )


def _retention(logs: Sequence[LogSummary], sealed_days: int | None) -> Section:
    configured = (
        Bilingual("aucun contenu n'est scellé ni gardé", "no content is sealed or kept")
        if sealed_days is None
        else Bilingual(f"détruit après {sealed_days} jours", f"destroyed after {sealed_days} days")
    )
    return Section(
        "retention",
        Bilingual("Conservation du journal — art. 30(1)(f)", "Retention of the log — art. 30(1)(f)"),
        notes=(
            Bilingual(
                "Le journal ne contient ni texte ni nom : classes, comptes, empreintes salées. Aucune entrée n'en est "
                "ôtée. La durée de conservation des données d'une finalité est déclarée par le responsable.",
                "The log holds neither texts nor names: classes, counts, salted commitments. No entry is ever removed. "
                "How long the data of a purpose are kept is stated by the controller.",
            ),
        ),
        facts=(
            Fact("sealed", Bilingual("Contenus, tel que configuré", "Content, as configured"), Statement(configured)),
            *(
                Fact(
                    f"oldest:{log.origin}",
                    Bilingual(f"Première entrée de {log.origin}", f"First entry of {log.origin}"),
                    Statement("—" if log.oldest_ms is None else day_of(log.oldest_ms).isoformat()),
                )
                for log in logs
            ),
        ),
    )
