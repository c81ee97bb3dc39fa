"""Read a chat completion request: check its shape, find every text in it, and write it again as it may leave.

What is checked is what the journey needs; every other field, known or not, passes through untouched. What is read as
text is every string of the body except the few that name protocol things (`model` at its root; a `role` or a `type`
that is one lower-case word): nothing leaves before it was looked at. A string that is itself JSON (tool-call
arguments) is read inside, long numbers included, and there nothing is protocol. What cannot be read as text (images,
audio, files) is counted, so that the class of the exchange can say that something was not inspected.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import msgspec

from bouclier.gateway.asked import asked_of
from bouclier.terms.content import SensitiveText, TextPart
from bouclier.terms.errors import Bilingual, RequestError
from bouclier.terms.exchange import ChatRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.terms.content import Path


class _InsideJson(str):
    """A step of a path that is no key: known by identity, so that a real key `$json` is never taken for it."""

    __slots__ = ()


class _Key(str):
    """The last step of a path that leads to a key itself, not to what stands under it."""

    __slots__ = ()


_INSIDE_JSON = _InsideJson("$json")
_FILE_NAME = _InsideJson("$name")
"""The last step of a path that leads to the name of a file inside a data URL."""

_ROOT_KEYS = frozenset({"model", "stream", "bouclier"})
_KNOWN_ROOTS = frozenset({"messages", "tools", "metadata", "response_format", "tool_choice", "user"})
_WORD_KEYS = frozenset({"role", "type"})
_WORD = re.compile(r"[a-z][a-z_]{0,31}")
_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z_$.-]{0,63}")
_MAX_DEPTH = 64
_IDENTIFYING = 10_000_000  # a number of eight digits or more, where people's programs write numbers
_EXACT = 2.0**63  # beyond, a number with a decimal point is a measure of something
_DATA_URL = re.compile(r"data:[^,\s]{0,400},")
_DATA_URL_NAME = re.compile(r"(data:[^,\s]{0,200}?;(?:file)?name=)([^,;\s]{1,200})", re.IGNORECASE)
_FREE_KEYS = frozenset({"metadata", "properties", "$defs", "definitions"})
"""Under these, the protocol lets callers choose the keys."""

_EMBEDDED = re.compile(r"data:[a-z]{1,20}/[a-z0-9.+-]{1,80}[;,]|data:;base64,")
_ENCODED_CHARS = 200
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{200}")
_ENCODED_FIELDS = frozenset({"data", "file_data", "format"})
_MORE_THAN_ASKED = ("min_tokens", "best_of", "reasoning", "thinking")
_MOST_ANSWER_TOKENS = 100_000_000
_ANSWER_LIMITS = ("max_completion_tokens", "max_tokens", "max_new_tokens", "max_output_tokens", "n_predict")
"""What callers may limit an answer by: the protocol's words, and those that servers of weights know beside them."""
_TEXT_PARTS = frozenset({"text", "refusal", "input_text", "output_text"})

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def parse_chat_request(raw: bytes) -> ChatRequest:
    """Return the request a body holds.

    Args:
        raw: The body, bytes of JSON.

    Raises:
        RequestError: It is not JSON in UTF-8, or a field the journey needs is missing or of the wrong type; the error
            names the field and never quotes its content.
    """
    body = _decoded(raw)
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise _wrong("model", "une chaîne non vide", "a non-empty string")
    stream = body.get("stream")
    if stream is not None and not isinstance(stream, bool):
        raise _wrong("stream", "true ou false", "true or false")
    _check_messages(body.get("messages"))
    detail, final_receipt = _options(body.get("bouclier"))
    parts: list[TextPart] = []
    uninspected = _collect(body, (), parts)
    asked = asked_of(body, parts, uninspected=uninspected)
    return ChatRequest(
        model=model,
        stream=bool(stream),
        raw=raw,
        body=body,
        parts=tuple(parts),
        uninspected=uninspected,
        json_answer=_asks_for_json(body.get("response_format")),
        detail=detail,
        final_receipt=final_receipt,
        modalities=asked.modalities,
        capabilities=asked.capabilities,
        sourced=asked.sourced,
        tokens=asked.tokens,
        answer_tokens=_longest_answer(body),
    )


