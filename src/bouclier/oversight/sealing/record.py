"""Sealed records, format v1: one exchange's request and answer, which only k of n authorities together can open.

    record   "bouclier-sealed/v1" 0a | u32 length | header | request part | answer part, if there is one
    part     u8 1 for the request, 2 for the answer | u64 length | nonce (12) | AES-256-GCM ciphertext with its tag

The header is canonical JSON. A record has a data key of its own: each part is encrypted under a key derived from it,
the data key is split with `shamir`, each share is sealed to one authority with `keys`. Everything is tied to
everything: a share to the whole header without the shares, the request to the whole header, the answer to the request.
The record's digest is over all bytes before the answer; the log's decision entry cites it, so it exists before the
answer does.

GCM ties a text to a key but not a key to a text, and Shamir's shares say nothing of being right: the header therefore
commits to the data key and to each share, so that a wrong share is known, and whose it is. Lengths are not hidden.
Randomness is an argument, except HPKE's own. What opening asks for is in `opening`; disks are the store's.
`specs/sealed-record-v1.md` is the specification.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Meta
from msgspec.structs import replace

from bouclier.oversight.entries_model import DIGEST_PATTERN, EXCHANGE_PATTERN, MAX_INTEGER, PURPOSE_PATTERN
from bouclier.oversight.sealing.canonical import Day, decode_canonical, encode_canonical
from bouclier.oversight.sealing.errors import SealError, SealKeyError
from bouclier.oversight.sealing.keys import FORMAT, KEY_ID_DIGITS, OVERHEAD_BYTES, seal_to
from bouclier.oversight.sealing.shamir import split
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.oversight.sealing.keys import SealingKey

DATA_KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
MIN_THRESHOLD: Final = 2
MAX_AUTHORITIES: Final = 32
MAX_HEADER_BYTES: Final = 131_072
SHARE_BYTES: Final = DATA_KEY_BYTES + OVERHEAD_BYTES
_TAG_BYTES: Final = 16
_MAGIC: Final = f"{FORMAT}\n".encode()
_LENGTH: Final = Struct(">I")
_PART: Final = Struct(f">BQ{NONCE_BYTES}s")
_REQUEST: Final = 1
_ANSWER: Final = 2

_Digest = Annotated[str, Meta(pattern=DIGEST_PATTERN)]


class AuthorityShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one authority holds of a record.

    Attributes:
        commitment: Of the share, hexadecimal.
        key: Id of the public key it is sealed to.
        name: The authority's.
        share: The share, sealed; 1,168 bytes.
    """

    commitment: _Digest
    key: Annotated[str, Meta(pattern=rf"^[0-9a-f]{{{KEY_ID_DIGITS}}}\Z")]
    name: Annotated[str, Meta(pattern=PURPOSE_PATTERN)]
    share: Annotated[bytes, Meta(min_length=SHARE_BYTES, max_length=SHARE_BYTES)]


class SealedHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What anyone may read of a record.

    Attributes:
        authorities: In the order of their shares' numbers: the first holds share 1.
        charter: SHA-256 of the charter whose duty it was, hexadecimal.
        created: Milliseconds since 1970-01-01 UTC.
        data_key: Commitment to the data key, hexadecimal.
        due: Day (UTC) from which it has to be destroyed, and is no longer opened.
        exchange: Id of the exchange.
        threshold: How many authorities open it together.
        v: 1.
    """

    authorities: Annotated[tuple[AuthorityShare, ...], Meta(min_length=MIN_THRESHOLD, max_length=MAX_AUTHORITIES)]
    charter: _Digest
    created: Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
    data_key: _Digest
    due: Day
    exchange: Annotated[str, Meta(pattern=EXCHANGE_PATTERN)]
    threshold: Annotated[int, Meta(ge=MIN_THRESHOLD, le=MAX_AUTHORITIES)]
    v: Literal[1] = 1

    def __post_init__(self) -> None:
        date.fromisoformat(self.due)
        names = {holder.name for holder in self.authorities}
        keys = {holder.key for holder in self.authorities}
        if not self.threshold <= len(names) == len(keys) == len(self.authorities):
            raise ValueError


class SealedPart(NamedTuple):
    """An encrypted text: its nonce, and the ciphertext with its tag."""

    nonce: bytes
    ciphertext: bytes


class SealedRecord(NamedTuple):
    """A record, still sealed.

    Attributes:
        header: What anyone may read.
        request: The request.
        answer: The answer; None when the exchange had none, or was cut short.
    """

    header: SealedHeader
    request: SealedPart
    answer: SealedPart | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of all bytes before the answer, hexadecimal: what the log's decision entry cites."""
        return sha256(render_record(self._replace(answer=None))).hexdigest()


