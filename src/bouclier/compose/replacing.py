"""Replace what was found by pseudonyms that are the same throughout a folder; the only place that names pseudonyms.

Rules:

1. Pseudonyms are the shield's typed tags, `[PERSON_K7QX]` (see `shield.pseudonyms`), drawn under a key of the folder.
2. The same value gets the same pseudonym wherever it stands, whatever it was taken for first: joins survive.
3. What already has that shape in a file is itself replaced, so that nothing that was written is mistaken for ours.
4. Secrets are replaced one way. Markings and categories stay: they are no identity.
5. Where spelling the value again would not give back what was written (an escape, a word in two pieces of formatting),
   what was written is kept beside the pseudonym's position.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from bouclier.compose.documents.escapes import spelled
from bouclier.compose.documents.segments import Mark, marks_of
from bouclier.shield.kinds import Part, part_of, stays_in_the_text
from bouclier.shield.pseudonyms import PSEUDONYM, ConversationKey, Tags
from bouclier.terms.content import EntityType

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bouclier.compose.documents.model import Block, Spelling
    from bouclier.terms.content import Finding


class Kept(NamedTuple):
    """What was written where spelling the value again would not give it back.

    Attributes:
        part: The member of an archive; empty where the document is one text.
        start: Code points before it in what was written.
        length: Code points that stand for it there.
        written: What it was.
    """

    part: str
    start: int
    length: int
    written: str


class Replaced(NamedTuple):
    """A block that names nobody."""

    raw: str
    kept: list[Kept]


class Pseudonyms:
    """The pseudonyms of a folder, or of all that share a vault.

    Attributes:
        key: What they are drawn under.
        originals: Pseudonym to value; personal data.
    """

    def __init__(self, key: bytes, originals: Mapping[str, str] | None = None) -> None:
        """Take a random key of 32 bytes, and what was given under it before."""
        self.key = key
        self.originals = dict(originals or {})
        self._by_value = {value: pseudonym for pseudonym, value in self.originals.items()}
        self._one_way: set[str] = set()
        self._recent: list[str] = []
        given = {match[1] for pseudonym in self.originals if (match := PSEUDONYM.fullmatch(pseudonym))}
        self._tags = Tags(ConversationKey(key), given)

    def of(self, kind: EntityType, value: str) -> str:
        """Return the pseudonym of a value."""
        known = self._by_value.get(value)
        if known is None:
            known = self._by_value[value] = self._tags.tag_of(kind, value)
            if part_of(kind) is Part.SECRET:
                self._one_way.add(known)
        if known not in self.originals and known not in self._one_way:
            self.originals[known] = value
            self._recent.append(known)
        return known

    def keep(self) -> None:
        """Have what was given stay: where it stands is written."""
        self._recent.clear()

    def forget(self) -> None:
        """Have no way back to what was given since something was last kept: where it stands is not written."""
        for pseudonym in self._recent:
            del self.originals[pseudonym]
        self._recent.clear()


class Replacer:
    """Replaces in block after block.

    Attributes:
        pseudonyms: Which it gives.
        columns: Columns whose every cell is replaced.
        counts: How many places were replaced, by type.
    """

    def __init__(
        self,
        pseudonyms: Pseudonyms,
        keep: frozenset[EntityType] = frozenset(),
        columns: frozenset[str] = frozenset(),
    ) -> None:
        self.pseudonyms = pseudonyms
        self.columns = columns
        self._keep = keep
        self.counts: Counter[EntityType] = Counter()
        self._kept: Counter[EntityType] = Counter()

    def keep(self) -> None:
        """Count what was replaced: it is written."""
        self._kept = self.counts.copy()
        self.pseudonyms.keep()

    def forget(self) -> None:
        """Forget what was replaced since something was last kept: it is not written."""
        self.counts = self._kept.copy()
        self.pseudonyms.forget()

    def replace(self, block: Block, findings: Sequence[Sequence[Finding]], written: int = 0) -> Replaced:
        """Return a block with what was found replaced.

        Args:
            block: The block.
            findings: For each of its segments.
            written: Code points written before it, in the same part.
        """
        raw = block.raw
        pieces: list[str] = []
        kept: list[Kept] = []
        position, length = 0, written

        def write(text: str) -> None:
            nonlocal length
            pieces.append(text)
            length += len(text)

        for start, end, new, original in self._edits(block, findings):
            if start < position:
                continue  # two segments that read the same stretch: it is replaced already
            write(self._plain(raw[position:start]))
            if original is not None:
                kept.append(Kept(block.part, length, len(new), original))
            write(new)
            position = end
        write(self._plain(raw[position:]))
        return Replaced("".join(pieces), kept)

    def _edits(self, block: Block, findings: Sequence[Sequence[Finding]]) -> Iterator[tuple[int, int, str, str | None]]:
        edits: list[tuple[int, int, str, str | None]] = []
        for segment, found in zip(block.segments, findings, strict=True):
            for mark in marks_of(segment, found):
                kind = mark.finding.type
                if mark.is_ordered or (kind not in self._keep and not stays_in_the_text(kind)):
                    edits.extend(self._edits_of(block, mark))
        return iter(sorted(edits, key=lambda edit: edit[:2]))

    def _edits_of(self, block: Block, mark: Mark) -> Iterator[tuple[int, int, str, str | None]]:
        kind = mark.finding.type
        self.counts[kind] += 1 + len(mark.unit.echoes)
        pseudonym = self.pseudonyms.of(kind, mark.value)
        new = f'"{pseudonym}"' if mark.unit.quoted else pseudonym
        secret = part_of(kind) is Part.SECRET
        same = len(mark.spans) == 1 and not mark.unit.quoted
        for further in (0, *mark.unit.echoes):
            written = new
            for start, end in mark.spans:
                original = block.raw[start:end]
                again = same and spelled(mark.value, block.spelling) == original
                yield start + further, end + further, written, None if again or secret else original
                written = ""

    def _plain(self, text: str) -> str:
        if "[" not in text:
            return text
        return PSEUDONYM.sub(self._of_literal, text)

    def _of_literal(self, match: re.Match[str]) -> str:
        return self.pseudonyms.of(EntityType.IDENTIFIER, match.group())


def restored(text: str, originals: Mapping[str, str], spelling: Spelling) -> tuple[str, int]:
    """Return a text with the values put back, and how many pseudonyms have none."""
    unknown = 0

    def value(match: re.Match[str]) -> str:
        nonlocal unknown
        original = originals.get(match.group())
        if original is None:
            unknown += 1
            return match.group()
        return spelled(original, spelling)

    return (PSEUDONYM.sub(value, text), unknown) if "[" in text else (text, 0)


def restored_pieces(
    chunks: Iterable[str], kept: Sequence[Kept], originals: Mapping[str, str], spelling: Spelling
) -> Iterator[tuple[str, int]]:
    """Yield a text piece by piece: what was kept at its place, values elsewhere; and how many pseudonyms have none.

    Args:
        chunks: The text as it was written; what stands for a value is never astride two of them.
        kept: What was written where values are spelled otherwise, in order.
        originals: Pseudonym to value.
        spelling: How values are spelled.
    """
    waiting = iter(kept)
    following = next(waiting, None)
    before = 0
    for chunk in chunks:
        position = 0
        while following is not None and following.start + following.length <= before + len(chunk):
            start = following.start - before
            yield restored(chunk[position:start], originals, spelling)
            yield following.written, 0
            position = start + following.length
            following = next(waiting, None)
        yield restored(chunk[position:], originals, spelling)
        before += len(chunk)