def rewritten(request: ChatRequest, texts: Sequence[str], *, model: str, max_answer_tokens: int | None = None) -> bytes:
    """Return the body as it may leave: other texts, the deployment's own model name, and nothing of ours.

    Args:
        request: As parsed.
        texts: One for each of `request.parts`.
        model: The model's name at the deployment.
        max_answer_tokens: How long the answer may be, if something caps it; a lower limit of the caller's stays.
    """
    changed = [
        (part.path, text)
        for part, text in zip(request.parts, texts, strict=True)
        if text is not part.text and not part.fixed
    ]
    # A fresh decoding is a deep copy, and a faster one than copying.
    body = _with_texts(_decode(request.raw), changed) if changed else dict(request.body)
    body["model"] = model
    body.pop("bouclier", None)
    if max_answer_tokens is not None:
        _cap_answer(body, max_answer_tokens)
    return _encode(body)


def _longest_answer(body: dict[str, Any]) -> int | None:
    """Return how many tokens a request lets its answer have, all choices together; None if it sets no bound."""
    given = [body[name] for name in _ANSWER_LIMITS if type(body.get(name)) is int and body[name] > 0]
    choices = body.get("n")
    times = choices if type(choices) is int and choices > 0 else 1
    return min(max(given) * times, _MOST_ANSWER_TOKENS) if given else None


def _cap_answer(body: dict[str, Any], tokens: int) -> None:
    """Let the answer have no more tokens than these, all choices together; what would make it longer is left out.

    Servers read a number they do not expect in their own way: -1 as no limit at all, "4" as 4. What is not a plain
    positive number is replaced.
    """
    for name in _MORE_THAN_ASKED:
        body.pop(name, None)
    choices = 1
    if body.get("n") is not None:
        asked = body["n"]
        choices = body["n"] = min(asked, tokens) if type(asked) is int and asked > 0 else 1
    each = tokens // choices
    given = [name for name in _ANSWER_LIMITS if name in body]
    if "max_completion_tokens" not in given:
        given.append("max_tokens")
    for name in given:
        asked = body.get(name)
        body[name] = min(asked, each) if type(asked) is int and asked > 0 else each


def _decoded(raw: bytes) -> dict[str, Any]:
    try:
        body = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # The decoder says what is wrong and at which byte; it quotes nothing of the text.
        where = re.search(r"\(byte (\d+)\)", str(error))
        at = f" (octet {where[1]} / byte {where[1]})" if where else ""
        raise RequestError(
            Bilingual(
                f"Le corps de la requête n'est pas du JSON valide en UTF-8{at}.",
                f"The request body is not valid JSON in UTF-8{at}.",
            ),
            Bilingual("Envoyez un objet JSON encodé en UTF-8.", "Send one JSON object encoded in UTF-8."),
        ) from error
    if not isinstance(body, dict):
        raise RequestError(
            Bilingual("Le corps de la requête doit être un objet JSON.", "The request body must be a JSON object."),
            Bilingual(
                'Envoyez {"model": …, "messages": […]}.',
                'Send {"model": …, "messages": […]}.',
            ),
        )
    return body


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list) or not messages:
        raise _wrong("messages", "une liste non vide de messages", "a non-empty list of messages")
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            raise _wrong(f"messages[{index}]", "un objet", "an object")
        if not isinstance(message.get("role"), str):
            raise _wrong(f"messages[{index}].role", "une chaîne", "a string")
        content = message.get("content")
        if content is None or isinstance(content, str):
            continue
        if not isinstance(content, list):
            raise _wrong(f"messages[{index}].content", "une chaîne ou une liste", "a string or a list")
        for position, part in enumerate(content):
            if not isinstance(part, dict) or not isinstance(part.get("type"), str):
                raise _wrong(
                    f"messages[{index}].content[{position}]", "un objet avec « type »", 'an object with a "type"'
                )


def _wrong(field: str, expected_fr: str, expected_en: str) -> RequestError:
    return RequestError(
        Bilingual(
            f"Le champ « {field} » manque ou n'a pas le bon type : il faut {expected_fr}.",
            f'The field "{field}" is missing or of the wrong type: it must be {expected_en}.',
        ),
        Bilingual(
            "Corrigez ce champ et renvoyez la requête ; rien n'a été transmis.",
            "Correct this field and send the request again; nothing was passed on.",
        ),
        param=field,
    )


