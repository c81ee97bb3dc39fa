"""Logs and the deployer's summary (AI Act art. 12, 19, 26(5) and (6)), as the record tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.oversight.reports.ai_act_counts import COMPLETE, SILENCE_FACTOR
from bouclier.oversight.reports.decisions import NO_POLICY, RESULTS
from bouclier.oversight.reports.model import (
    Column,
    Document,
    Fact,
    Figure,
    Label,
    Section,
    Standing,
    Statement,
    Table,
)
from bouclier.oversight.reports.period import day_of, months_later, written
from bouclier.oversight.reports.words import (
    CLASS,
    CLASSES,
    DECISIONS,
    DEPLOYMENT,
    MODEL,
    OPERATOR,
    REFUSED,
    SENT,
    UNAVAILABLE,
    legal_section,
    named,
    stated,
)
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bouclier.oversight.reports.ai_act_counts import AiActCounts
    from bouclier.oversight.reports.legal import LegalFact
    from bouclier.oversight.reports.model import Cover, LogSummary, Row
    from bouclier.oversight.reports.particulars import Particulars
    from bouclier.oversight.reports.tally import Tally

KEPT_MONTHS: Final = 6
_ORIGIN: Final = Column("origin", Bilingual("Journal", "Log"), "dimension")
_GAPS: Final = (
    ("crash", Bilingual("Démarrages sans arrêt en bon ordre avant eux", "Starts without an orderly stop before them")),
    (
        "lost",
        Bilingual("Décisions sans issue, perdues à un redémarrage", "Decisions without outcome, lost at a restart"),
    ),
    ("under-way", Bilingual("Décisions sans issue en fin de journal", "Decisions without outcome where the log ends")),
    ("no-decision", Bilingual("Issues sans décision en cours", "Outcomes without a decision under way")),
    (
        "silence",
        Bilingual(
            f"Silences de plus de {SILENCE_FACTOR} fois l'intervalle promis",
            f"Silences longer than {SILENCE_FACTOR} times the promised interval",
        ),
    ),
    ("clock-back", Bilingual("Heures qui précèdent celle d'avant", "Times that precede the one before")),
)
_MARKS: Final = (
    ("start", Bilingual("Démarrages", "Starts")),
    ("stop", Bilingual("Arrêts en bon ordre", "Orderly stops")),
    ("alive", Bilingual("Signes de vie", "Signs of life")),
)


def ai_act(
    counts: AiActCounts,
    cover: Cover,
    *,
    particulars: Particulars,
    legal: Sequence[LegalFact],
    names: Mapping[str, Bilingual],
) -> Document:
    """Return the deployer's summary of what was counted; arguments as for the register."""
    tally = counts.tally
    return Document(
        report="ai-act",
        title=Bilingual(
            "Journaux et synthèse du déployeur (règlement sur l'IA)", "Logs and deployer's summary (AI Act)"
        ),
        cover=cover,
        sections=(
            _deployer(particulars),
            _coverage(cover.logs),
            _decisions(tally, names),
            _endings(tally),
            _models(tally, names),
            _gaps(tally),
            _retention(cover.logs, cover.generated_ms),
            _verification(cover.logs),
            legal_section(legal, "ai-act"),
        ),
    )


def _deployer(particulars: Particulars) -> Section:
    return Section(
        "deployer",
        Bilingual("Déployeur", "Deployer"),
        facts=(
            stated("name", Bilingual("Déployeur", "Deployer"), particulars.name),
            stated("contact", Bilingual("Coordonnées", "Contact details"), particulars.contact),
        ),
    )


def _coverage(logs: Sequence[LogSummary]) -> Section:
    rows = tuple(
        (
            Label(log.origin),
            Figure(log.entries),
            _time(log.first_index, log.first_ms),
            _time(log.last_index, log.last_ms),
        )
        for log in logs
    )
    return Section(
        "coverage",
        Bilingual("Période couverte — art. 12(1)", "Period covered — art. 12(1)"),
        tables=(
            Table(
                "logs",
                Bilingual("Journaux lus", "Logs read"),
                (
                    _ORIGIN,
                    Column("entries", Bilingual("Entrées de la période", "Entries in the period")),
                    Column("first", Bilingual("Première", "First"), "statement"),
                    Column("last", Bilingual("Dernière", "Last"), "statement"),
                ),
                tuple(rows),
            ),
        ),
    )


