"""Install SoftHSM for the tests of keys on PKCS#11 tokens, where we may; without it those tests say that they skip.

python tests/softhsm.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_TIMEOUT_S = 300


def main() -> int:
    """Install the system's package if it is missing and we are root on a system with apt; never fails."""
    if shutil.which("softhsm2-util") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "softhsm2"],
        ):
            subprocess.run(command, env=quietly, capture_output=True, check=False, timeout=_TIMEOUT_S)
    print(shutil.which("softhsm2-util") or "SoftHSM: absent, its tests are skipped / missing, its tests are skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