def _collect(value: object, path: Path, parts: list[TextPart]) -> int:
    """Append the texts found under a value; return how many things could not be read as text."""
    if len(path) > _MAX_DEPTH:
        field = str(path[0]) if path[0] in _KNOWN_ROOTS else "(…)"
        raise _wrong(field, f"moins de {_MAX_DEPTH} niveaux", f"nested less than {_MAX_DEPTH} deep")
    if isinstance(value, str):
        return _collect_text(value, path, parts) if value else 0
    number = _whole(value)
    if number is not None:
        # In a program's own JSON a pseudonym may take a number's place; in the protocol's, it would be an error.
        parts.append(TextPart(path=path, text=SensitiveText(number), fixed=not _is_inside(path)))
    if isinstance(value, dict):
        return _collect_object(value, path, parts)
    if isinstance(value, list):
        return sum(_collect(item, (*path, index), parts) for index, item in enumerate(value))
    return 0


def _whole(value: object) -> int | None:
    """Return a number that may tell who somebody is, also when a program wrote it with a decimal point."""
    if type(value) is float and abs(value) < _EXACT and value.is_integer():
        value = int(value)
    return value if type(value) is int and abs(value) >= _IDENTIFYING else None


def _collect_object(value: dict[str, Any], path: Path, parts: list[TextPart]) -> int:
    if _is_opaque_part(value, path):
        return _collect_opaque(value, path, parts)
    uninspected = 0
    # Keys of one's own may be names and addresses; the protocol's own words are not read.
    free = _is_free(path)
    for key, item in value.items():
        if key and (free or not _PLAIN_KEY.fullmatch(key)):
            parts.append(TextPart(path=(*path, _Key(key)), text=SensitiveText(key), fixed=not free))
        if not _is_protocol(key, item, path):
            uninspected += _collect(item, (*path, key), parts)
    return uninspected


def _collect_text(text: str, path: Path, parts: list[TextPart]) -> int:
    # Elsewhere than in arguments, JSON is read inside only if it spells characters as escapes, which hide what they
    # touch: what a tool returned, mostly. Other JSON is read as the text it is, and keeps its layout.
    is_escaped = "\\" in text and text.lstrip()[:1] in ("{", "[", '"')
    inside = _json_inside(text) if is_escaped or path[-1:] == ("arguments",) else None
    if inside is not None:
        return _collect(inside, (*path, _INSIDE_JSON), parts)
    if is_escaped and "\\u" in text:
        parts.append(TextPart(path=path, text=SensitiveText(text)))
        return 1  # nearly JSON: what its escapes hide cannot be told
    parts.append(TextPart(path=path, text=SensitiveText(text)))
    return _is_encoded(text)


def _is_encoded(text: str) -> bool:
    """Tell whether a text holds something encoded: an image, a file, which nobody here can read."""
    if "data:" in text and _EMBEDDED.search(text):
        return True
    return len(text) >= _ENCODED_CHARS and any(
        len(word) >= _ENCODED_CHARS and _ENCODED.search(word) for word in text.split()
    )


def _is_protocol(key: str, item: object, path: Path) -> bool:
    """Tell whether a value is the protocol's own: the same keys elsewhere hold what people write."""
    if not path:
        return key in _ROOT_KEYS
    return key in _WORD_KEYS and isinstance(item, str) and _WORD.fullmatch(item) is not None and not _is_inside(path)


def _is_inside(path: Path) -> bool:
    """Tell whether a path goes into a string of JSON; a real key may be spelled like that step."""
    return any(step is _INSIDE_JSON for step in path)


def _is_free(path: Path) -> bool:
    """Tell whether the keys found at a path may be others: in a program's own JSON, and where callers choose them."""
    return _is_inside(path) or path[:1] == ("metadata",) or (bool(path) and path[-1] in _FREE_KEYS)


def _is_opaque_part(value: dict[str, Any], path: Path) -> bool:
    in_content = len(path) >= 2 and path[-2] == "content" and isinstance(path[-1], int)  # noqa: PLR2004
    kind = value.get("type")
    return in_content and not (isinstance(kind, str) and kind in _TEXT_PARTS)


