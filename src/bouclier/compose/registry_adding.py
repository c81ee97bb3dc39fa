"""Adding to the institution's own facts: read with all the others first, written whole or not at all.

They are in one file of the data folder. What is added may be other files of facts, or one fact said on a command line
as `entity id=nuage-ville name="Nuage de la ville" ...`; the field names are those of the format.
"""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from bouclier.compose.registry_arguments import error_of_arguments, is_said
from bouclier.compose.registry_facts import FACTS_FILE
from bouclier.compose.registry_paths import check_text, files_given, paths_given
from bouclier.compose.registry_reading import base_files
from bouclier.compose.whole_files import write_whole
from bouclier.registry import SELF, flaws_of
from bouclier.registry.adapters.registry_files import is_there, own_files
from bouclier.registry.model import FORMAT, Facts
from bouclier.registry.parse import apart, canonical_bytes, merged
from bouclier.registry.parse_contradictions import identity_of
from bouclier.registry.parse_days import flaws_ahead
from bouclier.registry.parse_flaws import error_of
from bouclier.registry.parse_shapes import KINDS
from bouclier.registry.shown import clean
from bouclier.registry.suggest import nearest
from bouclier.terms.errors import Bilingual, ConfigurationError, StorageError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from bouclier.compose.configuration import Configuration
    from bouclier.registry.parse_flaws import Flaw

ONE: Final[Mapping[str, str]] = {
    "entity": "entities",
    "edge": "edges",
    "site": "sites",
    "service": "services",
    "supply": "supplies",
    "qualification": "qualifications",
    "assessment": "assessments",
    "law": "laws",
    "reach": "reaches",
    "model": "models",
    "deployment": "deployments",
}
"""What one fact is called on a command line, and the list of a file it goes to."""

_LISTS: Final = frozenset({"listed_in", "sites", "countries", "staff", "signs", "triggers", "origin", "names"})
_NUMBERS: Final = frozenset({"share", "votes", "pue", "seal", "score"})
_INTERVALS: Final = frozenset({"parameters_b", "active_b"})
_BILINGUAL: Final = frozenset({"title", "allows", "note"})
_FREE: Final = frozenset({"name", "notes", "hq", "scope", "basis", "through", "source"})
"""Texts in both languages, said as `notes.fr=` and `notes.en=`, or as they are, said as `notes=`."""
_LANGUAGES: Final = frozenset({"fr", "en"})
_YES_OR_NO: Final = frozenset({"ultimate", "publishes_only", "veto", "controls"})


class Added(NamedTuple):
    """What was added.

    Attributes:
        path: Where it was written.
        added: Facts that are new.
        replaced: Facts of the institution's own that were replaced.
    """

    path: Path
    added: int
    replaced: int


def fact_said(kind: str, fields: Sequence[str], *, today: dt.date) -> bytes:
    """Return a file with one fact, as said on a command line.

    What is not said: it dates from today, nobody looked it up (`unverified`), and the institution vouches for it.

    Args:
        kind: Such as `entity`.
        fields: Each `name=value`; lists with commas, `yes` or `no`, `source=what to look up`; a text in both languages
            as `notes.fr=` and `notes.en=`.
        today: The day, UTC.

    Raises:
        ConfigurationError: A field is not of this form, is not UTF-8, or is given twice.
    """
    fact: dict[str, Any] = {"as_of": today.isoformat(), "confidence": "unverified", "signer": SELF}
    both: dict[str, dict[str, str]] = {}
    given = set[tuple[str, str]]()
    for field in fields:
        check_text(field, param=field.partition("=")[0].encode(errors="replace").decode())
        name, equals, text = field.partition("=")
        if not equals or not name:
            raise ConfigurationError(
                Bilingual(
                    f"« {field} » n'est pas de la forme nom=valeur.", f"'{field}' is not of the form name=value."
                ),
                Bilingual(
                    'Par exemple : entity id=nuage-ville name="Nuage de la ville" kind=company source="convention 3"',
                    'For example: entity id=city-cloud name="City cloud" kind=company source="contract 3"',
                ),
                param=field,
            )
        of, _, language = name.rpartition(".")
        in_one = of in _BILINGUAL | _FREE and language in _LANGUAGES
        _check_once(of if in_one else name, language if in_one else "", given)
        if in_one:
            texts = both.setdefault(of, {})
            texts[language] = text
            fact[of] = _sourced(texts) if of == "source" else texts
        else:
            fact[name] = _value(name, text)
    return msgspec.json.format(msgspec.json.encode({"format": FORMAT, ONE[kind]: [fact]}), indent=2)


