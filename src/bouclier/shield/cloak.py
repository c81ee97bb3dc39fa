"""Cloak: replace what was found by pseudonyms, so that what leaves names nobody.

Rules this module keeps:

1. A pseudonym is a typed tag, `[PERSON_K7QX]` (see `pseudonyms`), or, for the types that are set so, another value of
   the same kind (see `surrogates`).
2. The same text of the same type has the same pseudonym throughout a conversation, whatever else is written in it, and
   another one in every other conversation: pseudonyms are drawn under the conversation's key.
3. A pseudonym that stands in the text already is not given: what a user wrote is never mistaken for one of ours, so
   restoring gives back exactly what was written.
4. A surrogate is kept only if restoring the text that holds it gives back that very text; else a tag takes its place.
5. Secrets are replaced one way: they have a tag, but no way back.

From these: `restore(cloak(x)) == x` for every text without secrets, whatever is found in it and whatever is set; see
`tests/laws/test_restore.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bouclier.shield.cloak_settings import SECRET_TYPES, TAGS, CloakSettings
from bouclier.shield.pseudonyms import ConversationKey, Tags, ids_in
from bouclier.shield.restore import restore
from bouclier.shield.surrogates import Surrogates
from bouclier.shield.tolerant_match import Pseudonyms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bouclier.shield.surrogates import Value
    from bouclier.terms.content import Finding


@dataclass(frozen=True, slots=True)
class Cloaked:
    """Texts that name nobody, and the way back.

    Attributes:
        texts: The texts as they may leave, in the order given.
        pseudonyms: Pseudonym to original; also the forms in which a surrogate may come back. Personal data: in memory
            only, gone with the exchange.
    """

    texts: tuple[str, ...] = field(repr=False)
    pseudonyms: Mapping[str, str] = field(repr=False)


def cloak(
    texts: Sequence[str],
    findings: Sequence[Sequence[Finding]],
    *,
    key: ConversationKey,
    settings: CloakSettings = TAGS,
) -> Cloaked:
    """Replace every finding by its pseudonym.

    Args:
        texts: The texts of one exchange, in reading order.
        findings: For each text, sorted findings that do not overlap; offsets in code points.
        key: Of the conversation.
        settings: Which types have surrogates.

    Returns:
        The texts that may leave and the table to restore them.

    >>> from bouclier.terms.content import EntityType, Finding
    >>> name = Finding(start=5, end=8, type=EntityType.PERSON, confidence=0.9, validated_by="ner")
    >>> cloaked = cloak(["Dear Ada, is it you?"], [[name]], key=ConversationKey(bytes(32)))
    >>> cloaked.texts
    ('Dear [PERSON_N3XM], is it you?',)
    """
    tags = Tags(key, {id_ for text, found in zip(texts, findings, strict=True) for id_ in _ids_kept(text, found)})
    tagged = {
        (one.type, text[one.start : one.end]): "" for text, found in zip(texts, findings, strict=True) for one in found
    }
    for type_, value in tagged:
        tagged[type_, value] = tags.tag_of(type_, value)
    if not any(type_ in settings.realistic for type_, _ in tagged):
        return _cloaked(texts, findings, tagged, Surrogates.none())
    return _realistic(texts, findings, tagged, Surrogates.drawn(texts, findings, key=key, settings=settings))


def _realistic(
    texts: Sequence[str], findings: Sequence[Sequence[Finding]], tagged: Mapping[Value, str], surrogates: Surrogates
) -> Cloaked:
    """Cloak with surrogates, giving up those of texts that would not come back exactly, until all do."""
    one_way = {tag: value for (type_, value), tag in tagged.items() if type_ in SECRET_TYPES}
    while True:
        cloaked = _cloaked(texts, findings, tagged, surrogates)
        table = Pseudonyms({**cloaked.pseudonyms, **one_way})
        wrong = [
            at for at, (left, text) in enumerate(zip(cloaked.texts, texts, strict=True)) if restore(left, table) != text
        ]
        if not wrong or not surrogates.values:
            return cloaked
        given_up = {
            (one.type, texts[at][one.start : one.end]) for at in wrong for one in findings[at]
        } & surrogates.values.keys()
        surrogates = surrogates.without(given_up or surrogates.values.keys())


def _cloaked(
    texts: Sequence[str], findings: Sequence[Sequence[Finding]], tagged: Mapping[Value, str], surrogates: Surrogates
) -> Cloaked:
    pseudonyms: dict[str, str] = {}
    cloaked: list[str] = []
    for text, found in zip(texts, findings, strict=True):
        if not found:
            cloaked.append(text)
            continue
        pieces: list[str] = []
        position = 0
        for one in found:
            value = text[one.start : one.end]
            pseudonym = surrogates.values.get((one.type, value)) or tagged[one.type, value]
            if one.type not in SECRET_TYPES:
                pseudonyms[pseudonym] = value
            pieces += (text[position : one.start], pseudonym)
            position = one.end
        pieces.append(text[position:])
        cloaked.append("".join(pieces))
    for form, original in surrogates.also.items():
        pseudonyms.setdefault(form, original)
    return Cloaked(texts=tuple(cloaked), pseudonyms=pseudonyms)


def _ids_kept(text: str, found: Sequence[Finding]) -> Iterator[str]:
    """Yield what has the shape of a tag's id in what is kept of a text, cut where findings are taken out."""
    position = 0
    for end, following in (*((one.start, one.end) for one in found), (len(text), 0)):
        kept = text[position:end]
        for first, last in ids_in(kept):
            yield kept[first:last].upper()
        position = following
