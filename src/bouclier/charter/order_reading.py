"""Read orders and mandates strictly, and write orders.

Authorities write their files with the tools they have, so order of keys and white space are free. All else has one
spelling: no key unknown or given twice, no time but `2026-11-22T10:00:00Z`, no text with a control or invisible
character in it (such text could show something else than it says). A message names the field and what was expected.
"""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final, NoReturn, TypeVar

import msgspec
from msgspec import Meta, Struct

from bouclier.charter.order_model import EFFECTS, MAX_ORDER_BYTES, ForbidJurisdiction, Mandate, Order, OrderError
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAX_AUTHORITIES_BYTES: Final = 1_000_000
_Read = TypeVar("_Read", bound=Struct)

_ORDER_HINT: Final = Bilingual(
    "Corrigez ce champ (specs/order-v1.md) ; tant que l'injonction ne se lit pas, elle n'a aucun effet.",
    "Correct this field (specs/order-v1.md); until the order can be read, it has no effect.",
)
_AUTHORITIES_HINT: Final = Bilingual(
    "Corrigez authorities.json (specs/order-v1.md) ; tant que la charte ne se charge pas, tout est refusé.",
    "Correct authorities.json (specs/order-v1.md); until the charter loads, everything is refused.",
)
_FORMS: Final[Mapping[str, Bilingual]] = MappingProxyType(
    {
        "format": Bilingual("« bouclier-order/v1 »", "'bouclier-order/v1'"),
        "id": Bilingual(
            "« autorite/nom » : minuscules, chiffres, tirets", "'authority/name': lower case, digits, hyphens"
        ),
        "supersedes": Bilingual("l'id d'une injonction, ou null", "the id of an order, or null"),
        "authority": Bilingual(
            "32 minuscules, chiffres, tirets au plus", "at most 32 lower-case letters, digits, hyphens"
        ),
        "kind": Bilingual(f"l'un de {', '.join(EFFECTS)}", f"one of {', '.join(EFFECTS)}"),
        "states": Bilingual("des États, à deux majuscules", "states, as two capitals"),
        "scope": Bilingual("des États, à deux majuscules, ou EU", "states, as two capitals, or EU"),
        "country": Bilingual("un État, à deux majuscules", "a state, as two capitals"),
        "law": Bilingual("l'id d'une loi : us-cloud-act, law-of-US", "the id of a law: us-cloud-act, law-of-US"),
        "openness": Bilingual("open ou closed", "open or closed"),
        "class": Bilingual("une classe, de public à restricted", "a class, from public to restricted"),
        "evaluation": Bilingual("minuscules, chiffres, tirets", "lower-case letters, digits, hyphens"),
        "start": Bilingual("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"),
        "expires": Bilingual("2026-12-22T10:00:00Z", "2026-12-22T10:00:00Z"),
        "effects": Bilingual(f"parmi {', '.join(EFFECTS)}", f"among {', '.join(EFFECTS)}"),
        "territory": Bilingual("des États, à deux majuscules, ou EU", "states, as two capitals, or EU"),
        "max_days": Bilingual("de 1 à 3650", "from 1 to 3650"),
        "fr": Bilingual("un texte, ni vide ni trop long", "a text, neither empty nor too long"),
        "en": Bilingual("un texte, ni vide ni trop long", "a text, neither empty nor too long"),
    }
)
_MISSING: Final = re.compile(r"missing required field `([^`]*)`")
_UNKNOWN: Final = re.compile(r"unknown field `([^`]*)`")
_LAST_KEY: Final = re.compile(r"([a-z_]+)(?:\[[^\]]*\])*$")
# Listed, so that readers agree whatever their Unicode tables: controls, what has no width, what turns the direction.
_INVISIBLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)


class _Authorities(Struct, frozen=True, forbid_unknown_fields=True, tag_field="format", tag="bouclier-authorities/v1"):
    authorities: Annotated[tuple[Mandate, ...], Meta(max_length=1000)]


def parse_order(data: bytes) -> Order:
    """Return the order these bytes spell.

    Whether its authority may issue it is for `overreach` to say.

    Args:
        data: An order file, UTF-8 JSON.

    Raises:
        OrderError: A field is missing, unknown, repeated or malformed; `param` names it.
    """
    order, raw = _read(data, Order, most=MAX_ORDER_BYTES, hint=_ORDER_HINT)
    for name in ("start", "expires"):
        if raw[name] != getattr(order, name).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0"):
            _refuse(name, "n'est pas écrit comme attendu", "is not spelled as expected", _ORDER_HINT)
    if order.id.partition("/")[0] != order.authority:
        _refuse("id", "ne commence pas par l'id de l'autorité", "does not begin with the authority's id", _ORDER_HINT)
    _refuse_repeated("scope", order.scope, _ORDER_HINT)
    if isinstance(order.effect, ForbidJurisdiction):
        _refuse_repeated("effect.states", order.effect.states, _ORDER_HINT)
    return order


