"""What a verb is added to."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

Verbs: TypeAlias = "_SubParsersAction[ArgumentParser]"
