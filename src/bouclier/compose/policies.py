"""Witness policies as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bouclier.terms.errors import Bilingual, ConfigurationError
from bouclier.tlog import WitnessPolicy, parse_policy

if TYPE_CHECKING:
    from pathlib import Path

_MAX_POLICY_BYTES: Final = 1_000_000


def read_policy(path: Path, *, param: str = "log.policy") -> WitnessPolicy:
    """Return the witness policy a file states.

    Args:
        path: A file of c2sp.org/tlog-policy.
        param: Which setting or option names it.

    Raises:
        ConfigurationError: It cannot be read, or breaks a rule of the format.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_POLICY_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            Bilingual(f"La politique {path} ne peut pas être lue.", f"The policy {path} cannot be read."),
            Bilingual("Vérifiez le chemin et les droits.", "Check the path and the permissions."),
            param=param,
        ) from error
    return parse_policy(data)
