"""A gateway whose clock jumps, or whose disk is slow or full: what runs, waits and rests is not harmed."""

from __future__ import annotations

import shutil
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import httpx2 as httpx
import pytest
from tests.fleet_gateway import (
    NO_AUTHORITY,
    asked,
    authorization,
    configuration,
    health_of,
    running,
    state_of,
    text_of,
    until,
)
from tests.postgresql import PostgreSQL
from tests.servers import exported, run
from tests.site_process import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers import Served

HOUR_S: Final = 3600
CLOCK: Final = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
static int64_t ahead(void) {
    static volatile int64_t *shared;
    if (!shared) {
        void *map = mmap(0, 8, PROT_READ, MAP_SHARED, open(getenv("CLOCK_AHEAD"), O_RDONLY), 0);
        if (map == MAP_FAILED) abort();
        shared = map;
    }
    return *shared;
}
int clock_gettime(clockid_t which, struct timespec *now) {
    int said = ((int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime"))(which, now);
    if (!said && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) now->tv_sec += ahead();
    return said;
}
time_t time(time_t *now) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    if (now) *now = at.tv_sec;
    return at.tv_sec;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec at;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &at);
    now->tv_sec = at.tv_sec;
    now->tv_usec = at.tv_nsec / 1000;
    return 0;
}
"""


SLOW_DISK: Final = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
int fdatasync(int fd) {
    while (!access(getenv("DISK_HELD"), F_OK)) usleep(1000);
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
"""
"""A disk that ends no synchronisation while a file is there."""


class Clock:
    """The wall clock of the processes it is given to; no other clock of theirs."""

    def __init__(self, folder: Path) -> None:
        source, library, self._ahead = folder / "clock.c", folder / "clock.so", folder / "ahead"
        source.write_text(CLOCK, encoding="ascii")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        self._ahead.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_AHEAD": str(self._ahead)}

    def set_ahead(self, seconds: int) -> None:
        """Let it be so far ahead from now on, or behind."""
        with self._ahead.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", seconds))


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


@pytest.fixture
def server() -> Iterator[PostgreSQL]:
    with PostgreSQL() as made:
        yield made


def test_whatever_the_wall_clock_does_slots_the_line_and_breakers_keep_their_own_time(
    clock: Clock, server: PostgreSQL, tmp_path: Path
) -> None:
    share = f"share: '{server.url}', share_password_file: '{server.password_file}'"
    with ExitStack() as stack:
        one, broken = (stack.enter_context(Site(name)) for name in ("one", "broken"))
        config = configuration(
            tmp_path / "charter",
            one.entry(more=", slots: 1"),
            broken.entry(),
            fleet=f"probe_interval_s: 3600, queue_wait_s: 60, {share}",
            more=f"shared: {tmp_path / 'shared'}\n",
        )
        keys = tmp_path / "shared"
        jumping = stack.enter_context(running(tmp_path / "jumping", config, keys=keys, **clock.environment))
        steady = stack.enter_context(running(tmp_path / "steady", config, keys=keys))
        broken.behave("status-500")
        for _ in range(8):
            if state_of(jumping, "broken")["breaker"] != "open":
                asked(jumping, model="broken")
        one.behave("hang")
        answers: list[Any] = []

        def ask() -> None:
            answers.append(asked(jumping, model="one"))

        threads = [Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        until(lambda: health_of(jumping)["waiting"] == 1 and one.seen == 1)
        until(lambda: state_of(steady, "one")["elsewhere"] == 1)

        full, undated = "deployment_unavailable", "clock_went_back"  # a refusal is recorded too, and needs a date
        for ahead_s, why in ((HOUR_S, full), (0, undated), (-HOUR_S, undated), (2 * HOUR_S, full)):
            before = state_of(jumping, "broken")["retry_in_ms"]
            clock.set_ahead(ahead_s)
            assert 0 <= state_of(jumping, "broken")["retry_in_ms"] <= before
            refused = asked(jumping, model="one", headers={"x-bouclier-max-wait-ms": "0"})
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, why)
            # Patience and leases have their own time.
            until(lambda: health_of(jumping)["fleet"]["shared"] is True and state_of(steady, "one")["elsewhere"] == 1)
            assert (health_of(jumping)["waiting"], state_of(jumping, "one")["in_flight"]) == (1, 1)
        one.behave("ok")
        for thread in threads:
            thread.join()
        assert [text_of(answer) for answer in answers] == ["Réponse de one"] * 2

        # What was recorded was later than it is now: nothing can be dated, so nothing leaves, and no slot is kept.
        clock.set_ahead(0)
        for _ in range(3):
            refused = asked(jumping, model="one")
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "clock_went_back")
        assert (state_of(jumping, "one")["in_flight"], one.seen) == (0, 2)
        clock.set_ahead(2 * HOUR_S)
        assert text_of(asked(jumping, model="one")) == "Réponse de one"
        assert jumping.stop() == 0
        times = [entry["time"] for entry in exported(jumping.data)]
        assert times == sorted(times)


