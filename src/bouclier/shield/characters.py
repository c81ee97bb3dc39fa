"""Characters shared by the detectors, each written twice: for Python's `re`, and for a byte engine.

A rough expression (see `detector`) is matched against UTF-8 bytes, where a class cannot hold a character of
several bytes: the `ROUGH_*` forms spell such characters as alternatives.
"""

from __future__ import annotations

_SPACES = "\u00a0\u2007\u2009\u202f"  # no-break, figure, thin, narrow no-break
_DASHES = "\u2010\u2011\u2012\u2013"
_LATIN = range(0x100, 0x180)

SEPARATORS = f" \t.-{_SPACES}{_DASHES}"
SPACE = f"[ \\t{_SPACES}]"
SEPARATOR = f"[ \\t.{_SPACES}{_DASHES}\\-]"
ROUGH_SPACE = f"(?: |\\t|{'|'.join(_SPACES)})"
ROUGH_SEPARATOR = f"(?:[ \\t.\\-]|{'|'.join(_SPACES + _DASHES)})"

UPPER = "A-ZÀ-ÖØ-Þ" + "".join(chr(code) for code in _LATIN if chr(code).isupper())
LOWER = "a-zß-öø-ÿ" + "".join(chr(code) for code in _LATIN if chr(code).islower())
ACCENTS = "\u0300-\u036f"  # letters typed on some systems come apart: e, then its accent
LETTER = UPPER + LOWER + ACCENTS
APOSTROPHE = "'\u2019"
E_ACUTE = "(?:e\u0301?|E\u0301?|é|É)"
NOT_IN_WORD = f"(?<![{LETTER}0-9_])"


_SPELLED = {
    letter: f"(?:{plain}|{letter}|{letter.upper()})"
    for plain, letters in (("e", "éèêë"), ("a", "àâ"), ("i", "îï"), ("o", "ô"), ("u", "ùûü"), ("c", "ç"))
    for letter in letters
} | {"'": "(?:'|\u2019)", " ": ROUGH_SPACE}


def digits(count: int, *, first: str = "[0-9]", most: int = 1) -> str:
    """Return a rough expression for `count` digits after a first one, each after at most `most` separators."""
    return f"{first}(?:{ROUGH_SEPARATOR}{{0,{most}}}[0-9]){{{count}}}"


def folded(words: str) -> str:
    """Return an expression, exact or rough, for words typed with or without their accents, in either case.

    To be compiled caseless. The alternatives spell accented letters whole, so that it also suits bytes.
    """
    return "".join(_SPELLED.get(char, char) for char in words)
