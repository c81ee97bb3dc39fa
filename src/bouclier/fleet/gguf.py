"""What a GGUF file says of itself: its licence, its shape, the longest context it was trained for.

Rules kept here: only the metadata at the start is read, never a weight; every length is checked before it is believed;
a file cut short gives what came before the cut, and says that it is cut, so that a licence can be read from the first
megabyte of a download. What a file says of its licence is its publisher's word, not proof. A text of it is shown to
people before they say yes to it, so it never holds a character that a terminal would obey or hide; and of numbers that
no model can have, nothing is computed.

Source: GGUF specification, versions 2 and 3 (ggml, docs/gguf.md).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from bouclier.terms.errors import Bilingual, VerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAGIC: Final = b"GGUF"
VERSIONS: Final = (2, 3)
MOST_PAIRS: Final = 100_000
LONGEST_KEY_BYTES: Final = 65_535
LONGEST_TEXT_BYTES: Final = 1 << 20
LONGEST_ARRAY: Final = 4_096
"""Arrays that are longer (vocabularies) are passed over."""
DEEPEST_ARRAY: Final = 4

BOUNDS: Final = {
    "context_length": (1, 1 << 30),
    "block_count": (0, 10_000),
    "embedding_length": (0, 1_000_000),
    "attention.head_count": (0, 10_000),
    "attention.head_count_kv": (0, 10_000),
    "attention.key_length": (0, 100_000),
    "attention.value_length": (0, 100_000),
}
"""What the shape of a model may be, each far beyond the largest models known; some layers of some have no heads."""
MOST_CACHE_PER_TOKEN: Final = 1 << 26
"""Bytes; ten times what the largest models known take."""
REPLACEMENT: Final = "\ufffd"
_SPACES: Final = "\u00a0\u202f"

Value: TypeAlias = "int | float | bool | str | tuple[Value, ...]"

_STRING, _ARRAY, _BOOL = 8, 9, 7
_NUMBERS: Final = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    _BOOL: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_F16_BYTES = 2


@dataclass(frozen=True, slots=True)
class Metadata:
    """What was read.

    Attributes:
        values: By key; long arrays are left out.
        whole: Whether all of the metadata was there.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    whole: bool = False

    def text(self, key: str) -> str | None:
        """Return a text as it may be shown, on one line and without outer blanks; None if there is none."""
        value = self.values.get(key)
        return printable(" ".join(value.split())) or None if isinstance(value, str) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of an array."""
        value = self.values.get(key)
        return tuple(printable(one) for one in value if isinstance(one, str)) if isinstance(value, tuple) else ()

    def number(self, key: str) -> int | None:
        """Return a whole number, the largest one if the key holds one per layer; None if there is none."""
        value = self.values.get(key)
        several = value if isinstance(value, tuple) else (value,)
        numbers = [one for one in several if isinstance(one, int) and not isinstance(one, bool)]
        return max(numbers) if numbers and len(numbers) == len(several) else None

    @property
    def architecture(self) -> str | None:
        """The family of models llama.cpp treats it as."""
        return self.text("general.architecture")

    @property
    def context_length(self) -> int | None:
        """Longest context it was trained for, in tokens."""
        return self._shape("context_length")

    @property
    def cache_bytes_per_token(self) -> int | None:
        """Memory one token of an exchange takes in the engine, with 16-bit keys and values; None if unknown.

        An upper bound: layers that look back over a window only, or keep none, are counted like the others. Unknown
        too if the shape is one that no model can have.
        """
        if self.outside_bounds is not None:
            return None
        cache = self._cache_bytes
        return cache if cache is not None and 0 < cache <= MOST_CACHE_PER_TOKEN else None

    @property
    def outside_bounds(self) -> str | None:
        """The key, without the family before it, whose value no model can have; None if there is none."""
        family = self.architecture
        for key, (least, most) in BOUNDS.items():
            value = self.values.get(f"{family}.{key}")
            several = value if isinstance(value, tuple) else (value,)
            if value is not None and not (several and all(_is_whole(one, least, most) for one in several)):
                return key
        cache = self._cache_bytes
        return None if cache is None or cache <= MOST_CACHE_PER_TOKEN else "attention.head_count_kv"

    @property
    def _cache_bytes(self) -> int | None:
        layers, heads = self._shape("block_count"), self._shape("attention.head_count")
        width = self._shape("embedding_length")
        if layers is None or heads is None or width is None or min(layers, heads, width) < 1:
            return None
        pairs = self._shape("attention.head_count_kv") or heads
        keys = self._shape("attention.key_length") or width // heads
        values = self._shape("attention.value_length") or width // heads
        return layers * pairs * (keys + values) * _F16_BYTES

    def _shape(self, key: str) -> int | None:
        return self.number(f"{self.architecture}.{key}")


def printable(text: str) -> str:
    """Return a text that a terminal only shows: no control, nothing that hides or turns around what stands beside it.

    What is replaced stays visible, so that a word with something hidden in it is not taken for the word without.

    >>> printable("mit\\x1b[8m")
    'mit\ufffd[8m'
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in _SPACES else REPLACEMENT for char in text)


