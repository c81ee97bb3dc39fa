"""A gateway whose clock jumps, or whose data folder is full: what runs, waits and rests is not harmed."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import httpx2 as httpx
import pytest
from tests.fleet_gateway import (
    NO_AUTHORITY,
    asked,
    authorization,
    configuration,
    decisions,
    health_of,
    running,
    state_of,
    text_of,
    until,
)
from tests.postgresql import PostgreSQL
from tests.servers import run
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

        for ahead_s in (HOUR_S, -HOUR_S, 0):
            clock.set_ahead(ahead_s)
            before = state_of(jumping, "broken")["retry_in_ms"]
            assert 0 <= state_of(jumping, "broken")["retry_in_ms"] <= before <= HOUR_S * 1000 / 2
            refused = asked(jumping, model="one", headers={"x-bouclier-max-wait-ms": "0"})
            assert refused.status_code == 503
            shown = health_of(jumping)
            assert (shown["waiting"], shown["fleet"]["shared"]) == (1, True), "nobody's patience ended, nobody was alone"
            assert state_of(jumping, "one")["in_flight"] == 1
            assert state_of(steady, "one")["elsewhere"] == 1, "its lease is by the database's clock"
        one.behave("ok")
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in answers]
