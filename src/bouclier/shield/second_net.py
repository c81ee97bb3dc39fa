"""The second net: which prohibited practices the words of a request suggest.

A rule is a list of groups of phrases; it is met where one phrase of each group begins near the others, unless a phrase
that cancels it begins near too ("article 5", "prohibited"). Rules come from the charter's packs as plain values. What
is found warns, or asks for a human; it forbids nothing alone, because words are not intentions: how often it errs is
measured by `bench/second_net_quality.py` and told in `docs/limits.md`.

Rules this module keeps:
- same texts, same signals, whatever their order; each text is read apart, so two messages never make one phrase;
- words compare without case, accents or what does not show; apostrophes, hyphens and any space part words;
- a phrase is words in a row; a `*` at the end of a word stands for any ending (`notat*`), and nothing else is special;
- the cost grows with the length of the text, not with what it repeats;
- a rule that can never be met is refused when the net is made.

What is not done: no sentence is understood, no negation, irony or quotation; letters typed apart, or borrowed from
another alphabet, escape.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bouclier.shield.second_net_words import Vocabulary, parse_phrase, spans_of_words
from bouclier.terms.errors import Bilingual, CharterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from bouclier.shield.second_net_words import PhraseWord

_Starts = dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class NetRule:
    """When a signal is raised.

    Attributes:
        signal: What the charter's policies ask for.
        near: In words: the beginnings of the phrases stand at most so far apart.
        groups: One phrase of each must be there.
        unless: A phrase of these that begins within `near` of them cancels them, there only.
    """

    signal: str
    near: int
    groups: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...] = ()


class Evidence(NamedTuple):
    """A phrase that made a signal, to be shown to whoever wrote the text: never logged.

    Attributes:
        signal: That it made.
        start: First code point.
        end: One past the last.
        phrase: As the pack writes it.
    """

    signal: str
    start: int
    end: int
    phrase: str


class SecondNet:
    """The rules of a charter, compiled once. Immutable once made; may be shared between threads."""

    def __init__(self, rules: Iterable[NetRule]) -> None:
        """Compile the rules.

        Raises:
            CharterError: A phrase cannot be read, or a rule can never be met.
        """
        phrases: dict[str, tuple[PhraseWord, ...]] = {}
        given = list(rules)
        for rule in given:
            _check(rule)
            for phrase in (phrase for group in (*rule.groups, rule.unless) for phrase in group):
                if phrase not in phrases:
                    phrases[phrase] = parse_phrase(phrase)
        self._written = tuple(phrases)
        words = tuple(dict.fromkeys(word for phrase in phrases.values() for word in phrase))
        self._vocabulary = Vocabulary(words)
        numbers = {word: number for number, word in enumerate(words)}
        self._phrases = [tuple(numbers[word] for word in phrase) for phrase in phrases.values()]
        # A phrase is looked for where its rarest word is said: "of" and "the" would lead to most of them, in any text.
        uses = Counter(word for phrase in self._phrases for word in phrase)
        self._with_word: dict[int, list[int]] = {}
        for number, phrase_words in enumerate(self._phrases):
            self._with_word.setdefault(min(phrase_words, key=uses.__getitem__), []).append(number)
        placed = {phrase: number for number, phrase in enumerate(self._written)}
        self._rules = [
            _Rule(
                rule.signal,
                rule.near,
                tuple(frozenset(placed[phrase] for phrase in group) for group in rule.groups),
                frozenset(placed[phrase] for phrase in rule.unless),
            )
            for rule in given
        ]

    def signals(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return the signals that any of the texts raises, sorted."""
        raised: set[str] = set()
        for text in texts:
            rules, starts = self._read(text)
            raised.update(rule.signal for rule in rules if rule.signal not in raised and rule.met(starts) is not None)
        return tuple(sorted(raised))

    def evidence(self, text: str) -> tuple[Evidence, ...]:
        """Return what made the signals of a text, sorted: for each rule that is met, where it first is."""
        rules, starts = self._read(text)
        found: set[Evidence] = set()
        spans: list[tuple[int, int]] = []
        for rule in rules:
            places = rule.met(starts)
            if places is None:
                continue
            spans = spans or spans_of_words(text)
            for group, place in zip(rule.groups, places, strict=True):
                # Of the phrases that begin there, the longest tells the most.
                there = [number for number in group if _begins_at(starts.get(number, ()), place)]
                told = max(there, key=lambda number: (len(self._phrases[number]), self._written[number]))
                end = spans[place + len(self._phrases[told]) - 1][1]
                found.add(Evidence(rule.signal, spans[place][0], end, self._written[told]))
        return tuple(sorted(found))

    def _read(self, text: str) -> tuple[list[_Rule], _Starts]:
        """Return the rules whose words are all in a text, and where each of their phrases begins."""
        said = self._vocabulary.read(text)
        # First without regard to the order of words: most texts are done with here.
        maybe = {
            number
            for word in said.numbers
            for number in self._with_word.get(word, ())
            if said.numbers.issuperset(self._phrases[number])
        }
        rules = [rule for rule in self._rules if rule.may_be_met(maybe)]
        if not rules:
            return [], {}
        wanted = maybe & frozenset().union(*(rule.phrases for rule in rules))
        places = said.places({word for number in wanted for word in self._phrases[number]})
        starts: _Starts = {}
        for number in wanted:
            first, *others = self._phrases[number]
            if not others:
                starts[number] = places[first]
                continue
            whole = set(places[first])
            for offset, word in enumerate(others, start=1):
                whole.intersection_update(place - offset for place in places[word])
            if whole:
                starts[number] = sorted(whole)
        return rules, starts