@dataclass(frozen=True, slots=True)
class Authorities:
    """Who can open together; valid once it exists. One alone never opens, and nobody counts twice.

    Attributes:
        keys: In the order of their shares' numbers.
        threshold: How many open together, at least 2.

    Raises:
        SealKeyError: The threshold does not fit, there are too many, or a name or a key stands twice.
    """

    keys: tuple[SealingKey, ...]
    threshold: int

    def __post_init__(self) -> None:
        _check_authorities(self.keys, self.threshold)


def _check_authorities(keys: Sequence[SealingKey], threshold: int) -> None:
    if not MIN_THRESHOLD <= threshold <= len(keys) <= MAX_AUTHORITIES:
        raise SealKeyError(
            Bilingual(
                f"un seuil de {threshold} ne convient pas à {len(keys)} autorités",
                f"a threshold of {threshold} does not fit {len(keys)} authorities",
            ),
            Bilingual(
                "Deux autorités au moins ouvrent ensemble, et 32 au plus sont nommées.",
                "At least two authorities open together, and at most 32 are named.",
            ),
            param="seal.threshold",
        )
    if len({key.name for key in keys}) != len(keys) or len({key.raw for key in keys}) != len(keys):
        raise SealKeyError(
            Bilingual("une autorité ou une clé figure deux fois", "an authority or a key stands twice"),
            Bilingual("Nommez des autorités distinctes.", "Name distinct authorities."),
            param="seal.authorities",
        )
    if any(key.role != "authority" for key in keys):
        raise SealKeyError(Bilingual("une clé n'est pas d'une autorité", "a key is not an authority's"))


def randomness_bytes(threshold: int) -> int:
    """Return how many random bytes `seal_request` needs: the data key, the polynomial's coefficients, a nonce."""
    return DATA_KEY_BYTES * threshold + NONCE_BYTES


def seal_request(
    body: bytes,
    *,
    exchange: str,
    charter: str,
    created_ms: int,
    due: date,
    authorities: Authorities,
    randomness: bytes,
) -> tuple[SealedRecord, bytes]:
    """Return a request sealed, and the data key that seals its answer; whoever keeps that key can open the record.

    Args:
        body: The request, byte for byte as received.
        exchange: Id of the exchange.
        charter: SHA-256 of the charter that asks, hexadecimal.
        created_ms: Milliseconds since 1970-01-01 UTC.
        due: Day from which the record has to be destroyed.
        authorities: Who holds the shares, and how many open together.
        randomness: Fresh, `randomness_bytes(threshold)` of them. They serve once.

    Raises:
        SealError: A field is not of the header's form, or the randomness not of its length.
    """
    keys, threshold = authorities.keys, authorities.threshold
    if len(randomness) != randomness_bytes(threshold):
        raise SealError(Bilingual("le compte d'octets aléatoires est faux", "the count of random bytes is wrong"))
    data_key, rest = randomness[:DATA_KEY_BYTES], randomness[DATA_KEY_BYTES:]
    shares = split(data_key, threshold=threshold, count=len(keys), randomness=rest[:-NONCE_BYTES])
    header = SealedHeader(
        authorities=tuple(
            AuthorityShare(
                commitment=share_commitment(share, number), key=key.key_id, name=key.name, share=bytes(SHARE_BYTES)
            )
            for number, (key, share) in enumerate(zip(keys, shares, strict=True), 1)
        ),
        charter=charter,
        created=created_ms,
        data_key=data_key_commitment(data_key),
        due=due.isoformat(),
        exchange=exchange,
        threshold=threshold,
    )
    sealed = tuple(
        replace(holder, share=seal_to(key, share, info=share_info(header, number)))
        for number, (holder, key, share) in enumerate(zip(header.authorities, keys, shares, strict=True), 1)
    )
    header = replace(header, authorities=sealed)
    decode_canonical(encode_canonical(header), SealedHeader)  # what a reader would refuse is never written
    head = _render_head(header)
    part = _encrypt(body, data_key=data_key, name=b"request", nonce=rest[-NONCE_BYTES:], tied_to=head)
    return SealedRecord(header, part), data_key


def seal_answer(record: SealedRecord, answer: bytes, *, data_key: bytes, nonce: bytes) -> SealedRecord:
    """Return the record with its answer.

    Args:
        record: The record of the request.
        answer: The answer, as handed to the caller.
        data_key: The record's.
        nonce: 12 fresh random bytes.

    Raises:
        SealError: It has an answer already, or the key is another record's.
    """
    if record.answer is not None:
        raise SealError(Bilingual("l'échange a déjà une réponse", "the exchange has an answer already"))
    check_data_key(record.header, data_key)
    tied_to = bytes.fromhex(record.digest)
    return record._replace(answer=_encrypt(answer, data_key=data_key, name=b"answer", nonce=nonce, tied_to=tied_to))


