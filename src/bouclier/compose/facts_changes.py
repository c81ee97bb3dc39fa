"""What changes from one registry of facts to the next, fact by fact, in words for those who sign it.

A fact is told by its kind and its id, or by what it links where it has none. Which of its fields change is told, and
how, if that is short: nothing of it is left out, however long. Facts are compared as JSON and not as this version
understands them, so that a field it does not know is told too.

Where nothing was signed before, the packaged facts were in force, and are what is compared with.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NAMED_BY: Final[Mapping[str, Sequence[str]]] = {
    "edges": ("holder", "held"),
    "supplies": ("service", "role", "supplier"),
    "qualifications": ("service", "name"),
    "assessments": ("service", "objective"),
    "reaches": ("law", "whom"),
}
"""By what a fact is told, where it has no id."""
_MAX_SHOWN: Final = 60
_ABSENT: Final = object()
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeError, AttributeError, LookupError, TypeError, RecursionError)
"""What comes of bytes that are no JSON, or JSON of another shape."""

_Fact = dict[str, Any]


def facts_changes(before: bytes, after: bytes) -> Iterator[Bilingual]:
    """Yield what changes from one registry to another, one sentence a line.

    Args:
        before: The facts that were in force, in canonical form.
        after: Those that would be.
    """
    try:
        old, new = (_by_name(msgspec.json.decode(data)) for data in (before, after))
    except _UNREADABLE:
        yield Bilingual("les faits ne se lisent pas", "the facts cannot be read")
        return
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    changed = [name for name in sorted(old.keys() & new.keys()) if _spelled(old[name]) != _spelled(new[name])]
    yield Bilingual(
        f"faits : {len(come)} en plus, {len(gone)} en moins, {len(changed)} changés ({len(new)} en tout)",
        f"facts: {len(come)} more, {len(gone)} less, {len(changed)} changed ({len(new)} in all)",
    )
    for mark, names in (("−", gone), ("+", come)):
        for kind, name in names:
            yield _alike(f"{mark} {kind} {name}")
    for kind, name in changed:
        yield _alike(f"~ {kind} {name}: {_difference(old[kind, name], new[kind, name])}")


def _by_name(facts: Mapping[str, Any]) -> dict[tuple[str, str], list[_Fact]]:
    """Return facts by kind and name; several of one name, such as an edge's periods, together."""
    found: defaultdict[tuple[str, str], list[_Fact]] = defaultdict(list)
    for kind, listed in facts.items():
        if isinstance(listed, dict):
            found[_shown(kind), _shown(str(listed.get("id", "")))].append(listed)
        elif isinstance(listed, list):
            for fact in listed:
                found[_shown(kind), _shown(_name(kind, fact))].append(fact)
        else:
            found[_shown(kind), ""].append({"": listed})
    return found


def _name(kind: str, fact: _Fact) -> str:
    named_by = _NAMED_BY.get(kind)
    return str(fact["id"]) if named_by is None else " → ".join(str(fact[field]) for field in named_by)


def _difference(old: Sequence[_Fact], new: Sequence[_Fact]) -> str:
    if len(old) != 1 or len(new) != 1:
        return f"{len(old)} → {len(new)}"
    (was,), (now,) = old, new
    told: list[str] = []
    for field in sorted(was.keys() | now.keys()):
        one, other = was.get(field, _ABSENT), now.get(field, _ABSENT)
        shown = f"{_value(one)} → {_value(other)}"
        if _value(one) != _value(other):
            told.append(f"{_shown(field)} {shown}" if len(shown) <= _MAX_SHOWN else _shown(field))
    return ", ".join(told)


def _value(value: object) -> str:
    return "-" if value is _ABSENT else _shown(_spelled(value).decode())


def _spelled(value: object) -> bytes:
    # `1`, `1.0` and `true` are equal to Python, and not the same fact.
    return msgspec.json.encode(value, order="sorted")


def _shown(text: str) -> str:
    # Names come from a file that somebody else wrote: nothing of it may steer a terminal.
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _alike(line: str) -> Bilingual:
    return Bilingual(line, line)