class _Rule:
    """One rule, its phrases by number."""

    __slots__ = ("groups", "near", "phrases", "signal", "unless")

    def __init__(self, signal: str, near: int, groups: tuple[frozenset[int], ...], unless: frozenset[int]) -> None:
        self.signal = signal
        self.near = near
        self.groups = groups
        self.unless = unless
        self.phrases = unless.union(*groups)

    def may_be_met(self, phrases: AbstractSet[int]) -> bool:
        """Say whether a phrase of each group is among these."""
        for group in self.groups:  # noqa: SIM110 -- a generator costs half as much again, for each text and rule
            if group.isdisjoint(phrases):
                return False
        return True

    def met(self, starts: Mapping[int, Sequence[int]]) -> tuple[int, ...] | None:
        """Return where a phrase of each group begins, the first time all are near and none cancels; None if never."""
        if not self.may_be_met(starts.keys()):
            return None
        cancelling = sorted({place for number in self.unless if number in starts for place in starts[number]})
        last: list[int | None] = [None] * len(self.groups)
        for place, group in self._in_order(starts):
            last[group] = place
            places = tuple(one for one in last if one is not None)
            if len(places) < len(last) or place - min(places) > self.near:
                continue
            # The nearest of the other groups were kept, so this is the narrowest window that ends here: if another one
            # that ends here is free of what cancels, this one is.
            after = bisect_left(cancelling, min(places) - self.near)
            if after == len(cancelling) or cancelling[after] > place + self.near:
                return places
        return None

    def _in_order(self, starts: Mapping[int, Sequence[int]]) -> Iterator[tuple[int, int]]:
        """Yield each place where a phrase of a group begins, with the group."""
        return iter(
            sorted(
                {
                    (place, index)
                    for index, group in enumerate(self.groups)
                    for number in group
                    if number in starts
                    for place in starts[number]
                }
            )
        )


def _begins_at(starts: Sequence[int], place: int) -> bool:
    at = bisect_left(starts, place)
    return at < len(starts) and starts[at] == place


def _check(rule: NetRule) -> None:
    if rule.near >= 1 and rule.groups and all(rule.groups):
        return
    raise CharterError(
        Bilingual(
            fr=f"La règle du second filet pour « {rule.signal} » ne peut jamais s’appliquer : un groupe est vide, ou "
            "`near` est sous 1.",
            en=f'The rule of the second net for "{rule.signal}" can never be met: a group is empty, or `near` is under '
            "1.",
        ),
        Bilingual(
            fr="Donnez dans `second_net` du data.json du paquet au moins une expression par groupe, et `near` en mots.",
            en="Give, in `second_net` of the pack's data.json, at least one phrase a group, and `near` in words.",
        ),
        param="second_net",
    )
