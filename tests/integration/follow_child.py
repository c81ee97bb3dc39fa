"""Refreshes a followed charter some times, once told to begin; says the versions of the last."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from bouclier.charter.adapters.tuf_client import Follower

state, url, root, now, count = sys.argv[1:]
follower = Follower(Path(state), url, Path(root).read_bytes(), now=lambda: datetime.fromisoformat(now))
sys.stdin.readline()
for _ in range(int(count)):
    followed = follower.refresh()
    assert not followed.problems, followed.problems
    assert follower.held() is not None
print(followed.root_version, followed.timestamp_version, len(followed.orders))
