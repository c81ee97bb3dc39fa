"""What has to be true of a repository before it is published, beyond its signatures.

Clients differ in what they forgive; what is published gives none of them the occasion. Above all: one name and one
delegator per role. The library most clients use remembers a delegated role by its name, and would not check it again
for a second delegator (tuf-conformance, `test_cached_role_is_verified_against_current_delegator`).

Not done here: signatures (`tuf_publication`), and what an order, a charter or a registry of facts says.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from bouclier.charter.adapters.tuf_errors import CharterKeyError
from bouclier.charter.adapters.tuf_keys import name_of, verify_key
from bouclier.charter.adapters.tuf_roles import (
    BUNDLE_TARGET,
    REGISTRY_TARGET,
    ROOT,
    TARGETS,
    TOP_ROLES,
    authority_of,
    delegations_of,
    hours_of,
    is_order_target,
    orders_pattern,
)
from bouclier.charter.bundle import MAX_BUNDLE_BYTES, MAX_REGISTRY_BYTES, files_of
from bouclier.charter.order_mandate import that_count
from bouclier.charter.order_model import MAX_ORDER_BYTES, MAX_ORDERS, MAX_ORDERS_BYTES
from bouclier.terms.errors import Bilingual, CharterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from tuf.api.metadata import DelegatedRole, Key, Metadata, Role, Root, TargetFile, Targets


class Problem(NamedTuple):
    """Something that is wrong with a repository.

    Attributes:
        text: What, in a sentence.
        param: The role or file concerned.
        blocking: Whether it may not be published. What an authority let lapse is said, and stops nobody else.
    """

    text: Bilingual
    param: str
    blocking: bool = True


class Contents(NamedTuple):
    """A repository's metadata, as they would be published, and what their targets hold.

    Attributes:
        authorities: By role.
        files: By target path; a missing one is not there to be published.
        fresh: The roles that were not published before.
    """

    root: Metadata[Root]
    targets: Metadata[Targets]
    authorities: Mapping[str, Metadata[Targets]]
    files: Mapping[str, bytes]
    fresh: frozenset[str]

    def named(self) -> list[tuple[str, Metadata[Root] | Metadata[Targets]]]:
        """Return the metadata by role, the root first."""
        return [(ROOT, self.root), (TARGETS, self.targets), *self.authorities.items()]


def lint(contents: Contents, *, now: datetime) -> list[Problem]:
    """Return what is wrong with a repository; an empty list when nothing is.

    Args:
        contents: What would be published.
        now: What has expired by then is a problem.
    """
    return [
        *_of_root(contents.root.signed),
        *_of_targets(contents),
        *(problem for role in contents.authorities for problem in _of_authority(role, contents)),
        *_of_expiries(contents, now),
    ]


def of_authority(role: str, contents: Contents) -> list[Problem]:
    """Return what is wrong with what an authority signed: nobody else's business."""
    return list(_of_authority(role, contents))


def _of_root(root: Root) -> Iterator[Problem]:
    if not root.consistent_snapshot:
        yield _problem(ROOT, "consistent_snapshot doit être vrai", "consistent_snapshot has to be true")
    for name in TOP_ROLES:
        yield from _of_role(name, root.roles[name], root.keys)
    yield from _of_keys(ROOT, root.keys)
    if len(root.roles[ROOT].keyids) > 1 and root.roles[TARGETS].threshold == 1:
        yield _problem(
            TARGETS,
            "un seul éditeur peut changer la charte des parties",
            "one editor alone can change the parties' charter",
            blocking=False,
        )
    # Keys that sign without anybody looking must not be able to change who signs.
    if root.roles[ROOT].threshold > 1:
        online = {*root.roles["snapshot"].keyids, *root.roles["timestamp"].keyids}
        for role in (ROOT, TARGETS):
            for keyid in sorted(online & set(root.roles[role].keyids)):
                name = name_of(root.keys[keyid])
                yield _problem(
                    role, f"« {name} » est aussi une clé en ligne", f"“{name}” is an online key too", blocking=False
                )


def _of_targets(contents: Contents) -> Iterator[Problem]:
    targets = contents.targets.signed
    if BUNDLE_TARGET not in targets.targets:
        yield _problem(TARGETS, "aucune charte n'est proposée", "no charter is proposed")
    for path, target in targets.targets.items():
        if path not in (BUNDLE_TARGET, REGISTRY_TARGET):
            yield _problem(path, "les éditeurs ne signent pas cette cible", "editors do not sign this target")
        yield from _of_file(path, target, contents.files)
    bundle = contents.files.get(BUNDLE_TARGET)
    if bundle is not None:
        try:
            files_of(bundle)
        except CharterError as error:
            yield Problem(error.message, BUNDLE_TARGET)
    facts = contents.files.get(REGISTRY_TARGET)
    if facts is not None and TARGETS in contents.fresh and not _is_object(facts):
        yield _problem(REGISTRY_TARGET, "n'est pas un objet JSON en UTF-8", "is not a JSON object in UTF-8")
    delegations = delegations_of(targets)
    if delegations.succinct_roles is not None:
        yield _problem(TARGETS, "délégations succinctes refusées", "succinct delegations are refused")
    for role, delegated in (delegations.roles or {}).items():
        yield from _of_delegation(role, delegated, contents)
    yield from _of_keys(TARGETS, delegations.keys)


