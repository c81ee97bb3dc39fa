"""Tags as a reader counts them: which one is which cannot be told in advance, since they are drawn under a key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bouclier.shield import PSEUDONYM

if TYPE_CHECKING:
    import re


def numbered(value: Any) -> Any:
    """The same text, or JSON value, with `[TYPE_n]` for the n-th tag of a type to appear in it."""
    if not isinstance(value, str):
        return json.loads(numbered(json.dumps(value, ensure_ascii=False)))
    seen: dict[str, list[str]] = {}

    def number(tag: re.Match[str]) -> str:
        type_ = tag[0][1 : -len(tag[1]) - 2]
        same = seen.setdefault(type_, [])
        if tag[0] not in same:
            same.append(tag[0])
        return f"[{type_}_{same.index(tag[0]) + 1}]"

    return PSEUDONYM.sub(number, value)