def _check_once(name: str, language: str, given: set[tuple[str, str]]) -> None:
    """Refuse a field that was given before, in this language or in none: the last would hide the first."""
    again = {(name, language), (name, "")} & given or (language == "" and {(name, of) for of in _LANGUAGES} & given)
    if again:
        shown = clean(f"{name}.{language}" if language else name, 60)
        raise ConfigurationError(
            Bilingual(
                f"Rien n'est ajouté. {shown} : ce champ est donné deux fois.",
                f"Nothing is added. {shown}: this field is given twice.",
            ),
            Bilingual(
                f"Gardez un seul {shown}=… ; plusieurs valeurs d'une liste se séparent par des virgules.",
                f"Keep one {shown}=... only; several values of a list are separated by commas.",
            ),
            param=shown,
        )
    given.add((name, language))


def _sourced(ref: str | dict[str, str]) -> dict[str, Any]:
    return {"kind": "declared", "ref": ref}


def _value(name: str, text: str) -> object:  # noqa: PLR0911 -- one kind of field a line
    if name == "source":
        return _sourced(text)
    if name in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if name in _YES_OR_NO and text in {"yes", "no", "oui", "non"}:
        return text in {"yes", "oui"}
    if name in _BILINGUAL:
        return {"fr": text, "en": text}
    try:
        if name in _INTERVALS:
            low, _, high = text.partition("-")
            return [float(low), float(high or low)]
        return float(text) if name in _NUMBERS and name != "seal" else int(text) if name in _NUMBERS else text
    except ValueError:
        return text


def files_said(names: Sequence[str]) -> Mapping[str, bytes]:
    """Return files of facts named on a command line, by name.

    Raises:
        ConfigurationError: One cannot be read, is an empty name or a folder without files of facts. If the first is no
            file, and is no name of one or has fields after it, the hint says what one fact is called.
    """
    check_text(names[0], param="FILE|KIND")
    paths = paths_given(names, param="FILE|KIND")
    near = nearest(names[0], ONE)
    looks_a_kind = near is not None or not paths[0].suffix or any("=" in name for name in names[1:])
    if looks_a_kind and not is_there(paths[0]):
        kinds = ", ".join(ONE)
        meant = Bilingual(f"Vouliez-vous dire « {near} » ?", f"Did you mean '{near}'?")
        every = Bilingual(f"Les sortes de fait : {kinds}.", f"The kinds of fact: {kinds}.")
        raise ConfigurationError(
            Bilingual(
                f"{names[0]} n'est ni un fichier ni une sorte de fait.", f"{names[0]} is no file and no kind of fact."
            ),
            every if near is None else meant,
            param=names[0],
        )
    return files_given(names, param="FILE|KIND")


