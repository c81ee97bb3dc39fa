"""Surrogates: other values of the same kind, in place of tags, for the types that are set so.

A value gets one only if it stands alone everywhere (no letter or digit beside it, nor another finding), and if a value
can be made that is in no text of the exchange and stands for nothing else. Who asks for surrogates accepts that the
model cannot tell them from what it was really told, and that a name it makes up may, by chance, be one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bouclier.shield.cloak_settings import SECRET_TYPES
from bouclier.shield.drawing import Draw
from bouclier.shield.pseudonyms import plain
from bouclier.shield.reserved_numbers import identity_of, number_like
from bouclier.shield.shifted_dates import shifted
from bouclier.shield.surrogate_people import People
from bouclier.shield.surrogate_places import ORGANISATIONS, STREETS, TOWNS
from bouclier.shield.words import words_of
from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bouclier.shield.cloak_settings import CloakSettings
    from bouclier.shield.pseudonyms import ConversationKey
    from bouclier.terms.content import Finding

Value = tuple[EntityType, str]

_ATTEMPTS = 8
_SHORTEST_ALONE = 8
_SHORTEST = 3
_TAGGED = frozenset({EntityType.MRZ, EntityType.GPS})
_DATES = frozenset({EntityType.DATE, EntityType.BIRTH_DATE})
_BEFORE = 24


@dataclass(frozen=True, slots=True, repr=False)
class Surrogates:
    """What stands for what.

    Attributes:
        values: The surrogate of each value that has one.
        forms: In which other forms it may come back, with what each stands for.
    """

    values: Mapping[Value, str]
    forms: Mapping[Value, Sequence[tuple[str, str]]]

    @classmethod
    def none(cls) -> Surrogates:
        """Return no surrogates: everything has a tag."""
        return cls({}, {})

    @classmethod
    def drawn(
        cls,
        texts: Sequence[str],
        findings: Sequence[Sequence[Finding]],
        *,
        key: ConversationKey,
        settings: CloakSettings,
    ) -> Surrogates:
        """Return the surrogates of one exchange; see `cloak`."""
        return _Drawing(texts, findings, key, settings).surrogates()

    @property
    def also(self) -> dict[str, str]:
        """Forms in which surrogates may come back, where they mean one thing."""
        meant: dict[str, str | None] = {}
        for forms in self.forms.values():
            for form, original in forms:
                meant[form] = original if meant.setdefault(form, original) == original else None
        return {form: original for form, original in meant.items() if original is not None}

    def without(self, values: Collection[Value]) -> Surrogates:
        """Return these without some of them."""
        gone = set(values)
        return Surrogates(
            {value: surrogate for value, surrogate in self.values.items() if value not in gone},
            {value: forms for value, forms in self.forms.items() if value not in gone},
        )


class _Drawing:
    def __init__(
        self,
        texts: Sequence[str],
        findings: Sequence[Sequence[Finding]],
        key: ConversationKey,
        settings: CloakSettings,
    ) -> None:
        self._key = key
        self._texts = texts
        self._realistic = settings.realistic - SECRET_TYPES - _TAGGED
        self._values = _standing_alone(texts, findings, self._realistic)
        self._people = People(
            key,
            frozenset(word.folded for text in texts for word in words_of(text)),
            [(value, before) for (type_, value), before in self._values.items() if type_ is EntityType.PERSON],
        )
        days = key.number("shift") % (2 * settings.max_shift_days)
        self._shift = (
            days - settings.max_shift_days if days < settings.max_shift_days else days - settings.max_shift_days + 1
        )

    def surrogates(self) -> Surrogates:
        given: dict[str, Value] = {}
        forms: dict[Value, list[tuple[str, str]]] = {}
        for value in self._values:
            for attempt in range(_ATTEMPTS):
                made = self._made(*value, attempt)
                if made is None:
                    break
                if made not in given and len(made) >= _SHORTEST and not any(made in text for text in self._texts):
                    given[made] = value
                    forms[value] = list(self._forms(*value, made))
                    break
        return Surrogates({value: made for made, value in given.items()}, forms)

    def _made(self, type_: EntityType, value: str, attempt: int) -> str | None:
        if type_ in _DATES:
            return shifted(value, self._shift) if attempt == 0 else None
        if type_ is EntityType.PERSON:
            return self._people.name_like(value) if attempt == 0 else None
        if type_ is EntityType.EMAIL:
            return self._people.email_like(value) if attempt == 0 else None
        identity = plain(value) if type_ in _CHOICES else identity_of(type_, value)
        draw = Draw(self._key, "value", type_.value, identity, str(attempt))
        if type_ is EntityType.ADDRESS:
            return f"{draw.below(80) + 1} {draw.one_of(STREETS)}, 00{draw.digits(3)} {draw.one_of(TOWNS)}"
        if type_ in _CHOICES:
            made = draw.one_of(_CHOICES[type_])
            return made.upper() if value.isupper() and len(value) > 1 else made
        return number_like(type_, value, draw)

    def _forms(self, type_: EntityType, value: str, made: str) -> Iterator[tuple[str, str]]:
        if type_ is EntityType.PERSON:
            yield made.upper(), value.upper()
            yield from self._people.parts(value)
        elif type_ in _CHOICES:
            yield made.upper(), value.upper()
        elif type_ is EntityType.EMAIL:
            yield made.lower(), value.lower()
        elif type_ not in _DATES and type_ is not EntityType.ADDRESS:
            compact = "".join(filter(str.isalnum, made))
            if len(compact) >= _SHORTEST_ALONE:
                yield compact, "".join(filter(str.isalnum, value))


_CHOICES = {
    EntityType.LOCATION: TOWNS,
    EntityType.ORGANIZATION: ORGANISATIONS,
    EntityType.ADDRESS: STREETS,
}


def _standing_alone(
    texts: Sequence[str], findings: Sequence[Sequence[Finding]], types: Collection[EntityType]
) -> dict[Value, str]:
    """Return the values that stand alone wherever they are found, with what stands before them at first."""
    met: dict[Value, str] = {}
    beside: set[Value] = set()
    for text, found in zip(texts, findings, strict=True):
        borders = {one.start for one in found}
        last_end = -1
        for one in found:
            value = (one.type, text[one.start : one.end])
            alone = (
                one.start != last_end
                and one.end not in borders
                and not _joins(text[one.start - 1 : one.start])
                and not _joins(text[one.end : one.end + 1])
                and value[1].strip() == value[1] != ""
            )
            last_end = one.end
            if not alone:
                beside.add(value)
            elif one.type in types:
                met.setdefault(value, text[max(0, one.start - _BEFORE) : one.start])
    return {value: before for value, before in met.items() if value not in beside}


def _joins(character: str) -> bool:
    return character.isalnum() or character == "_"
