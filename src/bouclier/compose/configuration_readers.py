"""Readers of single values in `bouclier.yaml`, each with what it expects in two languages."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bouclier.compose.yaml_reader import scalar
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Callable

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_OPERATOR = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_KEYWORD = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_ORIGIN = re.compile(r"[!-*,-~]{1,255}")
_MAX_PORT = 65535
_A_DAY_S = 86_400
_AN_HOUR_S = 3_600
_LONGEST_TEXT = 500


def matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    """Return what accepts a text that matches a pattern as a whole, and raises ValueError for another."""

    def accept(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError
        return text

    return accept


def _positive(text: str) -> int:
    value = int(text.replace("_", ""))
    if value < 1:
        raise ValueError
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= _MAX_PORT:
        raise ValueError
    return value


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _refresh(text: str) -> int:
    value = int(text)
    if not 1 <= value <= _AN_HOUR_S:
        raise ValueError
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= _A_DAY_S:
        raise ValueError
    return value


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:  # a bad port raises ValueError
        raise ValueError
    if any(character in text for character in " ?#") or "@" in parts.netloc:
        raise ValueError
    if not (text.isascii() and text.isprintable()):
        raise ValueError
    return text


def text_of(text: str) -> str:
    """Return a text that is neither blank nor very long, without space around it; raises ValueError for another."""
    if not text.strip() or len(text) > _LONGEST_TEXT:
        raise ValueError
    return text.strip()


TEXT = scalar("any", text_of, Bilingual("un texte", "a text"))
PATH = scalar("any", Path, Bilingual("un chemin de fichier", "a file path"))
COUNT = scalar("int", _positive, Bilingual("un entier positif", "a positive whole number"))
SECONDS = scalar("any", _seconds, Bilingual("une durée en secondes, au plus un jour", "seconds, at most a day"))
BOOL = scalar("bool", _boolean, Bilingual("true ou false", "true or false"))
COUNTRY_CODE = scalar(
    "any",
    matching(_COUNTRY),
    Bilingual("un code de pays à deux majuscules, comme FR", "a two-letter country code such as FR"),
)
OPERATOR_ID = scalar(
    "any",
    matching(_OPERATOR),
    Bilingual("un identifiant en minuscules, chiffres et tirets", "lower-case letters, digits and dashes"),
)
NAME = scalar(
    "any",
    matching(_SLUG),
    Bilingual("1 à 128 lettres, chiffres ou . _ : / -", "1 to 128 letters, digits or . _ : / -"),
)
BASE_URL = scalar(
    "any",
    _url,
    Bilingual(
        "une adresse http(s)://… sans identifiants ni paramètres, jusqu'à /v1 compris",
        "an http(s)://… address without credentials or parameters, up to and including /v1",
    ),
)
ORIGIN = scalar(
    "any",
    matching(_ORIGIN),
    Bilingual(
        "1 à 255 caractères ASCII visibles, sans « + » ni espace, comme log.example.fr/mairie",
        "1 to 255 visible ASCII characters, no `+`, no space, such as log.example.fr/town-hall",
    ),
)
KEYWORD = scalar(
    "any",
    matching(_KEYWORD),
    Bilingual("un mot-clé : minuscules, chiffres, tirets", "a keyword: lower-case letters, digits, hyphens"),
)
DAY = scalar("any", _day, Bilingual("une date AAAA-MM-JJ", "a date YYYY-MM-DD"))
REFRESH = scalar("int", _refresh, Bilingual("de 1 à 3600 secondes", "from 1 to 3600 seconds"))
PORT = scalar("int", _port, Bilingual("un port de 0 à 65535", "a port from 0 to 65535"))
