"""The pseudonyms of one exchange, found again in an answer as models write them: always by exact id.

A tag is found by its id, which stands alone and is one of this exchange's; before it must stand a word for one of the
types of this exchange, and a separator. Case, separators, escapes and entities may differ. A pair of brackets right
around is part of it; one bracket alone is not. Anything else around (emphasis, quotes, an elision, a possessive) is
text, and stays. There is no edit distance: `[PERSON_K7QW]` is never taken for `[PERSON_K7QX]`.

A surrogate (another name, another number) is found as it was sent or in the forms listed with it, standing alone, the
longest first.

Why `restore(cloak(x)) == x` holds with tags: an id is given only if it stands nowhere in the text that is kept, and a
tag, as it is written, has its brackets. So each tag is found, with exactly its own brackets, and nothing else is.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bouclier.shield.pseudonyms import ALONE_AFTER, ALONE_BEFORE, ID, PSEUDONYM, ids_in
from bouclier.shield.tag_words import CLOSE, CLOSING, DECORATION, OPENING, are_a_pair, squeezed, words_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bouclier.shield.tag_words import TagWords

_HEAD = 4
_ANY_TAG = re.compile(r"\[[A-Za-z]{1,20}(?:[_ \-][A-Za-z]{1,20}){0,2}[_ \-](?P<id>[^\W_]{4,16})\]")


class Match(NamedTuple):
    """A place of a text where a pseudonym stands.

    Attributes:
        start: First code point.
        end: One past the last.
        original: What it stands for.
    """

    start: int
    end: int
    original: str


class Pseudonyms:
    """The table of one exchange, prepared once for all the restorers of its answer.

    Attributes:
        originals: Pseudonym to original, as given.
        longest: No match is longer, in code points.
    """

    __slots__ = ("_by_id", "_escaped", "_forms", "_literals", "_prefixes", "_starts", "_trigger", "_words",
                 "longest", "originals")  # fmt: skip

    def __init__(self, originals: Mapping[str, str]) -> None:
        self.originals = originals
        tags = {tag: match[1] for tag in originals if (match := PSEUDONYM.fullmatch(tag))}
        self._by_id = {id_: originals[tag] for tag, id_ in tags.items()}
        self._forms = {form: original for form, original in originals.items() if form and form not in tags}
        longest_tag = max(map(len, tags), default=0)
        self.longest = max(longest_tag + DECORATION if tags else 0, max(map(len, self._forms), default=0))
        types = frozenset(tag[1 : -len(id_) - 2] for tag, id_ in tags.items())
        words = words_for(types) if types else None
        self._words: TagWords | None = words
        self._prefixes: tuple[frozenset[str], frozenset[str], int] | None = None
        self._literals: re.Pattern[str] | None = None
        literal_heads = frozenset([form[:_HEAD] for form in self._forms])
        self._trigger = _trigger(words.heads if words is not None else frozenset(), literal_heads)
        self._starts = _starts(frozenset(form[0] for form in self._forms if not form[0].isalnum()))
        self._escaped: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self.originals)

    def is_quiet(self, fragment: str) -> bool:
        """Tell whether a fragment holds no part of any pseudonym, when nothing is held back: cheap, and never wrong."""
        return self._trigger.search(fragment) is None

    def escaped(self, original: str) -> str:
        """Return an original as it is spelled inside a JSON string."""
        spelled = self._escaped.get(original)
        if spelled is None:
            spelled = self._escaped[original] = json.dumps(original, ensure_ascii=False)[1:-1]
        return spelled

    def certain(self, text: str, start: int, *, final: bool) -> tuple[list[Match], int]:
        """Return what is certain of a text: the pseudonyms in it, and how far nothing that follows can change it.

        Args:
            text: What was read and not decided yet, after at least the character before it, if there was one.
            start: Where what is not decided begins in it.
            final: Whether nothing follows.
        """
        matches = self._matches(text, start)
        if final:
            return _apart(matches, start), len(text)
        holds = iter(self._holds(text, start))
        hold = next(holds, None)
        found: list[Match] = []
        position = start
        for match in matches:
            if match.start < position:
                continue
            while hold is not None and hold < position:
                hold = next(holds, None)
            if hold is not None and hold <= match.start:
                break
            found.append(match)
            position = match.end
        while hold is not None and hold < position:
            hold = next(holds, None)
        return found, len(text) if hold is None else hold

    def unknown_tags(self, text: str) -> int:
        """Count what looks like a tag of ours, and is none of this exchange's."""
        if not self._by_id:
            return 0
        shaped = (match["id"] for match in _ANY_TAG.finditer(text))
        return sum(ID.fullmatch(id_) is not None and id_.upper() not in self._by_id for id_ in shaped)

    def _matches(self, text: str, start: int) -> list[Match]:
        found = [*self._tags(text, start), *self._surrogates(text, start)]
        found.sort(key=lambda match: (match.start, -match.end))
        return found

    def _tags(self, text: str, start: int) -> Iterator[Match]:
        if self._words is None:
            return
        for id_start, id_end in ids_in(text, start):
            original = self._by_id.get(text[id_start:id_end].upper())
            if original is None:
                continue
            before = self._words.before.search(text, max(start, id_start - self.longest), id_start)
            if before is not None:
                first, last = _with_brackets(text, before, id_end, self.longest)
                if last - first <= self.longest:
                    yield Match(first, last, original)

    def _surrogates(self, text: str, start: int) -> Iterator[Match]:
        if not self._forms:
            return
        if self._literals is None:
            self._literals = re.compile("|".join(map(_alone, sorted(self._forms, key=len, reverse=True))))
        for match in self._literals.finditer(text, start):
            yield Match(*match.span(), self._forms[match[0]])

    def _holds(self, text: str, start: int) -> Iterator[int]:
        """Yield, in order, where what may become a pseudonym with what follows begins."""
        if self._prefixes is None:
            self._prefixes = self._prepared()
        ids, forms, longest_id = self._prefixes
        for match in self._starts.finditer(text, max(start, len(text) - self.longest)):
            tail = text[match.start() :]
            if tail in forms or (self._words is not None and _may_be_tag(tail, self._words, ids, longest_id)):
                yield match.start()

    def _prepared(self) -> tuple[frozenset[str], frozenset[str], int]:
        ids = frozenset(id_[:length].lower() for id_ in self._by_id for length in range(1, len(id_) + 1))
        # A form that is whole may still turn out to be part of a longer word: it is held too, unless its own last
        # character says that it ends.
        forms = frozenset(form[:length] for form in self._forms for length in range(1, len(form) + form[-1].isalnum()))
        return ids, forms, max(map(len, self._by_id), default=0)


