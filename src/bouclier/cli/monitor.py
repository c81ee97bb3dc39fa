"""`bouclier monitor URL...`: follow logs and decide again; `monitor reconcile | verify | keygen` beside it.

The first word tells which: no log has an address that is one of those three words.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bouclier.compose.monitoring import MonitorOptions, create_key, verified_finding, watching
from bouclier.compose.reconciling import reconciled
from bouclier.oversight.monitor import Basis, WatchSettings, printable
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import Namespace

    from bouclier.cli.verbs import Verbs
    from bouclier.compose.monitoring import Looked
    from bouclier.oversight.monitor import Alarm
    from bouclier.oversight.monitor.finding import Shown

_STATE: Final = Path("monitor-state")
_FIELDS: Final = frozenset({"date", "model", "prompt", "completion", "requests"})
_SEVERITIES_FR: Final = {"alarm": "ALARME", "warning": "avertissement", "info": "information"}


class _Option(NamedTuple):
    """An option of the verb: how it is spelled, what `argparse` must know of it, and what it does in both languages."""

    flag: str
    settings: dict[str, Any]
    fr: str
    en: str


_ONE_FILE: Final = {"type": Path, "metavar": "FILE"}
_FOLLOWING: Final = (
    _Option(
        "--policy",
        _ONE_FILE,
        "journaux à croire, témoins et quorum (tlog-policy)",
        "logs to believe, witnesses and quorum (tlog-policy)",
    ),
    _Option(
        "--charter",
        {"type": Path, "action": "append", "default": [], "metavar": "DIR"},
        "charte à rejouer (dossier ou liasse), au lieu de celle de départ ; plusieurs au besoin",
        "charter to replay with (folder or bundle), instead of the starter charter; several if need be",
    ),
    _Option(
        "--orders",
        {"type": Path, "action": "append", "default": [], "metavar": "DIR"},
        "ordres d'autorités à rejouer, un fichier chacun ; plusieurs dossiers au besoin",
        "authorities' orders to replay with, a file each; several folders if need be",
    ),
    _Option(
        "--charter-repository",
        {"metavar": "URL"},
        "dépôt de la charte, à suivre (adresse ou dossier) : les journaux y sont tenus",
        "the charter's repository, to follow (address or folder): logs are held to it",
    ),
    _Option("--root", _ONE_FILE, "racine de confiance de ce dépôt", "a root of that repository that is trusted"),
    _Option(
        "--law-within",
        {"type": int, "default": WatchSettings().law_within_s, "metavar": "SECONDS"},
        "délai pour suivre une charte ou un ordre publié (60)",
        "time to follow a charter or an order that is published (60)",
    ),
    _Option(
        "--facts",
        {"type": Path, "action": "append", "default": [], "metavar": "FILE"},
        "faits propres à une institution, ou registre entier, au lieu du registre du paquet ; plusieurs au besoin",
        "an institution's own facts, or a whole registry, instead of the packaged one; several if need be",
    ),
    _Option(
        "--state",
        {"type": Path, "metavar": "DIR"},
        "mémoire du moniteur (./monitor-state)",
        "the monitor's memory (./monitor-state)",
    ),
    _Option("--once", {"action": "store_true"}, "regarder une fois, puis finir", "look once, then end"),
    _Option(
        "--every",
        {"type": float, "default": 60.0, "metavar": "SECONDS"},
        "entre deux regards (60)",
        "between two looks (60)",
    ),
    _Option(
        "--silence",
        {"type": int, "metavar": "SECONDS"},
        "plus long silence admis, au lieu de celui que le journal promet (un jour au plus)",
        "longest silence allowed, instead of what the log promises (a day at the most)",
    ),
    _Option(
        "--outcome-within",
        {"type": int, "default": WatchSettings().outcome_within_s, "metavar": "SECONDS"},
        "délai d'une issue après sa décision (3600)",
        "time for an outcome to follow its decision (3600)",
    ),
    _Option("--key-file", _ONE_FILE, "clé d'accès aux journaux", "access key of the logs"),
)
_TELLING: Final = (
    _Option("--json", {"action": "store_true"}, "une ligne JSON par alarme", "one JSON line per alarm"),
    _Option("--metrics", _ONE_FILE, "fichier pour Prometheus", "file for Prometheus"),
    _Option(
        "--evidence",
        {"type": Path, "metavar": "DIR"},
        "y classer chaque alarme avec sa preuve",
        "file each alarm there, with what shows it",
    ),
    _Option("--sign", _ONE_FILE, "clé privée qui signe les constats", "private key that signs findings"),
)
_BESIDE: Final = (
    _Option(
        "--from-log",
        {"type": Path, "metavar": "DATA"},
        "reconcile : lire le journal de ce dossier de données",
        "reconcile: read the log of this data folder",
    ),
    _Option(
        "--deployment",
        {"metavar": "NAME"},
        "reconcile : seul déploiement facturé là",
        "reconcile: the only deployment billed there",
    ),
    _Option(
        "--columns",
        {"default": "", "metavar": "date=..,model=.."},
        "reconcile : titres des colonnes date, model, prompt, completion, requests",
        "reconcile: titles of the columns date, model, prompt, completion, requests",
    ),
    _Option(
        "--tolerance",
        {"type": float, "default": 0.0, "metavar": "PERCENT"},
        "reconcile : écart admis (0)",
        "reconcile: difference allowed (0)",
    ),
    _Option("--monitor", {"metavar": "VKEY"}, "verify : clé publique du moniteur", "verify: the monitor's public key"),
    _Option("--out", _ONE_FILE, "keygen : où écrire la clé privée", "keygen: where to write the private key"),
)


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    monitor = verbs.add_parser(
        "monitor",
        help="surveiller des journaux et rejouer leurs décisions"
        if french
        else "follow logs and replay their decisions",
        usage="bouclier monitor URL... --policy FILE [options]\n"
        "       bouclier monitor reconcile USAGE.csv [--state DIR | --from-log DATA] [options]\n"
        "       bouclier monitor verify FINDING --policy FILE [--monitor VKEY] [--charter DIR] [--orders DIR]\n"
        "       bouclier monitor keygen NAME --out FILE",
    )
    monitor.add_argument(
        "words",
        nargs="+",
        metavar="URL",
        help="préfixe d'un journal, tel que https://bouclier.exemple.fr/log"
        if french
        else "prefix of a log, such as https://bouclier.example.org/log",
    )
    titles = ("suivre", "alerter") if french else ("following", "telling")
    for title, options in zip((*titles, "reconcile, verify, keygen"), (_FOLLOWING, _TELLING, _BESIDE), strict=True):
        group = monitor.add_argument_group(title)
        for option in options:
            group.add_argument(option.flag, help=option.fr if french else option.en, **option.settings)
    monitor.set_defaults(run=run, french=french)


def run(options: Namespace) -> int:
    """Do what the first word says; 1 if there was an alarm."""
    word, *rest = options.words
    if word not in _ACTIONS:
        return _follow(options)
    if len(rest) != 1:
        raise _wrong(word)
    return _ACTIONS[word](options, rest[0])


def _follow(options: Namespace) -> int:
    if options.policy is None:
        raise _wrong("--policy")
    asked = MonitorOptions(
        urls=tuple(options.words),
        policy=options.policy,
        state=options.state or _STATE,
        charters=tuple(options.charter),
        orders=tuple(options.orders),
        repository=options.charter_repository,
        root=options.root,
        facts=tuple(options.facts),
        settings=WatchSettings(
            outcome_within_s=options.outcome_within, silence_s=options.silence, law_within_s=options.law_within
        ),
        key_file=options.key_file,
        evidence=options.evidence,
        sign=options.sign,
        metrics=options.metrics,
    )
    with watching(asked, lambda alarm: _show(alarm, options)) as monitor:
        if not options.once:
            monitor.go_on(every_s=max(options.every, 1.0))
        monitor.look()
        if not options.json:
            for looked in monitor.looked():
                print(_summary(looked, french=options.french), file=sys.stderr)
        if monitor.is_blind and not options.json:
            print(_BLIND.fr if options.french else _BLIND.en, file=sys.stderr)
        return int(monitor.is_alarmed or monitor.is_blind)


def _summary(looked: Looked, *, french: bool) -> str:
    origin, size, read, alarms = looked
    if french:
        return f"{printable(origin)} : {size} entrées signées, {read} rejouées, {alarms} alarmes"
    return f"{printable(origin)}: {size} entries signed, {read} replayed, {alarms} alarms"


def _reconcile(options: Namespace, file: str) -> int:
    columns = dict(pair.partition("=")[::2] for pair in options.columns.split(",") if pair)
    if not set(columns) <= _FIELDS or not all(columns.values()):
        raise _wrong("--columns")
    alarms = reconciled(
        Path(file),
        state=options.state or _STATE,
        data=options.from_log,
        columns=columns,
        deployment=options.deployment,
        tolerance_percent=options.tolerance,
    )
    for alarm in alarms:
        _show(alarm, options)
    return int(any(alarm.severity.value == "alarm" for alarm in alarms))


def _verify(options: Namespace, file: str) -> int:
    if options.policy is None:
        raise _wrong("--policy")
    shown = verified_finding(
        Path(file),
        options.policy,
        options.monitor,
        charters=options.charter,
        facts=options.facts,
        orders=options.orders,
    )
    alarm = shown.finding.alarm
    where = "" if alarm.index is None else f" #{alarm.index}"
    # A finding is somebody else's text.
    print(printable(f"{alarm.code}: {shown.finding.origin}{where} {alarm.field or ''} {alarm.policy or ''}".rstrip()))
    print(_basis(shown, french=options.french))
    return 0 if shown.is_confirmed else 1


def _basis(shown: Shown, *, french: bool) -> str:
    """Say what a finding rests on."""
    fr, en = _BASES[shown.basis]
    said = f"constat intact, {fr}" if french else f"finding intact, {en}"
    if shown.stands_alone or shown.signed_by is not None:
        return said
    return f"{said}{_NOBODY.fr if french else _NOBODY.en}"


_BLIND: Final = Bilingual(
    "une adresse au moins n'a rien montré : vérifiez celle de chaque journal (elle finit d'ordinaire par /log) et "
    "celle du dépôt de la charte",
    "at least one address showed nothing: check that of each log (it usually ends in /log) and that of the charter's "
    "repository",
)
_BASES: Final = {
    Basis.SIGNATURES: ("montré par les signatures du journal lui-même", "shown by the log's own signatures"),
    Basis.REPLAY: (
        "montré par les signatures du journal lui-même et par l'entrée, rejouée ici",
        "shown by the log's own signatures and by the entry, replayed here",
    ),
    Basis.ENTRY: (
        "l'entrée est dans le journal ; le reste est sur la parole du moniteur",
        "the entry is in the log; the rest is on the monitor's word",
    ),
    Basis.WORD: ("sur la parole du moniteur", "on the monitor's word"),
}
_NOBODY: Final = Bilingual(
    ", et personne de connu ne l'a signé : n'importe qui peut l'avoir écrit (--monitor VKEY)",
    ", and nobody known signed it: anybody may have written it (--monitor VKEY)",
)


def _keygen(options: Namespace, name: str) -> int:
    if options.out is None:
        raise _wrong("--out")
    print(create_key(name, options.out))
    return 0


_ACTIONS: Final = {"reconcile": _reconcile, "verify": _verify, "keygen": _keygen}


def _show(alarm: Alarm, options: Namespace) -> None:
    if options.json:
        shown = {
            "key": alarm.key,
            "severity": alarm.severity.value,
            "code": alarm.code,
            "origin": alarm.origin,
            "index": alarm.index,
            "exchange": alarm.exchange,
            "field": alarm.field,
            "policy": alarm.policy,
            "expected": alarm.expected,
            "found": alarm.found,
            "message": {"fr": alarm.message.fr, "en": alarm.message.en},
        }
        print(json.dumps(shown, ensure_ascii=False))
    else:
        print(_line(alarm, french=options.french))
    sys.stdout.flush()


def _line(alarm: Alarm, *, french: bool) -> str:
    severity = _SEVERITIES_FR[alarm.severity.value] if french else alarm.severity.value.upper()
    entry, policy = ("entrée", "politique") if french else ("entry", "policy")
    places = [
        alarm.origin,
        f"{entry} {alarm.index}" if alarm.index is not None else "",
        alarm.field or "",
        f"{policy} {alarm.policy}" if alarm.policy is not None else "",
    ]
    values = []
    if alarm.expected is not None:
        values.append(f"attendu {alarm.expected}" if french else f"expected {alarm.expected}")
    if alarm.found is not None:
        values.append(f"trouvé {alarm.found}" if french else f"found {alarm.found}")
    said = alarm.message.fr if french else alarm.message.en
    colon = " : " if french else ": "
    return (
        f"{severity} {alarm.code}{colon}{said} — "
        + ", ".join(place for place in places if place)
        + (f" ({', '.join(values)})" if values else "")
    )


def _wrong(option: str) -> ConfigurationError:
    return ConfigurationError(
        Bilingual(f"{option} manque ou est incorrect.", f"{option} is missing or wrong."),
        Bilingual("Voyez bouclier monitor --help.", "See bouclier monitor --help."),
        param=option,
    )
