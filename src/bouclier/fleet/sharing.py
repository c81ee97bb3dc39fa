"""What gateways tell one another of deployments, and what operators announce: how it is spelled, and which word counts.

Rules this module keeps:
  * what leaves a gateway is durations, never moments: no clock has to agree with another;
  * one spelling per value: `parse(render(x)) == x`, what parses renders to the same bytes, anything else is refused;
  * nothing here names a person's content, a conversation or an exchange: counts, durations, and names of deployments
    and sites that the institution configured; and the name of the operator's key that announces;
  * of two announcements of one deployment the later counts, and one of a whole site ends what was said before of its
    deployments. Merging is commutative, associative and idempotent, so that gateways agree in whatever order they hear.

Where it is kept, and by whose clock it ends, is the adapters' business (`fleet.ports.FleetShare`). Format:
`specs/fleet-share-v1.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple, TypeVar

import msgspec
from msgspec import Meta

from bouclier.fleet.book_model import Announcement, Shared, SharedDeployment, Standing
from bouclier.terms.errors import Bilingual, OperatorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_BYTES: Final = 1_000_000
"""Longest text that is read."""
MAX_SLOTS: Final = 100_000
"""Most exchanges at once that anybody may announce."""
MAX_FOR_MS: Final = 31 * 86_400_000
"""Longest that an announcement with an end may hold: 31 days."""
_SHARED: Final = "bouclier-fleet-share/v1"
_ANNOUNCED: Final = "bouclier-fleet-announcements/v1"
_MAX_MS: Final = 2**53 - 1
_MAX_DEPLOYMENTS: Final = 10_000

_Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}\Z")]
_NameOrNone = Annotated[str, Meta(pattern=r"^([A-Za-z0-9][A-Za-z0-9._:/-]{0,127})?\Z")]
_Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._@:/-]{0,193}\Z")]
_Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
_Count = Annotated[int, Meta(ge=0, le=1_000_000)]
_Ms = Annotated[int, Meta(ge=0, le=_MAX_MS)]


class Trouble(StrEnum):
    """Why what is shared cannot be reached, or read."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed-out"
    REFUSED = "refused"
    READ_ONLY = "read-only"
    FULL = "full"
    NEWER = "newer"
    MALFORMED = "malformed"
    OTHER = "other"


_WORDS: Final = {
    Trouble.UNREACHABLE: Bilingual("il ne répond pas", "it does not answer"),
    Trouble.TIMED_OUT: Bilingual("il répond trop tard", "it answers too late"),
    Trouble.REFUSED: Bilingual("il refuse ce compte, ou ce qu'il demande", "it refuses this account, or what it asks"),
    Trouble.READ_ONLY: Bilingual("il n'accepte que des lectures", "it accepts reading only"),
    Trouble.FULL: Bilingual("il n'a plus de place ou de connexions", "it has no space or connections left"),
    Trouble.NEWER: Bilingual("une passerelle plus récente l'a mis à jour", "a newer gateway has upgraded it"),
    Trouble.MALFORMED: Bilingual("ce qui y est gardé ne se lit pas", "what is kept there cannot be read"),
    Trouble.OTHER: Bilingual("il a répondu par une erreur", "it answered with an error"),
}


class SharingError(OperatorError):
    """What gateways share cannot be reached or read; each goes on alone with what it knows.

    Attributes:
        trouble: The reason, in a word.
        detail: What a specialist wants to know, such as an SQLSTATE; never a message, which could quote anything.
    """

    code = "sharing_unavailable"

    def __init__(self, trouble: Trouble, detail: str = "", *, param: str | None = None) -> None:
        words = _WORDS[trouble]
        more = f" ({detail})" if detail else ""
        super().__init__(
            Bilingual(
                f"Le partage entre passerelles : {words.fr}{more}.", f"Sharing between gateways: {words.en}{more}."
            ),
            Bilingual(
                "Vérifiez fleet.share et ce serveur ; les échanges continuent, chaque passerelle seule.",
                "Check fleet.share and that server; exchanges go on, each gateway alone.",
            ),
            param=param,
        )
        self.trouble = trouble
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Line:
    """One announcement of one deployment, or of a whole site.

    Attributes:
        id: Of the announcement, random, 32 hexadecimal digits: the lines of one share it.
        site: The site.
        deployment: Its name; empty for the whole site.
        state: Whether it takes new exchanges.
        slots: Exchanges it serves at once; None when this line does not say.
        by: Who announced it.
        age_ms: How long ago.
        for_ms: How much longer it holds; None until another.
    """

    id: str
    site: str
    deployment: str
    state: Standing
    slots: int | None
    by: str
    age_ms: int
    for_ms: int | None

    @property
    def place(self) -> tuple[str, str]:
        """Of what it speaks: only one line of a place counts."""
        return (self.site, self.deployment)

    def later(self, ms: int) -> Line:
        """Return it as it is after some milliseconds; one whose end has come holds for 0."""
        left = None if self.for_ms is None else max(self.for_ms - ms, 0)
        return replace(self, age_ms=self.age_ms + ms, for_ms=left)


class Kept(NamedTuple):
    """Announcements as a file holds them.

    Attributes:
        at_ms: When it was written, milliseconds since 1970-01-01 UTC: their ages are as of then.
        lines: Them.
    """

    at_ms: int
    lines: tuple[Line, ...]


def lines_of(announcement: Announcement, announcement_id: str) -> tuple[Line, ...]:
    """Return an announcement as lines: the whole site's first, if it speaks of it, then each deployment's by name."""
    named = set(announcement.deployments) if announcement.deployments else {"", *announcement.slots}
    return tuple(
        Line(
            id=announcement_id,
            site=announcement.site,
            deployment=name,
            state=announcement.state,
            slots=announcement.slots.get(name),
            by=announcement.by,
            age_ms=0,
            for_ms=announcement.for_ms,
        )
        for name in sorted(named)
    )


