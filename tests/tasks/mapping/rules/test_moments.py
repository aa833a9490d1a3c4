"""Working days, spans and clocks: the day is the location's, and no time is lost where clocks change."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.mapping.rules.moments import At, Span, WorkingDays, read_moment, read_span, read_time
from tasks.mapping.rules.refusal import UnfitError

VIENNA, NEW_YORK, DUBAI = map(ZoneInfo, ("Europe/Vienna", "America/New_York", "Asia/Dubai"))
AUSTRIA = WorkingDays(VIENNA, "AT")


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("calendar", "moment", "number", "found"),
    [
        (AUSTRIA, "2026-12-22T10:00", 1, "2026-12-23"),
        (AUSTRIA, "2026-12-24T10:00", 1, "2026-12-28"),  # Christmas, St Stephen's, a weekend
        (AUSTRIA, "2026-12-18T10:00", 1, "2026-12-21"),
        (AUSTRIA, "2026-12-19T10:00", 1, "2026-12-21"),  # from Saturday
        (AUSTRIA, "2026-12-19T10:00", 0, "2026-12-21"),
        (AUSTRIA, "2026-12-22T10:00", 0, "2026-12-22"),
        (AUSTRIA, "2026-12-28T10:00", -1, "2026-12-24"),
        (AUSTRIA, "2026-12-22T23:30", 1, "2026-12-24"),  # in Vienna the 23rd has begun
        (WorkingDays(NEW_YORK, "AT"), "2026-12-23T03:00", 1, "2026-12-23"),  # in New York it is the 22nd yet
        (WorkingDays(VIENNA), "2026-12-24T10:00", 1, "2026-12-25"),  # no country, no holidays
        (WorkingDays(VIENNA), "2026-12-25T10:00", 1, "2026-12-28"),
        (WorkingDays(VIENNA, "AT", "", frozenset({day("2026-12-23")})), "2026-12-22T10:00", 1, "2026-12-24"),
        (WorkingDays(VIENNA, "AT", "9"), "2026-11-13T10:00", 1, "2026-11-16"),
        (WorkingDays(DUBAI, "IL"), "2026-06-04T10:00", 1, "2026-06-07"),  # Thursday to Sunday
        (WorkingDays(NEW_YORK, "US"), "2026-07-02T15:00", 1, "2026-07-06"),  # Independence Day, observed
    ],
)
def test_the_working_day_after(calendar: WorkingDays, moment: str, number: int, found: str) -> None:
    assert calendar.after(utc(moment), number) == day(found)


@pytest.mark.parametrize(
    ("span", "start", "found"),
    [
        ("3 days", "2026-12-22T10:30", "2026-12-25T10:30"),
        ("-1 day", "2026-12-22T10:30", "2026-12-21T10:30"),
        ("2 weeks", "2026-12-22T10:30", "2027-01-05T10:30"),
        ("90 minutes", "2026-12-22T10:30", "2026-12-22T12:00"),
        ("1 month", "2027-01-31T10:30", "2027-02-28T10:30"),
        ("-1 month", "2027-03-31T09:30", "2027-02-28T10:30"),  # half past eleven in Vienna, before and after
        ("1 year", "2028-02-29T10:30", "2029-02-28T10:30"),
        ("1 day", "2026-03-28T10:30", "2026-03-29T09:30"),  # clocks go forward: the same time by the clock
        ("24 hours", "2026-03-28T10:30", "2026-03-29T10:30"),
        ("2 working days", "2026-12-23T10:30", "2026-12-28T10:30"),
        ("0 days", "2026-12-23T10:30", "2026-12-23T10:30"),
    ],
)
def test_a_span_after_a_moment(span: str, start: str, found: str) -> None:
    at = At(utc(start), AUSTRIA)
    assert read_span(span).after(at.now, at) == utc(found)


def test_a_time_that_the_clock_leaps_over_comes_an_hour_later() -> None:
    at = At(utc("2026-03-28T10:00"), AUSTRIA)
    assert at.combine(day("2026-03-29"), dt.time(2, 30)) == utc("2026-03-29T01:30")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("soon", "is no length of time: write e.g. `3 days`"),
        ("3", "is no length of time"),
        ("3 dayz", "did you mean `day`?"),
        ("3 work days", "did you mean `working day`?"),
        ("3.5 days", "is no length of time"),
        ("40000 days", "is too long: 36,500 days at most"),
        ("1001 working days", "is too long: 1,000 working days at most"),
        ("9999999999999 days", "is no length of time"),
        ("٣ days", "is no length of time"),
        (None, "is no length of time"),
        (3, "is no length of time"),
    ],
)
def test_no_span(text: object, message: str) -> None:
    with pytest.raises(UnfitError, match=message.replace("?", r"\?")):
        read_span(text)


@pytest.mark.parametrize("text", ["9", "24:00", "09:60", "noon", "", None, 9.5, ["09:00"]])
def test_no_time_of_day(text: object) -> None:
    with pytest.raises(UnfitError, match="is no time of day"):
        read_time(text)


@pytest.mark.parametrize(
    "text", ["2026", "20261224", "2026-13-01", "24.12.2026", "-", "2026-W01-1", "now", 5, None]
)
def test_no_moment(text: object) -> None:
    assert read_moment(text) is None


@given(
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1), timezones=st.just(dt.UTC)),  # noqa: DTZ001
    st.integers(-30, 30),
    st.sampled_from([AUSTRIA, WorkingDays(NEW_YORK, "US", "CA"), WorkingDays(DUBAI, "AE")]),
)
def test_working_days_count_themselves(moment: dt.datetime, number: int, calendar: WorkingDays) -> None:
    found = calendar.after(moment, number)
    start = moment.astimezone(calendar.zone).date()
    low, high = sorted((start, found))
    between = [low + dt.timedelta(n) for n in range((high - low).days + 1)]
    assert found in calendar
    assert sum(one in calendar for one in between if one != start) == (abs(number) or found != start)


@given(
    st.builds(Span, st.integers(-1_000, 1_000), st.sampled_from(["minute", "hour", "day", "week", "month"]))
)
def test_a_span_is_read_as_it_is_told(span: Span) -> None:
    assert read_span(str(span).replace(",", "")) == span
