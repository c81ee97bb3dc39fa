"""Write a deployment's streamed answer for the caller: their own words back, our object beside it, the rest untouched.

Sans-I/O: bytes in, bytes out. An event with nothing to change is passed on byte for byte; our `bouclier` object is
spliced into the first event (what was decided) and into those that end a choice (what was restored); what the answer
cost stands in the event that counts its tokens. A deployment cannot speak under our name: whatever it puts there is
taken out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from bouclier.footprint.shown import footprint_shown, usage_carbon
from bouclier.gateway.answer import (
    OURS,
    UNDECODABLE,
    AnswerFacts,
    outcome_shown,
    protocol_error,
    restored_error,
    splice,
)
from bouclier.gateway.events import EventSplitter, data_of, with_data
from bouclier.gateway.restoring import MessageRestorer, UnreadableMessageError
from bouclier.terms.errors import Bilingual, StreamInterrupted, UpstreamProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.shield import Pseudonyms
    from bouclier.terms.exchange import Footprint


class Cost(Protocol):
    """What an answer costs, so far or when it is over."""

    def __call__(self, facts: AnswerFacts, *, over: bool = True) -> Footprint:
        """Return it."""
        ...


MAX_ANSWER_CHARS = 16_000_000
MAX_CHOICES = 128

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class _Delta(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A field that is not here may hold a text: it is for the slow path, which reads them all."""

    role: Any = None
    content: str | None = None
    tool_calls: Any = None
    function_call: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None
    thinking: Any = None
    refusal: Any = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta
    index: int = 0
    finish_reason: str | None = None
    logprobs: Any = None


class _Event(msgspec.Struct, gc=False):
    """What an event must be for the fast path: decoding skips the rest of it, and fails on any other shape."""

    choices: list[_Choice]
    usage: Any = None
    error: Any = None
    bouclier: Any = msgspec.UNSET


_decode_event = msgspec.json.Decoder(_Event).decode


