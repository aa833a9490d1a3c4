"""Which spellings are one number."""

from __future__ import annotations

import pytest

from tasks.mapping.transform.phones import phone_twins


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5511981234567", "+551181234567"),
        ("+5491112345678", "+541112345678"),
        ("+5215512345678", "+525512345678"),
    ],
    ids=["Brazil", "Argentina", "Mexico"],
)
def test_a_mobile_number_that_is_written_in_two_ways_is_one(one: str, other: str) -> None:
    assert phone_twins(one) == (one, other)
    assert phone_twins(other) == (other, one)


@pytest.mark.parametrize(
    "alone",
    ["+551132345678", "+5511932345678", "+12125550101", "+4915112345678", "+52551234567", "", "no number"],
)
def test_a_landline_and_any_other_number_stands_alone(alone: str) -> None:
    assert phone_twins(alone) == (alone,)
