"""Draft orders from what a person gave, and tell what is left to write.

A template is a whole order in which what nobody gave yet says so. It can be read, so that its form is checked as it
grows, and it is never signed while it says so.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bouclier.charter.order_model import OrderError
from bouclier.charter.order_reading import parse_order
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bouclier.charter.order_model import Order

TO_WRITE: Final = Bilingual("À COMPLÉTER", "TO BE COMPLETED")
_TEMPLATE_DAYS: Final = 30
_PAIRS: Final = ("title", "reasons", "redress")


def draft_order(
    given: Mapping[str, str | Sequence[str]], *, now: datetime, days: int | None = None, template: bool = False
) -> Order:
    """Return an order made of what was given.

    Args:
        given: Values by field, such as `title.fr` or `effect.states`. `authority` follows from `id`.
        now: When it starts, unless `start` is given.
        days: How long it lasts, unless `expires` is given.
        template: Whether what is missing is filled with `TO_WRITE`.

    Raises:
        OrderError: Something is missing or malformed; `param` names the field.
    """
    fields: dict[str, object] = {"format": "bouclier-order/v1", "selector": {}}
    if template:
        fields |= _template(given)
    for path, value in given.items():
        key, _, inner = path.partition(".")
        if inner:
            object_ = fields.setdefault(key, {})
            assert isinstance(object_, dict)
            object_[inner] = value
        else:
            fields[key] = value
    fields.setdefault("authority", str(fields.get("id", "")).partition("/")[0])
    start = str(fields.setdefault("start", _spelled(now)))
    lasting = days if days is not None else _TEMPLATE_DAYS if template else None
    if "expires" not in fields and lasting is not None:
        fields["expires"] = _spelled(_moment(start) + timedelta(days=lasting))
    return parse_order(json.dumps(fields).encode())


def unwritten(order: Order) -> tuple[str, ...]:
    """Return the fields of an order that still say that they are to be written."""
    return tuple(path for path, text in _words(order) if TO_WRITE.fr in text or TO_WRITE.en in text)


def _words(order: Order) -> Iterator[tuple[str, str]]:
    yield "basis", order.basis
    for name in _PAIRS:
        pair = getattr(order, name)
        yield f"{name}.fr", pair.fr
        yield f"{name}.en", pair.en
    warning = getattr(order.effect, "warning", None)
    if warning is not None:
        yield "effect.warning.fr", warning.fr
        yield "effect.warning.en", warning.en


def _template(given: Mapping[str, str | Sequence[str]]) -> dict[str, object]:
    pair = {"fr": TO_WRITE.fr, "en": TO_WRITE.en}
    effect: dict[str, object] = {} if "effect.kind" in given else {"kind": "suspend"}
    if given.get("effect.kind") == "require-warning":
        effect["warning"] = dict(pair)
    texts: dict[str, object] = {name: dict(pair) for name in _PAIRS}
    return {"id": "authority/name", "basis": TO_WRITE.fr, "effect": effect, "scope": ["EU"], **texts}


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(start: str) -> datetime:
    try:
        return datetime.strptime(start, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise OrderError(
            Bilingual("start n'est pas une heure UTC.", "start is not a time in UTC."),
            Bilingual("Écrivez-la ainsi : 2026-11-22T10:00:00Z.", "Write it so: 2026-11-22T10:00:00Z."),
            param="start",
        ) from error
