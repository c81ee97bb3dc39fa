"""Families of metrics, and how Prometheus spells them (text exposition format 0.0.4).

Written by hand because it is a page of code: no lock, no global registry, nothing measured that is not asked for. Names
and labels are ours; label values are names of deployments, codes and words of ours, never who asked or what.

Source: prometheus.io/docs/instrumenting/exposition_formats, "Text-based format".
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Labels: TypeAlias = "tuple[str, ...]"
CONTENT_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"

_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_HELP_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n"})


@dataclass(slots=True)
class Family:
    """A metric with its labels: counters that only grow, or gauges.

    Attributes:
        name: Its name, unit included.
        help: What it counts.
        kind: For Prometheus.
        labels: Names of its labels.
        values: By label values.
    """

    name: str
    help: str
    kind: Literal["counter", "gauge"]
    labels: tuple[str, ...] = ()
    values: dict[Labels, float] = field(default_factory=dict)

    def add(self, labels: Labels, amount: float = 1) -> None:
        """Count more."""
        self.values[labels] = self.values.get(labels, 0) + amount

    def lines(self) -> Iterator[str]:
        """Yield its lines, sorted by labels."""
        yield from _head(self.name, self.help, self.kind)
        for values, value in sorted(self.values.items()):
            yield f"{self.name}{_labelled(self.labels, values)} {_number(value)}"


@dataclass(slots=True)
class _Observed:
    counts: list[int]
    total: float = 0


@dataclass(slots=True)
class Histogram:
    """Observations in buckets.

    Attributes:
        name: Its name, unit included.
        help: What is observed.
        bounds: Upper bounds of the buckets, included, ascending; a last one without bound is added.
        labels: Names of its labels.
    """

    name: str
    help: str
    bounds: tuple[float, ...]
    labels: tuple[str, ...] = ()
    _observed: dict[Labels, _Observed] = field(default_factory=dict)

    def observe(self, labels: Labels, value: float) -> None:
        """Count an observation."""
        observed = self._observed.get(labels)
        if observed is None:
            observed = self._observed[labels] = _Observed([0] * (len(self.bounds) + 1))
        observed.counts[bisect_left(self.bounds, value)] += 1
        observed.total += value

    def lines(self) -> Iterator[str]:
        """Yield its lines, sorted by labels; buckets are cumulative."""
        yield from _head(self.name, self.help, "histogram")
        names = (*self.labels, "le")
        bounds = (*(_number(bound) for bound in self.bounds), "+Inf")
        for values, observed in sorted(self._observed.items(), key=lambda item: item[0]):
            count = 0
            for bound, more in zip(bounds, observed.counts, strict=True):
                count += more
                yield f"{self.name}_bucket{_labelled(names, (*values, bound))} {count}"
            yield f"{self.name}_sum{_labelled(self.labels, values)} {_number(observed.total)}"
            yield f"{self.name}_count{_labelled(self.labels, values)} {count}"


def rendered(families: Iterable[Family | Histogram]) -> bytes:
    """Return a page of metrics."""
    return "".join(f"{line}\n" for family in families for line in family.lines()).encode()


def _head(name: str, text: str, kind: str) -> tuple[str, str]:
    return f"# HELP {name} {text.translate(_HELP_ESCAPES)}", f"# TYPE {name} {kind}"


def _labelled(names: tuple[str, ...], values: Labels) -> str:
    pairs = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in zip(names, values, strict=True))
    return f"{{{pairs}}}" if pairs else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
