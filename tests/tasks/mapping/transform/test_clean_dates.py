"""The transforms of dates and moments: what is certain is read, what is not is refused with its reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tasks.mapping.transform import dates
from tasks.mapping.transform.refusal import CleanError
from tasks.mapping.transform.vocabulary import TRANSFORMS

MOMENT = dt.datetime(2024, 1, 31, 22, 30, tzinfo=dt.UTC)
DAY = dt.date(2024, 1, 31)
BORN = dt.date(1990, 2, 28)


@pytest.mark.parametrize(
    ("name", "value", "options", "cleaned"),
    [
        ("date", "2024-01-31", {}, DAY),
        ("date", "2024-01-31T22:30:00.000Z", {}, DAY),
        ("date", "2024-01-31T23:30:00-05:00", {}, DAY),
        ("date", MOMENT, {}, DAY),
        ("date", DAY, {}, DAY),
        ("date", "1/31/2024", {}, DAY),
        ("date", "2/3/2024", {"order": "dmy"}, dt.date(2024, 3, 2)),
        ("date", "31.01.2024", {"format": "%d.%m.%Y"}, DAY),
        ("date", 1706659200000, {}, DAY),
        ("date", 1706740200000, {"epoch": "milliseconds"}, DAY),
        ("date", 13046400000, {"epoch": "milliseconds"}, dt.date(1970, 6, 1)),
        ("date", -63158400000, {"epoch": "milliseconds"}, dt.date(1968, 1, 1)),
        ("date", 0, {"epoch": "milliseconds"}, dt.date(1970, 1, 1)),
        ("birthday", 32932, {}, BORN),
        ("birthday", 32932.5, {}, BORN),
        ("birthday", "32932.0", {}, BORN),
        ("birthday", 19900228, {}, BORN),
        ("birthday", "19900228", {}, BORN),
        ("birthday", 636163200000, {}, BORN),
        ("birthday", "28-Feb-90", {}, BORN),
        ("birthday", "2/28/90", {}, BORN),
        ("birthday", "1990-02-28T00:00:00+02:00", {}, BORN),
        ("birthday", "1900-01-01", {}, dt.date(1900, 1, 1)),
        ("timestamp", "2024-01-31T22:30:00.000Z", {}, MOMENT),
        ("timestamp", "2024-01-31T23:30:00+01:00", {}, MOMENT),
        ("timestamp", " 2024-01-31 22:30:00 ", {}, MOMENT),
        ("timestamp", "1/31/2024 10:30 PM", {}, MOMENT),
        ("timestamp", 1706740200000, {}, MOMENT),
        ("timestamp", 1706740200, {}, MOMENT),
        ("timestamp", 45322.9375, {}, MOMENT),
        ("timestamp", MOMENT, {}, MOMENT),
        ("timestamp", "31.01.2024 22:30", {"format": "%d.%m.%Y %H:%M"}, MOMENT),
        ("timestamp", "31.01.2024 23:30 +0100", {"format": "%d.%m.%Y %H:%M %z"}, MOMENT),
    ],
)
def test_what_a_transform_makes(name: str, value: Any, options: dict[str, Any], cleaned: Any) -> None:
    assert TRANSFORMS[name].function(value, **options) == cleaned


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("date", "yesterday", dates.NONE),
        ("date", "2024-02-30", dates.UNREAL),
        ("date", True, dates.NONE),
        ("date", 1706740200000, "counts milliseconds"),
        ("birthday", 1990, dates.YEAR_ALONE),
        ("birthday", "1990", dates.YEAR_ALONE),
        ("birthday", 0, dates.NONE),
        ("birthday", 34, dates.NONE),
        ("birthday", 636163200, dates.NONE),
        ("birthday", "2/3/1990", "may be day/month or month/day"),
        ("birthday", "2090-02-28", "lies in the future"),
        ("birthday", "1604-02-28", "lies before 1900"),
        ("birthday", "1899-12-30", "lies before 1900"),
        ("birthday", "--02-28", dates.NO_YEAR),
        ("birthday", "0/0/00", dates.UNREAL),
        ("timestamp", "yesterday", dates.NONE),
        ("timestamp", "0001-01-01T00:00:00+14:00", "is no timestamp"),
        ("timestamp", 10**30, dates.NONE),
        ("timestamp", float("nan"), dates.NONE),
        ("timestamp", [], dates.NONE),
    ],
)
def test_what_a_transform_refuses(name: str, value: Any, problem: str) -> None:
    with pytest.raises(CleanError, match=problem):
        TRANSFORMS[name].function(value)
