"""A clock that nobody sets, and days as moments."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from tasks.core import clocks
from tasks.core.clocks import days, elapsed


def test_time_goes_on_whatever_the_calendar_says(monkeypatch: pytest.MonkeyPatch) -> None:
    first = elapsed()
    monkeypatch.setattr(clocks.time, "time", lambda: 0.0)
    assert elapsed() >= first


def test_a_machine_without_that_clock_has_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(clocks.time, "CLOCK_BOOTTIME", raising=False)
    before = time.monotonic()
    assert before <= elapsed() <= time.monotonic()


def test_two_days_are_from_the_start_of_the_one_to_the_end_of_the_other() -> None:
    since, until = days(date(2026, 2, 28), date(2026, 2, 28))
    assert (since, until) == (datetime(2026, 2, 28, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))


def test_a_side_that_is_open_stays_open() -> None:
    assert days(None, None) == (None, None)
    assert days(date(2026, 1, 1), None) == (datetime(2026, 1, 1, tzinfo=UTC), None)
    assert days(None, date(2026, 12, 31)) == (None, datetime(2027, 1, 1, tzinfo=UTC))
