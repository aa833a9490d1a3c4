"""Dates in all their shapes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.vendors.highlevel.api.moments import birthday, iso, milliseconds, moment
from tasks.vendors.highlevel.api.records import Appointment, CrmTask

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "shape",
    [
        "2027-03-01T12:00:00.000Z",
        "2027-03-01T17:30:00+05:30",
        "2027-03-01 12:00:00",
        1803902400000,
        "1803902400000",
        1803902400,
        1803902400.0,
        NOON,
        datetime(2027, 3, 1, 12),  # noqa: DTZ001 - one without a zone is the case
    ],
)
def test_every_shape_of_an_instant_is_the_same_instant(shape: Any) -> None:
    assert moment(shape) == NOON
    assert moment(shape).tzinfo


@pytest.mark.parametrize(
    "shape", ["", "yesterday", True, None, [], 1e30, "99999999999999999999", float("nan")]
)
def test_what_is_no_date_is_refused_and_absent_in_a_record(shape: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        moment(shape)
    assert CrmTask.model_validate({"id": "a", "dueDate": shape}).due_date is None


def test_a_date_without_a_zone_is_meant_in_the_zone_given() -> None:
    zone = timezone(timedelta(hours=-6))
    found = Appointment.model_validate(
        {"id": "a", "startTime": "2027-03-01 06:00:00"}, context={"zone": zone}
    )
    assert found.start_time == NOON


@given(st.datetimes(datetime(1975, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds it
def test_what_is_written_is_read_back_to_the_millisecond(instant: datetime) -> None:
    whole = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    assert moment(iso(whole)) == whole
    assert abs(moment(milliseconds(whole)) - whole) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "shape", ["1990-09-25", "1990/09/25", "09.25.1990", "09_25_1990", "1990-09-25T00:00:00.000Z"]
)
def test_every_spelling_of_a_birthday_is_the_same_day(shape: str) -> None:
    assert birthday(shape) == date(1990, 9, 25)


@pytest.mark.parametrize(
    ("number", "day"),
    [
        (654220800000, date(1990, 9, 25)),
        ("654220800000", date(1990, 9, 25)),
        (13046400000, date(1970, 6, 1)),
        (0, date(1970, 1, 1)),
        (-63158400000, date(1968, 1, 1)),
    ],
)
def test_a_number_counts_milliseconds_however_small(number: Any, day: date) -> None:
    assert birthday(number) == day


@pytest.mark.parametrize("shape", ["31.31.1990", True, 10**30, "soon"])
def test_what_is_no_birthday_is_refused(shape: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        birthday(shape)
