"""Write a deployment's answer for the caller: the user's own words back, our object beside it, the rest untouched.

Sans-I/O: bytes in, bytes out. An event or a body with nothing to change is passed on byte for byte; our `bouclier`
object is spliced into the first event (what was decided) and into the one that ends (what was restored).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from bouclier.shield import Pseudonyms, Restorer
from bouclier.terms.errors import Bilingual, StreamInterrupted, UpstreamProtocolError

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_MAX_EVENT_BYTES = 4_000_000
_LINE_END = re.compile(rb"\r\n|\r")
_JSON_FIELDS = frozenset({"arguments"})
_OUR_KEY = b'"bouclier"'


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Delta(msgspec.Struct):
    content: str | None = None
    tool_calls: Any = None
    function_call: Any = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    index: int = 0
    delta: _Delta | None = None
    finish_reason: str | None = None
    logprobs: Any = None


class _Event(msgspec.Struct):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: Any = None


class _Choices(msgspec.Struct):
    """The part of a whole answer that is needed when nothing has to be restored."""

    choices: list[dict[str, Any]]
    usage: _Usage | None = None


_decode_event = msgspec.json.Decoder(_Event).decode
_decode_answer = msgspec.json.Decoder(_Choices).decode


@dataclass(slots=True)
class AnswerFacts:
    """What is recorded of an answer, and the text the caller was handed."""

    restored: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish_reasons: tuple[str, ...] = ()
    text: str = ""
    came_back: str = ""


def splice(body: bytes, ours: bytes) -> bytes:
    """Add `"bouclier": ours` to a JSON object without touching the rest.

    A deployment that is itself a Bouclier sends an object of that name; the nearest one speaks.
    """
    stripped = body.rstrip()
    if _OUR_KEY in stripped:
        decoded = _decode(stripped)
        decoded["bouclier"] = msgspec.Raw(ours)
        return _encode(decoded)
    comma = b"" if stripped[:-1].rstrip().endswith(b"{") else b","
    return stripped[:-1] + comma + b'"bouclier":' + ours + b"}"


def _protocol_error(what_fr: str, what_en: str) -> UpstreamProtocolError:
    return UpstreamProtocolError(
        Bilingual(f"Le déploiement a répondu {what_fr}.", f"The deployment answered {what_en}."),
        Bilingual(
            "Prévenez l'exploitant du déploiement, ou choisissez un autre modèle.",
            "Tell the deployment's operator, or choose another model.",
        ),
    )


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
        answer = _decode_answer(body)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _protocol_error("autre chose qu'une complétion", "something else than a completion") from error
    facts = AnswerFacts(finish_reasons=_finish_reasons(answer.choices))
    if answer.usage is not None:
        facts.prompt_tokens = answer.usage.prompt_tokens
        facts.completion_tokens = answer.usage.completion_tokens
    facts.came_back = _text_of(answer.choices)
    if table:
        decoded = _decode(body)
        for choice in decoded["choices"]:
            if choice.get("logprobs") is not None:
                choice["logprobs"] = None  # token texts would show pieces of pseudonyms
            choice.update(_restored_value(choice, table, json_answer=json_answer, facts=facts))
        facts.text = _text_of(decoded["choices"])
        body = _encode(decoded)
    else:
        facts.text = facts.came_back
    ours["outcome"] = {"restored": facts.restored}
    if "detail" in ours:
        ours["detail"]["came_back"] = facts.came_back
    return splice(body, _encode(ours)), facts


def _finish_reasons(choices: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(str(choice["finish_reason"]) for choice in choices if choice.get("finish_reason"))


def _text_of(choices: list[dict[str, Any]]) -> str:
    """The text an answer commitment covers: contents, then tool-call arguments, choice by choice."""
    texts: list[str] = []
    for choice in choices:
        message = choice.get("message")
        if not isinstance(message, dict):
            continue
        content = message.get("content")
        if isinstance(content, str):
            texts.append(content)
        for call in message.get("tool_calls") or ():
            arguments = call.get("function", {}).get("arguments") if isinstance(call, dict) else None
            if isinstance(arguments, str):
                texts.append(arguments)
    return "\n".join(texts)


def _restored_value(value: Any, table: Pseudonyms, *, json_answer: bool, facts: AnswerFacts, key: str = "") -> Any:  # noqa: ANN401
    if isinstance(value, str):
        if "[" not in value and "\\u005" not in value:
            return value
        restorer = Restorer(table, json_string=key in _JSON_FIELDS or (json_answer and key == "content"))
        text = restorer.feed(value) + restorer.finish()
        facts.restored += restorer.restored
        return text
    if isinstance(value, dict):
        return {
            name: _restored_value(item, table, json_answer=json_answer, facts=facts, key=name)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_restored_value(item, table, json_answer=json_answer, facts=facts, key=key) for item in value]
    return value


class AnswerStream:
    """Restores a streamed answer, server-sent event by event.

    Feed it the bytes as they come; it returns the bytes to send, and holds back at most an unfinished event and, in
    it, at most a possible pseudonym's prefix.

    Attributes:
        done: Whether the deployment said that the stream ends.
        failure: Why nothing more should be fed: an event is no chunk of a chat completion, or has no end.
        facts: What is recorded of the answer; complete after `close`.
    """

    def __init__(self, *, table: Pseudonyms, json_answer: bool, ours: dict[str, Any]) -> None:
        self._table = table
        self._json_answer = json_answer
        self._opening: bytes | None = _encode(ours)
        self._detail = "detail" in ours
        self._buffer = b""
        self._restorers: dict[tuple[int, str, int], Restorer] = {}
        self._texts: dict[tuple[int, str, int], list[str]] = {}
        self._raw: list[str] = []
        self._finish_reasons: dict[int, str] = {}
        self._last: dict[str, Any] = {}
        self.done = False
        self.failure: UpstreamProtocolError | None = None
        self.facts = AnswerFacts()

    def opening_event(self) -> bytes:
        """Return an event of our own that says what was decided, to be sent before the deployment says anything.

        It has no choices, which is why only callers who asked for our details get it: some clients expect one.
        """
        opening, self._opening = self._opening or b"{}", None
        return b'data: {"object":"chat.completion.chunk","choices":[],"bouclier":' + opening + b"}\n\n"

    def feed(self, data: bytes) -> bytes:
        """Take bytes of the stream and return what may be sent on; see `failure` afterwards."""
        buffer = self._buffer + data if self._buffer else data
        if b"\r" in buffer:
            held = buffer[-1:] if buffer.endswith(b"\r") else b""
            buffer = _LINE_END.sub(b"\n", buffer[: len(buffer) - len(held)]) + held
        out: list[bytes] = []
        start = 0
        try:
            while (end := buffer.find(b"\n\n", start)) >= 0:
                out.append(self._event(buffer[start:end]))
                start = end + 2
        except UpstreamProtocolError as error:
            # What came before it is good, however the bytes were cut.
            self.failure = error
        self._buffer = buffer[start:]
        if len(self._buffer) > _MAX_EVENT_BYTES:
            self.failure = _protocol_error("un événement sans fin", "an event without end")
        return b"".join(out)

    def finish(self) -> bytes:
        """Say that the stream ended.

        Raises:
            StreamInterrupted: It ended before `[DONE]` and before any choice was finished.
            UpstreamProtocolError: Its last event is no chunk of a chat completion.
        """
        out = self.feed(b"\n\n") if not self.done and self._buffer.strip() else b""
        if self.failure is not None:
            raise self.failure
        if not self.done and not self._finish_reasons:
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
        self.facts.restored = sum(restorer.restored for restorer in self._restorers.values())
        self.facts.finish_reasons = tuple(self._finish_reasons[index] for index in sorted(self._finish_reasons))
        self.facts.text = "\n".join("".join(self._texts[key]) for key in sorted(self._texts))
        return self.facts

    def _event(self, event: bytes) -> bytes:
        data = _data_of(event)
        if data is None:
            return event + b"\n\n"  # a comment, a keep-alive, a field we have no use for
        if data == b"[DONE]":
            self.done = True
            return self._left_over() + event + b"\n\n"
        try:
            chunk = _decode_event(data)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise _protocol_error(
                "un événement qui n'est pas un fragment de complétion", "an event that is no chunk of a completion"
            ) from error
        if chunk.error is not None:
            self.done = True  # the deployment said itself that it ends, and why
        if chunk.usage is not None:
            self.facts.prompt_tokens = chunk.usage.prompt_tokens
            self.facts.completion_tokens = chunk.usage.completion_tokens
        if self._untouched(chunk):
            return event + b"\n\n"
        return b"data: " + self._rewritten(data, chunk) + b"\n\n"

    def _untouched(self, chunk: _Event) -> bool:
        """Note what an event says, if it can be passed on as it is; tell whether it can."""
        if self._opening is not None or chunk.error is not None:
            return False
        if not all(self._is_plain(choice) for choice in chunk.choices):
            return False
        for choice in chunk.choices:
            if choice.delta is not None and choice.delta.content is not None:
                self._note(choice.index, "content", 0, choice.delta.content)
                if self._detail:
                    self._raw.append(choice.delta.content)
        return True

    def _is_plain(self, choice: _Choice) -> bool:
        """Tell whether a choice holds content and nothing else, and no part of a pseudonym in it."""
        delta = choice.delta
        if delta is None or choice.finish_reason is not None or choice.logprobs is not None:
            return False
        if delta.tool_calls is not None or delta.function_call is not None:
            return False
        if delta.reasoning_content or delta.reasoning or delta.refusal:
            return False
        content = delta.content
        if content is None or not self._table:
            return True
        may_begin = "[" in content or (self._json_answer and "\\" in content)
        return not may_begin and (not self._restorers or self._idle(choice.index))

    def _idle(self, index: int) -> bool:
        restorer = self._restorers.get((index, "content", 0))
        return restorer is None or restorer.idle

    def _note(self, index: int, field: str, call: int, text: str) -> None:
        key = (index, field, call)
        texts = self._texts.get(key)
        if texts is None:
            self._texts[key] = [text]
        else:
            texts.append(text)

    def _rewritten(self, data: bytes, chunk: _Event) -> bytes:
        decoded = _decode(data)
        self._last = {name: decoded[name] for name in ("id", "object", "created", "model") if name in decoded}
        finished = False
        choices = decoded.get("choices") or ()
        for choice in choices:
            index = choice.get("index", 0)
            delta = choice.get("delta")
            if isinstance(delta, dict):
                self._restore_delta(index, delta)
            if self._table and choice.get("logprobs") is not None:
                choice["logprobs"] = None  # token texts would show pieces of pseudonyms
            reason = choice.get("finish_reason")
            if reason is not None:
                finished = True
                self._finish_reasons[index] = str(reason)
                choice["delta"] = self._with_left_over(index, delta if isinstance(delta, dict) else {})
        body = data
        if self._table or chunk.error is not None:
            if chunk.error is not None:
                decoded = _restored_value(decoded, self._table, json_answer=False, facts=self.facts)
            body = _encode(decoded)
        ours = self._opening
        self._opening = None
        if finished:
            ours = _encode(self._with_outcome({} if ours is None else _decode(ours)))
        return body if ours is None else splice(body, ours)

    def _with_outcome(self, ours: dict[str, Any]) -> dict[str, Any]:
        ours["outcome"] = {"restored": sum(restorer.restored for restorer in self._restorers.values())}
        if self._detail:
            ours.setdefault("detail", {})["came_back"] = "".join(self._raw)
        return ours

    def _restore_delta(self, index: int, delta: dict[str, Any]) -> None:
        """Restore the texts of a delta in place; a table that is empty changes nothing."""
        for field, text in delta.items():
            if field == "role" or not isinstance(text, str):
                continue
            if field == "content" and self._detail:
                self._raw.append(text)
            delta[field] = self._through(index, field, 0, text)
        for position, call in enumerate(_calls(delta)):
            function = call.get("function")
            if not isinstance(function, dict):
                continue
            number = call.get("index", position)
            for field in ("name", "arguments"):
                text = function.get(field)
                if isinstance(text, str):
                    function[field] = self._through(index, field, number, text)

    def _through(self, index: int, field: str, call: int, text: str) -> str:
        if self._table:
            key = (index, field, call)
            restorer = self._restorers.get(key)
            if restorer is None:
                as_json = field in _JSON_FIELDS or (self._json_answer and field == "content")
                restorer = self._restorers[key] = Restorer(self._table, json_string=as_json)
            text = restorer.feed(text)
        if field in {"content", "arguments"}:
            self._note(index, field, call, text)
        return text

    def _with_left_over(self, index: int, delta: dict[str, Any]) -> dict[str, Any]:
        """Add to a choice's last delta what its restorers still hold."""
        for (choice, field, call), restorer in self._restorers.items():
            if choice != index or restorer.idle:
                continue
            held = restorer.finish()
            if field in {"content", "arguments"}:
                self._note(choice, field, call, held)
            if field in {"arguments", "name"}:
                calls = delta.setdefault("tool_calls", [])
                calls.append({"index": call, "function": {field: held}})
            else:
                delta[field] = (delta.get(field) or "") + held
        return delta

    def _left_over(self) -> bytes:
        """An event of its own for what is still held when a stream ends without saying why."""
        indexes = sorted({key[0] for key, restorer in self._restorers.items() if not restorer.idle})
        choices = [
            {"index": index, "delta": self._with_left_over(index, {}), "finish_reason": None} for index in indexes
        ]
        return b"data: " + _encode({**self._last, "choices": choices}) + b"\n\n" if choices else b""


def _calls(delta: dict[str, Any]) -> list[dict[str, Any]]:
    calls = delta.get("tool_calls")
    found = [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    if isinstance(delta.get("function_call"), dict):
        found.append({"index": 0, "function": delta["function_call"]})
    return found


def _data_of(event: bytes) -> bytes | None:
    """Return the data of a server-sent event, or None if it has none. Source: HTML, § 9.2.6."""
    if event.startswith(b"data: ") and b"\n" not in event:
        return event[6:].strip()
    lines = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines).strip() if lines else None
