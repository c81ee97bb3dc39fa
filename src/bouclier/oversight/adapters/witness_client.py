"""Asking one witness to cosign a checkpoint, over a connection that is kept.

Blocking, for a thread of its own: a slow witness holds up neither the event loop nor the other witnesses. What the
witness cosigned last is remembered; when it says otherwise, it is asked again from there, once.

A witness that has seen more than we submit, or another tree of the same size, says so with 409 or 422. Its word alone
is no proof, so its copy of the checkpoint is fetched; one that our own key signed is handed up: whoever knows the
log's present size and tree tells whether the log went back (`OtherCheckpointError`). It need not have: whoever holds a
receipt may have submitted the newer checkpoint in it.

Source: c2sp.org/tlog-witness.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bouclier.terms.errors import Bilingual, StorageError, VerificationError
from bouclier.tlog import consistency_from_tiles, open_checkpoint
from bouclier.tlog.errors import WitnessAnswerError, WitnessRefusedError
from bouclier.tlog.witness import (
    ADD_CHECKPOINT_PATH,
    AddCheckpoint,
    SizeConflict,
    monitoring_path,
    parse_answer,
    render_add_checkpoint,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.tlog import Checkpoint, TileReader, VerifierKey
    from bouclier.tlog.witness import Cosignature

_MAX_ANSWER_BYTES: Final = 256 * 1024
_OK: Final = 200
_UNPROCESSABLE: Final = 422


class WitnessSilentError(StorageError):
    """A witness did not answer, or not as the protocol says; its cosignature is missing, nothing else."""

    code = "witness_silent"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            Bilingual(f"le témoin {name} n'a pas cosigné : {reason}", f"witness {name} did not cosign: {reason}"),
            Bilingual(
                "Il sera redemandé ; sinon voyez qui l'exploite, et si ce journal y est inscrit.",
                "It will be asked again; otherwise ask who runs it, and whether this log is registered there.",
            ),
        )
        self.reason = reason


class OtherCheckpointError(Exception):
    """A witness holds another checkpoint than the one submitted, signed by our own key.

    Attributes:
        checkpoint: It.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__(f"size {checkpoint.size}")
        self.checkpoint = checkpoint


class ForkedLogError(StorageError):
    """A witness holds a checkpoint that our own key signed, and that our log does not continue."""

    code = "log_forked"

    def __init__(self, name: str, *, theirs: int, ours: int) -> None:
        super().__init__(
            Bilingual(
                f"le témoin {name} détient un point de contrôle signé de ce journal à {theirs} entrées, que ses {ours} "
                "entrées ne prolongent pas",
                f"witness {name} holds a checkpoint signed by this log at {theirs} entries, which its {ours} entries "
                "do not continue",
            ),
            Bilingual(
                "Le journal a été restauré d'une copie ancienne, ou deux processus l'ont signé : rétablissez la copie "
                "la plus récente.",
                "The log was restored from an old copy, or two processes signed it: restore the latest copy.",
            ),
        )


