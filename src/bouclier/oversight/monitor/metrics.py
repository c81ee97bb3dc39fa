"""What a monitor knows, as Prometheus reads it from a text file.

Source: Prometheus text exposition format, version 0.0.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bouclier.oversight.monitor.follow import FollowState


class _Metric(NamedTuple):
    name: str
    kind: str
    help: str


_ALARMS = _Metric("bouclier_monitor_alarms_total", "counter", "Alarms told, by origin, severity and code.")
_SIZE = _Metric("bouclier_monitor_log_size", "gauge", "Entries of the last verified tree.")
_READ = _Metric("bouclier_monitor_entries_replayed_total", "counter", "Entries that passed the watch.")
_AGE = _Metric("bouclier_monitor_checkpoint_age_seconds", "gauge", "Since the log's last sign of life.")
_TROUBLE = _Metric("bouclier_monitor_trouble", "gauge", "1 for a trouble that is going on, by address and code.")
_OPEN = _Metric("bouclier_monitor_open_decisions", "gauge", "Decisions that wait for their outcome.")
_LOOK = _Metric("bouclier_monitor_last_look_timestamp_seconds", "gauge", "When the monitor last looked.")


def render_metrics(states: Iterable[FollowState], *, now_s: int) -> str:
    """Return the metrics of the logs a monitor follows.

    Args:
        states: What is remembered of each.
        now_s: The monitor's clock, seconds since 1970-01-01 UTC.
    """
    followed = list(states)
    lines: list[str] = []
    for metric, samples in (
        (_ALARMS, (sample for state in followed for sample in _alarms(state))),
        (_SIZE, ((_labels(origin=state.origin), state.tree_size) for state in followed)),
        (_READ, ((_labels(origin=state.origin), state.watch.size) for state in followed)),
        (_AGE, ((_labels(origin=state.origin), max(now_s - state.alive_s, 0)) for state in followed if state.alive_s)),
        (_TROUBLE, (sample for state in followed for sample in _troubles(state))),
        (_OPEN, ((_labels(origin=state.origin), _waiting(state)) for state in followed)),
        (_LOOK, iter([("", now_s)])),
    ):
        lines += (f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}")
        lines += (f"{metric.name}{labels} {value}" for labels, value in samples)
    return "\n".join(lines) + "\n"


def _alarms(state: FollowState) -> Iterator[tuple[str, int]]:
    for name, count in sorted(state.counts.items()):
        severity, _, code = name.partition(" ")
        yield _labels(origin=state.origin, severity=severity, code=code), count


def _troubles(state: FollowState) -> Iterator[tuple[str, int]]:
    for url, at in sorted(state.urls.items()):
        if at.trouble:
            yield _labels(origin=state.origin, url=url, code=at.code), 1
    if state.watch.clock.silent:
        yield _labels(origin=state.origin, url="", code="silence"), 1


def _waiting(state: FollowState) -> int:
    return len(state.watch.lives.open) + len(state.watch.lives.overdue)


def _labels(**labels: str) -> str:
    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items()) + "}"
