"""What a monitor can say: every code, how much it matters, and the sentence that says it in both languages."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from bouclier.terms.errors import Bilingual


class Severity(StrEnum):
    """How much it matters."""

    INFO = "info"
    WARNING = "warning"
    ALARM = "alarm"


_WARNING, _ALARM = Severity.WARNING, Severity.ALARM

CODES: Final[dict[str, tuple[Severity, Bilingual]]] = {
    # The tree and its signatures.
    "unreachable": (_WARNING, Bilingual("le journal ne répond pas", "the log does not answer")),
    "access-refused": (
        _ALARM,
        Bilingual(
            "le journal ne laisse pas ce moniteur lire ses entrées : rien n'a été contrôlé",
            "the log does not let this monitor read its entries: nothing was checked",
        ),
    ),
    "checkpoint-malformed": (
        _ALARM,
        Bilingual("le point de contrôle publié est mal formé", "the published checkpoint is malformed"),
    ),
    "origin-unknown": (
        _ALARM,
        Bilingual("la politique ne connaît pas l'origine publiée là", "the policy does not know the origin published"),
    ),
    "signature-wrong": (
        _ALARM,
        Bilingual(
            "aucune clé de la politique n'a signé le point de contrôle, ou l'une d'elles le désavoue",
            "no key of the policy signed the checkpoint, or one of them disavows it",
        ),
    ),
    "quorum-not-met": (
        _ALARM,
        Bilingual("trop peu de témoins ont cosigné le point de contrôle", "too few witnesses cosigned the checkpoint"),
    ),
    "rollback": (
        _ALARM,
        Bilingual("le journal a signé un arbre plus petit qu'avant", "the log signed a smaller tree than before"),
    ),
    "split-view": (
        _ALARM,
        Bilingual("le journal a signé deux histoires différentes", "the log signed two different histories"),
    ),
    "inconsistent": (
        _ALARM,
        Bilingual(
            "ce que le journal sert ne mène pas de l'arbre d'avant à l'arbre signé",
            "what the log serves does not lead from the tree before to the signed tree",
        ),
    ),
    "entries-missing": (
        _ALARM,
        Bilingual("le journal ne sert pas ce qu'il a signé", "the log does not serve what it signed"),
    ),
    "size-absurd": (
        _ALARM,
        Bilingual(
            "le journal a signé un arbre plus grand qu'aucun journal ne peut l'être",
            "the log signed a tree larger than any log can be",
        ),
    ),
    "origin-changed": (
        _ALARM,
        Bilingual(
            "cette adresse montrait un autre journal, qui n'y est plus",
            "this address showed another log, which is there no more",
        ),
    ),
    "log-gone": (
        _ALARM,
        Bilingual(
            "un journal suivi jusqu'ici n'est plus à aucune des adresses données",
            "a log followed so far is at none of the addresses given any more",
        ),
    ),
    "log-unseen": (
        _WARNING,
        Bilingual(
            "un journal de la politique n'est à aucune des adresses données : il n'est pas suivi",
            "a log of the policy is at none of the addresses given: it is not followed",
        ),
    ),
    "behind": (
        _ALARM,
        Bilingual(
            "aucune adresse ne montre plus l'arbre que le journal avait signé",
            "no address shows the tree any more that the log had signed",
        ),
    ),
    "silence": (
        _ALARM,
        Bilingual("le journal s'est tu plus longtemps que promis", "the log was silent for longer than promised"),
    ),
    "promise-absurd": (
        _ALARM,
        Bilingual(
            "le journal promet de parler si rarement que la promesse est vide",
            "the log promises to speak so rarely that the promise is void",
        ),
    ),
    "decision-outside-run": (
        _ALARM,
        Bilingual(
            "une décision n'a pas de « start » avant elle, ou suit un « stop »",
            "a decision has no `start` before it, or follows a `stop`",
        ),
    ),
    # Entries and the replay of decisions.
    "entry-malformed": (_ALARM, Bilingual("une entrée n'est pas au format", "an entry is not of the format")),
    "charter-unknown": (
        _ALARM,
        Bilingual("ce moniteur n'a pas cette charte", "this monitor does not hold this charter"),
    ),
    "registry-unknown": (
        _ALARM,
        Bilingual("ce moniteur n'a pas ce registre", "this monitor does not hold this registry"),
    ),
    "finding-unknown": (
        _WARNING,
        Bilingual(
            "un type de trouvaille est inconnu : la classe n'a pas été rejouée",
            "a type of finding is unknown: the class was not replayed",
        ),
    ),
    "classification-differs": (
        _ALARM,
        Bilingual("la classe ou les étiquettes rejouées diffèrent", "the replayed class or labels differ"),
    ),
    "facts-differ": (
        _ALARM,
        Bilingual(
            "un fait sur l'opérateur n'est pas celui du registre", "a fact on the operator is not the registry's"
        ),
    ),
    "deployment-unregistered": (
        _WARNING,
        Bilingual("l'opérateur d'un déploiement est absent du registre", "a deployment's operator is not registered"),
    ),
    "verdict-differs": (
        _ALARM,
        Bilingual(
            "la charte rejouée dit autre chose du candidat", "the replayed charter says otherwise of the candidate"
        ),
    ),
    "verdict-undecidable": (
        _ALARM,
        Bilingual("la charte ne peut pas répondre sur ce candidat", "the charter cannot answer on this candidate"),
    ),
    "choice-differs": (
        _ALARM,
        Bilingual("le placement rejoué choisit autrement", "the replayed placement chooses otherwise"),
    ),
    # The law: charter, orders, who signed them, and until when.
    "adoption-missing": (
        _ALARM,
        Bilingual(
            "la passerelle travaille sans avoir inscrit par quelle loi",
            "the gateway works without having entered by what law",
        ),
    ),
    "adoption-differs": (
        _ALARM,
        Bilingual(
            "les ordres qu'une adoption énumère ne donnent pas l'empreinte qu'elle cite",
            "the orders an adoption lists do not give the digest it cites",
        ),
    ),
    "law-differs": (
        _ALARM,
        Bilingual(
            "une entrée cite une autre loi que la loi adoptée", "an entry cites another law than the one adopted"
        ),
    ),
    "law-back": (
        _ALARM,
        Bilingual(
            "une adoption cite une racine ou un horodatage plus anciens que la précédente",
            "an adoption cites an older root or timestamp than the one before",
        ),
    ),
    "law-expired": (
        _ALARM,
        Bilingual(
            "du contenu est sorti de l'institution sous une loi périmée",
            "content left the institution under a law that had expired",
        ),
    ),
    "expiry-differs": (
        _ALARM,
        Bilingual(
            "une adoption dit une échéance plus lointaine que celle qui est publiée",
            "an adoption says a later expiry than the one published",
        ),
    ),
    "charter-unsigned": (
        _ALARM,
        Bilingual(
            "une entrée cite une charte, une racine ou un horodatage jamais publiés",
            "an entry cites a charter, root or timestamp that was never published",
        ),
    ),
    "charter-stale": (
        _ALARM,
        Bilingual(
            "une entrée cite une charte ou une racine remplacées depuis trop longtemps",
            "an entry cites a charter or root superseded for too long",
        ),
    ),
    "registry-stale": (
        _ALARM,
        Bilingual(
            "une entrée cite d'autres faits que ceux qui sont signés, ou des faits remplacés depuis trop longtemps",
            "an entry cites other facts than those signed, or facts superseded for too long",
        ),
    ),
    "orders-unknown": (
        _ALARM,
        Bilingual("ce moniteur n'a pas ces ordres", "this monitor does not hold these orders"),
    ),
    "order-ignored": (
        _ALARM,
        Bilingual("un ordre en vigueur n'est pas appliqué", "an order in force is not carried out"),
    ),
    "order-outdated": (
        _WARNING,
        Bilingual(
            "un ordre qui n'est plus en vigueur est encore appliqué", "an order no longer in force is still carried out"
        ),
    ),
    "order-refused-wrongly": (
        _ALARM,
        Bilingual(
            "un ordre valable est écarté comme s'il n'en était pas un", "a valid order is set aside as if it were none"
        ),
    ),
    "repository-unreachable": (
        _WARNING,
        Bilingual("le dépôt de la charte ne répond pas", "the charter's repository does not answer"),
    ),
    "repository-wrong": (
        _ALARM,
        Bilingual(
            "ce que publie le dépôt de la charte n'est pas ce que ses parties ont signé",
            "what the charter's repository publishes is not what its parties signed",
        ),
    ),
    "day-differs": (
        _ALARM,
        Bilingual("le jour d'une décision n'est pas celui de son heure", "a decision's day is not that of its time"),
    ),
    "review-missing": (
        _ALARM,
        Bilingual(
            "la charte demandait une relecture humaine, et la décision n'en cite aucune",
            "the charter asked for human review, and the decision cites none",
        ),
    ),
    "review-own": (
        _ALARM,
        Bilingual("une demande a été relue par la personne qui la fait", "a request was reviewed by whoever makes it"),
    ),
    "review-unknown": (
        _ALARM,
        Bilingual(
            "une relecture ne suit aucune demande retenue, n'approuve pas, ou a déjà servi",
            "a review follows no request held back, does not approve, or was used before",
        ),
    ),
    "shadow-unknown": (
        _ALARM,
        Bilingual("un essai de charte ne suit pas sa décision", "a charter's trial does not follow its decision"),
    ),
    # Lives of exchanges and of sealed records.
    "fallback-differs": (
        _ALARM,
        Bilingual(
            "les déploiements déjà essayés ne sont pas ceux des décisions d'avant",
            "the deployments tried are not those of the decisions before",
        ),
    ),
    "outcome-without-decision": (
        _ALARM,
        Bilingual("une issue ne suit aucune décision ouverte", "an outcome follows no open decision"),
    ),
    "outcome-repeated": (_ALARM, Bilingual("une décision a deux issues", "a decision has two outcomes")),
    "outcome-lost": (
        _WARNING,
        Bilingual("des issues se sont perdues dans un arrêt brutal", "outcomes were lost in a crash"),
    ),
    "outcomes-lost-often": (
        _ALARM,
        Bilingual(
            "trop d'issues se sont perdues en un jour, ou trop d'arrêts brutaux en ont perdu",
            "too many outcomes were lost in a day, or too many crashes lost some",
        ),
    ),
    "outcome-open-at-stop": (
        _ALARM,
        Bilingual("un arrêt en bon ordre laisse des décisions sans issue", "a clean stop leaves decisions open"),
    ),
    "outcome-overdue": (
        _ALARM,
        Bilingual("une décision attend son issue depuis trop longtemps", "a decision has waited too long"),
    ),
    "seal-missing": (
        _ALARM,
        Bilingual(
            "la charte demandait le scellement, rien n'est scellé", "the charter asked to seal, nothing is sealed"
        ),
    ),
    "seal-unasked": (
        _ALARM,
        Bilingual(
            "un contenu est scellé sans que la charte le demande", "content is sealed without the charter asking"
        ),
    ),
    "opening-unknown": (
        _ALARM,
        Bilingual("une ouverture vise un contenu que rien n'a scellé", "an opening is of content that nothing sealed"),
    ),
    "erasure-unknown": (
        _ALARM,
        Bilingual("un effacement vise un contenu que rien n'a scellé", "an erasure is of content that nothing sealed"),
    ),
    "erasure-early": (
        _ALARM,
        Bilingual("un contenu scellé est effacé avant son échéance", "sealed content is erased before it is due"),
    ),
    "erasure-late": (
        _ALARM,
        Bilingual(
            "un contenu scellé est gardé plus longtemps que la charte ne le permet",
            "sealed content is kept for longer than the charter allows",
        ),
    ),
    "memory-full": (
        _WARNING,
        Bilingual(
            "le moniteur a oublié les plus anciennes affaires en cours", "the monitor forgot the oldest open matters"
        ),
    ),
    # Clocks.
    "clock-backwards": (_ALARM, Bilingual("l'heure des entrées recule", "the time of the entries goes back")),
    "clock-future": (
        _ALARM,
        Bilingual("l'heure d'une entrée est dans l'avenir du moniteur", "an entry's time is in the monitor's future"),
    ),
    "clock-outside-cosignatures": (
        _ALARM,
        Bilingual(
            "l'heure d'une entrée contredit celle des témoins", "an entry's time contradicts that of the witnesses"
        ),
    ),
    # Usage, as providers bill it.
    "unrecorded-use": (
        _ALARM,
        Bilingual("le fournisseur facture plus que le journal ne montre", "the provider bills more than the log shows"),
    ),
    "unbilled-use": (
        _WARNING,
        Bilingual("le journal montre plus que le fournisseur ne facture", "the log shows more than the provider bills"),
    ),
}
"""By code: how much it matters, and the sentence that says it."""

SOMETIMES: Final = {
    "charter-unsigned": _WARNING,  # of a time at which this monitor did not look
    "charter-stale": _WARNING,  # likewise
    "registry-stale": _WARNING,  # likewise
    "orders-unknown": _WARNING,  # likewise
    "order-ignored": _WARNING,  # likewise
    "order-refused-wrongly": _WARNING,  # likewise
    "repository-wrong": _WARNING,  # in one authority's role
    "review-unknown": _WARNING,  # of what may have been forgotten
    "silence": _WARNING,  # in the past, told by the entry that ends it
    "deployment-unregistered": _ALARM,  # content went there
    "opening-unknown": _WARNING,  # of what may have been forgotten
    "erasure-unknown": _WARNING,  # of what no decision cites: the crash was before it
    "unrecorded-use": _WARNING,  # exchanges of unknown use may explain it
}
"""What a check may say of a code instead."""
