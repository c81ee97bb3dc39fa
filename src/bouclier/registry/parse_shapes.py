"""Read files of facts strictly, each fact by itself: one that is malformed hides nothing that is wrong elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import inspect

from bouclier.registry.free_text import IN_BOTH, ONE_TEXT, BilingualText
from bouclier.registry.model import (
    FORMAT,
    Assessment,
    Edge,
    Entity,
    Fact,
    Facts,
    Law,
    LegalArea,
    Model,
    Qualification,
    Reach,
    Served,
    Service,
    Site,
    Supply,
)
from bouclier.registry.parse_flaws import CORRECT, Flaws, Place
from bouclier.registry.parse_positions import line_at, repeated
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final[Mapping[str, type[Fact]]] = {
    "entities": Entity,
    "edges": Edge,
    "sites": Site,
    "services": Service,
    "supplies": Supply,
    "qualifications": Qualification,
    "assessments": Assessment,
    "laws": Law,
    "reaches": Reach,
    "models": Model,
    "deployments": Served,
}
"""What the lists of a file hold."""

IDENTIFIED: Final = ("entities", "sites", "services", "laws", "models", "deployments")
"""The lists whose facts have an id."""

_FIELDS: Final = ("format", "area", *KINDS)
_STEP: Final = re.compile(r"\.([^.\[]+)|\[([0-9]+)\]")
_BYTE: Final = re.compile(r"\(byte ([0-9]+)\)")
_MISSING: Final = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.+)`", re.DOTALL)
_VALUE: Final = re.compile(r"Invalid enum value '(.+)'", re.DOTALL)
_KIND: Final = re.compile(r"Expected `([a-z |]+)`, got `([a-z]+)`")
_COUNT: Final = re.compile(r"Expected `array` of length ([0-9]+), got ([0-9]+)")
_BOUND: Final = re.compile(r"Expected `[a-z]+` ([<>]=? [0-9.]+)")
_KINDS_SAID: Final[Mapping[str, Bilingual]] = {
    "object": Bilingual("un objet", "an object"),
    "array": Bilingual("une liste", "a list"),
    "str": Bilingual("un texte", "a text"),
    "int": Bilingual("un nombre entier", "a whole number"),
    "float": Bilingual("un nombre", "a number"),
    "bool": Bilingual("vrai ou faux", "true or false"),
    "null": Bilingual("rien", "nothing"),
}
_SPELLINGS: Final[Mapping[str, Bilingual]] = {
    "ISO 3166-1 alpha-2": Bilingual(
        "deux capitales, code d'État ISO 3166-1 alpha-2 : FR, DE…", "two capitals, ISO 3166-1 alpha-2: FR, DE..."
    ),
    "Lower-case words joined by - or .": Bilingual(
        "des mots en minuscules et chiffres, joints par - ou .",
        "words of lower-case letters and digits, joined by - or .",
    ),
    ONE_TEXT: Bilingual("un texte de 1 à 2000 caractères", "a text of 1 to 2000 characters"),
    IN_BOTH: Bilingual(
        'un texte, ou {"fr": "…", "en": "…"} pour le dire dans les deux langues',
        'a text, or {"fr": "...", "en": "..."} to say it in both languages',
    ),
    "Percent, 0 to 100": Bilingual("un pourcentage, de 0 à 100", "a percentage, 0 to 100"),
    "Year, month or day": Bilingual("2026, 2026-11 ou 2026-11-22", "2026, 2026-11 or 2026-11-22"),
    "Year, month or day the fact dates from": Bilingual("2026, 2026-11 ou 2026-11-22", "2026, 2026-11 or 2026-11-22"),
}


@dataclass(slots=True)
class Gathered:
    """The facts of several files, and what is wrong with them so far.

    Attributes:
        facts: By the name of their list; the places are in `flaws`, in the same order.
        areas: The legal areas said, and where.
        broken_ids: Ids of facts that are malformed: who cites them is not wrong for that.
        flaws: What is wrong.
    """

    facts: dict[str, list[Any]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    areas: list[tuple[LegalArea, Place]] = field(default_factory=list)
    broken_ids: set[str] = field(default_factory=set)
    flaws: Flaws = field(default_factory=lambda: Flaws({kind: [] for kind in KINDS}))

    def read(self, file: str, data: bytes) -> None:
        """Add the facts of a file, and note what is malformed in it."""
        if not self._is_json(file, data):
            return
        try:
            whole = msgspec.json.decode(data, type=Facts)
        except msgspec.ValidationError:
            self._read_one_by_one(file, data)
            return
        for kind in KINDS:
            facts = getattr(whole, kind)
            self.facts[kind].extend(facts)
            self.flaws.places[kind].extend(Place(file, (kind, index)) for index in range(len(facts)))
        if whole.area is not None:
            self.areas.append((whole.area, Place(file, ("area",))))

    def _is_json(self, file: str, data: bytes) -> bool:
        """Return whether a file is JSON, once what is wrong with it as such is noted."""
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.flaws.at(Place(file, ()), Bilingual("ce n'est pas de l'UTF-8", "this is not UTF-8"), line=line)
            return False
        try:
            msgspec.json.decode(data)
            for path, line in repeated(text).items():
                self.flaws.at(Place(file, path), Bilingual("clé donnée deux fois", "key given twice"), line=line)
        except msgspec.DecodeError as error:
            byte = _BYTE.search(str(error))
            offset = len(data[: int(byte[1])].decode(errors="ignore")) if byte else len(text)
            cut = Bilingual(
                "ce n'est pas du JSON : il s'arrête avant la fin", "this is not JSON: it stops before its end"
            )
            what = cut if byte is None else Bilingual("ce n'est pas du JSON", f"this is not JSON ({error})")
            self.flaws.at(Place(file, ()), what, _NOT_JSON, line=line_at(text, offset))
            return False
        except RecursionError:
            self.flaws.at(Place(file, ()), Bilingual("imbriqué trop profond", "nested too deep"), line=1)
            return False
        return True

    def _read_one_by_one(self, file: str, data: bytes) -> None:
        raw = msgspec.json.decode(data)
        if not isinstance(raw, dict):
            what = Bilingual("il faut un objet JSON", "a JSON object is expected")
            self.flaws.at(Place(file, ()), what, _FORMAT_HINT, line=1)
            return
        if raw.get("format") != FORMAT:
            at = Place(file, ("format",) if "format" in raw else ())
            self.flaws.at(at, Bilingual("le format n'est pas dit", "the format is not said"), _FORMAT_HINT)
        for name in raw:
            if name not in _FIELDS:
                self.flaws.at(Place(file, (name,)), _no_such_field(name), self.flaws.near(name, _FIELDS))
        area = raw.get("area")
        if area is not None:
            place = Place(file, ("area",))
            read = self._converted(area, LegalArea, place)
            if isinstance(read, LegalArea):
                self.areas.append((read, place))
        for kind in KINDS:
            self._read_list(file, kind, raw.get(kind, []))

    def _read_list(self, file: str, kind: str, listed: object) -> None:
        if not isinstance(listed, list):
            self.flaws.at(Place(file, (kind,)), Bilingual("il faut une liste", "a list is expected"))
            return
        for index, value in enumerate(listed):
            place = Place(file, (kind, index))
            fact = self._converted(value, KINDS[kind], place)
            if fact is not None:
                self.facts[kind].append(fact)
                self.flaws.places[kind].append(place)

    def _converted(self, value: object, kind: type[Fact], place: Place) -> Fact | None:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self._malformed(kind, place, str(error))
        identifier = value.get("id") if isinstance(value, dict) else None
        if isinstance(identifier, str):
            self.broken_ids.add(identifier)
        return None

    def _malformed(self, kind: type[Fact], place: Place, error: str) -> None:
        """Note what msgspec says is wrong, `... - at `$.share``, in words a person can act upon."""
        problem, _, at = error.partition(" - at `")
        steps = tuple(name or int(index) for name, index in _STEP.findall(at.rstrip("`")))
        shape = _shape_at(inspect.type_info(kind), steps)
        hint = CORRECT
        if missing := _MISSING.fullmatch(problem):
            message = Bilingual(f"il manque le champ « {missing[1]} »", f"the field '{missing[1]}' is missing")
            hint = _BOTH_LANGUAGES if _is_bilingual(shape) else CORRECT
        elif unknown := _UNKNOWN.fullmatch(problem):
            steps = (*steps, unknown[1])
            message = _no_such_field(unknown[1])
            known = [one.encode_name for one in getattr(_object_in(shape), "fields", ())]
            hint = _BOTH_LANGUAGES if _is_bilingual(shape) else self.flaws.near(unknown[1], known)
        elif value := _VALUE.fullmatch(problem):
            message = Bilingual(f"« {value[1]} » n'est pas une valeur possible", f"'{value[1]}' is no possible value")
            hint = _one_of(_values_of(shape))
        else:
            message = _misfit(problem)
            hint = _BOTH_LANGUAGES if _is_bilingual(shape) else CORRECT
            spelling = _SPELLINGS.get(_description_of(shape))
            if spelling is not None:
                message = Bilingual("valeur mal écrite", "misspelt value")
                hint = Bilingual(f"il faut {spelling.fr}", f"it must be {spelling.en}")
        self.flaws.at(Place(place.file, (*place.path, *steps)), message, hint)


_BOTH_LANGUAGES: Final = Bilingual(
    'Un texte dans les deux langues s\'écrit {"fr": "…", "en": "…"} ; ni l\'une ni l\'autre ne peut manquer.',
    'A text in both languages is written {"fr": "...", "en": "..."}; neither may lack.',
)
_NOT_JSON: Final = Bilingual("Corrigez la ponctuation à cette ligne.", "Correct the punctuation on this line.")
_FORMAT_HINT: Final = Bilingual(
    f'Le fichier commence par {{"format": "{FORMAT}", …}}.', f'The file begins with {{"format": "{FORMAT}", ...}}.'
)


def _misfit(problem: str) -> Bilingual:
    """Return what msgspec says of a value of another kind, or out of bounds, in words."""
    if kinds := _KIND.fullmatch(problem):
        wanted, got = (_KINDS_SAID.get(kind) for kind in (kinds[1].partition(" | ")[0], kinds[2]))
        if wanted and got:
            return Bilingual(f"il faut {wanted.fr}, et non {got.fr}", f"{wanted.en} is expected, and not {got.en}")
    if counted := _COUNT.fullmatch(problem):
        many, found = counted.groups()
        return Bilingual(f"il faut {many} valeurs, et non {found}", f"{many} values are expected, and not {found}")
    if bounded := _BOUND.fullmatch(problem):
        return Bilingual(f"hors limites : il faut {bounded[1]}", f"out of bounds: it must be {bounded[1]}")
    if "matching regex" in problem:
        return Bilingual("valeur mal écrite", "misspelt value")
    return Bilingual(f"valeur incorrecte ({problem})", f"wrong value ({problem})")


def _no_such_field(name: str) -> Bilingual:
    return Bilingual(f"le champ « {name} » n'existe pas ici", f"there is no field '{name}' here")


def _one_of(values: tuple[str, ...]) -> Bilingual:
    fr = ", ".join(f"{value} ({_MEANT[value].fr})" if value in _MEANT else value for value in values)
    en = ", ".join(f"{value} ({_MEANT[value].en})" if value in _MEANT else value for value in values)
    return Bilingual(f"Il faut l'une de ces valeurs : {fr}.", f"It must be one of these: {en}.")


_MEANT: Final[Mapping[str, Bilingual]] = {
    "company": Bilingual("société", "a firm"),
    "state": Bilingual("État", "a country"),
    "public-body": Bilingual("collectivité, établissement public", "an authority, a public institution"),
    "non-profit": Bilingual("association, fondation", "an association, a foundation"),
    "consortium": Bilingual("groupement", "several together"),
    "people": Bilingual("une ou des personnes physiques", "one or more natural persons"),
    "dispersed": Bilingual("de nombreux petits porteurs ensemble", "many small holders together"),
    "institution": Bilingual("la vôtre", "your own"),
    "inference-api": Bilingual("modèle servi", "a model served"),
    "hosting": Bilingual("machines louées", "machines rented"),
    "platform": Bilingual("outil en ligne", "an online tool"),
    "software": Bilingual("logiciel", "software"),
}
"""What values say that their name alone does not."""


def _shape_at(shape: inspect.Type, steps: tuple[str | int, ...]) -> inspect.Type | None:
    """Return the type wanted at a path inside a fact; None if there is none there."""
    found: inspect.Type | None = shape
    for step in steps:
        found = _object_in(found)
        if isinstance(found, inspect.StructType):
            found = next((known.type for known in found.fields if known.encode_name == step), None)
        elif isinstance(found, inspect.VarTupleType):
            found = found.item_type
        elif isinstance(found, inspect.TupleType):
            found = found.item_types[0]
        else:
            return None
    return found


def _bare(shape: inspect.Type | None) -> inspect.Type | None:
    """Return a type without its description and without `or null`."""
    while isinstance(shape, inspect.Metadata | inspect.UnionType):
        if isinstance(shape, inspect.Metadata):
            shape = shape.type
        else:
            shape = next((part for part in shape.types if not isinstance(part, inspect.NoneType)), None)
    return shape


def _object_in(shape: inspect.Type | None) -> inspect.Type | None:
    """Return the type of what has fields or items where a value may also be none or a plain text."""
    bare = shape.type if isinstance(shape, inspect.Metadata) else shape
    if isinstance(bare, inspect.UnionType):
        within = map(_object_in, bare.types)
        return next((part for part in within if not isinstance(part, inspect.NoneType | inspect.StrType)), None)
    return bare


def _is_bilingual(shape: inspect.Type | None) -> bool:
    inner = _object_in(shape)
    return isinstance(inner, inspect.StructType) and inner.cls is BilingualText


def _values_of(shape: inspect.Type | None) -> tuple[str, ...]:
    bare = _bare(shape)
    if isinstance(bare, inspect.LiteralType):
        return tuple(str(value) for value in bare.values)
    if isinstance(bare, inspect.EnumType):
        return tuple(str(value.value) for value in bare.cls)
    return ()


def _description_of(shape: inspect.Type | None) -> str:
    if isinstance(shape, inspect.UnionType):
        shape = next((part for part in shape.types if not isinstance(part, inspect.NoneType)), None)
    described = shape.extra_json_schema if isinstance(shape, inspect.Metadata) else None
    return str((described or {}).get("description", ""))
