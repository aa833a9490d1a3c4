"""When calendars are open: half hours of working days, in the location's zone."""

from __future__ import annotations

from datetime import datetime, timedelta

OPENS, CLOSES = 9, 17
WORKING_DAYS = 5
SLOT = timedelta(minutes=30)


def is_slot(begin: datetime) -> bool:
    """Whether a moment, in the location's zone, is one at which a slot begins."""
    whole = begin.minute % 30 == 0 and begin.second == begin.microsecond == 0
    return whole and begin.weekday() < WORKING_DAYS and OPENS <= begin.hour < CLOSES
