"""Staging the facts that editors sign with a charter, and saying what that changes.

Facts are read and checked whole before they are staged, and again before they are signed: they may have been staged
elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.charter.adapters.tuf_errors import WorkshopError
from bouclier.charter.adapters.tuf_roles import REGISTRY_TARGET
from bouclier.charter.adapters.tuf_staging import propose_registry
from bouclier.charter.bundle import MAX_REGISTRY_BYTES
from bouclier.compose.facts_changes import facts_changes
from bouclier.compose.facts_reading import packaged_facts, registry_from
from bouclier.registry import parse_registry
from bouclier.registry.adapters.registry_files import common_files, own_files
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from bouclier.charter.adapters.tuf_workshop import Workshop

PACKAGED: Final = "packaged"
"""What names the packaged facts where files of facts are asked for."""


def propose_facts(workshop: Workshop, places: Sequence[Path], *, now: datetime) -> list[Bilingual]:
    """Stage the facts of some files as the registry to be signed with the charter; return what that changes.

    Args:
        workshop: Where they are staged.
        places: Files of facts, folders of such, or `packaged` for those that come with Bouclier; together they are the
            whole registry. None at all: no registry is signed any more, and the packaged facts are in force.
        now: From when the time of the editors' metadata runs.

    Raises:
        ConfigurationError: A fact is malformed or contradicts another, or a file cannot be read.
        WorkshopError: There is no charter here.
        StorageError: A file cannot be written.
    """
    before = _staged_facts(workshop)
    facts = _facts_in(places) if places else None
    propose_registry(workshop, facts, now=now)
    return list(told_facts(before, facts))


def _facts_in(places: Sequence[Path]) -> bytes:
    files = dict(common_files()) if any(str(place) == PACKAGED for place in places) else {}
    files |= own_files([place for place in places if str(place) != PACKAGED])
    facts = parse_registry(files).canonical
    if len(facts) > MAX_REGISTRY_BYTES:
        raise ConfigurationError(
            Bilingual(
                f"Ces faits font plus de {MAX_REGISTRY_BYTES} octets.",
                f"These facts are over {MAX_REGISTRY_BYTES} bytes.",
            ),
            Bilingual("Aucune passerelle ne les prendrait.", "No gateway would take them."),
            param="FACTS",
        )
    return facts


def _staged_facts(workshop: Workshop) -> bytes | None:
    target = workshop.next().targets.signed.targets.get(REGISTRY_TARGET)
    return None if target is None else workshop.listed_data(target)


def told_facts(before: bytes | None, after: bytes | None) -> Iterator[Bilingual]:
    """Yield what changes from some signed facts to others; where there are none, the packaged ones are in force.

    Raises:
        ConfigurationError: The packaged facts cannot be read.
    """
    if before is None:
        yield Bilingual("comparés aux faits du paquet logiciel :", "compared with the packaged facts:")
    if after is None:
        yield Bilingual("les faits du paquet logiciel les remplacent :", "the packaged facts take their place:")
    old, new = (packaged_facts() if facts is None else facts for facts in (before, after))
    yield from facts_changes(old, new)


def verify_facts(workshop: Workshop) -> None:
    """Check that the facts that would be signed, if any, are such as gateways take: whoever staged them may err.

    Raises:
        CharterError: They are malformed, or contradict themselves; it names the first fact that does.
        WorkshopError: They are not in canonical form, or there is no charter here.
        StorageError: A file cannot be read.
    """
    facts = _staged_facts(workshop)
    if facts is not None and registry_from(facts, {}).canonical != facts:
        raise WorkshopError(
            Bilingual(
                f"{REGISTRY_TARGET} n'est pas écrit sous la forme canonique.",
                f"{REGISTRY_TARGET} is not spelled in the canonical form.",
            ),
            Bilingual("Proposez-le à nouveau : charter facts.", "Propose it again: charter facts."),
            param=REGISTRY_TARGET,
        )