def _time(index: int | None, time_ms: int | None) -> Statement:
    return Statement("—" if index is None or time_ms is None else f"{index} · {written(time_ms)}")


def _decisions(tally: Tally, names: Mapping[str, Bilingual]) -> Section:
    classes = sorted({key[0] for key in tally.keys("class")}, key=CLASSES.index)
    policies = tuple(
        (NO_POLICY if policy == NO_POLICY.id else Label(policy), tally.times("policy", policy))
        for (policy,) in tally.keys("policy")
    )
    return Section(
        "decisions",
        Bilingual("Décisions — art. 12(2)", "Decisions — art. 12(2)"),
        facts=(
            Fact("decisions", DECISIONS.title, tally.times("decisions")),
            Fact("sent", SENT.title, tally.times("result", "sent")),
            Fact("refused", REFUSED.title, tally.times("result", "refused")),
            Fact("unavailable", UNAVAILABLE.title, tally.times("result", "unavailable")),
            Fact(
                "fallbacks",
                Bilingual("dont replis, chacun une nouvelle décision", "of which fallbacks, each a new decision"),
                tally.times("fallback"),
            ),
        ),
        tables=(
            Table(
                "classes",
                Bilingual("Par classe de données", "By class of data"),
                (CLASS, SENT, REFUSED, UNAVAILABLE),
                tuple(
                    (named(names, "class", slug), *(tally.times("class", slug, result) for result in RESULTS))
                    for slug in classes
                ),
            ),
            Table(
                "policies",
                Bilingual("Refus, par règle qui a refusé", "Refusals, by policy that refused"),
                (Column("policy", Bilingual("Règle", "Policy"), "dimension"), REFUSED),
                policies,
                notes=(
                    Bilingual(
                        "Un refus compte sous chacune de ses règles.", "A refusal counts under each of its policies."
                    ),
                ),
            ),
            Table(
                "rules",
                Bilingual(
                    "Charte, ordres et registre en vigueur (SHA-256)", "Charter, orders and registry in force (SHA-256)"
                ),
                (
                    Column("charter", Bilingual("Charte", "Charter"), "dimension"),
                    Column("orders", Bilingual("Ordres", "Orders"), "dimension"),
                    Column("registry", Bilingual("Registre", "Registry"), "dimension"),
                    DECISIONS,
                ),
                tuple((*map(Label, key), tally.times("charter", *key)) for key in tally.keys("charter")),
            ),
        ),
    )


def _endings(tally: Tally) -> Section:
    return Section(
        "outcomes",
        Bilingual("Issues — art. 26(5)", "Outcomes — art. 26(5)"),
        facts=(Fact("outcomes", Bilingual("Issues", "Outcomes"), tally.times("outcomes")),),
        tables=(
            Table(
                "endings",
                Bilingual("Par fin et statut HTTP", "By ending and HTTP status"),
                (
                    Column("ending", Bilingual("Fin", "Ending"), "dimension"),
                    Column("status", Bilingual("Statut", "Status"), "dimension"),
                    Column("outcomes", Bilingual("Issues", "Outcomes")),
                ),
                tuple((*map(Label, key), tally.times("ending", *key)) for key in tally.keys("ending")),
            ),
        ),
    )


def _models(tally: Tally, names: Mapping[str, Bilingual]) -> Section:
    # An outcome may lie in the period when its decision does not.
    used = sorted({key for name in ("sent", COMPLETE, "otherwise") for key in tally.keys(name)})
    rows: list[Row] = []
    for key in used:
        figures = [tally.times(name, *key) for name in ("sent", COMPLETE, "otherwise")]
        tokens = [tally.amount("tokens", *key), tally.times("tokens-unknown", *key)]
        operator, model, deployment, openness, site = key
        labels = (*map(Label, (operator, model, deployment)), named(names, "openness", openness), Label(site))
        rows.append((*labels, *figures, *tokens))
    return Section(
        "models",
        Bilingual("Modèles et opérateurs — art. 26(5)", "Models and operators — art. 26(5)"),
        tables=(
            Table(
                "models",
                Bilingual("Usage par modèle et opérateur", "Use by model and operator"),
                (
                    OPERATOR,
                    MODEL,
                    DEPLOYMENT,
                    Column("openness", Bilingual("Poids", "Weights"), "dimension"),
                    Column("site", Bilingual("Site", "Site"), "dimension"),
                    SENT,
                    Column("complete", Bilingual("Réponses complètes", "Complete answers")),
                    Column("otherwise", Bilingual("Autres fins", "Other endings")),
                    Column("tokens", Bilingual("Jetons, selon l'opérateur", "Tokens, as the operator says")),
                    Column(
                        "tokens_unknown", Bilingual("Issues sans compte de jetons", "Outcomes without token counts")
                    ),
                ),
                tuple(rows),
            ),
        ),
    )


