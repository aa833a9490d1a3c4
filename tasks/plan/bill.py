"""What carrying out a plan takes: requests, time under the present quota, credits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from tasks.core.change import Change, Verb, grouped
from tasks.hub.budget import Quota
from tasks.streams import STREAMS, Field, operation_of


@dataclass(frozen=True, slots=True)
class Bill:
    """What it takes.

    Args:
        requests: In all, against the location's quota.
        writes: Of these, requests that write.
        seconds: At least, under the present quota; None while HighLevel has announced none.
        beyond_today: Requests that do not fit into what is left of today's quota.
        credits: Lusha credits that are spent.
    """

    requests: int
    writes: int
    seconds: float | None
    beyond_today: int
    credits: int = 0

    def plain(self) -> dict[str, float | int | None]:
        """As JSON."""
        return asdict(self)


def bill_of(
    changes: Iterable[Sequence[Change]],
    quota: Quota | None,
    *,
    rechecked: Callable[[Change], bool],
) -> Bill:
    """Count what a plan takes.

    Args:
        changes: The plan's changes, a slice of one operation at a time, as they are carried out.
        rechecked: Whether a change's record is read again before it is written.
    """
    counted: Counter[str] = Counter()
    for some in changes:
        for change in some:
            counted["reads"] += _reads(change, rechecked=rechecked(change))
        if some and operation_of(some[0]).in_groups:
            counted["writes"] += len(grouped(some))
        else:
            counted["writes"] += sum(map(_writes, some))
    requests = counted["reads"] + counted["writes"]
    return Bill(requests, counted["writes"], _seconds(requests, quota), _beyond_today(requests, quota))


def bill_of_reads(requests: int, quota: Quota | None) -> Bill:
    """What so many requests take that only read."""
    return Bill(requests, 0, _seconds(requests, quota), _beyond_today(requests, quota))


def _reads(change: Change, *, rechecked: bool) -> int:
    always = operation_of(change).reads
    if always:
        return always
    declared = _declared(change)
    # One that is written by its address alone must be read to know that.
    by_address = _is_update(change) and bool(declared) and all(field.is_by_address for field in declared)
    return int(rechecked or by_address or change.look_first)


def _writes(change: Change) -> int:
    if not _is_update(change):
        return 1
    return len({field.written for field in _declared(change)})


def _is_update(change: Change) -> bool:
    return change.verb is Verb.UPDATE and not change.part


def _declared(change: Change) -> list[Field]:
    found = [STREAMS[change.stream].field(one.field) for one in change.fields]
    return [field for field in found if field is not None]


def _seconds(requests: int, quota: Quota | None) -> float | None:
    """A full window's requests may go at once; every further window takes its interval."""
    if quota is None or not quota.max_requests:
        return None
    windows = math.ceil(requests / quota.max_requests)
    return round(max(0, windows - 1) * quota.interval_ms / 1000, 1)


def _beyond_today(requests: int, quota: Quota | None) -> int:
    if quota is None or quota.daily_remaining is None:
        return 0
    return max(0, requests - quota.daily_remaining)
