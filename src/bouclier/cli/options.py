"""Options several verbs share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bouclier.compose.settings import load_configuration, speaks_french

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from bouclier.compose.configuration import Configuration


def add_configuration(parser: ArgumentParser, *, french: bool, port: bool = False) -> None:
    """Add `--config`, `--data` and, if asked, `--port`."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="fichier de configuration" if french else "configuration file"
    )
    parser.add_argument(
        "--data", metavar="DIR", help="dossier des clés et du journal" if french else "folder of the keys and the log"
    )
    if port:
        parser.add_argument(
            "--port", metavar="N", help="port d'écoute (8787)" if french else "port to listen on (8787)"
        )


def add_files(parser: ArgumentParser, *, french: bool) -> None:
    """Add `--exclude` and `--encoding`: which files of a folder are left out, and how texts are encoded."""
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="GLOB",
        help="fichiers d'un dossier à laisser de côté" if french else "files of a folder to leave out",
    )
    parser.add_argument(
        "--encoding",
        default="utf-8",
        metavar="NAME",
        help="codage des textes (utf-8)" if french else "encoding of texts (utf-8)",
    )


def configuration_from(options: Namespace) -> Configuration:
    """Return the configuration a command was asked to use."""
    overrides: dict[str, str] = {}
    if options.data is not None:
        overrides["data"] = options.data
    if getattr(options, "port", None) is not None:
        overrides["listen.port"] = options.port
    configuration = load_configuration(options.config, overrides)
    for warning in configuration.warnings:
        print(f"bouclier: {warning.fr if speaks_french() else warning.en}", file=sys.stderr)
    return configuration
