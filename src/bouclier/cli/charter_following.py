"""The actions of `bouclier charter` that say which charter a gateway follows."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.cli.options import add_configuration, configuration_from
from bouclier.compose.law_source import join, law_source, leave, read_joined
from bouclier.compose.settings import speaks_french

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from bouclier.charter.followed import Followed
    from bouclier.cli.verbs import Verbs

    Pick = Callable[[str, str], str]


def add_actions(actions: Verbs, pick: Pick) -> None:
    """Add these actions to the verb.

    Args:
        actions: Where.
        pick: Returns its first argument for who reads French, else its second.
    """
    french = pick("fr", "en") == "fr"
    joining = actions.add_parser("join", help=pick("suivre une charte publiée", "follow a published charter"))
    joining.add_argument("repository", metavar="URL", help=pick("adresse, ou dossier", "address, or folder"))
    joining.add_argument(
        "--root",
        type=Path,
        required=True,
        metavar="FILE",
        help=pick("sa racine, reçue de quelqu'un de confiance", "its root, had from somebody you trust"),
    )
    add_configuration(joining, french=french)
    joining.set_defaults(run=_join)
    leaving = actions.add_parser("leave", help=pick("ne plus la suivre", "follow it no more"))
    add_configuration(leaving, french=french)
    leaving.set_defaults(run=_leave)
    followed = actions.add_parser("followed", help=pick("ce qui est suivi", "what is followed"))
    add_configuration(followed, french=french)
    followed.set_defaults(run=_followed)


def _join(options: Namespace) -> int:
    _show(join(configuration_from(options), options.repository, options.root))
    print(
        "Suivie au prochain démarrage de la passerelle."
        if speaks_french()
        else "Followed from the gateway's next start on."
    )
    return 0


def _leave(options: Namespace) -> int:
    was = leave(configuration_from(options).data)
    if speaks_french():
        print(
            "La passerelle reprend sa propre charte à son prochain démarrage."
            if was
            else "Aucune charte n'était suivie."
        )
    else:
        print("The gateway goes back to its own charter at its next start." if was else "No charter was followed.")
    return 0


def _followed(options: Namespace) -> int:
    configuration = configuration_from(options)
    joined = read_joined(configuration.data)
    place = configuration.charter.repository or (joined.repository if joined is not None else None)
    print(place or ("sa propre charte" if speaks_french() else "its own charter"))
    _show(law_source(configuration).follower().refresh(), own=place is None)
    return 0


def _show(followed: Followed, *, own: bool = False) -> None:
    french = speaks_french()
    colon = " :" if french else ":"
    by = ", ".join(followed.adopted_by) or ("personne" if french else "nobody")
    of = f"{len(followed.adopted_by)}/{len(followed.parties)} ({followed.threshold})" if followed.adopted_by else ""
    print(f"{'adoptée par' if french else 'adopted by'}{colon} {by} {of}".rstrip())
    versions = (
        f"root {followed.root_version}, targets {followed.targets_version}, timestamp {followed.timestamp_version}"
    )
    print(f"{versions}, {'expire' if french else 'expires'} {followed.expires:%Y-%m-%dT%H:%M:%SZ}")
    # One's own charter carries the packaged facts, and its one key vouches for nothing.
    facts = None if own or followed.registry is None else sha256(followed.registry).hexdigest()
    print(f"{'registre' if french else 'registry'}{colon} {facts or ('du paquet' if french else 'packaged')}")
    print(f"{'injonctions publiées' if french else 'orders published'}{colon} {len(followed.orders)}")
    for problem in followed.problems:
        print(f"! {problem.text.fr if french else problem.text.en}")
