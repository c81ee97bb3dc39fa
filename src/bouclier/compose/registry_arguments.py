"""What is wrong in a fact said on a command line, told by its arguments: nobody there has a file or its lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bouclier.registry.parse_flaws import CORRECT
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.registry.parse_flaws import Flaw

COMMAND_LINE: Final = "command-line"
"""Name of the fact said on a command line, among files of facts."""
_CONTROLLED: Final = frozenset({"company", "public-body", "non-profit", "consortium"})
_FIELD: Final = re.compile(r"[a-z]+\[[0-9]+\]\.?(?P<name>[^.\[]*)")
_MISSING: Final = re.compile(r"the field '(?P<name>[A-Za-z_]+)' is missing")
_LANGUAGES: Final = frozenset({"fr", "en"})
_NOBODY: Final = re.compile(r"no entity is called '(?P<id>[a-z0-9.-]+)'")


def is_said(flaw: Flaw) -> bool:
    """Return whether something is wrong in a fact said on a command line, and not in a file."""
    return flaw.file.removeprefix("./") == COMMAND_LINE


def error_of_arguments(flaws: Sequence[Flaw], kind: str, fields: Sequence[str]) -> ConfigurationError:
    """Return the error that names the arguments that are wrong, each with what to do.

    Args:
        flaws: What is wrong in the fact.
        kind: What it was called, such as `edge`.
        fields: Its arguments, each `name=value`.
    """
    told = [(_argument(flaw, kind, fields), flaw.message, _hint(flaw)) for flaw in flaws]
    if len(told) == 1:
        [(argument, message, hint)] = told
        return ConfigurationError(
            Bilingual(f"Rien n'est ajouté. {argument} : {message.fr}.", f"Nothing is added. {argument}: {message.en}."),
            hint or _ONE,
            param=argument,
        )
    fr, en = ["Rien n'est ajouté."], ["Nothing is added."]
    for argument, message, hint in told:
        fr.append(f"{argument} : {message.fr}." + (f" {hint.fr}" if hint else ""))
        en.append(f"{argument}: {message.en}." + (f" {hint.en}" if hint else ""))
    return ConfigurationError(Bilingual("\n".join(fr), "\n".join(en)), _ALL, param=told[0][0])


_ALL: Final = Bilingual("Corrigez ces arguments et recommencez.", "Correct these arguments and try again.")
_ONE: Final = Bilingual("Corrigez cet argument et recommencez.", "Correct this argument and try again.")


def _argument(flaw: Flaw, kind: str, fields: Sequence[str]) -> str:
    match = _FIELD.match(flaw.path)
    name = match["name"] if match else ""
    begun = (f"{name}=", f"{name}.fr=", f"{name}.en=")
    return next((field for field in fields if name and field.startswith(begun)), name or kind)


def _hint(flaw: Flaw) -> Bilingual | None:
    if missing := _MISSING.fullmatch(flaw.message.en):
        name = missing["name"]
        if name in _LANGUAGES and (of := _FIELD.match(flaw.path)):
            name = f"{of['name']}.{name}"
        return Bilingual(f"Ajoutez {name}=…", f"Add {name}=...")
    if flaw.hint != CORRECT:
        return flaw.hint
    if nobody := _NOBODY.fullmatch(flaw.message.en):
        first = f"bouclier registry add entity id={nobody['id']} name=… kind=… source=…"
        return Bilingual(f"Ajoutez-la d'abord : `{first}`.", f"Add it first: `{first.replace('…', '...')}`.")
    return None


def next_of(kind: str, fields: Sequence[str]) -> Bilingual | None:
    """Return which fact is still wanted after one was added, so that what is asked of it can be answered."""
    said = dict(field.partition("=")[::2] for field in fields)
    if kind != "entity" or "ultimate" in said or said.get("kind") not in _CONTROLLED:
        return None
    name = said.get("id", "")
    edge = f"registry add edge held={name} holder=… share=… source=…"
    return Bilingual(
        f"Qui contrôle {name} compte comme inconnu tant qu'un fait ne le dit pas : `{edge}`, ou la même commande "
        "avec ultimate=yes --replace si personne ne le contrôle.",
        f"Who controls {name} counts as unknown until a fact tells: `{edge.replace('…', '...')}`, or the same "
        "command with ultimate=yes --replace if nobody controls it.",
    )