def _of_delegation(role: str, delegated: DelegatedRole, contents: Contents) -> Iterator[Problem]:
    authority = authority_of(role)
    # The names of the tree are unique because they are all here: an authority delegates to nobody.
    if authority is None or delegated.name != role:
        yield _problem(role, "ce n'est pas le rôle d'une autorité", "it is not an authority's role")
        return
    if delegated.paths != [orders_pattern(authority)] or delegated.path_hash_prefixes is not None:
        pattern = orders_pattern(authority)
        yield _problem(role, f"ses chemins doivent être {pattern}", f"its paths have to be {pattern}")
    if not delegated.terminating:
        yield _problem(role, "la délégation doit être terminale", "the delegation has to be terminating")
    yield from _of_role(role, delegated, delegations_of(contents.targets.signed).keys)
    if role not in contents.authorities:
        yield _problem(role, "elle n'a encore rien signé", "it has not signed anything yet")


def _of_authority(role: str, contents: Contents) -> Iterator[Problem]:
    authority = authority_of(role)
    targets = contents.authorities[role].signed
    if targets.delegations is not None:
        yield _problem(role, "une autorité ne délègue pas", "an authority does not delegate")
    count = that_count(target.length for _, target in sorted(targets.targets.items()))
    if count < len(targets.targets):
        yield _problem(
            role,
            f"plus de {MAX_ORDERS} injonctions, ou de {MAX_ORDERS_BYTES} octets en tout",
            f"more than {MAX_ORDERS} orders, or {MAX_ORDERS_BYTES} bytes in all",
            # What was published before there was such a limit stops nobody else; gateways apply the first ones.
            blocking=role in contents.fresh,
        )
    for path, target in targets.targets.items():
        if authority is None or not is_order_target(authority, path):
            yield _problem(path, f"hors de la délégation de {role}", f"outside the delegation of {role}")
            continue
        yield from _of_file(path, target, contents.files)
        data = contents.files.get(path)
        if data is not None and role in contents.fresh:
            yield from _of_order(path, data)


def _of_order(path: str, data: bytes) -> Iterator[Problem]:
    if len(data) > MAX_ORDER_BYTES:
        yield _problem(path, f"plus de {MAX_ORDER_BYTES} octets", f"more than {MAX_ORDER_BYTES} bytes")
        return
    if not _is_object(data):
        yield _problem(path, "n'est pas un objet JSON en UTF-8", "is not a JSON object in UTF-8")


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data.decode("utf-8")), dict)
    except (ValueError, RecursionError):
        return False


def _of_file(path: str, target: TargetFile, files: Mapping[str, bytes]) -> Iterator[Problem]:
    most = MAX_REGISTRY_BYTES if path == REGISTRY_TARGET else MAX_BUNDLE_BYTES
    if target.length > most:
        yield _problem(path, f"plus de {most} octets", f"more than {most} bytes")
    if path not in files or len(files[path]) != target.length:
        yield _problem(path, "son fichier manque, ou est un autre", "its file is missing, or another one")


def _of_role(name: str, role: Role, keys: Mapping[str, Key]) -> Iterator[Problem]:
    held = {keyid: keys[keyid] for keyid in role.keyids if keyid in keys}
    if len(held) != len(role.keyids):
        yield _problem(name, "une de ses clés manque", "one of its keys is missing")
    if not 1 <= role.threshold <= len(held):
        yield _problem(
            name,
            f"un seuil de {role.threshold} pour {len(held)} clé(s)",
            f"a threshold of {role.threshold} for {len(held)} key(s)",
        )
    if len({name_of(key) for key in held.values()}) != len(held):
        yield _problem(name, "deux de ses clés ont le même nom", "two of its keys have the same name")
    if hours_of(role) is None:
        yield _problem(name, "sa durée n'est pas dite", "how long it lives is not said")


def _of_keys(role: str, keys: Mapping[str, Key]) -> Iterator[Problem]:
    for keyid, key in keys.items():
        try:
            verify_key(key, keyid)
        except CharterKeyError as error:
            yield Problem(Bilingual(f"{role} : {error.message.fr}", f"{role}: {error.message.en}"), role)


def _of_expiries(contents: Contents, now: datetime) -> Iterator[Problem]:
    for role, metadata in contents.named():
        if metadata.signed.is_expired(now):
            day = f"{metadata.signed.expires:%Y-%m-%dT%H:%M:%SZ}"
            lapsed = authority_of(role) is not None and role not in contents.fresh
            yield _problem(role, f"expiré depuis {day}", f"expired since {day}", blocking=not lapsed)


def _problem(param: str, fr: str, en: str, *, blocking: bool = True) -> Problem:
    return Problem(Bilingual(f"{param} : {fr}.", f"{param}: {en}."), param, blocking)
