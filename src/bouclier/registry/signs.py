"""Signs of a dependence, and whose they are.

A sign is `kind:text`. A service of the registry lists its own; `signs.json` gives those of services and entities of
other files. The longest match wins: `domain:` by labels from the right, `image:` and `purl:` by segments from the left,
`terraform:` whole, `name:` and `variable:` by words from
the left. The names of entities and services match whole. Two different
answers of the same length are no answer: what cannot be told is unknown.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from bouclier.registry.free_text import Text, in_one
from bouclier.registry.model import Fact, FactId, Vouched
from bouclier.registry.scan_model import Shows
from bouclier.terms.errors import Bilingual, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bouclier.registry.agreed import Registry

FORMAT: Final = "bouclier-signs/v1"
_SIGN: Final = r"^(domain|image|terraform|purl|name|variable):[^\s](.*[^\s])?(?![\s\S])"
_WHOLE_KIND: Final = 2
_PERCENT: Final = re.compile(r"%([2-7][0-9a-f])")
_LEGAL_FORMS: Final = frozenset({
    "sa", "sas", "sasu", "sarl", "se", "snc", "scop", "eurl", "gmbh", "ag", "kg", "ug", "bv", "nv", "sprl", "srl",
    "spa", "inc", "incorporated", "corp", "corporation", "ltd", "limited", "llc", "llp", "plc", "co", "company", "ab",
    "oy", "as", "aps", "pbc",
})  # fmt: skip


class SignFact(Vouched, frozen=True, kw_only=True):
    """Whose a sign is.

    Attributes:
        sign: `kind:text`.
        of: Id of a service or an entity of the registry.
        shows: What it shows of data, where it is not what its kind usually shows.
    """

    sign: Annotated[Text, Meta(pattern=_SIGN)]
    of: FactId
    shows: Literal["data", "delivery", "software"] | None = None


class SignFacts(Fact, frozen=True, kw_only=True):
    """What `signs.json` holds."""

    format: Literal["bouclier-signs/v1"]
    signs: tuple[SignFact, ...]


class Match(NamedTuple):
    """Whose a sign is.

    Attributes:
        id: A service or an entity.
        by: The sign that matched, as the facts spell it.
        shows: What it shows, where it is not what its kind usually shows.
    """

    id: str
    by: str
    shows: Shows | None = None


def parse_signs(data: bytes) -> SignFacts:
    """Return the signs of a file.

    Raises:
        ConfigurationError: A fact is malformed; the message names its place.
    """
    try:
        return msgspec.json.decode(data, type=SignFacts)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            Bilingual(f"signs.json est mal formé : {error}", f"signs.json: {error}"),
            Bilingual("Corrigez ce fait.", "Correct this fact."),
            param="signs.json",
        ) from error


class Signs:
    """All signs of a registry, for search."""

    def __init__(self, registry: Registry, facts: Iterable[SignFact] = ()) -> None:
        """Index them. A sign of somebody the registry does not know is left out: it could tell nothing."""
        self._known: dict[tuple[str, ...], set[Match]] = defaultdict(set)
        self._names: dict[str, set[Match]] = defaultdict(set)
        for service in registry.services.values():
            for sign in service.signs:
                self._add(sign, Match(service.id, sign))
            for name in (service.id, *spellings(in_one(service.name))):
                self._names[plain(name)].add(Match(service.id, f"name:{name}"))
        for fact in facts:
            if fact.of in registry.services or fact.of in registry.entities:
                self._add(fact.sign, Match(fact.of, fact.sign, None if fact.shows is None else Shows(fact.shows)))
        for entity in registry.entities.values():
            for name in (entity.id, *spellings(in_one(entity.name))):
                # Whoever runs the one service of the same name is told by it: the service says more.
                self._names[plain(name)] = self._names[plain(name)] or {Match(entity.id, f"name:{name}")}

    def _add(self, sign: str, match: Match) -> None:
        steps = steps_of(sign)
        if steps is None:
            return
        if steps[0] == "purl" and len(steps) == _WHOLE_KIND and match.shows is None:
            # The index that packages of a kind are fetched from, not who wrote them.
            match = match._replace(shows=Shows.DELIVERY)
        self._known[steps].add(match)

    def find(self, sign: str) -> Match | None:
        """Return whose a sign is; None when nobody says, or two say otherwise."""
        kind, _, text = sign.partition(":")
        steps = steps_of(sign)
        if steps is None:
            return None
        shortest = len(steps) if kind == "terraform" else 2
        for length in range(len(steps), shortest - 1, -1):
            matches = self._known.get(steps[:length])
            if matches:
                return _agreed(matches)
        if kind == "image":
            return self.find(f"domain:{text.partition('/')[0].partition(':')[0]}")
        return _agreed(self._names.get(plain(text), ())) if kind == "name" else None

    def is_known(self, name: str) -> bool:
        """Return whether somebody or something has this name."""
        return self.find(f"name:{name}") is not None


def _agreed(matches: Iterable[Match]) -> Match | None:
    ordered = sorted(matches, key=lambda match: (match.id, match.by))
    return ordered[0] if len({match.id for match in ordered}) == 1 else None


def steps_of(sign: str) -> tuple[str, ...] | None:
    """Return a sign as the steps by which it is compared, its kind first; None if it is none.

    >>> steps_of("domain:*.openai.azure.com")
    ('domain', 'com', 'azure', 'openai')
    >>> steps_of("purl:pkg:pypi/openai@1.0?x=y")
    ('purl', 'pypi', 'openai')
    """
    kind, _, text = sign.partition(":")
    text = text.strip().lower()
    steps: Sequence[str]
    match kind:
        case "domain":
            steps = text.removeprefix("*.").strip(".").split(".")[::-1]
        case "image":
            steps = text.split("/")
        case "terraform":
            steps = (text,)
        case "purl":
            scoped = text.removeprefix("pkg:").replace("%40", "\0").replace("/@", "/\0")  # the @ of a scope of npm
            path = re.split(r"[@?#]", scoped, maxsplit=1)[0].replace("\0", "@")
            steps = _PERCENT.sub(lambda match: chr(int(match[1], 16)), path).strip("/").split("/")
        case "name":
            steps = plain(text).split()
        case "variable":
            steps = text.strip("_").split("_")
        case _:
            return None
    return (kind, *steps) if steps and all(steps) else None


def plain(name: str) -> str:
    """Return a name as names are compared: no case, accents, punctuation or legal form.

    >>> plain("Société Générale S.A."), plain("OVH SAS")
    ('societe generale', 'ovh')
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    found = re.findall(r"[^\W_]+", re.sub(r"(?<=\b\w)\.(?=\w\b)", "", letters))
    while len(found) > 1 and found[-1] in _LEGAL_FORMS:
        found.pop()
    return " ".join(found)


def spellings(name: str) -> Iterator[str]:
    """Yield a name as it is, without what stands in brackets, and each of those a stroke separates."""
    yield name
    bare = re.sub(r"\([^)]*\)", " ", name)
    yield bare
    yield from bare.split(" / ")
