"""Which of what is staged can be published together: the newest root, editors' and authorities' metadata that agree.

What is not signed enough waits, and what is published stands in for it: a root that waits for a party holds back no
authority's order, and one authority's unfinished or faulty order holds back nobody. A root that changes the editors
waits for them, and editors who name an authority wait for it, so that nothing published is without its signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tuf.api.metadata import Metadata, Root, Targets

from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_lint import Contents
from bouclier.charter.adapters.tuf_roles import ROOT, TARGETS, authority_of, delegations_of, signed_enough
from bouclier.charter.adapters.tuf_signing import demands
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from bouclier.charter.adapters.tuf_published import Published
    from bouclier.charter.adapters.tuf_workshop import Next, Workshop

_S = TypeVar("_S", Root, Targets)


def choose(workshop: Workshop, published: Published | None, *, barred: frozenset[str] = frozenset()) -> Contents:
    """Return what would be published: the newest of what is staged that its signatures allow, all of it together.

    Args:
        workshop: Where it is staged.
        published: What it follows.
        barred: Authorities of which nothing new is published.

    Raises:
        WorkshopError: Nothing that is staged is signed enough, or there is no charter here.
        StorageError: A file cannot be read.
    """
    current = workshop.next()
    for root in _candidates(current.root, published.root if published else None):
        if published is not None and not signed_enough(ROOT, root, published.root.signed, None):
            continue
        if not signed_enough(ROOT, root, root.signed, None):
            continue
        for targets in _candidates(current.targets, published.targets if published else None):
            if not signed_enough(TARGETS, targets, root.signed, None):
                continue
            authorities = _authorities(root, targets, current, published, barred)
            if authorities is None:
                continue
            chosen: dict[str, Metadata[Root] | Metadata[Targets]] = {ROOT: root, TARGETS: targets, **authorities}
            fresh = frozenset(role for role in current.staged if chosen.get(role) is current.metadata(role))
            if current.staged and not fresh:
                raise _not_ready(workshop)
            files = {
                path: data
                for metadata in (targets, *authorities.values())
                for path, target in metadata.signed.targets.items()
                if (data := workshop.listed_data(target)) is not None
            }
            return Contents(root, targets, authorities, files, fresh)
    raise _not_ready(workshop)


def _candidates(staged: Metadata[_S], published: Metadata[_S] | None) -> list[Metadata[_S]]:
    return [staged] if published is None or published is staged else [staged, published]


def _authorities(
    root: Metadata[Root],
    targets: Metadata[Targets],
    current: Next,
    published: Published | None,
    barred: frozenset[str],
) -> dict[str, Metadata[Targets]] | None:
    chosen: dict[str, Metadata[Targets]] = {}
    for role in delegations_of(targets.signed).roles or {}:
        if authority_of(role) is None:
            # The lint refuses it, and says so better than a missing signature would.
            continue
        staged = None if role in barred and published is not None else current.authorities.get(role)
        found = [staged, published.authorities.get(role) if published else None]
        enough = [one for one in found if one is not None and signed_enough(role, one, root.signed, targets.signed)]
        if not enough:
            return None
        chosen[role] = enough[0]
    return chosen


def _not_ready(workshop: Workshop) -> WorkshopError:
    waiting = [
        f"{one.role} v{one.version} ({len(one.signed)}/{one.threshold}, {', '.join(one.missing)})"
        for one in demands(workshop)
        if not one.met
    ]
    listed = " ; ".join(waiting) or "-"
    return WorkshopError(
        Bilingual(f"Il manque des signatures : {listed}.", f"Signatures are missing: {listed}."),
        Bilingual("Passez l'atelier à qui doit signer.", "Hand the workshop to those who have to sign."),
        param=str(workshop.folder),
    )
