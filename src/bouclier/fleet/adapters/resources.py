"""What this machine has to spare: memory for an engine, disk for its weights."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bouclier.terms.errors import Bilingual, OperatorError

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def free_memory_bytes(*, meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> int:
    """Return the memory a new process could use without swapping, in bytes.

    A container's limit counts: in one, the kernel reports the memory of the whole host as available.

    Args:
        meminfo: The kernel's account of memory, on Linux.
        cgroup: The control group (version 2) this process sees as its root.
    """
    available = _available_on_host(meminfo)
    limit = _number(cgroup / "memory.max")
    used = _number(cgroup / "memory.current")
    if limit is None or used is None:
        return available
    reclaimable = _field(cgroup / "memory.stat", "inactive_file") or 0
    return max(0, min(available, limit - used + reclaimable))


def free_disk_bytes(folder: Path) -> int:
    """Return the room left for this user where a folder is or would be created, in bytes.

    Raises:
        OperatorError: It cannot be known.
    """
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        return shutil.disk_usage(place).free
    except OSError as error:
        raise OperatorError(
            Bilingual(f"Place libre inconnue dans {folder}.", f"Free room in {folder} is unknown."),
            Bilingual("Vérifiez que ce dossier est accessible.", "Check that this folder can be reached."),
        ) from error


def _available_on_host(meminfo: Path) -> int:
    kibibytes = _field(meminfo, "MemAvailable:")
    if kibibytes is not None:
        return kibibytes * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")  # no better account: all of it


def _field(path: Path, name: str) -> int | None:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in lines:
        words = line.split()
        if len(words) > 1 and words[0] == name and words[1].isdecimal():
            return int(words[1])
    return None


def _number(path: Path) -> int | None:
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdecimal() else None  # "max" means no limit