class AnswerStream:
    """Restores a streamed answer, server-sent event by event.

    Feed it the bytes as they come; it returns the bytes to send, and holds back at most an unfinished event and, in
    each text, at most a possible pseudonym's prefix.

    Attributes:
        done: Whether the deployment said that the stream ends.
        begun: Whether anything of an answer came: a text, a call of a tool, an end. A role alone is none.
        error: What the deployment said went wrong, as an event of its stream.
        failure: Why nothing more should be fed: what came is no completion, has no end, or is too long.
        facts: What is recorded of the answer; complete after `close`.
    """

    def __init__(
        self,
        *,
        table: Pseudonyms,
        json_answer: bool,
        ours: dict[str, Any],
        at_end: Callable[[], dict[str, Any]] | None = None,
        cost: Cost | None = None,
    ) -> None:
        """Take what the answer is restored with.

        Args:
            table: Pseudonyms of the exchange.
            json_answer: Whether the text of the answer is itself JSON.
            ours: The `bouclier` object, said with the first event.
            at_end: What is added to it with the events that end a choice, asked for when they do.
            cost: What an answer cost, asked for when its tokens were counted, or when it ends for who asked for detail.
        """
        self._table = table
        self._json_answer = json_answer
        self._opening: dict[str, Any] | None = ours
        self._at_end = at_end
        self._cost = cost
        self._detail = "detail" in ours
        self._events = EventSplitter()
        self._messages: dict[int, MessageRestorer] = {}
        self._finish_reasons: dict[int, str] = {}
        self._head: dict[str, Any] = {}
        self.done = False
        self.begun = False
        self.error: dict[str, Any] | None = None
        self.failure: UpstreamProtocolError | None = None
        self.facts = AnswerFacts()

    def opening_event(self) -> bytes:
        """Return an event of our own that says what was decided, to be sent before the deployment says anything.

        It has no choices, which is why only callers who asked for our details get it: some clients expect one.
        """
        opening, self._opening = self._opening or {}, None
        return b'data: {"object":"chat.completion.chunk","choices":[],"bouclier":' + _encode(opening) + b"}\n\n"

    def feed(self, data: bytes) -> bytes:
        """Take bytes of the stream and return what may be sent on; see `failure` afterwards."""
        out: list[bytes] = []
        for event in self._events.feed(data):
            if self.failure is not None:
                break
            try:
                out.append(self._event(event))
            except UNDECODABLE:
                # What came before it is good, however the bytes were cut.
                self.failure = protocol_error(
                    "un événement qui n'est pas un fragment de complétion", "an event that is no chunk of a completion"
                )
        if self._events.overflown and self.failure is None:
            self.failure = protocol_error("un événement sans fin", "an event without end")
        return b"".join(out)

    def finish(self) -> bytes:
        """Say that the stream ended.

        Raises:
            StreamInterrupted: It ended before `[DONE]`, and a choice is unfinished or none was begun.
            UpstreamProtocolError: Its last event is no chunk of a chat completion.
        """
        out = self.feed(b"\n\n") if not self.done and self._events.pending else b""
        if self.failure is not None:
            raise self.failure
        if not self.done and (not self._messages or set(self._messages) - set(self._finish_reasons)):
            raise StreamInterrupted(
                Bilingual(
                    "La réponse du déploiement s'est interrompue avant sa fin.",
                    "The deployment's answer stopped before its end.",
                ),
                Bilingual("Réessayez, ou choisissez un autre modèle.", "Try again, or choose another model."),
            )
        return out + self._left_over()

    def close(self) -> AnswerFacts:
        """Return what is known of the answer, whole or not."""
        messages = [self._messages[index] for index in sorted(self._messages)]
        self.facts.restored = sum(message.restored for message in messages)
        self.facts.unrestored = sum(message.unrestored for message in messages)
        self.facts.finish_reasons = tuple(self._finish_reasons[index] for index in sorted(self._finish_reasons))
        self.facts.text = "\n".join(message.text for message in messages)
        self.facts.came_back = self._came_back()
        return self.facts

    def _event(self, event: bytes) -> bytes:
        data = data_of(event)
        if data is None:
            return event + b"\n\n"  # a comment, a keep-alive, a field we have no use for
        if data == b"[DONE]":
            self.done = True
            return self._left_over() + self._cost_event() + event + b"\n\n"
        if self._passes(data):
            return event + b"\n\n"
        rewritten = self._rewritten(data)
        return (event if rewritten is None else with_data(event, rewritten)) + b"\n\n"

    def _passes(self, data: bytes) -> bool:
        """Tell whether an event can be passed on as it is: content that holds no part of a pseudonym, nothing else."""
        if self._opening is not None:
            return False
        try:
            event = _decode_event(data)
        except msgspec.ValidationError:
            return False  # another shape: the slow path says whether it is a completion at all
        if not _is_content(event):
            return False
        choice = event.choices[0]
        message = self._message(choice.index)
        content = choice.delta.content
        if content is None:
            return True
        if not message.passes_content(content):
            return False
        message.note_content(content)
        self.begun = self.begun or bool(content)
        self._check_size()
        return True

    def _rewritten(self, data: bytes) -> bytes | None:
        """Return an event's data as the caller may read them; None if they stay as they came."""
        chunk = _decode(data)
        if not isinstance(chunk, dict):
            raise msgspec.ValidationError
        changed = chunk.pop(OURS, msgspec.UNSET) is not msgspec.UNSET
        self.facts.take_usage(chunk.get("usage"))
        self._head = {name: chunk[name] for name in ("id", "object", "created", "model") if name in chunk}
        if chunk.get("error") is not None:
            self.done = self.begun = True  # the deployment said itself that it ends, and why
            said = chunk["error"] = self._error(chunk["error"])
            self.error = said if isinstance(said, dict) else {"message": said}
            changed = True
        choices = chunk.get("choices") or []
        if not isinstance(choices, list) or not all(_is_choice(choice) for choice in choices):
            raise msgspec.ValidationError
        finished = [self._choice(choice) for choice in choices]
        changed = self._with_carbon(chunk) or changed
        body = _encode(chunk) if changed or (self._table and choices) else None
        ours, self._opening = self._opening, None
        if any(finished):
            ours = self._with_outcome(ours or {})
        return body if ours is None else splice(body or data, _encode(ours))

    def _choice(self, choice: dict[str, Any]) -> bool:
        """Restore a choice of an event in place; tell whether it ends there."""
        index = choice.get("index")
        index = index if type(index) is int else 0
        message = self._message(index)
        said = choice.get("delta")
        self.begun = self.begun or (isinstance(said, dict) and any(said[key] for key in said if key != "role"))
        delta = message.feed(said)
        self._check_size()
        reason = choice.get("finish_reason")
        if reason is not None:
            self.begun = True
            self._finish_reasons[index] = str(reason)
            if message.holds:
                delta = message.left_over(delta if isinstance(delta, dict) else {})
        if self._table:
            if "delta" in choice or delta is not None:
                choice["delta"] = delta
            if choice.get("logprobs") is not None:
                choice["logprobs"] = None  # token texts would show pieces of pseudonyms
        return reason is not None

    def _check_size(self) -> None:
        """Note as a failure that there is more text than is kept, all choices together."""
        if sum(message.size for message in self._messages.values()) > MAX_ANSWER_CHARS:
            self.failure = protocol_error("plus de texte qu'on n'en garde", "more text than is kept")

    def _error(self, error: object) -> object:
        """An error a deployment streams, in the user's words and without anything under our name."""
        said = restored_error(_encode(error).decode(), self._table)
        return {key: value for key, value in said.items() if key != OURS} if isinstance(said, dict) else said

    def _message(self, index: int) -> MessageRestorer:
        message = self._messages.get(index)
        if message is None:
            if len(self._messages) >= MAX_CHOICES:
                raise UnreadableMessageError
            message = MessageRestorer(self._table, json_answer=self._json_answer, keep_raw=self._detail)
            self._messages[index] = message
        return message

    def _with_outcome(self, ours: dict[str, Any]) -> dict[str, Any]:
        messages = self._messages.values()
        ours["outcome"] = outcome_shown(
            sum(message.restored for message in messages), sum(message.unrestored for message in messages)
        )
        if self._detail:
            ours.setdefault("detail", {})["came_back"] = self._came_back()
        return ours if self._at_end is None else ours | self._at_end()

    def _came_back(self) -> str:
        return "\n".join("".join(self._messages[index].came_back) for index in sorted(self._messages))

    def _with_carbon(self, chunk: dict[str, Any]) -> bool:
        """Say what an answer cost where its tokens are counted: at its end, or after; tell whether that was here."""
        over = bool(self._messages) and self._messages.keys() <= self._finish_reasons.keys()
        if self._cost is None or not isinstance(chunk.get("usage"), dict) or (chunk.get("choices") and not over):
            return False
        self._read()
        chunk["usage"]["carbon"] = usage_carbon(self._cost(self.facts, over=over))
        return True

    def _read(self) -> None:
        """Note the text so far, where nobody counts its tokens."""
        if self.facts.completion_tokens is None:
            self.facts.text = "\n".join(message.text for message in self._messages.values())

    def _cost_event(self) -> bytes:
        """An event of our own that says what the answer cost, for who asked to be shown such things."""
        if self._cost is None or not self._detail:
            return b""
        self._read()
        ours = {OURS: {"footprint": footprint_shown(self._cost(self.facts))}}
        return b"data: " + _encode({**self._head, "choices": [], **ours}) + b"\n\n"

    def _left_over(self) -> bytes:
        """An event of its own for what is still held when a stream ends without saying why."""
        choices = [
            {"index": index, "delta": self._messages[index].left_over({}), "finish_reason": None}
            for index in sorted(self._messages)
            if self._messages[index].holds
        ]
        return b"data: " + _encode({**self._head, "choices": choices}) + b"\n\n" if choices else b""


def _is_content(event: _Event) -> bool:
    """Tell whether an event holds content of one choice, and nothing else that we note or that could hold a text."""
    if len(event.choices) != 1 or event.usage is not None or event.error is not None:
        return False
    choice = event.choices[0]
    delta = choice.delta
    return (
        event.bouclier is msgspec.UNSET
        and choice.finish_reason is None
        and choice.logprobs is None
        and delta.tool_calls is None
        and delta.function_call is None
        and not delta.reasoning_content
        and not delta.reasoning
        and not delta.reasoning_details
        and not delta.thinking
        and not delta.refusal
    )


def _is_choice(choice: object) -> bool:
    """Tell whether something can be a choice: an object whose delta, if any, holds a text or parts as its content."""
    if not isinstance(choice, dict):
        return False
    delta = choice.get("delta")
    content = delta.get("content") if isinstance(delta, dict) else None
    return delta is None or (isinstance(delta, dict) and (content is None or isinstance(content, str | list)))