def needs_namespaces() -> pytest.MarkDecorator:
    unshare = shutil.which("unshare")
    may = unshare is not None and not subprocess.run([unshare, "-rm", "true"], check=False).returncode
    return pytest.mark.skipif(not may, reason="this system does not let a process have its own mounts")


def test_a_slot_is_given_back_before_the_disk_has_the_outcome(tmp_path: Path) -> None:
    source, library, held = tmp_path / "slow.c", tmp_path / "slow.so", tmp_path / "held"
    source.write_text(SLOW_DISK, encoding="ascii")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    with Site("a") as a, ThreadPoolExecutor() as callers:
        config = configuration(tmp_path / "charter", a.entry(more=", slots: 1"))
        with running(tmp_path, config, LD_PRELOAD=str(library), DISK_HELD=str(held)) as served:
            a.behave("hang")
            answer = callers.submit(asked, served)
            until(lambda: a.seen == 1)
            assert state_of(served, "a")["in_flight"] == 1
            held.touch()
            a.behave("ok")
            assert text_of(answer.result()) == "Réponse de a"
            until(lambda: state_of(served, "a")["in_flight"] == 0)
            recorded = health_of(served)["log"]["size"]
            held.unlink()
            until(lambda: health_of(served)["log"]["size"] == recorded + 1)
        assert exported(served.data)[-2]["kind"] == "outcome"


BUDGETS: Final = "budgets: [{application: terminal, period: month, grams: 1000000}]\n"
SMALL: Final = """
data="$1"; kept="$2"; shift 2
mkdir -p "$kept"
mount --bind "$data/log" "$kept"
mount -t tmpfs -o size=1m none "$data"
mkdir "$data/log"
mount --bind "$kept" "$data/log"
exec "$@"
"""
"""All but the log is on a small disk of its own, gone with the process."""


def announced(served: Served, state: str) -> Any:
    return httpx.post(
        f"{served.url}fleet/sites/site-a",
        json={"state": state},
        headers=authorization(served),
        timeout=20,
        verify=NO_AUTHORITY,
    )


@needs_namespaces()
def test_when_announcements_and_budgets_find_no_space_exchanges_go_on_and_whoever_looks_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    wrapper = (
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-ec",
        SMALL,
        "sh",
        str(data),
        str(tmp_path / "kept"),
    )
    with Site("a") as a:
        config = configuration(tmp_path / "charter", a.entry(), more=f"shared: {tmp_path / 'shared'}\n{BUDGETS}")
        assert run("log", "create", "--data", str(data)).returncode == 0
        with running(tmp_path, config, data=data, keys=tmp_path / "shared", wrapper=wrapper) as served:
            assert text_of(asked(served)) == "Réponse de a"
            assert announced(served, "joined").status_code == 200
            ballast = served.data / "ballast"
            with ballast.open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(bytes(1024))
            until(lambda: text_of(asked(served)) == "Réponse de a" and health_of(served)["budgets"] == "unkept")
            refused = announced(served, "draining")
            assert refused.status_code == 503
            assert "announcements cannot be written" in refused.text
            assert not state_of(served, "a")["draining"], "what cannot be kept does not count"
            assert text_of(asked(served)) == "Réponse de a"
            with ballast.open("wb"):
                pass
            until(lambda: health_of(served)["budgets"] == "kept")
            assert announced(served, "draining").status_code == 200
            assert state_of(served, "a")["draining"]
        assert run("log", "fsck", "--data", str(data)).returncode == 0
