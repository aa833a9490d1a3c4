"""Moments: a clock of this machine that nobody sets, and days as moments."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time


def elapsed() -> float:
    """Seconds since some moment; they go on while the machine sleeps, where it can tell."""
    clock: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def days(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """Two dates, both inclusive, as moments in UTC: from the first's start to the last's end."""
    since = datetime.combine(first, clock_time(), UTC) if first else None
    until = datetime.combine(last + timedelta(days=1), clock_time(), UTC) if last else None
    return since, until
