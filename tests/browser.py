"""Make sure a Chromium is there for the tests of the pages; print its path.

    python tests/browser.py

Looked for in this order: `BOUCLIER_CHROMIUM`, the usual names on PATH, Playwright's own download. When there is none:
the system's package if we may install one (root, apt), else Playwright's download. Run again, it changes nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_TIMEOUT_S = 600

MISSING = """\
Aucun Chromium, et l'installation automatique n'a pas abouti. Installez-en un (par exemple : apt-get install chromium),
ou indiquez où il est : BOUCLIER_CHROMIUM=/chemin/vers/chromium make test
There is no Chromium, and installing one did not work. Install one (for instance: apt-get install chromium), or say
where it is: BOUCLIER_CHROMIUM=/path/to/chromium make test"""

NOT_THERE = """\
BOUCLIER_CHROMIUM ne désigne pas un programme : {path}
BOUCLIER_CHROMIUM does not name a program: {path}"""


class NoChromiumError(Exception):
    """There is no Chromium; the message says what to do, in French and English."""


def find_chromium() -> Path | None:
    """Return the Chromium of this machine, or None.

    Raises:
        NoChromiumError: `BOUCLIER_CHROMIUM` is set and does not name a program.
    """
    chosen = os.environ.get("BOUCLIER_CHROMIUM")
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise NoChromiumError(NOT_THERE.format(path=chosen))
        return Path(found)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    with sync_playwright() as playwright:
        downloaded = Path(playwright.chromium.executable_path)
    return downloaded if downloaded.is_file() else None


def ensure_chromium() -> Path:
    """Return a Chromium, after installing one if there was none.

    Raises:
        NoChromiumError: There is none, and none could be installed.
    """
    found = find_chromium()
    if found is None:
        _install()
        found = find_chromium()
    if found is None:
        raise NoChromiumError(MISSING)
    return found


def _install() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-qq"], quietly)
        installed = _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], quietly)
        if installed and shutil.which("chromium"):
            return
    _run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def _run(command: list[str], environment: dict[str, str]) -> bool:
    """Run a command; say what it said only if it failed."""
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=INSTALL_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        print(f"{' '.join(command)}: > {INSTALL_TIMEOUT_S} s", file=sys.stderr)
        return False
    if done.returncode != 0:
        print(f"{' '.join(command)}\n{done.stderr.strip()}", file=sys.stderr)
    return done.returncode == 0


def main() -> int:
    """Print the path of a Chromium, installing one if need be; exit code 1 when there is none."""
    try:
        print(ensure_chromium())
    except NoChromiumError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
