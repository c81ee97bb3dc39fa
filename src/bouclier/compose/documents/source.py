"""Where a document's bytes come from, and how much of them is read at most."""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, TextIO

from bouclier.compose.documents.failures import too_large, unreadable, wrong_encoding
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_WHOLE_BYTES = 128 << 20
"""Most bytes of a file that must be held whole. Tables and lines of JSON are read as they come, however long."""

UTF8 = "utf-8"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or bytes that were found in another one.

    Attributes:
        name: What it is called in messages.
        path: The file; None for bytes.
        data: The bytes, if there is no file.
    """

    name: str
    path: Path | None = None
    data: bytes = field(default=b"", repr=False)

    def open(self) -> BinaryIO:
        """Open it for reading.

        Raises:
            RequestError: It cannot be read.
        """
        if self.path is None:
            return io.BytesIO(self.data)
        try:
            return self.path.open("rb")
        except OSError as error:
            raise unreadable(self.name) from error

    def read(self, most: int = MAX_WHOLE_BYTES) -> bytes:
        """Return all its bytes.

        Raises:
            RequestError: It cannot be read, or is larger than `most` bytes.
        """
        try:
            with self.open() as file:
                data = file.read(most + 1)
        except OSError as error:
            raise unreadable(self.name) from error
        if len(data) > most:
            raise too_large(self.name, most)
        return data

    def head(self, count: int = 8192) -> bytes:
        """Return its first bytes.

        Raises:
            RequestError: It cannot be read.
        """
        try:
            with self.open() as file:
                return file.read(count)
        except OSError as error:
            raise unreadable(self.name) from error

    def encoding(self, wanted: str) -> str:
        """Return how its text is encoded: what its byte order mark says, else what is wanted."""
        head = self.head(4)
        return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), wanted)

    def text(self, encoding: str, most: int = MAX_WHOLE_BYTES) -> str:
        """Return its text, ends of lines as they are.

        Raises:
            RequestError: It cannot be read, is too large, or is not in this encoding.
        """
        try:
            return self.read(most).decode(encoding)
        except UnicodeDecodeError as error:
            raise wrong_encoding(self.name, encoding) from error

    def lines(self, encoding: str) -> Iterator[str]:
        """Yield its lines with their ends, as they are.

        Raises:
            RequestError: It cannot be read, is not in this encoding, or a line is absurdly long.
        """
        try:
            with self.open() as file, io.TextIOWrapper(file, encoding=encoding, newline="\n") as text:
                yield from self._lines(text)
        except OSError as error:
            raise unreadable(self.name) from error
        except UnicodeDecodeError as error:
            raise wrong_encoding(self.name, encoding) from error

    def _lines(self, text: TextIO) -> Iterator[str]:
        most = MAX_WHOLE_BYTES // 8
        while line := text.readline(most):
            if len(line) >= most:
                raise too_large(self.name, most)
            yield line


def known_encoding(name: str) -> str:
    """Return the usual name of an encoding of text.

    Raises:
        RequestError: There is none of this name.
    """
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise RequestError(
            Bilingual("--encoding : codage inconnu.", "--encoding: unknown encoding."),
            Bilingual("Par exemple utf-8, cp1252, latin-1.", "For example utf-8, cp1252, latin-1."),
            param="--encoding",
        ) from error
