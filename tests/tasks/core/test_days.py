"""A day in every shape."""

from __future__ import annotations

from typing import Any

import pytest

from tasks.core.days import as_day


@pytest.mark.parametrize(
    "value",
    [
        "2024-01-31",
        "2024-01-31T00:00:00.000Z",
        "2024-01-31 00:00",
        "2024-01-31T00:00:00+00:00",
        1706659200000,
        "1706659200000",
    ],
)
def test_every_shape_is_the_same_day(value: Any) -> None:
    assert as_day(value) == "2024-01-31"


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        5,
        "5",
        2024,
        "20240131",
        True,
        [],
        "2024-01-31T10:00:00Z",
        1706659200001,
        10**15 * 86_400,
    ],
)
def test_other_values_are_none(value: Any) -> None:
    assert as_day(value) is None


def test_days_before_1970_are_counted_too() -> None:
    assert as_day(-63158400000) == "1968-01-01"
