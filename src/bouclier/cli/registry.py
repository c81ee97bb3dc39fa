"""`bouclier registry show | check | stale | add`: the facts on who can be compelled, and where each comes from."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.cli.parsing import Parser
from bouclier.compose.exposing import day_asked, today
from bouclier.compose.registry_adding import ONE, add_facts, fact_said, files_said
from bouclier.compose.registry_arguments import COMMAND_LINE, next_of
from bouclier.compose.registry_checking import check_facts
from bouclier.compose.registry_reading import registry_read
from bouclier.compose.registry_showing import KINDS_EN, KINDS_FR, as_json, concerning, overview_lines, shown_lines
from bouclier.compose.registry_staleness import stale_facts
from bouclier.registry.shown import clean
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from bouclier.cli.verbs import Verbs
    from bouclier.compose.registry_staleness import Stale

_REASONS: Final = {"old": "ancien", "future": "postérieur à ce jour", "unverified": "non vérifié", "ends": "finit le"}


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""

    def pick(fr: str, en: str) -> str:
        return fr if french else en

    registry = verbs.add_parser(
        "registry", help=pick("qui peut être contraint : les faits", "who can be compelled: the facts")
    )
    actions = registry.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, run: Callable[[Namespace], int], fr: str, en: str) -> ArgumentParser:
        parser = actions.add_parser(name, help=pick(fr, en))
        add_configuration(parser, french=french)
        parser.set_defaults(run=run, french=french)
        return parser

    show = action("show", _show, "ce qui est su d'un nom", "what is known of a name")
    show.add_argument("name", nargs="?", metavar="NAME", help=pick("identifiant ou nom", "id or name"))
    check = action("check", _check, "relire les faits, tout ce qui est faux", "read the facts, all that is wrong")
    check.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help=pick("fichiers de faits (ceux de l'institution)", "files of facts (the institution's own)"),
    )
    stale = action("stale", _stale, "les faits à revoir", "the facts that need a look")
    stale.add_argument(
        "--older-than",
        default="365d",
        metavar="DAYS",
        help=pick("âge, et préavis d'une échéance (365d)", "age, and notice of an end (365d)"),
    )
    stale.add_argument("--at", metavar="DATE", help=pick("à ce jour (aujourd'hui)", "on that day (today)"))
    add = action("add", _add, "ajouter aux faits de l'institution", "add to the institution's own facts")
    add.add_argument(
        "what",
        metavar="FILE|KIND",
        help=pick(
            f"un fichier de faits, ou un fait : {', '.join(ONE)}", f"a file of facts, or one fact: {', '.join(ONE)}"
        ),
    )
    add.add_argument(
        "fields",
        nargs="*",
        metavar="FIELD=VALUE",
        help=pick("id=… name=… source=… ; d'autres fichiers", "id=... name=... source=...; more files"),
    )
    if isinstance(add, Parser):
        add.rest = "fields"  # also those after --replace
    add.add_argument(
        "--replace",
        action="store_true",
        help=pick("à la place de ce que l'institution en disait", "in the place of what the institution said of it"),
    )
    for parser in (show, check, stale):
        parser.add_argument("--json", action="store_true", help=pick("en JSON", "as JSON"))


def _days(text: str) -> timedelta:
    """Return the time of an option.

    Raises:
        ConfigurationError: It is no number of days.
    """
    number = re.fullmatch(r"([0-9]{1,6})[dj]?", text)
    if number is None:
        shown = clean(text, 40)
        raise ConfigurationError(
            Bilingual(
                f"--older-than : « {shown} » n'est pas un nombre de jours.",
                f"--older-than: '{shown}' is no number of days.",
            ),
            Bilingual("Par exemple --older-than 365d.", "For example --older-than 365d."),
            param="--older-than",
        )
    return timedelta(days=int(number[1]))


def _show(options: Namespace) -> int:
    registry = registry_read(configuration_from(options))
    if options.name is None:
        lines = [registry.canonical.decode()] if options.json else overview_lines(registry, french=options.french)
    else:
        facts = concerning(registry, options.name)
        lines = [as_json(facts)] if options.json else shown_lines(facts, french=options.french)
    for line in lines:
        print(line)
    return 0


def _check(options: Namespace) -> int:
    checked = check_facts(configuration_from(options), options.files, today=today())
    if options.json:
        flaws = [
            {
                "file": flaw.file,
                "line": flaw.line,
                "field": flaw.path,
                "message": asdict(flaw.message),
                "hint": asdict(flaw.hint),
            }
            for flaw in checked.flaws
        ]
        told = {"facts": checked.facts, "digest": checked.digest, "flaws": flaws}
        print(_written(json.dumps(told, ensure_ascii=False)))
        return int(bool(flaws))
    for flaw in checked.flaws:
        where = _written(flaw.where)
        if options.french:
            print(f"{where} : {flaw.message.fr}\n    → {flaw.hint.fr}")
        else:
            print(f"{where}: {flaw.message.en}\n    → {flaw.hint.en}")
    if checked.flaws:
        return 1
    print(
        f"{checked.facts} faits, sans défaut ; registre {checked.digest}"
        if options.french
        else f"{checked.facts} facts, nothing wrong; registry {checked.digest}"
    )
    return 0


def _written(text: str) -> str:
    """Return a text that can be written: a file of a folder may have a name that is not UTF-8."""
    return text.encode(errors="backslashreplace").decode()


def _stale(options: Namespace) -> int:
    configuration = configuration_from(options)
    found = stale_facts(
        registry_read(configuration),
        configuration,
        day=today() if options.at is None else day_asked(options.at),
        older_than=_days(options.older_than),
    )
    if options.json:
        print(json.dumps([one._asdict() for one in found], ensure_ascii=False, indent=2))
        return 0
    for one in found:
        print(_stale_line(one, french=options.french))
    return 0


def _stale_line(one: Stale, *, french: bool) -> str:
    reasons = []
    for reason in one.reasons:
        word, _, when = reason.partition(" ")
        reasons.append(f"{_REASONS[word] if french else word} {when}".rstrip())
    why = ", ".join(reasons)
    if french:
        rests = f"en dépendent : déploiements {one.deployments}, services {one.services}"
        return f"{KINDS_FR[one.kind]}  {one.about}  {why}  (au {one.as_of} ; {rests})"
    rests = f"{one.deployments} deployments and {one.services} services rest on it"
    return f"{KINDS_EN[one.kind]}  {one.about}  {why}  (as of {one.as_of}; {rests})"


def _add(options: Namespace) -> int:
    configuration, day = configuration_from(options), today()
    additions = (
        {COMMAND_LINE: fact_said(options.what, options.fields, today=day)}
        if options.what in ONE
        else files_said([options.what, *options.fields])
    )
    said = (options.what, options.fields) if options.what in ONE else None
    done = add_facts(configuration, additions, today=day, replace=options.replace, said=said)
    print(
        f"{done.path} : {done.added} faits ajoutés, {done.replaced} remplacés"
        if options.french
        else f"{done.path}: {done.added} facts added, {done.replaced} replaced"
    )
    wanted = None if said is None else next_of(*said)
    if wanted is not None:
        print(f"  → {wanted.fr if options.french else wanted.en}")
    return 0