def render_order(order: Order) -> bytes:
    """Return an order as a file people can read: JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(order), indent=2) + b"\n"


def parse_authorities(data: bytes) -> Mapping[str, Mandate]:
    """Return who may order what, by the authority's id.

    No id is the beginning of another one followed by a hyphen: ids of policies are made of an authority's and an
    order's, and two authorities must never be able to make the same.

    Args:
        data: `authorities.json` of a charter.

    Raises:
        OrderError: A field is missing, unknown, repeated or malformed, or two authorities can be confused.
    """
    read, _ = _read(data, _Authorities, most=_MAX_AUTHORITIES_BYTES, hint=_AUTHORITIES_HINT)
    mandates: dict[str, Mandate] = {}
    for place, mandate in enumerate(read.authorities):
        at = f"authorities[{place}]"
        if mandate.role != f"authority-{mandate.id}":
            _refuse(f"{at}.role", "doit être authority- et l'id", "must be authority- and the id", _AUTHORITIES_HINT)
        if any(_may_be_confused(mandate.id, other) for other in mandates):
            _refuse(
                f"{at}.id",
                "se confond avec une autre autorité (même id, ou le début d'un autre)",
                "can be confused with another authority (the same id, or the beginning of another)",
                _AUTHORITIES_HINT,
            )
        _refuse_repeated(f"{at}.effects", mandate.effects, _AUTHORITIES_HINT)
        _refuse_repeated(f"{at}.territory", mandate.territory, _AUTHORITIES_HINT)
        mandates[mandate.id] = mandate
    return MappingProxyType(mandates)


def _may_be_confused(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


def _read(data: bytes, kind: type[_Read], *, most: int, hint: Bilingual) -> tuple[_Read, dict[str, object]]:
    """Return a value, and the same as plain JSON."""
    if len(data) > most:
        _refuse("$", f"dépasse {most} octets", f"is larger than {most} bytes", hint)
    try:
        value = msgspec.json.decode(data, type=kind)
        # By now the shape is known, and so is how deep it goes.
        raw: dict[str, object] = json.loads(data, object_pairs_hook=_object_of)
    except msgspec.ValidationError as error:
        raise _explained(str(error), hint) from error
    except _RepeatedKeyError as error:
        raise _wrong(error.args[0], "est donné deux fois", "is given twice", hint) from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise _wrong("$", "n'est pas du JSON en UTF-8", "is not JSON in UTF-8", hint) from error
    for path, text in _texts(raw, ""):
        if not text.strip():
            _refuse(path, "est vide", "is empty", hint)
        if _INVISIBLE.search(_visible_part(path, text)) is not None:
            _refuse(path, "contient un caractère invisible", "contains an invisible character", hint)
    return value, raw


class _RepeatedKeyError(ValueError):
    """A JSON object has one key twice: readers would not agree on what it says."""


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read: dict[str, object] = {}
    for key, value in pairs:
        if key in read:
            raise _RepeatedKeyError(key)
        read[key] = value
    return read


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{place}]")


def _visible_part(path: str, text: str) -> str:
    """Return what must be visible of a text: all, but for the line feeds between paragraphs."""
    return text.replace("\n", "") if path.startswith(("reasons.", "redress.")) else text


def _refuse_repeated(path: str, values: tuple[str, ...], hint: Bilingual) -> None:
    if len(set(values)) < len(values):
        _refuse(path, "donne deux fois la même valeur", "gives the same value twice", hint)


def _explained(what: str, hint: Bilingual) -> OrderError:
    # msgspec ends its message with the path of the field: "... - at `$.effect.kind`".
    problem, _, at = what.rpartition(" - at `$") if " - at `$" in what else (what, "", "")
    path = at.rstrip("`").removeprefix(".")
    for pattern, fr, en in (
        (_MISSING, "manque", "is missing"),
        (_UNKNOWN, "est inconnu", "is unknown"),
    ):
        if (found := pattern.search(problem)) is not None:
            return _wrong(f"{path}.{found[1]}" if path else found[1], fr, en, hint)
    return _wrong(path or "$", "n'est pas écrit comme attendu", "is not spelled as expected", hint)


def _refuse(path: str, fr: str, en: str, hint: Bilingual) -> NoReturn:
    raise _wrong(path, fr, en, hint)


def _wrong(path: str, fr: str, en: str, hint: Bilingual) -> OrderError:
    # A name of a field may come from the file: it is shown as it can be shown, and not at any length.
    shown = ascii(path[:80])[1:-1]
    last = _LAST_KEY.search(path)
    form = _FORMS.get(last[1]) if last is not None else None
    wanted_fr, wanted_en = (f" (attendu : {form.fr})", f" (expected: {form.en})") if form is not None else ("", "")
    return OrderError(Bilingual(f"{shown} {fr}{wanted_fr}.", f"{shown} {en}{wanted_en}."), hint, param=shown)
