"""`bouclier monitor URL...`: follow logs and decide again; `monitor reconcile | verify | keygen` beside it.

The first word tells which: no log has an address that is one of those three words.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bouclier.compose.monitoring import MonitorOptions, create_key, verified_finding, watching
from bouclier.compose.reconciling import reconciled
from bouclier.oversight.monitor import WatchSettings
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bouclier.cli.verbs import Verbs
    from bouclier.oversight.monitor import Alarm

_STATE: Final = Path("monitor-state")
_EVERY_S: Final = 60.0
_FIELDS: Final = frozenset({"date", "model", "prompt", "completion", "requests"})
_SEVERITIES_FR: Final = {"alarm": "ALARME", "warning": "avertissement", "info": "information"}


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""
    monitor = verbs.add_parser(
        "monitor",
        help="surveiller des journaux et rejouer leurs décisions"
        if french
        else "follow logs and replay their decisions",
        usage="bouclier monitor URL... --policy FILE [options]\n"
        "       bouclier monitor reconcile USAGE.csv [--state DIR | --from-log DATA] [options]\n"
        "       bouclier monitor verify FINDING --policy FILE [--monitor VKEY]\n"
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
    _add_following(monitor, french=french)
    _add_telling(monitor, french=french)
    _add_others(monitor, french=french)
    monitor.set_defaults(run=run, french=french)


def run(options: Namespace) -> int:
    """Do what the first word says; 1 if there was an alarm."""
    word, *rest = options.words
    if word not in _ACTIONS:
        return _follow(options)
    if len(rest) != 1:
        raise _wrong(word)
    return _ACTIONS[word](options, rest[0])


def _add_following(monitor: ArgumentParser, *, french: bool) -> None:
    group = monitor.add_argument_group("suivre" if french else "following")
    group.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="journaux à croire, témoins et quorum (tlog-policy)"
        if french
        else "logs to believe, witnesses and quorum (tlog-policy)",
    )
    group.add_argument(
        "--charter",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="charte à rejouer, outre celle de départ ; plusieurs au besoin"
        if french
        else "charter to replay with, beside the starter charter; several if need be",
    )
    group.add_argument(
        "--operators",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="bouclier.yaml qui déclare des opérateurs ; plusieurs au besoin"
        if french
        else "bouclier.yaml that declares operators; several if need be",
    )
    group.add_argument(
        "--state",
        type=Path,
        default=None,
        metavar="DIR",
        help="mémoire du moniteur (./monitor-state)" if french else "the monitor's memory (./monitor-state)",
    )
    group.add_argument(
        "--once", action="store_true", help="regarder une fois, puis finir" if french else "look once, then end"
    )
    group.add_argument(
        "--every",
        type=float,
        default=_EVERY_S,
        metavar="SECONDS",
        help="entre deux regards (60)" if french else "between two looks (60)",
    )
    group.add_argument(
        "--silence",
        type=int,
        metavar="SECONDS",
        help="plus long silence admis, au lieu de celui que le journal promet"
        if french
        else "longest silence allowed, instead of what the log promises",
    )
    group.add_argument(
        "--outcome-within",
        type=int,
        default=WatchSettings().outcome_within_s,
        metavar="SECONDS",
        help="délai d'une issue après sa décision (3600)" if french else "time for an outcome to follow (3600)",
    )
    group.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="clé d'accès aux journaux" if french else "access key of the logs",
    )


def _add_telling(monitor: ArgumentParser, *, french: bool) -> None:
    group = monitor.add_argument_group("alerter" if french else "telling")
    group.add_argument(
        "--json", action="store_true", help="une ligne JSON par alarme" if french else "one JSON line per alarm"
    )
    group.add_argument(
        "--metrics", type=Path, metavar="FILE", help="fichier pour Prometheus" if french else "file for Prometheus"
    )
    group.add_argument(
        "--evidence",
        type=Path,
        metavar="DIR",
        help="y classer chaque alarme avec sa preuve" if french else "file each alarm there, with what shows it",
    )
    group.add_argument(
        "--sign",
        type=Path,
        metavar="FILE",
        help="clé privée qui signe les constats" if french else "private key that signs findings",
    )


def _add_others(monitor: ArgumentParser, *, french: bool) -> None:
    group = monitor.add_argument_group("reconcile, verify, keygen")
    group.add_argument(
        "--from-log",
        type=Path,
        metavar="DATA",
        help="reconcile : lire le journal de ce dossier de données"
        if french
        else "reconcile: read the log of this data folder",
    )
    group.add_argument(
        "--deployment",
        metavar="NAME",
        help="reconcile : seul déploiement facturé là" if french else "reconcile: the only deployment billed there",
    )
    group.add_argument(
        "--columns",
        default="",
        metavar="date=..,model=..",
        help="reconcile : titres des colonnes date, model, prompt, completion, requests"
        if french
        else "reconcile: titles of the columns date, model, prompt, completion, requests",
    )
    group.add_argument(
        "--tolerance",
        type=float,
        default=0.0,
        metavar="PERCENT",
        help="reconcile : écart admis (0)" if french else "reconcile: difference allowed (0)",
    )
    group.add_argument(
        "--monitor",
        metavar="VKEY",
        help="verify : clé publique du moniteur" if french else "verify: the monitor's public key",
    )
    group.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="keygen : où écrire la clé privée" if french else "keygen: where to write the private key",
    )


def _follow(options: Namespace) -> int:
    if options.policy is None:
        raise _wrong("--policy")
    asked = MonitorOptions(
        urls=tuple(options.words),
        policy=options.policy,
        state=options.state or _STATE,
        charters=tuple(options.charter),
        operators=tuple(options.operators),
        settings=WatchSettings(outcome_within_s=options.outcome_within, silence_s=options.silence),
        key_file=options.key_file,
        evidence=options.evidence,
        sign=options.sign,
        metrics=options.metrics,
    )
    with watching(asked, lambda alarm: _show(alarm, options)) as monitor:
        if not options.once:
            monitor.go_on(every_s=max(options.every, 1.0))
        monitor.look()
        return int(monitor.is_alarmed)


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
    shown = verified_finding(Path(file), options.policy, options.monitor)
    alarm = shown.finding.alarm
    where = "" if alarm.index is None else f" #{alarm.index}"
    print(f"{alarm.code}: {shown.finding.origin}{where} {alarm.field or ''} {alarm.policy or ''}".rstrip())
    if options.french:
        alone = "montré par les signatures du journal lui-même" if shown.stands_alone else "sur la parole du moniteur"
        print(f"constat intact, {alone}")
    else:
        alone = "shown by the log's own signatures" if shown.stands_alone else "on the monitor's word"
        print(f"finding intact, {alone}")
    return 0


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
