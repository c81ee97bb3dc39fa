"""Alarms: what a monitor says, in both languages, and never a word of content.

Every alarm has a code of the table below, and names as far as they apply the log, the entry, the exchange, the field
and the policy, with what was expected and what was found. Expected and found are values of the record itself (booleans,
ids of policies, digests, counts): the record holds nothing personal, so an alarm holds nothing personal either.

The same observation always has the same key. A monitor that is killed between telling and remembering tells again, and
who collects alarms drops keys seen before.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple

from bouclier.terms.errors import Bilingual

_MAX_SHOWN_CHARS: Final = 200
_KEY_DIGITS: Final = 24


class Severity(StrEnum):
    """How much it matters."""

    INFO = "info"
    WARNING = "warning"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing a monitor noticed.

    Attributes:
        code: What it is, one of `CODES`.
        severity: How much it matters.
        origin: The log's; empty when it could not be told.
        message: One sentence.
        index: The entry concerned.
        exchange: The exchange concerned.
        field: The entry's field, as a path: `$.candidates[1].permitted`.
        policy: Ids of the charter's policies that determine it, separated by commas.
        expected: What the replay, the signed tree or the provider says.
        found: What the log says.
    """

    code: str
    severity: Severity
    origin: str
    message: Bilingual
    index: int | None = None
    exchange: str | None = None
    field: str | None = None
    policy: str | None = None
    expected: str | None = None
    found: str | None = None

    @property
    def key(self) -> str:
        """The same for the same observation, another for another: 24 hexadecimal digits."""
        parts = (self.code, self.origin, self.index, self.exchange, self.field, self.policy, self.expected, self.found)
        return sha256("\x00".join("" if part is None else str(part) for part in parts).encode()).hexdigest()[
            :_KEY_DIGITS
        ]


class Remark(NamedTuple):
    """What a check has to say of the entry before it; `LogWatch` adds which entry of which log that is.

    Attributes:
        code: One of `CODES`.
        field: As in `Alarm`, like those below.
        policy: Ids of policies.
        expected: What should stand there.
        found: What stands there.
        exchange: The exchange, when it is not the entry's own.
        severity: When it is not the code's own.
    """

    code: str
    field: str | None = None
    policy: str | None = None
    expected: str | None = None
    found: str | None = None
    exchange: str | None = None
    severity: Severity | None = None


def alarm_of(remark: Remark, *, origin: str, index: int | None = None, exchange: str | None = None) -> Alarm:
    """Return the alarm a remark makes.

    Args:
        remark: What was noticed.
        origin: In which log.
        index: At which entry.
        exchange: That entry's exchange.
    """
    severity, message = CODES[remark.code]
    return Alarm(
        code=remark.code,
        severity=remark.severity or severity,
        origin=printable(origin),
        message=message,
        index=index,
        exchange=remark.exchange or exchange,
        field=_short(remark.field),
        policy=_short(remark.policy or None),
        expected=_short(remark.expected),
        found=_short(remark.found),
    )


def _short(value: str | None) -> str | None:
    if value is None:
        return None
    return printable(value if len(value) <= _MAX_SHOWN_CHARS else value[: _MAX_SHOWN_CHARS - 1] + "…")


def printable(value: str) -> str:
    """Return a text that a terminal can be shown: a log may hold anything, and alarms are read there."""
    return value if value.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in value)


def severities_of(code: str) -> frozenset[str]:
    """Return how much alarms of a code may matter: as its table says, or as a check may say instead."""
    return frozenset({CODES[code][0], _SOMETIMES.get(code, CODES[code][0])})


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
    "standing-differs": (
        _ALARM,
        Bilingual(
            "une entrée cite une autre charte ou un autre registre que le dernier repère",
            "an entry cites another charter or registry than the last mark",
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

_SOMETIMES: Final = {
    "silence": _WARNING,  # in the past, told by the entry that ends it
    "deployment-unregistered": _ALARM,  # content went there
    "opening-unknown": _WARNING,  # of what may have been forgotten
    "erasure-unknown": _WARNING,  # of what no decision cites: the crash was before it
    "unrecorded-use": _WARNING,  # exchanges of unknown use may explain it
}
"""What a check may say of a code instead."""
