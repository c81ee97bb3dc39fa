"""A scan of an institution's files, as the command runs it."""

from __future__ import annotations

from argparse import ArgumentParser

from bouclier.cli import exposure_scan

COMPOSE = """\
services:
  web:
    image: ghcr.io/town/web:1
    environment:
      OPENAI_BASE_URL: https://user:very-secret@town.openai.azure.com/v1?key=very-secret
      OTHER: https://stats.town.example/
"""


def run(*arguments: object, french: bool = False) -> int:
    """Run the command."""
    parser = ArgumentParser()
    exposure_scan.add_to(parser.add_subparsers(), french=french)
    options = parser.parse_args(["exposure scan", *map(str, arguments)])
    return int(options.run(options))
