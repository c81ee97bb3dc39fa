"""The pages: a chat page in French and English, rendered once, served as values.

What this room guarantees:

1. Everything is read at `Console.load()`, from the package itself; answering a request does no input or output.
2. Pages may run only their own scripts and styles, talk only to the gateway they came from, and be framed by no one.
3. Every word shown is in `assets/strings.json`, in both languages; a page that lacks one is not built.

Not done here: authentication (the gateway's), and anything that would need to know who is reading.
"""

from __future__ import annotations

from bouclier.console.language import preferred_language
from bouclier.console.pages import Console, Page

__all__ = ["Console", "Page", "preferred_language"]