def _collect_opaque(value: dict[str, Any], path: Path, parts: list[TextPart]) -> int:
    """Read what text there is beside an image, a sound or a file, and count the thing itself."""
    for key, item in value.items():
        if isinstance(item, dict):
            for inner, text in item.items():
                if isinstance(text, str):
                    _collect_beside(text, (*path, key, inner), parts)
        elif isinstance(item, str) and key != "type":
            _collect_beside(item, (*path, key), parts)
    return 1


def _collect_beside(text: str, path: Path, parts: list[TextPart]) -> None:
    """Read a text beside something opaque; of a data URL, the name of its file."""
    if _DATA_URL.match(text):
        named = _DATA_URL_NAME.match(text)
        if named is not None:
            parts.append(TextPart(path=(*path, _FILE_NAME), text=SensitiveText(unquote(named[2]))))
    elif path[-1] not in _ENCODED_FIELDS:
        parts.append(TextPart(path=path, text=SensitiveText(text)))


def _json_inside(text: str) -> object:
    """Return the object, list or string that a string of JSON holds, else None.

    None also when a key stands twice in one object: decoding would hide the first from inspection, so that the string
    is read as it is spelled.
    """
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return None
    try:
        inside = _decode(text)
        json.loads(text, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError):
        return None
    return inside


def _without_twins(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError


def _with_texts(value: Any, changed: Sequence[tuple[Path, str]]) -> Any:  # noqa: ANN401
    """Return a value with other texts at these paths; JSON inside a string is decoded, changed and encoded again."""
    inside: dict[Path, list[tuple[Path, str]]] = {}
    keys: list[tuple[Path, str]] = []
    for path, text in changed:
        border = next((at for at, step in enumerate(path) if step is _INSIDE_JSON), None)
        if border is None and path and isinstance(path[-1], _Key):
            keys.append((path, text))
        elif border is None:
            value = _put(value, path, text)
        else:
            inside.setdefault(path[:border], []).append((path[border + 1 :], text))
    for path, inner in inside.items():
        text = _encode(_with_texts(_decode(_get(value, path)), inner)).decode()
        value = _put(value, path, text)
    # Keys last, the deepest first: until then, paths lead through them.
    for path, key in sorted(keys, key=lambda change: -len(change[0])):
        _rename(_get(value, path[:-1]), path[-1], key)
    return value


def _rename(holder: dict[str, Any], old: str | int, new: str) -> None:
    """Give a field another key, in its place."""
    items = [(new if key == old else key, item) for key, item in holder.items()]
    holder.clear()
    holder.update(items)


def _put(value: Any, path: Path, text: str) -> Any:  # noqa: ANN401
    if not path:
        return text
    if path[-1] is _FILE_NAME:
        path = path[:-1]
        # What was read as a name when the request was parsed is there still.
        text = _DATA_URL_NAME.sub(lambda named: f"{named[1]}{quote(text, safe='[]')}", _get(value, path), count=1)
    _get(value, path[:-1])[path[-1]] = text
    return value


def _get(value: Any, path: Path) -> Any:  # noqa: ANN401
    for step in path:
        value = value[step]
    return value


def _asks_for_json(response_format: object) -> bool:
    return isinstance(response_format, dict) and response_format.get("type") in ("json_object", "json_schema")


def _options(ours: object) -> tuple[bool, bool]:
    """Return what the caller asks of Bouclier itself: details, and a final receipt."""
    if ours is None:
        return False, False
    detail = ours.get("detail", False) if isinstance(ours, dict) else None
    receipt = ours.get("receipt", "signed") if isinstance(ours, dict) else None
    if (
        not isinstance(ours, dict)
        or not isinstance(detail, bool)
        or receipt not in ("signed", "final")  # any JSON value: not all of them can be looked up in a set
        or set(ours) - {"detail", "receipt"}
    ):
        raise _wrong(
            "bouclier",
            'absent, ou {"detail": true, "receipt": "final"}, chacun facultatif',
            'absent, or {"detail": true, "receipt": "final"}, each optional',
        )
    return bool(detail), receipt == "final"
