"""Restore every text of an answer's message, whole or in fragments, wherever it stands.

One walk serves both: a text is known by its path, and each path has one restorer, so that what arrives in fragments is
restored as if it came in one piece. Items of a list are known by their `index` where they have one (tool calls), else
by their position. Which texts are fragments of JSON, and so need escaping, is told by their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bouclier.shield import Restorer

if TYPE_CHECKING:
    from bouclier.shield import Pseudonyms
    from bouclier.terms.content import Path

_NEVER_TEXT = frozenset({"role", "type", "finish_reason"})
_IN_ONE_PIECE = frozenset({"id", "name", "call_id"})  # readers take them as they first come: nothing of them may wait
_MAX_DEPTH = 64
_MAX_TEXTS = 1024
_CONTENT, _ARGUMENTS = 0, 1
_CONTENT_PATH: Path = ("content",)


class UnreadableMessageError(Exception):
    """A message is deeper, or made of more texts, than any is, or changes its shape while a text is held back."""


class MessageRestorer:
    """Restores one message of an answer, and remembers the text the caller was handed.

    Attributes:
        came_back: The content as it came, before restoring; empty unless it is kept.
        size: Code points remembered so far.
    """

    def __init__(self, table: Pseudonyms, *, json_answer: bool, keep_raw: bool, whole: bool = False) -> None:
        self._table = table
        self._whole = whole
        self._json_answer = json_answer
        self._keep_raw = keep_raw
        self._restorers: dict[Path, Restorer] = {}
        self._kinds: dict[Path, dict[str, Any]] = {}
        self._texts: dict[tuple[int, Path], list[str]] = {}
        self.came_back: list[str] = []
        self.size = 0

    @property
    def restored(self) -> int:
        """How many pseudonyms were replaced so far."""
        return sum(restorer.restored for restorer in self._restorers.values())

    @property
    def unrestored(self) -> int:
        """How many things stayed that look like a pseudonym of ours, and are none of this exchange's."""
        return sum(restorer.unrestored for restorer in self._restorers.values())

    @property
    def holds(self) -> bool:
        """Whether the beginning of a possible pseudonym is held back."""
        return any(not restorer.idle for restorer in self._restorers.values())

    @property
    def text(self) -> str:
        """What a commitment to the answer covers: contents, then arguments of calls, in the order of their numbers."""
        texts = ("".join(self._texts[key]) for key in sorted(self._texts, key=_order))
        return "\n".join(text for text in texts if text)

    def passes_content(self, text: str) -> bool:
        """Tell whether a fragment of content can be handed over as it is."""
        if not self._table:
            return True
        if (self._json_answer and "\\" in text) or not self._table.is_quiet(text):
            return False
        return not self._restorer(_CONTENT_PATH).attentive

    def note_content(self, text: str) -> None:
        """Remember a fragment of content that was handed over as it is."""
        if self._table:
            self._restorer(_CONTENT_PATH).passed(text)
        self._note(_CONTENT_PATH, text)
        if self._keep_raw:
            self.came_back.append(text)

    def feed(self, value: Any, path: Path = ()) -> Any:  # noqa: ANN401
        """Return a message, or a fragment of one, restored; what may begin a pseudonym is held back.

        Raises:
            UnreadableMessageError: It is deeper than 64 levels, or made of more than 1,024 texts.
        """
        if isinstance(value, str):
            return self._text(value, path)
        if len(path) > _MAX_DEPTH:
            raise UnreadableMessageError
        if isinstance(value, dict):
            return {key: self._field(key, item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.feed(item, (*path, self._number(item, position, path))) for position, item in enumerate(value)]
        return value

    def left_over(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a last fragment with what was held back added to it: it was no pseudonym."""
        for path, restorer in self._restorers.items():
            if not restorer.idle:
                held = restorer.finish()
                self._note(path, held)
                self._add(message, path, held)
        return message

    def _field(self, key: str, item: Any, path: Path) -> Any:  # noqa: ANN401
        if key in _NEVER_TEXT:
            return item
        if key in _IN_ONE_PIECE and isinstance(item, str):
            return self._text(item, path, whole=True)
        return self.feed(item, path)

    def _text(self, text: str, path: Path, *, whole: bool = False) -> str:
        if self._keep_raw and path[:1] == ("content",):
            self.came_back.append(text)
        if self._table:
            restorer = self._restorer(path)
            text = restorer.feed(text)
            if whole or self._whole:
                text += restorer.finish()
        self._note(path, text)
        return text

    def _restorer(self, path: Path) -> Restorer:
        restorer = self._restorers.get(path)
        if restorer is None:
            if len(self._restorers) >= _MAX_TEXTS:
                raise UnreadableMessageError
            as_json = path[-1:] == ("arguments",) or (self._json_answer and path[:1] == _CONTENT_PATH)
            restorer = self._restorers[path] = Restorer(self._table, json_string=as_json)
        return restorer

    def _note(self, path: Path, text: str) -> None:
        if path[:1] == ("content",):
            kind = _CONTENT
        elif path[-1:] == ("arguments",):
            kind = _ARGUMENTS
        else:
            return
        self.size += len(text)
        self._texts.setdefault((kind, path), []).append(text)

    def _number(self, item: object, position: int, path: Path) -> int:
        if not isinstance(item, dict):
            return position
        index = item.get("index")
        number = index if type(index) is int else position
        if "type" in item:
            self._kinds[(*path, number)] = {"type": item["type"]}
        return number

    def _add(self, holder: Any, path: Path, held: str) -> None:  # noqa: ANN401
        """Add a text at a path of a fragment, building what is not there.

        Raises:
            UnreadableMessageError: Something else stands there: it would be lost, or come before what it follows.
        """
        for at, step in enumerate(path[:-1]):
            following = path[at + 1]
            if isinstance(step, str):
                kind = list if isinstance(following, int) else dict
                if holder.get(step) is None:
                    holder[step] = kind()
                elif not isinstance(holder[step], kind):
                    raise UnreadableMessageError
                holder = holder[step]
            else:
                # Items of a fragment's list are told apart by their number: a new one is always right.
                item = {"index": step} if path[0] == "tool_calls" else dict(self._kinds.get(path[: at + 1], {}))
                holder.append(item)
                holder = item
        last = path[-1]
        if isinstance(last, int):
            holder.append(held)
        elif isinstance(holder.get(last), str | None):
            holder[last] = (holder.get(last) or "") + held
        else:
            raise UnreadableMessageError


def _order(key: tuple[int, Path]) -> tuple[int, tuple[tuple[bool, str | int], ...]]:
    """Sort contents before arguments, then by path; numbers and names do not compare."""
    kind, path = key
    return kind, tuple((isinstance(step, str), step) for step in path)
