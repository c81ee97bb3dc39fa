"""The catalogue this version ships, read from the package."""

from __future__ import annotations

from importlib import resources

from bouclier.fleet.catalogue import Catalogue, parse_catalogue


def load_catalogue() -> Catalogue:
    """Return the shipped catalogue.

    Raises:
        ConfigurationError: The installed file is not valid.
    """
    return parse_catalogue(resources.files("bouclier.fleet").joinpath("data", "catalogue.json").read_bytes())
