"""The executable through which TUF's conformance suite drives the client that follows charters.

    python -m bouclier.charter.adapters.tuf_conformance --metadata-dir DIR init ROOT
    ... --metadata-dir DIR --metadata-url URL refresh
    ... --metadata-dir DIR --metadata-url URL --target-name NAME --target-base-url URL --target-dir DIR download

It ends with 0 when all succeeded, else with 1 and one sentence. What fetches, verifies and keeps is what `Follower`
uses; only the search of a target through delegations is python-tuf's, for a charter's authorities need none. Several
`--target-name` are downloaded by one client, which must not carry trust from one delegation over to another.

Source: theupdateframework/tuf-conformance, CLIENT-CLI.md.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from bouclier.charter.adapters.follow_client import TufClient
from bouclier.charter.adapters.tuf_fetch import Source, WebFetcher
from bouclier.charter.adapters.tuf_files import read_file, write_file
from bouclier.charter.followed import CharterNotFollowedError, Reason
from bouclier.terms.errors import BouclierError

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOT = "root.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one command; return 0, or 1 with the reason on the error output."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "init":
            _init(asked.metadata_dir, asked.trusted_root)
        else:
            with contextlib.closing(WebFetcher()) as fetcher:
                source = Source(fetcher, asked.metadata_url, asked.target_base_url)
                client = _refreshed(asked.metadata_dir, source)
                for name in asked.target_name if asked.command == "download" else ():
                    _download(client, name, asked.target_dir)
    except BouclierError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return 0


def _init(folder: Path, trusted_root: Path) -> None:
    write_file(folder / _ROOT, read_file(trusted_root) or b"")


def _refreshed(folder: Path, source: Source) -> TufClient:
    client = TufClient(folder, source, read_file(folder / _ROOT) or b"", datetime.now(UTC))
    client.refresh()
    return client


def _download(client: TufClient, name: str, folder: Path) -> None:
    path = str(folder / quote(name, safe=""))
    with client.explained():
        target = client.get_targetinfo(name)
    if target is None:
        raise CharterNotFollowedError(Reason.UNPUBLISHED, name)
    with client.explained(name):
        if client.find_cached_target(target, path) is None:
            client.download_target(target, path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bouclier.charter.adapters.tuf_conformance", allow_abbrev=False)
    parser.add_argument("--metadata-dir", type=Path, required=True)
    parser.add_argument("--metadata-url", default="")
    parser.add_argument("--target-name", action="append", default=[])
    parser.add_argument("--target-base-url", default="")
    parser.add_argument("--target-dir", type=Path, default=Path())
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init").add_argument("trusted_root", type=Path)
    commands.add_parser("refresh")
    commands.add_parser("download")
    return parser


if __name__ == "__main__":
    sys.exit(main())
