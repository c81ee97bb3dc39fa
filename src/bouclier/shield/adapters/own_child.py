"""The child that runs an institution's detector: `python -m bouclier.shield.adapters.own_child FACTORY [FOLDER]`.

The factory, `package.module:name`, takes nothing and returns a `shield.ports.TextDetector`. The folder, if any, comes
last on the path: a file there never stands for what is installed.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from bouclier.shield.adapters.child_loop import serve_frames
from bouclier.terms.content import Finding
from bouclier.terms.errors import Bilingual, DetectorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bouclier.shield.adapters.child_loop import Find


def load_detector(python: str, folder: str | None = None) -> Find:
    """Import an institution's detector and make it.

    Args:
        python: `package.module:factory`.
        folder: Where it is, if it is not installed.

    Raises:
        DetectorError: It cannot be imported or made; its name and the kind of error are told, no more.
    """
    module, _, name = python.partition(":")
    if folder is not None:
        sys.path.append(folder)
    try:
        detector = getattr(importlib.import_module(module), name)()
        find = detector.find
    except Exception as error:  # someone else's code: whatever it raises, the detector is not there
        raise DetectorError(
            Bilingual(
                f"Le détecteur {python} ne se charge pas ({type(error).__name__}) ; rien ne part.",
                f"The detector {python} does not load ({type(error).__name__}); nothing leaves.",
            ),
            Bilingual(
                "Essayez-le seul avec ce Python ; s'il n'est pas installé, donnez son dossier (folder).",
                "Try it alone with this Python; if it is not installed, give its folder.",
            ),
            param="shield.detectors",
        ) from error

    def checked(texts: Sequence[str]) -> list[list[Finding]]:
        # An answer of another shape ends this child, and the call with it.
        answer = [list(found) for found in find(texts)]
        if len(answer) != len(texts) or not all(isinstance(one, Finding) for found in answer for one in found):
            raise TypeError(python)
        return answer

    return checked


if __name__ == "__main__":
    sys.exit(serve_frames(lambda: load_detector(*sys.argv[1:])))