class WitnessClient:
    """One witness of a policy.

    Attributes:
        name: What messages call it: its address may hold a secret.
    """

    def __init__(
        self, name: str, url: str, keys: Sequence[VerifierKey], *, last_size: int = 0, timeout_s: float = 5.0
    ) -> None:
        """Describe a witness; nothing is asked yet.

        Args:
            name: Its name in the policy.
            url: Its submission prefix.
            keys: Its keys.
            last_size: What it probably cosigned last.
            timeout_s: Longest wait for a connection, and for each part of an answer.
        """
        parts = urlsplit(url.rstrip("/"))
        self.name = name
        self._keys = tuple(keys)
        self._last_size = last_size
        self._path = parts.path
        host, port = parts.hostname or "", parts.port
        self._connection: http.client.HTTPConnection = (
            http.client.HTTPSConnection(host, port, timeout=timeout_s, context=ssl.create_default_context())
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=timeout_s)
        )

    def cosign(
        self, checkpoint: Checkpoint, note: bytes, tree: TileReader, *, own_keys: Sequence[VerifierKey]
    ) -> list[Cosignature]:
        """Return the witness's cosignatures of a checkpoint, each verified.

        Args:
            checkpoint: What the log signed.
            note: The same with its signatures.
            tree: The log's tree, at least that large.
            own_keys: The log's own.

        Raises:
            WitnessSilentError: None came.
            OtherCheckpointError: It holds another checkpoint that our own key signed.
        """
        try:
            answer = self._ask(checkpoint, note, tree)
            if isinstance(answer, SizeConflict) and answer.size <= checkpoint.size and answer.size != self._last_size:
                self._last_size = answer.size
                answer = self._ask(checkpoint, note, tree)
            if isinstance(answer, SizeConflict):
                self._last_size = min(answer.size, checkpoint.size)
                self._look_for_other(checkpoint, own_keys)
                raise WitnessSilentError(self.name, f"409 {answer.size}")
        except WitnessRefusedError as error:
            if error.answered == _UNPROCESSABLE:
                self._look_for_other(checkpoint, own_keys)
            raise WitnessSilentError(self.name, f"HTTP {error.answered}") from error
        except (WitnessAnswerError, VerificationError) as error:
            raise WitnessSilentError(self.name, error.code) from error
        self._last_size = checkpoint.size
        return answer

    def close(self) -> None:
        """Close the connection, which nobody uses."""
        self._connection.close()

    def abort(self) -> None:
        """Cut the connection from another thread: whoever waits for an answer on it gets none, and closes it."""
        waiting = self._connection.sock
        if waiting is not None:
            with contextlib.suppress(OSError):
                waiting.shutdown(socket.SHUT_RDWR)

    def _ask(self, checkpoint: Checkpoint, note: bytes, tree: TileReader) -> list[Cosignature] | SizeConflict:
        old = min(self._last_size, checkpoint.size)
        proof = tuple(consistency_from_tiles(tree, old, checkpoint.size)) if 0 < old < checkpoint.size else ()
        body = render_add_checkpoint(AddCheckpoint(old, proof, note))
        status, content_type, answer = self._exchange("POST", f"{self._path}/{ADD_CHECKPOINT_PATH}", body)
        return parse_answer(status, content_type, answer, checkpoint=checkpoint, keys=self._keys)

    def _look_for_other(self, checkpoint: Checkpoint, own_keys: Sequence[VerifierKey]) -> None:
        """Raise if the witness holds another checkpoint that we signed."""
        status, _, body = self._exchange("GET", f"{self._path}/{monitoring_path(checkpoint.origin)}", None)
        if status != _OK:
            return
        try:
            theirs = open_checkpoint(body, own_keys).checkpoint
        except VerificationError:
            return  # nothing that our key signed
        if theirs.origin == checkpoint.origin and theirs != checkpoint:
            raise OtherCheckpointError(theirs)

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, str, bytes]:
        """Send a request on the kept connection, on a new one if the other side closed it meanwhile."""
        for last in (False, True):
            kept = self._connection.sock is not None
            try:
                self._connection.request(method, path, body, {"Content-Type": "text/plain; charset=utf-8"})
                answer = self._connection.getresponse()
                data = answer.read(_MAX_ANSWER_BYTES + 1)
                if len(data) > _MAX_ANSWER_BYTES:
                    self._connection.close()
                    raise WitnessSilentError(self.name, f"> {_MAX_ANSWER_BYTES} B")
            except (OSError, ValueError, http.client.HTTPException) as error:
                self._connection.close()
                # Asking twice does no harm: the second time it is the same tree for the witness.
                if last or not kept:
                    reason = error.strerror if isinstance(error, OSError) else None
                    raise WitnessSilentError(self.name, reason or type(error).__name__) from error
            else:
                return answer.status, answer.headers.get("Content-Type", ""), data
        raise AssertionError  # the second round returns or raises