def _gaps(tally: Tally) -> Section:
    columns = (
        Column("event", Bilingual("Fait", "Event"), "dimension"),
        Column("count", Bilingual("Nombre", "Number")),
    )
    return Section(
        "gaps",
        Bilingual("Continuité et lacunes — art. 12(1), 26(5)", "Continuity and gaps — art. 12(1), 26(5)"),
        notes=(
            Bilingual(
                "Une décision sans issue : le contenu a pu partir, et ce qu'il en advint n'est pas inscrit.",
                "A decision without an outcome: content may have left, and what became of it is not recorded.",
            ),
        ),
        tables=(
            Table("gaps", Bilingual("Lacunes", "Gaps"), columns,
                  tuple((Label(id_, title), tally.times("gap", id_)) for id_, title in _GAPS)),
            Table("marks", Bilingual("Vie de la passerelle", "Life of the gateway"), columns,
                  tuple((Label(id_, title), tally.times("mark", id_)) for id_, title in _MARKS)),
        ),
    )  # fmt: skip


def _retention(logs: Sequence[LogSummary], generated_ms: int) -> Section:
    today = day_of(generated_ms)
    rows = []
    for log in logs:
        if log.oldest_ms is None:
            rows.append((Label(log.origin), Statement("—"), Statement(Bilingual("journal vide", "empty log"))))
            continue
        oldest = day_of(log.oldest_ms)
        reached = months_later(oldest, KEPT_MONTHS)
        shown = (
            Bilingual(
                f"six mois au moins : tout est conservé depuis le {oldest}",
                f"six months at least: everything is kept since {oldest}",
            )
            if reached <= today
            else Bilingual(
                f"pas encore six mois : ils le seront le {reached}", f"not yet six months: they will be on {reached}"
            )
        )
        rows.append((Label(log.origin), Statement(oldest.isoformat()), Statement(shown)))
    return Section(
        "retention",
        Bilingual("Conservation — art. 19(1), 26(6)", "Retention — art. 19(1), 26(6)"),
        notes=(
            Bilingual(
                "Les journaux sont à conserver six mois au moins. Chacun a été lu depuis son entrée 0 : rien n'en a "
                "été ôté. Un journal plus jeune ne dit pas si un autre l'a précédé.",
                "Logs are to be kept for six months at least. Each was read from its entry 0: nothing was removed. A "
                "younger log does not tell whether another came before it.",
            ),
        ),
        tables=(
            Table(
                "retention",
                Bilingual("Ce que montre la première entrée", "What the first entry shows"),
                (
                    _ORIGIN,
                    Column("oldest", Bilingual("Première entrée", "First entry"), "statement"),
                    Column("kept", Bilingual("Conservation constatée", "Retention observed"), "statement"),
                ),
                tuple(rows),
            ),
        ),
    )


def _verification(logs: Sequence[LogSummary]) -> Section:
    return Section(
        "verification",
        Bilingual("Vérifier ce rapport", "Checking this report"),
        notes=(
            Bilingual(
                "Chaque figure cite ses entrées. Les entrées sont celles de l'arbre de cette taille et de cette racine "
                "(RFC 6962, c2sp.org/tlog-tiles) : comparez la racine au point de contrôle qu'ont cosigné les témoins, "
                "puis exécutez, avec le dossier de chaque journal :",
                "Each figure cites its entries. The entries are those of the tree of this size and root (RFC 6962, "
                "c2sp.org/tlog-tiles): compare the root with the checkpoint that witnesses have cosigned, then run, "
                "with the folder of each log:",
            ),
        ),
        tables=(
            Table(
                "commands",
                Bilingual("Commandes", "Commands"),
                (_ORIGIN, Column("command", Bilingual("Commande", "Command"), "statement")),
                tuple(
                    (
                        Label(log.origin),
                        Statement(f"bouclier log fsck --size {log.size} --root {log.root.hex()}", Standing.RECORDED),
                    )
                    for log in logs
                ),
            ),
        ),
    )
