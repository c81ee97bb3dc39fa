"""`bouclier charter ACTION`: read a charter, run its cases, check it, explain it, compare two, put one on trial.

The actions that make and publish a charter with others, and those that follow one, are in their own modules and are
added here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bouclier.charter.explain import explained_lines, known_lines
from bouclier.cli import charter_following, charter_repository
from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose import charter_tools as tools
from bouclier.compose.charter_cases import read_given
from bouclier.compose.charter_diff import NOTHING, CharterDiff, diff_charters, exported_in, logged_in
from bouclier.terms.content import DataClass
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Sequence

    from bouclier.charter.cases import CaseResult
    from bouclier.cli.verbs import Verbs

    Pick = Callable[[str, str], str]

_LISTS: Final = {
    "labels": ("--label", "étiquette ; plusieurs au besoin", "label; several if need be"),
    "safeguards": ("--safeguard", "garantie que l'institution déclare", "safeguard that the institution declares"),
    "signals": ("--signal", "signal du second filet", "signal of the second net"),
    "modalities": ("--modality", "text, image, audio, image-output…", "text, image, audio, image-output…"),
    "capabilities": ("--capability", "tools, web-search…", "tools, web-search…"),
}
_PLACE_HELP: Final = (
    "dossier ou liasse d'une charte (celle du paquet logiciel)",
    "folder or bundle of a charter (the one of the package)",
)


def add_to(verbs: Verbs, *, french: bool) -> None:
    """Add this verb to the command line."""

    def pick(fr: str, en: str) -> str:
        return fr if french else en

    charter = verbs.add_parser(
        "charter", help=pick("la charte : lire, éprouver, expliquer", "the charter: read, test, explain")
    )
    actions = charter.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, run: Callable[[Namespace], int], fr: str, en: str) -> ArgumentParser:
        parser = actions.add_parser(name, help=pick(fr, en))
        parser.set_defaults(run=run, french=french)
        return parser

    show = action("show", _show, "ce qu'elle dit", "what it says")
    test = action("test", _test, "jouer les cas de ses packs", "run the cases of its packs")
    lint = action("lint", _lint, "ce qui n'est pas fini", "what is unfinished")
    for parser in (show, test, lint):
        parser.add_argument("place", nargs="?", type=Path, metavar="CHARTER", help=pick(*_PLACE_HELP))
    show.add_argument("--pack", metavar="NAME", help=pick("le texte de ce pack", "the text of this pack"))
    test.add_argument(
        "--strict", action="store_true", help=pick("échouer si une politique n'est pas éprouvée", _STRICT_EN)
    )
    lint.add_argument(
        "--strict", action="store_true", help=pick("échouer aussi sur un avertissement", "fail on a warning too")
    )
    _add_explain(action("explain", _explain, "qui décide, et pourquoi", "which policies decide, and why"), pick)
    diff = action("diff", _diff, "décisions qu'un changement retournerait", "decisions that a change would flip")
    for name, fr, en in (("before", "charte d'aujourd'hui", "today's charter"), ("after", "l'autre", "the other")):
        diff.add_argument(
            name, type=Path, metavar=name.upper(), help=pick(f"{fr}, ou « starter »", f"{en}, or `starter`")
        )
    diff.add_argument(
        "--log", type=Path, metavar="FILE", help=pick("fichier de « log export »", "file of `log export`")
    )
    simulate = action("simulate", _simulate, "mettre une charte à l'essai", "put a charter on trial")
    simulate.add_argument(
        "place", nargs="?", type=Path, metavar="CHARTER", help=pick("dossier, liasse", "folder, bundle")
    )
    simulate.add_argument("--off", action="store_true", help=pick("finir l'essai", "end the trial"))
    simulate.add_argument(
        "--report", action="store_true", help=pick("ce qu'elle aurait décidé", "what it would have decided")
    )
    for parser in (diff, simulate):
        add_configuration(parser, french=french)
    # The actions of others: making and publishing a charter together; following one.
    charter_repository.add_actions(actions, pick)
    charter_following.add_actions(actions, pick)


_STRICT_EN: Final = "fail if a policy is not tested"


def _add_explain(parser: ArgumentParser, pick: Pick) -> None:
    parser.add_argument(
        "request", nargs="?", type=Path, metavar="REQUEST", help=pick("demande de chat, en JSON", "chat request, JSON")
    )
    parser.add_argument("--charter", type=Path, metavar="CHARTER", help=pick(*_PLACE_HELP))
    parser.add_argument("--purpose", metavar="WORD", help=pick("finalité déclarée", "declared purpose"))
    parser.add_argument(
        "--class",
        dest="data_class",
        choices=[one.slug for one in DataClass],
        help=pick("classe (déclarée, s'il y a une demande)", "class (declared, if there is a request)"),
    )
    parser.add_argument("--role", metavar="ROLE", help=pick("rôle de qui demande (agent)", "role of who asks (agent)"))
    parser.add_argument("--day", metavar="YYYYMMDD", help=pick("jour (aujourd'hui)", "day (today)"))
    for name, (flag, fr, en) in _LISTS.items():
        parser.add_argument(flag, dest=name, action="append", default=[], metavar="WORD", help=pick(fr, en))
    parser.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="NAME",
        help=pick(
            "déploiement de la configuration, ou own, eu-public, eu-private, us-controlled, unknown",
            "deployment of the configuration, or own, eu-public, eu-private, us-controlled, unknown",
        ),
    )
    add_configuration(parser, french=pick("fr", "en") == "fr")


def _show(options: Namespace) -> int:
    for line in tools.shown(options.place, pack=options.pack, french=options.french):
        print(line)
    return 0


def _test(options: Namespace) -> int:
    french = options.french
    run = tools.run_tests(options.place)
    for pack in run.packs:
        wrong = [result for result in pack.results if result.problems]
        count = len(pack.results)
        if not count:
            print(_said(french, f"{pack.pack} : aucun cas", f"{pack.pack}: no case"))
        elif wrong:
            fr, en = f"{len(wrong)} autrement qu'attendu", f"{len(wrong)} not as expected"
            print(_said(french, f"{pack.pack} : {count} cas, {fr}", f"{pack.pack}: {count} cases, {en}"))
        else:
            fr, en = "tous comme attendu", "all as expected"
            print(_said(french, f"{pack.pack} : {count} cas, {fr}", f"{pack.pack}: {count} cases, {en}"))
        for result in wrong:
            _print_failure(pack.file, result, french=french)
    tested, every = run.policies - len(run.untested), run.policies
    print(_said(french, f"politiques éprouvées : {tested} sur {every}", f"policies tested: {tested} of {every}"))
    for policy in run.untested:
        print(f"  {policy.file}:{policy.line}: {policy.ref.id}")
    empty = any(not pack.results for pack in run.packs)
    return int(bool(run.failing or (options.strict and (run.untested or empty))))


def _print_failure(file: str, result: CaseResult, *, french: bool) -> None:
    print(f"  {file}:{result.case.line}: {result.case.sentence}")
    for problem in result.problems:
        print(f"      {problem.fr if french else problem.en}")
    if result.found is not None:
        policies = ", ".join(policy.id for policy in result.found.policies) or NOTHING
        duties = ", ".join(result.found.duties) or NOTHING
        print(f"      → {policies} — {duties}")


def _lint(options: Namespace) -> int:
    flaws = tools.lint_charter(options.place)
    for flaw in flaws:
        message, hint = (flaw.message.fr, flaw.hint.fr) if options.french else (flaw.message.en, flaw.hint.en)
        at = f"{flaw.file}:{flaw.line}" if flaw.line else flaw.file
        print(f"{at}: {flaw.code}: {message}\n    → {hint}")
    if not flaws:
        print(_said(options.french, "rien à redire", "nothing to say"))
    return int(any(options.strict or not flaw.is_warning for flaw in flaws))


def _explain(options: Namespace) -> int:
    # Here, because only this action needs the shield, which takes long to load.
    from bouclier.compose.charter_explaining import Asked, explained  # noqa: PLC0415

    given = {"purpose": options.purpose, "class": options.data_class, "role": options.role, "day": options.day}
    given |= {name: getattr(options, name) for name in _LISTS}
    words = read_given({name: value for name, value in given.items() if value})
    asked = Asked(words=words, request=options.request, to=options.to)
    found = explained(configuration_from(options), asked, options.charter)
    for line in known_lines(found.case, found.charter, french=options.french):
        print(line)
    for one in found.explanations:
        print()
        for line in explained_lines(one, found.charter, french=options.french):
            print(line)
    return 0


def _diff(options: Namespace) -> int:
    logged = exported_in(options.log) if options.log is not None else logged_in(configuration_from(options).data)
    before, after = (None if str(one) == "starter" else one for one in (options.before, options.after))
    for line in _diff_lines(diff_charters(before, after, logged), french=options.french):
        print(line)
    return 0


_KINDS: Final = {
    "forbidden": ("serait interdit par", "would be forbidden by"),
    "permitted": ("serait permis, qu'interdisait", "would be permitted, forbidden so far by"),
    "duty-added": ("devoir en plus", "duty more"),
    "duty-removed": ("devoir en moins", "duty less"),
    "chosen": ("choix", "choice"),
    "undecidable": ("ne se décide pas", "cannot be decided"),
}


def _diff_lines(diff: CharterDiff, *, french: bool) -> Iterable[str]:
    if diff.before == diff.after:
        yield _said(french, f"la même charte : {diff.before}", f"the same charter: {diff.before}")
        return
    yield f"{diff.before[:16]} → {diff.after[:16]}"
    yield _said(
        french,
        f"{diff.decisions} décisions rejouées, {diff.changed} seraient autres",
        f"{diff.decisions} decisions replayed, {diff.changed} would be otherwise",
    )
    for (kind, what), flips in sorted(diff.flips.items()):
        fr, en = _KINDS[kind]
        where = _indexes(flips.indexes, flips.count, french=french)
        yield f"  {flips.count} × {_said(french, fr, en)} {what} — {where}"


def _indexes(indexes: Sequence[int], count: int, *, french: bool) -> str:
    listed = ", ".join(map(str, indexes)) + ("…" if count > len(indexes) else "")
    return _said(french, f"entrées {listed}", f"entries {listed}")


def _simulate(options: Namespace) -> int:
    asked = [options.place is not None, options.off, options.report]
    if sum(asked) > 1 or not any(asked):
        raise ConfigurationError(
            Bilingual("Il faut une charte, --off ou --report.", "A charter, --off or --report is needed."),
            Bilingual("Donnez l'un des trois.", "Give one of the three."),
            param="simulate",
        )
    data, french = configuration_from(options).data, options.french
    if options.report:
        for line in _trial_lines(data, french=french):
            print(line)
    elif options.off:
        ended = tools.end_trial(data)
        fr, en = (
            ("fin de l'essai", "the trial is over") if ended else ("rien n'était à l'essai", "nothing was on trial")
        )
        print(fr if french else en)
    else:
        digest = tools.put_on_trial(options.place, data)
        print(_said(french, f"à l'essai : {digest}", f"on trial: {digest}"))
    return 0


def _trial_lines(data: Path, *, french: bool) -> Iterable[str]:
    on_trial = tools.on_trial(data)
    decisions, reports = tools.trial_reports(data)
    yield _said(french, f"décisions du journal : {decisions}", f"decisions in the log: {decisions}")
    if on_trial is not None:
        yield _said(french, f"à l'essai : {on_trial}", f"on trial: {on_trial}")
    for report in reports:
        where = _indexes(report.indexes, report.differing, french=french)
        fr = f"{report.differing} décidées autrement, dont {report.refused} refusées"
        en = f"{report.differing} decided otherwise, {report.refused} of them refused"
        yield f"{report.charter[:16]} — {_said(french, fr, en)} — {where}"
        for (deployment, permitted, policies), count in sorted(report.verdicts.items()):
            fr, en = ("permis", "permitted") if permitted else ("refusé", "refused")
            yield f"  {count} × {deployment} — {_said(french, fr, en)} — {', '.join(policies) or NOTHING}"


def _said(french: bool, fr: str, en: str) -> str:  # noqa: FBT001 -- read as the sentence it is
    return fr if french else en