def _is_whole(value: Value | None, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def parse_metadata(data: bytes) -> Metadata:
    """Return what the start of a GGUF file says.

    Args:
        data: The file, or as much of its start as is here.

    Raises:
        VerificationError: It is not GGUF of a version we know, or a length in it cannot be true.

    >>> parse_metadata(b"GGUF" + bytes([3, 0, 0, 0]) + bytes(16)).whole
    True
    """
    if data[: len(MAGIC)] != MAGIC:
        raise _not_gguf("pas de signature GGUF", "no GGUF signature")
    reader = _Reader(data, len(MAGIC))
    values: dict[str, Value] = {}
    try:
        version = reader.number(_U32)
        if version not in VERSIONS:
            raise _not_gguf(f"version {version} inconnue", f"unknown version {version}")
        reader.number(_U64)  # how many tensors
        pairs = reader.number(_U64)
        if pairs > MOST_PAIRS:
            raise _not_gguf(f"{pairs} champs annoncés", f"{pairs} fields announced")
        for _ in range(pairs):
            key = reader.text(LONGEST_KEY_BYTES)
            value = reader.value(reader.number(_U32))
            if value is not None:
                values[key] = value
    except _CutError:
        return Metadata(values)
    return Metadata(values, whole=True)


class _CutError(Exception):
    """The data ends here."""


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at

    def number(self, kind: struct.Struct) -> int:
        return int(kind.unpack(self._take(kind.size))[0])

    def text(self, longest: int) -> str:
        length = self.number(_U64)
        if length > longest:
            raise _not_gguf(f"un texte de {length} octets", f"a text of {length} bytes")
        return self._take(length).decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> Value | None:
        """Return a value; None for an array too long to keep."""
        if kind in _NUMBERS:
            packed = _NUMBERS[kind]
            unpacked: int | float | bool = packed.unpack(self._take(packed.size))[0]
            return unpacked
        if kind == _STRING:
            return self.text(LONGEST_TEXT_BYTES)
        if kind != _ARRAY or depth >= DEEPEST_ARRAY:
            raise _not_gguf(f"valeur de type {kind}", f"value of type {kind}")
        of, length = self.number(_U32), self.number(_U64)
        if length > LONGEST_ARRAY:
            self._pass_over(of, length, depth)
            return None
        several = [self.value(of, depth + 1) for _ in range(length)]
        return tuple(one for one in several if one is not None)

    def _pass_over(self, of: int, length: int, depth: int) -> None:
        if of in _NUMBERS:
            self._skip(_NUMBERS[of].size * length)
            return
        if length > len(self._data):  # each takes a byte at least
            raise _CutError
        for _ in range(length):
            if of == _STRING:
                self._skip(self.number(_U64))
            else:
                self.value(of, depth + 1)

    def _skip(self, size: int) -> None:
        if size > len(self._data) - self._at:
            raise _CutError
        self._at += size

    def _take(self, size: int) -> bytes:
        at = self._at
        self._skip(size)
        return self._data[at : at + size]


def _not_gguf(fr: str, en: str) -> VerificationError:
    return VerificationError(
        Bilingual(f"Ce n'est pas un fichier GGUF lisible : {fr}.", f"This is not a readable GGUF file: {en}."),
        Bilingual(
            "Choisissez un fichier .gguf d'un seul tenant, fait pour llama.cpp.",
            "Choose a .gguf file in one piece, made for llama.cpp.",
        ),
    )
