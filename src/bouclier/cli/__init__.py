"""The command line: one file per verb. It says things in French or English, by the terminal's locale.

Exit codes: 0 done, 1 the answer is no (a refusal, a verification that failed, findings when asked), 2 something must
be corrected (usage, configuration, storage), 130 interrupted.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from bouclier import __version__
from bouclier.cli.parsing import FrenchParser, Parser
from bouclier.compose.settings import speaks_french
from bouclier.terms.errors import BouclierError, Refusal, UpstreamError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERBS = (
    "serve",
    "ask",
    "check",
    "exposure",
    "exposure scan",
    "pseudonymise",
    "charter",
    "order",
    "review",
    "keys",
    "log",
    "receipt",
    "witness",
    "monitor",
    "report",
    "sealed",
    "models",
    "registry",
    "site",
    "config",
)
_NO = (Refusal, VerificationError, UpstreamError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    french = speaks_french()
    parser = (FrenchParser if french else Parser)(
        prog="bouclier",
        description="Le bouclier numérique des institutions publiques."
        if french
        else "The digital shield of public institutions.",
    )
    parser.add_argument(
        "--version", action="version", version=f"bouclier {__version__}", help="montre la version" if french else None
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    given = list(sys.argv[1:] if arguments is None else arguments)
    if " ".join(given[:2]) in _VERBS:  # a verb of two words
        given[:2] = [" ".join(given[:2])]
    # Only the verb that is asked for is loaded: checking a receipt needs no gateway.
    for verb in given[:1] if given[:1] and given[0] in _VERBS else _VERBS:
        import_module(f"bouclier.cli.{verb.replace(' ', '_')}").add_to(verbs, french=french)
    options = parser.parse_args(given)
    try:
        return int(options.run(options))
    except BouclierError as error:
        message, hint = (error.message.fr, error.hint.fr) if french else (error.message.en, error.hint.en)
        print(f"bouclier: {message}\n  → {hint}", file=sys.stderr)
        return 1 if isinstance(error, _NO) else 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output left (such as `head`): nothing more to say to anyone.
        sys.stderr.close()
        return 0
