"""Hold what the record says was used against what a provider bills.

More billed than recorded is use the log lacks: content left without a decision. More recorded than billed is told as a
warning: an exchange that failed is recorded and not billed, and a provider's day may not be ours. Exchanges whose
tokens are unknown (cut, failed, not told) may explain missing tokens, so then it is a warning too, never for requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bouclier.oversight.monitor.alarm import Alarm, Remark, Severity, alarm_of
from bouclier.oversight.monitor.totals import Used

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bouclier.oversight.monitor.totals import UsedBy
    from bouclier.oversight.monitor.usage import Billed


class _Compared(NamedTuple):
    field: str
    recorded: int
    billed: int | None


def reconcile(
    totals: Iterable[tuple[str, UsedBy, Used]],
    billed: Mapping[tuple[str, str], Billed],
    *,
    deployment: str | None = None,
    tolerance_percent: float = 0.0,
) -> Iterator[Alarm]:
    """Yield the days and models on which record and bill differ, by day.

    Only the days from the first to the last of the bill are compared, and only models that the bill or the chosen
    deployment names.

    Args:
        totals: What the logs say, each with its log's origin.
        billed: What the provider says, by day and model.
        deployment: The only deployment that the bill is about; by default all that serve a model of the bill.
        tolerance_percent: Differences up to this share of the larger number are left aside.
    """
    recorded: dict[tuple[str, str], Used] = {}
    origins: dict[str, None] = {}
    models = {model for _, model in billed}
    for origin, whose, used in totals:
        if (whose.deployment == deployment) if deployment is not None else (whose.model in models):
            origins[origin] = None
            _add(recorded.setdefault((whose.day, whose.model), Used()), used)
    days = [day for day, _ in billed]
    within = {key for key in recorded if days and min(days) <= key[0] <= max(days)}
    # A bill of one log's use names that log; of several, none in particular.
    origin = next(iter(origins)) if len(origins) == 1 else ""
    for day, model in sorted(within | billed.keys()):
        used, said = recorded.get((day, model), Used()), billed.get((day, model))
        for one in _compared(used, said):
            remark = _difference(one, used, tolerance_percent)
            if remark is not None:
                yield alarm_of(remark._replace(field=f"{day} {model} {one.field}"), origin=origin)


def _compared(used: Used, said: Billed | None) -> Iterator[_Compared]:
    if said is None:
        yield _Compared("requests", used.exchanges, 0)
        return
    yield _Compared("prompt_tokens", used.prompt_tokens, said.prompt_tokens)
    yield _Compared("completion_tokens", used.completion_tokens, said.completion_tokens)
    yield _Compared("requests", used.exchanges, said.requests)


def _difference(one: _Compared, used: Used, tolerance_percent: float) -> Remark | None:
    if one.billed is None:
        return None
    apart = abs(one.billed - one.recorded)
    if apart * 100 <= tolerance_percent * max(one.billed, one.recorded):
        return None
    expected, found = f"{one.billed}", f"{one.recorded}"
    if one.recorded > one.billed:
        return Remark("unbilled-use", expected=expected, found=found)
    unknown = used.unknown if one.field != "requests" else 0
    return Remark(
        "unrecorded-use",
        expected=expected,
        found=f"{found} (+ {unknown} ?)" if unknown else found,
        severity=Severity.WARNING if unknown else None,
    )


def _add(total: Used, used: Used) -> None:
    total.exchanges += used.exchanges
    total.prompt_tokens += used.prompt_tokens
    total.completion_tokens += used.completion_tokens
    total.unknown += used.unknown
