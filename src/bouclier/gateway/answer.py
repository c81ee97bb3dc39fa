"""Write a deployment's answer for the caller: the user's own words back, our object beside it, the rest untouched.

Sans-I/O: bytes in, bytes out. An event or a body with nothing to change is passed on byte for byte; our `bouclier`
object is spliced into the first event (what was decided) and into those that end a choice (what was restored). A
deployment cannot speak under that name: whatever it puts there is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from bouclier.gateway.events import EventSplitter, data_of, with_data
from bouclier.gateway.restoring import MessageRestorer, UnreadableMessageError
from bouclier.shield import Pseudonyms, restore
from bouclier.terms.errors import Bilingual, StreamInterrupted, UpstreamProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

_OURS = "bouclier"
_MAX_ANSWER_CHARS = 16_000_000
_MAX_CHOICES = 128
_UNDECODABLE = (msgspec.MsgspecError, UnicodeError, RecursionError, UnreadableMessageError)

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


@dataclass(slots=True)
class AnswerFacts:
    """What is recorded of an answer, and the text the caller was handed; it prints as numbers only.

    `unrestored` counts what looks like one of our tags and is none of this exchange's: it stays visible.
    """

    restored: int = 0
    unrestored: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish_reasons: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    came_back: str = field(default="", repr=False)

    def take_usage(self, usage: object) -> None:
        """Note the tokens a deployment says it used, where it says so in whole numbers."""
        if isinstance(usage, dict):
            prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
            self.prompt_tokens = prompt if type(prompt) is int else self.prompt_tokens
            self.completion_tokens = completion if type(completion) is int else self.completion_tokens


def splice(body: bytes, ours: bytes) -> bytes:
    """Add `"bouclier": ours` to a JSON object that has no such key, without touching the rest."""
    stripped = body.rstrip()
    comma = b"" if stripped[:-1].rstrip().endswith(b"{") else b","
    return stripped[:-1] + comma + b'"bouclier":' + ours + b"}"


def restored_error(text: str, table: Pseudonyms) -> object:
    """Return what a deployment's error says, in the user's words: None if it is not JSON."""
    try:
        return _decode(restore(text, table, json_string=True))
    except _UNDECODABLE:
        return None


def restored_answer(
    body: bytes, *, table: Pseudonyms, json_answer: bool, ours: dict[str, Any]
) -> tuple[bytes, AnswerFacts]:
    """Restore a whole answer.

    Args:
        body: The deployment's answer, bytes of JSON.
        table: Pseudonyms of the exchange.
        json_answer: Whether the text of the answer is itself JSON, so that what is put back must be escaped.
        ours: The `bouclier` object; `outcome` is added to it, and `detail.came_back` if it has `detail`.

    Raises:
        UpstreamProtocolError: The body is not a chat completion.
    """
    try:
        answer = _decode(body)
    except _UNDECODABLE as error:
        raise _no_completion() from error
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise _no_completion()
    facts = AnswerFacts()
    facts.take_usage(answer.get("usage"))
    facts.finish_reasons = tuple(str(choice["finish_reason"]) for choice in choices if choice.get("finish_reason"))
    restorers = [MessageRestorer(table, json_answer=json_answer, keep_raw=True, whole=True) for _ in choices]
    try:
        for choice, restorer in zip(choices, restorers, strict=True):
            message = restorer.feed(choice.get("message"))
            if table:
                choice["message"] = message
                if choice.get("logprobs") is not None:
                    choice["logprobs"] = None  # token texts would show pieces of pseudonyms
    except UnreadableMessageError as error:
        raise _no_completion() from error
    facts.restored = sum(restorer.restored for restorer in restorers)
    facts.unrestored = sum(restorer.unrestored for restorer in restorers)
    facts.text = "\n".join(restorer.text for restorer in restorers)
    facts.came_back = "\n".join("".join(restorer.came_back) for restorer in restorers)
    ours["outcome"] = _outcome(facts.restored, facts.unrestored)
    if "detail" in ours:
        ours["detail"]["came_back"] = facts.came_back
    if answer.pop(_OURS, msgspec.UNSET) is not msgspec.UNSET or table:
        body = _encode(answer)
    return splice(body, _encode(ours)), facts


class AnswerStream:
    """Restores a streamed answer, server-sent event by event.

    Feed it the bytes as they come; it returns the bytes to send, and holds back at most an unfinished event and, in
    each text, at most a possible pseudonym's prefix.

    Attributes:
        done: Whether the deployment said that the stream ends.
        begun: Whether anything of an answer came: a text, a call of a tool, an end. A role alone is none.
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
    ) -> None:
        """Take what the answer is restored with.

        Args:
            table: Pseudonyms of the exchange.
            json_answer: Whether the text of the answer is itself JSON.
            ours: The `bouclier` object, said with the first event.
            at_end: What is added to it with the events that end a choice, asked for when they do.
        """
        self._table = table
        self._json_answer = json_answer
        self._opening: dict[str, Any] | None = ours
        self._at_end = at_end
        self._detail = "detail" in ours
        self._events = EventSplitter()
        self._messages: dict[int, MessageRestorer] = {}
        self._finish_reasons: dict[int, str] = {}
        self._head: dict[str, Any] = {}
        self.done = False
        self.begun = False
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
            except _UNDECODABLE:
                # What came before it is good, however the bytes were cut.
                self.failure = _protocol_error(
                    "un événement qui n'est pas un fragment de complétion", "an event that is no chunk of a completion"
                )
        if self._events.overflown and self.failure is None:
            self.failure = _protocol_error("un événement sans fin", "an event without end")
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
            return self._left_over() + event + b"\n\n"
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
        changed = chunk.pop(_OURS, msgspec.UNSET) is not msgspec.UNSET
        self.facts.take_usage(chunk.get("usage"))
        self._head = {name: chunk[name] for name in ("id", "object", "created", "model") if name in chunk}
        if chunk.get("error") is not None:
            self.done = self.begun = True  # the deployment said itself that it ends, and why
            chunk["error"] = self._error(chunk["error"])
            changed = True
        choices = chunk.get("choices") or []
        if not isinstance(choices, list) or not all(_is_choice(choice) for choice in choices):
            raise msgspec.ValidationError
        finished = [self._choice(choice) for choice in choices]
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
        if sum(message.size for message in self._messages.values()) > _MAX_ANSWER_CHARS:
            self.failure = _protocol_error("plus de texte qu'on n'en garde", "more text than is kept")

    def _error(self, error: object) -> object:
        """An error a deployment streams, in the user's words and without anything under our name."""
        said = restored_error(_encode(error).decode(), self._table)
        return {key: value for key, value in said.items() if key != _OURS} if isinstance(said, dict) else said

    def _message(self, index: int) -> MessageRestorer:
        message = self._messages.get(index)
        if message is None:
            if len(self._messages) >= _MAX_CHOICES:
                raise UnreadableMessageError
            message = MessageRestorer(self._table, json_answer=self._json_answer, keep_raw=self._detail)
            self._messages[index] = message
        return message

    def _with_outcome(self, ours: dict[str, Any]) -> dict[str, Any]:
        messages = self._messages.values()
        ours["outcome"] = _outcome(
            sum(message.restored for message in messages), sum(message.unrestored for message in messages)
        )
        if self._detail:
            ours.setdefault("detail", {})["came_back"] = self._came_back()
        return ours if self._at_end is None else ours | self._at_end()

    def _came_back(self) -> str:
        return "\n".join("".join(self._messages[index].came_back) for index in sorted(self._messages))

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


def _outcome(restored: int, unrestored: int) -> dict[str, int]:
    """What became of pseudonyms; what stayed is told only where something did."""
    return {"restored": restored, "unrestored": unrestored} if unrestored else {"restored": restored}


def _is_choice(choice: object) -> bool:
    """Tell whether something can be a choice: an object whose delta, if any, holds a text or parts as its content."""
    if not isinstance(choice, dict):
        return False
    delta = choice.get("delta")
    content = delta.get("content") if isinstance(delta, dict) else None
    return delta is None or (isinstance(delta, dict) and (content is None or isinstance(content, str | list)))


def _no_completion() -> UpstreamProtocolError:
    return _protocol_error("autre chose qu'une complétion", "something else than a completion")


def _protocol_error(what_fr: str, what_en: str) -> UpstreamProtocolError:
    return UpstreamProtocolError(
        Bilingual(f"Le déploiement a répondu {what_fr}.", f"The deployment answered {what_en}."),
        Bilingual(
            "Prévenez l'exploitant du déploiement, ou choisissez un autre modèle.",
            "Tell the deployment's operator, or choose another model.",
        ),
    )
