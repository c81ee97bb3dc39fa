"""Write a deployment's whole answer for the caller: their own words back, our object beside it, the rest untouched.

Sans-I/O: bytes in, bytes out. A body with nothing to change is passed on byte for byte; our `bouclier` object is
spliced into it, and what the answer cost stands in its `usage`. A deployment cannot speak under our name: whatever it
puts there is taken out. Answers that stream are in `answer_stream`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

import msgspec

from bouclier.footprint.shown import footprint_shown, usage_carbon
from bouclier.gateway.restoring import MessageRestorer, UnreadableMessageError
from bouclier.shield import Pseudonyms, restore
from bouclier.terms.errors import Bilingual, UpstreamProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bouclier.terms.exchange import Footprint

OURS = "bouclier"
_MOST_TOKENS = 100_000_000
"""More than any model reads or writes in one exchange."""
UNDECODABLE = (msgspec.MsgspecError, UnicodeError, RecursionError, UnreadableMessageError)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


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
        """Note the tokens a deployment says it used, where it says a number that can be one."""
        if isinstance(usage, dict):
            prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
            self.prompt_tokens = prompt if _is_count(prompt) else self.prompt_tokens
            self.completion_tokens = completion if _is_count(completion) else self.completion_tokens


def _is_count(said: object) -> TypeGuard[int]:
    """Tell whether what a deployment says can be a number of tokens: budgets and the record are charged with it."""
    return type(said) is int and 0 <= said <= _MOST_TOKENS


def splice(body: bytes, ours: bytes) -> bytes:
    """Add `"bouclier": ours` to a JSON object that has no such key, without touching the rest."""
    stripped = body.rstrip()
    comma = b"" if stripped[:-1].rstrip().endswith(b"{") else b","
    return stripped[:-1] + comma + b'"bouclier":' + ours + b"}"


def restored_error(text: str, table: Pseudonyms) -> object:
    """Return what a deployment's error says, in the user's words: None if it is not JSON."""
    try:
        return _decode(restore(text, table, json_string=True))
    except UNDECODABLE:
        return None


def restored_answer(
    body: bytes,
    *,
    table: Pseudonyms,
    json_answer: bool,
    ours: dict[str, Any],
    cost: Callable[[AnswerFacts], Footprint] | None = None,
) -> tuple[bytes, AnswerFacts]:
    """Restore a whole answer.

    Args:
        body: The deployment's answer, bytes of JSON.
        table: Pseudonyms of the exchange.
        json_answer: Whether the text of the answer is itself JSON, so that what is put back must be escaped.
        ours: The `bouclier` object; `outcome` is added to it, and `detail.came_back` if it has `detail`.
        cost: What an answer cost: added to `usage`, and to ours.

    Raises:
        UpstreamProtocolError: The body is not a chat completion.
    """
    try:
        answer = _decode(body)
    except UNDECODABLE as error:
        raise no_completion() from error
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise no_completion()
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
        raise no_completion() from error
    facts.restored = sum(restorer.restored for restorer in restorers)
    facts.unrestored = sum(restorer.unrestored for restorer in restorers)
    facts.text = "\n".join(restorer.text for restorer in restorers)
    facts.came_back = "\n".join("".join(restorer.came_back) for restorer in restorers)
    ours["outcome"] = outcome_shown(facts.restored, facts.unrestored)
    if "detail" in ours:
        ours["detail"]["came_back"] = facts.came_back
    changed = bool(table) or OURS in answer
    answer.pop(OURS, None)
    if cost is not None:
        changed = _with_cost(answer, ours, cost(facts)) or changed
    if changed:
        body = _encode(answer)
    return splice(body, _encode(ours)), facts


def _with_cost(answer: dict[str, Any], ours: dict[str, Any], footprint: Footprint) -> bool:
    """Say what an answer cost in our object, and in its `usage` if it has one; tell whether that changed it."""
    ours["footprint"] = footprint_shown(footprint)
    if not isinstance(answer.get("usage"), dict):
        return False
    answer["usage"]["carbon"] = usage_carbon(footprint)
    return True


def outcome_shown(restored: int, unrestored: int) -> dict[str, int]:
    """What became of pseudonyms; what stayed is told only where something did."""
    return {"restored": restored, "unrestored": unrestored} if unrestored else {"restored": restored}


def no_completion() -> UpstreamProtocolError:
    """Return the error of a body that is no chat completion."""
    return protocol_error("autre chose qu'une complétion", "something else than a completion")


def protocol_error(what_fr: str, what_en: str) -> UpstreamProtocolError:
    """Return the error of a deployment that answered something else than the protocol."""
    return UpstreamProtocolError(
        Bilingual(f"Le déploiement a répondu {what_fr}.", f"The deployment answered {what_en}."),
        Bilingual(
            "Prévenez l'exploitant du déploiement, ou choisissez un autre modèle.",
            "Tell the deployment's operator, or choose another model.",
        ),
    )
