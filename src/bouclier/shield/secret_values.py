"""Whether a value that stands where a secret stands is one: not a placeholder, not a name, not a piece of code.

Pure functions on the value alone. What announces it is the business of the detectors.
"""

from __future__ import annotations

import re
from collections import Counter
from math import log2

_ASCII = re.ASCII | re.IGNORECASE

_NAMES_FOR_SECRETS = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|mdp|mot[_-]?de[_-]?passe|secret|token|jeton|api[_-]?key|key|cle|cl(?:é|e\u0301)|"
    r"credentials?|value|valeur)"
)
_PLACEHOLDER = re.compile(
    r"(?:[*x•.…_?#=+-]+\Z|<[^>]{0,80}>?\Z|\{[^}]{0,80}\}{0,2}\Z|\[[^\]]{0,60}\]?\Z|\$[{(]|"
    r"[$@:](?:[a-z_.]{1,60}|(?-i:[A-Z0-9_]{1,60}))\Z|%(?:[a-z_]{1,60}%|[sdr]\Z|\()|"
    rf"[$@:]\w{{0,40}}{_NAMES_FOR_SECRETS}\w{{0,20}}\Z|"
    r"(?:null|nil|none|true|false|undefined|todo|tbd|n/a|yes|no|oui|non|str|string|text|bool|boolean|int|integer|number|"
    r"bytes|object|any|optional|required|varchar|secretstr|hidden|masked|empty|vide|default|secret)\W?\Z|"
    rf"(?:(?:my|your|the|a|some|db|user|new|old|admin|mon|ma|votre|le)[_-]?)?{_NAMES_FOR_SECRETS}[0-9]?[_-]?"
    r"(?:here|ici|name|hash)?\Z|[a-z_.-]{0,40}(?:password|passwd|token|key)s?\Z|"
    r"(?:your|votre|insert|replace|enter|saisir)[_ -]|"
    r"(?:os|env|process|self|this|config|settings|secrets|vars|environ|context|github|steps|inputs|var|local|data|"
    r"module|each|request|req|args|options|opts|params)\.[a-z_])",
    _ASCII,
)
_PLACEHOLDER_INSIDE = re.compile(
    r"example|exemple|placeholder|change[_-]?me|changez|a[_-]changer|redacted|xxxxx|\*\*\*\*|\.\.\.|dummy|"
    r"your[_-]|votre[_-]|insert[_-]|<[a-z]|\$\{|\{\{|12345678901234567890|abcdefghijklmnop",
    _ASCII,
)
# `oublié ?`, `obligatoire`: what is said of passwords rather than a password.
_SAID_OF_SECRETS = re.compile(
    r"(?:oubli(?:é|e)|expir|obligatoire|requis|invalide?|incorrect|erron|perdu|modifi|chang|cr(?:é|e)[eé]|confirm|"
    r"provisoire|temporaire|unique|personnel|confidentiel|inconnu|diff[eé]rent|identique|forgotten|wrong|missing|"
    r"reset|must|should|doit|incorrecte|with|from|that|this|which|dans|pour|avec|sans|vous|est|sont)",
    _ASCII,
)
# Digits only at the end of words: `sha256_hash`, `kv-store-v2`, `oauth2`.
_NAME = re.compile(r"_*[a-z]+[0-9]{0,3}(?:[_.:/ -]+(?:[a-z]+[0-9]{0,3}|[0-9]{1,4}))*[_=]*\Z", _ASCII)
_CALL = re.compile(r"[A-Za-z_&*!][\w.:>-]*[(\[{]|[\[{(]|[\w.]*(?:&&|\|\||=>|\?\.)", re.ASCII)
# `self.token2` or `Settings::SECRET` is looked up; `Jean.Martin59` is typed.
_LOOKED_UP = re.compile(
    rf"[a-z_]\w*(?:(?:\.|->|::)[a-z_]\w*)*(?:\.|->|::)(?:[a-z_]+|\w*{_NAMES_FOR_SECRETS}\w*)\Z", _ASCII
)
_CAMEL = re.compile(r"(?:[A-Z]{2,6}[0-9]{0,3})?(?:[A-Z]?[a-z]{2,}[0-9]{0,2}){2,}\Z", re.ASCII)
_FILE = re.compile(
    r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\][a-z0-9_.@-]*(?:[/\\][a-z0-9_.@{}-]+)+\Z|[a-z0-9_./-]+\.[a-z]{2,4}\Z", re.ASCII
)
_URL = re.compile(r"[a-z][a-z0-9+.-]{1,20}://", _ASCII)
_DIGEST = re.compile(r"sha(?:1|256|384|512)[-:]|urn:|uuid:|md5:", _ASCII)

_LEAST_KEY = 8
_LONG_KEY = 20
_FEW_BITS = 2.4
_MANY_BITS = 3.9
_FEW_CHARACTERS = 5


def is_placeholder(value: str) -> bool:
    """Say whether a value stands for a secret that is not there: `changeme`, `${VAR}`, `<your-key>`, `xxxx`."""
    return _PLACEHOLDER.match(value) is not None or _PLACEHOLDER_INSIDE.search(value) is not None


def is_said_of_secrets(value: str) -> bool:
    """Say whether a word is one said of passwords, in prose: `mot de passe : obligatoire`."""
    return _SAID_OF_SECRETS.match(value) is not None


def is_code(value: str) -> bool:
    """Say whether a value without quotes is an expression to be evaluated, not a value."""
    return _CALL.match(value) is not None or _LOOKED_UP.match(value) is not None


def is_reference(value: str) -> bool:
    """Say whether a value says where something is, or is the digest of something: a path, a URL, `sha256:`."""
    return any(shape.match(value) for shape in (_FILE, _URL, _DIGEST))


def is_issued(value: str, *, kinds: int) -> bool:
    """Say whether characters after the head of a key look drawn at random rather than written by someone.

    Args:
        value: What follows the head.
        kinds: How many of small letters, capitals and digits it must hold.
    """
    if len(set(value)) < _FEW_CHARACTERS + (len(value) > _LONG_KEY) or is_filler(value):
        return False
    return _kinds(value) >= kinds


def is_filler(value: str) -> bool:
    """Say whether a key was written for a manual: `AKIAIOSFODNN7EXAMPLE`, `ghp_xxxxxxxxxxxx`."""
    return _PLACEHOLDER_INSIDE.search(value) is not None


def is_key(value: str) -> bool:
    """Say whether a value given to a name such as `token` looks like a key: long enough, and drawn at random."""
    if len(value) < _LEAST_KEY or is_reference(value):
        return False
    kinds = _kinds(value)
    bits = bits_per_character(value)
    if not any(map(str.isdigit, value)):
        return len(value) >= _LONG_KEY and kinds > 1 and bits >= _MANY_BITS and not _is_name(value)
    return kinds > 1 and bits >= _FEW_BITS and not _is_name(value)


def _is_name(value: str) -> bool:
    return _NAME.match(value) is not None or _CAMEL.match(value) is not None


def bits_per_character(value: str) -> float:
    """Return the Shannon entropy of the characters of a value, in bits per character.

    >>> bits_per_character("aaaa"), bits_per_character("abcd")
    (0.0, 2.0)
    """
    counts = Counter(value).values()
    return sum(count * log2(len(value) / count) for count in counts) / len(value)


def _kinds(value: str) -> int:
    return any(map(str.islower, value)) + any(map(str.isupper, value)) + any(map(str.isdigit, value))