def announcement_of(line: Line) -> Announcement:
    """Return what a line says, as it is told to a `FleetBook`."""
    return Announcement(
        site=line.site,
        deployments=(line.deployment,) if line.deployment else (),
        state=line.state,
        slots={} if line.slots is None else {line.deployment: line.slots},
        for_ms=line.for_ms,
        by=line.by,
    )


def merged(*several: Iterable[Line]) -> tuple[Line, ...]:
    """Return what counts of lines that were heard in several places, in the order in which they were said.

    Ages must be as of the same moment. Told in this order to a `FleetBook`, the later word wins.
    """
    newest: dict[tuple[str, str], Line] = {}
    for lines in several:
        for line in lines:
            known = newest.get(line.place)
            if known is None or _rank(line) > _rank(known):
                newest[line.place] = line
    counting = [line for line in newest.values() if not _is_ended_by(line, newest.get((line.site, "")))]
    return tuple(sorted(counting, key=_rank))


def _is_ended_by(line: Line, whole: Line | None) -> bool:
    """Tell whether a later word on the whole site ended what was said of one deployment."""
    return whole is not None and line.id != whole.id and _rank(line)[:2] < _rank(whole)[:2]


def _rank(line: Line) -> tuple[int, str, str, str, str, int, int, str]:
    """Return what orders lines: the later said, then anything that is the same wherever it is compared."""
    left = -1 if line.for_ms is None else line.for_ms
    slots = -1 if line.slots is None else line.slots
    return (-line.age_ms, line.id, line.site, line.deployment, line.state, slots, left, line.by)


def aged(shared: Shared, age_ms: int, *, lease_ms: int) -> Shared:
    """Return what a gateway said some milliseconds ago as it holds now.

    Args:
        shared: What it said.
        age_ms: How long ago.
        lease_ms: How much longer it counts.
    """
    deployments = {
        name: replace(one, open_ms=max(one.open_ms - age_ms, 0), hold_ms=max(one.hold_ms - age_ms, 0))
        for name, one in shared.deployments.items()
    }
    return Shared({name: one for name, one in deployments.items() if one != SharedDeployment()}, lease_ms)


class _Deployment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    in_flight: _Count
    open_ms: _Ms
    hold_ms: _Ms


class _Shared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    lease_ms: _Ms
    deployments: Annotated[dict[_Name, _Deployment], Meta(max_length=_MAX_DEPLOYMENTS)]


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: _Id
    site: _Name
    deployment: _NameOrNone
    state: Standing
    slots: Annotated[int, Meta(ge=1, le=MAX_SLOTS)] | None
    by: _Key
    age_ms: _Ms
    for_ms: _Ms | None


class _Announced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    at_ms: _Ms
    lines: Annotated[list[_Line], Meta(max_length=_MAX_DEPLOYMENTS)]


_Read = TypeVar("_Read", _Shared, _Announced)


def render_shared(shared: Shared) -> str:
    """Return what a gateway shares as text: canonical JSON, deployments by name, those that are idle left out."""
    deployments = {
        name: _Deployment(one.in_flight, one.open_ms, one.hold_ms)
        for name, one in sorted(shared.deployments.items())
        if one != SharedDeployment()
    }
    return msgspec.json.encode(_Shared(_SHARED, shared.lease_ms, deployments)).decode()


def parse_shared(text: str) -> Shared:
    """Return what a gateway shares.

    Raises:
        SharingError: It is not spelled as `render_shared` does.
    """
    read = _read(text, _Shared, _SHARED)
    named = {name: SharedDeployment(one.in_flight, one.open_ms, one.hold_ms) for name, one in read.deployments.items()}
    shared = Shared(named, read.lease_ms)
    _check_spelling(text, render_shared(shared))
    return shared


def render_announced(kept: Kept) -> str:
    """Return announcements as the text of a file: canonical JSON, as `merged` orders them."""
    lines = [
        _Line(line.id, line.site, line.deployment, line.state, line.slots, line.by, line.age_ms, line.for_ms)
        for line in merged(kept.lines)
    ]
    return msgspec.json.encode(_Announced(_ANNOUNCED, kept.at_ms, lines)).decode()


def parse_announced(text: str) -> Kept:
    """Return the announcements of a file.

    Raises:
        SharingError: They are not spelled as `render_announced` does.
    """
    read = _read(text, _Announced, _ANNOUNCED)
    kept = Kept(read.at_ms, tuple(line_of(msgspec.structs.asdict(line)) for line in read.lines))
    _check_spelling(text, render_announced(kept))
    return kept


def line_of(fields: Mapping[str, object]) -> Line:
    """Return a line from its fields by name, each checked: what a database holds was perhaps not written by us.

    Raises:
        SharingError: One is missing, unknown, or not what a line holds.
    """
    try:
        read = msgspec.convert(fields, _Line)
    except msgspec.ValidationError as error:
        raise SharingError(Trouble.MALFORMED) from error
    return Line(read.id, read.site, read.deployment, read.state, read.slots, read.by, read.age_ms, read.for_ms)


def _read(text: str, shape: type[_Read], name: str) -> _Read:
    if len(text) > MAX_BYTES:
        raise SharingError(Trouble.MALFORMED)
    try:
        read = msgspec.json.decode(text, type=shape)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise SharingError(Trouble.MALFORMED) from error
    if read.format != name:
        raise SharingError(Trouble.MALFORMED)
    return read


def _check_spelling(text: str, rendered: str) -> None:
    if text != rendered:
        raise SharingError(Trouble.MALFORMED)