def add_facts(
    configuration: Configuration,
    additions: Mapping[str, bytes],
    *,
    today: dt.date,
    replace: bool = False,
    said: tuple[str, Sequence[str]] | None = None,
) -> Added:
    """Add facts to the institution's own, once they agree with all the others.

    Args:
        configuration: The settings.
        additions: Files of facts, by name.
        today: The day, UTC: what is added dates from it or from before.
        replace: Whether they take the place of the institution's own on the same thing.
        said: Kind and arguments of the one fact, if it was said on a command line.

    Raises:
        ConfigurationError: A fact is malformed, dates from a day to come, or contradicts another, or there is none;
            nothing is written. It names the file and the line, or the argument.
        StorageError: The file cannot be written; what was there before still is.
    """
    path = configuration.data / FACTS_FILE
    with _alone(path):
        held = own_files([path]) if path.is_file() else {}
        configured = own_files([one for one in configuration.registry.facts if one.resolve() != path.resolve()])
        others = {name: data for name, data in configured.items() if Path(name).resolve() != path.resolve()}
        additions = apart(additions, {**held, **others})
        # Before anything is compared, so that a malformed file is told by its own lines.
        new = {name: _facts_of(name, data, said) for name, data in additions.items()}
        for name, facts in new.items():
            _check_some(name, facts)
        kept = {name: _facts_of(name, data) for name, data in held.items()}
        replaced = 0
        if replace:
            anew = {
                identity_of(kind, fact) for facts in new.values() for kind in KINDS for fact in getattr(facts, kind)
            }
            for name, facts in kept.items():
                kept[name], gone = _without(facts, anew)
                replaced += gone
        files = {name: canonical_bytes(facts) for name, facts in kept.items()} if replaced else dict(held)
        flaws = flaws_of(base_files(configuration), {**others, **files, **additions}) or flaws_ahead(additions, today)
        if flaws:
            raise _error(flaws, said)
        together = merged(
            {
                kind: [fact for facts in (*kept.values(), *new.values()) for fact in getattr(facts, kind)]
                for kind in KINDS
            },
            None,
        )
        try:
            # A crash before the end leaves the file that was there.
            write_whole(path, msgspec.json.format(canonical_bytes(together), indent=2) + b"\n")
        except OSError as error:
            raise _unwritable(path) from error
    return Added(path, sum(len(getattr(facts, kind)) for facts in new.values() for kind in KINDS) - replaced, replaced)


def _facts_of(name: str, data: bytes, said: tuple[str, Sequence[str]] | None = None) -> Facts:
    try:
        return msgspec.json.decode(data, type=Facts)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        flaws = flaws_of({}, {name: data})
        raise _error([flaw for flaw in flaws if flaw.path != "" or len(flaws) == 1] or flaws, said) from None


def _check_some(name: str, facts: Facts) -> None:
    if facts.area is None and not any(getattr(facts, kind) for kind in KINDS):
        raise ConfigurationError(
            Bilingual(f"Rien n'est ajouté. {name} n'a aucun fait.", f"Nothing is added. {name} has no fact."),
            Bilingual(
                f"Un fichier de faits a l'une de ces listes : {', '.join(KINDS)}.",
                f"A file of facts has one of these lists: {', '.join(KINDS)}.",
            ),
            param=name,
        )


def _error(flaws: Sequence[Flaw], said: tuple[str, Sequence[str]] | None) -> ConfigurationError:
    # What is wrong in a file that was there before is told by its own lines, whatever is added.
    if said is None or not all(map(is_said, flaws)):
        return error_of(flaws)
    return error_of_arguments(flaws, *said)


def _without(facts: Facts, said: set[tuple[str, ...]]) -> tuple[Facts, int]:
    """Return facts without those on things that are said anew, and how many those are."""
    kept = {kind: [fact for fact in getattr(facts, kind) if identity_of(kind, fact) not in said] for kind in KINDS}
    gone = sum(len(getattr(facts, kind)) - len(listed) for kind, listed in kept.items())
    return merged(kept, None), gone


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold others that add facts back: of two at once, none may undo what the other wrote."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f".{path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise _unwritable(path) from error


def _unwritable(path: Path) -> StorageError:
    return StorageError(
        Bilingual(f"Impossible d'écrire {path}.", f"{path} cannot be written."),
        Bilingual("Vérifiez les droits et la place libre.", "Check the permissions and the free space."),
        param=str(path),
    )