def _may_be_tag(tail: str, words: TagWords, ids: frozenset[str], longest_id: int) -> bool:
    """Tell whether the end of a text may be the beginning of a tag."""
    inner = tail.lstrip("\\")
    if inner[:1] and inner[0] in OPENING:
        inner = inner[1:]
    if any(bracket in inner for bracket in OPENING + CLOSING):
        return False
    plain = squeezed(inner)
    if not plain or plain in words.beginnings:
        return True
    return any(plain[-length:] in ids and plain[:-length] in words.words for length in range(1, longest_id + 1))


def _with_brackets(text: str, before: re.Match[str], end: int, longest: int) -> tuple[int, int]:
    """Return where a tag begins and ends, with the brackets around it if they are a pair."""
    start = before.start("word")
    if before["open"] is None:
        return start, end
    closing = CLOSE.match(text, end)
    if closing is None:
        return start, end
    opening = before["open"].rstrip("\u00a0\u202f ")
    for spelled, at in ((opening, before.start()), (opening.removeprefix("\\"), before.start() + 1)):
        if are_a_pair(spelled, closing[1]) and closing.end() - at <= longest:
            return at, closing.end()
    return start, end


def _apart(matches: list[Match], start: int) -> list[Match]:
    found: list[Match] = []
    for match in matches:
        if match.start >= start:
            found.append(match)
            start = match.end
    return found


def _alone(form: str) -> str:
    before = ALONE_BEFORE if form[0].isalnum() else ""
    after = ALONE_AFTER if form[-1].isalnum() else ""
    return f"{before}{re.escape(form)}{after}"


@lru_cache(maxsize=512)
def _trigger(heads: frozenset[str], literal_heads: frozenset[str]) -> re.Pattern[str]:
    """Return an expression that is nowhere in a fragment without any part of a pseudonym.

    It begins with one set of characters, which is what `re` looks for fastest.
    """
    signs = {*OPENING, "\\", "&"} if heads else set()
    signs |= {head[0] for head in literal_heads if not head[0].isalnum()}
    words = {head for head in heads | literal_heads if head[0].isalnum()}
    if not signs and not words:
        return re.compile("(?!)")
    firsts = {character for head in words for character in head[0].lower() + head[0].upper()}
    branches = [f"(?<={_set_of(signs)})"] if signs else []
    for first in sorted({head[0].lower() for head in words}):
        rest = _rest({head[1:] for head in words if head[0].lower() == first})
        branches.append(f"(?<={_set_of({*first, *first.upper()})})(?<![^\\W_].){rest}")
    return re.compile(f"{_set_of(signs | firsts)}(?:{'|'.join(branches)})")


def _rest(tails: set[str]) -> str:
    """Return an expression for one of these, in any case, or for as much of one as the text still holds."""
    if "" in tails:
        return ""
    branches = [
        f"{_set_of({*first, *first.upper()})}{_rest({tail[1:] for tail in tails if tail[0].lower() == first})}"
        for first in sorted({tail[0].lower() for tail in tails})
    ]
    return f"(?:{'|'.join(branches)}|\\Z)"


def _set_of(characters: set[str]) -> str:
    return f"[{re.escape(''.join(sorted(characters)))}]"


@lru_cache(maxsize=512)
def _starts(others: frozenset[str]) -> re.Pattern[str]:
    """Return an expression for where a pseudonym may begin."""
    listed = re.escape("".join(sorted({*OPENING, "\\", "&", *others})))
    return re.compile(f"{ALONE_BEFORE}[^\\W_]|[{listed}]")
