"""The child's side: answer frames on standard input until it closes, which is also how a parent's death is known."""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import TYPE_CHECKING

from bouclier.shield.adapters.frames import Answer, Hello, Request, pack_findings, pack_frame, read_frame_blocking
from bouclier.terms.errors import BouclierError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bouclier.terms.content import Finding

    Find = Callable[[Sequence[str]], Sequence[Sequence[Finding]]]


def serve_frames(prepare: Callable[[], Find]) -> int:
    """Prepare a detector, say so, and answer until standard input closes.

    Standard output is kept for frames: whatever a library prints goes nowhere. An interruption typed in a terminal
    is for the parent to handle.

    Args:
        prepare: Loads what the detector needs. An `OSError`, an `ImportError` or an error of ours is told to the
            parent.

    Returns:
        The exit status.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold the texts in hand
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    frames = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 -- a device, not a file
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    try:
        find = prepare()
    except BouclierError as error:
        said, hint = error.message, error.hint
        frames.write(pack_frame(Hello(type(error).__name__, (said.fr, said.en), (hint.fr, hint.en))))
        frames.flush()
        return 3
    except (OSError, ImportError) as error:
        frames.write(pack_frame(Hello(error=type(error).__name__)))
        frames.flush()
        return 3
    frames.write(pack_frame(Hello()))
    frames.flush()
    while (request := read_frame_blocking(sys.stdin.buffer, Request)) is not None:
        found = find(request.texts)
        try:
            frames.write(pack_frame(Answer(request.id, [pack_findings(one) for one in found])))
            frames.flush()
        except BrokenPipeError:
            return 0
    return 0