def decrypt_record(record: SealedRecord, data_key: bytes) -> tuple[bytes, bytes | None]:
    """Return the request and the answer, if there is one.

    Raises:
        SealError: The key is another record's, or the record was altered.
    """
    check_data_key(record.header, data_key)
    head, digest = _render_head(record.header), bytes.fromhex(record.digest)
    request = _decrypt(record.request, data_key=data_key, name=b"request", tied_to=head)
    if record.answer is None:
        return request, None
    return request, _decrypt(record.answer, data_key=data_key, name=b"answer", tied_to=digest)


def check_data_key(header: SealedHeader, data_key: bytes) -> None:
    """Check that this is the data key the header commits to.

    Raises:
        SealError: It is not.
    """
    if not hmac.compare_digest(data_key_commitment(data_key), header.data_key):
        raise SealError(
            Bilingual("la clé de données n'est pas celle du contenu", "the data key is not that of the content"),
            Bilingual(
                "Le contenu a été mal scellé, ou altéré : il ne s'ouvrira pas.",
                "The content was sealed wrongly, or altered: it will not open.",
            ),
        )


def data_key_commitment(data_key: bytes) -> str:
    """Return what the header says of a data key: nobody finds the key from it, and no other key has it."""
    return _derive(data_key, b"data key").hex()


def share_commitment(share: bytes, number: int) -> str:
    """Return what the header says of a share."""
    return _derive(share, b"share %d" % number).hex()


def share_info(header: SealedHeader, number: int) -> bytes:
    """Return what a share is sealed for: this number, in the record with this header, whatever its sealed shares."""
    blank = replace(header, authorities=tuple(replace(one, share=bytes(SHARE_BYTES)) for one in header.authorities))
    return b"%s share %d\n" % (FORMAT.encode(), number) + sha256(encode_canonical(blank)).digest()


def render_record(record: SealedRecord) -> bytes:
    """Return the bytes of a record."""
    parts = [_render_head(record.header), _render_part(_REQUEST, record.request)]
    if record.answer is not None:
        parts.append(_render_part(_ANSWER, record.answer))
    return b"".join(parts)


def parse_record(data: bytes) -> SealedRecord:
    """Return the record these bytes are; only opening shows that its parts are whole.

    Raises:
        SealError: It is of another format, cut short, too long, or its header is not canonical.
    """
    at = len(_MAGIC) + _LENGTH.size
    if not data.startswith(_MAGIC) or len(data) < at:
        raise _malformed("format")
    (length,) = _LENGTH.unpack_from(data, len(_MAGIC))
    if not 0 < length <= MAX_HEADER_BYTES or len(data) < at + length:
        raise _malformed("header")
    header = decode_canonical(data[at : at + length], SealedHeader)
    request, at = _parse_part(data, at + length, _REQUEST)
    if at == len(data):
        return SealedRecord(header, request)
    answer, at = _parse_part(data, at, _ANSWER)
    if at != len(data):
        raise _malformed("answer")
    return SealedRecord(header, request, answer)


def _render_head(header: SealedHeader) -> bytes:
    encoded = encode_canonical(header)
    return _MAGIC + _LENGTH.pack(len(encoded)) + encoded


def _render_part(kind: int, part: SealedPart) -> bytes:
    return _PART.pack(kind, len(part.ciphertext), part.nonce) + part.ciphertext


def _parse_part(data: bytes, at: int, expected: int) -> tuple[SealedPart, int]:
    name, start = "request" if expected == _REQUEST else "answer", at + _PART.size
    if len(data) < start:
        raise _malformed(name)
    kind, length, nonce = _PART.unpack_from(data, at)
    if kind != expected or not _TAG_BYTES <= length <= len(data) - start:
        raise _malformed(name)
    return SealedPart(nonce, data[start : start + length]), start + length


def _encrypt(text: bytes, *, data_key: bytes, name: bytes, nonce: bytes, tied_to: bytes) -> SealedPart:
    return SealedPart(nonce, AESGCM(_derive(data_key, name)).encrypt(nonce, text, name + b"\n" + tied_to))


def _decrypt(part: SealedPart, *, data_key: bytes, name: bytes, tied_to: bytes) -> bytes:
    try:
        return AESGCM(_derive(data_key, name)).decrypt(part.nonce, part.ciphertext, name + b"\n" + tied_to)
    except InvalidTag:
        raise SealError(
            Bilingual("le contenu scellé est altéré", "the sealed content is altered"), param=name.decode()
        ) from None


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, FORMAT.encode() + b" " + purpose, "sha256")


def _malformed(where: str) -> SealError:
    return SealError(
        Bilingual(
            f"le contenu scellé n'est pas de la forme prévue ({where})",
            f"the sealed content does not have the expected form ({where})",
        ),
        param=where,
    )
