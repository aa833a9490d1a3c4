"""What carrying out a plan takes: requests, time under the present quota, credits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from tasks.core.change import Change, Kind, grouped
from tasks.hub.budget import Quota
from tasks.streams import Stream, Way

_GROUPED = (Kind.TAG_ADD, Kind.TAG_REMOVE, Kind.LINK_BUSINESS)

_LOOKED_AT = {Kind.DELETE: 4, Kind.DELETE_NOTE: 1, Kind.DELETE_TASK: 1}
"""Reads before something is taken away: a contact is read with its notes, tasks and appointments."""


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
    stream: Stream,
    *,
    rechecked: Callable[[Change], bool],
) -> Bill:
    """Count what a plan takes.

    Args:
        changes: The plan's changes, a slice of one kind at a time, as they are carried out.
        stream: What is written.
        rechecked: Whether a change's contact is read again before it is written.
    """
    counted: Counter[str] = Counter()
    for some in changes:
        for change in some:
            counted["reads"] += _reads(change, stream, rechecked=rechecked(change))
        if some and some[0].kind in _GROUPED:
            counted["writes"] += len(grouped(some))
        else:
            counted["writes"] += sum(_writes(change, stream) for change in some)
    requests = counted["reads"] + counted["writes"]
    return Bill(requests, counted["writes"], _seconds(requests, quota), _beyond_today(requests, quota))


def _reads(change: Change, stream: Stream, *, rechecked: bool) -> int:
    if change.kind in _LOOKED_AT:
        return _LOOKED_AT[change.kind]
    by_address = change.kind is Kind.UPDATE and _ways(change, stream) == {
        Way.UPSERT
    }  # it must be read to be known
    return int(rechecked or by_address or change.look_first)


def _writes(change: Change, stream: Stream) -> int:
    if change.kind is not Kind.UPDATE:
        return 1
    ways = _ways(change, stream)
    return int(Way.UPDATE in ways) + int(Way.UPSERT in ways)


def _ways(change: Change, stream: Stream) -> set[Way]:
    declared = [stream.field(one.field) for one in change.fields]
    return {field.way for field in declared if field is not None}


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
